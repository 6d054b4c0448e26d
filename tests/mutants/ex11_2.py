"""Right and wrong answers to Exercise 11.2, as students write them."""

import numpy as np


def cost_by_numpy(lengths, max_length, steps, batch_size):
    lengths = np.array(lengths)
    epochs = steps * batch_size / len(lengths)
    return {
        "cut": (lengths > max_length).mean(),
        "epochs": epochs,
        "tokens": np.minimum(lengths, max_length).sum() * epochs,
    }


def cost_by_loop(lengths, max_length, steps, batch_size):
    n_cut = total = 0
    for length in lengths:
        if length > max_length:
            n_cut += 1
            total += max_length
        else:
            total += length
    rows_read = steps * batch_size
    mean = total / len(lengths)
    return {
        "cut": n_cut / len(lengths),
        "epochs": rows_read / len(lengths),
        "tokens": rows_read * mean,
    }


def cost_by_torch(lengths, max_length, steps, batch_size):
    import torch

    rows = torch.tensor(lengths, dtype=torch.float64)
    return {
        "cut": (rows > max_length).double().mean(),
        "epochs": torch.tensor(steps * batch_size / len(rows)),
        "tokens": rows.clamp(max=max_length).mean() * steps * batch_size,
    }


def cost_by_pandas(lengths, max_length, steps, batch_size):
    import pandas as pd

    rows = pd.Series(lengths)
    read = batch_size * steps
    answer = {"cut": rows.gt(max_length).mean(), "epochs": read / rows.size}
    answer["tokens"] = rows.clip(upper=max_length).mean() * read
    return pd.Series(answer).to_dict()


def cost_by_fractions(lengths, max_length, steps, batch_size):
    from fractions import Fraction

    n = len(lengths)
    epochs = Fraction(steps * batch_size, n)
    tokens = epochs * sum(min(length, max_length) for length in lengths)
    cut = Fraction(sum(1 for length in lengths if length > max_length), n)
    return {"cut": float(cut), "epochs": float(epochs), "tokens": float(tokens)}


def cost_with_new_keys_first(lengths, max_length, steps, batch_size):
    kept = [min(length, max_length) for length in lengths]
    cut = [a != b for a, b in zip(kept, lengths, strict=True)]
    epochs = batch_size * steps / len(kept)
    return {"tokens": sum(kept) * epochs, "epochs": epochs, "cut": np.mean(cut)}


def cost_of_a_list(lengths, max_length, steps, batch_size):
    return {"cut": sum(lengths > max_length) / len(lengths)}


def cost_without_tokens(lengths, max_length, steps, batch_size):
    answer = cost_by_loop(lengths, max_length, steps, batch_size)
    del answer["tokens"]
    return answer


def cost_as_tuple(lengths, max_length, steps, batch_size):
    return tuple(cost_by_loop(lengths, max_length, steps, batch_size).values())


def cost_printed(lengths, max_length, steps, batch_size):
    print(cost_by_loop(lengths, max_length, steps, batch_size))


def cost_of_max_length(lengths, max_length, steps, batch_size):
    return cost_by_loop([max_length for _ in lengths], max_length, steps, batch_size)


def cost_two_mistakes(lengths, max_length, steps, batch_size):
    return {
        "cut": 100 * sum(n > max_length for n in lengths) / len(lengths),
        "epochs": steps * batch_size / len(lengths),
        "tokens": steps * batch_size * max_length,
    }


def cost_rounded(lengths, max_length, steps, batch_size):
    epochs = steps * batch_size / len(lengths)
    return {
        "cut": sum(length > max_length for length in lengths) / len(lengths),
        "epochs": round(epochs, 1),
        "tokens": epochs * sum(min(length, max_length) for length in lengths),
    }


RIGHT = [
    cost_by_numpy,
    cost_by_loop,
    cost_by_torch,
    cost_by_pandas,
    cost_by_fractions,
    cost_with_new_keys_first,
]
WRONG = [
    (cost_rounded, "The numbers are rounded"),
    (cost_of_a_list, "stops with TypeError"),
    (cost_without_tokens, "The dict lacks `tokens`"),
    (cost_as_tuple, "where a dict is asked for"),
    (cost_printed, "`print` shows"),
    (cost_of_max_length, "`cut` is wrong, too"),
    (cost_two_mistakes, "in per cent"),
]
