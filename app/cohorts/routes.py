"""Start pages of instructors and administrators, and the record of a cohort."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Blueprint, render_template

from app.accounts.queries import current_account, instructors_of
from app.cohorts import queries
from app.competencies import presentation
from app.competencies.estimation import METHOD_VERSION
from app.content.current import catalogue
from app.content.schemas import Competency, Domain
from app.core.access import Action, holds, requires
from app.core.classes import OPEN_AFTERWARDS, last_day_open
from app.core.db import session
from app.core.errors import NotFound
from app.core.locale import language
from app.core.paging import wanted
from app.core.privacy import SMALLEST_GROUP
from app.gradebook.regrades import open_regrades_of_gone_labs

blueprint = Blueprint("cohorts", __name__, template_folder="templates")

# Each needs the estimates of all its trainees.
COHORTS_OF_HEAT_MAP = 10


@blueprint.get("/administration")
@requires(Action.SEE_ADMINISTRATION)
def administration() -> str:
    return render_template(
        "cohorts/administration.html",
        academy=current_account().academy,
        cohorts=queries.cohorts(session(), current_account(), Action.SEE_COHORTS, wanted("cohorts")),
        without_instructor=queries.without_instructor(session(), current_account(), wanted("without_instructor")),
        module_title=module_title,
    )


@blueprint.get("/teaching")
@requires(Action.TEACH)
def teaching() -> str:
    cohorts = queries.cohorts(session(), current_account(), Action.TEACH, wanted("cohorts"))
    return render_template(
        "cohorts/teaching.html", cohorts=cohorts, module_title=module_title, open_days=OPEN_AFTERWARDS.days
    )


@blueprint.get("/cohorts/<int:cohort_id>")
@requires(Action.SEE_COHORTS)
def cohort(cohort_id: int) -> str:
    record = queries.cohort_record(session(), current_account(), cohort_id, wanted("trainees"))
    keeps_gradebook = holds(current_account(), Action.KEEP_GRADEBOOK)
    regrades = open_regrades_of_gone_labs(session(), current_account(), catalogue()) if keeps_gradebook else []
    return render_template(
        "cohorts/cohort.html",
        record=record,
        instructors=instructors_of(session(), [cohort_id]).get(cohort_id, []),
        open_until=last_day_open(record.cohort.ends_on) if record.cohort.ends_on else None,
        names_instructors=holds(current_account(), Action.NAME_INSTRUCTORS),
        module_title=module_title,
        module=catalogue().modules.get(record.cohort.module_id),
        keeps_gradebook=keeps_gradebook,
        open_regrades=[each for each in regrades if each.module_id == record.cohort.module_id],
        opens_records=holds(current_account(), Action.OPEN_RECORDS),
        competencies=[catalogue().competencies[code] for code in record.codes if code in catalogue().competencies],
        smallest_group=SMALLEST_GROUP,
        words=presentation,
    )


@blueprint.get("/skills")
@requires(Action.SEE_GROUP_FIGURES)
def heat_map() -> str:
    codes = list(catalogue().competencies)
    found = queries.heat_map(session(), current_account(), wanted("cohorts", size=COHORTS_OF_HEAT_MAP), codes)
    return render_template(
        "cohorts/heat_map.html",
        found=found,
        domains=_by_domain(found.codes),
        method=METHOD_VERSION,
        smallest_group=SMALLEST_GROUP,
        words=presentation,
    )


@blueprint.get("/cohorts/<int:cohort_id>/competencies/<code>")
@requires(Action.SEE_COHORTS)
def cohort_competency(cohort_id: int, code: str) -> str:
    if code not in catalogue().competencies:
        raise NotFound
    return render_template(
        "cohorts/competency.html",
        found=queries.cohort_competency(session(), current_account(), cohort_id, code, wanted("trainees")),
        competency=catalogue().competencies[code],
        opens_records=holds(current_account(), Action.OPEN_RECORDS),
        method=METHOD_VERSION,
        smallest_group=SMALLEST_GROUP,
        words=presentation,
    )


def _by_domain(codes: Sequence[str]) -> list[tuple[Domain, list[Competency]]]:
    """Domains with those of their competencies that are named, in the framework's order."""
    groups = [
        (
            domain,
            [each for each in catalogue().competencies.values() if each.domain == domain.code and each.code in codes],
        )
        for domain in catalogue().domains.values()
    ]
    return [(domain, members) for domain, members in groups if members]


def module_title(module_id: str) -> str:
    """The module's title in the reader's language; its id once its content pack is gone."""
    module = catalogue().modules.get(module_id)
    return module.title.in_language(language()) if module else module_id
