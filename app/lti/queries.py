"""Reads about platforms, who comes from them, and the scores that go back."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from app.accounts.models import Academy, Account, Cohort, Withdrawal
from app.core import clock
from app.core.access import Action, Actor, Statement, visible
from app.core.classes import CohortInstructor, InstructorRemoval
from app.core.db import one
from app.core.errors import NotFound
from app.core.jobs import Job, JobKind
from app.core.paging import Page, Wanted, page_of
from app.gradebook import queries as gradebook
from app.gradebook.points import Attempt, counting
from app.learning.models import QuizAttempt
from app.lti.models import Course, Launch, Platform, PlatformPerson, Score, ToolKey
from app.lti.parts import SIMULATION_POINTS
from app.notebooks.models import Submission
from app.sims.models import SimulationExercise, SimulationRun

# A former key stays published this long: what it signed may be on its way, and platforms keep what they fetched.
PUBLISHED_AFTERWARDS = timedelta(days=30)
# How long a checked message may take through the browser.
PATIENCE = timedelta(hours=1)


@dataclass(frozen=True)
class CourseRow:
    """A course of a platform with the cohort that its people come into, and the other cohorts of the module."""

    course: Course
    cohort: Cohort
    cohorts: tuple[Cohort, ...]


@dataclass(frozen=True)
class ScoreRow:
    """A score that was not delivered. failure: why it was set aside; "" while it waits."""

    score: Score
    trainee: Account
    platform: Platform
    failure: str


@dataclass(frozen=True)
class Counted:
    """What counts now of a trainee's work at a part."""

    points: float
    most: float


@dataclass(frozen=True)
class Delivery:
    """A score on its way. subject: whose it is there. keys: of the academy, the newest first."""

    score: Score
    platform: Platform
    subject: str
    keys: tuple[ToolKey, ...]


def academy_named(session: Session, slug: str) -> Academy:
    """Raises NotFound."""
    return one(session, select(Academy).where(Academy.slug == slug))


def platforms(session: Session, actor: Actor) -> list[Platform]:
    """The platforms of the actor's academy, by name."""
    return list(session.scalars(_within(actor, select(Platform).order_by(Platform.name, Platform.id))))


def platform(session: Session, actor: Actor, platform_id: int) -> Platform:
    """One of them. Raises NotFound."""
    return one(session, _within(actor, select(Platform).where(Platform.id == platform_id)))


def is_registered(session: Session, academy_id: int, issuer: str, client_id: str, *, other_than: int | None) -> bool:
    same = select(Platform.id).where(
        Platform.academy_id == academy_id, Platform.issuer == issuer, Platform.client_id == client_id
    )
    if other_than is not None:
        same = same.where(Platform.id != other_than)
    return session.scalar(same) is not None


def platforms_asking(session: Session, slug: str, *, issuer: str, client_id: str) -> list[Platform]:
    """Those of an academy that a request to sign in may come from. client_id: "" where it does not say."""
    statement = (
        select(Platform)
        .join(Academy, Academy.id == Platform.academy_id)
        .where(Academy.slug == slug, Platform.issuer == issuer, Platform.is_enabled)
    )
    return list(session.scalars(statement.where(Platform.client_id == client_id) if client_id else statement))


def enabled_platform(session: Session, slug: str, platform_id: int) -> Platform | None:
    statement = (
        select(Platform)
        .join(Academy, Academy.id == Platform.academy_id)
        .where(Academy.slug == slug, Platform.id == platform_id, Platform.is_enabled)
    )
    return session.scalar(statement)


def keys_of(session: Session, academy_id: int) -> list[ToolKey]:
    """Every key of an academy, the newest first."""
    return list(session.scalars(select(ToolKey).where(ToolKey.academy_id == academy_id).order_by(ToolKey.id.desc())))


def published_keys(session: Session, slug: str) -> list[ToolKey]:
    """The key that signs, and those that it replaced lately. Raises NotFound."""
    keys = keys_of(session, academy_named(session, slug).id)
    since = clock.now() - PUBLISHED_AFTERWARDS
    return [key for number, key in enumerate(keys) if number == 0 or keys[number - 1].made_at > since]


