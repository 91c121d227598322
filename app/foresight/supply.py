"""How many of the assessed people hold a level: the groups' shares that a study may rest on.

The estimates are those of app.competencies.estimation. What leaves this module has passed the rule on groups: nothing
of fewer than ten people, the middle of a band for ten to nineteen, whole per cent from twenty on.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import Account, Posting
from app.competencies.models import Evidence
from app.competencies.queries import skills
from app.core.access import Role
from app.core.privacy import shown_share
from app.core.spreadsheets import plain

# By department (as `plain` spells it) and competency: of each person, the probability of holding each level.
Probabilities = dict[tuple[str, str], list[tuple[float, ...]]]
# People whose evidence is read at a time.
CHUNK = 500


def supply_of(
    session: Session, academy_id: int, departments: Collection[str], codes: Collection[str], moment: datetime
) -> dict[str, dict[str, dict[str, Any]]]:
    """By department and competency how many are assessed, and the shares that hold levels 1 to 4, if they may be shown.

    departments: as `plain` spells them.
    """
    found: dict[str, dict[str, dict[str, Any]]] = defaultdict(dict)
    for (department, code), people in _probabilities(session, academy_id, moment).items():
        if department in departments and code in codes:
            found[department][code] = {"assessed": len(people), "shares": shown_shares(people)}
    return dict(found)


def shown_shares(people: list[tuple[float, ...]]) -> list[float] | None:
    """Share of these people that holds each level, as exactly as their number allows; None for too few."""
    found = []
    for of_level in zip(*people, strict=True):
        shown = shown_share(sum(of_level) / len(of_level), len(of_level))
        if shown is None:
            return None
        found.append(round((shown.low + shown.high) / 2, 2))
    return found


def _probabilities(session: Session, academy_id: int, moment: datetime) -> Probabilities:
    found: Probabilities = defaultdict(list)
    statement = (
        select(Account.id, Posting.department)
        .join(Posting, Posting.account_id == Account.id)
        .where(Account.academy_id == academy_id, Account.role == Role.TRAINEE, Posting.ends_on.is_(None))
        .order_by(Account.id)
    )
    works_in = {account_id: plain(department) for account_id, department in session.execute(statement)}
    ids = list(works_in)
    for begin in range(0, len(ids), CHUNK):
        of_people = select(Evidence).where(
            Evidence.academy_id == academy_id, Evidence.trainee_id.in_(ids[begin : begin + CHUNK])
        )
        known = skills(session.scalars(of_people.order_by(Evidence.at, Evidence.id)), now=moment)
        for (trainee_id, code), skill in sorted(known.items()):
            levels = tuple(check.probability for check in skill.estimate.checks)
            found[works_in[trainee_id], code].append(levels)
    return found
