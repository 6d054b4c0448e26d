"""The process inside the sandbox: it imports the libraries, then forks for each job.

    python -m course_utils.grading.worker CONTROL SANDBOXED MODULE...

The first process never runs or reads a student's code: a submission arrives as a file
descriptor that only its fork reads. What a fork sends back is data, to be distrusted.
"""

import asyncio
import gc
import json
import os
import resource
import signal
import socket
import struct
import sys
from collections.abc import Callable, Coroutine, Mapping
from importlib import import_module
from itertools import pairwise
from pathlib import Path
from types import FrameType, ModuleType
from typing import Any

from course_utils.checks import notebook as notebooks
from course_utils.checks import run_question as checks
from course_utils.checks.cells import is_check
from course_utils.checks.plain_data import PlainError, from_bytes, to_bytes
from course_utils.checks.read_notebook import Cell
from course_utils.checks.shell import settle
from course_utils.grading import isolate, static

JOB_BYTES = 256 * 2**20  # our own packing, so only a sanity bound
HEADER = struct.Struct("<II")  # bytes of the name, bytes of the content

Send = Callable[[str, bytes], None]


class OutOfTime(BaseException):
    """The cell or the question has had its seconds."""


def main() -> None:
    """Warm up, say so, and fork for every job that comes."""
    control = socket.socket(fileno=int(sys.argv[1]))
    sandboxed = sys.argv[2] == "1"
    for name in sys.argv[3:]:
        try:
            import_module(name)
        except ImportError:
            continue  # an optional library: a submission that needs it will say so
    gc.freeze()  # forks share this memory: looking for rubbish in it would copy it
    isolate.hide_memory(True)
    control.send(b"ready")
    while True:
        message, descriptors, _, _ = socket.recv_fds(control, 4096, 2)
        if not message:
            os._exit(0)  # the grader has ended: everything in here ends at once
        child = os.fork()
        if child == 0:
            job, result = descriptors
            start(control, job, result, json.loads(message), sandboxed)
        for descriptor in descriptors:
            os.close(descriptor)
        os.waitpid(child, 0)


def start(
    control: socket.socket,
    job: int,
    result: int,
    limits: dict[str, Any],
    sandboxed: bool,
) -> None:
    """Fork into new namespaces; send the grader a handle on the new process."""
    try:
        isolate.hide_memory(False)  # so that it may write its own /proc files
        if sandboxed:
            isolate.new_namespaces()
        child = os.fork()
        if child:
            handle = os.pidfd_open(child)
            socket.send_fds(control, [b"started"], [handle])
            os._exit(0)
    except BaseException as error:
        try:
            control.send(f"{type(error).__name__}: {error}".encode())
        finally:
            os._exit(1)  # the grader may have ended: nobody hears it
    try:
        os.setsid()
        if sandboxed:
            isolate.own_folders(limits)
        shut_in(job, result, limits, sandboxed)
        run_notebook(read_job(), limits, send)
    except BaseException:
        send("broken", b"")
    finally:
        os._exit(0)


JOB, RESULT = 3, 4  # the only open files, next to three times /dev/null


def shut_in(job: int, result: int, limits: dict[str, Any], sandboxed: bool) -> None:
    """Close all other files, lower the limits, and drop the privileges."""
    nothing = os.open(os.devnull, os.O_RDWR)
    # First to numbers that are free, so that no one overwrites another.
    moved = [os.dup(number) for number in (nothing, nothing, nothing, job, result)]
    spare = [os.dup2(number, 1000 + i) for i, number in enumerate(moved)]
    for number, source in enumerate(spare):
        os.dup2(source, number, inheritable=number < JOB)
    os.closerange(RESULT + 1, 65536)
    if not sandboxed:
        # The limit counts all processes of a user, here also the instructor's own.
        limits = {**limits, "processes": resource.RLIM_INFINITY}
        os.chdir(limits["folder"])
    isolate.lower_limits(limits)
    if sandboxed:
        isolate.drop_privileges()
        home = Path(isolate.HOME)
        home.mkdir()
        for entry in Path("/course-home").glob("*/*"):
            (home / entry.parent.name).mkdir(exist_ok=True)
            (home / entry.parent.name / entry.name).symlink_to(entry)
        # Python itself may lie in the first.
        work = "/tmp/work" if not os.path.exists("/tmp/work") else "/tmp/submission"
        os.mkdir(work)
        os.chdir(work)


