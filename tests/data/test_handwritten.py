"""The chats from elsewhere are well formed, distinct, and not the generator's."""

import json
import re
import unicodedata
from collections import Counter
from itertools import combinations
from pathlib import Path
from statistics import mean

import pytest

from course_utils.data.handwritten import (
    DEVELOPMENT,
    PATH,
    development_chats,
    handwritten_chats,
)

ROWS = [json.loads(line) for line in PATH.read_text(encoding="utf-8").splitlines()]
OTHERS = [
    json.loads(line) for line in DEVELOPMENT.read_text(encoding="utf-8").splitlines()
]
ALL = ROWS + OTHERS
CARDS = Path(__file__).parents[2] / "docs" / "cards"
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


def test_there_are_300_development_chats_with_the_same_columns():
    chats = development_chats()
    assert chats.num_rows == len(OTHERS) == 300
    assert chats.column_names == handwritten_chats().column_names
    assert chats[299] == OTHERS[299]


@pytest.mark.parametrize(("rows", "prefix"), [(ROWS, "hw"), (OTHERS, "dev")])
def test_ids_count_up(rows, prefix):
    assert [row["id"] for row in rows] == [
        f"{prefix}-{i:03d}" for i in range(1, len(rows) + 1)
    ]


@pytest.mark.parametrize("row", ALL, ids=lambda row: row["id"])
def test_a_row_is_well_formed(row):
    lines = row["dialogue"].split("\n")
    assert all(LINE.fullmatch(line) for line in lines)
    assert 3 <= len(lines) <= 18
    assert 2 <= len(speakers(row)) <= 6
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


@pytest.mark.parametrize("row", ALL, ids=lambda row: row["id"])
def test_names_has_every_speaker_whom_all_references_name(row):
    for speaker in speakers(row):
        word = re.compile(rf"\b{re.escape(speaker)}\b")
        if all(word.search(text) for text in row["references"]):
            assert speaker in row["names"]


@pytest.mark.parametrize("row", ALL, ids=lambda row: row["id"])
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


@pytest.mark.parametrize("part", ["dialogue", "summary"])
def test_no_development_chat_is_like_another_chat(part):
    # Five of the first 67 chats tell nearly what one of the 200 tells (the card names
    # them), in summaries that share up to 0.21 of their word pairs.
    grams = {row["id"]: ngrams(row[part], 2) for row in ALL}
    most, *pair = max(
        (shared(grams[a["id"]], grams[b["id"]]), a["id"], b["id"])
        for i, b in enumerate(OTHERS)
        for a in ROWS + OTHERS[:i]
    )
    assert most < {"dialogue": 0.125, "summary": 0.22}[part], pair


def test_a_near_copy_would_be_seen():
    words = ROWS[0]["dialogue"].replace("salt", "pepper")
    assert shared(ngrams(ROWS[0]["dialogue"], 2), ngrams(words, 2)) > 0.7


def test_most_speakers_are_new_in_each_chat():
    everyone = [name for row in ROWS for name in speakers(row)]
    assert len(set(everyone)) > 0.9 * len(everyone)


def facts(rows: list[dict]) -> dict[str, object]:
    """The counts that a card states."""
    dialogues = [row["dialogue"] for row in rows]
    turns = [len(dialogue.split("\n")) for dialogue in dialogues]
    groups = [len(speakers(row)) for row in rows]
    return {
        "chats": len(rows),
        "references": sum(len(row["references"]) for row in rows),
        "chats of 2 speakers": groups.count(2),
        f"chats of 3 to {max(groups)} speakers": len(groups) - groups.count(2),
        "turns a chat, fewest, mean, most": (
            f"{min(turns)}, {mean(turns):.1f}, {max(turns)}"
        ),
        "words a dialogue, mean": f"{mean(len(d.split()) for d in dialogues):.0f}",
        "words a summary, mean": (
            f"{mean(len(row['summary'].split()) for row in rows):.0f}"
        ),
        "distinct speakers": len(set().union(*map(speakers, rows))),
        "topics": len({row["topic"] for row in rows}),
    }


@pytest.mark.parametrize(
    ("rows", "card"),
    [(ROWS, "handwritten-chats.md"), (OTHERS, "development-chats.md")],
)
def test_the_card_states_the_counts_of_the_file(rows, card):
    text = (CARDS / card).read_text(encoding="utf-8")
    for name, value in facts(rows).items():
        assert f"| {name} | {value} |" in text


def test_the_card_of_the_200_counts_the_topics():
    text = (CARDS / "handwritten-chats.md").read_text(encoding="utf-8")
    for topic, count in Counter(row["topic"] for row in ROWS).items():
        assert f"{topic} {count}" in text


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
