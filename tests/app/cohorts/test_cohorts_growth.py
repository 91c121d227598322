"""Growth of a group against closed forms, and the page that shows it."""

from __future__ import annotations

import html
from datetime import timedelta

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.stats import bootstrap, linregress, permutation_test, t
from sqlalchemy import select, update

from app.accounts.models import Account, Enrolment
from app.cohorts.growth import (
    LEAST_FOR_LINE,
    MOST_PERMUTED,
    RESAMPLES,
    SEED,
    chance_of_no_growth,
    growth,
    interval,
    line_of,
    mean_change,
    normalised_change,
    normalised_gain,
    small_sample_factor,
    standardised_difference,
)
from app.competencies.models import Evidence
from app.core import clock
from app.core.db import begin
from tests.app.cohorts.conftest import give_evidence, table

shares = st.floats(0.01, 0.99)
pairs = st.lists(st.tuples(shares, shares), min_size=2, max_size=40)


def test_from_40_to_70_half_of_what_was_left_is_gained():
    assert normalised_gain(0.4, 0.7) == pytest.approx(0.5)
    assert normalised_gain(1.0, 1.0) is None


def test_the_mean_of_the_changes_of_persons_is_that_of_their_own():
    assert [normalised_change(*pair) for pair in ((0.4, 0.7), (0.6, 0.6))] == pytest.approx([0.5, 0.0])
    assert mean_change([(0.4, 0.7), (0.6, 0.6)]) == pytest.approx(0.25)


def test_a_loss_counts_as_the_part_lost_of_what_was_there():
    assert normalised_change(0.8, 0.6) == pytest.approx(-0.25)


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_who_was_at_an_end_twice_is_left_out(share):
    assert normalised_change(share, share) is None
    assert mean_change([(share, share), (0.4, 0.7)]) == pytest.approx(0.5)
    assert mean_change([(share, share)]) is None


def test_the_small_sample_factor_of_ten_persons():
    assert small_sample_factor(10) == pytest.approx(0.914286, abs=1e-6)


def test_the_standardised_difference_by_hand():
    # Standard deviations .1 and .2, mean .15; mean difference .3; factor 1 - 3 / 7.
    found = standardised_difference([(0.3, 0.5), (0.4, 0.7), (0.5, 0.9)])
    assert found == pytest.approx(0.3 / 0.15 * (1 - 3 / 7))
    assert standardised_difference([(0.3, 0.5), (0.3, 0.5)]) is None


def test_a_constant_shift_has_an_interval_without_width():
    found = growth([(share / 100, share / 100 + 0.2) for share in range(20, 50, 3)])
    assert (found.low, found.high) == pytest.approx((0.2, 0.2))
    assert found.high - found.low == pytest.approx(0, abs=1e-12)


def test_the_line_of_persons_on_a_line_is_that_line_and_needs_forty_of_them():
    on_a_line = [(share / 100, 0.3 + 0.5 * share / 100) for share in range(10, 50)]
    found = line_of(on_a_line)
    assert (found.slope, found.low, found.high) == pytest.approx((0.5, 0.5, 0.5))
    assert line_of(on_a_line[:39]) is None
    assert line_of([(0.4, share / 100) for share in range(40)]) is None


def test_the_interval_of_the_slope_by_hand():
    # Half of forty persons at .2, half at .4; after .5 or .6 and .6 or .7 in equal parts: slope .5, residuals of .05.
    found = line_of([(0.2, 0.5), (0.2, 0.6), (0.4, 0.6), (0.4, 0.7)] * 10)
    # s² = 40 × .0025 / 38, sum of squares 40 × .01, t of 38 degrees of freedom 2.0244.
    reach = 2.0244 * (0.1 / 38 / 0.4) ** 0.5
    assert (found.slope, found.low, found.high) == pytest.approx((0.5, 0.5 - reach, 0.5 + reach), abs=1e-4)


def test_of_ten_who_all_gained_two_of_1024_ways_are_as_far():
    assert chance_of_no_growth([(0.4, 0.5 + place / 100) for place in range(10)]) == pytest.approx(2 / 1024)
    assert chance_of_no_growth([(0.4, 0.5), (0.5, 0.4)] * 5) == pytest.approx(1.0)


def test_of_groups_with_an_interval_not_all_ways_are_tried():
    with pytest.raises(ValueError, match="interval"):
        chance_of_no_growth([(0.4, 0.5)] * (MOST_PERMUTED + 1))


@given(pairs)
def test_the_interval_is_that_of_scipy(pairs):
    differences = np.array([after - before for before, after in pairs])
    assume(np.ptp(differences) > 1e-6)
    found = bootstrap((differences,), np.mean, n_resamples=RESAMPLES, method="BCa", rng=np.random.default_rng(SEED))
    assert interval(differences) == pytest.approx(tuple(found.confidence_interval), abs=1e-12)


@given(st.lists(st.tuples(shares, shares), min_size=2, max_size=13))
def test_the_chance_is_that_of_scipy(pairs):
    differences = [round(after - before, 6) for before, after in pairs]
    found = permutation_test((differences,), np.mean, permutation_type="samples", n_resamples=np.inf)
    assert chance_of_no_growth([(0.0, each) for each in differences]) == pytest.approx(found.pvalue)


