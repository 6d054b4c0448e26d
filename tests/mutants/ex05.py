"""Exercise 5: right answers written another way, and wrong ones that students give.

RIGHT[question] is a list of answers; WRONG[question] a list of pairs of an answer and
a phrase of the hint that it must get.
"""

import math

import numpy as np
import torch
import torch.nn.functional as F
from torch.utils.data import DataLoader

RIGHT, WRONG = {}, {}


# 5.1


def steps_without_floats(n_blocks, batch_size, accumulation, processes):
    size = processes * accumulation * batch_size
    return [size, -(-n_blocks // size)]


def steps_like_trainer(n_blocks, batch_size, accumulation, processes):
    loader = math.ceil(n_blocks / (batch_size * processes))
    steps = loader // accumulation + (1 if loader % accumulation else 0)
    return np.int64(batch_size * accumulation * processes), steps


def steps_floor(n_blocks, batch_size, accumulation, processes):
    size = batch_size * accumulation * processes
    return size, n_blocks // size


def steps_nearest(n_blocks, batch_size, accumulation, processes):
    size = batch_size * accumulation * processes
    return size, round(n_blocks / size)


def steps_plus_one(n_blocks, batch_size, accumulation, processes):
    size = batch_size * accumulation * processes
    return size, n_blocks // size + 1


def steps_fraction(n_blocks, batch_size, accumulation, processes):
    size = batch_size * accumulation * processes
    return size, n_blocks / size


def steps_no_accumulation(n_blocks, batch_size, accumulation, processes):
    size = batch_size * processes
    return size, math.ceil(n_blocks / size)


def steps_no_processes(n_blocks, batch_size, accumulation, processes):
    size = batch_size * accumulation
    return size, math.ceil(n_blocks / size)


def steps_forward_passes(n_blocks, batch_size, accumulation, processes):
    size = batch_size * accumulation * processes
    return size, math.ceil(n_blocks / (batch_size * processes))


def steps_swapped(n_blocks, batch_size, accumulation, processes):
    size = batch_size * accumulation * processes
    return math.ceil(n_blocks / size), size


def steps_accumulation_divides(n_blocks, batch_size, accumulation, processes):
    size = batch_size * processes / accumulation
    return size, math.ceil(n_blocks / size)


RIGHT["ex05_1"] = [steps_without_floats, steps_like_trainer]
WRONG["ex05_1"] = [
    (steps_floor, "round up, not down"),
    (steps_nearest, "not to the nearest"),
    (steps_plus_one, "don't add 1"),
    (steps_fraction, "no fraction of a step"),
    (steps_no_accumulation, "accumulation is missing"),
    (steps_no_processes, "processes are missing"),
    (steps_forward_passes, "forward passes"),
    (steps_swapped, "in the other order"),
    (steps_accumulation_divides, "Return two whole numbers"),
]


# 5.2


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


def loss_no_shift(logits, labels):
    return F.cross_entropy(logits.view(-1, logits.size(-1)), labels.view(-1))


def loss_backward_shift(logits, labels):
    logits = logits[:, 1:].reshape(-1, logits.size(-1))
    return F.cross_entropy(logits, labels[:, :-1].reshape(-1))


def loss_shifted_twice(logits, labels):
    labels = labels[:, 1:]
    logits = logits[:, :-1]
    # ... and once more, as the model does
    return F.cross_entropy(logits[:, :-1].flatten(0, 1), labels[:, 1:].flatten())


def loss_over_all(logits, labels):
    loss = F.cross_entropy(
        logits[:, :-1].flatten(0, 1), labels[:, 1:].flatten(), reduction="none"
    )
    return loss.mean()


def loss_mean_of_rows(logits, labels):
    losses = [
        F.cross_entropy(row[:-1], target[1:])
        for row, target in zip(logits, labels, strict=True)
    ]
    return torch.stack(losses).mean()


def loss_as_token_0(logits, labels):
    labels = labels.masked_fill(labels == -100, 0)
    return F.cross_entropy(logits[:, :-1].flatten(0, 1), labels[:, 1:].flatten())


def loss_softmax_first(logits, labels):
    probs = torch.softmax(logits, dim=-1)
    return F.cross_entropy(probs[:, :-1].flatten(0, 1), labels[:, 1:].flatten())


def loss_sum(logits, labels):
    return F.cross_entropy(
        logits[:, :-1].flatten(0, 1), labels[:, 1:].flatten(), reduction="sum"
    )


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


RIGHT["ex05_2"] = [loss_by_gather, loss_by_loop, loss_by_padding_labels]
WRONG["ex05_2"] = [
    (loss_no_shift, "Nothing is shifted"),
    (loss_backward_shift, "the wrong way"),
    (loss_shifted_twice, "Shifted twice"),
    (loss_over_all, "divided by all positions"),
    (loss_mean_of_rows, "mean of the rows' means"),
    (loss_as_token_0, "as if their label were token 0"),
    (loss_softmax_first, "softmax is applied twice"),
    (loss_sum, "the sum of the losses"),
    (loss_as_float, "nothing can be trained on it"),
    (loss_by_bare_gather, "no index"),
    (loss_unflattened, "flatten both"),
    (loss_labels_cut_only, "the same time - 1"),
    (loss_from_library, "write it yourself"),
]


# 5.3


def rate_squared_cosine(step, warmup_steps, total_steps, peak):
    if step < warmup_steps:
        return step / warmup_steps * peak
    part = (step - warmup_steps) / (total_steps - warmup_steps)
    return peak * math.cos(math.pi / 2 * part) ** 2


def rate_as_tensor(step, warmup_steps, total_steps, peak):
    progress = (step - warmup_steps) / max(1, total_steps - warmup_steps)
    cosine = 0.5 * (1 + torch.cos(torch.tensor(math.pi * progress)))
    return peak * torch.where(
        torch.tensor(step < warmup_steps), step / max(1, warmup_steps), cosine
    )


def rate_cosine_from_0(step, warmup_steps, total_steps, peak):
    if step < warmup_steps:
        return peak * step / warmup_steps
    return peak * 0.5 * (1 + math.cos(math.pi * step / total_steps))


def rate_linear(step, warmup_steps, total_steps, peak):
    if step < warmup_steps:
        return peak * step / warmup_steps
    return peak * (total_steps - step) / (total_steps - warmup_steps)


def rate_constant(step, warmup_steps, total_steps, peak):
    return peak * min(1, step / warmup_steps) if warmup_steps else peak


def rate_whole_cosine(step, warmup_steps, total_steps, peak):
    if step < warmup_steps:
        return peak * step / warmup_steps
    progress = (step - warmup_steps) / (total_steps - warmup_steps)
    return peak * 0.5 * (1 + math.cos(2 * math.pi * progress))


def rate_quarter_cosine(step, warmup_steps, total_steps, peak):
    if step < warmup_steps:
        return peak * step / warmup_steps
    progress = (step - warmup_steps) / (total_steps - warmup_steps)
    return peak * 0.5 * (1 + math.cos(math.pi / 2 * progress))


def rate_bare_cosine(step, warmup_steps, total_steps, peak):
    if step < warmup_steps:
        return peak * step / warmup_steps
    progress = (step - warmup_steps) / (total_steps - warmup_steps)
    return peak * math.cos(math.pi * progress)


def rate_not_halved(step, warmup_steps, total_steps, peak):
    if step < warmup_steps:
        return peak * step / warmup_steps
    progress = (step - warmup_steps) / (total_steps - warmup_steps)
    return peak * (1 + math.cos(math.pi * progress))


def rate_without_warmup(step, warmup_steps, total_steps, peak):
    progress = max(0, step - warmup_steps) / (total_steps - warmup_steps)
    return peak * 0.5 * (1 + math.cos(math.pi * progress))


def rate_one_step_early(step, warmup_steps, total_steps, peak):
    if step < warmup_steps:
        return peak * (step + 1) / warmup_steps
    progress = (step - warmup_steps) / (total_steps - warmup_steps)
    return peak * 0.5 * (1 + math.cos(math.pi * progress))


def rate_without_peak(step, warmup_steps, total_steps, peak):
    if step < warmup_steps:
        return step / warmup_steps
    progress = (step - warmup_steps) / (total_steps - warmup_steps)
    return 0.5 * (1 + math.cos(math.pi * progress))


def rate_divides_by_warmup(step, warmup_steps, total_steps, peak):
    rising = peak * step / warmup_steps
    progress = (step - warmup_steps) / (total_steps - warmup_steps)
    falling = peak * 0.5 * (1 + math.cos(math.pi * max(0, progress)))
    return min(rising, falling)


def rate_in_degrees(step, warmup_steps, total_steps, peak):
    if step < warmup_steps:
        return peak * step / warmup_steps
    progress = (step - warmup_steps) / (total_steps - warmup_steps)
    return peak * 0.5 * (1 + math.cos(180 * progress))


def rate_from_library(step, warmup_steps, total_steps, peak):
    from transformers import get_cosine_schedule_with_warmup

    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=peak)
    schedule = get_cosine_schedule_with_warmup(optimizer, warmup_steps, total_steps)
    return schedule.lr_lambdas[0](step) * peak


RIGHT["ex05_3"] = [rate_squared_cosine, rate_as_tensor]
WRONG["ex05_3"] = [
    (rate_cosine_from_0, "counts from step 0"),
    (rate_linear, "straight line"),
    (rate_constant, "stays at its peak"),
    (rate_whole_cosine, "comes up again"),
    (rate_quarter_cosine, "does not reach 0"),
    (rate_bare_cosine, "uphill"),
    (rate_not_halved, "halve it"),
    (rate_without_warmup, "warm-up is missing"),
    (rate_one_step_early, "one step early"),
    (rate_without_peak, "multiply it by the peak"),
    (rate_divides_by_warmup, "warmup_steps may be 0"),
    (rate_in_degrees, "Below warmup_steps: peak x step"),
    (rate_from_library, "write it yourself"),
]


# 5.4


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


RIGHT["ex05_4"] = [perplexity_of_sums, perplexity_of_one_tensor]
WRONG["ex05_4"] = [
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


# 5.5


def train_with_loader(model, blocks):
    optimizer = torch.optim.SGD(model.parameters(), lr=0.3, momentum=0.9)
    loader = DataLoader(blocks, batch_size=16, shuffle=True)
    for _ in range(4):
        for batch in loader:
            optimizer.zero_grad()
            logits = model(batch).logits
            loss = F.cross_entropy(logits[:, :-1].flatten(0, 1), batch[:, 1:].flatten())
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
    return model.eval()


def train_with_random_batches(model, blocks):
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-2, weight_decay=0.1)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, 150)
    for _ in range(150):
        batch = blocks[torch.randint(len(blocks), (16,))]
        model(input_ids=batch, labels=batch).loss.backward()
        optimizer.step()
        schedule.step()
        model.zero_grad()
    return model


