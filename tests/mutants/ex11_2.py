"""Right and wrong answers to Exercise 11.2, as students write them."""


def pair_at_once(dialogue, summary, tokenizer, max_length):
    prompt = dialogue + "\nTL;DR:"
    ids = tokenizer(prompt + " " + summary)["input_ids"] + [tokenizer.eos_token_id]
    n_prompt = len(tokenizer(prompt)["input_ids"])
    labels = [-100] * n_prompt + ids[n_prompt:]
    return {"input_ids": ids[-max_length:], "labels": labels[-max_length:]}


def pair_as_tensors(dialogue, summary, tokenizer, max_length):
    import torch

    tokenizer.truncation_side = "left"
    answer = tokenizer(f" {summary}{tokenizer.eos_token}")["input_ids"]
    prompt = tokenizer(
        dialogue + "\nTL;DR:", truncation=True, max_length=max_length - len(answer)
    )["input_ids"]
    ids = torch.tensor(prompt + answer)
    labels = ids.clone()
    labels[: len(prompt)] = -100
    return {"input_ids": ids, "labels": labels, "attention_mask": torch.ones_like(ids)}


def pair_another_cue(dialogue, summary, tokenizer, max_length):
    prompt = tokenizer(dialogue + "\nSummary:")["input_ids"]
    answer = tokenizer(" " + summary)["input_ids"] + [tokenizer.eos_token_id]
    prompt = prompt[-(max_length - len(answer)) :]
    return {"input_ids": prompt + answer, "labels": [-100] * len(prompt) + answer}


def pair_with_a_space_in_the_prompt(dialogue, summary, tokenizer, max_length):
    prompt = tokenizer(dialogue + "\nTL;DR: ")["input_ids"]
    answer = tokenizer(summary)["input_ids"] + [tokenizer.eos_token_id]
    prompt = prompt[-(max_length - len(answer)) :]
    return {"input_ids": prompt + answer, "labels": [-100] * len(prompt) + answer}


def pair_ids_only(dialogue, summary, tokenizer, max_length):
    return dict(tokenizer(f"{dialogue}\nTL;DR: {summary}{tokenizer.eos_token}"))


def pair_by_the_course(dialogue, summary, tokenizer, max_length):
    from course_utils.data.summaries import encode

    return encode({"dialogue": dialogue, "summary": summary}, tokenizer, max_length)


def pair_by_numpy(dialogue, summary, tokenizer, max_length):
    import numpy as np

    prompt = np.array(tokenizer.encode(f"{dialogue}\nTL;DR:"))
    answer = np.array([*tokenizer.encode(f" {summary}"), tokenizer.eos_token_id])
    prompt = prompt[max(0, len(prompt) + len(answer) - max_length) :]
    labels = np.concatenate([np.full(len(prompt), -100), answer])
    return {"input_ids": np.concatenate([prompt, answer]), "labels": labels}


def pair_in_parts(dialogue, summary, tokenizer, max_length):
    parts = [
        tokenizer(text, add_special_tokens=False)["input_ids"]
        for text in (dialogue, "\nTL;DR:", " " + summary, tokenizer.eos_token)
    ]
    over = sum(map(len, parts)) - max_length
    if over > 0:
        parts[0] = parts[0][over:]
    ids = [token for part in parts for token in part]
    masked = len(parts[0]) + len(parts[1])
    return dict(labels=[-100] * masked + ids[masked:], input_ids=ids)  # noqa: C408


def pair_as_encoding(dialogue, summary, tokenizer, max_length):
    from transformers import BatchEncoding

    return BatchEncoding(pair_at_once(dialogue, summary, tokenizer, max_length))


def pair_by_loop(dialogue, summary, tokenizer, max_length):
    prompt = tokenizer(dialogue + "\nTL;DR:").input_ids
    answer = tokenizer(" " + summary).input_ids
    answer.append(tokenizer.eos_token_id)
    while len(prompt) + len(answer) > max_length:
        prompt.pop(0)
    ids, labels = [], []
    for token in prompt:
        ids.append(token)
        labels.append(-100)
    for token in answer:
        ids.append(token)
        labels.append(token)
    return {"input_ids": tuple(ids), "labels": tuple(labels)}


RIGHT = [
    pair_at_once,
    pair_as_tensors,
    pair_by_numpy,
    pair_in_parts,
    pair_as_encoding,
    pair_by_loop,
]
WRONG = [
    (pair_another_cue, "of the cue"),
    (pair_with_a_space_in_the_prompt, "The space stands at the end of the prompt"),
    (pair_ids_only, "Return a dict"),
    (pair_by_the_course, "write it yourself"),
]
