import math
from collections import Counter, defaultdict

import numpy as np
import pytest
from datasets import Dataset
from hypothesis import given, settings
from hypothesis import strategies as st
from pace import at_most

from course_utils.data.tokens import blocks, token_ids
from course_utils.evaluation.counting import (
    CountingModel,
    baseline_losses,
    bytes_per_token,
)
from course_utils.evaluation.perplexity import bits_per_byte, losses_by_position
from course_utils.machine.errors import CourseError


class SlowKneserNey:
    """The formulas of Chen and Goodman (1999), with dictionaries, token by token."""

    def __init__(self, rows, vocab_size, order):
        self.vocab_size, self.order = vocab_size, order
        self.seen = defaultdict(Counter)  # length -> {n-gram: how often}
        for row in rows:
            for n in range(1, order + 1):
                for i in range(len(row) - n + 1):
                    self.seen[n][tuple(row[i : i + n])] += 1
        self.follows = defaultdict(Counter)  # length -> {n-gram: left neighbours}
        for n in range(2, order + 1):
            for gram in self.seen[n]:
                self.follows[n - 1][gram[1:]] += 1

    def discounts(self, counts):
        n = Counter(counts.values())
        if not all(n[k] for k in (1, 2, 3, 4)):
            return [0, 0.75, 0.75, 0.75]
        y = n[1] / (n[1] + 2 * n[2])
        return [0] + [max(0.1, k - (k + 1) * y * n[k + 1] / n[k]) for k in (1, 2, 3)]

    def probability(self, context, token, longest=True):
        """P(token | context), the context being short enough to count."""
        n = len(context) + 1
        table = self.seen[n] if longest else self.follows[n]
        shorter = (
            self.probability(context[1:], token, longest=False)
            if context
            else 1 / self.vocab_size
        )
        here = {gram: c for gram, c in table.items() if gram[:-1] == context}
        total = sum(here.values())
        if total == 0:
            return shorter
        discounts = self.discounts(table)
        taken = sum(discounts[min(c, 3)] for c in here.values())
        count = here.get((*context, token), 0)
        kept = max(0, count - discounts[min(count, 3)])
        return kept / total + taken / total * shorter

    def losses(self, rows):
        return [
            [
                -math.log(
                    self.probability(tuple(row[max(0, i + 1 - self.order) : i]), t)
                )
                for i, t in enumerate(row)
                if i > 0
            ]
            for row in rows
        ]


def text(seed, rows, length, vocab_size):
    """Rows of tokens that like to follow one another, some far oftener than others."""
    random = np.random.default_rng(seed)
    steps = random.geometric(0.4, size=(rows, length))
    return steps.cumsum(axis=1) % vocab_size


@pytest.mark.parametrize("order", [1, 2, 3, 5])
def test_losses_are_those_of_a_slow_obvious_model(order):
    train, held_out = text(0, 12, 40, 11), text(1, 3, 12, 13)
    slow = SlowKneserNey(train.tolist(), 13, order)
    if order == 3:  # both ways to discount are tried: estimated, and by a constant
        assert slow.discounts(slow.seen[2]) != slow.discounts(slow.follows[1])
    model = CountingModel.fit(train, 13, order)
    losses = model.token_losses(held_out)
    assert losses.shape == (3, 11)
    np.testing.assert_allclose(losses, slow.losses(held_out.tolist()), rtol=1e-6)


rows_of_tokens = st.integers(1, 30).flatmap(
    lambda length: st.lists(
        st.lists(st.integers(0, 5), min_size=length, max_size=length),
        min_size=1,
        max_size=6,
    )
)


@settings(max_examples=150, deadline=None)
@given(rows_of_tokens, st.lists(st.integers(0, 7), max_size=6), st.integers(1, 5))
def test_probabilities_sum_to_one_after_any_context(train, context, order):
    model = CountingModel.fit(np.array(train), 8, order)  # 6 and 7 never occur
    probabilities = model.next_token_probabilities(context)
    assert probabilities.shape == (8,)
    assert probabilities.min() > 0
    assert probabilities.sum() == pytest.approx(1, abs=1e-6)


def test_probabilities_sum_to_one_after_every_context_that_was_seen():
    train = text(0, 40, 50, 30)
    model = CountingModel.fit(train, 32, 5)
    contexts = {tuple(row[i : i + 4]) for row in train.tolist() for i in range(46)}
    assert len(contexts) > 500
    sums = [model.next_token_probabilities(context).sum() for context in contexts]
    np.testing.assert_allclose(sums, 1, atol=1e-6)


@settings(max_examples=60, deadline=None)
@given(rows_of_tokens, st.integers(1, 5))
def test_a_tokens_loss_is_its_probability(train, order):
    model = CountingModel.fit(np.array(train), 8, order)
    row = train[0]
    losses = model.token_losses(np.array([row]))[0]
    for i in range(1, len(row)):
        probability = model.next_token_probabilities(row[:i])[row[i]]
        assert losses[i - 1] == pytest.approx(-math.log(probability), abs=1e-6)


def test_a_block_is_read_from_its_start():
    """As by GPT-2: what stood before the block is not known."""
    train, held_out = text(0, 40, 50, 30), text(1, 1, 40, 30)
    model = CountingModel.fit(train, 30, 5)
    whole, cut = model.token_losses(held_out), model.token_losses(held_out[:, 20:])
    assert whole[0, 20] != cut[0, 1]
    assert np.array_equal(whole[0, 23:], cut[0, 3:])
    for known in (1, 2, 3):  # the shorter model, not a 5-gram model with a hole
        shorter = model.shorter(known + 1).token_losses(held_out[:, 20:])
        assert cut[0, known - 1] == shorter[0, known - 1]


