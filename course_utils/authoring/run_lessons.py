"""Run the lessons in order: a page each, an index, and report.json."""

import contextlib
import json
import os
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from course_utils.authoring.execute import execute_all
from course_utils.authoring.lesson_pages import index_page, lesson_page, title_of
from course_utils.authoring.outputs import headline_pictures
from course_utils.authoring.run_report import complete, empty_report, fill
from course_utils.machine.errors import CourseError
from course_utils.machine.files import write_text
from course_utils.machine.places import course_root

FIRST_LABORATORY = "11"  # a lesson with this number or a higher one is a laboratory
Kind = Literal["lesson_started", "cell", "lesson_done", "lesson_failed"]


@dataclass(frozen=True)
class Event:
    """Something to show while a run goes on.

    Attributes:
        kind: what happened.
        lesson: the lesson's name, such as "05_train".
        position: this lesson, counted from 1, of `lessons`.
        lessons: how many lessons the run has.
        cell: the code cell that starts, counted from 1, of `cells`.
        cells: how many code cells the lesson has.
        seconds: what the lesson took, once it is done.
        error: one line, if it failed.
    """

    kind: Kind
    lesson: str
    position: int
    lessons: int
    cell: int = 0
    cells: int = 0
    seconds: float = 0.0
    error: str | None = None


def run_lessons(
    profile: str | None = None,
    lessons: list[str] | None = None,
    out: str | Path = "build",
    strict: bool = False,
    no_cache: bool = False,
    on_event: Callable[[Event], None] = lambda event: None,
    *,
    root: str | Path | None = None,
    timeout_per_cell: float | None = None,
) -> dict[str, Any]:
    """Execute the lessons in order and return the report that report.json holds.

    `out` gets a page for each lesson, index.html and report.json, which are written
    again after every lesson. Models and tracked runs are stored there too. A lesson
    that fails stops the run, and the report then has an "error".

    Args:
        profile: "tiny", "colab", "full" or None: see `get_profile`.
        lessons: numbers such as ["01", "05"]; None for all but the laboratories.
        out: the folder of the results.
        strict: never fall back to the tiny profile.
        no_cache: prepare all data afresh, in a temporary folder.
        on_event: called as lessons and cells start and end.
        root: the course's checkout; by default, the one around this folder.
        timeout_per_cell: seconds; by default 1800 in tiny, and none elsewhere.

    Raises:
        CourseError: there is no such lesson, or the profile cannot be used here.
    """
    from huggingface_hub.utils import disable_progress_bars

    from course_utils.lesson.profile import get_profile
    from course_utils.lesson.start_lesson import with_data
    from course_utils.machine import runtime

    paths = lesson_paths(Path(root) if root else course_root(), lessons)
    chosen = get_profile(profile, strict=strict)
    if chosen.name != "tiny":
        runtime.quiet_libraries()
        disable_progress_bars()  # they would fight with the caller's own
        chosen = with_data(chosen, strict=strict)
    out = Path(out)
    if out.is_file():
        raise CourseError(f"{out} is a file: give a folder with --out.")
    report = empty_report(chosen.name)
    report["sources"] = dict(chosen.sources)
    done: list[dict[str, Any]] = []

    def tell(kind: Kind, path: Path, **details: Any) -> None:
        on_event(Event(kind, path.stem, len(done) + 1, len(paths), **details))

    if timeout_per_cell is None and chosen.name == "tiny":
        timeout_per_cell = 1800
    with contextlib.ExitStack() as stack:
        if no_cache:
            stack.enter_context(_fresh_caches())
        executed = execute_all(
            paths,
            profile=chosen.name,
            timeout_per_cell=timeout_per_cell,
            folder=out,
            on_start=lambda path, cells: tell("lesson_started", path, cells=cells),
            on_cell=lambda path, n, cells: tell("cell", path, cell=n, cells=cells),
        )
        report |= {"hardware": runtime.hardware(), "versions": runtime.versions()}
        stack.enter_context(contextlib.closing(executed))
        for lesson in executed:
            page = _page(lesson.notebook, paths, len(done))
            write_text(out / f"{lesson.path.stem}.html", page)
            entry = {
                "name": lesson.path.stem,
                "title": title_of(lesson.notebook),
                "seconds": round(lesson.seconds, 1),
                "error": lesson.error or _fill(report, lesson.results),
                "pictures": headline_pictures(lesson.notebook),
            }
            kind: Kind = "lesson_failed" if entry["error"] else "lesson_done"
            tell(kind, lesson.path, seconds=lesson.seconds, error=entry["error"])
            done.append(entry)
            report["seconds"][lesson.path.stem[:2]] = entry["seconds"]
            if entry["error"]:
                report["error"] = entry["error"]
            complete(report)
            _write(out, done, report)
            if entry["error"]:
                break
    return report


def lesson_paths(root: Path, numbers: list[str] | None = None) -> list[Path]:
    """Return the lessons' notebooks, in order: those with these numbers, or all.

    A laboratory is among them only if it is named.

    Raises:
        CourseError: there is no such lesson.
    """
    paths = {path.stem[:2]: path for path in sorted(root.glob("notebooks/*.ipynb"))}
    if not paths:
        raise CourseError(f"no lessons in {root / 'notebooks'}: run `course build`.")
    if numbers is None:
        return [path for number, path in paths.items() if number < FIRST_LABORATORY]
    wanted = {number.strip().zfill(2) for number in numbers if number.strip()}
    missing = sorted(wanted - paths.keys())
    if missing or not wanted:
        known = ", ".join(paths)
        raise CourseError(f"no lesson {', '.join(missing)}: choose from {known}.")
    return [path for number, path in paths.items() if number in wanted]


@contextlib.contextmanager
def _fresh_caches() -> Iterator[None]:
    """Prepare data in a temporary folder within the block; keep the downloads."""
    before = dict(os.environ)
    with tempfile.TemporaryDirectory() as folder:
        os.environ["COURSE_HOME"] = folder
        os.environ["HF_DATASETS_CACHE"] = f"{folder}/datasets"
        try:
            yield
        finally:
            os.environ.clear()
            os.environ.update(before)


def _fill(report: dict[str, Any], results: list[tuple[str, Any]]) -> str | None:
    try:
        for name, value in results:
            fill(report, name, value)
    except CourseError as error:
        return str(error)
    return None


def _page(notebook: Any, paths: list[Path], index: int) -> str:
    names = [None, *(path.stem for path in paths), None]
    return lesson_page(notebook, before=names[index], after=names[index + 2])


def _write(out: Path, done: list[dict[str, Any]], report: dict[str, Any]) -> None:
    text = json.dumps(report, indent=2, ensure_ascii=False, allow_nan=False)
    write_text(out / "report.json", text + "\n")
    write_text(out / "index.html", index_page(done, report))
