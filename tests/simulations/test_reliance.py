"""Appropriate reliance (Schemmer et al. 2023), counted by hand."""

from hypothesis import given
from hypothesis import strategies as st

from simulations.reliance import Judgement, Share, reliance
from simulations.types import Case

ANSWERS = ("yes", "no")


def judged(truth, advice, first, final):
    case = Case("case", {}, ANSWERS, advice, 0.9, truth, "group")
    return Judgement(case, first, final)


HELPFUL_TAKEN = judged("yes", "yes", "no", "yes")
HELPFUL_LEFT = judged("yes", "yes", "no", "no")
MISLEADING_TAKEN = judged("yes", "no", "yes", "no")
MISLEADING_LEFT = judged("yes", "no", "yes", "yes")
AGREED_RIGHT = judged("yes", "yes", "yes", "yes")
AGREED_WRONG = judged("yes", "no", "no", "no")


def test_a_case_counted_by_hand():
    found = reliance([HELPFUL_TAKEN, HELPFUL_LEFT, HELPFUL_TAKEN, MISLEADING_TAKEN, MISLEADING_LEFT, AGREED_RIGHT])
    assert found.helped == Share(2, 3)
    assert found.stood_firm == Share(1, 2)
    assert found.outcome == 3 / 5
    assert (found.first, found.final, found.tool) == (Share(3, 6), Share(4, 6), Share(4, 6))


def test_cases_in_which_both_are_right_or_both_wrong_say_nothing():
    found = reliance([AGREED_RIGHT, AGREED_WRONG])
    assert found.telling_cases == 0
    assert found.outcome is None
    assert found.helped.value is None


@given(st.lists(st.tuples(*[st.sampled_from(ANSWERS)] * 3)))
def test_always_taking_the_advice_helps_always_and_stands_firm_never(rows):
    found = reliance([judged(truth, advice, first, advice) for truth, advice, first in rows])
    assert found.helped.hits == found.helped.of
    assert found.stood_firm.hits == 0
    assert found.final == found.tool


@given(st.lists(st.tuples(*[st.sampled_from(ANSWERS)] * 3)))
def test_never_taking_it_stands_firm_always_and_is_helped_never(rows):
    found = reliance([judged(truth, advice, first, first) for truth, advice, first in rows])
    assert found.stood_firm.hits == found.stood_firm.of
    assert found.helped.hits == 0
    assert found.final == found.first
