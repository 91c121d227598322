"""An administrator's pages of platforms: registered, changed, switched off, and what is still to be told to them."""

from __future__ import annotations

from typing import cast

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.accounts.queries import current_account
from app.content.current import catalogue
from app.core.access import Action, requires
from app.core.db import session
from app.core.errors import NotFound
from app.core.locale import language
from app.core.paging import wanted
from app.lti import queries, service
from app.lti.forms import CohortForm, PlatformForm
from app.lti.models import Platform
from app.lti.tool import current_tool

blueprint = Blueprint("lti", __name__, template_folder="templates", url_prefix="/administration/platforms")


@blueprint.get("")
@requires(Action.CONNECT_PLATFORMS)
def platforms() -> str:
    academy = current_account().academy
    return render_template(
        "lti/platforms.html",
        platforms=queries.platforms(session(), current_account()),
        keys=queries.keys_of(session(), academy.id),
        addresses=current_tool().addresses(academy.slug),
        undelivered=queries.undelivered(session(), current_account(), wanted()).total,
    )


@blueprint.post("/key")
@requires(Action.CONNECT_PLATFORMS)
def change_key() -> Response:
    service.change_key(session(), current_account(), current_tool())
    flash(_("From now on a new key signs. The former one stays published for 30 days."))
    return redirect(url_for(".platforms"), code=303)


@blueprint.get("/new")
@requires(Action.CONNECT_PLATFORMS)
def new() -> str:
    return _form_page(PlatformForm(), None)


@blueprint.post("/new")
@requires(Action.CONNECT_PLATFORMS)
def register() -> Response | tuple[str, int]:
    form = PlatformForm()
    if form.validate_on_submit():
        try:
            made = service.register(session(), current_account(), current_tool(), form.registration)
        except service.AlreadyRegistered:
            form.client_id.errors = [_already_registered()]
        else:
            flash(_("The platform is registered. Try a link of one of its courses."))
            return redirect(url_for(".platform", platform_id=made.id), code=303)
    return _form_page(form, None), 422


@blueprint.get("/<int:platform_id>")
@requires(Action.CONNECT_PLATFORMS)
def platform(platform_id: int) -> str:
    found = _platform(platform_id)
    rows = queries.courses(session(), found)
    return render_template(
        "lti/platform.html",
        platform=found,
        courses=rows,
        forms={row.course.id: CohortForm.of(row) for row in rows},
        module_title=_module_title,
    )


@blueprint.get("/<int:platform_id>/change")
@requires(Action.CONNECT_PLATFORMS)
def change(platform_id: int) -> str:
    found = _platform(platform_id)
    return _form_page(PlatformForm.of(found), found)


@blueprint.post("/<int:platform_id>/change")
@requires(Action.CONNECT_PLATFORMS)
def save_change(platform_id: int) -> Response | tuple[str, int]:
    found, form = _platform(platform_id), PlatformForm()
    if form.validate_on_submit():
        try:
            service.change(session(), current_account(), found.id, form.registration)
        except service.AlreadyRegistered:
            form.client_id.errors = [_already_registered()]
        else:
            flash(_("The platform is changed."))
            return redirect(url_for(".platform", platform_id=found.id), code=303)
    return _form_page(form, found), 422


@blueprint.post("/<int:platform_id>/switch")
@requires(Action.CONNECT_PLATFORMS)
def switch(platform_id: int) -> Response:
    found = service.switch(session(), current_account(), platform_id, on=request.form.get("on") == "yes")
    flash(_("The platform is switched on.") if found.is_enabled else _("The platform is switched off."))
    return redirect(url_for(".platform", platform_id=found.id), code=303)


@blueprint.get("/<int:platform_id>/remove")
@requires(Action.CONNECT_PLATFORMS)
def confirm_removal(platform_id: int) -> str:
    return render_template("lti/remove.html", platform=_platform(platform_id))


@blueprint.post("/<int:platform_id>/remove")
@requires(Action.CONNECT_PLATFORMS)
def remove(platform_id: int) -> Response:
    found = service.remove(session(), current_account(), platform_id)
    flash(_("%(name)s is removed. The accounts of its people stay.", name=found.name))
    return redirect(url_for(".platforms"), code=303)


@blueprint.post("/<int:platform_id>/courses/<int:course_id>")
@requires(Action.CONNECT_PLATFORMS)
def choose_cohort(platform_id: int, course_id: int) -> Response:
    course = queries.course_of_academy(session(), current_account(), platform_id, course_id)
    form = CohortForm(prefix=f"course{course.id}")
    if form.cohort.data is None:
        raise NotFound
    cohort = service.choose_cohort(session(), current_account(), platform_id, course_id, cast(int, form.cohort.data))
    flash(_("People of this course now come into the cohort %(name)s.", name=cohort.name))
    return redirect(url_for(".platform", platform_id=platform_id), code=303)


@blueprint.get("/scores")
@requires(Action.CONNECT_PLATFORMS)
def scores() -> str:
    return render_template(
        "lti/scores.html",
        scores=queries.undelivered(session(), current_account(), wanted()),
        module_title=_module_title,
        part_title=_part_title,
    )


@blueprint.post("/scores/<int:score_id>/again")
@requires(Action.CONNECT_PLATFORMS)
def send_again(score_id: int) -> Response:
    service.send_again(session(), current_account(), score_id)
    flash(_("The score is sent again."))
    return redirect(url_for(".scores", page=wanted().number), code=303)


def _platform(platform_id: int) -> Platform:
    return queries.platform(session(), current_account(), platform_id)


def _form_page(form: PlatformForm, found: Platform | None) -> str:
    addresses = current_tool().addresses(current_account().academy.slug)
    return render_template("lti/form.html", form=form, platform=found, addresses=addresses)


def _already_registered() -> str:
    return str(_("Your academy has registered this client ID of this platform already. Change that registration."))


def _module_title(module_id: str) -> str:
    """The title of a module; its id once the content pack is gone."""
    module = catalogue().modules.get(module_id)
    return module.title.in_language(language()) if module else module_id


def _part_title(module_id: str, activity_id: str) -> str:
    activity = catalogue().find(module_id, activity_id)
    return activity.title.in_language(language()) if activity else activity_id
