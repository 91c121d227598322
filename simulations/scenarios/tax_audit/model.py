"""The scenario's door: positions, results, situation, equity and the contract of ``engine.Model``."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from simulations.engine import Floats, Policy
from simulations.parameters import read_parameters
from simulations.scenarios.tax_audit import cases, inquiries, referee, report
from simulations.scenarios.tax_audit.office import (
    PARTS,
    State,
    current_rows,
    fitted,
    opening,
    past_audits,
    plan,
    play_quarter,
)
from simulations.scenarios.tax_audit.policies import RULES, Rule, read_desk
from simulations.scenarios.tax_audit.tool import VENDOR, Trainer
from simulations.scenarios.tax_audit.world import (
    SECTORS,
    Firms,
    Parameters,
    Quarter,
    draw_firms,
    draw_quarter,
)
from simulations.types import Advice, Case, Decision, Equity, RoundResult, Situation, SituationRow, Value

ADVISED_FIRMS = 5


@dataclass(frozen=True)
class Position:
    """Where one run stands; ``past`` holds the exposure of each quarter played."""

    seed: int
    firms: Firms
    state: State
    past: tuple[float, ...]
    last: Mapping[str, float]
    assumed: Quarter | None = None  # dice assumed for this quarter in place of the seed's own
    p: Parameters | None = None  # what behaviour gives away in a possible world in place of the planted truth


class TaxAuditModel:
    """See ``engine.Model``; one quarter a round."""

    def __init__(self, p: Parameters, rounds: int) -> None:
        self.p, self.rounds = p, rounds

    @property
    def policies(self) -> Mapping[str, Policy]:
        """Reference policies by name, from a position to a decision."""
        return {name: partial(self._decide, rule) for name, rule in RULES.items()}

    def _decide(self, rule: Rule, position: Position) -> Mapping[str, Value]:
        return rule(self.p, read_desk(self.p, position.firms, position.state, self.rounds))

    def start(self, seed: int) -> Position:
        """The first morning, with the results of past audits on file."""
        firms = draw_firms(self.p, seed)
        records = past_audits(self.p, firms, draw_quarter(self.p, seed, 0))
        return Position(seed, firms, opening(self.p, firms, records), (), {})

    def advance(self, position: Position, decision: Decision) -> tuple[Position, RoundResult]:
        """Play one quarter."""
        firms, before, chosen = position.firms, position.state, plan(decision.values)
        quarter = self._quarter(position)
        after, found = play_quarter(self.p, firms, before, quarter, chosen)
        rows, score = current_rows(self.p, firms, before, quarter), fitted(self.p, before, chosen)
        kpis = report.reported(self.p, firms, found)
        result = RoundResult(
            round=before.round,
            kpis=kpis,
            truth=report.hidden(self.p, firms, before, after, found, score, rows),
            events=self.events(before.round),
            decision=decision,
        )
        past = (*position.past, before.exposure)
        return Position(position.seed, firms, after, past, kpis), result

    def _quarter(self, position: Position) -> Quarter:
        if position.assumed is not None:
            return position.assumed
        return draw_quarter(self.p, position.seed, position.state.round)

    def events(self, round_number: int) -> tuple[str, ...]:
        """News at the start of a quarter."""
        return ("rule_change",) if round_number == self.p.rule_quarter else ()

    def situation(self, position: Position) -> Situation:
        """The desk: last figures, audits of the last quarter by sector, the tool's highest scores, the news."""
        number = position.state.round
        return Situation(
            figures=dict(position.last) or report.first_figures(position.state),
            table=tuple(self._row(position, sector) for sector in range(len(SECTORS))),
            advice=self._advice(position) if number <= self.rounds else (),
            events=self.events(number),
        )

    def _row(self, position: Position, sector: int) -> SituationRow:
        firms, records = position.firms, position.state.records
        mine = (records.quarter == position.state.round - 1) & (firms.sector[records.firm] == sector)
        members = firms.sector == sector
        values = {
            "firms": float(np.count_nonzero(members)),
            "mean_tax": float(firms.register[members].mean()) if members.any() else 0.0,
            "last_audits": float(np.count_nonzero(mine)),
            "last_findings": float(np.count_nonzero(records.found[mine])),
        }
        return SituationRow(SECTORS[sector], values)

    def _advice(self, position: Position) -> tuple[Advice, ...]:
        """The delivered tool's highest scores among this quarter's returns."""
        view = self._view(position)
        chance = Trainer(self.p, view.state.records, view.state.round).score(VENDOR, 0).probability(view.rows)
        advice = []
        for number in np.argsort(-np.round(chance, 9), kind="stable")[:ADVISED_FIRMS]:
            values: dict[str, Value] = {
                "sector": SECTORS[view.firms.sector[number]],
                "district": int(view.firms.district[number]),
                "score": float(chance[number]),
            }
            advice.append(Advice(f"firm_{int(number)}", "evading", float(chance[number]), values))
        return tuple(advice)

    def _view(self, position: Position) -> inquiries.View:
        p = position.p or self.p
        rows = current_rows(p, position.firms, position.state, self._quarter(position))
        return inquiries.View(p, position.seed, position.firms, position.state, rows)

    def investigate(self, position: Position, inquiry_id: str, argument: int | None) -> Mapping[str, float]:
        """The figures of an inquiry; see ``inquiries``."""
        return inquiries.ASK[inquiry_id](self._view(position), argument or 0)

    def loss_parts(self, position: Position) -> Mapping[str, float]:
        """PKR m so far by part."""
        return dict(zip(PARTS, (float(part) for part in position.state.loss), strict=True))

    def equity(self, position: Position) -> Equity:
        """Highest over lowest share of honest firms among the audited; percent by district."""
        shares = report.district_shares(self.p, position.state)
        groups = {f"district_{number}": 100 * float(share) for number, share in enumerate(shares)}
        return Equity(report.equity_ratio(self.p, position.state), self.p.equity_threshold, groups)

    def cases(self, position: Position) -> tuple[Case, ...]:
        """A small retailer of the districts past audits went to, and one of the other firms; see ``cases``."""
        view = self._view(position)
        score = Trainer(self.p, view.state.records, view.state.round).score(VENDOR, 0)
        return cases.cases(view, score.probability(view.rows), self._quarter(position).evade_die)

    def candidates(self, position: Position) -> tuple[Mapping[str, Value], ...]:
        """The best policy's decision and eight neighbours."""
        return referee.candidates(self.policies["best"](position))

    def possible(self, position: Position, replicates: int, seed: int, *, asked: bool) -> tuple[Position, ...]:
        """Offices with the same desk; without ``asked`` they differ in where the tool fails, too."""
        known = referee.Known(position.p or self.p, position.seed, position.firms, position.state, position.past)
        found = referee.worlds(known, replicates, seed, doubted=not asked)
        return tuple(replace(position, p=w.p, seed=w.seed, firms=w.firms, assumed=w.quarter) for w in found)

    def hidden(self, position: Position) -> Mapping[str, float]:
        """Where the tool fails: refund claims at the border, signals that evaders hide, a rule turned round."""
        p = position.p or self.p
        turned = float(position.state.round >= p.rule_quarter)
        return {"border_shift": p.border_shift, "signal_decay": p.signal_decay, "turned": turned}

    def losses_to_go(self, worlds: Sequence[Position], decisions: Sequence[Mapping[str, Value]]) -> Floats:
        """Loss from now on, (decision, world); see ``referee.loss_to_go``."""
        losses = [referee.loss_to_go(self.rounds, self._world(w), w.state, decisions) for w in worlds]
        return np.stack(losses, axis=1)

    def _world(self, position: Position) -> referee.World:
        return referee.World(position.p or self.p, position.seed, position.firms, self._quarter(position))


def build(parameters: Mapping[str, object], rounds: int) -> TaxAuditModel:
    """The model of ``scenario.toml``'s parameters."""
    return TaxAuditModel(read_parameters(Parameters, parameters), rounds)
