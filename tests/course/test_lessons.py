"""Every lesson keeps the habits of a good one. The test prints a table of them."""

import ast
import inspect
import re
from itertools import groupby
from pathlib import Path
from statistics import mean, median

import jupytext
import pytest
from test_glossary import ENTRY, GLOSSARY, prose_of, uses
from test_lesson_figures import MARK

import course_utils
from course_utils.authoring.build import read_notebook
from course_utils.authoring.embed_drawings import EMBEDDED, NAMED, drawings_of
from course_utils.authoring.run_lessons import FIRST_LABORATORY

ROOT = Path(__file__).parents[2]
LIBRARY = Path(course_utils.__file__).parent  # a wheel's lies elsewhere
LESSONS = sorted((ROOT / "source" / "lessons").glob("*.py"))
SHOWN = re.compile(r"# from (course_utils/\S+\.py)")


def cells_of(path):
    return jupytext.read(path, fmt="py:percent").cells


def without_notes(tree):
    """Drop docstrings and annotations: a lesson may show a function without them."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            first = node.body[0]
            if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
                node.body = node.body[1:] or [ast.Pass()]
        if isinstance(node, ast.FunctionDef):
            node.returns = None
        if isinstance(node, ast.arg):
            node.annotation = None
    return tree


def is_constant(target):
    return isinstance(target, ast.Name) and target.id.isupper()


def definitions(source):
    """Return {name: normalised code} of a module's functions, classes and constants.

    A constant that it imports from another module of the library counts as its own.
    """
    found = {}
    for node in without_notes(ast.parse(source)).body:
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(
            "course_"
        ):
            other = LIBRARY.parent / f"{node.module.replace('.', '/')}.py"
            constants = [name.name for name in node.names if name.name.isupper()]
            if constants and other.exists():
                theirs = definitions(other.read_text(encoding="utf-8"))
                found |= {k: theirs[k] for k in constants if k in theirs}
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            found[node.name] = ast.unparse(node)
        elif isinstance(node, ast.Assign) and is_constant(node.targets[0]):
            found[node.targets[0].id] = ast.unparse(node)
    return found


def shown_bodies():
    for path in LESSONS:
        for cell in cells_of(path):
            if cell.cell_type == "code" and (match := SHOWN.search(cell.source)):
                yield pytest.param(
                    match[1], cell.source, id=f"{path.stem}-{Path(match[1]).stem}"
                )


@pytest.mark.parametrize(("module", "source"), shown_bodies())
def test_a_shown_helper_is_the_librarys(module, source):
    library = definitions((LIBRARY.parent / module).read_text(encoding="utf-8"))
    shown = definitions(source)
    assert shown
    for name, code in shown.items():
        # A helper that is private in the library may be shown without its underscore.
        assert code in (library.get(name), library.get(f"_{name}")), name


QUESTIONS = range(3, 6)
OBJECTIVES = range(3, 6)


def code_lines(cell):
    return len([line for line in cell.source.split("\n") if line.strip()])


def measure(cells):
    """Return what the linter's table shows of a lesson's cells, in numbers."""
    texts = [cell.source for cell in cells if cell.cell_type == "markdown"]
    lines = sorted(code_lines(cell) for cell in cells if cell.cell_type == "code")
    kinds = groupby(cell.cell_type for cell in cells)
    return {
        "texts": len(texts),
        "words": round(mean(len(text.split()) for text in texts)),
        "codes": len(lines),
        "median": f"{median(lines):g}",
        "p90": lines[int(0.9 * (len(lines) - 1))],
        "longest": lines[-1],
        "in a row": max(len(list(run)) for kind, run in kinds if kind == "code"),
        "marked": len(marks_of(cells)),
    }


def pictures_of(path):
    """Return how many drawings and plots a lesson's stored notebook shows."""
    cells = read_notebook(ROOT / "notebooks" / f"{path.stem}.ipynb").cells
    drawn = sum(len(EMBEDDED.findall(cell.source)) for cell in cells)
    outputs = [output for cell in cells for output in cell.get("outputs", [])]
    return drawn + sum("image/png" in output.get("data", {}) for output in outputs)


def show(cells, path):
    """Return what the linter's table shows of a lesson's pictures."""
    texts = [cell.source for cell in cells if cell.cell_type == "markdown"]
    read = [NAMED.sub("", MARK.sub("", text)) for text in texts]
    words, pictures = sum(len(text.split()) for text in read), pictures_of(path)
    return {
        "cells": len(cells),
        "pictures": pictures,
        "words a picture": round(words / pictures),
    }


CELLS, PICTURES, WORDS_A_PICTURE = range(25, 151), range(5, 31), range(100, 501)
CELLS_OF_A_LABORATORY = range(25, 61)


