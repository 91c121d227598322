"""Whole pages of simulations, for the routes of practice and of exercises."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flask import render_template, url_for
from flask_babel import gettext as _

import simulations
from app.accounts.queries import current_account
from app.content.current import catalogue
from app.content.schemas import Module
from app.content.schemas import Simulation as SimulationActivity
from app.core.access import Action, holds
from app.core.charts import Chart, format_number
from app.core.db import session
from app.core.errors import NotFound
from app.core.locale import language
from app.core.markdown import render
from app.core.paging import page_of_rows, wanted
from app.core.privacy import is_large_enough
from app.desk import presentation as presentation_of_desk
from app.desk import record, weights
from app.desk.forms import CasesForm, DecisionForm, InquiryForm
from app.desk.round import round_of_desk
from app.desk.weights import WeightsForm
from app.sims import case_pages, casework, charts, curiosity, played, presentation, queries, service
from app.sims import weights as judgement
from app.sims.models import SimulationAside, SimulationExercise, SimulationRun
from app.sims.scoring import Outcome
from simulations import Scenario


def module_of(module_id: str) -> Module:
    """A module of the catalogue. Raises NotFound."""
    if module_id not in catalogue().modules:
        raise NotFound
    return catalogue().modules[module_id]


def simulation_of(module_id: str, activity_id: str) -> SimulationActivity:
    """A simulation of a module. Raises NotFound."""
    found = catalogue().find(module_id, activity_id)
    if not isinstance(found, SimulationActivity):
        raise NotFound
    return found


def start_page(
    module_id: str,
    activity: SimulationActivity,
    form: WeightsForm,
    *,
    exercise: SimulationExercise | None = None,
    team: str = "",
    refusal: str = "",
) -> str:
    """Task, weights and former runs, before the first round of practice or of an exercise."""
    scenario = simulations.load(activity.scenario)
    texts = scenario.texts(language())
    return render_template(
        "sims/start.html",
        activity=activity,
        module=module_of(module_id),
        texts=texts,
        scenario=scenario,
        runs=page_of_rows(_former_runs(module_id, activity, exercise), wanted()),
        exercise=exercise,
        exercises=[] if exercise else _exercises(module_id, activity.id),
        asides=[] if exercise else asides(module_id, activity),
        team=team,
        refusal=refusal,
        address=start_address(module_id, activity.id, exercise),
        here=_start_page_address(module_id, activity.id, exercise),
        situation=render(texts.situation),
        number=format_number,
        form=form,
        most=weights.MOST,
    )


def _former_runs(
    module_id: str, activity: SimulationActivity, exercise: SimulationExercise | None
) -> list[SimulationRun]:
    if exercise is not None:
        return queries.attempts_of(session(), exercise.id, current_account().id)
    return queries.runs_of(session(), current_account().id, module_id, activity.id)


def _exercises(module_id: str, activity_id: str) -> list[SimulationExercise]:
    return queries.exercises_for(session(), current_account().id, module_id, activity_id)


def _open_exercises(run: SimulationRun) -> list[SimulationExercise]:
    """Exercises that wait beside a run for practice."""
    return [each for each in _exercises(run.module_id, run.activity_id) if each.closed_at is None]


def start_address(module_id: str, activity_id: str, exercise: SimulationExercise | None) -> str:
    """Where the form of the start page goes."""
    if exercise is not None:
        return url_for("exercises.begin", exercise_id=exercise.id)
    return url_for("sims.start", module_id=module_id, activity_id=activity_id)


def _start_page_address(module_id: str, activity_id: str, exercise: SimulationExercise | None) -> str:
    """Where the start page is looked at, while its form is refused elsewhere."""
    if exercise is not None:
        return url_for("exercises.play", exercise_id=exercise.id)
    return url_for("sims.desk", module_id=module_id, activity_id=activity_id)


def practice_address(place: played.Place) -> str:
    """Where practice of a simulation goes on."""
    return url_for("sims.desk", module_id=place.module_id, activity_id=place.activity_id)


@dataclass(frozen=True)
class AsidePage:
    """What was played without a link and not taken over: when it came, why, and what had been decided."""

    aside: SimulationAside
    reason: str
    rounds: list[presentation_of_desk.LogEntry]


def asides(module_id: str, activity: SimulationActivity) -> list[AsidePage]:
    """What could not be taken over of the reader's practice, the newest first."""
    scenario = simulations.load(activity.scenario)
    texts = scenario.texts(language())
    found = played.asides(session(), current_account().id, module_id, activity.id)
    return [
        AsidePage(
            each,
            _aside_reason(each.reason),
            presentation_of_desk.log(scenario, texts, played.decisions_of(each), None)[::-1],
        )
        for each in found
    ]


def _aside_reason(reason: str) -> str:
    reasons = {
        played.MOVED: _("the run had meanwhile gone on elsewhere, on another computer or in another window."),
        played.CHANGED: _("the simulation was changed after it was kept on the device."),
        played.OTHER_SEED: _("it was played with other chances than those that the academy gave out."),
        played.AGAINST_RULES: _("something in it is against the rules of the simulation."),
    }
    return str(reasons[reason])


