"""Judge of 13.5, a curve over the number of chats."""

import json
import math
from functools import cache
from statistics import mean
from typing import Any

from course_utils.checks.contract import Verdict
from course_utils.checks.judges.compare import same, wrong
from course_utils.checks.judges.summary_answers import (
    as_interval,
    development_problem,
    have_same_texts,
)
from course_utils.machine.places import ASSETS

Run = dict[str, Any]
Curve = dict[int, float]

STARTS = ("scratch", "pretrained")
ENOUGH_DIALOGUES, ENOUGH_SIZES, ENOUGH_SEEDS = 50, 3, 3
ENOUGH_STEPS = 100  # fewer show what a run begins with, and not what it learns
# Nats. Random weights guess: their loss is ln(vocabulary) within 0.2. A pretrained
# model's first loss on summaries is 2 to 4 below that.
GUESSING = 0.5


def judge(data: Any, inputs: dict[str, Any]) -> Verdict:
    """Read the logs for what is no fair pair of runs; recompute curve and decisions."""
    references, runs = data["references"], data["runs"]
    problem = development_problem(data["dialogues"], references, ENOUGH_DIALOGUES)
    size = data["vocab_size"]
    if not (isinstance(size, int | float) and size > 1):
        return wrong("`vocab_size` is the number of tokens of both models.", got=size)
    problem = (
        problem
        or grid_problem(runs)
        or shipped_problem(runs, data["dialogues"])
        or own_problem(runs, len(references), math.log(size))
    )
    if problem:
        return wrong(problem)
    for run in runs:
        if run["made"] == "here" and (hint := score_hint(run, references)):
            return wrong(hint, got=run["rouge1"], **_place(run))
    points = data["points"]
    if not (isinstance(points, int | float) and math.isfinite(points)):
        return wrong("`points` is the number of your rule, in ROUGE-1.", got=points)
    return curve_verdict(data["curve"], runs, points)


def grid_problem(runs: list[Run]) -> str:
    """Return why these runs make no curve with seeds, or ""."""
    if any(run["start"] not in STARTS for run in runs):
        return '`start` is "scratch" or "pretrained".'
    if any(run["made"] not in ("here", "shipped") for run in runs):
        return '`made` is "here" or "shipped".'
    sizes = sorted({run["pairs"] for run in runs})
    if len(sizes) < ENOUGH_SIZES:
        return f"Run at least {ENOUGH_SIZES} numbers of pairs: two make no curve."
    if len({(run["start"], run["pairs"], run["seed"]) for run in runs}) < len(runs):
        return "A run is there twice: start, pairs and seed are those of another one."
    for size in sizes:
        at = [
            [r for r in runs if (r["start"], r["pairs"]) == (s, size)] for s in STARTS
        ]
        seeds = [{run["seed"] for run in group} for group in at]
        if min(map(len, seeds)) < ENOUGH_SEEDS:
            return f"Each start needs {ENOUGH_SEEDS} seeds at each number of pairs."
        if seeds[0] != seeds[1]:
            return "Both starts need the same seeds, to be compared seed by seed."
        if not all(any(run["made"] == "here" for run in group) for group in at):
            return "At each number of pairs one run of each start has to be your own."
    return ""


@cache
def shipped() -> dict[tuple[Any, ...], float]:
    """Return the ROUGE-1 of the runs that lesson 12 ships, by start, pairs and seed."""
    text = (ASSETS / "laboratory" / "fine_tuning.json").read_text(encoding="utf-8")
    starts = {"all": "pretrained", "scratch": "scratch"}
    return {
        (starts[row["method"]], row["pairs"], row["seed"]): row["known"]["rouge1"]
        for row in json.loads(text)["rows"]
        if row["kept"] and row["mask"] and row["embeddings"] and row["method"] in starts
    }


def shipped_problem(runs: list[Run], dialogues: list[str]) -> str:
    """Return why runs are not those that are shipped, or cannot be joined, or ""."""
    from course_utils.data.chats import tinychats
    from course_utils.data.sources import TINYCHATS_ROWS

    joined = [run for run in runs if run["made"] == "shipped"]
    for run in joined:
        known = shipped().get((run["start"], run["pairs"], run["seed"]))
        if known is None or not same(run["rouge1"], known):
            return "A run that is called shipped is none, or has another ROUGE-1."
    if joined:
        rows = tinychats(TINYCHATS_ROWS["validation"], split="validation")
        if list(dialogues) != rows["dialogue"][80:160]:
            return (
                "The shipped runs were measured on other dialogues: yours can join "
                "them if they are measured on `measured_on`."
            )
    return ""


def own_problem(runs: list[Run], n_dialogues: int, guessing: float) -> str:
    """Return what is wrong with the runs that a student has made, or ""."""
    own = [run for run in runs if run["made"] == "here"]
    if any(len(run["texts"]) != n_dialogues for run in own):
        return "A run made here needs a text for each of the dialogues."
    if any(not isinstance(text, str) for run in own for text in run["texts"]):
        return "What a run wrote has to be texts."
    curves = {
        (run["start"], run["pairs"], run["seed"]): {
            row["step"]: row["eval_loss"]
            for row in run["log_history"]
            if "eval_loss" in row
        }
        for run in own
    }
    for (start, pairs, seed), curve in curves.items():
        other = curves.get(("pretrained", pairs, seed))
        if start == "scratch" and other is None:
            return "A run of yours from scratch has no pretrained one of its seed."
        if start == "scratch" and (problem := runs_problem(curve, other, guessing)):
            return problem
    lasts = {max(curve, default=0) for curve in curves.values()}
    if len(lasts) > 1:
        return "Your runs have unlike numbers of steps: that is no equal budget."
    if min(lasts) < ENOUGH_STEPS:
        return (
            f"The runs are too short: they have fewer than {ENOUGH_STEPS} steps, and "
            "show what each start begins with, not what it learns."
        )
    if have_same_texts(own):
        return "Two of your runs have the same texts: make a new model for each run."
    return ""


