"""The small GPT-2 of exercises 4 and 5."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch

# The model of 5.5: 0.03 million weights, a second of training on one core.
MODEL = {
    "vocab_size": 32,
    "n_positions": 32,
    "n_embd": 32,
    "n_layer": 2,
    "n_head": 2,
    "resid_pdrop": 0.0,
    "embd_pdrop": 0.0,
    "attn_pdrop": 0.0,
    "bos_token_id": 0,
    "eos_token_id": 0,
    "activation_function": "gelu_pytorch_tanh",
}


def new_model(seed: int) -> "torch.nn.Module":
    """Return the untrained model of 5.5: the same weights for the same seed."""
    import torch
    from transformers import GPT2Config, GPT2LMHeadModel

    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = GPT2LMHeadModel(GPT2Config(**MODEL))
    model.loss_type = "ForCausalLM"  # or the first loss prints a warning
    return model
