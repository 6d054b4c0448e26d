import math

import numpy as np
import pytest
import torch
from datasets import Dataset
from hypothesis import given, settings
from hypothesis import strategies as st

from course_utils.evaluation.perplexity import (
    bits_per_byte,
    perplexity,
    sliding_perplexity,
    token_losses,
)
from course_utils.evaluation.summary_scores import lead, summary_scores
from course_utils.machine.errors import CourseError

IDS = np.random.default_rng(0).integers(1, 2048, size=300)


def sharp(model):
    """Make random weights disagree: losses far apart show a wrong mean."""
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.mul_(4)
    return model


@pytest.fixture
def model(tiny_model):
    return sharp(tiny_model)


def own_loss(model, ids, labels=None):
    """GPT2LMHeadModel's own loss on one row."""
    ids = torch.tensor(np.asarray(ids))[None]
    labels = ids if labels is None else torch.tensor(np.asarray(labels))[None]
    with torch.no_grad():
        return model(ids, labels=labels).loss.item()


def test_token_losses_are_the_models_own(model):
    ids = torch.tensor(IDS[:64].reshape(2, 32))
    losses = token_losses(model, ids, ids)
    assert losses.shape == (2, 31)
    assert losses.mean().item() == pytest.approx(model(ids, labels=ids).loss.item())


def test_perplexity_of_blocks_is_exp_of_the_models_own_loss(model):
    blocks = IDS[:256].reshape(8, 32)
    expected = np.mean([own_loss(model, block) for block in blocks])
    data = Dataset.from_dict({"input_ids": blocks, "labels": blocks})
    for batch_size in (1, 3, 8):
        value = perplexity(model, data, batch_size=batch_size)
        assert math.log(value) == pytest.approx(expected, abs=1e-5)
    assert isinstance(value, float)
    torch_rows = data.with_format("torch")
    assert perplexity(model, torch_rows) == pytest.approx(value)


def test_perplexity_weights_tokens_not_rows(model):
    rows = [IDS[:5], IDS[5:65], IDS[65:68]]
    sums = [own_loss(model, row) * (len(row) - 1) for row in rows]
    expected = sum(sums) / sum(len(row) - 1 for row in rows)
    data = Dataset.from_dict({"input_ids": [list(row) for row in rows]})
    for batch_size in (1, 2, 3):
        value = perplexity(model, data, batch_size=batch_size)
        assert math.log(value) == pytest.approx(expected, abs=1e-5)
    mean_of_means = np.mean([own_loss(model, row) for row in rows])
    assert abs(mean_of_means - expected) > 0.1


@pytest.mark.parametrize("side", ["left", "right"])
def test_perplexity_leaves_out_padding_and_ignored_labels(model, side):
    rows, pad = [IDS[:9], IDS[20:60]], 0
    labels = [np.where(np.arange(len(row)) < 4, -100, row) for row in rows]
    sums = [
        own_loss(model, row, y) * (len(row) - 4)
        for row, y in zip(rows, labels, strict=True)
    ]

    def padded(values, fill):
        gap = [fill] * (40 - len(values))
        return gap + list(values) if side == "left" else list(values) + gap

    data = Dataset.from_dict(
        {
            "input_ids": [padded(row, pad) for row in rows],
            "attention_mask": [padded([1] * len(row), 0) for row in rows],
            # A padded label that someone forgot to set to -100 is not scored either.
            "labels": [padded(y, pad) for y in labels],
        }
    )
    expected = sum(sums) / (5 + 36)
    assert math.log(perplexity(model, data)) == pytest.approx(expected, abs=1e-5)


def direct_sliding(model, ids, block_size, stride):
    """One token at a time, each with the context that its window gives."""
    losses = []
    for t in range(1, len(ids)):
        window = max(0, math.ceil((t + 1 - block_size) / stride))
        context = torch.tensor(ids[window * stride : t])[None]
        with torch.no_grad():
            logits = model(context).logits[0, -1]
        losses.append(-logits.log_softmax(-1)[ids[t]].item())
    return math.exp(np.mean(losses))


