"""Single complaints: their numbers in the register, and two a week for the officer to judge before the tool speaks."""

import numpy as np

from simulations.cases import signs_seen
from simulations.engine import Floats, Ints, stream
from simulations.scenarios.grievance.office import FUTURE, OPEN, SILENT, State
from simulations.scenarios.grievance.world import CLASSES, LANGUAGES, URGENT, Complaints, Parameters
from simulations.types import Case

URGENT_ANSWER, OTHER_ANSWER = "urgent", "not_urgent"
_DICE_A_CASE = 7


def register_numbers(table: Complaints, state: State) -> Ints:
    """Each complaint's number in the register, by the order in which the office first saw it; from 1.

    Complaints the office does not know yet come after all others.
    """
    unknown = (state.status == FUTURE) | (state.status == SILENT)
    numbers = np.empty(len(table), dtype=np.intp)
    numbers[np.lexsort((state.seen_round, unknown))] = np.arange(1, len(table) + 1, dtype=np.intp)
    return numbers


def cases(p: Parameters, seed: int, table: Complaints, state: State) -> tuple[Case, ...]:
    """A complaint of this week in Pashto or Roman Urdu, and one of the others; each urgent one time in two."""
    fresh = np.flatnonzero((state.status == OPEN) & (state.seen_round == state.round))
    badly_read = np.isin(table.language[fresh], (LANGUAGES.index("pashto"), LANGUAGES.index("roman_urdu")))
    dice = stream(seed, "cases", state.round).random((2, _DICE_A_CASE))
    numbers = register_numbers(table, state)
    found = []
    for rows, row_dice in zip((fresh[badly_read], fresh[~badly_read]), dice, strict=True):
        if len(rows):
            row = _chosen(table, rows, row_dice)
            found.append(_case(p, table, row, int(numbers[row]), row_dice[2:]))
    return tuple(found)


def _chosen(table: Complaints, rows: Ints, dice: Floats) -> int:
    urgent = table.severity[rows] == URGENT
    wanted = rows[urgent == (dice[0] < 0.5)]
    among = wanted if len(wanted) else rows
    return int(among[int(dice[1] * len(among))])


def _case(p: Parameters, table: Complaints, row: int, number: int, dice: Floats) -> Case:
    evidence, level = float(table.evidence[row]), int(np.searchsorted(p.severity_levels, table.severity[row]))
    score = float(1 / (1 + np.exp(-p.score_slope * evidence)))
    language = LANGUAGES[table.language[row]]
    return Case(
        id=f"complaint_{number}",
        values={
            "class": CLASSES[table.category[row]],
            "language": language,
            "account": "woman" if table.woman[row] else "own",
            "signs": signs_seen(dice, p.sign_shares, level),
        },
        answers=(URGENT_ANSWER, OTHER_ANSWER),
        advice=URGENT_ANSWER if evidence > 0 else OTHER_ANSWER,
        confidence=max(score, 1 - score),
        truth=URGENT_ANSWER if table.severity[row] == URGENT else OTHER_ANSWER,
        group=language,
    )
