"""Judge of 7.2, truncate the right part."""

from course_utils.checks.judges.known import Judge
from course_utils.checks.probes.ex07_2 import QUESTION


def last(dialogue_ids, cue_ids, n):
    """Return the last n tokens of the dialogue, or all of fewer, and the cue."""
    return dialogue_ids[max(0, len(dialogue_ids) - n) :] + cue_ids


def right(dialogue_ids, cue_ids, answer_length, max_length):
    return last(dialogue_ids, cue_ids, max_length - len(cue_ids) - answer_length)


judge = Judge(
    QUESTION,
    right,
    "Keep the last max_length - len(cue_ids) - answer_length tokens of the dialogue, "
    "or all if there are fewer, and put the cue behind them.",
)


@judge.mistake("Nothing is cut: drop tokens until prompt and answer fit.")
def not_cut(dialogue_ids, cue_ids, answer_length, max_length):
    return dialogue_ids + cue_ids


@judge.mistake(
    "The start of the dialogue is kept and its end dropped: it is the other way round."
)
def start_kept(dialogue_ids, cue_ids, answer_length, max_length):
    return dialogue_ids[: max_length - len(cue_ids) - answer_length] + cue_ids


@judge.mistake(
    "The cue is cut off, because the prompt is cut on the right: drop tokens from the "
    "start of the dialogue."
)
def cut_on_the_right(dialogue_ids, cue_ids, answer_length, max_length):
    return (dialogue_ids + cue_ids)[: max_length - answer_length]


@judge.mistake(
    "If the room is 0, the whole dialogue comes back: ids[-0:] is all of ids. Count "
    "what to drop at the start instead."
)
def minus_0(dialogue_ids, cue_ids, answer_length, max_length):
    return dialogue_ids[-(max_length - len(cue_ids) - answer_length) :] + cue_ids


@judge.mistake(
    "A dialogue that is shorter than the room is cut: len(ids) - room is then "
    "negative, and counts from the end."
)
def negative_start(dialogue_ids, cue_ids, answer_length, max_length):
    room = max_length - len(cue_ids) - answer_length
    return dialogue_ids[len(dialogue_ids) - room :] + cue_ids


@judge.mistake(
    "There is no room for the answer: prompt and answer together have at most "
    "max_length tokens."
)
def no_room_for_the_answer(dialogue_ids, cue_ids, answer_length, max_length):
    return (dialogue_ids + cue_ids)[-max_length:]


@judge.mistake("There is no room for the cue: it counts too.")
def no_room_for_the_cue(dialogue_ids, cue_ids, answer_length, max_length):
    return last(dialogue_ids, cue_ids, max_length - answer_length)


@judge.mistake(
    "One token more would fit. Either the end is counted twice (answer_length has it), "
    "or one is dropped too many."
)
def one_too_few(dialogue_ids, cue_ids, answer_length, max_length):
    return right(dialogue_ids, cue_ids, answer_length + 1, max_length)


@judge.mistake("The cue is missing: the prompt is the dialogue, then the cue.")
def without_the_cue(dialogue_ids, cue_ids, *sizes):
    return right(dialogue_ids, cue_ids, *sizes)[: -len(cue_ids)]


@judge.mistake("One token too many is kept: prompt and answer exceed max_length by 1.")
def one_too_many(dialogue_ids, cue_ids, answer_length, max_length):
    return right(dialogue_ids, cue_ids, answer_length - 1, max_length)


@judge.mistake("The cue stands before the dialogue: it comes after it.")
def cue_first(dialogue_ids, cue_ids, *sizes):
    kept = right(dialogue_ids, cue_ids, *sizes)[: -len(cue_ids)]
    return cue_ids + kept


@judge.mistake(
    "Neither cue nor answer has room: the dialogue alone is cut to max_length."
)
def cut_to_max_length(dialogue_ids, cue_ids, answer_length, max_length):
    return last(dialogue_ids, cue_ids, max_length)


@judge.mistake("A dialogue that is too long is left out whole: keep its end.")
def left_out_whole(dialogue_ids, cue_ids, answer_length, max_length):
    room = max_length - len(cue_ids) - answer_length
    return (dialogue_ids if len(dialogue_ids) <= room else []) + cue_ids


@judge.mistake("The tokens of the dialogue stand in reverse order.")
def reversed_dialogue(dialogue_ids, cue_ids, *sizes):
    kept = right(dialogue_ids, cue_ids, *sizes)[: -len(cue_ids)]
    return kept[::-1] + cue_ids


@judge.mistake("These are the tokens that were dropped: keep the others.")
def dropped(dialogue_ids, cue_ids, answer_length, max_length):
    room = max_length - len(cue_ids) - answer_length
    return dialogue_ids[: max(0, len(dialogue_ids) - room)] + cue_ids


@judge.mistake("As many tokens are kept as have to be dropped.")
def kept_instead_of_dropped(dialogue_ids, cue_ids, answer_length, max_length):
    room = max_length - len(cue_ids) - answer_length
    return last(dialogue_ids, cue_ids, max(0, len(dialogue_ids) - room))
