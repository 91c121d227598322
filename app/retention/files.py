"""Files that no row names any more: of drafts that were deleted, and of requests that were refused after storing one.

They go once they were found so for some days, by the same database: one that was put back from a backup, or that
somebody began by mistake over the files of another, costs no file.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import Engine, String, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.core import audit, clock
from app.core.blobs import Blobs
from app.core.db import CHUNK, Base, UtcDateTime, begin, in_chunks, insert_into
from app.rights.erasure import UNUSED_FOR
from app.rights.queries import columns_of_files

KEPT = timedelta(days=7)


class UnnamedFile(Base):
    """A file that no row names, and since when that is known. digest: its sha256."""

    __tablename__ = "unnamed_file"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    found_at: Mapped[datetime] = mapped_column(UtcDateTime)


def sweep(engine: Engine, blobs: Blobs) -> int:
    """Note what no row names, and remove what was noted long enough ago; how many files went.

    To look through all rows takes a while, in which nobody need wait to write.
    """
    with begin(engine, read_only=True) as session:
        found = unnamed(session, blobs)
    with begin(engine) as session:
        _note(session, found)
        gone = [each for each in overdue(session, found) if blobs.remove(each, unused_since=clock.now() - UNUSED_FOR)]
        if gone:
            _forget(session, gone)
            digest = hashlib.sha256(",".join(gone).encode()).hexdigest()
            detail = {"older_than_days": KEPT.days, "count": len(gone), "sha256_of_names": digest}
            audit.record(session, verb="unnamed_files_deleted", thing="storage", detail=detail)
    return len(gone)


def unnamed(session: Session, blobs: Blobs) -> set[str]:
    """The files that no row of any table names and nobody stored lately, by digest."""
    left = set(blobs.unused(clock.now() - UNUSED_FOR))
    for table in Base.metadata.sorted_tables:
        for column in columns_of_files(table):
            named = session.scalars(select(column).distinct().execution_options(yield_per=CHUNK))
            for some in named.partitions():
                left.difference_update(some)
    return left


def overdue(session: Session, found: Collection[str]) -> list[str]:
    """Of these files those that were noted long enough ago, in order."""
    noted = session.scalars(select(UnnamedFile.digest).where(UnnamedFile.found_at < clock.now() - KEPT))
    return sorted(set(noted) & set(found))


def _note(session: Session, found: Collection[str]) -> None:
    """What is named again, or gone, is noted no longer."""
    noted = set(session.scalars(select(UnnamedFile.digest)))
    _forget(session, sorted(noted.difference(found)))
    for some in in_chunks(sorted(set(found) - noted)):
        rows = [{"digest": each, "found_at": clock.now()} for each in some]
        session.execute(insert_into(session, UnnamedFile).on_conflict_do_nothing(), rows)


def _forget(session: Session, digests: list[str]) -> None:
    for some in in_chunks(digests):
        session.execute(delete(UnnamedFile).where(UnnamedFile.digest.in_(some)))
