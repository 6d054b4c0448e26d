"""TinyChats: seeded, original messenger chats with one- or two-sentence summaries.

The content lives in `assets/tinychats/`: `names.yaml`, `words.yaml` (slot values),
`common.yaml` (greetings, small talk, turns that many families share, typing habits) and
one file of scenario families per theme. A family reads like this::

    lend:
      slots: {thing: thing, day: day}       # slot: word list
      branches:
        yes:
          plan: |                           # one line per order of turns; ? = optional
            A ask, B sure, A need, A thanks?
          summary: |                        # the first line is the summary
            {B} will lend {A} {his B} {thing} {on day}.
          story: |                          # past tense, for pretraining
            {A} needed {a thing}. ...
      wordings:
        ask: |                              # one wording a line
          Can I [borrow|use] your {thing}?  # [a|b] is a choice
          + Is your {thing} free?           # + only in pretraining
          * Any chance of your {thing}?     # * only in test_paraphrases

Every choice uses `random.Random.random()` alone, so a seed gives the same chats on
every machine and Python version.
"""

import random
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zlib import crc32

from course_utils.errors import CourseError

if TYPE_CHECKING:
    from datasets import Dataset

ASSETS = Path(__file__).parents[1] / "assets" / "tinychats"
SPLITS = (
    "train",
    "validation",
    "test_slots",
    "test_paraphrases",
    "test_names",
    "pretrain",
)
MIN_TURNS, MAX_TURNS = 3, 10
MAX_CHARACTERS = 700  # dialogue and summary, about 200 tokens of a 2,048-token BPE

_CHOICE = re.compile(r"\[([^\[\]]*)\]")
_FIELD = re.compile(r"\{(?:(\w+) )?(\w+)\}")
_SENTENCE = re.compile(r"(^|(?<!\.)[.!?] )(?!I\b)([A-Za-z])")
_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_FEMALE = {
    "he": "she",
    "his": "her",
    "him": "her",
    "himself": "herself",
    "brother": "sister",
    "son": "daughter",
    "uncle": "aunt",
    "guy": "girl",
}
_PEOPLE = ("A", "B", "C")


@dataclass(frozen=True)
class Chat:
    """One chat: its dialogue, its reference summaries and a past-tense retelling."""

    dialogue: str
    references: tuple[str, ...]
    names: tuple[str, ...]
    slots: tuple[str, ...]
    family: str
    branch: str
    story: str

    @property
    def summary(self) -> str:
        """The reference that fine-tuning learns from."""
        return self.references[0]


@dataclass(frozen=True)
class Wordings:
    """The wordings of one turn: for fine-tuning, for pretraining only, held out."""

    train: tuple[str, ...]
    extra: tuple[str, ...] = ()
    held: tuple[str, ...] = ()

    @classmethod
    def parse(cls, text: str) -> "Wordings":
        """Read a block of lines, sorted by their marks `+` and `*`."""
        lines = _lines(text)
        return cls(
            tuple(line for line in lines if line[:2] not in ("+ ", "* ")),
            tuple(line[2:] for line in lines if line.startswith("+ ")),
            tuple(line[2:] for line in lines if line.startswith("* ")),
        )

    @cached_property
    def pretrain(self) -> tuple[str, ...]:
        """What pretraining may use."""
        return self.train + self.extra

    def of(self, split: str) -> tuple[str, ...]:
        """Return the wordings that `split` may use."""
        if split == "pretrain":
            return self.pretrain
        return self.held if split == "test_paraphrases" and self.held else self.train


@dataclass(frozen=True)
class Branch:
    """One outcome of a family: its orders of turns, summaries and stories."""

    name: str
    plans: tuple[tuple[tuple[str, str, bool], ...], ...]  # speaker, step, optional
    summaries: tuple[str, ...]
    stories: tuple[str, ...]
    bye: bool

    @cached_property
    def fields(self) -> tuple[str, ...]:
        """The people and slots that the summary carries, in order of appearance."""
        return tuple(
            dict.fromkeys(name for _, name in _FIELD.findall(self.summaries[0]))
        )

    @cached_property
    def people(self) -> tuple[str, ...]:
        return tuple(name for name in self.fields if name in _PEOPLE)

    @cached_property
    def slots(self) -> tuple[str, ...]:
        return tuple(name for name in self.fields if name not in _PEOPLE)

    @cached_property
    def speakers(self) -> tuple[str, ...]:
        return tuple(sorted({who for plan in self.plans for who, _, _ in plan}))


