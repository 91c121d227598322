"""Reads of a notebook's earlier versions: which there are, and how far each is from the present one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Select, or_
from sqlalchemy.orm import Session

from app.core.access import Actor
from app.core.blobs import Blobs
from app.core.db import one
from app.core.paging import Page, Wanted, page_of_things
from app.notebooks import comparison, queries, stretches
from app.notebooks.comparison import Cells
from app.notebooks.models import NotebookDraft, Submission

# Every listed version is read from its file to be compared.
PAGE_SIZE = 30


@dataclass(frozen=True)
class Version:
    """A saved state. submissions: those handed in with exactly this content; differing: cells, to the present one."""

    draft: NotebookDraft
    submissions: tuple[Submission, ...]
    differing: int
    is_present: bool


@dataclass(frozen=True)
class History:
    """A page of versions, newest first. original_differing: cells of the original that differ from the present one."""

    versions: Page[Version]
    original_differing: int


@dataclass(frozen=True)
class Present:
    """What the lab opens with. draft: None while it is the original."""

    draft: NotebookDraft | None
    cells: Cells


def present(session: Session, blobs: Blobs, actor: Actor, module_id: str, activity_id: str, original: bytes) -> Present:
    """The present version of the actor's own notebook."""
    draft = queries.draft(session, actor, module_id, activity_id)
    return Present(draft, comparison.cells_of(blobs.get(draft.sha256) if draft else original))


def version(session: Session, actor: Actor, module_id: str, activity_id: str, draft_id: int) -> NotebookDraft:
    """A saved state of the actor's own notebook. Raises NotFound."""
    statement = queries.own_drafts(actor, module_id, activity_id).where(NotebookDraft.id == draft_id)
    return one(session, statement)


def page(
    session: Session,
    blobs: Blobs,
    actor: Actor,
    module_id: str,
    activity_id: str,
    original: bytes,
    *,
    wanted: Wanted,
) -> History:
    """A page of the versions of the actor's own notebook."""
    submissions = queries.submissions_of_lab(session, actor.id, module_id, activity_id)
    now = present(session, blobs, actor, module_id, activity_id, original)
    listed = _listed(actor, module_id, activity_id, {each.sha256 for each in submissions})

    def compared(drafts: Sequence[NotebookDraft]) -> list[Version]:
        return [
            Version(
                draft,
                tuple(each for each in submissions if each.sha256 == draft.sha256),
                comparison.differing(comparison.cells_of(blobs.get(draft.sha256)), now.cells),
                is_present=now.draft is not None and draft.id == now.draft.id,
            )
            for draft in drafts
        ]

    return History(
        page_of_things(session, listed, wanted).made(compared),
        comparison.differing(comparison.cells_of(original), now.cells),
    )


def _listed(actor: Actor, module_id: str, activity_id: str, submitted: set[str]) -> Select[NotebookDraft]:
    """Those that stretches.py lists, and all that were kept aside or submitted."""
    own = queries.own_drafts(actor, module_id, activity_id)
    return own.where(
        or_(
            NotebookDraft.aside.is_(True),
            NotebookDraft.sha256.in_(submitted),
            NotebookDraft.id.in_(stretches.listed(own, NotebookDraft)),
        )
    )
