"""Writes on the queue."""

from __future__ import annotations

from sqlalchemy.orm import Session

from app.core import audit, jobs
from app.core.access import Actor
from app.operations import queries


def try_again(session: Session, actor: Actor, job_id: int) -> jobs.Job:
    """Put a job that was set aside back into the queue. Raises NotFound when there is none, or no longer."""
    job = queries.job_set_aside(session, actor, job_id)
    failure = job.failure
    jobs.try_again(session, job)
    audit.record(
        session,
        verb="job_retried",
        thing=f"job:{job.id}",
        actor_id=actor.id,
        academy_id=job.academy_id,
        detail={"kind": job.kind, "thing_id": job.thing_id, "failure": failure},
    )
    return job