@dataclass(frozen=True)
class Family:
    """A scenario: slots, outcomes and the wordings of its turns."""

    name: str
    slots: dict[str, tuple[str, ...]]
    branches: tuple[Branch, ...]
    wordings: dict[str, Wordings]
    small_talk: bool


def _lines(text: str) -> tuple[str, ...]:
    return tuple(line for line in map(str.strip, text.splitlines()) if line)


@cache
def _asset(name: str) -> dict[str, Any]:
    import yaml

    loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)  # all strings: no is "no"
    return yaml.load((ASSETS / name).read_text(encoding="utf-8"), loader)


@cache
def _common(section: str) -> dict[str, Any]:
    return _asset("common.yaml")[section]


def _plan(line: str) -> tuple[tuple[str, str, bool], ...]:
    turns = (turn.strip().split(" ") for turn in line.split(","))
    return tuple((who, step.rstrip("?"), step.endswith("?")) for who, step in turns)


@cache
def families() -> tuple[Family, ...]:
    """Return all scenario families, in the order of files and of entries."""
    words = {name: _lines(text) for name, text in _asset("words.yaml").items()}
    shared = {step: Wordings.parse(text) for step, text in _common("wordings").items()}
    found = []
    for path in sorted(ASSETS.glob("scenes_*.yaml")):
        for name, entry in _asset(path.name).items():
            branches = tuple(
                Branch(
                    branch,
                    tuple(map(_plan, _lines(body["plan"]))),
                    _lines(body["summary"]),
                    _lines(body["story"]),
                    body.get("bye") != "false",
                )
                for branch, body in entry["branches"].items()
            )
            own = {
                step: Wordings.parse(text) for step, text in entry["wordings"].items()
            }
            slots = {slot: words[pool] for slot, pool in entry["slots"].items()}
            small_talk = entry.get("small_talk") != "false"
            found.append(Family(name, slots, branches, shared | own, small_talk))
    return tuple(found)


def _genders() -> dict[str, str]:
    people = _asset("names.yaml")
    return {
        name: gender
        for group, gender in (("women", "f"), ("men", "m"))
        for names in people[group].values()
        for name in names.split()
    }


NAMES: dict[str, str] = _genders()
"""Every first name of TinyChats, and its gender: "f" or "m"."""
HELD_NAMES = frozenset(_asset("names.yaml")["held_out"].split())
"""The people of the split test_names."""
_POOLS = {
    "train": tuple(name for name in NAMES if name not in HELD_NAMES),
    "test_names": tuple(name for name in NAMES if name in HELD_NAMES),
    "pretrain": tuple(NAMES),
}
_ANY_NAME = re.compile(rf"\b(?:{'|'.join(sorted(NAMES, key=len, reverse=True))})\b")


def names_in(text: str) -> set[str]:
    """Return the TinyChats names that stand in `text` as whole words."""
    return set(_ANY_NAME.findall(text))


def slots_found(text: str, slots: Iterable[str]) -> list[str]:
    """Return those of `slots` that stand in `text` as whole words, in any case.

    "3" is not found in "3:30", nor "the park" in "the parking lot".
    """
    lowered = text.lower()
    return [
        slot
        for slot in slots
        if re.search(rf"(?<![\w:]){re.escape(slot.lower())}(?![\w]|:\d)", lowered)
    ]


def _pick(rng: random.Random, items: Sequence[Any]) -> Any:
    return items[int(rng.random() * len(items))]


def _distinct(rng: random.Random, items: Sequence[str], taken: Iterable[str]) -> str:
    while True:
        item = _pick(rng, items)
        if item not in taken:
            return item


def _choose(rng: random.Random, template: str) -> str:
    return _CHOICE.sub(lambda found: _pick(rng, found[1].split("|")), template)


