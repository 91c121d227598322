"""Pages of exercises: set and lead one, and take one."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

import simulations
from app.accounts.queries import current_account
from app.content.current import catalogue
from app.content.schemas import Simulation as SimulationActivity
from app.core.access import Action, requires
from app.core.charts import format_number
from app.core.db import session
from app.core.locale import language
from app.core.paging import wanted
from app.core.privacy import SMALLEST_GROUP, is_large_enough
from app.desk import presentation, weights
from app.exercises import queries, service
from app.exercises.forms import TOGETHER, ExerciseForm, read_team
from app.sims import charts, pages
from app.sims import queries as runs
from app.sims import service as sims
from app.sims.models import SimulationExercise
from simulations import Scenario

blueprint = Blueprint("exercises", __name__, template_folder="templates")

KPIS_ON_BOARD = 2


def _activity(exercise: SimulationExercise) -> SimulationActivity:
    """The simulation of an exercise. Raises NotFound once it is gone from its module."""
    return pages.simulation_of(exercise.module_id, exercise.activity_id)


def _scenario(exercise: SimulationExercise) -> Scenario:
    return simulations.load(_activity(exercise).scenario)


def _choices() -> list[tuple[str, str]]:
    """Every simulation of every cohort of the academy."""
    return [
        (f"{cohort.id}:{activity.id}", f"{cohort.name} · {activity.title.in_language(language())}")
        for cohort in queries.cohorts(session(), current_account())
        if cohort.module_id in catalogue().modules
        for activity in catalogue().module(cohort.module_id).activities
        if isinstance(activity, SimulationActivity)
    ]


@blueprint.get("/exercises")
@requires(Action.SET_EXERCISES)
def exercises() -> str:
    return _list_page(ExerciseForm(_choices()))


@blueprint.post("/exercises")
@requires(Action.SET_EXERCISES)
def create() -> Response | tuple[str, int]:
    form = ExerciseForm(_choices())
    if not form.validate_on_submit():
        return _list_page(form), 422
    cohort_id, activity_id = form.chosen
    cohort = next(each for each in queries.cohorts(session(), current_account()) if each.id == cohort_id)
    made = service.create(
        session(),
        current_account(),
        cohort,
        activity_id,
        title=form.title.data.strip(),
        attempts=form.attempts.data,
        paced=form.pace.data == TOGETHER,
    )
    flash(_("The exercise is open. Its trainees find it on the page of the simulation."))
    return redirect(url_for(".lead", exercise_id=made.id), code=303)


def _list_page(form: ExerciseForm) -> str:
    return render_template(
        "exercises/exercises.html", form=form, rows=queries.exercises(session(), current_account(), wanted())
    )


@blueprint.get("/exercises/<int:exercise_id>/board")
@requires(Action.SET_EXERCISES)
def lead(exercise_id: int) -> str:
    """The page an exercise is led from; a script asks for its table alone."""
    exercise = queries.exercise(session(), current_account(), exercise_id)
    template = "exercises/_board.html" if "HX-Request" in request.headers else "exercises/board.html"
    return render_template(template, **_board(exercise))


def _board(exercise: SimulationExercise) -> dict[str, object]:
    scenario = _scenario(exercise)
    texts = scenario.texts(language())
    scores = runs.exercise_outcomes(session(), exercise.id)
    return {
        "exercise": exercise,
        "activity": _activity(exercise),
        "scenario": scenario,
        "texts": texts,
        "kpis": scenario.kpis[:KPIS_ON_BOARD],
        "rows": queries.board(session(), exercise.id, wanted()),
        "with_unit": presentation.with_unit,
        "number": format_number,
        "scored": len(scores),
        "smallest_group": SMALLEST_GROUP,
        "distribution": charts.distribution(scores, withholds_few=False) if is_large_enough(len(scores)) else None,
    }


@blueprint.post("/exercises/<int:exercise_id>/board")
@requires(Action.SET_EXERCISES)
def steer(exercise_id: int) -> Response:
    """Open the next round, close the exercise, or show trainees how the cohort did."""
    exercise, leader = queries.exercise(session(), current_account(), exercise_id), current_account()
    step = request.form.get("step", "")
    if step == "open_round":
        after = request.form.get("after", "")
        rounds = _scenario(exercise).rounds
        service.open_next_round(
            session(), leader, exercise, after=int(after) if after.isdecimal() else 0, rounds=rounds
        )
    elif step == "close":
        service.close(session(), leader, exercise)
    elif step in {"show", "hide"}:
        service.show_distribution(session(), leader, exercise, shown=step == "show")
    return redirect(url_for(".lead", exercise_id=exercise.id), code=303)


@blueprint.get("/exercises/<int:exercise_id>")
@requires(Action.RUN_SIMULATION)
def play(exercise_id: int) -> str:
    """The desk of the attempt that goes on, or the page that the next one starts from."""
    exercise = queries.exercise_to_take(session(), current_account().id, exercise_id)
    attempts = runs.attempts_of(session(), exercise.id, current_account().id)
    if (run := next((run for run in attempts if runs.can_go_on(run)), None)) is not None:
        return pages.desk_page(run)
    form = weights.proposed(_scenario(exercise))
    return pages.start_page(exercise.module_id, _activity(exercise), form, exercise=exercise)


@blueprint.post("/exercises/<int:exercise_id>/start")
@requires(Action.RUN_SIMULATION)
def begin(exercise_id: int) -> Response | tuple[str, int]:
    exercise = queries.exercise_to_take(session(), current_account().id, exercise_id)
    activity, team = _activity(exercise), read_team(request.form.get("team", ""))
    form = weights.read(_scenario(exercise), request.form)
    if form.problems:
        return pages.start_page(exercise.module_id, activity, form, exercise=exercise, team=team), 422
    try:
        sims.start(
            session(),
            current_account(),
            exercise.module_id,
            activity.id,
            activity.scenario,
            weights=form.weights,
            reason=form.reason,
            exercise=exercise,
            team=team,
        )
    except sims.NoAttemptLeft as refusal:
        page = pages.start_page(
            exercise.module_id, activity, form, exercise=exercise, team=team, refusal=refusal.message
        )
        return page, refusal.status
    return redirect(url_for(".play", exercise_id=exercise.id), code=303)


@blueprint.get("/exercises/<int:exercise_id>/round")
@requires(Action.RUN_SIMULATION)
def open_round(exercise_id: int) -> str:
    """Whether the round that a desk waits for is open; asked again and again by that desk."""
    exercise = queries.exercise_to_take(session(), current_account().id, exercise_id)
    awaited = request.args.get("awaited", type=int, default=0)
    return render_template("sims/_awaited.html", exercise=exercise, awaited=awaited)
