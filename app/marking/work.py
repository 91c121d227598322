"""What a person marks, be it a written answer of a notebook or a memo after a simulation, and the rules for both."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from app.content.schemas import Rubric
from app.core.access import Actor
from app.core.drawing import drawn
from app.gradebook.models import CellMark, Grade
from app.gradebook.points import MarkedCell, rubric_points
from app.marking.models import MarkClaim, SecondMark
from app.notebooks.models import Submission
from app.sims.models import Memo, MemoMark, SimulationRun

SUBMISSION, RUN = "submission", "run"
MEMO = "memo"


class Key(NamedTuple):
    """What tells work from all other work: the cell of a submission, or MEMO of a run."""

    kind: str
    number: int
    part: str

    @property
    def source(self) -> str:
        """Where it comes from, as evidence and the audit log name it."""
        return f"{self.kind}:{self.number}"

    def is_drawn(self, percent: int) -> bool:
        """Whether it is in the share of all work, by a number that nobody can choose, that a second person marks."""
        return drawn(f"{self.number}:{self.part}") < percent


class Task(NamedTuple):
    """What all work of one kind shares: the lab and the cell, or the simulation and MEMO."""

    module_id: str
    activity_id: str
    part: str


@dataclass(frozen=True, kw_only=True)
class _Work(ABC):
    """Work for a person to mark, without the name of who did it.

    mark: the first one, which counts. marked_by: ids of all who gave a first mark, also one that another replaced.
    second_percent: share of such work that a second person marks as well.
    """

    mark: CellMark | MemoMark | None
    marked_by: frozenset[int]
    second_percent: int
    claim: MarkClaim | None
    second: SecondMark | None

    @property
    @abstractmethod
    def key(self) -> Key: ...

    @property
    @abstractmethod
    def task(self) -> Task: ...

    @property
    @abstractmethod
    def academy_id(self) -> int: ...

    @property
    @abstractmethod
    def received_at(self) -> datetime: ...

    @property
    @abstractmethod
    def points(self) -> float | None:
        """None while it waits for a person."""

    @property
    def is_written(self) -> bool:
        """Whether only a person can mark it; a test is marked by one after a request."""
        return True

    @property
    def is_disputed(self) -> bool:
        """Whether a request for a re-grade waits for its answer."""
        return False

    @property
    def waits(self) -> bool:
        return self.points is None

    @property
    def mark_number(self) -> int:
        """Number of the mark that counts, 0 for none."""
        return self.mark.number if self.mark else 0

    def is_taken(self, marker: Actor, now: datetime) -> bool:
        """Whether another marker has it open."""
        return self.claim is not None and self.claim.until > now and self.claim.marker_id != marker.id

    def is_free(self, marker: Actor, now: datetime) -> bool:
        """Whether it waits for a mark and no other marker has it open."""
        return self.waits and not self.is_taken(marker, now)

    @property
    def is_sampled(self) -> bool:
        """Whether a second person marks it as well."""
        return self.is_written and self.key.is_drawn(self.second_percent)

    @property
    def known_to(self) -> frozenset[int]:
        """Ids of all who know of a first mark, having given one or judged it."""
        return self.marked_by

    def may_be_seconded_by(self, marker: Actor) -> bool:
        """Whether it is one to be marked twice, has its first mark, and this marker knows of none."""
        return self.is_sampled and not self.waits and marker.id not in self.known_to

    def waits_for_second(self, marker: Actor) -> bool:
        """Whether this marker can give it its second mark."""
        return self.second is None and self.may_be_seconded_by(marker)

    def is_shown_to(self, marker: Actor) -> bool:
        """Whether this marker may see the first mark: not before giving the second one, unless a request waits."""
        return self.is_disputed or not self.waits_for_second(marker)


@dataclass(frozen=True, kw_only=True)
class Answer(_Work):
    """An answer in a cell of a submission, or a test that somebody asks about."""

    submission: Submission
    grade: Grade
    cell: MarkedCell

    @property
    def key(self) -> Key:
        return Key(SUBMISSION, self.submission.id, self.cell.grade.cell)

    @property
    def task(self) -> Task:
        return Task(self.submission.module_id, self.submission.activity_id, self.cell.grade.cell)

    @property
    def academy_id(self) -> int:
        return self.submission.academy_id

    @property
    def received_at(self) -> datetime:
        return self.submission.submitted_at

    @property
    def points(self) -> float | None:
        return self.cell.points

    @property
    def is_written(self) -> bool:
        return self.cell.grade.needs_manual_grade

    @property
    def is_disputed(self) -> bool:
        return self.cell.is_disputed


@dataclass(frozen=True, kw_only=True)
class RunMemo(_Work):
    """The memo to the minister after a run. judged_by: ids of all who decided on a dispute of it."""

    memo: Memo
    run: SimulationRun
    judged_by: frozenset[int]

    @property
    def key(self) -> Key:
        return Key(RUN, self.run.id, MEMO)

    @property
    def task(self) -> Task:
        return Task(self.run.module_id, self.run.activity_id, MEMO)

    @property
    def academy_id(self) -> int:
        return self.run.academy_id

    @property
    def received_at(self) -> datetime:
        return self.memo.submitted_at

    @property
    def known_to(self) -> frozenset[int]:
        return self.marked_by | self.judged_by

    @property
    def points(self) -> float | None:
        return self.mark.points if self.mark else None


Work = Answer | RunMemo
FirstMark = CellMark | MemoMark


@dataclass(frozen=True)
class Pair:
    """Work that two persons marked, neither knowing of the other's mark. first: that which stood at the second one."""

    work: Work
    first: FirstMark
    second: SecondMark

    def points(self, rubric: Rubric) -> tuple[float, float]:
        """What the two are worth by the present rubric; as they were given where it does not know their levels."""
        one, other = (rubric_points(rubric, mark.levels) for mark in (self.first, self.second))
        if one is not None and other is not None:
            return one, other
        return self.first.points or 0.0, self.second.points

    @property
    def is_to_talk_about(self) -> bool:
        """Whether they differ, in points or in levels that give the same, and the mark that counts still says what the
        first one said.
        """
        counts = self.work.mark
        if counts is None or self.work.waits or _said(counts) != _said(self.first):
            return False
        if bool(self.first.levels) != bool(self.second.levels):
            return self.first.points != self.second.points
        return _said(self.first) != _said(self.second)


def _said(mark: FirstMark | SecondMark) -> object:
    """What stays of a mark when the points of the rubric's levels change."""
    return mark.levels or mark.points