def desk_address(run: SimulationRun, anchor: str | None = None) -> str:
    """Where a run goes on."""
    if run.exercise_id is not None:
        return url_for("exercises.play", exercise_id=run.exercise_id, _anchor=anchor)
    return url_for("sims.desk", module_id=run.module_id, activity_id=run.activity_id, _anchor=anchor)


def desk_page(
    run: SimulationRun,
    *,
    form: DecisionForm | None = None,
    asked: InquiryForm | None = None,
    judged: CasesForm | None = None,
    problems: Mapping[str, str] | None = None,
    refusal: str = "",
) -> str:
    """The desk of the round at hand, with what was typed and what stands against it."""
    scenario = simulations.load(run.scenario_id)
    texts = scenario.texts(language())
    rows = queries.event_rows(session(), run.id)
    now = simulations.replay(scenario, run.seed, record.events(rows))
    shown = round_of_desk(
        scenario,
        texts,
        now,
        rows,
        queries.case_answers(session(), run.id),
        form=form,
        asked=asked,
        judged=judged,
        problems=problems or {},
    )
    return render_template(
        "sims/desk.html",
        **shown,
        run=run,
        exercise=queries.exercise_of(session(), run),
        open_exercises=[] if run.exercise_id else _open_exercises(run),
        asides=[] if run.exercise_id else asides(run.module_id, simulation_of(run.module_id, run.activity_id)),
        module=module_of(run.module_id),
        situation=render(texts.situation),
        refusal=refusal,
        addresses={
            act: url_for(f"sims.{view}", run_id=run.id)
            for act, view in (("decide", "decide"), ("inquire", "inquire"), ("judge", "judge_cases"))
        },
    )


def judged(scenario: Scenario, run: SimulationRun, replayed: simulations.Run | None) -> case_pages.ReliancePage | None:
    """What became of the cases that were judged before the tool's advice; None where the run cannot be replayed."""
    if replayed is None:
        return None
    answers = queries.case_answers(session(), run.id)
    judgements = casework.judgements(scenario, run.seed, service.decided(replayed), answers)
    return case_pages.reliance_page(scenario.texts(language()), judgements)


def distribution(run: SimulationRun) -> Chart | None:
    """How the cohort did in the exercise of this run, if the instructor shows it and the group is large enough.

    Nothing before the exercise is closed: whoever looked twice would see the score of who finished in between.
    """
    exercise = queries.exercise_of(session(), run)
    if exercise is None or not exercise.shows_distribution or exercise.closed_at is None:
        return None
    scores = queries.exercise_outcomes(session(), exercise.id)
    return charts.distribution(scores, withholds_few=True) if is_large_enough(len(scores)) else None


def outcome(run: SimulationRun) -> dict[str, object]:
    """What the outcome part of the debrief shows; nothing but the run until the worker has computed it."""
    scenario = simulations.load(run.scenario_id)
    texts = scenario.texts(language())
    shown: dict[str, object] = {"run": run, "texts": texts, "number": format_number, "outcome": None}
    if run.outcome is None:
        return shown | {"given_up": queries.scoring_was_given_up(session(), run.id)}
    stored = Outcome.from_json(run.outcome)
    return shown | {
        "outcome": stored,
        "courses": [
            charts.comparison(texts, kpi, charts.scored_courses(stored))
            for kpi in (scenario.kpis[0], scenario.truth_kpis[0])
        ],
        "losses": charts.losses(texts, stored),
        "judgement": judgement.judge(scenario, texts, stored, run.weights),
        "groups": presentation.group_table(texts, stored),
        "final": presentation.final_table(scenario, texts, presentation.policy_courses(texts, stored)),
    }


def questions(run: SimulationRun) -> dict[str, object]:
    """What the debrief shows of the questions asked, to those who may see it; the worker values them last."""
    reader = current_account()
    if not holds(reader, Action.SEE_CURIOSITY):
        return {"run": run, "curiosity": None, "questions_follow": False}
    scenario = simulations.load(run.scenario_id)
    # The trend is the trainee's own.
    is_own = reader.id == run.trainee_id
    indices = queries.indices_of(session(), reader.id, most=curiosity.MOST_RUNS_OF_TREND) if is_own else []
    return {
        "run": run,
        "curiosity": curiosity.page(scenario, scenario.texts(language()), run.curiosity, indices),
        "questions_follow": run.curiosity is None and queries.scoring_goes_on(session(), run.id),
    }


def decision_score(run: SimulationRun) -> dict[str, object]:
    """What the debrief shows of the decisions with luck removed, and of the questions asked."""
    texts = simulations.load(run.scenario_id).texts(language())
    return questions(run) | {
        "number": format_number,
        "given_up": run.decision_score is None and queries.scoring_was_given_up(session(), run.id),
        "regrets": charts.regrets(texts, run.regrets) if run.regrets else None,
        "misled": presentation.where_the_tool_misled(run.regrets) if run.regrets else "",
    }
