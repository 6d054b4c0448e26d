"""The outside of the sandbox: start it, give it a job, watch it, and end it.

One bubblewrap holds one warm Python, which forks for every job (worker.py). What a job
sends back is bytes from a hostile writer: counted, cut off, and judged elsewhere.
"""

import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from course_utils.grading import bubblewrap, isolate
from course_utils.grading.worker import HEADER
from course_utils.machine.errors import CourseError

START_SECONDS = 300
MANY_FILES = 64  # open in a process, from which on its sockets are counted
WARM = (
    "IPython.core.application",
    "IPython.core.completerlib",
    "IPython.core.interactiveshell",
    "IPython.core.magics",
    "course_utils.data.sources",
    "course_utils.lesson.start_lesson",
    "matplotlib.pyplot",
    "safetensors.numpy",
    "transformers.models.gpt2.modeling_gpt2",
    "transformers.trainer",
)


@dataclass(frozen=True)
class SubmissionLimits:
    """What one submission may use.

    Attributes:
        seconds: wall time in all.
        cell_seconds: wall time of one cell, and of one question.
        memory: bytes of memory: all its processes together, with the files in its
            temporary folder, which lie in memory too, and what waits in sockets.
        disk: bytes in its temporary folder, and of one file; a quarter of `memory` at
            most.
        files: files in its temporary folder.
        open_files: open files of a process.
        processes: processes and threads.
        output: bytes that it may send back.
    """

    seconds: float = 900
    cell_seconds: float = 300
    memory: int = 4 * 2**30
    disk: int = 512 * 2**20
    files: int = 10_000
    open_files: int = 256
    processes: int = 128
    output: int = 64 * 2**20


@dataclass
class Outcome:
    """What came out of one run, untrusted.

    Attributes:
        messages: the first content of each name that was sent.
        step: the last step that was begun, such as "probe ex05_2".
        death: why the process ended too early, or "".
        forged: answers that came at another time than that of their step.
        twice: steps that were begun twice.
    """

    messages: dict[str, bytes] = field(default_factory=dict)
    step: str = ""
    death: str = ""
    forged: set[str] = field(default_factory=set)
    twice: set[str] = field(default_factory=set)


