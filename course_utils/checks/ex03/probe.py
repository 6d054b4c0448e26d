"""Exercise 3, build the model: the questions, their inputs, how an answer is called."""

from typing import Any

import numpy as np

from course_utils.checks.contract import Question, each_case

Inputs = dict[str, Any]

FIELDS = (
    *("vocab_size", "n_positions", "n_embd", "n_layer", "n_head"),
    *("eos_token_id", "bos_token_id"),
)


def count_inputs(seed: int) -> Inputs:
    """Sizes that share no factor by chance; tied and untied."""
    rng = np.random.default_rng(seed)
    cases = []
    for tied in (True, False, True):
        case = {
            "vocab_size": int(rng.integers(100, 1000)),
            "n_positions": int(rng.integers(16, 99)),
            "n_embd": int(8 * rng.integers(2, 12)),
            "n_layer": int(rng.integers(2, 9)),
        }
        cases.append({**case, "tied": tied})
    return {"cases": cases}


def config_inputs(seed: int) -> Inputs:
    """Configurations that can be built, and one whose heads do not share evenly."""
    rng = np.random.default_rng(seed)
    cases = []
    for heads, width in ((4, 0), (7, 0), (3, 1)):
        case = {
            "vocab_size": int(rng.integers(200, 900)),
            "block_size": int(rng.integers(32, 500)),
            "width": int(heads * rng.integers(8, 30)) + width,
            "layers": int(rng.integers(2, 9)),
            "heads": heads,
        }
        cases.append({**case, "eos": int(rng.integers(1, 99))})
    return {"cases": cases}


def config_probe(target: Any, inputs: Inputs) -> Any:
    """Return each configuration's fields, or "ValueError" if it was refused."""
    from transformers import GPT2Config

    answers: list[Any] = []
    for case in inputs["cases"]:
        try:
            config = target(*case.values())
        except ValueError:
            answers.append("ValueError")
            continue
        if isinstance(config, GPT2Config):
            answers.append({field: getattr(config, field) for field in FIELDS})
        else:
            answers.append(type(config).__name__)
    return answers


def heads_inputs(seed: int) -> Inputs:
    """Vectors whose numbers tell where they stood."""
    rng = np.random.default_rng(seed)
    cases = []
    for batch, time, n_head, head_dim in ((1, 2, 2, 2), (2, 3, 4, 2)):
        shape = batch, time, 3 * n_head * head_dim
        numbers = np.arange(np.prod(shape), dtype=np.float32).reshape(shape)
        first = np.float32(rng.integers(1, 100))
        cases.append({"qkv": numbers + first, "n_head": n_head})
    return {"cases": cases}


def heads_probe(target: Any, inputs: Inputs) -> Any:
    """Return the three tensors of each case."""
    import torch

    cases = inputs["cases"]
    return [target(torch.from_numpy(case["qkv"]), case["n_head"]) for case in cases]


def attention_inputs(seed: int) -> Inputs:
    """One head and three tokens to read; three heads, whose width is not their sum."""
    rng = np.random.default_rng(seed)
    cases = []
    for shape in ((1, 1, 3, 2), (2, 3, 5, 4)):
        numbers = rng.normal(0, 2, (3, *shape)).astype(np.float32).round(1)
        cases.append(dict(zip(("query", "key", "value"), numbers, strict=True)))
    return {"cases": cases}


def attention_probe(target: Any, inputs: Inputs) -> Any:
    """Return output and weights of each case."""
    import torch

    return [target(*map(torch.from_numpy, case.values())) for case in inputs["cases"]]


def weights_inputs(seed: int) -> Inputs:
    """Two depths, since the depth enters the formula."""
    rng = np.random.default_rng(seed)
    depths = [2, int(rng.integers(5, 9))]
    return {"cases": [{"n_layer": n, "seed": int(rng.integers(2**31))} for n in depths]}


def weights_probe(target: Any, inputs: Inputs) -> Any:
    """Return mean and standard deviation of each parameter after the call."""
    import torch
    from transformers import GPT2Config, GPT2LMHeadModel

    sizes = {"vocab_size": 99, "n_positions": 64, "n_embd": 64, "n_head": 2}
    ends = {"bos_token_id": 0, "eos_token_id": 0}
    answers = []
    for case in inputs["cases"]:
        config = GPT2Config(**sizes, **ends, n_layer=case["n_layer"])
        with torch.random.fork_rng(devices=[]):
            model = GPT2LMHeadModel(config)
            for parameter in model.parameters():
                parameter.data.fill_(7.0)  # no trace of the library's own start
            torch.manual_seed(case["seed"])
            target(model)
        answers.append(
            {
                name: {"mean": p.mean().item(), "std": p.std().item()}
                for name, p in model.named_parameters()
            }
        )
    return answers


QUESTIONS = [
    Question(
        id="ex03_1",
        name="count_parameters",
        points=2,
        title="the parameters, counted",
        inputs=count_inputs,
        probe=each_case,
        forbidden=("course_utils.model.planner.parameters",),
    ),
    Question(
        id="ex03_2",
        name="make_config",
        points=2,
        title="a configuration that is heard",
        inputs=config_inputs,
        probe=config_probe,
        allowed=("transformers.GPT2Config",),
        forbidden=("course_utils.model.gpt2.preset",),
    ),
    Question(
        id="ex03_3",
        name="split_heads",
        points=2,
        title="query, key and value, by heads",
        inputs=heads_inputs,
        probe=heads_probe,
        errors={
            "view size": (
                "A head is a piece of the last dimension: cut that one, into (batch, "
                "time, n_head, head_dim), and then transpose."
            ),
        },
    ),
    Question(
        id="ex03_4",
        name="causal_attention",
        points=3,
        title="causal attention",
        inputs=attention_inputs,
        probe=attention_probe,
        allowed=("torch",),
        errors={
            "must match": (
                "Transpose the last two dimensions of the key: (..., head_dim, time)."
            ),
            "Expected size": (
                "Transpose the last two dimensions of the key: (..., head_dim, time)."
            ),
        },
    ),
    Question(
        id="ex03_5",
        name="initialise",
        points=3,
        title="the first weights",
        inputs=weights_inputs,
        probe=weights_probe,
        allowed=("torch.nn.init",),
        errors={
            "leaf Variable": "Write into the parameters under torch.no_grad().",
        },
    ),
]
