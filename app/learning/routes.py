"""Pages of modules, lessons and quizzes."""

from __future__ import annotations

import uuid
from typing import cast

from flask import Blueprint, jsonify, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.accounts.queries import current_account, own_cohorts
from app.content.current import catalogue
from app.content.schemas import Activity, Lesson, Numeric, Quiz, QuizItem, SingleChoice
from app.core import running
from app.core.access import Action, holds, requires
from app.core.classes import OPEN_AFTERWARDS
from app.core.db import session
from app.core.errors import NotFound
from app.core.locale import language
from app.core.markdown import render
from app.learning import keeping, marking, queries, service

blueprint = Blueprint("learning", __name__, template_folder="templates")
blueprint.add_app_template_global(keeping.activity_address)

KEEPING_PATH = "/keep.html"


def _find(module_id: str, activity_id: str) -> tuple[queries.ModuleProgress, Activity]:
    overview = queries.module_progress(session(), catalogue(), current_account(), module_id)
    return overview, queries.activity(overview, activity_id)


@blueprint.get("/learn")
@requires(Action.LEARN)
def start() -> str:
    modules = queries.all_progress(session(), catalogue(), current_account())
    cohorts = own_cohorts(session(), current_account().id)
    return render_template("learning/start.html", modules=modules, cohorts=cohorts, open_days=OPEN_AFTERWARDS.days)


@blueprint.get("/learn/<module_id>")
@requires(Action.LEARN)
def module_page(module_id: str) -> str:
    overview = queries.module_progress(session(), catalogue(), current_account(), module_id)
    origin = running.settings().notebook_origin
    return render_template(
        "learning/module.html",
        overview=overview,
        version=keeping.version(overview.module),
        origin=origin,
        frame_address=origin + KEEPING_PATH,
    )


@blueprint.get("/learn/<module_id>/kept.json")
@requires(Action.LEARN)
def kept(module_id: str) -> Response:
    """What a device needs to open the module without a link."""
    overview = queries.module_progress(session(), catalogue(), current_account(), module_id)
    return jsonify(keeping.kept_list(overview.module))


@blueprint.get("/learn/<module_id>/<activity_id>")
@requires(Action.LEARN)
def activity(module_id: str, activity_id: str) -> str | Response:
    overview, found = _find(module_id, activity_id)
    if isinstance(found, Lesson):
        return render_template(
            "learning/lesson.html",
            overview=overview,
            lesson=found,
            body=render(found.markdown.in_language(language())),
        )
    if isinstance(found, Quiz):
        return _quiz_page(overview, found)
    return redirect(keeping.activity_address(module_id, found))


@blueprint.post("/learn/<module_id>/<activity_id>/read")
@requires(Action.LEARN)
def finish_lesson(module_id: str, activity_id: str) -> Response:
    overview, found = _find(module_id, activity_id)
    if not isinstance(found, Lesson):
        raise NotFound
    service.finish_lesson(session(), current_account(), module_id, activity_id)
    following = list(overview.module.activities).index(found) + 1
    if following == len(overview.module.activities):
        return redirect(url_for(".module_page", module_id=module_id), code=303)
    next_id = overview.module.activities[following].id
    return redirect(url_for(".activity", module_id=module_id, activity_id=next_id), code=303)


@blueprint.post("/learn/<module_id>/<activity_id>/answers")
@requires(Action.ANSWER_QUIZ)
def submit_quiz(module_id: str, activity_id: str) -> Response | tuple[str, int]:
    overview, quiz = _find(module_id, activity_id)
    if not isinstance(quiz, Quiz):
        raise NotFound
    typed = {item.id: request.form.getlist(item.id) for item in quiz.items}
    answers, problems = _read(quiz, typed)
    if problems:
        return _quiz_page(overview, quiz, typed=typed, problems=problems), 422
    key = request.form.get("key", "")[:64] or uuid.uuid4().hex
    attempt = service.submit_quiz(session(), current_account(), overview.module, quiz, answers, key=key)
    return redirect(url_for(".quiz_result", attempt_id=attempt.id), code=303)


@blueprint.get("/quiz-attempts/<int:attempt_id>")
@requires(Action.SEE_QUIZ_ATTEMPT)
def quiz_result(attempt_id: int) -> str:
    attempt, responses = queries.attempt(session(), current_account(), attempt_id)
    module = catalogue().module(attempt.module_id)
    quiz = cast(Quiz, module.activity(attempt.activity_id))
    answers = {response.item_id: response for response in responses}
    marks = {item.id: marking.mark(item, answers[item.id].answer) for item in quiz.items if item.id in answers}
    return render_template(
        "learning/quiz_result.html",
        attempt=attempt,
        module=module,
        quiz=quiz,
        answers=answers,
        marks=marks,
        goes_on=attempt.trainee_id == current_account().id and holds(current_account(), Action.LEARN),
    )


def _read(quiz: Quiz, typed: dict[str, list[str]]) -> tuple[dict[str, marking.Answer], dict[str, str]]:
    answers: dict[str, marking.Answer] = {}
    problems: dict[str, str] = {}
    for number, item in enumerate(quiz.items, start=1):
        try:
            answers[item.id] = marking.read_answer(item, typed[item.id])
        except marking.UnreadableAnswer:
            problems[item.id] = _problem(number, item)
    return answers, problems


def _problem(number: int, item: QuizItem) -> str:
    if isinstance(item, Numeric):
        message = _(
            "Question %(number)s: type a number between %(least)s and %(most)s, in digits only.",
            number=number,
            least=f"{item.minimum:g}",
            most=f"{item.maximum:g}",
        )
    elif isinstance(item, SingleChoice):
        message = _("Question %(number)s: choose one answer.", number=number)
    else:
        message = _("Question %(number)s: choose at least one answer.", number=number)
    return str(message)


def _quiz_page(
    overview: queries.ModuleProgress,
    quiz: Quiz,
    *,
    typed: dict[str, list[str]] | None = None,
    problems: dict[str, str] | None = None,
) -> str:
    former = queries.attempts(session(), current_account().id, overview.module.id, quiz.id)
    return render_template(
        "learning/quiz.html",
        overview=overview,
        quiz=quiz,
        typed=typed or {},
        problems=problems or {},
        attempts=former,
        key=uuid.uuid4().hex,
    )
