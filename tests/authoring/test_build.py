import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import pytest
from example_course import write_course
from hypothesis import given
from hypothesis import strategies as st

from course_utils.authoring import execute as execute_module
from course_utils.authoring.build import INSTALL_LOCALLY, build, read_notebook
from course_utils.authoring.drawing import Picture
from course_utils.authoring.execute import execute_all, execute_built
from course_utils.authoring.outputs import clean_outputs
from course_utils.checks import question
from course_utils.machine.errors import CourseError

LESSON = "source/lessons/01_count.py"
EXERCISE = "source/exercises/ex01_count.py"


@pytest.fixture
def course(tmp_path):
    return write_course(tmp_path)


@pytest.fixture(autouse=True)
def cold_kernels(monkeypatch):
    monkeypatch.setattr(execute_module, "WARM_UP", "pass")


def edit(course, name, old, new):
    path = course / name
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


def reasons(changes):
    return {change.path.name: change.reason for change in changes}


def by_grade_id(path):
    cells = read_notebook(path).cells
    return {
        cell.metadata.nbgrader.grade_id: cell
        for cell in cells
        if "nbgrader" in cell.metadata
    }


# --- build

DRAWINGS = """
from course_utils.authoring.drawing import Picture


def a_box():
    picture = Picture(60)
    picture.box(10, 10, 80, 40, "seven")
    return picture


def two_boxes():
    picture = a_box()
    picture.box(100, 10, 80, 40)
    return picture
"""


@pytest.fixture
def drawn(course):
    """Return a course whose lesson names a drawing."""
    folder = course / "source" / "drawings"
    folder.mkdir()
    (folder / "lesson_01.py").write_text(DRAWINGS)
    with (course / LESSON).open("a") as file:
        file.write("\n# %% [markdown]\n# ![Two](drawing:two_boxes)\n#\n")
        file.write("# ![A box\n# with 7.](drawing:a_box)\n")
    return course


def test_a_drawing_is_embedded_and_drawn_once(drawn, monkeypatch):
    build(drawn)
    path = drawn / "notebooks" / "01_count.ipynb"
    cell = read_notebook(path).cells[-1]
    two, one = re.findall(r"!\[(.*)\]\(data:image/png;base64,(.*)\)", cell.source)
    assert (two[0], one[0]) == ("Two", "A box with 7.")
    assert len(two[1]) > len(one[1])
    monkeypatch.setattr(Picture, "png", lambda self: pytest.fail("drawn again"))
    assert build(drawn) == []
    assert read_notebook(path).cells[-1] == cell
    edit(drawn, "source/drawings/lesson_01.py", "seven", "eight")
    assert reasons(build(drawn, check=True))["01_count.ipynb"] == "changed"
    monkeypatch.undo()
    build(drawn)
    assert read_notebook(path).cells[-1].source != cell.source


def test_a_drawing_that_is_not_there_is_one_line(drawn):
    edit(drawn, LESSON, "drawing:a_box", "drawing:a_bix")
    with pytest.raises(CourseError, match="no drawing a_bix in source/drawings"):
        build(drawn)


def test_a_second_build_changes_nothing_and_repeats_every_byte(course):
    assert set(reasons(build(course)).values()) == {"new"}
    paths = sorted(course.glob("*/*.ipynb"))
    assert [p.relative_to(course).as_posix() for p in paths] == [
        "exercises/ex01_count.ipynb",
        "notebooks/01_count.ipynb",
        "notebooks/02_add.ipynb",
        "solutions/ex01_count.ipynb",
    ]
    first = [path.read_bytes() for path in paths]
    assert build(course) == []
    for path in paths:
        path.unlink()
    build(course)
    assert [path.read_bytes() for path in paths] == first


def test_notebooks_are_valid_and_carry_no_marks_of_jupytext(course):
    build(course)
    for path in course.glob("*/*.ipynb"):
        notebook = nbformat.read(path, as_version=4)
        nbformat.validate(notebook)
        known = {"course", "kaggle", "kernelspec", "language_info"}
        assert set(notebook.metadata) == known
        assert notebook.metadata.kaggle.isInternetEnabled
        assert notebook.metadata.kernelspec.name == "python3"
        for cell in notebook.cells:
            assert set(cell.metadata) <= {"tags", "nbgrader", "deletable", "editable"}


