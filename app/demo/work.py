"""What demo trainees do: they read, answer quizzes as well as they can, and play simulations."""

from __future__ import annotations

import random

from sqlalchemy.orm import Session

import simulations
from app.accounts.models import Account
from app.content.schemas import Module, Numeric, Quiz, QuizItem, Simulation
from app.learning import service as learning
from app.learning.marking import Answer
from app.sims import service as sims


def answer_as(session: Session, trainee: Account, module: Module, ability: float, *, again: bool = False) -> None:
    """Read the lessons and answer the quiz as someone of this ability might."""
    named = f"{trainee.username} again" if again else trainee.username
    dice = random.Random(named)  # noqa: S311 - demo data
    for activity in module.activities:
        if activity.kind == "lesson":
            learning.finish_lesson(session, trainee, module.id, activity.id)
        if isinstance(activity, Quiz):
            answers = {item.id: _answer_item(item, dice.random() < ability, dice) for item in activity.items}
            learning.submit_quiz(session, trainee, module, activity, answers, key=f"demo {module.id} {named}")


def _answer_item(item: QuizItem, well: bool, dice: random.Random) -> Answer:
    if isinstance(item, Numeric):
        return item.answer if well else item.maximum
    if well:
        return sorted(item.correct_option_ids)
    return [dice.choice([option.id for option in item.options if not option.correct])]


def play(session: Session, trainee: Account, module: Module) -> None:
    """Play the simulations of a module with the values that they propose."""
    for activity in module.activities:
        if not isinstance(activity, Simulation):
            continue
        scenario = simulations.load(activity.scenario)
        run = sims.start(session, trainee, module.id, activity.id, scenario.id)
        for number in range(1, scenario.rounds + 1):
            values = scenario.default_values
            sims.decide(session, trainee, run, round_number=number, values=values, note="", key=f"demo {number}")
