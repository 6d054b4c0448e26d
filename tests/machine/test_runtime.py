import json
import os
import socket
import subprocess
import sys
import time

import pytest
from pace import at_most, pace

from course_utils.machine import runtime

PROBE = """
import json, os, time

from course_utils.machine.runtime import online
start = time.perf_counter()
answer = online()
seconds = time.perf_counter() - start
print(json.dumps([answer, os.environ.get("HF_HUB_OFFLINE"), seconds]))
"""


def probe(**environment):
    result = subprocess.run(
        [sys.executable, "-c", PROBE],
        env={"PATH": "/usr/bin", **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(result.stdout)


def quickest_probe(**environment):
    """Return the quickest of three, since a neighbour may hold the processor."""
    return min((probe(**environment) for _ in range(3)), key=lambda each: each[-1])


def test_online_when_the_endpoint_answers():
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        answer, hub_offline, _ = probe(HF_ENDPOINT=f"http://127.0.0.1:{port}")
    assert answer is True
    assert hub_offline is None


@pytest.mark.parametrize(
    "endpoint",
    [
        "http://127.0.0.1:9",  # refuses
        "http://no-such-host.invalid",  # has no address
    ],
)
def test_offline_is_known_in_under_a_second(endpoint):
    answer, hub_offline, seconds = quickest_probe(HF_ENDPOINT=endpoint)
    assert answer is False
    assert hub_offline == "1"
    assert seconds < 1.0 * pace()


def test_a_silent_endpoint_counts_as_offline_in_under_a_second():
    # A listener whose queue is full drops further connections without a word.
    with socket.create_server(("127.0.0.1", 0), backlog=0) as server:
        port = server.getsockname()[1]
        queued = [socket.socket() for _ in range(4)]
        for client in queued:
            client.setblocking(False)
            client.connect_ex(("127.0.0.1", port))
        time.sleep(0.05)
        answer, _, seconds = quickest_probe(HF_ENDPOINT=f"http://127.0.0.1:{port}")
        for client in queued:
            client.close()
    assert answer is False
    assert 0.6 < seconds < 1.0 * pace()


def test_offline_by_request():
    assert probe(HF_HUB_OFFLINE="1")[0] is False


def test_import_is_light():
    code = (
        "import sys, time; start = time.perf_counter(); import course_utils;"
        "seconds = time.perf_counter() - start;"
        "heavy = {'torch', 'transformers', 'datasets', 'numpy'} & set(sys.modules);"
        "assert not heavy, heavy; print(seconds)"
    )
    command = [sys.executable, "-c", code]
    runs = [subprocess.run(command, capture_output=True, text=True) for _ in range(5)]
    assert min(float(run.stdout) for run in runs) < 0.2 * pace()


def cpu_seconds(*arguments):
    """Return what a new Python takes for them, and what it prints."""
    before = os.times()
    result = subprocess.run(
        [sys.executable, *arguments], capture_output=True, text=True, check=True
    )
    after = os.times()
    user = after.children_user - before.children_user
    return user + after.children_system - before.children_system, result.stdout


def test_help_is_quick():
    """Half a second; a slow machine may take three times what Typer alone takes."""
    helps, typers = [], []
    for _ in range(5):  # in turn, since neighbours come and go
        seconds, printed = cpu_seconds("-m", "course_utils", "--help")
        assert "train" in printed
        helps.append(seconds)
        typers.append(cpu_seconds("-c", "import typer.rich_utils")[0])
    assert min(helps) < max(0.5, 3 * min(typers))


def test_the_cache_stays_where_it_is_or_goes_where_the_system_keeps_caches(
    tmp_path, monkeypatch
):
    monkeypatch.delenv("COURSE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "elsewhere"))
    assert runtime.cache_folder() == tmp_path / "elsewhere" / "train-gpt"
    (tmp_path / ".cache" / "train-gpt").mkdir(parents=True)
    assert runtime.cache_folder() == tmp_path / ".cache" / "train-gpt"


def test_threads_are_measured_once_and_kept(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_HOME", str(tmp_path))
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    speeds = runtime.thread_speeds()
    assert str(speeds["best"]) in speeds["milliseconds"]
    with at_most(0.05):
        assert runtime.thread_speeds() == speeds
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    assert runtime.set_threads() == 1


def test_a_broken_thread_cache_is_measured_anew(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_HOME", str(tmp_path))
    runtime.thread_speeds()
    (path,) = tmp_path.iterdir()
    path.write_text("{half")
    assert runtime.thread_speeds()["best"] >= 1


def test_secret_comes_from_the_environment(monkeypatch):
    monkeypatch.setenv("HF_TOKEN", "hf_x")
    assert runtime.secret("HF_TOKEN") == "hf_x"
    monkeypatch.delenv("HF_TOKEN")
    assert runtime.secret("HF_TOKEN") is None


def test_where(monkeypatch):
    assert runtime.where() == "terminal"
    monkeypatch.setenv("CODESPACES", "true")
    assert runtime.where() == "codespaces"
    monkeypatch.setenv("KAGGLE_KERNEL_RUN_TYPE", "Interactive")
    assert runtime.where() == "kaggle"


def test_precision_is_float32_without_a_gpu():
    assert runtime.precision() == {} or runtime.device().type == "cuda"


def test_record_prints_outside_a_notebook(capsys):
    runtime.record("language_model.initial_loss", 7.62461)
    assert capsys.readouterr().out == "language_model.initial_loss = 7.625\n"


def test_record_prints_the_start_of_a_long_value(capsys):
    runtime.record("samples", [{"dialogue": "Anna: Hi!" * 100}])
    printed = capsys.readouterr().out
    assert printed.startswith("samples = [{'dialogue': 'Anna: Hi!")
    assert len(printed) < 210


# Compute capabilities: T4, V100, A100, L4, H100. The names are those of the flags.
@pytest.mark.parametrize(
    ("capability", "flags", "name"),
    [
        ((7, 0), {"fp16": True}, "float16"),
        ((7, 5), {"fp16": True}, "float16"),
        ((8, 0), {"bf16": True}, "bfloat16"),
        ((8, 9), {"bf16": True}, "bfloat16"),
        ((9, 0), {"bf16": True}, "bfloat16"),
    ],
)
def test_the_compute_capability_decides_the_precision(
    capability, flags, name, monkeypatch
):
    import torch

    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda: capability)
    # A T4 says yes here: it emulates bfloat16, slowly.
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda: True)
    assert runtime.precision() == flags
    assert runtime.precision_name(flags) == name


@pytest.mark.parametrize(
    ("capability", "has_triton", "compiles"),
    [((7, 5), True, False), ((8, 0), True, True), ((8, 0), False, False)],
)
def test_only_a_gpu_with_bfloat16_and_triton_compiles(
    capability, has_triton, compiles, monkeypatch
):
    import torch

    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda: capability)
    found = object() if has_triton else None
    monkeypatch.setattr(runtime, "find_spec", lambda name: found)
    assert runtime.compilation() == ({"torch_compile": True} if compiles else {})


@pytest.mark.parametrize("kind", ["cpu", "mps"])
def test_cpu_and_mps_stay_in_float32_and_uncompiled(kind, monkeypatch):
    import torch

    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: kind == "mps")
    assert runtime.device().type == kind
    assert runtime.precision() == runtime.compilation() == {}
    assert runtime.precision_name({}) == "float32"
