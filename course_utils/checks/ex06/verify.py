"""Exercise 6, fine-tune: the references, and the mistakes known by their values."""

import math
import re
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from course_utils.checks.compare import Case, judge_cases, wrong
from course_utils.checks.contract import Verdict
from course_utils.checks.ex06.probe import MODEL, new_model
from course_utils.checks.weights import load_weights

Inputs = dict[str, Any]

PARTS = ("wte", "wpe", *(f"h.{i}" for i in range(12)), "ln_f")

# Nats, on both languages. Right answers end at 1.3 to 1.4, wrong ones above 2.8.
ENOUGH = 1.9


def verify_budget(data: Any, inputs: Inputs) -> Verdict:
    """The fewest steps that read as many tokens, exact."""
    every = ("batch_size", "accumulation", "block_size")

    def quotient(case: Case, factors: tuple[str, ...] = every) -> float:
        tokens = math.prod(case["run"][factor] for factor in factors)
        other = math.prod(case["other"][factor] for factor in factors)
        return case["run"]["steps"] * tokens / other

    def right(case: Case, factors: tuple[str, ...] = every) -> int:
        return math.ceil(quotient(case, factors))

    mistakes = [
        (
            lambda case: case["run"]["steps"],
            "As many steps are not as many tokens: the two runs' steps differ in size.",
        ),
        (
            lambda case: right(case, ("batch_size", "block_size")),
            "Accumulation is missing: a step reads `accumulation` batches.",
        ),
        (
            lambda case: right(case, ("batch_size", "accumulation")),
            "The block size is missing: a budget of equal blocks is not one of equal "
            "tokens.",
        ),
        (
            lambda case: math.floor(quotient(case)),
            "The other run reads fewer tokens than the first: round up, not down.",
        ),
        (
            lambda case: round(quotient(case)),
            "Rounded to the nearest, the other run may read fewer tokens: round up.",
        ),
        (
            lambda case: math.floor(quotient(case)) + 1,
            "One step too many when it divides evenly: round up, don't add 1.",
        ),
        (quotient, "There is no fraction of a step: round up."),
        (
            lambda case: math.ceil(case["run"]["steps"] ** 2 / quotient(case) - 1e-6),
            "The ratio is upside down: larger steps need fewer of them.",
        ),
    ]
    otherwise = (
        "Divide the tokens of the first run, steps x batch_size x accumulation x "
        "block_size, by the tokens of one step of the other, and round up."
    )
    return judge_cases(1, data, inputs["cases"], right, mistakes, otherwise)


def verify_choice(data: Any, inputs: Inputs) -> Verdict:
    """The learning rate of the best run that forgets little enough."""
    forgotten = {
        "nats": lambda run, case: math.log(run["old"] / case["old_before"]),
        "ratio": lambda run, case: run["old"] / case["old_before"] - 1,
        "difference": lambda run, case: run["old"] - case["old_before"],
        "nothing": lambda run, case: 0.0,
    }

    def best(
        case: Case,
        by: Callable[[Case], float] = lambda run: run["validation"],
        measure: str = "nats",
    ) -> float | None:
        allowed = [
            run
            for run in case["runs"]
            if forgotten[measure](run, case) <= case["most_forgotten"]
        ]
        return min(allowed, key=by)["learning_rate"] if allowed else None

    mistakes = [
        (
            lambda case: best(case, measure="nothing"),
            "Nothing is said against forgetting: leave out the runs whose loss on the "
            "old text rose by more than most_forgotten.",
        ),
        (
            lambda case: best(case, by=lambda run: run["train"]),
            "This is chosen by the training perplexity, which falls while a model "
            "learns by heart: choose by validation.",
        ),
        (
            lambda case: best(case, by=lambda run: run["test"]),
            "This is chosen on the test set. Then the test no longer measures "
            "anything: choose by validation.",
        ),
        (
            lambda case: best(case, by=lambda run: run["old"]),
            "This is the run that forgets least, not the one that learned most.",
        ),
        (
            lambda case: best(case, by=lambda run: -run["learning_rate"]),
            "This is the highest allowed rate. Take the run with the lowest "
            "validation perplexity.",
        ),
        (
            lambda case: best(case, measure="ratio"),
            "This compares relative rises of the perplexity. The loss is its "
            "logarithm: the rise in nats is ln(after / before).",
        ),
        (
            lambda case: best(case, measure="difference"),
            "This compares differences of perplexities. The loss is the logarithm of "
            "the perplexity: the rise in nats is ln(after / before).",
        ),
    ]
    otherwise = (
        "Keep the runs with ln(old / old_before) <= most_forgotten. Return the "
        "learning_rate of the one with the lowest validation perplexity, or None."
    )
    return judge_cases(2, data, inputs["cases"], best, mistakes, otherwise)


