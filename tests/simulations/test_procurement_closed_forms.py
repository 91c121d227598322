"""The model of procurement against numbers known from theory, and its belief against the truth it is about."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import simulations
from simulations import Decision
from simulations.estimates import stability_index
from simulations.scenarios.procurement.belief import Tables, first_desk
from simulations.scenarios.procurement.policies import best, natural_points, outlook, publication_worth
from simulations.scenarios.procurement.screens import (
    BENFORD,
    CRITICAL_95,
    chance_of_none,
    digit_distance,
    first_digits,
    suits_benford,
)
from simulations.scenarios.procurement.world import (
    HONEST,
    KINDS,
    RING,
    SHELL,
    SPLIT,
    Climate,
    base_overprice,
    detection,
    draw_hidden,
    draw_tenders,
    expected_lowest,
    fair_share,
    kind_rates,
    lot_effect,
    mean_overprice,
    opening_climate,
    openness_effect,
    overprice,
    paths,
    relative_bids,
    scheme_mix,
    variation,
)


@pytest.fixture(scope="module")
def scenario():
    return simulations.load("procurement")


@pytest.fixture(scope="module")
def p(scenario):
    return scenario.model.p


@pytest.fixture(scope="module")
def tables(scenario):
    return scenario.model.tables


def drawn(p, seed, month=1, **hidden):
    """Tenders of one month with the hidden part changed."""
    truth = replace(draw_hidden(p, seed, 8), **hidden)
    return draw_tenders(p, seed, month, truth, opening_climate())


def test_benford_frequencies_are_the_published_ones():
    published = (0.30103, 0.17609, 0.12494, 0.09691, 0.07918, 0.06695, 0.05799, 0.05115, 0.04576)
    assert pytest.approx(published, abs=5e-6) == BENFORD
    assert BENFORD.sum() == pytest.approx(1.0)


def test_the_critical_value_is_the_95_percent_point_of_chi_square_with_eight_degrees():
    # survival of chi-square with 8 degrees: exp(-x/2) (1 + x/2 + (x/2)^2/2 + (x/2)^3/6)
    half = CRITICAL_95 / 2
    assert np.exp(-half) * (1 + half + half**2 / 2 + half**3 / 6) == pytest.approx(0.05, abs=2e-5)


def test_uniform_logarithms_pass_the_digit_screen():
    die = np.random.default_rng(1)
    passed = [digit_distance(first_digits(10 ** (3 + 3 * die.random(600)))) < CRITICAL_95 for _ in range(1000)]
    assert np.mean(passed) >= 0.93


def test_invented_digits_fail_it():
    die = np.random.default_rng(2)
    failed = [digit_distance(1 + die.integers(0, 9, 300)) > CRITICAL_95 for _ in range(200)]
    assert np.mean(failed) >= 0.99


@given(amount=st.floats(1.0, 9.99), exponent=st.integers(-3, 9))
def test_the_first_digit_does_not_depend_on_the_unit(amount, exponent):
    digit = first_digits(np.array([amount]))[0]
    assert first_digits(np.array([amount * 10.0**exponent]))[0] == digit
    assert digit == int(amount + 1e-9)


def test_the_digit_screen_asks_for_many_amounts_over_two_orders():
    wide = 10 ** np.linspace(3, 5.1, 300)
    assert suits_benford(wide)
    assert not suits_benford(wide[:299])
    assert not suits_benford(10 ** np.linspace(3, 4.9, 300))


def test_twenty_files_of_two_hundred_with_twelve_bad_find_none_once_in_four():
    assert chance_of_none(200, 12, 20) == pytest.approx(0.271838, abs=1e-6)
    die = np.random.default_rng(3)
    found = np.array([np.count_nonzero(die.permutation(200)[:20] < 12) for _ in range(4000)])
    assert found.mean() == pytest.approx(1.2, abs=0.06)
    assert np.mean(found == 0) == pytest.approx(0.271838, abs=0.025)


@given(low=st.floats(0.5, 2.0), width=st.floats(0.01, 1.0), bidders=st.integers(1, 8))
def test_the_lowest_of_uniform_bids_has_its_known_mean(low, width, bidders):
    assert expected_lowest(low, low + width, bidders) == pytest.approx(low + width / (bidders + 1))
    assert expected_lowest(low, low + width, bidders + 1) < expected_lowest(low, low + width, bidders)


def test_the_fair_price_is_the_mean_lowest_honest_bid(p):
    die = np.random.default_rng(4)
    for size, bidders in enumerate((4, 2)):
        lowest = die.uniform(1.05, 1.25, (200_000, bidders)).min(axis=1)
        assert fair_share(p)[size] == pytest.approx(lowest.mean(), abs=3e-4)


def test_a_ring_bids_closer_together_than_honest_firms_until_it_learns(p):
    die, size = np.random.default_rng(5), 400
    bidders = np.full(size, 4)

    def spreads(kind, learnt):
        return variation(relative_bids(p, np.full(size, kind), learnt, die.random((size, 5))), bidders)

    honest, ring, learnt = spreads(HONEST, False), spreads(RING, False), spreads(RING, True)
    apart = (honest.mean() - ring.mean()) / np.sqrt(honest.var() / size + ring.var() / size)
    assert apart > 2.33  # one-sided p < .01, by far
    assert ring.mean() < p.spread_limit < honest.mean()
    assert learnt.mean() == pytest.approx(0.08, abs=0.01)


@given(st.lists(st.floats(1.0, 2.0), min_size=5, max_size=5), st.integers(3, 5), st.floats(0.1, 100.0))
def test_the_spread_is_the_coefficient_of_variation_whatever_the_unit(bids, bidders, unit):
    row, count = np.array([bids]), np.array([bidders])
    expected = np.std(bids[:bidders], ddof=1) / np.mean(bids[:bidders])
    assert variation(row, count)[0] == pytest.approx(expected, abs=1e-8)
    assert variation(unit * row, count)[0] == pytest.approx(expected, abs=1e-8)
    assert variation(row, np.array([2]))[0] == 0.0


def test_shares_of_kinds_follow_rates_and_the_surge(p):
    counts = {month: np.zeros(len(KINDS)) for month in (1, 5)}
    for seed in range(200):
        for month in counts:
            tenders = drawn(p, seed, month, base_rate=1, schemes=(0,) * 10)
            counts[month] += np.bincount(tenders.kind, minlength=len(KINDS))
    for month, rate in ((1, 0.06), (5, 0.15)):
        shares = counts[month] / counts[month].sum()
        expected = rate * scheme_mix(p)[0]
        assert shares[1:] == pytest.approx(expected, abs=4 * np.sqrt(rate / counts[month].sum()))


@given(lot=st.integers(0, 20))
def test_a_lot_deters_more_the_larger_it_is_up_to_its_limit(lot):
    p = simulations.load("procurement").model.p
    assert lot_effect(p, 0) == 1.0
    assert 1 - p.lot_deterrence < lot_effect(p, lot + 1) < lot_effect(p, lot) <= 1.0


def test_publication_deters_splitting_and_shells_while_full_publication_helps_rings(p):
    none, core, full = openness_effect(p, p.openness_goal)
    assert none == pytest.approx([1.0, 1.0, 1.0])
    assert core[0] < 1 < full[0]
    assert full[SPLIT - 1] == full[SHELL - 1] < core[SPLIT - 1] < 1


def test_mean_overprice_is_that_of_drawn_tenders(p):
    die = np.random.default_rng(6).random(100_000)
    for kind in range(len(KINDS)):
        for size in range(2):
            share = base_overprice(p, np.full(len(die), kind), np.full(len(die), size), die)
            assert mean_overprice(p)[kind, size] == pytest.approx(share.mean(), abs=5e-4)
    assert not mean_overprice(p)[HONEST].any()
    assert mean_overprice(p)[1:].min() > 0.05


def test_the_scheme_that_pads_most_costs_what_the_parameters_say(p):
    die, size = np.random.default_rng(7).random(1000), np.zeros(1000, dtype=int)
    for kind in (RING, SPLIT, SHELL):
        rows = np.full(1000, kind)
        base = base_overprice(p, rows, size, die)
        assert overprice(p, rows, size, die, kind - 1) == pytest.approx(2.0 * base)
        assert overprice(p, rows, size, die, kind % 3) == pytest.approx(0.5 * base)
    assert (p.costly_factor[1] + 2 * p.costly_factor[0]) / 3 == pytest.approx(1.0)
    assert overprice(p, np.full(1000, SHELL), size, die, SHELL - 1).max() < 1


def test_incomplete_files_blind_desk_reviews_only(p):
    complete, weeded = detection(p, 0), detection(p, 1)
    assert weeded[:, 0] == pytest.approx(0.1 * complete[:, 0])
    assert np.array_equal(weeded[:, 1:], complete[:, 1:])


def test_paths_stay_as_often_as_they_should(p):
    stayed = {"schemes": [], "costly": []}
    weeded = []
    for seed in range(400):
        hidden = draw_hidden(p, seed, 8)
        for name, kept in stayed.items():
            path = getattr(hidden, name)
            assert len(path) == 10
            kept += [path[month] == path[month + 1] for month in range(1, 9)]
        weeded += hidden.weeded[1:]
    assert np.mean(stayed["schemes"]) == pytest.approx(p.scheme_stays, abs=0.03)
    assert np.mean(stayed["costly"]) == pytest.approx(p.costly_stays, abs=0.03)
    assert np.mean(weeded) == pytest.approx(p.weeded_chance, abs=0.03)


def test_a_path_drawn_on_keeps_the_month_it_starts_from(p):
    now = replace(draw_hidden(p, 1, 8), schemes=(2,), costly=(1,), weeded=(1,))
    on = paths(p, 9, 5, 9, now)
    assert (on.schemes[5], on.costly[5], on.weeded[5]) == (2, 1, 1)
    assert len(on.schemes) == len(on.costly) == len(on.weeded) == 10


def test_a_proven_case_shows_whether_its_scheme_pads_most(scenario):
    desk = scenario.model.start(3).desk
    stay, change = desk.tables.p.costly_stays, (1 - desk.tables.p.costly_stays) / 2
    assert desk.next_costly(np.array([], dtype=int), 1) == pytest.approx([1 / 3] * 3)
    assert desk.next_costly(np.array([SPLIT]), 1) == pytest.approx([change, stay, change])
    other = desk.next_costly(np.array([RING]), 1)
    assert other[0] == pytest.approx(change)
    assert other[1] == other[2] == pytest.approx((stay + change) / 2)
    assert desk.next_costly(np.array([RING, SHELL]), 1) == pytest.approx([change, stay, change])


def test_belief_about_costs_is_calibrated(scenario):
    chance, hit = [], []
    for seed in range(80):
        position = scenario.model.start(seed)
        for number in range(1, 4):
            position, _ = scenario.model.advance(position, Decision(number, scenario.default_values))
        chance += position.desk.costly.tolist()
        hit += [position.hidden.costly[4] == scheme for scheme in range(3)]
    rows = np.array(chance) > 0.4
    assert np.array(hit)[rows].mean() == pytest.approx(np.array(chance)[rows].mean(), abs=0.15)
    assert np.array(hit)[~rows].mean() == pytest.approx(np.array(chance)[~rows].mean(), abs=0.1)


def flag_shares(p, learnt_month, kind):
    """Share of each flag among drawn tenders of a kind at large offices, and how many there were."""
    flags = []
    for seed in range(150):
        tenders = drawn(p, seed, 3, base_rate=2, learning=learnt_month, schemes=(kind - 1,) * 10)
        flags.append(tenders.flags[(tenders.kind == kind) & (tenders.small == 0)])
    rows = np.concatenate(flags)
    return rows.mean(axis=0), len(rows)


@pytest.mark.parametrize("kind", [RING, SPLIT, SHELL])
@pytest.mark.parametrize("learnt", [False, True])
def test_flag_tables_are_the_shares_among_drawn_tenders(p, tables, kind, learnt):
    share, count = flag_shares(p, 0 if learnt else 2, kind)
    expected = tables.ordinary_flags[int(learnt), kind]
    assert share == pytest.approx(expected, abs=0.02 + 3.5 * np.sqrt(0.25 / count))


def test_naive_bayes_is_calibrated_over_months_and_runs(scenario):
    """Among tenders believed abused with 20 to 40 %, about 20 to 40 % are."""
    model = scenario.model
    believed, true = [], []
    for seed in range(25):
        position = model.start(seed)
        for number in range(1, 7):
            believed.append(1 - position.desk.kind_chance[:, HONEST])
            true.append(position.desk.tenders.kind != HONEST)
            position, _ = model.advance(position, Decision(number, model.policies["best"](position)))
    chance, wrong = np.concatenate(believed), np.concatenate(true)
    for low, high in ((0.0, 0.02), (0.02, 0.1), (0.1, 0.3), (0.3, 0.6), (0.6, 0.9), (0.9, 1.01)):
        rows = (chance >= low) & (chance < high)
        error = 3.5 * np.sqrt(0.25 / rows.sum())
        assert wrong[rows].mean() == pytest.approx(chance[rows].mean(), abs=min(error, 0.06) + 0.01)


def test_belief_about_the_base_rate_and_the_scheme_is_calibrated(scenario):
    model, tables = scenario.model, scenario.model.tables
    hits = {"base": [], "main": []}
    chances = {"base": [], "main": []}
    for seed in range(48):
        position = model.start(seed)
        for number in range(1, 4):
            position, _ = model.advance(position, Decision(number, model.policies["baseline"](position)))
        belief = position.desk.belief
        for name, grid, truth in (
            ("base", tables.base, position.hidden.base_rate),
            ("main", tables.main, position.hidden.schemes[4]),
        ):
            chance = np.bincount(grid, weights=belief, minlength=3)
            chances[name] += chance.tolist()
            hits[name] += [number == truth for number in range(3)]
    for name, found in hits.items():
        chance, hit = np.array(chances[name]), np.array(found, dtype=float)
        error = (hit - chance).reshape(-1, 3)
        assert np.mean(hit * chance) > 1.15 / 9  # better than a third each
        for low, high in ((0.0, 0.3), (0.3, 0.7), (0.7, 1.01)):
            rows = (chance >= low) & (chance < high)
            assert hit[rows].mean() == pytest.approx(chance[rows].mean(), abs=3 * np.sqrt(0.25 / rows.sum()))
        assert np.abs(error.sum(axis=1)).max() < 1e-6


def test_the_belief_of_a_month_without_tenders_is_the_prior(tables):
    assert tables.opening().sum() == pytest.approx(1.0)
    assert tables.moves.sum(axis=1) == pytest.approx(np.ones(len(tables.opening())))
    assert tables.opening() @ tables.moves == pytest.approx(tables.opening())


def test_rates_ahead_are_powers_of_the_moves(p, tables):
    step = tables.rate[:, None] * scheme_mix(p)[tables.main]
    expected = np.linalg.matrix_power(tables.moves, 3) @ step
    assert tables.rates_ahead[2] == pytest.approx(expected)


def test_proven_cases_of_a_scheme_make_the_belief_in_it_grow(scenario):
    """Two desks alike but for what the reviews proved."""
    desk = scenario.model.start(4).desk
    tables = desk.tables
    rows, level = np.arange(12), np.full(12, 2)
    rings = desk.next_prior(rows, level, np.full(12, RING))
    nothing = desk.next_prior(rows, level, np.full(12, HONEST))
    for grid, point in ((tables.main, RING - 1), (tables.base, 2)):
        assert rings[grid == point].sum() > nothing[grid == point].sum()


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10**6), month=st.integers(1, 8))
def test_chances_of_kinds_add_up(seed, month):
    model = simulations.load("procurement").model
    tenders = drawn(model.p, seed, month)
    desk = replace(first_desk(model.tables, tenders), month=month)
    assert desk.kind_chance.sum(axis=1) == pytest.approx(np.ones(len(tenders)))
    assert desk.kind_chance.min() >= 0
    parts = sum(desk.belief[point] * desk.chance_at(point) for point in range(len(desk.belief)))
    assert parts == pytest.approx(desk.kind_chance)


def test_an_emergency_notice_and_single_bid_say_nothing(scenario):
    model = scenario.model
    tenders = drawn(model.p, 8, 6)
    twins = np.flatnonzero(tenders.emergency)[:2]
    changed = replace(
        tenders,
        short=np.ones(len(tenders), dtype=bool),
        bidders=np.where(np.arange(len(tenders)) == twins[0], 1, 2).astype(np.intp),
        tight=np.zeros(len(tenders), dtype=bool),
    )
    plain = replace(changed, short=np.zeros(len(tenders), dtype=bool), bidders=np.full(len(tenders), 2))
    both = [model.tables.likelihood(rows, 0.0)[0][twins] for rows in (changed, plain)]
    assert both[0] == pytest.approx(both[1])


def test_points_are_rounded_log_likelihood_ratios(p, tables):
    (points,) = natural_points(p, tables, np.array([[0.0, 0.0, 1.0]]), learnt=0.0)
    honest, shell = tables.ordinary_flags[0][[HONEST, SHELL]]
    exact = np.log(shell / honest) / p.point_value
    assert points == tuple(int(number) for number in np.clip(np.round(exact), 0, 5))
    assert points[5] == 5  # a shared contact is what gives shell firms away


def test_a_ring_that_learnt_earns_no_points_for_its_spread(p, tables):
    fresh, late = (natural_points(p, tables, np.array([[1.0, 0.0, 0.0]]), learnt=share)[0] for share in (0.0, 1.0))
    assert fresh[2] >= 3
    assert late[2] == 0
    assert fresh[4] == late[4] >= 3


def test_full_publication_is_never_worth_it_against_a_ring_alone(scenario):
    desk = scenario.model.start(2).desk
    belief = np.where(desk.tables.main == RING - 1, 1.0, 0.0)
    certain = replace(desk, climate=Climate(0.6, np.zeros(3), 0), prior=belief / belief.sum())
    ahead = outlook(desk.tables.p, certain, 8)
    only_ring = replace(ahead, overpaid=ahead.overpaid * np.array([1.0, 0.0, 0.0]))
    _, core, full = publication_worth(desk.tables.p, certain, only_ring)
    assert full < core


def test_rates_fall_with_proven_cases_of_their_own_scheme_only(p):
    hidden = draw_hidden(p, 1, 8)
    quiet = kind_rates(p, hidden, opening_climate(), 2)
    warned = kind_rates(p, hidden, Climate(0.0, np.array([4.0, 0.0, 0.0]), 0), 2)
    assert warned[0] == pytest.approx(quiet[0] * np.exp(-p.deterrence * 4))
    assert warned[1:] == pytest.approx(quiet[1:])


def test_the_stability_index_of_equal_samples_is_zero():
    edges, values = np.array([0.3, 0.6]), np.linspace(0, 1, 60)
    assert stability_index(values, values, edges) == pytest.approx(0.0)
    assert stability_index(values, np.ones(60), edges) > 0.25


def test_tables_are_the_same_whenever_they_are_built(p, tables):
    again = Tables(p)
    assert np.array_equal(again.tight, tables.tight)
    assert again.near.max() <= 1


def test_the_best_form_spends_all_days(scenario):
    for seed in range(20):
        values = best(scenario.model.p, scenario.model.start(seed).desk, 8)
        assert sum(values[key] for key in ("lot_days", "desk_days", "field_days", "forensic_days")) == 20
