"""Generate text for many prompts at once, and compare texts in a table."""

import warnings
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass
from functools import cache
from itertools import takewhile
from typing import TYPE_CHECKING, Any

from course_utils.data.people import (
    PLACEHOLDERS,
    Replaced,
    placeholders,
    restore,
)
from course_utils.data.summaries import prompt
from course_utils.evaluation.perplexity import evaluating
from course_utils.machine.errors import CourseError
from course_utils.machine.progress import progress_bar

if TYPE_CHECKING:
    import pandas as pd
    import torch
    from transformers import (
        GenerationConfig,
        PreTrainedModel,
        PreTrainedTokenizerFast,
    )

# How the next token is chosen: arguments of transformers' GenerationConfig.
# Top-k: Fan et al. (2018); top-p: Holtzman et al. (2020).
STRATEGIES: dict[str, dict[str, Any]] = {
    "greedy": {"do_sample": False},
    "temperature": {"do_sample": True, "temperature": 0.8, "top_k": 0, "top_p": 1.0},
    "top-k": {"do_sample": True, "temperature": 1.0, "top_k": 50, "top_p": 1.0},
    "top-p": {"do_sample": True, "temperature": 1.0, "top_k": 0, "top_p": 0.95},
    "beam": {"do_sample": False, "num_beams": 4, "early_stopping": True},
}

# Finished rows leave the batch every so many tokens. A smaller number saves work on
# them, a larger one saves the cost of starting `model.generate` anew.
RETIRE_EVERY = 8
# With these options a continuation does not depend on where `model.generate` started.
_STEPWISE = {"do_sample", "temperature", "top_k", "top_p"}
# One text a prompt comes back, so these are not for the caller to set.
_OURS = {"max_length", "num_return_sequences", "return_dict_in_generate"}


def generate(
    model: "PreTrainedModel",
    tokenizer: "PreTrainedTokenizerFast",
    prompts: Sequence[str],
    *,
    max_new_tokens: int = 40,
    strategy: str = "greedy",
    batch_size: int = 64,
    progress: bool = True,
    seed: int | None = None,
    stop: str | Sequence[str] = (),
    forbidden: Sequence[Collection[int]] = (),
    **options: Any,
) -> list[str]:
    """Continue each prompt with `model.generate`, in batches padded on the left.

    Greedy text is the same as it would be with one prompt at a time. Prompts of similar
    length share a batch, and a row leaves its batch when it is finished.

    Args:
        model: a causal language model; its mode (train or eval) is restored.
        tokenizer: its eos token ends a row and starts an empty prompt.
        prompts: texts to continue. The start of a prompt is cut off, with a warning, if
            prompt and new tokens together exceed the model's positions.
        max_new_tokens: length of a continuation, in tokens.
        strategy: a key of STRATEGIES: greedy, temperature, top-k, top-p, beam.
        batch_size: prompts at a time.
        progress: show a bar if it takes over two seconds.
        seed: for the strategies that sample; the global random state is restored.
        stop: texts such as "\\n" at which a continuation is cut off. A line break
            before its first word does not count.
        forbidden: for each prompt, the ids of tokens that may not follow; () for none.
        **options: fields of GenerationConfig, such as temperature=0.7 or num_beams=8.

    Returns:
        The continuations without their prompts, in the order of the prompts.

    Raises:
        CourseError: a strategy or option is unknown, a prompt is not a text, or
            max_new_tokens leaves no room for a prompt.

    Example:
        >>> from course_utils.model.gpt2 import load
        >>> model, tokenizer = load("tiny-summariser")
        >>> texts = generate(model, tokenizer, ["Ann: Hi!", "Ben:"], max_new_tokens=3)
        >>> len(texts)
        2
    """
    stops = [stop] if isinstance(stop, str) else list(stop)
    prompt_ids = _encode(model, tokenizer, prompts, max_new_tokens)
    config = _config(tokenizer, max_new_tokens, strategy, options)
    order = sorted(range(len(prompt_ids)), key=lambda i: len(prompt_ids[i]))
    texts = [""] * len(order)

    def decode(new_ids: list[int]) -> str:
        return tokenizer.decode(
            new_ids, skip_special_tokens=True, clean_up_tokenization_spaces=False
        )

    def is_stopped(new_ids: list[int]) -> bool:
        text = decode(new_ids) if stops else ""
        return _cut(text, stops) != text

    with (
        evaluating(model),
        _seeded(seed),
        progress_bar(len(order), "generating", show=progress) as advance,
    ):
        for start in range(0, len(order), batch_size):
            rows = order[start : start + batch_size]
            batch = [prompt_ids[row] for row in rows]
            banned = [forbidden[row] for row in rows] if forbidden else []
            for finished in _continue(
                model, batch, banned, config, options, is_stopped
            ):
                for index, new_ids in finished.items():
                    texts[rows[index]] = _cut(decode(new_ids), stops)
                advance(len(finished))
    return texts


