"""Right and wrong answers to Exercise 4.1, as students write them."""

from enum import StrEnum

import numpy as np
import pandas as pd


def precision_by_major(device, capability):
    if device == "cuda":
        major, _ = capability
        return "bf16" if major >= 8 else "fp16"
    return "no"


def precision_by_none(device, capability):
    if capability is None:
        return "no"
    return ("fp16", "bf16")[capability >= (8, 0)]


def precision_above_8(device, capability):
    if device != "cuda":
        return "no"
    return "bf16" if capability > (8, 0) else "fp16"


def precision_major_above_8(device, capability):
    if device != "cuda":
        return "no"
    return "bf16" if capability[0] > 8 else "fp16"


def precision_only_8(device, capability):
    if device != "cuda":
        return "no"
    return "bf16" if capability[0] == 8 else "fp16"


def precision_as_text(device, capability):
    if device != "cuda":
        return "no"
    return "bf16" if ".".join(map(str, capability)) >= "8.0" else "fp16"


def precision_bf16_everywhere(device, capability):
    return "bf16" if device == "cuda" else "no"


def precision_fp16_everywhere(device, capability):
    return "fp16" if device == "cuda" else "no"


def precision_fp16_on_cpu(device, capability):
    return "bf16" if capability and capability >= (8, 0) else "fp16"


def precision_bf16_on_cpu(device, capability):
    if device == "cuda" and capability < (8, 0):
        return "fp16"
    return "bf16"


def precision_float32_on_old(device, capability):
    return "bf16" if device == "cuda" and capability >= (8, 0) else "no"


def precision_without_device(device, capability):
    return "bf16" if capability >= (8, 0) else "fp16"


def precision_as_flags(device, capability):
    if device != "cuda":
        return {}
    return {"bf16": True} if capability >= (8, 0) else {"fp16": True}


class Precision(StrEnum):
    BF16 = "bf16"
    FP16 = "fp16"
    NO = "no"


def precision_enum(device, capability):
    if device in ("cpu", "mps"):
        return Precision.NO
    return Precision.BF16 if float("{}.{}".format(*capability)) >= 8 else Precision.FP16


def precision_numpy(device, capability):
    old = np.array(capability or (0, 0)) @ [10, 1] < 80
    return np.select([device != "cuda", old], ["no", "fp16"], "bf16")[()]


def precision_pandas(device, capability):
    table = pd.Series({0: "no", 1: "fp16", 2: "bf16"})
    place = (device == "cuda") + (device == "cuda" and capability[0] > 7)
    return table[place]


def precision_match(device, capability):
    match device, capability:
        case "cuda", (major, _) if major in range(8, 100):
            return "bf16"
        case "cuda", _:
            return "fp16"
        case _:
            return "no"


def precision_long_names(device, capability):
    return {"bf16": "bfloat16"}.get(precision_by_major(device, capability), "no")


def precision_fp32(device, capability):
    if device != "cuda":
        return "fp32"
    return "bf16" if capability >= (8, 0) else "fp16"


def precision_none(device, capability):
    if device == "cuda":
        return "bf16" if capability >= (8, 0) else "fp16"


def precision_mps_fp16(device, capability):
    if device == "mps":
        return "fp16"
    return precision_by_none(device, capability)


def precision_from_volta(device, capability):
    if device != "cuda":
        return "no"
    return "bf16" if capability >= (7, 0) else "fp16"


def precision_both_parts(device, capability):
    if device != "cuda":
        return "no"
    return "bf16" if capability[0] >= 8 and capability[1] > 0 else "fp16"


def precision_exchanged(device, capability):
    if device != "cuda":
        return "no"
    return "fp16" if capability >= (8, 0) else "bf16"


def precision_printed(device, capability):
    print(precision_by_none(device, capability))


def precision_text_and_number(device, capability):
    if device != "cuda":
        return "no"
    return "bf16" if f"{capability[0]}" >= 8 else "fp16"


RIGHT = [
    precision_by_major,
    precision_by_none,
    precision_enum,
    precision_numpy,
    precision_pandas,
    precision_match,
]
WRONG = [
    (precision_above_8, "Capability 8.0 has bfloat16"),
    (precision_major_above_8, "Capability 8.0 has bfloat16"),
    (precision_only_8, "GPUs after capability 8"),
    (precision_as_text, "compare numbers"),
    (precision_bf16_everywhere, "only emulates bfloat16"),
    (precision_fp16_everywhere, "From capability 8.0 on"),
    (precision_fp16_on_cpu, "Without CUDA"),
    (precision_bf16_on_cpu, "Without CUDA"),
    (precision_float32_on_old, "float16 is fast"),
    (precision_without_device, "Only CUDA has a capability"),
    (precision_as_flags, 'Return "bf16"'),
    (precision_fp32, "The names are"),
    (precision_none, "Without CUDA it returns None"),
    (precision_mps_fp16, "for mps"),
    (precision_from_volta, "begins with capability 8.0"),
    (precision_both_parts, "compare the pair"),
    (precision_exchanged, "The two are exchanged"),
    (precision_printed, "`print` shows"),
    (precision_text_and_number, "unlike kinds are compared"),
    (precision_long_names, "Two mistakes together"),
]
