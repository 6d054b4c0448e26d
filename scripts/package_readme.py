"""The README as a package index shows it: links and pictures lead to the repository.

Hatchling calls this while it builds the wheel or the sdist ([tool.hatch.metadata.hooks]
in pyproject.toml). It imports nothing of the course, which is not installed then.
"""

import re
import tomllib
from pathlib import Path
from typing import Any

from hatchling.metadata.plugin.interface import MetadataHookInterface

LINK = re.compile(r"(!?)\[([^\]]*)\]\((?!\w+:|#)([^)\s]+)\)")
PICTURE_LINE = re.compile(r"^!\[[^\]]*\]\((?!\w+:)[^)]*\)\n\n", re.M)


class Readme(MetadataHookInterface):
    """Give the package a README whose links hold outside of the checkout."""

    def update(self, metadata: dict[str, Any]) -> None:
        """Set the package's readme."""
        root = Path(self.root)
        settings = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))
        text = (root / "README.md").read_text("utf-8")
        metadata["readme"] = {
            "content-type": "text/markdown",
            "text": with_whole_links(text, **settings["tool"]["course"]),
        }


def with_whole_links(text: str, repo: str, tag: str) -> str:
    """Return a README's text without relative links.

    Args:
        text: Markdown.
        repo: OWNER/NAME on GitHub. If it is empty, words stay without their links, and
            pictures that stand alone are left out.
        tag: a tag or a branch; if it is empty, main.

    Example:
        >>> with_whole_links("[words](docs/glossary.md)", "ann/course", "v1")
        '[words](https://github.com/ann/course/blob/v1/docs/glossary.md)'
        >>> with_whole_links("[words](docs/glossary.md)", "", "")
        'words'
    """
    if not repo:
        return LINK.sub(r"\2", PICTURE_LINE.sub("", text))
    place = f"{repo}/{{}}/{tag or 'main'}/"

    def whole(found: re.Match) -> str:
        mark, words, path = found.groups()
        kind = "raw" if mark else "blob"
        return f"{mark}[{words}](https://github.com/{place.format(kind)}{path})"

    return LINK.sub(whole, text)
