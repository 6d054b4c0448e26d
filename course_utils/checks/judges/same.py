"""Whether two plain values are equal."""

from typing import Any

import numpy as np


def same(
    got: Any, expected: Any, tolerance: float = 1e-4, nothing: float = 0.0
) -> bool:
    """Return whether two plain values are equal, lists and arrays alike.

    Expected integers have to be met exactly, floats within a relative `tolerance`.
    Floats that differ by less than `nothing` are equal, too. A single number may come
    in a list or array of one. NaN equals nothing.
    """
    if isinstance(expected, str | None):
        return isinstance(got, str | None) and got == expected
    if isinstance(expected, dict):
        return (
            isinstance(got, dict)
            and got.keys() == expected.keys()
            and all(same(got[key], expected[key], tolerance) for key in expected)
        )
    if isinstance(expected, int | float) and isinstance(got, int | float):
        return _same_number(got, expected, tolerance, nothing)
    left, right = numbers(got), numbers(expected)
    if left is None or right is None:
        return (
            isinstance(got, list)
            and isinstance(expected, list)
            and len(got) == len(expected)
            and all(same(*pair, tolerance) for pair in zip(got, expected, strict=True))
        )
    if right.ndim and left.ndim and len(right) == len(left) == 0:
        return True  # no rows, however wide
    if right.size == left.size == 1:
        left, right = left.reshape(()), right.reshape(())
    if left.shape != right.shape:
        return False
    if right.dtype.kind in "biu":
        return bool(np.array_equal(left, right))
    # Near 0, what counts is the size of the others: float32 sums may cancel there.
    scale = np.max(np.abs(right[np.isfinite(right)]), initial=0) or 1.0
    near = max(nothing, 1e-6 * scale)
    return bool(np.allclose(left, right, rtol=tolerance, atol=near))


def _same_number(got: float, expected: float, tolerance: float, nothing: float) -> bool:
    """Do what `same` does, for two numbers, without making arrays of them."""
    if got == expected or isinstance(expected, int):
        return got == expected
    near = max(nothing, 1e-6 * abs(expected) or 1e-6)
    return abs(got - expected) <= near + tolerance * abs(expected)


def numbers(value: Any) -> np.ndarray | None:
    """Return a value as an array of numbers, or None if it is none."""
    try:
        array = np.asarray(value)
    except ValueError:  # rows of different lengths
        return None
    return array if array.dtype.kind in "biuf" else None
