import gc
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import psutil
import pytest
from datasets import Dataset
from transformers import AutoTokenizer

from course_utils.data import preparation
from course_utils.data.cleaning import clean
from course_utils.data.minhash import sketches
from course_utils.data.preparation import Groups, Settings, prepare
from course_utils.data.shards import open_shards
from course_utils.data.sources import chitchat
from course_utils.data.tokens import pack, token_ids, train_bpe
from course_utils.machine.errors import CourseError

SMALL = Settings(part_bytes=20_000, validation=0.1)


@pytest.fixture(scope="module")
def chats(tmp_path_factory):
    """Real chats, some of them again with a word changed, as lines of JSON."""
    texts = chitchat()["text"][:400]
    long = [text for text in texts if len(text) > 400][:20]
    texts += [text.replace(" the ", " that ", 1) for text in long]
    path = tmp_path_factory.mktemp("chats") / "chats.jsonl"
    path.write_text("".join(json.dumps({"text": text}) + "\n" for text in texts))
    return path, texts


@pytest.fixture(scope="module")
def prepared(chats, tokenizer, tmp_path_factory):
    """A folder of shards, to be copied."""
    out = tmp_path_factory.mktemp("prepared") / "out"
    return prepare([chats[0]], out, tokenizer, SMALL).folder


def stored(shards, split):
    """All ids of a split, in order."""
    return np.concatenate(
        [
            np.fromfile(shards.folder / name, dtype=shards.index["dtype"])
            for name in shards.index["shards"][split]
        ]
    )


def by_document(ids, end):
    documents, start = [], 0
    for stop in np.flatnonzero(ids == end) + 1:
        documents.append(tuple(ids[start:stop].tolist()))
        start = stop
    return documents


def test_shards_hold_what_clean_and_token_ids_give(chats, tokenizer, tmp_path):
    path, texts = chats
    shards = prepare([path], tmp_path / "out", tokenizer, SMALL)
    cleaned, report = clean(Dataset.from_dict({"text": texts}))
    train, held = (stored(shards, split) for split in ("train", "validation"))
    expected = by_document(token_ids(cleaned["text"], tokenizer), 0)
    found = by_document(train, 0) + by_document(held, 0)
    assert sorted(found) == sorted(expected)
    # Within a split they keep their order.
    place = {document: i for i, document in enumerate(expected)}
    places = [place[document] for document in by_document(train, 0)]
    assert places == sorted(places)
    facts = shards.index["report"]
    removed = {step.name: step.removed for step in report.steps}
    assert facts["documents"] == len(texts)
    assert facts["copies"] == removed["exact copies"] + removed["near copies"] > 20
    assert facts["too short"] == removed["length"]
    assert facts["train tokens"] == len(train)
    assert facts["validation tokens"] == len(held) > 0
    assert len(shards.index["shards"]["train"]) > 10
    assert {p.name for p in shards.folder.iterdir()} == {
        "index.json",
        "plan.json",
        "tokenizer",
        "validation.bin",
        *shards.index["shards"]["train"],
    }


def digests(folder):
    return {p.name: p.read_bytes() for p in folder.glob("*.bin")}


def test_the_number_of_workers_and_of_passes_changes_nothing(
    chats, tokenizer, tmp_path, monkeypatch
):
    one = prepare([chats[0]], tmp_path / "one", tokenizer, SMALL)
    two = prepare([chats[0]], tmp_path / "two", tokenizer, SMALL, workers=2)
    assert digests(one.folder) == digests(two.folder)
    monkeypatch.setattr(preparation, "KEYS_AT_ONCE", 50)
    passes = prepare([chats[0]], tmp_path / "passes", tokenizer, SMALL)
    assert digests(one.folder) == digests(passes.folder)


def test_blocks_stay_on_disk_and_are_those_of_pack(chats, tokenizer, tmp_path):
    settings = Settings(threshold=None, validation=0, min_words=0, max_repetition=1)
    shards = prepare([chats[0]], tmp_path / "out", tokenizer, settings)
    from course_utils.data.cleaning import normalise, repair, scrub

    tidy = [scrub(normalise(repair(text))) for text in chats[1]]
    expected = pack(Dataset.from_dict({"text": tidy}), tokenizer, 64)
    found = shards.blocks("train", 64)
    assert found["input_ids"][:] == expected["input_ids"][:]
    assert found["labels"][:] == expected["labels"][:]
    ids = found.data.column("input_ids").chunk(0).values
    path = str(shards.folder / "train-00000.bin")
    regions = [m for m in psutil.Process().memory_maps(grouped=False) if m.path == path]
    low, high = (int(address, 16) for address in regions[0].addr.split("-"))
    assert low <= ids.buffers()[1].address < high
    with pytest.raises(CourseError, match="do not fill one block"):
        shards.blocks("validation", 64)


