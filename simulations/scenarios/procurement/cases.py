"""Two tenders of the month for the officer to judge before the tool's alarm is seen."""

import numpy as np

from simulations.engine import Ints, stream
from simulations.scenarios.procurement.office import card_chance, tool_points
from simulations.scenarios.procurement.world import HONEST, SIZES, Parameters, Tenders
from simulations.types import Case, Value

WRONG, SOUND = "wrong", "sound"
ANSWERS = (WRONG, SOUND)
_YES = ("no", "yes")


def alarm(p: Parameters, tenders: Tenders) -> Ints:
    """1 where the delivered tool raises its alarm."""
    return (tool_points(p, tenders) >= p.alarm_points).astype(np.intp)


def tender_values(tenders: Tenders, row: int) -> dict[str, Value]:
    """What the file on one tender shows."""
    return {
        "size": SIZES[int(tenders.small[row])],
        "price": round(float(tenders.price[row]), 1),
        "bidders": int(tenders.bidders[row]),
        "spread": round(100 * float(tenders.spread[row]), 1),
        "notice": int(tenders.notice[row]),
        "repeat": _YES[int(tenders.repeat[row])],
        "shared": _YES[int(tenders.shared[row])],
        "emergency": _YES[int(tenders.emergency[row])],
    }


def monthly_cases(p: Parameters, seed: int, month: int, tenders: Tenders) -> tuple[Case, ...]:
    """One tender of a large and one of a small office; abused ones are shown more often than they occur."""
    dice = stream(seed, "cases", month).random((len(SIZES), 2))
    warned, points = alarm(p, tenders), tool_points(p, tenders)
    found = []
    for size, name in enumerate(SIZES):
        mine = tenders.small == size
        abused = np.flatnonzero(mine & (tenders.kind != HONEST))
        honest = np.flatnonzero(mine & (tenders.kind == HONEST))
        pool = abused if len(abused) and (dice[size, 0] < p.case_share or not len(honest)) else honest
        if not len(pool):
            continue
        row = int(pool[int(dice[size, 1] * len(pool))])
        advice = WRONG if warned[row] else SOUND
        sure = float(card_chance(p, points[row : row + 1] - p.alarm_points + p.card_offset / p.point_value)[0])
        found.append(
            Case(
                id=f"{month}_{row}",
                values=tender_values(tenders, row),
                answers=ANSWERS,
                advice=advice,
                confidence=round(max(sure, 1 - sure), 4),
                truth=SOUND if tenders.kind[row] == HONEST else WRONG,
                group=name,
            )
        )
    return tuple(found)
