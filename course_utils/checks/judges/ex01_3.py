"""Judge of 1.3, a messenger's export."""

import re
from collections.abc import Callable
from itertools import product
from typing import Any

from course_utils.checks.contract import Inputs, Verdict
from course_utils.checks.judges.compare import Case, judge_cases

STAMP = r"\[\d\d\.\d\d\.\d\d, \d\d:\d\d\] "
SPACES = (
    "Spaces around a text, or around one of its lines, are lost: the text is what "
    "stands there, whatever it holds."
)
BARE_COLON = (
    "A time such as 18:30 is no end of a name: cut at `: `, a colon and a space."
)


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
        go_on_after_notice: bool = False,
    ) -> list[list[str]]:
        export = case["export"].replace("\r\n", "\n")
        messages: list[list[str]] = []
        for line in (export.rstrip("\n") if stripped else export).split("\n"):
            stamp = re.match(start, line)
            message = re.match(start + name + text, line)
            if message:
                messages.append(list(message.groups()))
            elif messages and (go_on_after_notice or not stamp):
                messages[-1][1] = go_on(messages[-1][1], line)
            elif notices:
                messages.append(["", line[stamp.end() :] if stamp else line])
        return messages

    def joined(case: Case) -> list[list[str]]:
        messages: list[list[str]] = []
        for name, text in parsed(case):
            if messages and messages[-1][0] == name:
                messages[-1][1] += "\n" + text
            else:
                messages.append([name, text])
        return messages

    def each_line(
        messages: list[list[str]],
        first: Callable[[str], str],
        more: Callable[[str], str] = str,
    ) -> list[list[str]]:
        split = [(name, text.split("\n")) for name, text in messages]
        return [
            [name, "\n".join([first(lines[0]), *map(more, lines[1:])])]
            for name, lines in split
        ]

    def each_text(messages: list[list[str]]) -> list[list[str]]:
        return [[name, text.strip()] for name, text in messages]

    def any_bracket(case: Case) -> list[list[str]]:
        messages: list[list[str]] = []
        for line in case["export"].splitlines():
            name, colon, text = line.partition("] ")[2].partition(": ")
            if not line.startswith("["):
                messages[-1][1] += "\n" + line
            elif colon:
                messages.append([name, text])
        return messages

    mistakes = [
        (
            lambda case: parsed(case)[:-1],
            "The last message is lost: a message is complete when the next begins, or "
            "when the file ends.",
        ),
        (
            lambda case: parsed(case)[1:],
            "The first message is lost.",
        ),
        (
            lambda case: parsed(case, go_on_after_notice=True),
            "A notice is taken for a line of the message above it: it has a time stamp "
            "and no `: `, so leave it out.",
        ),
        (
            lambda case: [pair[::-1] for pair in parsed(case)],
            "The pairs stand the other way round: (name, text).",
        ),
        (lambda case: each_text(parsed(case)), SPACES),
        *(
            (lambda case, ends=ends: each_line(parsed(case), *ends), SPACES)
            for ends in product((str, str.strip, str.lstrip, str.rstrip), repeat=2)
            if ends != (str, str)
        ),
        (
            lambda case: [text for _, text in parsed(case)],
            "These are the texts alone: return pairs (name, text).",
        ),
        (
            joined,
            "Messages of the same person in a row are joined: each time stamp starts a "
            "message.",
        ),
        (
            lambda case: parsed(case, start=r"\[[\d.]+, [\d:]+\] "),
            "A stamp has exactly two digits in each place: other figures in brackets "
            "are text.",
        ),
        (
            lambda case: parsed(case, start=STAMP.removesuffix(" ") + " ?"),
            "A stamp ends in a bracket and a space: without the space it is text.",
        ),
        (
            lambda case: parsed(case, start=STAMP.removesuffix(" ") + r"\s*"),
            "A stamp ends in a bracket and a space: without the space it is text.",
        ),
        (
            lambda case: parsed(case, start="(?:.*?)" + STAMP),
            "A time stamp starts a message only at the beginning of a line: use "
            "re.match, not re.search.",
        ),
        (
            lambda case: parsed(case, start=f"(?={STAMP})"),
            "The time stamp is still there: the name begins after it.",
        ),
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
            any_bracket,
            "A line that starts with a bracket need not start with a time stamp: ask "
            "for the digits.",
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
        (lambda case: parsed(case, name=r"(.*?): ?"), BARE_COLON),
        (lambda case: parsed(case, name=r"(.*?):"), BARE_COLON),
        (lambda case: each_text(parsed(case, name=r"(.*?):")), BARE_COLON),
        (lambda case: each_line(parsed(case, name=r"(.*?):"), str.strip), BARE_COLON),
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

    def of_the_starts(got: Any, expected: Any, cases: list[Case]) -> str:
        if "\\r" in str(got):
            return "Texts hold \\r: turn the line ends \\r\\n into \\n first."
        if any(len(pair) != 2 for messages in got for pair in messages):
            return "A message has two parts: return pairs, (name, text)."
        spare = [len(g) - len(e) for g, e in zip(got, expected, strict=True)]
        said = ""
        if max(spare) > 0:
            said = (
                "There are more messages than begin: a line is taken for a start that "
                "is none. A start has two digits in each place, a bracket and a space, "
                "at the beginning of the line itself, and a `: ` after it."
            )
        elif min(spare) < 0:
            said = (
                "There are fewer messages than begin: starts are passed over, or whole "
                "messages are lost."
            )
        return f"{said} {of_the_spaces(got, expected)}".strip()

    def of_the_spaces(got: Any, expected: Any) -> str:
        texts = [{line for _, text in e for line in text.split("\n")} for e in expected]
        return next(
            (
                SPACES
                for messages, lines in zip(got, texts, strict=True)
                for _, text in messages
                for line in text.split("\n")
                if line not in lines and line in {other.strip() for other in lines}
            ),
            "",
        )

    def of_the_parts(got: Any, expected: Any, cases: list[Case]) -> str:
        pairs = [
            pair
            for g, e in zip(got, expected, strict=True)
            for pair in zip(g, e, strict=True)
        ]
        names = [g[0] == e[0] for g, e in pairs]
        texts = [(g[1], e[1]) for g, e in pairs if g[1] != e[1]]
        if not all(names):
            return (
                "There are as many messages as there should be, and names are not "
                "right: a name begins after the stamp's space and ends at the first "
                "`: `."
            )
        if all(g.strip("\n") == e for g, e in texts):
            return "Texts begin or end in a line break that is not in the export."
        if all(set(g.split("\n")) <= set(e.split("\n")) for g, e in texts):
            return (
                "The names are right, and whole lines of texts are lost. Each line "
                "without a stamp belongs to the message above it: empty ones and those "
                "after them, too."
            )
        if all(g in e for g, e in texts):
            return "The names are right. Of texts, the beginning or the end is lost."
        return (
            "The names are right, and texts are not: a text is all after the first "
            "`: `, with the lines below it, joined by \\n."
        )

    looks = [(of_the_starts, ""), (of_the_parts, "")]
    return judge_cases(data, inputs["cases"], parsed, mistakes, otherwise, looks)
