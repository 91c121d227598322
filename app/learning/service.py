"""Writes of the learning feature: lessons read, quizzes answered."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy.orm import Session

from app.accounts import progress
from app.accounts.models import Account
from app.accounts.queries import lock
from app.competencies.models import EvidenceKind
from app.competencies.service import record_evidence
from app.content.schemas import Module, Quiz
from app.core import audit, clock
from app.learning import queries
from app.learning.marking import Answer, mark
from app.learning.models import QuizAttempt, QuizResponse
from app.record_store.models import StatementKind
from app.record_store.outbox import tell

REPEATED_ATTEMPT_WEIGHT = 0.25


def finish_lesson(session: Session, trainee: Account, module_id: str, activity_id: str) -> None:
    """Note that a lesson was read; told is only the first time, since a store has that for good."""
    opened = progress.mark(session, trainee, module_id, activity_id, done=False)
    if opened.done_at is not None:
        return
    read = progress.mark(session, trainee, module_id, activity_id, done=True)
    facts = {"module_id": module_id, "activity_id": activity_id}
    tell(session, trainee, StatementKind.LESSON_COMPLETED, read.id, at=read.done_at or clock.now(), facts=facts)


def submit_quiz(
    session: Session, trainee: Account, module: Module, quiz: Quiz, answers: Mapping[str, Answer], *, key: str
) -> QuizAttempt:
    """Mark and store an attempt with its evidence; the same key again gives the attempt already stored."""
    lock(session, trainee.id)
    if (known := queries.attempt_with_key(session, trainee.id, key)) is not None:
        return known
    number = queries.attempt_count(session, trainee.id, module.id, quiz.id) + 1
    marks = {item.id: mark(item, answers[item.id]) for item in quiz.items}
    attempt = QuizAttempt(
        trainee_id=trainee.id,
        academy_id=trainee.academy_id,
        module_id=module.id,
        activity_id=quiz.id,
        module_digest=module.digest,
        number=number,
        idempotency_key=key,
        points=sum(item.points * marks[item.id].share for item in quiz.items),
        max_points=quiz.max_points,
        submitted_at=clock.now(),
    )
    session.add(attempt)
    session.flush()
    for item in quiz.items:
        share = marks[item.id].share
        session.add(
            QuizResponse(
                attempt_id=attempt.id,
                item_id=item.id,
                answer=answers[item.id],
                points=item.points * share,
                max_points=item.points,
            )
        )
        record_evidence(
            session,
            trainee,
            competency=item.competency,
            level=item.level,
            kind=EvidenceKind.QUIZ_ITEM,
            outcome=share,
            difficulty=item.difficulty,
            source=f"quiz_attempt:{attempt.id}",
            part=item.id,
            weight=REPEATED_ATTEMPT_WEIGHT if number > 1 else None,
        )
    progress.mark(session, trainee, module.id, quiz.id, done=True)
    facts = {
        "module_id": module.id,
        "activity_id": quiz.id,
        "points": attempt.points,
        "max_points": attempt.max_points,
    }
    tell(session, trainee, StatementKind.QUIZ_ANSWERED, attempt.id, at=attempt.submitted_at, facts=facts)
    audit.record(
        session,
        verb="quiz_submitted",
        thing=f"quiz_attempt:{attempt.id}",
        actor_id=trainee.id,
        academy_id=trainee.academy_id,
    )
    return attempt
