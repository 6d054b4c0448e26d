"""How good is a language model? Its perplexity, and its bits per byte."""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

from course_utils.data.summaries import IGNORED
from course_utils.machine.errors import CourseError

if TYPE_CHECKING:
    import torch
    from datasets import Dataset
    from transformers import PreTrainedModel, PreTrainedTokenizerFast

    from course_utils.evaluation.counting import CountingModel

Batch = dict[str, np.ndarray]


@contextmanager
def evaluating(model: "PreTrainedModel") -> Iterator[None]:
    """Switch dropout and gradients off; restore the model's mode afterwards.

    Example:
        >>> from course_utils.model.gpt2 import load
        >>> model = load("tiny")[0].train()
        >>> with evaluating(model):
        ...     inside = model.training
        >>> inside, model.training
        (False, True)
    """
    import torch

    was_training = model.training
    model.eval()
    try:
        with torch.inference_mode():
            yield
    finally:
        model.train(was_training)


def token_losses(
    model: "PreTrainedModel",
    input_ids: "torch.Tensor",
    labels: "torch.Tensor",
    **inputs: "torch.Tensor",
) -> "torch.Tensor":
    """Return the loss of each token given those before it.

    Args:
        model: a causal language model.
        input_ids: shape (batch, length).
        labels: shape (batch, length), not shifted; -100 is not scored.
        **inputs: other inputs of the model, such as attention_mask.

    Returns:
        Losses in nats, float32 of shape (batch, length - 1); 0 where the label is -100.

    Example:
        >>> import torch
        >>> from course_utils.model.gpt2 import load
        >>> model, _ = load("tiny")
        >>> ids = torch.tensor([[5, 6, 7]])
        >>> token_losses(model, ids, ids).shape
        torch.Size([1, 2])
    """
    from torch.nn.functional import cross_entropy

    logits = model(input_ids=input_ids, use_cache=False, **inputs).logits
    # Half precision is too coarse for a sum over a whole vocabulary.
    return cross_entropy(
        logits[:, :-1].float().transpose(1, 2),
        labels[:, 1:],
        ignore_index=IGNORED,
        reduction="none",
    )


def perplexity(
    model: "PreTrainedModel",
    dataset: "Dataset | Sequence[Mapping[str, Any]]",
    *,
    batch_size: int = 8,
) -> float:
    """Return the perplexity: exp of the mean loss per token, which is in nats.

    The mean is over all scored tokens: a mean of batch means would give the tokens of a
    short batch more weight. The first token of a row has no context and is not scored.

    Args:
        model: a causal language model.
        dataset: rows with input_ids, and perhaps labels (-100 is not scored) and
            attention_mask (0 is padding). Rows may differ in length.
        batch_size: rows at a time.

    Raises:
        CourseError: there are no rows, no input_ids, or no tokens to score; or a token
            is outside of the vocabulary.

    Example:
        >>> from course_utils.model.gpt2 import load
        >>> model, _ = load("tiny")
        >>> for weight in model.parameters():  # a model that knows nothing guesses
        ...     _ = weight.data.zero_()
        >>> round(perplexity(model, [{"input_ids": [5, 6, 7]}]))  # all 2,048 tokens
        2048
    """
    rows = len(dataset)
    if rows == 0 or "input_ids" not in dataset[0]:
        raise CourseError("give rows with input_ids, such as the result of pack().")
    batches = (
        _pad([dataset[i] for i in range(start, min(start + batch_size, rows))])
        for start in range(0, rows, batch_size)
    )
    nats, tokens = _total(model, batches)
    return float(np.exp(nats / tokens))


def losses_by_position(
    model: "PreTrainedModel | CountingModel",
    blocks: "Dataset | Sequence[Mapping[str, Any]]",
    *,
    batch_size: int = 8,
) -> np.ndarray:
    """Return the mean loss at each position of a block: what context is worth.

    Args:
        model: a causal language model, or one that counts.
        blocks: rows with input_ids, all of one length.
        batch_size: rows at a time.

    Returns:
        Nats, shape (block_size - 1,). Entry i is the loss of token i + 1, which has
        i + 1 tokens before it. The mean of all is the logarithm of the perplexity.

    Raises:
        CourseError: no rows, or rows of different lengths.

    Example:
        >>> from course_utils.evaluation.counting import CountingModel
        >>> model = CountingModel.fit(np.array([1, 2, 1, 3] * 5), vocab_size=4)
        >>> losses = losses_by_position(model, [{"input_ids": [1, 2, 1, 3]}]).tolist()
        >>> len(losses)
        3
        >>> losses[2] < losses[0]  # after 1 comes 2 or 3, but after 1, 2, 1 comes 3
        True
    """
    import torch

    from course_utils.evaluation.counting import CountingModel, block_ids

    if isinstance(model, CountingModel):
        return model.token_losses(blocks).mean(axis=0)
    rows = torch.from_numpy(block_ids(blocks, model.config.vocab_size))
    total = np.zeros(rows.shape[1] - 1)
    with evaluating(model):
        for batch in rows.split(batch_size):
            batch = batch.to(model.device)
            total += token_losses(model, batch, batch).double().sum(dim=0).cpu().numpy()
    return total / len(rows)


