"""Scores, feedback pages and the class report, from finished results.

What a student gets to see holds the hints and no input: inputs come from the secret
seed. All text of a student is escaped, and the pages load nothing and run no script.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from course_utils.checks.show import cut
from course_utils.grading import course_notebooks
from course_utils.grading.discover import Entry
from course_utils.grading.exports import write_export
from course_utils.grading.roster import NO_ROSTER, Roster
from course_utils.grading.scores import (
    NOTHING,
    Points,
    Results,
    Rules,
    Student,
    collect,
)
from course_utils.grading.similarity import alike
from course_utils.grading.statistics import height_of, item_statistics
from course_utils.grading.tables import write_csv
from course_utils.machine.files import write_text
from course_utils.machine.pages import render

Answers = Callable[[str], dict[str, str]]  # the code of each answer, by an entry's key

MOST_SHOWN = 30  # pairs of notebooks that are alike
LONGEST_CODE = 3000  # characters of an answer that are shown


def write_report(
    out: Path,
    entries: list[Entry],
    results: Results,
    persons: Points,
    rules: Rules | None = None,
    roster: Roster = NO_ROSTER,
    export: str = "",
    answers: Answers = lambda key: {},
    changes: Sequence[dict[str, Any]] = (),
) -> dict[str, Any]:
    """Write scores.csv, points.csv, report.html and feedback/; return the counts.

    Args:
        out: the folder for them.
        entries: what was handed in.
        results: returns a finished result by its key.
        persons: what persons have given.
        rules: deadlines, and which attempt counts.
        roster: who is who.
        export: a platform that files are written for, or "".
        answers: returns the code of each answer by an entry's key.
        changes: every override: student, question, points, who, at, why, comment.
    """
    students, look_at = collect(entries, results, persons, rules or Rules(), roster)
    _add_comments(students, changes)
    same = _same(entries, results)
    near = _near(entries, answers)
    ids = sorted({q for student in students for q in student.marks}, key=_order)
    waiting = [["student", "question", "out_of", "points"]]
    texts = []
    for student in students:
        text = render("class_feedback.html", student=student)
        write_text(out / "feedback" / student.page, text)
        for mark in student.marks.values():
            if mark.points is None:
                known = "" if mark.out_of is None else f"{mark.out_of:g}"
                waiting.append([student.name, mark.question, known, ""])
                texts.append((student.name, mark))
    _remove_pages(out / "feedback", {student.page for student in students})
    write_csv(out / "scores.csv", _scores(students, ids))
    write_csv(out / "points.csv", waiting)
    if export:
        write_export(out / "export", export, students, roster)
    counts = {
        "students": len(students),
        "submissions": len(entries),
        "graded": sum(entry.problem == "" for entry in entries),
        "look_at": len(look_at) + len(same) + len(near),
        "waiting": len(texts),
    }
    if roster.people:
        counts["nothing"] = sum(student.reason == NOTHING for student in students)
    page = render(
        "class_report.html",
        counts=counts,
        students=students,
        distribution=_distribution(students),
        exercises=item_statistics(students),
        picture_lines=[(value, height_of(value)) for value in (0, 0.2, 0.5, 1)],
        look_at=look_at,
        waiting=texts,
        alike=same,
        near=near[:MOST_SHOWN],
        changes=changes,
    )
    write_text(out / "report.html", page)
    return counts


def _add_comments(students: list[Student], changes: Sequence[dict[str, Any]]) -> None:
    """Give each mark what a person has last written to the student."""
    by_name = {student.name: student for student in students}
    for change in changes:
        student = by_name.get(change["student"])
        if student and change["question"] in student.marks:
            student.marks[change["question"]].comment = change.get("comment", "")


def _near(entries: list[Entry], answers: Answers) -> list[dict[str, Any]]:
    """Return pairs of notebooks that are alike: who, how much, and both codes."""
    whose: dict[str, set[str]] = defaultdict(set)
    by_exercise: dict[str, dict[str, dict[str, str]]] = defaultdict(dict)
    for entry in entries:
        if entry.key:
            whose[entry.key].add(entry.student)
            by_exercise[entry.exercise][entry.key] = answers(entry.key)
    whose["solution"] = {"the course's solution"}
    found = []
    for exercise, codes in sorted(by_exercise.items()):
        asked = {name for its in codes.values() for name in its}
        solution = course_notebooks.released_code(exercise, "solutions")
        codes["solution"] = {name: solution[name] for name in solution if name in asked}
        stub = "\n".join(course_notebooks.released_code(exercise).values())
        texts = {key: "\n\n".join(its.values()) for key, its in codes.items()}
        for pair in alike(texts, stub):
            names = whose[pair.first], whose[pair.second]
            if len(names[0] | names[1]) > 1:  # not two notebooks of one student
                both = codes[pair.first], codes[pair.second]
                found.append(_side_by_side(exercise, pair.score, names, both))
    return sorted(found, key=lambda pair: -pair["score"])


def _side_by_side(
    exercise: str,
    score: float,
    names: tuple[set[str], set[str]],
    codes: tuple[dict[str, str], dict[str, str]],
) -> dict[str, Any]:
    """Return what the report shows of two notebooks that are alike."""
    first, second = codes
    return {
        "exercise": exercise,
        "score": score,
        "names": [", ".join(sorted(its)) for its in names],
        "codes": [
            (name, cut(first[name], LONGEST_CODE), cut(second[name], LONGEST_CODE))
            for name in sorted(set(first) & set(second))
        ],
    }


def _scores(students: list[Student], ids: list[str]) -> list[list[str]]:
    """Return the lines of scores.csv, the head first."""
    names = sorted({name for student in students for name in student.exercises})
    late = [name for name in names if any(s.days_late.get(name) for s in students)]
    parts = ["section"] if any(student.section for student in students) else []
    heads = ["student", *parts, *ids, *(f"{name}_total" for name in names)]
    heads += [f"{name}_days_late" for name in late]
    rows = [[*heads, "total", "out_of", "reason", "page"]]
    for student in students:
        marks = [student.marks.get(question) for question in ids]
        points = [None if mark is None else mark.points for mark in marks]
        its = student.exercises
        totals = [student.points(name) if name in its else None for name in names]
        days = [student.days_late.get(name) for name in late]
        row = [student.name, *([student.section] if parts else [])]
        row += [_number(p) for p in [*points, *totals, *days]]
        row += [_number(student.total), _number(student.out_of)]
        rows.append([*row, student.reason, f"feedback/{student.page}"])
    return rows


def _number(value: float | None) -> str:
    return "" if value is None else f"{round(value, 4):g}"


def _remove_pages(folder: Path, keep: set[str]) -> None:
    """Remove the pages that earlier runs wrote for students who are gone."""
    for path in folder.glob("*.html"):
        if re.fullmatch(r".+-[0-9a-f]{8}\.html", path.name) and path.name not in keep:
            path.unlink()


def _order(question: str) -> tuple[str, int]:
    exercise, _, number = question.partition("_")
    return exercise, int(number)


def _distribution(students: list[Student]) -> list[tuple[str, int]]:
    """Return how many students have 0-9 %, ... 90-100 % of the points judged."""
    bins = Counter(
        min(9, int(10 * student.total / student.judged))
        for student in students
        if student.judged
    )
    names = [f"{10 * i} to {10 * i + 9} %" for i in range(9)] + ["90 to 100 %"]
    return [(name, bins[i]) for i, name in enumerate(names)]


def _same(entries: list[Entry], results: Results) -> list[list[str]]:
    """Return students whose notebooks are identical and earned something."""
    groups: dict[str, set[str]] = defaultdict(set)
    for entry in entries:
        if entry.key:
            groups[entry.key].add(entry.student)
    return [
        sorted(names)
        for key, names in sorted(groups.items())
        if len(names) > 1
        and any(
            row["points"] for row in (results(key) or {"questions": []})["questions"]
        )
    ]
