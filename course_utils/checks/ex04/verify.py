"""Exercise 4, infrastructure: the references, and the mistakes that are known."""

from collections.abc import Callable
from typing import Any

import numpy as np

from course_utils.checks.compare import Case, judge_cases, same, wrong
from course_utils.checks.contract import Verdict
from course_utils.checks.ex04.probe import FILES, MARK, flat_gradient, new_model

Inputs = dict[str, Any]
Folders = dict[str, list[str]]


def verify_precision(data: Any, inputs: Inputs) -> Verdict:
    """bf16 from capability 8.0, fp16 below, nothing without CUDA."""

    def right(
        case: Case,
        new: Callable[[list[int]], bool] = lambda capability: capability[0] >= 8,
        other: str = "no",
        old: str = "fp16",
    ) -> str:
        if case["device"] != "cuda":
            return other
        return "bf16" if new(case["capability"]) else old

    eight = "Capability 8.0 has bfloat16, too: compare with >= (8, 0)."
    mistakes = [
        (lambda case: right(case, new=lambda capability: capability > [8, 0]), eight),
        (lambda case: right(case, new=lambda capability: capability[0] > 8), eight),
        (
            lambda case: right(case, new=lambda capability: capability[0] == 8),
            "GPUs after capability 8 have bfloat16 as well: compare with >=.",
        ),
        (
            lambda case: right(case, new=lambda c: f"{c[0]}.{c[1]}" >= "8.0"),
            'Compared as text, "10.0" is less than "8.0": compare numbers.',
        ),
        (
            lambda case: right(case, new=lambda capability: True),
            "Below capability 8.0 a GPU only emulates bfloat16, slowly: use fp16.",
        ),
        (
            lambda case: right(case, new=lambda capability: False),
            "From capability 8.0 on use bf16: it has the range of float32, and needs "
            "no loss scaling.",
        ),
        (
            lambda case: right(case, other="fp16"),
            'Without CUDA, stay with float32: "no".',
        ),
        (
            lambda case: right(case, other="bf16"),
            'Without CUDA, stay with float32: "no".',
        ),
        (
            lambda case: right(case, old="no"),
            "Below 8.0 there is no fast bfloat16, but float16 is fast: use fp16.",
        ),
    ]
    otherwise = 'Return "bf16", "fp16" or "no", by the device and its capability.'
    return judge_cases(1, data, inputs["cases"], right, mistakes, otherwise)


def verify_bytes(data: Any, inputs: Inputs) -> Verdict:
    """Bytes of weights, gradients and optimizer, exact."""

    def right(
        case: Case,
        copy: int = 2,
        mixed: tuple[str, ...] = ("fp16", "bf16"),
        each: tuple[int, int, int] = (4, 4, 8),
        in_mixed: tuple[int, int, int] | None = None,
        trains: str = "n_trained",
    ) -> dict[str, int]:
        count, trained = case["n_parameters"], case[trains]
        is_mixed = case["precision"] in mixed
        weight, gradient, optimizer = (is_mixed and in_mixed) or each
        return {
            "weights": weight * count + copy * trained * is_mixed,
            "gradients": gradient * trained,
            "optimizer": optimizer * trained,
        }

    half = (
        "Mixed precision does not halve what a run keeps: weights, gradients and "
        "optimizer stay in float32. Only the copies for the products have 16 bits."
    )
    mistakes = [
        (lambda case: right(case, copy=0, in_mixed=(2, 2, 4)), half),
        (lambda case: right(case, copy=0, in_mixed=(2, 2, 8)), half),
        (lambda case: right(case, copy=0, in_mixed=(2, 4, 8)), half),
        (lambda case: right(case, in_mixed=(4, 2, 8)), half),
        (
            lambda case: right(case, copy=0),
            "The 16-bit copies of the weights are missing: 2 bytes for each that is "
            "trained.",
        ),
        (
            lambda case: right(case, mixed=("fp16",)),
            "bf16 is mixed precision, too: it needs the 16-bit copies.",
        ),
        (
            lambda case: right(case, each=(4, 4, 4)),
            "AdamW keeps two numbers for each weight: 8 bytes.",
        ),
        (
            lambda case: right(case, trains="n_parameters"),
            "Frozen parameters have no gradient, no optimizer state and no copy.",
        ),
        (
            lambda case: {
                **right(case),
                "optimizer": right(case, trains="n_parameters")["optimizer"],
            },
            "The optimizer knows only what is trained: frozen parameters have no "
            "state.",
        ),
        (
            lambda case: {
                **right(case),
                "weights": right(case, trains="n_parameters")["weights"],
            },
            "Only weights that are trained have a 16-bit copy that is kept.",
        ),
    ]
    otherwise = (
        "Return a dict with weights, gradients and optimizer, in bytes: 4 a parameter; "
        "4 and 8 a trained one; 2 more a trained weight in mixed precision."
    )
    return judge_cases(2, data, inputs["cases"], right, mistakes, otherwise)