def sliding_perplexity(
    model: "PreTrainedModel",
    input_ids: Sequence[int],
    *,
    block_size: int | None = None,
    stride: int | None = None,
    batch_size: int = 8,
) -> float:
    """Return the perplexity of one long text, read through a sliding window.

    Every token but the first is scored once, with at least `block_size - stride` tokens
    before it (all there are, near the start). A small stride gives more context and
    takes more time.

    Args:
        model: a causal language model.
        input_ids: the token ids of the text, shape (tokens,).
        block_size: tokens in a window; None means the model's positions.
        stride: tokens the window moves by; None means half a window.
        batch_size: windows at a time.

    Raises:
        CourseError: there are fewer than two tokens, or the sizes do not fit.

    Example:
        >>> from course_utils.model.gpt2 import load
        >>> model, _ = load("tiny")
        >>> for weight in model.parameters():  # a model that knows nothing
        ...     _ = weight.data.zero_()
        >>> round(sliding_perplexity(model, [5, 6, 7, 8], block_size=3, stride=1))
        2048

    Source: https://huggingface.co/docs/transformers/perplexity
    """
    nats, tokens = _sliding_total(model, input_ids, block_size, stride, batch_size)
    return float(np.exp(nats / tokens))


def bits_per_byte(
    model: "PreTrainedModel",
    tokenizer: "PreTrainedTokenizerFast",
    text: str,
    *,
    block_size: int | None = None,
    stride: int | None = None,
    batch_size: int = 8,
) -> float:
    """Return the bits the model needs for one UTF-8 byte of `text`.

    Unlike perplexity per token, it can be compared between tokenizers: fewer, longer
    tokens do not make a model look worse. The first token follows an eos token.

    Args:
        model: a causal language model.
        tokenizer: its tokenizer.
        text: what to score.
        block_size: as in `sliding_perplexity`.
        stride: as in `sliding_perplexity`.
        batch_size: as in `sliding_perplexity`.

    Raises:
        CourseError: the text is empty, or the sizes do not fit.

    Example:
        >>> from course_utils.model.gpt2 import load
        >>> model, tokenizer = load("tiny-summariser")
        >>> 0 < bits_per_byte(model, tokenizer, "Ann: Are you free at six?") < 8
        True

    Source: Gao et al., "The Pile" (2020), section 3.1.
    """
    if not isinstance(text, str) or not text:
        raise CourseError("bits per byte needs a text that is not empty.")
    ids = tokenizer(text, add_special_tokens=False, verbose=False)["input_ids"]
    ids = [tokenizer.eos_token_id, *ids]
    nats, _ = _sliding_total(model, ids, block_size, stride, batch_size)
    return nats / math.log(2) / len(text.encode())


def _sliding_total(
    model: "PreTrainedModel",
    input_ids: Sequence[int],
    block_size: int | None,
    stride: int | None,
    batch_size: int,
) -> tuple[float, int]:
    ids = np.asarray(input_ids, dtype=np.int64)
    positions = model.config.max_position_embeddings
    block_size = positions if block_size is None else block_size
    stride = max(1, block_size // 2) if stride is None else stride
    if ids.ndim != 1 or len(ids) < 2:
        raise CourseError("give one text of at least two tokens: a flat list of ids.")
    if not 2 <= block_size <= positions:
        raise CourseError(
            f"block_size={block_size} does not fit: the model has {positions} "
            f"positions, so give 2 to {positions}."
        )
    if not 1 <= stride < block_size:
        # With stride = block_size the first token of a window would have no context.
        raise CourseError(f"stride={stride} does not fit: give 1 to {block_size - 1}.")
    # The last window is the first one to reach the end of the text.
    count = 1 + max(0, math.ceil((len(ids) - block_size) / stride))
    starts = [stride * k for k in range(count)]
    windows = [{"input_ids": ids[s : s + block_size]} for s in starts]
    for window in windows:
        window["labels"] = window["input_ids"].copy()
    for window in windows[1:]:
        window["labels"][: block_size - stride] = IGNORED
    batches = (_pad(windows[i : i + batch_size]) for i in range(0, count, batch_size))
    return _total(model, batches)


def _total(model: "PreTrainedModel", batches: Iterable[Batch]) -> tuple[float, int]:
    """Return the sum of the losses, in nats, and the number of tokens scored."""
    import torch

    nats, tokens = 0.0, 0
    with evaluating(model):
        for batch in batches:
            size = model.config.vocab_size
            if batch["input_ids"].max() >= size or batch["input_ids"].min() < 0:
                raise CourseError(
                    f"a token id is outside the model's vocabulary of {size}: use the "
                    "tokenizer that belongs to the model."
                )
            tensors = {
                name: torch.from_numpy(array).to(model.device)
                for name, array in batch.items()
            }
            nats += token_losses(model, **tensors).double().sum().item()
            tokens += int((batch["labels"][:, 1:] != IGNORED).sum())
    if tokens == 0:
        raise CourseError("nothing to score: every label is -100, or rows are short.")
    return nats, tokens


def _pad(rows: Sequence[Mapping[str, Any]]) -> Batch:
    """Stack rows of any length; padding is on the right and not scored."""
    width = max(len(row["input_ids"]) for row in rows)
    shape = (len(rows), width)
    input_ids = np.zeros(shape, dtype=np.int64)
    attention_mask = np.zeros(shape, dtype=np.int64)
    labels = np.full(shape, IGNORED, dtype=np.int64)
    for i, row in enumerate(rows):
        length = len(row["input_ids"])
        input_ids[i, :length] = row["input_ids"]
        labels[i, :length] = row.get("labels", row["input_ids"])
        attention_mask[i, :length] = row.get("attention_mask", 1)
    labels[attention_mask == 0] = IGNORED
    batch = {"input_ids": input_ids, "labels": labels}
    if (attention_mask == 0).any():
        # Positions count the real tokens, so padding on the left does no harm either.
        positions = np.maximum(attention_mask.cumsum(axis=1) - 1, 0)
        batch |= {"attention_mask": attention_mask, "position_ids": positions}
    return batch
