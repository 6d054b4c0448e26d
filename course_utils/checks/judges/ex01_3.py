"""Judge of 1.3, a messenger's export."""

import re
from collections.abc import Callable
from typing import Any

from course_utils.checks.contract import Inputs, Verdict
from course_utils.checks.judges.compare import Case, judge_cases

STAMP = r"\[\d\d\.\d\d\.\d\d, \d\d:\d\d\] "


def judge(data: Any, inputs: Inputs) -> Verdict:
    """Pairs of name and text, exact."""

    def parsed(
        case: Case,
        start: str = STAMP,
        name: str = r"(.*?): ",
        text: str = "(.*)",
        go_on: Callable[[str, str], str] = "{}\n{}".format,
        notices: bool = False,
        stripped: bool = True,
    ) -> list[list[str]]:
        export = case["export"].replace("\r\n", "\n")
        messages: list[list[str]] = []
        for line in (export.rstrip("\n") if stripped else export).split("\n"):
            stamp = re.match(start, line)
            message = re.match(start + name + text, line)
            if message:
                messages.append(list(message.groups()))
            elif not stamp and messages:
                messages[-1][1] = go_on(messages[-1][1], line)
            elif notices:
                messages.append(["", line[stamp.end() :] if stamp else line])
        return messages

    mistakes = [
        (
            lambda case: parsed(case, go_on=lambda text, line: text),
            "Lines without a time stamp are lost: each goes on with the message above "
            "it.",
        ),
        (
            lambda case: parsed(case, go_on="{} {}".format),
            "Keep the line breaks inside a message: they are the only sign of where "
            "a thought ends.",
        ),
        (
            lambda case: parsed(case, go_on="{}{}".format),
            "The lines of a message run into each other: put the line break back.",
        ),
        (
            lambda case: parsed(
                case, go_on=lambda text, line: f"{text}\n{line}" if line else text
            ),
            "An empty line inside a message belongs to it.",
        ),
        (
            lambda case: parsed(case, stripped=False),
            "The last message ends in a line break: that one ends the file's last "
            "line, and is no part of the text.",
        ),
        (
            lambda case: parsed(case, start=r"\[.*?\] ?"),
            "A line that starts with a bracket need not start with a time stamp: ask "
            "for the digits.",
        ),
        (
            lambda case: parsed(case, text="(.*?)(?:: .*)?$"),
            "The text after a second colon is lost: cut at the first `: ` only.",
        ),
        (
            lambda case: parsed(case, name="(.*): "),
            "Cut at the first `: `, not at the last: a message may have one too.",
        ),
        (
            lambda case: parsed(case, name=r"(.*?): ?"),
            "A time such as 18:30 is no end of a name: cut at `: `, a colon and a "
            "space.",
        ),
        (
            lambda case: parsed(case, name=r"(\w+): "),
            "A name may have spaces, brackets or be a telephone number: take all up "
            "to the first `: `.",
        ),
        (
            lambda case: parsed(case, notices=True),
            "Notices by the app, which have no name, are not messages: leave them out.",
        ),
    ]
    otherwise = (
        "Return a list of pairs (name, text), one a message. A message starts at a "
        "time stamp and goes on until the next one."
    )
    if "\\r" in str(data):
        otherwise = "Texts hold \\r: turn the line ends \\r\\n into \\n first."
    return judge_cases(data, inputs["cases"], parsed, mistakes, otherwise)
