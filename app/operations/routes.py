"""The administrator's page of the queue."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.accounts.queries import current_account
from app.core.access import Action, requires
from app.core.charts import format_number
from app.core.db import session
from app.core.jobs import Job, JobKind
from app.core.locale import age
from app.core.paging import wanted
from app.operations import queries, service

blueprint = Blueprint("operations", __name__, template_folder="templates")


@blueprint.get("/administration/queue")
@requires(Action.SEE_ADMINISTRATION)
def queue() -> str:
    found = queries.queue(session(), current_account(), waiting=wanted("waiting"), set_aside=wanted("aside"))
    return render_template(
        "operations/queue.html",
        workers=queries.workers(session()),
        queue=found,
        graded_anew=queries.submissions_graded_anew(session(), (*found.waiting.rows, *found.set_aside.rows)),
        kind_name=kind_name,
        address=address,
        age=age,
        number=format_number,
    )


@blueprint.post("/administration/queue/<int:job_id>/retry")
@requires(Action.RETRY_JOBS)
def retry(job_id: int) -> Response:
    job = service.try_again(session(), current_account(), job_id)
    flash(_("%(work)s: number %(number)s waits in the queue again.", work=kind_name(job.kind), number=job.id))
    return redirect(url_for(".queue"), code=303)


def kind_name(kind: str) -> str:
    """A kind of work in words."""
    names = {
        JobKind.GRADE_SUBMISSION: _("Grade a notebook"),
        JobKind.SCORE_RUN: _("Score a simulation"),
        JobKind.REGRADE_SUBMISSION: _("Grade a notebook anew"),
        JobKind.CHECK_LAB: _("Check a lab before it is published"),
        JobKind.FORESEE: _("Compute a foresight study"),
        JobKind.SEND_NOTICE: _("Send a notice by e-mail"),
        JobKind.SEND_ATTESTATION_LETTER: _("Send a supervisor the link of an attestation"),
        JobKind.SEND_SCORE: _("Send a score to a platform"),
        JobKind.SERVE_RECORD_STORE: _("Send statements to the record store"),
    }
    return str(names[JobKind(kind)])


def address(job: Job, graded_anew: Mapping[int, int]) -> str:
    """The page of what the job is about, "" where administrators see none. graded_anew: submissions by the items of
    re-grades.
    """
    match JobKind(job.kind):
        case JobKind.GRADE_SUBMISSION:
            page = url_for("gradebook.submission", submission_id=job.thing_id)
        case JobKind.REGRADE_SUBMISSION:
            page = url_for("gradebook.submission", submission_id=graded_anew[job.thing_id])
        case JobKind.SCORE_RUN:
            page = url_for("sims.debrief", run_id=job.thing_id)
        case JobKind.FORESEE:
            page = url_for("foresight.study", study_id=job.thing_id)
        case JobKind.SEND_SCORE:
            page = url_for("lti.scores")
        case JobKind.SERVE_RECORD_STORE:
            page = url_for("record_store.home")
        case JobKind.CHECK_LAB | JobKind.SEND_NOTICE | JobKind.SEND_ATTESTATION_LETTER:
            page = ""
    return page
