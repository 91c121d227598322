"""The page of what is known of somebody, all of it as a file, and erasure: asked for, and decided by administrators."""

from __future__ import annotations

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as Redirection

from app.accounts.models import Account
from app.accounts.queries import current_account, own_cohorts
from app.break_glass.queries import openings_of
from app.break_glass.wording import purpose_names
from app.competencies.queries import was_trainee
from app.core import clock, running
from app.core.access import Action, requires
from app.core.classes import OPEN_AFTERWARDS
from app.core.db import session
from app.core.errors import NotFound, Refused
from app.core.files import file_to_send, sent
from app.core.paging import wanted
from app.core.security import limiter
from app.notebooks import curiosity
from app.record_store import queries as record_stores
from app.record_store.wording import kind_names
from app.research import queries as research
from app.rights import consents, erasure, queries, service
from app.rights.fates import STAYING
from app.rights.forms import ERASE, AskForm, DecisionForm
from app.rights.wording import deleted_names, ground_name, part_names, staying_name
from app.surveys.queries import surveys_left

blueprint = Blueprint("rights", __name__, template_folder="templates")
Answer = Redirection | tuple[str, int]


@blueprint.get("/account/data")
@requires(Action.USE_ACCOUNT)
def own_data() -> str:
    return _own_page(AskForm(formdata=None))


def _own_page(form: AskForm) -> str:
    asked = queries.newest_request(session(), current_account().id)
    return render_template(
        "rights/own_data.html",
        parts=part_names(),
        asked=asked,
        form=form,
        cohorts=own_cohorts(session(), current_account().id),
        open_days=OPEN_AFTERWARDS.days,
        left=queries.left_as_trainee(session(), current_account()),
        answered_by_code=[each for each in surveys_left(session(), current_account()) if each.has_key],
        openings=openings_of(session(), current_account().id, wanted("openings")),
        purposes=purpose_names(),
        now=clock.now(),
    )


@blueprint.post("/account/data.zip")
@limiter.limit("5 per minute")
@requires(Action.USE_ACCOUNT)
def take_away() -> Response:
    person, now = current_account(), clock.now()
    cover = render_template("rights/cover.html", person=person, parts=part_names(), now=now)
    file = file_to_send()
    service.write_archive(session(), running.blobs(), person, file, cover)
    return sent(file, f"hunar-{person.username}-{now:%Y-%m-%d}.zip", "application/zip")


@blueprint.post("/account/erasure")
@requires(Action.USE_ACCOUNT)
def ask_for_erasure() -> Answer:
    form = AskForm()
    if not form.validate_on_submit():
        return _own_page(form), 422
    erasure.ask(session(), current_account(), form.text.data)
    flash(_("Your request is before the administrators of your academy."))
    return redirect(url_for(".own_data", _anchor="erasure"), code=303)


@blueprint.post("/account/erasure/withdraw")
@requires(Action.USE_ACCOUNT)
def withdraw_erasure() -> Redirection:
    erasure.withdraw(session(), current_account())
    flash(_("You took the request back. Nothing is erased."))
    return redirect(url_for(".own_data", _anchor="erasure"), code=303)


@blueprint.get("/administration/erasures")
@requires(Action.ERASE_PEOPLE)
def erasures() -> str:
    found = queries.requests_of_academy(session(), current_account(), wanted())
    return render_template("rights/erasures.html", requests=found, now=clock.now())


@blueprint.get("/administration/erasures/<int:request_id>")
@requires(Action.ERASE_PEOPLE)
def erasure_request(request_id: int) -> str:
    """What is asked and what would go, or what was decided and what is left."""
    asked = queries.request_of_academy(session(), current_account(), request_id)
    return _request_page(asked, DecisionForm(asked.person.username, formdata=None))


def _request_page(asked: queries.Asked, form: DecisionForm) -> str:
    person, decides = asked.person, asked.request.is_open and asked.person.id != current_account().id
    names = deleted_names()
    there = queries.rows_there_are(session(), person.id) if decides else []
    return render_template(
        "rights/erasure.html",
        asked=asked,
        tombstone=queries.tombstone_of(session(), person.id),
        form=form if decides else None,
        deleted=[(names[each.name], count) for each, count in there if each.name in names and count],
        staying=[staying_name(each) for each in dict.fromkeys(STAYING.values())],
        has_credentials=queries.has_credentials(session(), person.id),
        ground_name=ground_name,
        now=clock.now(),
    )


@blueprint.post("/administration/erasures/<int:request_id>")
@requires(Action.ERASE_PEOPLE)
def decide_erasure(request_id: int) -> Answer:
    asked = queries.request_of_academy(session(), current_account(), request_id)
    form = DecisionForm(asked.person.username)
    if not form.validate_on_submit():
        return _request_page(asked, form), 422
    try:
        _decide(request_id, form)
    except erasure.Meanwhile:
        raise
    except Refused as refusal:
        form.decision.errors = [refusal.message]
        return _request_page(asked, form), refusal.status
    return redirect(url_for(".erasure_request", request_id=request_id), code=303)


def _decide(request_id: int, form: DecisionForm) -> None:
    if form.decision.data == ERASE:
        erasure.erase(session(), current_account(), request_id, form.grant)
        flash(_("The person is erased."))
    else:
        erasure.refuse(session(), current_account(), request_id, form.reason.data)
        flash(_("The request is refused; the person reads why."))


@blueprint.get("/account/choices")
@requires(Action.GIVE_CONSENT)
def choices() -> str:
    person = _person_who_chooses()
    store = record_stores.store_of(session(), person.academy_id)
    return render_template(
        "rights/choices.html",
        agreed=consents.agreed(session(), person.id),
        keeps_log=curiosity.is_kept(session(), person),
        is_noting=curiosity.is_noting(session(), person),
        store=store,
        host=record_stores.host(store) if store else "",
        kind_names=kind_names(),
        releases=research.releases(session(), person.academy_id, wanted("releases")),
    )


@blueprint.post("/account/choices")
@requires(Action.GIVE_CONSENT)
def choose() -> Redirection:
    person = _person_who_chooses()
    purpose, said = request.form.get("purpose", ""), request.form.get("answer", "")
    if purpose not in consents.ASKED_HERE or said not in ("yes", "no"):
        raise Refused(_("Choose one of the answers on the page."))
    service.choose(session(), person, consents.ASKED_HERE[purpose], is_given=said == "yes")
    flash(_("You have agreed.") if said == "yes" else _("You have withdrawn your consent."))
    return redirect(url_for(".choices", _anchor=purpose.replace("_", "-")), code=303)


@blueprint.post("/account/choices/curiosity-log")
@requires(Action.GIVE_CONSENT)
def leave_curiosity_log() -> Redirection:
    """Stop the noting of questions ("no"), or have what was noted deleted too ("forget"), without a lab to do it in."""
    person, said = _person_who_chooses(), request.form.get("answer", "")
    if said not in ("no", "forget"):
        raise Refused(_("Choose one of the answers on the page."))
    if said == "forget":
        curiosity.forget(session(), person)
        flash(_("Nothing more is noted, and what was noted is deleted."))
    else:
        curiosity.stop(session(), person)
        flash(_("Nothing more is noted."))
    return redirect(url_for(".choices"), code=303)


def _person_who_chooses() -> Account:
    """Whoever is or was a trainee, since there is nothing to agree to for others. Raises NotFound."""
    person = current_account()
    if not was_trainee(session(), person):
        raise NotFound
    return person
