"""Right and wrong answers to Exercise 5.4, as students write them."""

import math

import torch


def perplexity_of_sums(batches):
    total = sum(losses.sum() for losses, _ in batches)
    return torch.exp(total / sum((labels != -100).sum() for _, labels in batches))


def perplexity_of_one_tensor(batches):
    kept = torch.cat([losses[labels != -100] for losses, labels in batches])
    return math.exp(kept.mean())


def perplexity_with_padding(batches):
    total = sum(losses.sum().item() for losses, _ in batches)
    return math.exp(total / sum(labels.numel() for _, labels in batches))


def perplexity_without_token_0(batches):
    kept = torch.cat([losses[labels > 0] for losses, labels in batches])
    return kept.mean().exp().item()


def perplexity_mean_of_batches(batches):
    means = [losses[labels != -100].mean() for losses, labels in batches]
    return math.exp(sum(means) / len(means))


def perplexity_mean_of_rows(batches):
    means = []
    for losses, labels in batches:
        for row, target in zip(losses, labels, strict=True):
            means.append(row[target != -100].mean().item())
    return math.exp(sum(means) / len(means))


def perplexity_mean_of_perplexities(batches):
    each = [losses[labels != -100].mean().exp() for losses, labels in batches]
    return (sum(each) / len(each)).item()


def perplexity_last_batch(batches):
    for losses, labels in batches:
        total = losses[labels != -100].sum()
        tokens = (labels != -100).sum()
    return math.exp(total / tokens)


def perplexity_is_loss(batches):
    return torch.cat([losses[labels != -100] for losses, labels in batches]).mean()


def perplexity_base_2(batches):
    kept = torch.cat([losses[labels != -100] for losses, labels in batches])
    return 2 ** kept.mean().item()


def perplexity_of_total(batches):
    return math.exp(sum(losses.sum().item() for losses, _ in batches))


def perplexity_median(batches):
    kept = torch.cat([losses[labels != -100] for losses, labels in batches])
    return kept.median().exp().item()


RIGHT = [perplexity_of_sums, perplexity_of_one_tensor]
WRONG = [
    (perplexity_with_padding, "includes the padding"),
    (perplexity_without_token_0, "Token 0 is left out"),
    (perplexity_mean_of_batches, "mean of the batches' means"),
    (perplexity_mean_of_rows, "mean of the rows' means"),
    (perplexity_mean_of_perplexities, "mean of perplexities"),
    (perplexity_last_batch, "Only the last batch"),
    (perplexity_is_loss, "This is the mean loss"),
    (perplexity_base_2, "the base is e"),
    (perplexity_of_total, "exp of the sum"),
    (perplexity_median, "Perplexity is exp(sum of the losses"),
]
