"""Values as texts that a student can read."""

from itertools import takewhile
from typing import Any

import numpy as np


def listing(texts: dict[str, str]) -> str:
    """Return a line for each, the names in a column."""
    width = max(map(len, texts), default=0)
    return "\n".join(f"{name:<{width}}  {text}" for name, text in texts.items())


def show(value: Any, limit: int | None = 200) -> str:
    """Return a value as text of a readable size; all of it if `limit` is None."""
    if isinstance(value, np.ndarray | np.generic) and value.size == 1:
        value = value.item()
    elif isinstance(value, np.ndarray) and limit is None:
        value = value.tolist()
    if isinstance(value, np.ndarray):
        text = np.array2string(
            value, precision=4, threshold=24, edgeitems=2, separator=", "
        )
        text = " ".join(text.split())
        if value.size > 24:
            text = f"shape {value.shape}, {text}"
    elif isinstance(value, float):
        text = f"{value:.6g}"
    elif isinstance(value, list):
        of_dicts = any(isinstance(item, dict) for item in value)
        most = (12 if of_dicts else 8) if limit else len(value)
        items = [_inside(item, limit) for item in value[:most]]
        text = f"[{', '.join(items + ['...'][: len(value) > most])}]"
        if limit and of_dicts:  # records: each is read for itself
            limit *= 5
    elif isinstance(value, dict):
        text = ", ".join(f"{key}={_inside(x, limit)}" for key, x in value.items())
        text = text or "{}"
    else:
        text = repr(value)
    return cut(text, limit) if limit else text


def _inside(value: Any, limit: int | None) -> str:
    text = show(value, limit)
    return f"{{{text}}}" if isinstance(value, dict) and value else text


def from_difference(expected: Any, got: Any, before: int = 40) -> dict[str, str]:
    """Return both as texts that begin a little before their first difference."""
    texts = show(expected, None), show(got, None)
    pairs = zip(*texts, strict=False)
    same_until = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
    start = max(0, same_until - before)
    left, right = (cut("..."[:start] + text[start:], 200) for text in texts)
    return {"expected": left, "got": right}


def cut(text: str, limit: int = 300) -> str:
    """Return `text`, its end replaced by "..." if it is longer than `limit`."""
    return text if len(text) <= limit else f"{text[: limit - 3]}..."
