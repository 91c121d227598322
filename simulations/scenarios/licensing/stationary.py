"""Servers by period: square-root staffing, and whole servers that add up."""

import numpy as np

from simulations.engine import Floats


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