def parameters(n_embd: int, n_layer: int) -> dict[str, int]:
    """Return the number of weights in each of GPT-2's parameters, by name."""
    n = n_embd
    block = {
        "ln_1.weight": n,
        "ln_1.bias": n,
        "attn.c_attn.weight": 3 * n * n,
        "attn.c_attn.bias": 3 * n,
        "attn.c_proj.weight": n * n,
        "attn.c_proj.bias": n,
        "ln_2.weight": n,
        "ln_2.bias": n,
        "mlp.c_fc.weight": 4 * n * n,
        "mlp.c_fc.bias": 4 * n,
        "mlp.c_proj.weight": 4 * n * n,
        "mlp.c_proj.bias": n,
    }
    return {
        "transformer.wte.weight": MODEL["vocab_size"] * n,
        "transformer.wpe.weight": MODEL["n_positions"] * n,
        **{
            f"transformer.h.{i}.{name}": size
            for i in range(n_layer)
            for name, size in block.items()
        },
        "transformer.ln_f.weight": n,
        "transformer.ln_f.bias": n,
    }


def part_of(name: str) -> str:
    """Return the part of a parameter: wte, wpe, h.0, h.1, ..., ln_f."""
    return re.search(r"\.(h\.\d+|\w+)", name)[1]


def verify_freeze(data: Any, inputs: Inputs) -> Verdict:
    """Which parts are frozen, and how many weights are still trained."""
    cases = inputs["cases"]

    def right(
        case: Case,
        blocks: Iterable[int] | None = None,
        others: tuple[str, ...] = ("wte", "wpe"),
    ) -> list[str]:
        blocks = range(case["n_blocks"]) if blocks is None else blocks
        frozen = {*others, *(f"h.{i}" for i in blocks)}
        return [part for part in PARTS if part in frozen]

    def frozen_parts(case: Case, trained: list[str]) -> list[str]:
        whole = Counter(map(part_of, parameters(case["n_embd"], 12)))
        left = Counter(map(part_of, trained))
        frozen = [part for part in PARTS if left[part] < whole[part]]
        return [f"some of {part}" if left[part] else part for part in frozen]

    def begins_alike(case: Case) -> list[int]:
        begins = tuple(map(str, range(case["n_blocks"])))
        return [i for i in range(12) if str(i).startswith(begins)]

    mistakes = [
        (
            lambda case: [],
            "Nothing is frozen. Set requires_grad on parameters: on a module it does "
            "nothing. Or call module.requires_grad_(False).",
        ),
        (
            lambda case: right(case, others=()),
            "The embeddings are not frozen: freeze wte and wpe too.",
        ),
        (
            lambda case: right(case, others=("wte",)),
            "The position embedding, wpe, is not frozen.",
        ),
        (
            lambda case: right(case, others=("wpe",)),
            "The token embedding is trained. The output layer shares its weights: "
            "whoever trains lm_head, trains wte.",
        ),
        (
            lambda case: right(case, begins_alike(case)),
            "Blocks 10 and 11 are frozen with block 1, since their names begin alike: "
            "put a dot after the number, or take the modules of transformer.h.",
        ),
        (
            lambda case: right(case, range(12 - case["n_blocks"], 12)),
            "The last blocks are frozen: freeze the first, which are next to the "
            "embeddings.",
        ),
        (
            lambda case: right(case, range(case["n_blocks"] + 1)),
            "One block too many is frozen: n_blocks of them, from block 0 on.",
        ),
        (
            lambda case: right(case, range(1, case["n_blocks"] + 1)),
            "The blocks count from 0, so the first one is transformer.h[0].",
        ),
        (
            lambda case: right(case, others=("wte", "wpe", "ln_f")),
            "The last layer norm, ln_f, is frozen: it comes after the blocks.",
        ),
    ]
    otherwise = "Freeze wte, wpe and the first n_blocks blocks, and nothing else."
    names = [each["trained"] for each in data]
    frozen = [frozen_parts(*pair) for pair in zip(cases, names, strict=True)]
    verdict = judge_cases(2, frozen, cases, right, mistakes, otherwise)
    if not verdict.points:
        return verdict

    def count(case: Case) -> int:
        sizes, frozen = parameters(case["n_embd"], 12), right(case)
        return sum(n for name, n in sizes.items() if part_of(name) not in frozen)

    mistakes = [
        (
            lambda case: sum(parameters(case["n_embd"], 12).values()),
            "All parameters are counted: count those that are still trained.",
        ),
        (
            lambda case: 2 + 12 * (12 - case["n_blocks"]),
            "These are tensors: add up their numbers of weights, p.numel().",
        ),
    ]
    otherwise = (
        "The right parameters are frozen. Return how many weights are still trained: "
        "the sum of p.numel() over the parameters that require a gradient."
    )
    returned = [each["returned"] for each in data]
    return judge_cases(2, returned, cases, count, mistakes, otherwise)


