"""`course bench`: the course's way against the usual way, in the same run."""

import re
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from importlib import import_module
from pathlib import Path
from threading import Event, Thread
from typing import Annotated, Any

import typer

from course_utils.commands.output import AsJson, print_json, say
from course_utils.machine import runtime
from course_utils.machine.errors import CourseError
from course_utils.machine.places import course_root

# Each is a module in benchmarks/ with a function `cases() -> list[Case]`.
CASES = ("preparation", "training", "generation", "startup")


@dataclass(frozen=True)
class Case:
    """One piece of work, done in several ways.

    Attributes:
        name: what is done.
        unit: what is counted, such as "tokens".
        work: units that one call does.
        course: the course's way.
        usual: name -> another way to the same result.
        same: name -> the complaint if that way's result differs from the course's. A
            name that is missing here may have another result.
    """

    name: str
    unit: str
    work: float
    course: Callable[[], object]
    usual: Mapping[str, Callable[[], object]]
    same: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Result:
    """How the course's way compares with one usual way.

    Attributes:
        case: what was done.
        against: the usual way.
        ratio: how many times as fast as the usual way; the median over the rounds.
        low: the smallest ratio of a round.
        high: the largest ratio of a round.
        cpu_ratio: the median ratio of processor time instead of wall-clock time; other
            programs on the machine disturb it less.
        rate: the course's units per second; the median over the rounds.
        usual_rate: the same for the usual way.
        megabytes: the most memory that the course's way took beyond what the process
            held before, the median, and what the processes held that it started. None
            where the system does not tell (not Linux).
        usual_megabytes: the same for the usual way.
        unit: what is counted.
        rounds: how often both were timed.
    """

    case: str
    against: str
    ratio: float
    low: float
    high: float
    cpu_ratio: float
    rate: float
    usual_rate: float
    megabytes: float | None
    usual_megabytes: float | None
    unit: str
    rounds: int

    def as_dict(self) -> dict[str, str | float | int | None]:
        """Return the fields as JSON values."""
        return asdict(self)


def compare_cases(
    cases: Iterable[str] = CASES,
    rounds: int = 5,
    say: Callable[[str], None] = lambda line: None,
    texts: Sequence[str] = (),
) -> list[Result]:
    """Time the named cases, one after another.

    Args:
        cases: names out of CASES.
        rounds: how often each way is timed.
        say: called with a line as each case begins.
        texts: more texts for the case preparation.

    Raises:
        CourseError: an unknown case, or no course here.
    """
    cases = list(cases)
    for name in cases:
        if name not in CASES:
            known = ", ".join(CASES)
            raise CourseError(
                f"unknown case {name!r}: choose from {known}; or summaries or "
                "large_text, alone."
            )
    _make_ready()
    results = []
    for name in cases:
        more = {"texts": texts} if name == "preparation" else {}
        for case in import_module(f"benchmarks.{name}").cases(**more):
            say(f"{case.name}: {rounds} rounds")
            results += compare_ways(case, rounds)
    return results


def bench_summaries(
    out: str | Path, say: Callable[[str], None] = lambda line: None
) -> list[dict[str, Any]]:
    """Compare four summarisers on all splits over 3 seeds; see benchmarks/summaries.py.

    Writes summaries.md, summaries.json and summaries.png to `out`.

    Raises:
        CourseError: no course here.
    """
    _make_ready()
    return import_module("benchmarks.summaries").write_report(Path(out), say)


def bench_large_text(say: Callable[[str], None] = lambda line: None) -> list[dict]:
    """Measure what `course prepare` takes as text grows; see benchmarks/large_text.py.

    It takes about ten minutes of a processor, and 8 GB of disk for a while.

    Raises:
        CourseError: no course here, or the preparation failed.
    """
    _make_ready()
    return import_module("benchmarks.large_text").growth(say=say)


def _make_ready() -> None:
    root = course_root()
    if str(root) not in sys.path:
        sys.path.insert(0, str(root))
    runtime.quiet_libraries()
    runtime.set_threads()
    runtime.keep_freed_memory()


def compare_ways(case: Case, rounds: int = 5) -> list[Result]:
    """Time all ways of a case in turn, `rounds` times, after one untimed round.

    The ways take turns, so that whatever slows the machine for a while slows all of
    them alike; every second round runs them in reverse order. Each ratio compares two
    times of the same round.

    Raises:
        CourseError: the result of a way differs from the course's, where it must not.
    """
    from statistics import median

    ways = {"course": case.course, **case.usual}
    outcomes, started = {}, {}
    for name, way in ways.items():
        with _watched_children() as peak:
            outcomes[name] = way()
        started[name] = peak()
    for name, complaint in case.same.items():
        if outcomes[name] != outcomes["course"]:
            raise CourseError(f"{case.name}, against {name}: {complaint}.")
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    cpu: dict[str, list[float]] = {name: [] for name in ways}
    memory: dict[str, list[float]] = {name: [] for name in ways}
    for number in range(rounds):
        for name in list(ways)[:: -1 if number % 2 else 1]:
            held = _forget_peak()
            start, cpu_start = time.perf_counter(), _cpu_seconds()
            ways[name]()
            seconds[name].append(time.perf_counter() - start)
            cpu[name].append(_cpu_seconds() - cpu_start)
            if held is not None:
                memory[name].append(_held("VmHWM") - held + started[name])
    own = seconds["course"]
    results = []
    for name in case.usual:
        ratios = [
            usual / course for usual, course in zip(seconds[name], own, strict=True)
        ]
        # The system counts a process's time in hundredths of a second.
        cpu_ratios = [
            max(usual, 0.01) / max(course, 0.01)
            for usual, course in zip(cpu[name], cpu["course"], strict=True)
        ]
        results.append(
            Result(
                case=case.name,
                against=name,
                ratio=median(ratios),
                low=min(ratios),
                high=max(ratios),
                cpu_ratio=median(cpu_ratios),
                rate=case.work / median(own),
                usual_rate=case.work / median(seconds[name]),
                megabytes=median(memory["course"]) if memory["course"] else None,
                usual_megabytes=median(memory[name]) if memory[name] else None,
                unit=case.unit,
                rounds=rounds,
            )
        )
    return results


