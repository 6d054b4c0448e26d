"""TinyChats: seeded, original messenger chats with one- or two-sentence summaries.

The content (scenario families, word lists, names) lives in `assets/tinychats/`, whose
README.md describes the format.

Every choice uses `random.Random.random()` alone, so a seed gives the same chats on
every machine and Python version.
"""

import random
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from typing import TYPE_CHECKING, Any
from zlib import crc32

from course_utils.machine.errors import CourseError
from course_utils.machine.places import ASSETS

if TYPE_CHECKING:
    from datasets import Dataset

TINYCHATS = ASSETS / "tinychats"
TESTS = ("test_slots", "test_paraphrases", "test_names")
SPLITS = ("train", "validation", *TESTS, "pretrain")
MIN_TURNS, MAX_TURNS, MAX_CHARACTERS = 3, 10, 700  # about 200 tokens of a small BPE

_PEOPLE = ("A", "B", "C")
_CHOICE = re.compile(r"\[([^\[\]]*)\]")
_FIELD = re.compile(r"\{(?:(\w+) )?(\w+)\}")
_SENTENCE = re.compile(r"(^|(?<!\.)[.!?] )(?!I\b)([A-Za-z])")
_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_NEAT, _SHORT = 0.65, 0.85  # below: types neatly; between: no capitals; above: u, pls


@dataclass(frozen=True)
class Chat:
    """One chat: its dialogue, its reference summaries and a past-tense retelling."""

    dialogue: str
    references: tuple[str, ...]
    names: tuple[str, ...]
    slots: tuple[str, ...]
    family: str
    story: str

    @property
    def summary(self) -> str:
        """The reference that fine-tuning learns from."""
        return self.references[0]


@dataclass(frozen=True)
class Wordings:
    """The wordings of one turn: for training, for pretraining only, and held out."""

    train: tuple[str, ...]
    extra: tuple[str, ...]
    held: tuple[str, ...]

    @classmethod
    def parse(cls, text: str) -> "Wordings":
        """Read a block of lines: `+` marks some for pretraining, `*` some held out."""
        pools: dict[str, list[str]] = {"": [], "+": [], "*": []}
        for line in _lines(text):
            is_marked = line.startswith(("+ ", "* "))
            mark, wording = line.split(" ", 1) if is_marked else ("", line)
            pools[mark].append(wording)
        return cls(*map(tuple, pools.values()))

    def of(self, split: str) -> tuple[str, ...]:
        """Return the wordings that `split` may use."""
        if split == "pretrain":
            return self.train + self.extra
        return self.held if split == "test_paraphrases" and self.held else self.train


Script = tuple[tuple[str, str, bool], ...]  # speaker, turn, optional


@dataclass(frozen=True)
class Branch:
    """One outcome of a family: its scripts (orders of turns), summaries and stories."""

    scripts: tuple[Script, ...]
    summaries: tuple[str, ...]
    stories: tuple[str, ...]
    speakers: tuple[str, ...]
    people: tuple[str, ...]  # whom the summary names
    slots: tuple[str, ...]  # what the summary carries
    bye: bool


@dataclass(frozen=True)
class Family:
    """A scenario: slots, outcomes and the wordings of its turns."""

    name: str
    slots: dict[str, tuple[str, ...]]
    branches: tuple[Branch, ...]
    wordings: dict[str, Wordings]
    small_talk: bool


@cache
def _lines(text: str) -> tuple[str, ...]:
    return tuple(line for line in map(str.strip, text.splitlines()) if line)


@cache
def _asset(name: str) -> dict[str, Any]:
    import yaml

    loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)  # strings only: no is "no"
    return yaml.load((TINYCHATS / name).read_text(encoding="utf-8"), loader)


def _common(section: str) -> dict[str, str]:
    return _asset("common.yaml")[section]


def _script(line: str) -> Script:
    turns = (turn.strip().split(" ") for turn in line.split(","))
    return tuple((who, turn.rstrip("?"), turn.endswith("?")) for who, turn in turns)


def _branch(body: dict[str, str]) -> Branch:
    scripts = tuple(map(_script, _lines(body["plan"])))
    summaries = _lines(body["summary"])
    fields = list(dict.fromkeys(field for _, field in _FIELD.findall(summaries[0])))
    return Branch(
        scripts,
        summaries,
        stories=_lines(body["story"]),
        speakers=tuple(sorted({who for script in scripts for who, _, _ in script})),
        people=tuple(field for field in fields if field in _PEOPLE),
        slots=tuple(field for field in fields if field not in _PEOPLE),
        bye=body.get("bye") != "false",
    )


def _family(name: str, entry: dict[str, Any]) -> Family:
    words = _asset("words.yaml")
    turns = _common("wordings") | entry["wordings"]
    return Family(
        name,
        slots={slot: _lines(words[pool]) for slot, pool in entry["slots"].items()},
        branches=tuple(map(_branch, entry["branches"].values())),
        wordings={turn: Wordings.parse(text) for turn, text in turns.items()},
        small_talk=entry.get("small_talk") != "false",
    )


