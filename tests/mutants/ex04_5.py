"""Right and wrong answers to Exercise 4.5, as students write them."""

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


RIGHT = [accumulate_num_items, accumulate_then_divide]
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
    (accumulate_shifted, "each labelled token has to weigh the same"),
]
