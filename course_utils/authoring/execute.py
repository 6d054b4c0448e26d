"""Execute notebooks, each in a fresh kernel, and clean their outputs for storing."""

import asyncio
import contextlib
import os
import signal
import tempfile
import time
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from course_utils.authoring.build import (
    is_code,
    outputs_are_stale,
    read_notebook,
    write_notebook,
)
from course_utils.authoring.outputs import clean_outputs, places, results
from course_utils.machine.errors import CourseError
from course_utils.machine.extras import require_tools

if TYPE_CHECKING:
    from nbclient import NotebookClient
    from nbformat import NotebookNode

# Importing these takes longer than most lessons' cells, and needs one core only: the
# next kernel does it while the current lesson still trains.
WARM_UP = 'exec("import torch, datasets; from transformers import Trainer", {})'


@dataclass(frozen=True)
class Executed:
    """An executed notebook.

    Attributes:
        path: the notebook that was executed.
        notebook: its content with outputs, up to the cell that failed.
        seconds: wall clock, the kernel's start included.
        results: what its cells recorded: (name, value), in order.
        error: None, or one line: the lesson, the cell and what went wrong.
    """

    path: Path
    notebook: "NotebookNode"
    seconds: float
    results: list[tuple[str, Any]]
    error: str | None = None


def execute_all(
    paths: Sequence[str | Path],
    *,
    profile: str = "tiny",
    timeout_per_cell: float | None = 1800,
    folder: str | Path = ".",
    environment: dict[str, str] | None = None,
    on_start: Callable[[Path, int], None] = lambda path, cells: None,
    on_cell: Callable[[Path, int, int], None] = lambda path, cell, cells: None,
) -> Generator[Executed]:
    """Execute notebooks in order, each in a fresh kernel of this Python.

    While one notebook runs, the kernel of the next starts and imports the libraries. A
    notebook that fails does not end the iteration; the caller decides. No process
    outlives the iteration, however it ends.

    Args:
        paths: notebooks.
        profile: the name that the kernels find in COURSE_PROFILE.
        timeout_per_cell: seconds; None sets no limit.
        folder: the kernels' working folder.
        environment: more variables for the kernels.
        on_start: called with a path and its number of code cells.
        on_cell: called with a path, a code cell's number, and how many there are.

    Raises:
        CourseError: a notebook cannot be read, or no kernel starts.
    """
    require_tools("nbclient", "nbconvert", extra="author")
    files = [Path(path) for path in paths]
    notebooks = [read_notebook(path) for path in files]
    Path(folder).mkdir(parents=True, exist_ok=True)
    settings = {
        "cwd": str(folder),
        "env": _environment(profile) | (environment or {}),
    }
    clients: list[NotebookClient] = []
    try:
        for index, (path, notebook) in enumerate(zip(files, notebooks, strict=True)):
            start = time.perf_counter()
            while len(clients) <= min(index + 1, len(paths) - 1):
                following = notebooks[len(clients)]
                clients.append(_client(following, timeout_per_cell, bool(clients)))
                clients[-1].start_new_kernel(**settings)
            on_start(path, sum(map(is_code, notebook.cells)))
            error = _execute_cells(path, clients[index], on_cell)
            _stop(clients[index])
            clean_outputs(notebook, places(folder))
            seconds = time.perf_counter() - start
            yield Executed(path, notebook, seconds, results(notebook), error)
    finally:
        for client in clients:
            _stop(client)


def execute_built(
    root: str | Path,
    *,
    on_cell: Callable[[Path, int, int], None] = lambda path, cell, cells: None,
) -> Generator[Executed]:
    """Execute the lessons and solutions below `root` in place, with the tiny profile.

    Only notebooks whose outputs were made by other code are executed. A notebook that
    fails keeps the outputs that it had.

    Raises:
        CourseError: COURSE_MAX_STEPS or COURSE_OVERRIDE is set, though readers should
            see whole runs.
    """
    for name in ("COURSE_MAX_STEPS", "COURSE_OVERRIDE"):
        if os.environ.get(name):
            raise CourseError(f"{name} is set: unset it to store outputs.")
    root = Path(root)
    paths = [
        path
        for pattern in ("notebooks/*.ipynb", "solutions/*.ipynb")
        for path in sorted(root.glob(pattern))
        if outputs_are_stale(read_notebook(path))
    ]
    with tempfile.TemporaryDirectory() as folder:
        executed = execute_all(paths, folder=folder, on_cell=on_cell)
        with contextlib.closing(executed):
            for done in executed:
                if not done.error:
                    course = done.notebook.metadata.course
                    course["executed"] = course["code"]
                    write_notebook(done.path, done.notebook)
                yield done


