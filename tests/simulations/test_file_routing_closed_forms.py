"""The model of file_routing against queueing theory, and its approximation and beliefs against the office itself."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulations import Decision, load
from simulations.queueing import Oversaturated, erlang_c, mean_number, priority_waits, traffic
from simulations.scenarios.file_routing.belief import Beliefs, posterior, tool_likelihood
from simulations.scenarios.file_routing.fluid import Forms, Truths, confidence_table
from simulations.scenarios.file_routing.lookahead import compositions, markings
from simulations.scenarios.file_routing.network import LEAVES, Network
from simulations.scenarios.file_routing.office import PRIORITIES, Evidence, Plan, form, plan, who_marks
from simulations.scenarios.file_routing.world import ASSISTANT, DESKS, DIARY, PERSON, TOOL, draw_week

EXTERNAL = (10.0, 2.0, 1.0)
ROUTING = ((0.0, 0.7, 0.1), (0.1, 0.0, 0.6), (0.05, 0.1, 0.0))
SERVICE = (16.0, 16.0, 14.0)
GOOD = Plan((2, 3, 2, 3, 1, 1), 2, 0.85, 1, False, 1)
GROWING = Plan((2,) * 6, 0, 0.8, 0, False, 0)

loads = st.floats(0.0, 0.95)


@pytest.fixture(scope="module")
def model():
    return load("file_routing").model


def played(model, seed, chosen, weeks=8):
    """Positions before each week and after the last, under one plan."""
    positions = [model.start(seed)]
    for number in range(1, weeks + 1):
        positions.append(model.advance(positions[-1], Decision(number, form(chosen)))[0])
    return positions


@pytest.mark.parametrize(
    ("servers", "offered", "waits"), [(3, 2, 0.444444), (2, 1, 0.333333), (5, 4, 0.554113), (8, 6.5, 0.485045)]
)
def test_erlang_c_has_its_known_values(servers, offered, waits):
    assert erlang_c(servers, offered) == pytest.approx(waits, abs=5e-7)


def test_erlang_c_is_the_load_with_one_server_and_has_no_steady_state_at_full_load():
    assert erlang_c(1, 0.7) == pytest.approx(0.7)
    assert mean_number(1, 0.75) == pytest.approx(3.0)
    with pytest.raises(Oversaturated):
        erlang_c(3, 3.0)


@given(load=loads, servers=st.integers(1, 4))
def test_more_officials_at_the_same_load_wait_less(load, servers):
    assert erlang_c(servers + 1, load * (servers + 1)) <= erlang_c(servers, load * servers) + 1e-12


def test_three_desks_have_jacksons_numbers():
    rates = traffic(EXTERNAL, ROUTING)
    assert rates == pytest.approx((11.53025, 10.94306, 8.71886), abs=1e-5)
    numbers = [mean_number(1, rate / service) for rate, service in zip(rates, SERVICE, strict=True)]
    assert numbers == pytest.approx((2.57962, 2.16397, 1.65094), abs=1e-5)
    assert sum(numbers) / sum(EXTERNAL) == pytest.approx(0.491887, abs=1e-6)


def jackson(files, seed):
    """The three desks simulated: days in the network by file, in the order of leaving, and the network."""
    die = np.random.default_rng(seed)
    gone, entered = [], {}

    def follow(item, desk, now):
        target = int(np.searchsorted(np.cumsum(ROUTING[desk]), die.random(), side="right"))
        if target == len(SERVICE):
            gone.append(now - entered[item])
            return LEAVES, 0.0
        return target, 0.0

    network = Network((1, 1, 1), lambda _, desk, __: die.exponential(1 / SERVICE[desk]), follow, lambda _: 0)
    arrivals = np.cumsum(die.exponential(1 / sum(EXTERNAL), files))
    desks = die.choice(3, size=files, p=np.array(EXTERNAL) / sum(EXTERNAL))
    for item, (at, desk) in enumerate(zip(arrivals.tolist(), desks.tolist(), strict=True)):
        entered[item] = at
        network.arrive(item, desk, at)
    network.run(float(arrivals[-1]))
    return np.array(gone), network


def test_the_simulated_network_agrees_with_jackson_and_with_littles_law():
    gone, network = jackson(20_000, 4)
    assert gone.mean() == pytest.approx(0.491887, rel=0.03)
    number = network.item_days / network.now
    assert number == pytest.approx(sum(EXTERNAL) * gone.mean(), rel=0.02)


def one_desk(staff, rate, files, seed, classes=(0,)):
    """Mean wait by class at one desk whose officials serve one file a day."""
    die = np.random.default_rng(seed)
    waits = {number: [] for number in classes}
    arrived = np.cumsum(die.exponential(1 / rate, files)).tolist()
    kind = die.integers(len(classes), size=files).tolist()

    def service(item, _, now):
        waits[kind[item]].append(now - arrived[item])
        return die.exponential(1.0)

    network = Network((staff,), service, lambda *_: (LEAVES, 0.0), lambda item: kind[item])
    for item, at in enumerate(arrived):
        network.arrive(item, 0, at)
    network.run(arrived[-1] + 100)
    return [float(np.mean(waits[number])) for number in sorted(waits)]


def test_the_wait_at_a_desk_of_three_is_erlangs():
    assert one_desk(3, 2.0, 25_000, 1) == pytest.approx([erlang_c(3, 2) / (3 - 2)], rel=0.05)


def test_the_wait_of_two_classes_is_cobhams():
    waits = one_desk(1, 0.6, 25_000, 2, classes=(0, 1))
    assert waits == pytest.approx(priority_waits([0.3, 0.3], [1.0, 1.0]), rel=0.1)


def test_there_are_336_ways_to_seat_twelve_officials():
    assert len(compositions()) == 336
    assert all(sum(seats) == 12 and set(seats) <= {1, 2, 3, 4} for seats in compositions())


def test_equal_staff_cannot_serve_the_diary_and_the_assistants(model):
    p = model.p
    flows = model.fluid.flows(Forms.of([GROWING]), usual(p), 1)
    opened = p.files_per_day / (1 - flows.wrong[0])
    assert opened == pytest.approx(p.files_per_day / (1 - float(p.person_error @ p.script_shares)), rel=0.01)
    assert opened / flows.capacity[0, DIARY] > 1.1
    assert opened / flows.capacity[0, ASSISTANT] > 1.2


def usual(p, **changes):
    """The mean truth before merger and session, as one row."""
    truth = Beliefs(
        overstated=p.overstated_mean[None],
        renamed_share=np.zeros(1),
        drift_week=np.array([99]),
        person_error=p.person_error[None],
        speed=np.ones((1, len(DESKS))),
        assembly_week=np.array([99]),
    )
    return Truths.of(p, replace(truth, **changes), 8)


def test_the_fluid_settles_at_jacksons_mean_numbers(model):
    p, truth, forms = model.p, usual(model.p), Forms.of([replace(GOOD, priority=0)])
    numbers = np.full((1, len(DESKS) + 1), 3.0)
    for _ in range(60):
        _, numbers = model.fluid.play(forms, truth, 1, numbers, 20)
    flows = model.fluid.flows(forms, truth, 1)
    wrong, redo = float(flows.wrong[0]), float(flows.redo[0])
    # redone files enter at the assistants again, and may be sent on to any desk behind them
    routing = np.zeros((6, 6))
    routing[0, 1] = 1.0
    routing[1, 0] = wrong
    rates = np.array(traffic([p.files_per_day, 0, 0, 0, 0, 0], routing))
    rates[1] *= 1 + redo * (1 - wrong)
    passed = rates[1] * (1 - wrong)
    rates[2:] = passed * flows.visits[0, 2:]
    offered = forms.staff[0] * rates / flows.capacity[0]
    expected = [mean_number(int(c), float(a)) for c, a in zip(forms.staff[0], offered, strict=True)]
    assert numbers[0, :-1] == pytest.approx(expected, rel=0.06)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10**6), steps=st.sampled_from([3, 5, 10, 40]))
def test_the_fluid_loses_no_file_between_desks(seed, steps):
    model, die = load("file_routing").model, np.random.default_rng(seed)
    seats = compositions()[int(die.integers(336))]
    chosen = replace(GOOD, staff=seats)
    numbers = die.exponential(10.0, (1, len(DESKS) + 1)) * (die.random(len(DESKS) + 1) < 0.7)
    truth = usual(model.p)
    _, after = model.fluid.play(Forms.of([chosen]), truth, 1, numbers.copy(), steps)
    assert (after >= 0).all()
    assert after.sum() <= numbers.sum() + 5 * model.p.files_per_day * 1.1


@pytest.mark.parametrize("chosen", [GOOD, GROWING, replace(GOOD, priority=2, delegated=True)])
def test_the_fluid_loses_what_the_office_loses_on_average(model, chosen):
    office, fluid = [], []
    for seed in range(10):
        positions = played(model, seed, chosen)
        office.append(sum(model.loss_parts(positions[-1]).values()))
        numbers, total = model.desk(positions[0]).numbers[None], 0.0
        truth = Truths.of(model.p, Beliefs.stacked([positions[0].hidden]), 8)
        for week in range(1, 9):
            loss, numbers = model.fluid.play(Forms.of([chosen]), truth, week, numbers, 10)
            total += float(loss[0])
        fluid.append(total)
    assert np.mean(fluid) == pytest.approx(np.mean(office), rel=0.12)
    assert np.corrcoef(fluid, office)[0, 1] > 0.6


@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_every_file_that_came_is_on_a_desk_or_disposed_of(seed):
    model = load("file_routing").model
    before, after = played(model, seed, GOOD, weeks=2)[1:]
    came = len(draw_week(model.p, before.hidden, before.seed, 2))
    done = float(after.files.sum() - before.files.sum())
    assert len(before.placed) + came == len(after.placed) + done


def test_pending_cost_is_littles_law_in_money(model):
    """File-days counted on the clock are those the files themselves spent."""
    start, end = (played(model, 3, GOOD, weeks=3)[number] for number in (0, 3))
    spent = end.days.sum() + sum(15.0 - place.file.arrived for place in end.placed)
    owed = sum(-place.file.arrived for place in start.placed)
    assert model.loss_parts(end)["pending"] == pytest.approx(model.p.pending_cost * (spent - owed), rel=1e-6)


def test_a_file_sent_back_is_read_by_a_person_and_scripts_may_be_kept_from_the_tool(model):
    file = next(f for f in draw_week(model.p, model.start(1).hidden, 1, 1) if f.script == 2 and f.confidence > 0.7)
    auto = Plan((2,) * 6, 2, 0.5, 0, False, 0)
    assert who_marks(auto, file, 0) == TOOL
    assert who_marks(auto, file, 1) == PERSON
    assert who_marks(replace(auto, reads=1), file, 0) == PERSON
    assert who_marks(replace(auto, threshold=0.99), replace(file, confidence=0.98), 0) == PERSON


def test_a_plan_is_its_form(model):
    for use in markings():
        assert plan(form(use)) == use
    assert len(PRIORITIES) == 3


def test_confidence_shares_are_those_of_a_normal_sample():
    above, stated = confidence_table(0.88, 0.06)
    sample = np.round(np.clip(np.random.default_rng(1).normal(0.88, 0.06, 400_000), 0.5, 0.99), 2)
    for mark in (0.5, 0.8, 0.9, 0.99):
        place = round((mark - 0.5) * 100)
        assert above[place] == pytest.approx((sample >= mark - 1e-9).mean(), abs=0.004)
        assert stated[place] == pytest.approx(sample[sample >= mark - 1e-9].mean(), abs=0.002)


def test_the_tool_is_as_accurate_as_the_design_says(model):
    files = [model.advance(model.start(seed), Decision(1, form(GROWING)))[1].truth for seed in range(40)]
    for name, share in (("english", 94.0), ("urdu", 81.0), ("handwritten", 62.0)):
        assert np.mean([truth[f"accuracy_{name}"] for truth in files]) == pytest.approx(share, abs=3.0)


def test_registers_teach_the_speed_of_the_desks(model):
    errors = []
    for seed in range(8):
        position = played(model, seed, GOOD, weeks=6)[-1]
        found = posterior(model.p, position.hidden, position.evidence, 7, 128, 1)
        spread = found.speed.std(axis=0)
        errors.append((found.speed.mean(axis=0) - position.hidden.speed) / spread)
    assert abs(np.mean(errors)) < 0.4
    assert np.std(errors) == pytest.approx(1.0, abs=0.3)


def test_registers_teach_how_far_the_tool_overstates(model):
    before, after = [], []
    for seed in range(8):
        position = played(model, seed, replace(GOOD, reads=0, threshold=0.5), weeks=7)[-1]
        truth = position.hidden.overstated
        found = posterior(model.p, position.hidden, position.evidence, 8, 128, 1)
        before.append(model.p.overstated_mean - truth)
        after.append(found.overstated.mean(axis=0) - truth)
    assert np.square(after)[:, 1:].mean() < 0.8 * np.square(before)[:, 1:].mean()


@given(wrong=st.integers(0, 30), extra=st.integers(0, 30))
def test_the_likelihood_of_the_registers_is_binomial(wrong, extra):
    p = load("file_routing").model.p
    evidence = Evidence.none(8)
    evidence.marked[1, TOOL, 1], evidence.wrong[1, TOOL, 1] = wrong + extra, wrong
    evidence.stated[1, TOOL, 1] = 0.9 * (wrong + extra)
    overstated = np.tile([0.0, 0.1, 0.0], (1, 1))
    found = tool_likelihood(p, evidence, overstated, np.array([0.3]), np.array([3]))
    assert found[0] == pytest.approx(wrong * np.log(0.2) + extra * np.log(0.8), abs=1e-6)
