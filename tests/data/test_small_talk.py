"""Lines around a dialogue: its own people say them, and nothing of it is lost."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_utils.data.chats import tinychats
from course_utils.data.small_talk import LINES, surrounded, with_small_talk
from course_utils.machine.errors import CourseError

DIALOGUE = "Ann: Tea?\nBen: Yes: at five!\nAnn: Good."
TALK = "\n".join(f"{'AB'[i % 2]}: line {i}" for i in range(20))


@given(seed=st.integers(0, 10_000))
def test_the_dialogue_stays_whole_and_its_people_say_the_rest(seed):
    lines = surrounded(random.Random(seed), DIALOGUE, TALK).split("\n")
    places = [i for i in range(len(lines)) if "\n".join(lines[i : i + 3]) == DIALOGUE]
    assert len(places) == 1
    added = lines[: places[0]] + lines[places[0] + 3 :]
    assert LINES[0] <= len(added) <= LINES[1]
    assert {line.split(": ")[0] for line in added} <= {"Ann", "Ben"}
    numbers = [int(line.split("line ")[1]) for line in added]
    assert numbers == list(range(numbers[0], numbers[0] + len(added)))


def test_a_share_of_the_chats_is_changed_and_the_same_ones_again():
    chats = tinychats(200, 0)
    found = with_small_talk(chats, [TALK], share=0.3, seed=1)
    assert found[:] == with_small_talk(chats, [TALK], share=0.3, seed=1)[:]
    both = list(zip(found["dialogue"], chats["dialogue"], strict=True))
    changed = [new for new, old in both if new != old]
    assert 40 <= len(changed) <= 80
    assert all(old in new for new, old in both)
    assert found["summary"][:] == chats["summary"][:]


def test_no_talk_is_one_line():
    with pytest.raises(CourseError, match="no small talk"):
        with_small_talk(tinychats(2, 0), [])
