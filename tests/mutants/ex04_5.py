"""Right and wrong answers to Exercise 4.5, as students write them."""

import numpy as np
import pandas as pd
import torch
import torch.nn.functional as F


def _tokens(labels):
    return int((labels[:, 1:] != -100).sum())


def _loss(model, batch):
    input_ids, labels = batch
    return model(input_ids=input_ids, labels=labels).loss


def accumulate_num_items(model, batches):
    total = sum(_tokens(labels) for _, labels in batches)
    for input_ids, labels in batches:
        model(input_ids, labels=labels, num_items_in_batch=total).loss.backward()


def accumulate_then_divide(model, batches):
    total = 0
    for input_ids, labels in batches:
        logits, targets = model(input_ids).logits[:, :-1], labels[:, 1:]
        F.cross_entropy(logits.mT, targets, reduction="sum").backward()
        total += targets.ne(-100).sum()
    with torch.no_grad():
        for p in model.parameters():
            p.grad /= total
    return model


def accumulate_mean_of_means(model, batches):
    for batch in batches:
        (_loss(model, batch) / len(batches)).backward()


def accumulate_sum_of_means(model, batches):
    for batch in batches:
        _loss(model, batch).backward()


def accumulate_first_label(model, batches):
    total = sum((labels != -100).sum() for _, labels in batches)
    for batch in batches:
        (_loss(model, batch) * (batch[1] != -100).sum() / total).backward()


def accumulate_num_items_first_label(model, batches):
    total = sum((labels != -100).sum() for _, labels in batches)
    for input_ids, labels in batches:
        model(input_ids, labels=labels, num_items_in_batch=total).loss.backward()


def accumulate_over_positions(model, batches):
    total = sum(labels[:, 1:].numel() for _, labels in batches)
    for batch in batches:
        (_loss(model, batch) * _tokens(batch[1]) / total).backward()


def accumulate_by_positions(model, batches):
    total = sum(labels[:, 1:].numel() for _, labels in batches)
    for batch in batches:
        (_loss(model, batch) * batch[1][:, 1:].numel() / total).backward()


def accumulate_by_rows(model, batches):
    total = sum(len(labels) for _, labels in batches)
    for batch in batches:
        (_loss(model, batch) * len(batch[1]) / total).backward()


def accumulate_sums(model, batches):
    for batch in batches:
        (_loss(model, batch) * _tokens(batch[1])).backward()


def accumulate_zero_grad(model, batches):
    total = sum(_tokens(labels) for _, labels in batches)
    for batch in batches:
        model.zero_grad()
        (_loss(model, batch) * _tokens(batch[1]) / total).backward()


def accumulate_nothing(model, batches):
    total = sum(_tokens(labels) for _, labels in batches)
    return sum(_loss(model, b) * _tokens(b[1]) / total for b in batches)


def accumulate_one_batch(model, batches):
    input_ids = torch.cat([ids for ids, _ in batches])
    labels = torch.cat([labels for _, labels in batches])
    model(input_ids=input_ids, labels=labels).loss.backward()


def accumulate_shifted(model, batches):
    total = sum(_tokens(labels) for _, labels in batches)
    for input_ids, labels in batches:
        shifted = F.pad(labels[:, 1:], (0, 1), value=-100)
        loss = model(input_ids=input_ids, labels=shifted).loss
        if _tokens(shifted):
            (loss * _tokens(shifted) / total).backward()


def accumulate_row_by_row(model, batches):
    total = sum(_tokens(labels) for _, labels in batches)
    for input_ids, labels in batches:
        for ids, wanted in zip(input_ids, labels, strict=True):
            logits = model(ids[None]).logits[0, :-1]
            loss = F.cross_entropy(logits, wanted[1:], reduction="sum")
            (loss / total).backward()


def accumulate_with_grad(model, batches):
    parameters = list(model.parameters())
    totals = [torch.zeros_like(p) for p in parameters]
    counts = np.array([_tokens(labels) for _, labels in batches])
    for batch, share in zip(batches, counts / counts.sum(), strict=True):
        gradients = torch.autograd.grad(_loss(model, batch), parameters)
        for total, gradient in zip(totals, gradients, strict=True):
            total += share * gradient
    for p, total in zip(parameters, totals, strict=True):
        p.grad = total


def accumulate_log_softmax(model, batches):
    model.train()
    model.zero_grad()
    counts = pd.Series([_tokens(labels) for _, labels in batches])
    for input_ids, labels in batches:
        log_probs = model(input_ids=input_ids).logits[:, :-1].log_softmax(-1)
        targets = labels[:, 1:]
        picked = log_probs.gather(-1, targets.clamp(min=0)[..., None])[..., 0]
        loss = -picked[targets != -100].sum() / float(counts.sum())
        loss.backward()


