"""People as placeholders: what a small model cannot spell, it can still copy.

A small tokenizer cuts most names into pieces, and a small model loses the pieces. So
every person of a dialogue gets one of a fixed row of names that are one token each, in
order of first appearance, and the real names are put back into the summary:

    Siobhan: Hi Will!            Tom: Hi Anna!
    Will: Hi. Is Marlow in?  ->  Anna: Hi. Is Ben in?

The idea is that of the anonymised CNN/DailyMail data set (Hermann et al. 2015,
"Teaching Machines to Read and Comprehend", section 2.2), which wrote every entity as a
marker such as @entity3.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, NamedTuple

from course_utils.data.chats import NAMES

if TYPE_CHECKING:
    from datasets import Dataset


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


PLACEHOLDERS = _words(
    """
    Tom Anna Ben Lucy Omar Mei Ivan Emma Kofi Maria Sam Kate David Priya Peter Olga
    Luke Fatima Oscar Yuki Henry Alice Ravi Elena
    """
)

# Names that are words as well: at the start of a sentence they are taken for the word.
WORDS = frozenset(
    _words(
        """
        Angel April Art August Autumn Bill Chance Chase Chip Christian Crystal Daisy
        Dawn Dean Drew Earl Faith Frank Gene Ginger Grace Grant Guy Hope Hunter Iris Ivy
        Jasmine Joy June Lily Mark Mason May Melody Page Pat Penny Ray Rich Rob Robin
        Rose Ruby Sage Sky Star Sue Summer Violet Will
        """
    )
)
# First names that are common where the chats come from, beside those of TinyChats.
COMMON = frozenset(
    _words(
        """
        Aaron Abby Agnes Alan Albert Alex Alexandra Amanda Amber Amy Andrea Andrew Andy
        Angela Anne Ann Annie Anthony Arthur Ashley Barbara Beth Betty Bob Brad Brenda
        Brian Bruce Caroline Carl Carol Catherine Charles Charlie Charlotte Chris
        Christine Claire Cindy Clara Colin Connor Craig Dan Daniel Danny Dave Debbie
        Dennis Diana Diane Donald Donna Dorothy Doug Dylan Ed Eddie Edward Eleanor
        Elizabeth Ella Ellen Ellie Eric Erin Ethan Eva Eve Evelyn Frances Fred Gary
        George Georgia Gerald Gloria Greg Hannah Harold Harry Heather Holly Ian Irene
        Isaac Isabel Isabella Jack Jackie Jacob Jake James Jamie Jane Janet Jason Jean
        Jeff Jennifer Jenny Jeremy Jerry Jess Jesse Jessica Jill Jim Jimmy Jo Joan Joe
        Joel John Jonathan Jordan Joseph Josh Joshua Joyce Juan Judy Julia Julie Justin
        Karen Kathy Katie Keith Kelly Ken Kenneth Kim Kyle Larry Lauren Leah Leo Lewis
        Linda Lisa Logan Louis Louise Lynn Maggie Margaret Marie Mary Martin Martha Matt
        Matthew Max Megan Melanie Melissa Mia Michael Michelle Mike Molly Monica Nancy
        Natalie Natasha Nathan Neil Nicholas Nick Nicole Nina Norman Olivia Pam Pamela
        Patricia Patrick Paul Paula Phil Philip Phoebe Rachael Ralph Rebecca Richard
        Rick Robert Roger Ron Roy Russell Ruth Ryan Sally Samantha Sandra Sara Sarah
        Scott Sean Sharon Shirley Simone Sophia Stella Stephanie Stephen Steve Steven
        Stuart Susan Tara Ted Teresa Terry Theo Thomas Tim Tina Toby Tony Tracy Tyler
        Vanessa Veronica Victor Victoria Vincent Virginia Walter Wendy William Zach Zoe
        """
    )
)
_DATE_BEFORE = re.compile(
    r"\b(?:in|by|until|till|since|of|early|late|mid|last|next|this|\d\w*) $", re.I
)
_MONTHS = frozenset({"April", "May", "June", "August", "Summer", "Autumn"})
_TITLES = frozenset(
    _words(
        """
        Mr Mrs Ms Miss Dr Prof Professor Sir Madam Lady Lord Captain Coach Sister
        Brother Aunt Auntie Uncle Grandma Grandpa Granny Mum Dad Mom The Big Old St
        """
    )
)

_SPEAKER = re.compile(r"^([^\s:][^:\n]{0,30}):(?= |$)", re.M)
# Where hardly anything but a person stands: the word before or after says so.
_SPOKEN_OF = (
    r"\b(?:hi|hey|hello|dear|thanks|bye|asked|ask|told|tell|telling|married|marry|met"
    r"|kissed|invited|invite|named|cousin|brother|sister|uncle|aunt|auntie|friend"
    r"|boyfriend|girlfriend|husband|wife|son|daughter|boss|colleague|meets|marries"
    r"|asks|tells|helps|calls) ([A-Z][a-z]+)\b",
    r"\b([A-Z][a-z]+) (?:said|says|told|asked|thinks|wants|wanted|knows|likes|loves"
    r"|texted|phoned|called|and I\b|and me\b)",
    r"\b(?:me|I|you|with) and ([A-Z][a-z]+)\b",
    r"\bwith ([A-Z][a-z]+)\b",
)
_NO_PEOPLE = frozenset(
    _words(
        """
        I You He She It We They This That These Those There Here What Who When Where Why
        How Mum Mom Mommy Mummy Dad Daddy Granny Grandma Grandpa Nan Nana God Santa
        Christ Jesus Everybody Everyone Somebody Someone Nobody Anybody Anyone Guys
        Girls Boys Ladies All Monday Tuesday Wednesday Thursday Friday Saturday Sunday
        January February March July September October November December Christmas Easter
        Halloween English French German Spanish Italian Polish Chinese Japanese Russian
        American British Indian Facebook Google Netflix Skype Instagram Twitter Zoom
        Uber Amazon Microsoft Excel Word Yes No And But So Or If The A An My Your His
        Her Our Their Im Its Ill Ive Ok Okay Well Then Not Just Always Also Even
        """
    )
)


class Replaced(NamedTuple):
    """A dialogue, and perhaps its summary, with placeholders.

    Attributes:
        dialogue: the text with placeholders.
        summary: the summary with placeholders, or None.
        people: the real name behind each placeholder, for `restore`.
    """

    dialogue: str
    summary: str | None
    people: dict[str, str]


def placeholders(dialogue: str, summary: str | None = None) -> Replaced:
    """Replace the people of a dialogue, in order of first appearance.

    A person whom only the summary names keeps the real name, since a model could not
    know it.

    Args:
        dialogue: `Name: text` lines.
        summary: the dialogue's summary, if there is one.

    Returns:
        The texts with placeholders, and the names to put back. If there are more people
        than placeholders, the last ones keep their names.

    Example:
        >>> replaced = placeholders("Siobhan: Hi Will!", "Siobhan greets Will.")
        >>> replaced.dialogue, replaced.summary
        ('Tom: Hi Anna!', 'Tom greets Anna.')
    """
    aliases = _aliases(dialogue)
    order: dict[str, str] = {}  # person -> placeholder
    taken: dict[str, str] = {}  # placeholder -> person

    def new_name(person: str) -> str:
        if person not in order:
            new = PLACEHOLDERS[len(order)] if len(order) < len(PLACEHOLDERS) else person
            # Somebody beyond the row may bear the name of a placeholder: then the one
            # who was given that placeholder has left a name that is free.
            while new in taken:
                new = taken[new]
            order[person], taken[new] = new, person
        return order[person]

    def replaced(text: str) -> str:
        return _substitute(text, aliases, lambda alias: new_name(aliases[alias]))

    text = replaced(dialogue)
    known = {alias: who for alias, who in aliases.items() if who in order}
    short = None
    if summary is not None:
        short = _substitute(summary, known, lambda alias: order[aliases[alias]])
    return Replaced(text, short, {new: who for who, new in order.items()})


def restore(text: str, people: Mapping[str, str]) -> str:
    """Put the real names back: the inverse of `placeholders`.

    Args:
        text: a text with placeholders, such as a model's summary.
        people: the real name behind each placeholder, from `Replaced`.

    Example:
        >>> restore("Tom greets Anna.", {"Tom": "Siobhan", "Anna": "Will"})
        'Siobhan greets Will.'
    """
    if not people:
        return text
    return _whole_words(people).sub(lambda found: people[found[0]], text)


def with_placeholders(chats: "Dataset") -> "Dataset":
    """Return dialogues and summaries with their people as placeholders, to train on.

    Args:
        chats: with columns dialogue and summary; others are left out.

    Example:
        >>> from datasets import Dataset
        >>> chat = {"dialogue": "Siobhan: Hi Will!", "summary": "Siobhan greets Will."}
        >>> with_placeholders(Dataset.from_list([chat]))[0]
        {'dialogue': 'Tom: Hi Anna!', 'summary': 'Tom greets Anna.'}
    """
    from datasets import Dataset

    pairs = zip(chats["dialogue"], chats["summary"], strict=True)
    found = [placeholders(dialogue or "", summary or "") for dialogue, summary in pairs]
    return Dataset.from_dict(
        {
            "dialogue": [each.dialogue for each in found],
            "summary": [each.summary for each in found],
        }
    )


def people_in(text: str, dialogue: str = "", names: Iterable[str] = ()) -> set[str]:
    """Return the people whom a text names, such as a summary of a dialogue.

    They are those of the dialogue, spoken of or speaking, under one name each; common
    first names; and words that stand where hardly anything but a person does.

    Args:
        text: what is read.
        dialogue: what it is about.
        names: of more people who may be meant.

    Example:
        >>> sorted(people_in("Siobhan greets Will in May.", "Siobhan: Hi Will!"))
        ['Siobhan', 'Will']
    """
    aliases = {name: name for name in (*_spoken_of(text), *names)} | _aliases(dialogue)
    found: set[str] = set()

    def note(alias: str) -> str:
        found.add(aliases[alias])
        return alias

    _substitute(text, aliases, note)
    return found


def _whole_words(names: Iterable[str]) -> re.Pattern[str]:
    longest_first = sorted(names, key=len, reverse=True)
    return re.compile(
        rf"(?<![\w@#-])(?:{'|'.join(map(re.escape, longest_first))})(?!\w|-\w)"
    )


def _aliases(dialogue: str) -> dict[str, str]:
    """Return who each name stands for: speakers, their first names, and others.

    A speaker of two words is called by the first one, if nobody else has it; then that
    is the person's name.
    """
    speakers = list(dict.fromkeys(_SPEAKER.findall(dialogue)))
    firsts = Counter(name.split(" ")[0] for name in speakers)
    aliases: dict[str, str] = {}
    for name in speakers:
        first = name.split(" ")[0]
        is_name = first[:1].isupper() and len(first) > 2 and first not in _TITLES
        if first != name and is_name and firsts[first] == 1:
            aliases[name] = aliases[first] = first
        else:
            aliases[name] = name
    said = _SPEAKER.sub("\n", dialogue)
    for name in _spoken_of(said):
        aliases.setdefault(name, name)
    return aliases


def _spoken_of(said: str) -> set[str]:
    """Return the first names in what is said: known ones, and those the text shows."""
    capitalised = set(re.findall(r"\b[A-Z]\w+", said))
    known = {word for word in capitalised if word in NAMES or word in COMMON}
    within = set(re.findall(r"(?<=[a-z,] )[A-Z][a-z]+", said))  # a sentence
    known |= (within & WORDS) - _MONTHS - {"Christian", "Sky", "Star"}
    shown = {name for rule in _SPOKEN_OF for name in re.findall(rule, said)}
    shown = {name for name in shown - _NO_PEOPLE - _MONTHS if len(name) > 2}
    return known | {
        name for name in shown if not re.search(rf"\b{name.lower()}\b", said)
    }


def _is_word(text: str, start: int, end: int) -> bool:
    """Say whether a name that is a word stands here as the word: Will you? In May."""
    before, after = text[:start], text[end:]
    if re.match(r"\s*(?:,|[!?.]|'s\b|$|:)", after) and not _DATE_BEFORE.search(before):
        return False
    # "Will tells him" and "Will and I" are of a person; "Will this do?" is not.
    if re.match(r" (?!this|his|its|as|us|yes)(?:and|had|can|\w+s)\b", after):
        return bool(_DATE_BEFORE.search(before))
    starts = not before or bool(re.search(r"(?:^|[.!?:\n\"(])\s*$", before))
    return starts or bool(_DATE_BEFORE.search(before)) or bool(re.match(r" \d", after))


def _substitute(text: str, names: Iterable[str], new_name: Callable[[str], str]) -> str:
    """Replace names, but not where one that is a word stands as the word."""
    names = list(names)
    if not names:
        return text

    def one(found: re.Match[str]) -> str:
        if found[0] in WORDS and _is_word(text, *found.span()):
            return found[0]
        return new_name(found[0])

    return _whole_words(names).sub(one, text)
