"""Waits in a queue served in order of arrival, for many runs at once."""

import numpy as np

from simulations.engine import Floats


def simulated_waits(gaps: Floats, services: Floats, servers: int) -> Floats:
    """Wait before service of every customer of a G/G/c queue that starts empty, (run, customer).

    gaps: time from the customer before (the first: from time 0), services: time in service, both (run, customer), in
    one unit of time. A customer waits until the least loaded server is free; the loads, sorted, are all that is kept.
    Source: Kiefer & Wolfowitz (1955), On the theory of queues with many servers, Trans. Amer. Math. Soc. 78.
    Raises ValueError for shapes that differ, for no server, or for negative times.
    """
    if gaps.shape != services.shape or gaps.ndim != 2:
        raise ValueError(f"gaps {gaps.shape} and services {services.shape} must have one shape (run, customer).")
    if servers < 1 or gaps.min(initial=0.0) < 0 or services.min(initial=0.0) < 0:
        raise ValueError("There must be at least one server, and no time may be negative.")
    runs, customers = gaps.shape
    load = np.zeros((servers, runs))
    waits = np.empty((customers, runs))
    for number, (gap, service) in enumerate(zip(gaps.T.copy(), services.T.copy(), strict=True)):
        np.maximum(load - gap, 0.0, out=load)
        waits[number] = load[0]
        load[0] += service
        load.sort(axis=0)
    return np.ascontiguousarray(waits.T)
