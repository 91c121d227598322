"""The scenario's door: positions, results, situation, equity and the contract of ``engine.Model``."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

import numpy as np

from simulations.engine import Floats, Policy, stream
from simulations.parameters import read_parameters
from simulations.scenarios.file_routing import cases, inquiries, referee, report
from simulations.scenarios.file_routing.belief import Beliefs, posterior
from simulations.scenarios.file_routing.fluid import Fluid, Truths
from simulations.scenarios.file_routing.office import PARTS, Evidence, Placed, Plan, Week, form, plan, play_week
from simulations.scenarios.file_routing.policies import RULES, Desk, Rule, expected
from simulations.scenarios.file_routing.world import (
    DAYS,
    DESKS,
    ENGLISH,
    KINDS,
    SCRIPTS,
    File,
    Hidden,
    Parameters,
    draw_first_files,
    draw_hidden,
    draw_week,
    in_session,
)
from simulations.types import Case, Decision, Equity, RoundResult, Situation, SituationRow, Value

_POLICY_DRAWS, _POLICY_SEED = 256, 0


@dataclass(frozen=True)
class Position:
    """Where one run stands on Monday morning, the week's post on the table."""

    seed: int
    round: int
    hidden: Hidden
    placed: tuple[Placed, ...]
    coming: tuple[File, ...]  # files of this week; the office has seen the first ``post`` of them
    post: int
    evidence: Evidence
    busy: Floats  # share of the officials' time at work last week, by desk
    served: Floats  # files each desk was done with last week
    loss: Floats  # PKR thousand so far, by part
    days: Floats  # age of the files disposed of so far, summed by (script, kind)
    files: Floats  # their number
    last_plan: Plan | None = None
    last: Mapping[str, float] = field(default_factory=dict)


