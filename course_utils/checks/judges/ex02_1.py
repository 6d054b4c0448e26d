"""Judge of 2.1, addresses and links."""

import re
from typing import Any

from course_utils.checks.contract import Inputs, Verdict
from course_utils.checks.judges.compare import Case, judge_cases

EMAIL = r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"
LOOSE = r"(?:https?://|www\.)"
START = rf"(?<!\w){LOOSE}(?=\w)"
END = r"""[^\s.,!?;:)"]"""


def judge(data: Any, inputs: Inputs) -> Verdict:
    """Text with placeholders, otherwise unchanged."""

    def right(
        case: Case,
        email: str = EMAIL,
        link: str = rf"{START}\S*{END}",
        flags: int = re.IGNORECASE,
    ) -> str:
        text = re.sub(link, "<link>", case["text"], flags=flags)
        return re.sub(email, "<email>", text)

    marks = (
        "\\S+ takes the punctuation with it: neither an address nor a link ends in a "
        "mark."
    )
    awww = (
        "`Awww.` is no link: none has a letter before its `www.`, and a letter or "
        "digit follows it."
    )
    mistakes = [
        (
            lambda case: right(case, link=rf"{START}\S+"),
            "The punctuation after a link is gone, and with it the end of a sentence: "
            "a link does not end in one of . , ! ? ; : ) and quotes.",
        ),
        (lambda case: right(case, r"\S+@\S+", rf"{START}\S+"), marks),
        (
            lambda case: right({"text": case["text"].lower()}),
            "The text is in lower case: to GPT-2 that is another text. Search without "
            "regard to case (re.IGNORECASE), and leave the text as it is.",
        ),
        (
            lambda case: " ".join(right(case).split()),
            "Spaces or line breaks have changed: replace addresses and links only.",
        ),
        (lambda case: right(case, link=rf"{LOOSE}\S*{END}"), awww),
        (lambda case: right(case, link=rf"{LOOSE}(?=\w)\S*{END}"), awww),
        (lambda case: right(case, link=rf"{LOOSE}\S+"), f"{marks} {awww}"),
        (lambda case: right(case, r"\S+@\S+", rf"{LOOSE}\S+"), f"{marks} {awww}"),
        (
            lambda case: right(case, flags=0),
            "Links in capitals stay: search without regard to case.",
        ),
    ]
    otherwise = (
        "Replace each e-mail address by <email> and each link by <link>, and change "
        "nothing else."
    )
    return judge_cases(data, inputs["cases"], right, mistakes, otherwise)
