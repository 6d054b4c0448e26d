"""Time limits that hold on a slow machine too.

A limit is stated for a core that adds up a million numbers in 0.05 seconds. A core that
needs longer for them, by itself or because of its neighbours, gets as many times longer
for the rest.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager


def pace() -> float:
    """Return how many times slower than that core this one is now, at least 1."""
    return max(1.0, min(_additions() for _ in range(3)) / 0.05)


@contextmanager
def at_most(seconds: float) -> Iterator[None]:
    """Fail if what happens inside takes this process more than `seconds` of the CPU."""
    before = pace()
    start = time.process_time()
    yield
    taken = time.process_time() - start
    limit = seconds * max(before, pace())
    assert taken < limit, f"took {taken:.2f} s, which may be {limit:.2f}"


def _additions() -> float:
    start = time.process_time()
    total = 0
    for number in range(1_000_000):
        total += number
    return time.process_time() - start
