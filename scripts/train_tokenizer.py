"""Train the tiny tokenizer: a byte-level BPE of 2,048 tokens.

It learns from the pretraining corpus, and from lists of names: every name of TinyChats
has to be one token, at a line's start and after a space, so that a model can copy it in
one step.

    python -m scripts.train_tokenizer
"""

import random
from argparse import ArgumentParser
from pathlib import Path

from transformers import PreTrainedTokenizerFast

from course_utils.data.chats import NAMES
from course_utils.data.tokens import train_bpe
from course_utils.machine.places import ASSETS
from scripts.pretraining_corpus import Corpus, real_chats

# Of the corpus, the kinds that read like chats. (Word games would count as text.)
KINDS = ("dialogue", "story", "echo", "closing")


def name_lists(seed: int, n: int) -> list[str]:
    """Return n lists of all names, each name at a line's start and after a space."""
    rng = random.Random(seed)
    orders = [sorted(NAMES, key=lambda _: rng.random()) for _ in range(n)]
    return [f"{name}: {name}" for order in orders for name in order]


def whole_names(tokenizer: PreTrainedTokenizerFast, before: str) -> int:
    """Count the names that are one token when they follow `before`."""
    return sum(len(tokenizer(before + name)["input_ids"]) == 1 for name in NAMES)


def main() -> None:
    """Read the options, train, count whole names, and write the tokenizer."""
    parser = ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--vocab-size", type=int, default=2048)
    parser.add_argument("--name-lists", type=int, default=600)
    parser.add_argument("--out", type=Path, default=ASSETS / "tiny-tokenizer")
    args = parser.parse_args()
    rng, chats = random.Random("0 -1"), real_chats()
    corpus = Corpus(chats, tokenizer=None, longest=0)
    # A fifth of the real chats: more would fill the vocabulary with rarer words.
    texts = [*chats[::5], *(corpus.text(rng, KINDS[i % 4]) for i in range(40_000))]
    tokenizer = train_bpe(texts + name_lists(0, args.name_lists), args.vocab_size)
    print(
        f"{len(tokenizer)} tokens; of {len(NAMES)} names, one token at a line's start: "
        f"{whole_names(tokenizer, '')}, after a space: {whole_names(tokenizer, ' ')}"
    )
    tokenizer.save_pretrained(args.out)


if __name__ == "__main__":
    main()
