"""The skill record: all competencies of a trainee, and what each estimate rests on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from flask import Blueprint, render_template
from werkzeug.wrappers import Response

from app.accounts.models import Account
from app.accounts.queries import current_account
from app.competencies import estimation, export, presentation, queries, service
from app.competencies.forms import since_form
from app.competencies.models import Evidence
from app.content.current import catalogue
from app.content.schemas import Competency
from app.core import clock
from app.core.access import Action, holds, requires
from app.core.db import session
from app.core.errors import NotFound
from app.core.paging import page_of_rows, wanted

blueprint = Blueprint("competencies", __name__, template_folder="templates")

Answer = str | tuple[str, int]


@blueprint.get("/record")
@requires(Action.KEEP_OWN_RECORD)
def my_record() -> Answer:
    return _record_page(current_account().id)


@blueprint.get("/record/<int:trainee_id>")
@requires(Action.SEE_SKILL_RECORD)
def record(trainee_id: int) -> Answer:
    return _record_page(trainee_id)


@blueprint.get("/record/<int:trainee_id>/<code>")
@requires(Action.SEE_SKILL_RECORD)
def competency(trainee_id: int, code: str) -> str:
    trainee, skills = _trainee_with_skills(trainee_id)
    if code not in catalogue().competencies:
        raise NotFound
    skill = skills.get(code)
    hidden = queries.hidden_estimates(session(), current_account(), [trainee.id])
    return render_template(
        "competencies/competency.html",
        trainee=trainee,
        own=trainee.id == current_account().id,
        competency=catalogue().competencies[code],
        skill=skill,
        is_hidden=(trainee.id, code) in hidden,
        pieces=page_of_rows(skill.evidence[::-1] if skill else (), wanted("pieces")),
        superseded=page_of_rows(skill.superseded[::-1] if skill else (), wanted("superseded")),
        contributions={each.piece.id: each for each in skill.estimate.contributions} if skill else {},
        firsts=_first_weights(skill.evidence) if skill else {},
        questions={row.id: presentation.question_asked(catalogue(), row) for row in skill.evidence} if skill else {},
        disputing=_disputing(skill.evidence) if skill else {},
        reasons=_reasons(skill.evidence) if skill else [],
        half_life_days=round(estimation.half_life_days(code)),
        method=estimation,
        weights={kind: presentation.weight(value) for kind, value in service.WEIGHTS.items()},
        now=clock.now(),
        words=presentation,
    )


@blueprint.get("/record/<int:trainee_id>/estimates.csv")
@requires(Action.SEE_SKILL_RECORD)
def table(trainee_id: int) -> Response:
    """The record's figures as a table that `flask estimates verify` can recompute."""
    moment = clock.now()
    trainee, evidence = queries.trainee_with_evidence(session(), current_account(), trainee_id)
    hidden = queries.hidden_estimates(session(), current_account(), [trainee.id])
    written = export.table(queries.skills(evidence, now=moment), moment, hidden=hidden)
    answer = Response(written, mimetype="text/csv")
    answer.headers.set("Content-Disposition", "attachment", filename=f"estimates-{trainee.id}.csv")
    return answer


def _record_page(trainee_id: int) -> Answer:
    trainee, evidence = queries.trainee_with_evidence(session(), current_account(), trainee_id)
    moment, form = clock.now(), since_form()
    is_wrong = not form.validate()
    hidden = {code for _id, code in queries.hidden_estimates(session(), current_account(), [trainee.id])}
    seen = [row for row in evidence if row.competency not in hidden]
    page = render_template(
        "competencies/record.html",
        trainee=trainee,
        own=trainee.id == current_account().id,
        learns=holds(current_account(), Action.LEARN),
        groups=queries.by_domain(catalogue(), queries.of_one(queries.skills(evidence, now=moment))),
        form=form,
        hidden=hidden,
        changes=[] if is_wrong else _changes(seen, form.moment, moment),
        method=estimation.METHOD_VERSION,
        words=presentation,
    )
    return (page, 422) if is_wrong else page


def _changes(
    evidence: list[Evidence], since: datetime, now: datetime
) -> list[tuple[Competency, presentation.ToldChange]]:
    rows = {row.id: row for row in evidence}
    told = {
        code: presentation.told_change(change, rows, catalogue())
        for code, change in queries.changes(evidence, since, now=now).items()
    }
    return [(each, change) for each in catalogue().competencies.values() if (change := told.get(each.code))]


def _disputing(evidence: Sequence[Evidence]) -> dict[int, str]:
    """Where a trainee says that a piece of evidence is wrong, as long as it is not known for too long."""
    now = clock.now()
    addresses = {row.id: presentation.dispute_address(row) for row in evidence if queries.may_be_disputed(row, now)}
    return {number: address for number, address in addresses.items() if address is not None}


def _first_weights(evidence: Sequence[Evidence]) -> dict[int, float]:
    return {row.id: estimation.first_weight(queries.piece_of(row)) for row in evidence}


def _reasons(evidence: Sequence[Evidence]) -> list[str]:
    """Why what people marked counts for as much as it does."""
    return [presentation.why_reliable(scheme, catalogue()) for scheme in presentation.schemes_of(evidence)]


def _trainee_with_skills(trainee_id: int) -> tuple[Account, dict[str, queries.Skill]]:
    account, evidence = queries.trainee_with_evidence(session(), current_account(), trainee_id)
    return account, queries.of_one(queries.skills(evidence))
