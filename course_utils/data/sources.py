"""Where text comes from: a pip package, your own file, a book, a web page.

Each source ends in records, a `datasets.Dataset` with a column text. Lessons load
data sets of the Hub with `load_dataset`; `hub_text` is for the command line.
"""

import json
import re
from hashlib import sha256
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from course_utils.data.cleaning import clean
from course_utils.machine.errors import CourseError
from course_utils.machine.files import (
    atomic_path,
    content_key,
    plain_line_ends,
    read_text,
    write_text,
)
from course_utils.machine.places import ASSETS, LIBRARY

if TYPE_CHECKING:
    from datasets import Dataset

# A longer example is cut: a file may be one line of many megabytes.
MAX_CHARACTERS = 100_000
TINYCHATS_ROWS = {"train": 6000, "validation": 300, "test": 300}

_BLANK_LINES = re.compile(r"\n(?:[^\S\n]*\n)+")
HEADING = re.compile(r"\s*(=+ .* =+|#{1,6} .*)\s*")
_CHAPTER = re.compile(
    r"(?:chapter|part|book|letter|act|prologue|epilogue)\b[^\n]{0,60}(?:\n[^\n]{1,60})?",
    re.IGNORECASE,
)
# Project Gutenberg puts its licence around a book.
_GUTENBERG = re.compile(r"^\*{3} ?(?:START|END) OF .*?\*{3}$", re.MULTILINE)

_NO_CONTENT = re.compile(
    "script|style|noscript|template|nav|header|footer|aside|form|button|svg|head"
)
_BLOCKS = re.compile(
    "address|article|blockquote|d[dlt]|div|figcaption|figure|h[1-6]|hr|li|main|ol|p|pre"
    "|section|table|tr|ul"
)


def chitchat() -> "Dataset":
    """Return the real two-person chats of the pip package chitchat-dataset.

    A chat is one row, a message one line: `A: text` or `B: text`, A being who wrote
    first. Messages are not joined: people end them without a full stop, and a line
    break is the only mark of where one ends. Nothing is cleaned but empty messages.

    Returns:
        A Dataset with columns id and text, in the package's order.

    Raises:
        CourseError: the package is not installed.

    Source: Myers et al. (2020), "Conversational Scaffolding";
    the pip package chitchat-dataset (MIT).
    """
    from datasets import Dataset

    try:
        path = files("chitchat_dataset") / "dataset.json"
        chats = json.loads(path.read_text(encoding="utf-8"))
    except (ModuleNotFoundError, FileNotFoundError) as error:
        raise CourseError(
            "the real chats are missing: pip install chitchat-dataset."
        ) from error
    texts = [chat_text(chat["messages"]) for chat in chats.values()]
    return Dataset.from_dict({"id": list(chats), "text": texts})


def chat_text(turns: list[list[dict[str, str]]]) -> str:
    """Return the lines of a chat, its people named A, B, ... in order of appearance.

    Args:
        turns: the messages of each turn, with sender and text.

    Example:
        >>> print(chat_text([[{"sender": "x", "text": "Hi!"}],
        ...                  [{"sender": "y", "text": "Hello."}]]))
        A: Hi!
        B: Hello.
    """
    names: dict[str, str] = {}
    lines = []
    for message in (message for turn in turns for message in turn):
        text = " ".join(message["text"].split())
        if text:
            name = names.setdefault(message["sender"], chr(ord("A") + len(names)))
            lines.append(f"{name}: {text}")
    return "\n".join(lines)


def text_file(path: str | Path, by: str = "auto") -> "Dataset":
    """Return the examples of a UTF-8 text file.

    Args:
        path: the file.
        by: "line" makes each line an example; "paragraph" cuts at blank lines, keeps
            the lines of a block together and joins a heading (`= Title =`, `# Title`)
            to the block below it; "auto" takes paragraphs if the file has blank lines
            at least every 50 lines, else lines.

    Returns:
        A Dataset with the column text. An example longer than 100,000 characters is
        cut into several, at a space where there is one.

    Raises:
        CourseError: `by` is unknown, or `read_text` refuses the file.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = write_text(f"{folder}/mine.txt", "A line.\\nAnother one.\\n")
        ...     text_file(path)["text"][:]
        ['A line.', 'Another one.']
    """
    from datasets import Dataset

    if by not in ("auto", "line", "paragraph"):
        raise CourseError(f"by={by!r}: choose 'line', 'paragraph' or 'auto'.")
    text = read_text(path)
    lines = [line for line in text.split("\n") if line.strip()]
    blocks = paragraphs(text)
    if by == "auto":
        by = "paragraph" if 1 < len(blocks) >= len(lines) / 50 else "line"
    examples = lines if by == "line" else with_headings(blocks)
    return Dataset.from_dict({"text": [p for e in examples for p in in_pieces(e)]})


