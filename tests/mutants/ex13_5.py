"""Right and wrong answers to Exercise 13.5, as students hand them over.

They are functions, made when they are needed. Logs and texts stand in for real runs.
"""

import math

import numpy as np


def _log(first, last, steps=100, every=25):
    rows = []
    for step in range(0, steps + 1, every):
        if step:
            rows.append({"loss": last + 1.0, "step": step})
        loss = last + (first - last) * math.exp(-4 * step / steps)
        rows.append({"eval_loss": loss, "step": step})
    return [*rows, {"train_runtime": 30.0, "step": steps}]


def _experiment(n=60, split="test_slots", scratch=None, pretrained=None, **changes):
    from course_utils.data.chats import tinychats
    from course_utils.evaluation.rouge import bootstrap, paired_difference, rouge_scores

    rows = tinychats(n, split=split)
    references = rows["summary"]
    texts = {
        "scratch": ["They have a lunch at the pizza place."] * n,
        "pretrained": [
            " ".join(text.split()[: -1 - len(text) % 4]) for text in references
        ],
    }
    scores = {
        name: rouge_scores(texts[name], references, ["rouge1"])["rouge1"]
        for name in texts
    }
    return {
        "scratch": {
            "log_history": scratch or _log(math.log(2048), 4.2),
            "texts": texts["scratch"],
        },
        "pretrained": {
            "log_history": pretrained or _log(3.9, 0.8),
            "texts": texts["pretrained"],
        },
        "dialogues": rows["dialogue"],
        "references": references,
        "vocab_size": 2048,
        "verdict": {
            "scratch": bootstrap(scores["scratch"]),
            "pretrained": bootstrap(scores["pretrained"]),
            "difference": paired_difference(scores["pretrained"], scores["scratch"]),
        },
    } | changes


def experiment_of_lists():
    experiment = _experiment(300)
    verdict = {name: list(value) for name, value in experiment["verdict"].items()}
    return {
        **experiment,
        "dialogues": list(experiment["dialogues"]),
        "verdict": verdict,
        "notes": "one seed",
    }


def experiment_with_own_draws():
    from course_utils.evaluation.rouge import bootstrap, paired_difference, rouge_scores

    experiment = _experiment(scratch=_log(7.5, 5.0), pretrained=_log(4.5, 1.5))
    scratch, pretrained = (
        rouge_scores(experiment[name]["texts"], experiment["references"], ["rouge1"])[
            "rouge1"
        ]
        for name in ("scratch", "pretrained")
    )
    verdict = {
        "scratch": bootstrap(scratch, seed=5),
        "pretrained": bootstrap(pretrained, 3000, seed=5),
        "difference": paired_difference(pretrained, scratch, seed=5),
    }
    return {**experiment, "verdict": verdict}


def experiment_swapped():
    experiment = _experiment()
    scratch, pretrained = experiment["scratch"], experiment["pretrained"]
    return {**experiment, "scratch": pretrained, "pretrained": scratch}


def experiment_scratch_trained_before():
    return _experiment(scratch=_log(4.2, 3.8))


def experiment_pretrained_is_random():
    return _experiment(pretrained=_log(7.6, 4.1))


def experiment_pretrained_gets_worse():
    return _experiment(pretrained=_log(3.9, 6.0))


def experiment_scratch_learns_nothing():
    return _experiment(scratch=_log(math.log(2048), math.log(2048) + 0.1))


def experiment_of_unequal_steps():
    return _experiment(pretrained=_log(3.9, 0.5, steps=200, every=50))


def experiment_of_other_evaluations():
    return _experiment(pretrained=_log(3.9, 0.8, every=20))


def experiment_of_one_run():
    same = _log(math.log(2048), 4.2)
    return _experiment(scratch=same, pretrained=same)


def experiment_without_start():
    logs = [
        [row for row in _log(*ends) if row["step"]]
        for ends in ((math.log(2048), 4.2), (3.9, 0.8))
    ]
    return _experiment(scratch=logs[0], pretrained=logs[1])


def experiment_on_training_data():
    return _experiment(split="train")


def experiment_of_few():
    return _experiment(20)


def _with_verdict(**changes):
    experiment = _experiment()
    return {**experiment, "verdict": {**experiment["verdict"], **changes}}


def experiment_difference_turned():
    mean, low, high = _experiment()["verdict"]["difference"]
    return _with_verdict(difference=(-mean, -high, -low))


def experiment_intervals_subtracted():
    verdict = _experiment()["verdict"]
    return _with_verdict(
        difference=(
            verdict["difference"][0],
            verdict["pretrained"][1] - verdict["scratch"][2],
            verdict["pretrained"][2] - verdict["scratch"][1],
        )
    )


def experiment_of_shares():
    verdict = _experiment()["verdict"]
    return _with_verdict(scratch=list(np.array(verdict["scratch"]) / 100))


