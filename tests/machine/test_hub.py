"""The Hub in trouble: retry, or stop with one line, and never harm the cache.

Each fault meets an empty cache. Once it is over, the same call gives what it gives on a
Hub without faults. The cases are printed at the end.
"""

import shutil
import time
from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hub import faults
from hub.repos import write_repos, write_samsum
from hub.server import Fault, Hub
from hub.student import TIMEOUT, Student
from pace import pace

from course_utils.machine import hub as course_hub

ALWAYS = float("inf")
PAUSES = course_hub.PAUSE * (2 ** (course_hub.ATTEMPTS - 1) - 1)
# What a fault may cost beyond the time without one, and a noisy machine.
NOISE = 60
SAMSUM, WIKITEXT = "knkarthick/samsum", "Salesforce/wikitext"
WEIGHTS, ROWS = "resolve/.*model.safetensors", "resolve/.*parquet"


@dataclass
class Case:
    """One kind of trouble.

    Attributes:
        fault: how it changes answers.
        where: pattern of the paths of these answers.
        times: how many answers; ALWAYS until it is healed.
        line: what the one line says, or None if trying again helps.
    """

    fault: Fault
    where: str = ""
    times: float = ALWAYS
    line: str | None = None


# These run in the fast tests, all of them in the slow ones.
QUICK = {"a server error, twice", "no answer", "a wrong checksum", "a gated data set"}
CASES = {
    "a server error, twice": Case(faults.status(500), times=2),
    "too many requests, once": Case(faults.status(429, Retry_After="1"), times=1),
    "no answer, once": Case(faults.stall(10), times=1),
    "no answer to one file, once": Case(faults.stall(10), ROWS, 1),
    "silence within a file, once": Case(faults.hanging, WEIGHTS, 2),
    "a file cut off, once": Case(faults.cut_off, WEIGHTS, 2),
    "a truncated file, once": Case(faults.truncated, WEIGHTS, 2),
    "a wrong checksum, once": Case(faults.flipped, ROWS, 2),
    "a server error": Case(faults.status(503), line="fault of its own (503)"),
    "too many requests": Case(
        faults.status(429, Retry_After="300"), line="try again in 300 s"
    ),
    "no answer": Case(faults.stall(60), line="it does not answer"),
    "a truncated file": Case(
        faults.truncated, WEIGHTS, line="model.safetensors arrived"
    ),
    "a truncated table": Case(faults.truncated, "resolve/.*csv", line="arrived"),
    "a wrong checksum": Case(
        faults.flipped, ROWS, line="arrived damaged (wrong checksum)"
    ),
    "a gated data set": Case(faults.gated, SAMSUM, line="accept its terms"),
    "a gated model": Case(faults.gated, "gpt2", line="accept its terms"),
    "a refused token (401)": Case(faults.logged_out, line="renew HF_TOKEN"),
    "no such data set (404)": Case(
        faults.status(404, X_Error_Code="RepoNotFound"), SAMSUM, line="there is none"
    ),
    "no such file (404)": Case(
        faults.status(404, X_Error_Code="EntryNotFound"),
        WEIGHTS,
        line="no file model.safetensors",
    ),
}


@pytest.fixture(scope="module")
def hub(tmp_path_factory):
    root = tmp_path_factory.mktemp("repos")
    write_repos(root, rows=0.02, n_embd=8, n_layer=1, n_head=1)
    with Hub(root) as server:
        yield server


@pytest.fixture(scope="module")
def pupil(hub, tmp_path_factory):
    student = Student(hub.url, tmp_path_factory.mktemp("home") / "hf")
    yield student
    student.leave()


@pytest.fixture
def student(pupil, hub):
    """A student with an empty cache, and a Hub that is well again afterwards."""
    pupil.forget()
    hub.heal()
    yield pupil
    hub.heal()


@pytest.fixture(scope="module")
def whole(pupil):
    """What a fetch gives on a Hub without faults."""
    answer = pupil.ask("fetch")
    assert "value" in answer, answer
    assert answer["value"]["tokens"] == 50257
    assert len(answer["value"]) == 8
    return answer["value"]


