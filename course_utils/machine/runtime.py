"""What this machine is, what it has, and how to make the best of it."""

import json
import os
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from course_utils.machine.errors import CourseError
from course_utils.machine.files import content_key, write_text

if TYPE_CHECKING:
    import torch

RESULT_MIME = "application/vnd.course.result+json"
HUB = "https://huggingface.co"
CACHED = "COURSE_HUB_CACHED"  # "1": the Hub is left alone, the cache holds everything


def where() -> str:
    """Return "colab", "kaggle", "codespaces", "jupyter" or "terminal".

    Example:
        >>> from unittest.mock import patch
        >>> with patch.dict("os.environ", COLAB_RELEASE_TAG="1"):
        ...     where()
        'colab'
    """
    if "google.colab" in sys.modules or "COLAB_RELEASE_TAG" in os.environ:
        return "colab"
    if "KAGGLE_KERNEL_RUN_TYPE" in os.environ:
        return "kaggle"
    if os.environ.get("CODESPACES") == "true":
        return "codespaces"
    return "jupyter" if in_notebook() else "terminal"


def in_notebook() -> bool:
    """Return whether this process is a Jupyter kernel.

    Example:
        >>> in_notebook()  # in a program or in Python's own prompt
        False
    """
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    return shell is not None and hasattr(shell, "kernel")


def cache_folder() -> Path:
    """Return the folder for what can be made again, such as prepared data.

    It is COURSE_HOME if that is set, else ~/.cache/train-gpt if it exists, else the
    folder train-gpt where this system keeps caches.

    Example:
        >>> from unittest.mock import patch
        >>> with patch.dict("os.environ", COURSE_HOME="/scratch/course"):
        ...     cache_folder().as_posix()
        '/scratch/course'
    """
    from platformdirs import user_cache_path

    if home := os.environ.get("COURSE_HOME"):
        return Path(home)
    usual = Path.home() / ".cache" / "train-gpt"
    return usual if usual.is_dir() else user_cache_path("train-gpt", appauthor=False)


def save_folder() -> Path:
    """Return the folder for what a student wants to keep: models and checkpoints.

    It is COURSE_RUNS if that is set, a mounted Google Drive on Colab, else ./runs.

    Example:
        >>> from unittest.mock import patch
        >>> with patch.dict("os.environ", COURSE_RUNS="/scratch/runs"):
        ...     save_folder().as_posix()
        '/scratch/runs'
    """
    if os.environ.get("COURSE_RUNS"):
        return Path(os.environ["COURSE_RUNS"])
    drive = Path("/content/drive/MyDrive")
    return (
        drive / "train-gpt" if where() == "colab" and drive.is_dir() else Path("runs")
    )


@cache
def online() -> bool:
    """Return whether the Hugging Face Hub can be reached, within a second.

    One TCP connection to the Hub (HF_ENDPOINT, or the proxy in front of it) is tried
    once in a process. If it fails, Hugging Face's libraries are switched to offline
    mode: left alone, they retry for 20 to 50 seconds before they give up.
    """
    if os.environ.get(CACHED) == "1":
        return True
    if os.environ.get("HF_HUB_OFFLINE", "0").upper() in {"1", "TRUE", "YES", "ON"}:
        return False
    endpoint = os.environ.get("HF_ENDPOINT", HUB)
    proxy = os.environ.get("HTTPS_PROXY") or os.environ.get("https_proxy")
    url = urlsplit(proxy if proxy and endpoint.startswith("https") else endpoint)
    port = url.port or (443 if url.scheme == "https" else 80)
    if url.hostname and _connects(url.hostname, port, seconds=0.7):
        _hand_token_to_hub()
        return True
    _switch_hub(off=True)
    return False


def _connects(host: str, port: int, seconds: float) -> bool:
    # A name lookup has no time-out of its own, so it runs in a thread we can leave.
    answers = []

    def connect() -> None:
        with suppress(OSError):
            socket.create_connection((host, port), timeout=seconds).close()
            answers.append(True)

    thread = threading.Thread(target=connect, daemon=True)
    thread.start()
    thread.join(seconds)
    return bool(answers)


def _hand_token_to_hub() -> None:
    # The Hub's client reads the environment and Colab's secrets, not Kaggle's.
    token = secret("HF_TOKEN") if where() == "kaggle" else None
    if token:
        os.environ["HF_TOKEN"] = token


@contextmanager
def hub_switched_off() -> Iterator[Callable[[], None]]:
    """Let Hugging Face's libraries use nothing but their cache, within the block.

    Yields:
        A function. If the block calls it, the libraries stay that way after the block,
        in this process and in those that it starts; and `online` returns True, since
        the cache holds everything that they are asked for.
    """
    stays = []
    _switch_hub(off=True)
    try:
        yield lambda: stays.append(True)
    finally:
        if stays:
            os.environ[CACHED] = "1"
        else:
            _switch_hub(off=False)


def _switch_hub(off: bool) -> None:
    os.environ["HF_HUB_OFFLINE"] = "1" if off else "0"
    # Libraries that are already imported have read the variable: tell them too.
    for module in ("huggingface_hub.constants", "datasets.config"):
        if module in sys.modules:
            vars(sys.modules[module])["HF_HUB_OFFLINE"] = off


