import json
import signal
import subprocess
import sys
import time

import psutil
import pytest

pytest.importorskip("datatrove")

from test_preparation import digests

from course_utils.data.preparation import Settings, prepare
from course_utils.data.shards import open_shards

SCRIPT = """
import sys, time
from functools import partial
from pathlib import Path
from course_utils.data.datatrove_engine import run_by_datatrove
from course_utils.data.preparation import Settings, clean_part, prepare
from transformers import AutoTokenizer

class Slowly:
    def __init__(self, work):
        self.work = work
    def __call__(self, out, number):
        self.work(out, number)
        time.sleep(0.3)

def engine(work, out, numbers, what):
    run_by_datatrove(Slowly(work), out, numbers, what, workers=2)

if __name__ == "__main__":
    source, out, tokenizer = sys.argv[1:]
    prepare([source], out, AutoTokenizer.from_pretrained(tokenizer),
            Settings(part_bytes=2_000), engine=engine, resume=True)
"""


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_run_that_lost_a_worker_gives_the_local_shards(tokenizer, tmp_path):
    from course_utils.machine.places import ASSETS

    source, script = tmp_path / "text.txt", tmp_path / "script.py"
    lines = [f"This is line {i} of a text, and {i * i % 97} birds." for i in range(600)]
    source.write_text("\n".join([*lines, *lines[:50]]))
    script.write_text(SCRIPT)
    out = tmp_path / "out"
    arguments = [script, source, out, ASSETS / "tiny-tokenizer"]
    command = [sys.executable, *map(str, arguments)]
    process = psutil.Popen(command, stderr=subprocess.DEVNULL)
    completed = out / "logs" / "cleaning" / "completions"
    deadline = time.monotonic() + 600
    while len(list(completed.glob("*"))) < 3:
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.02)
    everything = process.children(recursive=True)
    workers = [
        p for p in everything if p.cmdline() and "forkserver" in str(p.cmdline())
    ]
    workers[-1].send_signal(signal.SIGKILL)
    time.sleep(1)
    assert not (out / "index.json").exists()
    for one in [process, *everything]:  # the pool would wait for the lost task for ever
        if one.is_running():
            one.kill()
    process.wait()
    done = {path: path.stat().st_mtime_ns for path in out.glob("work/0*/*")}
    assert done
    count = len(json.loads((out / "plan.json").read_text())["parts"])
    assert len(list(completed.glob("*"))) < count
    again = subprocess.run(command, capture_output=True, text=True)
    assert again.returncode == 0, again.stderr
    assert "Skipping" in again.stderr
    shards = open_shards(out)
    settings = Settings(part_bytes=2_000)
    local = prepare([source], tmp_path / "local", tokenizer, settings)
    assert digests(shards.folder) == digests(local.folder)
    assert shards.index == local.index
    assert len(local.index["shards"]["train"]) == count > 10
