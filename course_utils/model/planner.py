"""What a training run will cost, before it starts: parameters, memory, minutes."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from course_utils.machine import runtime
from course_utils.machine.errors import CourseError

if TYPE_CHECKING:
    import torch
    from transformers import GPT2Config

BYTES = {"float32": 4, "float16": 2, "bfloat16": 2}


@dataclass(frozen=True)
class Gpu:
    """A GPU: its memory in GB, and its peak TFLOP/s by precision, without sparsity."""

    memory_gb: int
    tflops: dict[str, float]


# Source: NVIDIA's data sheets. Half precision is that of the tensor cores with float32
# sums, float32 that of the ordinary cores. T4 and V100 have no bfloat16.
GPUS = {
    "T4": Gpu(16, {"float32": 8.1, "float16": 65}),
    "V100": Gpu(16, {"float32": 15.7, "float16": 125}),
    "L4": Gpu(24, {"float32": 30.3, "float16": 121, "bfloat16": 121}),
    "RTX 3090": Gpu(24, {"float32": 35.6, "float16": 71, "bfloat16": 71}),
    "RTX 4090": Gpu(24, {"float32": 82.6, "float16": 165, "bfloat16": 165}),
    "A100": Gpu(40, {"float32": 19.5, "float16": 312, "bfloat16": 312}),
    "H100": Gpu(80, {"float32": 67, "float16": 989, "bfloat16": 989}),
    "H200": Gpu(141, {"float32": 67, "float16": 989, "bfloat16": 989}),
}
# The share of the peak that training GPT-2 reaches; nanoGPT reports 33 % on one H100
# (https://github.com/karpathy/nanoGPT/issues/464).
ASSUMED_MFU = 0.3
# The share of a GPU's memory that `fit_batch` fills. The rest is for PyTorch itself,
# for gaps between tensors, and for the other models that a notebook keeps.
FILLED = 0.7
# On a CPU: code and buffers that the first step loads, in bytes; and the memory that a
# process keeps for tensors, times what they are at their peak.
LOADED = 80_000_000
KEPT = 1.8


@dataclass(frozen=True, repr=False)
class Plan:
    """The predicted cost of a run; its text form is a table.

    Attributes:
        parameters: part of the model -> number of parameters.
        memory: part -> bytes of its tensors, for weights, gradients, optimizer and
            activations; and peak, the most bytes at one time.
        flops_per_token: floating-point operations of a forward and a backward pass.
        tokens: number of tokens that the run trains on.
        seconds: predicted time of all steps, without evaluation.
        basis: how the seconds were predicted, in words.
    """

    parameters: dict[str, int]
    memory: dict[str, int]
    flops_per_token: float
    tokens: int
    seconds: float
    basis: str

    @property
    def tokens_per_second(self) -> float:
        """The predicted speed."""
        return self.tokens / self.seconds

    def rows(self) -> list[tuple[str, str]]:
        """Return the lines of a table: what, and how much of it."""
        parts = [(f"  {k}", f"{n:,}") for k, n in self.parameters.items()]
        memory = [(f"  {k}", _size(n)) for k, n in self.memory.items() if k != "peak"]
        minutes = f"{self.seconds / 60:,.1f}" if self.seconds < 6000 else ""
        hours = f"{self.seconds / 3600:,.1f}"
        return [
            ("parameters", f"{sum(self.parameters.values()):,}"),
            *parts,
            ("memory at its peak", _size(self.memory["peak"])),
            *memory,
            ("FLOPs per token", f"{self.flops_per_token:,.3g}"),
            ("tokens", f"{self.tokens:,}"),
            ("tokens per second", f"{self.tokens_per_second:,.0f}"),
            ("time", f"{minutes} minutes" if minutes else f"{hours} hours"),
            ("  based on", self.basis),
        ]

    def __repr__(self) -> str:
        rows = self.rows()
        width = max(len(name) for name, _ in rows)
        return "\n".join(f"{name:<{width}}  {value}" for name, value in rows)


def plan(
    config: "GPT2Config",
    *,
    batch_size: int,
    block_size: int,
    steps: int,
    accumulation: int = 1,
    precision: str = "float32",
    device: str | None = None,
    processes: int = 1,
) -> Plan:
    """Predict the cost of training a GPT-2 with AdamW.

    Args:
        config: the model.
        batch_size: rows in a forward pass.
        block_size: tokens in a row.
        steps: optimizer steps.
        accumulation: forward passes per optimizer step.
        precision: "float32", or "float16" or "bfloat16" for mixed precision.
        device: a key of GPUS, to predict from its peak speed; None times a few real
            steps on this machine, for about two seconds.
        processes: GPUs that share the work, each with the whole model. The predicted
            memory is that of one, and their communication is taken to cost no time.

    Returns:
        The cost, which prints as a table.

    Raises:
        CourseError: a size does not fit, or the precision or the device is unknown.

    Example:
        >>> from course_utils.model.gpt2 import preset
        >>> cost = plan(preset("gpt2"), batch_size=8, block_size=1024, steps=100,
        ...             precision="bfloat16", device="H100")
        >>> print(f"{cost.tokens:,} tokens in about {cost.seconds:.1f} s")
        819,200 tokens in about 2.4 s
    """
    sizes = {"batch_size": batch_size, "steps": steps, "accumulation": accumulation}
    sizes["processes"] = processes
    _check(config, sizes, block_size, precision, device)
    flops = flops_per_token(config, block_size)
    tokens_of_one = steps * accumulation * batch_size * block_size
    memory = training_memory(
        config,
        batch_size,
        block_size,
        precision,
        accumulation,
        device_type="cuda" if device else None,
    )
    if device is None:
        one = seconds_per_pass(config, batch_size, block_size, precision=precision)
        seconds = one * accumulation * steps
        basis = f"steps timed on this machine, {one:.3g} s each"
    else:
        peak = GPUS[device].tflops[precision]
        seconds = flops * tokens_of_one / (peak * 1e12 * ASSUMED_MFU)
        basis = f"assumed: {ASSUMED_MFU:.0%} of the {device}'s {peak:g} TFLOP/s"
        if memory["peak"] > 0.95e9 * GPUS[device].memory_gb:
            basis += f"; does not fit into its {GPUS[device].memory_gb} GB"
    return Plan(
        parameters=parameters(config),
        memory=memory,
        flops_per_token=flops,
        tokens=tokens_of_one * processes,
        seconds=seconds,
        basis=basis,
    )


def fit_batch(
    config: "GPT2Config",
    *,
    rows: int,
    block_size: int,
    precision: str,
    memory_bytes: float,
) -> tuple[int, int]:
    """Return the largest batch size for a GPU's memory, and its accumulation.

    Their product is `rows`, so that a step learns the same on every GPU.

    Args:
        config: the model.
        rows: the rows that an optimizer step learns from on this GPU.
        block_size: tokens in a row.
        precision: as in `plan`.
        memory_bytes: the GPU's memory, of which tensors may fill the share FILLED.

    Raises:
        CourseError: not even one row at a time fits.

    Example:
        >>> from course_utils.model.gpt2 import preset
        >>> fit_batch(preset("gpt2"), rows=32, block_size=512, precision="float16",
        ...           memory_bytes=16e9)
        (16, 2)
    """
    room = FILLED * memory_bytes
    for size in range(rows, 0, -1):
        if rows % size:
            continue
        accumulation = rows // size
        memory = training_memory(
            config, size, block_size, precision, accumulation, device_type="cuda"
        )
        if memory["peak"] <= room:
            return size, accumulation
    raise CourseError(
        f"a single row of {block_size} tokens needs {_size(memory['peak'])} and this "
        f"GPU has {_size(room)} for it: choose a smaller model or block size."
    )


def parameters(config: "GPT2Config") -> dict[str, int]:
    """Return the number of trainable parameters by part.

    The output layer shares the token embedding's matrix, unless they are untied.

    Example:
        >>> from course_utils.model.gpt2 import preset
        >>> f'{sum(parameters(preset("gpt2")).values()):,}'
        '124,439,808'
    """
    width, layers = config.n_embd, config.n_layer
    inner = config.n_inner or 4 * width
    parts = {
        "token embedding": config.vocab_size * width,
        "position embedding": config.n_positions * width,
        "attention": layers * (3 * width * (width + 1) + width * (width + 1)),
        "mlp": layers * (inner * (width + 1) + width * (inner + 1)),
        "layer norms": (2 * layers + 1) * 2 * width,
    }
    if not config.tie_word_embeddings:
        parts["output layer"] = config.vocab_size * width
    return parts


def flops_per_token(config: "GPT2Config", block_size: int) -> float:
    """Return the floating-point operations to train on one token.

    There are 6 for each parameter that multiplies (2 in the forward pass, 4 in the
    backward pass), which is each but those of the position embedding, and 12 * layers *
    width * block_size for the attention scores. The causal mask would save half of the
    latter, which is not counted.

    Example:
        >>> from course_utils.model.gpt2 import preset
        >>> f'{flops_per_token(preset("gpt2"), block_size=1024):.3g}'
        '8.55e+08'

    Source: Chowdhery et al., "PaLM" (2022), appendix B.
    """
    count = parameters(config)
    multiplying = sum(count.values()) - count["position embedding"]
    return 6 * multiplying + 12 * config.n_layer * config.n_embd * block_size


def training_memory(
    config: "GPT2Config",
    batch_size: int,
    block_size: int,
    precision: str = "float32",
    accumulation: int = 1,
    *,
    device_type: str | None = None,
) -> dict[str, int]:
    """Return the bytes of the tensors of a training step with AdamW.

    Python and PyTorch themselves, about half a gigabyte, are not counted.

    Args:
        config: the model.
        batch_size: rows in a forward pass.
        block_size: tokens in a row.
        precision: as in `plan`.
        accumulation: forward passes per optimizer step.
        device_type: "cpu" or "cuda"; None means this machine's. On a CPU, dropout
            inside attention is not fused and needs more memory.

    Returns:
        Part -> bytes, with these parts:

        - weights: 4 bytes a parameter, and 2 for autocast's copy in half precision.
        - gradients: 4 bytes a parameter.
        - optimizer: 8 bytes a parameter, for two moments in float32.
        - activations: 16 n_embd numbers per token and layer, which the backward pass
          needs (inputs and outputs of 2 layer norms, query, key and value, the output
          of attention, and 8 n_embd around the MLP's activation function); gelu_new,
          which is not fused, needs 12 n_embd more. Dropout keeps its masks, and
          attention that is not fused its weights. The loss needs three float32 numbers
          for each token and vocabulary entry.
        - peak: the most at one time, either when the backward pass begins (all
          activations) or when it ends (all gradients). By then the gradient of the
          token embedding exists twice, once for each end of the model.

    Example:
        >>> from course_utils.model.gpt2 import preset
        >>> memory = training_memory(preset("gpt2"), 8, 1024, device_type="cuda")
        >>> f'{memory["optimizer"] / 1e9:.2f} GB'
        '1.00 GB'

    Sources: Rajbhandari et al., "ZeRO" (2019), section 3; Korthikanti et al., "Reducing
    Activation Recomputation" (2022), section 4.1.
    """
    count = sum(parameters(config).values())
    mixed = precision != "float32"
    inner = config.n_inner or 4 * config.n_embd
    half = BYTES[precision]
    # Layer norms and the residual stream stay in float32 under autocast.
    around = 5 if config.activation_function == "gelu_new" else 2
    per_token = config.n_embd * (2 * 4 + 6 * half) + around * inner * half
    on_cpu = (device_type or runtime.device().type) == "cpu"
    mask = 4 if on_cpu else 1  # bytes of a dropout mask's entry
    per_token += 2 * config.n_embd * mask * bool(config.resid_pdrop)
    if config.attn_pdrop and on_cpu:
        # No fused kernel there has dropout: softmax, mask and product are kept.
        per_token += config.n_head * block_size * 3 * 4
    head = 3 * 4 * config.vocab_size + config.n_embd * (4 + half)
    activations = batch_size * block_size * (config.n_layer * per_token + head)
    gradients = 4 * count
    embedding = 4 * parameters(config)["token embedding"]
    weights = (4 + 2 * mixed) * count
    alive = max(activations, gradients)
    if accumulation > 1:  # the earlier passes' gradients are alive all the time
        alive = activations + gradients
    return {
        "weights": weights,
        "gradients": gradients,
        "optimizer": 8 * count,
        "activations": activations,
        "peak": weights + 8 * count + alive + embedding,
    }


def process_memory(memory: Mapping[str, int], held: int) -> int:
    """Predict the most bytes that a process holds which trains on a CPU.

    That is what it holds before (Python, libraries, data, the model) and the tensors of
    a step; and more, since freed memory is kept for the next step (see
    `runtime.keep_freed_memory`) and has gaps. Measured runs were within a quarter.

    Args:
        memory: from `training_memory`.
        held: bytes that the process holds with the model's weights, before training.

    Example:
        >>> memory = {"peak": 300_000_000, "weights": 100_000_000}
        >>> process_memory(memory, held=500_000_000)  # 500 + 80 + 1.8 * 200 million
        940000000
    """
    return held + LOADED + round(KEPT * (memory["peak"] - memory["weights"]))


def seconds_per_pass(
    config: "GPT2Config",
    batch_size: int,
    block_size: int,
    *,
    precision: str = "float32",
    budget: float = 2.0,
) -> float:
    """Time real training steps of a new model here; return the mean of one, in seconds.

    The first step warms up and is left out. The random state stays as it was. If memory
    runs out, half of the rows are timed, and their time is doubled.

    Args:
        config: the model.
        batch_size: rows in a step.
        block_size: tokens in a row.
        precision: as in `plan`.
        budget: seconds after which no other step is begun.
    """
    from accelerate.utils.memory import clear_device_cache, should_reduce_batch_size

    try:
        return _mean_step(config, batch_size, block_size, precision, budget)
    except RuntimeError as error:
        if batch_size == 1 or not should_reduce_batch_size(error):
            raise
    # Outside the handler: the error held on to the tensors of the failed step.
    clear_device_cache(garbage_collection=True)
    half = batch_size // 2
    seconds = seconds_per_pass(
        config, half, block_size, precision=precision, budget=budget
    )
    return seconds * batch_size / half


def _mean_step(
    config: "GPT2Config",
    batch_size: int,
    block_size: int,
    precision: str,
    budget: float,
) -> float:
    import torch
    from transformers import GPT2LMHeadModel

    device = runtime.device()
    with torch.random.fork_rng(devices=range(torch.cuda.device_count())):
        model = GPT2LMHeadModel(config).to(device).train()
        optimizer = torch.optim.AdamW(model.parameters(), fused=True)
        shape = (batch_size, block_size)
        input_ids = torch.randint(config.vocab_size, shape, device=device)
        times: list[float] = []
        start = time.perf_counter()
        while not times or time.perf_counter() - start < budget:
            begin = time.perf_counter()
            _step(model, optimizer, input_ids, precision)
            times.append(time.perf_counter() - begin)
    steady = times[1:] or times
    return sum(steady) / len(steady)


def _step(
    model: "torch.nn.Module",
    optimizer: "torch.optim.Optimizer",
    input_ids: "torch.Tensor",
    precision: str,
) -> None:
    """One training step, as the Trainer takes it."""
    import torch

    mixed = precision != "float32"
    kind = input_ids.device.type
    with torch.autocast(kind, getattr(torch, precision) if mixed else None, mixed):
        loss = model(input_ids, labels=input_ids, use_cache=False).loss
    loss.backward()
    torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()
    optimizer.zero_grad()
    loss.item()  # waits for a GPU to finish


def _check(
    config: "GPT2Config",
    sizes: dict[str, int],
    block_size: int,
    precision: str,
    device: str | None,
) -> None:
    for name, value in sizes.items():
        if value < 1:
            raise CourseError(f"{name}={value}: give at least 1.")
    if not 1 <= block_size <= config.n_positions:
        raise CourseError(
            f"block_size={block_size} does not fit: the model has {config.n_positions} "
            "positions."
        )
    if precision not in BYTES:
        names = ", ".join(BYTES)
        raise CourseError(f"unknown precision {precision!r}: choose one of {names}.")
    if device is not None and device not in GPUS:
        names = ", ".join(GPUS)
        raise CourseError(f"unknown device {device!r}: choose one of {names}, or None.")
    if device is not None and precision not in GPUS[device].tflops:
        raise CourseError(f"the {device} has no {precision}: choose float16.")


def _size(count: float) -> str:
    return f"{count / 1e9:,.2f} GB" if count >= 1e9 else f"{count / 1e6:,.1f} MB"
