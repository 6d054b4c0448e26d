"""A class of 40 in every layout it comes in: each person once, with both exercises."""

import io
import json
import re
import unicodedata
import zipfile
from pathlib import Path

import pytest

from course_utils.grading.discover import find
from course_utils.grading.names import joined, person_in, repaired, shown
from course_utils.grading.roster import read_roster

NAMES = [
    *("Ann Lee", "Bob O'Brien", "Zoë Müller", "Jürgen Groß", "Ana Díaz", "Łukasz Żak"),
    *(
        "İpek Şahin",
        "Nguyễn Thị Ánh",
        "Søren Ångström",
        "Þóra Jónsdóttir",
        "Chloé Roux",
    ),
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
    "sections in exercises, flat": "{e}/Section {part}/{name}.ipynb",
    "sections of exercises' zips": "Group {part}/{e}.zip/{name}/{t}.ipynb",
    "assignments with a title": "Assignment {n} - {word} curves/{name}/{t}.ipynb",
    "a person's exercise folders": "{name} - Exercise {n}/solution.ipynb",
    "numbers with names": "{name} ({id})/Copy_of_Copy_of_{t}.ipynb",
    "written on Windows": "class.zip/{name}\\{e}\\{t}.ipynb",
    "flat": "{name}_{t}.ipynb",
    "flat, in a wrapper": "my class 2026/{name}_{t}.ipynb",
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
    "Canvas, students' zips, flat": "{canvas}_{late}{user}_{file}_work.zip/{t}.ipynb",
    "Canvas, sections": "Section {part}/submissions.zip/"
    "{canvas}_{late}{user}_{file}_{t}{version}.ipynb",
    "Gradescope": "assignment_{n}_export/submission_{n}{id}/{t}.ipynb",
    "Gradescope, two zips": "assignment_{n}_export.zip/assignment_{n}_export/"
    "submission_{n}{id}/{t}.ipynb",
    "GitHub Classroom": "{e}-{login}/{t}.ipynb",
    "GitHub Classroom, cloned": "{e}-submissions/{e}-{login}/{t}.ipynb",
    "GitHub Classroom, a long name": "gpt-{e}-loss-curves-{login}/{t}.ipynb",
    "GitHub Classroom, unpacked": "{e}-{login}-main/{t}.ipynb",
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
    if "{name} ({id}" in path:
        assert "Ann Lee (1000)" in by_student
    elif "{name}" in path or "Gradescope" in layout:
        assert set(by_student) == {shown(name) for name in NAMES}
    elif "{login}" in path:
        assert set(by_student) == {login(number) for number in range(40)}
    elif "{canvas}" in path:
        assert {"leeann (12000)", "leeann (12001)", "zoëmüller"} <= set(by_student)
        assert sum(item.sender.late for item in found) == 12
    if "{part}" in path:
        assert {i.sender.section[-1:] for i in found} == {"A", "B", "C"}
    if layout in ("Gradescope", "Blackboard"):
        assert all(item.time for item in found)


def problems(folder: Path) -> dict[str, str]:
    """Return why each student's work cannot be graded; "" for who has a notebook."""
    found: dict[str, str] = {}
    for item in find(folder):
        if item.problem:
            found.setdefault(item.student, item.problem)
        else:
            found[item.student] = ""
    return found


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("ex05.html", "<html>", "a web page"),
        ("ex05.py", "x = 1", "a Python file"),
        ("ex05.ipynb.txt", notebook("ex05"), "a text file"),
        ("ex05.ipynb.json", notebook("ex05"), "a JSON file"),
        ("work.rar", "Rar!", "no zip"),
        ("work.7z", "7z", "no zip"),
        ("work.tar.gz", "", "no zip"),
        ("ex05.pdf", "%PDF", "a document"),
        ("notes", "hello", "no notebook"),
        ("work.zip", "PK, but broken", "no readable zip"),
        ("venv/x.ipynb", notebook("ex05"), "hidden"),
        ("a.zip/b.zip/c.zip/ex05.ipynb", notebook("ex05"), "no notebook"),
        (".ipynb_checkpoints/ex05.ipynb", notebook("ex05"), "hidden"),
    ],
)
def test_whoever_handed_in_anything_stands_there(tmp_path, name, content, words):
    """In a folder, in a class zip, and flat, beside somebody who did it right."""
    files = {f"bob/{name}": content, "ann/ex05.ipynb": notebook("ex05")}
    found = problems(write(tmp_path / "folders", files))
    assert found.pop("ann") == ""
    assert words in found.pop("bob")
    assert not found
    if "/" not in name:
        files = {f"Bob Lee_7_assignsubmission_file_{name}": content}
        files["Ann Lee_8_assignsubmission_file_ex05.ipynb"] = notebook("ex05")
        found = problems(write(tmp_path / "flat", files))
        assert found.pop("Ann Lee") == ""
        assert words in found.pop("Bob Lee")
        assert not found


