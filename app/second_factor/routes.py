"""Pages to set up a second factor, to sign in with it, and to remove it for somebody who lost the telephone."""

from __future__ import annotations

from typing import Any, cast

import segno
from flask import Blueprint, current_app, flash, redirect, render_template, url_for
from flask import session as cookie
from flask_babel import gettext as _
from flask_login import login_user
from markupsafe import Markup
from werkzeug.wrappers import Response

from app.accounts.admission import HalfWay, after_second_proof, came_by_sign_on, half_way, has_just_come_by_sign_on
from app.accounts.queries import current_account
from app.accounts.service import fits
from app.core.access import Action, needs_second_factor, public, requires
from app.core.db import keep_on_refusal, session
from app.core.errors import Refused
from app.core.sealing import Seal
from app.core.security import guesses, limiter
from app.second_factor import queries, service
from app.second_factor.forms import CodeForm, ReasonForm, SetUpForm

blueprint = Blueprint("second_factor", __name__, template_folder="templates")

PROPOSED = "second_factor_proposed"


def _seal() -> Seal:
    return cast(Seal, current_app.extensions["second_factor_seal"])


@blueprint.record_once
def _make_seal(state: object) -> None:
    app = state.app  # type: ignore[attr-defined]
    app.extensions["second_factor_seal"] = Seal(app.extensions["settings"].secret_key, "second factor")


@blueprint.get("/sign-in/second-factor")
@public
def ask() -> str | Response:
    if half_way(session()) is None:
        return _from_the_start()
    return render_template("second_factor/ask.html", form=CodeForm())


@blueprint.post("/sign-in/second-factor")
@limiter.limit(guesses)
@public
def check() -> str | Response | tuple[str, int]:
    if (waiting := half_way(session())) is None:
        return _from_the_start()
    form = CodeForm()
    if not form.validate_on_submit():
        return render_template("second_factor/ask.html", form=form), 422
    if not service.passes(session(), _seal(), waiting.account.id, form.code.data):
        keep_on_refusal()
        form.code.errors = [_why_not(waiting)]
        return render_template("second_factor/ask.html", form=form), 422
    return after_second_proof(session(), waiting)


@blueprint.get("/account/second-factor")
@requires(Action.USE_ACCOUNT)
def own() -> str:
    return _own_page(_set_up_form(formdata=None))


@blueprint.post("/account/second-factor")
@limiter.limit(guesses)
@requires(Action.USE_ACCOUNT)
def set_up() -> str | tuple[str, int]:
    form = _set_up_form()
    owner = current_account()
    if not form.validate_on_submit():
        return _own_page(form), 422
    if form.current and not fits(owner.password_hash, form.current.data):
        form.current.errors = [_("This is not your present password. Type it again.")]
        return _not_set_up(form)
    made = service.set_up(session(), _seal(), owner.id, _proposed_secret(), form.code.data)
    if made is None:
        form.code.errors = [
            _("The app shows another code now. Check the clock of your telephone, then type the code that it shows.")
        ]
        return _not_set_up(form)
    cookie.pop(PROPOSED)
    account, codes = made
    login_user(account)
    return render_template("second_factor/codes.html", codes=codes)


@blueprint.post("/account/second-factor/codes")
@limiter.limit(guesses)
@requires(Action.USE_ACCOUNT)
def renew_codes() -> str | tuple[str, int]:
    if (refusal := _refusal_without_code()) is not None:
        return refusal
    codes = service.renew_recovery_codes(session(), _seal(), current_account().id)
    return render_template("second_factor/codes.html", codes=codes)


@blueprint.post("/account/second-factor/remove")
@limiter.limit(guesses)
@requires(Action.USE_ACCOUNT)
def remove() -> str | Response | tuple[str, int]:
    if needs_second_factor(current_account()):
        raise Refused(_("Your role needs a second factor. You can set up another telephone in its place."), status=403)
    if (refusal := _refusal_without_code()) is not None:
        return refusal
    login_user(service.remove(session(), current_account().id))
    flash(_("Your account asks for the password alone from now on."))
    return redirect(url_for(".own"), code=303)


