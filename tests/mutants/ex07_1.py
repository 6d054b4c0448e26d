"""Right and wrong answers to Exercise 7.1, as students write them."""

import torch


def row_by_overwriting(prompt_ids, summary_ids, eos_token_id):
    input_ids = prompt_ids + summary_ids + [eos_token_id]
    labels = input_ids.copy()
    for i in range(len(prompt_ids)):
        labels[i] = -100
    return {"labels": labels, "input_ids": input_ids}


def row_of_tensors(prompt_ids, summary_ids, eos_token_id):
    input_ids = torch.tensor([*prompt_ids, *summary_ids, eos_token_id])
    in_prompt = torch.arange(len(input_ids)) < len(prompt_ids)
    return {"input_ids": input_ids, "labels": input_ids.masked_fill(in_prompt, -100)}


def row_not_masked(prompt_ids, summary_ids, eos_token_id):
    input_ids = [*prompt_ids, *summary_ids, eos_token_id]
    return {"input_ids": input_ids, "labels": list(input_ids)}


def row_without_end(prompt_ids, summary_ids, eos_token_id):
    labels = [-100] * len(prompt_ids) + summary_ids
    return {"input_ids": prompt_ids + summary_ids, "labels": labels}


def row_end_masked(prompt_ids, summary_ids, eos_token_id):
    input_ids = [*prompt_ids, *summary_ids, eos_token_id]
    labels = [-100] * len(prompt_ids) + summary_ids + [-100]
    return {"input_ids": input_ids, "labels": labels}


def row_shifted(prompt_ids, summary_ids, eos_token_id):
    input_ids = [*prompt_ids, *summary_ids, eos_token_id]
    labels = [-100] * (len(prompt_ids) - 1) + [*summary_ids, eos_token_id, -100]
    return {"input_ids": input_ids, "labels": labels}


def row_answer_only(prompt_ids, summary_ids, eos_token_id):
    input_ids = [*prompt_ids, *summary_ids, eos_token_id]
    return {"input_ids": input_ids, "labels": [*summary_ids, eos_token_id]}


def row_masked_too_far(prompt_ids, summary_ids, eos_token_id):
    input_ids = [*prompt_ids, *summary_ids, eos_token_id]
    n = len(prompt_ids) + 1
    return {"input_ids": input_ids, "labels": [-100] * n + input_ids[n:]}


def row_masked_too_little(prompt_ids, summary_ids, eos_token_id):
    input_ids = [*prompt_ids, *summary_ids, eos_token_id]
    n = len(prompt_ids) - 1
    return {"input_ids": input_ids, "labels": [-100] * n + input_ids[n:]}


def row_masked_with_zero(prompt_ids, summary_ids, eos_token_id):
    answer = [*summary_ids, eos_token_id]
    return {"input_ids": prompt_ids + answer, "labels": [0] * len(prompt_ids) + answer}


def row_end_after_prompt(prompt_ids, summary_ids, eos_token_id):
    input_ids = [*prompt_ids, eos_token_id, *summary_ids, eos_token_id]
    labels = [-100] * (len(prompt_ids) + 1) + [*summary_ids, eos_token_id]
    return {"input_ids": input_ids, "labels": labels}


def row_as_tuple(prompt_ids, summary_ids, eos_token_id):
    answer = [*summary_ids, eos_token_id]
    return prompt_ids + answer, [-100] * len(prompt_ids) + answer


RIGHT = [row_by_overwriting, row_of_tensors]
WRONG = [
    (row_not_masked, "repeat the dialogue"),
    (row_without_end, "The end is missing"),
    (row_end_masked, "never learns to stop"),
    (row_shifted, "labels are shifted"),
    (row_answer_only, "as many labels as tokens"),
    (row_masked_too_far, "first token of the summary"),
    (row_masked_too_little, "last token of the prompt"),
    (row_masked_with_zero, "Only -100"),
    (row_end_after_prompt, "between prompt and summary"),
    (row_as_tuple, "Return a dict"),
]
