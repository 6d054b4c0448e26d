"""A causal language model's loss without its largest tensor, the logits of all tokens.

GPT-2's logits are 50,257 numbers a token: for 32 rows of 1,024 tokens 3.3 GB in
bfloat16, and as much again for each float32 copy that the loss needs.
"""

from typing import TYPE_CHECKING

import torch
from torch.nn.functional import cross_entropy, pad
from torch.utils.checkpoint import checkpoint

from course_utils.data.summaries import IGNORED

if TYPE_CHECKING:
    from transformers import GPT2LMHeadModel


def chunked_loss(
    hidden: torch.Tensor, weight: torch.Tensor, labels: torch.Tensor, chunks: int = 8
) -> torch.Tensor:
    """Return the sum of the tokens' losses, with only a part of the logits at a time.

    The logits of a chunk are dropped after its loss and computed again in the backward
    pass. With 8 chunks they take an eighth of the memory, and the forward pass of the
    output layer, about a tenth of GPT-2's step, runs twice. With one chunk nothing runs
    twice.

    Args:
        hidden: the output of the last layer, shape (tokens, n_embd).
        weight: the weight of the output layer, shape (vocab_size, n_embd).
        labels: the token that each position is to predict, shape (tokens,); -100 is not
            scored.
        chunks: the number of parts that the tokens are cut into.

    Returns:
        The sum in nats, a float32 scalar.

    Example:
        >>> hidden, weight = torch.ones(4, 2), torch.zeros(10, 2)  # no preference
        >>> loss = chunked_loss(hidden, weight, torch.tensor([1, 2, 3, -100]), chunks=2)
        >>> round(loss.item() / 3, 4)  # ln 10
        2.3026

    Source: Chen et al. (2016), "Training Deep Nets with Sublinear Memory Cost"; Hsu et
    al. (2024), "Liger Kernel", has the same idea in one kernel.
    """

    def loss_of(part: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        logits = torch.nn.functional.linear(part, weight).float()
        return cross_entropy(logits, targets, ignore_index=IGNORED, reduction="sum")

    if chunks == 1:
        return loss_of(hidden, labels)
    total = hidden.new_zeros((), dtype=torch.float32)
    for part, targets in zip(hidden.chunk(chunks), labels.chunk(chunks), strict=True):
        total = total + checkpoint(loss_of, part, targets, use_reentrant=False)
    return total


def loss_in_chunks(
    model: "GPT2LMHeadModel", chunks: int = 8, labelled: bool = False
) -> None:
    """Let the model, while it trains, return its loss alone, computed in chunks.

    Evaluation and generation stay as they are: without labels, or in eval mode, the
    model returns its logits.

    Args:
        model: changed in place; what is saved stays the same.
        chunks: see `chunked_loss`. With 1 the logits only stay inside the model, where
            torch.compile can fuse them with the loss.
        labelled: make no logits where nothing is to be predicted, such as on prompts.
            A GPU has to wait for their number, so it is not for packed blocks.

    Example:
        >>> from course_utils.model.gpt2 import load
        >>> model, ids = load("tiny")[0], torch.tensor([[1, 2, 3]])
        >>> loss_in_chunks(model)
        >>> list(model.train()(input_ids=ids, labels=ids))
        ['loss']
        >>> "logits" in model(input_ids=ids)
        True
    """
    whole = model.forward

    def forward(input_ids=None, labels=None, num_items_in_batch=None, **inputs):
        if labels is None or not model.training:
            if labels is not None:
                inputs["labels"] = labels
                inputs["num_items_in_batch"] = num_items_in_batch
            return whole(input_ids=input_ids, **inputs)
        from transformers.modeling_outputs import CausalLMOutput

        inputs.pop("use_cache", None)
        output = model.transformer(input_ids=input_ids, use_cache=False, **inputs)
        hidden = output.last_hidden_state.flatten(0, 1)
        targets = pad(labels[:, 1:], (0, 1), value=IGNORED).flatten()
        if labelled:
            wanted = targets != IGNORED
            hidden, targets = hidden[wanted], targets[wanted]
        total = chunked_loss(hidden, model.lm_head.weight, targets, chunks)
        count = num_items_in_batch
        if count is None:
            count = (targets != IGNORED).sum()
        return CausalLMOutput(loss=total / count)

    model.forward = forward
