"""The passport, the credentials of a trainee, the administrator's register, and the correction of a name."""

from __future__ import annotations

import json
from pathlib import Path

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from app.accounts.queries import account_of_academy, current_account
from app.attestations.wording import seen_name
from app.competencies import presentation
from app.content.current import catalogue
from app.core import clock, files
from app.core.access import Action, holds, requires
from app.core.db import session
from app.core.errors import Refused
from app.core.paging import wanted
from app.core.security import limiter
from app.credentials import baking, office, queries, service, wording
from app.credentials.forms import NameForm, ReasonForm
from app.credentials.models import Credential
from app.credentials.office import current_office
from app.credentials.pictures import picture_of

blueprint = Blueprint("credentials", __name__, template_folder="templates")

STYLE = Path(__file__).with_name("passport.css")


@blueprint.get("/passport")
@requires(Action.KEEP_OWN_RECORD)
def my_passport() -> str:
    return _passport_page(current_account().id)


@blueprint.get("/passport/<int:trainee_id>")
@requires(Action.SEE_SKILL_RECORD)
def passport(trainee_id: int) -> str:
    return _passport_page(trainee_id)


@blueprint.get("/passport/<int:trainee_id>/passport.pdf")
@limiter.limit("20 per minute")
@requires(Action.SEE_SKILL_RECORD)
def printed(trainee_id: int) -> Response:
    """The same, to be printed, in the reader's language."""
    found = queries.passport(session(), current_account(), trainee_id, catalogue(), clock.now())
    shown = [each for each in found.credentials if not each.revoked_at and not queries.is_over(each, found.at)]
    pictures = {each.id: picture_of(current_office().credential(each.code)) for each in shown}
    page = render_template(
        "credentials/printed.html",
        found=found,
        shown=shown,
        pictures=pictures,
        origin=current_office().origin,
        words=presentation,
        seen_name=seen_name,
        wording=wording,
    )
    fonts = files.fonts_folder()
    return files.sent_when_made(
        lambda: files.printed(page, fonts, STYLE), f"passport-{found.person.username}.pdf", "application/pdf"
    )


def _passport_page(trainee_id: int) -> str:
    found = queries.passport(session(), current_account(), trainee_id, catalogue(), clock.now())
    own = found.person.id == current_account().id
    learns = own and holds(current_account(), Action.CLAIM_CREDENTIALS)
    return render_template(
        "credentials/passport.html",
        found=found,
        own=own,
        learns=learns,
        awards=queries.open_awards(found) if learns else [],
        words=presentation,
        seen_name=seen_name,
        wording=wording,
    )


@blueprint.post("/passport/credentials")
@limiter.limit("20 per minute")
@requires(Action.CLAIM_CREDENTIALS)
def claim() -> Response:
    name = request.form.get("achievement", "")[:120]
    made = service.claim(session(), current_office(), current_account(), catalogue(), name)
    flash(_("The academy has signed your credential “%(title)s”.", title=made.title))
    return redirect(url_for(".my_passport", _anchor="credentials"), code=303)


@blueprint.get("/passport/credentials/<int:credential_id>/credential.jwt")
@requires(Action.KEEP_OWN_RECORD)
def signed(credential_id: int) -> Response:
    """The credential with its signature, as others verify it."""
    made = queries.credential_of(session(), current_account(), credential_id, Action.KEEP_OWN_RECORD)
    return _file(made.signed.encode(), f"{made.achievement}.jwt", "application/vc+jwt")


@blueprint.get("/passport/credentials/<int:credential_id>/credential.json")
@requires(Action.KEEP_OWN_RECORD)
def content(credential_id: int) -> Response:
    """What was signed, to be read."""
    made = queries.credential_of(session(), current_account(), credential_id, Action.KEEP_OWN_RECORD)
    text = json.dumps(json.loads(office.unverified_payload(made.signed)), ensure_ascii=False, indent=1)
    return _file(text.encode(), f"{made.achievement}.json", "application/json")


@blueprint.get("/passport/credentials/<int:credential_id>/badge.png")
@requires(Action.KEEP_OWN_RECORD)
def badge_png(credential_id: int) -> Response:
    """A picture of the badge with the credential in it."""
    made = queries.credential_of(session(), current_account(), credential_id, Action.KEEP_OWN_RECORD)
    return _file(baking.as_png(_badge(made), made.signed), f"{made.achievement}.png", "image/png")


