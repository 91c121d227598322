"""Data files that an academy brought into a lab: saved states of all of them, of which versions of the lab name one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.content.schemas import DataColumn, Notebook, OwnFile
from app.core.db import Base, UtcDateTime

# By name.
Files = Mapping[str, OwnFile]
NO_FILES: Files = MappingProxyType({})


class LabData(Base):
    """One saved state of all data files that an academy brought into a lab; the newest is what is being written.

    A state never changes, so a version that names one has its data for good.
    """

    __tablename__ = "lab_data"
    __table_args__ = (Index("ix_lab_data_lab", "academy_id", "module_id", "activity_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    academy_id: Mapped[int] = mapped_column(ForeignKey("academy.id"))
    module_id: Mapped[str] = mapped_column(String(80))
    activity_id: Mapped[str] = mapped_column(String(80))
    author_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    saved_at: Mapped[datetime] = mapped_column(UtcDateTime)


class LabDataFile(Base):
    """A file of such a state. sha256: of its content; packed_sha256: of the same compressed (gzip), as it is sent.

    size_bytes: of the content; sent_bytes: compressed. columns: each as a DataColumn. assurance: why data that name
    people, or look so, may be used, in the words of who brought the file; empty where it names nobody.
    """

    __tablename__ = "lab_data_file"
    __table_args__ = (UniqueConstraint("data_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    data_id: Mapped[int] = mapped_column(ForeignKey("lab_data.id"))
    name: Mapped[str] = mapped_column(String(80))
    sha256: Mapped[str] = mapped_column(String(64))
    packed_sha256: Mapped[str] = mapped_column(String(64))
    size_bytes: Mapped[int]
    sent_bytes: Mapped[int]
    row_count: Mapped[int]
    columns: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    assurance: Mapped[str] = mapped_column(String(1000), default="")


def data_of(lab: Notebook, files: Files) -> dict[str, Any]:
    """What changes of an installed lab when the academy brings these files beside or in place of the pack's."""
    digests = {**lab.data_sha256, **{name: file.sha256 for name, file in files.items()}}
    is_replaced = bool(lab.data_sha256.keys() & files.keys())
    # What was planted in a file of the pack is not in the one that takes its place.
    return {"own_files": files, "data_sha256": digests, "truths": None if is_replaced else lab.truths}


def files_of(session: Session, data_id: int | None) -> Files:
    """The files of a state; none where there is no state."""
    return files_of_states(session, [] if data_id is None else [data_id]).get(data_id or 0, NO_FILES)


def files_of_states(session: Session, data_ids: Collection[int]) -> Mapping[int, Files]:
    """The files of several states, by the state's id; one without files is left out."""
    found: dict[int, dict[str, OwnFile]] = defaultdict(dict)
    if data_ids:
        statement = select(LabDataFile).where(LabDataFile.data_id.in_(data_ids)).order_by(LabDataFile.name)
        for row in session.scalars(statement):
            found[row.data_id][row.name] = OwnFile(
                sha256=row.sha256,
                packed_sha256=row.packed_sha256,
                size_bytes=row.size_bytes,
                sent_bytes=row.sent_bytes,
                row_count=row.row_count,
                columns=tuple(DataColumn.model_validate(column) for column in row.columns),
                assurance=row.assurance,
            )
    return found
