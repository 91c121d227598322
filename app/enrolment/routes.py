"""Pages to make a cohort, to bring trainees into it and to withdraw them, and to join one by a code."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_limiter.util import get_remote_address
from flask_login import current_user
from werkzeug.wrappers import Response

from app.accounts.models import Cohort
from app.accounts.queries import current_account, instructors_of
from app.content.current import catalogue
from app.core.access import Action, requires
from app.core.classes import OPEN_AFTERWARDS
from app.core.codes import as_shown
from app.core.db import session
from app.core.locale import language
from app.core.paging import page_of_rows, wanted
from app.core.security import guesses, limiter
from app.enrolment import queries, service
from app.enrolment.forms import ChangeCohortForm, CodeForm, InstructorsForm, JoinForm, ListForm, NewCohortForm, RuleForm

blueprint = Blueprint("enrolment", __name__, template_folder="templates")


def _who_guesses() -> str:
    # Not by address: a whole class joins at once from the one address of its room.
    return f"join:{getattr(current_user, 'id', None) or get_remote_address()}"


@blueprint.get("/cohorts/new")
@requires(Action.KEEP_COHORTS)
def new() -> str:
    return render_template("enrolment/new.html", form=NewCohortForm(_modules()))


@blueprint.post("/cohorts/new")
@requires(Action.KEEP_COHORTS)
def make() -> Response | tuple[str, int]:
    form = NewCohortForm(_modules())
    if form.validate_on_submit():
        try:
            made = service.make_cohort(session(), current_account(), module_id=form.module.data, **_typed(form))
        except service.NameTaken:
            form.name.errors = [_name_taken()]
        else:
            flash(_("The cohort is made. Bring its trainees in."))
            return redirect(url_for(".members", cohort_id=made.id), code=303)
    return render_template("enrolment/new.html", form=form), 422


@blueprint.get("/cohorts/<int:cohort_id>/change")
@requires(Action.KEEP_COHORTS)
def change(cohort_id: int) -> str:
    found = _cohort(cohort_id)
    form = ChangeCohortForm(formdata=None, name=found.name, begins_on=found.begins_on, ends_on=found.ends_on)
    return render_template("enrolment/change.html", form=form, cohort=found)


@blueprint.post("/cohorts/<int:cohort_id>/change")
@requires(Action.KEEP_COHORTS)
def save_change(cohort_id: int) -> Response | tuple[str, int]:
    found = _cohort(cohort_id)
    form = ChangeCohortForm()
    if form.validate_on_submit():
        try:
            service.change_cohort(session(), current_account(), cohort_id, **_typed(form))
        except service.NameTaken:
            form.name.errors = [_name_taken()]
        else:
            flash(_("The cohort is changed."))
            return redirect(url_for(".members", cohort_id=cohort_id), code=303)
    return render_template("enrolment/change.html", form=form, cohort=found), 422


@blueprint.get("/cohorts/<int:cohort_id>/instructors")
@requires(Action.NAME_INSTRUCTORS)
def instructors(cohort_id: int) -> str:
    return _instructors_page(cohort_id, InstructorsForm(formdata=None))


@blueprint.post("/cohorts/<int:cohort_id>/instructors")
@requires(Action.NAME_INSTRUCTORS)
def name_instructors(cohort_id: int) -> Response | tuple[str, int]:
    form = InstructorsForm()
    if form.validate_on_submit():
        try:
            count = service.name_instructors(session(), current_account(), cohort_id, form.names)
        except service.UnknownInstructors as unknown:
            names = ", ".join(unknown.usernames)
            form.usernames.errors = [
                _("No instructor of your academy has these user names: %(names)s. Correct them.", names=names)
            ]
        else:
            flash(ngettext("%(num)s instructor is named.", "%(num)s instructors are named.", count))
            return redirect(url_for(".instructors", cohort_id=cohort_id), code=303)
    return _instructors_page(cohort_id, form), 422


@blueprint.post("/cohorts/<int:cohort_id>/instructors/<int:account_id>/remove")
@requires(Action.NAME_INSTRUCTORS)
def remove_instructor(cohort_id: int, account_id: int) -> Response:
    person = service.remove_instructor(session(), current_account(), cohort_id, account_id)
    flash(_("%(name)s does not teach this cohort any more, and sees nothing of it.", name=person.full_name))
    return redirect(url_for(".instructors", cohort_id=cohort_id), code=303)


@blueprint.get("/cohorts/<int:cohort_id>/members")
@requires(Action.KEEP_COHORTS)
def members(cohort_id: int) -> str:
    return _members_page(_cohort(cohort_id))


@blueprint.post("/cohorts/<int:cohort_id>/members/list")
@requires(Action.KEEP_COHORTS)
def show_list(cohort_id: int) -> str | tuple[str, int]:
    """Who of a pasted list would come in. Nothing is changed; it is a POST because a list may be long."""
    found, form = _cohort(cohort_id), ListForm()
    if not form.validate_on_submit():
        return _members_page(found, list_form=form), 422
    selection = queries.chosen_by_list(session(), current_account(), found, form.names)
    return render_template("enrolment/list.html", cohort=found, form=form, selection=selection)


@blueprint.post("/cohorts/<int:cohort_id>/members/list/confirm")
@requires(Action.KEEP_COHORTS)
def enrol_list(cohort_id: int) -> Response | tuple[str, int]:
    found, form = _cohort(cohort_id), ListForm()
    if not form.validate_on_submit():
        return _members_page(found, list_form=form), 422
    return _enrol(found, lambda: queries.chosen_by_list(session(), current_account(), found, form.names), by="list")


@blueprint.get("/cohorts/<int:cohort_id>/members/rule")
@requires(Action.KEEP_COHORTS)
def show_rule(cohort_id: int) -> str | tuple[str, int]:
    found, form = _cohort(cohort_id), _rule_form(request.args)
    if not form.validate():
        return _members_page(found, rule_form=form), 422
    selection = queries.chosen_by_rule(session(), current_account(), found, form.rule)
    candidates = page_of_rows(selection.candidates, wanted())
    return render_template("enrolment/rule.html", cohort=found, form=form, selection=selection, candidates=candidates)


@blueprint.post("/cohorts/<int:cohort_id>/members/rule")
@requires(Action.KEEP_COHORTS)
def enrol_by_rule(cohort_id: int) -> Response | tuple[str, int]:
    found, form = _cohort(cohort_id), _rule_form(request.form)
    if not form.validate():
        return _members_page(found, rule_form=form), 422
    return _enrol(found, lambda: queries.chosen_by_rule(session(), current_account(), found, form.rule), by="rule")


@blueprint.post("/cohorts/<int:cohort_id>/members/<int:trainee_id>/withdraw")
@requires(Action.KEEP_COHORTS)
def withdraw(cohort_id: int, trainee_id: int) -> Response:
    trainee = service.withdraw(session(), current_account(), cohort_id, trainee_id)
    flash(_("%(name)s is withdrawn from the cohort. Their work and their skill record stay.", name=trainee.full_name))
    return redirect(url_for(".members", cohort_id=cohort_id), code=303)


@blueprint.post("/cohorts/<int:cohort_id>/code")
@requires(Action.KEEP_COHORTS)
def make_code(cohort_id: int) -> Response | tuple[str, int]:
    found, form = _cohort(cohort_id), CodeForm()
    if not form.validate_on_submit():
        return _members_page(found, code_form=form), 422
    service.make_code(session(), current_account(), cohort_id, most=form.most.data, last_day=form.last_day.data)
    return redirect(url_for(".members", cohort_id=cohort_id, _anchor="code"), code=303)


@blueprint.post("/cohorts/<int:cohort_id>/code/close")
@requires(Action.KEEP_COHORTS)
def close_code(cohort_id: int) -> Response:
    service.close_code(session(), current_account(), cohort_id)
    flash(_("The code no longer works."))
    return redirect(url_for(".members", cohort_id=cohort_id, _anchor="code"), code=303)


@blueprint.get("/join")
@requires(Action.JOIN_COHORT)
def join_form() -> str:
    return _join_page(JoinForm())


@blueprint.post("/join")
@limiter.limit(guesses, key_func=_who_guesses)
@requires(Action.JOIN_COHORT)
def join() -> Response | tuple[str, int]:
    form = JoinForm()
    if form.validate_on_submit():
        try:
            joined = service.join(session(), current_account(), form.code.data)
        except service.CodeUsedUp:
            form.code.errors = [
                _("As many people as this code was for have joined already. Ask your instructor for another one.")
            ]
        else:
            if joined is not None:
                flash(_("You are in the cohort %(name)s.", name=joined.name))
                return redirect(url_for("accounts.home"), code=303)
            form.code.errors = [_("This code does not work. Check it, or ask your instructor for another one.")]
    return _join_page(form), 422


@blueprint.get("/invitations/<int:cohort_id>")
@requires(Action.JOIN_COHORT)
def invitation(cohort_id: int) -> str:
    asked = queries.open_invitation(session(), current_account(), cohort_id)
    return render_template("enrolment/invitation.html", asked=asked, open_days=OPEN_AFTERWARDS.days)


@blueprint.post("/invitations/<int:cohort_id>")
@requires(Action.JOIN_COHORT)
def answer_invitation(cohort_id: int) -> Response:
    comes = request.form.get("answer") == "comes"
    cohort = service.answer_invitation(session(), current_account(), cohort_id, comes=comes)
    if comes:
        flash(_("You are in the cohort %(name)s.", name=cohort.name))
    else:
        flash(_("You did not come into the cohort %(name)s. Its instructors see nothing of you.", name=cohort.name))
    return redirect(url_for("accounts.home"), code=303)


def _join_page(form: JoinForm) -> str:
    invitations = queries.open_invitations(session(), current_account())
    return render_template("enrolment/join.html", form=form, invitations=invitations)


def _cohort(cohort_id: int) -> Cohort:
    return queries.cohort(session(), current_account(), cohort_id)


def _instructors_page(cohort_id: int, form: InstructorsForm) -> str:
    found = queries.cohort_to_staff(session(), current_account(), cohort_id)
    return render_template(
        "enrolment/instructors.html",
        cohort=found,
        instructors=instructors_of(session(), [found.id]).get(found.id, []),
        form=form,
        open_days=OPEN_AFTERWARDS.days,
    )


def _modules() -> list[tuple[str, str]]:
    return [(module.id, module.title.in_language(language())) for module in catalogue().modules.values()]


def _typed(form: ChangeCohortForm) -> dict[str, Any]:
    return {"name": form.typed_name, "begins_on": form.begins_on.data, "ends_on": form.ends_on.data}


def _name_taken() -> str:
    return str(_("Another cohort of your academy has this name. Choose one by which the two can be told apart."))


def _rule_form(sent: Any) -> RuleForm:
    return RuleForm(queries.departments(session(), current_account().academy_id), formdata=sent)


def _enrol(found: Cohort, choose: Callable[[], queries.Selection], *, by: str) -> Response:
    digest = request.form.get("digest", "")
    selection = service.enrol(session(), current_account(), found, choose, digest, by=by)
    if count := len(selection.at_once):
        flash(ngettext("%(num)s trainee came in.", "%(num)s trainees came in.", count))
    if count := len(selection.asked):
        flash(ngettext("%(num)s trainee is asked.", "%(num)s trainees are asked.", count))
    return redirect(url_for(".members", cohort_id=found.id), code=303)


def _members_page(
    found: Cohort,
    *,
    list_form: ListForm | None = None,
    rule_form: RuleForm | None = None,
    code_form: CodeForm | None = None,
) -> str:
    code = queries.open_code(session(), found.id)
    return render_template(
        "enrolment/members.html",
        cohort=found,
        members=queries.members(session(), found.id, wanted("members")),
        invited=queries.invited(session(), found.id, wanted("invited")),
        withdrawn=queries.withdrawn(session(), found.id, wanted("withdrawn")),
        code=code,
        code_shown=as_shown(code.code, service.CODE_GROUP) if code else "",
        list_form=list_form or ListForm(formdata=None),
        rule_form=rule_form or _rule_form(None),
        code_form=code_form or CodeForm(formdata=None),
        problems_of=list_form or rule_form or code_form,
    )