COMMAND = [sys.executable, "-m", "course_utils", "prepare"]
SLOW_START = """
import sys, time
from functools import partial
from pathlib import Path
from course_utils.data import preparation
from course_utils.data.preparation import Settings, prepare
from transformers import AutoTokenizer

def slowly(work, out, number):
    work(out, number)
    time.sleep(0.2)

def engine(work, out, numbers, what):
    preparation.run_locally(partial(slowly, work), out, numbers, what, workers=2)

if __name__ == "__main__":
    source, out, tokenizer = sys.argv[1:]
    prepare([source], out, AutoTokenizer.from_pretrained(tokenizer),
            Settings(part_bytes=20_000, validation=0.1), engine=engine)
"""


def written(out):
    files = [*out.glob("work/0*/*"), *out.glob("train-*.bin")]
    return {path: path.stat().st_mtime_ns for path in files}


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("stage", ["cleaning", "tokenising"])
def test_killed_and_resumed_it_is_as_if_never_killed(chats, tokenizer, tmp_path, stage):
    from course_utils.machine.places import ASSETS

    out, script = tmp_path / "out", tmp_path / "script.py"
    script.write_text(SLOW_START)
    arguments = [script, chats[0], out, ASSETS / "tiny-tokenizer"]
    process = psutil.Popen([sys.executable, *map(str, arguments)])

    def half_done():
        made = out.glob("work/0*/" if stage == "cleaning" else "train-*.bin")
        return len(list(made)) >= 4

    deadline = time.monotonic() + 600
    while not half_done():
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.02)
    workers = process.children(recursive=True)
    process.send_signal(signal.SIGKILL)
    process.wait()
    _, left = psutil.wait_procs(workers, timeout=10)
    assert not left, "a worker outlived the run"
    assert not (out / "index.json").exists()
    with pytest.raises(CourseError, match="no finished shards"):
        open_shards(out)
    with pytest.raises(CourseError, match="--resume"):
        prepare([chats[0]], out, tokenizer, SMALL)
    done = written(out)
    assert len(done) >= 4

    def engine(work, out, numbers, what):
        preparation.run_locally(work, out, numbers, what, workers=1)
        if what == "tokenising":
            assert done.items() <= written(out).items()  # not written again

    resumed = prepare([chats[0]], out, tokenizer, SMALL, engine=engine, resume=True)
    whole = prepare([chats[0]], tmp_path / "whole", tokenizer, SMALL)
    assert digests(resumed.folder) == digests(whole.folder)
    assert resumed.index == whole.index
    assert not [*resumed.folder.glob(".*"), *resumed.folder.glob("work")]


def test_a_worker_that_is_killed_is_one_line(chats, tokenizer, tmp_path):
    def engine(work, out, numbers, what):
        preparation.run_locally(die, out, numbers, what, workers=2)

    with pytest.raises(CourseError, match=r"killed while cleaning.*--resume"):
        prepare([chats[0]], tmp_path / "out", tokenizer, SMALL, engine=engine)
    prepare([chats[0]], tmp_path / "out", tokenizer, SMALL, resume=True)


def die(out: Path, number: int) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


STAGES = ["cleaning", "looking for copies", "tokenising", "finishing"]


@pytest.mark.parametrize("stage", STAGES)
def test_what_cannot_be_written_leaves_nothing_half_written(
    stage, chats, tokenizer, tmp_path
):
    import resource

    path, out = tmp_path / "some.jsonl", tmp_path / "out"
    path.write_text("".join(chats[0].open().readlines()[:60]))

    def engine(work, out, numbers, what):
        limits = resource.getrlimit(resource.RLIMIT_FSIZE)
        if what == stage:  # no file may grow beyond this
            resource.setrlimit(resource.RLIMIT_FSIZE, (100, limits[1]))
        try:
            preparation.run_locally(work, out, numbers, what, workers=1)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, limits)

    with pytest.raises(CourseError) as caught:
        prepare([path], out, tokenizer, SMALL, engine=engine)
    assert re.fullmatch(
        r"(cannot write .*|the disk of .* is full): .*", str(caught.value)
    )
    assert "requested and" not in str(caught.value)  # NumPy's words
    assert not [*out.rglob(".*"), *out.glob("index.json")]
    resumed = prepare([path], out, tokenizer, SMALL, resume=True)
    whole = prepare([path], tmp_path / "whole", tokenizer, SMALL)
    assert digests(resumed.folder) == digests(whole.folder)
    assert resumed.index == whole.index


