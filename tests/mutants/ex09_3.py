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


RIGHT = [status_by_regex, status_by_steps]
WRONG = [
    (status_trusting, "may lack the dialogue"),
    (status_no_dict_check, "before you use a value"),
    (status_no_type_check, "before you use a value"),
]
