"""Judge of 11.5, trials on development chats."""

import math
from typing import Any

from course_utils.checks.contract import Verdict
from course_utils.checks.judges.compare import same, wrong
from course_utils.checks.judges.ex11_3 import grouped
from course_utils.checks.judges.ex11_3 import right as choose
from course_utils.checks.judges.summary_answers import (
    development_problem,
    have_same_texts,
)

Run = dict[str, Any]

ENOUGH_DIALOGUES, ENOUGH_NAMES, ENOUGH_SEEDS, ENOUGH_KINDS = 40, 3, 2, 2


def judge(data: Any, inputs: dict[str, Any]) -> Verdict:
    """Recompute every score from its texts, and apply the rule of 11.3."""
    from course_utils.evaluation.rouge import rouge_scores

    dialogues, references, runs = data["dialogues"], data["references"], data["runs"]
    problem = development_problem(dialogues, references, ENOUGH_DIALOGUES)
    if problem := problem or runs_problem(runs, len(dialogues)):
        return wrong(problem)
    for run in runs:
        score = rouge_scores(run["texts"], references, ["rouge1"])["rouge1"].mean()
        if not same(run["score"], float(score), tolerance=2e-3):
            hint = "The score of a run is not the mean ROUGE-1 of its texts"
            if same(run["score"], float(score) / 100, tolerance=2e-3):
                hint += ": it is a share of 1, and 0 to 100 is asked for"
            got, name, seed = run["score"], run["name"], run["seed"]
            return wrong(f"{hint}.", expected=score, got=got, name=name, seed=seed)
    near = data["near"]
    if not (isinstance(near, int | float) and 0 <= near < math.inf):
        return wrong("`near` is a number of points of ROUGE-1, 0 or more.", got=near)
    chosen = choose(runs, near)
    if data["chosen"] != chosen:
        return wrong(
            "`chosen` is not what your rule says of your scores: apply `choose` to the "
            "runs, with the same `near`.",
            expected=chosen,
            got=data["chosen"],
        )
    return Verdict(True)


def runs_problem(runs: list[Run], n_dialogues: int) -> str:
    """Return what makes these runs no comparison of settings, or ""."""
    if any(len(run["texts"]) != n_dialogues for run in runs):
        return "A run needs a text for each of the dialogues."
    if any(not isinstance(text, str) for run in runs for text in run["texts"]):
        return "What a run wrote has to be texts."
    groups = grouped(runs)
    if len(groups) < ENOUGH_NAMES:
        return f"Try at least {ENOUGH_NAMES} settings, each under a name of its own."
    if any(len({run["seed"] for run in g}) < ENOUGH_SEEDS for g in groups.values()):
        return f"Each setting needs at least {ENOUGH_SEEDS} seeds: one run may be luck."
    if any(not isinstance(run["settings"], dict) for run in runs):
        return "`settings` is a dict, such as {'learning_rate': ...}."
    chosen = {name: {_settings(run) for run in g} for name, g in groups.items()}
    if any(len(different) > 1 for different in chosen.values()):
        return "Runs of one name have to be alike in everything but the seed."
    if len(set().union(*chosen.values())) < len(chosen):
        return "Two names have the same steps and settings: what do they compare?"
    whole = [run["settings"] | {"steps": run["steps"]} for run in runs]
    varied = [
        key
        for key in set().union(*whole)
        if len({repr(settings.get(key)) for settings in whole}) > 1
    ]
    if len(varied) < ENOUGH_KINDS:
        return (
            f"Only {', '.join(map(_shown, varied))} differs between the runs: try at "
            "least two kinds of choice, such as the rate and the number of steps."
        )
    if have_same_texts(runs):
        return (
            "Two runs have the same texts: start each from the pretrained weights, "
            "loaded anew, and pass its seed and its settings on."
        )
    return ""


def _settings(run: Run) -> str:
    return repr(sorted((run["settings"] | {"steps": run["steps"]}).items()))


def _shown(key: str) -> str:
    # A hint may be published, and a key is the student's own text.
    known = ("steps", "learning_rate", "batch_size", "max_length", "embeddings")
    return f"`{key}`" if key in known else "one setting"