def open_launch(session: Session, handle_hash: str, *, lock: bool = False) -> tuple[Launch, Platform] | None:
    """A message that waits to be used, with its platform; None for none, or when it took too long."""
    statement = (
        select(Launch, Platform)
        .join(Platform, Platform.id == Launch.platform_id)
        .where(
            Launch.handle_hash == handle_hash,
            Launch.used_at.is_(None),
            Launch.received_at > clock.now() - PATIENCE,
            Platform.is_enabled,
        )
    )
    found = session.execute(statement.with_for_update(of=[Launch]) if lock else statement).first()
    return (found[0], found[1]) if found else None


def account_of(session: Session, platform_id: int, subject: str) -> Account | None:
    """Whose account somebody of a platform has; None for nobody's yet."""
    statement = (
        select(Account)
        .join(PlatformPerson, PlatformPerson.account_id == Account.id)
        .where(PlatformPerson.platform_id == platform_id, PlatformPerson.subject == subject)
    )
    return session.scalar(statement)


def teaches(session: Session, cohort_id: int, instructor_id: int) -> bool:
    """Whether somebody is named as an instructor of a cohort."""
    return session.get(CohortInstructor, (cohort_id, instructor_id)) is not None


def was_removed(session: Session, cohort_id: int, instructor_id: int) -> bool:
    """Whether an administrator removed this instructor of a cohort, and nobody has named them since."""
    return session.get(InstructorRemoval, (cohort_id, instructor_id)) is not None


def is_somebody_there(session: Session, platform_id: int, account_id: int) -> bool:
    """Whether somebody of the platform has this account already."""
    statement = select(PlatformPerson.id).where(
        PlatformPerson.platform_id == platform_id, PlatformPerson.account_id == account_id
    )
    return session.scalar(statement) is not None


def course(session: Session, platform_id: int, context: str, module_id: str) -> Course | None:
    statement = select(Course).where(
        Course.platform_id == platform_id, Course.context == context, Course.module_id == module_id
    )
    return session.scalar(statement)


def course_of_academy(session: Session, actor: Actor, platform_id: int, course_id: int) -> Course:
    """Raises NotFound."""
    found = session.get(Course, course_id)
    if found is None or found.platform_id != platform(session, actor, platform_id).id:
        raise NotFound
    return found


def courses(session: Session, found: Platform) -> list[CourseRow]:
    """The courses that a platform's people came from, by title."""
    statement = (
        select(Course, Cohort)
        .join(Cohort, Cohort.id == Course.cohort_id)
        .where(Course.platform_id == found.id)
        .order_by(Course.title, Course.id)
    )
    rows = session.execute(statement).all()
    of_modules = cohorts_of_modules(session, found.academy_id, {row.module_id for row, _cohort in rows})
    return [CourseRow(row, cohort, tuple(of_modules[row.module_id])) for row, cohort in rows]


def cohorts_of_modules(session: Session, academy_id: int, module_ids: Collection[str]) -> Mapping[str, list[Cohort]]:
    """The cohorts of an academy that take these modules, by module and name."""
    found: dict[str, list[Cohort]] = {module_id: [] for module_id in module_ids}
    statement = select(Cohort).where(Cohort.academy_id == academy_id, Cohort.module_id.in_(module_ids))
    for cohort in session.scalars(statement.order_by(Cohort.name, Cohort.id)):
        found[cohort.module_id].append(cohort)
    return found


def open_exercises(session: Session, academy_id: int) -> list[SimulationExercise]:
    """Exercises of an academy that are not closed, the newest first."""
    statement = select(SimulationExercise).where(
        SimulationExercise.academy_id == academy_id, SimulationExercise.closed_at.is_(None)
    )
    return list(session.scalars(statement.order_by(SimulationExercise.id.desc())))


