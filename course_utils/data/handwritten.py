"""Chats from elsewhere, written one at a time by the language model of this course.

No generator had a part in them. The 200 are for a last test, the development chats for
everything before it. `docs/cards/handwritten-chats.md` and `development-chats.md` say
how they were written and what a result on them does not show.
"""

import json
from pathlib import Path
from typing import TYPE_CHECKING

from course_utils.machine.files import read_text
from course_utils.machine.places import ASSETS

if TYPE_CHECKING:
    from datasets import Dataset

PATH = ASSETS / "handwritten_chats.jsonl"
DEVELOPMENT = ASSETS / "development_chats.jsonl"


def handwritten_chats() -> "Dataset":
    """Load the 200 chats from elsewhere, for testing only.

    Returns:
        A dataset with the columns id, dialogue (a line for each message), summary,
        references (acceptable wordings, the summary first), names (people whom every
        reference names) and topic.

    Raises:
        CourseError: the file is missing from the installation.

    Example:
        >>> handwritten_chats().num_rows
        200
    """
    return _read(PATH)


def development_chats() -> "Dataset":
    """Load the 300 chats from elsewhere on which decisions are made.

    Returns:
        A dataset with the columns of `handwritten_chats`.

    Raises:
        CourseError: the file is missing from the installation.

    Example:
        >>> development_chats().num_rows
        300
    """
    return _read(DEVELOPMENT)


def _read(path: Path) -> "Dataset":
    from datasets import Dataset

    return Dataset.from_list(
        [json.loads(line) for line in read_text(path).splitlines()]
    )
