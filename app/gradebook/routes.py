"""Results of notebook labs: status, points, feedback."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from flask import Blueprint, Response, current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as Redirection

from app.accounts.queries import current_account
from app.content.current import catalogue
from app.content.schemas import Notebook
from app.core.access import Action, requires
from app.core.blobs import Blobs
from app.core.db import session
from app.core.errors import NotFound
from app.core.locale import language
from app.gradebook import queries, service
from app.gradebook.forms import RegradeForm
from app.gradebook.points import MarkedCell, is_final, total
from app.gradebook.problems import sentence_of
from app.gradebook.titles import cell_titles
from app.notebooks import queries as notebooks
from app.notebooks.models import Submission

blueprint = Blueprint("gradebook", __name__, template_folder="templates")

FEEDBACK_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'; sandbox"


@blueprint.get("/results")
@requires(Action.LEARN)
def my_results() -> str:
    submissions = notebooks.submissions_of(session(), current_account().id)
    grades = queries.grades_of(session(), [each.id for each in submissions])
    cells = queries.cells(session(), [grade.id for grade in grades.values()])
    return render_template(
        "gradebook/results.html",
        submissions=submissions,
        grades=grades,
        points={grade_id: points_sentence(each) for grade_id, each in cells.items()},
        modules=catalogue().modules,
    )


@blueprint.get("/results/submissions/<int:submission_id>")
@requires(Action.SEE_SUBMISSION)
def submission(submission_id: int) -> str:
    found = notebooks.submission(session(), current_account(), submission_id)
    return _page("gradebook/submission.html", found)


@blueprint.get("/results/submissions/<int:submission_id>/status")
@requires(Action.SEE_SUBMISSION)
def submission_status(submission_id: int) -> str | tuple[str, int]:
    """The changing part of the page; nothing (204) while it is what the page shows already."""
    found = notebooks.submission(session(), current_account(), submission_id)
    if queries.grade_of(session(), found.id) is None:
        waiting = queries.waits(session(), found.id)
        if not waiting.is_set_aside and request.args.get("ahead") == str(waiting.ahead):
            return "", 204
    return _page("gradebook/_status.html", found)


@blueprint.get("/results/submissions/<int:submission_id>/feedback")
@requires(Action.SEE_SUBMISSION)
def feedback(submission_id: int) -> Response:
    found = notebooks.submission(session(), current_account(), submission_id)
    grade = queries.grade_of(session(), found.id)
    if grade is None or grade.feedback_sha256 is None:
        raise NotFound
    blobs = cast(Blobs, current_app.extensions["blobs"])
    answer = Response(blobs.get(grade.feedback_sha256), mimetype="text/html")
    answer.headers["Content-Security-Policy"] = FEEDBACK_POLICY
    return answer


@blueprint.get("/results/cells/<int:cell_grade_id>/regrade")
@requires(Action.ASK_FOR_REGRADE)
def regrade(cell_grade_id: int) -> str:
    return _regrade_page(queries.own_cell(session(), current_account(), cell_grade_id), RegradeForm())


@blueprint.post("/results/cells/<int:cell_grade_id>/regrade")
@requires(Action.ASK_FOR_REGRADE)
def ask_for_regrade(cell_grade_id: int) -> Redirection | tuple[str, int]:
    found, form = queries.own_cell(session(), current_account(), cell_grade_id), RegradeForm()
    if not form.validate_on_submit():
        return _regrade_page(found, form), 422
    try:
        service.ask_for_regrade(session(), current_account(), found, form.reason_given)
    except service.NothingToAsk as refusal:
        return _regrade_page(found, form, refusal=refusal.message), refusal.status
    flash(_("Your request is sent; the answer will stand beside the points."))
    return redirect(url_for(".submission", submission_id=found.submission.id), code=303)


def _regrade_page(found: queries.OwnCell, form: RegradeForm, *, refusal: str = "") -> str:
    lab = cast(Notebook, catalogue().module(found.submission.module_id).activity(found.submission.activity_id))
    title = cell_titles(lab.source, language()).get(found.cell.grade.cell, found.cell.grade.cell)
    return render_template("gradebook/regrade.html", found=found, form=form, title=title, refusal=refusal)


def points_sentence(cells: Sequence[MarkedCell]) -> str:
    """The points of a submission, and whether a person may still add to them."""
    got, most = (f"{value:g}" for value in (round(total(cells), 2), sum(cell.grade.max_score for cell in cells)))
    if is_final(cells):
        return str(_("%(points)s of %(most)s points", points=got, most=most))
    return str(_("%(points)s of %(most)s points so far", points=got, most=most))


def _page(template: str, found: Submission) -> str:
    grade = queries.grade_of(session(), found.id)
    activity = cast(Notebook, catalogue().module(found.module_id).activity(found.activity_id))
    titles = cell_titles(activity.source, language())
    cells = queries.cells(session(), [grade.id])[grade.id] if grade else []
    return render_template(
        template,
        submission=found,
        activity=activity,
        grade=grade,
        waiting=None if grade else queries.waits(session(), found.id),
        cells=cells,
        points=points_sentence(cells),
        titles=titles,
        problem=sentence_of(grade, titles),
        own=found.trainee_id == current_account().id,
    )
