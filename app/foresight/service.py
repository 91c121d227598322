"""Writes of foresight: figures previewed and taken over, scenarios changed and copied, studies asked for."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection, Sequence

from flask_babel import gettext as _
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from app.accounts.models import Academy
from app.core import audit, clock, jobs
from app.core.access import Actor
from app.core.errors import Refused
from app.foresight import queries
from app.foresight.models import ForesightData, ForesightScenario, ForesightScenarioVersion, ForesightStudy
from app.foresight.reading import Rows, problems_between, read_files
from foresight import STANDARD, Scenario

LARGEST_SEED = 2**31


def preview(
    session: Session, actor: Actor, files: Sequence[tuple[str, bytes]], *, competencies: Collection[str]
) -> ForesightData:
    """Keep what files say, beside the sheets of the present figures that they do not bring; earlier previews go.

    competencies: codes of the framework. Raises Refused for files that cannot be read at all.
    """
    read = read_files(files)
    # Figures that somebody takes over in the meantime are then either among the present ones or later than the preview.
    _lock_academy(session, actor)
    present = queries.present_data(session, actor.academy_id)
    rows: Rows = {**(present.rows if present else {}), **read.rows}
    # Where a row could not be read, what does not fit together may only be missing.
    problems = read.problems or problems_between(rows, competencies)
    unused = delete(ForesightData).where(ForesightData.made_by_id == actor.id, ForesightData.accepted_at.is_(None))
    session.execute(unused)
    made = ForesightData(
        academy_id=actor.academy_id,
        number=None,
        file_name=", ".join(name for name, _content in files)[-120:],
        sha256=hashlib.sha256(b"".join(content for _name, content in files)).hexdigest(),
        made_by_id=actor.id,
        made_at=clock.now(),
        counts={name: len(found) for name, found in rows.items()},
        ignored=read.ignored,
        problems=[problem.as_json() for problem in problems],
        rows=rows,
    )
    session.add(made)
    session.flush()
    return made


def accept(session: Session, actor: Actor, data_id: int) -> ForesightData:
    """Make a preview the present figures of the academy.

    Raises NotFound; Refused where it is wrong or not new, or where others were taken over since it was made.
    """
    _lock_academy(session, actor)
    made = queries.data_of_academy(session, actor, data_id)
    if made.accepted_at is not None:
        raise Refused(_("These figures were taken over already."), status=409)
    if made.problems:
        raise Refused(_("Some rows are wrong, so nothing was taken over. Correct them and upload the file again."))
    present = queries.present_data(session, actor.academy_id)
    if present is not None and present.accepted_at is not None and present.accepted_at >= made.made_at:
        raise Refused(
            _("Other figures were taken over since this preview, so nothing was changed. Upload the file again."),
            status=409,
        )
    last = select(func.max(ForesightData.number)).where(ForesightData.academy_id == actor.academy_id)
    made.number = (session.scalar(last) or 0) + 1
    made.accepted_at = clock.now()
    session.flush()
    _begin_scenarios(session, actor)
    _note(session, "foresight_data_accepted", f"foresight_data:{made.id}", actor, file_sha256=made.sha256)
    return made


def drop(session: Session, actor: Actor, data_id: int) -> None:
    """Forget a preview. Raises NotFound; Refused for figures that were taken over."""
    made = queries.data_of_academy(session, actor, data_id)
    if made.accepted_at is not None:
        raise Refused(_("These figures were taken over already."), status=409)
    session.delete(made)


def change_scenario(session: Session, actor: Actor, scenario_id: int, assumed: Scenario) -> ForesightScenarioVersion:
    """A new version of a scenario; the one in force where nothing differs. Raises NotFound."""
    _lock_academy(session, actor)
    found = queries.scenario_of_academy(session, actor, scenario_id)
    if Scenario.of_json(found.version.parameters) == assumed:
        return found.version
    version = _version(found.scenario, found.version.number + 1, assumed, actor)
    session.add(version)
    session.flush()
    thing = f"foresight_scenario:{scenario_id}"
    _note(session, "foresight_scenario_changed", thing, actor, version=version.number)
    return version


def copy_scenario(session: Session, actor: Actor, scenario_id: int, name: str) -> ForesightScenario:
    """A scenario of its own with the assumptions of another. Raises NotFound."""
    found = queries.scenario_of_academy(session, actor, scenario_id)
    copy = ForesightScenario(academy_id=actor.academy_id, basis=found.scenario.basis, name=name)
    session.add(copy)
    session.flush()
    session.add(_version(copy, 1, Scenario.of_json(found.version.parameters), actor))
    session.flush()
    _note(session, "foresight_scenario_copied", f"foresight_scenario:{copy.id}", actor, copied_from=scenario_id)
    return copy


def ask_study(session: Session, actor: Actor, scenario_id: int) -> ForesightStudy:
    """Ask the worker for a study of the present figures. Raises NotFound; Refused where there are no figures."""
    found = queries.scenario_of_academy(session, actor, scenario_id)
    data = queries.present_data(session, actor.academy_id)
    if data is None:
        raise Refused(_("There are no figures yet. Upload them first."))
    study = ForesightStudy(
        academy_id=actor.academy_id,
        data_id=data.id,
        version_id=found.version.id,
        seed=secrets.randbelow(LARGEST_SEED),
        asked_by_id=actor.id,
        asked_at=clock.now(),
    )
    session.add(study)
    session.flush()
    jobs.request_job(session, jobs.JobKind.FORESEE, study.id, academy_id=study.academy_id)
    _note(session, "foresight_study_asked", f"foresight_study:{study.id}", actor)
    return study


def _begin_scenarios(session: Session, actor: Actor) -> None:
    """The four standard scenarios, once."""
    known = select(ForesightScenario.id).where(ForesightScenario.academy_id == actor.academy_id).limit(1)
    if session.scalar(known) is not None:
        return
    for basis, assumed in STANDARD.items():
        scenario = ForesightScenario(academy_id=actor.academy_id, basis=basis.value, name="")
        session.add(scenario)
        session.flush()
        session.add(_version(scenario, 1, assumed, actor))
    session.flush()


def _version(scenario: ForesightScenario, number: int, assumed: Scenario, actor: Actor) -> ForesightScenarioVersion:
    return ForesightScenarioVersion(
        scenario_id=scenario.id,
        number=number,
        parameters=assumed.as_json(),
        made_by_id=actor.id,
        made_at=clock.now(),
    )


def _lock_academy(session: Session, actor: Actor) -> None:
    """Versions of an academy are numbered one at a time."""
    session.execute(select(Academy.id).where(Academy.id == actor.academy_id).with_for_update(key_share=True))


def _note(session: Session, verb: str, thing: str, actor: Actor, **detail: str | int) -> None:
    audit.record(session, verb=verb, thing=thing, actor_id=actor.id, academy_id=actor.academy_id, detail=detail)
