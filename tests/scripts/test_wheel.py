"""The built wheel works in an empty folder, and ships what the checkout holds."""

import os
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

from scripts.wheel_check import WHERE, build_wheel, copy_checkout, known_files


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    return build_wheel(copy_checkout(folder / "checkout"), folder / "dist")


@pytest.fixture(scope="module")
def python(wheel, tmp_path_factory):
    """A new environment's Python: the wheel is its own, the other packages are ours."""
    folder = tmp_path_factory.mktemp("environment")
    make = [sys.executable, "-m", "venv", "--without-pip", str(folder)]
    subprocess.run(make, check=True)
    python = folder / "bin" / "python"
    packages = next(folder.glob("lib/python*/site-packages"))
    # Found after the wheel's; the editable install's own .pth file is not read.
    (packages / "ours.pth").write_text(sysconfig.get_path("purelib") + "\n")
    pip = [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet"]
    subprocess.run([*pip, "--no-deps", "--no-index", str(wheel)], check=True)
    return python


@pytest.mark.slow
def test_the_wheel_holds_every_file_of_the_library(wheel):
    shipped = set(zipfile.ZipFile(wheel).namelist())
    wanted = {path for path in known_files() if path.startswith("course_utils/")}
    assert wanted - shipped == set()
    assert len([path for path in wanted if not path.endswith(".py")]) > 5
    others = {path.split("/")[0] for path in shipped - wanted}
    assert {name for name in others if not name.endswith(".dist-info")} == set()


@pytest.mark.slow
def test_the_wheel_works_in_an_empty_folder(python, tmp_path):
    kept = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    environment = kept | {"COURSE_HOME": str(tmp_path / "home")}

    def said(*command: str | Path) -> str:
        folder = tmp_path / "empty"
        folder.mkdir(exist_ok=True)
        done = subprocess.run(
            command, cwd=folder, env=environment, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    course = python.with_name("course")
    said(python, "-c", WHERE)
    assert "Execute the lessons in order" in said(course, "--help")
    findings = said(course, "doctor")
    assert "[OK]" in findings
    assert "[FAIL]" not in findings