def verify_groups(data: Any, inputs: Inputs) -> Verdict:
    """The weight decay of each parameter, whatever the groups."""

    def is_vector(name: str) -> bool:
        return name.endswith("bias") or "ln_" in name

    def right(
        case: Case, spared: Callable[[str], bool] = is_vector, otherwise: float = 0.0
    ) -> dict[str, float]:
        return {
            name: otherwise if spared(name) else case["weight_decay"]
            for name in parameters(MODEL["n_embd"], case["n_layer"])
        }

    def without(case: Case, left_out: Callable[[str], bool]) -> dict[str, float]:
        return {n: decay for n, decay in right(case).items() if not left_out(n)}

    mistakes = [
        (
            lambda case: right(case, lambda name: name.endswith("bias")),
            "The layer norms' weights decay too. In GPT-2 they are called ln_1, ln_2 "
            "and ln_f: a search for LayerNorm finds none of them.",
        ),
        (
            lambda case: right(case, lambda n: is_vector(n) and "ln_f.weight" not in n),
            "The last layer norm, ln_f, still decays.",
        ),
        (
            lambda case: right(case, lambda n: "ln_" in n),
            "The biases of attention and MLP still decay.",
        ),
        (
            lambda case: right(case, lambda name: "wte" not in name),
            "Only the token embedding decays. GPT-2's matrices are Conv1D layers, so "
            "a search for nn.Linear misses them.",
        ),
        (
            lambda case: right(case, lambda n: is_vector(n) or "transformer.w" in n),
            "The embeddings do not decay, but they are matrices: decay them too.",
        ),
        (
            lambda case: right(case, lambda name: not is_vector(name)),
            "The two groups are exchanged: the matrices are to decay.",
        ),
        (lambda case: right(case, lambda name: False), "Everything decays."),
        (
            lambda case: right(case, otherwise=0.01),
            "One group names no weight_decay, so it gets AdamW's default of 0.01: "
            "write 0.0.",
        ),
        (
            lambda case: without(case, is_vector),
            "Biases and layer norms are in no group, so that they are never trained: "
            "give them a group with a weight decay of 0.",
        ),
        (
            lambda case: without(case, lambda name: "transformer.w" in name),
            "The embeddings are in no group, so that they are never trained.",
        ),
    ]
    otherwise = (
        "Each parameter belongs into one group: those with two dimensions into one "
        "with the weight decay, those with one dimension into one with 0."
    )
    decays = [
        {name: decay for names, decay in groups for name in names} for groups in data
    ]
    verdict = judge_cases(2, decays, inputs["cases"], right, mistakes, otherwise)
    for got, expected in zip(decays, map(right, inputs["cases"]), strict=True):
        differ = [n for n in {**expected, **got} if got.get(n) != expected.get(n)]
        if differ and not verdict.points:  # show only these: the dicts are long
            got, expected = ({n: x.get(n) for n in differ} for x in (got, expected))
            return wrong(verdict.message, expected=expected, got=got)
    return verdict


def verify_tune(data: Any, inputs: Inputs) -> Verdict:
    """Evaluate the weights on hidden blocks of both languages."""
    if "weights" not in data:
        kind = data.get("returned", "nothing")
        return wrong("Return the fine-tuned model.", returned=kind)
    model = new_model(inputs["model_seed"])
    load_weights(model, data["weights"])
    old = block_loss(model, inputs["hidden"]["old"])
    new = block_loss(model, inputs["hidden"]["new"])
    if max(old, new) < ENOUGH:
        return Verdict(3)
    if new < ENOUGH:
        hint = (
            "The new text is learned and the old one forgotten. A lower rate only "
            "puts that off: put some old blocks into every batch."
        )
    elif old < ENOUGH and new > 4.16:
        hint = (
            "The new text is as strange to the model as before: every batch needs new "
            "blocks, each step optimizer.step(), and a rate near 3e-3."
        )
    elif old < ENOUGH:
        hint = (
            "The old text is kept, and the new one not learned well enough: take more "
            "steps, with new blocks in every batch until the end."
        )
    elif old > 3 and new > 3:
        hint = (
            "The model knows neither text now: the learning rate is too high. Try 3e-3."
        )
    else:
        hint = (
            "The old text is forgotten, and the new one not learned yet: mix both in "
            "every batch, and take more steps."
        )
    return wrong(
        hint, loss_on_old_text=old, loss_on_new_text=new, have_to_be_below=ENOUGH
    )


def block_loss(model: Any, blocks: np.ndarray) -> float:
    """Return the mean loss of a model on blocks, in nats."""
    import torch

    model.eval()
    ids = torch.from_numpy(blocks)
    with torch.no_grad():
        return float(model(input_ids=ids, labels=ids).loss)


VERIFY = {
    "ex06_1": verify_budget,
    "ex06_2": verify_choice,
    "ex06_3": verify_freeze,
    "ex06_4": verify_groups,
    "ex06_5": verify_tune,
}
