"""Judge of 7.1, mask the prompt, keep the end."""

from course_utils.checks.judges.known import Judge
from course_utils.checks.probes.ex07_1 import QUESTION


def right(prompt_ids, summary_ids, eos, masked=0, filler=-100):
    """Mask the prompt and `masked` tokens more."""
    input_ids = [*prompt_ids, *summary_ids, eos]
    n = len(prompt_ids) + masked
    return {"input_ids": input_ids, "labels": [filler] * n + input_ids[n:]}


judge = Judge(
    QUESTION,
    right,
    "Return a dict of two lists. input_ids: prompt, summary, end. labels: -100 for "
    "each token of the prompt, then summary and end.",
)


@judge.mistake(
    "The prompt's labels are not -100: the loss would train the model to repeat the "
    "dialogue."
)
def not_masked(*case):
    row = right(*case)
    return row | {"labels": row["input_ids"]}


@judge.mistake(
    "The end is missing: put eos_token_id behind the summary, in both lists."
)
def without_end(*case):
    return {name: ids[:-1] for name, ids in right(*case).items()}


@judge.mistake(
    "The end has the label -100, so the model never learns to stop: its label is "
    "eos_token_id."
)
def end_masked(*case):
    row = right(*case)
    return row | {"labels": [*row["labels"][:-1], -100]}


@judge.mistake(
    "The labels are shifted by one. The model does that itself: a label is the token "
    "at the same place."
)
def shifted(*case):
    row = right(*case)
    return row | {"labels": [*row["labels"][1:], -100]}


@judge.mistake(
    "There have to be as many labels as tokens: put -100 for each token of the prompt "
    "before them."
)
def short_labels(prompt_ids, summary_ids, eos):
    return right(prompt_ids, summary_ids, eos) | {"labels": [*summary_ids, eos]}


@judge.mistake("The first token of the summary is masked too: mask the prompt only.")
def one_more_masked(*case):
    return right(*case, masked=1)


@judge.mistake("The last token of the prompt is not masked.")
def one_less_masked(*case):
    return right(*case, masked=-1)


@judge.mistake(
    "Tokens of the summary are masked because the prompt has them too: mask by place, "
    "the first len(prompt_ids) labels."
)
def masked_by_value(prompt_ids, summary_ids, eos):
    row = right(prompt_ids, summary_ids, eos)
    return row | {"labels": [-100 if i in prompt_ids else i for i in row["input_ids"]]}


@judge.mistake("Only -100 leaves a label out of the loss: 0 is a token like any other.")
def masked_by_0(*case):
    return right(*case, filler=0)


@judge.mistake("There is an end between prompt and summary: only the whole row ends.")
def end_after_the_prompt(prompt_ids, summary_ids, eos):
    return right([*prompt_ids, eos], summary_ids, eos)


@judge.mistake(
    "It is the other way round: the prompt is masked, and the summary counts."
)
def summary_masked(prompt_ids, summary_ids, eos):
    row = right(prompt_ids, summary_ids, eos)
    answer = [-100] * (len(summary_ids) + 1)
    return row | {"labels": [*prompt_ids, *answer]}


@judge.mistake("All labels are -100: then nothing is learned.")
def all_masked(*case):
    row = right(*case)
    return row | {"labels": [-100] * len(row["labels"])}


@judge.mistake("The end is missing in input_ids: it belongs into both lists.")
def end_in_labels_only(*case):
    row = right(*case)
    return row | {"input_ids": row["input_ids"][:-1]}


@judge.mistake("The end is missing in the labels: it belongs into both lists.")
def end_in_ids_only(*case):
    row = right(*case)
    return row | {"labels": row["labels"][:-1]}


@judge.mistake("The summary stands before the prompt: it is the other way round.")
def summary_first(prompt_ids, summary_ids, eos):
    answer = [*summary_ids, eos]
    masked = [-100] * len(prompt_ids)
    return {"input_ids": answer + prompt_ids, "labels": answer + masked}


@judge.mistake("The prompt is masked in input_ids too: the model has to read it.")
def ids_masked(*case):
    row = right(*case)
    return row | {"input_ids": row["labels"]}


@judge.mistake("input_ids hold the prompt alone: prompt, summary and end.")
def prompt_only(prompt_ids, summary_ids, eos):
    labels = right(prompt_ids, summary_ids, eos)["labels"]
    return {"input_ids": prompt_ids, "labels": labels}


@judge.mistake(
    "The labels are shifted to the right: a label is the token at its place."
)
def shifted_right(*case):
    row = right(*case)
    return row | {"labels": [-100, *row["labels"][:-1]]}


@judge.mistake("The two lists are right. Return them in a dict: input_ids and labels.")
def as_pair(*case):
    return list(right(*case).values())


@judge.mistake(
    "As many labels are masked as the summary has tokens: as the prompt has."
)
def masked_by_the_summarys_length(prompt_ids, summary_ids, eos):
    return right(prompt_ids, summary_ids, eos, len(summary_ids) - len(prompt_ids))


@judge.mistake("There is an end before the prompt: only the whole row ends.")
def end_before_the_prompt(prompt_ids, summary_ids, eos):
    return right([eos, *prompt_ids], summary_ids, eos)


@judge.mistake("There are two ends: one is enough.")
def two_ends(prompt_ids, summary_ids, eos):
    return right(prompt_ids, [*summary_ids, eos], eos)


@judge.mistake("Only -100 leaves a label out of the loss: -1 is no mark here.")
def masked_by_minus_1(*case):
    return right(*case, filler=-1)
