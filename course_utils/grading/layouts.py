"""Who handed in what: the layouts in which classes come from their platforms.

A layout is a function that reads the names of what lies in one folder and says which of
them belong to whom. `hand_ins` goes down from the top until it has found the level at
which people are named. What lies below a person is that person's, whatever its name.
"""

import re
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import Any

from course_utils.checks.read_notebook import exercise_of
from course_utils.grading.file_tree import Archive, File, Place, files_in
from course_utils.grading.names import (
    NAMED_EXERCISE,
    NUMBERED,
    exercise_in,
    joined,
    person_in,
    short_name_in,
    shown,
)
from course_utils.machine.errors import CourseError

SECTION = re.compile(
    r"(?i:section|sec|group|gruppe|grp|class|klasse|tutorial|tut|lab|team|period|cohort"
    r"|course|kurs|seminar|sezione|grupo|groupe)(?:[ _.-]+[\w-]{1,12}|\d{1,3}|[A-Z])"
)
MANY = 4  # so many people in one folder are no person
LOOKED_AT = 2000  # files of a folder that are looked at to see whether it is a class


@dataclass(frozen=True)
class Sender:
    """Who handed something in, as far as its name says.

    Attributes:
        name: the person's name there.
        key: what tells two people apart; the same in every assignment if it can be.
        ids: numbers, logins and addresses, by the platform's word for them.
        late: whether the platform marks it as late.
        time: when it was handed in, in seconds since 1970, if the platform says so.
        label: how the download calls this hand-in, for files that go back.
        section: the part of the class whose folder it lies in.
    """

    name: str
    key: str
    ids: tuple[tuple[str, str], ...] = ()
    late: bool = False
    time: float | None = None
    label: str = ""
    section: str = ""


@dataclass(frozen=True)
class HandIn:
    """What one person handed in at one place of the tree.

    Attributes:
        items: who and what; several if a folder holds files of many people.
        problem: why none of it can be graded, or "".
        is_merged: whether it seems to be the work of several people.
        note: what the instructor should know, though it is graded; or "".
    """

    items: tuple[tuple[Sender, Place], ...]
    problem: str = ""
    is_merged: bool = False
    note: str = ""


Named = dict[Place, list[Sender]]  # several for the work of a group


def moodle(folder: list[Place]) -> Named:
    """Moodle's "Download all submissions", with folders or without.

    ```
    Ann Lee_100010_assignsubmission_file_/ex05_training.ipynb
    Ann Lee_100010_assignsubmission_file_ex05_training.ipynb
    ```

    The number is a participant's, and another one in each assignment.
    """
    found: Named = {}
    for place in folder:
        match = re.match(r"(.+)_(\d+)_assignsubmission_[a-z]+(_|$)", place.name)
        if match:
            is_whole = place.is_container and match.end() == len(place.name)
            label = f"{place.name}/" if is_whole else match[0]
            ids = (("moodle", match[2]),)
            name = shown(match[1])
            found[place] = [Sender(name, f"name {name}", ids, label=label)]
    numbers: dict[str, dict[str, list[Place]]] = defaultdict(lambda: defaultdict(list))
    for place, [sender] in found.items():
        numbers[sender.key][sender.ids[0][1]].append(place)
    for its in numbers.values():
        done = [exercise for places in its.values() for exercise in _exercises(places)]
        if len(its) > 1 and len(done) > len(set(done)):  # two people of one name
            for number, places in its.items():
                for place in places:
                    [sender] = found[place]
                    found[place] = [replace(sender, key=f"moodle {number}")]
    return found


def _exercises(places: list[Place]) -> set[str]:
    """Return the exercises of the notebooks in these places."""
    found = set()
    with suppress(CourseError):
        for place in places:
            found |= {_exercise(file) for file in files_in(place, LOOKED_AT)}
    return found - {""}