def picture_problems(cells, path):
    """Yield what a lesson has too many or too few of: cells, pictures, words."""
    if path.parent != LESSONS[0].parent:
        return
    is_laboratory = path.stem[:2] >= FIRST_LABORATORY
    most = CELLS_OF_A_LABORATORY if is_laboratory else CELLS
    ranges = zip(
        show(cells, path).items(), (most, PICTURES, WORDS_A_PICTURE), strict=True
    )
    for (name, found), wanted in ranges:
        if found not in wanted:
            yield f"{found} {name}, not {wanted.start} to {wanted.stop - 1}"


def drawing_problems(cells):
    """Yield drawings without words for who cannot see them."""
    for cell in cells:
        for alt, name in drawings_of(cell.source):
            if len(alt.split()) < 8:
                yield f"{name} is not described: {alt!r}"


def density_problems(cells):
    """Yield where a lesson has too much code for its text."""
    found = measure(cells)
    limits = {"codes": found["texts"], "median": 10, "p90": 30, "in a row": 3}
    for name, limit in limits.items():
        if float(found[name]) > limit:
            yield f"{name}: {found[name]}, at most {limit}"


def frame_problems(cells, number):
    """Yield what the frame of lesson `number` lacks.

    A laboratory ends with a run of the student's own, where a lesson has its exercise.
    """
    first = cells[0].source
    is_laboratory = number >= FIRST_LABORATORY
    practice = "Your own run" if is_laboratory else "Exercise|Practise"
    text = "\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    rows = [
        line.strip("| ").split(" | ") for line in first.split("\n") if line[:1] == "|"
    ]
    if not re.match(rf"# {int(number)}\. ", first):
        yield "the title's number"
    aims = first.partition("You will be able to")[2].partition("\n|")[0]
    if len(re.findall(r"^- ", aims, re.MULTILINE)) not in OBJECTIVES:
        yield "3 to 5 aims after 'You will be able to'"
    if not rows or not {"profile", "minutes", "memory"} <= set(rows[0]):
        yield "a table of profile, minutes and memory"
    for row in rows[2:]:
        if "tiny" not in row[0] and "predicted" not in row[rows[0].index("minutes")]:
            yield f"'predicted' beside the minutes of {row[0]}"
    if not {"tiny", "colab", "full"} <= set(re.findall(r"\w+", str(rows))):
        yield "a row for each profile"
    for heading in ("Key takeaways", "Quiz", practice, "Further reading"):
        if not re.search(rf"^## ({heading})$", text, re.MULTILINE):
            yield f"a heading {heading}"
    linked = re.search(r"\]\(\.\./exercises/ex\d\d_\w+\.ipynb\)", text)
    if not is_laboratory and not linked:
        yield "a link to an exercise"
    if sum("finish_lesson()" in c.source for c in cells if c.cell_type == "code") != 1:
        yield "one finish_lesson(), which prints the lesson's time"


def heading_problems(cells):
    """Yield headings that are out of order."""
    text = "\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    text = re.sub(r"```.*?```", "", text, flags=re.DOTALL)
    headings = re.findall(r"^(#+) (.+)", text, re.MULTILINE)
    levels = [len(marks) for marks, _ in headings]
    numbers = [int(n) for n in re.findall(r"^## (\d+)\. ", text, re.MULTILINE)]
    if levels.count(1) != 1 or levels[0] != 1:
        yield "one title, and first"
    for before, (marks, title) in zip(levels, headings[1:], strict=False):
        if len(marks) > before + 1:
            yield f"{title!r} skips a level"
    if len(numbers) < 3 or numbers != list(range(1, len(numbers) + 1)):
        yield f"numbered {numbers}"
    names = [title for marks, title in headings if marks == "##"]
    closing = [name for name in names if not name[0].isdigit()]
    if names[-len(closing) :] != closing or closing[:1] != ["Key takeaways"]:
        yield f"the end is {closing}"


def line_problems(cells):
    """Yield lines of over 88 characters; tables and links cannot be broken."""
    for cell in cells:
        for line in cell.source.split("\n"):
            free = cell.cell_type == "markdown" and re.match(r"\|.*|.*\]\(|.*://", line)
            if len(line) > 88 and not free:
                yield line


def quiz_problems(cells):
    """Yield what is wrong with a quiz, and with its questions."""
    quizzes = [cell for cell in cells if "quiz" in cell.metadata.get("tags", [])]
    if len(quizzes) != 1:
        yield f"{len(quizzes)} quizzes"
        return
    call = ast.parse(quizzes[0].source).body[-1].value
    questions = ast.literal_eval(call.args[0])
    if "`" in str(questions):  # jupyterquiz shows it as it is
        yield "a backtick"
    if len(questions) not in QUESTIONS:
        yield f"{len(questions)} questions"
    for question in questions:
        answers = question["answers"]
        texts = {answer["answer"] for answer in answers}
        if len(answers) < 3 or len(texts) != len(answers):
            yield f"too few or equal answers: {question['question']}"
        if sum(answer["correct"] for answer in answers) != 1:
            yield f"not one right answer: {question['question']}"
        for answer in answers:
            if len(answer.get("feedback", "").split()) < 3:
                yield f"not explained: {answer['answer']}"


