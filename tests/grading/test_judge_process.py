"""The process that judges: it answers, and no answer can hold it up."""

import json

import numpy as np
import pytest
from safetensors.numpy import save

from course_utils.checks import make_inputs, to_bytes
from course_utils.checks.contract import Verdict
from course_utils.grading import judge_process
from course_utils.grading.judge_process import JudgeProcess, Unjudged, judge_answer
from course_utils.machine.errors import CourseError

SEED = 12345


def right_answer() -> bytes:
    answer = []
    for case in make_inputs("ex05_1", SEED)["cases"]:
        size = case["batch_size"] * case["accumulation"] * case["processes"]
        answer.append([size, -(-case["n_blocks"] // size)])
    return to_bytes({"answer": answer})


def long_answer(length: int) -> bytes:
    """Return an answer of many items, for a question that takes large ones."""
    text = json.dumps({"answer": [1] * length})
    return save({"json": np.frombuffer(text.encode(), np.uint8)})


def test_judge():
    assert judge_answer("ex05_1", right_answer(), SEED) == Verdict(True)
    assert judge_answer("ex05_1", right_answer(), SEED + 1).right is False
    assert (
        judge_answer("ex05_1", b"points", SEED).message
        == "Exercise 5.1 cannot be read."
    )


def test_a_fault_of_a_judge_is_told(monkeypatch):
    def fail(*_):
        raise ZeroDivisionError("by nothing")

    monkeypatch.setattr(judge_process, "run_judge", fail)
    with pytest.raises(Unjudged, match="ZeroDivisionError: by nothing"):
        judge_answer("ex05_1", right_answer(), SEED)


@pytest.mark.slow
def test_an_answer_cannot_take_all_time():
    with JudgeProcess(seconds=4) as process:
        assert process("ex05_1", right_answer(), SEED) == Verdict(True)
        first = process._process.pid
        with pytest.raises(Unjudged, match="over 4 seconds"):
            process("ex11_6", long_answer(10_000_000), SEED)
        assert process._process.pid != first
        assert process("ex05_1", right_answer(), SEED) == Verdict(True)
        process._process.kill()
        with pytest.raises(Unjudged, match="was ended"):
            process("ex05_1", right_answer(), SEED)
    with pytest.raises(CourseError, match="--resume"):
        process("ex05_1", right_answer(), SEED)


@pytest.mark.slow
def test_an_answer_cannot_take_all_memory():
    with JudgeProcess(memory=2**26) as process:
        with pytest.raises(Unjudged, match="MemoryError"):
            process("ex11_6", long_answer(10_000_000), SEED)
        assert process("ex05_1", right_answer(), SEED) == Verdict(True)
