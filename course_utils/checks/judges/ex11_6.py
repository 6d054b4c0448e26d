"""Judge of 11.6, the real run."""

from typing import TYPE_CHECKING, Any

import numpy as np

from course_utils.checks.contract import Inputs, Verdict
from course_utils.checks.judges.compare import wrong
from course_utils.checks.weights import load_weights
from course_utils.machine.errors import CourseError
from course_utils.machine.places import ASSETS

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerFast

Row = dict[str, Any]

# Relative to the base's size: fine-tuning moves the weights by 0.2, new ones are 1
# away.
FAR = 0.5
# Runs of one's own are 0.2 to 0.3 like our summariser. Copies of it with so much noise
# that they only just pass, or half way back to the base, are 0.5 and more.
ALIKE = 0.4
GPT2_EMBEDDINGS = (50257, 768)


def judge(data: Any, inputs: Inputs) -> Verdict:
    """Have the weights summarise new dialogues, and score that by ROUGE-1."""
    if "weights" not in data:
        kind = data.get("returned")
        return wrong("`tuned` is no model: hand over the model itself.", type=kind)
    weights = data["weights"]
    model, words, rows, enough = exam(weights, inputs["hidden"])
    tiny = weights["transformer.wte.weight"].shape != GPT2_EMBEDDINGS
    if tiny and (problem := origin_problem(model, weights)):
        return wrong(problem)
    texts = continuations(model, words, [row["dialogue"] for row in rows])
    score = rouge1(texts, rows)
    if score > enough:
        return Verdict(True)
    moved = distance(weights, tiny_base()[0].state_dict()) if tiny else 0.1
    if moved < 0.01:
        hint = (
            "The weights have hardly moved from the pretrained ones: the run stopped "
            "too early, or its learning rate is far below the profile's."
        )
    else:
        hint = (
            "The summaries are not good enough yet. Mostly the run stopped too early, "
            "or with another learning rate than the profile's; or the rows have no "
            "end of text, or no -100 on their prompts: read what the model writes "
            "above."
        )
    return wrong(
        hint,
        rouge1_on_new_dialogues=score,
        has_to_be_above=enough,
        weights_moved_by=moved,
    )


def origin_problem(model: "PreTrainedModel", weights: Row) -> str:
    """Return why these are no weights that a run of one's own has come to, or ""."""
    base = tiny_base()[0]
    far = distance(weights, base.state_dict())
    if far < 1e-4:
        return "These are the weights of the pretrained model: they were not trained."
    if not far < FAR:
        return (
            "These weights are far from the pretrained ones. Either the run did not "
            "start from them "
            "(AutoModelForCausalLM.from_pretrained(profile.pretrained)), "
            "or its learning rate was many times the profile's."
        )
    if not likeness(model, base) < ALIKE:
        return (
            "These are the weights of the summariser that ships with the course, or "
            "hardly other ones: train the pretrained model yourself."
        )
    return ""


def likeness(model: "PreTrainedModel", base: "PreTrainedModel") -> float:
    """Return how alike this model and our summariser score tokens; 1 for a copy.

    What both have from the base is taken out, and sizes do not count. So it is 1 too
    for a copy whose hidden units have changed places, and near it for one with noise.
    """
    import torch

    from course_utils.model.gpt2 import load

    ours = load(ASSETS / "tiny-summariser")[0]
    draw = torch.Generator().manual_seed(0)
    ids = torch.randint(base.config.vocab_size, (12, 64), generator=draw)
    with torch.no_grad():
        scores = [m.eval()(input_ids=ids).logits for m in (base, model, ours)]
    places = scores[-1].topk(200).indices  # the others, no summary has use for
    first, theirs, own = (s.gather(-1, places) for s in scores)
    first, theirs, own = (s - s.mean(-1, keepdim=True) for s in (first, theirs, own))

    def beside(found: torch.Tensor) -> torch.Tensor:
        share = (found * first).sum(-1, keepdim=True) / (first**2).sum(-1, keepdim=True)
        return found - share * first

    alike = torch.cosine_similarity(beside(theirs), beside(own), dim=-1)
    return float(alike.mean())