def _exercise(file: Place) -> str:
    """Return the exercise that a notebook's path names, or else its cells."""
    if not isinstance(file, File) or not is_notebook(file):
        return ""
    named = exercise_in(file.name)
    with suppress(CourseError):
        named = named or exercise_of(list(file.reader.cells(*file.source)), file.path)
    return named


def canvas(folder: list[Place]) -> Named:
    """Canvas' "Download Submissions".

    ```
    leeann_12345_67890_ex05_training.ipynb
    leeann_LATE_12345_67890_ex05_training-1.ipynb
    ```

    The first number is the person's in Canvas. Names have no spaces.
    """
    pattern = re.compile(
        r"(?P<name>.+?)_(?P<late>LATE_)?(?P<user>\d+)_(?:\d+_|text\.|link\.)\S"
    )
    found: Named = {}
    for place in folder:
        match = pattern.match(place.name)
        if match and not NAMED_EXERCISE.fullmatch(match["name"]):
            user, late = match["user"], bool(match["late"])
            label = re.sub(r"\.\w+$", "", place.name)
            ids = (("canvas", user),)
            sender = Sender(shown(match["name"]), f"canvas {user}", ids, late)
            found[place] = [replace(sender, label=label)]
    return found


def blackboard(folder: list[Place]) -> Named:
    """Blackboard's "Assignment File Download".

    ```
    Exercise 5_annlee_attempt_2026-11-20-13-05-44_ex05_training.ipynb
    Exercise 5_annlee_attempt_2026-11-20-13-05-44.txt
    ```

    A login may hold underscores: what most names begin with is the assignment's.
    """
    pattern = re.compile(r"(.+)_attempt_(\d{4}(?:-\d\d){5})(.*)")
    matches = {
        place: match for place in folder if (match := pattern.fullmatch(place.name))
    }
    shared: Counter[str] = Counter()
    heads = {match[1] for match in matches.values()}
    for head in heads:
        words = head.split("_")
        shared.update("_".join(words[:n]) for n in range(1, len(words)))
    found: Named = {}
    for place, match in matches.items():
        words = match[1].split("_")
        starts = ["_".join(words[:n]) for n in range(1, len(words))]
        start = max(starts, key=lambda s: (shared[s], len(s)), default="")
        login = shown(match[1][len(start) :].lstrip("_"))
        moment = None
        with suppress(ValueError, OverflowError):
            moment = time.mktime(time.strptime(match[2], "%Y-%m-%d-%H-%M-%S"))
        sender = Sender(login, f"name {login}", (("login", login),), time=moment)
        found[place] = [replace(sender, label=match[0][: match.start(3)])]
    return found


def gradescope(folder: list[Place]) -> Named:
    """Gradescope's "Export Submissions".

    ```
    submission_98765432/ex05_training.ipynb
    submission_metadata.yml
    ```

    The second file says who handed in which, alone or as a group.
    """
    places = {
        place.name: place
        for place in folder
        if place.is_container and re.fullmatch(r"submission_\d+", place.name)
    }
    if not places:
        return {}
    facts: dict[str, Any] = {}
    for place in folder:
        if isinstance(place, File) and place.name == "submission_metadata.yml":
            with suppress(CourseError):
                facts = place.reader.submitters(*place.source)
    found: Named = {}
    for name, place in places.items():
        its = facts.get(name, [])
        found[place] = [_submitter(name, *values) for values in its]
        if not its:
            found[place] = [Sender(name, f"name {name}", label=name)]
    return found


def _submitter(
    label: str, name: str, sid: str, email: str, moment: float | None
) -> Sender:
    key = shown(email or sid or name or label)
    ids = tuple((k, shown(v)) for k, v in (("sid", sid), ("email", email)) if v)
    return Sender(shown(name) or key, f"person {key}", ids, time=moment, label=label)


