"""Right and wrong answers to Exercise 1.3, as students write them."""

import itertools
import re
from collections import deque, namedtuple

import numpy as np
import pandas as pd

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
                one_more = colon == ":" and said.startswith(" ")
                messages.append([name, said[one_more:]])
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


Message = namedtuple("Message", "name text")


def export_by_generator(export):
    current = None
    for line in export.replace("\r\n", "\n")[:-1].split("\n"):
        if STAMP.match(line):
            name, colon, text = line[18:].partition(": ")
            if colon:
                if current:
                    yield Message(current[0], "\n".join(current[1:]))
                current = [name, text]
        elif current:
            current.append(line)
    if current:
        yield Message(current[0], "\n".join(current[1:]))


def export_by_slices(export):
    lines = export.splitlines()
    starts = [i for i, line in enumerate(lines) if STAMP.match(line)] + [len(lines)]
    messages = deque()
    for start, end in itertools.pairwise(starts):
        first = lines[start][len("[03.05.24, 18:01] ") :]
        at = first.find(": ")
        if at >= 0:
            text = "\n".join([first[at + 2 :], *lines[start + 1 : end]])
            messages.append((np.str_(first[:at]), np.str_(text)))
    return messages


def export_by_one_pattern(export):
    text = re.sub(r"\r\n", "\n", export).removesuffix("\n")
    start = r"\[\d\d\.\d\d\.\d\d, \d\d:\d\d\] "
    pattern = rf"^{start}(.*?): (.*(?:\n(?!{start}).*)*)"
    return re.findall(pattern, text, flags=re.MULTILINE)


def export_pandas(export):
    lines = pd.Series(export.splitlines())
    at = lines.str.match(STAMP.pattern)
    table = pd.DataFrame({"line": lines.where(~at, lines.str[18:]), "n": at.cumsum()})
    messages = table.groupby("n")["line"].agg("\n".join)
    firsts = table.groupby("n")["line"].first()
    kept = messages[firsts.str.contains(": ", regex=False)]
    return [text.split(": ", 1) for text in kept]


def export_last_lost(export):
    messages, current = [], None
    for line in export.splitlines():
        match = re.match(STAMP.pattern + "([^:]+): (.*)", line)
        if match:
            if current:
                messages.append(current)
            current = list(match.groups())
        elif current and not STAMP.match(line):
            current[1] += "\n" + line
    return messages


def export_notice_goes_on(export):
    messages = []
    for line in export.splitlines():
        match = re.match(STAMP.pattern + "([^:]+): (.*)", line)
        if match:
            messages.append(list(match.groups()))
        elif messages:
            messages[-1][1] += "\n" + line
    return messages


def export_stripped(export):
    return _loop([line.strip() for line in export.splitlines()])


def export_any_digits(export):
    messages = []
    for line in export.splitlines():
        stamp = re.match(r"\[\d+\.\d+\.\d+, \d+:\d+\] ", line)
        if stamp and ": " in line[stamp.end() :]:
            messages.append(line[stamp.end() :].split(": ", 1))
        elif messages and not stamp:
            messages[-1][1] += "\n" + line
    return messages


def export_stamp_anywhere(export):
    messages = []
    for line in export.splitlines():
        stamp = STAMP.search(line)
        if stamp and ": " in line[stamp.end() :]:
            messages.append(line[stamp.end() :].split(": ", 1))
        elif messages and not stamp:
            messages[-1][1] += "\n" + line
    return messages


def export_text_first(export):
    return [(text, name) for name, text in export_by_lines(export)]


def export_with_stamps(export):
    messages = []
    for line in export.splitlines():
        if STAMP.match(line):
            name, colon, text = line.partition("] ")[2].partition(": ")
            if colon:
                messages.append([line[:18] + name, text])
        elif messages:
            messages[-1][1] += "\n" + line
    return messages


def export_texts(export):
    return [text for _, text in export_by_lines(export)]


def export_append_is_none(export):
    messages = []
    for line in export.splitlines():
        match = re.match(STAMP.pattern + "([^:]+): (.*)", line)
        if match:
            messages = messages.append(match.groups())
    return messages


