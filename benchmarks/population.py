"""An academy of any size with evidence of simulated trainees, straight into the tables.

`python -m benchmarks.population DATABASE_URL --trainees N` fills a database that holds the demo: a cohort for
every fifty trainees, fifty pieces of evidence for each, half of all in the demo's academy and the rest in six others.
Two thirds of the demo's academy agree to research.
Each instructor teaches up to twenty cohorts; the demo's own one the last ones of their academy.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
from sqlalchemy import Engine, insert, select
from sqlalchemy.orm import DeclarativeBase

from app.accounts.consent import WORDINGS, Consent, Purpose
from app.accounts.models import Academy, Account, Cohort, Enrolment, Posting
from app.competencies.models import Evidence, EvidenceKind
from app.competencies.service import WEIGHTS
from app.core.access import Role
from app.core.classes import CohortInstructor
from app.core.db import begin, make_engine

SEED = 2_026
OF_COHORT = 50
OF_INSTRUCTOR = 20
INSTRUCTOR = "bilal"
PIECES = 50
# Beyond the numbers of what the demo's people did.
OF_ATTEMPTS = 1_000_000
ROWS_AT_A_TIME = 50_000
DAYS = 540
OTHER_ACADEMIES = ("federal", "punjab", "sindh", "balochistan", "gilgit-baltistan", "ajk")
# One trainee in so many is in a second cohort too.
TWICE_ENROLLED = 10
DEPARTMENTS = 40
# What a trainee of a module leaves: kind, how many pieces, competencies that they speak of.
LEFT_BEHIND = (
    (EvidenceKind.QUIZ_ITEM, 20, ("D1.1", "D1.2", "D2.1", "D2.2")),
    (EvidenceKind.NOTEBOOK_CELL, 18, ("D2.1", "D2.2", "D2.3")),
    (EvidenceKind.SIMULATION_DECISION, 8, ("D3.1", "D3.3")),
    (EvidenceKind.INQUIRY, 3, ("D2.2", "D6.4")),
    (EvidenceKind.WRITTEN_PRODUCT, 1, ("D4.1",)),
)
# Where each kind comes from, as app/competencies/presentation.py knows it; the attempts themselves are left out.
SOURCES = {
    EvidenceKind.QUIZ_ITEM: "quiz_attempt",
    EvidenceKind.NOTEBOOK_CELL: "submission",
    EvidenceKind.WRITTEN_PRODUCT: "submission",
}
DIFFICULTIES = (-1.0, 0.0, 0.5, 1.0)


@dataclass(frozen=True)
class Population:
    """How many there are of each."""

    trainees: int
    cohorts: int
    pieces: int


def fill(engine: Engine, trainees: int) -> Population:
    """Bring so many trainees in, with their cohorts and evidence; the same for the same number."""
    dice = np.random.default_rng(SEED)
    began = datetime.now(UTC) - timedelta(days=DAYS)
    with begin(engine) as session:
        session.execute(insert(Academy), [{"slug": slug, "name_en": slug, "name_ur": slug} for slug in OTHER_ACADEMIES])
        academies = list(session.scalars(select(Academy.id).order_by(Academy.id)))
        first = {
            table: (session.scalar(select(table.id).order_by(table.id.desc())) or 0) + 1 for table in (Account, Cohort)
        }
        known = session.scalars(select(Account.id).where(Account.username == INSTRUCTOR)).one()
    numbers = range(first[Account], first[Account] + trainees)
    of_academy = [
        academies[0] if each % 2 else academies[1 + each // 2 % 6] for each in range(-(-trainees // OF_COHORT))
    ]
    cohorts = range(first[Cohort], first[Cohort] + len(of_academy))
    academy_of = [of_academy[place // OF_COHORT] for place in range(trainees)]
    _write(engine, Cohort, ("id", "academy_id", "name", "module_id"), _cohorts(cohorts, of_academy))
    _write(engine, Account, ACCOUNT_COLUMNS, _accounts(numbers, academy_of, began))
    _write(engine, Posting, ("account_id", "department", "grade", "district"), _postings(numbers))
    _write(engine, Enrolment, ("cohort_id", "trainee_id", "enrolled_at"), _enrolments(numbers, cohorts, began))
    agreeing = _consents(numbers, academy_of, academies[0], began)
    _write(engine, Consent, ("account_id", "purpose", "wording", "is_given", "answered_at"), agreeing)
    teach = _shared_out(cohorts, of_academy, {academies[0]: known}, numbers.stop)
    newcomers = {number: academy for number, academy, _cohorts in teach if number != known}
    _write(engine, Account, ACCOUNT_COLUMNS, _accounts(newcomers, newcomers.values(), began, Role.INSTRUCTOR))
    of_instructors = ((cohort, number, began) for number, _academy, some in teach for cohort in some)
    _write(engine, CohortInstructor, ("cohort_id", "instructor_id", "named_at"), of_instructors)
    _write(engine, Evidence, EVIDENCE_COLUMNS, _evidence(numbers, academy_of, began, dice))
    return Population(trainees, len(of_academy), trainees * PIECES)


ACCOUNT_COLUMNS = (
    *("id", "academy_id", "username", "full_name", "role", "language", "password_hash"),
    *("credentials_number", "created_at"),
)
EVIDENCE_COLUMNS = (
    *("trainee_id", "academy_id", "competency", "level", "kind", "outcome", "difficulty", "weight", "source", "part"),
    *("at", "recorded_at"),
)


def _cohorts(numbers: range, academies: Sequence[int]) -> Iterator[tuple[Any, ...]]:
    for number, academy in zip(numbers, academies, strict=True):
        yield number, academy, f"Cohort {number:05}", "measure-to-manage"


def _shared_out(
    cohorts: range, academies: Sequence[int], known: Mapping[int, int], first: int
) -> list[tuple[int, int, list[int]]]:
    """Instructors with their academy and the cohorts they teach. known: who teaches the last ones of an academy."""
    found, number = [], first
    for academy in sorted(set(academies)):
        own = [cohort for cohort, of in zip(cohorts, academies, strict=True) if of == academy]
        for place in range(len(own), 0, -OF_INSTRUCTOR):
            is_last = place == len(own) and academy in known
            found.append((known[academy] if is_last else number, academy, own[max(0, place - OF_INSTRUCTOR) : place]))
            number += not is_last
    return found


def _accounts(
    numbers: Iterable[int], academies: Iterable[int], at: datetime, role: Role = Role.TRAINEE
) -> Iterator[tuple[Any, ...]]:
    for number, academy in zip(numbers, academies, strict=True):
        language = ("en", "ur")[number % 2]
        yield (
            number,
            academy,
            f"officer{number}",
            f"Officer Number {number:06}",
            role.value,
            language,
            "",
            1,
            at,
        )


def _postings(numbers: range) -> Iterator[tuple[Any, ...]]:
    for number in numbers:
        yield number, f"Department {number % DEPARTMENTS}", 14 + number % 8, f"District {number % 36}"


def _consents(numbers: range, academies: Sequence[int], agreeing: int, at: datetime) -> Iterator[tuple[Any, ...]]:
    """agreeing: of which academy two thirds agree to research."""
    for number, academy in zip(numbers, academies, strict=True):
        if academy == agreeing and number % 3:
            yield number, Purpose.RESEARCH.value, WORDINGS[Purpose.RESEARCH], True, at


def _enrolments(numbers: range, cohorts: range, at: datetime) -> Iterator[tuple[Any, ...]]:
    for place, number in enumerate(numbers):
        yield cohorts[place // OF_COHORT], number, at
        # A later cohort of the same academy, which has every second of them.
        if place % TWICE_ENROLLED == 0 and place // OF_COHORT + 2 < len(cohorts):
            yield cohorts[place // OF_COHORT + 2], number, at


def _evidence(
    numbers: range, academies: Sequence[int], began: datetime, dice: np.random.Generator
) -> Iterator[tuple[Any, ...]]:
    moments = [began + timedelta(days=day, hours=4) for day in range(DAYS)]
    for number, academy in zip(numbers, academies, strict=True):
        ability = float(dice.beta(4, 3))
        luck = dice.random(PIECES).tolist()
        days = dice.integers(0, DAYS, PIECES).tolist()
        piece = 0
        for kind, count, codes in LEFT_BEHIND:
            for part in range(count):
                # An answer is right or wrong; a run or a product is more or less good.
                is_answer = kind in (EvidenceKind.QUIZ_ITEM, EvidenceKind.NOTEBOOK_CELL)
                outcome = (
                    float(luck[piece] < ability) if is_answer else min(1.0, max(0.0, ability + luck[piece] / 2 - 0.25))
                )
                at = moments[days[piece]]
                yield (
                    *(number, academy, codes[part % len(codes)], 2, kind.value, outcome),
                    *(
                        DIFFICULTIES[part % 4],
                        WEIGHTS[kind],
                        f"{SOURCES.get(kind, 'run')}:{OF_ATTEMPTS + number * PIECES + part}",
                        f"part{part}",
                        at,
                        at,
                    ),
                )
                piece += 1


def _write(
    engine: Engine, table: type[DeclarativeBase], columns: Sequence[str], rows: Iterator[tuple[Any, ...]]
) -> None:
    """By the database's own way for many rows; what the product writes is measured elsewhere."""
    name = table.__tablename__
    with engine.connect() as connection:
        raw: Any = connection.connection.driver_connection
        if engine.dialect.name == "postgresql":
            with raw.cursor() as cursor, cursor.copy(f"COPY {name} ({', '.join(columns)}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
            raw.commit()
            return
        raw.execute("PRAGMA synchronous=OFF")
        raw.execute("PRAGMA query_only=OFF")
        raw.execute("BEGIN IMMEDIATE")
        marks = ", ".join("?" * len(columns))
        texts = (tuple(_as_text(value) for value in row) for row in rows)
        raw.executemany(f"INSERT INTO {name} ({', '.join(columns)}) VALUES ({marks})", texts)
        raw.execute("COMMIT")


def _as_text(value: Any) -> Any:
    """Moments as SQLAlchemy stores them in SQLite."""
    return value.strftime("%Y-%m-%d %H:%M:%S.%f") if isinstance(value, datetime) else value


def main() -> int:
    """Fill the database that is named."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.population", description=__doc__)
    parser.add_argument("database")
    parser.add_argument("--trainees", type=int, default=100_000)
    chosen = parser.parse_args()
    began = time.perf_counter()
    made = fill(make_engine(chosen.database), chosen.trainees)
    print(f"{made} in {time.perf_counter() - began:.0f} s", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
