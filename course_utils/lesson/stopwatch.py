"""Measure what the cells of a lesson take: their running time, and memory."""

import re
import sys
import time
from pathlib import Path
from typing import Any

_HIGHEST = re.compile(r"^VmHWM:\s+(\d+) kB", re.MULTILINE)


class Stopwatch:
    """Counts the seconds that a notebook's cells have run since `restart`.

    IPython tells it when a cell begins and ends. Outside of a notebook there are no
    cells, and all time counts.
    """

    def __init__(self) -> None:
        self._finished, self._began = 0.0, time.perf_counter()

    def restart(self) -> None:
        """Count again from 0, beginning in the cell that calls this."""
        self._finished, self._began = 0.0, time.perf_counter()
        ipython = sys.modules.get("IPython")
        if shell := ipython and ipython.get_ipython():
            # IPython keeps a function once, however often it is registered.
            shell.events.register("pre_run_cell", self._begin)
            shell.events.register("post_run_cell", self._end)

    @property
    def seconds(self) -> float:
        """The seconds of the finished cells, and of the running one so far."""
        return self._finished + time.perf_counter() - self._began

    def _begin(self, info: Any) -> None:
        self._began = time.perf_counter()

    def _end(self, result: Any) -> None:
        self._finished = self.seconds


stopwatch = Stopwatch()


def peak_memory() -> int | None:
    """Return the most bytes that this process has held, or None on Windows.

    Linux hands `ru_maxrss` on to a program that a larger one starts: a small program
    that pytest starts would report pytest's peak. So `VmHWM` is read there.

    Example:
        >>> peak = peak_memory()
        >>> peak is None or peak > 1_000_000
        True
    """
    try:
        import resource
    except ModuleNotFoundError:
        return None
    status = Path("/proc/self/status")
    if status.exists() and (found := _HIGHEST.search(status.read_text())):
        return 1024 * int(found[1])
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else 1024 * peak
