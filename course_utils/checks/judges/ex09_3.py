"""Judge of 9.3, refuse bad requests."""

from course_utils.checks.judges.known import Judge
from course_utils.checks.probes.ex09_3 import QUESTION

SPECIAL = "<|endoftext|>"


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
    special=SPECIAL,
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
    "The status is not the one that the list says. Follow it in its order, from the "
    "type of body to max_new_tokens; the request below is the first that is answered "
    "wrongly.",
)


def answer(hint, **changed):
    """Add the mistake of an answer that is right but for what is changed."""
    judge.variant("_".join(changed), hint, **changed)


BLANK = "A dialogue of only white space passes: it is as good as empty."
answer(BLANK, blank=lambda text: not text)
answer("An empty dialogue passes: return 422.", blank=lambda text: text.isspace())
answer(BLANK, blank=lambda text: text in ("", " "))
answer(
    "This counts bytes: text in other scripts is refused too early. Count characters.",
    size=lambda text: len(text.encode()),
)
answer(
    "A dialogue of exactly max_characters is not too long.",
    size=lambda text: len(text) + 1,
)
answer(
    "One character too many passes: more than max_characters is too long.",
    size=lambda text: len(text) - 1,
)
answer(
    "White space at the ends counts as well: measure the dialogue as it comes.",
    size=lambda text: len(text.strip()),
)
answer(
    "Dialogues that are too long pass: more characters than max_characters are 413.",
    size=lambda text: 0,
)
answer(
    "Control characters pass, such as the one with ord 0.", control=lambda text: False
)
answer(
    "Only the character with ord 0 is found: every one with ord below 32 counts, but "
    "for line breaks, carriage returns and tabs.",
    control=lambda text: "\0" in text,
)
answer(
    "ord 31 is below 32 too.",
    control=lambda t: any(ord(c) < 31 and c not in "\n\r\t" for c in t),
)
answer(
    "A space has ord 32, and is fine: below 32 is a control character.",
    control=lambda t: any(ord(c) <= 32 and c not in "\n\r\t" for c in t),
)
answer(
    "Line breaks are refused, and every dialogue has them: with tabs and carriage "
    "returns they are fine.",
    control=lambda text: has_control(text, fine=""),
)
answer(
    "Tabs and carriage returns are refused: with line breaks they are fine.",
    control=lambda text: has_control(text, fine="\n"),
)
answer("Tabs are refused, and they are fine.", control=lambda t: has_control(t, "\n\r"))
answer(
    "Carriage returns are refused, and they are fine.",
    control=lambda text: has_control(text, "\n\t"),
)
answer(
    "ord 127 is not below 32.",
    control=lambda text: has_control(text) or "\x7f" in text,
)
answer(
    "All white space passes, and a vertical tab, of ord 11, is a control character: "
    "only line breaks, carriage returns and tabs are fine.",
    control=lambda t: any(ord(c) < 32 and not c.isspace() for c in t),
)
answer(
    "More is refused than characters below 32: ask for ord, not for isprintable.",
    control=lambda t: any(not c.isprintable() and c not in "\n\r\t" for c in t),
)
answer(
    "Characters above 126 are refused, which are letters and signs of other scripts.",
    control=lambda t: has_control(t) or any(ord(c) > 126 for c in t),
)
answer(
    "A user can write <|endoftext|>, which becomes the token that ends a text.",
    special="\0",
)
answer(
    "The word alone is harmless: look for <|endoftext|> as a whole.", special="endof"
)


@judge.mistake("<|endoftext|> is harmful anywhere in the text, not only as all of it.")
def special_alone(body, max_characters):
    known = isinstance(body, dict) and isinstance(body.get("dialogue"), str)
    if known and SPECIAL in body["dialogue"] != SPECIAL:
        harmless = body["dialogue"].replace(SPECIAL, "!" * len(SPECIAL))
        return right(body | {"dialogue": harmless}, max_characters)
    return right(body, max_characters)


@judge.mistake("Written with capitals it is no token: look for <|endoftext|> as it is.")
def special_lowered(body, max_characters):
    if isinstance(body, dict) and isinstance(body.get("dialogue"), str):
        body = body | {"dialogue": body["dialogue"].lower()}
    return right(body, max_characters)


