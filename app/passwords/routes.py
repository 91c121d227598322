"""Pages to hand out a code for a new password, to use it, and to change one's own password."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import login_user
from werkzeug.wrappers import Response

from app.accounts.queries import current_account, postings_of
from app.competencies.queries import was_trainee
from app.core import clock
from app.core.access import Action, public, requires
from app.core.db import keep_on_refusal, session
from app.core.security import guesses, limiter
from app.passwords import queries, service
from app.passwords.forms import ChangeForm, CodeForm
from app.passwords.models import Ending, PasswordCode

blueprint = Blueprint("passwords", __name__, template_folder="templates")


def _typed_username() -> str:
    return f"code:{request.form.get('username', '').strip().lower()[:120]}"


@blueprint.get("/sign-in/code")
@public
def code() -> str:
    return render_template("passwords/code.html", form=CodeForm())


@blueprint.post("/sign-in/code")
@limiter.limit(guesses)
@limiter.limit(guesses, key_func=_typed_username)
@public
def use_code() -> Response | tuple[str, int]:
    form = CodeForm()
    if not form.validate_on_submit():
        return render_template("passwords/code.html", form=form), 422
    account = service.set_by_code(session(), form.username.data, form.code.data, form.password.data)
    if account is None:
        keep_on_refusal()
        form.code.errors = [
            _(
                "This code does not work for this user name. Check both; "
                "if the code is a day old, was used or was typed wrongly five times, ask for another one."
            )
        ]
        return render_template("passwords/code.html", form=form), 422
    flash(_("Your new password is set. Sign in with it."))
    return redirect(url_for("accounts.sign_in"), code=303)


@blueprint.get("/account")
@requires(Action.USE_ACCOUNT)
def account() -> str:
    return _account_page(ChangeForm(current_account().username))


@blueprint.post("/account")
@limiter.limit(guesses)
@requires(Action.USE_ACCOUNT)
def change() -> Response | tuple[str, int]:
    form = ChangeForm(current_account().username)
    if not form.validate_on_submit():
        return _account_page(form), 422
    owner = service.change(session(), current_account().id, form.current.data, form.password.data)
    if owner is None:
        keep_on_refusal()
        form.current.errors = [_("This is not your present password. Type it again.")]
        return _account_page(form), 422
    login_user(owner)
    flash(_("Your password is changed. On other devices you have to sign in again."))
    return redirect(url_for(".account"), code=303)


@blueprint.get("/accounts/<int:account_id>/password-code")
@requires(Action.HAND_OUT_CODES)
def codes(account_id: int) -> str:
    person = queries.person_to_help(session(), current_account(), account_id)
    return _codes_page(person.id, None)


@blueprint.post("/accounts/<int:account_id>/password-code")
@requires(Action.HAND_OUT_CODES)
def hand_out(account_id: int) -> str:
    secret, row = service.hand_out_code(session(), current_account(), account_id)
    # Shown by this one answer and kept nowhere: the database knows only its hash.
    return _codes_page(account_id, (secret, row))


def _account_page(form: ChangeForm) -> str:
    owner = current_account()
    return render_template(
        "passwords/account.html",
        form=form,
        person=owner,
        chooses=was_trainee(session(), owner),
        postings=postings_of(session(), owner.id),
        codes=queries.codes_of(session(), owner),
        state=code_state,
    )


def _codes_page(account_id: int, handed_out: tuple[str, PasswordCode] | None) -> str:
    person = queries.person_to_help(session(), current_account(), account_id)
    return render_template(
        "passwords/codes.html",
        person=person,
        codes=queries.codes_of(session(), person),
        handed_out=handed_out,
        state=code_state,
    )


def code_state(row: queries.CodeRow) -> str:
    """What became of a code, in words."""
    endings = {
        Ending.USED: _("used"),
        Ending.REPLACED: _("replaced by a later one"),
        Ending.GUESSED_AT: _("closed after wrong tries"),
        Ending.NO_LONGER_NEEDED: _("closed: the password was changed"),
    }
    if row.code.ending is not None:
        return str(endings[row.code.ending])
    if row.code.expires_at <= clock.now():
        return str(_("too old"))
    return str(_("open") if row.may_help else _("closed: a role was changed"))
