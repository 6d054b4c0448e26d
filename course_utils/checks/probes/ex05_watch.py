"""What a training loop does, watched from the model: it helps with hints alone."""

from typing import Any

import numpy as np


class Watch:
    """Hooks on a GPT-2 that is trained: its passes, its gradients, its steps.

    Nothing of it decides whether an answer is right: its weights do.
    """

    def __init__(self, model: Any) -> None:
        self.weight = model.transformer.wpe.weight
        self.last = self.weight.detach().clone()
        self.passes = self.rows = self.backwards = self.steps = self.left_over = 0
        self.seen: set[bytes] = set()
        self.mixed = self.new = 0
        self.uphill = False
        self.first_ids = self.first_gradient = np.zeros(0)
        self.hooks = [
            model.transformer.register_forward_pre_hook(self.forward, with_kwargs=True),
            self.weight.register_hook(self.backward),
        ]

    def forward(self, _: Any, arguments: Any, named: Any) -> None:
        """Note a training pass, its blocks, and whether the weights have moved."""
        import torch

        ids = named.get("input_ids", arguments[0] if arguments else None)
        if ids is None or not torch.is_grad_enabled():
            return
        blocks = ids.detach().numpy().copy()
        self.passes += 1
        self.rows += len(blocks)
        # Without the zeros that fill up rows of 11.4.
        self.seen |= {block.tobytes().rstrip(b"\0") for block in blocks}
        # In 6.5, tokens from 32 on are of the new language only.
        is_new = (blocks >= 32).any(axis=-1)
        self.mixed += bool(is_new.any() and not is_new.all())
        self.new += bool(is_new.any())
        if not self.backwards:
            self.first_ids = blocks
        self._note_step()

    def backward(self, gradient: Any) -> None:
        """Note a gradient, and whether an older one was still there."""
        if not self.backwards:
            self.first_gradient = gradient.detach().numpy().copy()
        self.backwards += 1
        older = self.weight.grad
        self.left_over += older is not None and bool((older != 0).any())

    def _note_step(self) -> None:
        if not bool((self.weight == self.last).all()):
            if not self.steps and self.backwards:
                way = (self.weight - self.last).detach().numpy()
                self.uphill = bool(np.sum(way * self.first_gradient) > 0)
            self.steps += 1
            self.last = self.weight.detach().clone()

    def summary(self, given: Any, returned: Any) -> dict[str, Any]:
        """Return what was seen, and take the hooks away."""
        self._note_step()
        for hook in self.hooks:
            hook.remove()
        return {
            "same_model": returned is given,
            "passes": self.passes,
            "rows_a_pass": self.rows / max(1, self.passes),
            "different_blocks": len(self.seen),
            "mixed": self.mixed,
            "new": self.new,
            "backwards": self.backwards,
            "steps": self.steps,
            "left_over": self.left_over,
            "uphill": self.uphill,
            "first_ids": self.first_ids,
            "first_gradient": self.first_gradient,
        }
