"""Grade a folder: submissions in, one result each, kept by the hash of what it is of.

`grade` is a pure function of a notebook's cells, its exercise, the seed and the limits.
Everything else here is the keeping: what is there is not done again.
"""

import hashlib
import json
import secrets
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from pathlib import Path
from typing import Any, Protocol

from course_utils.checks.contract import Question, Verdict
from course_utils.checks.judge import cut
from course_utils.checks.plain import pack
from course_utils.checks.run import make_inputs, questions, run_verify
from course_utils.errors import CourseError
from course_utils.files import read_text, room_to_write, write_text
from course_utils.grading.discover import Submission, find, shown
from course_utils.grading.judging import Judge, Unjudged, judge
from course_utils.grading.sandbox import Limits, Outcome, Sandbox
from course_utils.grading.walls import LIBRARY
from course_utils.grading.worker import JOB_BYTES

DEATHS = 2  # of its own: then a submission is left to a person
CRASHES = 3  # of the grader while it was under way: somebody's kill -9 is no crime
LONGEST = 2000  # characters kept of a hint or a detail

Result = dict[str, Any]
Tell = Callable[[int, int, float], None]  # done, of how many, seconds so far
Judging = Callable[[str, bytes, int], Verdict]  # question id, packed answer, seed


class Box(Protocol):
    """What runs a job: a Sandbox, or a cluster's way to one."""

    def run(self, job: bytes, limits: Limits) -> Outcome:
        """Run a job to its end."""


@dataclass(frozen=True)
class Entry:
    """One submission's place in the class: all but its cells."""

    student: str
    path: str
    exercise: str
    key: str
    problem: str


def grade(
    cells: Iterable[dict[str, Any]],
    exercise: str,
    seed: int,
    limits: Limits,
    box: Box,
    judging: Judging = judge,
) -> Result:
    """Grade one notebook.

    A step at which it dies is left out in a second run, so that an answer that ends
    the process costs its own points and no others. After the second death it stays.

    Args:
        cells: the notebook's cells, as `discover` reads them.
        exercise: such as "ex05".
        seed: secret, 128 bits. It does not enter the box.
        limits: what the notebook may use.
        box: where it runs.
        judging: what judges an answer that came out of the box.

    Returns:
        questions (id, title, points, out_of, hint, details), written answers (id,
        text), deaths (texts), and look_at (why a person should look).
    """
    start, cells = time.monotonic(), list(cells)
    asked = questions(exercise)
    inputs = {item.id: _inputs(item.id, seed) for item in asked}
    messages: dict[str, bytes] = {}
    deaths, skip = [], []
    while len(deaths) < DEATHS:
        job = {"exercise": exercise, "cells": cells, "inputs": inputs, "skip": skip}
        outcome = box.run(pack(job, JOB_BYTES), limits)
        for name, content in outcome.messages.items():
            messages.setdefault(name, content)
        if not outcome.death:
            break
        deaths.append(f"{outcome.death} (at {shown(outcome.step) or 'the start'})")
        skip += [outcome.step]
        skip += [f"probe {i.id}" for i in asked if f"answer {i.id}" in messages]
    look_at = [f"{death}." for death in deaths]
    if len(deaths) == DEATHS:
        look_at.append("it ended twice: what it sent before has its points.")
    rows = []
    for item in asked:
        try:
            verdict = _verdict(item, messages, seed, judging)
        except Unjudged as error:
            look_at.append(f"{item.id} is not judged: {shown(error)}.")
            verdict = Verdict(0, f"{item.label} is not judged. Ask your teacher.")
        rows.append(_row(item, verdict or _none(item, messages, deaths, limits)))
        if messages.get(f"forbidden {item.id}"):
            name = messages[f"forbidden {item.id}"].decode("ascii", "replace")
            look_at.append(f"{item.id} refers to {name}, which it may not: no points.")
    return {
        "exercise": exercise,
        "questions": rows,
        "written": _written(cells, {item.id for item in asked}),
        "deaths": deaths,
        "quarantined": len(deaths) >= DEATHS,
        "look_at": look_at,
        "seconds": round(time.monotonic() - start, 2),
    }


