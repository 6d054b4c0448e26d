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


def loss_of_every_row(log_history, tokens_per_step, tokens):
    x = [row["step"] * tokens_per_step for row in log_history]
    y = [row["eval_loss"] for row in log_history]
    return np.interp(tokens, x, y)


def loss_by_loop(log_history, tokens_per_step, tokens):
    last = None
    for row in log_history:
        if "eval_loss" not in row:
            continue
        here = row["step"] * tokens_per_step, row["eval_loss"]
        if here[0] == tokens:
            return here[1]
        if last and last[0] < tokens < here[0]:
            (x0, y0), (x1, y1) = last, here
            return (y0 * (x1 - tokens) + y1 * (tokens - x0)) / (x1 - x0)
        last = here
    return None


def loss_by_steps(log_history, tokens_per_step, tokens):
    step = tokens / tokens_per_step
    evals = {row["step"]: row["eval_loss"] for row in log_history if "eval_loss" in row}
    if step < min(evals) or step > max(evals):
        return None
    return np.interp(step, list(evals), list(evals.values()))


def loss_by_pandas(log_history, tokens_per_step, tokens):
    import pandas as pd

    log = pd.DataFrame(log_history).dropna(subset="eval_loss")
    series = pd.Series(log["eval_loss"].values, index=log["step"] * tokens_per_step)
    if not series.index.min() <= tokens <= series.index.max():
        return None
    series = series.reindex(sorted({*series.index, tokens})).interpolate("index")
    return series[tokens]


def loss_by_bisect(log_history, tokens_per_step, tokens):
    from bisect import bisect_left

    x, y = _curve(log_history, tokens_per_step)
    i = bisect_left(x, tokens)
    if i == len(x) or (i == 0 and x[0] != tokens):
        return None
    if x[i] == tokens:
        return np.float32(y[i])
    return y[i - 1] + (y[i] - y[i - 1]) * (tokens - x[i - 1]) / (x[i] - x[i - 1])


def loss_never(log_history, tokens_per_step, tokens):
    for row in log_history:
        if row.get("eval_loss") and row["step"] > tokens:
            return row["eval_loss"]
        return None


def loss_of_minus_one(log_history, tokens_per_step, tokens):
    loss = loss_by_interp(log_history, tokens_per_step, tokens)
    return -1.0 if loss is None else loss


def loss_a_little_high(log_history, tokens_per_step, tokens):
    loss = loss_by_interp(log_history, tokens_per_step, tokens)
    return None if loss is None else loss + 0.1


RIGHT = [
    loss_by_interp,
    loss_by_nan,
    loss_by_loop,
    loss_by_steps,
    loss_by_pandas,
    loss_by_bisect,
]
WRONG = [
    (loss_of_every_row, "Not every row of a log has an eval_loss"),
    (loss_never, "None"),
    (loss_of_minus_one, "The losses inside are right"),
    (loss_a_little_high, "None stands in the right places"),
]
