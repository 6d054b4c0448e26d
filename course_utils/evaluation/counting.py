"""Language models that only count: the opponents that a trained one has to beat.

A bigram model predicts the next token from one token before it, a 5-gram model from
four. Each mixes what it has counted with the next shorter model (Kneser-Ney smoothing).
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from course_utils.machine.errors import CourseError

if TYPE_CHECKING:
    from datasets import Dataset
    from transformers import PreTrainedTokenizerFast

    Blocks: TypeAlias = Dataset | Sequence[Mapping[str, Any]] | np.ndarray

ORDERS = {"unigram": 1, "bigram": 2, "trigram": 3, "5-gram": 5}
UNSEEN = -1  # the number of an n-gram that was not counted: each table's last entry


@dataclass(frozen=True)
class Smoothed:
    """One kind of count, discounted: what is kept, and what is left to shorter models.

    Attributes:
        kept: the probability of each n-gram's last token given those before it, without
            what was discounted; the last entry, for unseen n-grams, is 0.
        left: the share of each context that the next shorter model distributes; the
            last entry, for unseen contexts, is 1.
    """

    kept: np.ndarray
    left: np.ndarray

    @classmethod
    def of(cls, counts: np.ndarray, context: np.ndarray, contexts: int) -> "Smoothed":
        """Discount `counts`, shape (n-grams,), whose contexts have these numbers."""
        discount = np.minimum(_discounts(counts)[np.minimum(counts, 3)], counts)
        total = np.bincount(context, counts, contexts)
        # A context may have no counts: it stood at the end of the text only.
        safe = np.maximum(total, 1)
        kept = (counts - discount) / safe[context]
        left = np.bincount(context, discount, contexts) / safe
        left[total == 0] = 1
        # Half the memory, and as exact as a sum of probabilities has to be.
        ends = (np.append(kept, 0), np.append(left, 1))
        return cls(*(table.astype(np.float32) for table in ends))

    def mix(
        self, gram: np.ndarray, context: np.ndarray, shorter: np.ndarray
    ) -> np.ndarray:
        """Return probabilities, given those of the next shorter model."""
        return self.kept[gram] + self.left[context] * shorter


@dataclass(frozen=True)
class Level:
    """All n-grams of one length.

    Attributes:
        keys: context * vocab_size + last token for each n-gram, sorted, where context
            is the number of the n - 1 tokens before the last. An n-gram's number is its
            place here.
        counts: by how often each occurs; used where no longer n-gram is asked.
        continuations: by how many different tokens each follows; used where a longer
            n-gram is mixed with this one. None for the longest.
    """

    keys: np.ndarray
    counts: Smoothed
    continuations: Smoothed | None = None


@dataclass(frozen=True)
class CountingModel:
    """Interpolated Kneser-Ney n-grams with three discounts ("modified").

    Where fewer than `order` - 1 tokens stand before a token, as at the start of a
    block, the model of the right shorter order takes over.

    Sources: Kneser and Ney (1995), "Improved backing-off for m-gram language modeling";
    Chen and Goodman (1999), "An empirical study of smoothing techniques for language
    modeling", section 3.
    """

    vocab_size: int
    levels: tuple[Level, ...]

    @property
    def order(self) -> int:
        """The longest n-gram, in tokens."""
        return len(self.levels)

    @classmethod
    def fit(cls, blocks: "Blocks", vocab_size: int, order: int = 5) -> "CountingModel":
        """Count the n-grams of 1 to `order` tokens.

        Args:
            blocks: token ids: one long text of shape (tokens,), or rows of one length,
                (blocks, block_size), or a data set of such rows in `input_ids`. No
                n-gram reaches over the end of a row.
            vocab_size: tokens in the vocabulary; each gets a probability above 0.
            order: the longest n-gram: 2 is a bigram model.

        Raises:
            CourseError: no token, rows of different lengths, a token outside the
                vocabulary, or an order below 1.
        """
        if order < 1:
            raise CourseError(f"order={order} does not fit: give 1 for unigrams, or 2.")
        tokens = block_ids(blocks, vocab_size)
        context, contexts = np.zeros_like(tokens), 1
        levels: list[Level] = []
        suffix = np.empty(0, dtype=np.int64)
        for n in range(1, order + 1):
            # A number fits into 32 bits, which saves memory; a key may not.
            every_key = context.astype(np.int64)
            every_key *= vocab_size
            every_key += tokens[:, n - 1 :]
            keys, counts, gram, some = _unique(every_key)
            if levels:
                # The tokens of each n-gram but its first, once for each n-gram.
                followed = np.bincount(suffix.ravel()[some], minlength=contexts)
                last = levels[-1]
                before = last.keys // vocab_size
                kind = Smoothed.of(followed, before, len(last.counts.left) - 1)
                levels[-1] = Level(last.keys, last.counts, kind)
            smoothed = Smoothed.of(counts, keys // vocab_size, contexts)
            levels.append(Level(keys, smoothed))
            context, suffix, contexts = gram[:, :-1], gram[:, 1:], len(keys)
        return cls(vocab_size, tuple(levels))

    def shorter(self, order: int) -> "CountingModel":
        """Return the model of a smaller order; nothing is counted again."""
        if not 1 <= order <= self.order:
            raise CourseError(f"order={order} does not fit: give 1 to {self.order}.")
        return CountingModel(self.vocab_size, self.levels[:order])

    def token_losses(self, blocks: "Blocks") -> np.ndarray:
        """Return the loss of each token of a block given those before it.

        Args:
            blocks: as in `fit`; a long text is one block.

        Returns:
            Nats, shape (blocks, block_size - 1): the first token is not predicted, as
            in `course_utils.evaluation.perplexity.token_losses`.
        """
        rows = block_ids(blocks, self.vocab_size)
        return -np.log(self._probabilities(rows)[:, 1:])

    def loss(self, blocks: "Blocks") -> float:
        """Return the mean loss per token, in nats."""
        losses = self.token_losses(blocks)
        if losses.size == 0:
            raise CourseError("nothing to score: blocks need at least two tokens.")
        return float(losses.mean())

    def perplexity(self, blocks: "Blocks") -> float:
        """Return exp of the mean loss per token."""
        return math.exp(self.loss(blocks))

    def next_token_probabilities(self, context: Sequence[int]) -> np.ndarray:
        """Return the probability of each token after `context`, shape (vocab_size,)."""
        known = min(len(context), self.order - 1)
        last = np.array(context[len(context) - known :], np.int64)
        every = np.arange(self.vocab_size)[:, None]
        rows = np.hstack([np.tile(last, (len(every), 1)), every])
        return self._probabilities(block_ids(rows, self.vocab_size))[:, -1]

    def write(
        self,
        tokenizer: "PreTrainedTokenizerFast",
        prompt: str,
        max_new_tokens: int = 40,
        *,
        top_k: int = 50,
        temperature: float = 0.8,
        seed: int = 0,
    ) -> str:
        """Return a sampled continuation of `prompt`, up to the end of a text.

        Args:
            tokenizer: the one whose ids were counted.
            prompt: what to continue.
            max_new_tokens: the most tokens to write.
            top_k: how many of the likeliest tokens to draw from.
            temperature: below 1, likely tokens become likelier still.
            seed: of the random draws.
        """
        random = np.random.default_rng(seed)
        ids = list(tokenizer(prompt)["input_ids"])
        start = len(ids)
        for _ in range(max_new_tokens):
            probabilities = self.next_token_probabilities(ids)
            likeliest = np.argsort(probabilities)[-top_k:]
            weights = probabilities[likeliest] ** (1 / temperature)
            ids.append(int(random.choice(likeliest, p=weights / weights.sum())))
            if ids[-1] == tokenizer.eos_token_id:
                ids.pop()
                break
        return tokenizer.decode(ids[start:])

    def _probabilities(self, rows: np.ndarray) -> np.ndarray:
        """Return the probability of each token given those before it in its row."""
        context = np.zeros_like(rows)
        shorter = np.full(rows.shape, 1 / self.vocab_size)
        result = np.empty(rows.shape)
        for n, level in enumerate(self.levels, start=1):
            gram = _find(level.keys, context * self.vocab_size + rows[:, n - 1 :])
            # A later, longer n-gram overwrites this for all but the nth token.
            result[:, n - 1 :] = level.counts.mix(gram, context, shorter)
            if n < self.order and level.continuations is not None:
                shorter = level.continuations.mix(gram, context, shorter)[:, 1:]
                context = gram[:, :-1]
        return result


def baseline_losses(
    model: CountingModel, blocks: "Blocks", names: Sequence[str] = tuple(ORDERS)
) -> dict[str, float]:
    """Return {name: mean loss in nats} of a 5-gram model and its shorter ones.

    Example:
        >>> model = CountingModel.fit(np.array([1, 2, 1, 2, 1, 2, 1]), vocab_size=4)
        >>> losses = baseline_losses(model, np.array([1, 2, 1, 2]))
        >>> losses["bigram"] < losses["unigram"]
        True
    """
    return {name: model.shorter(ORDERS[name]).loss(blocks) for name in names}


def bytes_per_token(blocks: "Blocks", tokenizer: "PreTrainedTokenizerFast") -> float:
    """Return the mean number of UTF-8 bytes of a predicted token.

    loss / ln(2) / bytes_per_token is a model's bits per byte on these blocks. The first
    token of a block is not predicted and not counted. `<|endoftext|>` counts as one
    byte: the line break that would stand in its place.

    Example:
        >>> from course_utils.model.gpt2 import load
        >>> _, tokenizer = load("tiny")
        >>> ids = tokenizer(" the the<|endoftext|>")["input_ids"]
        >>> bytes_per_token([{"input_ids": ids}], tokenizer)  # " the" has 4, the end 1
        2.5
    """
    rows = block_ids(blocks, len(tokenizer))
    # GPT-2's tokenizers spell a token with one character for each byte.
    spelled = tokenizer.convert_ids_to_tokens(range(len(tokenizer)))
    special = set(tokenizer.all_special_ids)
    lengths = [1 if i in special else len(text) for i, text in enumerate(spelled)]
    return float(np.array(lengths)[rows[:, 1:]].mean())


def _discounts(counts: np.ndarray) -> np.ndarray:
    """Return what is taken from a count of 0, of 1, of 2, and of 3 or more."""
    n = np.bincount(np.minimum(counts, 5), minlength=6)[:5].astype(float)
    if not n[1:].all():
        return np.array([0, 0.75, 0.75, 0.75])  # too little text to estimate them from
    y = n[1] / (n[1] + 2 * n[2])
    estimated = [k - (k + 1) * y * n[k + 1] / n[k] for k in (1, 2, 3)]
    # Something must be left for tokens that were never seen.
    return np.append(0, np.maximum(estimated, 0.1))


def _unique(
    keys: np.ndarray,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return sorted keys, their counts, each key's number, and a place of each key.

    `np.unique` would sort the places, too, which nobody needs here.
    """
    flat = keys.ravel()
    order = np.argsort(flat)
    ordered = flat[order]
    is_new = np.ones(len(flat), bool)
    is_new[1:] = ordered[1:] != ordered[:-1]
    starts = np.flatnonzero(is_new)
    counts = np.diff(starts, append=len(flat))
    number = np.empty(len(flat), np.int32)
    number[order] = np.repeat(np.arange(len(starts), dtype=np.int32), counts)
    return ordered[starts], counts, number.reshape(keys.shape), order[starts]


