"""A study, computed by the worker with no transaction open and stored once."""

from __future__ import annotations

from sqlalchemy import Engine

import foresight.study
from app.core import clock, jobs
from app.core.db import begin
from app.foresight.models import ForesightData, ForesightScenarioVersion, ForesightStudy
from app.foresight.supply import supply_of
from app.foresight.world import competencies_of, coverage, departments_of, world_of
from foresight import Scenario


def compute_study(engine: Engine, study_id: int) -> None:
    """Compute a study and store it with the shares it rests on; safe to repeat.

    Estimates are those of the moment at which the study was asked for. Raises foresight.planning.NotSolved.
    """
    with begin(engine, read_only=True) as session:
        study = session.get_one(ForesightStudy, study_id)
        is_wanted = study.finished_at is None
        asked_at, seed, academy_id = study.asked_at, study.seed, study.academy_id
        rows = session.get_one(ForesightData, study.data_id).rows
        scenario = Scenario.of_json(session.get_one(ForesightScenarioVersion, study.version_id).parameters)
        supply = (
            supply_of(session, academy_id, departments_of(rows), competencies_of(rows), asked_at) if is_wanted else {}
        )
    if is_wanted:
        world = world_of(rows, scenario, supply)
        computed = foresight.study.study(world, scenario, seed)
        result = foresight.study.as_json(world, computed) | coverage(rows, scenario, supply)
    with begin(engine) as session:
        study = session.get_one(ForesightStudy, study_id, with_for_update=True)
        if is_wanted and study.finished_at is None:
            study.supply, study.result, study.finished_at = supply, result, clock.now()
        jobs.finish(session, jobs.JobKind.FORESEE, study_id)
