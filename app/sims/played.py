"""Runs that went on without a link: what a device needs for it, and taking over what it did, by our own rules.

The device sends what was done and no result. Each thing is checked as if a form had come; nothing is taken twice. What
cannot be taken over is laid aside and shown with its reason, so that no page has to hold it any longer.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import Account
from app.accounts.queries import lock
from app.core import clock
from app.core.errors import Refused
from app.desk import forms, memos, record, weights
from app.desk.cases import Answer
from app.sims import queries, service
from app.sims.models import SimulationAside, SimulationRun
from simulations import InvalidEvent, Scenario

LONGEST_SECONDS = 366 * 24 * 3600
MOST_DONE = 400
# Why something was laid aside.
MOVED, CHANGED, OTHER_SEED, AGAINST_RULES = "moved", "changed", "seed", "refused"

Seconds = Annotated[float, Field(ge=0, le=LONGEST_SECONDS, allow_inf_nan=False)]
Key = Annotated[str, Field(min_length=1, max_length=forms.KEY_LENGTH)]
Short = Annotated[str, Field(max_length=80)]
Number = Annotated[int, Field(ge=0, le=10_000)]


class _Sent(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Values(_Sent):
    """What was decided."""

    values: dict[Short, Annotated[int, Field(strict=True)] | Annotated[float, Field(strict=True)] | Short]


class Question(_Sent):
    """What was asked."""

    inquiry_id: Short
    argument: int | None


class Start(_Sent):
    """The weights, before the first round. elapsed, here and below: seconds from then until it was sent."""

    kind: Literal["start"]
    weights: dict[Short, Annotated[int, Field(ge=0, le=weights.MOST)]]
    reason: Annotated[str, Field(max_length=weights.REASON_LENGTH)]
    elapsed: Seconds


class Decided(_Sent):
    """A round's decision."""

    kind: Literal["decision"]
    round: Number
    payload: Values
    note: Annotated[str, Field(max_length=forms.NOTE_LENGTH)]
    key: Key
    elapsed: Seconds


class Asked(_Sent):
    """An inquiry."""

    kind: Literal["inquiry"]
    round: Number
    payload: Question
    key: Key
    elapsed: Seconds


class Judged(_Sent):
    """Answers to the cases of a round."""

    kind: Literal["cases"]
    round: Number
    step: Literal["first", "final", "pass"]
    given: dict[Short, Short]
    elapsed: Seconds


class Written(_Sent):
    """The memo after the last round."""

    kind: Literal["memo"]
    text: Annotated[str, Field(min_length=1, max_length=memos.LONGEST)]
    elapsed: Seconds


Done = Annotated[Start | Decided | Asked | Judged | Written, Field(discriminator="kind")]


class Batch(_Sent):
    """What a device did to one run, in order. base: how many decisions and inquiries of ours it went on from."""

    number: Number
    seed: int
    scenario_digest: Short
    base: Number
    done: Annotated[list[Done], Field(min_length=1, max_length=MOST_DONE)]