def experiment_of_means():
    return _with_verdict(pretrained=_experiment()["verdict"]["pretrained"][0])


def experiment_without_difference():
    experiment = _experiment()
    del experiment["verdict"]["difference"]
    return experiment


def experiment_without_verdict():
    experiment = _experiment()
    del experiment["verdict"]
    return experiment


def experiment_of_arrays():
    experiment = _experiment()
    verdict = {name: np.array(value) for name, value in experiment["verdict"].items()}
    return {**experiment, "verdict": verdict, "vocab_size": np.int64(2048)}


def experiment_of_series():
    import pandas as pd

    experiment = _experiment(80)
    return {
        **experiment,
        "dialogues": pd.Series(list(experiment["dialogues"])),
        "references": np.array(list(experiment["references"])),
    }


def experiment_of_tuples():
    experiment = _experiment()
    runs = {
        name: {
            "log_history": experiment[name]["log_history"],
            "texts": tuple(experiment[name]["texts"]),
        }
        for name in ("scratch", "pretrained")
    }
    return experiment | runs


def experiment_with_more_in_it():
    return _experiment(
        scratch=_log(7.7, 4.9, 250, 50), pretrained=_log(4.0, 0.5, 250, 50)
    )


def _unpaired(seed=0):
    """Return an experiment whose scores go together, and its interval drawn apart."""
    from course_utils.evaluation.rouge import bootstrap, paired_difference, rouge_scores

    experiment = _experiment(100)
    references = list(experiment["references"])
    words = [text.split() for text in references]
    # What is short for one is short for the other: their scores go together.
    keep = [2 + i % 5 for i in range(100)]
    scratch = [" ".join(w[:n]) for w, n in zip(words, keep, strict=True)]
    pretrained = [" ".join(w[: n + 2]) for w, n in zip(words, keep, strict=True)]
    texts = {"scratch": scratch, "pretrained": pretrained}
    scores = {
        n: rouge_scores(t, references, ["rouge1"])["rouge1"] for n, t in texts.items()
    }
    rng = np.random.default_rng(seed)
    draws = rng.integers(0, 100, (2, 4000, 100))
    means = scores["pretrained"][draws[0]].mean(axis=1) - scores["scratch"][
        draws[1]
    ].mean(axis=1)
    mean = (scores["pretrained"] - scores["scratch"]).mean()
    verdict = {
        "scratch": bootstrap(scores["scratch"]),
        "pretrained": bootstrap(scores["pretrained"]),
        "difference": paired_difference(scores["pretrained"], scores["scratch"]),
    }
    runs = {name: {**experiment[name], "texts": texts[name]} for name in texts}
    experiment = {**experiment, **runs, "verdict": verdict}
    return experiment, [mean, *np.percentile(means, [2.5, 97.5])]


def experiment_drawn_apart():
    experiment, interval = _unpaired()
    return {**experiment, "verdict": experiment["verdict"] | {"difference": interval}}


def experiment_of_nan():
    return _experiment(vocab_size=math.nan)


def experiment_with_nan_in_the_log():
    log = _log(3.9, 0.8)
    log[2]["eval_loss"] = math.nan
    return _experiment(pretrained=log)


def experiment_with_fewer_texts():
    experiment = _experiment()
    run = experiment["scratch"] | {"texts": experiment["scratch"]["texts"][:-1]}
    return {**experiment, "scratch": run}


RIGHT = [
    experiment_of_lists,
    experiment_with_own_draws,
    experiment_of_arrays,
    experiment_of_series,
    experiment_of_tuples,
    experiment_with_more_in_it,
]
WRONG = [
    (experiment_drawn_apart, "two means drawn apart"),
    (experiment_of_nan, "vocab_size"),
    (experiment_with_nan_in_the_log, "NaN"),
    (experiment_with_fewer_texts, "not one for each dialogue"),
    (experiment_swapped, "changed places"),
    (experiment_scratch_trained_before, "does not begin at ln(vocabulary)"),
    (experiment_pretrained_is_random, "its weights are random"),
    (experiment_pretrained_gets_worse, "The pretrained run ends no lower"),
    (experiment_scratch_learns_nothing, "The scratch run ends no lower"),
    (experiment_of_unequal_steps, "no equal budget"),
    (experiment_of_other_evaluations, "at different steps"),
    (experiment_of_one_run, "of one run"),
    (experiment_without_start, "eval_on_start=True"),
    (experiment_on_training_data, "trained on"),
    (experiment_of_few, "at least 50 rows"),
    (experiment_difference_turned, "`difference` in the verdict"),
    (experiment_intervals_subtracted, "`difference` in the verdict"),
    (experiment_of_shares, "`scratch` in the verdict"),
    (experiment_of_means, "`pretrained` in the verdict"),
    (experiment_without_verdict, "all the keys"),
    (experiment_without_difference, "all the keys"),
]
