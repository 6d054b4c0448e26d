"""Right and wrong answers to Exercise 7.2, as students write them."""


def prompt_by_last_tokens(dialogue_ids, cue_ids, answer_length, max_length):
    return (dialogue_ids + cue_ids)[-(max_length - answer_length) :]


def prompt_by_popping(dialogue_ids, cue_ids, answer_length, max_length):
    kept = list(dialogue_ids)
    while len(kept) + len(cue_ids) + answer_length > max_length:
        kept.pop(0)
    return kept + cue_ids


def prompt_uncut(dialogue_ids, cue_ids, answer_length, max_length):
    return dialogue_ids + cue_ids


def prompt_keeps_start(dialogue_ids, cue_ids, answer_length, max_length):
    room = max_length - len(cue_ids) - answer_length
    return dialogue_ids[:room] + cue_ids


def prompt_loses_cue(dialogue_ids, cue_ids, answer_length, max_length):
    return (dialogue_ids + cue_ids)[: max_length - answer_length]


def prompt_minus_zero(dialogue_ids, cue_ids, answer_length, max_length):
    room = max_length - len(cue_ids) - answer_length
    return dialogue_ids[-room:] + cue_ids


def prompt_negative_start(dialogue_ids, cue_ids, answer_length, max_length):
    room = max_length - len(cue_ids) - answer_length
    return dialogue_ids[len(dialogue_ids) - room :] + cue_ids


def prompt_forgets_answer(dialogue_ids, cue_ids, answer_length, max_length):
    return (dialogue_ids + cue_ids)[-max_length:]


def prompt_forgets_cue(dialogue_ids, cue_ids, answer_length, max_length):
    room = max_length - answer_length
    return dialogue_ids[max(0, len(dialogue_ids) - room) :] + cue_ids


def prompt_one_less(dialogue_ids, cue_ids, answer_length, max_length):
    room = max_length - len(cue_ids) - (answer_length + 1)
    return dialogue_ids[max(0, len(dialogue_ids) - room) :] + cue_ids


def prompt_without_cue(dialogue_ids, cue_ids, answer_length, max_length):
    room = max_length - len(cue_ids) - answer_length
    return dialogue_ids[max(0, len(dialogue_ids) - room) :]


def prompt_of_long_only(dialogue_ids, cue_ids, answer_length, max_length):
    if len(dialogue_ids) <= max_length:
        return dialogue_ids + cue_ids
    return dialogue_ids[-max_length:] + cue_ids


RIGHT = [prompt_by_last_tokens, prompt_by_popping]
WRONG = [
    (prompt_uncut, "Nothing is cut"),
    (prompt_keeps_start, "start of the dialogue is kept"),
    (prompt_loses_cue, "The cue is cut off"),
    (prompt_minus_zero, "ids[-0:]"),
    (prompt_negative_start, "shorter than the room"),
    (prompt_forgets_answer, "no room for the answer"),
    (prompt_forgets_cue, "no room for the cue"),
    (prompt_one_less, "One token more"),
    (prompt_without_cue, "The cue is missing"),
    (prompt_of_long_only, "max_length - len(cue_ids)"),
]
