"""Closed forms of queueing theory that scenarios and their tests lean on."""

from collections.abc import Sequence

import numpy as np


class Oversaturated(ValueError):
    """The offered load reaches or exceeds capacity, so no steady state exists."""


def handled_per_week(arrivals_per_week: float, reopen_share: float) -> float:
    """Complaints handled a week in steady state when a share of closures comes back.

    Geometric feedback: arrivals / (1 - reopen_share). ``reopen_share`` lies in [0, 1). Source: Jackson
    (1957), traffic equations of a one-station network with feedback.
    """
    if not 0 <= reopen_share < 1:
        raise Oversaturated("The re-opening share must be at least 0 and below 1.")
    return arrivals_per_week / (1 - reopen_share)


def priority_waits(arrivals: Sequence[float], services: Sequence[float]) -> tuple[float, ...]:
    """Mean wait before service by class in an M/M/1 queue with non-preemptive priority, first class first.

    ``arrivals`` and ``services`` are rates per unit of time. Source: Cobham (1954), Operations Research 2(1):
    W_k = R / ((1 - s_{k-1}) (1 - s_k)), s_k the load of classes up to k, R = sum of lambda_i / mu_i^2.
    """
    loads = [arrival / service for arrival, service in zip(arrivals, services, strict=True)]
    if sum(loads) >= 1:
        raise Oversaturated(f"The load is {sum(loads):.3f}; it must stay below 1.")
    residual = sum(load / service for load, service in zip(loads, services, strict=True))
    waits, used = [], 0.0
    for load in loads:
        waits.append(residual / ((1 - used) * (1 - used - load)))
        used += load
    return tuple(waits)


def priority_cost(
    arrivals: Sequence[float], services: Sequence[float], costs: Sequence[float], order: Sequence[int]
) -> float:
    """Mean waiting cost per unit of time when classes are served in ``order`` (M/M/1, non-preemptive)."""
    waits = priority_waits([arrivals[i] for i in order], [services[i] for i in order])
    return sum(costs[i] * arrivals[i] * wait for i, wait in zip(order, waits, strict=True))


def cost_rate_order(costs: Sequence[float], services: Sequence[float]) -> tuple[int, ...]:
    """The c-mu rule: classes by falling waiting cost times service rate (Cox & Smith 1961, Queues)."""
    return tuple(sorted(range(len(costs)), key=lambda i: (-costs[i] * services[i], i)))


def erlang_b(servers: int, load: float) -> float:
    """Share of calls lost in an M/M/c/c system. load: Erlangs, >= 0. Source: Erlang (1917), by recursion."""
    blocked = 1.0
    for count in range(1, servers + 1):
        blocked = load * blocked / (count + load * blocked)
    return blocked


def erlang_c(servers: int, offered: float) -> float:
    """Probability that an arrival has to wait in an M/M/c queue, 0 to 1.

    offered: arrivals times mean service time, in servers, >= 0. Source: Erlang (1917), by the recursion of Erlang's
    loss formula B(k) = a B(k-1) / (k + a B(k-1)), then C = c B / (c - a (1 - B)). Raises Oversaturated from c on.
    """
    if not 0 <= offered < servers:
        raise Oversaturated(f"The offered load is {offered:.3f}; it must stay below {servers} servers.")
    loss = erlang_b(servers, offered)
    return servers * loss / (servers - offered * (1 - loss))


def shared_priority_waits(servers: int, arrivals: Sequence[float], service: float) -> tuple[float, ...]:
    """Mean wait before service by class, first class first, in an M/M/c queue with non-preemptive priority.

    arrivals: rates per unit of time; service: rate of one server, the same for all classes.
    W_k = C / (c mu) / ((1 - s_{k-1}) (1 - s_k)), s_k the utilisation by classes up to k.
    Source: Cobham (1954), Operations Research 2(1). Raises Oversaturated.
    """
    delay = erlang_c(servers, sum(arrivals) / service) / (servers * service)
    waits, used = [], 0.0
    for rate in arrivals:
        share = rate / (servers * service)
        waits.append(delay / ((1 - used) * (1 - used - share)))
        used += share
    return tuple(waits)


def mean_number(servers: int, offered: float) -> float:
    """Mean number in an M/M/c queue, waiting or in service: a + C a / (c - a). Raises Oversaturated."""
    return offered + erlang_c(servers, offered) * offered / (servers - offered)


def traffic(external: Sequence[float], routing: Sequence[Sequence[float]]) -> tuple[float, ...]:
    """Arrival rates of the stations of an open network: the solution of lambda = gamma + P' lambda.

    external: arrivals from outside by station, per unit of time. routing[i][j]: share of what leaves i that goes to j.
    Source: Jackson (1957), Operations Research 5(4).
    """
    matrix = np.eye(len(external)) - np.array(routing, dtype=np.float64).T
    return tuple(float(rate) for rate in np.linalg.solve(matrix, np.array(external, dtype=np.float64)))
