"""What each inquiry brings back. Draws come from streams of their own: asking never shifts the dice."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from simulations.engine import Bools, Floats, Ints, stream
from simulations.estimates import percent, stability_index
from simulations.inquiries import DECOYS, plain, wilson
from simulations.scenarios.targeting.office import State
from simulations.scenarios.targeting.tool import contributions, line_score, old_score, tool_score
from simulations.scenarios.targeting.world import (
    ELECTRICITY,
    GROUPS,
    LIVESTOCK,
    NOMAD,
    SETTLED,
    Households,
    Parameters,
    Truth,
)

PANEL = 45
ASKED = 20
SURVEYED = 150


@dataclass(frozen=True)
class View:
    """Where the inquiry is made."""

    p: Parameters
    seed: int
    homes: Households
    truth: Truth
    state: State

    @property
    def welfare(self) -> Floats:
        """Welfare now, hidden from the office."""
        return self.truth.now(self.p, flooded=self.is_flooded)

    @property
    def is_flooded(self) -> bool:
        """Whether the flood has come."""
        return self.state.round >= self.truth.flood_round

    @property
    def poor(self) -> Bools:
        """Who is poor now."""
        return np.asarray(self.welfare < self.homes.line, dtype=np.bool_)

    @property
    def refused(self) -> Bools:
        """Whom the tool takes for not poor."""
        return np.asarray(tool_score(self.p, self.homes) >= line_score(self.p, self.homes), dtype=np.bool_)

    def dice(self, name: str) -> np.random.Generator:
        """The dice of one inquiry in this period."""
        return stream(self.seed, f"inquiry:{name}", self.state.round)

    def sample(self, name: str, rows: Ints, size: int) -> Ints:
        """A simple random sample without replacement of at most ``size`` of the rows."""
        die = self.dice(name).random(len(rows))
        return np.asarray(rows[np.argsort(die, kind="stable")[:size]], dtype=np.intp)

    def measured(self, name: str, rows: Ints) -> Floats:
        """Consumption of these households on the scale of the score, with the error of a short interview."""
        noise = self.p.measurement_error * self.dice(f"{name}:measured").standard_normal(len(self.homes))
        return np.asarray(50 + self.p.points_per_unit * self.welfare[rows] + noise[rows], dtype=np.float64)


def ai_card(view: View) -> Mapping[str, float]:
    """The vendor's claim, and how many of each group its survey met."""
    p = view.p
    return {
        "claimed": 100 * p.claimed_accuracy,
        "years": float(p.survey_age_years),
        "n": float(p.survey_households),
        "nomads": 0.0,
    }


