"""Judge of 4.3, the checkpoint to resume from."""

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


judge = Judge(
    QUESTION,
    right,
    "Return the name checkpoint-STEP with the highest step among those that have "
    "complete.txt and optimizer.pt, or None.",
)


@judge.mistake(
    'The names are compared as text, where "900" comes after "1000": compare the '
    "numbers."
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
