"""Judge of 3.5, the first weights."""

import math
from typing import Any

from course_utils.checks.contract import Inputs, Verdict
from course_utils.checks.judges.compare import wrong
from course_utils.checks.judges.ex06_parameters import gpt2_shapes


def judge(data: Any, inputs: Inputs) -> Verdict:
    """Mean and standard deviation of each parameter, within a tenth."""
    for got, case in zip(data, inputs["cases"], strict=True):
        small = 0.02 / math.sqrt(2 * case["n_layer"])
        shapes = gpt2_shapes(
            64, case["n_layer"], case["vocab_size"], case["n_positions"]
        )
        if {name: found["shape"] for name, found in got.items()} != shapes:
            return wrong(
                "The model has other parameters than before: set the numbers in those "
                "that it has.",
                **case,
            )
        starts = {name: found.pop("start") for name, found in got.items()}
        for name, found in got.items():
            mean, std = _start(name, small)
            near = [
                all(map(math.isfinite, starts[name])),
                abs(found["mean"] - mean) <= 0.1 * std + 1e-6,
                abs(found["std"] - std) <= 0.1 * std + 1e-6,
                std == 0 or 0.03 < found["beyond"] < 0.06,  # 0.046 if it is normal
            ]
            if not all(near):
                hint = _weights_hint(name, found, case["n_layer"])
                if all(near[:3]):
                    hint = (
                        "The size is right, but the numbers are not drawn from a "
                        "normal distribution: use torch.nn.init.normal_."
                    )
                expected = {"mean": mean, "std": std}
                return wrong(hint, parameter=name, **case, expected=expected, got=found)
        drawn = [tuple(x) for x in starts.values() if len(set(x)) > 1]
        if len(set(drawn)) < len(drawn):
            return wrong(
                "Two matrices hold the same numbers: draw each anew, and set no seed "
                "in between.",
                **case,
            )
    return Verdict(True)


def _start(name: str, small: float) -> tuple[float, float]:
    """Return mean and standard deviation at which GPT-2 starts a parameter."""
    if name.endswith("bias"):
        return 0.0, 0.0
    if ".ln_" in name:
        return 1.0, 0.0
    return 0.0, small if name.endswith("c_proj.weight") else 0.02


def _weights_hint(name: str, got: dict[str, float], n_layer: int) -> str:
    def near(std: float) -> bool:
        return abs(got["std"] - std) < 0.1 * std

    if got["mean"] == 7 and got["std"] == 0:
        return "A parameter was left as it is: set every one of them, in place."
    if name.endswith("bias"):
        return "Biases start at 0, those of the layer norms, too."
    if abs(got["mean"]) > max(0.01, 0.3 * got["std"]) and ".ln_" not in name:
        return "Matrices and tables are drawn around 0: this mean is another."
    if ".ln_" in name:
        return (
            "A layer norm starts with a scale of 1: with small random numbers, or 0, "
            "it would shrink all that passes."
        )
    if not name.endswith("c_proj.weight"):
        if near(0.02 / math.sqrt(2 * n_layer)):
            return (
                "Only the c_proj matrices, which write into the residual sum, start "
                "smaller: all others have 0.02."
            )
        if near(0.02**2) or near(0.02**0.5):
            return "0.02 is the standard deviation, not the variance."
        return "Matrices and tables start with a standard deviation of 0.02, around 0."
    if near(0.02):
        return (
            "The c_proj matrices, of attention and of the MLP, write into the residual "
            "sum, where 2 n_layer of them add up: both start smaller, by the root of "
            "that."
        )
    if near(0.02 / math.sqrt(n_layer)):
        return (
            "Each block adds twice, attention and MLP: divide by the root of 2 n_layer."
        )
    if near(0.02 / (2 * n_layer)):
        return "Divide by the root of 2 n_layer: variances add up, not deviations."
    if near(0.02 / math.sqrt(2 * 12)):
        return "This is the size for 12 layers: take n_layer from model.config."
    return "A c_proj matrix starts with 0.02 / the root of (2 n_layer)."
