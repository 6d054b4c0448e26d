"""Plain values in other clothes: subclasses, library scalars, views, generators.

A right answer stays right as an `np.str_`, an IntEnum, a Counter, a namedtuple or a
pandas Series. They are undressed beside the student's code, before the border, where
types are compared exactly.
"""

import sys
from collections.abc import Callable, Iterator, Mapping, MappingView, Sequence
from decimal import Decimal
from itertools import islice
from numbers import Integral, Real
from typing import Any

import numpy as np

MOST_ITEMS = 2**19  # of a generator, which may have no end; to_plain takes no more

# What a subclass keeps inside, asked of the base class: its own methods may lie.
_BASES: tuple[tuple[type, Callable[[Any], Any]], ...] = (
    (str, str.__str__),
    (int, int.__int__),
    (float, float.__float__),
    (dict, lambda value: dict(dict.items(value))),
    (list, lambda value: [*list.__iter__(value)]),
    (tuple, lambda value: [*tuple.__iter__(value)]),
)
_PLAIN = frozenset({type(None), bool, *(base for base, _ in _BASES)})


def undressed(value: Any) -> Any:
    """Return the plain value that this one stands for, or itself if there is none.

    It looks at the outermost layer only: items are undressed in their turn.
    """
    kind = type(value)
    if kind in _PLAIN:
        return value
    for base, plain in _BASES:
        if issubclass(kind, base):
            return plain(value)
    if kind is np.longdouble:
        return float(value)
    if issubclass(kind, np.ndarray | np.generic):
        return _from_numpy(value)
    torch, pandas = sys.modules.get("torch"), sys.modules.get("pandas")
    if torch and issubclass(kind, torch.Tensor):
        return value if kind is torch.nn.Parameter else value.as_subclass(torch.Tensor)
    if pandas and issubclass(kind, pandas.Series):
        is_named = value.index.inferred_type == "string"
        return value.to_dict() if is_named else value.tolist()
    if pandas and issubclass(kind, pandas.Index):
        return value.tolist()
    if issubclass(kind, Mapping):
        return dict(value.items())
    if issubclass(kind, Iterator | MappingView | Sequence):
        # Bytes are a sequence of numbers, and never meant as one.
        return value if issubclass(kind, bytes | bytearray) else _items(value)
    if issubclass(kind, Integral):
        return int(value)
    if issubclass(kind, Real | Decimal):
        return float(value)
    return value


def _items(value: Any) -> list[Any]:
    return list(islice(value, MOST_ITEMS))


def _from_numpy(value: Any) -> Any:
    """Return texts, objects and long doubles as what NumPy's numbers are not."""
    array = np.asarray(value)
    if array.dtype.kind in "UO":
        return array.tolist()
    if array.dtype.kind == "f" and array.dtype.itemsize > 8:
        return array.astype(np.float64)
    return array if isinstance(value, np.ndarray) else value
