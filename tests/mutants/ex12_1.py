"""Right and wrong answers to Exercise 12.1, as students write them."""

import torch


def texts_one_at_a_time(model, tokenizer, prompts, max_new_tokens):
    texts = []
    for prompt in prompts:
        ids = tokenizer(prompt, return_tensors="pt")["input_ids"]
        written = model.generate(
            ids, max_new_tokens=max_new_tokens, do_sample=False, pad_token_id=0
        )
        new = written[0, ids.shape[1] :]
        texts.append(tokenizer.decode(new[new != tokenizer.eos_token_id]))
    return texts


def texts_by_characters(model, tokenizer, prompts, max_new_tokens):
    tokenizer.padding_side = "left"
    batch = tokenizer(prompts, padding=True, return_tensors="pt")
    with torch.no_grad():
        written = model.generate(
            **batch, max_new_tokens=max_new_tokens, do_sample=False, pad_token_id=0
        )
    full = tokenizer.batch_decode(written, skip_special_tokens=True)
    return [
        text[len(prompt) :].strip() for text, prompt in zip(full, prompts, strict=True)
    ]


def texts_by_hand(model, tokenizer, prompts, max_new_tokens):
    texts = []
    for prompt in prompts:
        ids = tokenizer(prompt)["input_ids"]
        start = len(ids)
        for _ in range(max_new_tokens):
            with torch.no_grad():
                ids.append(int(model(torch.tensor([ids])).logits[0, -1].argmax()))
            if ids[-1] == tokenizer.eos_token_id:
                break
        texts.append(tokenizer.decode(ids[start:], skip_special_tokens=True))
    return texts


def _written(model, tokenizer, prompts, max_new_tokens, side="left", **options):
    batch = tokenizer(prompts, padding=True, padding_side=side, return_tensors="pt")
    arguments = {
        "attention_mask": batch["attention_mask"],
        "max_new_tokens": max_new_tokens,
        "do_sample": False,
        "pad_token_id": 0,
        **options,
    }
    arguments = {name: value for name, value in arguments.items() if value is not None}
    return batch, model.generate(batch["input_ids"], **arguments)


def _cut(tokenizer, batch, written, **options):
    new = written[:, batch["input_ids"].shape[1] :]
    return tokenizer.batch_decode(new, skip_special_tokens=True, **options)


def texts_padded_on_the_right(model, tokenizer, prompts, max_new_tokens):
    batch, written = _written(model, tokenizer, prompts, max_new_tokens, side="right")
    return _cut(tokenizer, batch, written)


def texts_without_mask(model, tokenizer, prompts, max_new_tokens):
    batch, written = _written(
        model, tokenizer, prompts, max_new_tokens, attention_mask=None
    )
    return _cut(tokenizer, batch, written)


def texts_with_prompt(model, tokenizer, prompts, max_new_tokens):
    _, written = _written(model, tokenizer, prompts, max_new_tokens)
    return tokenizer.batch_decode(written, skip_special_tokens=True)


def texts_cut_at_own_length(model, tokenizer, prompts, max_new_tokens):
    _, written = _written(model, tokenizer, prompts, max_new_tokens)
    lengths = [len(tokenizer(prompt)["input_ids"]) for prompt in prompts]
    return [
        tokenizer.decode(row[length:], skip_special_tokens=True)
        for row, length in zip(written, lengths, strict=True)
    ]


def texts_with_ends(model, tokenizer, prompts, max_new_tokens):
    batch, written = _written(model, tokenizer, prompts, max_new_tokens)
    return tokenizer.batch_decode(written[:, batch["input_ids"].shape[1] :])


def texts_of_20_tokens(model, tokenizer, prompts, max_new_tokens):
    batch, written = _written(model, tokenizer, prompts, 20)
    return _cut(tokenizer, batch, written)


def texts_sorted_by_length(model, tokenizer, prompts, max_new_tokens):
    return texts_by_characters(
        model, tokenizer, sorted(prompts, key=len), max_new_tokens
    )


def texts_sampled(model, tokenizer, prompts, max_new_tokens):
    batch, written = _written(
        model, tokenizer, prompts, max_new_tokens, do_sample=True, temperature=3.0
    )
    return _cut(tokenizer, batch, written)


def texts_unpadded(model, tokenizer, prompts, max_new_tokens):
    batch = tokenizer(prompts, return_tensors="pt")
    return model.generate(**batch, max_new_tokens=max_new_tokens)


