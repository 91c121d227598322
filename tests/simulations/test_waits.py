"""Simulated waits against Erlang (1917) and against cases counted by hand."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from simulations.waits import simulated_waits

RUNS, CUSTOMERS, WARM_UP = 200, 6_000, 1_000


def erlang_wait(servers, arrival_rate, service_rate):
    """Mean wait of M/M/c by Erlang's formula, written out as the sum it is usually printed as."""
    offered = arrival_rate / service_rate
    last = offered**servers / math.factorial(servers) * servers / (servers - offered)
    chance = last / (sum(offered**k / math.factorial(k) for k in range(servers)) + last)
    return chance / (servers * service_rate - arrival_rate)


def test_three_customers_and_two_servers_counted_by_hand():
    gaps, services = np.array([[0.0, 1.0, 1.0, 0.0]]), np.array([[5.0, 2.0, 1.0, 4.0]])
    # at 0, 1, 2, 2: servers free at 5 and 3, so the third waits 1 until 3, the fourth 2 until 4
    assert simulated_waits(gaps, services, 2).tolist() == [[0.0, 0.0, 1.0, 2.0]]


@pytest.mark.parametrize(("servers", "load"), [(1, 0.7), (3, 2 / 3), (5, 0.8)])
def test_the_mean_wait_is_erlangs(servers, load):
    dice = np.random.default_rng(7)
    gaps = dice.exponential(1 / (servers * load), (RUNS, CUSTOMERS))
    waits = simulated_waits(gaps, dice.exponential(1.0, (RUNS, CUSTOMERS)), servers)[:, WARM_UP:].mean(axis=1)
    error = waits.std(ddof=1) / math.sqrt(RUNS)
    assert waits.mean() == pytest.approx(erlang_wait(servers, servers * load, 1.0), abs=4 * error)
    assert error < 0.02 * waits.mean()


times = arrays.arrays(np.float64, (3, 12), elements=st.floats(0, 10))


@settings(max_examples=50)
@given(gaps=times, services=times)
def test_one_server_obeys_lindleys_recursion_and_more_servers_never_make_wait_longer(gaps, services):
    one, two = (simulated_waits(gaps, services, servers) for servers in (1, 2))
    for run in range(3):
        wait = 0.0
        for customer in range(1, 12):
            wait = max(0.0, wait + services[run, customer - 1] - gaps[run, customer])
            assert one[run, customer] == pytest.approx(wait, abs=1e-9)
    assert (two <= one + 1e-9).all()


@pytest.mark.parametrize(
    ("gaps", "services", "servers"),
    [(np.ones((1, 2)), np.ones((1, 3)), 1), (np.ones(2), np.ones(2), 1), (np.ones((1, 2)), -np.ones((1, 2)), 1),
     (np.ones((1, 2)), np.ones((1, 2)), 0)],
)  # fmt: skip
def test_what_is_no_queue_is_refused(gaps, services, servers):
    with pytest.raises(ValueError, match="must"):
        simulated_waits(gaps, services, servers)
