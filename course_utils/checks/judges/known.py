"""A judge that knows a right answer and wrong ones, each written as a student would."""

from collections.abc import Callable
from typing import Any

import numpy as np

from course_utils.checks.contract import Inputs, Question, Verdict
from course_utils.checks.judges.compare import wrong
from course_utils.checks.judges.same import same
from course_utils.checks.judges.seen import seen
from course_utils.checks.plain_data import to_plain

Answer = Callable[..., Any]


class Judge:
    """Compares an answer with a right one, and then with the known mistakes.

    All of them are called by the question's own probe, on the same inputs. The first
    mistake that answers every case as the student does gives the hint. The tests hand
    in each mistake as an answer, and want its hint for it.

    Args:
        question: its probe calls the answers.
        right: a right answer.
        otherwise: the hint where no mistake answers as the student does.
        part: the key under which the probe returns the answers; "" for no such key.
        unit: the key of a case's number that its answer is measured by: a millionth of
            it is nothing. "" for the answer's own size.
    """

    def __init__(
        self,
        question: Question,
        right: Answer,
        otherwise: str,
        part: str = "",
        unit: str = "",
    ) -> None:
        self.question, self.right, self.otherwise = question, right, otherwise
        self.part, self.unit = part, unit
        self.mistakes: list[tuple[Answer, str]] = []

    def mistake(self, hint: str) -> Callable[[Answer], Answer]:
        """Return a decorator that adds a wrong answer, and the hint that it earns."""

        def add(answer: Answer) -> Answer:
            self.mistakes.append((answer, hint))
            return answer

        return add

    def __call__(self, data: Any, inputs: Inputs) -> Verdict:
        """Return the verdict on what the probe returned on these inputs."""
        got, cases = self._answers(data), inputs["cases"]
        if not isinstance(got, list) or len(got) != len(cases):
            return wrong(self.otherwise, got=got)
        expected = self._run(self.right, inputs)

        def equal(answers: list[Any], i: int) -> bool:
            nothing = 1e-6 * cases[i][self.unit] if self.unit else 0.0
            return same(got[i], answers[i], nothing=nothing)

        failing = [i for i in range(len(cases)) if not equal(expected, i)]
        if not failing:
            return Verdict(True)

        def fits(mistake: Answer) -> bool:
            try:
                with np.errstate(all="ignore"):
                    answers = self._run(mistake, inputs)
            except (ArithmeticError, ValueError):
                return False
            return all(equal(answers, i) for i in range(len(cases)))

        fitting = (hint for mistake, hint in self.mistakes if fits(mistake))
        general = f"{seen(got, expected)} {self.otherwise}".strip()
        hint, first = next(fitting, general), failing[0]
        return wrong(hint, expected=expected[first], got=got[first], **cases[first])

    def _run(self, answer: Answer, inputs: Inputs) -> list[Any]:
        return self._answers(to_plain(self.question.probe(answer, inputs)))

    def _answers(self, data: Any) -> Any:
        return data[self.part] if self.part else data
