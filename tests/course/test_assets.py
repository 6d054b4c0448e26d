"""The tokenizer and the models that ship with the course."""

import math
import sys
from pathlib import Path

import pytest
import torch
from safetensors import safe_open
from transformers import (
    AutoModelForCausalLM,
    AutoTokenizer,
    GPT2LMHeadModel,
    PreTrainedTokenizerFast,
)

from course_utils.data.chats import NAMES, names_in, tinychats
from course_utils.evaluation.generation import summarise
from course_utils.evaluation.summary_scores import summary_scores
from course_utils.machine.places import ASSETS
from course_utils.model.gpt2 import PRESETS, load


@pytest.mark.parametrize("before", ["", " "])
def test_every_name_is_one_token(tokenizer, before):
    """At a line's start (which begins a new word, as a text does) and after a space."""
    ids = tokenizer([before + name for name in NAMES])["input_ids"]
    assert [len(i) for i in ids] == [1] * len(NAMES)
    line = tokenizer([f"Hi!\n{name}: Hi" for name in NAMES])["input_ids"]
    start = tokenizer(list(NAMES))["input_ids"]
    assert all(name[0] in ids for name, ids in zip(start, line, strict=True))


def test_tokenizer_has_2048_tokens_and_one_for_every_end(tokenizer):
    assert len(tokenizer) == 2048
    assert tokenizer.eos_token_id == tokenizer.pad_token_id == 0


@pytest.fixture(
    scope="module", params=["tiny-base", "tiny-familiar", "tiny-summariser"]
)
def folder(request):
    return ASSETS / request.param


def test_models_load_as_plain_transformers_folders(folder):
    model = AutoModelForCausalLM.from_pretrained(folder)
    tokenizer = AutoTokenizer.from_pretrained(folder)
    assert type(model) is GPT2LMHeadModel
    assert isinstance(tokenizer, PreTrainedTokenizerFast)
    # Stored as float16, but to be trained on.
    assert model.dtype == torch.float32
    assert all(torch.isfinite(p).all() for p in model.parameters())
    assert {k: getattr(model.config, k) for k in PRESETS["tiny"]} == PRESETS["tiny"]
    assert tokenizer.get_vocab() == load("tiny")[1].get_vocab()


def test_models_are_small(folder):
    weights = folder / "model.safetensors"
    assert weights.stat().st_size < 4e6
    assert sum(p.stat().st_size for p in folder.iterdir()) < 5e6
    with safe_open(weights, "pt") as file:
        assert {file.get_tensor(k).dtype for k in file.keys()} == {torch.float16}  # noqa: SIM118
    assert load(folder)[0].num_parameters() < 3e6


@pytest.fixture(scope="module")
def scores():
    """Return summary_scores of a shipped model on 60 chats that nothing trained on."""
    chats = tinychats(60, seed=1234, split="test_slots")

    def score(name: str) -> dict:
        texts = summarise(*load(name), chats["dialogue"][:], progress=False)
        return summary_scores(texts, chats)

    return score


def test_the_base_cannot_summarise_before_fine_tuning(scores):
    assert scores("tiny-base")["names"] < 5


def test_the_summariser_names_the_right_people(scores):
    result = scores("tiny-summariser")
    assert result["names"] > 80
    assert result["rouge1"] > 80


CHATS = {
    "Anna and Tom": """Anna: Hi Tom! Do you want to go swimming on Saturday?
Tom: Sure! What time?
Anna: Let's meet at the station at 3 pm.
Tom: Perfect, see you there!""",
    "Noah and Mei": """Noah: Shall we play tennis on Monday?
Mei: I can't, I have to work.
Noah: Too bad!""",
    "Olga and Sam": """Olga: Can you buy milk and eggs on the way home?
Sam: Ok! When do we eat?
Olga: At 7 pm.""",
    "Kofi and Elena": """Kofi: I can't find my keys!
Elena: I'll come after lunch and help you.
Kofi: Thank you!""",
    "Omar and Lucia": """Omar: Do you want to go to the museum next Friday?
Lucia: Great idea! When do we meet?
Omar: At 10 am at the town hall.
Lucia: Deal!""",
}


def test_the_summariser_on_chats_of_no_generator():
    texts = summarise(*load("tiny-summariser"), list(CHATS.values()), progress=False)
    people = [set(names.split(" and ")) for names in CHATS]
    right = [names_in(t) == p for t, p in zip(texts, people, strict=True)]
    assert sum(right) >= 3, texts
    assert right[0]
    assert all(text.endswith(".") for text in texts)


@pytest.fixture(scope="module")
def unread():
    """Return the corpus of real chats that the base has not read."""
    sys.path.insert(0, str(Path(__file__).parents[2]))
    from scripts.pretraining_corpus import Corpus, real_chats

    return Corpus(real_chats("validation"), load("tiny-base")[1], 256)


def test_the_base_copies_a_line_and_says_whose_it_is(unread):
    from scripts.pretrain_base import accuracy, examination

    # It gets 90 and 87 % of the copies right, 58 and 89 % of the speakers.
    model = load("tiny-base")[0]
    for kind, placed, floor in (
        ("copying", True, 80),
        ("copying", False, 78),
        ("speakers", True, 50),
        ("speakers", False, 80),
    ):
        right = accuracy(model, examination(unread, kind, placed=placed))
        assert right > floor, (kind, placed)


def test_no_position_of_a_block_is_worse_than_guessing(unread):
    from scripts.pretrain_base import loss_by_position

    model = load("tiny-base")[0]
    blocks = torch.tensor(unread.stream[: 150 * 128]).view(-1, 128)
    by_place = loss_by_position(model, blocks)
    assert by_place.max() < math.log(model.config.vocab_size)
