"""Deleting what was kept long enough, with a proof of what went."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from app.core import audit, clock
from app.core.db import in_chunks
from app.retention.rules import RULES, Rule


@dataclass(frozen=True)
class Outdated:
    """Rows of one rule in one academy, by number, that are older than the rule allows."""

    rule: Rule
    academy_id: int
    numbers: tuple[int, ...]

    @property
    def digest(self) -> str:
        """SHA-256 of the numbers: who has a copy can prove that just these went."""
        return hashlib.sha256(",".join(map(str, self.numbers)).encode()).hexdigest()


def outdated(session: Session) -> list[Outdated]:
    """What would be deleted now."""
    return [found for rule in RULES for found in _of_rule(session, rule)]


def apply(session: Session) -> list[Outdated]:
    """Delete it, and say so in the audit log of each academy; nothing is written when nothing goes."""
    found = outdated(session)
    for each in found:
        _delete(session, each.rule, each.numbers)
        audit.record(
            session,
            verb="outdated_deleted",
            thing=f"academy:{each.academy_id}",
            academy_id=each.academy_id,
            detail={
                "kind": each.rule.name,
                "older_than_days": each.rule.kept.days,
                "count": len(each.numbers),
                "sha256_of_numbers": each.digest,
            },
        )
    return found


def _of_rule(session: Session, rule: Rule) -> Iterator[Outdated]:
    by_academy: dict[int, list[int]] = defaultdict(list)
    for academy_id, number in session.execute(rule.outdated(clock.now())):
        by_academy[academy_id].append(number)
    return (Outdated(rule, academy_id, tuple(numbers)) for academy_id, numbers in by_academy.items())


def _delete(session: Session, rule: Rule, numbers: Sequence[int]) -> None:
    number = rule.table.__table__.c.id
    for some_numbers in in_chunks(numbers):
        some = update(rule.table).values(**rule.blank) if rule.blank else delete(rule.table)
        session.execute(some.where(number.in_(some_numbers)), execution_options={"synchronize_session": False})
