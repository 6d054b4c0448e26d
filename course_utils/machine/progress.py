"""One progress bar: rich in a terminal, tqdm in a notebook, none in a pipe."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Timer

from course_utils.machine.runtime import in_notebook


@contextmanager
def progress_bar(
    total: int,
    description: str,
    *,
    show: bool = True,
    delay: float = 2.0,
    unit: str | None = None,
) -> Iterator[Callable[[int], None]]:
    """Yield `advance(n)`; the bar appears only once the work has taken `delay` seconds.

    Args:
        total: how many items there are.
        description: what is being done, such as "generating".
        show: False for no bar at all.
        delay: seconds before the bar appears. It vanishes when the work is done.
        unit: "B" where bytes are counted: the bar then shows how many a second.

    Example:
        >>> with progress_bar(3, "counting", show=False) as advance:
        ...     for number in range(3):
        ...         advance(1)
    """
    if show and in_notebook():
        from tqdm.auto import tqdm

        units = {"unit": unit, "unit_scale": True} if unit else {}
        with tqdm(
            total=total, desc=description, delay=delay, leave=False, **units
        ) as bar:
            yield bar.update
    elif show and sys.stderr.isatty():
        from rich.console import Console
        from rich.progress import Progress, TransferSpeedColumn

        # Results go to standard output, so progress goes beside it.
        columns = [*Progress.get_default_columns()]
        columns += [TransferSpeedColumn()] if unit == "B" else []
        bar = Progress(*columns, console=Console(stderr=True), transient=True)
        task = bar.add_task(description, total=total)
        timer = Timer(delay, bar.start)
        timer.daemon = True
        timer.start()
        try:
            yield lambda n: bar.advance(task, n)
        finally:
            timer.cancel()
            timer.join()
            bar.stop()
    else:
        yield lambda n: None
