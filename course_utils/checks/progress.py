"""Points that outlive a kernel: one small file beside the notebooks, and no account."""

import json
from contextlib import suppress
from pathlib import Path

from course_utils.checks.contract import Question
from course_utils.machine.errors import CourseError
from course_utils.machine.files import write_text
from course_utils.machine.runtime import save_folder


def progress_file(folder: str | Path = ".") -> Path:
    """Return where the points of the notebooks in `folder` are kept.

    It stands with what else a student wants to keep: COURSE_RUNS, a mounted Google
    Drive on Colab, or the folder runs/ beside the notebooks.
    """
    return Path(folder) / save_folder() / "progress.json"


def earned_before(folder: str | Path = ".") -> dict[str, int]:
    """Return the points of each question that was checked, by id; {} if none was.

    A file that is damaged counts as none: points can be earned again by checking.
    """
    try:
        kept = json.loads(progress_file(folder).read_text(encoding="utf-8"))
        return {str(name): int(points) for name, points in kept.items()}
    except (OSError, ValueError, TypeError, AttributeError):
        return {}


def keep(points: dict[str, int], folder: str | Path = ".") -> dict[str, int]:
    """Add the points of questions to those kept, newest last; return all of them.

    Where nothing can be written, the points count for this kernel alone.
    """
    every = earned_before(folder) | points
    with suppress(CourseError):
        write_text(progress_file(folder), json.dumps(every, indent=1, sort_keys=True))
    return every


def next_question(questions: list[Question], points: dict[str, int]) -> Question | None:
    """Return the first question without all its points, or None."""
    for item in questions:
        if points.get(item.id, 0) < item.points:
            return item
    return None