def texts_by_the_course(model, tokenizer, prompts, max_new_tokens):
    from course_utils.evaluation.generation import generate

    return generate(model, tokenizer, prompts, max_new_tokens=max_new_tokens)


def texts_padded_by_hand(model, tokenizer, prompts, max_new_tokens):
    rows = [tokenizer(prompt)["input_ids"] for prompt in prompts]
    width = max(map(len, rows))
    ids = torch.tensor([[0] * (width - len(row)) + row for row in rows])
    mask = torch.tensor([[0] * (width - len(row)) + [1] * len(row) for row in rows])
    written = model.generate(
        ids, attention_mask=mask, max_new_tokens=max_new_tokens, pad_token_id=0
    )
    return [tokenizer.decode(r, skip_special_tokens=True) for r in written[:, width:]]


def texts_by_config(model, tokenizer, prompts, max_new_tokens):
    from transformers import GenerationConfig

    tokenizer.padding_side, tokenizer.pad_token = "left", tokenizer.eos_token
    batch = tokenizer(prompts, padding="longest", return_tensors="pt")
    config = GenerationConfig(
        max_new_tokens=max_new_tokens,
        do_sample=False,
        num_beams=1,
        pad_token_id=tokenizer.pad_token_id,
        eos_token_id=tokenizer.eos_token_id,
    )
    written = model.generate(**batch, generation_config=config)
    new = written[:, batch.input_ids.size(1) :]
    return [text.strip() for text in tokenizer.batch_decode(new, True)]


def texts_of_no_gradient(model, tokenizer, prompts, max_new_tokens):
    with torch.inference_mode():
        batch, written = _written(model, tokenizer, prompts, max_new_tokens)
    texts = []
    for row in written.tolist():
        new = row[batch["input_ids"].shape[1] :]
        end = (
            new.index(tokenizer.eos_token_id) if tokenizer.eos_token_id in new else None
        )
        texts.append(tokenizer.decode(new[:end]))
    return tuple(texts)


def texts_by_max_length(model, tokenizer, prompts, max_new_tokens):
    batch = tokenizer(prompts, padding=True, padding_side="left", return_tensors="pt")
    width = batch["input_ids"].shape[1]
    written = model.generate(
        **batch, max_length=width + max_new_tokens, do_sample=False, pad_token_id=0
    )
    return tokenizer.batch_decode(written[:, width:], skip_special_tokens=True)


def texts_sorted_and_put_back(model, tokenizer, prompts, max_new_tokens):
    order = sorted(range(len(prompts)), key=lambda i: len(prompts[i]))
    texts = texts_by_characters(
        model, tokenizer, [prompts[i] for i in order], max_new_tokens
    )
    return [text for _, text in sorted(zip(order, texts, strict=True))]


def texts_by_beams(model, tokenizer, prompts, max_new_tokens):
    batch, written = _written(model, tokenizer, prompts, max_new_tokens, num_beams=2)
    return _cut(tokenizer, batch, written)


def texts_in_two_batches(model, tokenizer, prompts, max_new_tokens):
    half = len(prompts) // 2
    return [
        *texts_by_characters(model, tokenizer, prompts[:half], max_new_tokens),
        *texts_by_characters(model, tokenizer, prompts[half:], max_new_tokens),
    ]


RIGHT = [
    texts_by_characters,
    texts_padded_by_hand,
    texts_by_config,
    texts_of_no_gradient,
    texts_by_max_length,
    texts_sorted_and_put_back,
]
WRONG = [
    (texts_one_at_a_time, "make one batch of them"),
    (texts_in_two_batches, "make one batch of them"),
    (texts_by_hand, "with model.generate"),
    (texts_by_beams, "one beam"),
    (texts_padded_on_the_right, "The padding is on the right"),
    (texts_without_mask, "looks at the padding"),
    (texts_with_prompt, "The prompts are still there"),
    (texts_cut_at_own_length, "A piece of the shorter prompts"),
    (texts_with_ends, "skip_special_tokens"),
    (texts_of_20_tokens, "pass max_new_tokens on"),
    (texts_sorted_by_length, "put the texts back"),
    (texts_sampled, "do_sample=False"),
    (texts_unpadded, "pad them"),
    (texts_by_the_course, "write it yourself"),
]
