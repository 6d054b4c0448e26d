"""The small GPT-2 of exercise 6."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch

SMALL = {
    "vocab_size": 64,
    "n_positions": 32,
    "n_head": 2,
    "resid_pdrop": 0.0,
    "embd_pdrop": 0.0,
    "attn_pdrop": 0.0,
    "bos_token_id": 0,
    "eos_token_id": 0,
    "activation_function": "gelu_pytorch_tanh",
}

# The model of 6.5: 0.03 million weights.
MODEL = {**SMALL, "n_embd": 32, "n_layer": 2}


def new_model(seed: int, **changes: int) -> "torch.nn.Module":
    """Return an untrained GPT-2: the same weights for the same seed."""
    import torch
    from transformers import GPT2Config, GPT2LMHeadModel

    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = GPT2LMHeadModel(GPT2Config(**{**MODEL, **changes}))
    model.loss_type = "ForCausalLM"  # or the first loss prints a warning
    return model
