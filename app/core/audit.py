"""The audit log: append-only, each row bound to the one before it by a hash.

Following the linked hashes of Haber and Stornetta (1991): whoever alters, inserts or removes a row breaks every
later hash. Rows cut off at the end are found by comparing with a head that was noted elsewhere.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String, func, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.core import clock
from app.core.db import Base, UtcDateTime

GENESIS = "0" * 64
ADVISORY_LOCK = 0x48554E41


class AuditEntry(Base):
    """One act: who did what to which thing, and when. `actor_id` is None for the system itself."""

    __tablename__ = "audit_entry"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    academy_id: Mapped[int | None] = mapped_column(ForeignKey("academy.id"), index=True)
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"), index=True)
    verb: Mapped[str] = mapped_column(String(60))
    thing: Mapped[str] = mapped_column(String(120))
    detail: Mapped[dict[str, Any]] = mapped_column(JSON)
    previous_hash: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64), unique=True)


@dataclass(frozen=True)
class Act:
    """What is to be appended. `thing` reads like "submission:12"; `actor_id` is None for the system itself."""

    verb: str
    thing: str
    actor_id: int | None = None
    academy_id: int | None = None
    detail: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Verification:
    """What checking the whole chain found. `broken_id` is the first row that does not fit, or None."""

    entries: int
    head: str
    broken_id: int | None
    reason: str


def record(
    session: Session,
    *,
    verb: str,
    thing: str,
    actor_id: int | None = None,
    academy_id: int | None = None,
    detail: Mapping[str, Any] | None = None,
) -> AuditEntry:
    """Append one act, in the caller's transaction. `thing` reads like "submission:12"."""
    return record_all(session, [Act(verb, thing, actor_id, academy_id, detail or {})])[0]


def record_all(session: Session, acts: Sequence[Act]) -> list[AuditEntry]:
    """Append acts in their order, in the caller's transaction.

    On PostgreSQL the whole portal waits from here until the caller commits, and for whom the caller waits: whoever
    changes many rows changes all of them first.
    """
    if not acts:
        return []
    session.flush()
    if session.get_bind().dialect.name == "postgresql":
        _hold_actors(session, acts)
        session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": ADVISORY_LOCK})
    last = session.execute(select(AuditEntry.id, AuditEntry.hash).order_by(AuditEntry.id.desc()).limit(1)).first()
    number, previous = (last.id, last.hash) if last else (0, GENESIS)
    at = clock.now().replace(microsecond=0)
    entries = []
    for act in acts:
        number += 1
        entry = AuditEntry(
            id=number,
            at=at,
            academy_id=act.academy_id,
            actor_id=act.actor_id,
            verb=act.verb,
            thing=act.thing,
            detail=dict(act.detail),
            previous_hash=previous,
        )
        entry.hash = previous = digest(entry)
        entries.append(entry)
    session.add_all(entries)
    session.flush()
    return entries


def _hold_actors(session: Session, acts: Sequence[Act]) -> None:
    """Whoever erases one of them locks the account before the log, so the rows that name it must come to it first."""
    [reference] = AuditEntry.__table__.c.actor_id.foreign_keys
    account = reference.column
    if ids := sorted({act.actor_id for act in acts if act.actor_id is not None}):
        session.execute(select(account).where(account.in_(ids)).with_for_update(read=True, key_share=True))


def digest(entry: AuditEntry) -> str:
    """SHA-256 over the row's canonical JSON, the hash of the row before it included."""
    return hashlib.sha256(_canonical(content_of(entry)).encode()).hexdigest()


def content_of(entry: AuditEntry) -> dict[str, Any]:
    """What the hash of a row is of."""
    return {
        "id": entry.id,
        "at": entry.at.astimezone(UTC).isoformat(),
        "academy_id": entry.academy_id,
        "actor_id": entry.actor_id,
        "verb": entry.verb,
        "thing": entry.thing,
        "detail": entry.detail,
        "previous_hash": entry.previous_hash,
    }


def as_line(entry: AuditEntry) -> str:
    """A row as JSON on one line, with its hash: whoever has it can compute the hash again."""
    return _canonical({**content_of(entry), "hash": entry.hash})


@dataclass(frozen=True)
class Lines:
    """What checking lines found. altered: numbers of the entries whose content does not fit their hash."""

    entries: int
    head: str
    altered: tuple[int, ...]


def check_lines(lines: Iterable[str]) -> Lines:
    """Compute the hash of each line again, without a database. Raises ValueError for what is no line of a log."""
    count, head, altered = 0, GENESIS, []
    for line in lines:
        content = json.loads(line)
        if not isinstance(content, dict) or not {"id", "hash"} <= content.keys():
            raise ValueError(f"Line {count + 1} is no entry of an audit log.")
        head = content.pop("hash")
        if hashlib.sha256(_canonical(content).encode()).hexdigest() != head:
            altered.append(int(content["id"]))
        count += 1
    return Lines(count, head, tuple(altered))


def _canonical(content: Mapping[str, Any]) -> str:
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def verify(session: Session, *, expected_head: str | None = None) -> Verification:
    """Recompute the chain from its first row and name the first row that does not fit.

    With `expected_head`, a hash noted earlier, rows missing at the end are found as well.
    """
    previous, expected_id, head_seen = GENESIS, 1, expected_head is None
    for entry in session.scalars(select(AuditEntry).order_by(AuditEntry.id)).yield_per(500):
        if entry.id != expected_id:
            return Verification(expected_id - 1, previous, expected_id, "the row is missing")
        if entry.previous_hash != previous:
            return Verification(expected_id - 1, previous, entry.id, "it does not follow the row before it")
        if entry.hash != digest(entry):
            return Verification(expected_id - 1, previous, entry.id, "its content was altered")
        previous, expected_id = entry.hash, expected_id + 1
        head_seen = head_seen or previous == expected_head
    if not head_seen:
        return Verification(expected_id - 1, previous, expected_id, "rows at the end are missing")
    return Verification(expected_id - 1, previous, None, "")


def count(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(AuditEntry)) or 0