def test_a_shorter_model_is_the_one_fitted_so():
    train, held_out = text(0, 40, 50, 30), text(1, 5, 40, 30)
    model = CountingModel.fit(train, 30, 5)
    for order in range(1, 6):
        own = CountingModel.fit(train, 30, order)
        assert own.order == order
        assert own.perplexity(held_out) == model.shorter(order).perplexity(held_out)


def test_rows_are_counted_apart_and_one_text_as_a_whole():
    rows = np.array([[1, 2, 3], [4, 5, 6]])
    apart = CountingModel.fit(rows, 8, 2).next_token_probabilities([3])
    joined = CountingModel.fit(rows.ravel(), 8, 2).next_token_probabilities([3])
    assert joined[4] > 2 * apart[4]


def test_ids_of_gpt2s_size_do_not_collide():
    train = text(0, 40, 50, 30)
    small, large = (
        CountingModel.fit(train, 30),
        CountingModel.fit(train + 50_000, 50_257),
    )
    lost = large.token_losses(train + 50_000) - small.token_losses(train)
    assert np.abs(lost).max() < 0.3  # only the uniform floor differs
    assert large.next_token_probabilities([50_001] * 4).sum() == pytest.approx(1)


def test_baselines_of_packed_blocks():
    train, held_out = (blocks(text(seed, 40, 50, 30).ravel(), 16) for seed in (0, 1))
    model = CountingModel.fit(train, 30)
    losses = baseline_losses(model, held_out)
    assert list(losses) == ["unigram", "bigram", "trigram", "5-gram"]
    assert losses["unigram"] > losses["bigram"] + 1
    assert model.perplexity(held_out) == pytest.approx(math.exp(losses["5-gram"]))
    some = baseline_losses(model, held_out, ["bigram"])
    assert some == {"bigram": losses["bigram"]}


def test_losses_by_position_of_both_kinds_of_model(tiny_model):
    rows = text(1, 11, 40, 2048)
    data = Dataset.from_dict({"input_ids": rows, "labels": rows})
    from course_utils.evaluation.perplexity import perplexity

    counts = CountingModel.fit(rows, 2048, 3)
    for model, expected in (
        (tiny_model, perplexity(tiny_model, data)),
        (counts, counts.perplexity(data)),
    ):
        losses = losses_by_position(model, data)
        assert losses.shape == (39,)
        assert math.exp(losses.mean()) == pytest.approx(expected, rel=1e-5)
    assert losses[5] == pytest.approx(counts.token_losses(rows)[:, 5].mean())


def test_bytes_per_token_give_bits_per_byte(tiny_model, tokenizer):
    from course_utils.evaluation.perplexity import perplexity

    words = "Grüße! 猫 sat on a mat."
    ids = [tokenizer.eos_token_id, *tokenizer(words)["input_ids"]]
    row = [{"input_ids": ids}]
    size = bytes_per_token(row, tokenizer)
    assert size * (len(ids) - 1) == pytest.approx(len(words.encode()))
    bits = math.log(perplexity(tiny_model, row)) / math.log(2) / size
    assert bits == pytest.approx(bits_per_byte(tiny_model, tokenizer, words))
    ended = [{"input_ids": [*ids, tokenizer.eos_token_id]}]
    size = bytes_per_token(ended, tokenizer) * len(ids)
    assert size == pytest.approx(len(words.encode()) + 1)


def test_it_writes_what_it_has_read_and_stops_at_an_end(tokenizer):
    ids = token_ids(["A: How are you?\nB: Fine, and you?"] * 20, tokenizer)
    model = CountingModel.fit(ids, len(tokenizer))
    written = model.write(tokenizer, "A: How", top_k=1)
    assert written == " are you?\nB: Fine, and you?"
    several = {model.write(tokenizer, "A:", temperature=3, seed=i) for i in range(5)}
    assert len(several) > 1
    assert model.write(tokenizer, "A:", seed=1) == model.write(tokenizer, "A:", seed=1)
    assert (
        len(tokenizer(model.write(tokenizer, "", 5, temperature=9))["input_ids"]) <= 6
    )


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: CountingModel.fit([], 8), "give token ids"),
        (lambda: CountingModel.fit([[1, 2], [3]], 8), "rows differ in length"),
        (lambda: CountingModel.fit([1, 8], 8), "outside the vocabulary of 8"),
        (lambda: CountingModel.fit([-1, 2], 8), "outside the vocabulary of 8"),
        (lambda: CountingModel.fit([1, 2], 8, 0), "order=0 does not fit"),
        (lambda: CountingModel.fit([1, 2], 8, 2).shorter(3), "give 1 to 2"),
        (lambda: CountingModel.fit([1, 2], 8).perplexity([[1]]), "nothing to score"),
        (
            lambda: CountingModel.fit([1, 2], 8).next_token_probabilities([9]),
            "outside the vocabulary",
        ),
    ],
)
def test_bad_input_is_named(call, message):
    with pytest.raises(CourseError, match=message):
        call()


def test_a_lessons_text_is_counted_in_seconds():
    """4 million tokens take 3 CPU seconds and 450 MB; the bounds leave room."""
    random = np.random.default_rng(0)
    ids = (random.pareto(1.0, size=4_000_000) * 20).astype(np.int64) % 2048
    with at_most(10):
        model = CountingModel.fit(ids, 2048)
    assert model.next_token_probabilities(ids[:4]).sum() == pytest.approx(1)