class Sandbox:
    """One warm sandbox for any number of jobs, several at a time.

    Args:
        modules: what to import before the first job, next to the libraries.
        home: the cache folder. Jobs can read its prepared data in COURSE_HOME.
        trust: run the jobs as ordinary processes, without any walls.
        hidden: folders that no job may see, wherever they lie.

    Raises:
        CourseError: no sandbox can be made here; the line says what to do.
    """

    def __init__(
        self,
        modules: tuple[str, ...] = (),
        home: Path | None = None,
        trust: bool = False,
        hidden: tuple[Path, ...] = (),
    ) -> None:
        _ask_for_linux()
        self._lock = threading.Lock()
        self._control, inside = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 (closed with self)
        python = [sys.executable, "-m", "course_utils.grading.worker"]
        arguments = [str(inside.fileno()), str(int(not trust)), *WARM, *modules]
        if trust:
            around, env = [], {**os.environ, **bubblewrap.ENVIRONMENT}
            env["PYTHONPATH"] = str(bubblewrap.LIBRARY.parent)
        else:
            around, env = bubblewrap.command(home, hidden), None
            self._places = {"below_tmp": bubblewrap.below_tmp()}
        self._process = subprocess.Popen(
            [*around, *python, *arguments],
            pass_fds=[inside.fileno()],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=self._errors,
            env=env,
            cwd="/",
            start_new_session=True,  # a Ctrl-C is the grader's, and close ends all
        )
        inside.close()
        self.trust = trust
        self._control.settimeout(START_SECONDS)
        if self._hear() != b"ready":
            self.close()
            raise CourseError(_advice(self._said()))

    def __enter__(self) -> "Sandbox":
        return self

    def __exit__(self, *failure: object) -> None:
        self.close()

    def close(self) -> None:
        """End the sandbox and all that is in it."""
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._control.close()

    def run(self, job: bytes, limits: SubmissionLimits) -> Outcome:
        """Run one job, and end it if it breaks a limit. worker.py describes a job.

        Raises:
            CourseError: the sandbox itself does not work.
        """
        if not self.trust:
            disk = min(limits.disk, limits.memory // 4)
            return self._run(job, {**asdict(limits), "disk": disk, **self._places})
        # What is left running, which nobody ends here, may still write into it.
        with tempfile.TemporaryDirectory(
            prefix="course-grade-", ignore_cleanup_errors=True
        ) as folder:
            return self._run(job, {**asdict(limits), "folder": folder})

    def _run(self, job: bytes, limits: dict[str, Any]) -> Outcome:
        job_file = _temporary(job)
        reader, writer = os.pipe2(os.O_CLOEXEC)
        try:
            handle = self._start(job_file, writer, limits)
        except BaseException:
            os.close(reader)
            raise
        finally:
            os.close(writer)
            os.close(job_file)
        try:
            outcome = self._watch(reader, handle, limits)
            if self._process.poll() is not None:
                raise CourseError("the sandbox was ended: go on with --resume.")
            return outcome
        finally:
            self._kill(handle)
            os.close(handle)
            os.close(reader)

    def _start(self, job: int, result: int, limits: dict[str, Any]) -> int:
        message = json.dumps(limits).encode()
        with self._lock:
            try:
                socket.send_fds(self._control, [message], [job, result])
                answer, handles, _, _ = socket.recv_fds(self._control, 4096, 1)
            except OSError as error:
                raise CourseError(_advice(f"it ended: {error}")) from error
        if answer != b"started" or len(handles) != 1:
            raise CourseError(_advice(answer.decode() or self._said()))
        return handles[0]

    def _watch(self, reader: int, handle: int, limits: dict[str, Any]) -> Outcome:
        outcome, buffer, received = Outcome(), bytearray(), 0
        end = time.monotonic() + limits["seconds"]
        poller = select.poll()
        poller.register(reader, select.POLLIN)
        poller.register(handle, select.POLLIN)
        ended = False
        while not outcome.death and "done" not in outcome.messages:
            events = dict(poller.poll(100))
            if events.get(reader, 0) & select.POLLIN:
                chunk = os.read(reader, 2**20)
                received += len(chunk)
                buffer += chunk
                if not _take(buffer, outcome, limits["output"]):
                    outcome.death = "it sent what is no message"
                if received > limits["output"]:
                    outcome.death = f"it sent over {limits['output'] // 2**20} MB"
            elif ended:
                break  # and nothing is left to read
            if handle in events:
                ended = True
                poller.unregister(handle)
            elif time.monotonic() > end:
                outcome.death = f"it took over {limits['seconds']:g} seconds"
            elif memory(handle, limits["memory"]) > limits["memory"]:
                most = limits["memory"] / 2**30
                outcome.death = f"it took over {most:g} GiB of memory"
        if "broken" in outcome.messages and not outcome.death:
            outcome.death = "it broke the notebook's runner"
        if "done" not in outcome.messages and not outcome.death:
            outcome.death = "its process died"
        return outcome

    def _kill(self, handle: int) -> None:
        # Process 1 of its namespace: the kernel ends all the others with it.
        process = _pid(handle)
        with suppress(ProcessLookupError, PermissionError):
            signal.pidfd_send_signal(handle, signal.SIGKILL)
        if self.trust and process > 0:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(process, signal.SIGKILL)
        select.select([handle], [], [], 10)

    def _hear(self) -> bytes:
        try:
            return self._control.recv(4096)
        except OSError:
            return b""

    def _said(self) -> str:
        self._errors.seek(0)
        lines = self._errors.read(20_000).decode(errors="replace").strip().splitlines()
        return lines[-1] if lines else "it ended at once"


def try_walls() -> None:
    """Say within a second if no sandbox can be made here.

    Raises:
        CourseError: bubblewrap or a right to namespaces is missing.
    """
    _ask_for_linux()
    code = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from isolate import new_namespaces; new_namespaces()"
    )
    library = str(Path(isolate.__file__).parent)
    python = [sys.executable, "-I", "-S", "-c", code, library]
    tried = subprocess.run(
        [*bubblewrap.command(None), *python],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        cwd="/",
        start_new_session=True,
    )
    if tried.returncode:
        lines = tried.stderr.decode(errors="replace").strip().splitlines()
        raise CourseError(_advice(lines[-1] if lines else "it ended at once"))


def _ask_for_linux() -> None:
    if not sys.platform.startswith("linux"):
        raise CourseError(
            "grading needs Linux: run it in a Linux container or virtual machine, "
            "see docs/instructors.md."
        )


