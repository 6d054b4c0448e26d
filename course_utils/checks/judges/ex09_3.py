"""Judge of 9.3, refuse bad requests."""

from course_utils.checks.judges.known import Judge
from course_utils.checks.probes.ex09_3 import QUESTION


def is_blank(text):
    return not text.strip()


def is_count(n):
    return type(n) is int and 1 <= n <= 200


def has_control(text, fine="\n\r\t"):
    return any(ord(c) < 32 and c not in fine for c in text)


def right(
    body,
    max_characters,
    blank=is_blank,
    size=len,
    control=has_control,
    special="<|endoftext|>",
    count=is_count,
):
    body = body if isinstance(body, dict) else {}
    text = body.get("dialogue")
    if not isinstance(text, str) or blank(text):
        return 422
    if size(text) > max_characters:
        return 413
    if control(text) or special in text:
        return 422
    return 200 if count(body.get("max_new_tokens", 60)) else 422


judge = Judge(
    QUESTION,
    right,
    "The status is not the one that the list says. Follow it in its order.",
)


@judge.mistake("A dialogue of only white space passes: it is as good as empty.")
def white_space(*case):
    return right(*case, blank=lambda text: not text)


@judge.mistake(
    "This counts bytes: text in other scripts is refused too early. Count characters."
)
def counted_bytes(*case):
    return right(*case, size=lambda text: len(text.encode()))


@judge.mistake("A dialogue of exactly max_characters is not too long.")
def refused_at_the_limit(*case):
    return right(*case, size=lambda text: len(text) + 1)


@judge.mistake("Too long is 413, not 422.")
def too_long_is_422(*case):
    return 422 if right(*case) == 413 else right(*case)


@judge.mistake("Control characters pass, such as the one with ord 0.")
def control_passes(*case):
    return right(*case, control=lambda text: False)


@judge.mistake(
    "Line breaks are refused, and every dialogue has them: with tabs and carriage "
    "returns they are fine."
)
def line_breaks_refused(*case):
    return right(*case, control=lambda text: has_control(text, fine=""))


@judge.mistake(
    "A user can write <|endoftext|>, which becomes the token that ends a text."
)
def special_passes(*case):
    return right(*case, special="\0")


@judge.mistake(
    "True passes as a count: in Python True is an int, so ask for the exact type."
)
def true_passes(*case):
    return right(*case, count=lambda n: isinstance(n, int) and 1 <= n <= 200)


@judge.mistake("max_new_tokens is not checked.")
def any_count(*case):
    return right(*case, count=lambda n: True)


@judge.mistake("A float is no int, even if it is whole.")
def float_passes(*case):
    return right(*case, count=lambda n: type(n) in (int, float) and 1 <= n <= 200)


@judge.mistake("From 1 to 200 means that 0 is wrong.")
def zero_passes(*case):
    return right(*case, count=lambda n: type(n) is int and 0 <= n <= 200)


@judge.mistake("The status is 422: the request can be read, and is wrong.")
def wrong_is_400(*case):
    return 400 if right(*case) == 422 else right(*case)
