"""Judge of 2.1, addresses and links."""

import re
from collections.abc import Callable
from itertools import product
from typing import Any

from course_utils.checks.contract import Inputs, Verdict
from course_utils.checks.judges.compare import Case, judge_cases

NAME, SITE = r"[\w.+-]+", r"[\w-]+(?:\.[\w-]+)+"
LOOSE = r"(?:https?://|www\.)"
START = rf"(?<!\w){LOOSE}(?=\w)"
END = r"""[^\s.,!?;:)"]"""

BEFORE = "The name before the @ may have . _ + and -: a piece of it is left."
STOPS = (
    "The full stop after an address belongs to the sentence, and so do other marks: "
    "after the @ come two or more parts of letters, digits and -, joined by points."
)
PARTS = "After the @ there are two or more parts, with - in them too: a piece is left."
LAST = "The last part of an address, too, may hold digits, or be a single letter."
MARKS = (
    "The punctuation after a link is gone, and with it the end of a sentence: a link "
    "does not end in one of . , ! ? ; : ) and quotes."
)
AWWW = "`Awww.` is no link: none has a letter or a digit before its start."
FOLLOWS = "`www...` is no link: a letter or a digit follows the start."
REST = "A link goes on to the next white space: what follows a mark in it is left."

EMAILS = {
    rf"{NAME}@{SITE}": "",
    rf"\w+@{SITE}": BEFORE,
    rf"[\w.]+@{SITE}": BEFORE,
    rf"[\w.-]+@{SITE}": "A name may have a + in it: a piece of the address is left.",
    rf"[\w.+]+@{SITE}": "A name may have a - in it: a piece of the address is left.",
    rf"[a-zA-Z0-9.+-]+@{SITE}": "A name may have a _ in it: a piece of it is left.",
    r"[a-z0-9._+-]+@[a-z0-9-]+(?:\.[a-z0-9-]+)+": (
        "Addresses may have capital letters: search without regard to case."
    ),
    rf"{NAME}@[\w.-]+": STOPS,
    rf"{NAME}@\S+": STOPS,
    r"\S+@\S+": STOPS,
    r"\w+@\S+": f"{BEFORE} {STOPS}",
    r"\w+@\w+\.\w+": f"{BEFORE} {PARTS}",
    rf"{NAME}@\w+\.\w+": PARTS,
    rf"{NAME}@[\w-]+\.[\w-]+": PARTS,
    rf"{NAME}@\w+(?:\.\w+)+": PARTS,
    rf"{NAME}@[\w-]+(?:\.[\w-]+)*": (
        "A site has two or more parts: root@somewhere is no address."
    ),
    r"[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,}": LAST,
    r"\b[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,}\b": LAST,
    rf"{NAME}@[\w.-]+\.[A-Za-z]{{2,}}": LAST,
    rf"{NAME}@[\w.-]+\.\w{{2,}}": LAST,
    r"(?!)": "The addresses are still there: replace each by <email>.",
}
LINKS = {
    rf"{START}\S*{END}": "",
    rf"{START}\S+": MARKS,
    rf"{LOOSE}\S*{END}": f"{AWWW} {FOLLOWS}",
    rf"{LOOSE}(?=\w)\S*{END}": AWWW,
    rf"(?<!\w){LOOSE}\S*{END}": FOLLOWS,
    rf"{LOOSE}\S+": f"{MARKS} {AWWW} {FOLLOWS}",
    rf"(?<!\w){LOOSE}\S+": f"{MARKS} {FOLLOWS}",
    rf"{LOOSE}(?=\w)\S+": f"{MARKS} {AWWW}",
    rf"(?<!\w)https?://(?=\w)\S*{END}": "A link may start with www. as well.",
    rf"(?<!\w)(?:https://|www\.)(?=\w)\S*{END}": "http:// starts a link, too.",
    rf"(?<!\w)(?:http://|www\.)(?=\w)\S*{END}": "https:// starts a link, too.",
    rf"{START}[\w./-]*[\w/-]": REST,
    rf"{START}[\w.-]+\w": REST,
    rf"{START}[\w./?=&-]*[\w/=-]": REST,
    rf"{START}\S*?(?=[.,!?;:)\"]?(?:\s|$))": (
        "Several marks may follow a link: all of them stay."
    ),
    rf"""{START}\S*[^\s.,!?;:)]""": "A quotation mark after a link stays, too.",
    rf"""{START}\S*[^\s.,!?;:"]""": "A bracket after a link stays, too.",
    rf"{START}\S*[^\s.,!?]": "The marks ; : ) and the quotation mark stay, too.",
    rf"{START}\S*[^\s.,]": "The marks ! ? ; : ) and the quotation mark stay, too.",
    r"(?!)": "The links are still there: replace each by <link>.",
}
CAPITALS = "Links in capitals stay: search without regard to case."


