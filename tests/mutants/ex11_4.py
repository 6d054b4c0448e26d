"""Right and wrong answers to Exercise 11.4, as students write them."""

import copy

import torch
from torch.nn.utils.rnn import pad_sequence


def _batch(rows, pad_token_id=0):
    ids = [torch.tensor(row["input_ids"]) for row in rows]
    labels = [torch.tensor(row["labels"]) for row in rows]
    return {
        "input_ids": pad_sequence(ids, True, pad_token_id),
        "attention_mask": pad_sequence([torch.ones_like(i) for i in ids], True, 0),
        "labels": pad_sequence(labels, True, -100),
    }


def _loop(model, rows, steps, learning_rate, batch_size, change=None, zero_grad=True):
    optimizer = torch.optim.AdamW(model.parameters(), lr=learning_rate)
    for _ in range(steps):
        drawn = torch.randint(len(rows), (batch_size,)).tolist()
        batch = _batch([rows[i] for i in drawn])
        if change:
            batch["labels"] = change(batch)
        model(**batch).loss.backward()
        optimizer.step()
        if zero_grad:
            optimizer.zero_grad()
    return model


def _trainer(model, rows, collator=_batch, **arguments):
    from transformers import Trainer, TrainingArguments

    from course_utils.machine.runtime import save_folder

    arguments = TrainingArguments(
        str(save_folder() / "ex11"),
        save_strategy="no",
        disable_tqdm=True,
        use_cpu=True,
        **arguments,
    )
    return Trainer(model, arguments, train_dataset=rows, data_collator=collator)


def _train(model, rows, collator=_batch, **arguments):
    _trainer(model, rows, collator, **arguments).train()
    return model


def finetune_by_loop(model, rows, steps, learning_rate, batch_size, **arguments):
    return _loop(model, rows, steps, learning_rate, batch_size)


def finetune_by_loader(model, rows, steps, learning_rate, batch_size, **arguments):
    loader = torch.utils.data.DataLoader(
        rows, batch_size=batch_size, shuffle=True, collate_fn=_batch
    )
    optimizer = torch.optim.AdamW(model.parameters(), lr=learning_rate)
    schedule = torch.optim.lr_scheduler.LinearLR(optimizer, 1, 0, steps)
    model.train()
    taken = 0
    while taken < steps:
        for batch in loader:
            loss = model(**batch).loss
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            schedule.step()
            optimizer.zero_grad()
            taken += 1
            if taken == steps:
                break
    return model


def finetune_prompts_too(model, rows, steps, learning_rate, batch_size, **arguments):
    return _loop(
        model,
        rows,
        steps,
        learning_rate,
        batch_size,
        lambda batch: batch["input_ids"].masked_fill(
            batch["attention_mask"] == 0, -100
        ),
    )


def finetune_ends_masked(model, rows, steps, learning_rate, batch_size, **arguments):
    return _loop(
        model,
        rows,
        steps,
        learning_rate,
        batch_size,
        lambda batch: batch["labels"].masked_fill(batch["input_ids"] == 0, -100),
    )


def finetune_shifted(model, rows, steps, learning_rate, batch_size, **arguments):
    def shifted(batch):
        ends = torch.full((batch_size, 1), -100)
        return torch.cat([batch["labels"][:, 1:], ends], dim=1)

    return _loop(model, rows, steps, learning_rate, batch_size, shifted)


def finetune_first_rows(model, rows, steps, learning_rate, batch_size, **arguments):
    return _loop(model, rows[:batch_size], steps, learning_rate, batch_size)


def finetune_default_rate(model, rows, steps, learning_rate, batch_size, **arguments):
    return _train(model, rows, max_steps=steps, per_device_train_batch_size=batch_size)


def finetune_no_zero_grad(model, rows, steps, learning_rate, batch_size, **arguments):
    return _loop(model, rows, steps, learning_rate, batch_size, zero_grad=False)


def finetune_one_epoch(model, rows, steps, learning_rate, batch_size, **arguments):
    return _train(
        model,
        rows,
        num_train_epochs=1,
        learning_rate=learning_rate,
        per_device_train_batch_size=batch_size,
    )


def finetune_a_copy(model, rows, steps, learning_rate, batch_size, **arguments):
    _loop(copy.deepcopy(model), rows, steps, learning_rate, batch_size)
    return model


def finetune_returns_nothing(
    model, rows, steps, learning_rate, batch_size, **arguments
):
    _loop(model, rows, 2, learning_rate, batch_size)


def finetune_returns_trainer(
    model, rows, steps, learning_rate, batch_size, **arguments
):
    return _trainer(model, rows)


def finetune_without_collator(
    model, rows, steps, learning_rate, batch_size, **arguments
):
    return _train(
        model,
        rows,
        collator=None,
        max_steps=steps,
        learning_rate=learning_rate,
        per_device_train_batch_size=batch_size,
    )


def finetune_another_model(model, rows, steps, learning_rate, batch_size, **arguments):
    from transformers import GPT2Config, GPT2LMHeadModel

    return GPT2LMHeadModel(GPT2Config(**{**model.config.to_dict(), "n_layer": 1}))


def finetune_diverges(model, rows, steps, learning_rate, batch_size, **arguments):
    _loop(model, rows, 2, learning_rate, batch_size)
    with torch.no_grad():
        model.transformer.wte.weight[3] = float("nan")
    return model


def finetune_by_the_course(model, rows, steps, learning_rate, batch_size, **arguments):
    from course_utils.lesson.summariser import finetune

    finetune(model, None, rows, steps=steps, learning_rate=learning_rate)
    return model