def read_job() -> dict[str, Any]:
    """Read the job from its file, which is closed afterwards."""
    os.lseek(JOB, 0, os.SEEK_SET)
    with open(JOB, "rb") as file:
        return from_bytes(file.read(), JOB_BYTES)


def send(name: str, content: bytes = b"") -> None:
    """Write one message for the grader."""
    label = name.encode()
    message = HEADER.pack(len(label), len(content)) + label + content
    view = memoryview(message)
    while view:
        view = view[os.write(RESULT, view) :]


def run_notebook(job: dict[str, Any], limits: dict[str, Any], send: Send) -> None:
    """Run the cells in order, and each question's probe after the cells it needs.

    Every answer is sent as soon as it is there, so that a death later on does not cost
    points that were earned before it.
    """
    asked = checks.questions(job["exercise"])
    cells = job["cells"]
    sources = [cell["source"] for cell in cells if cell["cell_type"] == "code"]
    send_names(sources, asked, limits["cell_seconds"], send)
    found = notebooks.find_answers(cells, asked)
    for item in asked:
        send(f"found {item.id}", b"no" if found[item.id] is None else b"yes")

    # A cell may hold an answer below a check, which cannot judge anything in here.
    for module in (checks, sys.modules["course_utils.checks"]):
        vars(module)["check"] = lambda *_, **__: None
    shell, loop = new_shell(), Loop(any(map(is_async, sources)))
    stopped: dict[int, str] = {}  # the cells that ended with an error, and its name
    loaded = dict(sys.modules)
    originals = [(module, dict(vars(module))) for module in course_modules()]
    steps = ordered_steps(cells, asked, found)
    for step in steps:
        kind, place = step.split()
        if step in job["skip"]:
            continue
        send(step, b"")
        arm(limits["cell_seconds"])
        late = False
        try:
            if kind == "cell":
                error = loop.run_cell(shell, cells[int(place)]["source"])
                late = error == OutOfTime.__name__
                if error:
                    stopped[int(place)] = error
            else:
                # Undoes simple patches of the checks; it is no defence, see docs.
                isolate.keep_files_in_reserve(0)
                sys.modules.update(loaded)
                for module, names in originals:
                    vars(module).update(names)
                answer = found[place]
                own = "" if answer is None else stopped.get(answer, "")
                above = next(iter(stopped.values()), "")
                send(f"stopped {place}", f"{own} {above}".encode())
                inputs = job["inputs"][place]
                loop.inside(probe(place, shell.user_ns, inputs, send))
        except OutOfTime:
            late = True
        except BaseException:  # what it has patched may break this code too
            send(f"broke {step}", b"")
        finally:
            arm(0)
            isolate.keep_files_in_reserve(isolate.FILES_IN_RESERVE)
        if late:
            send(f"late {step}", b"")
    send("done", b"")


def send_names(
    sources: list[str], asked: list[Any], seconds: float, send: Send
) -> None:
    """Send which answers refer to what they may not, and what may hide a call."""
    try:
        arm(seconds)
        for item in asked:
            send(f"forbidden {item.id}", static.forbidden_in(sources, item).encode())
        send("hiding", " ".join(static.hiding_in(sources)).encode())
    except (OutOfTime, MemoryError):
        send("hiding", b"code-that-takes-too-long-to-read")
    finally:
        arm(0)


def ordered_steps(
    cells: list[Cell], asked: list[Any], found: Mapping[str, Any]
) -> list[str]:
    """Return the steps in order: "cell 3", "probe ex05_1", ...

    An answer is probed before the next question's cell, as in `check_notebook`.
    """
    starts = sorted({index for index in found.values() if index is not None})
    ends = dict(pairwise([*starts, len(cells)]))
    probes: dict[int, list[str]] = {}
    for item in asked:
        end = ends.get(found[item.id], len(cells))
        probes.setdefault(end, []).append(f"probe {item.id}")
    steps: list[str] = []
    for index in range(len(cells) + 1):
        steps += probes.get(index, [])
        if index < len(cells) and cells[index]["cell_type"] == "code":
            source = cells[index]["source"]
            if source.strip() and not is_check(source):
                steps.append(f"cell {index}")
    return steps