@blueprint.get("/accounts/<int:account_id>/second-factor")
@requires(Action.REMOVE_SECOND_FACTOR)
def of_another(account_id: int) -> str:
    return _page_of_another(account_id, ReasonForm())


@blueprint.post("/accounts/<int:account_id>/second-factor")
@requires(Action.REMOVE_SECOND_FACTOR)
def remove_for_another(account_id: int) -> Response | tuple[str, int]:
    form = ReasonForm()
    if not form.validate_on_submit():
        return _page_of_another(account_id, form), 422
    person = service.remove_for(session(), current_account(), account_id, form.reason.data)
    flash(_("The account of %(name)s asks for the password alone now.", name=person.full_name))
    return redirect(url_for(".of_another", account_id=account_id), code=303)


def _from_the_start() -> Response:
    flash(_("That took too long. Sign in again."))
    return redirect(url_for("accounts.sign_in"), code=303)


def _why_not(waiting: HalfWay) -> str:
    factor = waiting.account.second_factor
    if factor is not None and service.is_resting(factor):
        return str(_("Too many wrong codes were typed. Wait a quarter of an hour, then type the code of that moment."))
    return str(_("This code does not work, or was used before. Wait until the app shows the next one and type that."))


def _refusal_without_code() -> tuple[str, int] | None:
    """The page with a reason, unless a code that works was sent; for those who have a second factor."""
    form = CodeForm()
    if form.validate_on_submit() and service.passes(session(), _seal(), current_account().id, form.code.data):
        return None
    keep_on_refusal()
    form.code.errors = form.code.errors or [
        _("This code does not work, or was used before. Wait until the app shows the next one and type that.")
    ]
    return _own_page(_set_up_form(formdata=None), form), 422


def _not_set_up(form: SetUpForm) -> tuple[str, int]:
    service.note_not_set_up(session(), current_account())
    keep_on_refusal()
    return _own_page(form), 422


def _set_up_form(**values: Any) -> SetUpForm:
    return SetUpForm(asks_for_password=not has_just_come_by_sign_on(), **values)


def _proposed_secret() -> str:
    """The secret that this browser was shown; a new one where there is none."""
    if PROPOSED not in cookie:
        cookie[PROPOSED] = _seal().close(service.new_secret())
    return _seal().open(cookie[PROPOSED])


def _own_page(form: SetUpForm, code_form: CodeForm | None = None) -> str:
    owner, secret = current_account(), _proposed_secret()
    picture = segno.make_qr(service.address_for_app(secret, owner)).svg_inline(scale=5, border=4, light="#fff")
    return render_template(
        "second_factor/own.html",
        form=form,
        code_form=code_form or CodeForm(formdata=None),
        owner=owner,
        secret=secret,
        address=service.address_for_app(secret, owner),
        picture=Markup(picture),  # noqa: S704 - drawn here from our own text
        codes_left=queries.codes_left(session(), owner.id),
        is_needed=needs_second_factor(owner),
        came_by_sign_on=came_by_sign_on(),
        history=queries.history(session(), owner.id),
        verbs=verbs(),
    )


def _page_of_another(account_id: int, form: ReasonForm) -> str:
    person = queries.person_without_telephone(session(), current_account(), account_id)
    history = queries.history(session(), account_id)
    return render_template("second_factor/of_another.html", person=person, form=form, history=history, verbs=verbs())


def verbs() -> dict[str, str]:
    """What was done about a second factor, in words."""
    return {
        "second_factor_set_up": _("set up"),
        "second_factor_removed": _("removed by the owner"),
        "second_factor_removed_by_another": _("removed by an administrator"),
        "recovery_codes_renewed": _("new recovery codes"),
    }
