"""The parameters of a GPT-2, by name."""

import math

from course_utils.checks.probes.ex06_model import MODEL


def parameters(n_embd: int, n_layer: int) -> dict[str, int]:
    """Return the number of weights in each of GPT-2's parameters, by name."""
    vocab_size, n_positions = MODEL["vocab_size"], MODEL["n_positions"]
    shapes = gpt2_shapes(n_embd, n_layer, vocab_size, n_positions)
    return {name: math.prod(shape) for name, shape in shapes.items()}


def gpt2_shapes(
    n_embd: int, n_layer: int, vocab_size: int, n_positions: int
) -> dict[str, list[int]]:
    """Return the shape of each of GPT-2's parameters, by name, in the model's order."""
    n = n_embd
    block = {
        "ln_1.weight": [n],
        "ln_1.bias": [n],
        "attn.c_attn.weight": [n, 3 * n],
        "attn.c_attn.bias": [3 * n],
        "attn.c_proj.weight": [n, n],
        "attn.c_proj.bias": [n],
        "ln_2.weight": [n],
        "ln_2.bias": [n],
        "mlp.c_fc.weight": [n, 4 * n],
        "mlp.c_fc.bias": [4 * n],
        "mlp.c_proj.weight": [4 * n, n],
        "mlp.c_proj.bias": [n],
    }
    return {
        "transformer.wte.weight": [vocab_size, n],
        "transformer.wpe.weight": [n_positions, n],
        **{
            f"transformer.h.{i}.{name}": shape
            for i in range(n_layer)
            for name, shape in block.items()
        },
        "transformer.ln_f.weight": [n],
        "transformer.ln_f.bias": [n],
    }