@pytest.mark.parametrize("change", [Path.unlink, lambda p: p.write_text("x\n" * 9)])
def test_a_source_that_changes_meanwhile_is_one_line(change, tokenizer, tmp_path):
    path = tmp_path / "some.txt"
    path.write_text("\n".join(f"Line {i} of a text with birds." for i in range(99)))

    def engine(work, out, numbers, what):
        change(path)
        preparation.run_locally(work, out, numbers, what, workers=1)

    with pytest.raises(CourseError, match=r"cannot read .*No such file|has changed"):
        prepare([path], tmp_path / "out", tokenizer, engine=engine)


def swap(out):
    """Let two shards change places."""
    for old, new in (("00000", "x"), ("00001", "00000"), ("x", "00001")):
        (out / f"train-{old}.bin").rename(out / f"train-{new}.bin")


def blank(out):
    """Leave a shard as a copy that broke off may: as long as the whole, but empty."""
    path = out / "train-00001.bin"
    path.write_bytes(bytes(path.stat().st_size))


def edit(out, **changes):
    """Change the index with a text editor."""
    path = out / "index.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))


DAMAGES = {
    "a shard is missing": (lambda out: (out / "train-00001.bin").unlink(), "00001.bin"),
    "a folder": (
        lambda out: [
            (out / "validation.bin").unlink(),
            (out / "validation.bin").mkdir(),
        ],
        "validation.bin",
    ),
    "swapped": (swap, "train-0000[01].bin"),
    "blank": (blank, "train-00001.bin"),
    "truncated": (lambda out: os.truncate(out / "train-00001.bin", 8), "00001.bin"),
    "another tokenizer": (
        lambda out: train_bpe(["a b"]).save_pretrained(out / "tokenizer"),
        "tokenizer/tokenizer.*json",
    ),
    "no tokenizer": (lambda out: shutil.rmtree(out / "tokenizer"), "tokenizer.*json"),
    "another dtype": (lambda out: edit(out, dtype="int16"), "index.json has changed"),
    "no JSON": (lambda out: (out / "index.json").write_text("{"), "index.json has"),
    "a list": (lambda out: (out / "index.json").write_text("[]"), "index.json has"),
    "of another": (
        lambda out: (out / "index.json").write_text('{"weight_map": {}}'),
        "index.json has changed, or is of another program",
    ),
    "an index of folders": (
        lambda out: [(out / "index.json").unlink(), (out / "index.json").mkdir()],
        "cannot read .*index.json",
    ),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_shards_that_have_changed_are_one_line(damage, prepared, tmp_path):
    out = shutil.copytree(prepared, tmp_path / "out")
    open_shards(out).check()
    damaging, message = DAMAGES[damage]
    damaging(out)
    with pytest.raises(CourseError, match=message) as caught:
        open_shards(out).check()
    assert "\n" not in str(caught.value)


LEFT = {
    "plan.json": "plan.json has changed, or is of another program",
    "tokenizer/tokenizer.json": "left in .* cannot be read",
    "work/00001/counts.json": "left in .* cannot be read",
    "work/00001/text.arrow": "left in .* cannot be read",
    "work/00001/keys.npy": "left in .* cannot be read",
    "work/copies.npy": "left in .* cannot be read",
}


@pytest.mark.parametrize("name", LEFT)
def test_damaged_files_of_an_earlier_call_are_one_line(
    name, chats, tokenizer, tmp_path
):
    path, out = tmp_path / "some.jsonl", tmp_path / "out"
    path.write_text("".join(chats[0].open().readlines()[:60]))
    last = "looking for copies" if "copies" in name else "cleaning"

    def engine(work, out, numbers, what):
        preparation.run_locally(work, out, numbers, what, workers=1)
        if what == last:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        prepare([path], out, tokenizer, SMALL, engine=engine)
    os.truncate(out / name, 50)
    with pytest.raises(CourseError, match=LEFT[name]) as caught:
        prepare([path], out, tokenizer, SMALL, resume=True)
    assert "\n" not in str(caught.value)


def test_ids_with_holes_are_stored_as_they_are(tokenizer, tmp_path):
    tokenizer.save_pretrained(tmp_path / "tokenizer")
    path = tmp_path / "tokenizer" / "tokenizer.json"
    facts = json.loads(path.read_text())
    facts["model"]["vocab"]["Ġthe"] = 70_000
    path.write_text(json.dumps(facts))
    holed = AutoTokenizer.from_pretrained(tmp_path / "tokenizer")
    text = "This is the text of the day, and the end of it."
    (tmp_path / "text.txt").write_text(text)
    shards = prepare([tmp_path / "text.txt"], tmp_path / "out", holed)
    ids = [*stored(shards, "train"), *stored(shards, "validation")]
    assert ids == [*holed(text)["input_ids"], holed.eos_token_id]
    assert max(ids) == 70_000 == shards.index["vocab_size"] - 1


def test_a_folder_of_something_else_is_refused(chats, tokenizer, tmp_path):
    out = tmp_path / "out"
    prepare([chats[0]], out, tokenizer, SMALL)
    again = prepare([chats[0]], out, tokenizer, SMALL, resume=True)
    assert again.index["report"]["documents"] == len(chats[1])
    with pytest.raises(CourseError, match="other sources or settings"):
        prepare([chats[0]], out, tokenizer, Settings(), resume=True)
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("mine")
    with pytest.raises(CourseError, match="not empty"):
        prepare([chats[0]], tmp_path / "mine", tokenizer)
    os.truncate(out / "train-00000.bin", 10)
    with pytest.raises(CourseError, match="missing or has changed"):
        prepare([chats[0]], out, tokenizer, SMALL, resume=True)
    with pytest.raises(CourseError, match="missing or has changed"):
        again.blocks("train", 8)


def test_two_preparations_do_not_share_a_folder(chats, tokenizer, tmp_path):
    out = tmp_path / "out"

    def engine(work, out, numbers, what):
        with pytest.raises(CourseError, match="another `course prepare` is at work"):
            prepare([chats[0]], out, tokenizer, SMALL, resume=True)
        preparation.run_locally(work, out, numbers, what, workers=1)

    prepare([chats[0]], out, tokenizer, SMALL, engine=engine)
    with pytest.raises(CourseError, match="cannot write"):
        prepare([chats[0]], chats[0] / "out", tokenizer, SMALL)


def test_a_part_leaves_nothing_for_the_garbage_collector():
    gc.collect()
    gc.disable()  # its own timing decides how much memory circles hold
    try:
        sketches(["Shall we meet at six?", "No."])
        assert gc.collect() == 0
    finally:
        gc.enable()


def test_text_of_which_nothing_is_left_is_one_line(tokenizer, tmp_path):
    path = tmp_path / "short.txt"
    path.write_text("Hi.\n\n \n")
    with pytest.raises(CourseError, match="no document is left of 1: too short 1"):
        prepare([path], tmp_path / "out", tokenizer)


def test_groups_lead_to_their_first():
    groups = Groups(6)
    for pair in ((4, 5), (3, 4), (1, 3), (0, 2)):
        groups.join(*pair)
    groups.settle()
    assert groups.first.tolist() == [0, 1, 0, 1, 1, 1]


def test_a_long_run_of_copies_leaves_one(tokenizer, tmp_path):
    words = [f"word{k}" for k in range(60)]
    texts = [" ".join([*words, f"end{i}"]) for i in range(300)]
    path = tmp_path / "copies.txt"
    path.write_text("\n".join(texts))
    shards = prepare([path], tmp_path / "out", tokenizer, Settings(part_bytes=5000))
    assert shards.index["report"]["copies"] == 299


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_the_command_prepares_and_train_reads_its_shards(chats, tmp_path):
    out = tmp_path / "shards"
    command = [*COMMAND, chats[0], "--out", out, "--tokenizer", "tiny", "--json"]
    command += ["--validation", "0.1", "--workers", "1"]
    done = subprocess.run([*map(str, command)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert report["documents"] == len(chats[1])

    run = tmp_path / "run"
    command = [sys.executable, "-m", "course_utils", "train", out, "--steps", "4"]
    command += ["--profile", "tiny", "--out", run, "--json"]
    trained = subprocess.run([*map(str, command)], capture_output=True, text=True)
    assert trained.returncode == 0, trained.stderr
    result = json.loads(trained.stdout)
    assert result["train_tokens"] == report["train tokens"] // 128 * 128
    assert result["perplexity_after"] < result["perplexity_before"]
    assert all(sample["prompt"] for sample in result["samples"])
