"""Muon for a model's matrices and AdamW for the rest, as one optimizer."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import torch

if TYPE_CHECKING:
    from transformers import GPT2LMHeadModel


class Together(torch.optim.Optimizer):
    """Several optimizers that step together; a scheduler sees all of their groups.

    Args:
        optimizers: each with parameters of its own.
    """

    def __init__(self, *optimizers: torch.optim.Optimizer) -> None:
        self.optimizers = optimizers
        super().__init__([g for one in optimizers for g in one.param_groups], {})

    @torch.no_grad()
    def step(self, closure: Callable[[], float] | None = None) -> None:  # type: ignore[override]
        """Make one step with each."""
        for one in self.optimizers:
            one.step()

    def state_dict(self) -> dict[str, Any]:
        """Return the state of each, under its number."""
        return {str(n): one.state_dict() for n, one in enumerate(self.optimizers)}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Take over what `state_dict` returned."""
        for n, one in enumerate(self.optimizers):
            one.load_state_dict(state_dict[str(n)])
        self.param_groups = [g for one in self.optimizers for g in one.param_groups]


def muon(
    model: "GPT2LMHeadModel",
    learning_rate: float = 1e-2,
    embedding_rate: float = 5e-3,
    weight_decay: float = 0.1,
) -> Together:
    """Return an optimizer that turns the gradient of each matrix into a rotation.

    Muon makes the singular values of an update equal, so that rare directions are
    learnt as fast as frequent ones. It is for the matrices inside the blocks.
    Embeddings, biases and norms keep AdamW.
    Source: Jordan et al. (2024), https://kellerjordan.github.io/posts/muon/;
    Liu et al. (2025), arXiv:2502.16982, for the size of an update.

    Args:
        model: its transformer's blocks hold the matrices.
        learning_rate: of the matrices, at its peak.
        embedding_rate: of all else.
        weight_decay: not for biases and norms.

    Example:
        >>> from course_utils.model.gpt2 import load
        >>> optimizer = muon(load("tiny")[0])
        >>> [type(one).__name__ for one in optimizer.optimizers]
        ['Muon', 'AdamW']
        >>> len(optimizer.param_groups[0]["params"])  # 4 blocks of 4 matrices
        16
    """
    matrices = [p for p in model.transformer.h.parameters() if p.ndim == 2]
    inside = {id(p) for p in matrices}
    others = [p for p in model.parameters() if id(p) not in inside]
    groups = [
        {"params": [p for p in others if p.ndim == 2], "weight_decay": weight_decay},
        {"params": [p for p in others if p.ndim < 2], "weight_decay": 0.0},
    ]
    return Together(
        torch.optim.Muon(
            matrices,
            lr=learning_rate,
            weight_decay=weight_decay,
            adjust_lr_fn="match_rms_adamw",
        ),
        torch.optim.AdamW(groups, lr=embedding_rate, betas=(0.9, 0.95), fused=True),
    )