def _loop(model, blocks, make_labels=torch.clone, lr=3e-3, passes=4, **without):
    optimizer = torch.optim.AdamW(model.parameters(), lr=lr)
    for _ in range(passes):
        for rows in torch.randperm(len(blocks)).split(16):
            batch = blocks[rows]
            model(input_ids=batch, labels=make_labels(batch)).loss.backward()
            if not without.get("step"):
                optimizer.step()
            if not without.get("zero_grad"):
                optimizer.zero_grad()
    return model


def train_no_zero_grad(model, blocks):
    return _loop(model, blocks, passes=3, zero_grad=True)


def train_no_step(model, blocks):
    return _loop(model, blocks, passes=1, step=True)


def train_shifted_labels(model, blocks):
    def shifted(batch):
        ends = torch.full((len(batch), 1), -100)
        return torch.cat([batch[:, 1:], ends], dim=1)

    return _loop(model, blocks, shifted, passes=3)


def train_cut_labels(model, blocks):
    return _loop(model, blocks, lambda batch: batch[:, 1:])


def train_one_batch(model, blocks):
    return _loop(model, blocks[:16].repeat(24, 1))


def train_low_rate(model, blocks):
    return _loop(model, blocks, passes=2, lr=5e-5)


def train_high_rate(model, blocks):
    return _loop(model, blocks, passes=2, lr=0.3)