def _article(value: str) -> str:
    return "an" if value[0] in "aeiou" and not value.startswith(("uk", "uni")) else "a"


def _is_plural(value: str) -> bool:
    return value.endswith("s") and not value.endswith(("ss", "us"))


def _form(word: str, value: str) -> str:
    """Return a slot's value with, or in place of it, the word that fits: {a thing}."""
    if word == "on":
        return f"on {value}" if value.startswith(_WEEKDAYS) else value
    if word == "a":
        return value if _is_plural(value) else f"{_article(value)} {value}"
    singular, plural = {
        "is": ("is", "are"),
        "was": ("was", "were"),
        "has": ("has", "have"),
        "it": ("it", "them"),
        "they": ("it", "they"),
        "this": ("this", "these"),
        "one": ("one", "some"),
    }[word]
    return plural if _is_plural(value) else singular


def _fill(template: str, values: dict[str, str]) -> str:
    def field(found: re.Match[str]) -> str:
        word, value = found[1] and found[1].lower(), values[found[2]]
        if word is None:
            return value
        if found[2] in _PEOPLE:
            return _FEMALE[word] if NAMES[value] == "f" else word
        return _form(word, value)

    return _FIELD.sub(field, template)


def _sentences(text: str) -> str:
    """Begin every sentence with a capital."""
    return _SENTENCE.sub(lambda found: found[1] + found[2].upper(), text)


def _past(value: str) -> str:
    """Return a slot's value as a story, looking back, would say it."""
    for now, then in _common("past").items():
        if re.match(rf"{now}\b", value):
            return then + value[len(now) :]
    return value


def _bucket(family: str, values: Sequence[str]) -> str:
    """Say which splits own a slot filling: 2 in 16 test_slots, 1 in 16 validation."""
    part = crc32("|".join((family, *values)).encode()) % 16
    return "test_slots" if part < 2 else "validation" if part == 2 else "train"


def _values(
    rng: random.Random, family: Family, branch: Branch, split: str
) -> dict[str, str]:
    """Draw three people and a slot filling that `split` may use."""
    people = _POOLS.get(split, _POOLS["train"])
    values: dict[str, str] = {}
    for person in _PEOPLE:
        values[person] = _distinct(rng, people, values.values())
    wanted = split if split in ("test_slots", "validation") else "train"
    while True:
        for slot in family.slots:
            values.pop(slot, None)
        for slot, words in family.slots.items():
            values[slot] = _distinct(rng, words, values.values())
        if _bucket(family.name, [values[slot] for slot in branch.slots]) == wanted:
            return values


def _small_talk(
    rng: random.Random, family: Family, branch: Branch, first: str
) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """Return the turns before and after the matter itself, which `first` begins."""
    other = next(who for who in branch.speakers if who != first)
    before, after = [], []
    if rng.random() < 0.45:
        group = len(branch.speakers) > 2
        greeting = _pick(rng, _lines(_common("talk")["group" if group else "greet"]))
        before.append((first, greeting.replace("{other}", f"{{{other}}}")))
        if not group and rng.random() < 0.4:
            reply = _pick(rng, _lines(_common("talk")["reply"]))
            before.append((other, reply.replace("{other}", f"{{{first}}}")))
    if family.small_talk and rng.random() < 0.25:
        question, answer = _pick(rng, _lines(_common("talk")["chat"])).split(" / ")
        before += [(first, question), (other, answer)]
    if branch.bye and rng.random() < 0.2:
        after.append(
            (_pick(rng, (first, other)), _pick(rng, _lines(_common("talk")["bye"])))
        )
    return before, after


def _habits(rng: random.Random, style: float, text: str) -> str:
    """Type `text`, a template, as a person with this style would."""
    typing = _common("typing")
    if rng.random() < 0.04:
        for word, typo in typing["typos"].items():
            text = re.sub(rf"\b{word}\b", typo, text, count=1)
    if style < 0.65:
        return text
    if style > 0.85:
        for word, short in typing["short"].items():
            text = re.sub(rf"\b{word}\b", short, text)
        text = re.sub(r"(?<=n)'(?=t\b)|(?<=\bI)'(?=m\b)", "", text)
        text = re.sub(r"\bI(?=m?\b)", "i", text)
    text = _SENTENCE.sub(lambda found: found[1] + found[2].lower(), text)
    return text.removesuffix(".") if not text.endswith("..") else text


