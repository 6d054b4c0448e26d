"""The built wheel works in an empty folder, and ships what the checkout holds."""

import os
import shutil
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
    course = {
        f"course_utils/course/{path}"
        for path in known_files()
        if path.split("/")[0] in ("benchmarks", "docs", "exercises", "notebooks")
    }
    others = {path for path in shipped - wanted if ".dist-info/" not in path}
    assert others == course
    assert wheel.stat().st_size < 12e6


@pytest.mark.slow
def test_the_wheel_works_in_an_empty_folder(python, tmp_path):
    kept = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    environment = kept | {
        "COURSE_HOME": str(tmp_path / "home"),
        "JUPYTER_PATH": f"{sys.prefix}/share/jupyter",
        "PATH": f"{python.parent}{os.pathsep}{os.environ['PATH']}",
    }

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
    said(course, "lab", "mine", "--no-open")
    exercise = tmp_path / "empty/mine/exercises/ex01_collect_data.ipynb"
    assert exercise.exists()
    assert "ex01_1" in said(course, "check", exercise)
    assert "ex01_collect_data.ipynb" in said(course, "release", "ex01")
    handed_in = tmp_path / "empty" / "class" / "ana"
    handed_in.mkdir(parents=True)
    shutil.copy(exercise, handed_in)
    grade = ("grade", "class", "--out", "out", "--trust-submissions")
    assert "1 of 1 notebooks graded" in said(course, *grade)
    assert "1 lessons in" in said(course, "run", "--lessons", "00")
    with pytest.raises(AssertionError, match="unknown case 'none'"):
        said(course, "bench", "none")
