"""A class of 40 in every layout it comes in: each person once, with both exercises."""

import io
import json
import re
import zipfile
from pathlib import Path

import pytest

from course_utils.grading.discover import find
from course_utils.grading.file_tree import IGNORED
from course_utils.grading.names import joined, person_in, repaired, shown
from course_utils.grading.roster import read_roster
from course_utils.machine.errors import CourseError

NAMES = [
    *("Ann Lee", "Bob O'Brien", "Zoë Müller", "Jürgen Groß", "Ana Díaz", "Łukasz Żak"),
    *("İpek Şahin", "Nguyễn Thị Ánh", "Søren Ångström", "Þóra Jónsdóttir", "Chloé Roux"),
    *("Анна Каренина", "Олексій Ґудзь", "Αθηνά Παππά", "משה כהן", "محمد الأحمد"),
    *("علی رضایی", "می\u200cخواهم نام", "प्रिया शर्मा", "क्\u200dष राव", "অনিতা দাস"),
    *("தமிழ் செல்வி", "ธนพล ใจดี", "ខេមរា សុខ", "李 小明", "王芳", "佐藤 花子", "김 민준"),
    *("გიორგი ბერიძე", "Արամ Սարգսյան", "አበበ ቢቂላ", "Óscar Núñez", "Eʻimi Kaleo"),
    *("Wilhelmina van der Bosch", "Jean-Luc Picard", "Xi", "d'Arcy Ng", "00412"),
    *("Noah Copyright", "Lea Finalini"),
]
EXERCISES = {"ex05": "ex05_training", "ex06": "ex06_fine_tune"}
assert len(NAMES) == 40


def notebook(exercise: str, who: str = "") -> str:
    """Return the least that is a notebook of an exercise."""
    source = f'check("{exercise}_1")  # {who}'
    cell = {"cell_type": "code", "source": source, "metadata": {}, "outputs": []}
    return json.dumps({"cells": [cell], "nbformat": 4, "nbformat_minor": 5})


def write(folder: Path, files: dict[str, str]) -> Path:
    """Write files below a folder; a path with `.zip/` in it is a member's."""
    archives: dict[Path, dict[str, str]] = {}
    for name, text in files.items():
        outer, is_zip, inner = name.partition(".zip/")
        if is_zip:
            archives.setdefault(folder / f"{outer}.zip", {})[inner] = text
        else:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text)
    for path, members in archives.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(zipped(members))
    return folder


def zipped(members: dict[str, str]) -> bytes:
    """Return an archive; a member with `.zip/` in its name lies in one of its own."""
    content, inner = io.BytesIO(), {}
    with zipfile.ZipFile(content, "w") as archive:
        for name, text in members.items():
            outer, is_zip, rest = name.partition(".zip/")
            if is_zip:
                inner.setdefault(f"{outer}.zip", {})[rest] = text
            else:
                archive.writestr(name, text)
        for name, its in inner.items():
            archive.writestr(name, zipped(its))
    return content.getvalue()


def login(number: int) -> str:
    """Return a login as GitHub allows it."""
    return ("ann-lee", "bob", "the-final-student", "x1")[number % 4] + f"-{number}"


def canvas_name(number: int) -> str:
    """Return a name as Canvas joins it; two people have the same."""
    return "leeann" if number < 2 else joined(NAMES[number])


# One path for each layout, of a person's number and name and of an exercise. `m` is
# Moodle's number of the person in that assignment, `t` the notebook's name.
LAYOUTS = {
    "nbgrader": "submitted/{name}/{e}/{t}.ipynb",
    "nbgrader, a zip": "course.zip/submitted/{name}/{e}/{t}.ipynb",
    "student folders": "{name}/{t}{mark}.ipynb",
    "student folders in a wrapper": "all of them/{name}/{e}/{t}.ipynb",
    "student folders in two wrappers": "CS101/autumn/{name}/{e}/{t}.ipynb",
    "student zips": "{name}.zip/{t}{mark}.ipynb",
    "student zips with a folder": "{name}.zip/{name}/work/{e}/{t}.ipynb",
    "student zips in a class zip": "class.zip/{name}.zip/{t}.ipynb",
    "exercise folders": "{e}/{name}/{t}.ipynb",
    "exercise folders, flat": "Exercise {n}/{name}.ipynb",
    "sections": "Section {part}/{name}/{t}.ipynb",
    "sections without the word": "{day}/{name}/{e}/{t}.ipynb",
    "sections of zips": "section-{part}/{name}.zip/{t}.ipynb",
    "exercises in sections": "Section {part}/{e}/{name}/{t}.ipynb",
    "flat": "{name}_{t}.ipynb",
    "Google, copies": "{name} - Copy of {t}.ipynb",
    "Google, translated": "Kopie von {t} - {name} (1).ipynb",
    "Moodle, one folder": "{name}_{m}_assignsubmission_file_/{t}.ipynb",
    "Moodle, two zips": "CS101-Exercise {n}-123{n}.zip/"
    "{name}_{m}_assignsubmission_file_/{t}.ipynb",
    "Moodle, exercise folders": "{e}/{name}_{m}_assignsubmission_file_/{t}.ipynb",
    "Moodle, flat": "{name}_{m}_assignsubmission_file_{t}.ipynb",
    "Moodle, unpacked with its folder": "CS101-Exercise {n}-123{n}/"
    "{name}_{m}_assignsubmission_file_/{t}.ipynb",
    "Moodle, unpacked with a plain folder": "CS101-{word}/"
    "{name}_{m}_assignsubmission_file/{t}.ipynb",
    "Moodle, students' zips": "{e}.zip/{name}_{m}_assignsubmission_file_/my work.zip/"
    "{t}.ipynb",
    "Canvas, flat": "{canvas}_{late}{user}_{file}_{t}{version}.ipynb",
    "Canvas, two zips": "submissions{n}.zip/"
    "{canvas}_{late}{user}_{file}_{t}{version}.ipynb",
    "Canvas, students' zips": "{e}.zip/{canvas}_{late}{user}_{file}_work.zip/{t}.ipynb",
    "Canvas, a zip a folder": "{e}/submissions.zip/"
    "{canvas}_{late}{user}_{file}_{t}{version}.ipynb",
    "Gradescope": "assignment_{n}_export/submission_{n}{id}/{t}.ipynb",
    "Gradescope, two zips": "assignment_{n}_export.zip/assignment_{n}_export/"
    "submission_{n}{id}/{t}.ipynb",
    "GitHub Classroom": "{e}-{login}/{t}.ipynb",
    "GitHub Classroom, cloned": "{e}-submissions/{e}-{login}/{t}.ipynb",
    "GitHub Classroom, a long name": "gpt-{e}-loss-curves-{login}/{t}.ipynb",
    "GitHub Classroom, zips": "{e}-{login}.zip/{e}-{login}-main/{t}.ipynb",
    "Blackboard": "Exercise {n}_{user}b_attempt_2026-11-2{n}-13-05-44_{t}.ipynb",
    "Blackboard, odd logins": "{e}/Exercise_{n}_ann_{user}_attempt_"
    "2026-11-20-13-05-44_{t}.ipynb",
    "Blackboard, two zips": "gradebook_CS_Exercise20{n}_2026.zip/"
    "Exercise 0{n}_{user}b_attempt_2026-11-20-13-05-44_{t}.ipynb",
}
MARKS = [" (1)", "-Copy1", "", "_final", " - Copy", "_v2", ".final", " final version"]