def exercise(session: Session, academy_id: int, exercise_id: int | None) -> SimulationExercise | None:
    """An exercise of this academy, closed or not."""
    found = session.get(SimulationExercise, exercise_id) if exercise_id is not None else None
    return found if found is not None and found.academy_id == academy_id else None


def was_withdrawn(session: Session, cohort_id: int, trainee_id: int) -> bool:
    statement = select(Withdrawal.id).where(Withdrawal.cohort_id == cohort_id, Withdrawal.trainee_id == trainee_id)
    return session.scalar(statement.limit(1)) is not None


def score_of(session: Session, platform_id: int, line_item: str, trainee_id: int) -> Score | None:
    statement = select(Score).where(
        Score.platform_id == platform_id, Score.line_item == line_item, Score.trainee_id == trainee_id
    )
    return session.scalar(statement)


def undelivered(session: Session, actor: Actor, wanted: Wanted) -> Page[ScoreRow]:
    """Scores of the actor's academy that no platform has taken yet: those that were set aside, then the oldest."""
    columns = Score.__table__.c
    statement = (
        select(Score, Account, Platform, Job.failure)
        .join(Account, Account.id == Score.trainee_id)
        .join(Platform, Platform.id == Score.platform_id)
        .outerjoin(Job, and_(Job.kind == JobKind.SEND_SCORE, Job.thing_id == Score.id))
        .where(_waits())
        .order_by(Job.failure.is_(None), Score.scored_at, Score.id)
    )
    scoped = visible(actor, Action.CONNECT_PLATFORMS, statement, trainee=columns.trainee_id, academy=columns.academy_id)
    return page_of(session, scoped, wanted).made(
        lambda rows: [ScoreRow(score, trainee, of, failure or "") for score, trainee, of, failure in rows]
    )


def undelivered_score(session: Session, actor: Actor, score_id: int) -> Score:
    """One of them. Raises NotFound."""
    columns = Score.__table__.c
    statement = visible(
        actor,
        Action.CONNECT_PLATFORMS,
        select(Score).where(Score.id == score_id, _waits()),
        trainee=columns.trainee_id,
        academy=columns.academy_id,
    )
    return one(session, statement)


def undelivered_of_platform(session: Session, platform_id: int) -> list[Score]:
    return list(session.scalars(select(Score).where(Score.platform_id == platform_id, _waits()).order_by(Score.id)))


def _waits() -> ColumnElement[bool]:
    return and_(Score.scored_at.is_not(None), Score.delivered_at.is_(None))


def delivery(session: Session, score_id: int) -> Delivery | None:
    """A score that waits for its platform; None when there is none (any more), or the platform is switched off."""
    statement = (
        select(Score, Platform, PlatformPerson.subject)
        .join(Platform, Platform.id == Score.platform_id)
        .join(
            PlatformPerson,
            and_(PlatformPerson.platform_id == Platform.id, PlatformPerson.account_id == Score.trainee_id),
        )
        .where(Score.id == score_id, _waits(), Platform.is_enabled)
    )
    found = session.execute(statement).first()
    if found is None:
        return None
    return Delivery(found[0], found[1], found[2], tuple(keys_of(session, found[1].academy_id)))


def followed(session: Session, *, after: int, most: int) -> list[Score]:
    """Scores of platforms that are switched on, as many at a time, in order."""
    statement = (
        select(Score)
        .join(Platform, Platform.id == Score.platform_id)
        .where(Platform.is_enabled, Score.id > after)
        .order_by(Score.id)
        .limit(most)
    )
    return list(session.scalars(statement))


def locked_scores(session: Session, score_ids: Sequence[int]) -> list[Score]:
    """These scores as they are now; others who note or deliver them wait."""
    statement = select(Score).where(Score.id.in_(score_ids)).order_by(Score.id).with_for_update()
    return list(session.scalars(statement.execution_options(populate_existing=True)))


