"""Versions of a lab that an academy published: they take the place of the source in the content pack.

The one place where a lab's source is chosen. Whoever reads a lab (its release, grading, export, similarity) takes it
from a catalogue, and a catalogue for an academy is made here.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from types import MappingProxyType

from sqlalchemy import ForeignKey, String, UniqueConstraint, and_, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.content.graded_cells import graded_cells
from app.content.own_data import NO_FILES, Files, data_of, files_of_states
from app.content.own_labs import OwnLab, with_own_labs
from app.content.schemas import Catalogue, Notebook, WordsAboutCells
from app.core.blobs import Blobs
from app.core.db import Base, UtcDateTime


class LabPublication(Base):
    """A source notebook that was given out to an academy's trainees; of a lab's rows the last one holds.

    number: counts from 1 for each academy and lab. sha256: of the source notebook. check_id: the check that it passed.
    words_sha256: of its hints and rubrics as JSON; None where those of the content pack hold.
    data_id: the data files that the academy brought into it; None where it brought none.
    follows_pack: the academy went back to the content pack, whose later versions it gets as well.
    """

    __tablename__ = "lab_publication"
    __table_args__ = (UniqueConstraint("academy_id", "module_id", "activity_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    academy_id: Mapped[int] = mapped_column(ForeignKey("academy.id"))
    module_id: Mapped[str] = mapped_column(String(80))
    activity_id: Mapped[str] = mapped_column(String(80))
    number: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    words_sha256: Mapped[str | None] = mapped_column(String(64))
    data_id: Mapped[int | None] = mapped_column(ForeignKey("lab_data.id"))
    check_id: Mapped[int] = mapped_column(ForeignKey("lab_check.id"))
    follows_pack: Mapped[bool] = mapped_column(default=False)
    reason: Mapped[str] = mapped_column(String(1000))
    published_by: Mapped[int] = mapped_column(ForeignKey("account.id"))
    published_at: Mapped[datetime] = mapped_column(UtcDateTime)


def catalogue_of(
    session: Session, blobs: Blobs, installed: Catalogue, academy_id: int, *, at: datetime | None = None
) -> Catalogue:
    """The content as an academy's people get it, now or as it was at a moment.

    installed: the content packs. A publication of a lab that no pack has any more is left out.
    """
    holding = _holding(session, academy_id, at)
    if not holding:
        return installed
    content = with_own_labs(blobs, installed, [own for _publication, own in holding if own is not None])
    return _with_publications(session, blobs, content, [publication for publication, _own in holding])


def with_source(lab: Notebook, source: bytes, words: WordsAboutCells, files: Files) -> Notebook:
    """The installed lab with another source notebook, of these hints and rubrics those for the cells that it has, and
    the data files that the academy brought beside or in place of the pack's.

    Raises UnusableSource.
    """
    cells = graded_cells(source)
    kept = words.about(cells)
    changed = {"source": source, "graded_cells": cells, "hints": kept.hints, "rubrics": kept.rubrics}
    return lab.model_copy(update={**changed, **data_of(lab, files)})


def data_changed_at(session: Session, academy_id: int, module_id: str, activity_id: str) -> datetime | None:
    """When a lab was last given out with other data files of the academy than before; None if it never was."""
    statement = select(LabPublication.data_id, LabPublication.published_at).where(
        LabPublication.academy_id == academy_id,
        LabPublication.module_id == module_id,
        LabPublication.activity_id == activity_id,
    )
    known, changed_at = None, None
    for data_id, published_at in session.execute(statement.order_by(LabPublication.number)):
        if data_id != known:
            known, changed_at = data_id, published_at
    return changed_at


def published_sources(session: Session, blobs: Blobs, academy_id: int, module_id: str, activity_id: str) -> list[bytes]:
    """Each source notebook of a lab that an academy has ever published."""
    statement = select(LabPublication.sha256).where(
        LabPublication.academy_id == academy_id,
        LabPublication.module_id == module_id,
        LabPublication.activity_id == activity_id,
    )
    return [blobs.get(digest) for digest in session.scalars(statement.distinct())]


@lru_cache(maxsize=64)
def read_words(content: bytes) -> WordsAboutCells:
    """Hints and rubrics from their file."""
    return WordsAboutCells.model_validate_json(content)


def _holding(session: Session, academy_id: int, at: datetime | None) -> list[tuple[LabPublication, OwnLab | None]]:
    """The last publication of each lab, but for labs that follow their content pack again; with the academy's own lab
    that it is of, if it is of one.
    """
    last = select(func.max(LabPublication.id)).where(LabPublication.academy_id == academy_id)
    if at is not None:
        last = last.where(LabPublication.published_at <= at)
    last = last.group_by(LabPublication.module_id, LabPublication.activity_id)
    of_own = and_(
        OwnLab.academy_id == LabPublication.academy_id,
        OwnLab.module_id == LabPublication.module_id,
        OwnLab.activity_id == LabPublication.activity_id,
    )
    statement = (
        select(LabPublication, OwnLab)
        .outerjoin(OwnLab, of_own)
        .where(LabPublication.id.in_(last), LabPublication.follows_pack.is_(False))
        .order_by(LabPublication.id)
    )
    return [(publication, own) for publication, own in session.execute(statement)]


def _with_publications(
    session: Session, blobs: Blobs, installed: Catalogue, publications: Sequence[LabPublication]
) -> Catalogue:
    modules = dict(installed.modules)
    files = files_of_states(session, {each.data_id for each in publications if each.data_id is not None})
    for each in publications:
        module = modules.get(each.module_id)
        lab = installed.find(each.module_id, each.activity_id)
        if module is None or not isinstance(lab, Notebook):
            continue
        words = read_words(blobs.get(each.words_sha256)) if each.words_sha256 else lab.words
        given_out = with_source(lab, blobs.get(each.sha256), words, files.get(each.data_id or 0, NO_FILES))
        place = "withdrawn" if lab.is_withdrawn else "activities"
        labs = tuple(given_out if activity.id == lab.id else activity for activity in getattr(module, place))
        # Whoever keeps the module on a device knows by its digest that it changed.
        version = (
            f"{module.digest} {each.activity_id} {each.sha256} {each.words_sha256 or ''} {each.data_id or ''} {place}"
        )
        digest = hashlib.sha256(version.encode()).hexdigest()
        modules[module.id] = module.model_copy(update={place: labs, "digest": digest})
    digests = "\n".join(f"{module.id} {module.digest}" for module in modules.values())
    digest = hashlib.sha256(f"{installed.digest}\n{digests}".encode()).hexdigest()
    return replace(installed, modules=MappingProxyType(modules), digest=digest)
