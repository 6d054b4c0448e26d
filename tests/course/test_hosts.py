"""The files that tell Codespaces, Binder and VS Code how to set up the course."""

import json
import re
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

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


def binder_options() -> list[list[str]]:
    """Return Binder's options of pip, each with its value."""
    lines = text_of(".binder/requirements.txt").split("\n")[:-1]
    return [line.split(" ", 1) for line in lines if not line.startswith("#")]


def test_free_machines_take_torch_without_cuda(tmp_path):
    """Of two builds of the pinned version, pip takes the one that says +cpu."""
    container = json.loads(text_of(".devcontainer/devcontainer.json"))
    places = [container["containerEnv"]["TORCH_INDEX"]]
    places.append(dict(binder_options())["--extra-index-url"])
    places += re.findall(r"-index-url (\S+)", text_of(".github/workflows/book.yml"))
    assert places == ["https://download.pytorch.org/whl/cpu"] * 3

    constraints = dict(binder_options())["--constraint"]
    constraints = (ROOT / ".binder" / constraints).resolve()
    [pin] = re.findall(r"^torch==(\S+)$", constraints.read_text("utf-8"), re.MULTILINE)
    for version in (pin, f"{pin}+cpu"):
        name = f"torch-{version}"
        wheel = tmp_path / f"{name}-py3-none-any.whl"
        head = f"Metadata-Version: 2.1\nName: torch\nVersion: {version}\n"
        with ZipFile(wheel, "w") as file:
            file.writestr(f"{name}.dist-info/METADATA", head)
            file.writestr(f"{name}.dist-info/WHEEL", "Wheel-Version: 1.0\n")
            file.writestr(f"{name}.dist-info/RECORD", "")
    options = ["--isolated", "--no-index", "--find-links", str(tmp_path), "--dry-run"]
    options += ["--ignore-installed", "--constraint", str(constraints), "torch"]
    pip = [sys.executable, "-m", "pip", "install", *options]
    done = subprocess.run(pip, capture_output=True, text=True)
    assert f"Would install torch-{pin}+cpu" in done.stdout, done.stderr


def test_binder_installs_the_course_with_jupyterlab():
    place = dict(binder_options())["--editable"]
    assert Requirement(place.replace(".", "train-gpt-course", 1)).extras == {"lab"}
    version = text_of(".binder/runtime.txt").strip().removeprefix("python-")
    lowest = re.search(r'requires-python = ">=(.*)"', text_of("pyproject.toml"))
    assert [*map(int, version.split("."))] >= [*map(int, lowest[1].split("."))]
