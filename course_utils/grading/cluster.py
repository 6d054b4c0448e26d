"""A cluster of Dask as the place where notebooks run.

Each worker has a sandbox of its own, and gets a job at a time: cells and inputs. The
seed and the judges stay with the grader. A job whose worker ends is run again by
another. Source: distributed.dask.org.
"""

import hashlib
import logging
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from course_utils.grading.sandbox import Outcome, Sandbox, SubmissionLimits, try_walls
from course_utils.machine.errors import CourseError
from course_utils.machine.places import LIBRARY

CONNECT_SECONDS = 10
ASK_SECONDS = 5  # between two looks at whether there are workers
ALONE_SECONDS = 60  # without a worker until the grader gives up
OTHER = "it has another version of the course: install the same one."


class ClusterBox:
    """Runs jobs on the workers of a cluster; it stands in for a `Sandbox`.

    Args:
        address: of the scheduler, such as "tcp://10.0.0.5:8786".
        modules: what a sandbox imports before its first job.
        hidden: folders that no job may see, if a worker has them too.

    Attributes:
        capacity: how many jobs run at once.

    Raises:
        CourseError: no such scheduler, no worker, or one that cannot run jobs.
    """

    def __init__(
        self, address: str, modules: tuple[str, ...], hidden: tuple[Path, ...] = ()
    ) -> None:
        try:
            from distributed import Client
        except ModuleNotFoundError as error:
            raise CourseError(
                f"--cluster needs {error.name}: pip install 'train-gpt-course[cluster]'"
            ) from error
        # What it has to say of a lost cluster is said here, in one line.
        logging.getLogger("distributed").setLevel(logging.CRITICAL)
        self.address = address
        places = tuple(str(path.resolve()) for path in hidden)
        self._setting = (modules, places, library_hash())
        try:
            self._client = Client(
                address, timeout=CONNECT_SECONDS, set_as_default=False
            )
        except (OSError, ValueError, ImportError) as error:
            raise CourseError(
                f"--cluster {address}: no scheduler answers. Start one with "
                "`dask scheduler`, and give its address."
            ) from error
        try:
            self.capacity = self._ready_workers()
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> "ClusterBox":
        return self

    def __exit__(self, *failure: object) -> None:
        self.close()

    def close(self) -> None:
        """Leave the cluster; its workers' sandboxes end."""
        with suppress(Exception):  # whatever state the cluster is in
            self._client.run(_close, self._setting, on_error="ignore")
        with suppress(Exception):
            self._client.close(timeout=CONNECT_SECONDS)

    def run(self, job: bytes, limits: SubmissionLimits) -> Outcome:
        """Run a job to its end.

        Raises:
            CourseError: a worker has no sandbox, or the cluster or all its workers are
                gone.
        """
        from distributed import CancelledError, KilledWorker

        future = self._client.submit(_run, job, limits, self._setting, pure=False)
        try:
            return self._wait(future)
        except KilledWorker:
            return Outcome(death="the workers that ran it were ended")
        except (CancelledError, OSError) as error:
            raise CourseError(
                f"the cluster {self.address} is gone: go on with --resume."
            ) from error

    def _wait(self, future: Any) -> Outcome:
        """Return what a job returns, as long as there are workers."""
        seen = time.monotonic()
        while True:
            try:
                return future.result(timeout=ASK_SECONDS)
            except TimeoutError:
                if future.done():
                    raise
            except CourseError as error:
                raise CourseError(f"--cluster: a worker: {error}") from error
            if self._client.nthreads():
                seen = time.monotonic()
            elif time.monotonic() - seen > ALONE_SECONDS:
                raise CourseError(
                    f"the cluster {self.address} has no worker left: start one, and "
                    "go on with --resume."
                )

    def _ready_workers(self) -> int:
        """Return the number of jobs at once; every worker can run them."""
        try:
            said = self._client.run(_check, on_error="return")
        except Exception as error:
            raise CourseError(f"--cluster {self.address}: {error}") from error
        if not said:
            raise CourseError(
                f"--cluster {self.address} has no workers: start `dask worker "
                f"{self.address}` on each machine."
            )
        mine = self._setting[-1]
        for worker, answer in sorted(said.items()):
            problem = str(answer) if isinstance(answer, Exception) else ""
            if not problem and answer != mine:
                problem = OTHER
            if problem:
                line = problem.strip().partition("\n")[0]
                raise CourseError(f"--cluster: worker {worker}: {line}")
        return sum(self._client.nthreads().values())


def library_hash() -> str:
    """Return a hash of the code that runs on workers."""
    digest = hashlib.sha256()
    for path in sorted(LIBRARY.rglob("*.py")):
        digest.update(str(path.relative_to(LIBRARY)).encode() + path.read_bytes())
    return digest.hexdigest()


# What follows runs on a worker. Its threads share one sandbox for each grader.
_lock = threading.Lock()
_boxes: dict[Any, Sandbox] = {}


def _check() -> str:
    """Return the library's hash, of a worker that can make a sandbox."""
    try_walls()
    return library_hash()


def _run(job: bytes, limits: SubmissionLimits, setting: Any) -> Outcome:
    try:
        return _box(setting).run(job, limits)
    except CourseError:
        _close(setting)  # so that the next job gets one that works
        raise


def _box(setting: Any) -> Sandbox:
    from course_utils.data.sources import write_local_data
    from course_utils.lesson.profile import local_data

    with _lock:
        if setting not in _boxes:
            modules, hidden, theirs = setting
            if library_hash() != theirs:  # it has come after the others were asked
                raise CourseError(OTHER)
            write_local_data(local_data())
            home, folders = local_data().parent, tuple(map(Path, hidden))
            _boxes[setting] = Sandbox(modules, home=home, hidden=folders)
        return _boxes[setting]


def _close(setting: Any) -> None:
    with _lock:
        box = _boxes.pop(setting, None)
    if box is not None:
        box.close()
