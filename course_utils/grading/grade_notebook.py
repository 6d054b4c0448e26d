"""Grade one notebook. The result depends on its cells, exercise, seed and limits."""

import time
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any, Protocol

from course_utils.checks.contract import Question, Verdict
from course_utils.checks.plain_data import to_bytes
from course_utils.checks.read_notebook import QUESTION_ID
from course_utils.checks.run_question import (
    make_inputs,
    questions,
    run_judge,
    with_cell_error,
)
from course_utils.checks.show import cut
from course_utils.grading import course_notebooks
from course_utils.grading.judge_process import Unjudged, judge_answer
from course_utils.grading.names import shown
from course_utils.grading.sandbox import Outcome, SubmissionLimits
from course_utils.grading.worker import JOB_BYTES

# A notebook is left to a person after so many deaths: of its own process, or of the
# grader while it graded this notebook alone.
DEATHS = 2
LONGEST = 2000  # characters kept of a hint or a detail
MOST_WRITTEN = 10  # answers in words that are kept of one notebook

Result = dict[str, Any]
AnswerJudge = Callable[[str, bytes, int], Verdict]  # question id, packed answer, seed


class Box(Protocol):
    """Whatever can run a job: a Sandbox, or a way to one on another machine."""

    def run(self, job: bytes, limits: SubmissionLimits) -> Outcome:
        """Run a job to its end."""


def grade_notebook(
    cells: Iterable[dict[str, Any]],
    exercise: str,
    seed: int,
    limits: SubmissionLimits,
    box: Box,
    judge: AnswerJudge = judge_answer,
) -> Result:
    """Grade one notebook.

    If the notebook's process dies, the step at which it died is left out in a second
    run, so that such an answer costs its own points and no others. After a second death
    the points that were earned until then count.

    Args:
        cells: the notebook's cells, as `discover` reads them.
        exercise: such as "ex05".
        seed: a secret number of 128 bits, which never enters the box.
        limits: what the notebook may use.
        box: where it runs.
        judge: the function that judges an answer from the box.

    Returns:
        questions (id, title, points, out_of, hint, details), written answers (id,
        text), deaths (texts), and look_at (why a person should look).
    """
    start, cells = time.monotonic(), list(cells)
    asked = questions(exercise)
    inputs = {item.id: _inputs(item.id, seed) for item in asked}
    messages: dict[str, bytes] = {}
    deaths: list[str] = []
    skip: list[str] = []
    forged: set[str] = set()  # answers that the notebook itself has sent
    twice: set[str] = set()  # steps that the notebook itself has begun
    while len(deaths) < DEATHS:
        job = {"exercise": exercise, "cells": cells, "inputs": inputs, "skip": skip}
        outcome = box.run(to_bytes(job, JOB_BYTES), limits)
        for name, content in outcome.messages.items():
            messages.setdefault(name, content)
        forged |= outcome.forged
        twice |= outcome.twice
        if not outcome.death:
            break
        deaths.append(f"{outcome.death} (at {shown(outcome.step) or 'the start'})")
        skip += [outcome.step]
        skip += [f"probe {i.id}" for i in asked if f"answer {i.id}" in messages]
    look_at = [f"{death}." for death in deaths]
    if len(deaths) == DEATHS:
        look_at.append("it ended twice: what it sent before has its points.")
    hiding = messages.get("hiding", b"").decode("ascii", "replace").split()
    if hiding and any(item.forbidden for item in asked):
        names = shown(", ".join(hiding))
        look_at.append(
            f"it uses {names}: a forbidden call, or an answer, may hide there."
        )
    rows = []
    for item in asked:
        if f"answer {item.id}" in forged:
            look_at.append(f"{item.id}: an answer of its own making is not counted.")
        if f"probe {item.id}" in twice:
            messages.pop(f"answer {item.id}", None)
            look_at.append(f"{item.id}: it has forged its check: no points.")
        try:
            verdict = _verdict(item, messages, seed, judge)
        except Unjudged as error:
            look_at.append(f"{item.id} is not judged: {shown(error)}.")
            verdict = Verdict(False, f"{item.label} is not judged. Ask your teacher.")
        if verdict is None:
            verdict = _none(item, messages, deaths, limits)
        else:
            stopped = messages.get(f"stopped {item.id}", b"").decode("ascii", "replace")
            own, _, above = stopped.partition(" ")
            verdict = with_cell_error(verdict, own, above)
        rows.append(_row(item, verdict))
        if messages.get(f"forbidden {item.id}"):
            name = messages[f"forbidden {item.id}"].decode("ascii", "replace")
            look_at.append(f"{item.id} refers to {name}, which it may not: no points.")
    return {
        "exercise": exercise,
        "questions": rows,
        "written": _written(cells, exercise, {item.id for item in asked}),
        "deaths": deaths,
        "quarantined": len(deaths) >= DEATHS,
        "look_at": look_at,
        "seconds": round(time.monotonic() - start, 2),
    }


