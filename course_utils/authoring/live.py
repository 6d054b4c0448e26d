"""The live GPT-2: the course's small models in a page, computed by the browser.

The page's own files are in assets/live. A model comes beside them as a script, since a
page that is opened from a disk may load scripts, and no other files.
"""

import base64
import json
import shutil
from pathlib import Path

from course_utils.data.chats import NAMES
from course_utils.data.people import COMMON, PLACEHOLDERS
from course_utils.machine.files import write_text
from course_utils.machine.places import ASSETS
from course_utils.model.gpt2 import SHIPPED

SCRIPTS = ("gpt2.js", "people.js", "page.js")
STYLE = "page.css"
MODELS = ("tiny-base", "tiny-summariser")


def write_live(folder: str | Path) -> None:
    """Write everything that `<live-writer>` and `<live-summariser>` need: 6 MB.

    A page then loads SCRIPTS, in this order, and STYLE.

    Args:
        folder: where to; it is made if it is not there.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    for name in (*SCRIPTS, STYLE):
        shutil.copyfile(ASSETS / "live" / name, folder / name)
    for name in MODELS:
        write_text(folder / f"{name}.js", _as_script(name, model_files(SHIPPED[name])))
    names = {"placeholders": PLACEHOLDERS, "known": sorted({*NAMES, *COMMON})}
    write_text(folder / "names.js", _as_script("names", names))


def model_files(folder: Path) -> dict[str, object]:
    """Return a model folder's configuration, tokenizer and weights, for JSON.

    Args:
        folder: config.json, tokenizer.json and model.safetensors, in float16 or
            float32, as Transformers writes them.
    """
    return {
        "config": json.loads((folder / "config.json").read_text("utf-8")),
        "tokenizer": json.loads((folder / "tokenizer.json").read_text("utf-8")),
        "weights": base64.b64encode(
            (folder / "model.safetensors").read_bytes()
        ).decode(),
    }


def _as_script(name: str, value: object) -> str:
    plain = json.dumps(value, separators=(",", ":"))
    return f"LiveFiles[{json.dumps(name)}] = {plain};\n"