def _own_loss(model, rows, steps, learning_rate, batch_size, shift=1, sign=1):
    optimizer = torch.optim.AdamW(model.parameters(), lr=learning_rate)
    for _ in range(steps):
        batch = _batch([rows[i] for i in torch.randperm(len(rows))[:batch_size]])
        labels = batch.pop("labels")
        logits = model(**batch).logits
        logits = logits[:, : logits.shape[1] - shift]
        loss = torch.nn.functional.cross_entropy(
            logits.flatten(0, 1), labels[:, shift:].flatten()
        )
        optimizer.zero_grad()
        (sign * loss).backward()
        optimizer.step()
    return model


def finetune_own_loss(model, rows, steps, learning_rate, batch_size, **arguments):
    return _own_loss(model, rows, steps, learning_rate, batch_size)


def finetune_by_trainer(model, rows, steps, learning_rate, batch_size, **arguments):
    model.loss_type = "ForCausalLM"
    return _train(
        model,
        rows,
        max_steps=steps,
        learning_rate=learning_rate,
        per_device_train_batch_size=batch_size,
        warmup_steps=10,
        **arguments,
    )


def finetune_in_halves(model, rows, steps, learning_rate, batch_size, **arguments):
    return _train(
        model,
        rows,
        max_steps=steps,
        learning_rate=learning_rate,
        per_device_train_batch_size=batch_size // 2,
        gradient_accumulation_steps=2,
    )


def finetune_with_adam(model, rows, steps, learning_rate, batch_size, **arguments):
    optimizer = torch.optim.Adam(model.parameters(), lr=learning_rate)
    order = []
    for _ in range(steps):
        if len(order) < batch_size:
            order = torch.randperm(len(rows)).tolist()
        taken, order = order[:batch_size], order[batch_size:]
        loss = model(**_batch([rows[i] for i in taken])).loss
        optimizer.zero_grad(set_to_none=False)
        loss.backward()
        optimizer.step()
    return model.eval()


def finetune_unshifted(model, rows, steps, learning_rate, batch_size, **arguments):
    return _own_loss(model, rows, steps, learning_rate, batch_size, shift=0)


def finetune_uphill(model, rows, steps, learning_rate, batch_size, **arguments):
    return _own_loss(model, rows, steps, learning_rate, batch_size, sign=-1)


def finetune_row_by_row(model, rows, steps, learning_rate, batch_size, **arguments):
    return _loop(model, rows, steps, learning_rate, 1)


def finetune_few_rows(model, rows, steps, learning_rate, batch_size, **arguments):
    return _loop(model, rows[:80], steps, learning_rate, batch_size)


def finetune_a_rate_of_1(model, rows, steps, learning_rate, batch_size, **arguments):
    return _loop(model, rows, steps, 1.0, batch_size)


def finetune_twice_as_long(model, rows, steps, learning_rate, batch_size, **arguments):
    return _loop(model, rows, 2 * steps, learning_rate, batch_size)


def finetune_large_batches(model, rows, steps, learning_rate, batch_size, **arguments):
    return _loop(model, rows, steps, learning_rate, 2 * batch_size)


def finetune_returns_a_copy(model, rows, steps, learning_rate, batch_size, **arguments):
    return copy.deepcopy(_loop(model, rows, steps, learning_rate, batch_size))


def finetune_no_step(model, rows, steps, learning_rate, batch_size, **arguments):
    for _ in range(3):
        model(**_batch(rows[:batch_size])).loss.backward()
    return model


RIGHT = [
    finetune_by_loop,
    finetune_by_loader,
    finetune_own_loss,
    finetune_by_trainer,
    finetune_in_halves,
    finetune_with_adam,
]
WRONG = [
    (finetune_prompts_too, "The prompts were learnt too"),
    (finetune_ends_masked, "not where they end"),
    (finetune_shifted, "shifted twice"),
    (finetune_unshifted, "Nothing is shifted"),
    (finetune_uphill, "The loss goes up"),
    (finetune_first_rows, "Only the first rows"),
    (finetune_few_rows, "Only a part of the rows"),
    (finetune_row_by_row, "smaller than batch_size"),
    (finetune_default_rate, "Hardly anything is learnt"),
    (finetune_a_rate_of_1, "thrown about"),
    (finetune_no_zero_grad, "zero_grad()"),
    (finetune_one_epoch, "fewer steps than you are told"),
    (finetune_twice_as_long, "no more and no fewer"),
    (finetune_large_batches, "from batch_size rows"),
    (finetune_returns_a_copy, "return it itself"),
    (finetune_no_step, "weights are those of the start"),
    (finetune_a_copy, "those of the start"),
    (finetune_returns_nothing, "None"),
    (finetune_returns_trainer, "Return the trained model"),
    (finetune_without_collator, "collate as data_collator"),
    (finetune_another_model, "another model"),
    (finetune_diverges, "NaN or infinity"),
    (finetune_by_the_course, "write it yourself"),
]


def judged(data, inputs):
    """Return the loss on new summaries, or None if it is not what is judged."""
    from course_utils.checks.judges.ex11_4 import GUESSED, losses
    from course_utils.checks.probes.ex11_4 import new_model
    from course_utils.checks.weights import load_weights
    from course_utils.machine.errors import CourseError

    model = new_model(inputs["model_seed"])
    try:
        load_weights(model, data["answer"]["weights"])
    except (KeyError, CourseError):
        return None
    loss = losses(model, inputs["hidden"]["rows"])
    return loss["summary"] if loss["prompt"] > GUESSED else None


def threshold():
    """Return what a right answer stays below."""
    from course_utils.checks.judges.ex11_4 import LEARNT

    return LEARNT