def _verdict(
    asked: Question, messages: dict[str, bytes], seed: int, judging: Judging
) -> Verdict | None:
    forbidden = messages.get(f"forbidden {asked.id}", b"").decode("ascii", "replace")
    if forbidden:
        # Written before any of the student's code ran.
        return run_verify(asked.id, {"failed": "not allowed", "error": forbidden}, seed)
    content = messages.get(f"answer {asked.id}")
    return None if content is None else judging(asked.id, content, seed)


def _none(
    asked: Question, messages: dict[str, bytes], deaths: list[str], limits: Limits
) -> Verdict:
    if f"late probe {asked.id}" in messages:
        seconds = f"{limits.cell_seconds:g} seconds"
        return Verdict(0, f"{asked.label} takes over {seconds}: does it ever end?")
    reason = ": the notebook's process was ended" if deaths else ""
    return Verdict(0, f"{asked.label} has no answer{reason}.")


def _row(asked: Question, verdict: Verdict) -> dict[str, Any]:
    return {
        "id": asked.id,
        "title": asked.title,
        "points": verdict.points,
        "out_of": asked.points,
        "hint": cut(shown(verdict.message), LONGEST),
        "details": cut(verdict.details, LONGEST),
    }


@lru_cache(maxsize=256)
def _inputs(question_id: str, seed: int) -> Any:
    return make_inputs(question_id, seed)


def _written(cells: list[dict[str, Any]], asked: set[str]) -> list[dict[str, str]]:
    """Return the answers in words, by question id."""
    from course_utils.checks.notebook import QUESTION_ID

    answers = {}
    for cell in cells:
        for mark in (cell["metadata"]["nbgrader"]["grade_id"], cell["id"]):
            is_answer = cell["cell_type"] == "markdown" and mark not in asked
            if is_answer and QUESTION_ID.fullmatch(mark):
                answers[mark] = cut(cell["source"], 10 * LONGEST)
    return [{"id": name, "text": text} for name, text in sorted(answers.items())]


class Store:
    """The grader's own folder: the seed, what waits, and the results."""

    def __init__(self, out: Path, resume: bool, seed_file: Path | None = None) -> None:
        text = read_text(seed_file) if seed_file else secrets.token_hex()
        given = int(hashlib.sha256(text.strip().encode()).hexdigest()[:32], 16)
        self.folder = out / ".grading"
        if self.folder.exists() and not resume:
            raise CourseError(
                f"{out} holds grades: add --resume to go on, or give another folder."
            )
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        seed = self.folder / "seed"
        if not seed.exists():
            write_text(seed, str(given))
        try:
            self.seed = int(seed.read_text())
        except (OSError, ValueError) as error:
            raise CourseError(f"cannot read {seed}: give another folder.") from error
        if seed_file and self.seed != given:
            raise CourseError(
                f"{out} has grades of another seed: leave out {seed_file}."
            )

    def result(self, key: str) -> Result | None:
        """Return a finished result, or None."""
        try:
            return json.loads((self.folder / "results" / f"{key}.json").read_text())
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:
            place = self.folder / "results" / f"{key}.json"
            raise CourseError(f"cannot read {place}: delete it.") from error

    def add(self, submission: Submission) -> Entry:
        """Keep what is needed to grade a submission later, unless it is graded."""
        entry = Entry(
            submission.student,
            submission.path,
            submission.exercise,
            f"{submission.key}-{_checks_hash(submission.exercise)}"
            if submission.exercise
            else "",
            submission.problem,
        )
        if entry.key and self.result(entry.key) is None:
            text = json.dumps(submission.cells)
            write_text(self.folder / "waiting" / f"{entry.key}.json", text)
        return entry

    def grade(
        self, entry: Entry, limits: Limits, box: Box, judging: Judging = judge
    ) -> None:
        """Grade one entry and keep its result; a crash on the way is counted."""
        waiting = self.folder / "waiting" / f"{entry.key}.json"
        begun = self.folder / "waiting" / f"{entry.key}.begun"
        times = len(begun.read_text()) if begun.exists() else 0
        if times >= CRASHES:
            result = self._crashed(entry)
        else:
            write_text(begun, "x" * (times + 1))
            cells = json.loads(waiting.read_text())
            result = grade(cells, entry.exercise, self.seed, limits, box, judging)
        text = json.dumps(result, indent=1)
        write_text(self.folder / "results" / f"{entry.key}.json", text)
        for path in (waiting, begun):
            path.unlink(missing_ok=True)

    def forget_begun(self) -> None:
        """Count what is under way as not begun."""
        for path in (self.folder / "waiting").glob("*.begun"):
            path.unlink()

    def _crashed(self, entry: Entry) -> Result:
        asked = questions(entry.exercise)
        rows = [_row(item, _none(item, {}, ["crash"], Limits())) for item in asked]
        reason = f"the grader itself ended {CRASHES} times at it: grade it by hand."
        return {
            "exercise": entry.exercise,
            "questions": rows,
            "written": [],
            "deaths": [reason],
            "quarantined": True,
            "look_at": [reason],
            "seconds": 0.0,
        }


