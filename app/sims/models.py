"""Tables of simulation runs: a seed and its events; states are always replayed, never stored."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import NUMBERED_ONCE, Base, UtcDateTime


class SimulationExercise(Base):
    """A simulation that an instructor sets a cohort: everybody meets the same seed.

    `attempts`: how many runs each trainee has. `open_round`: the last round that may be decided, None where each goes
    at their own pace. While the exercise is open nothing of a run is shown that would give its chances away.
    """

    __tablename__ = "simulation_exercise"

    id: Mapped[int] = mapped_column(primary_key=True)
    academy_id: Mapped[int] = mapped_column(ForeignKey("academy.id"), index=True)
    cohort_id: Mapped[int] = mapped_column(ForeignKey("cohort.id"), index=True)
    module_id: Mapped[str] = mapped_column(String(80))
    activity_id: Mapped[str] = mapped_column(String(80))
    title: Mapped[str] = mapped_column(String(120))
    seed: Mapped[int] = mapped_column(BigInteger)
    attempts: Mapped[int]
    open_round: Mapped[int | None]
    shows_distribution: Mapped[bool] = mapped_column(default=False)
    created_by: Mapped[int] = mapped_column(ForeignKey("account.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    @property
    def is_paced(self) -> bool:
        """Whether the instructor opens the rounds."""
        return self.open_round is not None


class SimulationRun(Base):
    """One trainee's run. Seed and events are the truth; what the worker computed from them is kept beside them.

    `weights` (0 to 5 by indicator) and `weights_reason` say what the trainee wanted the office to be judged by.

    `exercise_id` names the exercise of an instructor that the run belongs to, None for practice; `team` is what a group
    that shares the run calls itself.

    `outcome` (score with its parts and the courses of the run and its references) and `outcome_score`, then `regrets`
    (loss given away in each round) and `decision_score`, then `curiosity` (what the inquiries were worth) stay None
    until the worker has computed them.
    """

    __tablename__ = "simulation_run"
    __table_args__ = NUMBERED_ONCE

    id: Mapped[int] = mapped_column(primary_key=True)
    trainee_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    academy_id: Mapped[int] = mapped_column(ForeignKey("academy.id"), index=True)
    module_id: Mapped[str] = mapped_column(String(80))
    activity_id: Mapped[str] = mapped_column(String(80))
    scenario_id: Mapped[str] = mapped_column(String(80))
    scenario_version: Mapped[str] = mapped_column(String(40))
    scenario_digest: Mapped[str] = mapped_column(String(64))
    seed: Mapped[int] = mapped_column(BigInteger)
    exercise_id: Mapped[int | None] = mapped_column(ForeignKey("simulation_exercise.id"), index=True)
    team: Mapped[str] = mapped_column(String(60), default="")
    weights: Mapped[dict[str, int]] = mapped_column(JSON, default=dict)
    weights_reason: Mapped[str] = mapped_column(Text, default="")
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    outcome: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    outcome_score: Mapped[float | None]
    regrets: Mapped[list[dict[str, float | None]] | None] = mapped_column(JSON(none_as_null=True))
    decision_score: Mapped[float | None]
    curiosity: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))


class SimulationEvent(Base):
    """A decision or an inquiry, in order. `note` is why the trainee did it."""

    __tablename__ = "simulation_event"
    __table_args__ = (UniqueConstraint("run_id", "sequence"), UniqueConstraint("run_id", "idempotency_key"))

    id: Mapped[int] = mapped_column(primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("simulation_run.id"), index=True)
    sequence: Mapped[int]
    round: Mapped[int]
    kind: Mapped[str] = mapped_column(String(20))
    payload: Mapped[dict[str, Any]] = mapped_column(JSON)
    note: Mapped[str] = mapped_column(Text, default="")
    idempotency_key: Mapped[str] = mapped_column(String(64))
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)


class CaseAnswer(Base):
    """What a trainee answered to a case before the tool's advice was seen (`first`) and after (`final`).

    Both are None where the cases of a round were passed over: the advice has then been seen without an answer.
    """

    __tablename__ = "case_answer"
    __table_args__ = (UniqueConstraint("run_id", "case_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("simulation_run.id"), index=True)
    round: Mapped[int]
    case_id: Mapped[str] = mapped_column(String(80))
    first: Mapped[str | None] = mapped_column(String(40))
    final: Mapped[str | None] = mapped_column(String(40))
    first_at: Mapped[datetime] = mapped_column(UtcDateTime)
    final_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class SimulationAside(Base):
    """What was done on a device without a link and could not be taken over into the run; kept for its trainee to read.

    `reason` says why (app/sims/played.py); `done` is what the device sent, `digest` of it, so that it is kept once.
    `run_id` is None where no run could be begun.
    """

    __tablename__ = "simulation_aside"
    __table_args__ = (UniqueConstraint("trainee_id", "digest"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    trainee_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    academy_id: Mapped[int] = mapped_column(ForeignKey("academy.id"), index=True)
    module_id: Mapped[str] = mapped_column(String(80))
    activity_id: Mapped[str] = mapped_column(String(80))
    run_id: Mapped[int | None] = mapped_column(ForeignKey("simulation_run.id"), index=True)
    reason: Mapped[str] = mapped_column(String(20))
    done: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    digest: Mapped[str] = mapped_column(String(64))
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Memo(Base):
    """What a trainee writes to the minister after a run, under the cohort of its exercise or the one joined last."""

    __tablename__ = "memo"

    id: Mapped[int] = mapped_column(primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("simulation_run.id"), unique=True)
    cohort_id: Mapped[int | None] = mapped_column(ForeignKey("cohort.id"), index=True)
    text: Mapped[str] = mapped_column(Text)
    submitted_at: Mapped[datetime] = mapped_column(UtcDateTime)


class MemoMark(Base):
    """A person's points for a memo, by the chosen level of each row of the rubric.

    The highest `number` counts; none is overwritten.
    """

    __tablename__ = "memo_mark"
    __table_args__ = (UniqueConstraint("memo_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    memo_id: Mapped[int] = mapped_column(ForeignKey("memo.id"), index=True)
    number: Mapped[int]
    points: Mapped[float]
    levels: Mapped[dict[str, str]] = mapped_column(JSON)
    comment: Mapped[str] = mapped_column(Text)
    marker_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    marked_at: Mapped[datetime] = mapped_column(UtcDateTime)
