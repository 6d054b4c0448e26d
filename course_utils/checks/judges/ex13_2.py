"""Judge of 13.2, the same model with random weights."""

from typing import Any

import numpy as np

from course_utils.checks.contract import Inputs, Verdict
from course_utils.checks.judges.compare import wrong
from course_utils.checks.probes.ex13_2 import BASE


def judge(data: Any, inputs: Inputs) -> Verdict:
    """The base's shapes, none of its weights, repeatable by the seed."""
    from safetensors.numpy import load_file

    shipped = load_file(BASE / "model.safetensors")
    base = {name: w.astype(np.float16) for name, w in shipped.items()}
    first = data[0]
    if "returned" in first:
        return wrong("Return the model itself.", returned=first["returned"])
    weights = first.get("weights", {})
    shapes = {name: w.shape for name, w in weights.items()}
    if any(shapes.get(name) != w.shape for name, w in base.items()):
        return wrong(
            "This is a model of another size: take the configuration of the folder "
            "that you are given."
        )
    kept = [name for name, w in base.items() if np.array_equal(w, weights[name])]
    if len(kept) == len(base):
        return wrong(
            "These are the pretrained weights: make the model from its configuration "
            "alone."
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