def test_cell_ids_are_the_source_and_order_or_the_question(course):
    build(course)
    ids = [c.id for c in read_notebook(course / "notebooks/01_count.ipynb").cells]
    assert ids == [f"01_count-{i:03d}" for i in range(4)]
    ids = [c.id for c in read_notebook(course / "solutions/ex01_count.ipynb").cells]
    assert ids == [
        "ex01_count-000",
        "ex01_count-001",
        "ex01_1",
        "ex01_1_check",
        "ex01_count-004",
        "ex01_2",
        "ex01_2_check",
        "ex01_3",
        "ex01_count-008",
    ]


def test_solution_keeps_answers_and_discussion(course):
    build(course)
    cells = by_grade_id(course / "solutions/ex01_count.ipynb")
    assert "return 2 * x" in cells["ex01_1"].source
    assert cells["ex01_3"].source == "A model answer."
    assert "Because" in (course / "solutions/ex01_count.ipynb").read_text()


def test_stub_has_its_own_message_and_nothing_of_the_solution(course):
    build(course)
    path = course / "exercises/ex01_count.ipynb"
    cells = by_grade_id(path)
    assert cells["ex01_1"].source == (
        'def double(x):\n    """Return twice x."""\n'
        '    raise NotImplementedError("Exercise 1.1: return twice `x`")'
    )
    assert cells["ex01_2"].source == (
        'raise NotImplementedError("Exercise 1.2: set `rate` to 3")'
    )
    assert cells["ex01_3"].source == "*Write your answer here.*"
    for secret in ("2 * x", "rate = 3", "Because", "model answer", "SOLUTION"):
        assert secret not in path.read_text()


def test_nbgrader_metadata(course):
    build(course)
    cells = by_grade_id(course / "exercises/ex01_count.ipynb")
    assert list(cells) == ["ex01_1", "ex01_1_check", "ex01_2", "ex01_2_check", "ex01_3"]
    answer = cells["ex01_1"].metadata.nbgrader
    assert (answer.solution, answer.grade, answer.locked) == (True, False, False)
    check = cells["ex01_1_check"].metadata
    assert (check.nbgrader.solution, check.nbgrader.grade) == (False, True)
    points = question("ex01_1").points
    assert (check.nbgrader.locked, check.nbgrader.points) == (True, points)
    assert (check.editable, check.deletable) == (False, False)
    words = cells["ex01_3"].metadata.nbgrader
    assert (words.solution, words.grade, words.points) == (True, True, 4)
    table = read_notebook(course / "exercises/ex01_count.ipynb").cells[-1].source
    assert table == f"| 1.1 | doubles | {points} |\n| 1.3 | words | 4 |"
    for cell in cells.values():
        assert len(cell.metadata.nbgrader.checksum) == 32
        assert cell.metadata.nbgrader.schema_version == 3


def test_home_unset_has_no_badge_and_says_how_to_install(course):
    build(course)
    title, setup, *_ = read_notebook(course / "notebooks/01_count.ipynb").cells
    assert "colab" not in title.source
    assert setup.source.split("\n") == [
        INSTALL_LOCALLY,
        "from course_utils import get_profile as start_lesson",
        'profile = start_lesson("tiny")',
    ]


def test_repo_and_tag_are_kept_and_make_badges(course):
    build(course)
    assert len(build(course, repo="me/course", tag="v2")) == 4
    assert build(course) == []
    text = (course / "pyproject.toml").read_text()
    assert 'repo = "me/course"\ntag = "v2"' in text
    assert "# the course's public home" in text
    assert "line-length = 88" in text
    title, setup, *_ = read_notebook(course / "exercises/ex01_count.ipynb").cells
    link = "colab.research.google.com/github/me/course/blob/v2/exercises/ex01_count"
    assert title.source.startswith("# Exercise 1. Count\n\n[![Open in Colab]")
    assert link in title.source
    lines = setup.source.split("\n")
    assert len(lines) == 6
    assert "git+https://github.com/me/course@v2" in lines[3]
    assert lines[-1].startswith("profile = start_lesson(")


