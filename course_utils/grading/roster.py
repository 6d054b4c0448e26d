"""Who is who: a class list from Canvas, Moodle, GitHub or a file of one's own."""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from course_utils.grading.layouts import Sender
from course_utils.grading.names import joined, shown
from course_utils.grading.tables import read_csv
from course_utils.machine.errors import CourseError

# What a column of a class list holds, by its head in small letters.
COLUMNS = {
    **dict.fromkeys(("student", "full name", "fullname", "name"), "name"),
    **dict.fromkeys(("first name", "firstname", "given name", "vorname"), "first"),
    **dict.fromkeys(("last name", "lastname", "surname", "nachname"), "last"),
    **dict.fromkeys(("email", "email address", "e-mail", "mail"), "email"),
    **dict.fromkeys(("username", "sis login id", "login"), "login"),
    **dict.fromkeys(("sis user id", "id number", "sid", "student id"), "sid"),
    **dict.fromkeys(("github_username", "github username", "github"), "github"),
    **dict.fromkeys(("section", "sections", "group", "groups", "section name"), "part"),
    **dict.fromkeys(("last modified (submission)", "submitted_at", "submitted"), "at"),
    **dict.fromkeys(("extra_days", "extra days", "extension"), "extra"),
    "id": "canvas",
    "identifier": "identifier",
    "roster_identifier": "identifier",
}
# A name may be any of these, and a login in one place another kind elsewhere.
KINDS = ("login", "github", "sid", "email", "canvas", "identifier", "local part")
ALSO = {"login": ("github", "email", "sid", "local part")}
# Two lines that share these are one person.
SAME = ("email", "canvas", "sid", "login")
# Lines of Canvas' gradebook that are no people.
NO_PEOPLE = re.compile(r"\s*(points possible|manual posting|student, test)\b", re.I)
MOODLE_TIMES = ("%A, %d %B %Y, %I:%M %p", "%A, %d %B %Y, %H:%M", "%d %B %Y, %I:%M %p")


@dataclass
class Person:
    """One line of the class list.

    Attributes:
        name: as the list writes it; made different if two people share one.
        ids: numbers, logins and addresses by their kind.
        section: the part of the class.
        extra_days: days that the deadline is later.
        submitted: when the work came, in seconds since 1970, if the list says so; by
            Moodle's number of the person in that assignment, or under "".
        line: the line as it stands, for files that go back.
    """

    name: str
    ids: dict[str, str] = field(default_factory=dict)
    section: str = ""
    extra_days: float = 0
    submitted: dict[str, float] = field(default_factory=dict)
    line: dict[str, str] = field(default_factory=dict)

    def spellings(self) -> set[str]:
        """Return the ways in which platforms and people join the name."""
        words = [w for w in re.split(r"[\s,;]+", self.name) if w]
        turned = {" ".join(words[n:] + words[:n]) for n in range(len(words))}
        both = {self.name, " ".join(reversed(words)), *turned}
        return {joined(name) for name in both} - {""}


class Roster:
    """The people of a class, in the order of the list.

    Args:
        people: one for each line.
        columns: the heads of the list, for files that go back.
    """

    def __init__(self, people: Iterable[Person], columns: Iterable[str] = ()) -> None:
        self.people = list(people)
        self.columns = list(columns)
        counts = Counter(person.name for person in self.people)
        for person in self.people:
            if counts[person.name] > 1 and person.ids:
                person.name = f"{person.name} ({next(iter(person.ids.values()))})"
        self._by_id: dict[tuple[str, str], list[Person]] = defaultdict(list)
        self._by_name: dict[str, list[Person]] = defaultdict(list)
        self._by_number: dict[int, list[Person]] = defaultdict(list)
        for person in self.people:
            for kind, value in person.ids.items():
                if value.isdecimal():
                    self._by_number[int(value)].append(person)
                if kind == "email":
                    local = value.casefold().partition("@")[0]
                    self._by_id["local part", local].append(person)
                # A Moodle has other numbers in each assignment: "moodle 100010".
                self._by_id[kind.partition(" ")[0], value.casefold()].append(person)
            for spelling in person.spellings():
                self._by_name[spelling].append(person)

    @property
    def joined_names(self) -> set[str]:
        """Every spelling of a name, and every login and number, joined."""
        ids = {joined(v.partition("@")[0]) for p in self.people for v in p.ids.values()}
        return set(self._by_name) | ids - {""}

    def person(self, sender: Sender) -> Person | None:
        """Return whose hand-in it is; None if nobody's, or if it may be several's."""
        wanted = [
            (each, value)
            for kind, value in sender.ids
            for each in (kind, *ALSO.get(kind, ()))
        ]
        wanted += [(kind, sender.name) for kind in KINDS]
        for kind, value in wanted:
            found = self._by_id.get((kind, value.casefold()), [])
            if len(found) == 1:
                return found[0]
        found = self._by_name.get(joined(sender.name), [])
        if not found and sender.name.isdecimal():  # a spreadsheet took its zeros
            found = self._by_number.get(int(sender.name), [])
        return found[0] if len(found) == 1 else None


NO_ROSTER = Roster(())


