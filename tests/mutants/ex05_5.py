"""Right and wrong answers to Exercise 5.5, as students write them."""

import copy

import torch
import torch.nn.functional as F
from torch.utils.data import DataLoader


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


def train_functional(model, blocks):
    parameters = list(model.parameters())
    moments = [torch.zeros_like(p) for p in parameters]
    for _ in range(4):
        for batch in blocks[torch.randperm(len(blocks))].split(16):
            loss = model(input_ids=batch, labels=batch).loss
            gradients = torch.autograd.grad(loss, parameters)
            with torch.no_grad():
                for p, m, g in zip(parameters, moments, gradients, strict=True):
                    m.mul_(0.9).add_(g)
                    p.sub_(0.3 * m)
    return model


def train_not_shifted(model, blocks):
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3)
    for batch in blocks.split(16):
        logits = model(input_ids=batch).logits
        F.cross_entropy(logits.flatten(0, 1), batch.flatten()).backward()
        optimizer.step()
        optimizer.zero_grad()
    return model


def train_uphill(model, blocks):
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3)
    for batch in blocks.split(16):
        (-model(input_ids=batch, labels=batch).loss).backward()
        optimizer.step()
        optimizer.zero_grad()
    return model


def train_few_rows(model, blocks):
    return _loop(model, blocks[:64], passes=8)


def train_single_rows(model, blocks):
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    for row in blocks[:160]:
        model(input_ids=row[None], labels=row[None]).loss.backward()
        optimizer.step()
        optimizer.zero_grad()
    return model


def train_returns_a_new_model(model, blocks):
    fresh = copy.deepcopy(model)
    _loop(model, blocks[:64], passes=1)
    return fresh


def train_other_parameters(model, blocks):
    optimizer = torch.optim.AdamW(copy.deepcopy(model).parameters(), lr=3e-3)
    for batch in blocks[:64].split(16):
        model(input_ids=batch, labels=batch).loss.backward()
        optimizer.step()
        model.zero_grad()
    return model


def train_no_backward(model, blocks):
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3)
    for batch in blocks[:64].split(16):
        model(input_ids=batch, labels=batch)
        optimizer.step()
    return model


def train_first_batch_only(model, blocks):
    for batch in blocks.split(16):
        return _loop(model, batch, passes=1)


RIGHT = [train_with_loader, train_with_random_batches, train_functional]
WRONG = [
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
    (train_returns_nothing, "`train` returns None"),
    (train_other_model, "another model"),
    (train_diverges, "NaN or infinity"),
    (train_with_trainer, "write it yourself"),
    (train_not_shifted, "Nothing is shifted"),
    (train_uphill, "The loss goes up"),
    (train_few_rows, "a small part of the blocks"),
    (train_single_rows, "a"),
    (train_returns_a_new_model, "return the model that you trained"),
    (train_other_parameters, "call optimizer.step()"),
    (train_no_backward, "No gradient was computed"),
    (train_first_batch_only, "the same few blocks"),
]


def judged(data, inputs):
    """Return the loss on new blocks, or None if no weights came back."""
    from course_utils.checks.judges.ex05_5 import block_losses
    from course_utils.checks.probes.ex05_model import new_model
    from course_utils.checks.weights import load_weights
    from course_utils.machine.errors import CourseError

    model = new_model(inputs["model_seed"])
    try:
        load_weights(model, data["answer"]["weights"])
    except (KeyError, CourseError):
        return None
    return float(block_losses(model, inputs["hidden"]["blocks"]).mean())


def threshold():
    """Return what a right answer stays below."""
    from course_utils.checks.judges.ex05_5 import ENOUGH

    return ENOUGH
