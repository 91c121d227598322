"""The scenario's door: positions, results, situation, equity and the contract of ``engine.Model``."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial

import numpy as np

from simulations.engine import Floats, Policy
from simulations.parameters import read_parameters
from simulations.scenarios.patrol import inquiries, referee, report
from simulations.scenarios.patrol.cases import cases
from simulations.scenarios.patrol.office import PARTS, opening, plan, play_week
from simulations.scenarios.patrol.policies import RULES, Rule, best
from simulations.scenarios.patrol.referee import Position
from simulations.scenarios.patrol.world import (
    BEATS,
    Parameters,
    draw_history,
    draw_survey,
    draw_truth,
    draw_week,
    rates,
    status_quo,
    watched_beat,
)
from simulations.types import Advice, Case, Decision, Equity, RoundResult, Situation, SituationRow, Value

IMAGINED = 6  # findings that candidates for the decision score answer to


class PatrolModel:
    """See ``engine.Model``; one week a round."""

    def __init__(self, p: Parameters, rounds: int) -> None:
        self.p, self.rounds = p, rounds

    @property
    def policies(self) -> Mapping[str, Policy]:
        """Reference policies by name, from a position to a decision."""
        return {name: partial(self._decide, rule) for name, rule in RULES.items()}

    def _decide(self, rule: Rule, position: Position) -> Mapping[str, Value]:
        return rule(self.p, referee.desk(self.p, position, self.rounds))

    def start(self, seed: int) -> Position:
        """The first morning, with last week's record on the desk."""
        watched, truth = watched_beat(seed), draw_truth(self.p, seed)
        hours = status_quo(self.p, watched).astype(np.float64)
        return Position(
            seed=seed,
            watched=watched,
            truth=truth,
            state=opening(self.p, truth, hours, draw_week(self.p, truth, seed, 0)),
            survey=draw_survey(self.p, truth, seed, 1),
            history=draw_history(self.p, truth, seed, watched),
            last={},
        )

    def advance(self, position: Position, decision: Decision) -> tuple[Position, RoundResult]:
        """Play one week; what ``best`` would have asked before it is counted as known from then on."""
        truth, before = position.truth, position.state
        known = replace(before, told=before.told + referee.asked_evidence(self.p, position))
        dice = draw_week(self.p, truth, position.seed, before.round)
        after = play_week(self.p, truth, known, dice, plan(decision.values))
        result = RoundResult(
            round=before.round,
            kpis=report.reported(after.last),
            truth=report.hidden(self.p, truth, before, after),
            events=self.events(position, before.round),
            decision=decision,
        )
        survey = draw_survey(self.p, truth, position.seed, after.round)
        return replace(position, state=after, survey=survey, last=result.kpis), result

    def events(self, position: Position, week: int) -> tuple[str, ...]:
        """News at the start of a week: the festival, and a week later where it is."""
        if week == self.p.festival_week:
            return ("festival",)
        place = BEATS[int(position.truth.festival)]
        return (f"festival_at_{place}",) if week == self.p.festival_week + 1 else ()

    def situation(self, position: Position) -> Situation:
        """The desk: last figures, last week by beat, the tool's two hottest beats, the news."""
        number = position.state.round
        return Situation(
            figures=dict(position.last) or report.reported(position.state.last),
            table=tuple(self._row(position, beat) for beat in range(len(BEATS))),
            advice=self._advice(position) if number <= self.rounds else (),
            events=self.events(position, number),
        )

    def _row(self, position: Position, beat: int) -> SituationRow:
        last = position.state.last
        values = {
            "hours": float(last.hours[beat]),
            "reported": float(last.reported[beat]),
            "found": float(last.found[beat]),
            "complaints": float(last.complaints[beat]),
            "area": float(self.p.areas[beat]),
        }
        return SituationRow(BEATS[beat], values)

    def _advice(self, position: Position) -> tuple[Advice, ...]:
        """The two beats with the highest scores of the delivered tool, and its claim of how sure it is."""
        score = np.round(position.state.record[0], 9)
        top = np.argsort(-score, kind="stable")[:2]
        share = float(score[top].sum() / score.sum())
        return tuple(
            Advice(f"beat_{BEATS[int(beat)].upper()}", "hot_spot", self.p.claimed_accuracy,
                   {"beat": BEATS[int(beat)], "score": float(score[beat]), "share": share})
            for beat in top
        )  # fmt: skip

    def investigate(self, position: Position, inquiry_id: str, argument: int | None) -> Mapping[str, float]:
        """The figures of an inquiry; see ``inquiries``."""
        view = inquiries.View(
            self.p, position.seed, position.watched, position.truth, position.state, position.survey, position.history
        )
        return inquiries.ASK[inquiry_id](view, argument or 0)

    def loss_parts(self, position: Position) -> Mapping[str, float]:
        """Incident equivalents so far by part."""
        return dict(zip(PARTS, (float(part) for part in position.state.loss), strict=True))

    def equity(self, position: Position) -> Equity:
        """A beat's share of patrol hours over its share of incidents: the highest, the gate, and every beat's."""
        burdens = report.burdens(position.state)
        groups = {beat: float(value) for beat, value in zip(BEATS, burdens, strict=True)}
        return Equity(float(burdens.max()), self.p.equity_threshold, groups, better="even")

    def cases(self, position: Position) -> tuple[Case, ...]:
        """Two pairs of beats: where did more happen last week?"""
        return cases(position.seed, position.state)

    def candidates(self, position: Position) -> tuple[Mapping[str, Value], ...]:
        """The best policy's decision, three neighbours, and what it would decide unasked or after other findings."""
        imagined = self.possible(position, IMAGINED, position.seed + 1, asked=False)
        others: list[Mapping[str, Value]] = [best(self.p, referee.desk(self.p, position, self.rounds, asked=False))]
        others += [self.policies["best"](world) for world in imagined]
        return referee.candidates(self.policies["best"](position), others)

    def possible(self, position: Position, replicates: int, seed: int, *, asked: bool) -> Sequence[Position]:
        """Worlds that look like this one; see ``referee.possible``."""
        known = referee.desk(self.p, position, self.rounds, asked=asked)
        return referee.possible(self.p, position, known, replicates, seed, asked=asked)

    def hidden(self, position: Position) -> Mapping[str, float]:
        """What possible worlds differ in: incidents this week without patrols, and reporting shares, by beat."""
        rate = rates(self.p, position.truth, position.state.round)
        return {**inquiries.by_beat("rate", rate), **inquiries.by_beat("trust", position.state.trust)}

    def losses_to_go(self, worlds: Sequence[Position], decisions: Sequence[Mapping[str, Value]]) -> Floats:
        """Loss from now on of each decision followed by the best policy, (decision, world)."""
        return referee.losses_to_go(self.p, self.rounds, worlds, decisions)


def build(parameters: Mapping[str, object], rounds: int) -> PatrolModel:
    """The model of ``scenario.toml``'s parameters."""
    return PatrolModel(read_parameters(Parameters, parameters), rounds)
