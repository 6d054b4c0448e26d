"""Right and wrong answers to Exercise 4.2, as students write them."""

from collections import Counter, OrderedDict, defaultdict

import numpy as np
import pandas as pd
import torch


def _state(n, trained, precision, weight=4, copy=2, gradient=4, optimizer=8):
    half = precision in ("fp16", "bf16")
    return {
        "weights": weight * n + copy * trained * half,
        "gradients": gradient * trained,
        "optimizer": optimizer * trained,
    }


def bytes_in_bits(n_parameters, n_trained, precision):
    weights = (
        32 * n_parameters + {"no": 0, "fp16": 16, "bf16": 16}[precision] * n_trained
    )
    return {
        "optimizer": 64 * n_trained // 8,
        "gradients": 32 * n_trained // 8,
        "weights": weights // 8,
    }


def bytes_by_parts(n_parameters, n_trained, precision):
    frozen = n_parameters - n_trained
    each = {"weights": 4 if precision == "no" else 6, "gradients": 4, "optimizer": 8}
    parts = {name: size * n_trained for name, size in each.items()}
    parts["weights"] += 4 * frozen
    return parts


def bytes_in_megabytes(n_parameters, n_trained, precision):
    parts = _state(n_parameters, n_trained, precision)
    return {name: count / 1e6 for name, count in parts.items()}


def bytes_total(n_parameters, n_trained, precision):
    return sum(_state(n_parameters, n_trained, precision).values())


def bytes_numpy(n_parameters, n_trained, precision):
    numbers = np.array([n_parameters, n_trained, 2 * n_trained], dtype=np.int64)
    sizes = numbers * np.dtype(np.float32).itemsize
    sizes[0] += (precision != "no") * n_trained * np.dtype(np.float16).itemsize
    return dict(zip(("weights", "gradients", "optimizer"), sizes, strict=True))


def bytes_torch(n_parameters, n_trained, precision):
    trained = torch.empty(n_trained, device="meta")
    parts = defaultdict(int)
    parts["weights"] += torch.empty(n_parameters, device="meta").nbytes
    if precision in {"fp16", "bf16"}:
        parts["weights"] += trained.half().nbytes
    parts["gradients"] += trained.nbytes
    for _ in range(2):
        parts["optimizer"] += trained.nbytes
    return parts


def bytes_counter(n_parameters, n_trained, precision):
    total = Counter(weights=4 * (n_parameters - n_trained))
    total.update(
        weights=4 * n_trained, gradients=4 * n_trained, optimizer=8 * n_trained
    )
    if precision.endswith("16"):
        total.update(weights=2 * n_trained)
    return total


def bytes_pandas(n_parameters, n_trained, precision):
    table = pd.Series({"weights": 4.0 * n_parameters, "gradients": 4.0 * n_trained})
    table["optimizer"] = 2 * table["gradients"]
    table["weights"] += table["gradients"] / 2 if precision != "no" else 0
    return OrderedDict(table.items())


def bytes_in_bits_left(n_parameters, n_trained, precision):
    return _state(n_parameters, n_trained, precision, 32, 16, 32, 64)


def bytes_without_frozen(n_parameters, n_trained, precision):
    return _state(n_trained, n_trained, precision)


def bytes_as_tuple(n_parameters, n_trained, precision):
    return tuple(_state(n_parameters, n_trained, precision).values())


def bytes_printed(n_parameters, n_trained, precision):
    print(_state(n_parameters, n_trained, precision))


def bytes_other_keys(n_parameters, n_trained, precision):
    parts = _state(n_parameters, n_trained, precision)
    parts["optimiser"] = parts.pop("optimizer")
    return parts


def bytes_bool(n_parameters, n_trained, precision):
    mixed = precision == "fp16" or "bf16"
    return _state(n_parameters, n_trained, "fp16" if mixed else "no")


def bytes_named_wrongly(n_parameters, n_trained, precision):
    sizes = {"no": 0, "fp16": 2}
    return {"weights": 4 * n_parameters + sizes[precision] * n_trained}


def bytes_from_library(n_parameters, n_trained, precision):
    from course_utils.model.planner import training_memory

    return training_memory(n_parameters, precision=precision)


def bytes_frozen_in_both(n_parameters, n_trained, precision):
    weights = _state(n_parameters, n_trained, precision)["weights"]
    return _state(n_parameters, n_parameters, precision) | {"weights": weights}


def bytes_two_mistakes(n_parameters, n_trained, precision):
    return {
        "weights": n_parameters * (4 if precision == "no" else 6),
        "gradients": 4 * n_trained,
        "optimizer": 4 * n_trained,
    }


def bytes_with_master_weights(n_parameters, n_trained, precision):
    each = 4 if precision == "no" else 2
    return {
        "weights": each * n_parameters,
        "gradients": each * n_trained,
        "optimizer": (8 if precision == "no" else 12) * n_trained,
    }


RIGHT = [
    bytes_in_bits,
    bytes_by_parts,
    bytes_numpy,
    bytes_torch,
    bytes_counter,
    bytes_pandas,
]
WRONG = [
    (bytes_with_master_weights, "Mixed precision does not halve"),
    (bytes_in_megabytes, "These are megabytes"),
    (bytes_total, "This is the sum"),
    (bytes_in_bits_left, "These are bits"),
    (bytes_without_frozen, "have a weight all the same"),
    (bytes_as_tuple, "returns a list or tuple, where a dict"),
    (bytes_printed, "`print` shows"),
    (bytes_other_keys, "lacks `optimizer`"),
    (bytes_bool, "there are no 16-bit copies"),
    (bytes_named_wrongly, "no such key"),
    (bytes_from_library, "write it yourself"),
    (bytes_frozen_in_both, "no gradient and no optimizer state"),
    (bytes_two_mistakes, "8 bytes. Only weights that are trained"),
]
