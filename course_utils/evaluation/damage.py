"""Summaries that are false on purpose, to see whether a measure notices.

Each function changes one thing in a true summary, and returns None where it finds
nothing to change.
"""

import re
from collections.abc import Callable

from course_utils.evaluation.consistency import DAY, NUMBER, SMALL

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def _two_people(summary: str, dialogue: str) -> list[str]:
    from course_utils.data.people import people_in

    people = people_in(summary, dialogue)
    found = {name: re.search(rf"\b{re.escape(name)}\b", summary) for name in people}
    places = {name: match.start() for name, match in found.items() if match}
    return sorted(places, key=lambda name: places[name])[:2]


def _rename(text: str, new_names: dict[str, str]) -> str:
    names = "|".join(map(re.escape, new_names))
    return re.sub(rf"\b(?:{names})\b", lambda found: new_names[found[0]], text)


def swap(summary: str, dialogue: str) -> str | None:
    """Let the first two people change places, unless they only stand in a list.

    Example:
        >>> swap("Ann asks Ben.", "Ann: Tea?\\nBen: Yes!")
        'Ben asks Ann.'
        >>> swap("Ann and Ben have tea.", "Ann: Tea?\\nBen: Yes!") is None
        True
    """
    people = _two_people(summary, dialogue)
    between = rf"{'(.*?)'.join(map(re.escape, people))}"
    found = re.search(between, summary) if len(people) == 2 else None
    if not found or found[1] in (", ", " and ", " or "):
        return None
    return _rename(summary, dict(zip(people, reversed(people), strict=True)))


def same_person(summary: str, dialogue: str) -> str | None:
    """Put the second person in the place of the first.

    Example:
        >>> same_person("Ann asks Ben.", "Ann: Tea?\\nBen: Yes!")
        'Ben asks Ben.'
    """
    people = _two_people(summary, dialogue)
    return _rename(summary, {people[0]: people[1]}) if len(people) == 2 else None


def stranger(summary: str, dialogue: str) -> str | None:
    """Put somebody in the first person's place who is not in the chat.

    Example:
        >>> stranger("Ann asks Ben.", "Ann: Tea?\\nBen: Yes!")
        'Martin asks Ben.'
    """
    people = _two_people(summary, dialogue)
    new = next((n for n in ("Martin", "Laura") if n not in dialogue), None)
    return _rename(summary, {people[0]: new}) if people and new else None


def deny(summary: str, dialogue: str) -> str | None:
    """Put a "not" behind the first verb that takes one.

    Example:
        >>> deny("Ann will ask Ben.", "Ann: Tea?\\nBen: Yes!")
        'Ann will not ask Ben.'
        >>> deny("Ann can't come.", "Ann: Sorry!") is None
        True
    """
    verb = r"\b(will|is|are|can|was|were|must|may)\b(?!['’]| not| no\b)"
    denied, changes = re.subn(verb, r"\1 not", summary, count=1)
    return denied if changes else None


def number(summary: str, dialogue: str) -> str | None:
    """Add one to the last number.

    Example:
        >>> number("Ann brings three cakes at 5.", "Ann: Cake?")
        'Ann brings three cakes at 6.'
    """
    found = list(NUMBER.finditer(summary))
    if not found:
        return None
    word = found[-1][0]
    if word.lower() in SMALL[:-1]:
        new = SMALL[SMALL.index(word.lower()) + 1]
        new = new.capitalize() if word[0].isupper() else new
    elif word.isdigit() or ":" in word:
        first, colon, rest = word.partition(":")
        new = f"{int(first) + 1}{colon}{rest}"
    else:
        return None
    return summary[: found[-1].start()] + new + summary[found[-1].end() :]


def other_number(summary: str, dialogue: str) -> str | None:
    """Put another number of the chat in the place of the last one.

    Example:
        >>> other_number("Ann comes at 5.", "Ann: I come at 5 with 2 cakes.")
        'Ann comes at 2.'
    """
    found = list(NUMBER.finditer(summary))
    used = {match[0].lower() for match in found}
    others = [n for n in NUMBER.findall(dialogue) if n.lower() not in used]
    if not found or not others:
        return None
    return summary[: found[-1].start()] + others[0] + summary[found[-1].end() :]


def day(summary: str, dialogue: str) -> str | None:
    """Put the next day of the week, or yesterday for tomorrow, in a day's place.

    Example:
        >>> day("Ann comes on Sunday.", "Ann: Sunday?")
        'Ann comes on Monday.'
    """
    next_day = dict(zip(_DAYS, (*_DAYS[1:], _DAYS[0]), strict=True))
    new_words = next_day | {"tomorrow": "yesterday", "yesterday": "tomorrow"}
    for found in DAY.finditer(summary):
        if found[0] in new_words:
            return (
                summary[: found.start()] + new_words[found[0]] + summary[found.end() :]
            )
    return None


DAMAGE: dict[str, Callable[[str, str], str | None]] = {
    "swap": swap,
    "same person": same_person,
    "stranger": stranger,
    "deny": deny,
    "number": number,
    "other number": other_number,
    "day": day,
}
