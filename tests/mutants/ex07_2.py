"""Right and wrong answers to Exercise 7.2, as students write them."""


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


RIGHT = [prompt_by_last_tokens, prompt_by_popping]
WRONG = [
    (prompt_of_long_only, "max_length - len(cue_ids)"),
]
