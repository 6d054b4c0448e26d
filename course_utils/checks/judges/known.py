"""A judge that knows a right answer and wrong ones, each written as a student would."""

from collections.abc import Callable, Iterator
from itertools import combinations
from typing import Any

import numpy as np

from course_utils.checks.contract import Case, Inputs, Question, Verdict
from course_utils.checks.judges.compare import ORDINARY, Look, looked, wrong
from course_utils.checks.judges.same import same
from course_utils.checks.judges.seen import by_cases, by_keys, by_parts, seen
from course_utils.checks.plain_data import to_bytes, to_plain

Answer = Callable[..., Any]


class Judge:
    """Compares an answer with a right one, and then with the known mistakes.

    All of them are called by the question's own probe, on the same inputs. The first
    mistake that answers every case as the student does gives the hint; or, where an
    answer has parts, several that each explain some of them. The tests hand in each
    mistake as an answer, and want its hint for it.

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
        self.variants: list[tuple[dict[str, Any], str]] = []
        self.looks: list[tuple[Look, str]] = []
        # Of the inputs asked last.
        self._asked: tuple[bytes, dict[Any, list[Any]]] = b"", {}

    def mistake(self, hint: str) -> Callable[[Answer], Answer]:
        """Return a decorator that adds a wrong answer, and the hint that it earns."""

        def add(answer: Answer) -> Answer:
            self.mistakes.append((answer, hint))
            return answer

        return add

    def variant(self, name: str, hint: str, **changed: Any) -> None:
        """Add the mistake of the right answer with other values of its own arguments.

        Args:
            name: of the mistake, for the tests.
            hint: what it earns.
            **changed: arguments of `right` that the question does not give.
        """

        def answer(*case: Any) -> Any:
            return self.right(*case, **changed)

        answer.__name__ = name
        self.mistake(hint)(answer)
        self.variants.append((changed, hint))

    def sees(self, hint: str) -> Callable[[Look], Look]:
        """Return a decorator that adds what can be seen of an answer without its cause.

        `look(got, expected, cases)` says whether it is so. It is asked where no mistake
        answers as the student does.
        """

        def add(look: Look) -> Look:
            self.looks.append((look, hint))
            return look

        return add

    def __call__(self, data: Any, inputs: Inputs) -> Verdict:
        """Return the verdict on what the probe returned on these inputs."""
        got, cases = self._answers(data), inputs["cases"]
        if not isinstance(got, list) or len(got) != len(cases):
            return wrong(self.otherwise, got=got)
        expected = self._run(self.right, inputs)

        failing = [
            i for i in range(len(cases)) if not self._equal(got, expected, cases, i)
        ]
        if not failing:
            return Verdict(True)

        hint = (
            self._known(got, inputs)
            or by_parts(got, expected, self._tried_all(inputs))
            or by_cases(got, expected, self._tried_all(inputs))
            or self._of_two(got, inputs)
            or by_keys(got, expected, self._tried_all(inputs))
            or self._visible(got, expected, cases)
        )
        first = failing[0]
        return wrong(hint, expected=expected[first], got=got[first], **cases[first])

    def _known(self, got: list[Any], inputs: Inputs) -> str:
        """Return the hint of the first mistake that answers as the student does."""
        for answers, hint in self._tried_all(inputs):
            if len(answers) == len(got) and all(
                self._equal(got, answers, inputs["cases"], i) for i in range(len(got))
            ):
                return hint
        return ""

    def _of_two(self, got: list[Any], inputs: Inputs) -> str:
        """Return the hints of two variants that answer so if both are made at once."""
        cases, kept = inputs["cases"], self._kept(inputs)
        for pair in combinations(range(len(self.variants)), 2):
            (one, hint), (other, its_hint) = (self.variants[i] for i in pair)
            if one.keys() & other.keys():
                continue

            def both(*case: Any, changed: dict[str, Any] = one | other) -> Any:
                return self.right(*case, **changed)

            if pair not in kept:
                kept[pair] = self._tried(both, inputs)
            answers = kept[pair]
            if len(answers) == len(got) and all(
                self._equal(got, answers, cases, i) for i in range(len(got))
            ):
                return f"Two mistakes together give these answers: {hint} {its_hint}"
        return ""

    def _tried_all(self, inputs: Inputs) -> Iterator[tuple[list[Any], str]]:
        """Yield what each mistake answers, and its hint."""
        kept = self._kept(inputs)
        for number, (mistake, hint) in enumerate(self.mistakes):
            if number not in kept:
                kept[number] = self._tried(mistake, inputs)
            yield kept[number], hint

    def _kept(self, inputs: Inputs) -> dict[Any, list[Any]]:
        """Return what is known of these inputs: by a mistake's number, or by two."""
        key = to_bytes(inputs)
        if key != self._asked[0]:  # kept for a whole class, which has one seed
            self._asked = key, {}
        return self._asked[1]

    def _equal(
        self, got: list[Any], wanted: list[Any], cases: list[Case], i: int
    ) -> bool:
        nothing = 1e-6 * cases[i][self.unit] if self.unit else 0.0
        return same(got[i], wanted[i], nothing=nothing)

    def _tried(self, mistake: Answer, inputs: Inputs) -> list[Any]:
        """Return what a mistake answers; [] if it stops on these inputs."""
        try:
            with np.errstate(all="ignore"):
                return self._run(mistake, inputs)
        except ORDINARY:
            return []

    def _visible(self, got: list[Any], expected: list[Any], cases: list[Case]) -> str:
        """Return what can be seen of the answer, and how it is meant to be."""
        hint = looked(self.looks, got, expected, cases)
        if hint:
            return hint
        return f"{seen(got, expected, cases)} {self.otherwise}".strip()

    def _run(self, answer: Answer, inputs: Inputs) -> list[Any]:
        return self._answers(to_plain(self.question.probe(answer, inputs)))

    def _answers(self, data: Any) -> Any:
        return data[self.part] if self.part else data
