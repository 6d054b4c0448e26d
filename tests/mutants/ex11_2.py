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


def _parts(dialogue, summary, tokenizer, space=" "):
    texts = dialogue, "\nTL;DR:", space + summary
    dialogue, cue, answer = (tokenizer(text)["input_ids"] for text in texts)
    return dialogue, cue, [*answer, tokenizer.eos_token_id]


def pair_without_mask(dialogue, summary, tokenizer, max_length):
    row = pair_at_once(dialogue, summary, tokenizer, max_length)
    return {"input_ids": row["input_ids"], "labels": list(row["input_ids"])}


def pair_end_masked(dialogue, summary, tokenizer, max_length):
    row = pair_at_once(dialogue, summary, tokenizer, max_length)
    pad = tokenizer.pad_token_id
    row["labels"] = [-100 if label == pad else label for label in row["labels"]]
    return row


def pair_without_end(dialogue, summary, tokenizer, max_length):
    prompt = tokenizer(dialogue + "\nTL;DR:")["input_ids"]
    answer = tokenizer(" " + summary)["input_ids"]
    ids, labels = prompt + answer, [-100] * len(prompt) + answer
    return {"input_ids": ids[-max_length:], "labels": labels[-max_length:]}


def pair_without_space(dialogue, summary, tokenizer, max_length):
    dialogue, cue, answer = _parts(dialogue, summary, tokenizer, space="")
    prompt = (dialogue + cue)[-(max_length - len(answer)) :]
    return {"input_ids": prompt + answer, "labels": [-100] * len(prompt) + answer}


def pair_cut_at_end(dialogue, summary, tokenizer, max_length):
    dialogue, cue, answer = _parts(dialogue, summary, tokenizer)
    ids = dialogue + cue + answer
    labels = [-100] * len(dialogue + cue) + answer
    return {"input_ids": ids[:max_length], "labels": labels[:max_length]}


def pair_first_turns(dialogue, summary, tokenizer, max_length):
    dialogue, cue, answer = _parts(dialogue, summary, tokenizer)
    prompt = dialogue[: max_length - len(cue) - len(answer)] + cue
    return {"input_ids": prompt + answer, "labels": [-100] * len(prompt) + answer}


def pair_uncut(dialogue, summary, tokenizer, max_length):
    dialogue, cue, answer = _parts(dialogue, summary, tokenizer)
    prompt = dialogue + cue
    return {"input_ids": prompt + answer, "labels": [-100] * len(prompt) + answer}


def pair_one_too_long(dialogue, summary, tokenizer, max_length):
    prompt = tokenizer(dialogue + "\nTL;DR:")["input_ids"]
    answer = tokenizer(" " + summary)["input_ids"]
    prompt = prompt[-(max_length - len(answer)) :]
    answer = [*answer, tokenizer.eos_token_id]
    return {"input_ids": prompt + answer, "labels": [-100] * len(prompt) + answer}


def pair_shifted(dialogue, summary, tokenizer, max_length):
    row = pair_at_once(dialogue, summary, tokenizer, max_length)
    return {**row, "labels": [*row["labels"][1:], -100]}


def pair_masked_by_0(dialogue, summary, tokenizer, max_length):
    row = pair_at_once(dialogue, summary, tokenizer, max_length)
    return {**row, "labels": [max(label, 0) for label in row["labels"]]}


def pair_mask_too_short(dialogue, summary, tokenizer, max_length):
    dialogue, cue, answer = _parts(dialogue, summary, tokenizer)
    prompt = (dialogue + cue)[-(max_length - len(answer)) :]
    masked = len(prompt) - 1
    ids = prompt + answer
    return {"input_ids": ids, "labels": [-100] * masked + ids[masked:]}


def pair_mask_too_long(dialogue, summary, tokenizer, max_length):
    dialogue, cue, answer = _parts(dialogue, summary, tokenizer)
    prompt = (dialogue + cue)[-(max_length - len(answer)) :]
    masked = len(tokenizer(tokenizer.decode(prompt) + " ")["input_ids"])
    ids = prompt + answer
    return {"input_ids": ids, "labels": [-100] * masked + ids[masked:]}


def pair_mask_inverted(dialogue, summary, tokenizer, max_length):
    dialogue, cue, answer = _parts(dialogue, summary, tokenizer)
    prompt = (dialogue + cue)[-(max_length - len(answer)) :]
    return {"input_ids": prompt + answer, "labels": prompt + [-100] * len(answer)}


def pair_short_labels(dialogue, summary, tokenizer, max_length):
    row = pair_at_once(dialogue, summary, tokenizer, max_length)
    labels = [label for label in row["labels"] if label != -100]
    return {"input_ids": row["input_ids"], "labels": labels}


def pair_another_cue(dialogue, summary, tokenizer, max_length):
    prompt = tokenizer(dialogue + "\nSummary:")["input_ids"]
    answer = tokenizer(" " + summary)["input_ids"] + [tokenizer.eos_token_id]
    prompt = prompt[-(max_length - len(answer)) :]
    return {"input_ids": prompt + answer, "labels": [-100] * len(prompt) + answer}


def pair_ids_only(dialogue, summary, tokenizer, max_length):
    return dict(tokenizer(f"{dialogue}\nTL;DR: {summary}{tokenizer.eos_token}"))


def pair_by_the_course(dialogue, summary, tokenizer, max_length):
    from course_utils.data.summaries import encode

    return encode({"dialogue": dialogue, "summary": summary}, tokenizer, max_length)


RIGHT = [pair_at_once, pair_as_tensors]
WRONG = [
    (pair_without_mask, "write dialogues"),
    (pair_end_masked, "The end of text has the label -100"),
    (pair_without_end, "The end of text is missing"),
    (pair_without_space, "no space before the summary"),
    (pair_cut_at_end, "cut at its end"),
    (pair_first_turns, "loses its end"),
    (pair_uncut, "not cut"),
    (pair_one_too_long, "one token too many"),
    (pair_shifted, "shifted"),
    (pair_masked_by_0, "labels are 0"),
    (pair_mask_too_short, "one token early"),
    (pair_mask_too_long, "one token late"),
    (pair_mask_inverted, "wrong way round"),
    (pair_short_labels, "shorter than input_ids"),
    (pair_another_cue, "of the cue"),
    (pair_ids_only, "Return a dict"),
    (pair_by_the_course, "write it yourself"),
]
