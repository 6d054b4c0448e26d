"""Right and wrong answers to Exercise 5.2, as students write them."""

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


RIGHT = [loss_by_gather, loss_by_loop, loss_by_padding_labels]
WRONG = [
    (loss_as_float, "nothing can be trained on it"),
    (loss_by_bare_gather, "no index"),
    (loss_unflattened, "flatten both"),
    (loss_labels_cut_only, "the same time - 1"),
    (loss_from_library, "write it yourself"),
]