@dataclass(frozen=True)
class Choice:
    """A token that a model has written, and what else it could have been.

    Attributes:
        token: its text.
        probability: the model's, before any strategy.
        likely: the most likely tokens at this place, each with its probability.
    """

    token: str
    probability: float
    likely: list[tuple[str, float]]


def stream(
    model: "PreTrainedModel",
    tokenizer: "PreTrainedTokenizerFast",
    prompt: str,
    say: Callable[[str], None],
    *,
    max_new_tokens: int = 40,
    strategy: str = "greedy",
    seed: int | None = None,
    alternatives: int = 0,
    **options: Any,
) -> list[Choice]:
    """Continue one prompt and say each word as soon as it is there.

    Args:
        model: a causal language model; its mode (train or eval) is restored.
        tokenizer: its tokenizer.
        prompt: see `generate`.
        say: called with each new piece of the text.
        max_new_tokens: length of the continuation, in tokens.
        strategy: a key of STRATEGIES, except for beam, which has no next token.
        seed: as in `generate`, whose text this is.
        alternatives: how many of the most likely tokens a Choice holds.
        **options: fields of GenerationConfig.

    Returns:
        The tokens in order; none if `alternatives` is 0.

    Raises:
        CourseError: see `generate`; or the strategy is beam.

    Example:
        >>> from course_utils.model.gpt2 import load
        >>> model, tokenizer = load("tiny-base")
        >>> pieces = []
        >>> found = stream(model, tokenizer, "Ann: Hi!", pieces.append,
        ...                max_new_tokens=3, alternatives=2)
        >>> len(found), len(found[0].likely)
        (3, 2)
    """
    import torch
    from transformers import TextStreamer

    class Teller(TextStreamer):
        def on_finalized_text(self, text: str, stream_end: bool = False) -> None:
            if text:
                say(text)

    if strategy == "beam":
        raise CourseError("beam search has no text before its end: use generate().")
    ids = torch.tensor(_encode(model, tokenizer, [prompt], max_new_tokens))
    config = _config(tokenizer, max_new_tokens, strategy, options)
    config.output_logits = alternatives > 0
    ids = ids.to(model.device)
    with evaluating(model), _seeded(seed):
        try:
            output = model.generate(
                ids,
                attention_mask=torch.ones_like(ids),
                generation_config=config,
                streamer=Teller(tokenizer, skip_prompt=True, skip_special_tokens=True),
            )
        except ValueError as error:
            raise CourseError(f"cannot generate: {error}".split("\n")[0]) from error
    if not alternatives:
        return []
    written = output.sequences[0, ids.shape[1] :].tolist()
    found = []
    for token, logits in zip(written, output.logits, strict=True):
        probabilities = logits[0].float().softmax(-1)
        best, places = probabilities.topk(min(alternatives, len(probabilities)))
        names = [tokenizer.decode([place]) for place in places.tolist()]
        likely = list(zip(names, best.tolist(), strict=True))
        chance = probabilities[token].item()
        found.append(Choice(tokenizer.decode([token]), chance, likely))
    return found