class NotTaken(Exception):
    """This and what follows it cannot be taken over; `reason` is one of those above."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class Place:
    """Whose run of which simulation; seed_of: the seed of practice by the number of runs before it."""

    trainee: Account
    module_id: str
    activity_id: str
    scenario: Scenario
    seed_of: Callable[[int], int]


def take_over(session: Session, place: Place, batch: Batch) -> tuple[SimulationRun | None, str]:
    """The run as it then stands, and why something was laid aside; "" when all was taken."""
    lock(session, place.trainee.id)
    run: SimulationRun | None = None
    left: Sequence[Done] = batch.done
    try:
        run = _run_of(session, place, batch)
        left = _not_known(session, run, batch)
        while left:
            _take(session, place, run, left[0])
            left = left[1:]
    except NotTaken as refusal:
        _lay_aside(session, place, run, refusal.reason, left)
        return run, refusal.reason
    return run, ""


def _run_of(session: Session, place: Place, batch: Batch) -> SimulationRun:
    """The run that the batch belongs to, begun now if it was begun on the device."""
    runs = queries.runs_of(session, place.trainee.id, place.module_id, place.activity_id)[::-1]
    run = runs[batch.number] if batch.number < len(runs) else None
    if batch.scenario_digest != (run.scenario_digest if run else place.scenario.digest):
        raise NotTaken(CHANGED)
    if batch.seed != (run.seed if run else place.seed_of(batch.number)):
        raise NotTaken(OTHER_SEED)
    if run is not None:
        return run
    first = batch.done[0]
    if batch.number > len(runs) or not isinstance(first, Start) or any(queries.can_go_on(each) for each in runs):
        raise NotTaken(MOVED)
    read = weights.read(place.scenario, {f"{weights.PREFIX}{kpi}": str(value) for kpi, value in first.weights.items()})
    if read.problems:
        raise NotTaken(AGAINST_RULES)
    return service.start(
        session,
        place.trainee,
        place.module_id,
        place.activity_id,
        place.scenario.id,
        weights=read.weights,
        reason=first.reason,
        seed_of=place.seed_of,
        at=_moment(first.elapsed),
    )


def _not_known(session: Session, run: SimulationRun, batch: Batch) -> Sequence[Done]:
    """What of the batch is new to the run; NotTaken where the run went on otherwise than on this device."""
    since = [row.idempotency_key for row in queries.event_rows(session, run.id)]
    keyed = [(place, done.key) for place, done in enumerate(batch.done) if isinstance(done, Decided | Asked)]
    known = since[batch.base :]
    if len(since) < batch.base or known != [key for _place, key in keyed[: len(known)]]:
        raise NotTaken(MOVED)
    first_new = keyed[len(known) - 1][0] + 1 if known else 0
    return [done for done in batch.done[first_new:] if not isinstance(done, Start)]


def _take(session: Session, place: Place, run: SimulationRun, done: Done) -> None:
    try:
        match done:
            case Decided():
                service.decide(
                    session,
                    place.trainee,
                    run,
                    round_number=done.round,
                    values=done.payload.values,
                    note=done.note,
                    key=done.key,
                    at=_moment(done.elapsed),
                )
            case Asked():
                service.inquire(
                    session,
                    run,
                    round_number=done.round,
                    inquiry_id=done.payload.inquiry_id,
                    argument=done.payload.argument,
                    key=done.key,
                    at=_moment(done.elapsed),
                )
            case Judged():
                _judge(session, run, done)
            case Written():
                _write(session, run, done)
    except InvalidEvent:
        raise NotTaken(AGAINST_RULES) from None
    except Refused:
        raise NotTaken(MOVED if queries.is_replayable(run) else CHANGED) from None


def _judge(session: Session, run: SimulationRun, done: Judged) -> None:
    if service.judge_cases(session, run, round_number=done.round, step=done.step, given=done.given):
        raise NotTaken(AGAINST_RULES)


def _write(session: Session, run: SimulationRun, done: Written) -> None:
    if run.finished_at is None or memos.problem(done.text.strip()):
        raise NotTaken(AGAINST_RULES)
    service.write_memo(session, run, done.text.strip())


def _moment(elapsed: float) -> datetime:
    return clock.now() - timedelta(seconds=elapsed)


def _lay_aside(session: Session, place: Place, run: SimulationRun | None, reason: str, left: Sequence[Done]) -> None:
    """Once, however often it is sent."""
    kept = [done.model_dump(exclude={"elapsed"}) for done in left]
    digest = hashlib.sha256(json.dumps(kept, sort_keys=True).encode()).hexdigest()
    statement = select(SimulationAside.id).where(
        SimulationAside.trainee_id == place.trainee.id, SimulationAside.digest == digest
    )
    if session.scalar(statement) is not None:
        return
    session.add(
        SimulationAside(
            trainee_id=place.trainee.id,
            academy_id=place.trainee.academy_id,
            module_id=place.module_id,
            activity_id=place.activity_id,
            run_id=run.id if run else None,
            reason=reason,
            done=kept,
            digest=digest,
            received_at=clock.now(),
        )
    )


def run_to_keep(session: Session, place: Place) -> dict[str, Any]:
    """What a device needs to go on with the run, or to begin the next one; the seed of practice is no secret to it."""
    runs = queries.runs_of(session, place.trainee.id, place.module_id, place.activity_id)
    run = next((run for run in runs if queries.can_go_on(run)), None)
    kept: dict[str, Any] = {
        "scenario": place.scenario.id,
        "scenario_digest": place.scenario.digest,
        "number": len(runs),
        "seed": place.seed_of(len(runs)),
        "is_begun": False,
        "memo": "",
        "events": [],
        "answers": {},
    }
    if run is None:
        return kept
    return kept | {
        "number": len(runs) - 1 - runs.index(run),
        "seed": run.seed,
        "is_begun": True,
        "events": [
            {"kind": row.kind, "round": row.round, "payload": row.payload, "note": row.note}
            for row in queries.event_rows(session, run.id)
        ],
        "answers": {
            case_id: asdict(Answer(answer.first, answer.final))
            for case_id, answer in queries.case_answers(session, run.id).items()
        },
    }


def asides(session: Session, trainee_id: int, module_id: str, activity_id: str) -> list[SimulationAside]:
    """What could not be taken over of a simulation, the newest first."""
    statement = (
        select(SimulationAside)
        .where(
            SimulationAside.trainee_id == trainee_id,
            SimulationAside.module_id == module_id,
            SimulationAside.activity_id == activity_id,
        )
        .order_by(SimulationAside.id.desc())
    )
    return list(session.scalars(statement))


def decisions_of(aside: SimulationAside) -> list[record.Kept]:
    """The decisions in what was laid aside."""
    return [
        record.Kept(done["kind"], done["round"], done["payload"], done["note"])
        for done in aside.done
        if done["kind"] == record.DECISION
    ]
