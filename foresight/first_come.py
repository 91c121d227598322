"""Today's practice, for comparison: whoever asks first gets the seat, whatever it closes.

Applicants come in random order, each for a course that they may take; a seat of a mode is taken at random among those
left. Seats, trainer hours, budget and who is eligible hold as for the plan; release, women, districts do not.
"""

from __future__ import annotations

import numpy as np

from foresight.planning import Plan, Unmet, cost_of, seats_of, unmet_of
from foresight.programme import Cell, Programme
from foresight.world import Array, Site


def first_come(programme: Programme, seed: int) -> Plan:
    """Seats as they go to whoever asks; the same for the same seed."""
    rng = np.random.default_rng(seed)
    given = _hand_out(programme, rng)
    left = unmet_of(programme, given)
    women = [0.0] * len(programme.courses)
    for amount, (course, _mode) in zip(given, programme.seats, strict=True):
        site = programme.courses[course][0]
        # Women ask as often as men, so their share of the applicants is that of the staff.
        women[course] += float(amount) * site.women / site.people if site.people else 0.0
    return Plan(
        seats=seats_of(programme, given, women),
        unmet=tuple(Unmet(cell, by, None) for cell, by in zip(programme.cells, left, strict=True)),
        objective=sum(cell.weight * by for cell, by in zip(programme.cells, left, strict=True)),
        cost_pkr=cost_of(programme, given),
    )


def _hand_out(programme: Programme, rng: np.random.Generator) -> Array:
    given = np.zeros(len(programme.seats))
    if not programme.seats:
        return given
    modes = programme.modes
    seats = np.array([mode.seats for mode in modes])
    hours = np.array([mode.trainer_hours for mode in modes])
    needed = np.array([mode.hours / mode.group_size for mode in modes])
    cost = np.array([mode.cost_pkr for mode in modes])
    budget = programme.budget_pkr
    staff = {department: _staff(programme, department) for department in programme.release_hours}
    applicants = np.array([_applicants(site, cell, staff[site.department]) for site, cell in programme.courses])
    while applicants.sum() > 0:
        is_open = (seats >= 1) & (hours >= needed) & (cost <= budget)
        if not is_open.any():
            break
        course = _one_of(rng, applicants)
        mode = _one_of(rng, np.where(is_open, seats, 0.0))
        applicants[course] -= 1
        seats[mode] -= 1
        hours[mode] -= needed[mode]
        budget -= cost[mode]
        given[course * len(modes) + mode] += 1
    return given


def _applicants(site: Site, cell: Cell, staff: float) -> float:
    """Who is eligible at a site: its part of the department's."""
    return float(np.floor(min(site.people, cell.eligible * site.people / (staff or 1.0))))


def _staff(programme: Programme, department: str) -> float:
    return sum(site.people for site in programme.sites if site.department == department)


def _one_of(rng: np.random.Generator, weights: Array) -> int:
    """A place, drawn in proportion to its weight."""
    steps = np.cumsum(weights)
    return int(np.searchsorted(steps, rng.random() * steps[-1], side="right"))