def test_a_quizs_answers_are_folded(course):
    path = course / "source/lessons/01_count.py"
    path.write_text(path.read_text() + '\n# %% tags=["quiz"]\nprint("quiz")\n')
    build(course)
    *_, quiz = read_notebook(course / "notebooks/01_count.ipynb").cells
    assert quiz.metadata.jupyter.source_hidden
    assert quiz.metadata.cellView == "form"


def test_repo_is_checked_and_check_writes_nothing(course):
    with pytest.raises(CourseError, match="OWNER/NAME"):
        build(course, repo="https://example.org/x")
    with pytest.raises(CourseError, match="--tag"):
        build(course, tag="a b")
    build(course, check=True, repo="me/course")
    assert 'repo = ""' in (course / "pyproject.toml").read_text()
    assert not (course / "notebooks").exists()


def test_no_sources(tmp_path):
    with pytest.raises(CourseError, match="no sources"):
        build(tmp_path)


def test_check_names_what_is_out_of_date_and_why(course):
    assert set(reasons(build(course, check=True)).values()) == {"new"}
    build(course)
    stale = "outputs are not of this code"
    assert reasons(build(course, check=True)) == {
        "01_count.ipynb": stale,
        "02_add.ipynb": stale,
        "ex01_count.ipynb": stale,
    }
    edit(course, LESSON, "1 + 1", "1 + 2")
    assert reasons(build(course, check=True))["01_count.ipynb"] == "changed"
    (course / "source/lessons/02_add.py").unlink()
    assert reasons(build(course, check=True))["02_add.ipynb"] == "no source"
    assert (course / "notebooks/02_add.ipynb").exists()
    build(course)
    assert not (course / "notebooks/02_add.ipynb").exists()


def test_a_notebook_edited_by_hand_is_found_and_mended(course):
    build(course)
    path = course / "notebooks/01_count.ipynb"
    notebook = read_notebook(path)
    notebook.cells[0].source = "# Hand-made"
    nbformat.write(notebook, path)
    assert reasons(build(course)) == {"01_count.ipynb": "changed"}
    assert read_notebook(path).cells[0].source.startswith("# 1. Count")


def test_a_foreign_notebook_is_left_alone(course):
    build(course)
    nbformat.write(nbformat.v4.new_notebook(), course / "notebooks/mine.ipynb")
    assert build(course) == []
    assert (course / "notebooks/mine.ipynb").exists()


def test_two_lessons_with_one_number(course):
    text = (course / LESSON).read_text()
    (course / "source/lessons/01_again.py").write_text(text)
    with pytest.raises(CourseError, match=r"01_count.py: 01_again.py has this number"):
        build(course)


def test_tools_that_are_missing_are_named(course, monkeypatch):
    there = {"nbgrader": None}
    find_spec = "course_utils.machine.extras.find_spec"
    monkeypatch.setattr(find_spec, lambda name: there.get(name, name))
    with pytest.raises(CourseError, match=r"^nbgrader is needed here: pip install"):
        build(course)


# --- broken sources: file, line, what to do