def github(folder: list[Place]) -> Named:
    """GitHub Classroom: a repository for each person, named after the assignment.

    ```
    ex05-annlee/ex05_training.ipynb
    week3-ex05-loss-curves-bob-the-builder/ex05_training.ipynb
    ```

    What three or more names of one exercise begin with is the assignment's.
    """
    pattern = re.compile(rf"(.*?{NAMED_EXERCISE.pattern})-(.+)", re.IGNORECASE)
    groups: dict[str, list[tuple[Place, list[str]]]] = defaultdict(list)
    for place in folder:
        match = pattern.fullmatch(place.name) if place.is_container else None
        if match and not _holds_a_download(place):
            stem = re.sub(r"(-main|-master)?(\.zip)?$", "", match[3])
            groups[match[1]].append((place, stem.split("-")))
    found: Named = {}
    for group in groups.values():
        words = [words for _, words in group]
        while len(group) > 2 and len({w[0] for w in words}) == 1:
            if min(map(len, words)) == 1:
                break
            words = [w[1:] for w in words]
        for (place, _), its in zip(group, words, strict=True):
            login = shown("-".join(its))
            # Where there are several, even `final` is a login.
            if len(group) > 2 or person_in(login) or short_name_in(login):
                ids = (("github", login.casefold()), ("login", login))
                found[place] = [Sender(login, f"name {login}", ids, label=place.name)]
    return found


def named_in(part: str) -> str:
    """Return the person that a part of a path names, if any, or ""."""
    place = Place(PurePosixPath(part))
    for layout in (moodle, blackboard, canvas):
        for senders in layout([place]).values():
            return senders[0].name
    return person_in(part)


def _holds_a_download(place: Place) -> bool:
    with suppress(CourseError):
        places = place.children
        return any(layout(places) for layout in PLATFORMS[:-1])
    return False


PLATFORMS: tuple[Callable[[list[Place]], Named], ...] = (
    moodle,
    blackboard,
    gradescope,
    canvas,
    github,
)


def hand_ins(root: Place, known: frozenset[str] = frozenset()) -> Iterator[HandIn]:
    """Yield what each person handed in, by the layout of the tree.

    Args:
        root: the folder or archive that the instructor named.
        known: the joined names of a roster's people, whose archives are theirs.
    """
    if isinstance(root, Archive):
        yield from _folders([root], False, "", known)
    else:
        yield from _level(root, "", known)


def _level(folder: Place, section: str, known: frozenset[str]) -> Iterator[HandIn]:
    """Yield the hand-ins below a folder that belongs to nobody."""
    try:
        places = folder.children
    except CourseError as error:
        name = person_in(folder.name) or shown(folder.path)
        yield HandIn(((Sender(name, f"name {name}"), folder),), str(error))
        return
    if any(map(_is_submitted, places)):  # of nbgrader's course folder
        places = list(filter(_is_submitted, places))
    named = _by_platform(places)
    items = [(sender, place) for place, its in named.items() for sender in its]
    rest = [place for place in places if place not in named]
    loose = [place for place in rest if not place.is_container]
    items += [(_by_file(place), place) for place in loose if _is_work(place, named)]
    yield from _together(items, section)
    folders = [place for place in rest if place.is_container]
    yield from _folders(folders, bool(items), section, known)


def _is_submitted(place: Place) -> bool:
    return place.name == "submitted" and place.is_container


def _by_platform(places: list[Place]) -> Named:
    """Return who the places belong to, if a platform's layout explains most."""
    most: Named = {}
    for layout in PLATFORMS:
        found = layout(places)
        if len(found) > len(most):
            most = found
    work = [place for place in places if place.is_container or is_notebook(place)]
    return most if 2 * len(most) >= len(work) else {}


def _by_file(place: Place) -> Sender:
    name = person_in(place.name) or short_name_in(place.name)
    return Sender(name, f"name {name}" if name else "")


def is_notebook(place: Place) -> bool:
    """Return whether a place is a notebook, by its name."""
    return place.name.lower().endswith(".ipynb")