@lru_cache(maxsize=64)
def _checks_hash(exercise: str) -> str:
    """Return a hash of an exercise's checks: other checks, other results."""
    digest = hashlib.sha256()
    for path in sorted((LIBRARY / "checks" / exercise).glob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:8]


def grade_folder(
    folder: Path,
    out: Path,
    *,
    workers: int = 2,
    limits: Limits | None = None,
    resume: bool = False,
    trust: bool = False,
    points: Path | None = None,
    seed_file: Path | None = None,
    tell: Tell = lambda done, total, seconds: None,
) -> dict[str, Any]:
    """Grade all submissions in a folder; write scores, feedback and a report.

    Args:
        folder: notebooks, nbgrader's submitted/ layout, or zips of either.
        out: folder for scores.csv, report.html and feedback/.
        workers: how many submissions run at once.
        limits: what one of them may use.
        resume: go on where an earlier run in `out` ended.
        trust: without a sandbox.
        points: a person's points, in the form of `out`/points.csv.
        seed_file: a secret text that the inputs are made from; None: a random one.
        tell: is told of progress.

    Returns:
        The counts that the report begins with.

    Raises:
        CourseError: nothing to grade, no sandbox, a full disk, unreadable points.
    """
    from course_utils.grading.report import read_points, write_report

    limits = limits or Limits()
    with room_to_write(_existing(out)):
        submissions = find(folder)
        first = next(submissions, None)
        if first is None:
            raise CourseError(f"no notebook in {folder}. Give the students' folder.")
        store = Store(out, resume, seed_file)
        entries = [store.add(submission) for submission in chain([first], submissions)]
        todo = {e.key: e for e in entries if e.key and store.result(e.key) is None}
        if todo:
            _grade_all(store, list(todo.values()), workers, limits, trust, tell)
        persons = read_points(points, store.folder, entries, store.result)
        return write_report(out, entries, store.result, persons)


def _grade_all(
    store: Store,
    todo: list[Entry],
    workers: int,
    limits: Limits,
    trust: bool,
    tell: Tell,
) -> None:
    from joblib import Parallel, delayed

    from course_utils.data.sources import write_local_data
    from course_utils.profile import local_data

    exercises = sorted({entry.exercise for entry in todo})
    modules = tuple(f"course_utils.checks.{name}.probe" for name in exercises)
    write_local_data(local_data())
    start = time.monotonic()
    tell(0, len(todo), 0.0)
    home = local_data().parent
    with Judge() as judging, Sandbox(modules, home=home, trust=trust) as box:
        run = Parallel(workers, backend="threading", return_as="generator_unordered")
        done = run(delayed(store.grade)(entry, limits, box, judging) for entry in todo)
        try:
            for number, _ in enumerate(done, start=1):
                tell(number, len(todo), time.monotonic() - start)
        except KeyboardInterrupt:  # a person's wish, and no submission's fault
            store.forget_begun()
            raise


def _existing(path: Path) -> Path:
    path = path.absolute()
    return path if path.exists() else _existing(path.parent)
