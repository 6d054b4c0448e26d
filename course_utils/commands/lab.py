"""`course lab`: the lessons and exercises in JupyterLab, in a folder of your own."""

import json
import os
import shutil
from collections.abc import Mapping
from contextlib import suppress
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import typer

from course_utils.commands.output import AsJson, print_json, say
from course_utils.machine.errors import CourseError
from course_utils.machine.files import atomic_path, write_text
from course_utils.machine.places import ASSETS, checkout, course_root

COPIED = ("notebooks/*.ipynb", "exercises/*.ipynb", "docs/**/*.*")
START = "START.md"  # in a student's folder
RECORD = ".train-gpt.json"  # in a student's folder: what it was given
FOLDER = "train-gpt"


def lab(
    folder: Annotated[
        Path | None, typer.Argument(help=f"Where your copy is; ./{FOLDER}.")
    ] = None,
    update: Annotated[
        bool, typer.Option("--update", help="Bring what is new; keep your answers.")
    ] = False,
    start: Annotated[
        bool, typer.Option("--open/--no-open", help="Start JupyterLab.")
    ] = True,
    browser: Annotated[bool, typer.Option(help="Open a browser window.")] = True,
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="The next free one from here on.")
    ] = 8888,
    as_json: AsJson = False,
) -> None:
    """Copy the lessons and exercises to a folder, and open them in JupyterLab."""
    if start and find_spec("jupyterlab") is None:
        raise CourseError('JupyterLab is missing: pip install "train-gpt-course[lab]".')
    place = folder or _usual_folder()
    copied: dict[str, list[str]] = {}
    if place.resolve() != checkout() and (update or not (place / RECORD).exists()):
        copied = copy_course(course_root(), place)
    if as_json:
        print_json({"folder": str(place), **copied})
    else:
        _tell(place, copied)
    if start:
        open_lab(place, port, browser)


def copy_course(source: Path, folder: Path) -> dict[str, list[str]]:
    """Copy the course to a student's folder, over nothing that was changed there.

    The folder keeps a record of what it was given. A file that is still as it was given
    is replaced by a newer one; beside one that was changed, `NAME.new.ipynb` is put, or
    `NAME.new2.ipynb` where that was changed as well.

    Args:
        source: the folder of notebooks/ and exercises/.
        folder: the student's; it need not exist.

    Returns:
        The paths that are "new", "replaced", or "beside" a changed file.

    Raises:
        CourseError: the folder cannot be written, or it holds a file of such a name
            that the course has not put there.
    """
    record = folder / RECORD
    given: dict[str, str] = {}
    with suppress(FileNotFoundError, NotADirectoryError, ValueError, TypeError):
        given |= json.loads(record.read_text("utf-8"))  # if it is what we wrote
    files = {START: ASSETS / "start.md"}
    for path in sorted(path for kind in COPIED for path in source.glob(kind)):
        files[path.relative_to(source).as_posix()] = path
    offered = {name: _key(path) or "" for name, path in files.items()}
    found = {name: _key(folder / name) for name in offered}
    for name, key in found.items():
        if key and name not in given and key != offered[name]:
            raise CourseError(
                f"{folder / name} is not the course's: choose another folder, such as "
                f"`course lab {FOLDER}`."
            )
    done: dict[str, list[str]] = {"new": [], "replaced": [], "beside": []}
    for name, key in offered.items():
        was, now, target = given.get(name), found[name], Path(name)
        if now == key or (now and was == key):
            continue
        kind = "new" if now is None else "replaced" if now == was else "beside"
        if kind == "beside":
            target = _beside(folder, target, given, key)
            given[target.as_posix()] = key
        with atomic_path(folder / target) as temporary:
            shutil.copyfile(files[name], temporary)
        done[kind].append(target.as_posix())
    write_text(record, json.dumps(given | offered, indent=1))
    return done


def open_lab(folder: Path, port: int = 8888, browser: bool = True) -> None:
    """Run JupyterLab on a folder, with the course's first page open, until it ends."""
    # Defaults of JupyterLab's own settings: pages are shown, and not as their source.
    places = [str(ASSETS / "jupyter"), os.environ.get("JUPYTER_CONFIG_PATH", "")]
    os.environ["JUPYTER_CONFIG_PATH"] = os.pathsep.join(filter(None, places))
    from jupyterlab.labapp import LabApp

    first = START if (folder / START).exists() else "README.md"
    options = [
        f"--ServerApp.root_dir={folder.resolve()}",
        f"--ServerApp.port={port}",
        f"--ServerApp.open_browser={browser}",
        f"--LabApp.default_url=/lab/tree/{first}",
    ]
    if hasattr(os, "geteuid") and os.geteuid() == 0:  # in a container
        options.append("--ServerApp.allow_root=True")
    os.chdir(folder)
    LabApp.launch_instance(argv=options)


def _usual_folder() -> Path:
    """Return the checkout, the student's folder that we are in, or one to be made."""
    here = Path.cwd()
    return checkout() or (here if (here / RECORD).exists() else here / FOLDER)


def _beside(folder: Path, name: Path, given: Mapping[str, str], key: str) -> Path:
    """Return the first of NAME.new, NAME.new2, ... that no student has changed."""
    number, target = 1, name.with_suffix(f".new{name.suffix}")
    while _key(folder / target) not in (None, key, given.get(target.as_posix())):
        number += 1
        target = name.with_suffix(f".new{number}{name.suffix}")
    return target


def _key(path: Path) -> str | None:
    """Return a hash of what stands there, or None if nothing does.

    Raises:
        CourseError: it cannot be read.
    """
    try:
        return sha256(path.read_bytes()).hexdigest()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except IsADirectoryError:
        return "a folder"
    except OSError as error:
        reason = f"cannot read {path}: {error.strerror}"
        raise CourseError(f"{reason}. Choose another folder.") from error


def _tell(folder: Path, copied: dict[str, list[str]]) -> None:
    say(f"the course is in {folder}")
    if fresh := len(copied.get("new", [])) + len(copied.get("replaced", [])):
        say(f"{fresh} files are new")
    for name in copied.get("beside", []):
        say(f"{name} is new; your own version stays as it is")
