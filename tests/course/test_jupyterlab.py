"""An exercise worked through in a real JupyterLab, in a browser."""

import json
import os
import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.request import urlopen

import pytest
from browser import chromium, open_page

from course_utils.authoring.build import read_notebook, write_notebook

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


@pytest.fixture
def lab(tmp_path):
    """A running JupyterLab on a folder with the exercise; its address."""
    notebook = read_notebook(ROOT / "exercises" / NAME)
    answers = {"ex05_1": WRONG, "ex05_2": RIGHT}
    for cell in notebook.cells:
        grade_id = cell.metadata.get("nbgrader", {}).get("grade_id")
        cell.source = answers.get(grade_id, cell.source)
    # Running all cells stops at the first error: let the failing check not stop it.
    for cell in notebook.cells:
        if cell.metadata.get("nbgrader", {}).get("grade_id") == "ex05_1_check":
            cell.metadata["tags"] = ["raises-exception"]
    write_notebook(tmp_path / NAME, notebook)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    options = {
        "--ServerApp.ip": "127.0.0.1",
        "--ServerApp.port": str(port),
        "--ServerApp.port_retries": "0",
        "--IdentityProvider.token": "",
        "--ServerApp.root_dir": str(tmp_path),
        "--LabApp.expose_app_in_browser": "True",
        "--LabApp.check_for_updates_class": "jupyterlab.NeverCheckForUpdate",
        "--LabApp.news_url": "None",
    }
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root"]
    command += [f"{key}={value}" for key, value in options.items()]
    server = subprocess.Popen(
        command,
        cwd=tmp_path,
        env=os.environ | {"JUPYTER_CONFIG_DIR": str(tmp_path / "config")},
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
                time.sleep(0.3)
        yield address
    finally:
        server.terminate()
        server.wait(20)


@pytest.mark.slow
@pytest.mark.timeout(400)
@pytest.mark.skipif(chromium() is None, reason="needs Chromium")
def test_a_check_fails_with_a_hint_and_passes_in_jupyterlab(lab, tmp_path):
    pictures = Path(os.environ.get("COURSE_TEST_PICTURES", tmp_path))
    with open_page(f"{lab}/lab/tree/{NAME}", width=1400, height=1000) as page:
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
