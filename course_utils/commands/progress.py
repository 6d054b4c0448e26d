"""`course progress`: what is done, and what is next."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from course_utils.commands.lab import FOLDER
from course_utils.commands.output import AsJson, print_json


def progress(
    folder: Annotated[
        Path | None, typer.Argument(help="Where your exercise notebooks are.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show the points of each exercise that you have checked, and what is next."""
    report = progress_report(folder)
    if as_json:
        print_json(report)
        return
    for row in report["exercises"]:
        state = f"next: {row['next']}" if row["next"] else "done"
        words = f"  (+ {row['in_words']} in words)" if row["in_words"] else ""
        print(
            f"{row['exercise']}  {row['points']:>3} of {row['out_of']}  {state}{words}"
        )
    words = f" (+ {report['in_words']} in words)" if report["in_words"] else ""
    print(f"\n{report['points']} of {report['out_of']} points{words}. {report['next']}")


def progress_report(folder: Path | None) -> dict[str, Any]:
    """Return points by exercise, their sum, and what is next.

    Args:
        folder: where the notebooks are, or the course's folder above them. None: the
            working folder, or what `course lab` has put into it.

    Raises:
        CourseError: there is no such folder.
    """
    from course_utils.checks import progress as kept
    from course_utils.checks.run_question import exercises, questions
    from course_utils.machine.errors import CourseError

    if folder is not None and not folder.is_dir():
        raise CourseError(f"{folder} is no folder: give that of your notebooks.")
    points: dict[str, int] = {}
    tops = [folder] if folder else [Path(), Path(FOLDER)]
    places = [place for top in tops for place in (top, top / "exercises")]
    for place in places:
        points |= kept.earned_before(place)
    rows = []
    for exercise in exercises():
        asked = questions(exercise)
        first = kept.next_question(asked, points)
        rows.append(
            {
                "exercise": exercise,
                "points": sum(points.get(item.id, 0) for item in asked),
                "out_of": sum(item.points for item in asked),
                "next": f"{first.label}, {first.title}" if first else "",
                "in_words": in_words(places, exercise),
            }
        )
    left = [row["next"] for row in rows if row["next"]]
    return {
        "exercises": rows,
        "points": sum(row["points"] for row in rows),
        "out_of": sum(row["out_of"] for row in rows),
        "in_words": sum(row["in_words"] for row in rows),
        "next": f"Next: {left[0]}." if left else "All of them are done.",
    }


def in_words(places: Sequence[Path], exercise: str) -> int:
    """Return the points that a person gives in an exercise; 0 where it is not there."""
    from course_utils.checks.notebook import written_questions

    for path in (x for top in places for x in sorted(top.glob(f"{exercise}*.ipynb"))):
        return sum(row["out_of"] for row in written_questions(path))
    return 0
