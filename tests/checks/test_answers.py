"""Every exercise's checks against right and wrong answers, by both paths.

The files in tests/mutants/ hold the answers. A new exercise needs no line here.
"""

import importlib.util
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from functools import cache, lru_cache
from importlib import import_module
from pathlib import Path
from types import ModuleType

import jupytext
import pytest

from course_utils.checks import (
    PUBLIC_SEED,
    CheckFailed,
    Verdict,
    check,
    from_bytes,
    make_inputs,
    question,
    questions,
    run_judge,
    run_probe,
    run_question,
    to_bytes,
)

ROOT = Path(__file__).parents[2]
EXERCISES = run_question.exercises()
QUESTIONS = [item.id for exercise in EXERCISES for item in questions(exercise)]
SECRET = 20_190_214_000_000_000_001
# Judged by what a run of the profile's length has learned. Here these runs are cut, and
# get this hint; whole, they pass in course/test_notebooks.py and in the slow tier.
CUT_SHORT = {"ex11_6": "stopped too early", "ex13_5": "too short"}
MAX_STEPS = 20
ANSWERS: dict[int, dict[str, object]] = {}  # of the solutions, by their most steps
# They train each answer for hundreds of steps: the solution alone is judged in the fast
# tier. The last solutions of 12 and 13 train several models and write with them: they
# are judged in the slow one, and their other answers in the fast one.
LONG = ("ex05_5", "ex06_5", "ex11_4", "ex11_6")
LONG_SOLUTIONS = ("ex12_5", "ex13_5")
# They take no inputs: their answers are a student's own report, whatever the seed.
REPORTS = ("ex11_5", "ex12_5", "ex13_5")


