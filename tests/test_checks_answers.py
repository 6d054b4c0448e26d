"""Every exercise's checks against right and wrong answers, by both paths.

The files in tests/mutants/ hold the answers. A new exercise needs no line here.
"""

import importlib.util
from functools import cache
from pathlib import Path
from types import ModuleType

import jupytext
import pytest

from course_utils.checks import (
    PUBLIC_SEED,
    CheckFailed,
    Verdict,
    check,
    make_inputs,
    pack,
    question,
    questions,
    run,
    run_probe,
    run_verify,
    unpack,
)

ROOT = Path(__file__).parent.parent
EXERCISES = run.exercises()
QUESTIONS = [item.id for exercise in EXERCISES for item in questions(exercise)]
SECRET = 20_190_214_000_000_000_001


@cache
def mutants(exercise: str) -> ModuleType:
    path = ROOT / "tests" / "mutants" / f"{exercise}.py"
    spec = importlib.util.spec_from_file_location(f"mutants_{exercise}", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@cache
def source(exercise: str):
    [path] = (ROOT / "source" / "exercises").glob(f"{exercise}_*.py")
    return jupytext.read(path)


@cache
def solutions(exercise: str) -> dict[str, object]:
    """Run the source's cells; return what each question's answer is, by id."""
    namespace, answers = {"__name__": "__main__"}, {}
    for cell in source(exercise).cells:
        if cell.cell_type != "code" or "check" in cell.metadata:
            continue
        exec(compile(cell.source, f"{exercise}", "exec"), namespace)
        if "answer" in cell.metadata:
            asked = question(cell.metadata["answer"])
            answers[asked.id] = namespace[asked.name]
    return answers


def in_place_and_apart(question_id, target, monkeypatch) -> Verdict:
    """Check in place, then carry the same data out as bytes; both must agree."""
    carried = {}

    def recording(*arguments):
        data = run_probe(*arguments)
        carried["bytes"] = pack(data)
        return data

    monkeypatch.setattr(run, "run_probe", recording)
    try:
        check(question_id, {question(question_id).name: target})
        said = ""
    except CheckFailed as failure:
        said = str(failure)
    apart = run_verify(question_id, unpack(carried["bytes"]), PUBLIC_SEED)
    assert (said == "") == (apart.message == "")
    assert apart.message in said
    assert apart.details in said
    return apart


def on_seed(question_id, target, seed) -> Verdict:
    """Check as a grader does: inputs and answer both cross as bytes."""
    asked = question(question_id)
    inputs = unpack(pack(make_inputs(question_id, seed)))
    data = run_probe(question_id, {asked.name: target}, inputs)
    return run_verify(question_id, unpack(pack(data)), seed)


def assert_right(verdict, question_id):
    assert verdict == Verdict(question(question_id).points), verdict


def assert_wrong(verdict, phrase):
    assert verdict.points == 0
    assert phrase in verdict.message, verdict


def answers_of(question_id):
    module = mutants(question_id.partition("_")[0])
    right, wrong = module.RIGHT[question_id], module.WRONG[question_id]
    return right, wrong


@pytest.mark.parametrize("question_id", QUESTIONS)
def test_solution_is_right(question_id, monkeypatch, capsys):
    target = solutions(question_id.partition("_")[0])[question_id]
    assert_right(in_place_and_apart(question_id, target, monkeypatch), question_id)
    points = question(question_id).points
    assert f"{question_id}: {points} of {points} point" in capsys.readouterr().out


@pytest.mark.parametrize("question_id", QUESTIONS)
def test_other_right_answers_are_right(question_id, monkeypatch):
    right, _ = answers_of(question_id)
    assert len(right) >= 1
    for target in right:
        assert_right(in_place_and_apart(question_id, target, monkeypatch), question_id)


@pytest.mark.parametrize("question_id", QUESTIONS)
def test_wrong_answers_get_their_hint(question_id, monkeypatch):
    _, wrong = answers_of(question_id)
    assert len(wrong) >= 3
    assert len({phrase for _, phrase in wrong}) >= 3
    for target, phrase in wrong:
        assert_wrong(in_place_and_apart(question_id, target, monkeypatch), phrase)


@pytest.mark.parametrize("seed", [SECRET, 1, 2])
@pytest.mark.parametrize("question_id", QUESTIONS)
def test_verdicts_hold_on_secret_seeds(question_id, seed):
    exercise = question_id.partition("_")[0]
    if question_id in mutants(exercise).TRAINED:
        pytest.skip(
            "trained: the slow tier does it, test_trained_answers_on_secret_seeds"
        )
    right, wrong = answers_of(question_id)
    for target in [solutions(exercise)[question_id], *right]:
        assert_right(on_seed(question_id, target, seed), question_id)
    for target, phrase in wrong:
        assert_wrong(on_seed(question_id, target, seed), phrase)


TRAINED = [name for exercise in EXERCISES for name in mutants(exercise).TRAINED]
MEASURED = {name: {} for name in TRAINED}


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(SECRET, SECRET + 10))
@pytest.mark.parametrize("question_id", TRAINED)
def test_trained_answers_on_secret_seeds(question_id, seed):
    exercise = question_id.partition("_")[0]
    judged = mutants(exercise).TRAINED[question_id]
    right, wrong = answers_of(question_id)
    right = [(target, "") for target in [solutions(exercise)[question_id], *right]]
    asked = question(question_id)
    inputs = asked.inputs(seed)
    for target, phrase in [*right, *wrong]:
        name = {asked.name: target}
        data = run_probe(question_id, name, make_inputs(question_id, seed))
        verdict = run_verify(question_id, data, seed)
        value = judged(data, inputs)
        if value is not None:
            MEASURED[question_id].setdefault(target.__name__, []).append(value)
        if phrase:
            assert_wrong(verdict, phrase)
        else:
            assert_right(verdict, question_id)