@pytest.mark.parametrize(
    ("length", "block_size", "stride"),
    [(100, 32, 16), (100, 32, 31), (97, 32, 1), (32, 32, 16), (33, 32, 8), (7, 32, 4)],
)
def test_sliding_perplexity_is_the_direct_one(model, length, block_size, stride):
    ids = IDS[:length]
    expected = direct_sliding(model, ids, block_size, stride)
    for batch_size in (1, 4):
        value = sliding_perplexity(
            model, ids, block_size=block_size, stride=stride, batch_size=batch_size
        )
        assert value == pytest.approx(expected, rel=1e-4)


class Recorder(torch.nn.Module):
    """A stand-in model whose loss on token i is always i."""

    def __init__(self, size):
        super().__init__()
        self.size = size
        self.config = type("C", (), {"vocab_size": size, "max_position_embeddings": 64})
        self.device = torch.device("cpu")

    def forward(self, input_ids, **inputs):
        # Logits whose cross-entropy at token i is i plus a constant.
        logits = -torch.arange(self.size, dtype=torch.float64)
        return type("Output", (), {"logits": logits.expand(*input_ids.shape, -1)})


@settings(max_examples=60, deadline=None)
@given(st.integers(2, 120), st.integers(2, 64), st.data())
def test_sliding_scores_each_token_once(length, block_size, data):
    stride = data.draw(st.integers(1, block_size - 1))
    model = Recorder(128)
    ids = np.random.default_rng(length).permutation(128)[:length]
    value = sliding_perplexity(model, ids, block_size=block_size, stride=stride)
    constant = torch.logsumexp(-torch.arange(128.0), 0).item()
    expected = ids[1:].mean() + constant
    assert math.log(value) == pytest.approx(expected, rel=1e-4, abs=1e-4)


def test_mode_is_restored_and_dropout_is_off():
    from transformers import GPT2LMHeadModel, set_seed

    from course_utils.model.gpt2 import preset

    set_seed(0)
    model = GPT2LMHeadModel(preset("tiny", n_layer=1, n_embd=32, embd_pdrop=0.5))
    values = []
    for training in (True, False):
        model.train(training)
        values.append(sliding_perplexity(model, IDS, block_size=64))
        assert model.training is training
    assert values[0] == values[1]
    model.train()
    model(
        torch.tensor(IDS[:9])[None], labels=torch.tensor(IDS[:9])[None]
    ).loss.backward()


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_half_precision_models_are_summed_in_float32(tiny_model, dtype):
    expected = sliding_perplexity(tiny_model, IDS, block_size=64)
    value = sliding_perplexity(tiny_model.to(dtype), IDS, block_size=64)
    assert value == pytest.approx(expected, rel=0.01)
    ids = torch.tensor(IDS[:64])[None]
    with torch.no_grad():
        losses = token_losses(tiny_model, ids, ids)
        log_probabilities = tiny_model(ids).logits.float().log_softmax(-1)
    chosen = log_probabilities[0, torch.arange(63), ids[0, 1:]]
    assert torch.allclose(losses[0], -chosen, atol=1e-6)


def test_random_weights_guess_uniformly(tiny_model):
    value = sliding_perplexity(tiny_model, IDS)
    assert math.log(value) == pytest.approx(math.log(2048), abs=0.1)


def test_bits_per_byte_counts_every_byte(tiny_model, tokenizer):
    text = "Grüße! 猫 sat on a mat. " * 4
    ids = [tokenizer.eos_token_id, *tokenizer(text)["input_ids"]]
    nats = own_loss(tiny_model, ids) * (len(ids) - 1)
    expected = nats / math.log(2) / len(text.encode("utf-8"))
    assert bits_per_byte(tiny_model, tokenizer, text) == pytest.approx(expected)


