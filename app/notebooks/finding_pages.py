"""Findings in words: the choices of which a claim is built, and what a closed list came to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import gettext as _

from app.content.truths import ClaimColumn, PlantedTruths, question_of
from app.core.charts import format_number
from app.core.locale import language
from app.core.table import Table
from app.notebooks.findings import Findings
from app.notebooks.models import NotebookClaim
from app.notebooks.velocity import Judged, Verdict, index

Choice = tuple[str, str]


@dataclass(frozen=True)
class Question:
    """A measure and a column, and the claims about them by kind, each with its words."""

    words: str
    answers: tuple[tuple[str, tuple[Choice, ...]], ...]


@dataclass(frozen=True)
class Outcome:
    """A closed list: the parts first, the index after them. missed: what was not found, and how to look for it."""

    parts: tuple[tuple[str, str, str], ...]
    index: str
    claims: Table
    missed: tuple[tuple[str, str], ...]


def measures(truths: PlantedTruths) -> tuple[Choice, ...]:
    return tuple((each.id, each.words.in_language(language())) for each in truths.measures)


def columns(truths: PlantedTruths) -> tuple[Choice, ...]:
    return tuple((each.id, each.words.in_language(language())) for each in truths.columns)


def question(truths: PlantedTruths, measure_id: str, column_id: str) -> Question | None:
    """The choices about a measure and a column; None where the two make no question."""
    column = next((each for each in truths.columns if each.id == column_id), None)
    if column is None or not any(f"{measure_id}/{column_id}/{answer}" in truths.offered for answer in column.answers):
        return None
    named = {each.id: each.words.in_language(language()) for each in truths.measures}
    words = _("%(measure)s, by: %(column)s", measure=named[measure_id], column=column.words.in_language(language()))
    return Question(str(words), _answers(f"{measure_id}/{column_id}", column))


def columns_of(truths: PlantedTruths, measure_id: str) -> tuple[str, ...]:
    """By what a measure can be compared, in words; empty for one that is not there."""
    named = dict(columns(truths))
    return tuple(named[column] for each in truths.measures if each.id == measure_id for column in each.by)


def _answers(asked: str, column: ClaimColumn) -> tuple[tuple[str, tuple[Choice, ...]], ...]:
    def choices(*answers: str) -> tuple[Choice, ...]:
        return tuple((f"{asked}/{answer}", _answer(column, answer)) for answer in answers)

    if not column.groups:
        return ((_("Do they go together?"), choices(*column.answers)),)
    ids = [group.id for group in column.groups]
    return (
        (_("No difference"), choices("same")),
        (_("Clearly highest"), choices(*(f"highest/{each}" for each in ids))),
        (_("Clearly lowest"), choices(*(f"lowest/{each}" for each in ids))),
    )


def _answer(column: ClaimColumn, answer: str) -> str:
    kind, _slash, group_id = answer.partition("/")
    group = next((each.words.in_language(language()) for each in column.groups if each.id == group_id), "")
    words = {
        "highest": _("clearly highest: %(group)s", group=group),
        "lowest": _("clearly lowest: %(group)s", group=group),
        "same": _("hardly differs between any of the groups"),
        "rises": _("clearly rises with it"),
        "falls": _("clearly falls with it"),
        "unrelated": _("has no clear relation to it"),
    }
    return str(words[kind])


def in_words(truths: PlantedTruths, claim: str) -> str:
    """A claim as a sentence."""
    if claim not in truths.offered:
        return str(_("A finding that an earlier version of this lab offered"))
    asked = question_of(claim)
    measure_id, column_id = asked.split("/")
    column = next(each for each in truths.columns if each.id == column_id)
    measure = dict(measures(truths))[measure_id]
    return str(
        _(
            "%(measure)s, by: %(column)s – %(answer)s",
            measure=measure,
            column=column.words.in_language(language()),
            answer=_answer(column, claim.removeprefix(f"{asked}/")),
        )
    )


def outcome(truths: PlantedTruths, found: Findings) -> Outcome:
    """What a closed list came to."""
    minutes = (found.row.active_seconds or 0.0) / 60
    judged = [Judged(Verdict(each.verdict), each.truth, each.weight) for each in found.claims]
    hit = {each.truth: each.weight for each in judged if each.verdict is Verdict.FOUND}
    wrong = [each.weight for each in judged if each.verdict is Verdict.WRONG]
    missed = [truth for truth in truths.truths if truth.id not in hit]
    return Outcome(
        parts=(
            (
                _("Truths found"),
                _("%(count)s of %(total)s", count=len(hit), total=len(hit) + len(missed)),
                _("Weight together: %(weight)s", weight=sum(hit.values())),
            ),
            (_("Wrong claims"), str(len(wrong)), _("Weight together: %(weight)s", weight=sum(wrong))),
            (
                _("Active minutes"),
                format_number(minutes, 0),
                _("Pauses over a minute are cut; less than ten minutes counts as ten."),
            ),
        ),
        index=_(
            "Curiosity velocity in this lab: %(index)s. That is the weight of the truths found, less that of wrong "
            "claims, for ten active minutes. You alone see it, and it is never used as a mark.",
            index=format_number(index(judged, minutes), 1),
        ),
        claims=_claims(truths, found.claims),
        missed=tuple((in_words(truths, each.claims[0]), each.look.in_language(language())) for each in missed),
    )


def _claims(truths: PlantedTruths, claims: Sequence[NotebookClaim]) -> Table:
    why = {each.claim: each.why.in_language(language()) for each in truths.tempting}
    words = {
        Verdict.FOUND: _("Found: this was planted in the data"),
        Verdict.TRUE: _("True, and counted neither for nor against you"),
        Verdict.WRONG: _("The data do not say so"),
        Verdict.GONE: _("Not judged, because the lab was changed"),
    }
    rows = tuple(
        (
            in_words(truths, each.claim),
            str(words[Verdict(each.verdict)]),
            why.get(each.claim, "–") if each.verdict == Verdict.WRONG else "–",
            _signed(each),
        )
        for each in claims
    )
    return Table((_("What you said"), _("What it was"), _("What the data say"), _("Weight")), rows)


def _signed(claim: NotebookClaim) -> str:
    return f"{-claim.weight if claim.verdict == Verdict.WRONG else claim.weight:+d}" if claim.weight else "0"
