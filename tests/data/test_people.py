"""People become placeholders and come back, whatever they are called."""

import pytest
from datasets import Dataset
from transformers import AutoTokenizer

from course_utils.data.chats import NAMES, tinychats
from course_utils.data.people import (
    PLACEHOLDERS,
    people_in,
    placeholders,
    restore,
    with_placeholders,
)
from course_utils.machine.places import ASSETS


def test_people_are_replaced_in_order_of_first_appearance():
    found = placeholders("Zoe: Hi Ali!\nAli: Hi. Is Zoe's dad in?", "Ali asks Zoe.")
    assert found.dialogue == "Tom: Hi Anna!\nAnna: Hi. Is Tom's dad in?"
    assert found.summary == "Anna asks Tom."
    assert found.people == {"Tom": "Zoe", "Anna": "Ali"}
    assert restore("Anna's mum asks Tom.", found.people) == "Ali's mum asks Zoe."


def test_a_placeholder_that_is_somebody_else_is_replaced_too():
    dialogue = "Anna: Where is Tom?\nTom: Here, Anna."
    found = placeholders(dialogue)
    assert found.dialogue == "Tom: Where is Anna?\nAnna: Here, Tom."
    assert restore(found.dialogue, found.people) == dialogue


def test_two_annas_stay_two():
    dialogue = "Anna K: Hi!\nAnna M: Hi.\nAnna K: Is Ben with you?"
    found = placeholders(dialogue)
    assert found.dialogue == "Tom: Hi!\nAnna: Hi.\nTom: Is Ben with you?"
    assert restore("Tom met Anna.", found.people) == "Anna K met Anna M."


def test_a_speaker_of_two_words_is_called_by_the_first():
    found = placeholders(
        "Ruth Byrne: Hi.\nUncle Joe: Hi Ruth!", "Uncle Joe greets Ruth."
    )
    assert found.dialogue == "Tom: Hi.\nAnna: Hi Tom!"
    assert found.summary == "Anna greets Tom."
    assert restore(found.summary, found.people) == "Uncle Joe greets Ruth."


def test_a_name_inside_a_word_stays():
    found = placeholders("Al: Also, Almond and Al-Jazeera.\nSam: Same, Al. @Al")
    assert found.dialogue == "Tom: Also, Almond and Al-Jazeera.\nAnna: Same, Tom. @Al"


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("I told Ngozi.", "I told Ben."),  # of the list
        ("I asked Petronella, she's in.", "I asked Ben, she's in."),
        ("My sister Brunhild is in.", "My sister Ben is in."),
        ("I went to Lisbon with the car.", "I went to Lisbon with the car."),
        ("See you Monday. Netflix said so.", "See you Monday. Netflix said so."),
    ],
)
def test_somebody_who_is_only_spoken_of(said, expected):
    assert placeholders(f"Zoe: {said}\nJo: Ok.").dialogue.split("\n")[0] == (
        f"Tom: {expected.replace('Ben', 'Anna')}"
    )


def test_a_name_that_is_a_word():
    dialogue = (
        "Will: Will you come in May? Mark it.\n"
        "May: May I ask Will? Will, is Mark's May 5 fine?\n"
        "Mark: Ok May. I will."
    )
    found = placeholders(dialogue, "Will asks May.")
    assert found.dialogue == (
        "Tom: Will you come in May? Mark it.\n"
        "Anna: May I ask Tom? Tom, is Ben's May 5 fine?\n"
        "Ben: Ok Anna. I will."
    )
    assert restore(found.dialogue, found.people) == dialogue


def test_more_people_than_placeholders():
    names = [*(f"Zed{chr(97 + i)}" for i in range(len(PLACEHOLDERS))), "Tom", "Zoltan"]
    dialogue = "\n".join(f"{name}: I am {name}." for name in names)
    found = placeholders(dialogue)
    lines = found.dialogue.split("\n")
    assert lines[0] == "Tom: I am Tom."
    assert len({line.split(":")[0] for line in lines}) == len(names)
    assert lines[-1] == "Zoltan: I am Zoltan."
    assert restore(found.dialogue, found.people) == dialogue


def test_whom_only_the_summary_names_keeps_the_name():
    assert placeholders("Zoe: Hi.\nJo: Hi.", "Zoe likes Ngozi.").summary == (
        "Tom likes Ngozi."
    )


def test_nobody_at_all():
    assert placeholders("") == ("", None, {})
    assert restore("no people", {}) == "no people"


def test_tinychats_come_back_unchanged():
    for row in tinychats(300, seed=3, split="test_names"):
        found = placeholders(row["dialogue"], row["summary"])
        assert restore(found.dialogue, found.people) == row["dialogue"]
        assert restore(found.summary, found.people) == row["summary"]
        assert set(row["names"]) <= set(found.people.values())


def test_placeholders_are_one_token_each():
    tokenizer = AutoTokenizer.from_pretrained(ASSETS / "tiny-tokenizer")
    for name in PLACEHOLDERS:
        assert name in NAMES
        assert len(tokenizer(f"{name}: Hi")["input_ids"]) == 3
        assert len(tokenizer(f" {name}")["input_ids"]) == 1


def test_a_data_set_gets_placeholders():
    chats = Dataset.from_dict(
        {
            "dialogue": ["Siobhan: Hi Will!\nWill: Hi.", "Anna: hi"],
            "summary": ["Will greets Siobhan.", "Anna says hi."],
            "id": [1, 2],
        }
    )
    assert with_placeholders(chats)[:] == {
        "dialogue": ["Tom: Hi Anna!\nAnna: Hi.", "Tom: hi"],
        "summary": ["Anna greets Tom.", "Tom says hi."],
    }


def test_people_are_found_in_a_summary():
    dialogue = "Coach Bremner: Is Ludmila in?\nHenrik Berg: no, ask Anna"
    for text, people in [
        ("Henrik Berg says no.", {"Henrik"}),
        ("Henrik asks Anna's sister.", {"Henrik", "Anna"}),
        ("Coach Bremner looks for Ludmila.", {"Coach Bremner", "Ludmila"}),
        ("Will he come? It may be.", set()),
        ("They met Zoltan in May.", {"Zoltan"}),
    ]:
        assert people_in(text, dialogue, ["Ludmila"]) == people
