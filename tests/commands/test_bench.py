import time
from pathlib import Path
from types import SimpleNamespace

import pytest

from course_utils.commands import bench as bench_module
from course_utils.commands.bench import CASES, Case, compare_cases, compare_ways
from course_utils.machine import places
from course_utils.machine.errors import CourseError


@pytest.fixture(autouse=True)
def repository_on_path(monkeypatch):
    monkeypatch.syspath_prepend(str(Path(__file__).parents[2]))


def logging_way(log, name):
    return lambda: log.append(name)


BURN = "import time\nwhile time.process_time() < 0.15: pass"


@pytest.fixture
def no_memory(monkeypatch):
    """Leave memory unmeasured: a process with torch takes half a second each time."""
    monkeypatch.setattr(bench_module, "_forget_peak", lambda: None)


def burn(seconds):
    end = time.process_time() + seconds
    while time.process_time() < end:
        pass


@pytest.mark.usefixtures("no_memory")
def test_ratio_is_times_as_fast_as_the_usual_way(monkeypatch):
    now = 0.0

    def taking(*seconds):
        def way():
            nonlocal now
            now += next(turns)

        turns = iter(seconds)
        return way

    clock = SimpleNamespace(perf_counter=lambda: now)
    monkeypatch.setattr(bench_module, "time", clock)
    course = taking(9, 1, 2, 4)  # the first round is not timed
    case = Case("work", "units", 10, course, {"slow": taking(9, 3, 8, 4)})
    (result,) = compare_ways(case, rounds=3)
    assert (result.low, result.ratio, result.high) == (1, 3, 4)
    assert (result.rate, result.usual_rate) == (10 / 2, 10 / 4)
    assert result.as_dict()["against"] == "slow"
    assert result.rounds == 3


def test_processors_time_is_counted_in_processes_too():
    import subprocess
    import sys
    from concurrent.futures import ProcessPoolExecutor

    with ProcessPoolExecutor(1) as pool:
        case = Case(
            "work",
            "x",
            1,
            lambda: burn(0.05),
            {
                "pool": lambda: pool.submit(burn, 0.15).result(),
                "program": lambda: subprocess.run([sys.executable, "-c", BURN]),
                "sleep": lambda: time.sleep(0.15),
            },
        )
        ratios = {r.against: r.cpu_ratio for r in compare_ways(case, rounds=1)}
    assert ratios == pytest.approx({"pool": 3, "program": 3, "sleep": 0.2}, rel=0.4)


@pytest.mark.usefixtures("no_memory")
def test_ways_take_turns_forwards_and_backwards():
    log = []
    ways = {name: logging_way(log, name) for name in ("a", "b")}
    compare_ways(Case("turns", "x", 1, logging_way(log, "own"), ways), rounds=2)
    warm_up = forwards = ["own", "a", "b"]
    assert log == [*warm_up, *forwards, "b", "a", "own"]


def test_results_that_must_be_equal_are_compared():
    case = Case("texts", "x", 1, lambda: 1, {"a": lambda: 2}, {"a": "the texts differ"})
    with pytest.raises(CourseError, match="texts, against a: the texts differ"):
        compare_ways(case, rounds=1)


def test_an_unknown_case_and_a_missing_folder_are_named(monkeypatch, tmp_path):
    with pytest.raises(CourseError, match="unknown case 'speed'"):
        compare_cases(["speed"])
    monkeypatch.setattr(places, "LIBRARY", tmp_path / "course_utils")
    monkeypatch.setattr(places, "PACKED", tmp_path / "course_utils" / "course")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(CourseError, match="the lessons are not here"):
        compare_cases(["startup"])


def test_every_case_has_its_module():
    from importlib import import_module

    for name in CASES:
        assert callable(import_module(f"benchmarks.{name}").cases)


@pytest.mark.slow
def test_start_up_is_timed():
    results = compare_cases(["startup"], rounds=1)
    names = {result.case for result in results}
    assert names == {"start-up: --help", "start-up: import"}
    assert all(result.ratio > 1.5 for result in results)


def test_preparation_gives_the_same_blocks_as_the_usual_way(tokenizer):
    from datasets import Dataset

    from benchmarks.preparation import map_and_group
    from course_utils.data.tokens import pack

    texts = Dataset.from_dict({"text": [f"a cat number {i} sat" for i in range(200)]})
    own = pack(texts, tokenizer, 32)
    usual = map_and_group(texts, tokenizer, 32)
    assert own["input_ids"][:] == usual["input_ids"][:]
    assert own["labels"][:] == usual["labels"][:]


def test_the_bare_loop_and_the_nano_model_learn(tokenizer, tiny_model):
    import numpy as np
    import torch

    from benchmarks.nano import NanoGPT
    from benchmarks.nano import train as train_nano
    from benchmarks.training import train_bare
    from course_utils.data.tokens import blocks

    ids = np.tile(np.arange(1, 33, dtype=np.int32), 64)
    value = train_bare(tiny_model, blocks(ids, 32), 31, 2, 3e-3)
    assert value < 6 < np.log(2048)
    torch.manual_seed(0)
    nano = NanoGPT(2048, 256, 64, 2, 4)
    own = sum(p.numel() for p in nano.parameters())
    assert own == tiny_model.num_parameters()
    stream = torch.from_numpy(ids).long()
    assert train_nano(nano, stream, 31, 2, 32, 3e-3) < 6


def test_the_nano_model_is_gpt2(tiny_model):
    """With the same weights it has the same loss."""
    import torch

    from benchmarks.nano import NanoGPT

    names = {
        "tokens": "wte",
        "positions": "wpe",
        "norm": "ln_f",
        "blocks": "h",
        "norm_1": "ln_1",
        "norm_2": "ln_2",
        "qkv": "attn.c_attn",
        "project": "attn.c_proj",
        "widen": "mlp.c_fc",
        "narrow": "mlp.c_proj",
    }
    nano = NanoGPT(2048, 256, 64, 2, 4)
    weights = tiny_model.transformer.state_dict()
    with torch.no_grad():
        for name, parameter in nano.named_parameters():
            theirs = weights[".".join(names.get(p, p) for p in name.split("."))]
            linear = theirs.dim() == 2 and "blocks" in name
            parameter.copy_(theirs.T if linear else theirs)
    ids = torch.arange(1, 61).reshape(2, 30)
    labels = torch.cat([ids[:, 1:], torch.full((2, 1), -100)], dim=1)
    expected = tiny_model(ids, labels=ids).loss.item()
    assert nano(ids, labels).item() == pytest.approx(expected, rel=1e-5)


def test_growth_is_against_the_smallest_text(monkeypatch, capsys):
    from benchmarks import large_text
    from course_utils.commands.bench import _show_growth

    def measure(amount):
        facts = {"cpu_seconds": 2 * amount, "peak_mb": 100 + amount, "tokens": 9}
        return {"megabytes": amount, **facts}

    monkeypatch.setattr(large_text, "preparation", measure)
    monkeypatch.setattr(
        large_text, "copies", lambda n: {"documents": n, "recall": 1.0, **measure(n)}
    )
    said = []
    rows = large_text.growth((100, 300), (10, 20), said.append)
    assert [(row["text"], row["memory"], row["cpu"]) for row in rows] == [
        (1, 1, 1),
        (3, 2, 3),
        (1, 1, 1),
        (2, 1.09, 2),
    ]
    assert said[0] == "course prepare: 100 MB"
    _show_growth(rows)
    shown = capsys.readouterr().out
    assert "times the text" in shown
    assert "recall" in shown