def marks_of(cells):
    """Return the bounds of a lesson's marked figures."""
    texts = [cell.source for cell in cells if cell.cell_type == "markdown"]
    return [(low, high) for text in texts for _, low, high in MARK.findall(text)]


def figure_problems(cells):
    """Yield ranges that a lesson promises and does not mark.

    These are the ranges in the table's row for tiny, minutes and memory apart, and
    those in the text after the word "expect".
    """
    head, *rows = [
        line.strip("| ").split(" | ")
        for line in cells[0].source.split("\n")
        if line.startswith(("| profile", "| tiny"))
    ]
    told = [
        value
        for row in rows
        for name, value in zip(head, row, strict=True)
        if name not in ("minutes", "memory")
    ]
    for cell in cells:
        if cell.cell_type == "markdown":
            text = " ".join(MARK.sub("", cell.source).split())
            told += re.findall(r"\bexpect\b(.*?)(?:[.:;] |$)", text)
    number = r"(\d(?:[\d,]*\d)?(?:\.\d+)?)"
    for text in told:
        for bounds in re.findall(rf"{number} to {number}", text):
            if bounds not in marks_of(cells):
                yield f"{' to '.join(bounds)} is not marked: {text.strip()}"


def late_terms(cells, number):
    """Yield the glossary's terms that lesson `number` uses before they are explained.

    Lesson 00 may mention what comes: it is the map, and links to the glossary.
    """
    text = prose_of(cells)
    for term, _, explained, _ in ENTRY.findall(GLOSSARY):
        if "00" < number < explained and uses(text, term):
            yield f"{term}: explained in {explained}"


CHECKS = {
    "density": density_problems,
    "shown": picture_problems,
    "alt": drawing_problems,
    "frame": frame_problems,
    "headings": heading_problems,
    "lines": line_problems,
    "quiz": quiz_problems,
    "figures": figure_problems,
    "terms": late_terms,
}


def problems(path):
    """Return {check: what it found} of a lesson."""
    number, cells = path.stem[:2], cells_of(path)
    found = {}
    for name, check in CHECKS.items():
        values = {"number": number, "cells": cells, "path": path}
        wanted = inspect.signature(check).parameters
        found[name] = list(check(**{key: values[key] for key in wanted}))
    return found


def printed_time(path):
    """Return what a lesson's stored notebook says it took."""
    text = (ROOT / "notebooks" / f"{path.stem}.ipynb").read_text(encoding="utf-8")
    return next(iter(re.findall(r"The cells took (\d+ s)econds", text)), "?")


def test_every_lesson_keeps_the_habits(capsys):
    """Prints the table, always."""
    rows = []
    failed = {}
    for path in LESSONS:
        found = problems(path)
        failed |= {f"{path.stem}: {k}": v for k, v in found.items() if v}
        states = {name: len(value) or "ok" for name, value in found.items()}
        rows.append(
            {"lesson": path.stem} | measure(cells_of(path))
            | show(cells_of(path), path) | states
            | {"took": printed_time(path)}
        )  # fmt: skip
    widths = {k: max(len(k), *(len(str(row[k])) for row in rows)) for k in rows[0]}
    lines = [{name: name for name in rows[0]}, *rows]
    with capsys.disabled():
        print()
        for row in lines:
            print("  ".join(str(row[k]).ljust(width) for k, width in widths.items()))
    assert len(rows) >= 11
    assert not failed, "\n".join(f"{k}: {v}" for k, v in failed.items())


BAD = """\
# %% [markdown]
# # 4. A title
#
# You will be able to
#
# - do one thing.
#
# | profile | minutes | memory | loss |
# |---|---|---|---|
# | tiny | 1 | 1 GB | 3 to 4 |
# | colab | 2 | 2 GB | 3 (predicted) |
#
# ## 2. A number too early
#
# #### A level too deep
#
# The beam search comes in lesson 08.
#
# ![A box.](drawing:a_box)

# %%
a = 1

# %%
a = 2

# %% tags=["quiz"]
display_quiz([{"question": "`?`", "answers": [
    {"answer": "yes", "correct": True, "feedback": ""},
    {"answer": "no", "correct": True, "feedback": "Read the text again, from the top, with a cup of tea."},
]}])
"""  # noqa: E501


def test_a_bad_lesson_is_found_out(tmp_path):
    path = tmp_path / "01_bad.py"
    path.write_text(BAD)
    found = problems(path)
    assert found["density"] == ["codes: 3, at most 1"]
    assert len(found["frame"]) == 10
    assert "'A level too deep' skips a level" in found["headings"]
    assert "numbered [2]" in found["headings"]
    assert len(found["lines"]) == 1
    assert found["quiz"] == [
        "a backtick",
        "1 questions",
        "too few or equal answers: `?`",
        "not one right answer: `?`",
        "not explained: yes",
    ]
    assert found["figures"] == ["3 to 4 is not marked: 3 to 4"]
    assert found["alt"] == ["a_box is not described: 'A box.'"]
    assert found["terms"] == ["beam search: explained in 08"]
