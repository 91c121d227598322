"""Whole pages of simulations, for the routes of practice and of exercises."""

from __future__ import annotations

import uuid
from collections.abc import Mapping

from flask import render_template, url_for

import simulations
from app.accounts.queries import current_account
from app.content.current import catalogue
from app.content.schemas import Module
from app.content.schemas import Simulation as SimulationActivity
from app.core.charts import Chart, format_number
from app.core.db import session
from app.core.errors import NotFound
from app.core.locale import language
from app.core.markdown import render
from app.core.paging import page_of_rows, wanted
from app.core.privacy import SMALLEST_GROUP
from app.sims import case_pages, casework, charts, curiosity, forms, presentation, queries, service, weights
from app.sims.forms import CasesForm, DecisionForm, InquiryForm
from app.sims.models import SimulationExercise, SimulationRun
from app.sims.scoring import Outcome
from app.sims.weights import WeightsForm
from simulations import Scenario

TRENDS_SHOWN = 2


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
    now = simulations.replay(scenario, run.seed, queries.events(rows))
    cases = service.cases_now(scenario, run, now)
    typed = form.typed if form else presentation.shown_values(now.defaults)
    found = dict(problems or {})
    judged_cases = case_pages.desk(
        texts, cases, queries.case_answers(session(), run.id), judged.given if judged else {}, found
    )
    trends = charts.trends(scenario, texts, now)
    return render_template(
        "sims/desk.html",
        run=run,
        exercise=queries.exercise_of(session(), run),
        open_exercises=[] if run.exercise_id else _open_exercises(run),
        module=module_of(run.module_id),
        scenario=scenario,
        texts=texts,
        now=now,
        situation=render(texts.situation),
        refusal=refusal,
        problems=found,
        new_key=lambda: uuid.uuid4().hex,
        figures=presentation.figures(scenario, texts, now),
        table=presentation.situation_table(texts, now, tool_may_speak=judged_cases.advice_is_open),
        advice=presentation.advice_table(texts, now),
        cases=judged_cases,
        trends=trends[:TRENDS_SHOWN],
        further_trends=trends[TRENDS_SHOWN:],
        inquiries=presentation.inquiry_cards(scenario, texts, now, asked, "".join(found.values()) if asked else ""),
        findings=presentation.findings(texts, now, now.next_round),
        groups=presentation.groups(scenario),
        sums=presentation.sum_lines(scenario, texts, typed),
        typed=typed,
        note=form.note if form else "",
        note_length=forms.NOTE_LENGTH,
        log=presentation.log(scenario, texts, rows, now),
    )


def judged(scenario: Scenario, run: SimulationRun, replayed: simulations.Run | None) -> case_pages.ReliancePage | None:
    """What became of the cases that were judged before the tool's advice; None where the run cannot be replayed."""
    if replayed is None:
        return None
    answers = queries.case_answers(session(), run.id)
    judgements = casework.judgements(scenario, run.seed, service.decided(replayed), answers)
    return case_pages.reliance_page(scenario.texts(language()), judgements)


def distribution(run: SimulationRun) -> Chart | None:
    """How the cohort did in the exercise of this run, once the instructor shows it and the group is large enough."""
    exercise = queries.exercise_of(session(), run)
    if exercise is None or not exercise.shows_distribution:
        return None
    scores = queries.exercise_outcomes(session(), exercise.id)
    return charts.distribution(scores) if len(scores) >= SMALLEST_GROUP else None


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
        "judgement": weights.judge(scenario, texts, stored, run.weights),
        "groups": presentation.group_table(texts, stored),
        "final": presentation.final_table(scenario, texts, presentation.policy_courses(texts, stored)),
    }


def questions(run: SimulationRun) -> dict[str, object]:
    """What the debrief shows of the questions asked; the worker values them last."""
    scenario = simulations.load(run.scenario_id)
    return {
        "run": run,
        "curiosity": curiosity.page(scenario, scenario.texts(language()), run.curiosity),
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
