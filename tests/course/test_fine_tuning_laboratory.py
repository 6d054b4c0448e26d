"""What lesson 12 says of LoRA, TRL and its shipped runs is so."""

import json
import re
from collections import defaultdict
from statistics import mean, stdev

import pytest
import torch
from test_claims import ROOT, definitions_of
from test_lesson_figures import printed
from transformers import GPT2Config, GPT2LMHeadModel
from transformers.pytorch_utils import Conv1D

from course_utils.authoring.build import read_notebook
from course_utils.machine.places import ASSETS

SIZES = {"n_positions": 16, "n_embd": 32, "n_layer": 2, "n_head": 4, "vocab_size": 50}
IDS = torch.arange(32).view(2, 16)


@pytest.fixture
def lora():
    """The lesson's own LoRA and replace_layers."""
    names = ("LoRA", "replace_layers")
    return definitions_of("12_fine_tuning_laboratory", *names)


def with_lora(lora, model, noise=0.0):
    kind, replace_layers = lora
    replace_layers(model.eval().requires_grad_(False), Conv1D, lambda w: kind(w, 4))
    for module in model.modules():
        if isinstance(module, kind):
            torch.nn.init.normal_(module.B, std=noise)
    return model


def logits(model):
    with torch.no_grad():
        return model(IDS).logits


def test_lora_by_hand_begins_as_the_base_and_merges_to_what_it_was(lora):
    torch.manual_seed(0)
    model = GPT2LMHeadModel(GPT2Config(**SIZES)).eval()
    base = logits(model)
    assert torch.equal(logits(with_lora(lora, model)), base)
    trained = {name for name, p in model.named_parameters() if p.requires_grad}
    assert len(trained) == 2 * 4 * SIZES["n_layer"]
    assert all(name.endswith((".A", ".B")) for name in trained)
    torch.manual_seed(0)
    model = with_lora(lora, GPT2LMHeadModel(GPT2Config(**SIZES)), noise=0.5)
    unmerged = logits(model)
    assert (unmerged - base).abs().max() > 0.1
    kind, replace_layers = lora
    merged = replace_layers(model, kind, kind.merged)
    assert torch.allclose(logits(merged), unmerged, atol=1e-5)
    assert not any(isinstance(module, kind) for module in merged.modules())


@pytest.mark.slow
def test_lora_by_hand_computes_what_peft_does(lora):
    peft = pytest.importorskip("peft")
    torch.manual_seed(0)
    ours = with_lora(lora, GPT2LMHeadModel(GPT2Config(**SIZES)), noise=0.5)
    torch.manual_seed(0)
    config = peft.LoraConfig(
        r=4, lora_alpha=16, target_modules=["c_attn", "c_proj", "c_fc"],
        fan_in_fan_out=True, task_type="CAUSAL_LM",
    )  # fmt: skip
    theirs = peft.get_peft_model(GPT2LMHeadModel(GPT2Config(**SIZES)), config).eval()
    by_hand = [module for module in ours.modules() if isinstance(module, lora[0])]
    layers = [module for module in theirs.modules() if hasattr(module, "lora_A")]
    for our, layer in zip(by_hand, layers, strict=True):
        layer.lora_A["default"].weight.data = our.A.data.T.contiguous()
        layer.lora_B["default"].weight.data = our.B.data.T.contiguous()
    assert torch.allclose(logits(ours), logits(theirs), atol=1e-5)
    assert torch.allclose(logits(theirs.merge_and_unload()), logits(ours), atol=1e-5)


@pytest.mark.slow
def test_trls_batch_is_the_row_made_by_hand(tmp_path):
    trl = pytest.importorskip("trl")
    from datasets import Dataset

    from course_utils.data.chats import tinychats
    from course_utils.data.summaries import SummaryCollator, encode, prompt
    from course_utils.model.gpt2 import load

    chats = tinychats(12)
    model, tokenizer = load("tiny")
    rows = [
        {"prompt": prompt(row["dialogue"]), "completion": " " + row["summary"].strip()}
        for row in chats
    ]
    arguments = trl.SFTConfig(
        str(tmp_path), bf16=False, use_cpu=True, report_to="none", max_length=256
    )
    trainer = trl.SFTTrainer(
        model, arguments, train_dataset=Dataset.from_list(rows),
        processing_class=tokenizer,
    )  # fmt: skip
    theirs = trainer.data_collator([trainer.train_dataset[i] for i in range(12)])
    ours = SummaryCollator(tokenizer)([encode(row, tokenizer, 256) for row in chats])
    for name, tensor in ours.items():
        assert torch.equal(theirs[name], tensor), name


def shipped():
    path = ASSETS / "laboratory" / "fine_tuning.json"
    return json.loads(path.read_text(encoding="utf-8"))


def test_the_shipped_runs_differ_in_what_they_say_alone():
    rows = shipped()["rows"]
    assert {(row["steps"], row["batch_size"]) for row in rows} == {(125, 8)}
    assert {row["seed"] for row in rows} <= {0, 1, 2}, "the live run has seed 3"
    kinds = ("method", "pairs", "rank", "mask", "embeddings", "learning_rate", "seed")
    settings = [tuple(row[name] for name in kinds) for row in rows]
    assert len(set(settings)) == len(settings)
    assert shipped()["cpu_seconds"] >= sum(row["cpu_seconds"] for row in rows) - len(
        rows
    )