@cache
def families() -> tuple[Family, ...]:
    """Return all scenario families, in the order of files and of entries.

    Example:
        >>> first = families()[0]
        >>> first.name, sorted(first.slots)
        ('ill', ['day', 'dish', 'event', 'illness'])
    """
    files = sorted(path.name for path in TINYCHATS.glob("scenes_*.yaml"))
    return tuple(_family(*item) for file in files for item in _asset(file).items())


def _genders() -> dict[str, str]:
    people = _asset("names.yaml")
    women, men = (" ".join(people[key].values()).split() for key in ("women", "men"))
    return dict.fromkeys(women, "f") | dict.fromkeys(men, "m")


NAMES: dict[str, str] = _genders()
"""Every first name of TinyChats, and its gender, "f" or "m"."""
HELD_NAMES = frozenset(_asset("names.yaml")["held_out"].split())
"""The people of the split test_names."""
_ANY_NAME = re.compile(rf"\b(?:{'|'.join(NAMES)})\b")


@cache
def _people_of(split: str) -> tuple[str, ...]:
    if split == "pretrain":
        return tuple(NAMES)
    return tuple(n for n in NAMES if (n in HELD_NAMES) == (split == "test_names"))


def names_in(text: str) -> set[str]:
    """Return the TinyChats names that stand in `text` as whole words.

    Example:
        >>> sorted(names_in("Tom told Anna about tomorrow."))
        ['Anna', 'Tom']
    """
    return set(_ANY_NAME.findall(text))


def slots_found(text: str, slots: Iterable[str]) -> list[str]:
    """Return those of `slots` that stand in `text` as whole words, in any case.

    "3" is not found in "3:30", nor "art" in "party".

    Example:
        >>> slots_found("The party is at 3:30.", ["3", "art", "Party"])
        ['Party']
    """
    pattern = r"(?<![\w:]){}(?!\w|:\d)"
    return [s for s in slots if re.search(pattern.format(re.escape(s)), text, re.I)]


def _pick(rng: random.Random, items: Sequence[Any]) -> Any:
    return items[int(rng.random() * len(items))]


def _new(rng: random.Random, items: Sequence[str], taken: Iterable[str]) -> str:
    while (item := _pick(rng, items)) in taken:
        pass
    return item


def _choose(rng: random.Random, template: str) -> str:
    return _CHOICE.sub(lambda found: _pick(rng, found[1].split("|")), template)


def _form(word: str, value: str) -> str:
    """Return a slot's value with `word` ("a", "on"), or a word that fits the value.

    A value that ends in s (but not ss or us) is a plural.
    """
    if word == "on":
        return f"on {value}" if value.startswith(_WEEKDAYS) else value
    plural = value.endswith("s") and not value.endswith(("ss", "us"))
    if word == "a":
        article = "an" if value[0] in "aeiouAEIOU" else "a"
        return value if plural else f"{article} {value}"
    return _common("number")[word].split()[plural]


def _fill(template: str, values: dict[str, str]) -> str:
    """Put names and slot values into a template's fields."""

    def field(found: re.Match[str]) -> str:
        word, name = found.groups()
        value = values[name]
        if word is None:
            return value
        if name in _PEOPLE:
            word = word.lower()
            return _common("female")[word] if NAMES[value] == "f" else word
        return _form(word.lower(), value)

    return _FIELD.sub(field, template)


def _sentences(text: str) -> str:
    """Begin every sentence with a capital."""
    return _SENTENCE.sub(lambda found: found[1] + found[2].upper(), text)


@cache
def _past(value: str) -> str:
    """Return a slot's value as a story in the past tense says it."""
    for now, then in _common("past").items():
        if re.match(rf"{now}\b", value):
            return then + value[len(now) :]
    return value


def _owner(family: str, values: Sequence[str]) -> str:
    """Return the split of a slot filling: test_slots for 2 in 16, validation for 1."""
    part = crc32("|".join((family, *values)).encode()) % 16
    return "test_slots" if part < 2 else "validation" if part == 2 else "train"


def _values(
    rng: random.Random, family: Family, branch: Branch, split: str
) -> dict[str, str]:
    """Draw three people and a slot filling that `split` may use."""
    people: dict[str, str] = {}
    for person in _PEOPLE:
        people[person] = _new(rng, _people_of(split), people.values())
    wanted = split if split in ("test_slots", "validation") else "train"
    while True:
        values: dict[str, str] = {}
        for slot, words in family.slots.items():
            values[slot] = _new(rng, words, values.values())
        if _owner(family.name, [values[slot] for slot in branch.slots]) == wanted:
            return people | values


Turns = list[tuple[str, str]]  # speaker, template


def _small_talk(
    rng: random.Random, family: Family, branch: Branch, first: str
) -> tuple[Turns, Turns]:
    """Return the turns before and after the matter itself, which `first` opens."""
    talk = {name: _lines(text) for name, text in _common("talk").items()}
    other = next(who for who in branch.speakers if who != first)
    before: Turns = []
    if rng.random() < 0.45:
        group = len(branch.speakers) > 2
        greeting = _pick(rng, talk["group" if group else "greet"])
        before.append((first, greeting.replace("other", other)))
        if not group and rng.random() < 0.4:
            reply = _pick(rng, talk["reply"])
            before.append((other, reply.replace("other", first)))
    if family.small_talk and rng.random() < 0.25:
        question, answer = _pick(rng, talk["chat"]).split(" / ")
        before += [(first, question), (other, answer)]
    bye = branch.bye and rng.random() < 0.2
    return before, [(_pick(rng, (first, other)), _pick(rng, talk["bye"]))] * bye