@blueprint.get("/passport/credentials/<int:credential_id>/badge.svg")
@requires(Action.KEEP_OWN_RECORD)
def badge_svg(credential_id: int) -> Response:
    made = queries.credential_of(session(), current_account(), credential_id, Action.KEEP_OWN_RECORD)
    return _file(baking.as_svg(_badge(made), made.signed), f"{made.achievement}.svg", "image/svg+xml")


def _badge(made: Credential) -> baking.Badge:
    """In English, as the credential is."""
    return baking.Badge(made.title, current_account().academy.name_en, f"{made.awarded_at:%Y-%m-%d}")


def _file(content: bytes, name: str, mimetype: str) -> Response:
    answer = Response(content, mimetype=mimetype)
    answer.headers.set("Content-Disposition", "attachment", filename=name)
    answer.headers.set("Cache-Control", "no-store")
    return answer


@blueprint.get("/administration/credentials")
@requires(Action.KEEP_CREDENTIALS)
def register() -> str:
    actor = current_account()
    return render_template(
        "credentials/register.html",
        credentials=queries.credentials_of_academy(session(), actor, wanted()),
        keys=queries.keys_of(session(), actor.academy_id),
        academy=actor.academy,
        now=clock.now(),
        wording=wording,
    )


@blueprint.post("/administration/credentials/key")
@limiter.limit("5 per minute")
@requires(Action.KEEP_CREDENTIALS)
def change_key() -> Response:
    service.change_key(session(), current_office(), current_account())
    flash(_("From now on a new key signs. What the former ones signed still verifies."))
    return redirect(url_for(".register"), code=303)


@blueprint.get("/administration/credentials/<int:credential_id>")
@requires(Action.KEEP_CREDENTIALS)
def credential(credential_id: int) -> str:
    return _credential_page(credential_id, ReasonForm(formdata=None))


@blueprint.post("/administration/credentials/<int:credential_id>/revoke")
@requires(Action.KEEP_CREDENTIALS)
def revoke(credential_id: int) -> Response | tuple[str, int]:
    form = ReasonForm()
    if not form.validate_on_submit():
        return _credential_page(credential_id, form), 422
    service.revoke(session(), current_account(), credential_id, form.reason.data)
    flash(_("The credential is revoked. Whoever verifies it reads so from now on."))
    return redirect(url_for(".credential", credential_id=credential_id), code=303)


def _credential_page(credential_id: int, form: ReasonForm) -> str:
    made = queries.credential_of(session(), current_account(), credential_id, Action.KEEP_CREDENTIALS)
    return render_template(
        "credentials/credential.html",
        made=made,
        holder_is_known=queries.holder_is_known(session(), made),
        form=form,
        now=clock.now(),
        wording=wording,
        over=queries.is_over,
    )


@blueprint.get("/people/<int:account_id>/name")
@requires(Action.KEEP_PEOPLE)
def name(account_id: int) -> str:
    return _name_page(account_id, None)


@blueprint.post("/people/<int:account_id>/name")
@requires(Action.KEEP_PEOPLE)
def correct_name(account_id: int) -> Response | tuple[str, int]:
    account_of_academy(session(), current_account(), account_id, Action.KEEP_PEOPLE)
    form = NameForm()
    if not form.validate_on_submit():
        return _name_page(account_id, form), 422
    try:
        renewed = service.correct_name(
            session(), current_office(), current_account(), account_id, form.full_name.data, form.reason.data
        )
    except Refused as refusal:
        form.full_name.errors = [refusal.message]
        return _name_page(account_id, form), refusal.status
    flash(
        ngettext(
            "The name is corrected everywhere; %(num)s credential was made out anew.",
            "The name is corrected everywhere; %(num)s credentials were made out anew.",
            renewed,
        )
    )
    return redirect(url_for(".name", account_id=account_id), code=303)


def _name_page(account_id: int, form: NameForm | None) -> str:
    person = account_of_academy(session(), current_account(), account_id, Action.KEEP_PEOPLE)
    return render_template(
        "credentials/name.html",
        person=person,
        form=form or NameForm(formdata=None, full_name=person.full_name),
        corrections=queries.corrections_of(session(), person.id),
    )
