"""Right and wrong answers to Exercise 13.5, as students hand them over.

They are functions, made when they are needed. Logs and texts stand in for real runs.
"""

import copy
import json
import math
from functools import cache

import numpy as np

SIZES = (50, 200, 1000)


def _log(first, last, steps=125, every=62):
    rows = []
    for step in (0, every, steps):
        if step:
            rows.append({"loss": last + 1.0, "step": step})
        loss = last + (first - last) * math.exp(-4 * step / steps)
        rows.append({"eval_loss": loss, "step": step})
    return [*rows, {"train_runtime": 30.0, "step": steps}]


def _kept(references, share, seed):
    """Return a share of the words of each reference, now one more, now one less."""
    words = [text.split() for text in references]
    return [
        " ".join(w[: max(1, round(share * len(w)) + (i + seed) % 2)])
        for i, w in enumerate(words)
    ]


def shipped():
    """Return the ROUGE-1 of the runs that ship, by start, pairs and seed."""
    from course_utils.machine.places import ASSETS

    text = (ASSETS / "laboratory" / "fine_tuning.json").read_text(encoding="utf-8")
    starts = {"all": "pretrained", "scratch": "scratch"}
    return {
        (starts[row["method"]], row["pairs"], row["seed"]): row["known"]["rouge1"]
        for row in json.loads(text)["rows"]
        if row["kept"] and row["mask"] and row["embeddings"] and row["method"] in starts
    }


@cache
def _base(seeds=(3,), joined=True):
    from course_utils.data.chats import tinychats
    from course_utils.evaluation.rouge import rouge_scores

    rows = tinychats(300, split="validation").select(range(80, 160))
    references = rows["summary"]
    runs = [
        {"start": start, "pairs": n, "seed": seed, "rouge1": score, "made": "shipped"}
        for (start, n, seed), score in shipped().items()
        if joined and n in SIZES
    ]
    for start, share, first, last in (
        ("scratch", 0.15, math.log(2048), 4.2),
        ("pretrained", 0.4, 3.9, 0.8),
    ):
        for i, pairs in enumerate(SIZES):
            for seed in seeds:
                texts = _kept(references, share + 0.05 * i + 0.02 * seed, seed)
                scores = rouge_scores(texts, references, ["rouge1"])["rouge1"]
                run = {"start": start, "pairs": pairs, "seed": seed, "made": "here"}
                log = _log(first, last - 0.1 * i - 0.01 * seed)
                runs.append(
                    run | {"rouge1": scores.mean(), "texts": texts, "log_history": log}
                )
    return {
        "points": 5.0,
        "dialogues": rows["dialogue"],
        "references": references,
        "vocab_size": 2048,
        "runs": runs,
    }


def _curve(experiment, interval=None):
    from course_utils.training import laboratory

    interval = interval or laboratory.interval
    curve = []
    for pairs in sorted({run["pairs"] for run in experiment["runs"]}):
        scratch, pretrained = (
            {
                run["seed"]: run["rouge1"]
                for run in experiment["runs"]
                if (run["start"], run["pairs"]) == (start, pairs)
            }
            for start in ("scratch", "pretrained")
        )
        both = [
            pretrained[seed] - scratch[seed] for seed in scratch if seed in pretrained
        ]
        difference = interval(both)
        above = difference[1] > experiment["points"]
        below = difference[2] < experiment["points"]
        curve.append(
            {
                "pairs": pairs,
                "scratch": interval(list(scratch.values())),
                "pretrained": interval(list(pretrained.values())),
                "difference": difference,
                "decision": "pretrained" if above else "scratch" if below else "open",
            }
        )
    return curve


def _experiment(change=None, seeds=(3,), joined=True, curve=None, **changes):
    """Return an experiment; `change` alters its runs before the curve is computed."""
    experiment = copy.deepcopy(_base(seeds, joined)) | changes
    if change:
        experiment["runs"] = change(experiment["runs"])
    return experiment | {"curve": curve or _curve(experiment)}


def _own(runs, change, **which):
    """Apply `change` to the runs made here that have these values."""
    which = {"made": "here"} | which
    for run in runs:
        if all(run[name] == value for name, value in which.items()):
            run |= change(run)
    return runs


def _of_curve(change):
    experiment = _experiment()
    return experiment | {
        "curve": [place | change(place) for place in experiment["curve"]]
    }


def experiment_joined():
    return _experiment()


def experiment_of_own_seeds():
    return _experiment(seeds=(0, 1, 2), joined=False)


def experiment_of_four_own_seeds():
    return _experiment(seeds=(5, 6, 7, 8), joined=False, points=30)


def experiment_of_arrays():
    experiment = _experiment()
    names = ("scratch", "pretrained", "difference")
    return experiment | {
        "points": np.float64(5),
        "vocab_size": np.int64(2048),
        "references": np.array(list(experiment["references"])),
        "curve": [
            place | {name: np.array(place[name]) for name in names}
            for place in experiment["curve"]
        ],
    }