@pytest.fixture(scope="module")
def passed(request):
    """Names of the cases that passed, with their seconds; printed at the end."""
    names: dict[str, str] = {}
    yield names
    capture = request.config.pluginmanager.getplugin("capturemanager")
    with capture.global_and_fixture_disabled():
        print(f"\n\nHub: {len(names)} cases and faults passed")
        for name, outcome in names.items():
            print(f"  {name:<32} {outcome}")


def one_line(answer: dict) -> str:
    assert answer.get("kind") == "CourseError", answer
    assert "\n" not in answer["error"]
    assert len(answer["error"]) < 300
    return answer["error"]


def marked(name: str) -> Any:
    return pytest.param(name, marks=() if name in QUICK else pytest.mark.slow)


@pytest.mark.parametrize("name", map(marked, CASES))
def test_a_fault_passes_or_is_one_line(name, student, hub, whole, passed):
    case = CASES[name]
    hub.trouble(case.fault, case.where, case.times)
    answer = student.ask("fetch")
    assert answer["seconds"] < course_hub.ATTEMPTS * TIMEOUT + PAUSES + NOISE
    assert answer["printed"] == ""
    if case.line is None:
        assert answer.get("value") == whole, answer
        outcome = "tried again, works"
    else:
        line = one_line(answer)
        assert case.line in line
        assert "from the Hub" in line
        outcome = line
        hub.heal()
        assert student.ask("fetch")["value"] == whole
    passed[name] = f"{answer['seconds']:5.1f} s  {outcome}"


def test_a_hub_that_cannot_be_reached(student, hub, whole, passed):
    hub.stop()
    try:
        answer = student.ask("fetch")
    finally:
        hub.start()
    passed["unreachable"] = f"{answer['seconds']:5.1f} s  {one_line(answer)}"
    assert "it cannot be reached" in answer["error"]
    assert student.ask("fetch")["value"] == whole


def test_what_is_cached_is_not_fetched_again(student, hub, whole):
    assert student.ask("fetch")["value"] == whole
    hub.requests.clear()
    assert student.ask("fetch")["value"] == whole
    assert not [path for _, path in hub.requests if path.endswith("safetensors")]


FULL_CACHE = {
    "a server error": (faults.status(503), "", "a fault of its own (503)"),
    "a refused token": (faults.logged_out, "", "renew HF_TOKEN"),
    "no answer": (faults.stall(60), "", "does not answer"),
    "no answer about data sets": (faults.stall(60), "datasets", "does not answer"),
    "a gated data set": (faults.gated, SAMSUM, "accept its terms"),
}


@pytest.mark.parametrize(
    "name",
    [
        "a server error",
        *(pytest.param(x, marks=pytest.mark.slow) for x in list(FULL_CACHE)[1:]),
    ],
)
def test_a_full_cache_serves_while_the_hub_is_in_trouble(
    name, student, hub, whole, passed
):
    fault, where, line = FULL_CACHE[name]
    assert student.ask("fetch")["value"] == whole
    patient = Student(hub.url, student.home)  # it leaves the Hub alone from then on
    hub.trouble(fault, where)
    hub.requests.clear()
    answer = patient.ask("fetch")
    again = patient.ask("fetch")
    patient.leave()
    assert answer.get("value") == again.get("value") == whole, answer
    assert line in answer["printed"]
    assert answer["printed"].endswith("Using what is cached.\n")
    assert len(hub.requests) <= 3  # a probe each
    passed[f"{name}, full cache"] = f"{answer['seconds']:5.1f} s  works, and says so"


@pytest.mark.slow
def test_a_cache_that_is_not_whole_does_not_serve(student, hub, whole):
    assert student.ask("fetch")["value"] == whole
    [weights] = student.home.glob("hub/models--*/snapshots/*/model.safetensors")
    weights.unlink()
    hub.trouble(faults.logged_out)  # the client tries again for minutes after a 503
    assert "renew HF_TOKEN" in one_line(student.ask("fetch"))
    hub.heal()
    assert student.ask("fetch")["value"] == whole


