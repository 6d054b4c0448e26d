"""Trained results cross as weights: the code that judges them evaluates them itself."""

from typing import TYPE_CHECKING, Any

import numpy as np

from course_utils.machine.errors import CourseError

if TYPE_CHECKING:
    import torch


def weights_of(model: "torch.nn.Module") -> dict[str, np.ndarray]:
    """Return a model's weights as arrays: {name: array}."""
    return {
        name: tensor.detach().float().cpu().numpy()
        for name, tensor in model.state_dict().items()
    }


def load_weights(model: "torch.nn.Module", weights: Any) -> None:
    """Load the `weights` of an untrusted sender into a model that we made.

    Raises:
        CourseError: other names or shapes than the model's, or NaN or infinity.
    """
    import torch

    own = model.state_dict()
    if not isinstance(weights, dict) or weights.keys() != own.keys():
        raise CourseError(
            "This is another model than the one you were given: "
            "train that one, and return it."
        )
    for name, array in weights.items():
        if not isinstance(array, np.ndarray) or array.shape != tuple(own[name].shape):
            raise CourseError(
                f"`{name}` has another shape than in the model you were given: "
                "train that one, and return it."
            )
        if not np.isfinite(array).all():
            raise CourseError(
                "The weights hold NaN or infinity: the training diverged. "
                "Lower the learning rate."
            )
    model.load_state_dict({name: torch.from_numpy(weights[name]) for name in own})


def weights_or_type(model: Any) -> dict[str, Any]:
    """Return {"weights": float16 arrays}, or {"returned": type} of what is no model.

    float16 halves what crosses. A weight too large for it becomes infinity, which
    `load_weights` refuses.
    """
    import torch

    if not isinstance(model, torch.nn.Module):
        return {"returned": type(model).__name__}
    with np.errstate(over="ignore"):
        weights = {k: w.astype(np.float16) for k, w in weights_of(model).items()}
    return {"weights": weights}