def verify_resume(data: Any, inputs: Inputs) -> Verdict:
    """The name of the newest checkpoint that can be resumed, or None."""

    def right(
        case: Case,
        needs: tuple[str, ...] = (MARK, FILES[1]),
        newest: Callable[[list[str]], str] = lambda names: max(names, key=_step),
        names: Callable[[Folders], list[str]] = list,
        otherwise: str | None = None,
    ) -> str | None:
        folders = case["folders"]
        usable = [
            name
            for name in names(folders)
            if _step(name) >= 0 and set(needs) <= set(folders[name])
        ]
        return newest(usable) if usable else otherwise

    def newest_only(folders: Folders) -> list[str]:
        return sorted(folders, key=_step)[-1:]

    mistakes = [
        (
            lambda case: right(case, newest=max),
            'The names are compared as text, where "900" comes after "1000": compare '
            "the numbers.",
        ),
        (
            lambda case: right(case, needs=(FILES[1],)),
            "A checkpoint without complete.txt was killed while it was saved: its "
            "files may be cut short.",
        ),
        (
            lambda case: right(case, needs=(MARK,)),
            "A checkpoint without optimizer.pt has weights only: the run would go on "
            "with a new optimizer, and nobody would notice.",
        ),
        (
            lambda case: right(case, needs=()),
            "The newest checkpoint need not be whole: it needs complete.txt and "
            "optimizer.pt.",
        ),
        (
            lambda case: right(case, newest=lambda usable: usable[-1]),
            "The last in the list is taken, but folders come in any order: take the "
            "highest step.",
        ),
        (
            lambda case: right(case, newest=lambda usable: min(usable, key=_step)),
            "This is the oldest: take the highest step.",
        ),
        (
            lambda case: right(case, names=newest_only),
            "If the newest one is not whole, go back to the one before it.",
        ),
        (
            lambda case: (name := right(case)) and _step(name),
            "Return the folder's name, not its step.",
        ),
        (
            lambda case: right(case, otherwise=""),
            "With nothing to resume from, return None.",
        ),
    ]
    otherwise = (
        "Return the name checkpoint-STEP with the highest step among those that have "
        "complete.txt and optimizer.pt, or None."
    )
    return judge_cases(2, data, inputs["cases"], right, mistakes, otherwise)


def _step(name: str) -> int:
    """Return the step in a checkpoint's name, or -1 if it is none."""
    start, _, step = name.partition("-")
    return int(step) if start == "checkpoint" and step.isdigit() else -1


