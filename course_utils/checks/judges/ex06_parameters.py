"""The parameters of a GPT-2, by name."""

from course_utils.checks.probes.ex06_model import MODEL


def parameters(n_embd: int, n_layer: int) -> dict[str, int]:
    """Return the number of weights in each of GPT-2's parameters, by name."""
    n = n_embd
    block = {
        "ln_1.weight": n,
        "ln_1.bias": n,
        "attn.c_attn.weight": 3 * n * n,
        "attn.c_attn.bias": 3 * n,
        "attn.c_proj.weight": n * n,
        "attn.c_proj.bias": n,
        "ln_2.weight": n,
        "ln_2.bias": n,
        "mlp.c_fc.weight": 4 * n * n,
        "mlp.c_fc.bias": 4 * n,
        "mlp.c_proj.weight": 4 * n * n,
        "mlp.c_proj.bias": n,
    }
    return {
        "transformer.wte.weight": MODEL["vocab_size"] * n,
        "transformer.wpe.weight": MODEL["n_positions"] * n,
        **{
            f"transformer.h.{i}.{name}": size
            for i in range(n_layer)
            for name, size in block.items()
        },
        "transformer.ln_f.weight": n,
        "transformer.ln_f.bias": n,
    }