def path_of(layout: str, number: int, exercise: str) -> str:
    n = int(exercise[2:])
    return LAYOUTS[layout].format(
        name=NAMES[number],
        e=exercise,
        n=n,
        t=EXERCISES[exercise],
        m=100_000 * n + number,
        id=1000 + number,
        user=12_000 + number,
        file=67_000 + 100 * n + number,
        canvas=canvas_name(number),
        late="LATE_" if number % 7 == 0 else "",
        version="-1" if number % 5 == 0 else "",
        login=login(number),
        part="ABC"[number % 3],
        day=("Monday", "Tuesday")[number % 2],
        word={"ex05": "Loss", "ex06": "Tuning"}[exercise],
        mark=MARKS[number % len(MARKS)],
    )


def class_of_40(folder: Path, layout: str) -> Path:
    """Write the class, with what platforms and people leave beside the notebooks."""
    files = {
        path_of(layout, number, exercise): notebook(exercise, str(number))
        for exercise in EXERCISES
        for number in range(40)
    }
    first = next(iter(files))
    if layout.startswith("Gradescope"):
        for n in (5, 6):
            top = re.sub(r"submission_.*", "", path_of(layout, 0, f"ex0{n}"))
            files[f"{top}submission_metadata.yml"] = metadata(n)
    if layout.startswith("student"):
        above = first.rpartition("/")[0]
        for junk in (
            ".ipynb_checkpoints/x-checkpoint.ipynb",
            ".vscode/settings.json",
            "__MACOSX/._x.ipynb",
            "helper.py",
            "venv/lib/y.ipynb",
        ):
            files[f"{above}/{junk}"] = notebook("ex05")
    if layout.startswith("Blackboard"):
        for name in list(files):
            receipt = re.sub(r"(-44)_.*", r"\1.txt", name)
            files[receipt] = "Name: Ann Lee (annlee)"
    return write(folder, files)


def metadata(n: int) -> str:
    """Return Gradescope's own list of who handed in what."""
    lines = ["---"]
    for number, name in enumerate(NAMES):
        lines += [
            f"submission_{n}{1000 + number}:",
            "  :submitters:",
            f"  - :name: {json.dumps(name, ensure_ascii=False)}",
            f"    :sid: '{number:05}'",
            f"    :email: s{number}@example.org",
            "  :created_at: 2026-11-20 13:05:44.123000000 Z",
        ]
    return "\n".join(lines)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_each_of_40_stands_once_with_both_exercises(tmp_path, layout):
    class_of_40(tmp_path, layout)
    found = list(find(tmp_path))
    assert [item for item in found if item.problem] == []
    by_student: dict[str, list[str]] = {}
    whose: dict[str, set[str]] = {}
    for item in found:
        by_student.setdefault(item.student, []).append(item.exercise)
        whose.setdefault(item.student, set()).add(item.cells[0]["source"][-2:].strip())
    assert {len(its) for its in whose.values()} == {1}
    assert {tuple(sorted(its)) for its in by_student.values()} == {("ex05", "ex06")}
    assert len(by_student) == 40
    path = LAYOUTS[layout]
    if "{name}" in path or "Gradescope" in layout:
        assert set(by_student) == {shown(name) for name in NAMES}
    elif "{login}" in path:
        assert set(by_student) == {login(number) for number in range(40)}
    elif "{canvas}" in path:
        assert {"leeann (12000)", "leeann (12001)", "zoëmüller"} <= set(by_student)
        assert sum(item.sender.late for item in found) == 12
    if "ection" in layout and "word" not in layout:
        assert {i.sender.section[-1:] for i in found} == {"A", "B", "C"}
    if layout in ("Gradescope", "Blackboard"):
        assert all(item.time for item in found)