@cache
def mutants(question_id: str) -> ModuleType:
    path = ROOT / "tests" / "mutants" / f"{question_id}.py"
    spec = importlib.util.spec_from_file_location(f"mutants_{question_id}", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def wrong_answers(question_id: str) -> list[tuple[object, str]]:
    """Return pairs of an answer and a phrase of the hint that it has to get.

    They are those of tests/mutants/, and the mistakes that the judge itself knows.
    """
    judge = import_module(f"course_utils.checks.judges.{question_id}")
    # Not above: a process without the judges imports this module too.
    from course_utils.checks.judges.known import Judge

    known = [value for value in vars(judge).values() if isinstance(value, Judge)]
    return [*mutants(question_id).WRONG, *(pair for j in known for pair in j.mistakes)]


@cache
def source(exercise: str):
    [path] = (ROOT / "source" / "exercises").glob(f"{exercise}_*.py")
    return jupytext.read(path)


def code_cells(exercise: str) -> list:
    """Return the source's cells that are run: its code, without the checks."""
    cells = source(exercise).cells
    return [c for c in cells if c.cell_type == "code" and "check" not in c.metadata]


@cache
def runs(exercise: str, max_steps: int) -> Iterator[tuple[str, object]]:
    """Run the source's cells one by one; yield the answers, each with its id."""
    namespace = {"__name__": "__main__"}
    for cell in code_cells(exercise):
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("COURSE_MAX_STEPS", str(max_steps))
            exec(compile(cell.source, f"{exercise}", "exec"), namespace)
        if "answer" in cell.metadata:
            asked = question(cell.metadata["answer"])
            yield asked.id, namespace[asked.name]


@cache
def solution(question_id: str, max_steps: int = MAX_STEPS) -> object:
    """Run the source's cells up to this question's answer; return the answer.

    Only the last question of an exercise trains, so the others are spared that. Runs of
    the profile's length are cut to `max_steps`; 0 leaves them whole.
    """
    known = ANSWERS.setdefault(max_steps, {})
    left = runs(question_id.partition("_")[0], max_steps)
    while question_id not in known:
        try:
            found, answer = next(left)
        except BaseException:  # a time limit: the next test begins anew
            runs.cache_clear()
            raise
        known[found] = answer
    return known[question_id]


def in_place_and_apart(question_id, target, monkeypatch) -> Verdict:
    """Check in place, then carry the same data out as bytes; both must agree."""
    carried = {}

    def recording(*arguments):
        data = run_probe(*arguments)
        carried["bytes"] = to_bytes(data)
        return data

    monkeypatch.setattr(run_question, "run_probe", recording)
    try:
        check(question_id, {question(question_id).name: target})
        said = ""
    except CheckFailed as failure:
        said = str(failure)
    apart = run_judge(question_id, from_bytes(carried["bytes"]), PUBLIC_SEED)
    assert (said == "") == (apart.message == "")
    assert apart.message in said
    assert apart.details in said
    return apart


@lru_cache(maxsize=64)
def packed_inputs(question_id, seed) -> bytes:
    return to_bytes(make_inputs(question_id, seed))


def answer_on(question_id, target, seed) -> dict:
    """Probe as a grader does: inputs and answer both cross as bytes."""
    asked = question(question_id)
    inputs = from_bytes(packed_inputs(question_id, seed))
    return from_bytes(to_bytes(run_probe(question_id, {asked.name: target}, inputs)))


def on_seed(question_id, target, seed) -> tuple[dict, Verdict]:
    """Check as a grader does; return the answer too."""
    data = answer_on(question_id, target, seed)
    return data, run_judge(question_id, data, seed)


def assert_right(verdict, question_id):
    assert verdict == Verdict(True), verdict


def assert_wrong(verdict, phrase):
    assert not verdict.right
    assert phrase in verdict.message, verdict


def assert_shown_apart(details):
    lines = [line.partition(" ") for line in details.splitlines()]
    texts = {name: text.strip() for name, _, text in lines}
    assert "got" not in texts or texts["got"] != texts.get("expected"), details


def each(names: Sequence[str], long: Sequence[str] = LONG) -> list:
    """Return parameters, those in `long` for the slow tier."""
    marks = {True: [pytest.mark.slow], False: []}
    return [pytest.param(name, marks=marks[name in long]) for name in names]


@pytest.mark.parametrize("question_id", each(QUESTIONS, LONG_SOLUTIONS))
def test_solution_is_right(question_id, monkeypatch, capsys, counted):
    cut_short = CUT_SHORT.get(question_id)
    what = "solutions cut short that say so" if cut_short else "solutions right"
    counted(what, tried=1)
    target = solution(question_id)
    verdict = in_place_and_apart(question_id, target, monkeypatch)
    if cut_short:
        assert_wrong(verdict, cut_short)
    else:
        assert_right(verdict, question_id)
        points = question(question_id).points
        assert f"{question_id}: {points} of {points} point" in capsys.readouterr().out
    counted(what)


@pytest.mark.parametrize("question_id", each(QUESTIONS))
def test_other_right_answers_are_right(question_id, monkeypatch, counted):
    right = mutants(question_id).RIGHT
    assert len(right) >= 1
    counted("other right answers right", tried=len(right))
    for target in right:
        assert_right(in_place_and_apart(question_id, target, monkeypatch), question_id)
        counted("other right answers right")


@pytest.mark.parametrize("question_id", each(QUESTIONS))
def test_wrong_answers_get_their_hint(question_id, monkeypatch, counted):
    wrong = wrong_answers(question_id)
    assert len({phrase for _, phrase in wrong}) >= 3
    counted("wrong answers caught by their hint", tried=len(wrong))
    for target, phrase in wrong:
        verdict = in_place_and_apart(question_id, target, monkeypatch)
        assert_wrong(verdict, phrase)
        assert_shown_apart(verdict.details)
        assert verdict.details or "cases" not in make_inputs(question_id, PUBLIC_SEED)
        counted("wrong answers caught by their hint")


def every_answer(question_id, max_steps=MAX_STEPS):
    """Yield (answer, phrase of its hint), the phrase empty for a right answer."""
    yield (
        solution(question_id, max_steps),
        CUT_SHORT.get(question_id, "") * (max_steps > 0),
    )
    for target in mutants(question_id).RIGHT:
        yield target, ""
    yield from wrong_answers(question_id)


def some_answers(question_id):
    """Return a right answer of a question's file, and some wrong ones."""
    answers = mutants(question_id)
    return [answers.RIGHT[0], *(target for target, _ in answers.WRONG[:3])]


def probe_answers(folder: str) -> None:
    """Write what the probes return of some answers, as bytes. Needs no judge."""
    for question_id in QUESTIONS:
        if question_id in TRAINED:
            continue
        item, inputs = question(question_id), make_inputs(question_id, PUBLIC_SEED)
        for number, target in enumerate(some_answers(question_id)):
            content = to_bytes(run_probe(question_id, {item.name: target}, inputs))
            (Path(folder) / f"{question_id}.{number}").write_bytes(content)


PROBE_APART = """
import sys

class Blocker:
    def find_spec(self, name, path=None, target=None):
        if ".judges" in name:
            raise ImportError("blocked: " + name)

sys.meta_path.insert(0, Blocker())
from test_answers import probe_answers
probe_answers(sys.argv[1])
assert not [name for name in sys.modules if ".judges" in name]
"""


@pytest.mark.slow
def test_a_process_without_judges_leads_to_the_same_verdicts(tmp_path, counted):
    folders = (Path(__file__).parent, ROOT / "tests", ROOT)
    paths = os.pathsep.join(map(str, folders))
    done = subprocess.run(
        [sys.executable, "-c", PROBE_APART, str(tmp_path)],
        env={**os.environ, "PYTHONPATH": paths},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    for question_id in QUESTIONS:
        if question_id in TRAINED:
            continue
        item, inputs = question(question_id), make_inputs(question_id, PUBLIC_SEED)
        targets = some_answers(question_id)
        counted(SAME_VERDICT, tried=len(targets))
        for number, target in enumerate(targets):
            content = (tmp_path / f"{question_id}.{number}").read_bytes()
            apart = run_judge(question_id, from_bytes(content), PUBLIC_SEED)
            data = run_probe(question_id, {item.name: target}, inputs)
            here = run_judge(question_id, data, PUBLIC_SEED)
            assert (apart.right, apart.message) == (here.right, here.message)
            counted(SAME_VERDICT)


TRAINED = [name for name in QUESTIONS if hasattr(mutants(name), "judged")]
SAME_VERDICT = f"same verdict from another process (without {', '.join(TRAINED)})"
SEEDED = [name for name in QUESTIONS if name not in (*TRAINED, *REPORTS)]
MEASURED: dict[str, dict[str, list[float]]] = {}  # of the questions trained here


def verdicts_hold(question_id, seed):
    for target, phrase in every_answer(question_id):
        _, verdict = on_seed(question_id, target, seed)
        if phrase:
            assert_wrong(verdict, phrase)
        else:
            assert_right(verdict, question_id)


@pytest.mark.parametrize("question_id", SEEDED)
def test_verdicts_hold_on_a_secret_seed(question_id):
    verdicts_hold(question_id, SECRET)


def on_ten_seeds() -> Iterator:
    """Yield trained questions, each with ten seeds: a margin needs all of them.

    One is in the slow tier. The solution of 11.6 takes minutes.
    """
    for question_id in TRAINED:
        for number in range(10):
            is_long = number > 0 or question_id == "ex11_6"
            mark = pytest.mark.long if is_long else pytest.mark.slow
            yield pytest.param(question_id, SECRET + number, marks=mark)


@pytest.mark.parametrize(("question_id", "seed"), on_ten_seeds())
def test_trained_answers_on_secret_seeds(question_id, seed):
    inputs = question(question_id).inputs(seed)
    measured = MEASURED.setdefault(question_id, {})
    for target, phrase in every_answer(question_id, max_steps=0):
        data, verdict = on_seed(question_id, target, seed)
        value = mutants(question_id).judged(data, inputs)
        if value is not None:
            name = getattr(target, "__name__", question(question_id).name)
            measured.setdefault(name, []).append(value)
        if phrase:
            assert_wrong(verdict, phrase)
        else:
            assert_right(verdict, question_id)


@pytest.mark.long
@pytest.mark.parametrize("question_id", TRAINED)
def test_margin_is_printed(question_id, capsys):
    if question_id not in MEASURED:
        pytest.skip("its trainings did not run in this process")
    assert MEASURED[question_id]
    with capsys.disabled():
        print(
            f"\n{question_id}: what is judged, least and most over the seeds, "
            f"threshold {mutants(question_id).threshold()}"
        )
        for name, values in MEASURED[question_id].items():
            print(f"  {name:<28} {min(values):6.2f} {max(values):6.2f} ({len(values)})")


@pytest.mark.parametrize("exercise", EXERCISES)
def test_every_question_has_a_solution(exercise):
    names = [item.id for item in questions(exercise)]
    marks = [cell.metadata.get("answer") for cell in code_cells(exercise)]
    assert sorted(filter(None, marks)) == sorted(names)


@pytest.mark.parametrize("question_id", QUESTIONS)
def test_inputs_repeat_and_differ(question_id):
    once, again, other = (
        to_bytes(make_inputs(question_id, seed)) for seed in (SECRET, SECRET, 1)
    )
    assert once == again
    assert once != other or not make_inputs(question_id, 1)
    assert "hidden" not in make_inputs(question_id, 1)
    assert make_inputs(question_id, 1) or question_id not in SEEDED


@pytest.mark.parametrize("exercise", EXERCISES)
def test_source_says_what_the_checks_ask(exercise):
    cells = source(exercise).cells
    text = "\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    marks = [int(mark) for mark in re.findall(r"\*Difficulty (\d) of 5", text)]
    assert marks
    if exercise < "ex11":  # the capstones follow the work, easy or not
        assert marks == sorted(marks)
    checked = [cell.metadata["check"] for cell in cells if "check" in cell.metadata]
    for cell in cells:
        if "check" in cell.metadata:
            assert cell.source == f'check("{cell.metadata["check"]}")'
    assert checked == [item.id for item in questions(exercise)]
    for item in questions(exercise):
        assert f"`{item.name}`" in text
        for name in item.forbidden:
            assert name.rpartition(".")[2] in text, f"{exercise} never forbids {name}"
    assert text.count("<summary>Hint 1</summary>") == len(checked)
    assert text.count("<summary>Hint 2</summary>") == len(checked)
    assert text.count("<summary>Discussion</summary>") == len(checked)
    assert text.count("*Difficulty ") == len(checked)