def summarise(
    model: "PreTrainedModel",
    tokenizer: "PreTrainedTokenizerFast",
    dialogues: Sequence[str],
    *,
    max_new_tokens: int = 60,
    people: bool | None = None,
    **options: Any,
) -> list[str]:
    """Return what the model writes after each dialogue's prompt, up to a line break.

    Args:
        model: a causal language model.
        tokenizer: its tokenizer.
        dialogues: one text each.
        max_new_tokens: the most tokens of a summary.
        people: give it placeholders for people, and put the names back afterwards
            (`course_utils.data.people`); None does as it was fine-tuned. A placeholder
            that stands for nobody in the chat is not written.
        **options: arguments of `generate`, such as strategy.

    Raises:
        CourseError: see `generate`.

    Example:
        >>> from course_utils.model.gpt2 import load
        >>> model, tokenizer = load("tiny-summariser")
        >>> [summary] = summarise(model, tokenizer, ["Ann: Tea?\\nBen: Yes, at five!"])
        >>> "\\n" in summary
        False
    """
    if people is None:
        people = getattr(model.config, "placeholders", False)
    found = [placeholders(d) if people else Replaced(d, None, {}) for d in dialogues]
    prompts = [prompt(each.dialogue) for each in found]
    nobody = [absent(tokenizer, each.people) for each in found] if people else []
    texts = generate(
        model,
        tokenizer,
        prompts,
        max_new_tokens=max_new_tokens,
        forbidden=nobody,
        **({"stop": "\n"} | options),
    )
    lines = [text.strip().split("\n")[0].strip() for text in texts]
    return [restore(x, each.people) for x, each in zip(lines, found, strict=True)]


def absent(tokenizer: "PreTrainedTokenizerFast", people: Collection[str]) -> list[int]:
    """Return the tokens of the placeholders that stand for nobody in a chat.

    Args:
        tokenizer: its tokens hold placeholders whole; one that is cut is left out.
        people: the placeholders that stand for somebody.

    Example:
        >>> from course_utils.model.gpt2 import load
        >>> _, tokenizer = load("tiny-summariser")
        >>> found = absent(tokenizer, {"Tom": "Siobhan", "Anna": "Will"})
        >>> tokenizer.decode(found[:2])
        'Ben Ben'
    """
    names = [name for name in PLACEHOLDERS if name not in people]
    ids = tokenizer([way for name in names for way in (name, f" {name}")])["input_ids"]
    return [each[0] for each in ids if len(each) == 1]


def _config(
    tokenizer: "PreTrainedTokenizerFast",
    max_new_tokens: int,
    strategy: str,
    options: dict[str, Any],
) -> "GenerationConfig":
    from transformers import GenerationConfig

    if strategy not in STRATEGIES:
        raise CourseError(
            f"unknown strategy {strategy!r}: choose one of {', '.join(STRATEGIES)}."
        )
    for name in options:
        if name in _OURS or not hasattr(GenerationConfig(), name):
            raise CourseError(
                f"generate() takes no option {name!r}: give a field of "
                "GenerationConfig, and the length as max_new_tokens."
            )
    eos = tokenizer.eos_token_id
    pad = tokenizer.pad_token_id
    ends = {"eos_token_id": eos, "pad_token_id": pad if pad is not None else eos or 0}
    return GenerationConfig(
        max_new_tokens=max_new_tokens,
        return_dict_in_generate=True,
        **(ends | STRATEGIES[strategy] | options),
    )


def _encode(
    model: "PreTrainedModel",
    tokenizer: "PreTrainedTokenizerFast",
    prompts: Sequence[str],
    max_new_tokens: int,
) -> list[list[int]]:
    """Return the prompts' token ids, cut on the left to what the model has room for."""
    wrong = isinstance(prompts, str) or not all(isinstance(p, str) for p in prompts)
    if wrong:
        raise CourseError("prompts must be a list of texts, such as ['Hello'].")
    positions = model.config.max_position_embeddings
    room = positions - max_new_tokens
    if max_new_tokens < 1 or room < 1:
        raise CourseError(
            f"max_new_tokens={max_new_tokens} does not fit: the model has {positions} "
            f"positions, so give 1 to {positions - 1}."
        )
    if not prompts:
        return []
    encoded = tokenizer(list(prompts), verbose=False)["input_ids"]
    too_long = sum(len(ids) > room for ids in encoded)
    if too_long:
        warnings.warn(
            f"{too_long} of {len(encoded)} prompts are longer than {room} tokens: "
            "their start is cut off to leave room for the new tokens.",
            stacklevel=3,
        )
    start = tokenizer.eos_token_id or 0
    return [ids[-room:] or [start] for ids in encoded]


