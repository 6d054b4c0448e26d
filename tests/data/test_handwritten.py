"""The hand-written chats are well formed, distinct, and not the generator's."""

import json
import re
import unicodedata
from collections import Counter
from itertools import combinations
from pathlib import Path
from statistics import mean

import pytest

from course_utils.data.handwritten import PATH, handwritten_chats

ROWS = [json.loads(line) for line in PATH.read_text(encoding="utf-8").splitlines()]
CARD = Path(__file__).parents[2] / "docs" / "cards" / "handwritten-chats.md"
LINE = re.compile(r"[^\s:][^:\n]{0,23}: \S.*")
LABEL = re.compile(r"^[^:\n]{1,24}: ", re.MULTILINE)
WORD = re.compile(r"\w+(?:'\w+)*")
SPLITS = ("train", "validation", "test_slots", "test_paraphrases", "test_names")


def ngrams(text: str, n: int) -> set[tuple[str, ...]]:
    """Word n-grams within each line, lower-cased, without the speakers' labels."""
    lines = LABEL.sub("", text).lower().replace("’", "'").splitlines()
    words = [WORD.findall(line) for line in lines]
    return {tuple(w[i : i + n]) for w in words for i in range(len(w) - n + 1)}


def texts(row: dict) -> list[str]:
    return [row["dialogue"], *row["references"]]


def speakers(row: dict) -> set[str]:
    return {line.split(":")[0] for line in row["dialogue"].split("\n")}


def shared(a: set, b: set) -> float:
    return len(a & b) / len(a | b)


def test_the_dataset_has_the_columns_of_samsum_and_more():
    chats = handwritten_chats()
    assert chats.num_rows == len(ROWS) >= 150
    assert chats.column_names == [
        "id",
        "dialogue",
        "summary",
        "references",
        "names",
        "topic",
    ]
    assert chats[0] == ROWS[0]


def test_ids_count_up():
    assert [row["id"] for row in ROWS] == [
        f"hw-{i:03d}" for i in range(1, len(ROWS) + 1)
    ]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["id"])
def test_a_row_is_well_formed(row):
    lines = row["dialogue"].split("\n")
    assert all(LINE.fullmatch(line) for line in lines)
    assert 3 <= len(lines) <= 18
    assert 2 <= len(speakers(row)) <= 5
    assert row["topic"]
    assert 2 <= len(row["references"]) <= 3
    assert len(set(row["references"])) == len(row["references"])
    assert row["references"][0] == row["summary"]
    assert row["names"]
    for name in row["names"]:
        word = re.compile(rf"\b{re.escape(name)}\b")
        assert all(word.search(text) for text in texts(row)), name
    for text in row["references"]:
        assert text.endswith(".")
        assert 1 <= len(re.findall(r"[.!?](?: |$)", text)) <= 3


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["id"])
def test_names_has_every_speaker_whom_all_references_name(row):
    for speaker in speakers(row):
        word = re.compile(rf"\b{re.escape(speaker)}\b")
        if all(word.search(text) for text in row["references"]):
            assert speaker in row["names"]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["id"])
def test_text_is_clean_unicode(row):
    for text in texts(row):
        assert text == unicodedata.normalize("NFC", text) == text.strip()
        assert "  " not in text
        assert not any(
            unicodedata.category(c) in {"Cc", "Cf", "Cs", "Co", "Cn"}
            for c in text
            if c != "\n"
        )


@pytest.mark.parametrize("part", ["dialogue", "summary"])
def test_no_two_rows_are_alike(part):
    grams = [ngrams(row[part], 2) for row in ROWS]
    most, pair = max(
        (shared(grams[i], grams[j]), (ROWS[i]["id"], ROWS[j]["id"]))
        for i, j in combinations(range(len(ROWS)), 2)
    )
    assert most < 0.2, pair


def test_a_near_copy_would_be_seen():
    words = ROWS[0]["dialogue"].replace("salt", "pepper")
    assert shared(ngrams(ROWS[0]["dialogue"], 2), ngrams(words, 2)) > 0.7


def test_most_speakers_are_new_in_each_chat():
    everyone = [name for row in ROWS for name in speakers(row)]
    assert len(set(everyone)) > 0.9 * len(everyone)


def test_the_card_states_the_counts_of_the_file():
    dialogues = [row["dialogue"] for row in ROWS]
    turns = [len(dialogue.split("\n")) for dialogue in dialogues]
    groups = [len(speakers(row)) for row in ROWS]
    topics = Counter(row["topic"] for row in ROWS)
    facts = {
        "chats": len(ROWS),
        "references": sum(len(row["references"]) for row in ROWS),
        "chats of 2 speakers": groups.count(2),
        "chats of 3 to 5 speakers": len(groups) - groups.count(2),
        "turns a chat, fewest, mean, most": (
            f"{min(turns)}, {mean(turns):.1f}, {max(turns)}"
        ),
        "words a dialogue, mean": f"{mean(len(d.split()) for d in dialogues):.0f}",
        "words a summary, mean": (
            f"{mean(len(row['summary'].split()) for row in ROWS):.0f}"
        ),
        "distinct speakers": len(set().union(*map(speakers, ROWS))),
        "topics": len(topics),
    }
    card = CARD.read_text(encoding="utf-8")
    for name, value in facts.items():
        assert f"| {name} | {value} |" in card
    for topic, count in topics.items():
        assert f"{topic} {count}" in card


@pytest.mark.parametrize("split", [*SPLITS, "pretrain"])
def test_no_6_gram_is_shared_with_the_generator(split):
    from course_utils.data.chats import tinychats

    generated = set()
    for row in tinychats(3000, seed=1, split=split):
        for text in texts(row):
            generated |= ngrams(text, 6)
    assert len(generated) > 10_000
    for row in ROWS:
        common = set().union(*(ngrams(text, 6) for text in texts(row))) & generated
        assert not common, row["id"]
