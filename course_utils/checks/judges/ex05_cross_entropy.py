"""Cross-entropy in NumPy, as exercise 5 is judged by it."""

import numpy as np


def cross_entropy(logits: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Return -log p(label) at each position; of no use where the label is -100."""
    index = np.where(labels == -100, 0, labels)[..., None]
    return -np.take_along_axis(log_softmax(logits), index, axis=-1)[..., 0]


def log_softmax(logits: np.ndarray) -> np.ndarray:
    """Return log-probabilities over the last axis."""
    shifted = logits - logits.max(axis=-1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
