"""TinyChats: deterministic, split without leakage, and free of template debris."""

import random
import re
from hashlib import sha256
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pace import at_most

from course_utils.data import chats
from course_utils.data.chats import (
    HELD_NAMES,
    NAMES,
    SPLITS,
    chat,
    families,
    names_in,
    slots_found,
    tinychats,
)
from course_utils.machine.errors import CourseError

# A change of content or engine changes these on purpose, or not at all.
HASHES = {
    "train": "84a7c139a8889546",
    "validation": "c73ccba6d6dd44b0",
    "test_slots": "be89d453a1c4793f",
    "test_paraphrases": "792c69252205db2e",
    "test_names": "4d1a51921eeea292",
    "pretrain": "144fb6a321bd3d6c",
}

FIELD = chats._FIELD
COMMON = chats._asset("common.yaml")


@pytest.fixture(scope="module", params=SPLITS)
def rows(request):
    return request.param, tinychats(1000, split=request.param).to_list()


def expand(template: str) -> set[str]:
    """Return all texts of a wording, in lower case, without punctuation."""
    pieces = re.split(r"(\[[^\[\]]*\])", template)
    options = [p[1:-1].split("|") if p.startswith("[") else [p] for p in pieces]
    texts = ("".join(parts).lower() for parts in product(*options))
    return {" ".join(re.sub(r"[^\w{}' ]", " ", text).split()) for text in texts}


def turns():
    """Yield (family, turn's name, wordings) for all turns that some plan uses."""
    for family in families():
        scripts = [one for branch in family.branches for one in branch.scripts]
        for name in sorted({turn for one in scripts for _, turn, _ in one}):
            yield family, name, family.wordings[name]


def fields(template: str) -> set[str]:
    return {name for _, name in FIELD.findall(template)}


def test_the_first_thousand_of_each_split_are_as_stored(rows):
    split, data = rows
    digest = sha256(repr(data).encode()).hexdigest()[:16]
    assert digest == HASHES[split]


def test_columns(rows):
    split, data = rows
    assert list(data[0]) == (
        ["id", "dialogue", "summary", "references", "names", "slots", "family"]
    )
    assert [row["id"] for row in data[:2]] == [f"{split}-0-0", f"{split}-0-1"]
    for row in data:
        assert row["summary"] == row["references"][0]
        assert len(set(row["references"])) >= 3
        assert row["names"]
        assert row["slots"]


def test_empty_dataset_has_typed_columns():
    empty = tinychats(0)
    assert len(empty) == 0
    assert empty.features == tinychats(1).features
    assert empty.features["names"].feature.dtype == "string"


def test_the_first_rows_do_not_depend_on_the_number():
    assert tinychats(30, 5)[:10] == tinychats(10, 5)[:]
    assert tinychats(10, 5)["dialogue"][:] != tinychats(10, 6)["dialogue"][:]


@pytest.mark.parametrize(("n", "split"), [(1, "test"), (-1, "train")])
def test_bad_input(n, split):
    with pytest.raises(CourseError):
        tinychats(n, split=split)


def test_turns_and_speakers(rows):
    _, data = rows
    for row in data:
        lines = row["dialogue"].split("\n")
        assert 3 <= len(lines) <= 10
        speakers = set()
        for line in lines:
            speaker, text = line.split(": ", 1)
            assert text == text.strip()
            assert text
            speakers.add(speaker)
        assert 2 <= len(speakers) <= 3
        assert speakers <= NAMES.keys()
        assert len(row["dialogue"]) + len(row["summary"]) <= 700


def test_names_and_slots_stand_in_the_dialogue_and_in_every_reference(rows):
    _, data = rows
    for row in data:
        names, slots = set(row["names"]), row["slots"]
        assert names <= names_in(row["dialogue"])
        for text in (row["dialogue"], *row["references"]):
            assert slots_found(text, slots) == slots, text
        for reference in row["references"]:
            assert names_in(reference) == names


