"""Judge of 6.4, what weight decay leaves alone."""

from collections.abc import Callable
from typing import Any

from course_utils.checks.contract import Inputs, Verdict
from course_utils.checks.judges.compare import Case, judge_cases, wrong
from course_utils.checks.judges.ex06_parameters import parameters
from course_utils.checks.probes.ex06_model import MODEL


def judge(data: Any, inputs: Inputs) -> Verdict:
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
        (
            lambda case: right(case, lambda name: False),
            "Everything decays: biases and layer norms get 0.",
        ),
        (
            lambda case: right(case, lambda name: True),
            "Nothing decays: matrices get weight_decay.",
        ),
        (
            lambda case: right(case, lambda n: is_vector(n) or "wte" in n),
            "The token embedding does not decay, but it is a matrix: decay it, too.",
        ),
        (
            lambda case: right(case, lambda n: is_vector(n) or "wpe" in n),
            "The position embedding does not decay, but it is a matrix: decay it, too.",
        ),
        (
            lambda case: right(case, lambda n: is_vector(n) and "ln_" not in n),
            "The layer norms decay, weights and biases: they get 0.",
        ),
        (
            lambda case: right(case, lambda n: n.endswith("weight") and "ln_" in n),
            "The biases decay: they get 0.",
        ),
        (
            lambda case: {n: 0.01 if not is_vector(n) else 0.0 for n in right(case)},
            "The matrices get AdamW's default of 0.01: write weight_decay into the "
            "group.",
        ),
        (
            lambda case: dict.fromkeys(right(case), 0.01),
            "No group names a weight_decay, so all get AdamW's default of 0.01.",
        ),
        (
            lambda case: {n: v for n, v in right(case).items() if is_vector(n)},
            "The matrices are in no group, so that they are never trained.",
        ),
        (
            lambda case: without(case, lambda name: "wte" in name),
            "The token embedding is in no group, so that it is never trained.",
        ),
        (
            lambda case: without(case, lambda name: "ln_" in name),
            "The layer norms are in no group, so that they are never trained.",
        ),
        (
            lambda case: without(case, lambda name: name.endswith("bias")),
            "The biases are in no group, so that they are never trained.",
        ),
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

    def kind(name: str) -> str:
        if "ln_" in name:
            return "layer norms"
        if name.endswith("bias"):
            return "biases"
        is_table = "wte" in name or "wpe" in name
        return "embeddings" if is_table else "matrices of the blocks (Conv1D layers)"

    def of_the_kinds(got: Any, expected: Any, cases: list[Case]) -> str:
        """Say which kinds of parameters have another decay, or none."""
        both = list(zip(got, expected, cases, strict=True))
        found: dict[str, list[str]] = {}
        for g, e, case in both:
            for name, decay in e.items():
                if name not in g:
                    what = "In no group, so that they are never trained"
                elif g[name] == decay:
                    continue
                elif g[name] == 0:
                    what = "With a decay of 0, and it should be weight_decay"
                elif g[name] == case["weight_decay"]:
                    what = "With weight_decay, and it should be 0"
                else:
                    what = "With a number that is neither 0 nor weight_decay"
                found.setdefault(what, []).append(kind(name))
        return " ".join(
            f"{what}: {', '.join(dict.fromkeys(kinds))}."
            for what, kinds in found.items()
        )

    looks = [(of_the_kinds, "")]
    if any(
        "none of the model" in name
        for groups in data
        for names, _ in groups
        for name in names
    ):
        return wrong(
            "The groups hold tensors that are not the model's: copies would be trained "
            "instead. Take the parameters themselves.",
            **inputs["cases"][0],
        )
    if any(len(set(names)) < len(names) for groups in data for names, _ in groups):
        return wrong(
            "A parameter stands twice in a group, and would be changed twice in each "
            "step. The output layer's weights are the token embedding's: "
            "named_parameters() lists them once.",
            **inputs["cases"][0],
        )
    decays = [
        {name: decay for names, decay in groups for name in names} for groups in data
    ]
    verdict = judge_cases(decays, inputs["cases"], right, mistakes, otherwise, looks)
    for got, expected in zip(decays, map(right, inputs["cases"]), strict=True):
        differ = [n for n in {**expected, **got} if got.get(n) != expected.get(n)]
        if differ and not verdict.right:  # show only these: the dicts are long
            got, expected = ({n: x.get(n) for n in differ} for x in (got, expected))
            return wrong(verdict.message, expected=expected, got=got)
    return verdict
