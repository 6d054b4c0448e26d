"""Cleaning text for language models: repair, scrub, filter, deduplicate, split.

Each step is a small function that works alone; `clean` runs them all and reports what
each one did. What a model learns from is kept: letters keep their case (to GPT-2
" hello" and " Hello" are two tokens, and text all in lower case is text it has hardly
seen), punctuation and line breaks stay, and no word is stemmed or dropped.
"""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field
from html import escape
from typing import TYPE_CHECKING

from course_utils.data.duplicates import (
    exact_duplicates,
    leaks,
    near_duplicates,
    similar,
    split_documents,
    text_column,
)

if TYPE_CHECKING:
    from datasets import Dataset

__all__ = [
    "CleaningReport",
    "clean",
    "exact_duplicates",
    "leaks",
    "long_enough",
    "near_duplicates",
    "normalise",
    "repair",
    "repetition",
    "scrub",
    "split_documents",
]

# ftfy has nothing to mend in printable ASCII without "&", and most chats are that.
_PLAIN = re.compile(r"[\n -%'-~]*")
# Control characters, half surrogates (not UTF-8), and marks that take no space and only
# split words: soft hyphen, zero-width space, word joiner, byte order mark. The joiners
# that shape emoji and scripts stay.
_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u200b\u2060\ufeff\ud800-\udfff]")
_QUOTES = str.maketrans("“”„‟‘’‚‛", "\"\"\"\"''''")
_LINE_BREAK = re.compile("\r\n?|[\x85\u2028\u2029]")
_GAP = re.compile(r"(?<=\S)[^\S\n]+")
_UNTIDY = ("  ", " \n", "\n\n\n")
_EMPTY_LINES = re.compile(r"[^\S\n]+$|(?<=\n\n)\n+", re.MULTILINE)

# A match starts only where a word starts (the lookbehinds): "Awww. That" holds no link,
# and a long run of letters is read once, not once a letter.
_NAME = r"[\w.!#$%&*+/=?^{|}~-]"
_QUOTED = r"[\w.!#$%&*+/=?^{|}~'`-]{0,63}"
_EMAIL = rf"(?<!{_NAME})(?:{_NAME}+|{_NAME}{_QUOTED})@[\w-]+(?:\.[\w-]+)+"
_LINK = (
    r"(?:(?<!\w)(?:https?|ftp)://(?=\w)|(?<![\w@.-])www\.(?=\w)"
    r"|(?<![\w@.-])(?:[a-z0-9-]+\.)+(?:com|org|net|edu|gov)\b)"
    r"(?:[^\s<>\"]*[^\s<>\".,!?;:)\]'])?"
)
_MARKS = ("@", "://", "www.", ".com", ".org", ".net", ".edu", ".gov")
_PRIVATE = re.compile(rf"(?P<email>{_EMAIL})|(?P<link>{_LINK})", re.IGNORECASE)

_RUN = re.compile(r"(\S)\1{9,}")


def repair(text: str) -> str:
    """Mend text that was decoded wrongly.

    Example:
        >>> repair("I donâ€™t know")
        "I don't know"

    Source: ftfy, https://ftfy.readthedocs.io.
    """
    if _PLAIN.fullmatch(text):
        return text
    from ftfy import fix_text

    return fix_text(text)


def normalise(text: str) -> str:
    """Give the same text the same bytes: composed letters, plain quotes, single spaces.

    NFC, not NFKC: NFKC would turn "x²" into "x2". Case stays (see above), and so does
    the indentation of a line, which carries meaning in code and verse.

    Example:
        >>> normalise("  A  “quoted”   word ")
        'A "quoted" word'
    """
    if _PLAIN.fullmatch(text) and not any(gap in text for gap in _UNTIDY):
        return text.strip()  # most texts: nine times as fast
    text = _LINE_BREAK.sub("\n", text)
    text = unicodedata.normalize("NFC", _UNSEEN.sub("", text)).translate(_QUOTES)
    text = _GAP.sub(" ", text)
    return _EMPTY_LINES.sub("", text).strip()


def scrub(text: str) -> str:
    """Replace e-mail addresses by <email> and links by <link>.

    A model can repeat what it was trained on word for word (Carlini et al., 2021). A
    placeholder keeps the sentence whole, so the model still learns where a link goes.
    Addresses without a web ending ("me at home") and account names stay.

    Example:
        >>> scrub("Write to ann@example.org, or see www.example.org/news.")
        'Write to <email>, or see <link>.'
    """
    lower = text.lower()
    if not any(mark in lower for mark in _MARKS):
        return text  # most texts: six times as fast
    return _PRIVATE.sub(lambda match: f"<{match.lastgroup}>", text)


def long_enough(text: str, min_words: int = 5, max_words: int | None = None) -> bool:
    """Return whether `text` has at least `min_words` and at most `max_words` words.

    Example:
        >>> long_enough("See you there")
        False
    """
    words = len(text.split())
    return min_words <= words and (max_words is None or words <= max_words)


def repetition(text: str, size: int = 3) -> float:
    """Return the share of a text that repeats itself, from 0 to 1.

    This is the larger of two shares: that of the word n-grams (`size` words each) that
    stand earlier in the same text as well, and that of the characters in runs of ten or
    more of the same ("aaaaaaaaaaaa").

    Example:
        >>> round(repetition("ha ha ha ha ha"), 2)  # 2 of 3 trigrams are repeated
        0.67

    Source: the repetition filters of Rae et al. (2021), appendix A1, cut to one number.
    """
    words = text.split()
    grams = list(zip(*(words[k:] for k in range(size)), strict=False))
    repeated = 1 - len(set(grams)) / len(grams) if grams else 0.0
    runs = sum(len(match[0]) for match in _RUN.finditer(text))
    return max(repeated, runs / len(text) if text else 0.0)