BROKEN = [
    (LESSON, "# # 1. Count", "# 1. Count", 1, "title"),
    (LESSON, "# %% [markdown]\n", "", 1, "start the file with"),
    (LESSON, 'tags=["setup"]', 'tags=["other"]', 1, "0 cells are tagged"),
    (LESSON, 'tags=["setup"]', 'tags="setup"', 6, 'write tags as ["'),
    (LESSON, 'tags=["setup"]', 'tags=["setup"', 6, "cannot read"),
    (LESSON, 'tags=["setup"]', 'tag=["setup"]', 6, "unknown metadata 'tag'"),
    (LESSON, "import get_profile", "import a\nimport get_profile", 1, "the setup cell"),
    (LESSON, "\n# %%\n", '\n# %% check="01_1"\n', 11, "source/exercises"),
    (EXERCISE, 'answer="ex01_1"', 'answer="ex01_1', 9, "cannot read"),
    (EXERCISE, 'answer="ex01_1"', 'answer="ex02_1"', 9, 'has to be "ex01_N"'),
    (EXERCISE, 'answer="ex01_2"', 'answer="ex01_1"', 24, "already in line 9"),
    (EXERCISE, 'check="ex01_2"', 'check="ex01_1"', 30, "already in line 18"),
    (EXERCISE, 'check="ex01_2"', 'check="ex01_9"', 30, "no answer cell above"),
    (EXERCISE, ' check="ex01_2"', "", 24, "never checked"),
    (EXERCISE, 'check="ex01_1"', 'check="ex01_1" points=2', 18, "probes/ex01_1.py"),
    (EXERCISE, "| 1.3 |", "| 1.7 |", 1, "no question 'ex01_7'"),
    (EXERCISE, "points=4", "points=0", 33, "no number above 0"),
    (EXERCISE, "points=4", 'points="two"', 33, "no number above 0"),
    (EXERCISE, ' answer="ex01_3" points=4', " points=4", 33, "points belong"),
    (EXERCISE, 'check="ex01_1"', 'check="ex01_1" answer="ex01_7"', 18, "not both"),
    (EXERCISE, "    ### END SOLUTION\n", "", 13, "without an END SOLUTION"),
    (EXERCISE, "    ### BEGIN SOLUTION\n", "", 14, "without a BEGIN SOLUTION"),
    (EXERCISE, "    # return twice `x`\n", "", 12, "needs a comment line above"),
    (EXERCISE, "    return 2 * x\n", "    ### BEGIN SOLUTION\n", 14, "inside a sol"),
    (EXERCISE, "rate = 3\n### END", "### END SOLUTION\n# %%\n### END", 29, "without a"),
    (EXERCISE, ' answer="ex01_1"', "", 13, "outside a cell with"),
    (EXERCISE, "assert rate == 3", 'x = """\n# %% y\n"""', 1, "a string"),
]


@pytest.mark.parametrize(("name", "old", "new", "line", "message"), BROKEN)
def test_a_broken_source_gives_one_line_with_file_and_line(
    course, name, old, new, line, message
):
    build(course)
    before = {path: path.read_bytes() for path in course.glob("*/*.ipynb")}
    edit(course, name, old, new)
    with pytest.raises(CourseError) as caught:
        build(course)
    text = str(caught.value)
    assert text.startswith(f"{course / name}:{line}: ")
    assert message in text
    assert "\n" not in text
    assert {path: path.read_bytes() for path in course.glob("*/*.ipynb")} == before


def test_a_check_needs_a_question(course):
    edit(course, EXERCISE, 'answer="ex01_1"', 'answer="ex01_8"')
    edit(course, EXERCISE, 'check="ex01_1"', 'check="ex01_8"')
    with pytest.raises(CourseError, match="py:18: no question 'ex01_8'"):
        build(course)


@given(
    label=st.text(
        st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1
    ).filter(lambda text: text[0].isalnum() and "SOLUTION" not in text)
)
def test_any_comment_makes_a_stub_that_raises_it(label):
    from course_utils.authoring.source import label_stub

    cell = nbformat.v4.new_code_cell(
        f"def f():\n    # {label}\n    raise NotImplementedError()",
        metadata={"nbgrader": {"solution": True, "grade_id": "ex10_02"}},
    )
    label_stub(cell)
    names = {}
    exec(cell.source, names)
    with pytest.raises(NotImplementedError) as caught:
        names["f"]()
    assert str(caught.value) == f"Exercise 10.2: {label}".replace('"', "'")


# --- execute


def notebook_of(path: Path, *cells: str) -> Path:
    code = [nbformat.v4.new_code_cell(cell) for cell in cells]
    nbformat.write(nbformat.v4.new_notebook(cells=code), path)
    return path


def test_execute_stores_clean_outputs_and_the_check_is_satisfied(course, tmp_path):
    build(course)
    done = list(execute_built(course))
    assert [each.error for each in done] == [None, None, None]
    assert build(course, check=True) == []
    notebook = read_notebook(course / "notebooks/01_count.ipynb")
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in code] == [1, 2, 3]
    assert code[2].outputs == [
        {"output_type": "stream", "name": "stdout", "text": "2\n"}
    ]
    assert set(notebook.metadata.language_info) == {"name"}
    assert all("execution" not in cell.metadata for cell in code)

    # Text may change: outputs stay. Code changes: outputs go.
    edit(course, LESSON, "be able to count", "be able to count further")
    assert reasons(build(course)) == {"01_count.ipynb": "changed"}
    assert build(course, check=True) == []
    again = read_notebook(course / "notebooks/01_count.ipynb")
    assert again.cells[3].outputs == code[2].outputs
    assert list(execute_built(course)) == []
    edit(course, LESSON, "1 + 1", "1 + 2")
    build(course)
    again = read_notebook(course / "notebooks/01_count.ipynb")
    assert again.cells[3].outputs == []
    assert len(build(course, check=True)) == 1


