"""Pages of disputes and complaints: for who makes them, and for who decides."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.accounts.queries import current_account, own_cohorts
from app.appeals import queries, service, wording
from app.appeals.forms import AppealForm, ReviewForm, VerdictForm
from app.appeals.models import OWED, Refusable, State
from app.competencies import presentation
from app.competencies.queries import may_be_disputed, was_trainee
from app.content.current import catalogue
from app.core import clock
from app.core.access import Action, holds, requires
from app.core.db import session
from app.core.errors import NotFound, Refused
from app.core.paging import wanted
from app.notices.wording import page_of

blueprint = Blueprint("appeals", __name__, template_folder="templates")
Answer = Response | tuple[str, int]

REFUSED = "refused/<any(completion, attestation):what>/<int:number>"


@blueprint.get("/appeals")
@requires(Action.MAKE_APPEAL)
def own() -> str:
    """Of trainees, of who was one, and of whoever has said something; nobody else finds a page."""
    return _own_page(AppealForm(formdata=None))


@blueprint.post("/appeals")
@requires(Action.MAKE_APPEAL)
def complain() -> Answer:
    if not was_trainee(session(), current_account()):
        raise NotFound
    form = AppealForm()
    if not form.validate_on_submit():
        return _own_page(form), 422
    made = service.complain(session(), current_account(), form.text.data)
    flash(_("Your complaint is before the academy. This page says what becomes of it."))
    return redirect(url_for(".appeal", appeal_id=made.id), code=303)


def _own_page(form: AppealForm) -> str:
    found = queries.own(session(), current_account(), wanted())
    complains = was_trainee(session(), current_account())
    if not complains and not found.total:
        raise NotFound
    learns = holds(current_account(), Action.LEARN)
    return render_template(
        "appeals/own.html", form=form if complains else None, appeals=found, learns=learns, wording=wording
    )


@blueprint.get("/appeals/evidence/<int:evidence_id>")
@requires(Action.MAKE_APPEAL)
def disputing(evidence_id: int) -> str:
    return _dispute_page(evidence_id, AppealForm(formdata=None))


@blueprint.post("/appeals/evidence/<int:evidence_id>")
@requires(Action.MAKE_APPEAL)
def dispute(evidence_id: int) -> Answer:
    form = AppealForm()
    if not form.validate_on_submit():
        return _dispute_page(evidence_id, form), 422
    try:
        made = service.dispute(session(), current_account(), evidence_id, form.text.data)
    except Refused as refusal:
        form.text.errors = [refusal.message]
        return _dispute_page(evidence_id, form), refusal.status
    flash(_("Your dispute is before the academy, and the estimate says that it is disputed."))
    return redirect(url_for(".appeal", appeal_id=made.id), code=303)


def _dispute_page(evidence_id: int, form: AppealForm) -> str:
    evidence = queries.evidence_to_dispute(session(), current_account(), evidence_id)
    return render_template(
        "appeals/dispute.html",
        form=form,
        evidence=evidence,
        question=presentation.question_asked(catalogue(), evidence),
        known=queries.appeal_about(session(), current_account(), evidence),
        in_time=may_be_disputed(evidence, clock.now()),
        words=presentation,
    )


@blueprint.get(f"/appeals/{REFUSED}")
@requires(Action.MAKE_APPEAL)
def disputing_refusal(what: str, number: int) -> str:
    return _refusal_page(what, number, AppealForm(formdata=None))


@blueprint.post(f"/appeals/{REFUSED}")
@requires(Action.MAKE_APPEAL)
def dispute_refusal(what: str, number: int) -> Answer:
    form = AppealForm()
    if not form.validate_on_submit():
        return _refusal_page(what, number, form), 422
    try:
        made = service.dispute_refusal(session(), current_account(), Refusable(what), number, form.text.data)
    except Refused as refusal:
        form.text.errors = [refusal.message]
        return _refusal_page(what, number, form), refusal.status
    flash(_("Your dispute is before the academy. Somebody who did not refuse it decides."))
    return redirect(url_for(".appeal", appeal_id=made.id), code=303)


def _refusal_page(what: str, number: int, form: AppealForm) -> str:
    refusal = queries.refusal_to_dispute(session(), current_account(), Refusable(what), number)
    return render_template(
        "appeals/refusal.html",
        form=form,
        what=what,
        number=number,
        refusal=refusal,
        known=queries.appeal_about(session(), current_account(), refusal),
        in_time=refusal.may_be_disputed(clock.now()),
        page_of=page_of,
        wording=wording,
    )


@blueprint.get("/appeals/<int:appeal_id>")
@requires(Action.SEE_APPEAL)
def appeal(appeal_id: int) -> str:
    """What was said, decided and changed, and what comes next."""
    return _page(queries.case(session(), current_account(), appeal_id, Action.SEE_APPEAL))


def _page(found: queries.Case, *, verdict: VerdictForm | None = None, review: ReviewForm | None = None) -> str:
    actor = current_account()
    is_own = found.appeal.trainee_id == actor.id
    decides = not is_own and found.appeal.state in OWED and holds(actor, Action.DECIDE_APPEALS)
    why_not = service.why_not_decide(session(), actor, found) if decides else None
    waits_for_another = found.appeal.state in OWED and (is_own or why_not is not None)
    nobody_left = waits_for_another and not queries.somebody_may_decide(session(), found)
    if decides and why_not is None:
        verdict = verdict or VerdictForm.of(found, formdata=None)
    if is_own and found.appeal.state is State.DECIDED:
        review = review or ReviewForm(formdata=None)
    return render_template(
        "appeals/appeal.html",
        found=found,
        own=is_own,
        verdict=verdict,
        why_not=why_not,
        nobody_left=nobody_left,
        names_others=holds(actor, Action.NAME_INSTRUCTORS),
        cohorts=own_cohorts(session(), found.appeal.trainee_id) if nobody_left else [],
        marks=holds(actor, Action.MARK_ANSWERS),
        review=review,
        question=presentation.question_asked(catalogue(), found.evidence) if found.evidence else None,
        is_hidden=queries.mark_is_hidden(session(), actor, found.appeal),
        recomputed={each.decision.id: queries.recomputed(session(), actor, found, each) for each in found.decisions},
        competencies=catalogue().competencies,
        page_of=page_of,
        now=clock.now(),
        words=presentation,
        wording=wording,
    )


@blueprint.post("/appeals/<int:appeal_id>/review")
@requires(Action.MAKE_APPEAL)
def ask_review(appeal_id: int) -> Answer:
    found = queries.case(session(), current_account(), appeal_id, Action.MAKE_APPEAL)
    form = ReviewForm()
    if not form.validate_on_submit():
        return _page(found, review=form), 422
    service.ask_review(session(), current_account(), appeal_id, form.text.data)
    flash(_("The review is asked for. Somebody who did not decide before does it."))
    return redirect(url_for(".appeal", appeal_id=appeal_id), code=303)


@blueprint.post("/appeals/<int:appeal_id>/accept")
@requires(Action.MAKE_APPEAL)
def accept(appeal_id: int) -> Response:
    service.accept(session(), current_account(), appeal_id)
    flash(_("It is closed, as it was decided."))
    return redirect(url_for(".appeal", appeal_id=appeal_id), code=303)


@blueprint.get("/appeals/waiting")
@requires(Action.DECIDE_APPEALS)
def waiting() -> str:
    """What the academy owes a decision on, the longest overdue first."""
    actor = current_account()
    return render_template(
        "appeals/waiting.html",
        waiting=queries.owed(session(), actor, wanted("waiting")),
        decided=queries.decided(session(), actor, wanted("decided")),
        overdue=queries.how_much_is_owed(session(), actor).overdue,
        now=clock.now(),
        wording=wording,
    )


@blueprint.post("/appeals/<int:appeal_id>/decide")
@requires(Action.DECIDE_APPEALS)
def decide(appeal_id: int) -> Answer:
    found = queries.case(session(), current_account(), appeal_id, Action.DECIDE_APPEALS)
    form = VerdictForm.of(found)
    if not form.validate_on_submit():
        return _page(found, verdict=form), 422
    try:
        service.decide(session(), current_account(), appeal_id, form.verdict)
    except service.Meanwhile:
        raise
    except Refused as refusal:
        form.decision.errors = [refusal.message]
        return _page(found, verdict=form), refusal.status
    flash(_("Decided. The trainee reads the reason, and what it did to the estimate."))
    return redirect(url_for(".appeal", appeal_id=appeal_id), code=303)
