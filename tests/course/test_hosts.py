"""The files that tell Codespaces, Binder and VS Code how to set up the course."""

import json
import re
from pathlib import Path

from packaging.requirements import Requirement

from scripts.set_up import ROOT


def text_of(name: str) -> str:
    return (Path(ROOT) / name).read_text(encoding="utf-8")


def test_codespaces_sets_up_as_make_does_and_opens_what_is_there():
    container = json.loads(text_of(".devcontainer/devcontainer.json"))
    target = container["postCreateCommand"].removeprefix("make ")
    assert re.search(rf"^{target}:", text_of("Makefile"), re.MULTILINE)
    for name in container["customizations"]["codespaces"]["openFiles"]:
        assert (ROOT / name).is_file()


def test_vs_code_finds_the_environment_of_make():
    settings = json.loads(text_of(".vscode/settings.json"))
    environment = settings["python.defaultInterpreterPath"]
    [name] = re.findall(r"^VENV := (.*)$", text_of("Makefile"), re.MULTILINE)
    assert environment == f"${{workspaceFolder}}/{name}/bin/python"


def test_binder_installs_the_course_with_jupyterlab():
    [line] = text_of(".binder/requirements.txt").split("\n")[:-1]
    place = line.removeprefix("--editable ")
    assert Requirement(place.replace(".", "train-gpt-course", 1)).extras == {"lab"}
    version = text_of(".binder/runtime.txt").strip().removeprefix("python-")
    lowest = re.search(r'requires-python = ">=(.*)"', text_of("pyproject.toml"))
    assert [*map(int, version.split("."))] >= [*map(int, lowest[1].split("."))]
