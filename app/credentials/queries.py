"""Reads for the passport, and about credentials, keys and corrected names."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from app.accounts.models import Academy, Account, Posting
from app.accounts.progress import ActivityProgress
from app.accounts.queries import postings_of
from app.attestations.models import Attestation
from app.attestations.queries import confirmed_of
from app.competencies import estimation
from app.competencies.queries import Skill, by_domain, hidden_estimates, of_one, skills, trainee_with_evidence
from app.content.schemas import Catalogue, Competency, Domain, Module
from app.core.access import Action, Actor, Statement, visible
from app.core.db import one
from app.core.errors import NotFound
from app.core.paging import Page, Wanted, page_of_things
from app.credentials import awards
from app.credentials.awards import Award
from app.credentials.models import Credential, NameCorrection, SigningKey

# Codes, thumbprints and slugs; anything else that an address or a credential gives for one is none.
NAME = re.compile(r"[\w-]{1,60}", re.ASCII)


@dataclass(frozen=True)
class FinishedModule:
    """finished_at: when its last activity was done."""

    module: Module
    finished_at: datetime


@dataclass(frozen=True)
class Corrected:
    """A corrected name, and the name of who corrected it."""

    correction: NameCorrection
    by: str


@dataclass(frozen=True)
class Passport:
    """What is known of a trainee at a moment. unknown: competencies without any evidence. credentials: newest first.

    attested: what supervisors saw of them, once that is confirmed.
    """

    person: Account
    academy: Academy
    postings: list[Posting]
    modules: list[FinishedModule]
    groups: list[tuple[Domain, list[tuple[Competency, Skill]]]]
    hidden: set[str]
    unknown: list[Competency]
    attested: list[Attestation]
    credentials: list[Credential]
    corrections: list[Corrected]
    method: str
    at: datetime


def passport(session: Session, actor: Actor, trainee_id: int, catalogue: Catalogue, now: datetime) -> Passport:
    """Raises NotFound for nobody whose skill record this actor may see."""
    person, evidence = trainee_with_evidence(session, actor, trainee_id)
    known = of_one(skills(evidence, now=now))
    return Passport(
        person=person,
        academy=person.academy,
        postings=postings_of(session, person.id),
        modules=finished_modules(session, catalogue, person.id),
        groups=by_domain(catalogue, known),
        hidden={code for _id, code in hidden_estimates(session, actor, [person.id])},
        unknown=[each for each in catalogue.competencies.values() if each.code not in known],
        attested=confirmed_of(session, person.id),
        credentials=credentials_of(session, person.id),
        corrections=corrections_of(session, person.id),
        method=estimation.METHOD_VERSION,
        at=now,
    )


def finished_modules(session: Session, catalogue: Catalogue, trainee_id: int) -> list[FinishedModule]:
    """Modules of which a trainee has done every activity, enrolled or not, in the catalogue's order."""
    done: dict[str, dict[str, datetime]] = defaultdict(dict)
    rows = select(ActivityProgress.module_id, ActivityProgress.activity_id, ActivityProgress.done_at)
    for module_id, activity_id, done_at in session.execute(
        rows.where(ActivityProgress.trainee_id == trainee_id, ActivityProgress.done_at.is_not(None))
    ):
        if done_at is not None:
            done[module_id][activity_id] = done_at
    return [
        FinishedModule(module, max(done[module.id][activity.id] for activity in module.activities))
        for module in catalogue.modules.values()
        if {activity.id for activity in module.activities} <= done[module.id].keys()
    ]


def open_awards(found: Passport) -> list[Award]:
    """What the trainee has earned and holds no credential in force for."""
    modules = [awards.for_module(each.module, each.finished_at) for each in found.modules]
    skills_known = [each for _domain, members in found.groups for each in members]
    levels = [awards.for_level(competency, skill, found.at) for competency, skill in skills_known]
    earned = [award for award in (*modules, *levels) if award is not None]
    held = {each.achievement for each in found.credentials if each.revoked_at or not is_over(each, found.at)}
    return [award for award in earned if award.name not in held]


def is_over(credential: Credential, now: datetime) -> bool:
    """Whether another took its place, or its time has passed."""
    is_outdated = credential.valid_until is not None and credential.valid_until <= now
    return credential.superseded_at is not None or is_outdated


