"""Short runs as rows, and what the training laboratory claims of masks and muP."""

import json

import numpy as np
import pytest
import torch
from transformers import (
    DataCollatorForLanguageModeling,
    GPT2Config,
    GPT2LMHeadModel,
    set_seed,
)

from course_utils.data.tokens import blocks
from course_utils.machine.errors import CourseError
from course_utils.model.gpt2 import PRESETS, load
from course_utils.training import laboratory as lab


def small(width: int = 32) -> GPT2LMHeadModel:
    set_seed(0)
    shape = {"n_embd": width, "n_head": width // 32, "n_layer": 1, "vocab_size": 64}
    return GPT2LMHeadModel(
        GPT2Config(**PRESETS["tiny"] | shape, tie_word_embeddings=False)
    )


def test_a_run_is_a_row_and_learns():
    data = blocks(np.tile(np.arange(16, dtype=np.int32), 40), 16)
    row = lab.short_run(
        small(), data, {"test": data}, learning_rate=1e-2, max_steps=20, seed=1
    )
    assert row["learning_rate"] == 1e-2
    assert row["runs"] == "here"
    assert row["test"] < 2 < np.log(64)


def test_the_best_setting_is_chosen_on_validation_alone():
    rows = [
        {"kind": "a", "rate": rate, "seed": s, "validation": v, "test": t}
        for rate, v, t in ((1, 3.0, 9.0), (2, 4.0, 1.0))
        for s in (0, 1)
    ]
    assert {row["rate"] for row in lab.best(rows, "kind", of="rate")} == {1}


def test_an_interval_is_students():
    assert lab.interval([1.0, 2.0, 3.0])[2] == pytest.approx(
        2 + 4.303 / 3**0.5, abs=0.01
    )


@pytest.mark.parametrize(
    ("more", "is_masked"),
    [
        ({"use_cache": False}, True),
        ({"use_cache": False, "attention_mask": torch.ones(1, 9).long()}, False),
        ({"use_cache": True}, False),
    ],
    ids=["positions alone", "with a mask of ones", "with a cache"],
)
def test_documents_are_masked_by_positions_and_nothing_else(more, is_masked):
    model = small().eval()
    ids = torch.tensor([[5, 6, 7, 0, 8, 9, 10, 11, 0]])
    positions = torch.from_numpy(lab.restarting_positions(ids.numpy(), end=0))
    assert positions.tolist() == [[0, 1, 2, 3, 0, 1, 2, 3, 4]]
    with torch.no_grad():
        packed = model(input_ids=ids, position_ids=positions, **more).logits[:, 4:]
        alone = model(input_ids=ids[:, 4:], use_cache=False).logits
    assert torch.allclose(packed, alone, atol=1e-5) == is_masked


def test_the_usual_collator_sends_a_mask_that_hides_the_documents():
    _, tokenizer = load("tiny-base")
    collator = DataCollatorForLanguageModeling(tokenizer, mlm=False)
    row = collator([{"input_ids": [5, 0, 6, 0], "position_ids": [0, 1, 0, 1]}])
    assert row["attention_mask"].tolist() == [[1, 1, 1, 1]]


def test_mup_changes_nothing_at_the_base_width_and_scales_above_it():
    ids = torch.tensor([[1, 2, 3]])
    plain, same, wide = small(32), small(32), small(64)
    before = wide.transformer.h[0].mlp.c_fc.weight.std().item()
    lab.mup(same, 1e-2, base_width=32)
    matrices, others = lab.mup(wide, 1e-2, base_width=32).param_groups
    assert torch.equal(plain(ids).logits, same(ids).logits)
    after = wide.transformer.h[0].mlp.c_fc.weight.std().item()
    assert after == pytest.approx(before / 2**0.5)
    assert (matrices["lr"], others["lr"]) == (5e-3, 1e-2)


def test_what_is_learnt_by_heart_is_continued():
    data = blocks(np.tile(np.arange(48, dtype=np.int32), 8), 48)
    model = small()
    assert lab.verbatim_share(model, data) == 0
    lab.short_run(model, data, {}, learning_rate=2e-2, max_steps=60, seed=0)
    assert lab.verbatim_share(model, data) == 1


def test_every_run_of_the_script_is_shipped_once_and_no_other():
    from scripts.laboratory_runs import settings

    lines = (lab.FOLDER / "training.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    wanted = list(settings())
    assert {sum(one.items() <= row.items() for row in rows) for one in wanted} == {1}
    assert len(rows) == len(wanted)


def test_shipped_rows_say_how_they_were_made():
    lines = (lab.FOLDER / "training.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    wanted = {"lab", "seed", "max_steps", "cpu_seconds", "torch", "profile", "test"}
    assert all(wanted <= row.keys() for row in rows)
    keys = [json.dumps({k: row.get(k) for k in sorted(row)}) for row in rows]
    assert len(keys) == len(set(keys))
    with pytest.raises(CourseError, match="there are"):
        lab.shipped("no such experiment")
    with pytest.raises(CourseError, match="no shipped runs nobody"):
        lab.shipped("rate", "nobody")
