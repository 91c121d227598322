"""Writes of exercises."""

from __future__ import annotations

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app.accounts.models import Account, Cohort
from app.core import audit, clock
from app.core.errors import Refused
from app.sims import seeds
from app.sims.models import SimulationExercise
from app.sims.queries import lock_exercise

FIRST_ROUND = 1


class ExerciseClosed(Refused):
    """Nothing of a closed exercise can be opened any more."""

    def __init__(self) -> None:
        super().__init__(_("This exercise is closed."), status=409)


def create(
    session: Session, instructor: Account, cohort: Cohort, activity_id: str, *, title: str, attempts: int, paced: bool
) -> SimulationExercise:
    """Set a cohort an exercise, with chances that nobody knows yet.

    paced: whether the instructor opens the rounds; then only the first is open.
    """
    exercise = SimulationExercise(
        academy_id=cohort.academy_id,
        cohort_id=cohort.id,
        module_id=cohort.module_id,
        activity_id=activity_id,
        title=title,
        seed=seeds.fresh(),
        attempts=attempts,
        open_round=FIRST_ROUND if paced else None,
        created_by=instructor.id,
        created_at=clock.now(),
    )
    session.add(exercise)
    session.flush()
    _note(session, instructor, exercise, "exercise_set")
    return exercise


def open_next_round(
    session: Session, instructor: Account, exercise: SimulationExercise, *, after: int, rounds: int
) -> None:
    """Open the round after ``after``; nothing happens if it is open already or there is none. Raises ExerciseClosed."""
    lock_exercise(session, exercise)
    if exercise.closed_at is not None:
        raise ExerciseClosed
    if exercise.open_round != after or after >= rounds:
        return
    exercise.open_round = after + 1
    _note(session, instructor, exercise, "round_opened")


def close(session: Session, instructor: Account, exercise: SimulationExercise) -> None:
    """Take no more decisions. From now on chances may be shown and rounds be played again otherwise."""
    lock_exercise(session, exercise)
    if exercise.closed_at is None:
        exercise.closed_at = clock.now()
        _note(session, instructor, exercise, "exercise_closed")


def show_distribution(session: Session, instructor: Account, exercise: SimulationExercise, *, shown: bool) -> None:
    """Let trainees see how the cohort did, or no longer."""
    lock_exercise(session, exercise)
    if exercise.shows_distribution != shown:
        exercise.shows_distribution = shown
        _note(session, instructor, exercise, "distribution_shown" if shown else "distribution_hidden")


def _note(session: Session, instructor: Account, exercise: SimulationExercise, verb: str) -> None:
    audit.record(
        session,
        verb=verb,
        thing=f"exercise:{exercise.id}",
        actor_id=instructor.id,
        academy_id=exercise.academy_id,
        detail={"round": exercise.open_round},
    )
