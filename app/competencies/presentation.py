"""Evidence and estimates in words, for the pages that show them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from app.competencies.models import Evidence, EvidenceKind
from app.content.schemas import Bilingual, Catalogue, Quiz
from app.core.charts import format_number, percent

SOURCES = {
    "quiz_attempt": ("learning.quiz_result", "attempt_id"),
    "run": ("sims.debrief", "run_id"),
    "submission": ("gradebook.submission", "submission_id"),
}


def percent_range(low: float, high: float) -> str:
    return str(_("%(low)s to %(high)s", low=percent(low), high=percent(high)))


def weight(value: float) -> str:
    return format_number(value, 2)


def pull(share: float) -> str:
    """How far, in percentage points, something pulls the estimate, and which way."""
    points = format_number(abs(100 * share), 1)
    if share >= 0:
        return str(_("up, %(points)s points", points=points))
    return str(_("down, %(points)s points", points=points))


def age(at: datetime, now: datetime) -> str:
    days = max(0, (now - at).days)
    return str(ngettext("%(num)s day old", "%(num)s days old", days) if days else _("today"))


def level_name(level: int | None) -> str:
    names = {
        1: _("Level 1: aware"),
        2: _("Level 2: user"),
        3: _("Level 3: practitioner"),
        4: _("Level 4: lead"),
    }
    return str(names[level]) if level else _("Level not yet known")


def kind_name(kind: EvidenceKind) -> str:
    names = {
        EvidenceKind.QUIZ_ITEM: _("Quiz question"),
        EvidenceKind.SIMULATION_DECISION: _("Decisions in a simulation"),
        EvidenceKind.INQUIRY: _("Inquiries in a simulation"),
        EvidenceKind.NOTEBOOK_CELL: _("Notebook cell"),
        EvidenceKind.WRITTEN_PRODUCT: _("Written product"),
    }
    return str(names[kind])


def question_asked(catalogue: Catalogue, row: Evidence) -> Bilingual | None:
    """The prompt of the quiz item behind this evidence, if just one item of all modules bears its id."""
    if row.kind is not EvidenceKind.QUIZ_ITEM:
        return None
    prompts = [
        item.prompt
        for module in catalogue.modules.values()
        for activity in module.activities
        if isinstance(activity, Quiz)
        for item in activity.items
        if item.id == row.part
    ]
    return prompts[0] if len(prompts) == 1 else None


def source_address(row: Evidence) -> str:
    """Where the very answer, decision or cell is shown."""
    kind, number = row.source.split(":")
    endpoint, argument = SOURCES[kind]
    values: dict[str, Any] = {argument: int(number)}
    return url_for(endpoint, _anchor=row.part, **values)