def counted(session: Session, scores: Sequence[Score]) -> dict[int, Counted]:
    """By score what counts now; nothing where there are no points yet, or none that the trainee may see."""
    ids = [score.id for score in scores]
    return _of_quizzes(session, ids) | _of_simulations(session, ids) | _of_labs(session, ids)


def _of_quizzes(session: Session, ids: Sequence[int]) -> dict[int, Counted]:
    """The best attempt."""
    statement = (
        select(Score.id, QuizAttempt.points, QuizAttempt.max_points)
        .join(
            QuizAttempt,
            and_(
                QuizAttempt.trainee_id == Score.trainee_id,
                QuizAttempt.module_id == Score.module_id,
                QuizAttempt.activity_id == Score.activity_id,
            ),
        )
        .where(Score.id.in_(ids), QuizAttempt.max_points > 0)
    )
    found: dict[int, Counted] = {}
    for score_id, points, most in session.execute(statement):
        best = found.get(score_id)
        if best is None or points / most > best.points / best.most:
            found[score_id] = Counted(points, most)
    return found


def _of_simulations(session: Session, ids: Sequence[int]) -> dict[int, Counted]:
    """In practice the best run; of an exercise the first, once it is closed: later ones meet known chances."""
    of_exercise = and_(SimulationRun.exercise_id == Score.exercise_id, SimulationExercise.closed_at.is_not(None))
    of_practice = and_(SimulationRun.exercise_id.is_(None), Score.exercise_id.is_(None))
    statement = (
        select(Score.id, Score.exercise_id, SimulationRun.decision_score)
        .join(
            SimulationRun,
            and_(
                SimulationRun.trainee_id == Score.trainee_id,
                SimulationRun.module_id == Score.module_id,
                SimulationRun.activity_id == Score.activity_id,
            ),
        )
        .outerjoin(SimulationExercise, SimulationExercise.id == SimulationRun.exercise_id)
        .where(Score.id.in_(ids), SimulationRun.decision_score.is_not(None), or_(of_practice, of_exercise))
        .order_by(SimulationRun.id)
    )
    found: dict[int, Counted] = {}
    for score_id, exercise_id, points in session.execute(statement):
        former = found.get(score_id)
        if points is not None and (former is None or (exercise_id is None and points > former.points)):
            found[score_id] = Counted(points, SIMULATION_POINTS)
    return found


def _of_labs(session: Session, ids: Sequence[int]) -> dict[int, Counted]:
    """The attempt that counts by the terms of the cohort in which the newest was handed in."""
    statement = (
        select(Score.id, Submission)
        .join(
            Submission,
            and_(
                Submission.trainee_id == Score.trainee_id,
                Submission.module_id == Score.module_id,
                Submission.activity_id == Score.activity_id,
            ),
        )
        .where(Score.id.in_(ids))
        .order_by(Submission.attempt)
    )
    submissions: dict[int, list[Submission]] = {}
    for score_id, submission in session.execute(statement):
        submissions.setdefault(score_id, []).append(submission)
    every = {each.id: each for group in submissions.values() for each in group}
    attempts = {each.submission.id: each for each in gradebook.attempts_of(session, list(every.values()))}
    found = {}
    for score_id, group in submissions.items():
        of_cohort = [attempts[each.id] for each in group if each.cohort_id == group[-1].cohort_id]
        if (counts := counting(of_cohort)) is not None and _is_settled(counts):
            found[score_id] = Counted(counts.points, counts.most)
    return found


def _is_settled(attempt: Attempt) -> bool:
    """Whether the trainee is shown these points and nothing of them waits for a person."""
    is_in_doubt = attempt.grade is not None and attempt.grade.is_held and any(not each.mark for each in attempt.cells)
    return attempt.is_final and not is_in_doubt and not attempt.terms.results_are_held and attempt.most > 0


def _within(actor: Actor, statement: Statement) -> Statement:
    columns = Platform.__table__.c
    # A platform has no owner but its academy.
    return visible(actor, Action.CONNECT_PLATFORMS, statement, trainee=columns.id, academy=columns.academy_id)