def test_an_empty_folder_and_a_link_stand_there(tmp_path):
    write(tmp_path, {"ann/ex05.ipynb": notebook("ex05")})
    (tmp_path / "bob").mkdir()
    (tmp_path / "cy").symlink_to(tmp_path / "ann")
    (tmp_path / "di").mkdir()
    (tmp_path / "di" / "ex05.ipynb").symlink_to(tmp_path / "ann" / "ex05.ipynb")
    found = problems(tmp_path)
    assert found["bob"] == "it is empty, or all that it holds is hidden."
    assert "link" in found["cy"]
    assert "link" in found["di"]


def test_a_web_page_of_another_exercise_is_told(tmp_path):
    files = {"ann/ex05.ipynb": notebook("ex05"), "ann/ex06.html": "<html>"}
    found = [item.problem for item in find(write(tmp_path, files))]
    assert sorted(map(bool, found)) == [False, True]
    files = {"bob/ex05.ipynb": notebook("ex05"), "bob/helper.py": "x = 1"}
    assert [i.problem for i in find(write(tmp_path / "b", files))] == [""]


def test_a_zip_in_a_zip_is_read_one_level_deep(tmp_path):
    files = {"class.zip/ann.zip/ex05.ipynb": notebook("ex05")}
    files["class.zip/bob.zip/work/ex05.ipynb"] = notebook("ex05")
    assert problems(write(tmp_path, files)) == {"ann": "", "bob": ""}


def test_two_ways_to_write_an_accent_are_one_name(tmp_path):
    """A Mac takes the letter and the accent apart."""
    files = {}
    for exercise, form in (("ex05", "NFC"), ("ex06", "NFD")):
        name = unicodedata.normalize(form, "J\u00fcrgen")
        files[f"{name}/{exercise}.ipynb"] = notebook(exercise)
    assert {item.student for item in find(write(tmp_path, files))} == {"J\u00fcrgen"}


MALLORY = {
    "mallory.zip/bob_7_assignsubmission_file_/ex05.ipynb": notebook("ex05", "3"),
    "ann/ex05.ipynb": notebook("ex05", "1"),
    "bob.zip/ex05.ipynb": notebook("ex05", "2"),
    "mallory.zip/ann/ex05.ipynb": notebook("ex05", "3"),
    "mallory.zip/bob/ex05.ipynb": notebook("ex05", "3"),
}


def test_a_zip_that_speaks_for_others_is_never_graded_as_theirs(tmp_path):
    found = list(find(write(tmp_path, MALLORY)))
    assert {i.student: i.cells[0]["source"][-1] for i in found if i.cells} == {
        "ann": "1",
        "bob": "2",
    }
    told = [item.problem for item in found if item.student == "mallory"]
    assert sum("another student" in problem for problem in told) == 3


def test_a_roster_tells_classes_from_people(tmp_path):
    """Folders of people on it are taken apart; archives beside people never are."""
    files = {
        "Monday stuff/ann/ex05.ipynb": notebook("ex05", "1"),
        "Monday stuff/bob/ex05.ipynb": notebook("ex05", "1"),
        "cy/one/ex05.ipynb": notebook("ex05", "1"),
        "cy/ann/ex05.ipynb": notebook("ex05", "2"),
        "homework.zip/ann/ex05.ipynb": notebook("ex05", "3"),
        "homework.zip/bob/ex05.ipynb": notebook("ex05", "3"),
    }
    (tmp_path / "roster.csv").write_text("Name\nann\nbob\ncy\n")
    roster = read_roster([tmp_path / "roster.csv"])
    found = list(find(write(tmp_path / "in", files), roster))
    graded = sorted((i.student, i.cells[0]["source"][-1]) for i in found if i.cells)
    assert graded == [("ann", "1"), ("bob", "1"), ("cy", "1")]
    told = " ".join(item.problem for item in found)
    assert "called after ann, who is another student" in told
    assert "it lies beside the work of others" in told


@pytest.mark.parametrize("people", [["cy", "di"], ["cy", "di", "fay", "gus"]])
def test_a_zip_of_several_strangers_is_told(tmp_path, people):
    files = {f"mallory.zip/{name}/ex05.ipynb": notebook("ex05") for name in people}
    files["ann.zip/ex05.ipynb"] = notebook("ex05")
    found = list(find(write(tmp_path, files)))
    assert {item.student for item in found} == {"ann", "mallory"}
    told = " ".join(item.problem for item in found if item.student == "mallory")
    assert ("looks like a class" if len(people) > 3 else "it names cy, di") in told


