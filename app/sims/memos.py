"""The memo to the minister after a run, and the rubric by which a person marks it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flask_babel import gettext as _

from app.sims.models import Memo, MemoMark

LONGEST = 900
MOST = 4
ROWS = ("evidence", "trade_off", "recommendation")


@dataclass(frozen=True)
class RubricRow:
    """One question that a marker answers with 0 to 4. anchors: what 0, 2 and 4 look like."""

    id: str
    title: str
    anchors: tuple[str, str, str]


@dataclass(frozen=True)
class MemoPage:
    """The memo as the debrief shows it: written, or its form with what was typed."""

    memo: Memo | None
    mark: MemoMark | None
    rows: tuple[RubricRow, ...]
    typed: str
    problem: str


def rubric() -> tuple[RubricRow, ...]:
    """The rows of the rubric in the reader's language."""
    return (
        RubricRow(
            "evidence",
            _("Does it say what the figures show, and how sure that is?"),
            (
                _("No figure, or one that the run does not bear out"),
                _("A right figure, without a word on how sure it is or whom it leaves out"),
                _("The figures that matter, with their uncertainty or their gap named in plain words"),
            ),
        ),
        RubricRow(
            "trade_off",
            _("Does it say who pays for what was gained?"),
            (
                _("Only the success"),
                _("A cost is named, but not who bears it"),
                _("What was given up, who bears it, and why it was still right or was a mistake"),
            ),
        ),
        RubricRow(
            "recommendation",
            _("Could the minister act on it tomorrow?"),
            (
                _("No recommendation"),
                _("A direction, without who or when"),
                _("One clear step, who takes it, and what would make you change your mind"),
            ),
        ),
    )


def problem(text: str) -> str:
    """What is wrong with a memo as typed; "" if nothing."""
    if not text:
        return str(_("Write your memo first: three sentences."))
    if len(text) > LONGEST:
        excess = len(text) - LONGEST
        return str(_("Your memo is %(count)s characters too long: a minister reads three sentences.", count=excess))
    return ""


def outcome(marks: Mapping[str, int]) -> float:
    """Marks by row as a share of what could be reached, 0 to 1."""
    return sum(marks[row] for row in ROWS) / (MOST * len(ROWS))


def page(found: tuple[Memo, MemoMark | None] | None, *, typed: str = "", problem: str = "") -> MemoPage:
    """A memo and its newest mark, or the form to write it."""
    memo, mark = found if found is not None else (None, None)
    return MemoPage(memo, mark, rubric(), typed, problem)