def _environment(profile: str) -> dict[str, str]:
    from course_utils.machine import runtime

    fixed = {
        "COURSE_PROFILE": profile,
        "COURSE_STRICT": "1",  # no lesson on its own falls back to another profile
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        "WANDB_MODE": "offline",
        "TQDM_DISABLE": "1",  # a bar is of no use once the cell is done
        "PYDEVD_DISABLE_FILE_VALIDATION": "1",
    }
    # Measured now, and not while another kernel starts. The number is not handed on as
    # OMP_NUM_THREADS: a lesson may go on with fewer threads.
    runtime.set_threads()
    runtime.online()  # sets HF_HUB_OFFLINE, which the kernels inherit
    return {**os.environ, **fixed}


def _client(
    notebook: "NotebookNode", timeout: float | None, warm: bool
) -> "NotebookClient":
    from jupyter_client import AsyncKernelManager
    from jupyter_client.kernelspec import KernelSpecManager
    from nbclient import NotebookClient

    # No folder of kernels to search: "python3" is the Python that runs this.
    specs = KernelSpecManager(kernel_dirs=[])
    arguments = ["--IPKernelApp.log_level=40"]
    if warm:
        arguments.append(f"--IPKernelApp.exec_lines={WARM_UP}")
    client = NotebookClient(
        notebook,
        km=AsyncKernelManager(kernel_name="python3", kernel_spec_manager=specs),
        timeout=timeout,
        startup_timeout=300,
        record_timing=False,
        coalesce_streams=True,
        extra_arguments=arguments,
    )
    client.owns_km = True
    client.reset_execution_trackers()
    return client


def _execute_cells(
    path: Path,
    client: "NotebookClient",
    on_cell: Callable[[Path, int, int], None],
) -> str | None:
    """Run the cells; return None, or what went wrong in one line."""
    from jupyter_core.utils import ensure_event_loop
    from nbclient.exceptions import (
        CellExecutionError,
        CellTimeoutError,
        DeadKernelError,
    )

    cells = [(i, cell) for i, cell in enumerate(client.nb.cells) if is_code(cell)]
    for _, cell in cells:
        cell.outputs, cell.execution_count = [], None
    number = 0
    try:
        client.start_new_kernel_client()
        for number, (index, cell) in enumerate(cells, start=1):
            on_cell(path, number, len(cells))
            client.execute_cell(cell, index, execution_count=number)
    except CellExecutionError as error:
        last = [line for line in error.evalue.split("\n") if line.strip()] or [""]
        problem = f"{error.ename}: {last[0]}"
    except CellTimeoutError:
        problem = f"took longer than {client.timeout:g} s"
    except (DeadKernelError, RuntimeError):
        problem = "the kernel died: out of memory, or a crash in a library"
    except KeyboardInterrupt:
        # Left waiting, the cell's tasks would complain when its kernel goes.
        loop = ensure_event_loop()
        tasks = asyncio.all_tasks(loop)
        for task in tasks:
            task.cancel()
        if tasks:
            loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
        raise
    else:
        return None
    return f"{path.stem}, cell {number} of {len(cells)}: {problem}"


def _stop(client: "NotebookClient") -> None:
    """End a kernel and every process it started."""
    if client.km is None or not client.km.has_kernel:
        return
    process = getattr(client.km.provisioner, "pid", None)
    with contextlib.suppress(OSError):
        if process:  # a kernel leads its own process group
            os.killpg(process, signal.SIGKILL)
    client._cleanup_kernel()