def test_a_zip_named_as_a_part_says_nothing_beside_people(tmp_path):
    for name in ("ex05", "section-a", "submissions"):
        files = {f"{name}.zip/{who}/ex05.ipynb": notebook("ex05", "2") for who in "xy"}
        files = {key.replace("/x/", "/ann/"): text for key, text in files.items()}
        files |= {
            f"{who}.zip/ex05.ipynb": notebook("ex05", "1") for who in ("ann", "bo")
        }
        found = list(find(write(tmp_path / name, files)))
        assert {i.student: i.cells[0]["source"][-1] for i in found if i.cells} == {
            "ann": "1",
            "bo": "1",
        } | ({"section-a": "2"} if name == "section-a" else {})
        assert any(item.problem for item in found)


def test_an_exercise_that_one_person_handed_in_is_known_by_the_others(tmp_path):
    files = {f"Assignment 5 - Loss/{n}/ex05.ipynb": notebook("ex05") for n in NAMES}
    files["Assignment 6 - Tuning/Ann Lee/ex06.ipynb"] = notebook("ex06")
    found = list(find(write(tmp_path, files)))
    assert len({item.student for item in found}) == 40
    assert sum(item.student == "Ann Lee" for item in found) == 2
    assert not any(item.problem for item in found)


def test_two_people_in_a_folder_are_never_one(tmp_path):
    files = {
        "CS101/ann/a.ipynb": notebook("ex05"),
        "CS101/bob/b.ipynb": notebook("ex06"),
    }
    assert problems(write(tmp_path, files)) == {"ann": "", "bob": ""}


def test_text_typed_into_moodle_is_nothing_beside_a_notebook(tmp_path):
    files = {
        "Ann Lee_1_assignsubmission_onlinetext_/onlinetext.html": "<p>",
        "Ann Lee_1_assignsubmission_file_/ex05.ipynb": notebook("ex05"),
        "Bob_2_assignsubmission_onlinetext_/onlinetext.html": "<p>",
    }
    found = problems(write(tmp_path, files))
    assert found["Ann Lee"] == ""
    assert "a web page" in found["Bob"]


def test_a_class_that_cannot_be_told_apart_is_refused(tmp_path):
    """One folder of many people beside another: neither is one person's."""
    files = {f"mallory/x/{name}/ex05.ipynb": notebook("ex05") for name in NAMES}
    files["n/ex05.ipynb"] = notebook("ex05")
    found = problems(write(tmp_path, files))
    assert "looks like a class: grade this folder by itself" in found["mallory"]
    assert found["n"] == ""


@pytest.mark.parametrize(
    ("name", "person"),
    [
        ("Copy of ex05_training.ipynb", ""),
        ("ex05_training_final.ipynb", ""),
        ("ex05 final version (2).ipynb", ""),
        ("Untitled3.ipynb", ""),
        ("Kopie von ex05_training.ipynb", ""),
        ("ex05_training.ipynb のコピー", ""),
        ("ana_final_v2.ipynb", "ana"),
        ("Ann Lee - Copy of ex05-training (1).ipynb.zip", "Ann Lee"),
        ("ex05_training (final) Ann Lee.ipynb", "Ann Lee"),
        ("Exercise 5 - Zoë.ipynb", "Zoë"),
        ("my homework really final.ipynb", ""),
        ("Jean-Luc_ex05.ipynb", "Jean-Luc"),
        ("00412_ex05.ipynb", "00412"),
        ("Alex05.ipynb", "Alex05"),
        ("王.ipynb", "王"),
    ],
)
def test_copies_and_versions_are_nobody(name, person):
    assert person_in(name) == person


@pytest.mark.parametrize("name", ["Jürgen", "Анна", "李小明", "Þóra", "क्\u200dष राव"])
@pytest.mark.parametrize("wrong", ["cp437", "latin-1"])
def test_names_are_repaired(name, wrong):
    assert repaired(name.encode().decode(wrong)) == shown(name)
    assert repaired(name) == shown(name)


def test_an_archive_of_macos_and_one_of_powershell(tmp_path):
    class Bare(zipfile.ZipInfo):
        def _encodeFilenameFlags(self):  # as macOS: UTF-8, and no flag that says so
            return self.filename.encode(), 0

    with zipfile.ZipFile(tmp_path / "class.zip", "w") as archive:
        for name in ("Jürgen/ex05.ipynb", "Ana Díaz\\ex05.ipynb", "Bob\\"):
            archive.writestr(Bare(name), notebook("ex05"))
    found = problems(tmp_path)
    assert found == {"Jürgen": "", "Ana Díaz": "", "Bob": "it holds no notebook."}


def test_joiners_stay_where_a_script_needs_them():
    assert shown("می\u200cخواهم") == "می\u200cخواهم"
    assert shown("ann\u200d") == "ann<U+200D>"
    assert shown("\u202eann") == "<U+202E>ann"
