"""Possible worlds behind a desk, and the decisions the score compares."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from simulations.engine import Floats, stream
from simulations.scenarios.procurement.belief import Desk
from simulations.scenarios.procurement.policies import options
from simulations.scenarios.procurement.world import Hidden, Ints, Parameters, Tenders, overprice, scheme_path
from simulations.types import Value

OTHER_CARDS = 2


def candidates(p: Parameters, desk: Desk, rounds: int) -> tuple[Mapping[str, Value], ...]:
    """The best decision, its neighbours in days, holds, hearing, comparison and publication, and the other cards."""
    first, *others = options(p, desk, rounds, 1 + OTHER_CARDS)
    found: list[dict[str, Value]] = [first]
    holds = int(first["holds"])
    found += [{**first, "holds": max(0, min(10, holds + step))} for step in (2, -2)]
    found += [{**first, "publication": name} for name in ("none", "core", "full")]
    found += [{**first, "hearing": "none"}, {**first, "comparison": "all_offices"}]
    found += [moved(first, step) for step in (2, -2)]
    found += others
    distinct = {tuple(sorted(values.items())): values for values in found}
    return tuple(distinct.values())


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

    What appeals set aside is known from nothing on the desk; it is drawn from its prior.
    """
    month, tables = desk.month, desk.tables
    die = stream(base, "possible", month)
    point = int(_picked(np.array(die.random()), desk.belief))
    kinds = _picked(die.random(len(desk.tenders)), desk.chance_at(point))
    over = overprice(p, kinds, desk.tenders.small, die.random(len(desk.tenders)))
    main = int(tables.main[point])
    schemes = (main,) * month + scheme_path(p, base, main, month, rounds + 1)
    hidden = Hidden(int(tables.base[point]), int(tables.last[point]), int(die.random() * len(p.overturned)), schemes)
    return hidden, replace(desk.tenders, kind=kinds, overprice=over)
