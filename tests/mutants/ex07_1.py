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


def row_as_tuple(prompt_ids, summary_ids, eos_token_id):
    answer = [*summary_ids, eos_token_id]
    return prompt_ids + answer, [-100] * len(prompt_ids) + answer


RIGHT = [row_by_overwriting, row_of_tensors]
WRONG = [
    (row_as_tuple, "Return a dict"),
]
