"""Exercise 12, before and after: the questions and how an answer is called."""

import random
from typing import TYPE_CHECKING, Any

import numpy as np

from course_utils.checks.contract import Question, each_case
from course_utils.machine.places import ASSETS

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerFast

Inputs = dict[str, Any]


def summariser() -> tuple["PreTrainedModel", "PreTrainedTokenizerFast"]:
    """Return the model of 12.1, the same in every profile: it ships with the course."""
    from course_utils.model.gpt2 import load

    model, tokenizer = load(ASSETS / "tiny-summariser")
    return model.eval(), tokenizer


def chats(rng: np.random.Generator, n: int) -> list[tuple[str, str]]:
    """Return pairs of a dialogue and its summary."""
    from course_utils.data.chats import chat

    dice = random.Random(int(rng.integers(2**31)))
    return [(made.dialogue, made.summary) for made in (chat(dice) for _ in range(n))]


def generate_inputs(seed: int) -> Inputs:
    """Prompts of unlike length: two for whole summaries, five that are cut off."""
    rng = np.random.default_rng(seed)
    cases = []
    for n, length in ((2, 30), (5, 8)):
        made = [f"{dialogue}\nTL;DR:" for dialogue, _ in chats(rng, 12)]
        made.sort(key=len)
        prompts = [made[i] for i in np.linspace(0, 11, n).astype(int)]
        prompts = prompts[1:] + prompts[:1]  # in no order of length
        cases.append({"prompts": prompts, "max_new_tokens": length})
    return {"cases": cases}


def generate_probe(target: Any, inputs: Inputs) -> Any:
    """Return the texts of each case, from a model and a tokenizer loaded anew."""
    model, tokenizer = summariser()
    return [target(model, tokenizer, *case.values()) for case in inputs["cases"]]


def table_inputs(seed: int) -> Inputs:
    """Texts of two models, each in an order of its own, not all of them there."""
    rng = np.random.default_rng(seed)
    cases = []
    for n, lost in ((3, 0), (7, 1)):
        pairs = chats(rng, n)
        ids = [str(number) for number in rng.choice(90, n, replace=False) + 10]
        rows = [
            {"id": name, "dialogue": dialogue, "summary": summary}
            for name, (dialogue, summary) in zip(ids, pairs, strict=True)
        ]

        def texts(
            model: str, first: int, ids: list[str] = ids, lost: int = lost
        ) -> list[dict[str, str]]:
            order = [*range(1, len(ids)), 0][:: 1 if first else -1]
            drawn = [ids[i] for i in order]
            kept = drawn[lost:] if first else drawn[: len(drawn) - lost]
            return [{"id": name, "text": f"{model} writes {name}"} for name in kept]

        cases.append(
            {"rows": rows, "before": texts("base", 1), "after": texts("tuned", 0)}
        )
    return {"cases": cases}


def table_probe(target: Any, inputs: Inputs) -> Any:
    """Return each table's columns, in order, and its values."""
    import pandas as pd

    answers = []
    for case in inputs["cases"]:
        table = target(*case.values())
        if not isinstance(table, pd.DataFrame):
            return type(table).__name__
        names = [str(name) for name in table.columns]
        answers.append({"columns": names, "values": table.to_numpy().tolist()})
    return answers


def interval_inputs(seed: int) -> Inputs:
    """Scores of two systems that go together, and the examples of each resample."""
    rng = np.random.default_rng(seed)
    cases = []
    for n, resamples in ((4, 20), (30, 200)):
        hard = rng.uniform(0, 60, n)  # what is hard for one is hard for the other
        before = (hard + rng.uniform(0, 20, n)).round(1)
        after = (hard + rng.uniform(0, 40, n)).round(1)
        draws = rng.integers(0, n, (resamples, n))
        cases.append({"before": before, "after": after, "draws": draws})
    return {"cases": cases}


def worse_inputs(seed: int) -> Inputs:
    """Scores with ties; fewer than k examples became worse, then more."""
    rng = np.random.default_rng(seed)
    cases = []
    for n, k in ((5, 4), (12, 4)):
        before = rng.integers(30, 70, n)
        change = rng.integers(5, 25, n)
        fallen, same = np.split(rng.permutation(n)[: 3 if n == 5 else 7], [-1])
        change[fallen] = -rng.integers(5, 25, len(fallen))
        change[same] = 0
        if n > 5:
            change[fallen[:3]] = -30  # three of them are equally bad
        after = before + change
        cases.append({"before": before.tolist(), "after": after.tolist(), "k": k})
    return {"cases": cases}


def result_inputs(seed: int) -> Inputs:
    """Nothing: the texts are the student's own."""
    return {}


def result_probe(target: Any, inputs: Inputs) -> Any:
    """Return the table as lists, and the figures beside it."""
    import pandas as pd

    target = target() if callable(target) else target
    result = dict(target)
    table = result["table"]
    if isinstance(table, pd.DataFrame):
        result["table"] = {name: table[name].tolist() for name in table.columns}
    if isinstance(result["difference"], tuple):  # an Interval, too
        result["difference"] = list(result["difference"])
    return result


QUESTIONS = [
    Question(
        id="ex12_1",
        name="continue_prompts",
        points=3,
        title="a batch of continuations",
        inputs=generate_inputs,
        probe=generate_probe,
        allowed=("model.generate",),
        forbidden=(
            "course_utils.evaluation.generation.generate",
            "course_utils.evaluation.generation.summarise",
        ),
        errors={
            "Unable to create tensor": "Prompts differ in length: pad them.",
            "expected sequence of length": "Prompts differ in length: pad them.",
            "max_length": "max_length counts the prompt too: give max_new_tokens.",
        },
    ),
    Question(
        id="ex12_2",
        name="comparison",
        points=2,
        title="a table in the right pairing",
        inputs=table_inputs,
        probe=table_probe,
        allowed=("pandas",),
        errors={
            "must be of the same length": (
                "before and after do not have all the ids: keep the rows of both."
            ),
            "KeyError": "Not every id is in both: keep the rows that both models have.",
        },
    ),
    Question(
        id="ex12_3",
        name="paired_interval",
        points=2,
        title="the difference and its interval",
        inputs=interval_inputs,
        probe=each_case,
        allowed=("numpy",),
        forbidden=("course_utils.evaluation.rouge.paired_difference",),
    ),
    Question(
        id="ex12_4",
        name="regressions",
        points=1,
        title="what became worse",
        inputs=worse_inputs,
        probe=each_case,
        allowed=("numpy",),
    ),
    Question(
        id="ex12_5",
        name="result",
        points=3,
        title="the real table",
        inputs=result_inputs,
        probe=result_probe,
        is_function=False,
        errors={"KeyError": "Give `result` all the keys that 12.5 lists."},
    ),
]