def test_bits_per_byte_does_not_depend_on_the_tokenizer(tokenizer):
    """A model that knows nothing needs the same bits, however long its tokens are."""
    from course_utils.data.tokens import train_bpe

    text = "to be or not to be that is the question " * 5
    values = []
    for own in (tokenizer, train_bpe([text], 300)):
        model = Recorder(2048)
        # One fixed cost for each byte: 3 nats.
        costs = torch.tensor(
            [3.0 * len(own.decode([i]).encode()) for i in range(len(own))]
            + [50.0] * (2048 - len(own))
        )
        model.forward = lambda input_ids, costs=costs, **_: type(
            "Output", (), {"logits": (-costs).expand(*input_ids.shape, -1)}
        )
        constant = torch.logsumexp(-costs, 0).item() * len(own(text)["input_ids"])
        bits = bits_per_byte(model, own, text)
        values.append(bits - constant / math.log(2) / len(text))
    assert values == pytest.approx([3 / math.log(2)] * 2, rel=1e-3)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda m, t: perplexity(m, []), "give rows with input_ids"),
        (lambda m, t: perplexity(m, [{"text": "a"}]), "give rows with input_ids"),
        (lambda m, t: perplexity(m, [{"input_ids": [1]}]), "nothing to score"),
        (lambda m, t: perplexity(m, [{"input_ids": [1, 2048]}]), "outside the model's"),
        (lambda m, t: sliding_perplexity(m, [1]), "at least two tokens"),
        (lambda m, t: sliding_perplexity(m, [[1, 2]]), "a flat list"),
        (lambda m, t: sliding_perplexity(m, IDS, block_size=257), "give 2 to 256"),
        (lambda m, t: sliding_perplexity(m, IDS, block_size=1), "give 2 to 256"),
        (
            lambda m, t: sliding_perplexity(m, IDS, block_size=32, stride=32),
            "give 1 to 31",
        ),
        (lambda m, t: bits_per_byte(m, t, ""), "not empty"),
        (lambda m, t: summary_scores(["a"], []), "1 predictions against 0"),
    ],
)
def test_bad_input_is_named(tiny_model, tokenizer, call, message):
    with pytest.raises(CourseError, match=message):
        call(tiny_model, tokenizer)


def test_lead_takes_the_first_turns():
    dialogue = "Anna: Hi!\r\n\nTom: Hello.\nAnna: Lunch?\nTom: Yes."
    assert lead(dialogue) == "Anna: Hi! Tom: Hello. Anna: Lunch?"
    assert lead(dialogue, n=1) == "Anna: Hi!"
    assert lead("") == ""


def test_summary_scores_count_names_and_slots():
    rows = [
        {
            "summary": "Anna meets Tom at noon.",
            "references": ["Anna meets Tom at noon.", "Tom sees Anna at noon."],
            "names": ["Anna", "Tom"],
            "slots": ["noon"],
        },
        {
            "summary": "Anna buys milk and bread.",
            "references": ["Anna buys milk and bread."],
            "names": ["Anna"],
            "slots": ["milk", "bread"],
        },
    ]
    scores = summary_scores(["Tom sees Anna at noon.", "Tom buys bread."], rows)
    assert scores["names"] == 50
    assert scores["slots"] == pytest.approx(100 * 2 / 3)
    assert scores["n"] == 2
    # The second: 2 of 3 words against 2 of 5, so F = 2 * 2 / (3 + 5).
    assert scores["rouge1"] == pytest.approx((100 + 50) / 2)
    rouges = ["rouge1", "rouge2", "rougeL"]
    assert list(scores) == [*rouges, "names", "invented", "slots", "n"]


def test_right_people_are_exactly_those_of_a_reference():
    row = {
        "dialogue": "Will: I will be late\nZuzu: ok, tell Anna",
        "references": ["Will tells Zuzu that Will is late.", "Will is late."],
        "names": ["Will"],
    }

    def scores(text):
        found = summary_scores([text], [row])
        return found["names"], found["invented"]

    assert scores("Will is late.") == (100, 0)
    assert scores("Will is late, says Zuzu.") == (100, 0)
    assert scores("He will be late.") == (0, 0)  # a verb is no name
    assert scores("Will and Anna are late.") == (0, 0)  # nobody's reference has Anna
    assert scores("Zuzu is late.") == (0, 0)
    assert scores("Will meets Peter.") == (0, 100)
    assert scores("Will told Marlow so.") == (0, 100)  # by where the word stands


def test_summary_scores_without_names_and_slots():
    rows = Dataset.from_dict({"summary": ["a cat sat"]})
    scores = summary_scores(["a cat sat"], rows)
    assert scores["names"] is scores["invented"] is None
    assert scores["slots"] is None
    assert scores["rougeL"] == 100