@pytest.mark.slow
def test_killed_before_the_hashes_are_compared(hub, whole, tmp_path, passed):
    home = tmp_path / "hf"
    hub.heal()
    hub.trouble(faults.flipped, WEIGHTS)
    hub.trouble(second(faults.stall(60)), "api/models/.*/tree/")  # asked for hashes
    first = Student(hub.url, home, timeout=30)
    first.begin("fetch")
    trees = "/api/models/openai-community/gpt2/tree/"
    wait_until(lambda: sum(trees in path for _, path in hub.requests) == 2)
    first.kill()
    assert list(home.glob("hub/models--*/snapshots/*/model.safetensors"))
    hub.heal()
    second_one = Student(hub.url, home)
    answer = second_one.ask("fetch")
    second_one.leave()
    assert answer.get("value") == whole, answer
    passed["killed before the check"] = f"{answer['seconds']:5.1f} s  works afterwards"


def second(fault: Fault) -> Fault:
    """Return a fault that spares the first answer."""
    answers = []

    def later(answer):
        answers.append(answer)
        return fault(answer) if len(answers) > 1 else answer

    return later


@pytest.mark.slow
def test_killed_in_the_middle_of_a_download(tmp_path, passed):
    # The client writes pieces of 10 MB: half of these weights is more.
    root, home = tmp_path / "repos", tmp_path / "hf"
    write_repos(root, rows=0.02, n_embd=128, n_layer=1, n_head=1)
    with Hub(root) as hub:
        hub.trouble(faults.hanging, WEIGHTS)
        first = Student(hub.url, home, timeout=30)
        first.begin("fetch")
        blobs = home / "hub" / "models--openai-community--gpt2" / "blobs"
        half = 50257 * 128 * 4 // 3
        wait_until(lambda: any(size > half for size in unfinished(blobs)))
        first.kill()
        assert unfinished(blobs)
        hub.heal()
        second = Student(hub.url, home)
        answer = second.ask("fetch")
        second.forget()
        assert second.ask("fetch")["value"] == answer.get("value"), answer
        second.leave()
    passed["killed within a file"] = f"{answer['seconds']:5.1f} s  works afterwards"


def unfinished(blobs: Path) -> list[int]:
    """Return the bytes of each file whose download has not ended."""
    sizes = []
    for path in blobs.glob("*.incomplete"):
        with suppress(FileNotFoundError):  # it has just ended
            sizes.append(path.stat().st_size)
    return sizes


def wait_until(ready: Callable[[], bool], seconds: float = 120) -> None:
    end = time.monotonic() + seconds
    while not ready():
        assert time.monotonic() < end
        time.sleep(0.05)


# How long a call may take with the client's own time limits, as docs/design.md states.
STATED = {
    "no answer": (faults.stall(300), "", 40),
    "a file's server error": (faults.status(500), "resolve/.*train.csv", 100),
    "a silent file": (faults.stall(300), "resolve/.*train.csv", 100),
}


@pytest.mark.slow
def test_the_time_that_docs_design_states(hub, tmp_path):
    """A student each at the same time, since all they do is wait."""
    with ExitStack() as stack:
        students = {}
        for name, (fault, where, _) in STATED.items():
            its_hub = stack.enter_context(Hub(hub.root))
            its_hub.trouble(fault, where)
            students[name] = Student(its_hub.url, tmp_path / name, timeout=10)
            stack.callback(students[name].kill)
        for student in students.values():
            student.begin("fetch")
        for name, student in students.items():
            answer = student.answer()
            one_line(answer)
            # Beside the waiting, libraries are imported.
            assert answer["seconds"] < STATED[name][-1] + 10 * pace(), name


