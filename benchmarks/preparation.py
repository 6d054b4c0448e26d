"""Text to packed blocks: `pack` against `datasets.map` and a grouping function."""

from itertools import chain
from typing import TYPE_CHECKING

from course_utils.commands.bench import Case
from course_utils.data.sources import chitchat
from course_utils.data.tokens import gpt2_tokenizer, pack

if TYPE_CHECKING:
    from datasets import Dataset
    from transformers import PreTrainedTokenizerFast


def cases(chats: int = 2000, block_size: int = 128) -> list[Case]:
    """Prepare real chats with GPT-2's vocabulary."""
    tokenizer = gpt2_tokenizer()
    texts = chitchat().select(range(chats)).select_columns("text")
    tokens = sum(map(len, tokenizer(texts["text"][:], verbose=False)["input_ids"]))
    return [
        Case(
            name="preparation",
            unit="tokens",
            work=tokens + chats,
            course=lambda: len(pack(texts, tokenizer, block_size)),
            usual={
                "datasets.map + group_texts": lambda: len(
                    map_and_group(texts, tokenizer, block_size)
                )
            },
        )
    ]


def map_and_group(
    dataset: "Dataset", tokenizer: "PreTrainedTokenizerFast", block_size: int
) -> "Dataset":
    """Prepare the data as most training scripts do: two batched maps."""

    def tokenize(rows: dict[str, list]) -> dict[str, list]:
        texts = [text + tokenizer.eos_token for text in rows["text"]]
        return tokenizer(texts, verbose=False)

    def group_texts(rows: dict[str, list]) -> dict[str, list]:
        joined = {name: list(chain(*lists)) for name, lists in rows.items()}
        length = len(joined["input_ids"]) // block_size * block_size
        cut = {
            name: [ids[i : i + block_size] for i in range(0, length, block_size)]
            for name, ids in joined.items()
        }
        return cut | {"labels": [list(ids) for ids in cut["input_ids"]]}

    tokenized = dataset.map(tokenize, batched=True, remove_columns=["text"])
    return tokenized.map(group_texts, batched=True)
