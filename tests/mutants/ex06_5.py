"""Right and wrong answers to Exercise 6.5, as students write them."""

import copy

import torch
import torch.nn.functional as F
from torch.utils.data import ConcatDataset, DataLoader


def _loop(model, next_batch, steps=160, lr=4e-3):
    optimizer = torch.optim.AdamW(model.parameters(), lr=lr)
    for step in range(steps):
        batch = next_batch(step)
        model(input_ids=batch, labels=batch).loss.backward()
        optimizer.step()
        optimizer.zero_grad()
    return model


def _some(blocks, n):
    return blocks[torch.randint(len(blocks), (n,))]


def _mixed(new, old):
    return lambda step: torch.cat([_some(new, 8), _some(old, 8)])


def tune_shuffled(model, new_blocks, old_blocks):
    both = ConcatDataset([new_blocks, old_blocks])
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3, weight_decay=0.1)
    for _ in range(7):
        for batch in DataLoader(both, batch_size=16, shuffle=True):
            optimizer.zero_grad()
            model(input_ids=batch, labels=batch).loss.backward()
            optimizer.step()
    return model.eval()


def tune_two_losses(model, new_blocks, old_blocks):
    optimizer = torch.optim.Adam(model.parameters(), lr=4e-3)
    for _ in range(120):
        new, old = _some(new_blocks, 12), _some(old_blocks, 6)
        new_loss = model(input_ids=new, labels=new).loss
        old_loss = model(input_ids=old, labels=old).loss
        (new_loss + 0.5 * old_loss).backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad()
    return model


def tune_new_only(model, new_blocks, old_blocks):
    return _loop(model, lambda step: _some(new_blocks, 16))


def tune_old_first(model, new_blocks, old_blocks):
    return _loop(model, lambda s: _some(old_blocks if s < 40 else new_blocks, 16))


def tune_new_first(model, new_blocks, old_blocks):
    return _loop(model, lambda s: _some(new_blocks if s < 120 else old_blocks, 16))


def tune_old_only(model, new_blocks, old_blocks):
    return _loop(model, lambda step: _some(old_blocks, 16), steps=40)


def tune_new_low_rate(model, new_blocks, old_blocks):
    return _loop(model, lambda step: _some(new_blocks, 16), lr=3e-4)


def tune_frozen_blocks(model, new_blocks, old_blocks):
    model.transformer.h.requires_grad_(False)
    return _loop(model, lambda step: _some(new_blocks, 16), lr=4e-3)


def tune_very_low_rate(model, new_blocks, old_blocks):
    return _loop(model, _mixed(new_blocks, old_blocks), steps=80, lr=1e-5)


def tune_too_short(model, new_blocks, old_blocks):
    return _loop(model, _mixed(new_blocks, old_blocks), steps=25)


def tune_high_rate(model, new_blocks, old_blocks):
    return _loop(model, _mixed(new_blocks, old_blocks), steps=80, lr=0.3)


def tune_not_at_all(model, new_blocks, old_blocks):
    return model


def tune_returns_loss(model, new_blocks, old_blocks):
    _loop(model, _mixed(new_blocks, old_blocks), steps=1)
    return model(input_ids=new_blocks, labels=new_blocks).loss.item()


def tune_without_gradient(model, new_blocks, old_blocks):
    model.requires_grad_(False)
    return _loop(model, _mixed(new_blocks, old_blocks))


def tune_joined_wrongly(model, new_blocks, old_blocks):
    batch = torch.cat([new_blocks[:16], old_blocks[:4]], dim=1)
    return _loop(model, lambda step: batch)


def tune_no_zero_grad(model, new_blocks, old_blocks):
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3)
    for step in range(60):
        batch = _mixed(new_blocks, old_blocks)(step)
        model(input_ids=batch, labels=batch).loss.backward()
        optimizer.step()
    return model


def tune_uphill(model, new_blocks, old_blocks):
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3, maximize=True)
    for step in range(20):
        batch = _mixed(new_blocks, old_blocks)(step)
        model(input_ids=batch, labels=batch).loss.backward()
        optimizer.step()
        optimizer.zero_grad()
    return model


def tune_shifted(model, new_blocks, old_blocks):
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3)
    for step in range(40):
        batch = _mixed(new_blocks, old_blocks)(step)
        labels = F.pad(batch[:, 1:], (0, 1), value=-100)
        model(input_ids=batch, labels=labels).loss.backward()
        optimizer.step()
        optimizer.zero_grad()
    return model


def tune_fresh_model(model, new_blocks, old_blocks):
    before = copy.deepcopy(model)
    _loop(model, _mixed(new_blocks, old_blocks), steps=5)
    return before


def tune_one_batch(model, new_blocks, old_blocks):
    batch = torch.cat([new_blocks[:8], old_blocks[:8]])
    return _loop(model, lambda step: batch, steps=60)


def tune_no_step(model, new_blocks, old_blocks):
    for step in range(4):
        batch = _mixed(new_blocks, old_blocks)(step)
        model(input_ids=batch, labels=batch).loss.backward()
    return model


def tune_with_trainer(model, new_blocks, old_blocks):
    from transformers import Trainer, TrainingArguments

    rows = [{"input_ids": block, "labels": block} for block in new_blocks]
    arguments = TrainingArguments("unused", use_cpu=True, learning_rate=3e-3)
    Trainer(model, arguments, train_dataset=rows).train()
    return model


def tune_joined_rows(model, new_blocks, old_blocks):
    rows = torch.cat([new_blocks[:16], old_blocks[:16]], dim=1)
    model(input_ids=rows, labels=rows).loss.backward()
    return model


RIGHT = [tune_shuffled, tune_two_losses]
WRONG = [
    (tune_new_only, "learned and the old one forgotten"),
    (tune_old_first, "learned and the old one forgotten"),
    (tune_frozen_blocks, "learned and the old one forgotten"),
    (tune_new_first, "every batch needs new blocks"),
    (tune_old_only, "every batch needs new blocks"),
    (tune_very_low_rate, "learning rate is too low"),
    (tune_not_at_all, "never called"),
    (tune_new_low_rate, "mix both in every batch"),
    (tune_too_short, "not learned well enough"),
    (tune_high_rate, "learning rate is too high"),
    (tune_returns_loss, "Return the fine-tuned model"),
    (tune_without_gradient, "carries no gradient"),
    (tune_joined_wrongly, "along dimension 0"),
    (tune_no_zero_grad, "pile up"),
    (tune_uphill, "The loss goes up"),
    (tune_shifted, "shifted twice"),
    (tune_fresh_model, "return the model that you trained"),
    (tune_one_batch, "the same few blocks"),
    (tune_no_step, "call optimizer.step()"),
    (tune_with_trainer, "write it yourself"),
    (tune_joined_rows, "along dimension 0"),
]


def judged(data, inputs):
    """Return the worse of the two losses, or None if no weights came back."""
    from course_utils.checks.judges.ex06_5 import block_loss
    from course_utils.checks.probes.ex06_model import new_model
    from course_utils.checks.weights import load_weights

    if "weights" not in data.get("answer", {}):
        return None
    model = new_model(inputs["model_seed"])
    load_weights(model, data["answer"]["weights"])
    return max(block_loss(model, blocks) for blocks in inputs["hidden"].values())


def threshold():
    """Return what a right answer stays below."""
    from course_utils.checks.judges.ex06_5 import ENOUGH

    return ENOUGH
