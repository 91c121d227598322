"""Two firms of a quarter for the officer to judge before the tool's score is seen."""

import numpy as np

from simulations.cases import signs_seen
from simulations.engine import Bools, Floats, Ints, stream
from simulations.scenarios.tax_audit import response
from simulations.scenarios.tax_audit.inquiries import View
from simulations.scenarios.tax_audit.world import SECTORS
from simulations.types import Case

EVADING, HONEST = "evading", "honest"
_DICE_A_CASE = 7


def cases(view: View, chance: Floats, evade_die: Floats) -> tuple[Case, ...]:
    """A firm of the familiar small retailers and one of the others, each evading one time in two.

    chance: the tool's probability by firm; it names the upper half.  Whether a firm evades is asked before letters
    go out.
    """
    p, firms, state = view.p, view.firms, view.state
    perceived = response.perceived_audit(p, firms, state.cell_rate, state.own, np.zeros(len(firms)))
    evading = evade_die < response.chance_of_evasion(p, firms, perceived)
    place = np.empty(len(firms))
    place[np.argsort(np.round(chance, 9), kind="stable")] = np.arange(len(firms)) / (len(firms) - 1)
    dice = stream(view.seed, "cases", state.round).random((2, _DICE_A_CASE))
    return tuple(
        _case(view, _chosen(np.flatnonzero(group), evading, row), place, evading, row[2:])
        for group, row in zip((firms.familiar, ~firms.familiar), dice, strict=True)
    )


def _chosen(rows: Ints, evading: Bools, dice: Floats) -> int:
    wanted = rows[evading[rows] == (dice[0] < 0.5)]
    among = wanted if len(wanted) else rows
    return int(among[int(dice[1] * len(among))])


def _case(view: View, row: int, place: Floats, evading: Bools, dice: Floats) -> Case:
    firms, score = view.firms, float(place[row])
    district = int(firms.district[row])
    return Case(
        id=f"firm_{view.state.round}_{row}",
        values={
            "sector": SECTORS[firms.sector[row]],
            "district": f"district_{district}",
            "register": round(float(firms.register[row]), 2),
            "signs": signs_seen(dice, view.p.sign_shares, int(evading[row])),
        },
        answers=(EVADING, HONEST),
        advice=EVADING if score > 0.5 else HONEST,
        confidence=max(score, 1 - score),
        truth=EVADING if evading[row] else HONEST,
        group=f"district_{district}",
    )
