"""Labs that an academy began itself: they stand in a module of a content pack, over the data of one of its labs or
only over data of the academy's own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from types import MappingProxyType

from sqlalchemy import JSON, ForeignKey, String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.content.graded_cells import graded_cells
from app.content.schemas import Catalogue, Notebook
from app.content.values import Bilingual
from app.core.blobs import Blobs
from app.core.db import Base, UtcDateTime


class OwnLab(Base):
    """A lab that is in no content pack. title, summary: by language. data_of: the lab whose files it reads, "" for
    none, so that it has only what the academy brings.

    sha256: of the source notebook that it began with; trainees get nothing of it until a version is published.
    withdrawn_at: since when nobody begins it any more.
    """

    __tablename__ = "own_lab"
    __table_args__ = (UniqueConstraint("academy_id", "module_id", "activity_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    academy_id: Mapped[int] = mapped_column(ForeignKey("academy.id"))
    module_id: Mapped[str] = mapped_column(String(80))
    activity_id: Mapped[str] = mapped_column(String(80))
    data_of: Mapped[str] = mapped_column(String(80))
    title: Mapped[dict[str, str]] = mapped_column(JSON)
    summary: Mapped[dict[str, str]] = mapped_column(JSON)
    minutes: Mapped[int]
    competencies: Mapped[list[str]] = mapped_column(JSON)
    sha256: Mapped[str] = mapped_column(String(64))
    begun_by: Mapped[int] = mapped_column(ForeignKey("account.id"))
    begun_at: Mapped[datetime] = mapped_column(UtcDateTime)
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


def own_labs(session: Session, academy_id: int) -> list[OwnLab]:
    """All that an academy began, published or not, in order."""
    return list(session.scalars(select(OwnLab).where(OwnLab.academy_id == academy_id).order_by(OwnLab.id)))


def with_own_labs(blobs: Blobs, catalogue: Catalogue, labs: Iterable[OwnLab]) -> Catalogue:
    """The content with these labs at the end of their modules, as they began; those that are withdrawn apart.

    One whose module or whose data are in no content pack any more is left out.
    """
    modules = dict(catalogue.modules)
    for own in labs:
        module, base = modules.get(own.module_id), catalogue.find(own.module_id, own.data_of)
        if module is not None and (isinstance(base, Notebook) or not own.data_of):
            data = base.data_sha256 if isinstance(base, Notebook) else {}
            place = "withdrawn" if own.withdrawn_at else "activities"
            lab = _notebook(own, data, blobs.get(own.sha256))
            modules[module.id] = module.model_copy(update={place: (*getattr(module, place), lab)})
    return replace(catalogue, modules=MappingProxyType(modules))


def _notebook(own: OwnLab, data_sha256: Mapping[str, str], source: bytes) -> Notebook:
    return Notebook(
        kind="notebook",
        id=own.activity_id,
        title=Bilingual(**own.title),
        summary=Bilingual(**own.summary),
        minutes=own.minutes,
        competencies=tuple(own.competencies),
        source=source,
        graded_cells=graded_cells(source),
        data_sha256=data_sha256,
        data_of=own.data_of,
        is_own=True,
        is_withdrawn=own.withdrawn_at is not None,
    )
