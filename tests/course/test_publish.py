"""What lesson 09 publishes arrives on a Hub, and the page there runs."""

import json
import re
import subprocess
import sys
from pathlib import Path

import jupytext
import pytest
from hub.pushes import card_errors
from hub.server import Hub
from hub.student import environment

from course_utils.authoring.build import read_notebook
from course_utils.machine.places import ASSETS

ROOT = Path(__file__).parents[2]
CELLS = jupytext.read(ROOT / "source/lessons/09_deploy.py", fmt="py:percent").cells
DIALOGUE = "Ann: Can you bring the cake?\nBen: Sure, I will bring it on Friday!"

# A student's process: the lesson's own cells, on a folder that is there already.
PROCESS = """\
import json, sys
from pathlib import Path
import gradio
from course_utils.machine import runtime
folder = Path(sys.argv[1])
for code in json.loads(sys.argv[2]):
    exec(code)
from huggingface_hub import snapshot_download
page = snapshot_download("YOUR_NAME/chat-summaries", repo_type="space")
names = {"__name__": "app"}
exec((Path(page) / "app.py").read_text(), names)
print("answered:", names["answer"](sys.argv[3]))
try:
    names["answer"](" ")
except gradio.Error as error:
    print("refused:", error.message)
"""


def cell(words, kind="code"):
    [found] = [c.source for c in CELLS if c.cell_type == kind and words in c.source]
    return found


def printed_card():
    notebook = read_notebook(ROOT / "notebooks" / "09_deploy.ipynb")
    [found] = [c for c in notebook.cells if "print(card.content)" in c.source]
    return found.outputs[0].text


def test_the_cards_header_is_complete_and_passes_the_hubs_rules():
    card = printed_card()
    assert card_errors("model", card) == []
    for field in ("license", "license_link", "base_model", "datasets", "metrics"):
        assert re.search(rf"^{field}:", card, re.M), field


@pytest.mark.parametrize(
    ("was", "becomes", "line"),
    [
        ("license: other", "license: freeish", '"license" must be'),
        ("license_name: that-of-its-data\n", "", '"license_name" is needed'),
        ("pipeline_tag: text-generation", "pipeline_tag: chats", '"pipeline_tag"'),
        ("YOUR_NAME/tiny-base", "/home/ann/tiny-base", '"base_model" must be a name'),
        ("language: en", "language: [en", "no YAML"),
    ],
)
def test_a_wrong_header_is_refused(was, becomes, line):
    card = printed_card()
    assert was in card
    [error] = card_errors("model", card.replace(was, becomes))
    assert line in error


@pytest.mark.slow
def test_model_card_and_page_arrive_and_the_page_runs(tmp_path):
    folder = tmp_path / "chat-summariser"
    folder.mkdir()
    for file in (ASSETS / "tiny-summariser").iterdir():
        (folder / file.name).write_bytes(file.read_bytes())
    (folder / "README.md").write_text(printed_card(), encoding="utf-8")
    (folder / "chat-summariser-f16.gguf").write_bytes(b"GGUF" + bytes(1000))
    publish = re.search(
        r"```python\n(.*?)```", cell("### Publish it", "markdown"), re.S
    )
    codes = [cell("space = folder.parent"), cell("SpaceCardData("), publish[1]]
    with Hub(tmp_path / "hub") as hub:
        result = subprocess.run(
            [sys.executable, "-c", PROCESS, folder, json.dumps(codes), DIALOGUE],
            env=environment(
                hub.url,
                tmp_path / "home",
                HF_TOKEN="hf_made_up",
                HF_HUB_DISABLE_XET="1",
                COURSE_PROFILE="tiny",
            ),
            capture_output=True,
            text=True,
        )
    assert result.returncode == 0, result.stderr[-2000:]
    assert hub.tokens == {"Bearer hf_made_up", ""}  # the large files' own addresses
    pushed = tmp_path / "hub" / "models" / "YOUR_NAME" / "chat-summariser"
    assert contents(pushed) == contents(folder)
    page = tmp_path / "hub" / "spaces" / "YOUR_NAME" / "chat-summaries"
    assert contents(page) == contents(tmp_path / "space")
    assert set(contents(page)) == {"app.py", "requirements.txt", "README.md"}
    answered = re.search(r"answered: (.+)", result.stdout)[1]
    assert "cake" in answered
    assert "refused: Paste a dialogue" in result.stdout


def contents(folder):
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {f.relative_to(folder).as_posix(): f.read_bytes() for f in files}
