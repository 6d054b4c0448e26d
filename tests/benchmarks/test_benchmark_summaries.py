"""The benchmark of summaries, on a toy budget."""

import sys
from functools import partial
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2]))

from benchmarks import summaries as bench


@pytest.fixture
def quick(monkeypatch):
    """Two training steps, four chats from elsewhere."""
    from dataclasses import replace

    from course_utils.data.handwritten import handwritten_chats

    few = handwritten_chats().select(range(4))
    monkeypatch.setattr(bench, "handwritten_chats", lambda: few)
    monkeypatch.setattr(bench, "development_chats", lambda: few)
    profile = replace(bench.get_profile("tiny"), finetune_steps=2)
    monkeypatch.setattr(bench, "get_profile", lambda name: profile)
    recipe = partial(bench.finetune_summariser, pairs=40, steps=2)
    monkeypatch.setattr(bench, "finetune_summariser", recipe)


@pytest.mark.slow
def test_every_system_is_scored_on_every_split(quick):
    rows = bench.summaries(seeds=(5,), chats=4, pairs=32)
    assert [(r["seed"], r["system"], r["split"]) for r in rows] == [
        (seed, system, split)
        for seed in (5,)
        for system in bench.SYSTEMS
        for split in bench.SPLITS
    ]
    for row in rows:
        for measure in bench.SPREAD:
            low, high = row[f"{measure}_interval"]
            assert 0 <= low <= row[measure] <= high <= 100
        assert (row["seconds"] > 0) == (row["system"].startswith(bench.TRAINED))
        assert (row["slots"] is None) == (row["split"] not in bench.GENERATED)
    means = bench.mean_over_seeds(rows)
    assert len(means) == len(bench.SYSTEMS) * len(bench.SPLITS)


def test_mean_over_seeds():
    common = {"rougeL": 5.0, "rouge2": 5.0, "slots": None, "invented": 0.0}
    where = {"split": "test_slots", "system": "lead"}
    rows = [
        where | common | {"rouge1": 10.0, "names": 0.0},
        where | common | {"rouge1": 20.0, "names": 1.0},
    ]
    assert bench.mean_over_seeds(rows) == [
        where
        | common
        | {"rouge1": 15.0, "names": 0.5, "seeds": 2}
        | {"spread": {"rouge1": 5.0, "names": 0.5}}
    ]


@pytest.mark.slow
def test_the_report_is_a_table_a_picture_and_the_rows(quick, monkeypatch, tmp_path):
    few = bench.tinychats
    monkeypatch.setattr(bench, "tinychats", lambda n, *rest: few(min(n, 6), *rest))
    means = bench.write_report(tmp_path, lambda line: None)
    table = (tmp_path / "summaries.md").read_text().splitlines()
    assert len(table) == 2 + len(means) == 2 + len(bench.SYSTEMS) * len(bench.SPLITS)
    assert table[2].startswith("| test_slots | lead | ")
    assert (tmp_path / "summaries.png").read_bytes().startswith(b"\x89PNG")
    assert len((tmp_path / "summaries.json").read_text()) > 1000