def accumulate_masked(model, batches):
    mask = [labels[:, 1:] >= 0 for _, labels in batches]
    n = torch.cat([m.flatten() for m in mask]).sum()
    for (ids, labels), m in zip(batches, mask, strict=True):
        scores = model(ids).logits[:, :-1][m]
        torch.nn.NLLLoss(reduction="sum")(scores.log_softmax(1), labels[:, 1:][m]).div(
            n
        ).backward()


def accumulate_one_sum(model, batches):
    total = sum(_tokens(labels) for _, labels in batches)
    sum(_loss(model, b) * _tokens(b[1]) / total for b in batches).backward()


def accumulate_and_step(model, batches):
    accumulate_num_items(model, batches)
    torch.optim.SGD(model.parameters(), lr=0.1).step()


def accumulate_padded(model, batches):
    time = max(ids.shape[1] for ids, _ in batches)
    ids = torch.cat([F.pad(ids, (0, time - ids.shape[1])) for ids, _ in batches])
    labels = torch.cat(
        [
            F.pad(labels, (0, time - labels.shape[1]), value=-100)
            for _, labels in batches
        ]
    )
    model(input_ids=ids, labels=labels).loss.backward()


def accumulate_returns_early(model, batches):
    for batch in batches:
        _loss(model, batch).backward()
        return model


def accumulate_not_shifted(model, batches):
    total = sum((labels != -100).sum() for _, labels in batches)
    for input_ids, labels in batches:
        logits = model(input_ids).logits
        loss = F.cross_entropy(logits.flatten(0, 1), labels.flatten(), reduction="sum")
        (loss / total).backward()


def accumulate_other_divisor(model, batches):
    for batch in batches:
        (_loss(model, batch) * _tokens(batch[1]) / 7).backward()


def accumulate_detached(model, batches):
    total = sum(_tokens(labels) for _, labels in batches)
    for batch in batches:
        loss = torch.tensor(_loss(model, batch).item() * _tokens(batch[1]) / total)
        loss.backward()


def accumulate_of_lists(model, batches):
    losses = [_loss(model, batch) for batch in batches]
    counts = [_tokens(labels) for _, labels in batches]
    (losses * counts / sum(counts)).backward()


def accumulate_zero_at_the_end(model, batches):
    accumulate_num_items(model, batches)
    model.zero_grad()


def accumulate_positional(model, batches):
    for input_ids, labels in batches:
        model(input_ids, labels).loss.backward()


def accumulate_clipped(model, batches):
    total = sum(((labels[:, 1:] != -100).sum() for _, labels in batches))
    for x, labels in batches:
        (
            model(input_ids=x, labels=labels).loss
            * (labels[:, 1:] != -100).sum()
            / total
        ).backward()
    torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)


def accumulate_two_mistakes(model, batches):
    for x, labels in batches:
        (
            model(input_ids=x, labels=labels).loss
            * (labels != -100).sum()
            / len(batches)
        ).backward()


RIGHT = [
    accumulate_num_items,
    accumulate_then_divide,
    accumulate_row_by_row,
    accumulate_with_grad,
    accumulate_log_softmax,
    accumulate_masked,
]
WRONG = [
    (accumulate_mean_of_means, "mean of the batches' means"),
    (accumulate_sum_of_means, "added up, not averaged"),
    (accumulate_first_label, "The first label of a row"),
    (accumulate_num_items_first_label, "The first label of a row"),
    (accumulate_over_positions, "divided by all positions"),
    (accumulate_by_positions, "weighted by their positions"),
    (accumulate_by_rows, "weighted by their rows"),
    (accumulate_sums, "gradient of the sum"),
    (accumulate_zero_grad, "Only the last batch"),
    (accumulate_nothing, "There is no gradient"),
    (accumulate_one_batch, "go through them one by one"),
    (accumulate_shifted, "The labels are shifted twice"),
    (accumulate_one_sum, "wait for one backward()"),
    (accumulate_and_step, "take no optimizer step"),
    (accumulate_padded, "went through the model at once"),
    (accumulate_returns_early, "Only the first batch"),
    (accumulate_not_shifted, "Nothing is shifted"),
    (accumulate_other_divisor, "The direction is right"),
    (accumulate_detached, "carries no gradient"),
    (accumulate_of_lists, "Lists do not calculate"),
    (accumulate_zero_at_the_end, "There is no gradient"),
    (accumulate_clipped, "clipped"),
    (accumulate_two_mistakes, "does not weigh the same"),
]