def error_by_group(view: View, size: int) -> Mapping[str, float]:
    """Full interviews with households drawn by lot, a third from each group: who is poor, whom the tool missed."""
    values: dict[str, float] = {}
    for number, name in enumerate(GROUPS):
        rows = view.sample(f"error:{name}", np.flatnonzero(view.homes.group == number), size // len(GROUPS))
        values[f"n_{name}"] = float(len(rows))
        values[f"poor_{name}"] = float(np.count_nonzero(view.poor[rows]))
        values[f"missed_{name}"] = float(np.count_nonzero(view.poor[rows] & view.refused[rows]))
    return values


def drift_check(view: View) -> Mapping[str, float]:
    """Herds and meters of today against the tool's survey, and how far a small panel lies from its scores."""
    homes = view.homes
    then = homes.marks[homes.group == SETTLED]
    panel = view.sample("panel", np.arange(len(homes), dtype=np.intp), PANEL)
    away = tool_score(view.p, homes)[panel] - view.measured("panel", panel)
    return {
        "psi_livestock": stability_index(then[:, LIVESTOCK], homes.marks[homes.group != SETTLED, LIVESTOCK]),
        "psi_electricity": stability_index(then[:, ELECTRICITY], homes.marks[homes.group != SETTLED, ELECTRICITY]),
        "n": float(PANEL),
        "too_high": float(away.mean()),
    }


def why_this_case(view: View) -> Mapping[str, float]:
    """Points behind the score of one refused household of the camps, and what an interview there measured."""
    camps = np.flatnonzero((view.homes.group == NOMAD) & view.refused)
    rows = view.sample("why", camps if len(camps) else np.arange(len(view.homes), dtype=np.intp), 1)
    row = int(rows[0])
    return {
        **contributions(view.p, view.homes, row),
        "score": float(tool_score(view.p, view.homes)[row]),
        "line": line_score(view.p, view.homes),
        "measured": float(view.measured("why", rows)[0]),
    }


def history(view: View) -> Mapping[str, float]:
    """Complaints of the years before the run against the old form, by group, and how many of them proved right."""
    p, homes = view.p, view.homes
    missed = old_score(p, homes) >= line_score(p, homes)
    poor = view.truth.welfare < homes.line
    values: dict[str, float] = {}
    for number, name in enumerate(GROUPS):
        mine = missed & (homes.group == number)
        dice = view.dice(f"history:{name}")
        right = dice.binomial(int(np.count_nonzero(mine & poor)), p.appeal_office[number])
        wrong = dice.binomial(int(np.count_nonzero(mine & ~poor)), p.appeal_office[number] * p.appeal_others)
        values[f"complaints_{name}"] = float(right + wrong)
        values[f"right_{name}"] = percent(float(right), float(right + wrong))
    return values


def field_officer(view: View) -> Mapping[str, float]:
    """What an officer saw of twenty households in the camps, and of twenty on the river."""
    camp = view.sample("officer:camp", np.flatnonzero(view.homes.group == NOMAD), ASKED)
    river = view.sample("officer:river", np.flatnonzero(view.homes.river), ASKED)
    hit = view.truth.hit[river] if view.is_flooded else np.zeros(len(river), dtype=np.bool_)
    return {
        "n": float(ASKED),
        "hungry": float(np.count_nonzero(view.poor[camp])),
        "hit": float(np.count_nonzero(hit)),
    }


def law(view: View) -> Mapping[str, float]:
    """What the scheme's rules give a refused household."""
    return {
        "days": float(view.p.appeal_days),
        "refused": float(np.count_nonzero(view.refused) * view.p.household_weight),
    }


def household_visits(view: View, size: int) -> Mapping[str, float]:
    """Visits to households just above the line, drawn by lot."""
    score = tool_score(view.p, view.homes) - line_score(view.p, view.homes)
    rows = view.sample("visits", np.flatnonzero((score >= 0) & (score < 10)), size)
    poor = view.poor[rows]
    low, high = wilson(int(np.count_nonzero(poor)), len(rows))
    return {
        "n": float(len(rows)),
        "poor": float(np.count_nonzero(poor)),
        "low": 100 * low,
        "high": 100 * high,
        "others": float(np.count_nonzero(poor & (view.homes.group[rows] != SETTLED))),
    }


def subgroup_table(view: View) -> Mapping[str, float]:
    """The statistics office's small survey beside the last list: poor and paid, by group."""
    values: dict[str, float] = {}
    for number, name in enumerate(GROUPS):
        mine = np.flatnonzero(view.homes.group == number)
        rows = view.sample(f"table:{name}", mine, SURVEYED // len(GROUPS))
        values[f"poor_{name}"] = percent(float(np.count_nonzero(view.poor[rows])), float(len(rows)))
        values[f"paid_{name}"] = percent(float(np.count_nonzero(view.state.paid[mine])), float(len(mine)))
    return values


Answer = Callable[[View, int], Mapping[str, float]]

ASK: Mapping[str, Answer] = {
    "ai_card": plain(ai_card),
    "error_by_group": error_by_group,
    "drift_check": plain(drift_check),
    "why_this_case": plain(why_this_case),
    "history": plain(history),
    "field_officer": plain(field_officer),
    "law": plain(law),
    "household_visits": household_visits,
    "subgroup_table": plain(subgroup_table),
    **DECOYS,
}
