"""Pages to sign in and out, choose a language, find one's start page, and change roles."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask import session as cookie
from flask_babel import gettext as _
from flask_login import current_user, logout_user
from werkzeug.wrappers import Response

from app.accounts import queries, service
from app.accounts.admission import after_first_proof, local_address
from app.accounts.forms import ROLE_NAMES, LanguageForm, RoleForm, SignInForm
from app.core.access import Action, Role, public, requires
from app.core.db import keep_on_refusal, session
from app.core.errors import Refused
from app.core.paging import wanted
from app.core.security import guesses, limiter

blueprint = Blueprint("accounts", __name__, template_folder="templates")

START_PAGES = {
    Role.TRAINEE: "learning.start",
    Role.INSTRUCTOR: "cohorts.teaching",
    Role.ADMINISTRATOR: "cohorts.administration",
    Role.AUDITOR: "auditing.log",
}


def _typed_username() -> str:
    return f"account:{request.form.get('username', '').strip().lower()[:120]}"


@blueprint.get("/")
@public
def home() -> Response:
    if not current_user.is_authenticated:
        return redirect(url_for(".sign_in"))
    return redirect(url_for(START_PAGES[current_user.role]))


@blueprint.get("/sign-in")
@public
def sign_in() -> str | Response:
    if current_user.is_authenticated:
        return redirect(url_for(".home"))
    form = SignInForm(next=request.args.get("next", ""))
    return render_template("accounts/sign_in.html", form=form)


@blueprint.post("/sign-in")
@limiter.limit(guesses)
@limiter.limit(guesses, key_func=_typed_username)
@public
def check_sign_in() -> str | Response | tuple[str, int]:
    form = SignInForm()
    if not form.validate_on_submit():
        return render_template("accounts/sign_in.html", form=form), 422
    account = service.authenticate(session(), form.username.data, form.password.data)
    if account is None:
        keep_on_refusal()
        form.password.errors = [_("This user name and password do not belong together. Check both and try again.")]
        return render_template("accounts/sign_in.html", form=form), 422
    return after_first_proof(session(), account, form.next.data, by="password")


@blueprint.post("/sign-out")
@requires(Action.USE_ACCOUNT)
def sign_out() -> Response:
    service.note_sign_out(session(), queries.current_account())
    logout_user()
    cookie.clear()
    return redirect(url_for(".sign_in"), code=303)


@blueprint.post("/language")
@public
def choose_language() -> Response:
    form = LanguageForm()
    if form.validate_on_submit():
        cookie["language"] = form.language.data
        if current_user.is_authenticated:
            service.choose_language(session(), current_user.id, form.language.data)
    return redirect(local_address(form.next.data), code=303)


@blueprint.get("/administration/accounts")
@requires(Action.CHANGE_ROLES)
def accounts() -> str:
    people = queries.accounts_of_academy(session(), queries.current_account(), wanted())
    forms = {person.id: RoleForm(role=person.role.value, prefix=f"account{person.id}") for person in people.rows}
    return render_template("accounts/accounts.html", people=people, forms=forms, role_names=ROLE_NAMES)


@blueprint.post("/administration/accounts/<int:account_id>/role")
@requires(Action.CHANGE_ROLES)
def change_role(account_id: int) -> Response:
    person = queries.account_of_academy(session(), queries.current_account(), account_id, Action.CHANGE_ROLES)
    form = RoleForm(prefix=f"account{person.id}")
    if not form.validate_on_submit():
        raise Refused(_("Choose one of the roles of the list, then press “Change role” again."))
    account = service.change_role(session(), queries.current_account(), person.id, Role(form.role.data))
    flash(_("%(name)s now has the role: %(role)s.", name=account.full_name, role=ROLE_NAMES[account.role]))
    return redirect(url_for(".accounts", page=wanted().number), code=303)
