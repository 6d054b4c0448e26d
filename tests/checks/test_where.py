"""In which cases an answer is wrong, by the names of its arguments."""

from course_utils.checks.judges.where import where

STEPS = [{"step": n, "warm_up": 4, "peak": 0.5} for n in range(9)]


def test_an_order_of_two_whole_numbers_is_found():
    is_wrong = [case["step"] < 4 for case in STEPS]
    assert where(is_wrong, STEPS) == "wrong exactly where `step` < `warm_up`"


def test_where_only_some_are_wrong_the_others_are_told():
    is_wrong = [case["step"] == 7 for case in STEPS]
    assert where(is_wrong, STEPS) == "right wherever `step` <= `warm_up`"


def test_a_flag_is_found():
    cases = [{"size": 3, "tied": tied} for tied in (True, False, True)]
    assert where([False, True, False], cases) == "wrong exactly where `tied` is False"


def test_a_few_cases_show_no_order():
    assert where([True, False, False], STEPS[3:6]) == ""


def test_nothing_is_said_where_all_are_wrong():
    assert where([True] * 9, STEPS) == ""
    assert where([False] * 9, STEPS) == ""
