"""Exercise 4, infrastructure: the questions, their inputs, how an answer is called."""

from typing import Any

import numpy as np

from course_utils.checks.contract import Question, each_case, each_case_or_refusal
from course_utils.checks.ex05.probe import new_model

Inputs = dict[str, Any]

FILES = ("model.safetensors", "optimizer.pt")
MARK = "complete.txt"


def precision_inputs(seed: int) -> Inputs:
    """Every kind of device, in random order."""
    rng = np.random.default_rng(seed)
    cuda = ([7, 0], [7, 5], [8, 0], [8, int(rng.integers(6, 10))], [9, 0], [10, 0])
    cases = [{"device": "cuda", "capability": capability} for capability in cuda]
    cases += [{"device": name, "capability": None} for name in ("cpu", "mps")]
    return {"cases": [cases[i] for i in rng.permutation(len(cases))]}


def precision_probe(target: Any, inputs: Inputs) -> Any:
    """Call it with the capability as PyTorch gives it, a tuple."""

    def capability(case: Inputs) -> tuple[int, int] | None:
        return case["capability"] and tuple(case["capability"])

    return [target(case["device"], capability(case)) for case in inputs["cases"]]


def bytes_inputs(seed: int) -> Inputs:
    """Every precision, with all parameters trained and with a part of them."""
    rng = np.random.default_rng(seed)
    cases = []
    for precision, frozen in (("no", 0), ("bf16", 0), ("fp16", 1), ("no", 1)):
        count = int(rng.integers(1_000, 10_000))
        trained = count - frozen * int(rng.integers(100, 900))
        case = {"n_parameters": count, "n_trained": trained, "precision": precision}
        cases.append(case)
    return {"cases": cases}


def resume_inputs(seed: int) -> Inputs:
    """Folders of a run: numbers of unlike length, and several that are no use."""
    rng = np.random.default_rng(seed)
    every = int(rng.integers(2, 5)) * 100
    low = 999 // every  # one step on, the number has a digit more
    whole = [*FILES, MARK]

    def folders(steps: list[int]) -> dict[str, list[str]]:
        return {f"checkpoint-{step * every}": whole for step in steps}

    begun = folders([2, 3])
    begun[f"checkpoint-{3 * every}"] = [FILES[0]]
    long = folders([low, low + 1, low - 1])
    unmarked = folders([9, 12, 10, 11])
    unmarked[f"checkpoint-{12 * every}"] = list(FILES)
    only_weights = folders([7, 9, 8])
    only_weights[f"checkpoint-{9 * every}"] = [FILES[0], MARK]
    named = {"runs": [], **folders([6, 11]), "checkpoint-best": whole}
    nothing = {"runs": [], f"checkpoint-{every}": [FILES[0]]}
    cases = [begun, long, unmarked, only_weights, named, nothing, {}]
    return {"cases": [{"folders": case} for case in cases]}


def batch_inputs(seed: int) -> Inputs:
    """Memory for a batch that does not divide, exact memory, plenty, and too little."""
    rng = np.random.default_rng(seed)
    some = (12, 5), (24, 11), (36, 17)  # rows a process needs, and rows that fit
    cases = []
    for (rows, fits), rest in (
        (some[rng.integers(3)], 1),
        ((12, 4), 0),
        ((8, 30), 1),
        ((12, 0), 1),
    ):
        row = int(rng.integers(500, 2000))
        case = {
            "free_bytes": fits * row + rest * int(rng.integers(1, 400)),
            "bytes_per_row": row,
            "effective_batch_size": rows * int(rng.integers(2, 4)),
        }
        cases.append({**case, "processes": case["effective_batch_size"] // rows})
    cases.append({**cases[2], "processes": 7})  # 16 or 24 rows for 7 processes
    return {"cases": cases}


def gradient_inputs(seed: int) -> Inputs:
    """Three batches with 1, some and many labels to predict, of unlike length."""
    rng = np.random.default_rng(seed)
    batches = []
    for n_rows, time, prompt in ((1, 6, 5), (2, 9, 4), (3, 16, 0)):
        input_ids = rng.integers(0, 32, (n_rows, time))
        labels = input_ids.copy()
        labels[:, :prompt] = -100
        labels[-1, -2:] = -100 if n_rows > 1 else labels[-1, -2:]
        batches.append({"input_ids": input_ids, "labels": labels})
    order = rng.permutation(3)
    model_seed = int(rng.integers(2**31))
    return {"model_seed": model_seed, "batches": [batches[i] for i in order]}


def gradient_probe(target: Any, inputs: Inputs) -> Any:
    """Return the model's gradients after the call, as one array; none as zeros."""
    import torch

    # In float64, so that no rounding hides or makes a difference.
    model = new_model(inputs["model_seed"]).double()
    batches = [
        (torch.from_numpy(batch["input_ids"]), torch.from_numpy(batch["labels"]))
        for batch in inputs["batches"]
    ]
    target(model, batches)
    return flat_gradient(model)


def flat_gradient(model: Any) -> np.ndarray:
    """Return the gradients of all parameters in one array; none count as zeros."""
    gradients = [
        (p.new_zeros(p.shape) if p.grad is None else p.grad).flatten().numpy()
        for p in model.parameters()
    ]
    return np.concatenate(gradients)


QUESTIONS = [
    Question(
        id="ex04_1",
        name="choose_precision",
        points=1,
        title="a precision for the device",
        inputs=precision_inputs,
        probe=precision_probe,
        errors={
            "NoneType": "Only CUDA has a capability: look at the device first.",
        },
    ),
    Question(
        id="ex04_2",
        name="state_bytes",
        points=2,
        title="what a run keeps in memory",
        inputs=bytes_inputs,
        probe=each_case,
        forbidden=("course_utils.model.planner.training_memory",),
    ),
    Question(
        id="ex04_3",
        name="resume_from",
        points=2,
        title="the checkpoint to resume from",
        inputs=resume_inputs,
        probe=each_case,
        errors={
            "invalid literal": (
                "Not every folder is checkpoint- and a number: skip the others."
            ),
            "IndexError": "There may be no such folder: return None then.",
            "empty": "There may be no such folder: return None then.",
        },
    ),
    Question(
        id="ex04_4",
        name="choose_batch",
        points=2,
        title="a batch that fits",
        inputs=batch_inputs,
        probe=each_case_or_refusal,
        errors={
            "ZeroDivisionError": (
                "When not even one row fits, raise a ValueError that says so."
            ),
        },
    ),
    Question(
        id="ex04_5",
        name="accumulate",
        points=3,
        title="gradients of unequal batches",
        inputs=gradient_inputs,
        probe=gradient_probe,
        allowed=("torch.nn.functional.cross_entropy", "model(..., labels=...)"),
        errors={
            "Sizes of tensors must match": (
                "The batches do not fit together into one, and would not fit into "
                "memory: go through them one by one."
            ),
            "backward through the graph a second time": (
                "Call backward() once for each batch, on its own loss."
            ),
        },
    ),
]