def hub_text(name: str, split: str = "train", column: str = "text") -> "Dataset":
    """Return a column of a split of a data set on the Hub.

    Args:
        name: "owner/name", or "owner/name:configuration".
        split: such as "train" or "validation".
        column: what holds the text; it is called text in the result.

    Raises:
        CourseError: the Hub cannot be reached, it has no such data set, configuration
            or split, or the data set has no such column.
    """
    from datasets import load_dataset

    from course_utils.machine import runtime
    from course_utils.machine.hub import persistently

    if not runtime.online():
        raise CourseError(
            f"no file {name}, and the Hub cannot be reached to look for a data set of "
            "that name: check the path, or connect."
        )
    path, _, configuration = name.partition(":")
    dataset = persistently(
        f"the data set {name} ({split})",
        lambda: load_dataset(path, configuration or None, split=split),
    )
    if column not in dataset.column_names:
        raise CourseError(
            f"the data set {name} has no column {column}, only "
            f"{', '.join(dataset.column_names)}: name the text with --column."
        )
    rows = dataset.select_columns(column)
    rows = rows if column == "text" else rows.rename_column(column, "text")
    return rows.filter(lambda row: bool(row["text"]))


def paragraphs(text: str) -> list[str]:
    """Return the blocks between blank lines, their inner lines unchanged.

    Example:
        >>> paragraphs("One line\\nand another.\\n\\n\\nA new block.\\n")
        ['One line\\nand another.', 'A new block.']
    """
    blocks = (block.strip("\n") for block in _BLANK_LINES.split(f"\n{text}"))
    return [block for block in blocks if block.strip()]


def with_headings(blocks: list[str]) -> list[str]:
    """Join each block that is only a heading to the block that follows it.

    Example:
        >>> with_headings(["# Snow", "It fell.", "It lay."])
        ['# Snow\\n\\nIt fell.', 'It lay.']
    """
    joined, headings = [], []
    for block in blocks:
        headings.append(block)
        if not HEADING.fullmatch(block):
            joined.append("\n\n".join(headings))
            headings = []
    return joined + (["\n\n".join(headings)] if headings else [])


def in_pieces(text: str, limit: int = MAX_CHARACTERS) -> list[str]:
    """Cut a text into pieces of at most `limit` characters that together are the text.

    A cut falls before a space, as GPT-2's tokens do (" word" is one token).

    Example:
        >>> in_pieces("one two three", limit=8)
        ['one two', ' three']
    """
    pieces = []
    start = 0
    while len(text) - start > limit:
        space = text.rfind(" ", start + 1, start + limit + 1)
        end = space if space > 0 else start + limit
        pieces.append(text[start:end])
        start = end
    return [*pieces, text[start:]]


def web_page(html: str) -> str:
    """Return the readable text of a web page, one paragraph a block.

    Scripts, styles, navigation, page headers and footers, forms and buttons are left
    out; where the page marks its main part (<main> or <article>), only that is read.

    Raises:
        CourseError: `html` is an address, or holds no readable text.

    Example:
        >>> print(web_page("<nav>Home</nav><h1>News</h1><p>Snow in\\nMay.</p>"))
        News
        <BLANKLINE>
        Snow in May.
    """
    from bs4 import BeautifulSoup, NavigableString

    if "<" not in html:
        raise CourseError(
            "that is no HTML: give the page's source, such as read_text('page.html')."
        )
    soup = BeautifulSoup(html, "html.parser")
    page = soup.find("main") or soup.find("article") or soup
    for tag in page.find_all(_NO_CONTENT):
        # A header inside an article holds its title.
        if tag.name != "header" or not tag.find_parent(["article", "main"]):
            tag.decompose()
    for string in page.find_all(string=True):
        if type(string) is not NavigableString:
            string.extract()  # a comment or the document type
        elif not string.find_parent("pre"):
            # Line breaks in HTML's source mean a space.
            string.replace_with(re.sub(r"\s+", " ", string))
    for tag in page.find_all("br"):
        tag.replace_with("\n")
    for tag in page.find_all(_BLOCKS):
        tag.insert_before("\n\n")
        tag.insert_after("\n\n")
    for cell in page.find_all(["td", "th"]):
        cell.insert_after(" ")
    lines = (line.strip(" ") for line in page.get_text().split("\n"))
    text = "\n\n".join(paragraphs("\n".join(lines)))
    if not text:
        raise CourseError("the page holds no readable text, only scripts or layout.")
    return text


