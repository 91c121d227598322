"""The scenario's door: positions, results, situation, equity and the contract of ``engine.Model``."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from simulations import rollouts
from simulations.engine import Floats, Policy
from simulations.parameters import read_parameters
from simulations.scenarios.ai_vendor import documents, inquiries, referee, report
from simulations.scenarios.ai_vendor.office import (
    BIDS,
    CONTRACT,
    LAST_RELEASE,
    Scheme,
    State,
    opening,
    play_stage,
)
from simulations.scenarios.ai_vendor.policies import RULES, Rule, assistant_pick
from simulations.scenarios.ai_vendor.world import (
    ENGLISH,
    LOCAL,
    VENDORS,
    Parameters,
    draw_start,
)
from simulations.types import Advice, Case, Decision, Equity, RoundResult, Situation, SituationRow, Value


@dataclass(frozen=True)
class Position:
    """Where one run stands: desk and truth of its seed, what was decided, the last indicators."""

    scheme: Scheme
    state: State
    last: Mapping[str, float]


class VendorModel:
    """See ``engine.Model``; one stage of a scheme a round."""

    def __init__(self, p: Parameters, rounds: int) -> None:
        self.p, self.rounds = p, rounds

    @property
    def policies(self) -> Mapping[str, Policy]:
        """Reference policies by name, from a position to a decision."""
        return {name: partial(self._decide, rule) for name, rule in RULES.items()}

    def _decide(self, rule: Rule, position: Position) -> Mapping[str, Value]:
        return rule(self.p, position.scheme.desk, position.state)

    def start(self, seed: int) -> Position:
        """The first morning, with four offers on the desk."""
        desk, truth = draw_start(self.p, seed)
        return Position(Scheme(self.p, seed, desk, truth), opening(), {})

    def advance(self, position: Position, decision: Decision) -> tuple[Position, RoundResult]:
        """Play one stage."""
        scheme, before = position.scheme, position.state
        after = play_stage(scheme, before, decision.values)
        kpis = report.reported(scheme, after)
        result = RoundResult(
            round=before.round,
            kpis=kpis,
            truth=report.hidden(scheme, after),
            events=self.events(before),
            decision=decision,
        )
        return Position(scheme, after, kpis), result

    def events(self, state: State) -> tuple[str, ...]:
        """News at the start of a stage."""
        if state.round != CONTRACT or state.shock is None:
            return ()
        return ("exchange_rate", f"bought_{VENDORS[state.shock.bought]}")

    def situation(self, position: Position) -> Situation:
        """The desk: figures, bids with what the pilot measured, later the contract's tests, the assistant's choice."""
        state = position.state
        first = {"form_files": float(self.p.form_files), "form_faults": float(position.scheme.desk.form_faults)}
        return Situation(
            figures=dict(position.last) or first,
            table=self._table(position),
            advice=self._advice(position) if state.round <= self.rounds else (),
            events=self.events(state),
        )

    def _table(self, position: Position) -> tuple[SituationRow, ...]:
        state = position.state
        if state.vendor >= 0:
            return (SituationRow(VENDORS[state.vendor], self._contract_row(state)),)
        return tuple(SituationRow(name, self._bid_row(position, v)) for v, name in enumerate(VENDORS))

    def _bid_row(self, position: Position, vendor: int) -> Mapping[str, float]:
        bid, state = position.scheme.desk.bids[vendor], position.state
        jump = state.shock.jump if state.shock else 0.0
        row = {
            "claim": 100 * bid.claim,
            "price": bid.price * (1 + jump * bid.abroad),
            "lock_in": bid.lock_in,
            "local_test": 0.0 if bid.abroad else 1.0,
            "exclusion": float(bid.exclusion_listed),
            "certificate": float(bid.certificate_listed),
        }
        if state.round >= CONTRACT:
            (english, local), (right_english, right_local) = state.pilot_n[vendor], state.pilot_right[vendor]
            row |= {
                "pilot_english": float(english),
                "pilot_right_english": float(right_english),
                "pilot_local": float(local),
                "pilot_right_local": float(right_local),
            }
        elif state.round > BIDS:
            row["listed"] = float(vendor in state.shortlist)
        return row

    def _contract_row(self, state: State) -> Mapping[str, float]:
        row = {
            "contract_price": state.price,
            "test_cases": float(self.p.acceptance_cases),
            "test_english": float(state.test_right[ENGLISH]),
            "test_local": float(state.test_right[LOCAL]),
            "failed": float(any(state.failed)),
        }
        if state.report_right:
            row |= {
                "report_cases": float(self.p.report_cases),
                "report_english": float(state.report_right[ENGLISH]),
                "report_local": float(state.report_right[LOCAL]),
            }
        return row

    def _advice(self, position: Position) -> tuple[Advice, ...]:
        """The assistant's first choice."""
        first = assistant_pick(position.scheme.desk)
        bid = position.scheme.desk.bids[first]
        return (Advice(VENDORS[first], VENDORS[first], float(bid.claim), {"claim": 100 * bid.claim}),)

    def investigate(self, position: Position, inquiry_id: str, argument: int | None) -> Mapping[str, float]:
        """The figures of an inquiry; see ``inquiries``."""
        return inquiries.ASK[inquiry_id](inquiries.View(position.scheme, position.state), argument or 0)

    def loss_parts(self, position: Position) -> Mapping[str, float]:
        """PKR m short of the best possible, by part; known after the last stage."""
        return report.loss_parts(position.scheme, position.state)

    def equity(self, position: Position) -> Equity:
        """Gap of shares right between languages, percentage points, and the gate."""
        return report.equity(position.scheme, position.state)

    def cases(self, position: Position) -> tuple[Case, ...]:
        """A document of each language: is the assistant's summary complete?"""
        if position.state.round > LAST_RELEASE:
            return ()
        return documents.draw_documents(self.p, position.scheme.seed, position.state.round)

    def candidates(self, position: Position) -> tuple[Mapping[str, Value], ...]:
        """The best policy's decision and its neighbours at this stage."""
        return referee.candidates(self.policies["best"](position), position.state.round)

    def possible(
        self,
        position: Position,
        replicates: int,
        seed: int,
        *,
        asked: bool,  # noqa: ARG002  no policy here asks
    ) -> tuple[Position, ...]:
        """Hidden truth drawn from its posterior, later dice anew; see ``referee``."""
        schemes = referee.possible(position.scheme, position.state, replicates, seed)
        return tuple(replace(position, scheme=scheme) for scheme in schemes)

    def losses_to_go(self, worlds: Sequence[Position], decisions: Sequence[Mapping[str, Value]]) -> Floats:
        """Loss from now on of each decision followed by the best policy, (decision, world)."""
        return rollouts.losses_to_go(self, worlds[0].state.round, self.rounds, worlds, decisions)


def build(parameters: Mapping[str, object], rounds: int) -> VendorModel:
    """The model of ``scenario.toml``'s parameters."""
    return VendorModel(read_parameters(Parameters, parameters), rounds)