def test_a_rate_was_chosen_by_the_rule_that_the_lesson_states():
    """The lowest one within two points of the best, with seed 0."""
    trials = defaultdict(dict)
    for row in shipped()["rows"]:
        if row["choosing"]:
            trials[row["method"], row["pairs"]][row["learning_rate"]] = row
    assert {("all", 200), ("all", 6000), ("scratch", 6000)} <= trials.keys()
    for rates in trials.values():
        best = max(row["choosing"]["rouge1"] for row in rates.values())
        near = [x for x in rates if rates[x]["choosing"]["rouge1"] >= best - 2]
        assert [x for x in rates if rates[x]["kept"]] == [min(near)]


def over_seeds(column, **settings):
    """Return {seed: value} of the kept runs, such as of "known.rouge1"."""
    usual = {"method": "all", "rank": 0, "pairs": 6000, "mask": True}
    wanted = usual | {"embeddings": True, "kept": True} | settings
    found = {}
    for row in shipped()["rows"]:
        if all(row[name] == value for name, value in wanted.items()):
            place, _, score = column.partition(".")
            found[row["seed"]] = row[place][score] if score else row[place]
    assert found, settings
    return found


def differences(column, **change):
    usual, changed = over_seeds(column), over_seeds(column, **change)
    assert usual.keys() == changed.keys() == {0, 1, 2}
    return [changed[seed] - usual[seed] for seed in sorted(usual)]


def half_width(values):
    return 4.30 * stdev(values) / 3**0.5


def test_mask_and_embeddings_do_what_the_lesson_says():
    rouge = differences("known.rouge1", mask=False)
    assert mean(rouge) + half_width(rouge) < 0
    assert -3 < mean(rouge) < -1, "a point or two"
    for column in ("known.people", "elsewhere.rouge1", "elsewhere.people"):
        off = differences(column, mask=False)
        assert abs(mean(off)) < half_width(off), column
    for column in ("known.rouge1", "known.people"):
        kept = differences(column, embeddings=False)
        assert abs(mean(kept)) < half_width(kept), column
    for change in ({"mask": False}, {"embeddings": False}):
        own = differences("own_text", **change)
        assert mean(own) + half_width(own) < 0, change


def test_lora_forgets_more_and_no_other_gain_is_shown():
    lora = {"method": "lora", "rank": 8}
    forgot = differences("own_text", **lora)
    assert mean(forgot) - half_width(forgot) > 0
    gained = differences("known.rouge1", **lora)
    assert mean(gained) < 0 < mean(gained) + half_width(gained)


@pytest.mark.parametrize("pairs", [50, 200, 1000, 6000])
def test_pretrained_and_scratch_are_where_the_lesson_says(pairs):
    def mean_of(column, method):
        return mean(over_seeds(column, method=method, pairs=pairs).values())

    scratch = mean_of("known.rouge1", "scratch")
    assert mean_of("known.rouge1", "all") > scratch + 7
    two_people = 24.7
    gained = mean_of("elsewhere.rouge1", "all") - two_people
    assert 6 < gained < 8 if pairs >= 1000 else -2 < gained < 6
    assert mean_of("elsewhere.rouge1", "scratch") < two_people - 1
    assert mean_of("elsewhere.people", "scratch") < 53.8, "below two people in both"


def test_to_have_read_the_like_helps_on_the_like_and_not_elsewhere():
    def ahead(column, pairs):
        familiar = over_seeds(column, method="familiar", pairs=pairs)
        return mean(familiar.values()) - mean(over_seeds(column, pairs=pairs).values())

    assert all(2.5 < ahead("known.rouge1", pairs) < 5 for pairs in (50, 200))
    assert all(0 < ahead("known.rouge1", pairs) < 4 for pairs in (1000, 6000))
    assert all(ahead("elsewhere.rouge1", pairs) < 1 for pairs in (50, 200))
    assert all(-3.5 < ahead("elsewhere.rouge1", n) < -1.5 for n in (1000, 6000))


def test_few_pairs_are_most_of_it_and_from_scratch_better_than_all():
    scratch = {
        n: over_seeds("known.rouge1", method="scratch", pairs=n) for n in (50, 6000)
    }
    assert mean(scratch[50].values()) > mean(scratch[6000].values())
    untrained = 6.5
    whole = mean(over_seeds("known.rouge1").values()) - untrained
    few = mean(over_seeds("known.rouge1", pairs=200).values()) - untrained
    assert few > 0.85 * whole


def test_dpo_shows_no_more_than_the_lesson_says():
    path = ROOT / "notebooks" / "12_fine_tuning_laboratory.ipynb"
    text = printed(read_notebook(path))
    for place, width in (("known", 9), ("elsewhere", 7)):
        shares = re.findall(rf"^  {place} +([\d.]+) % of", text, re.MULTILINE)
        before, after = map(float, shares)
        assert abs(after - before) < width, place
        changed = rf"^  {place} +changed by .*\[(\S+), (\S+)\]"
        (low, high), *_ = re.findall(changed, text, re.MULTILINE)
        assert float(low) < 0 < float(high), place
