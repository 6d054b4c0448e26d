"""The capstones' references are what the course's own code computes."""

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import jupytext
import numpy as np
import pytest
import torch
from joblib import Parallel, delayed

from course_utils.checks import Verdict, from_bytes, question, run_judge, to_bytes
from course_utils.checks.judges import ex11_6 as trained
from course_utils.checks.judges import ex12_3
from course_utils.checks.judges.ex13_5 import runs_problem
from course_utils.checks.judges.summary_answers import rows_problem, same_interval
from course_utils.checks.weights import weights_or_type
from course_utils.data.summaries import SummaryCollator, encode
from course_utils.evaluation.rouge import Interval, bootstrap


def given(exercise: str, name: str) -> Any:
    """Return a function that an exercise hands over, from its source."""
    [path] = (Path(__file__).parents[2] / "source" / "exercises").glob(f"{exercise}_*")
    namespace: dict = {"torch": torch}
    for cell in jupytext.read(path).cells:
        if cell.source.startswith(f"def {name}("):
            exec(cell.source.partition("\n\n\n")[0], namespace)
    return namespace[name]


def test_the_given_mask_and_batch_are_the_librarys(tokenizer):
    pairs = [("Ann: Are you free?\nBob: Yes!", "Bob is free."), ("Ann: Hi!", "Hi.")]
    for max_length in (64, 24):
        rows = [given("ex11", "encode_pair")(*p, tokenizer, max_length) for p in pairs]
        keys = ("dialogue", "summary")
        expected = [
            encode(dict(zip(keys, pair, strict=True)), tokenizer, max_length)
            for pair in pairs
        ]
        assert rows == expected
    assert max(len(row["input_ids"]) for row in rows) == max_length
    batch = given("ex11", "collate")(rows, tokenizer.eos_token_id)
    theirs = SummaryCollator(tokenizer)(rows)
    for name in ("input_ids", "attention_mask", "labels"):
        assert torch.equal(batch[name], theirs[name]), name


def test_interval_is_a_bootstrap():
    rng = np.random.default_rng(0)
    before, after = rng.uniform(0, 50, 40), rng.uniform(20, 70, 40)
    draws = rng.integers(0, 40, (4000, 40))
    case = {"before": before, "after": after, "draws": draws}
    expected = bootstrap(after - before, resamples=4000)
    means = (after - before)[draws].mean(axis=1)
    got = [expected.value, *np.percentile(means, [2.5, 97.5])]
    assert ex12_3.judge([got], {"cases": [case]}) == Verdict(True)
    assert same_interval(got, expected)
    assert not same_interval([got[0], got[1], got[2] + 5], expected)
    assert not same_interval(got[:2], expected)
    assert same_interval([0.0, 0.0, 0.0], Interval(0.0, 0.0, 0.0))


def test_the_test_split_is_known_by_its_texts():
    from course_utils.data.chats import tinychats

    rows = tinychats(60, split="test_slots")
    assert rows_problem(rows["dialogue"], rows["summary"]) == ""
    other = [f"{text} And so on." for text in rows["summary"]]
    assert "other dialogues" in rows_problem(rows["dialogue"], other)
    # Dialogues of another data set are not known, and not refused.
    assert rows_problem([f"A: {i}\nB: Yes." for i in range(50)], ["?"] * 50) == ""


def test_a_log_tells_which_weights_a_run_began_with():
    guessing = float(np.log(2048))
    scratch, pretrained = {0: 7.7, 10: 5.0, 20: 4.0}, {0: 3.9, 10: 2.0, 20: 1.0}
    assert runs_problem(scratch, pretrained, guessing) == ""
    assert "changed places" in runs_problem(pretrained, scratch, guessing)


def test_real_gpt2_is_judged_with_a_network_only():
    weights = {"transformer.wte.weight": np.zeros(trained.GPT2_EMBEDDINGS, np.float16)}
    verdict = run_judge("ex11_6", {"answer": {"weights": weights}}, seed=1)
    assert not verdict.right
    assert "cannot be reached" in verdict.message


@pytest.mark.slow
def test_weights_of_real_gpt2_are_evaluated(monkeypatch):
    from transformers import GPT2Config, GPT2LMHeadModel

    rows = [{"dialogue": "Ann: Hi, Bob!\nBob: Hi!", "summary": "Ann greets Bob."}]
    monkeypatch.setattr(trained, "samsum", lambda order: rows)
    data = weights_or_type(GPT2LMHeadModel(GPT2Config()))
    verdict = run_judge("ex11_6", {"answer": data}, seed=1)
    assert "stopped too early" in verdict.message
    monkeypatch.setattr(trained, "continuations", lambda *_: ["Ann greets Bob."])
    assert run_judge("ex11_6", {"answer": data}, seed=1) == Verdict(True)


SEEDS = range(10)


def solved(seed: int, shares: tuple[float, ...]) -> list[bytes]:
    """Return 11.6's solution, trained with `seed` for shares of its steps, as weights.

    The cells before it run with runs cut short: it needs their functions and data.
    """
    os.environ["COURSE_MAX_STEPS"] = "5"
    path = Path(__file__).parents[2] / "source" / "exercises" / "ex11_samsum.py"
    namespace: dict = {"__name__": "__main__"}
    answers = []
    for cell in jupytext.read(path).cells:
        if cell.cell_type != "code" or "check" in cell.metadata:
            continue
        if cell.metadata.get("answer") == "ex11_6":
            training, _, _ = cell.source.partition("### END SOLUTION")
            assert training.count("seed=0") == 1
            training = training.replace("seed=0", f"seed={seed}")
            # Trials of five steps choose nothing: take what whole ones choose.
            namespace["trials"]["chosen"] = "as lesson 07"
            for share in shares:
                steps = int(500 * share)
                namespace["profile"] = replace(
                    namespace["profile"], finetune_steps=steps
                )
                exec(training, namespace)
                answers.append(
                    to_bytes({"answer": weights_or_type(namespace["tuned"])})
                )
            return answers
        exec(cell.source, namespace)
    raise AssertionError("11.6 has an answer cell")


@pytest.mark.long
def test_trained_summarisers_pass_and_short_trainings_fail(capsys):
    shares = {"as it is": 1.0, "ten steps": 0.04}
    trained_ones = Parallel(2)(
        delayed(solved)(seed, tuple(shares.values())) for seed in SEEDS
    )
    scores: dict[str, list[float]] = {name: [] for name in shares}
    for seed, answers in zip(SEEDS, trained_ones, strict=True):
        hidden = question("ex11_6").inputs(seed)["hidden"]
        for name, content in zip(shares, answers, strict=True):
            data = from_bytes(content)
            model, words, rows, bar = trained.exam(data["answer"]["weights"], hidden)
            dialogues = [row["dialogue"] for row in rows]
            texts = trained.continuations(model, words, dialogues)
            scores[name].append(trained.rouge1(texts, rows) - bar)
            verdict = run_judge("ex11_6", data, seed=seed)
            if name == "as it is":
                assert verdict == Verdict(True)
            else:
                assert "stopped too early" in verdict.message
    with capsys.disabled():
        print(
            f"\nex11_6, {len(SEEDS)} trainings: ROUGE-1 above that of the first lines"
        )
        for name, values in scores.items():
            print(f"  {name:<12} {min(values):5.1f} to {max(values):5.1f}")
