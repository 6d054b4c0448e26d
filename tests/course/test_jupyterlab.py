"""The course in a real JupyterLab: its links, and an exercise worked through."""

import json
import os
import posixpath
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.request import urlopen

import pytest
from browser import chromium, open_page

from course_utils.authoring.build import read_notebook, write_notebook
from course_utils.commands.lab import copy_course

ROOT = Path(__file__).parents[2]
NAME = "ex05_training.ipynb"

# A student's answers: the first rounds down, the second is right.
WRONG = """\
def steps_per_epoch(n_blocks, batch_size, accumulation, processes):
    effective = batch_size * accumulation * processes
    return effective, n_blocks // effective
"""
RIGHT = """\
def causal_loss(logits, labels):
    predictions, targets = logits[:, :-1], labels[:, 1:]
    return F.cross_entropy(
        predictions.reshape(-1, logits.size(-1)), targets.reshape(-1)
    )
"""
PANEL = "[...jupyterapp.shell.widgets('main')][0]"


TOKEN = "token-of-the-test"


@contextmanager
def running_lab(folder: Path) -> Iterator[str]:
    """Run `course lab` on a folder; yield its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    config = folder.parent / "config"
    config.mkdir()
    settings = {
        "IdentityProvider": {"token": TOKEN},
        "LabApp": {"expose_app_in_browser": True},
    }
    (config / "jupyter_lab_config.json").write_text(json.dumps(settings))
    command = [sys.executable, "-m", "course_utils", "lab", str(folder)]
    server = subprocess.Popen(
        [*command, "--no-browser", "--port", str(port)],
        cwd=folder.parent,
        env=os.environ | {"JUPYTER_CONFIG_DIR": str(config), "PYTHONPATH": str(ROOT)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    address = f"http://127.0.0.1:{port}"
    try:
        end = time.monotonic() + 90
        while True:
            try:
                json.load(urlopen(f"{address}/api", timeout=5))
                break
            except OSError:
                assert time.monotonic() < end, "JupyterLab did not start"
                assert server.poll() is None, "JupyterLab has ended"
                time.sleep(0.3)
        yield address
    finally:
        server.terminate()
        server.wait(20)


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """JupyterLab on a student's copy with answers in exercise 5; folder and address."""
    folder = tmp_path_factory.mktemp("student") / "course"
    copy_course(ROOT, folder)
    path = folder / "exercises" / NAME
    notebook = read_notebook(path)
    answers = {"ex05_1": WRONG, "ex05_2": RIGHT}
    for cell in notebook.cells:
        grade_id = cell.metadata.get("nbgrader", {}).get("grade_id")
        cell.source = answers.get(grade_id, cell.source)
    # Running all cells stops at the first error: let the failing check not stop it.
    for cell in notebook.cells:
        if cell.metadata.get("nbgrader", {}).get("grade_id") == "ex05_1_check":
            cell.metadata["tags"] = ["raises-exception"]
    write_notebook(path, notebook)
    with running_lab(folder) as address:
        yield folder, address


def links(path: Path) -> set[str]:
    """Return what the texts of a notebook or page link to, but for other sites."""
    texts = [path.read_text(encoding="utf-8")]
    if path.suffix == ".ipynb":
        cells = read_notebook(path).cells
        texts = [cell.source for cell in cells if cell.cell_type == "markdown"]
    found = re.findall(r"\]\(([^)\s]+)", "\n".join(texts))
    return {
        link.partition("#")[0]
        for link in found
        if not re.match(r"https?:|data:|attachment:|#", link)
    }


def test_every_link_of_every_notebook_opens_in_jupyterlab(lab):
    folder, address = lab
    pages = [folder / "START.md", *folder.glob("*s/*.ipynb")]
    wanted = {
        posixpath.normpath((path.relative_to(folder).parent / link).as_posix())
        for path in pages
        for link in links(path)
    }
    names = {path.relative_to(folder).as_posix() for path in pages[1:]}
    assert names < wanted  # the first page leads to every notebook
    for name in sorted(wanted | {"START.md"}):
        url = f"{address}/api/contents/{name}?content=0&token={TOKEN}"
        assert json.load(urlopen(url))["path"] == name


@pytest.mark.slow
@pytest.mark.skipif(chromium() is None, reason="needs Chromium")
def test_the_first_page_is_shown_and_leads_to_an_exercise(lab, tmp_path):
    _, address = lab
    pictures = Path(os.environ.get("COURSE_TEST_PICTURES", tmp_path))
    with open_page(f"{address}/?token={TOKEN}", width=1400, height=1000) as page:
        links = "[...document.querySelectorAll('.jp-RenderedMarkdown a')]"
        page.wait_for(f"{links}.length > 20")
        time.sleep(1)
        page.picture(pictures / "start.png")
        page.run(f"{links}.find(a => a.href.includes('{NAME}')).click()")
        page.wait_for("document.querySelectorAll('.jp-Cell').length > 5")
        opened = "[...jupyterapp.shell.widgets('main')].map(w => w.context?.path)"
        assert f"exercises/{NAME}" in page.run(opened)


@pytest.mark.slow
@pytest.mark.timeout(400)
@pytest.mark.skipif(chromium() is None, reason="needs Chromium")
def test_a_check_fails_with_a_hint_and_passes_in_jupyterlab(lab, tmp_path):
    _, address = lab
    pictures = Path(os.environ.get("COURSE_TEST_PICTURES", tmp_path))
    url = f"{address}/lab/tree/exercises/{NAME}?reset&token={TOKEN}"
    with open_page(url, width=1400, height=1000) as page:
        page.wait_for("window.jupyterapp && jupyterapp.restored && true")
        page.wait_for("document.querySelectorAll('.jp-Cell').length > 5")
        page.wait_for(f"!!{PANEL}.sessionContext.session?.kernel")
        page.run(f"jupyterapp.shell.activateById({PANEL}.id)")
        page.run("jupyterapp.commands.execute('notebook:run-all-cells'); true")
        text = f"{PANEL}.content.widgets.map(w => "
        text += (
            "w.model.type == 'code' ? JSON.stringify(w.model.outputs.toJSON()) : '')"
        )
        page.wait_for(f"{text}.some(t => t.includes('ex05_2: 2 of 2'))", seconds=200)
        outputs = page.run(f"{text}.filter(t => t.includes('ex05_'))")
        failing = next(t for t in outputs if "ex05_1" in t)
        assert "round up, not down" in failing
        assert "expected" in failing
        for number, words in ((1, "round up"), (2, "2 of 2 points")):
            find = f"""[...document.querySelectorAll('.jp-OutputArea-output')]
                .find(o => o.textContent.includes({words!r}))"""
            page.wait_for(f"!!{find}")
            page.run(f"{find}.scrollIntoView({{block: 'center'}}); true")
            time.sleep(1)
            page.picture(pictures / f"check{number}.png")