def train_one_pass(model, blocks):
    return _loop(model, blocks, passes=1)


def train_without_gradient(model, blocks):
    with torch.no_grad():
        return _loop(model, blocks)


def train_returns_loss(model, blocks):
    batch = blocks[:16]
    return _loop(model, blocks, passes=1)(input_ids=batch, labels=batch).loss.item()


def train_returns_nothing(model, blocks):
    _loop(model, blocks, passes=1)


def train_other_model(model, blocks):
    from transformers import GPT2Config, GPT2LMHeadModel

    return GPT2LMHeadModel(GPT2Config(**{**model.config.to_dict(), "n_layer": 1}))


def train_diverges(model, blocks):
    _loop(model, blocks[:64], passes=1)
    with torch.no_grad():
        model.transformer.wte.weight[0] = float("nan")
    return model


def train_with_trainer(model, blocks):
    from transformers import Trainer, TrainingArguments

    rows = [{"input_ids": block, "labels": block} for block in blocks]
    arguments = TrainingArguments("unused", use_cpu=True, learning_rate=3e-3)
    Trainer(model, arguments, train_dataset=rows).train()
    return model


RIGHT["ex05_5"] = [train_with_loader, train_with_random_batches]
WRONG["ex05_5"] = [
    (train_no_zero_grad, "pile up"),
    (train_no_step, "weights are those of the start"),
    (train_shifted_labels, "shifted twice"),
    (train_cut_labels, "labels has the shape of input_ids"),
    (train_one_batch, "known by heart"),
    (train_low_rate, "learning rate is too low"),
    (train_high_rate, "learning rate is too high"),
    (train_one_pass, "stops too early"),
    (train_without_gradient, "carries no gradient"),
    (train_returns_loss, "Return the trained model"),
    (train_returns_nothing, "Return the trained model"),
    (train_other_model, "another model"),
    (train_diverges, "NaN or infinity"),
    (train_with_trainer, "write it yourself"),
]


def loss_on_new_blocks(data, inputs):
    """Return what 5.5 judges, or None if no weights came back."""
    from course_utils.checks.ex05.probe import new_model
    from course_utils.checks.ex05.verify import block_losses
    from course_utils.checks.weights import load_weights
    from course_utils.errors import CourseError

    model = new_model(inputs["model_seed"])
    try:
        load_weights(model, data["answer"]["weights"])
    except (KeyError, CourseError):
        return None
    return float(block_losses(model, inputs["hidden"]["blocks"]).mean())


# Trained questions, and the value that their threshold judges.
TRAINED = {"ex05_5": loss_on_new_blocks}