def change(hub: Hub, name: str, edit: Callable) -> Callable:
    """Edit a data set's folder; return what undoes it."""
    folder = hub.root / "datasets" / name
    copy = hub.root / "copy"
    shutil.copytree(folder, copy)
    edit(folder)

    def undo() -> None:
        shutil.rmtree(folder, ignore_errors=True)
        copy.rename(folder)

    return undo


def moved(folder):
    (folder.parents[1] / "other").mkdir(exist_ok=True)
    shutil.rmtree(folder.parents[1] / "other" / "name", ignore_errors=True)
    folder.rename(folder.parents[1] / "other" / "name")


CHANGES = {
    "a renamed data set": (moved, "there is none, or it is private"),
    "a changed column": (
        lambda folder: write_samsum(folder, {"train": 9, "validation": 9, "test": 9},
                                    dialogue="dialog"),
        "no column dialogue in its split test, only id, dialog, summary",
    ),
    "a missing split": (
        lambda folder: (folder / "validation.csv").unlink(),
        "no split validation, only train, test",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CHANGES)
def test_a_changed_data_set_is_one_line(name, student, hub, whole, passed):
    edit, expected = CHANGES[name]
    undo = change(hub, SAMSUM, edit)
    try:
        answer = student.ask("fetch")
    finally:
        undo()
    line = one_line(answer)
    assert expected in line
    assert SAMSUM in line
    assert student.ask("fetch")["value"] == whole
    passed[name] = f"{answer['seconds']:5.1f} s  {line}"


def test_a_renamed_data_set_that_is_redirected_works(student, hub, whole, passed):
    undo = change(hub, SAMSUM, moved)
    hub.renamed[SAMSUM] = "other/name"
    try:
        answer = student.ask("fetch")
    finally:
        hub.renamed.clear()
        undo()
    assert answer.get("value") == whole, answer
    passed["a renamed data set, redirected"] = f"{answer['seconds']:5.1f} s  works"


def test_a_lesson_that_is_not_strict_falls_back_as_a_whole(student, hub, passed):
    hub.trouble(faults.gated, SAMSUM)
    answer = student.ask("profile_without_strict")
    assert answer["value"] == "tiny"
    assert answer["printed"].count("\n") == 1
    assert "accept its terms" in answer["printed"]
    assert "Using the tiny profile instead." in answer["printed"]
    passed["not strict: tiny instead"] = f"{answer['seconds']:5.1f} s  said in one line"


@pytest.mark.slow
def test_models_and_texts_by_name(student, hub, passed):
    assert student.ask("load", "openai-community/gpt2")["value"] > 400_000
    assert student.ask("hub_text", f"{WIKITEXT}:wikitext-2-raw-v1")["value"] > 10
    for call, name, expected in (
        ("load", "nobody/nothing", "there is none, or it is private"),
        ("hub_text", "nobody/nothing", "there is none, or it is private"),
        ("hub_text", f"{WIKITEXT}:wikitext-3", "wikitext-3"),
        ("hub_text", SAMSUM, "no column text, only id, dialogue, summary"),
    ):
        answer = student.ask(call, name)
        line = one_line(answer)
        assert expected in line
        passed[f"{call}({name!r})"] = f"{answer['seconds']:5.1f} s  {line}"
    student.forget()
    hub.trouble(faults.status(500), times=1)
    assert student.ask("hub_text", f"{WIKITEXT}:wikitext-2-raw-v1")["value"] > 10


@pytest.mark.slow
def test_a_data_set_is_streamed_into_shards(student, hub, passed, tmp_path):
    name = f"{WIKITEXT}:wikitext-2-raw-v1"
    whole = student.ask("hub_text", name)["value"]
    student.forget()
    answer = student.ask("streamed", name, str(tmp_path / "out"))
    assert answer.get("value"), answer
    assert answer["value"]["documents"] == whole > 10
    assert answer["value"]["train tokens"] > whole
    # Streamed: no copy of the data set's files is kept.
    assert not list(student.home.rglob("*.parquet")) + list(
        student.home.rglob("*.arrow")
    )
    passed["streamed into shards"] = f"{answer['seconds']:5.1f} s  works"