def _cpu_seconds() -> float:
    """Return the processors' time of this process and of all that it has started."""
    import psutil

    own = psutil.Process()
    total = 0.0
    # Each counts the children that it has waited for; the others are asked themselves.
    for process in [own, *own.children(recursive=True)]:
        with suppress(psutil.Error):  # it has just ended
            total += sum(process.cpu_times()[:4])
    return total


@contextmanager
def _watched_children() -> Iterator[Callable[[], float]]:
    """Watch the memory of processes that the block starts; yield what tells its peak.

    That is their proportional set size together, in megabytes: a page that processes
    share counts once. To look takes time, so no block that is timed is watched.
    """
    import psutil

    own, peak, is_over = psutil.Process(), 0, Event()
    before = {child.pid for child in own.children(recursive=True)}

    def look() -> None:
        nonlocal peak
        while not is_over.wait(0.02):
            held = 0
            for child in own.children(recursive=True):
                # It may have ended; and not every system tells this.
                with suppress(psutil.Error, AttributeError):
                    if child.pid not in before:
                        held += child.memory_full_info().pss
            peak = max(peak, held)

    watcher = Thread(target=look, daemon=True)
    watcher.start()
    try:
        yield lambda: peak / 1e6
    finally:
        is_over.set()
        watcher.join()


def _forget_peak() -> float | None:
    """Let the system count this process's peak memory anew; return what it holds now.

    What was freed is given back first, so that no way profits from those before it.

    Returns:
        Megabytes, or None where the system does not tell.
    """
    runtime.give_back_memory()
    try:
        Path("/proc/self/clear_refs").write_text("5")
        return _held("VmRSS")
    except OSError:
        return None


def _held(name: str) -> float:
    """Return a figure of this process's memory, in megabytes: VmRSS, VmHWM its peak."""
    status = Path("/proc/self/status").read_text()
    found = re.search(rf"^{name}:\s+(\d+)", status, re.MULTILINE)
    if found is None:
        raise OSError(f"the system does not tell {name}")
    return int(found[1]) * 1024 / 1e6


def bench(
    cases: Annotated[
        list[str] | None,
        typer.Argument(
            help="preparation training generation startup; or summaries; or large_text."
        ),
    ] = None,
    rounds: Annotated[int, typer.Option(min=1, help="How often each is timed.")] = 5,
    text: Annotated[
        list[str] | None,
        typer.Option(help="For preparation: one more text file, or a folder of them."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Measure the course's ways against the usual ones, in the same run."""
    if cases == ["summaries"]:
        rows = bench_summaries("build", say=say)
        if as_json:
            print_json({"results": rows})
        else:
            print(Path("build/summaries.md").read_text(encoding="utf-8"))
        return
    if cases == ["large_text"]:
        rows = bench_large_text(say=say)
        if as_json:
            print_json({"results": rows})
        else:
            _show_growth(rows)
        return
    results = compare_cases(cases or CASES, rounds, say=say, texts=text or ())
    if as_json:
        print_json({"results": [result.as_dict() for result in results]})
    else:
        _show_bench(results)


def _show_bench(results: list[Result]) -> None:
    from rich import box
    from rich.table import Table

    heads = ("times as fast", "spread", "by CPU time", "case", "against", "course")
    table = Table(*heads, "usual", "unit", "MB", "usual MB", box=box.SIMPLE)
    for r in results:
        table.add_row(
            f"{r.ratio:.2f}",
            f"{r.low:.2f} to {r.high:.2f}",
            f"{r.cpu_ratio:.2f}",
            r.case,
            r.against,
            f"{r.rate:,.4g}",
            f"{r.usual_rate:,.4g}",
            f"{r.unit}/s",
            *(
                "" if m is None else f"{m:,.0f}"
                for m in (r.megabytes, r.usual_megabytes)
            ),
        )
    _print_table(table)


def _show_growth(rows: list[dict[str, Any]]) -> None:
    from rich import box
    from rich.table import Table

    table = Table("times the text", "memory", "CPU time", box=box.SIMPLE)
    names = [
        "megabytes",
        "documents",
        "cpu_seconds",
        "peak_mb",
        "tokens",
        "recall",
        "precision",
    ]
    for name in names:
        table.add_column(name.replace("_", " "))
    for row in rows:
        times = (f"{row[name]:.2f}" for name in ("text", "memory", "cpu"))
        table.add_row(*times, *(f"{row[n]:,}" if n in row else "" for n in names))
    _print_table(table)


def _print_table(table: Any) -> None:
    from rich.console import Console

    # A file has no width: do not break the table there.
    width = None if sys.stdout.isatty() else 160
    Console(highlight=False, width=width).print(table)