@given(st.lists(st.tuples(shares, shares), min_size=LEAST_FOR_LINE, max_size=50))
def test_the_line_is_that_of_scipy(pairs):
    before, after = np.array(pairs).T
    assume(np.ptp(before) > 1e-3 and np.ptp(after) > 1e-3)
    known, found = linregress(before, after), line_of(pairs)
    reach = t.ppf(0.975, len(pairs) - 2) * known.stderr
    expected = (known.slope, known.slope - reach, known.slope + reach)
    assert (found.slope, found.low, found.high) == pytest.approx(expected, rel=1e-6, abs=1e-6)


def test_growth_of_one_person_is_refused():
    with pytest.raises(ValueError, match="at least two"):
        growth([(0.4, 0.7)])


@given(pairs)
def test_the_interval_holds_possible_means_only_and_is_the_same_each_time(pairs):
    differences = [after - before for before, after in pairs]
    low, high = interval(differences)
    assert min(differences) - 1e-9 <= low <= high <= max(differences) + 1e-9
    assert interval(differences) == (low, high)


@given(pairs)
def test_turning_time_around_turns_difference_and_effect_around(pairs):
    forth, back = growth(pairs), growth([(after, before) for before, after in pairs])
    assert forth.difference == pytest.approx(-back.difference)
    assert (forth.effect is None) == (back.effect is None)
    assert forth.effect is None or forth.effect == pytest.approx(-back.effect)


@pytest.fixture
def growth_page(people, sign_in, cohort, database, enrol_many):
    """The page after so many trainees began a month ago and some of them went on now; outcome 1 after outcome 0.5."""

    def make(count: int, going_on: int) -> str:
        month_ago = clock.now() - timedelta(days=30)
        trainees = enrol_many(count, 0.5)
        with begin(database) as session:
            session.execute(update(Enrolment).values(enrolled_at=month_ago - timedelta(days=1)))
            session.execute(update(Evidence).values(at=month_ago, recorded_at=month_ago))
            for trainee in trainees[:going_on]:
                give_evidence(session, trainee, source=f"run:{1000 + trainee.id}")
        return sign_in(people.farid).get(f"/cohorts/{cohort.id}/competencies/D2.1").text

    return make


def test_growth_of_twenty_is_shown_with_interval_gains_effect_and_attrition(growth_page):
    page = growth_page(20, 20)
    found = table(page, "Growth of 20 trainees")
    # Before .5. Now weights 1.889 and 2: (1 + .945 + 2) / 5.889 = .6698; everybody alike.
    assert found["Mean difference"] == ["up, 17.0 points"]
    assert found["95% interval of the mean difference"] == ["17.0 to 17.0 points"]
    assert (found["Mean before"], found["Mean after"]) == (["50%"], ["67%"])
    assert found["Normalised gain of the means (Hake)"] == ["0.34"]
    assert found["Mean normalised change of persons (Marx and Cummings)"] == ["0.34"]
    assert found["Standardised difference d, for small samples (Cumming)"] == ["–"]
    # Amina and Bushra are enrolled without evidence.
    assert list(table(page, "Who is counted").values()) == [["20"], ["0"], ["2"], ["22"]]


def test_means_that_would_tell_of_a_few_dropouts_are_withheld(growth_page):
    page = growth_page(25, 22)
    found = table(page, "Growth of 22 trainees")
    assert "Mean before" not in found
    assert "Normalised gain of the means (Hake)" not in found
    assert found["Mean difference"] == ["up, 17.0 points"]
    assert "The two means are withheld" in page
    assert "Mean before of those without later evidence" not in page


def test_ten_dropouts_are_counted_with_their_mean_before(growth_page):
    page = growth_page(30, 20)
    assert table(page, "Growth of 20 trainees")["Mean before"] == ["50%"]
    assert "Mean before of those without later evidence: 50% to 60%." in page


def test_the_mean_of_dropouts_is_withheld_where_it_would_tell_of_the_few_others(growth_page):
    assert "Mean before of those without later evidence" not in growth_page(24, 3)


def test_work_that_is_marked_anew_later_is_no_growth(growth_page, people, sign_in, cohort, database):
    growth_page(20, 0)
    with begin(database) as session:
        for trainee in session.scalars(select(Account).where(Account.username.startswith("newcomer"))):
            give_evidence(session, trainee)
    page = sign_in(people.farid).get(f"/cohorts/{cohort.id}/competencies/D2.1").text
    assert table(page, "Who is counted")["Evidence of the first day only"] == ["20"]
    assert "Mean before of those without later evidence: 75%." in page


def test_the_chance_of_no_growth_in_a_small_group_is_for_administrators(growth_page, people, sign_in, cohort):
    assert "with a probability of < 0.001" in html.unescape(growth_page(15, 12))
    page = sign_in(people.bilal).get(f"/cohorts/{cohort.id}/competencies/D2.1").text
    assert "Growth is shown for twenty trainees or more" in page
    assert "with a probability of" not in page


def test_nine_with_later_evidence_are_too_few_for_it(growth_page):
    assert "with a probability of" not in growth_page(15, 9)


def test_the_slope_of_forty_is_beside_their_growth(growth_page):
    # All are alike before, so there is no slope to tell.
    assert "Slope of after on before" not in growth_page(40, 40)


@pytest.mark.parametrize("going_on", [0, 19])
def test_growth_of_fewer_than_twenty_is_not_shown(growth_page, going_on):
    page = growth_page(24, going_on)
    assert "Growth is shown for twenty trainees or more" in page
    assert "Growth of" not in page


def test_a_small_cohort_shows_nothing_of_growth(growth_page):
    assert "Who is counted" not in growth_page(9, 9)
