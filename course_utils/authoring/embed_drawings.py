"""Put the drawings of `source/drawings/` into the text cells that name them.

A cell names one like this: `![What one learns from it](drawing:a_block)`. It becomes a
PNG in a data URI, since that is what Colab, JupyterLab, VS Code and GitHub all show.
Colab shows neither attachments nor SVG in a data URI (colabtools issues 3836 and 2092).
"""

import re
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from course_utils.authoring.drawing import Picture
from course_utils.authoring.film import Film
from course_utils.machine.errors import CourseError
from course_utils.machine.files import read_text

if TYPE_CHECKING:
    from nbformat import NotebookNode

NAMED = re.compile(r"!\[([^\]]*)\]\(drawing:(\w+)\)")
EMBEDDED = re.compile(r"\]\((data:image/png;base64,[\w+/=]+)\)")


def load_drawings(folder: Path) -> dict[str, Callable[[], Picture | Film]]:
    """Return {name: function that draws it} of all modules in `folder`.

    Raises:
        CourseError: two modules have a drawing of the same name.
    """
    found: dict[str, Callable[[], Picture | Film]] = {}
    for path in sorted(folder.glob("*.py")):
        # No import: its byte code would hide a change within the same second.
        module = ModuleType(path.stem)
        exec(compile(read_text(path), path, "exec"), vars(module))
        for name, value in vars(module).items():
            if getattr(value, "__module__", "") != path.stem or name.startswith("_"):
                continue
            if name in found:
                raise CourseError(f"{path}: another module draws {name} too.")
            found[name] = value
    return found


def drawings_of(text: str) -> list[tuple[str, str]]:
    """Return (alt text, name) of each drawing that a text names.

    Example:
        >>> drawings_of("See:\\n\\n![A block adds.](drawing:a_block)")
        [('A block adds.', 'a_block')]
    """
    return [(" ".join(alt.split()), name) for alt, name in NAMED.findall(text)]


def embed_drawings(
    new: "NotebookNode",
    old: "NotebookNode | None",
    drawings: dict[str, Callable[[], Picture | Film]],
    draw: bool = True,
) -> None:
    """Replace the drawings that `new` names by pictures.

    A picture that `old` has is kept if it was made from the same shapes. Its key stands
    in the cell's metadata.

    Args:
        new: changed in place.
        old: the notebook as it is on disk, or None.
        drawings: as from `load_drawings`.
        draw: make the pictures that `old` does not have. Without it, their names stay
            in the text.

    Raises:
        CourseError: a drawing that is named is not there.
    """
    kept = _pictures_of(old) if old else {}
    for cell in new.cells:
        named = drawings_of(cell.source) if cell.cell_type == "markdown" else []
        keys = {}
        for _, name in named:
            if name not in drawings:
                raise CourseError(f"there is no drawing {name} in source/drawings.")
            picture = drawings[name]()
            keys[name] = picture.key()
            if draw and (name, keys[name]) not in kept:
                data = b64encode(picture.png()).decode()
                kept[name, keys[name]] = f"data:image/png;base64,{data}"

        def picture_of(match: re.Match, keys: dict[str, str] = keys) -> str:
            uri = kept.get((match[2], keys[match[2]]), f"drawing:{match[2]}")
            return f"![{' '.join(match[1].split())}]({uri})"

        if named:
            cell.source = NAMED.sub(picture_of, cell.source)
            # A list: the keys of a dict would be sorted when the notebook is written.
            cell.metadata["drawings"] = [f"{name} {keys[name]}" for _, name in named]


def _pictures_of(notebook: "NotebookNode") -> dict[tuple[str, str], str]:
    """Return {(name, key): data URI} of the pictures in a notebook."""
    found: dict[tuple[str, str], str] = {}
    for cell in notebook.cells:
        names = [tuple(line.split()) for line in cell.metadata.get("drawings", [])]
        uris = EMBEDDED.findall(cell.source)
        if len(names) == len(uris):
            found |= dict(zip(names, uris, strict=True))
    return found
