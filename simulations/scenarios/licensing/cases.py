"""Two doubtful files of a week, for the officer to judge before the tool's advice is seen."""

import numpy as np

from simulations.engine import Floats, stream
from simulations.scenarios.licensing import papers
from simulations.scenarios.licensing.world import GROUPS, OLD_PHOTO, TWO_SPELLINGS, Parameters, Truth
from simulations.types import Case

CASES = 2
ANSWERS = ("genuine", "forged")
GENUINE, KNOWN, NEW = range(3)


def desk(p: Parameters, seed: int, truth: Truth, week: int) -> tuple[Case, ...]:
    """The cases of a week. They are doubtful ones, so forgeries are commoner among them than at the counter."""
    dice = stream(seed, "cases", week).random((CASES, 6))
    return tuple(_case(p, truth, week, number, row) for number, row in enumerate(dice, start=1))


def _kind(p: Parameters, truth: Truth, week: int, forged: float, template: float) -> int:
    if forged >= p.case_forged_share:
        return GENUINE
    return NEW if template < float(papers.new_share_now(p, truth, week)[0]) else KNOWN


def _case(p: Parameters, truth: Truth, week: int, number: int, dice: Floats) -> Case:
    group_die, forged, template, agent, seal, tool = (float(die) for die in dice)
    group = int(np.searchsorted(np.round(np.cumsum(p.case_group_shares)[:-1], 9), group_die, side="right"))
    kind = _kind(p, truth, week, forged, template)
    flagged = tool < flag_chance(p, truth, group, kind)
    return Case(
        id=f"{week}_{number}",
        values={
            "spelling": "two_ways" if group == TWO_SPELLINGS else "same",
            "photo": "old" if group == OLD_PHOTO else "recent",
            "brought": "agent" if agent < p.case_agent[int(kind != GENUINE)] else "self",
            "seal": "doubtful" if seal < p.case_seal_doubtful[kind] else "clear",
        },
        answers=ANSWERS,
        advice="forged" if flagged else "genuine",
        confidence=p.claimed_accuracy,
        truth="genuine" if kind == GENUINE else "forged",
        group=GROUPS[group],
    )


def flag_chance(p: Parameters, truth: Truth, group: int, kind: int) -> float:
    """Chance that the tool calls a case forged, given its group and whether and how it is forged."""
    threshold = np.array([p.case_threshold])
    if kind == GENUINE:
        return float(papers.genuine_flags(p, truth.name_rejects, threshold)[0, group])
    return float(papers.forged_flags(p, threshold)[0, kind - KNOWN])
