"""The memo to the minister after a run, as it is written and as the debrief shows it."""

from __future__ import annotations

from dataclasses import dataclass

from app.content.schemas import Rubric
from app.sims.models import Memo, MemoMark


@dataclass(frozen=True)
class MemoPage:
    """The memo as the debrief shows it: written, or its form with what was typed. rubric: by which it is marked.

    is_hidden: there is a mark, and the reader must not see it yet.
    """

    memo: Memo | None
    mark: MemoMark | None
    rubric: Rubric
    typed: str
    problem: str
    is_hidden: bool


def page(
    found: tuple[Memo, MemoMark | None] | None,
    rubric: Rubric,
    *,
    typed: str = "",
    problem: str = "",
    is_hidden: bool = False,
) -> MemoPage:
    """A memo and its newest mark, or the form to write it."""
    memo, mark = found if found is not None else (None, None)
    return MemoPage(memo, None if is_hidden else mark, rubric, typed, problem, is_hidden)
