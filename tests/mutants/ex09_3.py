"""Right and wrong answers to Exercise 9.3, as students write them."""

import re


def status_by_regex(body, max_characters):
    match body:
        case {"dialogue": str(dialogue)}:
            pass
        case _:
            return 422
    if dialogue.isspace() or dialogue == "":
        return 422
    if len(dialogue) > max_characters:
        return 413
    if re.search(r"[\x00-\x08\x0b\x0c\x0e-\x1f]|<\|endoftext\|>", dialogue):
        return 422
    if "max_new_tokens" in body:
        n = body["max_new_tokens"]
        if isinstance(n, bool) or not isinstance(n, int) or n < 1 or n > 200:
            return 422
    return 200


def _status(body, max_characters, **other):
    """Answer rightly, except for what `other` says."""
    if not isinstance(body, dict) or "dialogue" not in body:
        return 422
    dialogue = body["dialogue"]
    if not isinstance(dialogue, str):
        return 422
    if not other.get("is_blank", lambda text: not text.strip())(dialogue):
        pass
    else:
        return 422
    if other.get("is_long", lambda text: len(text) > max_characters)(dialogue):
        return other.get("too_long", 413)
    fine = other.get("fine", "\n\r\t")
    if fine != "all" and any(c < " " and c not in fine for c in dialogue):
        return 422
    if other.get("special", True) and "<|endoftext|>" in dialogue:
        return 422
    new = body.get("max_new_tokens", 60)
    if not other.get("is_count", lambda n: type(n) is int and 0 < n < 201)(new):
        return 422
    return 200


def status_by_steps(body, max_characters):
    return _status(body, max_characters)


def status_trusting(body, n):
    dialogue = body["dialogue"]
    return 422 if not dialogue.strip() else 413 if len(dialogue) > n else 200


def status_no_dict_check(body, n):
    if "dialogue" not in body:
        return 422
    dialogue = body["dialogue"]
    return 422 if not dialogue.strip() else 413 if len(dialogue) > n else 200


def status_no_type_check(body, n):
    if not isinstance(body, dict) or "dialogue" not in body:
        return 422
    dialogue = body["dialogue"]
    return 422 if not dialogue.strip() else 413 if len(dialogue) > n else 200


def status_by_http_status(body, max_characters):
    from http import HTTPStatus

    status = _status(body, max_characters)
    return HTTPStatus(status)


def status_by_exception(body, max_characters):
    try:
        dialogue = body.get("dialogue")
        if dialogue.strip() == "":
            return 422
    except (AttributeError, TypeError):
        return 422
    if len(dialogue) > max_characters:
        return 413
    codes = set(map(ord, dialogue)) - {9, 10, 13}
    bad = min(codes) < 32 or dialogue.count("<|endoftext|>") > 0
    tokens = body.get("max_new_tokens", 1)
    good = type(tokens) == int and tokens in range(1, 201)  # noqa: E721
    return 422 if bad or not good else 200


def status_by_rules(body, max_characters):
    rules = [
        (lambda: type(body) is not dict, 422),
        (lambda: type(body.get("dialogue")) is not str, 422),
        (lambda: not body["dialogue"].split(), 422),
        (lambda: len(body["dialogue"]) > max_characters, 413),
        (
            lambda: bool(re.search("[\x00-\x08\x0b\x0c\x0e-\x1f]", body["dialogue"])),
            422,
        ),
        (lambda: "<|endoftext|>" in body["dialogue"], 422),
        (
            lambda: (
                "max_new_tokens" in body
                and (
                    not isinstance(body["max_new_tokens"], int)
                    or isinstance(body["max_new_tokens"], bool)
                    or not 0 < body["max_new_tokens"] < 201
                )
            ),
            422,
        ),
    ]
    return next((status for broken, status in rules if broken()), 200)


def status_by_numpy(body, max_characters):
    import numpy as np

    return np.int32(_status(body, max_characters))


def status_by_translation(body, max_characters):
    if not isinstance(body, dict):
        return 422
    dialogue = body.get("dialogue")
    if not isinstance(dialogue, str) or dialogue.isspace() or not dialogue:
        return 422
    if max_characters < len(dialogue):
        return 413
    controls = dict.fromkeys(set(range(32)) - set(map(ord, "\n\r\t")))
    if dialogue.translate(controls) != dialogue:
        return 422
    if len(dialogue.split("<|endoftext|>")) > 1:
        return 422
    count = body.get("max_new_tokens", 200)
    if count is True or count is False or not isinstance(count, int):
        return 422
    return 200 if max(1, min(count, 200)) == count else 422


def status_as_text(body, max_characters):
    return str(_status(body, max_characters))


def status_as_bool(body, max_characters):
    return _status(body, max_characters) == 200


def status_ord_of_text(body, max_characters):
    if not isinstance(body, dict) or not isinstance(body.get("dialogue"), str):
        return 422
    return 422 if ord(body["dialogue"]) < 32 else 200


def status_always_fine(body, max_characters):
    return 200


def status_count_unasked(body, max_characters):
    if not isinstance(body, dict) or not isinstance(body.get("dialogue"), str):
        return 422
    t = body["dialogue"]
    if not t.strip():
        return 422
    if len(t) > max_characters:
        return 413
    if any(ord(c) < 32 and c not in "\n\r\t" for c in t) or "<|endoftext|>" in t:
        return 422
    m = body["max_new_tokens"]
    if type(m) is not int or not 1 <= m <= 200:
        return 422
    return 200


def status_end_only(body, max_characters):
    if not isinstance(body, dict) or not isinstance(body.get("dialogue"), str):
        return 422
    t = body["dialogue"]
    if not t.strip():
        return 422
    if len(t) > max_characters:
        return 413
    if any(ord(c) < 32 and c not in "\n\r\t" for c in t):
        return 422
    if t.endswith("<|endoftext|>"):
        return 422
    if "max_new_tokens" in body:
        m = body["max_new_tokens"]
        if type(m) is not int or not 1 <= m <= 200:
            return 422
    return 200


def status_control_stripped(body, max_characters):
    if not isinstance(body, dict) or not isinstance(body.get("dialogue"), str):
        return 422
    t = body["dialogue"]
    if not t.strip():
        return 422
    if len(t) > max_characters:
        return 413
    if any(ord(c) < 32 and c not in "\n\r\t" for c in t.strip()):
        return 422
    if "<|endoftext|>" in t:
        return 422
    if "max_new_tokens" in body:
        m = body["max_new_tokens"]
        if type(m) is not int or not 1 <= m <= 200:
            return 422
    return 200


def status_two_mistakes(body, max_characters):
    """A dialogue of exactly max_characters is refused, and True is taken for 1."""
    if isinstance(body, dict) and body.get("max_new_tokens") is True:
        body = body | {"max_new_tokens": 1}
    return _status(body, max_characters - 1)


RIGHT = [
    status_by_regex,
    status_by_steps,
    status_by_http_status,
    status_by_exception,
    status_by_rules,
    status_by_numpy,
    status_by_translation,
]
WRONG = [
    (status_two_mistakes, "Two mistakes together give these answers"),
    (status_trusting, "before you use"),
    (status_no_dict_check, "before you use"),
    (status_no_type_check, "before you use"),
    (status_as_text, "It returns a text"),
    (status_as_bool, "none of 200, 413 and 422"),
    (status_ord_of_text, "stops with TypeError"),
    (status_always_fine, "Follow it in its order"),
    (status_count_unasked, "may lack max_new_tokens"),
    (status_end_only, "The status is not the one"),
    (status_control_stripped, "The status is not the one"),
]