def exam(
    weights: Any, hidden: Inputs
) -> tuple["PreTrainedModel", "PreTrainedTokenizerFast", list[Row], float]:
    """Return the model that holds `weights`, its tokenizer, new rows and a threshold.

    Raises:
        CourseError: neither the tiny base's weights nor GPT-2's, or GPT-2's while
            SAMSum cannot be reached.
    """
    embeddings = weights.get("transformer.wte.weight")
    if getattr(embeddings, "shape", None) == GPT2_EMBEDDINGS:
        rows = samsum(hidden["order"])
        return *gpt2_with(weights), rows, first_lines(rows)
    model, words = tiny_base()
    if shapes(weights) != shapes(model.state_dict()):
        raise CourseError(
            "These are weights of another model than the tiny base or GPT-2: a person "
            "gives the points."
        )
    load_weights(model, weights)
    return model, words, hidden["rows"], first_lines(hidden["rows"])


def first_lines(rows: list[Row]) -> float:
    """Return the ROUGE-1 that has to be beaten, of each chat's first three lines.

    In tiny it is 44 to 52. Runs of 250 steps reach 53 to 62, of 10 steps 31 to 38.
    """
    from course_utils.evaluation.summary_scores import lead

    return rouge1([lead(row["dialogue"]) for row in rows], rows)


def shapes(weights: Row) -> dict[str, tuple[int, ...]]:
    """Return {name: shape}."""
    return {name: tuple(w.shape) for name, w in weights.items()}


def tiny_base() -> tuple["PreTrainedModel", "PreTrainedTokenizerFast"]:
    """Return the tiny base that ships with the course."""
    from course_utils.model.gpt2 import load

    return load(ASSETS / "tiny-base")


def gpt2_with(weights: Any) -> tuple["PreTrainedModel", "PreTrainedTokenizerFast"]:
    """Return a GPT-2 of 124 million parameters with these weights."""
    from transformers import GPT2Config, GPT2LMHeadModel

    from course_utils.data.tokens import gpt2_tokenizer
    from course_utils.machine import runtime

    model = GPT2LMHeadModel(GPT2Config())
    load_weights(model, weights)
    return model.to(runtime.device()), gpt2_tokenizer()


def samsum(order: int, n: int = 40) -> list[Row]:
    """Return rows of SAMSum's test split, drawn by the seed `order`."""
    from datasets import load_dataset

    from course_utils.machine import runtime
    from course_utils.machine.hub import persistently

    if not runtime.online():
        raise CourseError(
            "These are weights of real GPT-2. They are judged on SAMSum's test split, "
            "and the Hugging Face Hub cannot be reached: check again with a network, "
            "or let a person give the points."
        )
    rows = persistently(
        "the data set knkarthick/samsum",
        lambda: load_dataset("knkarthick/samsum", split="test"),
    )
    return [
        {"dialogue": row["dialogue"], "summary": row["summary"]}
        for row in rows.shuffle(seed=order).select(range(n))
    ]


def continuations(
    model: "PreTrainedModel", words: "PreTrainedTokenizerFast", dialogues: list[str]
) -> list[str]:
    """Return the first line that the model writes after each dialogue's cue."""
    from course_utils.evaluation.generation import summarise

    return summarise(model, words, dialogues, max_new_tokens=60, progress=False)


def rouge1(texts: list[str], rows: list[Row]) -> float:
    """Return the mean ROUGE-1, 0 to 100."""
    from course_utils.evaluation.summary_scores import summary_scores

    return summary_scores(texts, rows)["rouge1"]


def distance(weights: Row, base: Row) -> float:
    """Return how far the weights are from the base's, relative to the base's size."""
    squares = [
        (np.square(weights[name].astype(float) - w.numpy()).sum(), w.square().sum())
        for name, w in base.items()
    ]
    return float(
        np.sqrt(sum(a for a, _ in squares) / sum(float(b) for _, b in squares))
    )