def _turns(
    rng: random.Random, family: Family, branch: Branch, split: str
) -> list[tuple[str, str]]:
    """Return (speaker, template) pairs, some neighbours of one speaker joined."""
    plan = _pick(rng, branch.plans)
    before, after = _small_talk(rng, family, branch, plan[0][0])
    matter = [
        (who, _pick(rng, family.wordings[step].of(split)))
        for who, step, optional in plan
        if not optional or rng.random() < 0.5
    ]
    joined: list[tuple[str, str]] = []
    for who, text in before + matter + after:
        text = _choose(rng, text)
        if joined and joined[-1][0] == who and rng.random() < 0.7:
            joined[-1] = (who, f"{joined[-1][1]} {text}")
        else:
            joined.append((who, text))
    return joined


def chat(rng: random.Random, split: str = "train") -> Chat:
    """Make one chat of a split.

    Raises:
        CourseError: `split` is none of `SPLITS`.
    """
    if split not in SPLITS:
        raise CourseError(f"no split {split!r} in TinyChats: use {', '.join(SPLITS)}.")
    while True:
        family = _pick(rng, families())
        branch = _pick(rng, family.branches)
        values = _values(rng, family, branch, split)
        styles = {person: rng.random() for person in _PEOPLE}
        turns = []
        for who, text in _turns(rng, family, branch, split):
            text = _fill(_habits(rng, styles[who], text), values)
            turns.append(
                f"{values[who]}: {text if styles[who] >= 0.65 else _sentences(text)}"
            )
        dialogue = "\n".join(turns)
        references = tuple(_sentences(_fill(line, values)) for line in branch.summaries)
        size = len(dialogue) + len(references[0])
        past = {name: _past(value) for name, value in values.items()}
        story = _choose(rng, _pick(rng, branch.stories))
        if MIN_TURNS <= len(turns) <= MAX_TURNS and size <= MAX_CHARACTERS:
            return Chat(
                dialogue,
                references,
                tuple(values[person] for person in branch.people),
                tuple(values[slot] for slot in branch.slots),
                family.name,
                branch.name,
                _sentences(_fill(story, past)),
            )


def tinychats(n: int, seed: int = 0, split: str = "train") -> "Dataset":
    """Make `n` chats with summaries; the first k rows do not depend on `n`.

    Args:
        n: the number of rows.
        seed: another seed gives other chats of the same split.
        split: "train", "validation" and "test_slots" share no slot filling;
            "test_paraphrases" words the key turns as train never does; the people of
            "test_names" never occur in train; "pretrain" has all names and a wider set
            of wordings, without those of the two tests before it.

    Returns:
        A dataset with the columns id, dialogue, summary, references (acceptable
        wordings, the summary first), names (people whom a right summary names), slots
        (values that it carries) and family.

    Raises:
        CourseError: `split` is unknown, or `n` is negative.
    """
    from datasets import Dataset, Features, List, Value

    if n < 0:
        raise CourseError(f"cannot make {n} chats: give n >= 0.")
    digest = sha256(f"{split} {seed}".encode()).digest()
    rng = random.Random(int.from_bytes(digest[:8], "big"))
    chats = [chat(rng, split) for _ in range(n)]
    text, texts = Value("string"), List(Value("string"))
    columns = {
        "id": (text, [f"{split}-{seed}-{i}" for i in range(n)]),
        "dialogue": (text, [c.dialogue for c in chats]),
        "summary": (text, [c.summary for c in chats]),
        "references": (texts, [c.references for c in chats]),
        "names": (texts, [c.names for c in chats]),
        "slots": (texts, [c.slots for c in chats]),
        "family": (text, [c.family for c in chats]),
    }
    features = Features({name: kind for name, (kind, _) in columns.items()})
    return Dataset.from_dict({k: v for k, (_, v) in columns.items()}, features=features)
