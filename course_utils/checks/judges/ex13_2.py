"""Judge of 13.2, the same model with random weights."""

from typing import Any

import numpy as np

from course_utils.checks.contract import Inputs, Verdict
from course_utils.checks.judges.compare import wrong
from course_utils.checks.probes.ex13_2 import pretrained


def judge(data: Any, inputs: Inputs) -> Verdict:
    """The pretrained model's shapes, none of its weights, repeatable by the seed."""
    base = pretrained(inputs)
    first = data[0]
    if "returned" in first:
        return wrong("Return the model itself.", returned=first["returned"])
    if "parameters" in first:
        return wrong(
            "This is a model of another size: take the configuration of the folder "
            "that you are given.",
            parameters=first["parameters"],
        )
    weights = first["weights"]
    if problem := shape_problem(weights, base):
        return wrong(problem)
    for model in data:
        kept = [n for n, w in base.items() if comes_from(model["weights"][n], w)]
        if len(kept) > len(base) / 4:
            return wrong(
                "These are the pretrained weights, all or many of them, or hardly "
                "other ones: make the model from its configuration alone."
            )
        if kept:
            return wrong("Some weights are still the pretrained ones.", such_as=kept[0])
    ends = weights["transformer.ln_f.weight"], weights["transformer.ln_f.bias"]
    spread = float(weights["transformer.wte.weight"].astype(float).std())
    if not (ends[0] == 1).all() or (ends[1] != 0).any() or not 0.015 < spread < 0.025:
        return wrong(
            "The weights are not those of a new model: let from_config draw them. Its "
            "layer norms begin at 1, its embeddings have a spread of 0.02.",
            spread_of_embeddings=spread,
        )
    if weights.keys() - base.keys() - {"lm_head.weight"}:
        return wrong("The model has more weights than the pretrained one.")
    same_seed, other_seed = (
        all(np.array_equal(weights[name], model["weights"][name]) for name in base)
        for model in data[1:]
    )
    if not same_seed:
        return wrong(
            "The same seed gives other weights the second time: set torch's seed "
            "before the model is made."
        )
    if other_seed:
        return wrong("Another seed gives the same weights: use the seed that is given.")
    return Verdict(True)


def shape_problem(weights: dict[str, Any], base: dict[str, Any]) -> str:
    """Return why this is no model of the base's configuration, or ""."""
    bare = {name.removeprefix("transformer."): w for name, w in base.items()}
    if weights.keys() >= bare.keys():
        return (
            "This is the model without its head, GPT2Model: it cannot write. Take "
            "AutoModelForCausalLM."
        )
    shapes = {name: w.shape for name, w in weights.items()}
    if not shapes.keys() >= base.keys():
        return (
            "Some parts of the pretrained model are not there, such as layers: take "
            "its configuration, and AutoModelForCausalLM."
        )
    if any(shapes[name] != w.shape for name, w in base.items()):
        return (
            "This is a model of another size: take the configuration of the folder "
            "that you are given."
        )
    return ""


def comes_from(weights: np.ndarray, base: np.ndarray) -> bool:
    """Return whether weights go with the base's: of new ones the correlation is 0.

    Parts of fewer than 1,000 weights, and those that begin at 0 or 1, do not count.
    """
    new, old = (w.astype(float).ravel() for w in (weights, base))
    if len(old) < 1000 or not new.std() > 0 or not old.std() > 0:
        return False
    return not abs(np.corrcoef(new, old)[0, 1]) < 0.2
