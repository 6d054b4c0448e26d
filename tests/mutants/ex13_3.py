"""Right and wrong answers to Exercise 13.3, as students write them."""

import numpy as np


def _curve(log_history, tokens_per_step, name="eval_loss"):
    rows = [row for row in log_history if name in row]
    return [row["step"] * tokens_per_step for row in rows], [row[name] for row in rows]


def loss_by_interp(log_history, tokens_per_step, tokens):
    x, y = _curve(log_history, tokens_per_step)
    return float(np.interp(tokens, x, y)) if x[0] <= tokens <= x[-1] else None


def loss_by_nan(log_history, tokens_per_step, tokens):
    x, y = _curve(log_history, tokens_per_step)
    loss = np.interp(tokens, x, y, left=np.nan, right=np.nan)
    return None if np.isnan(loss) else loss


def loss_clamped(log_history, tokens_per_step, tokens):
    return float(np.interp(tokens, *_curve(log_history, tokens_per_step)))


def loss_of_training(log_history, tokens_per_step, tokens):
    x, y = _curve(log_history, tokens_per_step, "loss")
    return float(np.interp(tokens, x, y)) if x[0] <= tokens <= x[-1] else None


def loss_of_training_clamped(log_history, tokens_per_step, tokens):
    return float(np.interp(tokens, *_curve(log_history, tokens_per_step, "loss")))


def loss_by_step(log_history, tokens_per_step, tokens):
    return loss_by_interp(log_history, 1, tokens)


def loss_by_step_clamped(log_history, tokens_per_step, tokens):
    return loss_clamped(log_history, 1, tokens)


def loss_before(log_history, tokens_per_step, tokens):
    x, y = _curve(log_history, tokens_per_step)
    if not x[0] <= tokens <= x[-1]:
        return None
    return [loss for place, loss in zip(x, y, strict=True) if place <= tokens][-1]


def loss_nearest(log_history, tokens_per_step, tokens):
    x, y = _curve(log_history, tokens_per_step)
    return y[int(np.argmin(np.abs(np.array(x) - tokens)))]


def loss_of_every_row(log_history, tokens_per_step, tokens):
    x = [row["step"] * tokens_per_step for row in log_history]
    y = [row["eval_loss"] for row in log_history]
    return np.interp(tokens, x, y)


def loss_outside_zero(log_history, tokens_per_step, tokens):
    loss = loss_by_interp(log_history, tokens_per_step, tokens)
    return 0.0 if loss is None else loss


RIGHT = [loss_by_interp, loss_by_nan]
WRONG = [
    (loss_clamped, "return None there"),
    (loss_of_training, "This is the training loss"),
    (loss_of_training_clamped, "This is the training loss"),
    (loss_by_step, "Steps are compared with tokens"),
    (loss_by_step_clamped, "Steps are compared with tokens"),
    (loss_before, "the evaluation before"),
    (loss_nearest, "the nearest one"),
    (loss_of_every_row, "Not every row of a log has an eval_loss"),
    (loss_outside_zero, "step x tokens_per_step"),
]
