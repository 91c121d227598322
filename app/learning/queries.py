"""Reads for the pages of modules, lessons and quizzes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.accounts import progress
from app.accounts.models import Account
from app.accounts.queries import modules_of_trainee
from app.content.schemas import Activity, Catalogue, Module, UnknownActivity, UnknownModule
from app.core.access import Action, Actor, one_visible
from app.core.errors import NotFound
from app.learning.models import QuizAttempt, QuizResponse


@dataclass(frozen=True)
class Step:
    """One activity with the trainee's state: "", "started" or "done"."""

    activity: Activity
    state: str


@dataclass(frozen=True)
class ModuleProgress:
    """withdrawn: labs that nobody begins any more, of which the trainee has begun."""

    module: Module
    steps: tuple[Step, ...]
    withdrawn: tuple[Step, ...]

    @property
    def done(self) -> int:
        return sum(step.state == progress.DONE for step in self.steps)

    @property
    def next_step(self) -> Step | None:
        """The first activity that is not done."""
        return next((step for step in self.steps if step.state != progress.DONE), None)


def module_progress(session: Session, catalogue: Catalogue, trainee: Account, module_id: str) -> ModuleProgress:
    """A module that the trainee is enrolled in. Raises NotFound."""
    if module_id not in modules_of_trainee(session, trainee.id):
        raise NotFound
    try:
        module = catalogue.module(module_id)
    except UnknownModule:
        raise NotFound from None
    return _with_states(module, progress.of_modules(session, trainee.id, [module_id])[module_id])


def all_progress(session: Session, catalogue: Catalogue, trainee: Account) -> list[ModuleProgress]:
    module_ids = [module_id for module_id in modules_of_trainee(session, trainee.id) if module_id in catalogue.modules]
    states = progress.of_modules(session, trainee.id, module_ids)
    return [_with_states(catalogue.module(module_id), states[module_id]) for module_id in module_ids]


def _with_states(module: Module, states: Mapping[str, str]) -> ModuleProgress:
    steps = tuple(Step(activity, states.get(activity.id, "")) for activity in module.activities)
    withdrawn = tuple(Step(lab, states[lab.id]) for lab in module.withdrawn if lab.id in states)
    return ModuleProgress(module, steps, withdrawn)


def activity(overview: ModuleProgress, activity_id: str) -> Activity:
    """Raises NotFound when the module has no such activity."""
    try:
        return overview.module.activity(activity_id)
    except UnknownActivity:
        raise NotFound from None


def attempts(session: Session, trainee_id: int, module_id: str, activity_id: str) -> list[QuizAttempt]:
    """The trainee's attempts at a quiz, newest first."""
    statement = (
        select(QuizAttempt)
        .where(
            QuizAttempt.trainee_id == trainee_id,
            QuizAttempt.module_id == module_id,
            QuizAttempt.activity_id == activity_id,
        )
        .order_by(QuizAttempt.number.desc())
    )
    return list(session.scalars(statement))


def attempt_count(session: Session, trainee_id: int, module_id: str, activity_id: str) -> int:
    statement = select(func.count()).where(
        QuizAttempt.trainee_id == trainee_id,
        QuizAttempt.module_id == module_id,
        QuizAttempt.activity_id == activity_id,
    )
    return session.scalar(statement) or 0


def attempt_with_key(session: Session, trainee_id: int, key: str) -> QuizAttempt | None:
    statement = select(QuizAttempt).where(QuizAttempt.trainee_id == trainee_id, QuizAttempt.idempotency_key == key)
    return session.scalar(statement)


def attempt(session: Session, actor: Actor, attempt_id: int) -> tuple[QuizAttempt, list[QuizResponse]]:
    """An attempt that this actor may see, with its answers. Raises NotFound, RecordClosed."""
    columns = QuizAttempt.__table__.c
    found = one_visible(
        session,
        actor,
        Action.SEE_QUIZ_ATTEMPT,
        select(QuizAttempt).where(QuizAttempt.id == attempt_id),
        trainee=columns.trainee_id,
        academy=columns.academy_id,
    )
    responses = select(QuizResponse).where(QuizResponse.attempt_id == attempt_id).order_by(QuizResponse.id)
    return found, list(session.scalars(responses))
