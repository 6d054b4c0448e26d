"""docs/design.md draws the tree: a tree that has changed fails here."""

import re
import subprocess
import tomllib
from pathlib import Path

import pytest

from course_utils.machine.places import LIBRARY  # of the wheel, where that is tested

ROOT = Path(__file__).parents[1]


def fence_after(heading: str) -> str:
    """Return the first fenced block below a heading of docs/design.md."""
    text = (ROOT / "docs" / "design.md").read_text(encoding="utf-8")
    return text.partition(f"\n{heading}\n")[2].split("```")[1]


def drawn_rooms() -> dict[str, list[str]]:
    """Return the rooms in the order of design.md, each with what lies in it."""
    rooms: dict[str, list[str]] = {}
    for line in filter(None, fence_after("## Library").splitlines()):
        if found := re.match(r"(\w+)/", line):
            inside = rooms.setdefault(found[1], [])
        else:
            inside += line.split()
    return rooms


def inside(room: Path) -> list[str]:
    """Return the modules and folders of a room."""
    files = {path.stem for path in room.glob("*.py")} - {"__init__"}
    folders = {f"{path.parent.name}/" for path in room.glob("*/__init__.py")}
    return sorted(files | folders)


def test_the_rooms_are_those_of_the_design():
    rooms = {path.parent.name: path.parent for path in LIBRARY.glob("*/__init__.py")}
    assert drawn_rooms() == {name: inside(rooms[name]) for name in drawn_rooms()}
    assert sorted(drawn_rooms()) == sorted(rooms)


def test_only_the_package_itself_stands_outside_the_rooms():
    assert {path.name for path in LIBRARY.glob("*.py")} == {
        "__init__.py",
        "__main__.py",
    }


def test_the_contract_has_the_designs_order():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    layers, wall, circles = project["tool"]["importlinter"]["contracts"]
    order = [room for layer in layers["layers"] for room in layer.split(" | ")]
    assert order == list(drawn_rooms())
    assert wall["source_modules"] == ["course_utils.checks.probes"]
    assert circles["type"] == "acyclic_siblings"


@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="not a clone")
def test_the_folders_are_those_of_the_design():
    listed = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    there = {path.partition("/")[0] for path in listed.stdout.splitlines()}
    drawn = re.findall(r"^([\w.-]+)/?  ", fence_after("## Folders"), re.MULTILINE)
    assert sorted(drawn) == sorted(name for name in there if name[0] != ".")


def test_every_room_has_its_tests():
    for room in drawn_rooms():
        assert list((ROOT / "tests" / room).glob("test_*.py")), room
