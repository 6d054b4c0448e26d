"""Judge of 13.5, the two real runs."""

import math
from typing import Any

from course_utils.checks.contract import Verdict
from course_utils.checks.judges.compare import wrong
from course_utils.checks.judges.summary_answers import (
    as_interval,
    interval_hint,
    rows_problem,
    same_interval,
)

Curve = dict[int, float]

# Nats. Random weights guess: their loss is ln(vocabulary) within 0.2. A pretrained
# model's first loss on summaries is 2 to 4 below that.
GUESSING = 0.5


def judge(data: Any, inputs: dict[str, Any]) -> Verdict:
    """Read the logs for what is no fair pair of runs; recompute the verdict."""
    from course_utils.evaluation.rouge import bootstrap, paired_difference, rouge_scores

    curves = {
        name: {
            row["step"]: row["eval_loss"]
            for row in data[name]["log_history"]
            if "eval_loss" in row
        }
        for name in ("scratch", "pretrained")
    }
    references = data["references"]
    for name in curves:
        if len(data[name]["texts"]) != len(references):
            return wrong(f"The texts of {name} are not one for each dialogue.")
    size = data["vocab_size"]
    if not (isinstance(size, int | float) and size > 1):
        return wrong("`vocab_size` is the number of tokens of both models.", got=size)
    problem = rows_problem(data["dialogues"], references) or runs_problem(
        curves["scratch"], curves["pretrained"], math.log(data["vocab_size"])
    )
    if problem:
        shown = {name: list(curve.items())[:2] for name, curve in curves.items()}
        return wrong(problem, **shown)
    scores = {
        name: rouge_scores(data[name]["texts"], references, ["rouge1"])["rouge1"]
        for name in curves
    }
    expected = {
        **{name: bootstrap(values) for name, values in scores.items()},
        "difference": paired_difference(scores["pretrained"], scores["scratch"]),
    }
    for name, interval in expected.items():
        got = data["verdict"][name]
        if not same_interval(got, interval):
            hint = ""
            if name == "difference":
                hint = interval_hint(got, scores["scratch"], scores["pretrained"])
            elif (numbers := as_interval(got)) is None:
                hint = "These are no three numbers."
            elif same_interval(100 * numbers, interval):
                hint = "It is a share of 1, and 0 to 100 is asked for."
            return wrong(
                f"`{name}` in the verdict is not what the texts give: the mean of "
                "ROUGE-1 and the ends of its 95 % interval, and for the difference "
                f"pretrained minus scratch, in pairs. {hint}".strip(),
                expected=list(interval),
                got=got,
            )
    return Verdict(True)


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
    if max(scratch) != max(pretrained):
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