def _turns(rng: random.Random, family: Family, branch: Branch, split: str) -> Turns:
    """Return the turns of a chat; some neighbours of one speaker are joined."""
    script = _pick(rng, branch.scripts)
    before, after = _small_talk(rng, family, branch, script[0][0])
    matter = [
        (who, _pick(rng, family.wordings[turn].of(split)))
        for who, turn, optional in script
        if not optional or rng.random() < 0.5
    ]
    joined: Turns = []
    for who, text in before + matter + after:
        text = _choose(rng, text)
        if joined and joined[-1][0] == who and rng.random() < 0.7:
            text = f"{joined.pop()[1]} {text}"
        joined.append((who, text))
    return joined


def _typed(rng: random.Random, style: float, template: str) -> str:
    """Return a template as a person with this style would type it."""
    text = template
    if rng.random() < 0.04:
        for word, typo in _common("typos").items():
            text = re.sub(rf"\b{word}\b", typo, text, count=1)
    if style < _NEAT:
        return text
    if style > _SHORT:
        for word, short in _common("short").items():
            text = re.sub(rf"\b{word}\b", short, text)
        text = re.sub(r"(?<=n)'(?=t\b)|(?<=\bI)'(?=m\b)", "", text)
        text = re.sub(r"\bI(?=m?\b)", "i", text)
    text = _SENTENCE.sub(lambda found: found[1] + found[2].lower(), text)
    return text if text.endswith("..") else text.removesuffix(".")


def chat(rng: random.Random, split: str = "train") -> Chat:
    """Make one chat of a split.

    Raises:
        CourseError: `split` is none of `SPLITS`.

    Example:
        >>> print(chat(random.Random(3)).dialogue)
        Yuki: Someone told me you have a book about pirates. Can I read it?
        Owen: It's not mine, I got it from the library.
        Yuki: On Monday I have time, I'll go there.
    """
    if split not in SPLITS:
        raise CourseError(f"no split {split!r} in TinyChats: use {', '.join(SPLITS)}.")
    while True:
        family = _pick(rng, families())
        branch = _pick(rng, family.branches)
        values = _values(rng, family, branch, split)
        styles = {person: rng.random() for person in _PEOPLE}
        lines = []
        for who, template in _turns(rng, family, branch, split):
            text = _fill(_typed(rng, styles[who], template), values)
            text = _sentences(text) if styles[who] < _NEAT else text
            lines.append(f"{values[who]}: {text}")
        references = tuple(_sentences(_fill(line, values)) for line in branch.summaries)
        size = sum(map(len, lines)) + max(map(len, references))
        if MIN_TURNS <= len(lines) <= MAX_TURNS and size <= MAX_CHARACTERS:
            past = {name: _past(value) for name, value in values.items()}
            story = _choose(rng, _pick(rng, branch.stories))
            return Chat(
                "\n".join(lines),
                references,
                names=tuple(values[person] for person in branch.people),
                slots=tuple(values[slot] for slot in branch.slots),
                family=family.name,
                story=_sentences(_fill(story, past)),
            )


def tinychats(n: int, seed: int = 0, split: str = "train") -> "Dataset":
    """Make `n` chats with summaries; the first k rows do not depend on `n`.

    Args:
        n: the number of rows.
        seed: another seed gives other chats of the same split.
        split: "train", "validation" and "test_slots" share no slot filling;
            "test_paraphrases" words the key turns as train never does; the people of
            "test_names" never occur in train; "pretrain" has all names and more
            wordings, but nothing that is kept for the first two tests.

    Returns:
        A dataset with the columns id, dialogue, summary, references (the summary and
        other good ones), names (whom a right summary names), slots (what it carries)
        and family.

    Raises:
        CourseError: `split` is unknown, or `n` is negative.

    Example:
        >>> tinychats(2, seed=1)["id"][:]
        ['train-1-0', 'train-1-1']
    """
    from datasets import Dataset, Features, List, Value

    if n < 0:
        raise CourseError(f"cannot make {n} chats: give n >= 0.")
    digest = sha256(f"{split} {seed}".encode()).digest()
    rng = random.Random(int.from_bytes(digest[:8], "big"))
    chats = [chat(rng, split) for _ in range(n)]
    columns: dict[str, list[Any]] = {"id": [f"{split}-{seed}-{i}" for i in range(n)]}
    for name in ("dialogue", "summary", "references", "names", "slots", "family"):
        columns[name] = [getattr(made, name) for made in chats]
    text = Value("string")
    lists = dict.fromkeys(("references", "names", "slots"), List(text))
    features = Features(dict.fromkeys(columns, text) | lists)
    return Dataset.from_dict(columns, features=features)
