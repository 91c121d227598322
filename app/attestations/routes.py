"""Pages of attestations: for who asks, and for who confirms whose word it is."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.accounts.queries import current_account
from app.attestations import queries, service, wording
from app.attestations.forms import CONFIRM, AskForm, DecisionForm, ReasonForm
from app.attestations.letters import Letters
from app.attestations.models import REFUSED, Attestation, Shared, State
from app.content.current import catalogue
from app.core import clock, running
from app.core.access import Action, holds, requires
from app.core.db import session
from app.core.errors import NotFound, Refused
from app.core.paging import wanted
from app.core.security import limiter

blueprint = Blueprint("attestations", __name__, template_folder="templates")
Answer = str | Response | tuple[str, int]


@blueprint.get("/attestations")
@requires(Action.KEEP_OWN_RECORD)
def own() -> str:
    """What somebody asked for, and for trainees the way to more; whoever is none and asked nothing finds no page."""
    found = queries.own(session(), current_account(), wanted())
    asks = _asks()
    if not asks and not found.total:
        raise NotFound
    return render_template(
        "attestations/own.html", attestations=found, learns=asks, wording=wording, now=clock.now(), State=State
    )


def _asks() -> bool:
    """Whether this person may hand anything to a supervisor now."""
    return holds(current_account(), Action.ASK_ATTESTATION)


@blueprint.get("/attestations/new")
@requires(Action.ASK_ATTESTATION)
def new() -> str:
    shared = [Shared.PLACE.value, Shared.RESULT.value]
    return _ask_page(_ask_form(formdata=None, shared=shared))


@blueprint.post("/attestations/new")
@requires(Action.ASK_ATTESTATION)
def ask() -> Answer:
    form = _ask_form()
    if not form.validate_on_submit():
        return _ask_page(form), 422
    try:
        made = service.ask(session(), current_account(), form.values)
    except Refused as refusal:
        form.task.errors = [refusal.message]
        return _ask_page(form), refusal.status
    flash(_("Kept. Make the link now and hand it to your supervisor."))
    return redirect(url_for(".attestation", attestation_id=made.id), code=303)


def _ask_form(**options: Any) -> AskForm:
    return AskForm.of(catalogue().competencies.values(), current_account().full_name, **options)


def _ask_page(form: AskForm) -> str:
    return render_template("attestations/ask.html", form=form, sends_mail=_sends_mail())


@blueprint.get("/attestations/<int:attestation_id>")
@requires(Action.SEE_ATTESTATION)
def attestation(attestation_id: int) -> str:
    """What was asked, what was said, and what became of it; where the evidence of it leads."""
    return _page(attestation_id)


@blueprint.post("/attestations/<int:attestation_id>/link")
@limiter.limit("30 per hour", key_func=lambda: f"attestation links: {current_account().id}")
@requires(Action.ASK_ATTESTATION)
def make_link(attestation_id: int) -> str:
    """Shows the link in this one answer: the database knows only its hash."""
    trainee = current_account()
    token, found = service.make_link(session(), trainee, attestation_id)
    link = running.settings().portal_origin + url_for("attestation_links.link", token=token)
    is_sent = bool(found.supervisor_address) and _sends_mail()
    if is_sent:
        names = {"en": trainee.academy.name_en, "ur": trainee.academy.name_ur}
        written = wording.letter(trainee.full_name, names)
        service.send_link(session(), Letters.of(running.settings()), found, written, link)
    return _page(attestation_id, link=link, is_sent=is_sent)


@blueprint.post("/attestations/<int:attestation_id>/revoke")
@requires(Action.KEEP_OWN_RECORD)
def revoke(attestation_id: int) -> Response:
    service.revoke(session(), current_account(), attestation_id)
    flash(_("Revoked. The link opens nothing any more."))
    return redirect(url_for(".attestation", attestation_id=attestation_id), code=303)


@blueprint.get("/attestations/waiting")
@requires(Action.JUDGE_ATTESTATIONS)
def waiting() -> str:
    found = queries.waiting(session(), current_account(), wanted())
    return render_template("attestations/waiting.html", attestations=found, wording=wording)


@blueprint.post("/attestations/<int:attestation_id>/decide")
@requires(Action.JUDGE_ATTESTATIONS)
def decide(attestation_id: int) -> Answer:
    form = DecisionForm()
    if not form.validate_on_submit():
        return _page(attestation_id, form), 422
    confirm = form.decision.data == CONFIRM
    service.decide(session(), current_account(), attestation_id, confirm=confirm, reason=form.reason.data)
    flash(_("Confirmed. It is evidence now.") if confirm else _("Rejected. It does not count."))
    return redirect(url_for(".attestation", attestation_id=attestation_id), code=303)


@blueprint.post("/attestations/<int:attestation_id>/withdraw")
@requires(Action.JUDGE_ATTESTATIONS)
def withdraw(attestation_id: int) -> Answer:
    form = ReasonForm()
    if not form.validate_on_submit():
        return _page(attestation_id, form), 422
    service.withdraw(session(), current_account(), attestation_id, form.reason.data)
    flash(_("Withdrawn. As evidence it no longer counts."))
    return redirect(url_for(".attestation", attestation_id=attestation_id), code=303)


def _page(
    attestation_id: int, form: DecisionForm | ReasonForm | None = None, *, link: str = "", is_sent: bool = False
) -> str:
    actor = current_account()
    found = queries.attestation_of(session(), actor, attestation_id, Action.SEE_ATTESTATION)
    each = found.attestation
    own = each.trainee_id == actor.id
    judges = holds(actor, Action.JUDGE_ATTESTATIONS) and not own
    return render_template(
        "attestations/attestation.html",
        found=found,
        own=own,
        asks=_asks(),
        competency=catalogue().competencies.get(each.competency),
        form=_form_for(each, form) if judges else None,
        link=link,
        is_sent=is_sent,
        sends_mail=_sends_mail(),
        is_expired=each.expires_at is not None and each.expires_at <= clock.now(),
        State=State,
        REFUSED=REFUSED,
        Shared=Shared,
        wording=wording,
    )


def _form_for(each: Attestation, form: DecisionForm | ReasonForm | None) -> DecisionForm | ReasonForm | None:
    """The form of what can be decided now, with what was typed into it."""
    forms: dict[State, type[DecisionForm] | type[ReasonForm]] = {
        State.ANSWERED: DecisionForm,
        State.CONFIRMED: ReasonForm,
    }
    wanted_form = forms.get(each.state)
    if wanted_form is None:
        return None
    return form if isinstance(form, wanted_form) else wanted_form(formdata=None)


def _sends_mail() -> bool:
    return bool(running.settings().mail_host)