@pytest.mark.slow
@pytest.mark.parametrize("question_id", TRAINED)
def test_margin_is_printed(question_id, capsys):
    with capsys.disabled():
        print(f"\n{question_id}: what is judged, least and most over the seeds")
        for name, values in MEASURED[question_id].items():
            print(f"  {name:<28} {min(values):6.2f} {max(values):6.2f} ({len(values)})")
    assert all(len(values) == 10 for values in MEASURED[question_id].values())


def test_counts(capsys):
    rows = []
    for exercise in EXERCISES:
        module = mutants(exercise)
        assert set(module.RIGHT) == set(module.WRONG) == set(solutions(exercise))
        alternatives = sum(map(len, module.RIGHT.values()))
        wrong = sum(map(len, module.WRONG.values()))
        rows.append((exercise, len(module.RIGHT), alternatives, wrong))
    with capsys.disabled():
        for exercise, count, alternatives, wrong in rows:
            print(
                f"\n{exercise}: {count} solutions, {alternatives} other right answers, "
                f"{wrong} wrong answers tried"
            )


@pytest.mark.parametrize("question_id", QUESTIONS)
def test_inputs_repeat_and_differ(question_id):
    once, again, other = (
        pack(make_inputs(question_id, seed)) for seed in (SECRET, SECRET, 1)
    )
    assert once == again
    assert once != other or not make_inputs(question_id, 1)
    assert "hidden" not in make_inputs(question_id, 1)


@pytest.mark.parametrize("exercise", EXERCISES)
def test_source_says_what_the_checks_ask(exercise):
    cells = source(exercise).cells
    text = "\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    checked = {}
    for cell in cells:
        if "check" in cell.metadata:
            checked[cell.metadata["check"]] = cell.metadata["points"]
            assert cell.source == f'check("{cell.metadata["check"]}")'
    assert checked == {item.id: item.points for item in questions(exercise)}
    for item in questions(exercise):
        assert f"`{item.name}`" in text
        for name in item.forbidden:
            assert name.rpartition(".")[2] in text, f"{exercise} never forbids {name}"
    assert text.count("<summary>Hint 1</summary>") == len(checked)
    assert text.count("<summary>Hint 2</summary>") == len(checked)
    assert text.count("<summary>Discussion</summary>") == len(checked)
    assert text.count("*Difficulty ") == len(checked)
