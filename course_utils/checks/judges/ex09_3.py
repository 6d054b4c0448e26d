"""Judge of 9.3, refuse bad requests."""

from collections.abc import Callable
from typing import Any

from course_utils.checks.contract import Inputs, Verdict
from course_utils.checks.judges.compare import Case, judge_cases


def judge(data: Any, inputs: Inputs) -> Verdict:
    """The status of each request, exact."""

    def status(
        case: Case,
        size: Callable[[str], int] = len,
        is_blank: Callable[[str], bool] = lambda text: not text.strip(),
        fine: str | None = "\n\r\t",
        special: str = "<|endoftext|>",
        is_count: Callable[[Any], bool] = lambda n: type(n) is int and 1 <= n <= 200,
    ) -> int:
        body = case["body"] if isinstance(case["body"], dict) else {}
        text = body.get("dialogue")
        if not isinstance(text, str) or is_blank(text):
            return 422
        if size(text) > case["max_characters"]:
            return 413
        control = any(ord(c) < 32 and c not in (fine or "") for c in text)
        if (control and fine is not None) or special in text:
            return 422
        return 200 if is_count(body.get("max_new_tokens", 60)) else 422

    def exchanged(old: int, new: int) -> Callable[[Case], int]:
        return lambda case: new if status(case) == old else status(case)

    mistakes = [
        (
            lambda case: status(case, is_blank=lambda text: not text),
            "A dialogue of only white space passes: it is as good as empty.",
        ),
        (
            lambda case: status(case, size=lambda text: len(text.encode())),
            "This counts bytes: text in other scripts is refused too early. Count "
            "characters.",
        ),
        (
            lambda case: status(case, size=lambda text: len(text) + 1),
            "A dialogue of exactly max_characters is not too long.",
        ),
        (exchanged(413, 422), "Too long is 413, not 422."),
        (
            lambda case: status(case, fine=None),
            "Control characters pass, such as the one with ord 0.",
        ),
        (
            lambda case: status(case, fine=""),
            "Line breaks are refused, and every dialogue has them: with tabs and "
            "carriage returns they are fine.",
        ),
        (
            lambda case: status(case, special="\0"),
            "A user can write <|endoftext|>, which becomes the token that ends a text.",
        ),
        (
            lambda case: status(
                case, is_count=lambda n: isinstance(n, int) and 1 <= n <= 200
            ),
            "True passes as a count: in Python True is an int, so ask for the exact "
            "type.",
        ),
        (
            lambda case: status(case, is_count=lambda n: True),
            "max_new_tokens is not checked.",
        ),
        (
            lambda case: status(
                case, is_count=lambda n: type(n) in (int, float) and 1 <= n <= 200
            ),
            "A float is no int, even if it is whole.",
        ),
        (
            lambda case: status(
                case, is_count=lambda n: type(n) is int and 0 <= n <= 200
            ),
            "From 1 to 200 means that 0 is wrong.",
        ),
        (
            exchanged(422, 400),
            "The status is 422: the request can be read, and is wrong.",
        ),
    ]
    otherwise = "The status is not the one that the list says. Follow it in its order."
    return judge_cases(data, inputs["cases"], status, mistakes, otherwise)