def runs_problem(scratch: Curve, pretrained: Curve, guessing: float) -> str:
    """Return why these are no fair pair of runs, or "".

    Args:
        scratch: step -> validation loss, in nats.
        pretrained: the same of the other run.
        guessing: the loss of who gives every token the same probability.
    """
    if len(scratch) < 3 or min(scratch) != 0:
        return (
            "A log needs an evaluation before the first step (eval_on_start=True), and "
            "at least two later ones."
        )
    if not pretrained or max(scratch) != max(pretrained):
        return "One run has more steps than the other: that is no equal budget."
    if scratch.keys() != pretrained.keys():
        return "The runs were evaluated at different steps: do it at the same ones."
    if scratch == pretrained:
        return "Both logs are of one run: copy a log before you train again."
    if abs(pretrained[0] - guessing) < GUESSING < abs(scratch[0] - guessing):
        return "The runs have changed places: it is scratch that begins by guessing."
    if not abs(scratch[0] - guessing) <= GUESSING:  # NaN is no start either
        return (
            "The scratch run does not begin at ln(vocabulary), the loss of guessing: "
            "its weights were not random any more."
        )
    if not abs(pretrained[0] - guessing) >= GUESSING:
        return (
            "The pretrained run begins at ln(vocabulary), the loss of guessing: its "
            "weights are random."
        )
    for name, curve in (("scratch", scratch), ("pretrained", pretrained)):
        if not all(map(math.isfinite, curve.values())):
            return f"The log of the {name} run holds NaN or infinity: it diverged."
        if not curve[max(curve)] < curve[0]:
            return (
                f"The {name} run ends no lower than it begins, so it has learnt "
                "nothing: lower its learning rate, and look at its rows."
            )
    return ""


def score_hint(run: Run, references: list[str]) -> str:
    """Return what is wrong with the score of a run, or ""."""
    from course_utils.evaluation.rouge import rouge_scores

    score = float(rouge_scores(run["texts"], references, ["rouge1"])["rouge1"].mean())
    if same(run["rouge1"], score, tolerance=2e-3):
        return ""
    hint = "The ROUGE-1 of a run is not the mean of its texts"
    if same(run["rouge1"], score / 100, tolerance=2e-3):
        hint += ": it is a share of 1, and 0 to 100 is asked for"
    return f"{hint}."


def curve_verdict(curve: list[dict], runs: list[Run], points: float) -> Verdict:
    """Compare each place of the curve with the runs, and its decision with the rule."""
    from course_utils.training.laboratory import interval

    sizes = sorted({run["pairs"] for run in runs})
    if sorted(place["pairs"] for place in curve) != sizes:
        return wrong("The curve has to have one place for each number of pairs.")
    for place in curve:
        scores = {
            start: {
                run["seed"]: float(run["rouge1"])
                for run in runs
                if (run["start"], run["pairs"]) == (start, place["pairs"])
            }
            for start in STARTS
        }
        values = {start: list(scores[start].values()) for start in STARTS} | {
            "difference": [
                score - scores["scratch"][seed]
                for seed, score in scores["pretrained"].items()
            ]
        }
        for name in values:
            expected = interval(values[name])
            if not _near(place[name], expected):
                hint = _interval_hint(name, place[name], values, expected)
                return wrong(
                    f"`{name}` is not what the runs give: the mean over the seeds and "
                    f"the ends of its 95 % interval. {hint}".strip(),
                    pairs=place["pairs"],
                    expected=list(expected),
                    got=place[name],
                )
        _, low, high = interval(values["difference"])
        decision = (
            "pretrained" if low > points else "scratch" if high < points else "open"
        )
        if place["decision"] != decision:
            return wrong(
                "A decision is not what your rule says: the whole interval of the "
                "difference above `points` is pretrained, the whole of it below is "
                "scratch, and otherwise it is open.",
                pairs=place["pairs"],
                points=points,
                difference=[low, high],
                expected=decision,
                got=place["decision"],
            )
    return Verdict(True)


def _near(got: Any, expected: tuple[float, float, float]) -> bool:
    numbers = as_interval(got)
    if numbers is None:
        return False
    return bool(max(abs(numbers - expected)) <= 0.02)


def _interval_hint(name: str, got: Any, values: dict, expected: Any) -> str:
    numbers = as_interval(got)
    if numbers is None:
        return "These are no three numbers: mean, low, high."
    middle, low, high = map(float, numbers)
    if same(100 * middle, expected[0], tolerance=2e-3):
        return "It is a share of 1, and 0 to 100 is asked for."
    if name == "difference" and same(middle, -expected[0], tolerance=2e-3):
        return "The sign is the wrong way round: pretrained minus scratch."
    if not same(middle, mean(values[name]), tolerance=2e-3):
        return "The mean is another one: take all seeds of this place, and no others."
    if not low <= middle <= high:
        return "The mean does not lie between the ends: mean, low, high is the order."
    if high - low < expected[2] - expected[1]:
        return (
            "The mean is right, and the interval too narrow. Few seeds need Student's "
            "t, as `interval` takes it, and what varies are the seeds, not the chats."
        )
    return (
        "The mean is right, and the interval too wide. For the difference take those "
        "of each seed first."
    )


def _place(run: Run) -> dict[str, Any]:
    return {name: run[name] for name in ("start", "pairs", "seed")}
