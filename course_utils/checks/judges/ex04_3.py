"""Judge of 4.3, the checkpoint to resume from."""

import re

from course_utils.checks.judges.known import Judge
from course_utils.checks.probes.ex04_3 import FILES, MARK, QUESTION


def step_of(name):
    """Return the step in a checkpoint's name, or -1 if it is none."""
    start, _, step = name.partition("-")
    return int(step) if start == "checkpoint" and step.isdigit() else -1


def highest(names):
    return max(names, key=step_of)


def right(folders, needs=(MARK, FILES[1]), newest=highest):
    usable = [
        name
        for name, files in folders.items()
        if step_of(name) >= 0 and set(needs) <= set(files)
    ]
    return newest(usable) if usable else None


def any_name(name):
    """Return the number at the end of a name, or -1 if there is none."""
    found = re.search(r"checkpoint-(\d+)", name)
    return int(found[1]) if found else -1


judge = Judge(
    QUESTION,
    right,
    "Return the name checkpoint-STEP with the highest step among those that have "
    "complete.txt and optimizer.pt, or None.",
)


@judge.mistake(
    'A number of three digits is taken for more than one of four: as text, "900" comes '
    'after "1000", so compare the numbers, however many digits they have.'
)
def as_text(folders):
    return right(folders, newest=max)


@judge.mistake(
    "A checkpoint without complete.txt was killed while it was saved: its files may be "
    "cut short."
)
def cut_short(folders):
    return right(folders, needs=(FILES[1],))


@judge.mistake(
    "A checkpoint without optimizer.pt has weights only: the run would go on with a "
    "new optimizer, and nobody would notice."
)
def without_the_optimizer(folders):
    return right(folders, needs=(MARK,))


@judge.mistake(
    "The newest checkpoint need not be whole: it needs complete.txt and optimizer.pt."
)
def newest_of_all(folders):
    return right(folders, needs=())


@judge.mistake(
    "The last in the list is taken, but folders come in any order: take the highest "
    "step."
)
def last_of_the_list(folders):
    return right(folders, newest=lambda usable: usable[-1])


@judge.mistake("This is the oldest: take the highest step.")
def oldest(folders):
    return right(folders, newest=lambda usable: min(usable, key=step_of))


@judge.mistake("If the newest one is not whole, go back to the one before it.")
def newest_or_none(folders):
    newest = sorted(folders, key=step_of)[-1:]
    return right({name: folders[name] for name in newest})


@judge.mistake("Return the folder's name, not its step.")
def the_step(folders):
    name = right(folders)
    return name and step_of(name)


@judge.mistake("With nothing to resume from, return None.")
def empty_text(folders):
    return right(folders) or ""


def chosen(folders, usable, step=step_of):
    """Choose the highest step among the folders whose files are usable."""
    names = [n for n, files in folders.items() if step(n) >= 0 and usable(files)]
    return max(names, key=step) if names else None


def has_both(files):
    return {MARK, FILES[1]} <= set(files)


@judge.mistake("One of the two files is not enough: complete.txt and optimizer.pt.")
def either_file(folders):
    return chosen(folders, lambda files: MARK in files or FILES[1] in files)


@judge.mistake(
    "incomplete.txt and optimizer.pt.tmp are other files: compare whole names."
)
def parts_of_names(folders):
    return chosen(
        folders,
        lambda files: all(any(word in f for f in files) for word in (MARK, FILES[1])),
    )


@judge.mistake("incomplete.txt is another file: compare whole names.")
def part_of_the_mark(folders):
    return chosen(
        folders,
        lambda files: any(MARK in file for file in files) and FILES[1] in files,
    )


@judge.mistake("optimizer.pt.tmp is another file: compare whole names.")
def part_of_the_optimizer(folders):
    return chosen(
        folders,
        lambda files: (
            MARK in files and any(file.startswith(FILES[1]) for file in files)
        ),
    )


@judge.mistake(
    "A checkpoint's whole name is checkpoint- and a number: old-checkpoint-900 and "
    "checkpoint-900-copy are other folders."
)
def number_anywhere(folders):
    return chosen(folders, has_both, any_name)


@judge.mistake(
    "A name such as checkpoint-900-copy is no checkpoint's: nothing follows the number."
)
def more_behind_the_number(folders):
    return chosen(
        folders, has_both, lambda n: any_name(n) if n.startswith("checkpoint") else -1
    )


@judge.mistake(
    "A name such as old-checkpoint-900 is no checkpoint's: nothing comes before it."
)
def more_before_the_name(folders):
    return chosen(folders, has_both, lambda n: any_name(n) if n[-1:].isdigit() else -1)


@judge.mistake("The first in the list is taken: take the highest step.")
def first_of_the_list(folders):
    return right(folders, newest=lambda usable: usable[0])


@judge.mistake("Return the name alone, not the folder it is in.")
def with_a_path(folders):
    return right(folders) and f"runs/{right(folders)}"


@judge.mistake("Return one name, not all that can be resumed.")
def all_usable(folders):
    return sorted(
        [n for n, files in folders.items() if step_of(n) >= 0 and has_both(files)],
        key=step_of,
    )


@judge.sees("")
def unfit(got, expected, cases):
    """Say what is wrong with the folder that is returned."""
    chosen_ones = [
        (g, e, c["folders"]) for g, e, c in zip(got, expected, cases, strict=True)
    ]
    off = [each for each in chosen_ones if each[0] != each[1]]
    if any(name not in folders for name, _, folders in off if name is not None):
        return ""
    said = []
    if any(name is None for name, _, _ in off):
        said.append(
            "None is returned though one can be resumed: other files may be there as "
            "well."
        )
    named = [each for each in off if each[0] is not None]
    if any(step_of(name) < 0 for name, _, _ in named):
        said.append("A folder is returned that is no checkpoint by its name.")
    elif any(not has_both(folders[name]) for name, _, folders in named):
        said.append("A checkpoint is returned that lacks one of the two files.")
    elif named:
        said.append(
            "A checkpoint is returned that can be resumed, and one with a higher step "
            "can be, too."
        )
    return " ".join(said)