class Loop:
    """The event loop that a Jupyter kernel runs its cells in, for notebooks that care.

    Args:
        is_needed: whether there is one. It opens sockets, which a notebook can see.
    """

    def __init__(self, is_needed: bool = True) -> None:
        self.loop = asyncio.new_event_loop() if is_needed else None

    def run_cell(self, shell: Any, source: str) -> str:
        """Run one cell; return the name of the exception it ended with, or ""."""
        failed = None
        try:
            code = shell.transform_cell(source)
        except Exception:
            code, failed = source, sys.exc_info()
        ran = shell.run_cell_async(
            source,
            store_history=False,
            transformed_cell=code,
            preprocessing_exc_tuple=failed,
        )
        is_async = shell.should_run_async(
            source, transformed_cell=code, preprocessing_exc_tuple=failed
        )
        if is_async and (self.loop is None or self.loop.is_closed()):  # by a cell
            self.loop = asyncio.new_event_loop()
        if self.loop is not None:
            asyncio.set_event_loop(self.loop)
        if is_async and self.loop is not None:
            result = self.loop.run_until_complete(ran)
        else:
            result = self.inside(ran)
        shell.events.trigger("post_execute")
        shell.events.trigger("post_run_cell", result)
        error = result.error_before_exec or result.error_in_exec
        # A kernel tells the wrong use of a magic in words, as no error.
        name = "" if error is None else type(error).__name__
        return "" if name == "UsageError" else name

    def inside(self, coroutine: Coroutine[Any, Any, Any]) -> Any:
        """Run what never awaits, as if inside the loop, which it finds running.

        The loop itself stands still: a notebook that has spoilt it spoils nothing here.
        """
        asyncio._set_running_loop(self.loop)
        try:
            coroutine.send(None)
        except StopIteration as ended:
            return ended.value
        finally:
            asyncio._set_running_loop(None)
        raise RuntimeError("it awaits")


def is_async(source: str) -> bool:
    """Return whether a cell's text speaks of asyncio, `async` or `await`."""
    return "async" in source or "await" in source


async def probe(
    question_id: str, namespace: dict[str, Any], inputs: dict[str, Any], send: Send
) -> None:
    """Send the answer to one question, as bytes."""
    asked = checks.question(question_id)
    data = checks.run_probe(question_id, namespace, inputs)
    if data.get("error") == OutOfTime.__name__:
        raise OutOfTime
    try:
        content = to_bytes(data, asked.max_bytes)
    except PlainError as error:
        failed = {"failed": "unreadable", "error": "", "details": str(error)}
        content = to_bytes(failed)
    send(f"answer {question_id}", content)


def new_shell() -> Any:
    """Return an IPython shell that does what a Jupyter kernel's does.

    It shows nothing and starts no programs: `!pip install` is passed over.
    """
    from IPython.core.interactiveshell import InteractiveShell
    from traitlets.config import Config

    config = Config()
    config.HistoryManager.enabled = False
    shell = InteractiveShell.instance(config=config)
    shell.showtraceback = shell.showsyntaxerror = lambda *_, **__: None
    shell.system = shell.getoutput = shell._inspect = lambda *_, **__: []
    for name in ("pip", "conda", "uv"):
        shell.register_magic_function(lambda line: None, magic_name=name)
    settle(shell)
    sys.path.insert(0, "")  # what `%%writefile` has written can be imported
    return shell


def arm(seconds: float) -> None:
    """Raise OutOfTime after `seconds`, and then once a second; 0 switches this off."""

    def ring(number: int, frame: FrameType | None) -> None:
        raise OutOfTime

    signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds, 1.0 if seconds else 0.0)


def course_modules() -> list[ModuleType]:
    """Return the modules of the course that are loaded."""
    return [m for name, m in sys.modules.items() if name.startswith("course_utils")]


if __name__ == "__main__":
    main()
