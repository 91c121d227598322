"""What each row of a file would do to the people there are: a pure comparison, made for the preview and again before
it is applied, so that nothing is done that was not shown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from app.accounts.postings import BeginsTooEarly, Place, change_of
from app.core.access import Role
from app.people.columns import GivenRow, Problem
from app.people.models import Outcome

PROFILE = ("full_name", "role", "language")


@dataclass(frozen=True)
class Taught:
    """A cohort that somebody teaches. since: when they were named."""

    cohort_id: int
    name: str
    since: datetime

    def as_json(self) -> dict[str, Any]:
        return {"cohort": self.cohort_id, "name": self.name, "since": self.since.isoformat()}

    @classmethod
    def of_json(cls, kept: Mapping[str, Any]) -> Taught:
        return cls(kept["cohort"], kept["name"], datetime.fromisoformat(kept["since"]))


@dataclass(frozen=True)
class Known:
    """A person of the academy as they are.

    former_began_on: when the posting before the present one did; cohorts: ids of those they are in; teaches: those
    they teach.
    """

    id: int
    full_name: str
    role: Role
    language: str
    posting_id: int | None
    place: Place | None
    former_began_on: date | None
    cohorts: frozenset[int]
    teaches: tuple[Taught, ...]


@dataclass(frozen=True)
class Academy:
    """What rows are compared with. cohorts: ids by name."""

    people: Mapping[str, Known]
    cohorts: Mapping[str, tuple[int, ...]]
    actor_id: int
    gives_roles: bool


@dataclass
class PlannedRow:
    """before and after: what differs, by field; `cohorts` are those joined, `teaches` those taught from now on, and
    before those that are taught no more, which of an instructor who gets another role is there even if it is none.
    """

    given: GivenRow
    outcome: Outcome
    account_id: int | None = None
    before: dict[str, Any] = field(default_factory=dict)
    after: dict[str, Any] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


def plan(rows: Iterable[GivenRow], academy: Academy, *, today: date) -> list[PlannedRow]:
    """What each row would do. today: the day on which a transfer without a date begins."""
    return [_planned(row, academy, today) for row in rows]


def _planned(row: GivenRow, academy: Academy, today: date) -> PlannedRow:
    known = academy.people.get(row.username)
    planned = PlannedRow(row, Outcome.SAME if known else Outcome.NEW, known.id if known else None)
    planned.problems = list(row.problems)
    _profile(planned, known, academy)
    _posting(planned, known, today)
    _cohorts(planned, known, academy)
    _teaching(planned, known, academy)
    if planned.problems:
        return PlannedRow(row, Outcome.WRONG, problems=planned.problems)
    if known and planned.after:
        planned.outcome = Outcome.CHANGED
    return planned


def _profile(planned: PlannedRow, known: Known | None, academy: Academy) -> None:
    said = {name: planned.given.values[name] for name in PROFILE if name in planned.given.values}
    present = {name: str(getattr(known, name)) for name in PROFILE} if known else {}
    if known is None:
        if "full_name" not in said and not any(each.column == "full_name" for each in planned.problems):
            planned.problems.append(Problem("full_name", "missing"))
        said = {"role": Role.TRAINEE.value, "language": "en"} | said
    planned.after |= {name: value for name, value in said.items() if present.get(name) != value}
    planned.before |= {name: present[name] for name in planned.after if name in present}
    is_other_role = planned.after.get("role", Role.TRAINEE) != Role.TRAINEE or "role" in planned.before
    if is_other_role and not academy.gives_roles:
        planned.problems.append(Problem("role", "role_not_given", said["role"]))
    elif known and known.id == academy.actor_id and "role" in planned.after:
        planned.problems.append(Problem("role", "own_role", said["role"]))


def _posting(planned: PlannedRow, known: Known | None, today: date) -> None:
    values = planned.given.values
    said: dict[str, Any] = {name: values[name] for name in ("department", "grade", "district") if name in values}
    if "posting_date" in values:
        said["begins_on"] = values["posting_date"]
    present = known.place if known else None
    try:
        former = known.former_began_on if known else None
        change = change_of(present, said, former_began_on=former, today=today)
    except BeginsTooEarly as early:
        planned.problems.append(Problem("posting_date", "begins_too_early", early.begins_on.isoformat()))
        return
    if change is not None:
        planned.after["posting"] = change[1].as_json() | {"change": change[0].value}
        if known and present:
            planned.before["posting"] = present.as_json() | {"id": known.posting_id}


def _cohorts(planned: PlannedRow, known: Known | None, academy: Academy) -> None:
    joined = _new_ones(planned, planned.given.cohorts, academy, known.cohorts if known else frozenset())
    if joined and _role(planned, known) != Role.TRAINEE:
        planned.problems.append(Problem("cohort", "not_a_trainee", ", ".join(joined)))
    if joined:
        planned.after["cohorts"] = joined


def _teaching(planned: PlannedRow, known: Known | None, academy: Academy) -> None:
    """Whoever is no instructor here teaches nothing here, whatever the file says."""
    teaches = known.teaches if known else ()
    if planned.before.get("role") == Role.INSTRUCTOR:
        planned.before["teaches"] = [each.as_json() for each in teaches]
    if _role(planned, known) != Role.INSTRUCTOR:
        return
    present = frozenset(each.cohort_id for each in teaches)
    if taught := _new_ones(planned, planned.given.teaches, academy, present):
        planned.after["teaches"] = taught


def _new_ones(planned: PlannedRow, names: Iterable[str], academy: Academy, present: frozenset[int]) -> dict[str, int]:
    """Ids of the cohorts of these names, but those of the present; a name of none or of several is a problem."""
    found: dict[str, int] = {}
    for name in names:
        called = academy.cohorts.get(name, ())
        if len(called) != 1:
            planned.problems.append(Problem("cohort", "several_cohorts" if called else "no_cohort", name))
        elif called[0] not in present:
            found[name] = called[0]
    return found


def _role(planned: PlannedRow, known: Known | None) -> str:
    """What the person is once the row is applied."""
    return planned.after.get("role") or (known.role if known else Role.TRAINEE)
