"""Answer the texts that wait at the same time together, in one thread."""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from queue import Full, Queue
from threading import Thread

from course_utils.serving.refusals import Busy


@dataclass
class _Job:
    text: str
    future: Future[str] = field(default_factory=Future)


class Batcher:
    """A bounded queue and the one thread that answers it, in batches.

    The thread takes what is waiting, up to `batch_size` texts, and never waits for a
    batch to fill. A single text is answered at once; under load, batches fill up by
    themselves.

    Args:
        answer: the function from texts to their answers, in the same order.
        batch_size: the most texts in one call of `answer`.
        waiting: the most texts in the queue.
    """

    def __init__(
        self,
        answer: Callable[[list[str]], Sequence[str]],
        *,
        batch_size: int = 8,
        waiting: int = 64,
    ) -> None:
        self.batch_size = batch_size
        self.batches = 0
        self.answered = 0
        self._answer = answer
        self._queue: Queue[_Job | None] = Queue(maxsize=waiting)
        self._seconds = 1.0  # that the last batch took
        self._thread = Thread(target=self._work, name="batcher", daemon=True)
        self._thread.start()

    @property
    def waiting(self) -> int:
        """The number of texts in the queue."""
        return self._queue.qsize()

    @property
    def alive(self) -> bool:
        """Whether the thread still answers."""
        return self._thread.is_alive()

    def as_dict(self) -> dict[str, float | None]:
        """Return the number of texts that wait, of batches, and their mean size."""
        mean = round(self.answered / self.batches, 2) if self.batches else None
        return {"waiting": self.waiting, "batches": self.batches, "mean_batch": mean}

    def submit(self, text: str) -> "Future[str]":
        """Queue a text; return the future of its answer.

        The text of a future that is cancelled is dropped without being answered.

        Raises:
            Busy: the queue is full.
        """
        job = _Job(text)
        try:
            self._queue.put_nowait(job)
        except Full:
            waiting = self.waiting
            batches = -(-waiting // self.batch_size)
            raise Busy(waiting, max(1, round(batches * self._seconds))) from None
        return job.future

    def close(self) -> None:
        """Answer what waits, then end the thread."""
        if self.alive:
            self._queue.put(None)
            self._thread.join()

    def _work(self) -> None:
        closing = False
        while not closing:
            jobs = self._take()
            closing = None in jobs
            # Whoever has given up by now is left out.
            wanted = [j for j in jobs if j and j.future.set_running_or_notify_cancel()]
            if wanted:
                self._run(wanted)

    def _take(self) -> list[_Job | None]:
        """Wait for one job; return it and those behind it."""
        jobs = [self._queue.get()]
        while len(jobs) < self.batch_size and not self._queue.empty():
            jobs.append(self._queue.get())
        return jobs

    def _run(self, jobs: list[_Job]) -> None:
        start = time.perf_counter()
        try:
            texts = list(self._answer([job.text for job in jobs]))
        except Exception as error:  # the thread outlives a batch that fails
            for job in jobs:
                job.future.set_exception(error)
            return
        self._seconds = time.perf_counter() - start
        self.batches += 1
        self.answered += len(jobs)
        for job, text in zip(jobs, texts, strict=True):
            job.future.set_result(text)
