"""The hand-written chats: a test set that does not come from the generator.

`docs/cards/handwritten-chats.md` says how they were written and what a result on them
does not show.
"""

import json
from typing import TYPE_CHECKING

from course_utils.machine.files import read_text
from course_utils.machine.places import ASSETS

if TYPE_CHECKING:
    from datasets import Dataset

PATH = ASSETS / "handwritten_chats.jsonl"


def handwritten_chats() -> "Dataset":
    """Load the 200 hand-written chats, for testing only.

    Returns:
        A dataset with the columns id, dialogue (`Name: text` lines), summary,
        references (acceptable wordings, the summary first), names (people whom every
        reference names) and topic.

    Raises:
        CourseError: the file is missing from the installation.

    Example:
        >>> handwritten_chats().num_rows
        200
    """
    from datasets import Dataset

    return Dataset.from_list(
        [json.loads(line) for line in read_text(PATH).splitlines()]
    )
