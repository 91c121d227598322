"""Reads of evidence and the estimates made from it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import Session, joinedload

from app.accounts.consent import Consent
from app.accounts.models import Account, Enrolment, Withdrawal
from app.accounts.queries import account_of_academy
from app.competencies import tallies
from app.competencies.estimation import (
    Change,
    Estimate,
    Piece,
    Standing,
    Tally,
    change,
    estimate,
    reliability,
    standings,
)
from app.competencies.models import Evidence, MarkingScheme, SkillTally
from app.content.schemas import Catalogue, Competency, Domain
from app.core import blind, clock
from app.core.access import Action, Actor, Role, visible
from app.core.errors import NotFound

# Of the domain notes, section 7.3.
DISPUTED_WITHIN = timedelta(days=30)
# Cohort, trainee and competency.
Place = tuple[int, int, str]


@dataclass(frozen=True)
class Skill:
    """One competency of one trainee. superseded: evidence that a later marking replaced, kept to be seen."""

    competency: str
    estimate: Estimate
    evidence: tuple[Evidence, ...]
    superseded: tuple[Evidence, ...]

    @property
    def is_disputed(self) -> bool:
        """Whether the trainee disputes a piece of the evidence that counts."""
        return any(row.disputed_at is not None for row in self.evidence)


def evidence_of(
    session: Session, actor: Actor, trainee_ids: Sequence[int], action: Action, *, competency: str | None = None
) -> list[Evidence]:
    """Evidence of these trainees, replaced pieces included, as far as the actor may see it; oldest first.

    competency: of this one only.
    """
    columns = Evidence.__table__.c
    statement = select(Evidence).where(Evidence.trainee_id.in_(trainee_ids))
    if competency is not None:
        statement = statement.where(Evidence.competency == competency)
    scoped = visible(actor, action, statement, trainee=columns.trainee_id, academy=columns.academy_id)
    at_once = joinedload(Evidence.scheme).joinedload(MarkingScheme.settled)
    return list(session.scalars(scoped.options(at_once).order_by(Evidence.at, Evidence.id)).unique())


def standings_in_cohorts(session: Session, actor: Actor, cohort_ids: Collection[int]) -> dict[Place, Standing]:
    """Where the trainees of these cohorts stand now, by (cohort id, trainee id, competency), from the kept sums.

    For figures about groups: whose standing may be shown alone, `readable` says.
    """
    kept = SkillTally.__table__.c
    statement = (
        # Columns, because thousands of objects take longer to make than all the rest.
        select(Enrolment.cohort_id, kept.trainee_id, kept.competency)
        .add_columns(kept.day, kept.successes, kept.failures)
        .add_columns(kept.first_level_successes, kept.first_level_failures, kept.pieces, kept.kinds)
        .add_columns(kept.has_seconded_product)
        .join(SkillTally, SkillTally.trainee_id == Enrolment.trainee_id)
        .where(Enrolment.cohort_id.in_(cohort_ids), kept.pieces > 0)
        .order_by(Enrolment.cohort_id, kept.trainee_id)
    )
    scoped = visible(actor, Action.SEE_GROUP_FIGURES, statement, trainee=kept.trainee_id, academy=kept.academy_id)
    places: list[Place] = []
    found: list[Tally] = []
    for cohort_id, trainee_id, code, day, good, bad, first_good, first_bad, pieces, kinds, seconded in session.execute(
        scoped
    ):
        places.append((cohort_id, trainee_id, code))
        found.append(Tally(code, day, good, bad, first_good, first_bad, pieces, tallies.kinds_of(kinds), seconded))
    return dict(zip(places, standings(found, now=clock.now()), strict=True))


def readable(session: Session, actor: Actor, trainee_ids: Collection[int]) -> set[int]:
    """Of these trainees those whose skill record the actor may see now."""
    columns = Account.__table__.c
    statement = select(Account.id).where(Account.id.in_(trainee_ids))
    scoped = visible(actor, Action.SEE_SKILL_RECORD, statement, trainee=columns.id, academy=columns.academy_id)
    return set(session.scalars(scoped))


@dataclass(frozen=True)
class InDoubt:
    """Estimates by trainee and competency.

    disputed: a piece that counts for them is; hidden: they rest on a mark of which the reader may still give the second
    (app/core/blind.py), and are not shown.
    """

    disputed: set[tuple[int, str]]
    hidden: set[tuple[int, str]]


def in_doubt(session: Session, reader: Actor, trainee_ids: Collection[int]) -> InDoubt:
    """What is said beside the estimates of these trainees, whose records the reader may see."""
    if not trainee_ids:
        return InDoubt(set(), set())
    columns = Evidence.__table__.c
    statement = select(
        columns.trainee_id, columns.competency, columns.source, columns.part, columns.disputed_at, columns.scheme_id
    ).where(
        columns.trainee_id.in_(trainee_ids),
        columns.superseded_at.is_(None),
        or_(columns.scheme_id.is_not(None), columns.disputed_at.is_not(None)),
    )
    rows = session.execute(statement).all()
    by_hand = [row for row in rows if row.scheme_id is not None]
    hidden = blind.hidden(session, reader, {(row.source, row.part) for row in by_hand})
    return InDoubt(
        disputed={(row.trainee_id, row.competency) for row in rows if row.disputed_at is not None},
        hidden={(row.trainee_id, row.competency) for row in by_hand if (row.source, row.part) in hidden},
    )


def hidden_estimates(session: Session, reader: Actor, trainee_ids: Collection[int]) -> set[tuple[int, str]]:
    """Which estimates of these trainees, by trainee and competency, the reader must not see yet (`InDoubt`)."""
    return in_doubt(session, reader, trainee_ids).hidden


def holder_of_record(session: Session, actor: Actor, account_id: int, action: Action) -> Account:
    """Somebody of whom there is a skill record: a trainee, or who was one and left evidence. Raises NotFound."""
    account = account_of_academy(session, actor, account_id, action)
    left_evidence = select(Evidence.id).where(Evidence.trainee_id == account.id).limit(1)
    if account.role is not Role.TRAINEE and session.scalar(left_evidence) is None:
        raise NotFound
    return account


def was_trainee(session: Session, person: Account) -> bool:
    """Whether somebody is a trainee or was one: withdrawn from a cohort, with evidence, or asked what trainees are."""
    if person.role is Role.TRAINEE:
        return True
    left = or_(
        exists().where(Withdrawal.trainee_id == person.id),
        exists().where(Evidence.trainee_id == person.id),
        exists().where(Consent.account_id == person.id),
    )
    return bool(session.scalar(select(left)))


def trainee_with_evidence(session: Session, actor: Actor, trainee_id: int) -> tuple[Account, list[Evidence]]:
    """A trainee, or someone who was one and left evidence, with all of it. Raises NotFound, RecordClosed."""
    account = holder_of_record(session, actor, trainee_id, Action.SEE_SKILL_RECORD)
    return account, evidence_of(session, actor, [account.id], Action.SEE_SKILL_RECORD)


def skills(evidence: Iterable[Evidence], *, now: datetime | None = None) -> dict[tuple[int, str], Skill]:
    """Every skill that evidence in force speaks of, by (trainee id, competency). now: another moment."""
    moment = now or clock.now()
    grouped: dict[tuple[int, str], list[Evidence]] = defaultdict(list)
    for row in evidence:
        grouped[row.trainee_id, row.competency].append(row)
    return {
        (trainee_id, code): skill
        for (trainee_id, code), rows in grouped.items()
        if (skill := _skill(code, rows, moment)).evidence
    }


def of_one(skills: Mapping[tuple[int, str], Skill]) -> dict[str, Skill]:
    """The skills of a single trainee, by competency."""
    return {code: skill for (_trainee_id, code), skill in skills.items()}


def by_domain(catalogue: Catalogue, skills: Mapping[str, Skill]) -> list[tuple[Domain, list[tuple[Competency, Skill]]]]:
    """Domains of the framework that there is evidence for, each with its competencies, in its order."""
    groups = [
        (
            domain,
            [
                (each, skills[each.code])
                for each in catalogue.competencies.values()
                if each.domain == domain.code and each.code in skills
            ],
        )
        for domain in catalogue.domains.values()
    ]
    return [(domain, members) for domain, members in groups if members]


def _skill(code: str, rows: list[Evidence], now: datetime) -> Skill:
    in_force = tuple(known_at(rows, now))
    superseded = tuple(row for row in rows if row.superseded_at is not None and row.superseded_at <= now)
    return Skill(code, estimate(code, [piece_of(row, at=now) for row in in_force], now=now), in_force, superseded)


def may_be_disputed(evidence: Evidence, now: datetime) -> bool:
    """Whether it is known for no longer than a trainee may say that it is wrong."""
    return now < evidence.recorded_at + DISPUTED_WITHIN


def known_at(evidence: Iterable[Evidence], moment: datetime) -> list[Evidence]:
    """The evidence that counted at a moment: known by then, and not yet replaced."""
    return [
        row
        for row in evidence
        if row.recorded_at <= moment and (row.superseded_at is None or row.superseded_at > moment)
    ]


def estimate_at(code: str, evidence: Iterable[Evidence], moment: datetime) -> Estimate:
    """The estimate of a competency from what was known of it at a moment."""
    return estimate(code, [piece_of(row, at=moment) for row in known_at(evidence, moment)], now=moment)


def changes(evidence: Sequence[Evidence], since: datetime, *, now: datetime) -> dict[str, Change]:
    """What moved each estimate of one trainee since a moment, by competency; evidence: all of it, replaced or not."""
    former, present = known_at(evidence, since), known_at(evidence, now)
    return {
        code: change(
            code,
            estimate_at(code, [row for row in evidence if row.competency == code], since),
            [piece_of(row, at=now) for row in present if row.competency == code],
            now=now,
        )
        for code in sorted({row.competency for row in (*former, *present)})
    }


def reliability_of(row: Evidence, *, at: datetime | None = None) -> float:
    """The share of its weight that evidence counted for at a moment, or counts for now."""
    if row.scheme is None:
        return 1.0
    settled = row.scheme.settled_at(at)
    return settled.reliability if settled is not None else reliability(0, None)


def piece_of(row: Evidence, *, at: datetime | None = None) -> Piece:
    """at: as reliable, and marked by as many, as it was known to be at a moment; None: as it is known now."""
    return Piece(
        id=row.id,
        kind=row.kind,
        outcome=row.outcome,
        difficulty=row.difficulty,
        weight=row.weight,
        source=row.source,
        at=row.at,
        reliability=reliability_of(row, at=at),
        is_seconded=row.seconded_at is not None and (at is None or row.seconded_at <= at),
    )
