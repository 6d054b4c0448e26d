"""Right and wrong answers to Exercise 5.4, as students write them."""

import math

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


RIGHT = [perplexity_of_sums, perplexity_of_one_tensor]
WRONG = [
    (perplexity_median, "Perplexity is exp(sum of the losses"),
]
