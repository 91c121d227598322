"""The administrator's page of releases for research."""

from __future__ import annotations

from flask import Blueprint, Response, render_template

from app.accounts.queries import current_account
from app.core import clock
from app.core.access import Action, requires
from app.core.db import session
from app.core.errors import Refused
from app.core.files import file_to_send, sent
from app.core.paging import wanted
from app.research import queries, service
from app.research.columns import COLUMNS, FAMILIES, LADDERS, family_names
from app.research.forms import ReleaseForm
from app.research.material import EPSILON, SPENT, K, Tables

blueprint = Blueprint("research", __name__, template_folder="templates", url_prefix="/administration/research")


@blueprint.get("")
@requires(Action.RELEASE_FOR_RESEARCH)
def home() -> str:
    return _page(ReleaseForm())


@blueprint.post("/release.zip")
@requires(Action.RELEASE_FOR_RESEARCH)
def release() -> Response | tuple[str, int]:
    form = ReleaseForm()
    if not form.validate_on_submit():
        return _page(form), 422
    file = file_to_send()
    purpose, recipient = (" ".join(field.data.split()) for field in (form.purpose, form.recipient))
    try:
        service.release(session(), current_account(), purpose=purpose, recipient=recipient, target=file, cover=_cover)
    except Refused as refusal:
        return _page(form, problem=refusal.message), refusal.status
    return sent(file, f"hunar-research-{clock.now():%Y-%m-%d}.zip", "application/zip")


def _page(form: ReleaseForm, *, problem: str = "") -> str:
    academy_id = current_account().academy_id
    return render_template(
        "research/home.html",
        form=form,
        problems=[("", problem)] if problem else [(field.id, field.errors[0]) for field in form if field.errors],
        prospect=queries.prospect(session(), academy_id),
        ever_spent=queries.spent(session(), academy_id, within=None),
        budget=queries.BUDGET,
        cost=SPENT,
        k=K,
        columns=_columns(),
        releases=queries.releases(session(), academy_id, wanted("releases")),
    )


def _columns() -> list[tuple[str, ...]]:
    return [
        (f"{each.file}: {each.name}", str(each.meaning), str(each.type), str(each.values), str(each.coarsened))
        for each in COLUMNS
    ]


def _cover(made: Tables) -> str:
    """The dictionary of a release, as a page."""
    return render_template(
        "research/dictionary.html",
        academy=current_account().academy,
        columns=_columns(),
        made=made,
        ladders=LADDERS,
        families=FAMILIES,
        family_names=family_names(),
        k=K,
        epsilon=EPSILON,
        cost=SPENT,
    )