def credentials_of(session: Session, trainee_id: int) -> list[Credential]:
    statement = select(Credential).where(Credential.trainee_id == trainee_id, Credential.signed != "")
    return list(session.scalars(statement.order_by(Credential.id.desc())))


def credential_of(session: Session, actor: Actor, credential_id: int, action: Action) -> Credential:
    """One credential that this actor reaches by this action. Raises NotFound."""
    statement = select(Credential).where(Credential.id == credential_id, Credential.signed != "")
    return one(session, _within(actor, action, statement))


def holder_is_known(session: Session, credential: Credential) -> bool:
    """Whether its holder still has an account; service rules may have it kept after they were erased."""
    statement = select(Account.id).where(Account.id == credential.trainee_id, Account.erased_at.is_(None))
    return session.scalar(statement) is not None


def credentials_of_academy(session: Session, actor: Actor, wanted: Wanted) -> Page[Credential]:
    """Every credential that the actor's academy issued, but erased ones, the newest first."""
    statement = _within(actor, Action.KEEP_CREDENTIALS, select(Credential).where(Credential.signed != ""))
    return page_of_things(session, statement.order_by(Credential.id.desc()), wanted)


def credential_coded(session: Session, code: str) -> Credential | None:
    if not NAME.fullmatch(code):
        return None
    return session.scalar(select(Credential).where(Credential.code == code))


def academy_named(session: Session, slug: str) -> Academy:
    """Raises NotFound."""
    if not NAME.fullmatch(slug) or (found := session.scalar(select(Academy).where(Academy.slug == slug))) is None:
        raise NotFound
    return found


def keys_of(session: Session, academy_id: int) -> list[SigningKey]:
    """Keys of an academy, the one that signs now first."""
    statement = select(SigningKey).where(SigningKey.academy_id == academy_id)
    return list(session.scalars(statement.order_by(SigningKey.id.desc())))


def key_with(session: Session, thumbprint: str) -> SigningKey | None:
    if not NAME.fullmatch(thumbprint):
        return None
    return session.scalar(select(SigningKey).where(SigningKey.thumbprint == thumbprint))


def is_taken(session: Session, academy_id: int, number: int, place: int) -> bool:
    """Whether a credential has this place in this status list."""
    has_place = (Credential.status_list == number, Credential.status_index == place)
    return session.scalar(select(Credential.id).where(Credential.academy_id == academy_id, *has_place)) is not None


def no_longer_in_force(session: Session, academy_id: int, number: int) -> list[int]:
    """Places of a status list that are set: of what was revoked or replaced. Raises NotFound for a list without any."""
    rows = session.execute(
        select(Credential.status_index, Credential.revoked_at, Credential.superseded_at).where(
            Credential.academy_id == academy_id, Credential.status_list == number
        )
    ).all()
    if not rows:
        raise NotFound
    return [index for index, revoked_at, superseded_at in rows if revoked_at or superseded_at]


def corrections_of(session: Session, account_id: int) -> list[Corrected]:
    """Corrections of a person's name, the newest first."""
    statement = (
        select(NameCorrection, Account.full_name)
        .join(Account, Account.id == NameCorrection.corrected_by_id)
        .where(NameCorrection.account_id == account_id)
        .order_by(NameCorrection.id.desc())
    )
    return [Corrected(correction, name) for correction, name in session.execute(statement)]


def is_former_name(session: Session, account_id: int, name: str) -> bool:
    """Whether a credential bears another name than its holder; an erased one's is that of the newest credential."""
    holder = session.get_one(Account, account_id)
    if holder.erased_at is None:
        return name != holder.full_name
    named = select(Credential.full_name).where(Credential.trainee_id == account_id, Credential.signed != "")
    return session.scalar(named.order_by(Credential.id.desc()).limit(1)) != name


def in_force(trainee_ids: Sequence[int]) -> Select[Credential]:
    """Selects the credentials of these trainees that were neither revoked nor replaced, nor kept long enough."""
    return select(Credential).where(
        Credential.trainee_id.in_(trainee_ids),
        Credential.revoked_at.is_(None),
        Credential.superseded_at.is_(None),
        Credential.signed != "",
    )


def _within(actor: Actor, action: Action, statement: Statement) -> Statement:
    columns = Credential.__table__.c
    return visible(actor, action, statement, trainee=columns.trainee_id, academy=columns.academy_id)
