"""Does a summary say what its chat says? Plain rules, a kind of mistake each.

Each check reads a summary and its dialogue, and returns what it doubts, as texts. None
of them understands language: `docs/cards/judgements.md` and lesson 13 say how often
they are right.
"""

import re
from collections import Counter
from collections.abc import Callable
from functools import cache
from typing import NamedTuple

from course_utils.data.people import people_in


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


SMALL = _words(
    """
    zero one two three four five six seven eight nine ten eleven twelve thirteen
    fourteen fifteen sixteen seventeen eighteen nineteen twenty
    """
)
NUMBER = re.compile(rf"\d+(?:[:.,]\d+)*|\b(?:{'|'.join(SMALL[2:])})\b", re.I)
DAY = re.compile(
    r"\b(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day|tomorrow|yesterday|weekend|noon"
    r"|midnight|january|february|march|april|june|july|august|september|october"
    r"|november|december)\b",
    re.I,
)
NEGATIVE = re.compile(
    r"\b(?:no|not|nor|never|nobody|nothing|none|neither|without|cannot|nope|hardly)\b"
    r"|\b(?:do|does|did|is|are|was|were|wo|ca|could|would|should|have|has|had)n['’]?t\b",
    re.I,
)
REQUEST = re.compile(r"\b(?:please|pls|(?:can|could|will|would) (?:you|u))\b", re.I)
SAYS = re.compile(
    r"(?:asks|tells|wants|reminds|advises|suggests|warns|invites|explains|proposes"
    r"|thanks|says|offers|promises|thinks|needs|hopes|shows|complains|worries)\b"
)
COMMON_WORDS = frozenset(
    _words(
        """
    a about after again all also although am an and any are as at be because been before
    but by can come could did do does for from get give go going got had has have he her
    here him his how i if in into is it its just let like make may me more must my need
    next now of off oh ok on one only or our out please said say she should so some
    still take tell than thank that the their them then there they thing think this
    time to too up us very want was we well were what when where whether which while who
    why will with would yes you your
    """
    )
)


class Turn(NamedTuple):
    """One line of a dialogue."""

    speaker: str
    said: str


class Question(NamedTuple):
    """A clause of a summary as a question: "Who will buy the tickets?"

    Attributes:
        name: whom the summary names as the answer.
        asks: the rest of the clause, such as "will buy the tickets".
    """

    name: str
    asks: str


def turns(dialogue: str) -> list[Turn]:
    """Return the lines of a dialogue, without those that nobody speaks.

    Example:
        >>> turns("Ann: Tea at 5?\\nBen: Yes!")
        [Turn(speaker='Ann', said='Tea at 5?'), Turn(speaker='Ben', said='Yes!')]
    """
    lines = [line.partition(":") for line in dialogue.splitlines()]
    return [Turn(who.strip(), said.strip()) for who, colon, said in lines if colon]


def sentences(text: str) -> list[str]:
    """Return the sentences of a text.

    Example:
        >>> sentences("Ann is late. Mr Lee waits until 5.30.")
        ['Ann is late.', 'Mr Lee waits until 5.30.']
    """
    return [part for part in re.split(r"(?<=[.!?])\s+", text.strip()) if part]


def people_doubts(summary: str, dialogue: str) -> list[str]:
    """Return people who are not in the chat, or who do something to themselves.

    Example:
        >>> people_doubts("Ann meets Ann and Zoe.", "Ann: Hi Ben!\\nBen: Hi!")
        ['Ann twice', 'Zoe']
    """
    doubts = []
    for sentence in sentences(summary):
        for name in sorted(people_in(sentence, dialogue)):
            if name.lower() not in dialogue.lower():
                doubts.append(name)
            elif len(re.findall(rf"\b{re.escape(name)}\b(?!['’]s)", sentence)) > 1:
                doubts.append(f"{name} twice")
    return doubts


def numbers(text: str) -> set[str]:
    """Return the numbers of a text, in digits.

    An hour after noon counts as both of its names, 22:00 and 10.

    Example:
        >>> sorted(numbers("Two cakes for 12 people at 22:00"))
        ['10', '12', '2', '22']
    """
    found = set()
    for word in NUMBER.findall(text.lower()):
        if word in SMALL:
            word = str(SMALL.index(word))
        hour, colon, minutes = word.partition(":")
        for name in {hour, str(int(hour) % 12) if colon else hour}:
            found.add(name if minutes in ("", "00") else f"{name}:{minutes}")
    return found


def number_doubts(summary: str, dialogue: str) -> list[str]:
    """Return the numbers of a summary that are not in the chat.

    Example:
        >>> number_doubts("Ann buys three cakes at 5.", "Ann: I'll buy 3 cakes.")
        ['5']
    """
    return sorted(numbers(summary) - numbers(dialogue))


def days(text: str) -> set[str]:
    """Return the days and months of a text by their first three letters.

    Example:
        >>> sorted(days("On Tuesday, not tomorrow."))
        ['tom', 'tue']
    """
    return {word[:3].lower() for word in DAY.findall(text)}


def time_doubts(summary: str, dialogue: str) -> list[str]:
    """Return the days and months of a summary that are not in the chat.

    Example:
        >>> time_doubts("They meet on Friday.", "Ann: Thursday?\\nBen: Yes!")
        ['fri']
    """
    said = {word[:3] for word in re.findall(r"\w+", dialogue.lower())}
    return sorted(days(summary) - said)