# What people hand in instead of a notebook, and what it is called.
INSTEAD = {
    **dict.fromkeys((".html", ".htm", ".mhtml"), "a web page"),
    **dict.fromkeys((".rar", ".7z", ".tar", ".gz", ".tgz", ".bz2", ".xz"), "no zip"),
    **dict.fromkeys((".pdf", ".docx", ".doc", ".odt", ".rtf"), "a document"),
    ".py": "a Python file",
    ".ipynb.txt": "a text file",
    ".ipynb.json": "a JSON file",
    ".ipynb.zip": "an archive",
    ".url": "a link",
    ".webloc": "a link",
}


def instead(place: Place) -> str:
    """Return what was handed in instead of a notebook, or "" if it is nothing such."""
    name = place.name.lower()
    return next((what for end, what in INSTEAD.items() if name.endswith(end)), "")


def _is_work(place: Place, named: Named) -> bool:
    """Return whether a file beside the people's may be somebody's work."""
    if is_notebook(place) or place.problem:
        return True
    is_ours = bool(named) and not person_in(place.name)
    return bool(instead(place)) and not is_ours


def _together(items: Iterable[tuple[Sender, Place]], section: str) -> Iterator[HandIn]:
    """Yield what lies in one folder, put together by person."""
    people: dict[str, list[tuple[Sender, Place]]] = {}
    for number, (sender, place) in enumerate(items):
        key = sender.key or f"nobody {number}"
        people.setdefault(key, []).append((replace(sender, section=section), place))
    for group in people.values():
        yield HandIn(tuple(group))


def _folders(
    folders: list[Place], others: bool, section: str, known: frozenset[str]
) -> Iterator[HandIn]:
    """Yield the hand-ins of folders and archives that no platform has named.

    Args:
        folders: all such that lie side by side.
        others: whether hand-ins of people lie beside them.
        section: the part of the class that they lie in.
        known: the joined names of a roster's people.
    """
    classes = {place for place in folders if _is_class(place)}
    if len(folders) == 1 and not others and _is_wrapper(folders[0]):
        classes = set(folders)
    parts = {place for place in folders if _is_part(place, classes)}
    listed = {place for place in folders if joined(person_in(place.name)) in known}
    # A person may call an archive what they like: beside others, that says nothing.
    mixed = others or bool(listed) or classes | parts != set(folders)
    for place in folders:
        name = person_in(place.name)
        is_class = place in parts or (place in classes and _all_known(place, known))
        if not mixed:
            is_class = True
        elif place in listed or isinstance(place, Archive):
            is_class = False
        if is_class:
            is_heading = _is_heading(place) and not _is_section(place)
            is_named = _is_section(place) or (len(folders) > 1 and not is_heading)
            part = shown(_stem(place)) if is_named else section
            yield from _level(place, part, known)
            continue
        if not name and _is_heading(place):  # an archive that names nobody
            yield HandIn(((Sender("", ""), place),), _beside(place))
            continue
        name = name or shown(_stem(place))
        sender = Sender(name, f"name {name}", label=_stem(place), section=section)
        yield _own(sender, place, place in classes)


def _beside(place: Place) -> str:
    if not students_in(place):
        return "its name names no student: use STUDENT.zip."
    return (
        "it lies beside the work of others, and holds that of several people: grade it "
        "by itself."
    )


def _is_wrapper(place: Place) -> bool:
    """Return whether what lies alone at its level is around a class."""
    people = students_in(place)
    return len(people) >= (MANY if isinstance(place, Archive) else 2)


def _is_part(place: Place, classes: set[Place]) -> bool:
    """Return whether a folder's name says that it is a part of a class.

    It speaks of an exercise, of handing in, or of a section that holds people. An
    exercise that one person alone handed in is known by those beside it.
    """
    if not person_in(place.name):
        return place in classes or _is_heading(place)
    if _is_section(place):
        return place in classes or _holds_only_people(place)
    if not _is_numbered(place):
        return False
    beside = any(map(_is_numbered, classes - {place}))
    return place in classes or (beside and _holds_only_people(place))