@dataclass
class Step:
    """What one step of `clean` did: texts in, changed or removed, a few examples."""

    name: str
    before: int
    changed: int = 0
    removed: int = 0
    examples: list[str] = field(default_factory=list)


@dataclass
class CleaningReport:
    """What each step of `clean` changed or removed; prints as a table."""

    steps: list[Step] = field(default_factory=list)

    @property
    def kept(self) -> int:
        """Number of texts after the last step."""
        return self.steps[-1].before - self.steps[-1].removed

    def __str__(self) -> str:
        lines = [f"{'step':<16}{'texts':>8}{'changed':>9}{'removed':>9}  for example"]
        for step in self.steps:
            counts = f"{step.before:>8,}{step.changed:>9,}{step.removed:>9,}"
            example = step.examples[0] if step.examples else ""
            lines.append(f"{step.name:<16}{counts}  {example}".rstrip())
        return "\n".join([*lines, f"{'kept':<16}{self.kept:>8,}"])

    def _repr_html_(self) -> str:
        head = "<tr><th>step<th>texts<th>changed<th>removed<th>for example</tr>"
        rows = "".join(
            f"<tr><td>{step.name}<td>{step.before:,}<td>{step.changed:,}"
            f"<td>{step.removed:,}<td style='text-align:left'>"
            f"{'<br>'.join(map(escape, step.examples))}</tr>"
            for step in self.steps
        )
        last = f"<tr><th>kept<th>{self.kept:,}<th><th><th></tr>"
        return f"<table>{head}{rows}{last}</table>"


def clean(
    dataset: "Dataset",
    *,
    column: str = "text",
    min_words: int = 5,
    max_words: int | None = None,
    max_repetition: float = 0.3,
    threshold: float | None = 0.7,
) -> tuple["Dataset", CleaningReport]:
    """Run every step on one column; return what is left and what was done.

    The defaults are light: they mend and drop what no reader would miss.

    Args:
        dataset: one document a row.
        column: the column that holds the text; the others are kept as they are.
        min_words: drop texts with fewer words.
        max_words: drop texts with more words; None keeps them.
        max_repetition: drop texts with a larger `repetition`, from 0 to 1.
        threshold: drop near duplicates from this similarity on; None keeps them.

    Returns:
        The cleaned data set, its rows in the same order, and a CleaningReport.

    Raises:
        CourseError: there is no such column, it holds no text, or it has null rows.

    Example:
        >>> from datasets import Dataset
        >>> texts = ["Shall we meet at  six today?", "Hi!", "Write to a@b.org today."]
        >>> data = Dataset.from_dict({"text": texts})
        >>> cleaned, report = clean(data, min_words=4)
        >>> cleaned["text"][:]
        ['Shall we meet at six today?', 'Write to <email> today.']
        >>> report.kept
        2
    """
    from datasets import Dataset

    texts = text_column(dataset, column)
    rows = list(range(len(texts)))
    report = CleaningReport()

    def change(name: str, step: Callable[[str], str]) -> None:
        new = [step(text) for text in texts]
        changed = [i for i, text in enumerate(texts) if new[i] != text]
        shown = [_excerpt(new[i], _difference(texts[i], new[i])) for i in changed[:3]]
        report.steps.append(Step(name, len(texts), len(changed), 0, shown))
        texts[:] = new

    def remove(name: str, dropped: set[int]) -> None:
        shown = [_excerpt(texts[i]) for i in sorted(dropped)[:3]]
        report.steps.append(Step(name, len(texts), 0, len(dropped), shown))
        rows[:] = [row for i, row in enumerate(rows) if i not in dropped]
        texts[:] = [text for i, text in enumerate(texts) if i not in dropped]

    def remove_where(name: str, bad: Callable[[str], bool]) -> None:
        remove(name, {i for i, text in enumerate(texts) if bad(text)})

    change("repair", repair)
    change("normalise", normalise)
    change("scrub", scrub)
    remove_where("length", lambda text: not long_enough(text, min_words, max_words))
    remove_where("repetition", lambda text: repetition(text) > max_repetition)
    remove("exact copies", {copy for _, copy in exact_duplicates(texts)})
    if threshold is not None:
        first, pairs = similar(texts, threshold)
        dropped: set[int] = set()
        for earlier, later in pairs:
            if earlier not in dropped:
                dropped.add(later)
        dropped |= {i for i, kept in enumerate(first) if kept != i}
        remove("near copies", dropped)
    columns = {**dataset.select(rows)[:], column: texts}
    return Dataset.from_dict(columns, features=dataset.features), report


def _difference(old: str, new: str) -> int:
    """Return the place of the first character that differs."""
    pairs = enumerate(zip(old, new, strict=False))
    return next((i for i, (a, b) in pairs if a != b), min(len(old), len(new)))


def _excerpt(text: str, at: int = 0, width: int = 60) -> str:
    """Return one line of at most `width` characters around a place in `text`.

    It is scrubbed: a report must not spread the addresses that cleaning takes out.
    """
    start = text.rfind(" ", 0, max(0, at - width // 3)) + 1
    line = " ".join(scrub(text[start:]).split())
    line = f"…{line}" if start else line
    return line if len(line) <= width else f"{line[: width - 1]}…"