def judge(data: Any, inputs: Inputs) -> Verdict:
    """Text with placeholders, otherwise unchanged."""

    def right(
        case: Case,
        email: str = next(iter(EMAILS)),
        link: str = next(iter(LINKS)),
        flags: int = re.IGNORECASE,
        names: tuple[str, str] = ("<link>", "<email>"),
    ) -> str:
        text = re.sub(link, names[0], case["text"], flags=flags)
        return re.sub(email, names[1], text)

    def patterns(email: str, link: str, flags: int) -> Callable[[Case], str]:
        return lambda case: right(case, email, link, flags)

    mistakes: list[tuple[Callable[[Case], str], str]] = [
        (
            patterns(email, link, flags),
            " ".join(filter(None, [EMAILS[email], LINKS[link], said])),
        )
        for flags, said in ((re.IGNORECASE, ""), (0, CAPITALS))
        for email, link in product(EMAILS, LINKS)
    ][1:]
    mistakes += [
        (
            lambda case: right({"text": case["text"].lower()}),
            "The text is in lower case: to GPT-2 that is another text. Search without "
            "regard to case (re.IGNORECASE), and leave the text as it is.",
        ),
        (
            lambda case: " ".join(right(case).split()),
            "Spaces or line breaks have changed: replace addresses and links only.",
        ),
        (
            lambda case: right(case).strip(),
            "Spaces at the ends have changed: replace addresses and links only.",
        ),
        (
            lambda case: right(case, names=("", "")),
            "Addresses and links are deleted: put <email> and <link> in their places.",
        ),
        (
            lambda case: right(case, names=("<email>", "<link>")),
            "The two placeholders are exchanged.",
        ),
    ]
    otherwise = (
        "Replace each e-mail address by <email> and each link by <link>, and change "
        "nothing else. Most often a pattern takes too much (the marks at the end), or "
        "leaves a piece."
    )
    looks = [(_of_the_placeholders, "")]
    return judge_cases(data, inputs["cases"], right, mistakes, otherwise, looks)


def _one_mark(text: str) -> str:
    return text.replace("<email>", "<link>")


def _of_the_placeholders(got: Any, expected: Any, cases: list[Case]) -> str:
    """Say which placeholders are too few or too many, or how the text differs."""
    texts = list(zip(got, expected, strict=True))
    if not any("<email>" in g or "<link>" in g for g in got):
        return "Neither <email> nor <link> is in any text: write them so, in brackets."
    if all(_one_mark(g) == _one_mark(e) for g, e in texts):
        return (
            "A placeholder is the wrong one: <email> for addresses, <link> for links."
        )
    if all("".join(g.split()) == "".join(e.split()) for g, e in texts):
        return "All is right but the spaces around: leave them as they are."
    said = []
    for mark, what in (("<email>", "an address"), ("<link>", "a link")):
        spare = [g.count(mark) - e.count(mark) for g, e in texts]
        if min(spare) < 0:
            said.append(
                f"Somewhere {what} is not found, or gone with what stands before it."
            )
        if max(spare) > 0:
            said.append(f"Something is taken for {what} that is none.")
    if said:
        return " ".join(said)
    shorter = any(len(g) < len(e) for g, e in texts)
    longer = any(len(g) > len(e) for g, e in texts)
    if shorter != longer:
        return (
            "Each address and link is found, and "
            + ("more than it is gone with it." if shorter else "a piece of it is left.")
            + " Look at where the match begins and where it ends."
        )
    return "Each address and link is found, and the text around them is another."
