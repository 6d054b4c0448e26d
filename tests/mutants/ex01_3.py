"""Right and wrong answers to Exercise 1.3, as students write them."""

import re

STAMP = re.compile(r"\[\d{2}\.\d{2}\.\d{2}, \d{2}:\d{2}\] ")


def export_by_split(export):
    text = export.replace("\r", "").rstrip("\n")
    pieces = re.split(rf"^{STAMP.pattern}", text, flags=re.MULTILINE)[1:]
    messages = []
    for piece in pieces:
        first, *more = piece.removesuffix("\n").split("\n")
        if ": " in first:
            name, said = first.split(": ", 1)
            messages.append([name, "\n".join([said, *more])])
    return messages


def export_by_lines(export):
    messages = []
    for line in export.splitlines():
        match = re.match(STAMP.pattern + "([^:]+): (.*)", line)
        if match:
            messages.append((match[1], [match[2]]))
        elif not STAMP.match(line) and messages:
            messages[-1][1].append(line)
    return [(name, "\n".join(lines)) for name, lines in messages]


def _loop(lines, is_start=STAMP.match, glue="\n", colon=": ", skip=False):
    messages = []
    for line in lines:
        if skip and not line:
            continue
        if is_start(line):
            name, found, said = line.partition("] ")[2].partition(colon)
            if found:
                messages.append([name, said.lstrip(" ")])
        elif messages and glue is not None:
            messages[-1][1] += glue + line
    return messages


def export_first_lines(export):
    return _loop(export.splitlines(), glue=None)


def export_joined_by_space(export):
    return _loop(export.splitlines(), glue=" ")


def export_run_together(export):
    return _loop(export.splitlines(), glue="")


def export_skips_empty(export):
    return _loop(export.splitlines(), skip=True)


def export_keeps_last_end(export):
    return _loop(export.replace("\r\n", "\n").split("\n"))


def export_carriage_returns(export):
    return _loop(export.split("\n"))


def export_carriage_returns_inside(export):
    return [(name, said.strip()) for name, said in _loop(export.split("\n"))]


def export_any_bracket(export):
    return _loop(export.splitlines(), is_start=lambda line: line.startswith("["))


def export_second_colon(export):
    messages = []
    for line in export.splitlines():
        if STAMP.match(line):
            parts = line.split("] ")[1].split(": ")
            if len(parts) > 1:
                messages.append([parts[0], parts[1]])
        elif messages:
            messages[-1][1] += "\n" + line
    return messages


def export_last_colon(export):
    messages = []
    for line in export.splitlines():
        match = re.match(STAMP.pattern + "(.*): (.*)", line)
        if match:
            messages.append(list(match.groups()))
        elif not STAMP.match(line) and messages:
            messages[-1][1] += "\n" + line
    return messages


def export_bare_colon(export):
    return _loop(export.splitlines(), colon=":")


def export_short_names(export):
    messages = []
    for line in export.splitlines():
        match = re.match(STAMP.pattern + r"(\w+): (.*)", line)
        if match:
            messages.append(list(match.groups()))
        elif not STAMP.match(line) and messages:
            messages[-1][1] += "\n" + line
    return messages


def export_with_notices(export):
    messages = []
    for line in export.splitlines():
        if STAMP.match(line):
            name, colon, said = STAMP.sub("", line, count=1).partition(": ")
            messages.append([name, said] if colon else ["", name])
        else:
            messages[-1][1] += "\n" + line
    return messages


def export_unpacks(export):
    messages = []
    for line in export.splitlines():
        if STAMP.match(line):
            name, said = STAMP.sub("", line).split(": ", 1)
            messages.append([name, said])
    return messages


def export_first_line_fails(export):
    messages = []
    for line in export.splitlines():
        match = re.match(STAMP.pattern + "([^:]+): (.*)", line)
        if match:
            messages.append(list(match.groups()))
        else:
            messages[-1][1] += "\n" + line
    return messages


def export_as_dict(export):
    return dict(export_by_lines(export))


RIGHT = [export_by_split, export_by_lines]
WRONG = [
    (export_first_lines, "Lines without a time stamp are lost"),
    (export_joined_by_space, "Keep the line breaks"),
    (export_run_together, "run into each other"),
    (export_skips_empty, "An empty line inside"),
    (export_keeps_last_end, "ends in a line break"),
    (export_carriage_returns, "Texts hold \\r"),
    (export_carriage_returns_inside, "Texts hold \\r"),
    (export_any_bracket, "starts with a bracket"),
    (export_second_colon, "after a second colon is lost"),
    (export_last_colon, "not at the last"),
    (export_bare_colon, "no end of a name"),
    (export_short_names, "A name may have spaces"),
    (export_with_notices, "are not messages"),
    (export_unpacks, "need not have a name"),
    (export_first_line_fails, "may follow a notice"),
    (export_as_dict, "Return a list of pairs"),
]
