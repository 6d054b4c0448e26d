"""Judge of 4.3, the checkpoint to resume from."""

from collections.abc import Callable
from typing import Any

from course_utils.checks.contract import Inputs, Verdict
from course_utils.checks.judges.compare import Case, judge_cases
from course_utils.checks.probes.ex04_3 import FILES, MARK

Folders = dict[str, list[str]]


def judge(data: Any, inputs: Inputs) -> Verdict:
    """The name of the newest checkpoint that can be resumed, or None."""

    def right(
        case: Case,
        needs: tuple[str, ...] = (MARK, FILES[1]),
        newest: Callable[[list[str]], str] = lambda names: max(names, key=_step),
        names: Callable[[Folders], list[str]] = list,
        otherwise: str | None = None,
    ) -> str | None:
        folders = case["folders"]
        usable = [
            name
            for name in names(folders)
            if _step(name) >= 0 and set(needs) <= set(folders[name])
        ]
        return newest(usable) if usable else otherwise

    def newest_only(folders: Folders) -> list[str]:
        return sorted(folders, key=_step)[-1:]

    mistakes = [
        (
            lambda case: right(case, newest=max),
            'The names are compared as text, where "900" comes after "1000": compare '
            "the numbers.",
        ),
        (
            lambda case: right(case, needs=(FILES[1],)),
            "A checkpoint without complete.txt was killed while it was saved: its "
            "files may be cut short.",
        ),
        (
            lambda case: right(case, needs=(MARK,)),
            "A checkpoint without optimizer.pt has weights only: the run would go on "
            "with a new optimizer, and nobody would notice.",
        ),
        (
            lambda case: right(case, needs=()),
            "The newest checkpoint need not be whole: it needs complete.txt and "
            "optimizer.pt.",
        ),
        (
            lambda case: right(case, newest=lambda usable: usable[-1]),
            "The last in the list is taken, but folders come in any order: take the "
            "highest step.",
        ),
        (
            lambda case: right(case, newest=lambda usable: min(usable, key=_step)),
            "This is the oldest: take the highest step.",
        ),
        (
            lambda case: right(case, names=newest_only),
            "If the newest one is not whole, go back to the one before it.",
        ),
        (
            lambda case: (name := right(case)) and _step(name),
            "Return the folder's name, not its step.",
        ),
        (
            lambda case: right(case, otherwise=""),
            "With nothing to resume from, return None.",
        ),
    ]
    otherwise = (
        "Return the name checkpoint-STEP with the highest step among those that have "
        "complete.txt and optimizer.pt, or None."
    )
    return judge_cases(data, inputs["cases"], right, mistakes, otherwise)


def _step(name: str) -> int:
    """Return the step in a checkpoint's name, or -1 if it is none."""
    start, _, step = name.partition("-")
    return int(step) if start == "checkpoint" and step.isdigit() else -1
