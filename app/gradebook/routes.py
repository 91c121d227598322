"""Results of notebook labs: status, points, feedback."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as Redirection

from app.accounts.queries import current_account
from app.content.current import catalogue
from app.core import clock, running
from app.core.access import Action, holds, requires
from app.core.classes import OPEN_AFTERWARDS
from app.core.db import session
from app.core.errors import NotFound
from app.core.locale import language
from app.core.paging import page_of_rows, wanted
from app.gradebook import feedback_page, queries, service
from app.gradebook.forms import RegradeForm
from app.gradebook.history import Step, closed_requests, history, requests_for
from app.gradebook.models import RegradeRequest
from app.gradebook.points import Attempt, counting_ids
from app.gradebook.problems import sentence_of
from app.gradebook.shown_lab import shown_lab
from app.gradebook.wording import points_sentence, printed_by_test, said_by_test
from app.notebooks import queries as notebooks
from app.notebooks.explanations import meaning_of
from app.notebooks.models import Submission
from app.notebooks.service import why_closed

blueprint = Blueprint("gradebook", __name__, template_folder="templates")


@blueprint.get("/results")
@requires(Action.LEARN)
def my_results() -> str:
    attempts = queries.attempts_of(session(), notebooks.submissions_of(session(), current_account().id))
    return render_template(
        "gradebook/results.html",
        attempts=page_of_rows(attempts, wanted()),
        counting=counting_ids(attempts),
        to_mark=queries.ids_to_mark(session(), current_account().id),
        points_sentence=points_sentence,
        title_of=lambda submission: shown_lab(catalogue(), submission, language()).title,
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
        if not waiting.is_set_aside and request.args.get("shown") == waiting.word:
            return "", 204
    return _page("gradebook/_status.html", found)


@blueprint.get("/results/submissions/<int:submission_id>/feedback")
@requires(Action.SEE_SUBMISSION)
def feedback(submission_id: int) -> Response:
    found = notebooks.submission(session(), current_account(), submission_id)
    [attempt] = queries.attempts_of(session(), [found])
    if (digest := _feedback_shown(attempt)) is None:
        raise NotFound
    blobs = running.blobs()
    return feedback_page.answer(blobs.get(digest))


@blueprint.get("/results/submissions/<int:submission_id>/<cell>/regrade")
@requires(Action.ASK_FOR_REGRADE)
def regrade(submission_id: int, cell: str) -> str:
    return _regrade_page(queries.own_cell(session(), current_account(), submission_id, cell), RegradeForm())


@blueprint.post("/results/submissions/<int:submission_id>/<cell>/regrade")
@requires(Action.ASK_FOR_REGRADE)
def ask_for_regrade(submission_id: int, cell: str) -> Redirection | tuple[str, int]:
    found, form = queries.own_cell(session(), current_account(), submission_id, cell), RegradeForm()
    if not form.validate_on_submit():
        return _regrade_page(found, form), 422
    try:
        service.ask_for_regrade(session(), current_account(), found, form.reason_given)
    except (service.NothingToAsk, service.LeftUnmarked, service.NobodyAnswers) as refusal:
        return _regrade_page(found, form, refusal=refusal.message), refusal.status
    flash(_("Your request is sent; the answer will stand beside the points."))
    return redirect(url_for(".submission", submission_id=found.submission.id), code=303)


def _regrade_page(found: queries.OwnCell, form: RegradeForm, *, refusal: str = "") -> str:
    title = shown_lab(catalogue(), found.submission, language()).title_of(found.cell.grade.cell)
    return render_template(
        "gradebook/regrade.html",
        found=found,
        form=form,
        title=title,
        refusal=refusal,
        learns=_learns(),
        open_days=OPEN_AFTERWARDS.days,
    )


def _is_own(submission: Submission) -> bool:
    return submission.trainee_id == current_account().id


def _learns() -> bool:
    return holds(current_account(), Action.LEARN)


def _is_withheld(attempt: Attempt) -> bool:
    """Whether the reader is the trainee and must wait until the class is told."""
    return attempt.is_withheld and _is_own(attempt.submission)


def _steps_shown(attempt: Attempt, requests: Sequence[RegradeRequest], hidden: Collection[str]) -> list[Step]:
    """How its points came about; none to its trainee while results are held, since it may have had points before."""
    if attempt.terms.results_are_held and _is_own(attempt.submission):
        return []
    return history(session(), attempt.submission, requests, hidden)


def _feedback_shown(attempt: Attempt) -> str | None:
    """The digest of the feedback that the reader may see."""
    grade = attempt.grade
    if grade is None or _is_withheld(attempt) or (grade.is_held and _is_own(attempt.submission)):
        return None
    return grade.feedback_sha256


def _why_closed(found: Submission) -> str | None:
    """Why its trainee cannot hand in another attempt; None while that is taken."""
    standing = notebooks.standing(session(), found.trainee_id, found.module_id, found.activity_id)
    return why_closed(standing, clock.now())


def _page(template: str, found: Submission) -> str:
    [whole] = queries.attempts_of(session(), [found])
    goes_on = _is_own(found) and _learns()
    hidden = queries.hidden_cells(session(), current_account(), [whole])[found.id]
    attempt = whole.without_marks(hidden)
    lab = shown_lab(catalogue(), found, language())
    requests = requests_for(session(), found)
    is_to_mark = found.id in queries.ids_to_mark(session(), found.trainee_id)
    return render_template(
        template,
        submission=found,
        lab=lab,
        attempt=attempt,
        grade=attempt.grade,
        waiting=None if attempt.grade else queries.waits(session(), found.id),
        withheld=_is_withheld(attempt),
        is_to_mark=is_to_mark,
        is_decided=whole.is_final,
        points=points_sentence(attempt, is_to_mark=is_to_mark),
        titles=lab.titles,
        said_by_test=said_by_test,
        printed_by_test=printed_by_test,
        meaning_of=meaning_of,
        problem=sentence_of(attempt.grade, lab.titles),
        history=_steps_shown(attempt, requests, hidden),
        closed_requests=closed_requests(session(), found, requests),
        has_feedback=_feedback_shown(attempt) is not None,
        own=_is_own(found),
        goes_on=goes_on,
        closed=_why_closed(found) if goes_on else None,
        can_be_answered=_is_own(found) and queries.is_taught(session(), found.trainee_id),
        open_days=OPEN_AFTERWARDS.days,
    )
