"""The same queue (M/M/3, two thirds busy) in our engine, in SimPy and in Ciw: equal waits, and how long each takes."""

from __future__ import annotations

import math
import random
import statistics
import time
from collections.abc import Callable, Generator, Sequence
from pathlib import Path
from typing import Any

import ciw
import numpy as np
import simpy

from benchmarks.figures import Figure
from simulations.waits import simulated_waits

GROUP = "A queue of 3 servers, {customers:,} customers"
SERVERS, ARRIVALS, SERVICES = 3, 2.0, 1.0  # rates an hour
RUNS, CUSTOMERS, WARM_UP = 80, 2_500, 500
NORMAL_99 = 2.575829
Waits = Sequence[float]  # mean wait of each run, hours


def measure(_folder: Path) -> list[Figure]:
    """Each engine plays the same number of runs with dice of its own. Raises RuntimeError where mean waits differ."""
    ours, our_seconds = _timed(_hunar)
    figures = []
    for name, engine in (("SimPy", _simpy), ("Ciw", _ciw)):
        theirs, their_seconds = _timed(engine)
        _require_equal(name, ours, theirs)
        group = GROUP.format(customers=RUNS * CUSTOMERS) + f", {name}"
        figures += [
            Figure(group, "time", our_seconds, "s", RUNS, their_seconds, their_seconds / our_seconds, name),
            Figure(
                group, "mean wait", 60 * statistics.mean(ours), "min", RUNS, 60 * statistics.mean(theirs), None, name
            ),
        ]
    return figures


def _timed(engine: Callable[[], Waits]) -> tuple[Waits, float]:
    began = time.perf_counter()
    waits = engine()
    return waits, time.perf_counter() - began


def _require_equal(name: str, ours: Waits, theirs: Waits) -> None:
    error = math.hypot(*(statistics.stdev(waits) / math.sqrt(len(waits)) for waits in (ours, theirs)))
    difference = statistics.mean(ours) - statistics.mean(theirs)
    if abs(difference) > NORMAL_99 * error:
        raise RuntimeError(f"Mean waits of Hunar and {name} differ by {difference:.4f} h, error {error:.4f} h.")


def _hunar() -> Waits:
    dice = np.random.default_rng(1)
    gaps = dice.exponential(1 / ARRIVALS, (RUNS, CUSTOMERS))
    waits = simulated_waits(gaps, dice.exponential(1 / SERVICES, (RUNS, CUSTOMERS)), SERVERS)
    return [float(wait) for wait in waits[:, WARM_UP:].mean(axis=1)]


def _simpy() -> Waits:
    return [_simpy_run(random.Random(seed)) for seed in range(RUNS)]


def _simpy_run(dice: random.Random) -> float:
    hall = simpy.Environment()
    counters = simpy.Resource(hall, SERVERS)
    waits: list[float] = []

    def citizen() -> Generator[Any, Any, None]:
        arrived = hall.now
        with counters.request() as turn:
            yield turn
            waits.append(hall.now - arrived)
            yield hall.timeout(dice.expovariate(SERVICES))

    def door() -> Generator[Any, Any, None]:
        for _ in range(CUSTOMERS):
            yield hall.timeout(dice.expovariate(ARRIVALS))
            hall.process(citizen())

    hall.process(door())
    hall.run()
    return statistics.fmean(waits[WARM_UP:])


def _ciw() -> Waits:
    return [_ciw_run(seed) for seed in range(RUNS)]


def _ciw_run(seed: int) -> float:
    ciw.seed(seed)
    network = ciw.create_network(
        arrival_distributions=[ciw.dists.Exponential(rate=ARRIVALS)],
        service_distributions=[ciw.dists.Exponential(rate=SERVICES)],
        number_of_servers=[SERVERS],
    )
    simulation = ciw.Simulation(network)
    simulation.simulate_until_max_customers(CUSTOMERS)
    records = sorted(simulation.get_all_records(), key=lambda record: record.arrival_date)
    return statistics.fmean(record.waiting_time for record in records[WARM_UP:])