def _continue(
    model: "PreTrainedModel",
    batch: list[list[int]],
    banned: Sequence[Collection[int]],
    config: "GenerationConfig",
    options: dict[str, Any],
    is_stopped: Callable[[list[int]], bool],
) -> Iterator[dict[int, list[int]]]:
    """Yield {index in the batch: its new token ids} as rows finish."""
    import torch

    input_ids, attention_mask = _left_pad(batch, config.pad_token_id, model.device)
    width = input_ids.shape[1]
    rows = list(range(len(batch)))
    past = None
    left = config.max_new_tokens
    config = copy(config)
    eos = config.eos_token_id
    ends = set(eos) if isinstance(eos, list) else {eos}
    retiring = config.num_beams in (None, 1) and options.keys() <= _STEPWISE
    ban = torch.zeros(len(batch), model.config.vocab_size, dtype=torch.bool)
    for row, ids in enumerate(banned):
        ban[row, list(ids)] = True
    ban = ban.to(model.device)

    def without_banned(_: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:
        beams = len(scores) // len(rows)
        return scores.masked_fill(ban[rows].repeat_interleave(beams, 0), -torch.inf)

    while rows:
        config.max_new_tokens = min(left, RETIRE_EVERY) if retiring else left
        try:
            output = model.generate(
                input_ids,
                attention_mask=attention_mask,
                past_key_values=past,
                generation_config=config,
                logits_processor=[without_banned] if banned else None,
            )
        except ValueError as error:  # a value that GenerationConfig cannot use
            raise CourseError(f"cannot generate: {error}".split("\n")[0]) from error
        left -= config.max_new_tokens
        input_ids, past = output.sequences, output.past_key_values
        finished, going = {}, []
        for place, ids in enumerate(input_ids[:, width:].tolist()):
            new_ids = list(takewhile(lambda token: token not in ends, ids))
            if len(new_ids) < len(ids) or left == 0 or is_stopped(new_ids):
                finished[rows[place]] = new_ids
            else:
                going.append(place)
        yield finished
        rows = [rows[place] for place in going]
        if rows:
            keep = torch.tensor(going, device=model.device)
            new = input_ids.shape[1] - attention_mask.shape[1]
            input_ids = input_ids[keep]
            attention_mask = torch.nn.functional.pad(
                attention_mask[keep], (0, new), value=1
            )
            past.batch_select_indices(keep)


def _left_pad(
    batch: list[list[int]], pad_token_id: int, device: "torch.device"
) -> tuple["torch.Tensor", "torch.Tensor"]:
    """Return input_ids and attention_mask, each (rows, longest), padded on the left."""
    import torch

    width = max(map(len, batch))
    input_ids = [[pad_token_id] * (width - len(ids)) + ids for ids in batch]
    mask = [[0] * (width - len(ids)) + [1] * len(ids) for ids in batch]
    return torch.tensor(input_ids, device=device), torch.tensor(mask, device=device)


@contextmanager
def _seeded(seed: int | None) -> Iterator[None]:
    import torch

    if seed is None:
        yield
        return
    with torch.random.fork_rng(devices=range(torch.cuda.device_count())):
        torch.manual_seed(seed)
        yield


def _cut(text: str, stops: Sequence[str]) -> str:
    first_word = len(text) - len(text.lstrip())
    for mark in stops:
        place = text.find(mark, first_word if mark.isspace() else 0)
        text = text if place < 0 else text[:place]
    return text


def compare(columns: dict[str, Sequence[str]]) -> "pd.DataFrame":
    """Return texts side by side, as a table that a notebook shows in full.

    Args:
        columns: heading -> texts, all of one length; for example
            {"prompt": prompts, "before": before, "after": after}.

    Raises:
        CourseError: the columns differ in length.

    Example:
        >>> compare({"before": ["He a a a"], "after": ["He is late."]}).shape
        (1, 2)
    """
    lengths = {name: len(texts) for name, texts in columns.items()}
    if len(set(lengths.values())) > 1:
        raise CourseError(f"columns differ in length: {lengths}.")
    return _table_class()({name: list(texts) for name, texts in columns.items()})


@cache
def _table_class() -> type["pd.DataFrame"]:
    from html import escape

    import pandas as pd

    class Comparison(pd.DataFrame):
        """A DataFrame that a notebook shows in full: wrapped, aligned to the left."""

        @property
        def _constructor(self):
            return Comparison

        def _repr_html_(self) -> str:
            # Styles stand in each cell: some viewers drop a style sheet.
            style = "text-align: left; vertical-align: top; white-space: pre-wrap"
            rows = [("th", self.columns), *(("td", row) for row in self.to_numpy())]
            lines = [
                "".join(f'<{tag} style="{style}">{escape(str(x))}</{tag}>' for x in row)
                for tag, row in rows
            ]
            return "<table>" + "".join(f"<tr>{x}</tr>" for x in lines) + "</table>"

    return Comparison
