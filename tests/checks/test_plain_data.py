"""Plain data: what may cross from a student's code to the code that judges it."""

from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from course_utils.checks import (
    PUBLIC_SEED,
    from_bytes,
    questions,
    run_judge,
    to_bytes,
    to_plain,
)
from course_utils.checks.judges.compare import same, wrong
from course_utils.checks.plain_data import PlainError
from course_utils.checks.show import cut, show
from course_utils.checks.weights import load_weights, weights_of
from course_utils.machine.errors import CourseError

arrays = hnp.arrays(
    st.sampled_from([np.bool_, np.uint8, np.int64, np.float16, np.float32, np.float64]),
    hnp.array_shapes(min_dims=0, max_dims=3, min_side=0),
)
scalars = st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats()
plain = st.recursive(
    scalars | st.text() | arrays,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


def identical(left, right) -> bool:
    assert type(left) is type(right)
    if isinstance(left, np.ndarray):
        assert left.dtype == right.dtype
        assert left.shape == right.shape
        return left.tobytes() == right.tobytes()
    if isinstance(left, list):
        return len(left) == len(right) and all(map(identical, left, right))
    if isinstance(left, dict):
        return list(left) == list(right) and all(
            identical(left[key], right[key]) for key in left
        )
    return left == right or left != left


class TestPlainData:
    @given(plain)
    def test_crosses_unchanged(self, value):
        assert identical(from_bytes(to_bytes(value)), to_plain(value))
        assert identical(to_plain(to_plain(value)), to_plain(value))

    def test_tensors_tuples_and_scalars_become_plain(self):
        import torch

        value = {
            "a": (1, np.float32(0.5), np.int64(3), np.True_),
            "b": torch.nn.Parameter(torch.tensor([[1.5]])),
            "c": torch.tensor([1.0, 2.0], dtype=torch.bfloat16),
        }
        got = to_plain(value)
        assert got["a"] == [1, 0.5, 3, True]
        assert [type(item) for item in got["a"]] == [int, float, int, bool]
        assert got["b"].tolist() == [[1.5]]
        assert got["c"].dtype == np.float32

    def test_a_copy_shares_nothing(self):
        array = np.zeros(3)
        copy = to_plain(array[::-1])
        array[:] = 1
        assert copy.tolist() == [0, 0, 0]

    def test_nan_and_infinity_are_kept(self):
        got = from_bytes(
            to_bytes([float("nan"), float("-inf"), np.array([np.nan, np.inf])])
        )
        assert np.isnan(got[0])
        assert got[1] == -np.inf
        assert np.isnan(got[2][0])
        assert not same(float("nan"), float("nan"))

    def test_liars_do_not_pass(self):
        class Equal:
            def __eq__(self, other):
                return True

            @property
            def __class__(self):
                return float

        kinds = [int, float, str, list, dict, np.ndarray]
        liars = [
            type("Liar", (kind,), {"__eq__": lambda *_: True}) for kind in kinds[:5]
        ]
        lying_array = np.zeros(2).view(type("Liar", (np.ndarray,), {}))
        for value in [Equal(), *(liar() for liar in liars), lying_array]:
            assert type(value) not in kinds
            for nested in (value, [value], {"key": value}, ({"key": (value,)},)):
                with pytest.raises(PlainError, match=r"Liar|Equal"):
                    to_plain(nested)

    @pytest.mark.parametrize(
        "value",
        [
            {1, 2},
            object(),
            b"bytes",
            1j,
            2**64,
            {1: "int key"},
            {"__array__": "a0"},
            np.array([1, "a"], dtype=object),
            np.array(["text"]),
            np.array([1j]),
            np.zeros(2, dtype=[("x", float)]),
            np.ma.masked_array([1.0]),
            np.longdouble(1),
        ],
    )
    def test_other_types_are_refused(self, value):
        with pytest.raises(PlainError):
            to_plain(value)

    def test_size_and_depth_are_capped(self):
        loop = []
        loop.append(loop)
        bomb = ["x"]
        for _ in range(15):
            bomb = [bomb] * 10
        for value in (
            loop,
            bomb,
            "x" * 2**25,
            np.zeros(2**22),
            np.broadcast_to(np.zeros(1), (10**12,)),
            [np.zeros(2**20)] * 3,
        ):
            with pytest.raises(PlainError, match=r"too large|deeper"):
                to_plain(value)

    def test_half_a_surrogate_pair_can_be_written(self):
        to_plain("a\ud800b").encode("utf-8")

    @pytest.mark.parametrize(
        "text",
        [
            '{"__array__": "missing"}',
            '{"__array__": ["a0"]}',
            "[" * 100_000,
            "[" * 50 + "]" * 50,
            "1" * 10_000,
            "{'a': 1}",
            "",
        ],
    )
    def test_hostile_bytes_are_refused(self, text):
        from safetensors.numpy import save

        good = to_bytes([1, np.zeros(3)])
        assert from_bytes(good)[0] == 1
        array = np.frombuffer(text.encode() or b" ", np.uint8)
        for content in (save({"json": array}), good[:-1], text.encode(), b""):
            with pytest.raises(PlainError):
                from_bytes(content)

    @given(st.binary(max_size=200), st.integers(0, 150))
    def test_noise_is_refused_or_plain(self, noise, place):
        content = to_bytes({"a": [1, np.arange(3)]})
        with suppress(PlainError):
            to_plain(
                from_bytes(content[:place] + noise + content[place + len(noise) :])
            )

    def test_an_answer_of_any_plain_form_is_judged(self):
        @given(plain)
        def judge_anything(answer):
            for item in questions("ex05")[:4]:
                verdict = run_judge(item.id, {"answer": answer}, PUBLIC_SEED)
                assert not verdict.right
                assert verdict.message

        judge_anything()


class TestJudge:
    def test_same(self):
        assert same(1.00001, 1.0)
        assert not same(1.001, 1.0)
        assert same([3.0], 3)
        assert not same(100_001, 100_000)
        assert same([[1, 2], [3]], [[1, 2], [3]])
        assert not same([[1, 2], [4]], [[1, 2], [3]])
        assert same(np.array([1, 2]), [1, 2])
        assert same({"a": ["x", None]}, {"a": ["x", None]})
        assert not same("1", 1)
        assert not same(None, 0)
        assert not same([], [0])

    def test_show_is_readable_and_short(self):
        assert show(np.arange(3.0)) == "[0., 1., 2.]"
        assert show(np.float32(1 / 3)) == "0.333333"
        assert show([1] * 100) == "[1, 1, 1, 1, 1, 1, 1, 1, ...]"
        assert "shape (9, 9)" in show(np.zeros((9, 9)))
        assert len(show({"a": ["x" * 500] * 9})) == 200
        records = [{"id": number, "in": {"a": 1}} for number in range(12)]
        assert show(records).count("in={a=1}") == 12
        assert len(show([{"a": "x" * 150}] * 12)) == 1000
        assert cut("abcdef", 5) == "ab..."

    def test_a_late_difference_is_shown(self):
        expected = {"texts": [*["word"] * 100, "right", *["word"] * 100]}
        got = {"texts": [*["word"] * 100, "wrong", *["word"] * 100]}
        lines = wrong("Look.", expected=expected, got=got).details.splitlines()
        assert lines[0].startswith("expected  ...")
        assert lines[1].startswith("got       ...")
        assert lines[0].index("right") == lines[1].index("wrong") < 60
        assert max(map(len, lines)) <= 210
        arrays = {"expected": np.zeros(99), "got": np.eye(1, 99, 50)[0]}
        lines = wrong("", **arrays).details.splitlines()
        assert lines[1].index("1") == lines[0].index("...") + 43
        assert wrong("", expected=1.5, got=2).details == "expected  1.5\ngot       2"


def test_doctored_weights_are_refused():
    import torch

    model = torch.nn.Linear(2, 2)
    good = weights_of(model)
    load_weights(model, good)
    for doctored, hint in (
        ({"weight": good["weight"]}, "another model"),
        ({**good, "extra": good["bias"]}, "another model"),
        ("weights", "another model"),
        ({**good, "bias": np.zeros(3, np.float32)}, "another shape"),
        ({**good, "bias": [0.0, 0.0]}, "another shape"),
        ({**good, "bias": np.array([np.nan, 0], np.float32)}, "NaN"),
    ):
        with pytest.raises(CourseError, match=hint):
            load_weights(model, doctored)