@cache
def stem(word: str) -> str:
    """Return a word without its ending: "buys" and "buying" give "buy".

    Example:
        >>> stem("buys"), stem("buying")
        ('buy', 'buy')
    """
    from nltk.stem.porter import PorterStemmer

    return PorterStemmer().stem(word)


def content(text: str) -> set[str]:
    """Return the words of a text that carry its content, without their endings.

    Example:
        >>> sorted(content("Ann will be buying the tickets"))
        ['ann', 'buy', 'ticket']
    """
    words = set(re.findall(r"[^\W\d_]{2,}", text.lower()))
    return {stem(word) for word in words - COMMON_WORDS}


def negation_doubts(summary: str, dialogue: str) -> list[str]:
    """Return clauses with a "not" for which nobody in the chat says no.

    Looked at are the turns that share a word with the clause after its "not", and the
    turn after each; if no turn shares one, the whole chat.

    Example:
        >>> negation_doubts("Ann will not buy tea.", "Ann: I'll buy tea.\\nBen: Good!")
        ['not buy tea.']
    """
    said = [turn.said for turn in turns(dialogue)]
    doubts = []
    for clause in re.split(r"(?<=[.,;])\s+|\b(?:but|because)\b", summary):
        found = NEGATIVE.search(clause)
        if not found:
            continue
        words = content(clause[found.end() :])
        places = [i for i, text in enumerate(said) if content(text) & words]
        near = [" ".join(said[i : i + 2]) for i in places] or said
        if not any(NEGATIVE.search(text) for text in near):
            doubts.append(clause[found.start() :].strip())
    return doubts


def questions(summary: str, dialogue: str) -> list[Question]:
    """Return a question for each clause that begins with one person, not with several.

    Example:
        >>> chat = "Ann: I'll buy the tickets.\\nBen: And I make tea."
        >>> questions("Ann will buy the tickets, and Ben makes tea.", chat)
        [Question(name='Ann', asks='will buy the tickets'), Question(name='Ben', ...)]
    """
    names = "|".join(map(re.escape, sorted(people_in(summary, dialogue))))
    if not names:
        return []
    start = rf"(?:^|, |; |\b(?:and|but|because|while|so|as|that) )({names}) (?=[a-z])"
    found = []
    for sentence in sentences(summary):
        for clause in re.finditer(rf"{start}(?!and\b|or\b)([^,;.]+)", sentence):
            in_a_list = re.search(rf"(?:{names}),?\s*$", sentence[: clause.start()])
            asks = re.split(rf" (?:and|but|because|while) (?={names})", clause[2])[0]
            if not in_a_list:
                found.append(Question(clause[1], asks.strip()))
    return found


def answers(question: Question, dialogue: str) -> dict[str, float]:
    """Return points for each speaker: who does what is asked, by the chat?

    A turn that shares words with the question speaks for its speaker; if it asks for
    something, for the others, unless the question is who asked. Words that few turns
    have count more.

    Example:
        >>> chat = "Ann: Can you bring the cake?\\nBen: Sure. A plate as well?"
        >>> answers(Question("Ben", "brings the cake"), chat)
        {'Ann': 0.0, 'Ben': 2.0}
    """
    lines = turns(dialogue)
    speakers = {line.speaker for line in lines}
    words = [content(line.said) for line in lines]
    turns_with = Counter(word for each in words for word in each)
    wanted = content(question.asks) - content(" ".join(people_in(dialogue, dialogue)))
    asker = SAYS.match(question.asks)
    points = dict.fromkeys((line.speaker for line in lines), 0.0)
    for line, own in zip(lines, words, strict=True):
        does = {line.speaker}
        if REQUEST.search(line.said) and not asker and len(speakers) > 1:
            does = speakers - does
        for name in does:
            weight = sum(1 / turns_with[w] for w in sorted(own & wanted))
            points[name] += weight / len(does)
    return points


def who_doubts(summary: str, dialogue: str, margin: float = 1) -> list[str]:
    """Return questions to which the chat gives another speaker than the summary.

    Args:
        summary: the text that is checked.
        dialogue: what it is about.
        margin: by how many points another speaker has to be further ahead; a word that
            occurs in no other turn is worth 1.

    Example:
        >>> chat = "Ann: I'll buy the cinema tickets.\\nBen: Good. Tea?"
        >>> who_doubts("Ben buys the cinema tickets.", chat)
        ['Who buys the cinema tickets? Ann, not Ben']
    """
    speakers = {turn.speaker for turn in turns(dialogue)}
    doubts = []
    for question in questions(summary, dialogue):
        points = answers(question, dialogue)
        other, most = max(points.items(), key=lambda item: item[1], default=("", 0))
        if question.name in speakers and most - points.get(question.name, 0) > margin:
            doubts.append(f"Who {question.asks}? {other}, not {question.name}")
    return doubts


CHECKS: dict[str, Callable[[str, str], list[str]]] = {
    "people": people_doubts,
    "number": number_doubts,
    "time": time_doubts,
    "negation": negation_doubts,
    "who": who_doubts,
}


def doubts(summary: str, dialogue: str) -> dict[str, list[str]]:
    """Return what each check doubts in a summary; an empty list is no doubt.

    Example:
        >>> doubts("Ann comes at 6.", "Ann: I'll come at 5.\\nBen: Good!")["number"]
        ['6']
    """
    return {kind: check(summary, dialogue) for kind, check in CHECKS.items()}
