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


def pair_ids_only(dialogue, summary, tokenizer, max_length):
    return dict(tokenizer(f"{dialogue}\nTL;DR: {summary}{tokenizer.eos_token}"))


def pair_by_the_course(dialogue, summary, tokenizer, max_length):
    from course_utils.data.summaries import encode

    return encode({"dialogue": dialogue, "summary": summary}, tokenizer, max_length)


RIGHT = [pair_at_once, pair_as_tensors]
WRONG = [
    (pair_another_cue, "of the cue"),
    (pair_ids_only, "Return a dict"),
    (pair_by_the_course, "write it yourself"),
]
