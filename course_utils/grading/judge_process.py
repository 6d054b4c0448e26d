"""Judge what came out of the sandbox, in a process of its own with limits.

    python -m course_utils.grading.judge_process DESCRIPTOR MEMORY

No student's code runs here, but the data are a hostile writer's: an answer on which a
judge takes long, or takes much memory, must not stop the class.
"""

import os
import resource
import signal
import subprocess
import sys
import threading
from multiprocessing.connection import Connection, Pipe
from pathlib import Path

from course_utils.checks.contract import Verdict
from course_utils.checks.plain_data import PlainError, from_bytes
from course_utils.checks.run_question import question, run_judge
from course_utils.grading.bubblewrap import ENVIRONMENT
from course_utils.machine.errors import CourseError
from course_utils.machine.places import LIBRARY

MEMORY = 4 * 2**30  # bytes, beyond what the libraries have mapped


class Unjudged(Exception):
    """There is no verdict, through no fault of the answer; a person has to look."""


def judge_answer(question_id: str, content: bytes, seed: int) -> Verdict:
    """Return the verdict on one packed answer.

    Raises:
        Unjudged: the judge itself fails.
    """
    asked = question(question_id)
    try:
        return run_judge(question_id, from_bytes(content, asked.max_bytes), seed)
    except PlainError as error:
        return Verdict(False, f"{asked.label} cannot be read.", str(error))
    except Exception as error:
        raise Unjudged(
            f"the judge stops with {type(error).__name__}: {error}"
        ) from error


class JudgeProcess:
    """`judge_answer` in a process of its own, which ends if an answer takes too long.

    All answers share one such process, since judges seed torch's one generator.

    Args:
        seconds: of the processor, for one answer; None takes each question's own.
        memory: bytes, beyond what the libraries have mapped.
    """

    def __init__(self, seconds: int | None = None, memory: int = MEMORY) -> None:
        self.seconds, self.memory = seconds, memory
        self._lock = threading.Lock()
        self._closed = False
        self._start()

    def __enter__(self) -> "JudgeProcess":
        return self

    def __exit__(self, *failure: object) -> None:
        self._closed = True
        self._end()

    def __call__(self, question_id: str, content: bytes, seed: int) -> Verdict:
        """Do what `judge_answer` does.

        Raises:
            Unjudged: the judge fails, takes too long, or ends its process.
            CourseError: the grader is ending.
        """
        seconds = self.seconds or question(question_id).judge_seconds
        with self._lock:
            try:
                self._pipe.send((seconds, question_id, content, seed))
                verdict = self._pipe.recv()
            except (EOFError, OSError) as error:
                if self._closed:
                    raise CourseError("ended: go on with --resume.") from error
                late = -self._end() in (signal.SIGPROF, signal.SIGALRM)
                self._start()
                reason = f"takes over {seconds} seconds" if late else "was ended"
                raise Unjudged(f"the judge {reason}") from error
        if isinstance(verdict, str):
            raise Unjudged(verdict)
        return verdict

    def _start(self) -> None:
        self._pipe, inside = Pipe()
        options = [str(inside.fileno()), str(self.memory)]
        module = "course_utils.grading.judge_process"
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", module, *options],
            pass_fds=[inside.fileno()],
            env={**os.environ, **ENVIRONMENT, "PYTHONPATH": str(LIBRARY.parent)},
            start_new_session=True,  # a Ctrl-C is the grader's
        )
        inside.close()

    def _end(self) -> int:
        self._process.kill()
        self._pipe.close()
        return self._process.wait()


def main() -> None:
    """Answer one request after another, until the grader has ended."""
    import torch  # noqa: F401 (it maps much memory, which is not the answer's)

    pipe = Connection(int(sys.argv[1]))
    memory = int(sys.argv[2])
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    most = pages * resource.getpagesize() + memory
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    while True:
        try:
            seconds, *request = pipe.recv()
        except EOFError:
            os._exit(0)  # at once, without tidying up
        # Nothing handles these signals, so that they end the process.
        signal.setitimer(signal.ITIMER_PROF, seconds)
        signal.setitimer(signal.ITIMER_REAL, 10 * seconds)
        answer: Verdict | str
        try:
            answer = judge_answer(*request)
        except Unjudged as error:
            answer = str(error)
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.setitimer(signal.ITIMER_REAL, 0)
        pipe.send(answer)


if __name__ == "__main__":
    main()