def device() -> "torch.device":
    """Return the device to train on: CUDA, Apple's MPS, or the CPU.

    Example:
        >>> device().type in {"cuda", "mps", "cpu"}
        True
    """
    import torch

    if torch.cuda.is_available():
        return torch.device("cuda")
    if torch.backends.mps.is_available():
        return torch.device("mps")
    return torch.device("cpu")


def precision() -> dict[str, bool]:
    """Return the precision flags for `TrainingArguments(**precision())`.

    A GPU trains in bfloat16 from compute capability 8.0 on (A100, L4, H100) and in
    float16 below it (T4, V100); a CPU and MPS train in float32. The capability decides,
    since `torch.cuda.is_bf16_supported()` counts slow emulation as support.

    Example:
        >>> precision() in ({}, {"bf16": True}, {"fp16": True})
        True
    """
    if device().type != "cuda":
        return {}
    import torch

    return (
        {"bf16": True}
        if torch.cuda.get_device_capability() >= (8, 0)
        else {"fp16": True}
    )


def compilation() -> dict[str, bool]:
    """Return the flag of `TrainingArguments` that compiles the model, or {}.

    Compiling takes about a minute for each new shape, so only the full profile asks
    for it. The GPU must have compute capability 8.0, from which on PyTorch's compiler
    writes bfloat16 kernels for the tensor cores, and Triton must be installed.

    Example:
        >>> compilation() in ({}, {"torch_compile": True})
        True
    """
    is_ready = "bf16" in precision() and find_spec("triton") is not None
    return {"torch_compile": True} if is_ready else {}


def precision_name(flags: Mapping[str, object]) -> str:
    """Return "bfloat16", "float16" or "float32" for the flags of `precision()`.

    Example:
        >>> precision_name({"bf16": True}), precision_name({})
        ('bfloat16', 'float32')
    """
    names = {"bf16": "bfloat16", "fp16": "float16"}
    return next((name for flag, name in names.items() if flags.get(flag)), "float32")


def set_threads() -> int:
    """Set PyTorch's CPU threads to the fastest count measured here; return it.

    OMP_NUM_THREADS is respected. On a shared machine more threads are often slower,
    since waiting OpenMP workers spin while neighbours hold the cores. The measurement
    takes about a second, once for a machine, and is kept in the cache folder. It may
    have met a quiet moment, so the count is compared with fewer again now.

    Example:
        >>> import torch
        >>> from unittest.mock import patch
        >>> threads = torch.get_num_threads()
        >>> with patch.dict("os.environ", OMP_NUM_THREADS=str(threads)):
        ...     set_threads() == threads
        True
    """
    import torch

    torch.set_num_threads(_fixed_threads() or int(thread_speeds()["best"]))
    return ease_threads()


def ease_threads() -> int:
    """Halve PyTorch's threads as long as fewer are faster right now; return them.

    Takes a fifth of a second for each count that is tried, and nothing with one thread.
    OMP_NUM_THREADS is respected.

    Example:
        >>> import torch
        >>> from unittest.mock import patch
        >>> threads = torch.get_num_threads()
        >>> with patch.dict("os.environ", OMP_NUM_THREADS=str(threads)):
        ...     ease_threads() == threads
        True
    """
    import torch

    threads = torch.get_num_threads()
    if not _fixed_threads():
        while threads > 1 and _is_slower(threads, than=threads // 2):
            threads //= 2
        torch.set_num_threads(threads)
    return threads


def _is_slower(threads: int, than: int) -> bool:
    return _step_milliseconds(threads, 0.1) > _step_milliseconds(than, 0.1)


def _fixed_threads() -> int:
    """Return OMP_NUM_THREADS, or 0 if it does not say."""
    fixed = os.environ.get("OMP_NUM_THREADS", "")
    return int(fixed) if fixed.isdigit() else 0


def keep_freed_memory() -> None:
    """Let this process keep the memory that it frees, which saves a tenth of the time.

    A training step on a CPU frees and asks for the same tens of megabytes, over and
    over. glibc hands large blocks back to the system each time, and the system clears
    every page again. Where there is no glibc, and for models on a GPU, this changes
    nothing.

    Source: mallopt(3), M_MMAP_THRESHOLD and M_TRIM_THRESHOLD.
    """
    import ctypes

    mmap_threshold, trim_threshold = -3, -1
    with suppress(OSError, AttributeError):
        libc = ctypes.CDLL(None)
        libc.mallopt(mmap_threshold, 1 << 30)
        libc.mallopt(trim_threshold, 2**31 - 1)


def held_memory() -> int:
    """Return the bytes that this process holds now.

    Example:
        >>> held_memory() > 1_000_000
        True
    """
    import psutil

    return psutil.Process().memory_info().rss


def give_back_memory() -> None:
    """Give the memory that this process has freed, and kept, back to the system.

    Where there is no glibc, this only collects the garbage.

    Source: malloc_trim(3).
    """
    import ctypes
    import gc

    gc.collect()
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)


