"""Closed forms of the M/M/c queue: Erlang B and C, priority waits, square-root staffing."""

from collections.abc import Sequence

import numpy as np

from simulations.engine import Floats
from simulations.queueing import Oversaturated


def erlang_b(servers: int, load: float) -> float:
    """Share of calls lost in an M/M/c/c system. load: Erlangs, >= 0. Source: Erlang (1917), by recursion."""
    blocked = 1.0
    for count in range(1, servers + 1):
        blocked = load * blocked / (count + load * blocked)
    return blocked


def erlang_c(servers: int, load: float) -> float:
    """Probability that an arrival must wait in an M/M/c queue. load: Erlangs, 0 <= load < servers.

    Raises Oversaturated otherwise. Source: Erlang (1917); from Erlang B as in Gross et al., Fundamentals of
    Queueing Theory.
    """
    if load >= servers:
        raise Oversaturated(f"The load is {load:.3f} Erlangs; it must stay below {servers} servers.")
    blocked = erlang_b(servers, load)
    return servers * blocked / (servers - load * (1 - blocked))


def priority_waits(servers: int, arrivals: Sequence[float], service: float) -> tuple[float, ...]:
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


def square_root_staffing(loads: Floats, staff: Floats) -> Floats:
    """Servers by period, c = R + beta sqrt(R), with the one beta that uses up the staff.

    loads: Erlangs by (case, period), > 0.  staff: servers in all periods together, by case. Not rounded.
    Source: Halfin & Whitt (1981), Operations Research 29(3).
    """
    roots = np.sqrt(loads)
    beta = (staff - loads.sum(axis=1)) / roots.sum(axis=1)
    return np.asarray(loads + beta[:, None] * roots, dtype=np.float64)


def rounded_staffing(wanted: Floats, staff: Floats, least: int, most: int) -> Floats:
    """Whole servers within ``least`` and ``most`` that add up to ``staff``, taken from the largest shortfall first.

    wanted: by (case, period).  Needs periods * least <= staff <= periods * most.
    """
    servers = np.clip(np.floor(wanted), least, most)
    rows = np.arange(len(wanted))
    for _ in range(int(np.abs(staff - servers.sum(axis=1)).max(initial=0))):
        missing = np.sign(staff - servers.sum(axis=1))
        short = np.round(wanted - servers, 9)
        up = np.argmax(np.where(servers < most, short, -np.inf), axis=1)
        down = np.argmin(np.where(servers > least, short, np.inf), axis=1)
        servers[rows, np.where(missing > 0, up, down)] += missing
    return servers
