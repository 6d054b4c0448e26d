"""From a dialogue and its summary to the rows that GPT-2 learns from.

A training row is `dialogue + "\\nTL;DR:" + " " + summary + eos`. The loss counts on the
summary and its eos alone: the model learns to summarise and to stop, not to chat. Any
data set with columns dialogue and summary will do, such as TinyChats or SAMSum.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from course_utils.machine.errors import CourseError

if TYPE_CHECKING:
    import torch
    from datasets import Dataset
    from transformers import PreTrainedTokenizerFast

# The cue with which Radford et al. (2019), section 3.6, had GPT-2 summarise.
CUE = "\nTL;DR:"
IGNORED = -100  # a label that PyTorch's cross-entropy leaves out

Encoded = dict[str, list[int]]


def prompt(dialogue: str) -> str:
    """Return the text after which the model is to write the summary.

    Example:
        >>> print(prompt("Ann: Are you free at six?"))
        Ann: Are you free at six?
        TL;DR:
    """
    return _clean(dialogue) + CUE


def encode(
    row: Mapping[str, str], tokenizer: "PreTrainedTokenizerFast", max_length: int
) -> Encoded:
    """Return one training row.

    Args:
        row: a dialogue and its summary, two texts under these names.
        tokenizer: a fast tokenizer with an eos token.
        max_length: tokens in all. A longer row loses the start of its dialogue, never
            its end, the cue or the summary.

    Returns:
        input_ids and labels of one length; labels are -100 on the prompt.

    Raises:
        CourseError: the dialogue or the summary is empty, or max_length leaves no room
            for the dialogue.

    Example:
        >>> from transformers import AutoTokenizer
        >>> from course_utils.machine.places import ASSETS
        >>> tokenizer = AutoTokenizer.from_pretrained(ASSETS / "tiny-tokenizer")
        >>> pair = {"dialogue": "Ann: Hi!", "summary": "Ann says hi."}
        >>> labels = encode(pair, tokenizer, max_length=64)["labels"]
        >>> tokenizer.decode([label for label in labels if label != IGNORED])
        ' Ann says hi.<|endoftext|>'
    """
    dialogue, summary = _clean(row["dialogue"]), _clean(row["summary"])
    if not dialogue or not summary:
        raise CourseError("a row has an empty dialogue or summary: drop such rows.")
    return _encode([dialogue], [summary], tokenizer, max_length)[0][0]


def encode_summaries(
    dataset: "Dataset", tokenizer: "PreTrainedTokenizerFast", max_length: int
) -> tuple["Dataset", int]:
    """Encode every row that has both a dialogue and a summary.

    Args:
        dataset: rows with the columns dialogue and summary; null counts as empty.
        tokenizer: see `encode`.
        max_length: see `encode`.

    Returns:
        A Dataset with columns input_ids and labels, rows of differing length, and the
        number of rows whose dialogue was cut.

    Raises:
        CourseError: a column is missing, no row is left, or max_length leaves no room
            for a dialogue.

    Example:
        >>> from datasets import Dataset
        >>> from transformers import AutoTokenizer
        >>> from course_utils.machine.places import ASSETS
        >>> tokenizer = AutoTokenizer.from_pretrained(ASSETS / "tiny-tokenizer")
        >>> chats = Dataset.from_dict({"dialogue": ["Ann: Hi!", "Ben: Bye."],
        ...                            "summary": ["Ann says hi.", ""]})
        >>> rows, cut = encode_summaries(chats, tokenizer, max_length=64)
        >>> rows.num_rows, cut
        (1, 0)
    """
    from datasets import Dataset

    missing = {"dialogue", "summary"} - set(dataset.column_names)
    if missing:
        raise CourseError(
            f"the data set has no column {min(missing)!r}, only {dataset.column_names}."
        )
    pairs = [(_clean(row["dialogue"]), _clean(row["summary"])) for row in dataset]
    whole = [pair for pair in pairs if all(pair)]
    if not whole:
        raise CourseError("no row has both a dialogue and a summary: check the data.")
    dialogues, summaries = map(list, zip(*whole, strict=True))
    rows, cut = _encode(dialogues, summaries, tokenizer, max_length)
    return Dataset.from_list(rows), cut


def _clean(text: str | None) -> str:
    """Return the text with plain line ends and no white space around it; "" for None.

    The cue starts with a line break, so that a prompt's tokens are those of its
    dialogue and then those of the cue only if the dialogue does not end in one.
    """
    # As in machine.files.plain_line_ends, spelled out: lesson 07 shows this function.
    return (text or "").replace("\r\n", "\n").replace("\r", "\n").strip()


def _encode(
    dialogues: list[str],
    summaries: list[str],
    tokenizer: "PreTrainedTokenizerFast",
    max_length: int,
) -> tuple[list[Encoded], int]:
    """Return the rows, and how many dialogues were cut."""

    def ids(texts: list[str]) -> list[list[int]]:
        return tokenizer(texts, add_special_tokens=False, verbose=False)["input_ids"]

    cue = ids([CUE])[0]
    rows, cut = [], 0
    targets = ids([f" {summary}" for summary in summaries])
    for dialogue, target in zip(ids(dialogues), targets, strict=True):
        answer = [*target, tokenizer.eos_token_id]
        room = max_length - len(cue) - len(answer)
        if room < 1:
            raise CourseError(
                f"max_length={max_length} leaves no room for a dialogue beside a "
                f"summary of {len(answer)} tokens: make it larger."
            )
        before = dialogue[-room:] + cue
        labels = [IGNORED] * len(before) + answer
        rows.append({"input_ids": before + answer, "labels": labels})
        cut += len(dialogue) > room
    return rows, cut


class SummaryCollator:
    """Stack rows of differing length into one batch, padded on the right.

    The mask is made from the lengths and the labels of padding are -100, so neither
    depends on the padding token. GPT-2 has none and borrows eos: masking every eos
    would hide the one that the model has to learn to stop at.

    Args:
        tokenizer: the one of the rows. Its pad token fills them up, or its eos token
            if it has none.

    Example:
        >>> from transformers import AutoTokenizer
        >>> from course_utils.machine.places import ASSETS
        >>> tokenizer = AutoTokenizer.from_pretrained(ASSETS / "tiny-tokenizer")
        >>> rows = [{"input_ids": [5, 6], "labels": [-100, 6]},
        ...         {"input_ids": [7], "labels": [7]}]
        >>> batch = SummaryCollator(tokenizer)(rows)
        >>> batch["attention_mask"].tolist(), batch["labels"].tolist()
        ([[1, 1], [1, 0]], [[-100, 6], [7, -100]])
    """

    def __init__(self, tokenizer: "PreTrainedTokenizerFast") -> None:
        pad = tokenizer.pad_token_id
        self.pad_token_id = tokenizer.eos_token_id if pad is None else pad

    def __call__(self, rows: Sequence[Mapping[str, Any]]) -> dict[str, "torch.Tensor"]:
        """Return input_ids, attention_mask and labels, each (rows, longest row)."""
        import torch

        width = max(len(row["input_ids"]) for row in rows)

        def stack(sequences: list[list[int]], filler: int) -> "torch.Tensor":
            return torch.tensor([s + [filler] * (width - len(s)) for s in sequences])

        input_ids = [list(row["input_ids"]) for row in rows]
        return {
            "input_ids": stack(input_ids, self.pad_token_id),
            "attention_mask": stack([[1] * len(ids) for ids in input_ids], 0),
            "labels": stack([list(row["labels"]) for row in rows], IGNORED),
        }
