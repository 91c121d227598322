"""Reads about foresight, each narrowed to the actor's academy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session

from app.accounts.models import Account
from app.core.access import Action, Actor, Statement, visible
from app.core.db import one, one_row
from app.core.jobs import Job, JobKind
from app.core.paging import Page, Wanted, page_of
from app.foresight.models import ForesightData, ForesightScenario, ForesightScenarioVersion, ForesightStudy


@dataclass(frozen=True)
class DataSummary:
    data: ForesightData
    made_by: str


@dataclass(frozen=True)
class ScenarioInForce:
    """A scenario with its newest version."""

    scenario: ForesightScenario
    version: ForesightScenarioVersion


@dataclass(frozen=True)
class StudySummary:
    """A study, the number of its figures and what its scenario assumed."""

    study: ForesightStudy
    data: ForesightData
    scenario: ForesightScenario
    version: ForesightScenarioVersion


def versions_of_data(session: Session, actor: Actor, wanted: Wanted) -> Page[DataSummary]:
    """Figures of the actor's academy, the newest first."""
    statement = (
        select(ForesightData, Account.full_name)
        .join(Account, Account.id == ForesightData.made_by_id)
        .order_by(ForesightData.id.desc())
    )
    found = page_of(session, _data_within(actor, statement), wanted)
    return found.made(lambda rows: [DataSummary(data, name) for data, name in rows])


def data_of_academy(session: Session, actor: Actor, data_id: int) -> ForesightData:
    """Raises NotFound."""
    return one(session, _data_within(actor, select(ForesightData).where(ForesightData.id == data_id)))


def present_data(session: Session, academy_id: int) -> ForesightData | None:
    """The newest figures that were taken over."""
    statement = select(ForesightData).where(ForesightData.academy_id == academy_id, ForesightData.number.is_not(None))
    return session.scalar(statement.order_by(ForesightData.number.desc()).limit(1))


def scenarios(session: Session, actor: Actor) -> list[ScenarioInForce]:
    """Scenarios of the actor's academy in the order in which they were made."""
    statement = _in_force(actor).order_by(ForesightScenario.id)
    return [ScenarioInForce(*row) for row in session.execute(statement)]


def scenario_of_academy(session: Session, actor: Actor, scenario_id: int) -> ScenarioInForce:
    """Raises NotFound."""
    found = one_row(session, _in_force(actor).where(ForesightScenario.id == scenario_id))
    return ScenarioInForce(*found)


def versions_of_scenario(session: Session, scenario_id: int) -> list[tuple[ForesightScenarioVersion, str]]:
    """Every version with the name of who made it, the newest first."""
    statement = (
        select(ForesightScenarioVersion, Account.full_name)
        .join(Account, Account.id == ForesightScenarioVersion.made_by_id)
        .where(ForesightScenarioVersion.scenario_id == scenario_id)
        .order_by(ForesightScenarioVersion.number.desc())
    )
    return [(version, name) for version, name in session.execute(statement)]


def studies(session: Session, actor: Actor, wanted: Wanted) -> Page[StudySummary]:
    """Studies of the actor's academy, the newest first."""
    found = page_of(session, _studies(actor).order_by(ForesightStudy.id.desc()), wanted)
    return found.made(lambda rows: [StudySummary(*row) for row in rows])


def newest_results(session: Session, actor: Actor) -> dict[int, dict[str, Any]]:
    """Results of the newest finished study of each version of a scenario, as far as it rests on the present figures."""
    data = present_data(session, actor.academy_id)
    newest = (
        select(func.max(ForesightStudy.id))
        .where(ForesightStudy.data_id == (data.id if data else None), ForesightStudy.finished_at.is_not(None))
        .group_by(ForesightStudy.version_id)
    )
    columns = ForesightStudy.__table__.c
    statement = select(ForesightStudy.version_id, ForesightStudy.result).where(ForesightStudy.id.in_(newest))
    found = session.execute(_within(actor, statement, columns.asked_by_id, columns.academy_id))
    return {version_id: result for version_id, result in found if result is not None}


def study_of_academy(session: Session, actor: Actor, study_id: int) -> StudySummary:
    """Raises NotFound."""
    found = one_row(session, _studies(actor).where(ForesightStudy.id == study_id))
    return StudySummary(*found)


def failure_of(session: Session, study_id: int) -> str | None:
    """Why the worker gave a study up, if it did."""
    return session.scalar(select(Job.failure).where(Job.kind == JobKind.FORESEE, Job.thing_id == study_id))


def _studies(
    actor: Actor,
) -> Select[ForesightStudy, ForesightData, ForesightScenario, ForesightScenarioVersion]:
    statement = (
        select(ForesightStudy, ForesightData, ForesightScenario, ForesightScenarioVersion)
        .join(ForesightData, ForesightData.id == ForesightStudy.data_id)
        .join(ForesightScenarioVersion, ForesightScenarioVersion.id == ForesightStudy.version_id)
        .join(ForesightScenario, ForesightScenario.id == ForesightScenarioVersion.scenario_id)
    )
    columns = ForesightStudy.__table__.c
    return _within(actor, statement, columns.asked_by_id, columns.academy_id)


def _in_force(actor: Actor) -> Select[ForesightScenario, ForesightScenarioVersion]:
    newest = (
        select(func.max(ForesightScenarioVersion.number))
        .where(ForesightScenarioVersion.scenario_id == ForesightScenario.id)
        .correlate(ForesightScenario)
        .scalar_subquery()
    )
    statement = select(ForesightScenario, ForesightScenarioVersion).join(
        ForesightScenarioVersion,
        (ForesightScenarioVersion.scenario_id == ForesightScenario.id) & (ForesightScenarioVersion.number == newest),
    )
    columns = ForesightScenario.__table__.c
    return _within(actor, statement, columns.id, columns.academy_id)


def _data_within(actor: Actor, statement: Statement) -> Statement:
    columns = ForesightData.__table__.c
    return _within(actor, statement, columns.made_by_id, columns.academy_id)


def _within(actor: Actor, statement: Statement, owner: ColumnElement[int], academy: ColumnElement[int]) -> Statement:
    # Of the academy, whoever made it; no role sees these as its own.
    return visible(actor, Action.PLAN_SKILLS, statement, trainee=owner, academy=academy)
