"""One period in the office: the list, meetings and visits, appeals, payment, and what the checks tell."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from simulations.engine import Bools, Floats, Ints
from simulations.scenarios.targeting.measures import lowest
from simulations.scenarios.targeting.tool import old_score, tool_score
from simulations.scenarios.targeting.world import (
    NOMAD,
    SETTLED,
    SLUM,
    Dice,
    Households,
    Parameters,
    Truth,
    gaps,
)
from simulations.types import Value

AI_MODES = ("ignore", "advise", "auto")
IGNORE, ADVISE, AUTO = range(3)
PLACES = ("lot", "near_line", "camps_slums")
DESKS = ("office", "mobile")
RELIEFS = ("none", "tehsils", "damage_survey")
PARTS = ("hardship", "exclusion")
EQUITY_GROUPS = ("settled", "slum", "nomad", "female_head", "disability")
OVERRULED = np.array([0.0, -1000.0, 1000.0])  # added to the score by verdict: unknown, poor, and -1 for not poor
PKR_M = 1e6


@dataclass(frozen=True)
class Plan:
    """The decision of one period; choices as their number in the lists above."""

    ai_mode: int
    transfer: int
    reserve: float
    female_priority: bool
    disability_priority: bool
    nomad_priority: bool
    meetings: float
    place: int
    desk_pkr_m: float
    desk: int
    relief: int


def plan(values: Mapping[str, Value]) -> Plan:
    """A form as a plan."""
    return Plan(
        ai_mode=AI_MODES.index(str(values["ai_mode"])),
        transfer=int(values["transfer"]),
        reserve=float(values["reserve"]),
        female_priority=values["priority_female"] == "on",
        disability_priority=values["priority_disability"] == "on",
        nomad_priority=values["priority_nomad"] == "on",
        meetings=float(values["meetings"]),
        place=PLACES.index(str(values["meeting_place"])),
        desk_pkr_m=float(values["desk_budget"]),
        desk=DESKS.index(str(values["desk"])),
        relief=RELIEFS.index(str(values["flood_relief"])),
    )


@dataclass(frozen=True)
class State:
    """Everything that changes in a run."""

    round: int  # the period about to be played, 1-based
    savings_pkr_m: float
    verdict: Ints  # 1 found poor, -1 found not poor, 0 unknown
    dry_evidence: Floats  # log-odds that the checks before the flood give for being poor then
    flood_evidence: Floats  # the same since the flood
    damage: Bools  # stands in the damage register
    surveyed: bool
    paid: Bools  # last period's list
    appealed: Bools  # last period's appeals
    poor_periods: Floats  # by equity group
    missed_periods: Floats
    loss: Floats  # by part, PKR m


def opening(homes: Households) -> State:
    """The office on the first morning."""
    n = len(homes)
    none = np.zeros(n, dtype=np.bool_)
    return State(
        round=1,
        savings_pkr_m=0.0,
        verdict=np.zeros(n, dtype=np.intp),
        dry_evidence=np.zeros(n),
        flood_evidence=np.zeros(n),
        damage=none,
        surveyed=False,
        paid=none,
        appealed=none,
        poor_periods=np.zeros(len(EQUITY_GROUPS)),
        missed_periods=np.zeros(len(EQUITY_GROUPS)),
        loss=np.zeros(len(PARTS)),
    )


@dataclass(frozen=True)
class Outcome:
    """What one period brought; the first three are hidden from the office."""

    poor: Bools
    gap_before: Floats
    gap_after: Floats
    paid: Bools
    cutoff: float  # score, priority points included, of the last household paid
    appeals: int
    heard: int
    upheld: int
    found: int  # households that meetings and visits found poor and the list had missed
    struck: int
    spent_pkr_m: float
    transfers_pkr_m: float


def members(homes: Households) -> tuple[Bools, ...]:
    """Who belongs to each of ``EQUITY_GROUPS``; a household may belong to two."""
    return (
        homes.group == SETTLED, homes.group == SLUM, homes.group == NOMAD, homes.female_head, homes.disability
    )  # fmt: skip


class Period:
    """One period as it is worked through; ``play`` is the only door."""

    def __init__(self, p: Parameters, homes: Households, truth: Truth, state: State, dice: Dice, chosen: Plan) -> None:
        self.p, self.homes, self.dice, self.chosen = p, homes, dice, chosen
        self.is_flooded = state.round >= truth.flood_round
        self.welfare = truth.now(p, flooded=self.is_flooded)
        self.poor = np.asarray(self.welfare < homes.line, dtype=np.bool_)
        self.state = state
        self.verdict = state.verdict.copy()
        if state.round == truth.flood_round:
            self.verdict[homes.river & (self.verdict < 0)] = 0  # what was seen there before holds no longer
        self.evidence = np.zeros(len(homes))
        self.damage, self.surveyed, self.costs = state.damage, state.surveyed, 0.0
        if self.is_flooded and RELIEFS[chosen.relief] == "damage_survey" and not state.surveyed:
            self.surveyed = True
            self.damage = np.asarray(truth.hit | (homes.river & truth.false_claim), dtype=np.bool_)
            self.costs = self._in_pkr_m(p.survey_pkr * np.count_nonzero(homes.river))

    def _in_pkr_m(self, pkr: float) -> float:
        return float(pkr) * self.p.household_weight / PKR_M

    def _ranking(self, score: Floats) -> Floats:
        """Score less priority points; a verdict overrules both."""
        chosen, homes = self.chosen, self.homes
        points = np.zeros(len(homes))
        for is_on, flag in (
            (chosen.female_priority, homes.female_head),
            (chosen.disability_priority, homes.disability),
            (chosen.nomad_priority, homes.group == NOMAD),
        ):
            if is_on:
                points[flag] += self.p.priority_points
        if self.is_flooded and RELIEFS[chosen.relief] != "none":
            hurt = homes.river if RELIEFS[chosen.relief] == "tehsils" else self.damage
            points += self.p.relief_points * hurt
        return np.asarray(score - points, dtype=np.float64)

    def _list(self, ranking: Floats, quota: int) -> Bools:
        return lowest(ranking + OVERRULED[self.verdict], quota)

    def _quota(self) -> int:
        """Households that what is left can pay for the whole period."""
        funds = (1 - self.chosen.reserve) * (self.p.budget_pkr_m + self.state.savings_pkr_m)
        each = self._in_pkr_m((self.chosen.transfer + self.p.fee_pkr) * self.p.months)
        return int(np.clip((funds - self.costs) / each + 1e-9, 0, len(self.homes)))

    def _learn(self, rows: Bools, if_poor: float, if_not: float) -> None:
        """Keep what an observation, of these chances among poor and other households, says of these households."""
        self.evidence[rows] += math.log(if_poor / if_not)

    def _visits(self, listed: Bools, other: Bools) -> None:
        """An officer visits households on which the two scores disagree, drawn by lot."""
        p = self.p
        unsure = np.flatnonzero((listed ^ other) & (self.verdict == 0))
        seen = unsure[np.argsort(self.dice.visit[unsure], kind="stable")[: p.visit_capacity]]
        self.costs += self._in_pkr_m(p.visit_pkr * len(seen))
        visited = np.zeros(len(self.homes), dtype=np.bool_)
        visited[seen] = True
        right = self.dice.visit_result < p.visit_accuracy
        poor = np.where(right, self.poor, ~self.poor)
        self.verdict[visited] = np.where(poor[visited], 1, -1)
        self._learn(visited & poor, p.visit_accuracy, 1 - p.visit_accuracy)
        self._learn(visited & ~poor, 1 - p.visit_accuracy, p.visit_accuracy)

    def _place_order(self, ranking: Floats, quota: int) -> Floats:
        """Who is read out first at the meetings; lowest first."""
        place = PLACES[self.chosen.place]
        if place == "near_line":
            last = min(quota, len(ranking) - 1)
            return np.asarray(np.abs(ranking - np.partition(ranking, last)[last]), dtype=np.float64)
        return self.dice.meeting + (self.homes.group == SETTLED if place == "camps_slums" else 0.0)

    def _meetings(self, listed: Bools, ranking: Floats, quota: int) -> None:
        """Neighbours are asked: some of the poor whom the list missed are found, some others struck."""
        p, die = self.p, self.dice.meeting_result
        size = round(self.chosen.meetings * len(self.homes))
        read = lowest(self._place_order(ranking, quota), size) & (self.verdict == 0)
        out, on = read & ~listed, read & listed
        found = out & (die < np.where(self.poor, p.meeting_finds_poor, p.meeting_finds_by_mistake))
        struck = on & (die < np.where(self.poor, p.meeting_strikes_by_mistake, p.meeting_strikes))
        self.verdict[found], self.verdict[struck] = 1, -1
        self._learn(found, p.meeting_finds_poor, p.meeting_finds_by_mistake)
        self._learn(out & ~found, 1 - p.meeting_finds_poor, 1 - p.meeting_finds_by_mistake)
        self._learn(struck, p.meeting_strikes_by_mistake, p.meeting_strikes)
        self._learn(on & ~struck, 1 - p.meeting_strikes_by_mistake, 1 - p.meeting_strikes)

    def _appeals(self, listed: Bools) -> tuple[Bools, Bools, Bools]:
        """Who appeals, who is heard, whose appeal is upheld."""
        p, dice = self.p, self.dice
        is_mobile = DESKS[self.chosen.desk] == "mobile"
        by_group = p.appeal_mobile if is_mobile else p.appeal_office
        ready = by_group[self.homes.group]
        filed = ~listed & (dice.appeal < np.where(self.poor, ready, ready * p.appeal_others))
        each = self._in_pkr_m(p.appeal_pkr * (p.appeal_mobile_factor if is_mobile else 1.0))
        heard = filed & lowest(np.where(filed, dice.appeal_order, 2.0), int(self.chosen.desk_pkr_m / each + 1e-9))
        upheld = heard & (dice.appeal_result < np.where(self.poor, p.appeal_upheld, p.appeal_upheld_by_mistake))
        self._learn(filed, 1.0, p.appeal_others)
        silent = np.log((1 - by_group) / (1 - by_group * p.appeal_others))[self.homes.group]
        self.evidence += np.where(~listed & ~filed, silent, 0.0)
        self._learn(upheld, p.appeal_upheld, p.appeal_upheld_by_mistake)
        self._learn(heard & ~upheld, 1 - p.appeal_upheld, 1 - p.appeal_upheld_by_mistake)
        self.verdict[upheld] = 1
        return filed, heard, upheld

    def play(self) -> tuple[State, Outcome]:
        """The whole period."""
        p, homes, chosen = self.p, self.homes, self.chosen
        old, new = (self._ranking(score(p, homes)) for score in (old_score, tool_score))
        ranking = old if chosen.ai_mode == IGNORE else new
        self.costs += chosen.desk_pkr_m + self._in_pkr_m(p.meeting_pkr * round(chosen.meetings * len(homes)))
        quota = self._quota()
        first = self._list(ranking, quota)
        if chosen.ai_mode == ADVISE:
            self._visits(first, self._list(old, quota))
            quota = self._quota()
        self._meetings(self._list(ranking, quota), ranking, quota)
        checked = self.verdict.copy()
        filed, heard, upheld = self._appeals(self._list(ranking, quota))
        paid = self._list(ranking, quota)
        return self._close(
            paid,
            cutoff=float(ranking[paid].max()) if paid.any() else 0.0,
            appeals=filed,
            heard=int(np.count_nonzero(heard)),
            upheld=int(np.count_nonzero(upheld)),
            found=int(np.count_nonzero((checked > 0) & ~first & (self.state.verdict <= 0))),
            struck=int(np.count_nonzero((checked < 0) & first & (self.state.verdict >= 0))),
        )

    def _close(self, paid: Bools, *, appeals: Bools, **counted: float) -> tuple[State, Outcome]:
        """Pay, and write up the period."""
        p, homes, before = self.p, self.homes, self.state
        transfers = self._in_pkr_m(self.chosen.transfer * p.months * np.count_nonzero(paid))
        fees = self._in_pkr_m(p.fee_pkr * p.months * np.count_nonzero(paid))
        spent = transfers + fees + self.costs
        nothing = gaps(p, homes, self.welfare, np.zeros(len(homes)))
        left = gaps(p, homes, self.welfare, np.asarray(self.chosen.transfer * paid, dtype=np.float64))
        missed = self.poor & ~paid
        hardship = self._in_pkr_m(p.months * float((p.line_per_person * homes.size * left**2).sum()))
        exclusion = self._in_pkr_m(p.months * p.excluded_cost_pkr * float(np.count_nonzero(missed)))
        groups = members(homes)
        after = replace(
            before,
            round=before.round + 1,
            savings_pkr_m=max(0.0, before.savings_pkr_m + p.budget_pkr_m - spent),
            verdict=self.verdict,
            dry_evidence=before.dry_evidence + (0.0 if self.is_flooded else self.evidence),
            flood_evidence=before.flood_evidence + (self.evidence if self.is_flooded else 0.0),
            damage=self.damage,
            surveyed=self.surveyed,
            paid=paid,
            appealed=appeals,
            poor_periods=before.poor_periods + [np.count_nonzero(self.poor & group) for group in groups],
            missed_periods=before.missed_periods + [np.count_nonzero(missed & group) for group in groups],
            loss=before.loss + np.array([hardship, exclusion]),
        )
        whole = {name: int(counted[name]) for name in ("heard", "upheld", "found", "struck")}
        outcome = Outcome(
            poor=self.poor,
            gap_before=nothing,
            gap_after=left,
            paid=paid,
            cutoff=counted["cutoff"],
            appeals=int(np.count_nonzero(appeals)),
            spent_pkr_m=spent,
            transfers_pkr_m=transfers,
            **whole,
        )
        return after, outcome