def thread_speeds() -> dict[str, Any]:
    """Measure a small training step with several numbers of threads.

    Returns:
        {"best": number of threads, "milliseconds": {number of threads: milliseconds}}.
    """
    import torch

    cores = usable_cores()
    path = cache_folder() / f"threads-{content_key(cores, torch.__version__)}.json"
    with suppress(OSError, ValueError):
        return json.loads(path.read_text())
    counts = sorted({1, max(1, cores // 2), cores})
    times = {count: _step_milliseconds(count) for count in counts}
    # More threads must pay clearly: a tie goes to the smaller number.
    best = 1
    for count in counts[1:]:
        if times[count] < 0.85 * times[best]:
            best = count
    speeds = {"best": best, "milliseconds": {str(k): v for k, v in times.items()}}
    with suppress(CourseError):  # no cache: measured again the next time
        write_text(path, json.dumps(speeds))
    return speeds


def usable_cores() -> int:
    """Return how many processors this process may use.

    Example:
        >>> usable_cores() >= 1
        True
    """
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _step_milliseconds(threads: int, seconds: float = 0.35) -> float:
    # One MLP block of the tiny GPT-2, forward and backward, 16 x 128 tokens.
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    layer = torch.nn.Sequential(
        torch.nn.Linear(128, 512), torch.nn.GELU(), torch.nn.Linear(512, 128)
    )
    x = torch.randn(16 * 128, 128)
    times: list[float] = []
    end = time.perf_counter() + seconds
    while len(times) < 3 or time.perf_counter() < end:
        start = time.perf_counter()
        layer(x).square().mean().backward()
        times.append(time.perf_counter() - start)
    torch.set_num_threads(before)
    return 1000 * sorted(times)[len(times) // 2]


def secret(name: str) -> str | None:
    """Return a secret such as WANDB_API_KEY or HF_TOKEN, or None; it is never printed.

    It is looked for in the environment, then in Colab's or Kaggle's secret store.

    Example:
        >>> from unittest.mock import patch
        >>> with patch.dict("os.environ", WANDB_API_KEY="abc"):
        ...     secret("WANDB_API_KEY")
        'abc'
    """
    if os.environ.get(name):
        return os.environ[name]
    # A store raises its own errors when a secret is missing or access is refused.
    with suppress(Exception):
        if where() == "colab":
            from google.colab import userdata

            return userdata.get(name) or None
        if where() == "kaggle":
            from kaggle_secrets import UserSecretsClient

            return UserSecretsClient().get_secret(name) or None
    return None


def quiet_libraries() -> None:
    """Silence the libraries' progress bars and notes, which tell a student nothing."""
    import warnings

    os.environ.setdefault("TOKENIZERS_PARALLELISM", "true")
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    warnings.filterwarnings("ignore", message=".*pin_memory.*")
    warnings.filterwarnings("ignore", category=FutureWarning)
    import datasets
    import huggingface_hub
    import transformers

    huggingface_hub.logging.set_verbosity_error()
    datasets.disable_progress_bars()
    transformers.utils.logging.disable_progress_bar()
    transformers.logging.set_verbosity_error()


def record(name: str, value: Any) -> None:
    """Print a result and hand it to `course run`, which collects report.json.

    In a notebook the value travels as an output of the cell, so the notebook itself
    stays the only source of its results.

    Args:
        name: a dotted name such as "language_model.scratch.perplexity_after".
        value: anything JSON can hold.

    Example:
        >>> record("language_model.scratch.perplexity_after", 23.4567)
        language_model.scratch.perplexity_after = 23.46
    """
    text = f"{name} = {value:.4g}" if isinstance(value, float) else f"{name} = {value}"
    text = text if len(text) <= 200 else f"{text[:200]} ..."
    if in_notebook():
        from IPython.display import display

        data = {"text/plain": text, RESULT_MIME: {"name": name, "value": value}}
        display(data, raw=True)
    else:
        print(text)


def hardware() -> dict[str, Any]:
    """Return what this machine is: device name, memory in GB, cores, threads.

    Example:
        >>> facts = hardware()
        >>> facts["device"] == device().type, facts["cores"] == usable_cores()
        (True, True)
    """
    import torch

    kind = device()
    facts: dict[str, Any] = {"device": kind.type, "cores": usable_cores()}
    if kind.type == "cuda":
        properties = torch.cuda.get_device_properties(0)
        facts |= {"name": properties.name, "gpus": torch.cuda.device_count()}
        facts["memory_gb"] = round(properties.total_memory / 1e9, 1)
    elif hasattr(os, "sysconf"):
        memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
        facts["memory_gb"] = round(memory / 1e9, 1)
    return facts | {"threads": torch.get_num_threads()}


def versions() -> dict[str, str]:
    """Return the versions of Python and of the packages a result depends on.

    Example:
        >>> {"python", "torch"} <= versions().keys()
        True
    """
    from importlib.metadata import version

    packages = ("torch", "transformers", "datasets", "tokenizers", "accelerate")
    installed = {name: version(name) for name in packages if find_spec(name)}
    return {"python": sys.version.split()[0], **installed}
