"""What is plain in other clothes becomes plain before it crosses."""

from array import array
from collections import Counter, OrderedDict, UserDict, defaultdict, deque, namedtuple
from decimal import Decimal
from enum import IntEnum, StrEnum
from fractions import Fraction
from itertools import chain, repeat
from numbers import Integral

import numpy as np
import pandas as pd
import pytest
import torch
from test_plain_data import identical

from course_utils.checks import to_plain
from course_utils.checks.plain_data import MAX_BYTES, PlainError
from course_utils.checks.undress import undressed

Pair = namedtuple("Pair", "word count")
Code = IntEnum("Code", {"OK": 200})
Name = StrEnum("Name", {"BF16": "bf16"})
counted = defaultdict(int, {"a": 1})


@pytest.mark.parametrize(
    ("dressed", "plain"),
    [
        (np.str_("bf16"), "bf16"),
        (Name.BF16, "bf16"),
        (Code.OK, 200),
        (Pair("a", 1), ["a", 1]),
        ([Pair(np.str_("a"), np.int32(1))], [["a", 1]]),
        (counted, {"a": 1}),
        (Counter("aa"), {"a": 2}),
        (OrderedDict(a=np.float16(0.5)), {"a": 0.5}),
        (UserDict(a=1), {"a": 1}),
        ({np.str_("a"): 1, Name.BF16: 2}, {"a": 1, "bf16": 2}),
        (np.array(["a", "b"]), ["a", "b"]),
        (np.array([1, "a"], dtype=object), [1, "a"]),
        (np.longdouble(0.5), 0.5),
        (range(3), [0, 1, 2]),
        (deque([1, 2]), [1, 2]),
        (array("i", [1, 2]), [1, 2]),
        ((i for i in (1, 2)), [1, 2]),
        (zip("ab", (1, 2), strict=True), [["a", 1], ["b", 2]]),
        (map(str, [1]), ["1"]),
        (chain([1], [2]), [1, 2]),
        ({"a": 1}.keys(), ["a"]),
        ({"a": 1}.values(), [1]),
        ({"a": 1}.items(), [["a", 1]]),
        (Fraction(1, 2), 0.5),
        (Decimal("0.5"), 0.5),
        (pd.Series([1, 2]), [1, 2]),
        (pd.Series(["a", "b"]), ["a", "b"]),
        (pd.Series({"a": 1, "b": 0.5}), {"a": 1.0, "b": 0.5}),
        (pd.Series([], dtype=float), []),
        (pd.Index([1, 2]), [1, 2]),
        (torch.Size([2, 3]), [2, 3]),
    ],
    ids=lambda value: type(value).__name__,
)
def test_becomes_plain(dressed, plain):
    got = to_plain(dressed, undress=undressed)
    assert identical(to_plain(got), plain) or np.array_equal(got, plain)


def test_subclasses_of_arrays_and_tensors():
    matrix = to_plain(np.arange(4).reshape(2, 2).view(np.matrix), undress=undressed)
    assert type(matrix) is np.ndarray
    tensor = torch.ones(2).as_subclass(type("Mine", (torch.Tensor,), {}))
    assert to_plain(tensor, undress=undressed).tolist() == [1, 1]


def test_a_whole_number_of_another_library_is_an_int():
    own = type("Own", (), {"__int__": lambda _: 7, "__float__": lambda _: 7.0})
    Integral.register(own)
    assert repr(to_plain(own(), undress=undressed)) == "7"


def test_a_liar_shows_what_it_holds():
    lies = {"__eq__": lambda *_: True, "__len__": lambda _: 99, "__iter__": None}
    for value in (5, 0.5, "a", [1], {"a": 1}):
        liar = type("Liar", (type(value),), lies)(value)
        got = to_plain(liar, undress=undressed)
        assert type(got) is type(value)
        assert got == value


@pytest.mark.parametrize(
    "value",
    [{1, 2}, b"ab", object(), 1j, {1: 2}],
    ids=lambda value: type(value).__name__,
)
def test_what_has_no_order_or_no_plain_value_stays_refused(value):
    with pytest.raises(PlainError):
        to_plain(value, undress=undressed)


def test_a_generator_without_an_end_is_too_large():
    with pytest.raises(PlainError, match="too large"):
        to_plain(repeat(1), MAX_BYTES, undressed)
