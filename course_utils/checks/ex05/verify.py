"""Exercise 5, train: the references, and the mistakes that are known by their values.

The references are NumPy: written apart from anything an answer may call.
"""

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from course_utils.checks.compare import Case, judge_cases, wrong
from course_utils.checks.contract import Verdict
from course_utils.checks.ex05.probe import new_model
from course_utils.checks.weights import load_weights

Inputs = dict[str, Any]
Factor = Callable[[float], float]

ENOUGH = 1.7  # nats. Right loops end at 1.2 to 1.3, too short ones above 2.0.


def verify_steps(data: Any, inputs: Inputs) -> Verdict:
    """Effective batch size and optimizer steps, exact."""
    every = ("batch_size", "accumulation", "processes")

    def batch(case: Case, factors: tuple[str, ...] = every) -> int:
        return math.prod(case[factor] for factor in factors)

    def right(case: Case, factors: tuple[str, ...] = every) -> list[int]:
        return [
            batch(case, factors),
            math.ceil(case["n_blocks"] / batch(case, factors)),
        ]

    mistakes = [
        (
            lambda case: [batch(case), case["n_blocks"] // batch(case)],
            "The last batch is smaller, but it is a step too: round up, not down.",
        ),
        (
            lambda case: [batch(case), round(case["n_blocks"] / batch(case))],
            "The last batch is a step however small it is: round up, not to the "
            "nearest.",
        ),
        (
            lambda case: [batch(case), case["n_blocks"] // batch(case) + 1],
            "One step too many when the blocks divide evenly: round up, don't add 1.",
        ),
        (
            lambda case: [batch(case), case["n_blocks"] / batch(case)],
            "There is no fraction of a step: round up.",
        ),
        (
            lambda case: right(case, ("batch_size", "processes")),
            "Gradient accumulation is missing: a step uses `accumulation` batches.",
        ),
        (
            lambda case: right(case, ("batch_size", "accumulation")),
            "The processes are missing: each one works on a batch of its own.",
        ),
        (
            lambda case: [batch(case), right(case, ("batch_size", "processes"))[1]],
            "These are forward passes: a step comes after `accumulation` of them.",
        ),
        (
            lambda case: right(case)[::-1],
            "The results are in the other order: effective batch size, then steps.",
        ),
    ]
    otherwise = (
        "Return two whole numbers: batch_size x accumulation x processes, and how "
        "many such batches it takes to use every block once."
    )
    return judge_cases(1, data, inputs["cases"], right, mistakes, otherwise)


def verify_loss(data: Any, inputs: Inputs) -> Verdict:
    """The loss of GPT2LMHeadModel, and a tensor to train on."""

    def losses(case: Case, ahead: int = 1) -> tuple[np.ndarray, np.ndarray]:
        """Return losses at predicting `ahead` tokens ahead, and their labels."""
        logits, labels = case["logits"], case["labels"]
        time = labels.shape[1]
        logits = logits[:, max(0, -ahead) : time - max(0, ahead)]
        labels = labels[:, max(0, ahead) : time - max(0, -ahead)]
        return cross_entropy(logits, labels), labels

    def right(case: Case, ahead: int = 1) -> float:
        values, labels = losses(case, ahead)
        return values[labels != -100].mean()

    def over_all(case: Case) -> float:
        values, labels = losses(case)
        return values[labels != -100].sum() / labels.size

    def mean_of_rows(case: Case) -> float:
        rows = zip(*losses(case), strict=True)
        return np.mean([values[labels != -100].mean() for values, labels in rows])

    def as_token_0(case: Case) -> float:
        return right({**case, "labels": case["labels"].clip(min=0)})

    def softmax_first(case: Case) -> float:
        return right({**case, "logits": np.exp(log_softmax(case["logits"]))})

    mistakes = [
        (
            lambda case: right(case, ahead=0),
            "Nothing is shifted: the logits at position t predict the token at t + 1. "
            "Drop the last logits and the first label.",
        ),
        (
            lambda case: right(case, ahead=-1),
            "The shift goes the wrong way: each position is asked for the token "
            "before it. Drop the last logits and the first label.",
        ),
        (
            lambda case: right(case, ahead=2),
            "Shifted twice: each position is asked for the token after the next.",
        ),
        (
            over_all,
            "The sum is divided by all positions: divide by the number of those "
            "whose label is not -100.",
        ),
        (
            mean_of_rows,
            "This is a mean of the rows' means: rows have unlike numbers of labelled "
            "tokens, so take one mean over all of them.",
        ),
        (
            as_token_0,
            "Positions labelled -100 count as if their label were token 0: leave "
            "them out.",
        ),
        (
            softmax_first,
            "The softmax is applied twice: cross_entropy wants raw logits.",
        ),
        (
            lambda case: losses(case)[0][losses(case)[1] != -100].sum(),
            "This is the sum of the losses: return their mean.",
        ),
    ]
    otherwise = (
        "This is not the mean of -log p(next token) over the labelled positions. "
        "Compare with `model(input_ids, labels=labels).loss` on a small batch."
    )
    verdict = judge_cases(
        2, data["losses"], inputs["cases"], right, mistakes, otherwise
    )
    if verdict.points and not all(data["trainable"]):
        case = data["trainable"].index(False)
        return wrong(
            "The value is right, but nothing can be trained on it: return the tensor "
            "itself, without .item(), .detach(), float() or torch.no_grad().",
            **inputs["cases"][case],
            got=data["losses"][case],
        )
    return verdict


def verify_schedule(data: Any, inputs: Inputs) -> Verdict:
    """Linear warm-up and half a cosine, as transformers computes them."""

    def half_cosine(progress: float) -> float:
        return (1 + math.cos(math.pi * progress)) / 2

    def right(
        case: Case, rise: Factor = lambda part: part, fall: Factor = half_cosine
    ) -> float:
        step, warmup, total, peak = case.values()
        if step < warmup:
            return peak * rise(step / warmup)
        return peak * fall((step - warmup) / (total - warmup))

    def rising(case: Case) -> bool:
        return case["step"] < case["warmup_steps"]

    mistakes = [
        (
            lambda case: right(case if rising(case) else {**case, "warmup_steps": 0}),
            "The cosine counts from step 0: let it start after the warm-up, with "
            "progress = (step - warmup_steps) / (total_steps - warmup_steps).",
        ),
        (
            lambda case: right(case, fall=lambda progress: 1 - progress),
            "The rate falls in a straight line: use half a cosine.",
        ),
        (
            lambda case: right(case, fall=lambda progress: 1.0),
            "The rate stays at its peak: let it fall to 0 with half a cosine.",
        ),
        (
            lambda case: right(case, fall=lambda progress: half_cosine(2 * progress)),
            "The rate comes up again: half a cosine is cos(pi x progress).",
        ),
        (
            lambda case: right(case, fall=lambda progress: half_cosine(progress / 2)),
            "The rate does not reach 0: the angle has to go from 0 to pi.",
        ),
        (
            lambda case: right(case, fall=lambda x: 2 * half_cosine(x) - 1),
            "A bare cosine ends at -1, and a negative rate climbs uphill: use "
            "(1 + cos) / 2.",
        ),
        (
            lambda case: right(case, fall=lambda x: 2 * half_cosine(x)),
            "1 + cos starts at 2: halve it.",
        ),
        (
            lambda case: right(case, rise=lambda part: 1.0),
            "The warm-up is missing: below warmup_steps the rate is "
            "peak x step / warmup_steps.",
        ),
        (
            lambda case: right({**case, "step": case["step"] + rising(case)}),
            "The warm-up starts one step early: at step 0 the rate is 0.",
        ),
        (
            lambda case: right({**case, "peak": 1.0}),
            "This is the factor: multiply it by the peak.",
        ),
    ]
    otherwise = (
        "Below warmup_steps: peak x step / warmup_steps. From there on: "
        "peak x (1 + cos(pi x progress)) / 2, with progress from 0 to 1."
    )
    return judge_cases(2, data, inputs["cases"], right, mistakes, otherwise)


def verify_perplexity(data: Any, inputs: Inputs) -> Verdict:
    """exp of the mean loss over every token that counts."""

    def batches(case: Case) -> list[tuple[np.ndarray, np.ndarray]]:
        return [(batch["losses"], batch["labels"]) for batch in case["batches"]]

    def rows(case: Case) -> list[tuple[np.ndarray, np.ndarray]]:
        return [row for batch in batches(case) for row in zip(*batch, strict=True)]

    def means(parts: list[tuple[np.ndarray, np.ndarray]]) -> list[float]:
        return [losses[labels != -100].mean() for losses, labels in parts]

    def mean(case: Case, padding: int = -100) -> float:
        kept = [losses[labels > padding] for losses, labels in batches(case)]
        return np.concatenate(kept).mean(dtype=float)

    mistakes = [
        (
            lambda case: np.exp(mean(case, padding=-101)),
            "The mean includes the padding: divide by the number of labels that are "
            "not -100.",
        ),
        (
            lambda case: np.exp(mean(case, padding=0)),
            "Token 0 is left out, but it is a token like any other: only -100 marks "
            "padding.",
        ),
        (
            lambda case: np.exp(np.mean(means(batches(case)))),
            "This is a mean of the batches' means, so that a small batch counts as "
            "much as a big one: add up losses and tokens over all of them.",
        ),
        (
            lambda case: np.exp(np.mean(means(rows(case)))),
            "This is a mean of the rows' means, so that a short row counts as much "
            "as a long one: add up losses and tokens over all of them.",
        ),
        (
            lambda case: np.mean(np.exp(means(batches(case)))),
            "This is a mean of perplexities: average the losses first, and take exp "
            "once, at the end.",
        ),
        (
            lambda case: np.exp(means(batches(case))[-1]),
            "Only the last batch is in it: add up over all of them.",
        ),
        (mean, "This is the mean loss: perplexity is exp of it."),
        (
            lambda case: 2 ** mean(case),
            "The losses are in nats, so the base is e, not 2.",
        ),
        (
            lambda case: np.exp(sum(losses.sum() for losses, _ in batches(case))),
            "This is exp of the sum: divide by the number of tokens first.",
        ),
    ]
    otherwise = (
        "Perplexity is exp(sum of the losses / number of tokens), both over every "
        "position of every batch whose label is not -100."
    )
    return judge_cases(
        2,
        data,
        inputs["cases"],
        lambda case: np.exp(mean(case)),
        mistakes,
        otherwise,
    )


def verify_train(data: Any, inputs: Inputs) -> Verdict:
    """Evaluate the weights on hidden blocks; from the loss, tell what went wrong."""
    if "weights" not in data:
        kind = data.get("returned", "nothing")
        return wrong("Return the trained model.", returned=kind)
    model = new_model(inputs["model_seed"])
    start = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    load_weights(model, data["weights"])

    new_blocks = inputs["hidden"]["blocks"]
    losses = block_losses(model, new_blocks)
    loss = float(losses.mean())
    if loss < ENOUGH:
        return Verdict(3)
    two_ahead = float(block_losses(model, new_blocks, ahead=2).mean())
    easiest = block_losses(model, inputs["blocks"]).min()
    moved = distance(start, model.state_dict())
    if moved == 0:
        hint = (
            "The weights are those of the start: call optimizer.step() after "
            "loss.backward(), and return the model you trained."
        )
    elif two_ahead < min(2.7, loss):
        hint = (
            "The labels are shifted twice: this model predicts the token after the "
            "next. Pass labels=input_ids; the model shifts them itself."
        )
    elif data.get("gradient", 0) > 5:
        hint = (
            "The gradients of all steps pile up: call optimizer.zero_grad() once a "
            "step."
        )
    elif easiest < 0.75 * losses.min():
        hint = (
            "Some training blocks are known by heart, and new ones are not: take "
            "other blocks for every batch, until all of them were used."
        )
    elif moved > 1.5:
        hint = "The weights are thrown about: the learning rate is too high. Try 3e-3."
    elif loss > 2.8:
        hint = (
            "The loss has hardly moved from that of guessing, ln(32) = 3.47: the "
            "learning rate is too low (try 3e-3), or the steps are too few."
        )
    else:
        hint = (
            "The model learns, but stops too early: go through all the blocks several "
            "times."
        )
    return wrong(hint, loss_on_new_blocks=loss, has_to_be_below=ENOUGH)


def block_losses(model: Any, blocks: np.ndarray, ahead: int = 1) -> np.ndarray:
    """Return each block's mean loss at predicting `ahead` tokens ahead, (n_blocks,)."""
    import torch

    model.eval()
    with torch.no_grad():
        logits = model(input_ids=torch.from_numpy(blocks)).logits.double().numpy()
    return cross_entropy(logits[:, :-ahead], blocks[:, ahead:]).mean(axis=1)


def distance(start: dict[str, Any], end: dict[str, Any]) -> float:
    """Return how far the weights moved, relative to their size at the start."""
    moved = sum(float((end[name] - start[name]).square().sum()) for name in start)
    return math.sqrt(moved / sum(float(w.square().sum()) for w in start.values()))


def cross_entropy(logits: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Return -log p(label) at each position; of no use where the label is -100."""
    index = np.where(labels == -100, 0, labels)[..., None]
    return -np.take_along_axis(log_softmax(logits), index, axis=-1)[..., 0]


def log_softmax(logits: np.ndarray) -> np.ndarray:
    """Return log-probabilities over the last axis."""
    shifted = logits - logits.max(axis=-1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))


VERIFY = {
    "ex05_1": verify_steps,
    "ex05_2": verify_loss,
    "ex05_3": verify_schedule,
    "ex05_4": verify_perplexity,
    "ex05_5": verify_train,
}
