"""Right and wrong answers to Exercise 7.2, as students write them."""

from collections import deque
from itertools import chain, islice

import numpy as np
import pandas as pd
import torch


def prompt_by_last_tokens(dialogue_ids, cue_ids, answer_length, max_length):
    return (dialogue_ids + cue_ids)[-(max_length - answer_length) :]


def prompt_by_popping(dialogue_ids, cue_ids, answer_length, max_length):
    kept = list(dialogue_ids)
    while len(kept) + len(cue_ids) + answer_length > max_length:
        kept.pop(0)
    return kept + cue_ids


def prompt_of_long_only(dialogue_ids, cue_ids, answer_length, max_length):
    if len(dialogue_ids) <= max_length:
        return dialogue_ids + cue_ids
    return dialogue_ids[-max_length:] + cue_ids


def prompt_deque(dialogue_ids, cue_ids, answer_length, max_length):
    kept = deque(dialogue_ids, maxlen=max_length - answer_length - len(cue_ids))
    kept_and_cue = deque(kept)
    kept_and_cue.extend(cue_ids)
    return kept_and_cue


def prompt_numpy(dialogue_ids, cue_ids, answer_length, max_length):
    room = max_length - len(cue_ids) - answer_length
    places = np.arange(len(dialogue_ids))
    kept = np.array(dialogue_ids, dtype=int)[places >= len(dialogue_ids) - room]
    return np.r_[kept, cue_ids].astype(np.int32)


def prompt_torch(dialogue_ids, cue_ids, answer_length, max_length):
    ids = torch.tensor(dialogue_ids + cue_ids)
    start = max(0, len(ids) - (max_length - answer_length))
    return ids.narrow(0, start, len(ids) - start)


def prompt_chain(dialogue_ids, cue_ids, answer_length, max_length):
    total = len(dialogue_ids) + len(cue_ids) + answer_length
    return chain(islice(dialogue_ids, max(0, total - max_length), None), cue_ids)


def prompt_pandas(dialogue_ids, cue_ids, answer_length, max_length):
    room = max_length - len(cue_ids) - answer_length
    kept = pd.Series(dialogue_ids, dtype=int).tail(room)  # of 0, none
    return pd.concat([kept, pd.Series(cue_ids)])


def prompt_pops_end(dialogue_ids, cue_ids, answer_length, max_length):
    kept = list(dialogue_ids)
    while len(kept) + len(cue_ids) + answer_length > max_length:
        kept.pop()
    return kept + cue_ids


def prompt_one_too_many(dialogue_ids, cue_ids, answer_length, max_length):
    kept = list(dialogue_ids)
    while len(kept) + len(cue_ids) + answer_length > max_length + 1:
        kept.pop(0)
    return kept + cue_ids


def prompt_cue_first(dialogue_ids, cue_ids, answer_length, max_length):
    prompt = prompt_by_popping(dialogue_ids, cue_ids, answer_length, max_length)
    return cue_ids + prompt[: -len(cue_ids)]


def prompt_left_out(dialogue_ids, cue_ids, answer_length, max_length):
    if len(dialogue_ids) + len(cue_ids) + answer_length > max_length:
        return cue_ids
    return dialogue_ids + cue_ids


def prompt_minus_room(dialogue_ids, cue_ids, answer_length, max_length):
    return dialogue_ids[-(max_length - len(cue_ids) - answer_length) :] + cue_ids


def prompt_with_eos(dialogue_ids, cue_ids, answer_length, max_length):
    return prompt_by_popping(dialogue_ids, cue_ids, answer_length + 1, max_length)


def prompt_extend(dialogue_ids, cue_ids, answer_length, max_length):
    room = max_length - len(cue_ids) - answer_length
    return dialogue_ids[max(0, len(dialogue_ids) - room) :].extend(cue_ids)


def prompt_remove_in_loop(dialogue_ids, cue_ids, answer_length, max_length):
    room = max_length - len(cue_ids) - answer_length
    while len(dialogue_ids) > room:
        dialogue_ids = dialogue_ids.remove(dialogue_ids[0])
    return dialogue_ids + cue_ids


def prompt_printed(dialogue_ids, cue_ids, answer_length, max_length):
    print(prompt_by_popping(dialogue_ids, cue_ids, answer_length, max_length))


def prompt_pair(dialogue_ids, cue_ids, answer_length, max_length):
    prompt = prompt_by_popping(dialogue_ids, cue_ids, answer_length, max_length)
    return prompt[: -len(cue_ids)], cue_ids


def prompt_lengths_forgotten(dialogue_ids, cue_ids, answer_length, max_length):
    room = max_length - cue_ids - answer_length
    return dialogue_ids[-room:] + cue_ids


RIGHT = [
    prompt_by_last_tokens,
    prompt_by_popping,
    prompt_deque,
    prompt_numpy,
    prompt_torch,
    prompt_chain,
    prompt_pandas,
]
WRONG = [
    (prompt_of_long_only, "Neither cue nor answer has room"),
    (prompt_pops_end, "start of the dialogue is kept"),
    (prompt_one_too_many, "One token too many"),
    (prompt_cue_first, "The cue stands before"),
    (prompt_left_out, "left out whole"),
    (prompt_minus_room, "is all of ids"),
    (prompt_with_eos, "A place is asked for"),
    (prompt_extend, "`extend` changes"),
    (prompt_remove_in_loop, "`remove` changes"),
    (prompt_printed, "`print` shows"),
    (prompt_pair, "Keep the last"),
    (prompt_lengths_forgotten, "Lists do not calculate"),
]
