"""Whole notebooks: answers are found, run in a kernel, and judged one by one."""

import json
import sys
from pathlib import Path, PurePath

import nbformat
import pytest

from course_utils.checks import check_notebook, questions
from course_utils.checks.notebook import find_answers
from course_utils.checks.read_notebook import exercise_of, read_cells
from course_utils.machine.errors import CourseError

ROOT = Path(__file__).parents[2]
RIGHT_5_1 = """\
import math

def steps_per_epoch(n_blocks, batch_size, accumulation, processes):
    size = batch_size * accumulation * processes
    return size, math.ceil(n_blocks / size)
"""


def notebook(*cells: str, ids: dict[int, str] | None = None) -> nbformat.NotebookNode:
    made = [nbformat.v4.new_code_cell(cell) for cell in cells]
    for index, grade_id in (ids or {}).items():
        made[index].metadata["nbgrader"] = {"grade_id": grade_id}
    return nbformat.v4.new_notebook(cells=made)


def cells_of(book: nbformat.NotebookNode) -> list[dict]:
    return read_cells(nbformat.writes(book).encode())


def write_json(folder: Path, document: dict) -> Path:
    path = folder / "ex05.ipynb"
    path.write_text(json.dumps(document))
    return path


class TestNotebook:
    def test_answers_are_found_by_grade_id_then_cell_id_then_name(self):
        book = notebook(
            "def causal_loss(): ...",
            "steps_per_epoch = 1",
            "x = 1",
            "def causal_loss(): ...",
            "%pip list\nlearning_rate_at: object = f",
            "perplexity == 3",
            ids={0: "ex05_2", 2: "ex05_1"},
        )
        book.cells[3]["id"] = "ex05_2"
        book.cells[5]["id"] = "ex05_5"
        assert find_answers(cells_of(book), questions("ex05")) == {
            "ex05_1": 2,  # the grade id, although it defines another name
            "ex05_2": 0,
            "ex05_3": 4,
            "ex05_4": None,
            "ex05_5": 5,
        }

    def test_of_copied_cells_the_last_that_defines_the_name(self):
        copies = ["def causal_loss(): ...", "def causal_loss(): 1", "old = 1"]
        book = notebook(*copies, ids=dict.fromkeys(range(3), "ex05_2"))
        assert find_answers(cells_of(book), questions("ex05"))["ex05_2"] == 1

    def test_exercise_is_told_by_ids_cells_or_name(self, tmp_path):
        def told(book, name=""):
            return exercise_of(cells_of(book), PurePath(name))

        assert told(notebook("x = 1", ids={0: "ex05_2"})) == "ex05"
        assert told(notebook('check("ex05_1")')) == "ex05"
        assert told(notebook("x = 1"), "a/ex05_training.ipynb") == "ex05"
        assert told(notebook("x = 1"), "index.ipynb") == ""
        nbformat.write(notebook("x = 1"), tmp_path / "index.ipynb")
        with pytest.raises(CourseError, match="no exercise of the course"):
            check_notebook(tmp_path / "index.ipynb")

    def test_whole_notebook(self, tmp_path):
        path = tmp_path / "mine.ipynb"
        book = notebook(
            RIGHT_5_1,
            'check("ex05_1")',
            "def learning_rate_at(step, warmup_steps, total_steps, peak):\n"
            "    return helper(step)",
            "def helper(step):\n    return 0.0",
            "def causal_loss(logits, labels:\n    return 1",
            "open('seen', 'w').close()",
            "def perplexity(batches):\n    import os; os._exit(1)",
        )
        nbformat.write(book, path)
        before = path.read_bytes()
        rows = {row["question"]: row for row in check_notebook(path)}
        assert list(rows) == ["ex05_1", "ex05_2", "ex05_3", "ex05_4", "ex05_5"]
        assert [row["points"] for row in rows.values()] == [1, 0, 0, 0, 0]
        assert [row["out_of"] for row in rows.values()] == [1, 2, 2, 2, 3]
        assert rows["ex05_1"]["hint"] == ""
        assert "`causal_loss` is not defined" in rows["ex05_2"]["hint"]
        assert "its cell stops with SyntaxError" in rows["ex05_2"]["details"]
        assert "The rate is 0 at every step" in rows["ex05_3"]["hint"]
        assert "The kernel died" in rows["ex05_4"]["hint"]
        assert "`train`" in rows["ex05_5"]["hint"] or "died" in rows["ex05_5"]["hint"]
        assert path.read_bytes() == before
        assert (tmp_path / "seen").exists()

    def test_a_cell_that_never_ends(self, tmp_path):
        path = tmp_path / "mine.ipynb"
        # No question's cell, so it has more time: what the probe imports is loaded.
        begin = (
            "from time import sleep\n"
            "import transformers.optimization\n"
            "import course_utils.checks.run_question"
        )
        endless = "def learning_rate_at(*args):\n    while True: sleep(0.01)"
        nbformat.write(notebook(begin, endless, 'check("ex05_3")', RIGHT_5_1), path)
        line = "line 2 of your cell: while True: sleep(0.01)"
        for seconds in (3, 40):  # a busy machine may not reach the answer in 3
            found = check_notebook(path, timeout=seconds)
            rows = {row["question"]: row for row in found}
            if line in rows["ex05_3"]["details"]:
                break
        assert "takes too long" in rows["ex05_3"]["hint"]
        assert line in rows["ex05_3"]["details"]
        assert rows["ex05_1"]["points"] == 1

    def test_a_question_in_words_is_named_and_left_to_a_person(self, tmp_path):
        book = notebook(RIGHT_5_1)
        words = nbformat.v4.new_markdown_cell("My judgement.")
        words.metadata["nbgrader"] = {"grade_id": "ex05_6", "grade": True, "points": 3}
        book.cells.append(words)
        nbformat.write(book, tmp_path / "ex05.ipynb")
        row = check_notebook(tmp_path / "ex05.ipynb")[-1]
        assert (row["question"], row["points"], row["out_of"]) == ("ex05_6", None, 3)

    def test_an_error_above_the_function_is_shown_with_its_line(self, tmp_path):
        cell = "x = 0\ny = 1 / x\n" + RIGHT_5_1
        nbformat.write(notebook(cell), tmp_path / "ex05.ipynb")
        details = check_notebook(tmp_path / "ex05.ipynb")[0]["details"]
        assert details == (
            "its cell stops with ZeroDivisionError: division by zero\n"
            "line 2 of your cell: y = 1 / x"
        )

    def test_check_cells_without_an_answer_cell(self, tmp_path):
        nbformat.write(notebook('check("ex05_1")'), tmp_path / "mine.ipynb")
        rows = check_notebook(tmp_path / "mine.ipynb")
        assert [row["points"] for row in rows] == [0] * 5
        assert all("is not defined" in row["hint"] for row in rows)

    def test_damaged_cells_are_tolerated(self, tmp_path):
        book = notebook(
            RIGHT_5_1, "x = 1", "x = 2", "x = 3", "x = 4", 'check("ex05_1")'
        )
        cells = json.loads(nbformat.writes(book))["cells"]
        cells[0]["metadata"] = {"nbgrader": None, "tags": None}
        cells[1]["metadata"] = {"nbgrader": ["ex05_2"]}
        cells[2].pop("source")
        cells[3] |= {"source": None, "id": 5, "metadata": None}
        cells[4].pop("outputs")
        path = write_json(tmp_path, {**book, "cells": cells})
        assert [row["points"] for row in check_notebook(path)] == [1, 0, 0, 0, 0]

    def test_no_notebook(self, tmp_path):
        with pytest.raises(CourseError, match="No such file"):
            check_notebook(tmp_path / "none.ipynb")
        (tmp_path / "text.ipynb").write_text("hello")
        with pytest.raises(CourseError, match="it is no notebook"):
            check_notebook(tmp_path / "text.ipynb")

    @pytest.mark.parametrize("name", ["nbformat", "nbclient", "ipykernel"])
    def test_needs_jupyter(self, tmp_path, monkeypatch, name):
        nbformat.write(notebook(RIGHT_5_1), tmp_path / "ex05.ipynb")
        monkeypatch.setitem(sys.modules, name, None)  # as if it were not installed
        wanted = rf"^{name} is needed here: pip install \"train-gpt-course\[lab\]\"\.$"
        with pytest.raises(CourseError, match=wanted):
            check_notebook(tmp_path / "ex05.ipynb")

    @pytest.mark.slow
    def test_built_solution_with_lost_metadata_gets_all_points(self, tmp_path):
        book = nbformat.read(ROOT / "solutions" / "ex05_training.ipynb", 4)
        for cell in book.cells:  # as a web editor leaves it
            cell.metadata.clear()
            cell["id"] = nbformat.v4.new_code_cell().id
        book.cells = [cell for cell in book.cells if "check(" not in cell.source]
        nbformat.write(book, tmp_path / "ex05_training (1).ipynb")
        rows = check_notebook(tmp_path / "ex05_training (1).ipynb")
        assert [row["points"] for row in rows] == [row["out_of"] for row in rows]

    @pytest.mark.slow
    def test_built_stub_says_so_everywhere(self):
        rows = check_notebook(ROOT / "exercises" / "ex05_training.ipynb")
        assert [row["points"] for row in rows] == [0] * 5
        for number, row in enumerate(rows, start=1):
            assert f"Exercise 5.{number} is still the stub" in row["hint"]
            assert f"Exercise 5.{number}: " in row["details"]