def _find(keys: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Return the place of each wanted key, or UNSEEN."""
    if len(keys) == 0:
        return np.full(wanted.shape, UNSEEN)
    place = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    return np.where(keys[place] == wanted, place, UNSEEN)


def block_ids(blocks: "Blocks", vocab_size: int) -> np.ndarray:
    """Return rows of token ids, int64 of shape (rows, length).

    Example:
        >>> rows = block_ids([{"input_ids": [1, 2, 3]}, {"input_ids": [0, 1, 2]}], 4)
        >>> rows.tolist()
        [[1, 2, 3], [0, 1, 2]]
    """
    if hasattr(blocks, "with_format"):
        blocks = blocks.with_format("numpy")["input_ids"][:]
    elif len(blocks) and isinstance(blocks[0], Mapping):
        blocks = [row["input_ids"] for row in blocks]
    try:
        rows = np.atleast_2d(np.asarray(blocks, dtype=np.int64))
    except ValueError as error:
        raise CourseError(
            "rows differ in length: give blocks, as pack() does."
        ) from error
    if rows.ndim != 2 or rows.size == 0:
        raise CourseError("give token ids, as one long row or as blocks of one length.")
    if rows.min() < 0 or rows.max() >= vocab_size:
        raise CourseError(
            f"a token id is outside the vocabulary of {vocab_size}: use the tokenizer "
            "that belongs to it."
        )
    return rows