def export_printed(export):
    for name, text in export_by_lines(export):
        print(name, text)


def export_in_tuples(export):
    messages = []
    for line in export.splitlines():
        match = re.match(STAMP.pattern + "([^:]+): (.*)", line)
        if match:
            messages.append(match.groups())
        elif not STAMP.match(line) and messages:
            messages[-1][1] += "\n" + line
    return messages


def export_colon_and_strip(export):
    messages = _loop(export.splitlines(), colon=":")
    return [(name.strip(), said.strip()) for name, said in messages]


def export_colon_and_blank(export):
    messages = []
    for line in export.splitlines():
        if not STAMP.match(line):
            messages[-1][1] += "\n" + line
        elif ":" in (rest := STAMP.sub("", line)):
            messages.append(rest.split(":", 1))
    return messages


def export_by_whole_lines(export):
    out = []
    for line in export.splitlines():
        if re.match("\\[\\d\\d\\.\\d\\d\\.\\d\\d, \\d\\d:\\d\\d\\] ", line):
            name, sep, text = line[18:].partition(": ")
            if sep:
                out.append((name, text))
        else:
            out[-1] = (out[-1][0], out[-1][1] + "\n" + line)
    return out


def export_stripped_at_the_end(export):
    out = []
    for line in export.replace("\r\n", "\n").rstrip().split("\n"):
        if re.match("\\[\\d\\d\\.\\d\\d\\.\\d\\d, \\d\\d:\\d\\d\\] ", line):
            name, sep, text = line[18:].partition(": ")
            if sep:
                out.append((name, text))
        else:
            out[-1] = (out[-1][0], out[-1][1] + "\n" + line)
    return out


def export_text_lstripped(export):
    out = []
    for line in export.replace("\r\n", "\n").removesuffix("\n").split("\n"):
        if re.match("\\[\\d\\d\\.\\d\\d\\.\\d\\d, \\d\\d:\\d\\d\\] ", line):
            name, sep, text = line[18:].partition(": ")
            if sep:
                out.append((name, text.lstrip()))
        else:
            out[-1] = (out[-1][0], out[-1][1] + "\n" + line)
    return out


def export_lines_stripped(export):
    out = []
    for line in export.replace("\r\n", "\n").removesuffix("\n").split("\n"):
        if re.match("\\[\\d\\d\\.\\d\\d\\.\\d\\d, \\d\\d:\\d\\d\\] ", line):
            name, sep, text = line[18:].partition(": ")
            if sep:
                out.append((name, text))
        else:
            out[-1] = (out[-1][0], out[-1][1] + "\n" + line.strip())
    return out


def export_any_date(export):
    out = []
    for line in export.replace("\r\n", "\n").removesuffix("\n").split("\n"):
        m = re.match("\\[\\S+ \\d\\d:\\d\\d\\] ", line)
        if m:
            name, sep, text = line[m.end() :].partition(": ")
            if sep:
                out.append((name, text))
        else:
            out[-1] = (out[-1][0], out[-1][1] + "\n" + line)
    return out


RIGHT = [
    export_by_split,
    export_by_lines,
    export_by_generator,
    export_by_slices,
    export_by_one_pattern,
    export_pandas,
    export_by_whole_lines,
    export_stripped_at_the_end,
]
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
    (export_last_lost, "The last message is lost"),
    (export_notice_goes_on, "A notice is taken for a line"),
    (export_stripped, "Spaces around a text"),
    (export_any_digits, "exactly two digits"),
    (export_stamp_anywhere, "re.match, not re.search"),
    (export_text_first, "the other way round"),
    (export_with_stamps, "time stamp is still there"),
    (export_texts, "the texts alone"),
    (export_append_is_none, "`append` changes"),
    (export_printed, "`print` shows"),
    (export_in_tuples, "A tuple cannot be changed"),
    (export_colon_and_strip, "no end of a name"),
    (export_colon_and_blank, "no end of a name"),
    (export_text_lstripped, "Spaces around a text"),
    (export_lines_stripped, "Spaces around a text"),
    (export_any_date, "more messages than begin"),
]