def experiment_of_tuples():
    experiment = _experiment()
    runs = _own(experiment["runs"], lambda run: {"texts": tuple(run["texts"])})
    return experiment | {"runs": tuple(runs), "curve": tuple(experiment["curve"][::-1])}


def experiment_with_notes():
    experiment = _of_curve(lambda place: {"note": "as expected"})
    return experiment | {"model": "tiny-base", "rule": "written before"}


def experiment_of_two_sizes():
    return _experiment(lambda runs: [run for run in runs if run["pairs"] != 200])


def experiment_of_one_seed():
    return _experiment(seeds=(3, 4), joined=False)


def experiment_of_unlike_seeds():
    def change(runs):
        return _own(runs, lambda run: {"seed": 9}, start="scratch", pairs=50)

    return _experiment(change)


def experiment_without_own_runs():
    def change(runs):
        for run in runs:
            if run["pairs"] == 50:
                run["made"] = "shipped"
        return [run for run in runs if run["pairs"] != 50 or run["seed"] < 3]

    return _experiment(change)


def experiment_with_a_run_twice():
    return _experiment(lambda runs: [*runs, copy.deepcopy(runs[-1])])


def experiment_with_a_forged_shipped_run():
    def change(runs):
        for run in runs:
            if run["made"] == "shipped" and run["start"] == "scratch":
                run["rouge1"] -= 5
        return runs

    return _experiment(change)


def experiment_on_other_dialogues():
    from course_utils.data.chats import tinychats

    rows = tinychats(300, split="validation").select(range(80))
    return _experiment(dialogues=rows["dialogue"], references=rows["summary"])


def experiment_on_the_test_split():
    from course_utils.data.chats import tinychats

    rows = tinychats(80, split="test_slots")
    return _experiment(dialogues=rows["dialogue"], references=rows["summary"])


def experiment_of_few():
    experiment = _experiment()
    return experiment | {
        "dialogues": experiment["dialogues"][:20],
        "references": experiment["references"][:20],
    }


def _with_log(start, *arguments, **named):
    log = _log(*arguments, **named)
    return _experiment(
        lambda runs: _own(runs, lambda run: {"log_history": log}, start=start)
    )


def experiment_of_twenty_steps():
    def short(run):
        log = [row for row in run["log_history"] if "eval_loss" in row]
        steps = dict(zip((0, 62, 125), (0, 10, 20), strict=True))
        return {"log_history": [row | {"step": steps[row["step"]]} for row in log]}

    return _experiment(lambda runs: _own(runs, short))


def experiment_of_unequal_steps():
    return _with_log("pretrained", 3.9, 0.5, steps=250)


def experiment_of_more_steps_with_more_pairs():
    def longer(run):
        last = 4.0 if run["start"] == "scratch" else 0.6
        first = math.log(2048) if run["start"] == "scratch" else 3.9
        return {"log_history": _log(first, last, steps=250)}

    return _experiment(lambda runs: _own(runs, longer, pairs=1000))


def experiment_of_other_evaluations():
    return _with_log("pretrained", 3.9, 0.5, every=25)


def experiment_without_start():
    def later(run):
        return {"log_history": [row for row in run["log_history"] if row["step"]]}

    return _experiment(lambda runs: _own(runs, later))


def experiment_swapped():
    def change(runs):
        other = {"scratch": "pretrained", "pretrained": "scratch"}
        return _own(runs, lambda run: {"start": other[run["start"]]})

    return _experiment(change)


def experiment_scratch_trained_before():
    return _with_log("scratch", 4.2, 3.8)


def experiment_pretrained_is_random():
    return _with_log("pretrained", 7.6, 4.1)


def experiment_scratch_learns_nothing():
    return _with_log("scratch", math.log(2048), math.log(2048) + 0.1)


def experiment_pretrained_gets_worse():
    return _with_log("pretrained", 3.9, 6.0)


def experiment_with_nan_in_the_log():
    def broken(run):
        rows = copy.deepcopy(run["log_history"])
        rows[2]["eval_loss"] = math.nan
        return {"log_history": rows}

    return _experiment(lambda runs: _own(runs, broken, start="pretrained"))


def experiment_of_one_run():
    log = _log(math.log(2048), 4.2)
    return _experiment(lambda runs: _own(runs, lambda run: {"log_history": log}))


def experiment_of_one_model():
    from course_utils.evaluation.rouge import rouge_scores

    experiment = _base()
    texts = _kept(experiment["references"], 0.3, 0)
    score = rouge_scores(texts, experiment["references"], ["rouge1"])["rouge1"].mean()
    return _experiment(
        lambda runs: _own(runs, lambda run: {"texts": texts, "rouge1": score})
    )