def test_the_people_of_a_split(rows):
    split, data = rows
    people = set().union(*(names_in(row["dialogue"]) for row in data))
    if split == "pretrain":
        assert people == NAMES.keys()
    else:
        held = people if split == "test_names" else set()
        assert people & HELD_NAMES == held


def test_no_slot_filling_is_shared():
    def fillings(split: str, n: int) -> set[tuple[str, ...]]:
        return {(r["family"], *r["slots"]) for r in tinychats(n, split=split)}

    test, validation = fillings("test_slots", 1000), fillings("validation", 1000)
    train, pretrain = fillings("train", 2000), fillings("pretrain", 2000)
    assert not test & (validation | train | pretrain)
    assert not validation & (train | pretrain)


def test_held_wordings_are_used_nowhere_else():
    seen, held = set(), set()
    for _, _, wordings in turns():
        seen.update(*map(expand, wordings.train + wordings.extra))
        held.update(*map(expand, wordings.held))
    for block in COMMON["talk"].values():
        seen.update(*map(expand, block.replace(" / ", "\n").splitlines()))
    assert len(held) > 500
    assert held & seen == set()


def test_every_order_of_turns_has_a_key_turn_to_hold_out():
    for family in families():
        for branch in family.branches:
            for script in branch.scripts:
                must = [family.wordings[turn] for _, turn, extra in script if not extra]
                assert any(wordings.held for wordings in must), (family.name, script)


def test_test_paraphrases_draws_held_wordings_only():
    for _, _, wordings in turns():
        drawn = wordings.of("test_paraphrases")
        assert drawn == (wordings.held or wordings.train)
        assert not set(wordings.of("pretrain")) & set(wordings.held)
        assert set(wordings.of("train")) <= set(wordings.of("pretrain"))


def test_key_turns_have_enough_wordings():
    for family, name, wordings in turns():
        if {s for branch in family.branches for s in branch.slots} & fields(
            wordings.train[0]
        ):
            if (family.name, name) in {("lost", "good"), ("reschedule", "see")}:
                continue  # replies: the news has been told before
            assert len(wordings.train) >= 6, (family.name, name)
            assert len(wordings.held) >= 2, (family.name, name)


def test_whatever_is_drawn_the_dialogue_says_what_the_summary_says():
    for family in families():
        for branch in family.branches:
            for script in branch.scripts:
                said = set()
                for who, turn, optional in script:
                    if not optional:
                        w = family.wordings[turn]
                        said.add(who)
                        said |= set.intersection(
                            *(fields(line) for line in w.train + w.extra + w.held)
                        )
                assert said >= {*branch.people, *branch.slots}, (family.name, script)


def test_references_carry_the_same_people_and_slots():
    for family in families():
        for branch in family.branches:
            for line in branch.summaries:
                assert fields(line) == {*branch.people, *branch.slots}, line


def test_there_are_enough_families_branches_and_fillings():
    assert len(families()) >= 40
    for family in families():
        assert len(family.branches) >= 2
        for branch in family.branches:
            fillings = 1
            for slot in branch.slots:
                fillings *= len(family.slots[slot])
            assert fillings >= 100, (family.name, branch.slots)


def test_names():
    assert len(NAMES) >= 150
    assert NAMES.keys() >= HELD_NAMES
    genders = list(NAMES.values())
    assert 0.4 < genders.count("f") / len(genders) < 0.6
    held = [NAMES[name] for name in HELD_NAMES]
    assert held.count("f") == held.count("m") >= 12
    written = [
        text for block in chats._asset("words.yaml").values() for text in [block]
    ]
    written += [block for section in COMMON.values() for block in section.values()]
    for family in families():
        for wordings in family.wordings.values():
            written += wordings.train + wordings.extra + wordings.held
        for branch in family.branches:
            written += branch.summaries + branch.stories
    for text in written:
        assert not names_in(text), text
    for name in NAMES:
        assert re.fullmatch(r"[A-Z][a-z]+[a-rt-z]", name), name


