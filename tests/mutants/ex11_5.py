"""Right and wrong answers to Exercise 11.5, as students hand them over.

They are functions, made when they are needed. Texts stand in for those of real runs.
"""

import numpy as np

KEPT = {"usual": 4, "low": 12, "short": 5}  # words that a summary lacks, by name


def _texts(references, lost, seed):
    """Return the references without some words: one more for every third, by seed."""
    return [
        " ".join(text.split()[: max(2, len(text.split()) - lost - (i + seed) % 3)])
        for i, text in enumerate(references)
    ]


def choose(runs, near):
    """Return the cheapest of the names that are near the best mean."""
    scores, steps = {}, {}
    for run in runs:
        scores.setdefault(run["name"], []).append(run["score"])
        steps[run["name"]] = run["steps"]
    mean = {name: np.mean(values) for name, values in scores.items()}
    allowed = [name for name in mean if mean[name] >= max(mean.values()) - near]
    return min(allowed, key=lambda name: (steps[name], -mean[name]))


def _trials(n=40, split="validation", near=3.0, seeds=(0, 1), **changes):
    from course_utils.data.chats import tinychats
    from course_utils.evaluation.rouge import rouge_scores

    rows = tinychats(n, split=split)
    references = rows["summary"]
    runs = []
    for name, lost in KEPT.items():
        for seed in seeds:
            texts = _texts(references, lost, seed)
            rate = 5e-4 if name == "low" else 2e-3
            score = rouge_scores(texts, references, ["rouge1"])["rouge1"].mean()
            runs.append(
                {
                    "name": name,
                    "seed": seed,
                    "steps": 60 if name == "short" else 120,
                    "settings": {"learning_rate": rate, "max_length": 256},
                    "texts": texts,
                    "score": score,
                }
            )
    return {
        "dialogues": rows["dialogue"],
        "references": references,
        "near": near,
        "runs": runs,
        "chosen": choose(runs, near),
    } | changes


def _with_runs(change, **changes):
    trials = _trials(**changes)
    return trials | {"runs": [change(dict(run)) for run in trials["runs"]]}


def trials_of_forty():
    return _trials()


def trials_of_three_seeds():
    return _trials(60, seeds=(3, 4, 5))


def trials_of_lists():
    trials = _trials()
    return trials | {
        "dialogues": list(trials["dialogues"]),
        "references": tuple(trials["references"]),
        "runs": [run | {"score": float(run["score"])} for run in trials["runs"]],
    }


def trials_of_arrays():
    trials = _trials(near=np.float32(2))
    runs = [run | {"texts": np.array(run["texts"])} for run in trials["runs"]]
    return trials | {"runs": tuple(runs), "references": np.array(trials["references"])}


def trials_with_notes():
    return _with_runs(lambda run: run | {"seconds": 12.5}) | {"expected": "the usual"}


def trials_with_near_of_0():
    return _trials(near=0)


def trials_in_another_order():
    trials = _trials()
    return trials | {"runs": trials["runs"][::-1]}


def trials_of_few_dialogues():
    return _trials(20)


def trials_on_the_test_split():
    return _trials(split="test_slots")


def trials_on_training_rows():
    return _trials(split="train")


def trials_with_references_turned():
    trials = _trials()
    return trials | {"references": list(trials["references"])[::-1]}


def trials_with_one_seed():
    return _trials(seeds=(0,))


def trials_with_equal_seeds():
    return _with_runs(lambda run: run | {"seed": 0})


def trials_of_two_names():
    trials = _trials()
    return trials | {"runs": [run for run in trials["runs"] if run["name"] != "low"]}


def trials_of_one_kind():
    return _with_runs(lambda run: run | {"steps": 120, "settings": {"r": run["name"]}})


def trials_of_one_setting():
    return _with_runs(lambda run: run | {"steps": 120, "settings": {"rate": 2e-3}})


def trials_with_more_steps_in_one_seed():
    return _with_runs(lambda run: run | {"steps": 120 + 60 * run["seed"]})


def trials_of_one_model():
    trials = _trials()
    first = trials["runs"][0]
    same = {"texts": first["texts"], "score": first["score"]}
    return trials | {"runs": [run | same for run in trials["runs"]]}


def trials_of_shares():
    return _with_runs(lambda run: run | {"score": run["score"] / 100})


def trials_with_a_better_score():
    return _with_runs(lambda run: run | {"score": run["score"] + 5})


def trials_with_fewer_texts():
    return _with_runs(lambda run: run | {"texts": run["texts"][:-1]})


def trials_that_choose_the_worst():
    return _trials(chosen="low")


def trials_that_choose_a_run():
    trials = _trials()
    return trials | {"chosen": trials["runs"][0]}


def trials_without_texts():
    return _with_runs(lambda run: {k: v for k, v in run.items() if k != "texts"})


def trials_without_near():
    trials = _trials()
    del trials["near"]
    return trials


def trials_with_negative_near():
    return _trials() | {"near": -1.0}


def trials_with_settings_as_text():
    return _with_runs(lambda run: run | {"settings": f"as {run['name']}"})


RIGHT = [
    trials_of_forty,
    trials_of_three_seeds,
    trials_of_lists,
    trials_of_arrays,
    trials_with_notes,
    trials_with_near_of_0,
    trials_in_another_order,
]
WRONG = [
    (trials_of_few_dialogues, "at least 40 different dialogues"),
    (trials_on_the_test_split, "which is for the end"),
    (trials_on_training_rows, "were trained on"),
    (trials_with_references_turned, "belong to other dialogues"),
    (trials_with_one_seed, "one run may be luck"),
    (trials_with_equal_seeds, "one run may be luck"),
    (trials_of_two_names, "at least 3 settings"),
    (trials_of_one_kind, "at least two kinds of choice"),
    (trials_of_one_setting, "what do they compare?"),
    (trials_with_more_steps_in_one_seed, "everything but the seed"),
    (trials_of_one_model, "loaded anew"),
    (trials_of_shares, "share of 1"),
    (trials_with_a_better_score, "mean ROUGE-1 of its texts"),
    (trials_with_fewer_texts, "a text for each"),
    (trials_that_choose_the_worst, "not what your rule says"),
    (trials_that_choose_a_run, "not what your rule says"),
    (trials_without_texts, "all the keys"),
    (trials_without_near, "all the keys"),
    (trials_with_negative_near, "0 or more"),
    (trials_with_settings_as_text, "is a dict"),
]