def test_outputs_of_a_shortened_run_are_not_stored(course, monkeypatch):
    build(course)
    monkeypatch.setenv("COURSE_MAX_STEPS", "20")
    with pytest.raises(CourseError, match="COURSE_MAX_STEPS"):
        list(execute_built(course))


def test_kernel_has_the_profile_and_the_folder(tmp_path):
    path = notebook_of(
        tmp_path / "n.ipynb",
        "import os, sys",
        "print(os.environ['COURSE_PROFILE'], os.environ['WANDB_MODE'], os.getcwd())",
        "print(sys.executable)",
    )
    cells = []
    (done,) = execute_all(
        [path],
        profile="colab",
        folder=tmp_path / "work",
        on_cell=lambda path, cell, of: cells.append((cell, of)),
    )
    assert done.error is None
    assert cells == [(1, 3), (2, 3), (3, 3)]
    assert done.notebook.cells[1].outputs[0].text == "colab offline .\n"
    assert Path(sys.prefix).name in done.notebook.cells[2].outputs[0].text


FAILURES = [
    ("x = {}\nx['tokens']", "KeyError: 'tokens'"),
    ("raise ValueError('first\\nsecond')", "ValueError: first"),
    ("import time; time.sleep(60)", "took longer than 2 s"),
    ("import os; os._exit(1)", "the kernel died"),
]


@pytest.mark.parametrize(("code", "message"), FAILURES)
def test_a_failure_is_one_line_with_lesson_and_cell(tmp_path, code, message):
    path = notebook_of(tmp_path / "05_train.ipynb", "1", code, "print(3)")
    (done,) = execute_all([path], timeout_per_cell=2, folder=tmp_path)
    assert done.error.startswith("05_train, cell 2 of 3: ")
    assert message in done.error
    assert "\n" not in done.error
    assert [cell.execution_count for cell in done.notebook.cells][2] is None


def test_an_interrupt_leaves_no_process(tmp_path):
    path = notebook_of(
        tmp_path / "n.ipynb",
        "import os, subprocess, time\n"
        "child = subprocess.Popen(['sleep', '300'])\n"
        "open('pids.tmp', 'w').write(f'{os.getpid()} {child.pid}')\n"
        "os.rename('pids.tmp', 'pids'); time.sleep(300)",
    )
    code = (
        "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "from course_utils.authoring import execute as module\n"
        "module.WARM_UP = 'pass'\n"
        f"list(module.execute_all([{str(path)!r}] * 2, folder={str(tmp_path)!r}))"
    )
    runner = subprocess.Popen([sys.executable, "-c", code], stderr=subprocess.PIPE)
    deadline = time.monotonic() + 120
    while not (tmp_path / "pids").exists() and time.monotonic() < deadline:
        time.sleep(0.1)
    pids = [int(pid) for pid in (tmp_path / "pids").read_text().split()]
    runner.send_signal(signal.SIGINT)
    _, stderr = runner.communicate(timeout=60)
    assert b"KeyboardInterrupt" in stderr
    assert b"never retrieved" not in stderr
    assert not any(_is_alive(pid) for pid in pids)


def test_a_dead_kernel_leaves_no_process(tmp_path):
    path = notebook_of(
        tmp_path / "n.ipynb",
        "import os, subprocess\n"
        "child = subprocess.Popen(['sleep', '300'])\n"
        "open('pid', 'w').write(str(child.pid)); os._exit(1)",
    )
    (done,) = execute_all([path], folder=tmp_path)
    assert "kernel died" in done.error
    assert not _is_alive(int((tmp_path / "pid").read_text()))


def _is_alive(pid: int) -> bool:
    for _ in range(50):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return False
        state = Path(f"/proc/{pid}/stat")
        if state.exists() and state.read_text().rsplit(")", 1)[1].split()[0] == "Z":
            return False
        time.sleep(0.1)
    return True


# --- outputs


