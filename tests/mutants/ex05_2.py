"""Right and wrong answers to Exercise 5.2, as students write them."""

import numpy as np
import torch
import torch.nn.functional as F


def loss_by_gather(logits, labels):
    log_probs = F.log_softmax(logits[:, :-1], dim=-1)
    targets = labels[:, 1:]
    mask = targets != -100
    picked = log_probs.gather(2, targets.clamp(min=0).unsqueeze(-1)).squeeze(-1)
    return -(picked * mask).sum() / mask.sum()


def loss_by_loop(logits, labels):
    losses = []
    for i in range(labels.shape[0]):
        for t in range(labels.shape[1] - 1):
            if labels[i, t + 1] != -100:
                scores = logits[i, t]
                losses.append(scores.logsumexp(0) - scores[labels[i, t + 1]])
    return torch.stack(losses).mean()


def loss_by_padding_labels(logits, labels):
    # The way of transformers itself: shift the labels, and pad them with -100.
    targets = F.pad(labels, (0, 1), value=-100)[:, 1:]
    return F.cross_entropy(logits.transpose(1, 2), targets)


def loss_as_float(logits, labels):
    return loss_by_gather(logits, labels).item()


def loss_by_bare_gather(logits, labels):
    log_probs = F.log_softmax(logits[:, :-1], dim=-1)
    return -log_probs.gather(2, labels[:, 1:].unsqueeze(-1)).mean()


def loss_unflattened(logits, labels):
    return F.cross_entropy(logits[:, :-1], labels[:, 1:])


def loss_labels_cut_only(logits, labels):
    return F.cross_entropy(logits.flatten(0, 1), labels[:, 1:].flatten())


def loss_from_library(logits, labels):
    from transformers.loss.loss_utils import ForCausalLMLoss as their_loss

    return their_loss(logits, labels, vocab_size=logits.size(-1))


def loss_by_mask(logits, labels):
    keep = labels[:, 1:] != -100
    return F.cross_entropy(logits[:, :-1][keep], labels[:, 1:][keep])


def loss_one_hot(logits, labels):
    targets = labels[:, 1:].masked_fill(labels[:, 1:] < 0, 0)
    one = F.one_hot(targets, logits.shape[-1]).to(logits)
    losses = -(one * F.log_softmax(logits[:, :-1], -1)).sum(-1)
    return losses[labels[:, 1:] != -100].mean()


def loss_reduction_none(logits, labels):
    shift = labels.roll(-1, dims=1)
    shift[:, -1] = -100
    losses = F.cross_entropy(
        logits.double().reshape(-1, logits.size(-1)),
        shift.reshape(-1),
        reduction="none",
    )
    return losses.sum() / (shift != -100).sum()


def loss_by_rows(logits, labels):
    rows = zip(logits, labels, strict=True)
    total = sum(
        F.cross_entropy(row[:-1], wanted[1:], reduction="sum") for row, wanted in rows
    )
    return (total / np.count_nonzero(labels[:, 1:] != -100)).reshape(1)


def loss_in_place(logits, labels):
    targets = labels[:, 1:]
    mask = targets != -100
    targets[~mask] = 0
    log_probs = F.log_softmax(logits[:, :-1], dim=-1)
    picked = log_probs.gather(2, targets.unsqueeze(-1)).squeeze(-1)
    return -(picked * mask).sum() / mask.sum()


def loss_rewrapped(logits, labels):
    return torch.tensor(loss_by_gather(logits, labels).item(), requires_grad=True)


def loss_by_numpy(logits, labels):
    scores = logits.detach().numpy()[:, :-1]
    targets = labels.numpy()[:, 1:]
    log_probs = scores - np.log(np.exp(scores).sum(-1, keepdims=True))
    keep = targets != -100
    return -log_probs[keep, targets[keep]].mean()


def loss_with_grad_left(logits, labels):
    scale = torch.ones((), requires_grad=True)
    return loss_by_gather(logits.detach(), labels) * scale


def loss_half_detached(logits, labels):
    scores = logits[:, :-1]
    targets = labels[:, 1:]
    keep = targets != -100
    normaliser = scores.logsumexp(-1).detach()
    picked = scores.gather(-1, targets.clamp(min=0)[..., None])[..., 0]
    return (normaliser - picked)[keep].mean()


def loss_in_bits(logits, labels):
    return loss_by_gather(logits, labels) / np.log(2)


def loss_negative(logits, labels):
    return -loss_by_gather(logits, labels)


def loss_unreduced(logits, labels):
    targets = labels[:, 1:].flatten()
    return F.cross_entropy(logits[:, :-1].flatten(0, 1), targets, reduction="none")


def loss_probabilities(logits, labels):
    targets = labels[:, 1:]
    probs = logits[:, :-1].softmax(-1).gather(-1, targets.clamp(min=0)[..., None])
    return probs[..., 0][targets != -100].mean()


def loss_over_rows(logits, labels):
    targets = labels[:, 1:].flatten()
    total = F.cross_entropy(logits[:, :-1].flatten(0, 1), targets, reduction="sum")
    return total / len(labels)


def loss_printed(logits, labels):
    print(loss_by_gather(logits, labels))


def loss_arguments_swapped(logits, labels):
    return F.cross_entropy(labels[:, 1:].flatten(), logits[:, :-1].flatten(0, 1))


def loss_list_append(logits, labels):
    losses = []
    for row, wanted in zip(logits, labels, strict=True):
        losses = losses.append(F.cross_entropy(row[:-1], wanted[1:]))
    return torch.stack(losses).mean()


def loss_without_token_0(logits, labels):
    y = labels[:, 1:].clamp(min=0)
    return F.cross_entropy(logits[:, :-1].flatten(0, 1), y.flatten(), ignore_index=0)


RIGHT = [
    loss_by_gather,
    loss_by_loop,
    loss_by_padding_labels,
    loss_by_mask,
    loss_one_hot,
    loss_reduction_none,
    loss_by_rows,
]
WRONG = [
    (loss_as_float, "nothing can be trained on it"),
    (loss_by_bare_gather, "no index"),
    (loss_unflattened, "flatten both"),
    (loss_labels_cut_only, "the same time - 1"),
    (loss_from_library, "write it yourself"),
    (loss_in_place, "`labels` has changed"),
    (loss_rewrapped, "no gradient reaches the logits"),
    (loss_by_numpy, "no gradient reaches the logits"),
    (loss_with_grad_left, "no gradient reaches the logits"),
    (loss_half_detached, "its gradient is not"),
    (loss_in_bits, "These are bits"),
    (loss_negative, "the wrong sign"),
    (loss_unreduced, "losses of all positions"),
    (loss_probabilities, "the mean probability"),
    (loss_over_rows, "divided by the rows"),
    (loss_printed, "`print` shows"),
    (loss_arguments_swapped, "logits first, then the labels"),
    (loss_list_append, "`append` changes"),
    (loss_without_token_0, "Token 0 is left out"),
]
