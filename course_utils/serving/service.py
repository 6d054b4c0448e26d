"""From a dialogue to its summary: checked, queued, answered in batches, in time."""

import asyncio
import unicodedata
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING

from course_utils.data.summaries import prompt
from course_utils.evaluation.generation import summarise
from course_utils.machine.files import plain_line_ends
from course_utils.serving.batching import Batcher
from course_utils.serving.refusals import TooSlow, Unusable

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerFast

    Loaded = tuple[PreTrainedModel, PreTrainedTokenizerFast]


@dataclass(frozen=True)
class ServiceLimits:
    """The limits of the service.

    Attributes:
        batch_size: the most dialogues in one call of `generate`.
        waiting: the most dialogues in the queue; more are refused with status 429.
        seconds: the most seconds from a request to its answer; then status 504.
        body_bytes: the most bytes of a request; more are refused with status 413.
        new_tokens: the most tokens of a summary.
    """

    batch_size: int = 8
    waiting: int = 64
    seconds: float = 30
    body_bytes: int = 64_000
    new_tokens: int = 60


def checked(dialogue: str, loaded: "Loaded", new_tokens: int) -> str:
    """Return the dialogue with plain line ends, if the model can read all of it.

    Raises:
        Unusable: it is empty, too long, or holds control characters or one of the
            tokenizer's special tokens, such as `<|endoftext|>`.

    Example:
        >>> from course_utils.model.gpt2 import load
        >>> checked(" Ann: Hi!\\r\\nBen: Hey! ", load("tiny"), new_tokens=60)
        'Ann: Hi!\\nBen: Hey!'
    """
    model, tokenizer = loaded
    dialogue = plain_line_ends(dialogue).strip()
    if not dialogue:
        raise Unusable('the dialogue is empty: send lines such as "Ann: Hi!".')
    for character in dialogue:
        # Cc: control characters. Cs: half of a character, which is no text.
        if character not in "\n\t" and unicodedata.category(character) in ("Cc", "Cs"):
            raise Unusable(
                f"the dialogue holds the control character U+{ord(character):04X}: "
                "send plain text."
            )
    for token in tokenizer.all_special_tokens:
        if token in dialogue:
            raise Unusable(
                f"the dialogue holds {token}, a special token of the model: remove it."
            )
    tokens = len(tokenizer(prompt(dialogue), verbose=False)["input_ids"])
    room = model.config.max_position_embeddings - new_tokens
    if tokens > room:
        raise Unusable(
            f"the dialogue has {tokens:,} tokens and the model reads {room:,}: "
            "send a shorter one."
        )
    return dialogue


class Service:
    """A summariser that is ready to answer, perhaps with its state before training.

    Args:
        after: the summariser and its tokenizer.
        before: the same model before training, for the comparison on the page.
        limits: see `ServiceLimits`.
    """

    def __init__(
        self,
        after: "Loaded",
        before: "Loaded | None" = None,
        limits: ServiceLimits | None = None,
    ) -> None:
        self.limits = limits or ServiceLimits()
        self._after = after
        self._one_at_a_time = Lock()  # two generations at once share the same cores
        self.batcher = self._batcher(after)
        self._before_batcher = self._batcher(before) if before else None

    async def summary(self, dialogue: str) -> str:
        """Return the summary of a dialogue.

        Raises:
            Unusable: see `checked`.
            Busy: too many dialogues are waiting.
            TooSlow: no answer within `limits.seconds`.
        """
        dialogue = checked(dialogue, self._after, self.limits.new_tokens)
        return await self._ask(self.batcher, dialogue)

    async def before_and_after(self, dialogue: str) -> tuple[str, str]:
        """Return what the model wrote before training, or "", and the summary.

        Raises:
            Refusal: see `summary`.
        """
        after = await self.summary(dialogue)
        if self._before_batcher is None:
            return "", after
        return await self._ask(self._before_batcher, dialogue), after

    def close(self) -> None:
        """Answer the dialogues that are waiting, and stop."""
        for batcher in filter(None, (self.batcher, self._before_batcher)):
            batcher.close()

    async def _ask(self, batcher: Batcher, dialogue: str) -> str:
        answer = asyncio.wrap_future(batcher.submit(dialogue))
        try:
            return await asyncio.wait_for(answer, self.limits.seconds)
        except TimeoutError:
            raise TooSlow(
                f"no summary within {self.limits.seconds:g} s: try again later."
            ) from None

    def _batcher(self, loaded: "Loaded") -> Batcher:
        def answer(dialogues: list[str]) -> list[str]:
            with self._one_at_a_time:
                return summarise(
                    *loaded,
                    dialogues,
                    max_new_tokens=self.limits.new_tokens,
                    batch_size=self.limits.batch_size,
                    progress=False,
                )

        size, waiting = self.limits.batch_size, self.limits.waiting
        return Batcher(answer, batch_size=size, waiting=waiting)
