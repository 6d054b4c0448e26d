"""The plain checks of lesson 13, and the damage that they are tested with."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course_utils.data.handwritten import development_chats
from course_utils.evaluation import consistency, damage
from course_utils.evaluation.consistency import doubts, numbers, questions

CHAT = (
    "Ann: Can you bring 3 cakes on thurs?\nBen: Sure, at 18:00\nAnn: I'll pay for them!"
)
TRUE = (
    "Ben brings three cakes on Thursday.",
    "Ben comes at 6.",
    "Ann will pay.",
    "Ann asks Ben to bring cakes.",
    "Ben is in Ben's car.",
)


@pytest.mark.parametrize("summary", TRUE)
def test_a_true_summary_is_not_doubted(summary):
    assert not any(doubts(summary, CHAT).values())


@pytest.mark.parametrize(
    ("kind", "summary"),
    [
        ("people", "Ben meets Zoe."),
        ("people", "Ben meets Ben."),
        ("number", "Ben brings four cakes."),
        ("number", "Ben comes at 7."),
        ("number", "Ben comes at 6:30."),
        ("time", "Ben comes on Friday."),
        ("negation", "Ben will not bring cakes."),
        ("who", "Ann brings three cakes."),
    ],
)
def test_each_check_doubts_its_own_kind_alone(kind, summary):
    found = doubts(summary, CHAT)
    assert [name for name, texts in found.items() if texts] == [kind]


def test_numbers_have_one_form():
    assert numbers("three, 3 and THREE") == {"3"}
    assert numbers("22:00") == {"22", "10"}
    assert numbers("22:15") == {"22:15", "10:15"}
    assert numbers("00:30, 1,000 and 3.5") == {"00:30", "0:30", "1,000", "3.5"}
    assert numbers("someone and often") == set()


def test_a_list_of_people_is_no_question():
    chat = "Ann: Hi!\nBen: Hi!"
    assert questions("Ann and Ben will meet.", chat) == []
    assert [q.name for q in questions("Ann waits, and Ben comes.", chat)] == [
        "Ann",
        "Ben",
    ]


def test_a_title_and_a_dash_belong_to_the_name():
    chat = "Mr Lee: Hello Mia-Lou!\nMia-Lou: Hello!"
    asked = questions("Mr Lee greets her, and Mia-Lou greets him.", chat)
    assert [(q.name, q.asks) for q in asked] == [
        ("Mr Lee", "greets her"),
        ("Mia-Lou", "greets him"),
    ]


def test_a_word_that_few_turns_have_counts_more():
    question = consistency.Question("Ann", "brings red, blue and green paper cakes")
    chat = "Ann: red blue green\nBen: paper cakes green\nAnn: blue paper"
    found = consistency.answers(question, chat)
    assert found == pytest.approx({"Ann": 1 + 4 / 2, "Ben": 1 + 2 / 2})


LINES = st.lists(
    st.tuples(
        st.sampled_from(["Ann", "Ben", "Mr Lee", "élan", ""]), st.text(max_size=60)
    ).map(": ".join),
    max_size=6,
).map("\n".join)
PROSE = st.one_of(
    st.text(max_size=120),
    st.lists(
        st.sampled_from(
            ("Ann", "Ben", "Lee", "and", "will", "not", "can't", "3", "18:00", "1.2.3")
        ),
        max_size=25,
    ).map(" ".join),
)


@settings(max_examples=60, deadline=None)
@given(PROSE, LINES)
def test_any_text_is_checked_and_damaged_without_an_error(summary, dialogue):
    for texts in doubts(summary, dialogue).values():
        assert all(isinstance(text, str) for text in texts)
    for change in damage.DAMAGE.values():
        text = change(summary, dialogue)
        assert text is None or isinstance(text, str)


@settings(max_examples=60, deadline=None)
@given(PROSE)
def test_what_a_chat_says_itself_is_not_new(text):
    """A summary that is its own chat brings in no number and no day."""
    chat = f"Ann: {text}"
    assert doubts(text, chat)["number"] == doubts(text, chat)["time"] == []


def test_damage_changes_one_thing():
    rows = development_chats().select(range(40))
    for name, change in damage.DAMAGE.items():
        made = [
            (row["summary"], text)
            for row in rows
            if (text := change(row["summary"], row["dialogue"])) is not None
        ]
        assert len(made) > 5, name
        for summary, text in made:
            assert text != summary, name
            before, after = (re.findall(r"[\w:.-]+", each) for each in (summary, text))
            extra = 1 if name == "deny" else 0
            # A person may be of several words, and is named again and again.
            people = name in ("swap", "same person", "stranger")
            assert people or len(after) == len(before) + extra, name


def test_damage_leaves_words_whole():
    chat = "Sam: Hi!\nSamantha: Hi!"
    assert damage.swap("Sam meets Samantha.", chat) == "Samantha meets Sam."
    assert damage.deny("Sam can't come.", chat) is None
    assert damage.number("Sam has 19:30.", chat) == "Sam has 20:30."
