"""A Python of its own that uses the Hub as a student's does, asked line by line.

The libraries read HF_ENDPOINT and HF_HOME when they are imported, so it takes another
process. One serves many tests: importing takes longer than most of them.
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

TIMEOUT = 1  # seconds that the Hub's client waits for an answer


def environment(hub_url: str, home: Path, **others: str) -> dict[str, str]:
    """Return the variables of a process whose Hub is at `hub_url`, with a cache."""
    changes = {
        "HF_ENDPOINT": hub_url,
        "HF_HOME": str(home),
        "HF_HUB_OFFLINE": "0",
        "HF_HUB_DISABLE_TELEMETRY": "1",
        "COURSE_PROFILE": "colab",
        "COURSE_STRICT": "1",
        "TQDM_DISABLE": "1",
        **others,
    }
    return os.environ | changes


class Student:
    """A running process; `ask` calls one of the functions in CALLS."""

    def __init__(self, hub_url: str, home: Path, timeout: int = TIMEOUT) -> None:
        self.home = home
        limits = {"HF_HUB_DOWNLOAD_TIMEOUT": str(timeout)}
        limits["HF_HUB_ETAG_TIMEOUT"] = str(timeout)
        self._process = subprocess.Popen(
            [sys.executable, __file__],
            env=environment(hub_url, home, **limits),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def ask(self, call: str, *arguments: Any) -> dict[str, Any]:
        """Return {"value"} or {"error", "kind"}, with "seconds" and "printed"."""
        self.begin(call, *arguments)
        return self.answer()

    def begin(self, call: str, *arguments: Any) -> None:
        """Start a call, and do not wait for it."""
        print(json.dumps([call, *arguments]), file=self._process.stdin, flush=True)

    def answer(self) -> dict[str, Any]:
        """Wait for the call that was begun; return what `ask` does."""
        return json.loads(self._process.stdout.readline())

    def kill(self) -> None:
        """End it without a chance to tidy up."""
        self._process.kill()
        self._process.wait()

    def forget(self) -> None:
        """Empty the cache."""
        shutil.rmtree(self.home, ignore_errors=True)

    def leave(self) -> None:
        self._process.stdin.close()
        self._process.wait()


def fetch() -> dict[str, Any]:
    """Fetch the colab profile, then return what the real calls give."""
    from datasets import load_dataset
    from transformers import AutoModelForCausalLM, AutoTokenizer

    from course_utils.lesson.profile import get_profile
    from course_utils.lesson.start_lesson import with_data

    profile = with_data(get_profile("colab"))
    model = AutoModelForCausalLM.from_pretrained(profile.pretrained)
    weights = model.transformer.wte.weight.detach().numpy().tobytes()
    found = {
        "tokens": len(AutoTokenizer.from_pretrained(profile.tokenizer)),
        "weights": hashlib.sha256(weights).hexdigest(),
    }
    for use in ("language", "summaries"):
        for split, rows in load_dataset(**getattr(profile, use)).items():
            text = json.dumps(rows.to_list())
            found[f"{use}, {split}"] = hashlib.sha256(text.encode()).hexdigest()
    return found


def profile_without_strict() -> str:
    """Return the name of the profile that a lesson gets."""
    from course_utils.lesson.profile import get_profile
    from course_utils.lesson.start_lesson import with_data

    os.environ["COURSE_STRICT"] = "0"
    try:
        return with_data(get_profile("colab")).name
    finally:
        os.environ["COURSE_STRICT"] = "1"


def load(name: str) -> int:
    """Return the number of parameters of a model by name."""
    from course_utils.model.gpt2 import load

    return load(name)[0].num_parameters()


def hub_text(name: str) -> int:
    """Return the number of rows with text of a data set by name."""
    from course_utils.data.sources import hub_text

    return len(hub_text(name))


def streamed(name: str, out: str) -> dict[str, int]:
    """Return the report of preparing a data set that is streamed."""
    from course_utils.data.preparation import Settings, prepare
    from course_utils.data.tokens import gpt2_tokenizer

    keep_all = Settings(min_words=0, max_repetition=1, threshold=None, validation=0)
    return prepare([name], out, gpt2_tokenizer(), keep_all).index["report"]


CALLS = {
    f.__name__: f for f in (fetch, profile_without_strict, load, hub_text, streamed)
}


def _serve() -> None:
    from contextlib import redirect_stdout
    from io import StringIO

    from course_utils.machine import runtime

    runtime.quiet_libraries()
    for line in sys.stdin:
        call, *arguments = json.loads(line)
        start, printed = time.monotonic(), StringIO()
        with redirect_stdout(printed):
            try:
                answer = {"value": CALLS[call](*arguments)}
            except Exception as error:
                answer = {"error": str(error), "kind": type(error).__name__}
        answer |= {"seconds": time.monotonic() - start, "printed": printed.getvalue()}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    _serve()
