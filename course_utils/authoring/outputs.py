"""The outputs of executed cells: collect their results, and clean them for storing."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from course_utils.machine.places import LIBRARY

if TYPE_CHECKING:
    from nbformat import NotebookNode

ANSI = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]")
CHATTER = re.compile(
    r"\d+%\|.*\||IProgress not found|TqdmWarning|notebook_tqdm"
    r"|^\[INFO\] Running in WANDB offline mode"
)
ADDRESS = re.compile(r"(?<= at )0x[0-9a-f]{6,}\b")
WIDGET = "application/vnd.jupyter.widget-view+json"


def results(notebook: "NotebookNode") -> list[tuple[str, Any]]:
    """Return what a notebook's cells recorded: (name, value), in order."""
    from course_utils.machine.runtime import RESULT_MIME

    found = []
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            if result := output.get("data", {}).get(RESULT_MIME):
                found.append((result["name"], result["value"]))
    return found


def headline_pictures(notebook: "NotebookNode") -> list[dict[str, str]]:
    """Return the pictures of the cells tagged `headline`, in order.

    Returns:
        {"png": base64, "words": what the picture shows} for each. A cell that drew a
        picture again and again gives the last one.
    """
    found = []
    for cell in notebook.cells:
        if "headline" not in cell.metadata.get("tags", []):
            continue
        drawn = [o for o in cell.get("outputs", []) if "image/png" in o.get("data", {})]
        for output in drawn[-1:]:
            png = "".join(output.data["image/png"].split())
            found.append({"png": png, "words": output.data.get("text/plain", "")})
    return found


def places(folder: str | Path) -> dict[str, str]:
    """Return what stands for each of this machine's paths, the longest path first."""
    from course_utils.machine.runtime import cache_folder

    checkout = LIBRARY.parent
    names = {
        str(Path(folder).resolve()): ".",
        str(cache_folder().resolve()): "~/.cache/train-gpt",
        str(checkout): ".",
        str(Path.home()): "~",
    }
    return dict(sorted(names.items(), key=lambda item: -len(item[0])))


def clean_outputs(notebook: "NotebookNode", names: dict[str, str]) -> None:
    """Remove from the outputs what means nothing to a reader on another machine.

    Colour codes, memory addresses, progress bars and the warnings about them are
    removed. The words that describe a figure become its alt text.

    Args:
        notebook: changed in place.
        names: path -> what replaces it, as from `places`.
    """

    def plain(text: str) -> str:
        for place, name in names.items():
            text = re.sub(rf"{re.escape(place)}(?=/|\W|$)", name, text)
        return ADDRESS.sub("0x...", ANSI.sub("", text))

    for cell in notebook.cells:
        kept = []
        for output in cell.get("outputs", []):
            if WIDGET in output.get("data", {}):
                continue
            if output.output_type == "stream":
                output.text = _without_chatter(plain(output.text))
                if not output.text.strip():
                    continue
            for key in ("data", "traceback", "evalue"):
                if key in output:
                    output[key] = _map_text(output[key], plain)
            if "image/png" in output.get("data", {}):
                words = output.data.get("text/plain", "")
                output.metadata.setdefault("image/png", {})["alt"] = words
            kept.append(output)
        if "outputs" in cell:
            cell.outputs = kept


def _without_chatter(text: str) -> str:
    lines = (line.rsplit("\r", 1)[-1] for line in text.split("\n"))
    return "\n".join(line for line in lines if not CHATTER.search(line))


def _map_text(value: Any, change: Callable[[str], str], key: str = "") -> Any:
    if isinstance(value, str):
        return value if key.startswith("image/") else change(value)
    if isinstance(value, dict):
        return type(value)({k: _map_text(v, change, k) for k, v in value.items()})
    if isinstance(value, list):
        return [_map_text(item, change, key) for item in value]
    return value