def _is_numbered(place: Place) -> bool:
    name = place.name
    return bool(NAMED_EXERCISE.search(name) or NUMBERED.search(name))


def _own(sender: Sender, place: Place, is_class: bool) -> HandIn:
    """Return what one person handed in; refused if it must be a whole class's."""
    people = students_in(place, inner=True)
    if len(people) < 2 or not (is_class or _is_class(place, inner=True)):
        return HandIn(((sender, place),))
    some = ", ".join(sorted(people)[:3])
    if len(people) < MANY:
        note = f"it names {some}: all of it is graded as the work of {sender.name}."
        return HandIn(((sender, place),), note=note)
    problem = (
        f"it holds work of {len(people)} people ({some}, ...) for one exercise, so it "
        "looks like a class: grade this folder by itself, or say with --roster who is "
        "who."
    )
    return HandIn(((sender, place),), problem, is_merged=True)


def _stem(place: Place) -> str:
    return re.sub(r"\.zip$", "", place.name, flags=re.IGNORECASE)


def _is_section(place: Place) -> bool:
    return SECTION.fullmatch(_stem(place)) is not None


def _is_heading(place: Place) -> bool:
    """Return whether a folder's name speaks of an exercise or of handing in.

    A name such as `a` or `12` may be a person's, where nothing is written out.
    """
    words = re.split(r"[\W_]+", _stem(place))
    return _is_numbered(place) or any(len(word) > 2 for word in words)


def _holds_only_people(place: Place) -> bool:
    """Return whether a folder holds folders of people and no notebook of its own."""
    with suppress(CourseError):
        is_loose = any(map(is_notebook, place.children))
        is_known = bool(_by_platform(place.children))
        return is_known or (not is_loose and bool(students_in(place, inner=True)))
    return False


def students_in(place: Place, inner: bool = False) -> set[str]:
    """Return the people that the folders and files in a folder name.

    Args:
        place: a folder or an archive.
        inner: whether archives in it are looked into as well.
    """
    people: set[str] = set()
    waiting, seen = [place], 0
    while waiting and seen < LOOKED_AT:
        try:
            places = waiting.pop().children
        except CourseError:
            continue
        seen += 1
        named = _by_platform(places)
        people |= {sender.name for senders in named.values() for sender in senders}
        for child in places:
            if child in named or not (child.is_container or is_notebook(child)):
                continue
            name = person_in(child.name)
            if name:
                people.add(name)
            elif child.is_container and (inner or not isinstance(child, Archive)):
                waiting.append(child)
    if len(people) == 1:  # a folder around a class has a name, too
        for child in place.children:
            is_open = inner or not isinstance(child, Archive)
            if child.is_container and is_open and person_in(child.name) in people:
                people = max(people, students_in(child, inner), key=len)
    return people


def _all_known(place: Place, known: frozenset[str]) -> bool:
    return bool(known) and all(joined(name) in known for name in students_in(place))


def _is_class(place: Place, inner: bool = False) -> bool:
    """Return whether several people in a folder handed in the same exercise."""
    with suppress(CourseError):
        if isinstance(place, Archive) and any(map(_is_submitted, place.children)):
            return True
        if any(layout(place.children) for layout in PLATFORMS[:-1]):
            return True
    people = students_in(place, inner)
    if len(people) < 2:
        return False
    done: set[tuple[str, str]] = set()
    with suppress(CourseError):  # so many files: what has been seen decides
        for file in files_in(place, LOOKED_AT):
            inside = file.path.relative_to(place.path).parts if file != place else ()
            owner = next((o for part in inside if (o := _owner(part, people))), "")
            exercise = _exercise(file) if owner else ""
            if exercise and any(e == exercise and o != owner for e, o in done):
                return True
            done.add((exercise, owner))
    return False


def _owner(part: str, people: set[str]) -> str:
    """Return whom of the people a part of a path names, or ""."""
    name = person_in(part)
    if name in people:
        return name
    starts = (name for name in people if part.startswith(name))
    return next(starts, "")
