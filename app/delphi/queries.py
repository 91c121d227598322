"""Reads about panels: those of an academy for who plans skills, those that ask a person for that person."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import ScalarSelect, func, select
from sqlalchemy.orm import Session

from app.accounts.models import Account
from app.accounts.queries import accounts_called
from app.core import clock
from app.core.access import Action, Actor, Statement, holds, visible
from app.core.db import one
from app.core.paging import Page, Wanted, page_of
from app.delphi.models import DelphiExpert, DelphiOpinion, DelphiPanel, DelphiParticipation, DelphiRound
from app.foresight.models import ForesightScenario
from foresight import Range
from foresight.delphi import LEAST_EXPERTS, ROUNDS, Consensus, change, consensus, has_settled


@dataclass(frozen=True)
class Answered:
    """What was said of one question in a round that is closed. reasons: in no order, without names."""

    consensus: Consensus
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class OwnPanel:
    """A panel on which somebody is an expert. asks: its newest round takes answers and has none of theirs."""

    panel: DelphiPanel
    scenario: ForesightScenario
    asks: bool
    has_answered: bool


@dataclass(frozen=True)
class Step:
    """How one question moved from the first round to the second."""

    change: float
    has_settled: bool


def panels(session: Session, actor: Actor, wanted: Wanted) -> Page[tuple[DelphiPanel, ForesightScenario]]:
    """Panels of the actor's academy, the newest first."""
    statement = (
        select(DelphiPanel, ForesightScenario)
        .join(ForesightScenario, ForesightScenario.id == DelphiPanel.scenario_id)
        .order_by(DelphiPanel.id.desc())
    )
    columns = DelphiPanel.__table__.c
    within = visible(actor, Action.PLAN_SKILLS, statement, trainee=columns.made_by_id, academy=columns.academy_id)
    return page_of(session, within, wanted).made(lambda rows: [(panel, scenario) for panel, scenario in rows])


def panel_of_academy(session: Session, actor: Actor, panel_id: int, *, lock: bool = False) -> DelphiPanel:
    """Raises NotFound. Locked, others who steer it wait."""
    columns = DelphiPanel.__table__.c
    statement = select(DelphiPanel).where(DelphiPanel.id == panel_id)
    if lock:
        statement = statement.with_for_update(of=DelphiPanel, key_share=True)
    return one(
        session,
        visible(actor, Action.PLAN_SKILLS, statement, trainee=columns.made_by_id, academy=columns.academy_id),
    )


def locked_round(session: Session, round_id: int) -> DelphiRound:
    """A round; others who answer in it or close it wait."""
    statement = select(DelphiRound).where(DelphiRound.id == round_id)
    locked = statement.with_for_update(of=DelphiRound, key_share=True).execution_options(populate_existing=True)
    return session.execute(locked).scalar_one()


def rounds_over(session: Session) -> list[int]:
    """Rounds that are not closed though their time is over."""
    statement = select(DelphiRound.id).where(DelphiRound.closed_at.is_(None), DelphiRound.closes_at <= clock.now())
    return list(session.scalars(statement.order_by(DelphiRound.id)))


def experts(session: Session, panel_id: int) -> list[Account]:
    """Who was named, by name."""
    statement = (
        select(Account)
        .join(DelphiExpert, DelphiExpert.account_id == Account.id)
        .where(DelphiExpert.panel_id == panel_id)
        .order_by(Account.full_name, Account.id)
    )
    return list(session.scalars(statement))


def people_named(session: Session, actor: Actor, usernames: Sequence[str]) -> dict[str, Account]:
    """People of the actor's academy who may be experts, by their user name; others are left out."""
    called = accounts_called(session, actor.academy_id, usernames)
    return {name: each for name, each in called.items() if holds(each, Action.ANSWER_PANEL)}


def count_answers(session: Session, round_id: int) -> int:
    """How many have answered in a round: of one that is closed, by what they said of the first question."""
    statement = select(func.count()).select_from(DelphiOpinion)
    found = session.scalar(statement.where(DelphiOpinion.round_id == round_id, DelphiOpinion.question == 0))
    return found or 0


def own_panels(session: Session, person: Actor) -> list[OwnPanel]:
    """Panels on which somebody is an expert, the newest first."""
    statement = (
        _of_expert(person, select(DelphiPanel, ForesightScenario))
        .join(ForesightScenario, ForesightScenario.id == DelphiPanel.scenario_id)
        .order_by(DelphiPanel.id.desc())
    )
    found = session.execute(statement).all()
    own = select(DelphiParticipation.round_id).where(DelphiParticipation.account_id == person.id)
    answered = set(session.scalars(own))
    return [_own(panel, scenario, answered) for panel, scenario in found]


def _own(panel: DelphiPanel, scenario: ForesightScenario, answered: set[int]) -> OwnPanel:
    newest = panel.rounds[-1]
    has_answered = newest.takes_answers and newest.id in answered
    return OwnPanel(panel, scenario, newest.takes_answers and not has_answered, has_answered)


def own_round(session: Session, person: Actor, round_id: int) -> DelphiRound:
    """A round of a panel on which somebody is an expert. Raises NotFound."""
    statement = _of_expert(person, select(DelphiRound).join(DelphiPanel, DelphiPanel.id == DelphiRound.panel_id))
    return one(session, statement.where(DelphiRound.id == round_id))


def scenario_of(session: Session, panel: DelphiPanel) -> ForesightScenario:
    return session.get_one(ForesightScenario, panel.scenario_id)


def counting_panels(person_id: int) -> ScalarSelect[int]:
    """On how many panels somebody is, as a part of a statement."""
    return select(func.count(DelphiExpert.id)).where(DelphiExpert.account_id == person_id).scalar_subquery()


def has_answered(session: Session, round_id: int, person_id: int) -> bool:
    return session.get(DelphiParticipation, (round_id, person_id)) is not None


def opinions(session: Session, round_id: int) -> list[DelphiOpinion]:
    """Every opinion of a round, in the order of their numbers, which says nothing."""
    statement = select(DelphiOpinion).where(DelphiOpinion.round_id == round_id)
    return list(session.scalars(statement.order_by(DelphiOpinion.number)))


def answered(session: Session, asked: DelphiRound) -> list[Answered] | None:
    """What was said of each question in a round that is closed; None where fewer answered than may be shown."""
    found = opinions(session, asked.id) if asked.closed_at else []
    by_question = [[each for each in found if each.question == place] for place in range(len(asked.panel.questions))]
    if any(len(each) < LEAST_EXPERTS for each in by_question):
        return None
    return [_answered(each) for each in by_question]


def _answered(said: Iterable[DelphiOpinion]) -> Answered:
    found = list(said)
    ranges = [Range(each.low, each.likely, each.high) for each in found]
    return Answered(consensus(ranges), tuple(each.reason for each in found))


def steps(first: Sequence[Answered], second: Sequence[Answered]) -> list[Step]:
    """How each question moved."""
    pairs = [(one.consensus, other.consensus) for one, other in zip(first, second, strict=True)]
    return [Step(change(*pair), has_settled(*pair)) for pair in pairs]


def is_finished(panel: DelphiPanel) -> bool:
    """Whether the last round is closed."""
    return len(panel.rounds) == ROUNDS and panel.rounds[-1].closed_at is not None


def _of_expert(person: Actor, statement: Statement) -> Statement:
    columns = DelphiExpert.__table__.c
    return visible(
        person,
        Action.ANSWER_PANEL,
        statement.join(DelphiExpert, DelphiExpert.panel_id == DelphiPanel.id),
        trainee=columns.account_id,
        academy=DelphiPanel.__table__.c.academy_id,
    )