class FileRoutingModel:
    """See ``engine.Model``; one week a round."""

    def __init__(self, p: Parameters, rounds: int) -> None:
        self.p, self.rounds, self.fluid = p, rounds, Fluid(p, rounds)

    @property
    def policies(self) -> Mapping[str, Policy]:
        """Reference policies by name, from a position to a decision."""
        return {name: partial(self._decide, rule) for name, rule in RULES.items()}

    def _decide(self, rule: Rule, position: Position) -> Mapping[str, Value]:
        return form(rule(self.fluid, self.desk(position)))

    def desk(self, position: Position) -> Desk:
        """What the office knows, and what it may conclude from its registers."""
        return Desk(
            round=position.round,
            numbers=self._numbers(position),
            last=position.last_plan,
            busy=position.busy,
            conclude=partial(self._beliefs, position, _POLICY_DRAWS, _POLICY_SEED),
        )

    def _numbers(self, position: Position) -> Floats:
        return referee.numbers_on_desks(position.placed, len(DESKS))

    def _beliefs(self, position: Position, count: int, seed: int) -> Beliefs:
        return posterior(self.p, position.hidden, position.evidence, position.round, count, seed)

    def start(self, seed: int) -> Position:
        """The first Monday, with what was left on the desks."""
        hidden, nothing = draw_hidden(self.p, seed), np.zeros(len(DESKS))
        return Position(
            seed=seed,
            round=1,
            hidden=hidden,
            placed=tuple(Placed(desk, file) for desk, file in draw_first_files(self.p, hidden, seed)),
            coming=draw_week(self.p, hidden, seed, 1),
            post=self.p.post_files,
            evidence=Evidence.none(self.rounds),
            busy=nothing,
            served=nothing,
            loss=np.zeros(len(PARTS)),
            days=np.zeros((len(SCRIPTS), len(KINDS))),
            files=np.zeros((len(SCRIPTS), len(KINDS))),
        )

    def advance(self, position: Position, decision: Decision) -> tuple[Position, RoundResult]:
        """Play one week."""
        p, hidden, number, chosen = self.p, position.hidden, position.round, plan(decision.values)
        new = position.coming
        placed, evidence, week = play_week(p, hidden, position.placed, new, position.evidence, chosen, number)
        kpis = report.reported(week, placed)
        days, files = report.summed_ages(week.ages)
        after = Position(
            seed=position.seed,
            round=number + 1,
            hidden=hidden,
            placed=placed,
            coming=draw_week(p, hidden, position.seed, number + 1) if number < self.rounds else (),
            post=p.post_files,
            evidence=evidence,
            busy=week.busy / (DAYS * np.array(chosen.staff)),
            served=week.served,
            loss=position.loss + self._costs(week),
            days=position.days + days,
            files=position.files + files,
            last_plan=chosen,
            last=kpis,
        )
        truths = Truths.of(p, Beliefs.stacked([hidden]), self.rounds)
        ratio = self.equity(after).value
        truth = report.hidden_figures(self.fluid, hidden, truths, new, chosen, number, ratio)
        return after, RoundResult(number, kpis, truth, self.events(hidden, number), decision)

    def _costs(self, week: Week) -> Floats:
        p = self.p
        counts = np.array([week.file_days, week.missed, week.rework_hours])
        return np.asarray(counts * np.array([p.pending_cost, p.court_cost, p.rework_cost]))

    def events(self, hidden: Hidden, week: int) -> tuple[str, ...]:
        """News on Monday morning."""
        return ("assembly",) if in_session(self.p, hidden, week) else ()

    def situation(self, position: Position) -> Situation:
        """The desk: last figures, what lies where, what the tool says of files of the post, the news."""
        numbers = self._numbers(position)
        rows = tuple(self._row(position, numbers, desk) for desk in range(len(DESKS)))
        away = {"pending": float(numbers.sum()), "on_the_way_back": float(numbers[-1])}
        return Situation(
            figures={**position.last, **away},
            table=rows,
            advice=cases.advice(position.coming[: position.post]),
            events=self.events(position.hidden, position.round) if position.round <= self.rounds else (),
        )

    def _row(self, position: Position, numbers: Floats, desk: int) -> SituationRow:
        staff = position.last_plan.staff[desk] if position.last_plan else 2
        values = {
            "officials": float(staff),
            "waiting": float(numbers[desk]),
            "done": float(position.served[desk]),
            "busy": 100 * float(position.busy[desk]),
        }
        return SituationRow(DESKS[desk], values)

    def investigate(self, position: Position, inquiry_id: str, argument: int | None) -> Mapping[str, float]:
        """The figures of an inquiry; see ``inquiries``."""
        view = inquiries.View(self.p, position.seed, position.hidden, position.round)
        return inquiries.ASK[inquiry_id](view, argument or 0)

    def loss_parts(self, position: Position) -> Mapping[str, float]:
        """PKR thousand so far by part."""
        return dict(zip(PARTS, (float(part) for part in position.loss), strict=True))

    def equity(self, position: Position) -> Equity:
        """Mean age of files by script, done or still pending; the slower Urdu script over English, and the gate."""
        now = float(DAYS * (position.round - 1))
        days, files = report.summed_ages((place.file, now - place.file.arrived) for place in position.placed)
        ages = report.standardised_ages(self.p, position.days + days, position.files + files)
        ratio = float(ages.max() / ages[ENGLISH]) if ages[ENGLISH] > 0 else 1.0
        groups = {name: float(age) for name, age in zip(SCRIPTS, ages, strict=True)}
        return Equity(ratio, self.p.equity_threshold, groups)

    def cases(self, position: Position) -> tuple[Case, ...]:
        """Two files of Monday's post."""
        return tuple(
            cases.case_of(self.p, position.hidden, file)
            for file in cases.chosen_files(position.coming[: position.post])
        )

    def candidates(self, position: Position) -> tuple[Mapping[str, Value], ...]:
        """The best policy's decision and its neighbours."""
        return referee.candidates(self.fluid, self.desk(position))

    def possible(
        self,
        position: Position,
        replicates: int,
        seed: int,
        *,
        asked: bool,  # noqa: ARG002  the best policy reads its registers and asks nobody
    ) -> tuple[Position, ...]:
        """Offices with the same registers and desks: truth from the posterior, dice of the files drawn anew."""
        beliefs = self._beliefs(position, replicates, seed)
        bases = stream(seed, "possible", position.round).integers(2**31, size=replicates).tolist()
        found = []
        for row, base in enumerate(bases):
            hidden = beliefs.hidden(row)
            seen = position.coming[: position.post]
            placed, post = referee.redrawn_files(self.p, hidden, position.placed, seen, base)
            later = draw_week(self.p, hidden, base, position.round)[position.post :] if seen else ()
            found.append(replace(position, seed=base, hidden=hidden, placed=placed, coming=(*post, *later)))
        return tuple(found)

    def losses_to_go(self, worlds: Sequence[Position], decisions: Sequence[Mapping[str, Value]]) -> Floats:
        """Loss from now on, PKR thousand, of each decision and a good form in every later week, (decision, world).

        By the fluid approximation; the form of a later week is chosen as the best policy would choose it with what
        is believed now.
        """
        truths = Truths.of(self.p, Beliefs.stacked([world.hidden for world in worlds]), self.rounds)
        return expected(self.fluid, self.desk(worlds[0]), truths, [plan(values) for values in decisions])


def build(parameters: Mapping[str, object], rounds: int) -> FileRoutingModel:
    """The model of ``scenario.toml``'s parameters."""
    return FileRoutingModel(read_parameters(Parameters, parameters), rounds)
