"""Reads for releases: who agreed, what is known of them, and what was released before."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from app.accounts import consent
from app.accounts.models import Account, Posting
from app.accounts.progress import ActivityProgress
from app.competencies.models import Evidence
from app.core import clock
from app.core.access import Role
from app.core.paging import Page, Wanted, page_of
from app.core.privacy import is_large_enough
from app.research.material import SPENT, Participant, Person, Piece, coarsened
from app.research.models import ResearchRelease

# What all releases of an academy may spend within a year: ten of them.
BUDGET = 40.0
YEAR = timedelta(days=365)
ROWS_AT_A_TIME = 10_000


@dataclass(frozen=True)
class Prospect:
    """What a release made now would be like. people: who agreed; suppressed: of them, who would be left out."""

    people: int
    suppressed: int
    steps: dict[str, int]
    spent: float

    @property
    def is_large_enough(self) -> bool:
        return is_large_enough(self.people)

    @property
    def left(self) -> float:
        """What may still be spent within this year."""
        return BUDGET - self.spent

    @property
    def is_affordable(self) -> bool:
        return self.left >= SPENT


def participants(session: Session, academy_id: int) -> list[Participant]:
    """Trainees of an academy who agree to research at this moment, and what is released of them."""
    agreeing = consent.agreeing(academy_id, consent.Purpose.RESEARCH)
    finished = (
        select(ActivityProgress.trainee_id, func.count())
        .where(ActivityProgress.done_at.is_not(None), ActivityProgress.trainee_id.in_(agreeing))
        .group_by(ActivityProgress.trainee_id)
    )
    done = {row[0]: row[1] for row in session.execute(finished)}
    known = (
        select(Evidence.trainee_id, Evidence.at, Evidence.kind, Evidence.competency, Evidence.level, Evidence.outcome)
        .add_columns(Evidence.weight)
        .where(Evidence.trainee_id.in_(agreeing), Evidence.superseded_at.is_(None))
        .order_by(Evidence.id)
        .execution_options(yield_per=ROWS_AT_A_TIME)
    )
    pieces: dict[int, list[Piece]] = defaultdict(list)
    for trainee_id, at, kind, *rest in session.execute(known):
        pieces[trainee_id].append(Piece(at, kind.value, *rest))
    return [
        Participant(number, department, grade, district, language, done.get(number, 0), tuple(pieces[number]))
        for number, department, grade, district, language in session.execute(_people(academy_id))
    ]


def _people(academy_id: int) -> Select[Any]:
    """Selects what a Person is made of, of everybody who agrees."""
    return (
        select(Account.id, func.coalesce(Posting.department, ""), Posting.grade, func.coalesce(Posting.district, ""))
        .add_columns(Account.language)
        .join(Posting, (Posting.account_id == Account.id) & Posting.ends_on.is_(None), isouter=True)
        .where(Account.academy_id == academy_id, Account.role == Role.TRAINEE)
        .where(Account.id.in_(consent.agreeing(academy_id, consent.Purpose.RESEARCH)))
        .order_by(Account.id)
    )


def somebody_left(session: Session, academy_id: int, released: AbstractSet[int]) -> bool:
    """Whether any of these, whom a release is about, is to be in none by now."""
    return not released <= {row[0] for row in session.execute(_people(academy_id))}


def prospect(session: Session, academy_id: int) -> Prospect:
    found = [Person(*row) for row in session.execute(_people(academy_id))]
    made = coarsened(found) if is_large_enough(len(found)) else None
    suppressed, steps = (made.suppressed, dict(made.steps)) if made else (len(found), {})
    return Prospect(len(found), suppressed, steps, spent(session, academy_id))


def spent(session: Session, academy_id: int, *, within: timedelta | None = YEAR) -> float:
    """What the releases of an academy have spent, within the last year or ever."""
    statement = select(func.coalesce(func.sum(ResearchRelease.epsilon), 0.0))
    of_academy = statement.where(ResearchRelease.academy_id == academy_id)
    if within is not None:
        of_academy = of_academy.where(ResearchRelease.made_at > clock.now() - within)
    return float(session.scalar(of_academy) or 0.0)


def releases(session: Session, academy_id: int, wanted: Wanted) -> Page[tuple[ResearchRelease, str]]:
    """What an academy has released, the newest first, and who made each."""
    statement = (
        select(ResearchRelease, Account.full_name)
        .join(Account, Account.id == ResearchRelease.made_by_id)
        .where(ResearchRelease.academy_id == academy_id)
        .order_by(ResearchRelease.id.desc())
    )
    return page_of(session, statement, wanted).made(lambda rows: [(row[0], row[1]) for row in rows])