def book(source: str | Path, by: str = "paragraph") -> "Dataset":
    """Return a plain-text book as records, its hard-wrapped lines joined.

    Verse keeps its lines: a block whose later lines are indented is not joined. What
    Project Gutenberg writes before and after a book is left out.

    Args:
        source: a path, or the text itself (anything with a line break).
        by: "paragraph" or "chapter".

    Returns:
        A Dataset with columns chapter (its heading, empty before the first) and text.

    Raises:
        CourseError: `by` is unknown, there is no text, or `read_text` refuses the file.

    Example:
        >>> book("CHAPTER I\\n\\nIt was late,\\nand it rained.\\n")[0]
        {'chapter': 'CHAPTER I', 'text': 'It was late, and it rained.'}
    """
    from datasets import Dataset

    if by not in ("paragraph", "chapter"):
        raise CourseError(f"by={by!r}: choose 'paragraph' or 'chapter'.")
    if isinstance(source, str) and "\n" in source:
        text = plain_line_ends(source)
    else:
        text = read_text(source)
    parts = _GUTENBERG.split(text)
    chapters: list[tuple[str, list[str]]] = [("", [])]
    for block in paragraphs(parts[1] if len(parts) > 1 else text):
        if _CHAPTER.fullmatch(block.strip()):
            chapters.append((" ".join(block.split()), []))
        else:
            chapters[-1][1].append(_unwrap(block))
    rows = [
        {"chapter": title, "text": text}
        for title, blocks in chapters
        for text in (blocks if by == "paragraph" else ["\n\n".join(blocks)])
        if text
    ]
    if not rows:
        raise CourseError("the book holds no text: give a file with some in it.")
    return Dataset.from_list(rows)


def _unwrap(block: str) -> str:
    """Join the lines of a paragraph; a dash at a line's end takes no space."""
    lines = block.split("\n")
    if any(line[:1].isspace() for line in lines[1:]):
        return block
    joined = "\n".join(line.strip() for line in lines)
    return re.sub(r"(?<![-—])\n", " ", joined).replace("\n", "")


def write_local_data(folder: str | Path) -> dict[str, dict[str, str]]:
    """Write the tiny profile's Parquet files, once; return their paths.

    `folder/chitchat` holds the real chats, cleaned (column text, as in WikiText), and
    `folder/tinychats` the synthetic ones with their summaries; each has train,
    validation and test. A later call finds the marker file and only returns the paths.

    Raises:
        CourseError: the folder cannot be written, or a package is missing.
    """
    folder = Path(folder)
    splits = ("train", "validation", "test")
    paths = {
        name: {split: str(folder / name / f"{split}.parquet") for split in splits}
        for name in ("chitchat", "tinychats")
    }
    marker = folder / "version.txt"
    key = _local_data_key()
    written = [Path(p) for files in paths.values() for p in files.values()]
    if not (
        marker.exists()
        and marker.read_text(encoding="utf-8") == key
        and all(path.exists() for path in written)
    ):
        data = {
            "chitchat": _split_by_id(clean(chitchat())[0]),
            "tinychats": _tinychats(),
        }
        for name, parts in data.items():
            for split, dataset in parts.items():
                with atomic_path(paths[name][split]) as temporary:
                    dataset.to_parquet(temporary)
        write_text(marker, key)
    return paths


def _local_data_key() -> str:
    """Return a key that changes with what the local data are made from and by."""
    makers = [*(LIBRARY / "data").glob("*.py"), *ASSETS.glob("tinychats/*")]
    made_by = (path.read_bytes() for path in sorted(makers))
    return content_key(version("chitchat-dataset"), *made_by)


def _split_by_id(dataset: "Dataset") -> dict[str, "Dataset"]:
    """Deal documents out by a hash of their id: 90 % train, 5 % each to the others.

    A document stays on its side when others are added or removed. Near duplicates have
    been removed by cleaning, so none can part.
    """
    rows: dict[str, list[int]] = {"train": [], "validation": [], "test": []}
    for i, name in enumerate(dataset["id"]):
        place = sha256(name.encode()).digest()[0] * 20 // 256
        rows[("test", "validation")[place] if place < 2 else "train"].append(i)
    texts = dataset.select_columns("text")
    return {split: texts.select(part) for split, part in rows.items()}


def _tinychats() -> dict[str, "Dataset"]:
    from course_utils.data.chats import tinychats

    sources = {"train": "train", "validation": "validation", "test": "test_slots"}
    return {
        split: tinychats(TINYCHATS_ROWS[split], seed=0, split=source)
        for split, source in sources.items()
    }