def _temporary(content: bytes) -> int:
    """Return a descriptor of an unnamed file in memory."""
    descriptor = os.memfd_create("job")
    view = memoryview(content)
    while view:
        view = view[os.write(descriptor, view) :]
    return descriptor


def _take(buffer: bytearray, outcome: Outcome, limit: int) -> bool:
    """Move whole messages from the buffer; return False if it holds no message."""
    while len(buffer) >= HEADER.size:
        n_name, n_content = HEADER.unpack_from(buffer)
        if n_name > 64 or n_content > limit:
            return False
        size = HEADER.size + n_name + n_content
        if len(buffer) < size:
            return True
        name = bytes(buffer[HEADER.size : HEADER.size + n_name]).decode(
            "ascii", "replace"
        )
        content = bytes(buffer[HEADER.size + n_name : size])
        del buffer[:size]
        if name.startswith(("cell ", "probe ")):
            if name in outcome.messages:
                outcome.twice.add(name)
            outcome.step = name
        elif name.startswith("answer ") and outcome.step != f"probe {name[7:]}":
            outcome.forged.add(name)  # the runner sends it right after this step
            continue
        if len(outcome.messages) < 10_000:
            outcome.messages.setdefault(name, content)
    return True


def memory(handle: int, limit: int) -> int:
    """Return the bytes of memory of a process and its descendants.

    A page that several processes share is divided among them. The files of the
    temporary folder count, and what may wait in sockets and pipes.

    Args:
        handle: of the first process.
        limit: the most it may be. The answer is exact above it, and rough below.
    """
    processes = descendants(_pid(handle))
    if not processes:
        return 0
    extra = _in_files(processes[0]) + sum(map(_in_sockets, processes))
    if len(processes) == 1 and extra < limit // 4:
        return 0  # RLIMIT_AS holds a single one
    page = os.sysconf("SC_PAGE_SIZE")
    rough = exact = extra
    for process in processes:
        with suppress(OSError, ValueError, IndexError):
            fields = Path(f"/proc/{process}/statm").read_text().split()
            rough += int(fields[1]) * page
    if rough <= limit:
        return rough
    for process in processes:
        with suppress(OSError, ValueError, IndexError):
            for line in Path(f"/proc/{process}/smaps_rollup").read_text().splitlines():
                if line.startswith("Pss:"):
                    exact += int(line.split()[1]) * 1024
    return exact


def _in_files(process: int) -> int:
    """Return the bytes in the temporary folder that a process sees."""
    try:
        found = os.statvfs(f"/proc/{process}/root{isolate.SHARED}")
    except OSError:  # it has ended, or has no such folder yet
        return 0
    return (found.f_blocks - found.f_bfree) * found.f_frsize


def _in_sockets(process: int) -> int:
    """Return the most bytes that a process's sockets and pipes can hold."""
    folder, most = f"/proc/{process}/fd", 0
    try:
        names = os.listdir(folder)
    except OSError:
        return 0
    if len(names) < MANY_FILES:
        return 0
    for name in names:
        with suppress(OSError):
            kind = os.readlink(f"{folder}/{name}").partition(":")[0]
            most += {"socket": 2**18, "pipe": 2**15}.get(kind, 0)
    return most


def descendants(process: int) -> list[int]:
    """Return a process and all below it, as far as they can be seen."""
    found: list[int] = []
    waiting = [process] if process > 0 else []
    while waiting and len(found) < 1000:
        current = waiting.pop()
        found.append(current)
        with suppress(OSError, ValueError):  # it may end at any moment
            for thread in os.listdir(f"/proc/{current}/task"):
                children = Path(f"/proc/{current}/task/{thread}/children")
                waiting += map(int, children.read_text().split())
    return found


def _pid(handle: int) -> int:
    with suppress(OSError):
        for line in Path(f"/proc/self/fdinfo/{handle}").read_text().splitlines():
            if line.startswith("Pid:"):
                return int(line.split()[1])
    return -1


def _advice(reason: str) -> str:
    reason = " ".join(reason.split())[:300]
    return (
        f"the sandbox does not start ({reason}). The kernel has to allow user "
        "namespaces to ordinary users, see docs/instructors.md. --trust-submissions "
        "runs the students' code with your own rights."
    )
