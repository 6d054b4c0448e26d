"""Plain data: all that crosses from a student's code to the code that judges it.

Plain data are None, bool, int, float, str, lists and dicts of these (with str keys),
and NumPy arrays of bool, int or float. Types are compared exactly, so that no subclass
with an `__eq__` or a `__class__` of its own gets through. (What is plain in other
clothes, such as an `np.str_`, is undressed before, beside the student's code.) NaN and
infinity are kept: they are answers, and wrong ones. On the way they are safetensors
bytes, which can hold neither code nor compressed data.
"""

import json
import sys
from collections.abc import Callable
from typing import Any

import numpy as np

MAX_BYTES = 16 * 2**20
MAX_DEPTH = 16
NODE_BYTES = 32  # what an item of a list counts: about 2**19 of them fit
_ARRAY = "__array__"
_NUMPY_SCALARS = frozenset(np.sctypeDict.values())


class PlainError(Exception):
    """The value is no plain data; the text says where and why."""


def to_plain(
    value: Any,
    max_bytes: int = MAX_BYTES,
    undress: Callable[[Any], Any] | None = None,
) -> Any:
    """Return `value` as plain data: a copy that shares nothing with it.

    Tuples become lists, NumPy scalars numbers, tensors arrays (bfloat16 as float32).

    Args:
        value: what is to cross.
        max_bytes: its largest size.
        undress: called on each value and key first, for the plain value that it holds.

    Raises:
        PlainError: another type, nested deeper than 16, or larger than `max_bytes`.
    """
    return _Converter(max_bytes, undress).convert(value, "the answer", 0)


class _Converter:
    def __init__(
        self, max_bytes: int, undress: Callable[[Any], Any] | None = None
    ) -> None:
        self.left = max_bytes
        self.undress = undress or (lambda value: value)

    def convert(self, value: Any, where: str, depth: int) -> Any:
        value = self.undress(value)
        kind = type(value)
        if depth > MAX_DEPTH:
            raise PlainError(f"{where} is nested deeper than {MAX_DEPTH} levels")
        if kind is str:
            self.spend(len(value), where)
            # Half a surrogate pair is no text: it could not be written or shown.
            return value.encode("utf-8", "replace").decode("utf-8")
        self.spend(NODE_BYTES, where)
        if kind is int and not -(2**63) <= value < 2**64:
            raise PlainError(f"{where} is an int of more than 64 bits")
        if value is None or kind in (bool, int, float):
            return value
        if kind in (list, tuple):
            return [
                self.convert(item, f"{where}[{index}]", depth + 1)
                for index, item in enumerate(value)
            ]
        if kind is dict:
            return {
                self.key(key, where): self.convert(item, f"{where}[{key!r}]", depth + 1)
                for key, item in value.items()
            }
        if kind in _NUMPY_SCALARS:
            value = np.asarray(value)
            return self.array(value, where).item()
        if kind is np.ndarray:
            return self.array(value, where)
        torch = sys.modules.get("torch")
        if torch and kind in (torch.Tensor, torch.nn.Parameter):
            return self.tensor(value, where)
        raise PlainError(f"{where} is a {kind.__name__}")

    def key(self, key: Any, where: str) -> str:
        key = self.undress(key)
        if type(key) is not str or key == _ARRAY:
            raise PlainError(f"{where} has a key that is no plain str")
        return self.convert(key, where, 0)

    def array(self, value: np.ndarray, where: str) -> np.ndarray:
        if value.dtype.kind not in "biuf" or value.dtype.itemsize > 8:
            raise PlainError(f"{where} is an array of {value.dtype}, not of numbers")
        self.spend(value.nbytes, where)
        return np.array(value, value.dtype.newbyteorder("="), order="C", copy=True)

    def tensor(self, value: Any, where: str) -> np.ndarray:
        self.spend(value.numel() * value.element_size(), where)
        try:
            value = value.detach().cpu()
            if str(value.dtype) == "torch.bfloat16":
                value = value.float()
            return np.array(value.numpy(), order="C", copy=True)
        except (TypeError, RuntimeError) as error:
            raise PlainError(f"{where} is a tensor without plain numbers") from error

    def spend(self, size: int, where: str) -> None:
        self.left -= size
        if self.left < 0:
            raise PlainError(f"{where} is too large")


def to_bytes(data: Any, max_bytes: int = MAX_BYTES) -> bytes:
    """Return plain data as safetensors bytes: its arrays, and the rest as JSON.

    Raises:
        PlainError: see `to_plain`.
    """
    from safetensors.numpy import save

    arrays: dict[str, np.ndarray] = {}

    def refer(array: np.ndarray) -> dict[str, str]:
        name = f"a{len(arrays)}"
        arrays[name] = array
        return {_ARRAY: name}

    text = json.dumps(to_plain(data, max_bytes), default=refer)
    return save({"json": np.frombuffer(text.encode("ascii"), np.uint8), **arrays})


def from_bytes(content: bytes, max_bytes: int = MAX_BYTES) -> Any:
    """Return the plain data in `content`, which may come from a hostile writer.

    Raises:
        PlainError: broken, too large, or no plain data.
    """
    from safetensors import SafetensorError
    from safetensors.numpy import load

    if len(content) > 2 * max_bytes:  # JSON and headers may double the size
        raise PlainError("the answer is too large")
    try:
        arrays = load(content)
        text = arrays.pop("json").tobytes().decode("ascii")
        data = json.loads(text, object_hook=lambda item: _restore(item, arrays))
    except SafetensorError as error:
        raise PlainError("the answer is no safetensors file") from error
    except (KeyError, TypeError, ValueError, RecursionError, OverflowError) as error:
        raise PlainError(f"the answer is broken ({type(error).__name__})") from error
    return to_plain(data, max_bytes)


def _restore(item: dict[str, Any], arrays: dict[str, np.ndarray]) -> Any:
    return arrays[item[_ARRAY]] if item.keys() == {_ARRAY} else item
