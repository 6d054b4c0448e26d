"""A key is found where a student keeps it, and is written nowhere."""

import base64
import os
import signal
import subprocess
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest
from example_course import SETUP, write_course
from hub import faults
from hub.repos import write_repos
from hub.server import Hub
from hub.student import Student

from course_utils.authoring.build import build
from course_utils.machine import runtime

DRIVE = Path(__file__).parents[1] / "drive.py"
KEYS = {
    "WANDB_API_KEY": "facade0facade1facade2facade3facade4facade",
    "HF_TOKEN": "hf_FindMeIfYouCanFindMeIfYouCan",
}
# A lesson that uses the key as lesson 05 does, and then fails.
LESSON = f"""\
# %% [markdown]
# # 3. Track

{SETUP}
# %%
import wandb
from course_utils import record
from course_utils.machine.runtime import secret
from course_utils.training.tracking import use_wandb

record("sources.key", secret("WANDB_API_KEY") is not None)
print(secret("HF_TOKEN") is not None, use_wandb(folder="runs"))
with wandb.init(config={{"steps": 2}}) as run:
    run.log({{"loss": 1.0}})

# %%
key, token = secret("WANDB_API_KEY"), secret("HF_TOKEN")
raise ValueError("this lesson fails")
"""


@pytest.fixture
def no_keys(monkeypatch):
    monkeypatch.setattr(os, "environ", os.environ.copy())
    for name in KEYS:
        os.environ.pop(name, None)


def module(monkeypatch, name, **names):
    made = ModuleType(name)
    vars(made).update(names)
    monkeypatch.setitem(sys.modules, name, made)
    return made


def colab(monkeypatch, get):
    userdata = SimpleNamespace(get=get)
    colab = module(monkeypatch, "google.colab", userdata=userdata)
    module(monkeypatch, "google", colab=colab)


def kaggle(monkeypatch, get):
    monkeypatch.setitem(os.environ, "KAGGLE_KERNEL_RUN_TYPE", "Interactive")
    client = SimpleNamespace(get_secret=get)
    module(monkeypatch, "kaggle_secrets", UserSecretsClient=lambda: client)


@pytest.mark.parametrize("place", [colab, kaggle])
def test_a_key_comes_from_the_secrets_of_the_notebook(
    place, monkeypatch, no_keys, capfd
):
    place(monkeypatch, KEYS.get)
    assert runtime.where() == place.__name__
    assert {name: runtime.secret(name) for name in KEYS} == KEYS
    os.environ["HF_TOKEN"] = "from the environment"
    assert runtime.secret("HF_TOKEN") == "from the environment"
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("place", [colab, kaggle])
def test_no_key_and_no_access_are_none(place, monkeypatch, no_keys, capfd):
    def refuse(name):
        raise PermissionError(f"{name}: access was not granted")

    for get in (lambda name: None, lambda name: "", refuse):
        place(monkeypatch, get)
        assert runtime.secret("HF_TOKEN") is None
    assert capfd.readouterr() == ("", "")


def test_the_hub_client_gets_the_token_of_kaggle(monkeypatch, no_keys):
    from huggingface_hub import get_token

    kaggle(monkeypatch, KEYS.get)
    monkeypatch.setitem(os.environ, "HF_HUB_OFFLINE", "0")
    monkeypatch.setattr(runtime, "_connects", lambda *arguments, **options: True)
    assert runtime.online.__wrapped__() is True
    assert get_token() == KEYS["HF_TOKEN"]


def traces(folder, texts=()):
    """Return where a key can be read: as it is, in UTF-16, or in base64."""
    wanted = {}
    for name, key in KEYS.items():
        for shift in range(3):  # base64 depends on the place within three bytes
            encoded = base64.b64encode(b"x" * shift + key.encode())
            wanted[encoded[4:-4]] = name
        wanted |= {key.encode(): name, key.encode("utf-16-le"): name}
    contents = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    contents |= {f"output {n}": text.encode() for n, text in enumerate(texts)}
    return [
        f"{wanted[sign]} in {place}"
        for place, content in contents.items()
        for sign in wanted
        if sign in content
    ], len(contents)


def test_the_search_finds_what_is_there(tmp_path):
    key = KEYS["HF_TOKEN"]
    (tmp_path / "log.txt").write_text(f"Authorization: Bearer {key}")
    (tmp_path / "wide.txt").write_text(key, encoding="utf-16")
    basic = base64.b64encode(f"user:{key}".encode()).decode()
    found, count = traces(tmp_path, [f"Basic {basic}", "nothing here"])
    assert count == 4
    assert len(found) == 3
    assert all(line.startswith("HF_TOKEN in ") for line in found)


@pytest.mark.slow
def test_no_file_and_no_output_holds_a_key(tmp_path):
    home = tmp_path / "home"
    home.mkdir()
    places = dict.fromkeys(("HOME", "TMPDIR", "COURSE_HOME", "WANDB_DIR"), str(home))
    environment = {**os.environ, **places, **KEYS}
    environment.pop("WANDB_MODE")  # what a student has; without a network: offline
    course = write_course(tmp_path / "course")
    (course / "source/lessons/03_track.py").write_text(LESSON)
    build(course, repo="me/course", tag="v1")
    text = tmp_path / "text.txt"
    text.write_text("\n".join(f"Line {i}: {i * i % 97} birds." for i in range(400)))
    settings = ["train", text, "--profile", "tiny", "--steps", 8, "--out", "out"]

    def run(*arguments):
        command = [sys.executable, *map(str, arguments)]
        return subprocess.run(
            command, cwd=course, env=environment, capture_output=True, text=True
        )

    # Killed while it writes a checkpoint: what a run holds halfway is searched too.
    killed = run(DRIVE, course, "checkpoint-2/optimizer.pt", *settings)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    halfway, _ = traces(tmp_path)
    cli = ["-m", "course_utils"]
    resumed = run(DRIVE, course, "-", *settings, "--resume")
    assert resumed.returncode == 0, resumed.stderr
    doctor = run(*cli, "doctor")
    lessons = run(*cli, "run", "--out", "build")
    assert "this lesson fails" in lessons.stdout + lessons.stderr
    outputs = [
        stream
        for done in (killed, resumed, doctor, lessons)
        for stream in (done.stdout, done.stderr)
    ]
    found, count = traces(tmp_path, outputs)
    assert halfway + found == []
    assert list(course.rglob("run-*.wandb"))  # tracked, and among the files searched
    print(f"searched {count} files and outputs: no key")


@pytest.fixture(scope="module")
def hub_and_student(tmp_path_factory):
    """A Hub, and a student with both keys; the folder of both is named like this."""
    folder = tmp_path_factory.mktemp("hub_and_student")
    write_repos(folder / "repos", rows=0.02, n_embd=8, n_layer=1, n_head=1)
    with Hub(folder / "repos") as hub, pytest.MonkeyPatch.context() as patch:
        for name, key in KEYS.items():
            patch.setenv(name, key)
        student = Student(hub.url, folder / "hf")
        yield hub, student
        student.leave()


@pytest.mark.parametrize("fault", [None, faults.gated, faults.logged_out])
def test_the_hub_gets_the_token_and_nobody_else(fault, hub_and_student):
    hub, student = hub_and_student
    student.forget()
    hub.heal()
    hub.tokens.clear()
    if fault:
        hub.trouble(fault)
    answer = student.ask("fetch")
    assert f"Bearer {KEYS['HF_TOKEN']}" in hub.tokens
    assert ("error" in answer) == (fault is not None)
    found, count = traces(student.home.parent, [str(answer)])
    assert found == []
    assert count > 1
