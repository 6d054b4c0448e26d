"""What a submission can open: the sandbox is mounted, and walked from inside."""

import json
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import pytest

from course_utils.grading import bubblewrap
from course_utils.grading.bubblewrap import CHECKS_ROOM, LIBRARY
from course_utils.machine.errors import CourseError

ROOT = Path(__file__).parents[2]
# Of these the sandbox may hold no copy, whatever it is called there.
SECRET = ("course_utils/checks/judges", "tests", "solutions", "source")
WALK = """
import hashlib, json, os, sys

library, secrets = json.load(sys.stdin)
sizes = {size for size, _ in secrets}
seen, opened, copies = 0, [], []
for folder, folders, files in os.walk("/"):
    folders[:] = [name for name in folders if os.path.join(folder, name) != "/proc"]
    for name in files:
        path = os.path.join(folder, name)
        try:
            size = os.stat(path).st_size
            wanted = path.startswith(library + "/")
            if not wanted and size not in sizes:
                continue
            with open(path, "rb") as file:
                found = [size, hashlib.sha256(file.read()).hexdigest()]
        except OSError:
            continue
        seen += 1
        if wanted:
            opened.append(os.path.relpath(path, library))
        if found in secrets:
            copies.append(path)
print(json.dumps({
    "seen": seen,
    "opened": opened,
    "copies": copies,
    "course": os.listdir(os.path.dirname(library)),
}))
"""


def fingerprint(path: Path) -> tuple[int, str]:
    return path.stat().st_size, sha256(path.read_bytes()).hexdigest()


def files_below(folder: Path) -> list[Path]:
    """Return its files, without compiled ones and those that are as good as empty."""
    found = (path for path in folder.rglob("*") if path.is_file())
    return [p for p in found if p.suffix != ".pyc" and p.stat().st_size > 60]


@pytest.fixture(scope="module")
def view(tmp_path_factory):
    """Return what a walk of the sandbox finds, and the secrets it looked for."""
    out = tmp_path_factory.mktemp("out")  # where the grader keeps its seed
    (out / "seed.json").write_text(json.dumps({"seed": "9" * 100}))
    secrets = [fingerprint(out / "seed.json")]
    for name in SECRET:
        secrets += [fingerprint(path) for path in files_below(ROOT / name)]
    try:
        command = bubblewrap.command(None, hidden=(out,))
    except CourseError as error:
        pytest.skip(f"no sandbox on this machine: {error}")
    done = subprocess.run(
        [*command, sys.executable, "-I", "-c", WALK],
        input=json.dumps([str(LIBRARY), secrets]),
        capture_output=True,
        text=True,
        check=True,
    )
    return {**json.loads(done.stdout), "secrets": len(secrets)}


def test_the_walk_sees_the_library(view):
    there = {str(path.relative_to(LIBRARY)) for path in files_below(LIBRARY)}
    judges = files_below(CHECKS_ROOM / "judges")
    hidden = {str(path.relative_to(LIBRARY)) for path in judges}
    opened = {path for path in view["opened"] if not path.endswith(".pyc")}
    assert len(hidden) > 63
    assert there - opened == hidden


def test_no_judge_can_be_opened(view):
    """No reference, threshold or hint: not as bytecode, nor left by an old version."""
    checks = [path for path in view["opened"] if path.startswith("checks/")]
    assert checks
    assert not [path for path in checks if "judge" in path or "verify" in path]
    seen = {path.split("/")[1] for path in checks if path.endswith(".py")}
    assert seen == {
        "__init__.py",
        "cells.py",
        "contract.py",
        "crashes.py",
        "notebook.py",
        "plain_data.py",
        "probes",
        "progress.py",
        "read_notebook.py",
        "run_question.py",
        "shell.py",
        "show.py",
        "undress.py",
        "weights.py",
    }


def test_no_solution_test_source_or_seed_lies_anywhere(view):
    assert view["secrets"] > 250
    assert view["seen"] > 300
    assert view["copies"] == []


@pytest.mark.skipif(
    not (LIBRARY.parent / "solutions").is_dir(), reason="the library is not in a clone"
)
def test_the_clone_is_empty_but_for_the_library(view):
    assert set(view["course"]) <= {"course_utils", Path(sys.prefix).name}