def test_clean_outputs():
    out = nbformat.v4.new_output
    cell = nbformat.v4.new_code_cell("x")
    cell.outputs = [
        out("stream", name="stderr", text="\r 0%|    | 0/9\r100%|████| 9/9 [00:01]\n"),
        out("stream", name="stdout", text="\x1b[31mred\x1b[0m /home/me/course/a.txt\n"),
        out("stream", name="stderr", text="a.py:1: UserWarning: /home/meander\n"),
        out("display_data", data={"application/vnd.jupyter.widget-view+json": {}}),
        out(
            "execute_result",
            data={"text/plain": "<f at 0x7f00aa11bb>", "image/png": "/home/me=="},
            execution_count=1,
        ),
    ]
    notebook = nbformat.v4.new_notebook(cells=[cell])
    clean_outputs(notebook, {"/home/me/course": ".", "/home/me": "~"})
    texts = [output.get("text") or dict(output.data) for output in cell.outputs]
    assert texts == [
        "red ./a.txt\n",
        "a.py:1: UserWarning: /home/meander\n",
        {"text/plain": "<f at 0x...>", "image/png": "/home/me=="},
    ]


# --- stock nbgrader


def grade_with_nbgrader(work, solution, answers):
    """Release a built solution and grade a submission, by nbgrader's own commands.

    Returns:
        The notebook that it releases, and {grade id: points} of a submission of it with
        these answers, {grade id: code}.
    """
    exercise, name = solution.stem.partition("_")[0], solution.name
    source, submitted = (work / part / exercise for part in ("source", "submitted/ada"))
    source.mkdir(parents=True)
    submitted.mkdir(parents=True)
    (source / name).write_bytes(solution.read_bytes())
    bin_folder = str(Path(sys.executable).parent)
    env = {**os.environ, "PATH": f"{bin_folder}{os.pathsep}{os.environ['PATH']}"}

    def nbgrader(*arguments):
        command = [sys.executable, "-m", "nbgrader", *arguments]
        done = subprocess.run(
            command, cwd=work, env=env, capture_output=True, text=True, timeout=280
        )
        assert done.returncode == 0, done.stderr[-2000:]

    nbgrader("generate_assignment", exercise, "--create")
    stub = read_notebook(solution.parents[1] / "exercises" / name)
    for cell in stub.cells:
        cell.source = answers.get(cell.id, cell.source)
    nbformat.write(stub, submitted / name)
    nbgrader("autograde", exercise)
    from nbgrader.api import Gradebook

    with Gradebook(f"sqlite:///{work}/gradebook.db") as book:
        grades = book.find_submission_notebook(solution.stem, exercise, "ada").grades
        points = {grade.name: grade.auto_score for grade in grades}
    return work / "release" / exercise / name, points


@pytest.mark.slow
def test_stock_nbgrader_releases_and_grades(course, tmp_path):
    """nbgrader's own commands accept solutions/ as the source of an assignment."""
    build(course)
    release, points = grade_with_nbgrader(
        tmp_path / "nbgrader",
        course / "solutions/ex01_count.ipynb",
        {"ex01_1": "def double(x):\n    return x + x"},
    )
    released = by_grade_id(release)
    assert "raise NotImplementedError()" in released["ex01_1"].source
    assert "return 2 * x" not in released["ex01_1"].source
    assert points["ex01_1_check"] == 2
    assert points["ex01_2_check"] == 0


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_stock_nbgrader_grades_a_real_exercise(tmp_path):
    right = (
        "def steps_per_epoch(n_blocks, batch_size, accumulation, processes):\n"
        "    size = batch_size * accumulation * processes\n"
        "    return size, -(-n_blocks // size)"
    )
    wrong = "def causal_loss(logits, labels):\n    return logits.mean()"
    solution = Path(__file__).parents[2] / "solutions/ex05_training.ipynb"
    release, points = grade_with_nbgrader(
        tmp_path, solution, {"ex05_1": right, "ex05_2": wrong}
    )
    for number in range(1, 6):
        source = by_grade_id(release)[f"ex05_{number}"].source
        assert "raise NotImplementedError()" in source
        assert "SOLUTION" not in source
    checks = {name: got for name, got in points.items() if name.endswith("_check")}
    assert checks == {f"ex05_{n}_check": 1.0 if n == 1 else 0.0 for n in range(1, 6)}