def _verdict(
    asked: Question, messages: dict[str, bytes], seed: int, judge: AnswerJudge
) -> Verdict | None:
    forbidden = messages.get(f"forbidden {asked.id}", b"").decode("ascii", "replace")
    if forbidden:
        # Written before any of the student's code ran.
        return run_judge(asked.id, {"failed": "not allowed", "error": forbidden}, seed)
    content = messages.get(f"answer {asked.id}")
    return None if content is None else judge(asked.id, content, seed)


def _none(
    asked: Question,
    messages: dict[str, bytes],
    deaths: list[str],
    limits: SubmissionLimits,
) -> Verdict:
    if f"late probe {asked.id}" in messages:
        seconds = f"{limits.cell_seconds:g} seconds"
        return Verdict(False, f"{asked.label} takes over {seconds}: does it ever end?")
    reason = ": the notebook's process was ended" if deaths else ""
    return Verdict(False, f"{asked.label} has no answer{reason}.")


def _row(asked: Question, verdict: Verdict) -> dict[str, Any]:
    return {
        "id": asked.id,
        "title": asked.title,
        "points": asked.earned(verdict),
        "out_of": asked.points,
        "hint": cut(shown(verdict.message), LONGEST),
        "details": cut(verdict.details, LONGEST),
    }


@lru_cache(maxsize=256)
def _inputs(question_id: str, seed: int) -> Any:
    return make_inputs(question_id, seed)


def _written(
    cells: list[dict[str, Any]], exercise: str, asked: set[str]
) -> list[dict[str, str]]:
    """Return the answers in words by question id, leaving out cells that were added."""
    answers, known = {}, course_notebooks.written_points()
    for cell in cells:
        for mark in (cell["metadata"]["nbgrader"]["grade_id"], cell["id"]):
            is_answer = cell["cell_type"] == "markdown" and mark not in asked
            # Without the course's notebooks nobody can say what is declared.
            found = QUESTION_ID.fullmatch(mark)
            declared = mark in known if known else found and found[1] == exercise
            if is_answer and declared:
                answers[mark] = cut(cell["source"], 10 * LONGEST)
    kept = sorted(answers.items())[:MOST_WRITTEN]
    return [{"id": name, "text": text} for name, text in kept]


def no_result(exercise: str, reason: str) -> Result:
    """Return the result of a notebook that is left to a person, for this reason."""
    rows = [
        _row(i, _none(i, {}, [reason], SubmissionLimits())) for i in questions(exercise)
    ]
    return {
        "exercise": exercise,
        "questions": rows,
        "written": [],
        "deaths": [reason],
        "quarantined": True,
        "look_at": [reason],
        "seconds": 0.0,
    }


def is_result(value: Any) -> bool:
    """Return whether a value is a whole result, as `grade_notebook` returns it."""
    kinds = {"questions": dict, "written": dict, "deaths": str, "look_at": str}
    if not isinstance(value, dict):
        return False
    for name, kind in kinds.items():
        items = value.get(name)
        if not isinstance(items, list) or not all(isinstance(i, kind) for i in items):
            return False
    texts = [
        row.get(key) for row in value["questions"] for key in ("id", "hint", "title")
    ]
    texts += [item.get(key) for item in value["written"] for key in ("id", "text")]
    numbers = [row.get(k) for row in value["questions"] for k in ("points", "out_of")]
    are_numbers = all(type(n) in (int, float) and n >= 0 for n in numbers)
    return are_numbers and all(isinstance(text, str) for text in texts)