answer(
    "True passes as a count: in Python True is an int, so ask for the exact type.",
    count=lambda n: isinstance(n, int) and 1 <= n <= 200,
)
answer("max_new_tokens is not checked.", count=lambda n: True)
answer(
    "The type of max_new_tokens is checked, and its range, 1 to 200, is not.",
    count=lambda n: type(n) is int,
)
answer(
    "A float is no int, even if it is whole.",
    count=lambda n: type(n) in (int, float) and 1 <= n <= 200,
)
answer(
    "None passes as a count: if the key is there, it has to be an int.",
    count=lambda n: n is None or is_count(n),
)
answer(
    "What Python takes for false is taken for missing: 0, False and None are there, "
    "and wrong.",
    count=lambda n: not n or is_count(n),
)
answer(
    "0 passes, and None: ask whether the key is there, not whether its value is true.",
    count=lambda n: n is not False and (not n or is_count(n)),
)
answer(
    "A text is no int: do not convert what comes.",
    count=lambda n: is_count(n) or n == "60",
)
answer(
    "What can be turned into a number passes: do not convert, ask for the type.",
    count=lambda n: type(n) in (int, float, str, bool) and 1 <= int(n) <= 200,
)
answer(
    "From 1 to 200 means that 0 is wrong.",
    count=lambda n: type(n) is int and 0 <= n <= 200,
)
answer(
    "Numbers below 1 pass: max_new_tokens is from 1 to 200.",
    count=lambda n: type(n) is int and n <= 200,
)
answer(
    "Numbers above 200 pass: max_new_tokens is from 1 to 200.",
    count=lambda n: type(n) is int and n >= 1,
)
answer("From 1 to 200 means that 200 is fine.", count=lambda n: is_count(n) and n < 200)
answer("From 1 to 200 means that 1 is fine.", count=lambda n: is_count(n) and n > 1)


@judge.mistake('"max_new_tokens" may be missing: then nothing is wrong with it.')
def count_wanted(body, max_characters):
    status = right(body, max_characters)
    return 422 if status == 200 and "max_new_tokens" not in body else status


@judge.mistake("Other keys are no fault: only dialogue and max_new_tokens count.")
def other_keys_refused(body, max_characters):
    status = right(body, max_characters)
    return 422 if status == 200 and "id" in body else status


def instead(hint, old, new, name):
    """Add the mistake of an answer that returns another status for one of them."""

    def answer_with(*case):
        status = right(*case)
        return new if status == old else status

    answer_with.__name__ = name
    judge.mistake(hint)(answer_with)


instead("Too long is 413, not 422.", 413, 422, "too_long_is_422")
instead("Too long is 413, not 400.", 413, 400, "too_long_is_400")
instead("The status is 422: the request can be read, and is wrong.", 422, 400, "is_400")
instead("The status is 422, not 500: the server is not at fault.", 422, 500, "is_500")
instead("Return 200 if nothing is wrong.", 200, 201, "is_201")
ORDER = "A request may break two rules: the first in the list gives the status."


@judge.mistake(ORDER)
def long_before_blank(body, max_characters):
    text = body.get("dialogue") if isinstance(body, dict) else None
    too_long = isinstance(text, str) and len(text) > max_characters
    return 413 if too_long else right(body, max_characters)


@judge.mistake(ORDER)
def control_before_long(body, max_characters):
    text = body.get("dialogue") if isinstance(body, dict) else None
    control = isinstance(text, str) and has_control(text)
    return 422 if control else right(body, max_characters)


@judge.mistake(ORDER)
def special_before_long(body, max_characters):
    text = body.get("dialogue") if isinstance(body, dict) else None
    special = isinstance(text, str) and SPECIAL in text
    return 422 if special else right(body, max_characters)


@judge.mistake(ORDER)
def special_and_control_before_long(body, max_characters):
    special = special_before_long(body, max_characters)
    return special if special == 422 else control_before_long(body, max_characters)


@judge.mistake(ORDER)
def count_before_long(body, max_characters):
    count = body.get("max_new_tokens", 60) if isinstance(body, dict) else 60
    return right(body, max_characters) if is_count(count) else 422


@judge.mistake(ORDER)
def long_last(body, max_characters):
    status = right(body, max_characters)
    return 422 if status == 413 and right(body, 10**6) == 422 else status


@judge.mistake("The dialogue is stripped first, and then judged: judge it as it comes.")
def stripped_first(body, max_characters):
    if isinstance(body, dict) and isinstance(body.get("dialogue"), str):
        body = body | {"dialogue": body["dialogue"].strip()}
    return right(body, max_characters)


@judge.sees("A status is returned that is none of 200, 413 and 422.")
def other_status(got, expected, cases):
    return any(status not in (200, 413, 422) for status in got)


@judge.mistake("A body that is empty passes: it has no dialogue.")
def empty_passes(body, max_characters):
    return right(body, max_characters) if body else 200
