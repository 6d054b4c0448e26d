"""The grader works where Python or the course lies below /tmp."""

import json
import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from course_utils.grading.sandbox import try_walls
from course_utils.machine.errors import CourseError
from course_utils.machine.places import LIBRARY

sys.path.insert(0, str(Path(__file__).parents[1]))
import evil

GRADE = """
import json, sys
from course_utils.grading.grade_notebook import grade_notebook
from course_utils.grading.sandbox import Sandbox, SubmissionLimits
from course_utils.checks.read_notebook import read_cells
import course_utils
with Sandbox() as box:
    for text in json.load(sys.stdin):
        result = grade_notebook(
            read_cells(text.encode()), "ex05", 7, SubmissionLimits(), box)
        print(json.dumps([course_utils.__file__, result["deaths"],
                          [row["points"] for row in result["questions"]]]))
"""
LOOK = evil.escape(
    """
    import os, course_utils, sys
    home = os.path.dirname(os.path.dirname(course_utils.__file__))
    assert os.path.exists(os.path.join(home, "secret")) or os.path.exists(
        os.path.join(home, "course_utils", "checks", "judges", "ex05_3.py"))
    """
)


@pytest.mark.slow
def test_grades_below_tmp(tmp_path):
    try:
        try_walls()
    except CourseError as error:
        pytest.skip(f"no sandbox on this machine: {error}")
    if not tmp_path.is_relative_to("/tmp"):
        pytest.skip(f"{tmp_path} does not lie below /tmp")
    home = tmp_path / "work"  # as a folder of each submission is called too
    ignored = shutil.ignore_patterns("__pycache__", "samples")
    shutil.copytree(LIBRARY, home / "course_utils", ignore=ignored)
    (home / "secret").write_text("x")
    python = home / ".venv" / "bin" / "python"
    subprocess.run(
        [sys.executable, "-m", "venv", "--without-pip", home / ".venv"], check=True
    )
    [packages] = (home / ".venv").glob("lib/*/site-packages")
    (packages / "more.pth").write_text(sysconfig.get_path("purelib"))
    texts = [
        json.dumps(evil.notebook(evil.Evil("honest", evil.RATE))),
        json.dumps(evil.notebook(evil.Evil("looks around", LOOK))),
    ]
    done = subprocess.run(
        [python, "-c", GRADE],
        input=json.dumps(texts),
        env={**os.environ, "PYTHONPATH": str(home)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    honest, looks = map(json.loads, done.stdout.splitlines())
    assert honest == [str(home / "course_utils" / "__init__.py"), [], [1, 0, 2, 2, 0]]
    assert looks[1:] == [[], [1, 0, 0, 2, 0]]
