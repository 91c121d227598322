"""Evidence and estimates in words, for the pages that show them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import url_for
from flask_babel import format_date, ngettext
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from markupsafe import Markup, escape

from app.competencies.estimation import ASSUMED_PAIRS, CAP_DAYS, Cause, Change, Effect, age_days, reliability
from app.competencies.models import MEMO_COMPETENCY, MEMOS, Evidence, EvidenceKind, MarkingScheme
from app.competencies.queries import reliability_of
from app.content.schemas import Catalogue, Quiz
from app.content.values import Bilingual
from app.core.charts import format_number, percent
from app.core.locale import language
from app.core.privacy import SMALLEST_GROUP
from app.core.wording import isolated, set_apart

# Of what moved an estimate, so many pieces are named one by one.
NAMED_EFFECTS = 4
# Half of the last decimal of the points that are shown.
LEAST_SHARE = 0.0005
# Causes of which single pieces are not named.
TOLD_TOGETHER = frozenset({Cause.AGE, Cause.RELIABILITY})
# Their source is a single thing, so its part says nothing more.
WHOLE_THINGS = frozenset({EvidenceKind.EXTERNAL_COURSE, EvidenceKind.ATTESTATION})
LEVEL_NAMES = {
    1: _l("Level 1: aware"),
    2: _l("Level 2: user"),
    3: _l("Level 3: practitioner"),
    4: _l("Level 4: lead"),
}
KIND_NAMES = {
    EvidenceKind.QUIZ_ITEM: _l("Quiz question"),
    EvidenceKind.SIMULATION_DECISION: _l("Decisions in a simulation"),
    EvidenceKind.INQUIRY: _l("Inquiries in a simulation"),
    EvidenceKind.NOTEBOOK_CELL: _l("Notebook cell"),
    EvidenceKind.WRITTEN_PRODUCT: _l("Written product"),
    EvidenceKind.EXTERNAL_COURSE: _l("Course elsewhere"),
    EvidenceKind.ATTESTATION: _l("Supervisor's attestation"),
}
SOURCES = {
    "quiz_attempt": ("learning.quiz_result", "attempt_id"),
    "run": ("sims.debrief", "run_id"),
    "completion": ("completions.completion", "completion_id"),
    "attestation": ("attestations.attestation", "attestation_id"),
    "submission": ("gradebook.submission", "submission_id"),
}


@dataclass(frozen=True)
class ToldEffect:
    """One thing that moved an estimate. address: of the very answer, decision or cell; None for several together."""

    what: str
    why: str
    pull: str
    address: str | None = None


@dataclass(frozen=True)
class ToldChange:
    """How an estimate moved, in words: shares as percentages, and what moved it, the largest first."""

    before: str
    after: str
    effects: tuple[ToldEffect, ...]


def told_change(change: Change, rows: Mapping[int, Evidence], catalogue: Catalogue) -> ToldChange | None:
    """A change in words; None for one that nobody could see. rows: evidence by id."""
    before, after = percent(change.before.mean), percent(change.after.mean)
    single = [effect for effect in change.effects if effect.cause not in TOLD_TOGETHER]
    if not single and before == after:
        return None
    told = [_told(effect, rows[effect.piece.id], catalogue) for effect in single[:NAMED_EFFECTS]]
    if further := single[NAMED_EFFECTS:]:
        count = ngettext("%(num)s further piece of evidence", "%(num)s further pieces of evidence", len(further))
        told.append(ToldEffect(str(count), "", pull(_sum(further))))
    aged, weighed = (
        _sum([effect for effect in change.effects if effect.cause is cause]) for cause in (Cause.AGE, Cause.RELIABILITY)
    )
    if abs(weighed) >= LEAST_SHARE:
        why = _("weighs more or less, as more is known of how far markers agree")
        told.append(ToldEffect(str(_("What people marked")), str(why), pull(weighed)))
    if abs(aged) >= LEAST_SHARE or not told:
        told.append(ToldEffect(str(_("Older evidence")), str(_("weighs less with age")), pull(aged)))
    return ToldChange(before, after, tuple(told))


def _told(effect: Effect, row: Evidence, catalogue: Catalogue) -> ToldEffect:
    what = named(row, question_asked(catalogue, row))
    return ToldEffect(what, _why(effect.cause, row), pull(effect.share), source_address(row))


def _why(cause: Cause, row: Evidence) -> str:
    match cause:
        case Cause.NEW:
            return str(_("new; the work is of %(date)s", date=format_date(row.at)))
        case Cause.REPLACED:
            return str(_("no longer in force: marked anew or withdrawn"))
        case Cause.CAPPED:
            return str(_("no longer counts: enough other evidence of this kind within %(days)s days", days=CAP_DAYS))
    raise ValueError(f"{cause} is told of several pieces together")


def _sum(effects: Sequence[Effect]) -> float:
    return math.fsum(effect.share for effect in effects)


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


def points_range(low: float, high: float) -> str:
    """Two differences of shares in percentage points."""
    ends = [isolated(format_number(100 * share, 1)) for share in (low, high)]
    return str(_("%(low)s to %(high)s points", low=ends[0], high=ends[1]))


def part(value: float | None) -> str:
    """A ratio with two decimals, or a dash where it is not defined."""
    return isolated(format_number(value, 2))


def part_range(low: float, high: float) -> str:
    """Two ratios with two decimals."""
    return str(_("%(low)s to %(high)s", low=part(low), high=part(high)))


def probability(value: float) -> str:
    """A probability with three decimals, or that it is smaller."""
    least = 0.001
    return isolated(f"< {format_number(least, 3)}" if value < least else format_number(value, 3))


def age(at: datetime, now: datetime) -> str:
    days = age_days(at, now)
    return str(ngettext("%(num)s day old", "%(num)s days old", days) if days else _("today"))


def level_name(level: int | None) -> str:
    return str(LEVEL_NAMES[level] if level else _("Level not yet known"))


def kind_name(kind: EvidenceKind) -> str:
    return str(KIND_NAMES[kind])


def named(row: Evidence, question: Bilingual | None = None) -> Markup:
    """What a piece of evidence is: its kind and, where that leaves a choice, the question, the decision or the cell."""
    if row.kind in WHOLE_THINGS:
        return escape(kind_name(row.kind))
    return Markup("{}: <bdi>{}</bdi>").format(
        kind_name(row.kind), question.in_language(language()) if question else row.part
    )


def written_product_of(competency: str) -> str:
    """Where a written product of a competency that two people mark comes from."""
    if competency == MEMO_COMPETENCY:
        return str(
            _(
                "A memo to the minister is one. Which memos a second person marks is drawn by chance, in the share "
                "that your instructors have set."
            )
        )
    return str(_("No activity gives one for this competency yet, so that nobody can reach this level in it."))


def marked_by_person(row: Evidence) -> str:
    """For how much evidence counts that a person marked; "" for other evidence."""
    if row.scheme is None:
        return ""
    return str(_("marked by a person, counts for %(share)s", share=percent(reliability_of(row))))


def schemes_of(rows: Iterable[Evidence]) -> list[MarkingScheme]:
    """By what people marked some of this evidence, each once."""
    found = {row.scheme.id: row.scheme for row in rows if row.scheme is not None}
    return [found[number] for number in sorted(found)]


def why_reliable(scheme: MarkingScheme, catalogue: Catalogue) -> str:
    """For how much of its weight work counts that was marked by this scheme, and why."""
    what, settled = _scheme_title(scheme, catalogue), scheme.settled_at()
    if settled is None or not settled.pairs or settled.agreement is None:
        return str(
            _(
                "What a person marked counts for %(share)s of its weight in %(what)s. That is an assumption, as long "
                "as too few pieces of such work were marked by two people.",
                share=percent(reliability(0, None)),
                what=what,
            )
        )
    sentence = ngettext(
        "What a person marked counts for %(share)s of its weight in %(what)s, because of how far two markers agreed on "
        "%(num)s piece of such work, neither knowing of the other's mark. An assumption counts like %(assumed)s more.",
        "What a person marked counts for %(share)s of its weight in %(what)s, because of how far two markers agreed on "
        "%(num)s pieces of such work, neither knowing of the other's mark. An assumption counts like %(assumed)s more.",
        settled.pairs,
        share=percent(settled.reliability),
        what=what,
        assumed=ASSUMED_PAIRS,
    )
    if settled.pairs < SMALLEST_GROUP:
        return str(sentence)
    kappa = isolated(format_number(settled.agreement, 2))
    figure = _("Weighted kappa was %(kappa)s: 1 is full agreement, 0 what chance gives.", kappa=kappa)
    return f"{sentence} {figure}"


def _scheme_title(scheme: MarkingScheme, catalogue: Catalogue) -> str:
    if scheme.name == MEMOS:
        return str(_("memos to the minister"))
    activity = catalogue.find(*scheme.name.split("/"))
    title = activity.title.in_language(language()) if activity is not None else scheme.name
    return str(_("answers of the lab “%(title)s”", title=set_apart(title)))


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


def dispute_address(row: Evidence) -> str | None:
    """Where a trainee says that this piece of evidence is wrong; None where it is their own word."""
    if row.kind is EvidenceKind.NOTEBOOK_CELL:
        return url_for("gradebook.regrade", submission_id=int(row.source.split(":")[1]), cell=row.part)
    if row.kind is EvidenceKind.EXTERNAL_COURSE:
        return None
    return url_for("appeals.disputing", evidence_id=row.id)


def source_address(row: Evidence) -> str:
    """Where the very answer, decision or cell is shown."""
    kind, number = row.source.split(":")
    endpoint, argument = SOURCES[kind]
    values: dict[str, Any] = {argument: int(number)}
    return url_for(endpoint, _anchor=row.part, **values)
