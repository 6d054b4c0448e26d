"""Right and wrong answers to Exercise 5.4, as students write them."""

import math

import numpy as np
import pandas as pd
import torch


def perplexity_of_sums(batches):
    total = sum(losses.sum() for losses, _ in batches)
    return torch.exp(total / sum((labels != -100).sum() for _, labels in batches))


def perplexity_of_one_tensor(batches):
    kept = torch.cat([losses[labels != -100] for losses, labels in batches])
    return math.exp(kept.mean())


def perplexity_median(batches):
    kept = torch.cat([losses[labels != -100] for losses, labels in batches])
    return kept.median().exp().item()


def perplexity_numpy(batches):
    losses = np.concatenate([losses.numpy().ravel() for losses, _ in batches])
    labels = np.concatenate([labels.numpy().ravel() for _, labels in batches])
    return np.exp(np.average(losses.astype(float), weights=labels != -100))


def perplexity_pandas(batches):
    table = pd.concat(
        pd.DataFrame({"loss": a.flatten().numpy(), "label": b.flatten().numpy()})
        for a, b in batches
    )
    return np.exp(table[table["label"] != -100]["loss"].mean())


def perplexity_by_loop(batches):
    total, n = 0.0, 0
    for losses, labels in batches:
        for row, wanted in zip(losses.tolist(), labels.tolist(), strict=True):
            for loss, label in zip(row, wanted, strict=True):
                if label != -100:
                    total, n = total + loss, n + 1
    return math.e ** (total / n)


def perplexity_weighted(batches):
    masks = [(labels >= 0).float() for _, labels in batches]
    means = [(a * m).sum() / m.sum() for (a, _), m in zip(batches, masks, strict=True)]
    counts = torch.stack([m.sum() for m in masks])
    return (torch.stack(means) @ counts / counts.sum()).exp().item()


def perplexity_nonzero(batches):
    kept = torch.cat([losses[losses != 0] for losses, _ in batches])
    return kept.mean().exp().item()


def perplexity_over_batches(batches):
    return math.exp(sum(losses.sum().item() for losses, _ in batches) / len(batches))


def perplexity_returns_early(batches):
    for losses, labels in batches:
        return losses[labels != -100].mean().exp().item()


def perplexity_list(batches):
    return [losses[labels != -100].mean().exp().item() for losses, labels in batches]


def perplexity_mean_of_exp(batches):
    kept = torch.cat([losses[labels != -100] for losses, labels in batches])
    return kept.exp().mean().item()


def perplexity_minus(batches):
    return 1 / perplexity_of_one_tensor(batches)


def perplexity_stacked(batches):
    losses = torch.stack([losses for losses, _ in batches])
    return losses.mean().exp().item()


def perplexity_append(batches):
    kept = []
    for losses, labels in batches:
        kept = kept.append(losses[labels != -100])
    return torch.cat(kept).mean().exp()


def perplexity_printed(batches):
    print(perplexity_of_one_tensor(batches))


def perplexity_positive_labels(batches):
    kept = torch.cat([losses[labels > 0] for losses, labels in batches])
    return kept.mean().exp().item()


def perplexity_of_rows(batches):
    means = [
        row[wanted != -100].mean()
        for losses, labels in batches
        for row, wanted in zip(losses, labels, strict=True)
    ]
    return torch.stack(means).mean().exp().item()


RIGHT = [
    perplexity_of_sums,
    perplexity_of_one_tensor,
    perplexity_numpy,
    perplexity_pandas,
    perplexity_by_loop,
    perplexity_weighted,
]
WRONG = [
    (perplexity_median, "This is the median"),
    (perplexity_nonzero, "with a loss of 0 are left out"),
    (perplexity_over_batches, "the number of batches"),
    (perplexity_returns_early, "Only the first batch"),
    (perplexity_list, "one perplexity for each batch"),
    (perplexity_mean_of_exp, "take exp once"),
    (perplexity_minus, "The sign is turned round"),
    (perplexity_stacked, "The shapes do not fit"),
    (perplexity_append, "`append` changes"),
    (perplexity_printed, "`print` shows"),
    (perplexity_positive_labels, "Token 0 is left out"),
    (perplexity_of_rows, "mean of the rows' means"),
]
