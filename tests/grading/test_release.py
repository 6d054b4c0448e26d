"""The students' bundle holds no answer."""

import copy
import json
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest

from course_utils.grading.release import release
from course_utils.machine.errors import CourseError

ROOT = Path(__file__).parents[2]


def test_release_holds_no_answers(tmp_path):
    (tmp_path / "bundle").mkdir()
    (tmp_path / "bundle" / "my_solution.txt").write_text("secret")
    made = release(["ex05"], tmp_path / "bundle.zip", ROOT)
    text = (tmp_path / "bundle" / "ex05_training.ipynb").read_text()
    assert "raise NotImplementedError" in text
    for secret in ("BEGIN SOLUTION", "math.ceil(n_blocks", "Discussion"):
        assert secret not in text
    assert made[-1] == tmp_path / "bundle.zip"
    names = sorted(ZipFile(made[-1]).namelist())
    assert names == ["README.md", "ex05_training.ipynb"]
    with pytest.raises(CourseError, match="There are: ex01"):
        release(["ex99"], tmp_path / "x", ROOT)


def test_release_refuses_an_answer(tmp_path):
    for folder in ("exercises", "solutions"):
        (tmp_path / folder).mkdir()
    solution = json.loads((ROOT / "solutions" / "ex05_training.ipynb").read_text())
    stub = copy.deepcopy(solution)
    for folder, document in (("exercises", stub), ("solutions", solution)):
        path = tmp_path / folder / "ex05_training.ipynb"
        path.write_text(json.dumps(document))
    with pytest.raises(CourseError, match="holds an answer"):
        release(["ex05"], tmp_path / "bundle", tmp_path)


def test_release_as_json(tmp_path):
    out = tmp_path / "bundle"
    command = [
        sys.executable,
        "-m",
        "course_utils",
        "release",
        "ex05",
        "--json",
    ]
    said = subprocess.run(
        [*command, "--out", str(out)], cwd=ROOT, capture_output=True, check=True
    ).stdout
    names = ["bundle/ex05_training.ipynb", "bundle/README.md", "bundle.zip"]
    assert json.loads(said) == {"files": [str(tmp_path / name) for name in names]}
