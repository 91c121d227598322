"""Possible worlds behind a desk, and the decisions the score compares."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from simulations.engine import Floats, Ints, stream
from simulations.scenarios.procurement.belief import Desk
from simulations.scenarios.procurement.policies import best
from simulations.scenarios.procurement.world import SCHEMES, Hidden, Parameters, Tenders, overprice, paths
from simulations.types import Value


def candidates(p: Parameters, desk: Desk, rounds: int) -> tuple[Mapping[str, Value], ...]:
    """The best decision, its neighbours in all but its points, and what it would be if one knew more.

    One may know which scheme pads prices most this month, and whether files are complete.
    """
    first = best(p, desk, rounds)
    holds = int(first["holds"])
    found: list[dict[str, Value]] = [first]
    found += [{**first, "holds": max(0, min(10, holds + step))} for step in (2, -2)]
    found += [{**first, "publication": name} for name in ("none", "core", "full")]
    found += [{**first, "hearing": "none"}, {**first, "comparison": "all_offices"}, moved(first, 2), moved(first, -2)]
    found.append({**first, "ai_mode": "ignore" if first["ai_mode"] == "advise" else "advise"})
    schemes = np.eye(len(SCHEMES))
    known = [replace(desk, costly=row, weeded=share) for row in schemes for share in (0.01, 0.99)]
    found += [best(p, each, rounds) for each in known]
    return tuple({tuple(sorted(values.items())): values for values in found}.values())


def moved(values: Mapping[str, Value], step: int) -> dict[str, Value]:
    """Days moved from the desk reviews of the list to the lot, as far as both can give."""
    lot, desk = int(values["lot_days"]), int(values["desk_days"])
    step = max(-lot, min(step, desk))
    return {**values, "lot_days": lot + step, "desk_days": desk - step}


def _picked(die: Floats, chance: Floats) -> Ints:
    """One column by row, with these chances."""
    bounds = np.cumsum(chance, axis=-1)
    place = (bounds < die[..., None] * bounds[..., -1:]).sum(axis=-1)
    return np.asarray(np.minimum(place, chance.shape[-1] - 1), dtype=np.intp)


def possible_truth(p: Parameters, desk: Desk, rounds: int, base: int) -> tuple[Hidden, Tenders]:
    """A draw from the exact posterior: first base rate, scheme and learning month, then the kind of each tender.

    What appeals set aside and whether files are complete is known from nothing on the desk: both are drawn from
    their priors; the costly scheme from what proven cases have shown.
    """
    month, tables = desk.month, desk.tables
    die = stream(base, "possible", month)
    point = int(_picked(np.array(die.random()), desk.belief))
    kinds = _picked(die.random(len(desk.tenders)), desk.chance_at(point))
    costly = int(_picked(np.array(die.random()), desk.costly))
    over = overprice(p, kinds, desk.tenders.small, die.random(len(desk.tenders)), costly)
    weeded = int(die.random() < desk.weeded)
    now = Hidden(
        base_rate=int(tables.base[point]),
        learning=int(tables.last[point]),
        overturned=int(die.random() * len(p.overturned)),
        schemes=(int(tables.main[point]),),
        costly=(costly,),
        weeded=(weeded,),
    )
    return paths(p, base, month, rounds + 1, now), replace(desk.tenders, kind=kinds, overprice=over)