def read_roster(paths: Iterable[Path]) -> Roster:
    """Read class lists; a person in several of them is one.

    Moodle has a list for each assignment, with other numbers in each.

    Raises:
        CourseError: a list cannot be read, or has no column of names.
    """
    people: list[Person] = []
    columns: list[str] = []
    for path in paths:
        _, lines = read_csv(path)
        _, head = next(lines)
        kinds = [COLUMNS.get(name.strip().casefold(), "") for name in head]
        if not {"name", "last", "identifier", "login", "email"} & set(kinds):
            raise CourseError(
                f"{path} has no column of names, such as Student, Full name or Name."
            )
        columns = columns or head
        listed: list[Person] = []
        for number, cells in lines:
            if len(cells) > len(head):
                raise CourseError(f"{path}, line {number}: more cells than columns.")
            person = _person(head, kinds, cells)
            if person is not None:
                listed.append(person)
        _refuse_shared_ids(path, listed)
        for person in listed:
            _add(people, person)
    if not people:
        raise CourseError("the roster names nobody.")
    roster = Roster(people, columns)
    for name, count in Counter(person.name for person in people).items():
        if count > 1:
            raise CourseError(
                f"the roster has {count} lines for {name}: leave one if it is one "
                "person, or else give each line a Student ID of its own."
            )
    return roster


def _refuse_shared_ids(path: Path, people: list[Person]) -> None:
    """Refuse a list in which a number or login belongs to people of other names.

    Such as "n/a" for everybody without an address: they would all become one person.
    """
    for kind in SAME:
        owners: dict[str, Person] = {}
        for person in people:
            value = person.ids.get(kind, "")
            owner = owners.setdefault(value, person) if value else person
            if owner is not person and not owner.spellings() & person.spellings():
                raise CourseError(
                    f"{path}: {owner.name} and {person.name} share {value!r}. "
                    "Leave the cell of whoever has no such number or address empty."
                )


def _person(head: list[str], kinds: list[str], cells: list[str]) -> Person | None:
    values: dict[str, str] = {}
    for kind, cell in zip(kinds, cells, strict=False):
        if kind and cell.strip():
            values.setdefault(kind, shown(cell.strip()))
    first, last = values.pop("first", ""), values.pop("last", "")
    name = values.pop("name", "") or f"{first} {last}".strip()
    section = values.pop("part", "")
    at, extra = values.pop("at", ""), values.pop("extra", "0")
    number = re.fullmatch(r"Participant (\d+)", values.get("identifier", ""))
    if number:
        values["moodle"] = number[1]
        del values["identifier"]
    name = name or next(iter(values.values()), "")
    if not name or NO_PEOPLE.match(name):
        return None
    try:
        days = float(extra.replace(",", "."))
        if not math.isfinite(days):
            raise ValueError
    except ValueError:
        raise CourseError(f"the roster gives {name} {extra!r} extra days.") from None
    line = dict(zip(head, cells, strict=False))
    moment = _moment(at)
    submitted = {} if moment is None else {values.get("moodle", ""): moment}
    return Person(name, values, section, days, submitted, line)


def _moment(text: str) -> float | None:
    """Return seconds since 1970 of a time as ISO or Moodle writes it, or None."""
    with suppress(ValueError, OverflowError):
        return datetime.fromisoformat(text).timestamp()
    for form in MOODLE_TIMES:
        with suppress(ValueError, OverflowError):
            return datetime.strptime(text, form).timestamp()
    return None


def _add(people: list[Person], person: Person) -> None:
    """Add a person, or what is new of one who is there already."""
    for other in people:
        shared = [k for k in SAME if k in person.ids and k in other.ids]
        if shared and all(person.ids[k] == other.ids[k] for k in shared):
            if "moodle" in person.ids:
                number = person.ids["moodle"]
                other.ids[f"moodle {number}"] = number
            other.section = other.section or person.section
            other.submitted.update(person.submitted)
            return
    people.append(person)


class Students:
    """The students of a class by name: of the roster, and whoever else handed in.

    Args:
        roster: who is who.
        senders: everybody who handed in something.
    """

    def __init__(self, roster: Roster, senders: list[Sender]) -> None:
        self._names: dict[str, str] = {}
        taken = {person.name for person in roster.people}
        others: dict[str, Sender] = {}
        for sender in senders:
            person = roster.person(sender) if sender.key else None
            if person is not None:
                self._names[sender.key] = person.name
            elif sender.key:
                others[sender.key] = sender
        counts = Counter(sender.name for sender in others.values())
        for key, sender in others.items():
            kind, _, number = key.partition(" ")
            is_free = counts[sender.name] == 1 and sender.name not in taken
            is_plain = is_free or (kind == "name" and sender.name not in taken)
            self._names[key] = sender.name if is_plain else f"{sender.name} ({number})"
        self._by_case: dict[str, set[str]] = defaultdict(set)
        for key in others:
            if key.startswith("name "):  # and not a number, which tells people apart
                name = self._names[key]
                self._by_case[name.casefold()].add(name)
        self._joined: dict[str, set[str]] = defaultdict(set)
        for name in {*self._names.values(), *taken}:
            self._joined[joined(name)].add(name)
        for person in roster.people:
            for spelling in person.spellings():
                self._joined[spelling].add(person.name)

    def name_of(self, sender: Sender) -> str:
        """Return the student's name; "" if the place names nobody."""
        return self._names.get(sender.key, "")

    def doubt(self, name: str) -> str:
        """Return why nobody can say whose a name is, or "".

        Names that differ in capital letters alone are neither merged nor told apart.
        """
        others = self._by_case.get(name.casefold(), set()) - {name}
        if not others or name not in self._by_case[name.casefold()]:
            return ""
        return (
            f"{name} and {', '.join(sorted(others))} differ in capital letters alone: "
            "is that one student? Give a class list with --roster, or rename one."
        )

    def is_another(self, name: str, student: str) -> bool:
        """Return whether a name is that of other students, and not this one's."""
        owners = self._joined.get(joined(name), set()) if name else set()
        return bool(owners) and student not in owners