def experiment_with_fewer_texts():
    return _experiment(
        lambda runs: _own(runs, lambda run: {"texts": run["texts"][:-1]})
    )


def experiment_of_better_scores():
    return _experiment(
        lambda runs: _own(runs, lambda run: {"rouge1": run["rouge1"] + 9})
    )


def experiment_of_shares():
    return _experiment(
        lambda runs: _own(runs, lambda run: {"rouge1": run["rouge1"] / 100})
    )


def experiment_of_normal_intervals():
    def normal(values):
        half = 1.96 * np.std(values, ddof=1) / math.sqrt(len(values))
        return [np.mean(values), np.mean(values) - half, np.mean(values) + half]

    return _experiment(curve=_curve(_base(), normal))


def experiment_of_ranges():
    return _experiment(
        curve=_curve(_base(), lambda v: [np.mean(v), 2 * min(v), 2 * max(v)])
    )


def experiment_of_means():
    return _of_curve(lambda place: {"scratch": place["scratch"][0]})


def experiment_difference_turned():
    return _of_curve(
        lambda place: {
            "difference": [-x for x in np.array(place["difference"])[[0, 2, 1]]]
        }
    )


def experiment_intervals_subtracted():
    def apart(place):
        old, new = place["scratch"], place["pretrained"]
        low, high = new[1] - old[2], new[2] - old[1]
        return {"difference": [place["difference"][0], low, high]}

    return _of_curve(apart)


def experiment_without_shipped_in_the_mean():
    own = _base()
    own = own | {"runs": [r for r in own["runs"] if r["seed"] in (0, 1)]}
    return _experiment(curve=_curve(own))


def experiment_decided_by_the_mean():
    return _of_curve(lambda place: {"decision": "pretrained"}) | {"points": 20.0}


def experiment_always_open():
    return _of_curve(lambda place: {"decision": "open"})


def experiment_with_a_place_less():
    experiment = _experiment()
    return experiment | {"curve": experiment["curve"][:-1]}


def experiment_without_rule():
    experiment = _experiment()
    del experiment["points"]
    return experiment


def experiment_with_words_as_rule():
    return _experiment() | {"points": "five"}


def experiment_without_logs():
    def bare(runs):
        for run in runs:
            run.pop("log_history", None)
        return runs

    return _experiment(bare)


def experiment_of_nan():
    return _experiment(vocab_size=math.nan)


RIGHT = [
    experiment_joined,
    experiment_of_own_seeds,
    experiment_of_four_own_seeds,
    experiment_of_arrays,
    experiment_of_tuples,
    experiment_with_notes,
]
WRONG = [
    (experiment_of_two_sizes, "two make no curve"),
    (experiment_of_one_seed, "needs 3 seeds"),
    (experiment_of_unlike_seeds, "the same seeds"),
    (experiment_without_own_runs, "has to be your own"),
    (experiment_with_a_run_twice, "there twice"),
    (experiment_with_a_forged_shipped_run, "called shipped"),
    (experiment_on_other_dialogues, "measured on other dialogues"),
    (experiment_on_the_test_split, "which is for the end"),
    (experiment_of_few, "at least 50 different dialogues"),
    (experiment_of_twenty_steps, "too short"),
    (experiment_of_unequal_steps, "no equal budget"),
    (experiment_of_more_steps_with_more_pairs, "unlike numbers of steps"),
    (experiment_of_other_evaluations, "at different steps"),
    (experiment_without_start, "eval_on_start=True"),
    (experiment_swapped, "changed places"),
    (experiment_scratch_trained_before, "does not begin at ln(vocabulary)"),
    (experiment_pretrained_is_random, "its weights are random"),
    (experiment_scratch_learns_nothing, "The scratch run ends no lower"),
    (experiment_pretrained_gets_worse, "The pretrained run ends no lower"),
    (experiment_with_nan_in_the_log, "NaN"),
    (experiment_of_one_run, "of one run"),
    (experiment_of_one_model, "a new model for each run"),
    (experiment_with_fewer_texts, "a text for each"),
    (experiment_of_better_scores, "not the mean of its texts"),
    (experiment_of_shares, "share of 1"),
    (experiment_of_normal_intervals, "too narrow"),
    (experiment_of_ranges, "`scratch` is not what the runs give"),
    (experiment_of_means, "no three numbers"),
    (experiment_difference_turned, "pretrained minus scratch"),
    (experiment_intervals_subtracted, "those of each seed first"),
    (experiment_without_shipped_in_the_mean, "take all seeds"),
    (experiment_decided_by_the_mean, "what your rule says"),
    (experiment_always_open, "what your rule says"),
    (experiment_with_a_place_less, "one place for each"),
    (experiment_without_rule, "all keys"),
    (experiment_with_words_as_rule, "number of your rule"),
    (experiment_without_logs, "all keys"),
    (experiment_of_nan, "vocab_size"),
]
