"""Exercise 11, SAMSum: trained weights, judged on data that no student has."""

from typing import TYPE_CHECKING, Any

import numpy as np

from course_utils.checks.compare import wrong
from course_utils.checks.contract import Verdict
from course_utils.checks.ex11.probe import END, TRAINING, new_model
from course_utils.checks.weights import load_weights
from course_utils.machine.errors import CourseError
from course_utils.machine.places import ASSETS

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel, PreTrainedTokenizerFast

Inputs = dict[str, Any]
Row = dict[str, Any]

# Nats on new summaries: right answers end below 0.4, wrong ones above 1.7.
LEARNT = 0.7
# Nats on new prompts: ln(40) = 3.7 is guessing, who has learnt them reaches 1.4.
GUESSED = 2.5
# ROUGE-1 on new dialogues. Tiny: 250 steps reach 65 to 80, 10 steps 30 to 40. Real
# GPT-2 on SAMSum: fine-tuned 35 to 45, before 10 to 20 (predicted).
ENOUGH = {"tiny": 55.0, "gpt2": 28.0}
GPT2_EMBEDDINGS = (50257, 768)


def verify_finetune(data: Any, inputs: Inputs) -> Verdict:
    """Evaluate the weights on new rows; from the losses, tell what went wrong."""
    if "weights" not in data:
        return wrong("Return the trained model.", returned=data.get("returned"))
    model = new_model(inputs["model_seed"])
    start = {name: w.half().numpy() for name, w in model.state_dict().items()}
    load_weights(model, data["weights"])

    loss = losses(model, inputs["hidden"]["rows"])
    if loss["summary"] < LEARNT and loss["prompt"] > GUESSED:
        return Verdict(3)
    two_ahead = losses(model, inputs["hidden"]["rows"], ahead=2)["summary"]
    first_batch = losses(model, inputs["rows"][: TRAINING["batch_size"]])["summary"]
    if all(np.array_equal(start[name], data["weights"][name]) for name in start):
        hint = (
            "The weights are those of the start: train the model that you are given, "
            "and return it."
        )
    elif loss["prompt"] < GUESSED:
        hint = (
            "The prompts were learnt too: give the model the rows' own labels, in "
            "which they are -100."
        )
    elif loss["words"] < LEARNT:
        hint = (
            "The summaries' words are learnt, but not where they end: the end of text "
            "needs its label. Make the mask from lengths, not from the padding token."
        )
    elif two_ahead < LEARNT:
        hint = (
            "The labels are shifted twice: this model predicts the token after the "
            "next. Pass the labels as they are."
        )
    elif first_batch < LEARNT:
        hint = "Only the first rows were learnt: take other rows in each step."
    elif loss["summary"] > 2.6:
        hint = (
            "Hardly anything is learnt: use the learning_rate that you are given, and "
            "call zero_grad() after each step."
        )
    else:
        hint = "The model learns, but not for long: take as many steps as you are told."
    return wrong(
        hint,
        loss_on_new_summaries=loss["summary"],
        has_to_be_below=LEARNT,
        loss_on_their_prompts=loss["prompt"],
    )


def losses(model: "torch.nn.Module", rows: list[Row], ahead: int = 1) -> Row:
    """Return the mean losses in nats on summaries, their words alone, and prompts."""
    import torch
    from torch.nn.functional import cross_entropy

    width = max(len(row["input_ids"]) for row in rows)

    def stack(name: str, filler: int) -> "torch.Tensor":
        padded = [row[name] + [filler] * (width - len(row[name])) for row in rows]
        return torch.tensor(padded)

    ids, labels = stack("input_ids", END), stack("labels", -100)[:, ahead:]
    real = stack("input_ids", -100) != -100
    with torch.no_grad():
        logits = model.eval()(input_ids=ids, attention_mask=real.long()).logits
    logits = logits[:, :-ahead].transpose(1, 2)
    loss = cross_entropy(logits, ids[:, ahead:], reduction="none")
    parts = {
        "summary": labels != -100,
        "words": (labels != -100) & (labels != END),
        "prompt": (labels == -100) & real[:, ahead:],
    }
    return {name: float(loss[part].mean()) for name, part in parts.items()}


def verify_summariser(data: Any, inputs: Inputs) -> Verdict:
    """Have the weights summarise new dialogues, and score that by ROUGE-1."""
    if "weights" not in data:
        kind = data.get("returned")
        return wrong("`tuned` is no model: hand over the model itself.", type=kind)
    weights = data["weights"]
    model, words, rows, enough = exam(weights, inputs["hidden"])
    texts = continuations(model, words, [row["dialogue"] for row in rows])
    score = rouge1(texts, rows)
    if score >= enough:
        return Verdict(4)
    base = None if enough == ENOUGH["gpt2"] else tiny_base()[0].state_dict()
    far = distance(weights, base) if base else 0.5
    if far == 0:
        hint = "These are the weights of the pretrained model: they were not trained."
    elif far > 0.6:  # fine-tuning moves them by 0.2 at most
        hint = (
            "These weights did not start from the pretrained model: load it with "
            "AutoModelForCausalLM.from_pretrained(profile.pretrained)."
        )
    else:
        hint = (
            "The model has begun to summarise, and its run stopped too early: take "
            "more steps, or a learning rate nearer to the profile's."
        )
    return wrong(hint, rouge1_on_new_dialogues=score, has_to_reach=enough)


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
        return *gpt2_with(weights), rows, ENOUGH["gpt2"]
    model, words = tiny_base()
    if shapes(weights) != shapes(model.state_dict()):
        raise CourseError(
            "These are weights of another model than the tiny base or GPT-2: a person "
            "gives the points."
        )
    load_weights(model, weights)
    return model, words, hidden["rows"], ENOUGH["tiny"]


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
