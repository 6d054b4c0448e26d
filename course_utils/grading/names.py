"""Names of people and files: repaired, freed of what is no name, and shown."""

import re
import unicodedata
from functools import cache

from course_utils.checks.run_question import exercises
from course_utils.grading.course_notebooks import notebook_names

JOINERS = "\u200c\u200d"  # they shape words of Persian, Hindi and others
ENDINGS = re.compile(
    r"(\.(ipynb|zip|rar|7z|tar|gz|tgz|bz2|xz|html?|pdf|docx?|py|txt|json|md))+$", re.I
)
NAMED_EXERCISE = re.compile(
    r"(?<![^\W\d_])(?:ex|exercise|exercice|ejercicio|esercizio|übung|aufgabe)"
    r"[ _.#-]{0,3}0?(\d{1,2})(?!\d)",
    re.IGNORECASE,
)
NUMBERED = re.compile(
    r"(?<![^\W\d_])(?:hw|homework|assignment|task|week)[ _.#-]{0,3}\d{1,2}(?!\d)",
    re.IGNORECASE,
)
# What Google, Windows, macOS, JupyterLab and browsers call a copy.
_COPY_WORDS = (
    "copy of|kopie von|copie de|copia di|copia de|cópia de|kopie av|kopi av|kopie van"
    "|kopi af|kopia av|копия|копія|copy|kopie|copie|copia|cópia|kopia|kopi"
)
COPIES = re.compile(
    rf"(?<![^\W_])(?:{_COPY_WORDS.replace(' ', '[ _]')})(?![^\W_])"
    r"|的副本|副本|のコピー|コピー|의 사본|사본|-Copy\d+|\(\d{1,3}\)",
    re.IGNORECASE,
)
# Words around a name that are none, and words that are nobody's name alone.
VERSIONS = {
    *("final", "finale", "finalversion", "endgültig", "version", "vers", "draft"),
    *("submission", "submissions", "submitted", "resubmission", "resubmitted"),
    *("revised", "revision", "updated", "corrected", "attempt", "LATE", "abgabe"),
    *("notebook", "notebooks", "colab", "download", "downloads", "ipynb"),
}
NO_NAMES = {
    *("new", "old", "test", "tests", "fix", "fixed", "done", "work", "code", "src"),
    *("homework", "assignment", "assignments", "exercise", "exercises", "task", "hw"),
    *("answer", "answers", "solution", "solutions", "data", "untitled", "main", "my"),
    *("all", "class", "course", "week", "part", "try", "archive", "files", "documents"),
    *("train", "gpt", "export", "latest", "last", "first", "second", "backup", "late"),
    *("desktop", "home", "content", "drive", "mydrive", "folder", "project", "the"),
    *("to", "be", "of", "for", "and", "in", "is", "really", "ex", "copy", "original"),
    *("version", "draft", "drafts", "attempts", "output", "outputs", "images", "model"),
}
SEPARATORS = " _-.,+~()[]"


def person_in(name: str) -> str:
    """Return the person that a file's or folder's name speaks of, or "".

    Exercises, the course's own names, and the marks of copies and versions are left
    out. What is left between them is the name.

    Example:
        >>> person_in("Ann Lee - Copy of ex05_training (1).ipynb")
        'Ann Lee'
        >>> person_in("ex05-final.ipynb")
        ''
    """
    kept = _kept_of(name)
    return "" if all(map(_is_nobody, re.split(r"[\W_]+", kept.casefold()))) else kept


def short_name_in(name: str) -> str:
    """Return a name of one or two letters or signs, which may be a person's, or "".

    Example:
        >>> short_name_in("a_ex05.ipynb")
        'a'
    """
    kept = _kept_of(name)
    short = all(len(word) < 3 for word in re.split(r"[\W_]+", kept))
    return kept if short and re.search(r"[^\d\s_.-]", kept) else ""


