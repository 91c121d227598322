"""Noting which scores changed.

What counts of somebody's work follows from attempts, marks, re-grades, deadlines and releases. Rather than have each of
them speak of platforms, the worker goes through the scores that platforms are to be told and compares each with what
counts now: whatever the reason of a change, it is found, and none is lost when a process dies.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from app.core import clock, jobs
from app.core.db import begin
from app.gradebook.points import EQUAL_WITHIN
from app.lti import queries
from app.lti.models import Score
from app.lti.queries import Counted

# At a time, so that a look takes no longer when there are many.
SLICE = 500
# A platform takes no score that is not later than the one before.
LEAST_STEP = timedelta(milliseconds=1)


def note_changes(engine: Engine, after: int = 0, *, most: int = SLICE) -> int:
    """Look through the next scores and have those sent that changed; where to go on, 0 for from the beginning."""
    with begin(engine, read_only=True) as session:
        some = queries.followed(session, after=after, most=most)
        changed = [score.id for score, _counted in _changed(session, some)]
    if changed:
        with begin(engine) as session:
            for score, counted in _changed(session, queries.locked_scores(session, changed)):
                _note(session, score, counted)
    return some[-1].id if len(some) == most else 0


def _changed(session: Session, scores: Sequence[Score]) -> list[tuple[Score, Counted]]:
    counted = queries.counted(session, scores)
    return [
        (score, counted[score.id]) for score in scores if score.id in counted and _differs(score, counted[score.id])
    ]


def _differs(score: Score, counted: Counted) -> bool:
    if score.points is None or score.max_points is None:
        return True
    return max(abs(score.points - counted.points), abs(score.max_points - counted.most)) > EQUAL_WITHIN


def _note(session: Session, score: Score, counted: Counted) -> None:
    now = clock.now()
    score.points, score.max_points = counted.points, counted.most
    score.scored_at = now if score.scored_at is None else max(now, score.scored_at + LEAST_STEP)
    score.delivered_at = None
    session.flush()
    jobs.ask_again(session, jobs.JobKind.SEND_SCORE, score.id, academy_id=score.academy_id)
