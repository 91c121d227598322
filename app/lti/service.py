"""Writes about platforms: registered, changed, switched on and off, removed; and the academy's keys."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.accounts.models import Cohort
from app.core import audit, clock, jobs
from app.core.access import Actor
from app.core.db import one
from app.core.jobs import JobKind
from app.lti import queries
from app.lti.models import Course, Launch, Platform, PlatformPerson, Score, ToolKey
from app.lti.tool import Tool


class AlreadyRegistered(ValueError):
    """The academy has registered this issuer with this client id."""


@dataclass(frozen=True)
class Registration:
    """What an administrator says of a platform."""

    name: str
    issuer: str
    client_id: str
    deployment_ids: tuple[str, ...]
    login_address: str
    token_address: str
    keys_address: str
    site: str
    makes_accounts: bool
    names_instructors: bool

    def put_into(self, platform: Platform) -> None:
        platform.name, platform.issuer, platform.client_id = self.name, self.issuer, self.client_id
        platform.deployment_ids = list(self.deployment_ids)
        platform.login_address, platform.token_address = self.login_address, self.token_address
        platform.keys_address, platform.site = self.keys_address, self.site
        platform.makes_accounts, platform.names_instructors = self.makes_accounts, self.names_instructors


def register(session: Session, actor: Actor, tool: Tool, said: Registration) -> Platform:
    """A new platform of the actor's academy, switched on. Raises AlreadyRegistered."""
    if queries.is_registered(session, actor.academy_id, said.issuer, said.client_id, other_than=None):
        raise AlreadyRegistered
    made = Platform(academy_id=actor.academy_id, is_enabled=True, registered_at=clock.now())
    said.put_into(made)
    session.add(made)
    session.flush()
    key_that_signs(session, tool, actor.academy_id)
    _note(session, "platform_registered", actor, made, **_said(made))
    return made


def change(session: Session, actor: Actor, platform_id: int, said: Registration) -> Platform:
    """Raises NotFound, AlreadyRegistered."""
    found = queries.platform(session, actor, platform_id)
    if queries.is_registered(session, actor.academy_id, said.issuer, said.client_id, other_than=found.id):
        raise AlreadyRegistered
    if said.issuer != found.issuer:
        # Subjects of one issuer say nothing of those of another.
        session.execute(delete(PlatformPerson).where(PlatformPerson.platform_id == found.id))
    said.put_into(found)
    session.flush()
    _note(session, "platform_changed", actor, found, **_said(found))
    return found


def switch(session: Session, actor: Actor, platform_id: int, *, on: bool) -> Platform:
    """Take messages of a platform, or none; scores that waited go out again. Raises NotFound."""
    found = queries.platform(session, actor, platform_id)
    if found.is_enabled is on:
        return found
    found.is_enabled = on
    session.flush()
    for score in queries.undelivered_of_platform(session, found.id) if on else ():
        jobs.ask_again(session, JobKind.SEND_SCORE, score.id, academy_id=score.academy_id)
    _note(session, "platform_switched_on" if on else "platform_switched_off", actor, found)
    return found


def remove(session: Session, actor: Actor, platform_id: int) -> Platform:
    """Forget a platform, who its people are here and what it is still to be told; accounts stay. Raises NotFound."""
    found = queries.platform(session, actor, platform_id)
    for table in (Launch, PlatformPerson, Course, Score):
        session.execute(delete(table).where(table.platform_id == found.id))
    session.delete(found)
    session.flush()
    _note(session, "platform_removed", actor, found, issuer=found.issuer, client_id=found.client_id)
    return found


def choose_cohort(session: Session, actor: Actor, platform_id: int, course_id: int, cohort_id: int) -> Cohort:
    """From now on people of this course come into this cohort of the same module. Raises NotFound."""
    course = queries.course_of_academy(session, actor, platform_id, course_id)
    statement = select(Cohort).where(
        Cohort.id == cohort_id, Cohort.academy_id == actor.academy_id, Cohort.module_id == course.module_id
    )
    cohort = one(session, statement)
    course.cohort_id = cohort.id
    session.flush()
    platform = session.get_one(Platform, platform_id)
    _note(session, "course_cohort_chosen", actor, platform, course=course.title, cohort=cohort.id)
    return cohort


def send_again(session: Session, actor: Actor, score_id: int) -> None:
    """Try at once to deliver a score that waits or was set aside. Raises NotFound."""
    score = queries.undelivered_score(session, actor, score_id)
    score.tries = 0
    jobs.ask_again(session, JobKind.SEND_SCORE, score.id, academy_id=score.academy_id, at_once=True)
    audit.record(
        session,
        verb="score_sent_again",
        thing=f"account:{score.trainee_id}",
        actor_id=actor.id,
        academy_id=score.academy_id,
        detail={"platform": score.platform_id},
    )


def key_that_signs(session: Session, tool: Tool, academy_id: int) -> ToolKey:
    """The newest key of an academy; a new one where there is none that the portal's secret opens."""
    key = next((each for each in queries.keys_of(session, academy_id) if tool.opens(each)), None)
    return key if key is not None else _add_key(session, tool, academy_id)


def change_key(session: Session, actor: Actor, tool: Tool) -> ToolKey:
    """Sign with a new key from now on."""
    made = _add_key(session, tool, actor.academy_id)
    audit.record(
        session,
        verb="lti_key_made",
        thing=f"academy:{actor.academy_id}",
        actor_id=actor.id,
        academy_id=actor.academy_id,
        detail={"key": made.thumbprint},
    )
    return made


def _add_key(session: Session, tool: Tool, academy_id: int) -> ToolKey:
    made = tool.new_key(academy_id)
    made.made_at = clock.now()
    session.add(made)
    session.flush()
    return made


def _said(platform: Platform) -> dict[str, Any]:
    return {
        "issuer": platform.issuer,
        "client_id": platform.client_id,
        "names_instructors": platform.names_instructors,
    }


def _note(session: Session, verb: str, actor: Actor, platform: Platform, **detail: Any) -> None:
    audit.record(
        session,
        verb=verb,
        thing=f"platform:{platform.id}",
        actor_id=actor.id,
        academy_id=platform.academy_id,
        detail={"name": platform.name, **detail},
    )