def _kept_of(name: str) -> str:
    """Return what is left of a name without exercises, copies and versions."""
    name = name[:255]  # which is as much as a disk takes
    stem = ENDINGS.sub("", name) if "." in name[1:] else name
    for known in _known_names():
        stem = known.sub("\0", stem)
    for mark in (NAMED_EXERCISE, NUMBERED, COPIES):
        stem = mark.sub("\0", stem)
    pieces = (_without_versions(piece) for piece in stem.split("\0"))
    kept = shown(" ".join(piece for piece in pieces if piece))
    return f"{kept})" if kept.count("(") > kept.count(")") else kept


def exercise_in(text: str) -> str:
    """Return the last exercise of the course that a name speaks of, or ""."""
    found = [f"ex{int(number):02d}" for number in NAMED_EXERCISE.findall(text)]
    return next((name for name in reversed(found) if name in exercises()), "")


@cache
def _known_names() -> list[re.Pattern[str]]:
    """Return patterns for the notebooks' names, with any signs between their words."""
    words = [re.split("_", name) for name in notebook_names()]
    return [re.compile(r"[ _.-]{0,3}".join(map(re.escape, w)), re.I) for w in words]


def _without_versions(piece: str) -> str:
    """Return a piece of a name without the words of versions at its ends."""
    while True:
        piece = piece.strip(SEPARATORS)
        before, _, last = _last_word(piece)
        if last and _is_version(last):
            piece = before
            continue
        first, _, after = _first_word(piece)
        if first and after and _is_version(first):
            piece = after
            continue
        return piece


def _last_word(piece: str) -> tuple[str, str, str]:
    found = re.fullmatch(r"(.*?)([\s_.,+~()\[\]-]*)([^\s_.,+~()\[\]-]+)", piece, re.S)
    return (found[1], found[2], found[3]) if found else ("", "", "")


def _first_word(piece: str) -> tuple[str, str, str]:
    found = re.fullmatch(r"([^\s_.,+~()\[\]-]+)([\s_.,+~()\[\]-]+)(.*)", piece, re.S)
    return (found[1], found[2], found[3]) if found else ("", "", "")


def _is_version(word: str) -> bool:
    known = word in VERSIONS or word.lower() in VERSIONS
    return known or re.fullmatch(r"(?i)(v|ver|rev|final)\d{1,3}", word) is not None


def _is_nobody(word: str) -> bool:
    short = (word.isascii() and len(word) < 2) or re.fullmatch(r"\d\d", word)
    return bool(short or word.rstrip("0123456789") in NO_NAMES or _is_version(word))


def repaired(name: str) -> str:
    """Return a name of a file in NFC, and as UTF-8 if it was read as something else.

    macOS writes UTF-8 into archives without saying so; it is then read as code page
    437, or unpacked so.

    Example:
        >>> repaired("Jürgen".encode().decode("cp437"))
        'Jürgen'
    """
    if not name.isascii():
        for wrong in ("cp437", "cp1252", "latin-1"):
            try:
                name = name.encode(wrong).decode("utf-8")
                break
            except UnicodeError:
                continue
    return unicodedata.normalize("NFC", name)


def shown(text: object) -> str:
    """Return `text` with codes for characters that are invisible or reverse a line.

    Joiners inside a word of a script that needs them stay.
    """
    plain = unicodedata.normalize("NFC", str(text))
    kept = []
    for before, char in zip(" " + plain, plain, strict=False):
        hidden = unicodedata.category(char)[0] == "C"
        shapes = char in JOINERS and before > "\u02ff" and before not in JOINERS
        kept.append(f"<U+{ord(char):04X}>" if hidden and not shapes else char)
    return " ".join("".join(kept).split())[:200]


def joined(name: str) -> str:
    """Return a name's letters and digits alone, as LMSs write them into file names.

    Example:
        >>> joined("Lee, Ann-Marie")
        'leeannmarie'
    """
    plain = unicodedata.normalize("NFKC", name).casefold()
    return re.sub(r"[\W_]+", "", plain)