def test_names_in_and_slots_found():
    assert names_in("Anna's bike, and Annabel. ben; Ben!") == {"Anna", "Ben"}
    text = "We meet at 3:30 at the Park. A party tomorrow"
    assert slots_found(text, ["3", "3:30", "art", "the park", "tomorrow"]) == (
        ["3:30", "the park", "tomorrow"]
    )
    assert slots_found("fruit (2 to 1)", ["fruit", "2 to 1", "ui"]) == (
        ["fruit", "2 to 1"]
    )


def test_templates_leave_pronouns_to_the_engine():
    pronoun = re.compile(r"\b(he|she|his|her|hers|him|himself|herself)\b", re.I)
    for family in families():
        for branch in family.branches:
            for line in branch.summaries + branch.stories:
                assert not pronoun.search(FIELD.sub("", line)), line
        for wordings in family.wordings.values():
            for line in wordings.train + wordings.extra + wordings.held:
                assert not pronoun.search(FIELD.sub("", line)), line


def test_every_value_fits_every_wording():
    people = {"A": "Anna", "B": "Ben", "C": "Noa"}
    doubled = re.compile(r"\b(an?|the|no) (an?|the|some)\b|\b(at|in) (at|in|on|by)\b")
    for family, _, wordings in turns():
        first = {slot: words[0] for slot, words in family.slots.items()}
        for line in wordings.train + wordings.extra + wordings.held:
            for slot in fields(line) - people.keys():
                for value in family.slots[slot]:
                    text = chats._fill(line, people | first | {slot: value})
                    # "Will you be in on Monday?" and "drop in on" are fine.
                    assert not doubled.search(re.sub(r"\bin on\b", "", text)), text


PRONOUNS = {"f": {"she", "her", "herself"}, "m": {"he", "his", "him", "himself"}}


@settings(max_examples=300, deadline=None)
@given(st.integers(min_value=0), st.sampled_from(SPLITS))
def test_any_chat_is_clean(seed, split):
    made = chat(random.Random(seed), split)
    people = names_in(made.dialogue)
    for text in (made.dialogue, made.story, *made.references):
        assert not re.search(r"[{}\[\]|*+]|  |!!!|\.{4}|[?!]\.|,\.|\s$", text), text
        assert not re.search(r"\b(a|an|the) (a|an|the)\b|\bon on\b", text), text
        genders = {NAMES[name] for name in people | names_in(text)}
        for word in re.findall(r"\w+", text.lower()):
            for gender, words in PRONOUNS.items():
                assert word not in words or gender in genders, text
    for text in (made.story, *made.references):
        assert re.fullmatch(r"[A-Z].*[.]", text), text
        assert not re.search(r"[.!?] [a-z]", text), text
        assert not re.search(r"\b(I|my|me|we|our|you|your)\b", text), text
    past = re.sub(r"[Tt]he next|next to", "", made.story)
    assert not re.search(r"\b(tomorrow|tonight|this|next)\b", past), past
    assert made.story not in made.references


def test_chats_vary():
    data = tinychats(2000)
    assert len(set(data["dialogue"])) == 2000
    assert set(data["family"]) == {family.name for family in families()}


def test_speed():
    """Measured: 20,000 chats take about 2 s of one core, so 2,000 take 0.2 s."""
    rng = random.Random(0)
    with at_most(5):
        for _ in range(2000):
            chat(rng)


def test_names_are_single_tokens_of_a_small_bpe():
    from tokenizers import Tokenizer, models, pre_tokenizers, trainers

    rng = random.Random(0)
    made = [chat(rng, "pretrain") for _ in range(3000)]
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(
        vocab_size=2048, initial_alphabet=alphabet, show_progress=False
    )
    texts = [text for c in made for text in (c.dialogue, c.story)]
    texts += [f"{name}: {name} {name}" for name in NAMES] * 30  # weight, as in the card
    tokenizer.train_from_iterator(texts, trainer)
    for name in NAMES:
        for text in (name, f" {name}"):
            assert len(tokenizer.encode(text).ids) == 1, text
    longest = max(len(tokenizer.encode(c.dialogue + c.summary).ids) for c in made)
    assert longest <= 200
