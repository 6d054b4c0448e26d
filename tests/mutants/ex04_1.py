"""Right and wrong answers to Exercise 4.1, as students write them."""


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


RIGHT = [precision_by_major, precision_by_none]
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
]