def verify_batch(data: Any, inputs: Inputs) -> Verdict:
    """The largest batch that fits and gives exactly the effective batch."""

    def fitting(case: Case) -> int:
        return case["free_bytes"] // case["bytes_per_row"]

    def right(
        case: Case,
        most: Callable[[Case], int] = fitting,
        pick: Callable[[list[int]], int] = max,
    ) -> Any:
        rows, rest = divmod(case["effective_batch_size"], case["processes"])
        if rest or most(case) < 1:
            return "ValueError"
        fits = [n for n in range(1, rows + 1) if rows % n == 0 and n <= most(case)]
        return [pick(fits), rows // pick(fits)]

    def rounded(case: Case, up: int) -> Any:
        if right(case) == "ValueError":
            return "ValueError"
        rows = case["effective_batch_size"] // case["processes"]
        size = min(fitting(case), rows)
        return [size, (rows + up * (size - 1)) // size]

    def halved(case: Case) -> Any:
        if right(case) == "ValueError":
            return "ValueError"
        size = case["effective_batch_size"] // case["processes"]
        while size > fitting(case):
            size //= 2
        return [size, case["effective_batch_size"] // case["processes"] // size]

    def refuses(case: Case) -> bool:
        return case["effective_batch_size"] % case["processes"] > 0

    def lenient(case: Case) -> Any:
        if not refuses(case):
            return right(case)
        rows = case["effective_batch_size"] // case["processes"]
        return right({**case, "effective_batch_size": rows, "processes": 1})

    exact = (
        "batch_size x accumulation x processes is not the effective batch size: the "
        "largest batch that fits need not divide it. Take the largest that does."
    )
    mistakes = [
        (lambda case: rounded(case, up=0), exact),
        (lambda case: rounded(case, up=1), exact),
        (
            halved,
            "Halving passes over sizes: 12 can be cut into 4, too, not only into 6 "
            "and 3.",
        ),
        (
            lambda case: right({**case, "processes": 1}),
            "The processes are missing: each of them works on batch_size rows at a "
            "time.",
        ),
        (
            lambda case: right(
                case,
                most=lambda case: (case["free_bytes"] - 1) // case["bytes_per_row"],
            ),
            "A batch that fills the memory exactly does fit: compare with <=.",
        ),
        (
            lambda case: right(case, pick=min),
            "One row at a time is right but slow: take the largest batch that fits.",
        ),
        (
            lambda case: right(case, most=lambda case: 10**9),
            "The memory is not looked at: the batch has to fit.",
        ),
        (
            lenient,
            "If the processes cannot share the effective batch evenly, raise a "
            "ValueError.",
        ),
        (
            lambda case: (
                result if (result := right(case)) == "ValueError" else result[::-1]
            ),
            "The results are in the other order: batch_size, then accumulation.",
        ),
    ]
    otherwise = (
        "Return (batch_size, accumulation): the largest batch_size that fits into the "
        "memory and makes batch_size x accumulation x processes exactly the effective "
        "batch size. Raise a ValueError if there is none."
    )
    return judge_cases(2, data, inputs["cases"], right, mistakes, otherwise)


def verify_gradient(data: Any, inputs: Inputs) -> Verdict:
    """The gradient of one batch with all the rows."""
    labels = [batch["labels"] for batch in inputs["batches"]]
    sums = [summed_gradient(inputs["model_seed"], batch) for batch in inputs["batches"]]
    tokens = np.array([np.sum(label[:, 1:] != -100) for label in labels])
    with_first = np.array([np.sum(label != -100) for label in labels])
    positions = np.array([label[:, 1:].size for label in labels])
    rows = np.array([len(label) for label in labels])

    def weighted(weights: np.ndarray) -> np.ndarray:
        return sum(w * s for w, s in zip(weights, sums, strict=True))

    right = weighted(np.full(3, 1 / tokens.sum()))
    last = np.array([0, 0, 1])
    first_label = (
        "The first label of a row is counted, but nothing predicts it: count "
        "labels[:, 1:]."
    )
    mistakes = [
        (
            1 / tokens / 3,
            "This is the mean of the batches' means: a batch with 1 token weighs as "
            "much as one with 40. Divide by the tokens of all batches.",
        ),
        (
            1 / tokens,
            "The means are added up, not averaged: the gradient is several times too "
            "long. Divide by the tokens of all batches.",
        ),
        (np.full(3, 1 / with_first.sum()), first_label),
        (with_first / with_first.sum() / tokens, first_label),
        (
            np.full(3, 1 / positions.sum()),
            "The sum is divided by all positions: divide by those with a label.",
        ),
        (
            positions / positions.sum() / tokens,
            "The batches are weighted by their positions: count those with a label.",
        ),
        (
            rows / rows.sum() / tokens,
            "The batches are weighted by their rows: weigh them by their tokens.",
        ),
        (np.ones(3), "This is the gradient of the sum: divide by all tokens."),
        (
            last / tokens,
            "Only the last batch is in it: call backward() for each, and zero_grad() "
            "for none of them.",
        ),
        (
            last / tokens.sum(),
            "Only the last batch is in it: call backward() for each, and zero_grad() "
            "for none of them.",
        ),
        (np.zeros(3), "There is no gradient: call backward() on each batch's loss."),
    ]
    if same(data, right):
        return Verdict(3)
    hint = (
        "This is not the gradient of one batch with all the rows: each labelled token "
        "has to weigh the same, 1 / the number of all of them."
    )
    for weights, its_hint in mistakes:
        if same(data, weighted(weights)):
            hint = its_hint
            break
    lengths = {"expected": np.linalg.norm(right), "got": np.linalg.norm(data)}
    return wrong(
        hint, tokens_to_predict=tokens, **lengths, what="the gradient's length"
    )


def summed_gradient(model_seed: int, batch: Case) -> np.ndarray:
    """Return the gradient of the sum of one batch's losses."""
    import torch
    from torch.nn.functional import cross_entropy

    model = new_model(model_seed).double()
    logits = model(input_ids=torch.from_numpy(batch["input_ids"])).logits[:, :-1]
    targets = torch.from_numpy(batch["labels"])[:, 1:]
    cross_entropy(logits.flatten(0, 1), targets.flatten(), reduction="sum").backward()
    return flat_gradient(model)


VERIFY = {
    "ex04_1": verify_precision,
    "ex04_2": verify_bytes,
    "ex04_3": verify_resume,
    "ex04_4": verify_batch,
    "ex04_5": verify_gradient,
}
