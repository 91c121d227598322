"""The kept sums of evidence: brought up to date with it in the same transaction, made anew when the method changes."""

from __future__ import annotations

import logging
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from itertools import groupby
from typing import Any

from sqlalchemy import Engine, Row, Select, case, delete, exists, func, select, tuple_
from sqlalchemy.orm import Session

from app.accounts.models import Account
from app.competencies.estimation import METHOD_VERSION, Piece, reliability, tally
from app.competencies.models import Evidence, EvidenceKind, MarkingScheme, SchemeReliability, SkillTally
from app.core.db import before_commit, begin, insert_into, lock_table

# Of trainee and competency.
Key = tuple[int, str]
Values = dict[str, Any]
TRAINEES_AT_A_TIME = 1_000
# Each takes twelve values of a statement, of which SQLite takes 32,766.
KEYS_AT_A_TIME = 2_000
STEP = "skill tallies"
# The sums of nothing: a row to lock while the first evidence comes in, and what is left where the last was withdrawn.
NOTHING: Values = {
    "day": date(1970, 1, 1),
    "successes": 0.0,
    "failures": 0.0,
    "first_level_successes": 0.0,
    "first_level_failures": 0.0,
    "pieces": 0,
    "kinds": "",
    "has_seconded_product": False,
    "method": METHOD_VERSION,
}

SUMS = ("successes", "failures", "first_level_successes", "first_level_failures")

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Recomputed:
    """What a full recomputation found. differing: keys of kept sums that did not follow from the evidence."""

    pieces: int
    tallies: int
    differing: tuple[Key, ...]


@cache
def kinds_of(written: str) -> frozenset[EvidenceKind]:
    """As SkillTally.kinds has them."""
    return frozenset(EvidenceKind(kind) for kind in written.split())


def note_change(session: Session, evidence: Evidence) -> None:
    """Have the sums of this evidence's competency made anew before the transaction ends."""
    _note(session, {(evidence.trainee_id, evidence.competency): evidence.academy_id})


def note_settled(session: Session, scheme: MarkingScheme) -> None:
    """The same for all evidence that was marked by this scheme."""
    statement = select(Evidence.trainee_id, Evidence.competency, Evidence.academy_id)
    marked = session.execute(statement.where(Evidence.scheme_id == scheme.id, Evidence.superseded_at.is_(None)))
    _note(session, {(trainee_id, competency): academy_id for trainee_id, competency, academy_id in marked})


def _note(session: Session, academies: dict[Key, int]) -> None:
    changed: dict[Key, int] = session.info.setdefault("changed_skills", {})
    changed |= academies
    before_commit(session, STEP, _refresh)


def bring_up_to_date(engine: Engine) -> None:
    """Make all sums anew where another version of the method, or none, made those that are kept."""
    with begin(engine, read_only=True) as session:
        is_current = session.scalar(select(exists().where(SkillTally.method == METHOD_VERSION)))
        has_others = session.scalar(select(exists().where(SkillTally.method != METHOD_VERSION)))
        has_evidence = session.scalar(select(exists().where(Evidence.superseded_at.is_(None))))
    if has_others or (has_evidence and not is_current):
        # All or none, since whatever is of the present version is taken for whole.
        with begin(engine) as session:
            pieces = sum(_recompute_some(session, first, keep=True).pieces for first in _firsts(session))
        log.info("estimates: %s pieces of evidence added up by %s", pieces, METHOD_VERSION)


def recompute(engine: Engine, *, keep: bool = True) -> Recomputed:
    """Add up all evidence in force, compare with the sums that are kept, and keep the new ones.

    keep: False compares only. Memory does not grow with the number of trainees, and whoever records evidence meanwhile
    waits for some of them at most.
    """
    with begin(engine, read_only=True) as session:
        firsts = _firsts(session)
    found = []
    for first in firsts:
        with begin(engine) as session:
            found.append(_recompute_some(session, first, keep=keep))
    differing = tuple(key for each in found for key in each.differing)
    return Recomputed(sum(each.pieces for each in found), sum(each.tallies for each in found), differing)


def _firsts(session: Session) -> range:
    """The first number of each group of trainees."""
    return range(0, (session.scalar(select(func.max(Account.id))) or 0) + 1, TRAINEES_AT_A_TIME)


def _recompute_some(session: Session, first: int, *, keep: bool) -> Recomputed:
    lock_table(session, SkillTally)
    last = first + TRAINEES_AT_A_TIME - 1
    within = SkillTally.trainee_id.between(first, last)
    kept = {(row.trainee_id, row.competency): row for row in session.scalars(select(SkillTally).where(within))}
    statement = _in_force().where(Evidence.trainee_id.between(first, last))
    found = {_key(values): values for values in _added_up(session.execute(statement))}
    differing = sorted(key for key in kept.keys() | found.keys() if not _agree(kept.get(key), found.get(key)))
    session.expunge_all()
    if keep:
        session.execute(delete(SkillTally).where(within))
        _put(session, list(found.values()))
    return Recomputed(sum(values["pieces"] for values in found.values()), len(found), tuple(differing))


def _refresh(session: Session) -> None:
    """The sums of what this transaction changed; rows are locked in one order, so that nobody waits in a circle."""
    session.flush()
    academies: dict[Key, int] = session.info.pop("changed_skills")
    in_order = sorted(academies)
    for first in range(0, len(in_order), KEYS_AT_A_TIME):
        _refresh_some(session, in_order[first : first + KEYS_AT_A_TIME], academies)


def _refresh_some(session: Session, keys: Sequence[Key], academies: dict[Key, int]) -> None:
    columns = (SkillTally.trainee_id, SkillTally.competency)
    blank = {key: {"trainee_id": key[0], "competency": key[1], "academy_id": academies[key], **NOTHING} for key in keys}
    session.execute(insert_into(session, SkillTally).values(list(blank.values())).on_conflict_do_nothing())
    locked = select(SkillTally.pieces).where(tuple_(*columns).in_(keys)).order_by(*columns).with_for_update()
    session.execute(locked).all()
    of_keys = _in_force().where(tuple_(Evidence.trainee_id, Evidence.competency).in_(keys))
    found = {_key(values): values for values in _added_up(session.execute(of_keys))}
    _put(session, [found.get(key, blank[key]) for key in keys])


def _in_force() -> Select[*tuple[Any, ...]]:
    """The evidence that counts, in the order of trainees and competencies."""
    newest = select(func.max(SchemeReliability.id)).group_by(SchemeReliability.scheme_id)
    settled = select(SchemeReliability).where(SchemeReliability.id.in_(newest)).subquery()
    by_people = func.coalesce(settled.c.reliability, reliability(0, None))
    return (
        select(
            *(Evidence.trainee_id, Evidence.competency, Evidence.academy_id, Evidence.id, Evidence.kind),
            *(Evidence.outcome, Evidence.difficulty, Evidence.weight, Evidence.source, Evidence.at),
            case((Evidence.scheme_id.is_(None), 1.0), else_=by_people).label("reliability"),
            Evidence.seconded_at.is_not(None).label("is_seconded"),
        )
        .outerjoin(settled, settled.c.scheme_id == Evidence.scheme_id)
        .where(Evidence.superseded_at.is_(None))
        .order_by(Evidence.trainee_id, Evidence.competency, Evidence.id)
    )


def _added_up(rows: Iterable[Row[Any]]) -> Iterator[Values]:
    """Each competency of each trainee as a row of the kept sums. rows: of _in_force."""
    for (trainee_id, competency), group in groupby(rows, key=lambda row: (row.trainee_id, row.competency)):
        of_key = list(group)
        found = tally(
            competency,
            [
                Piece(
                    *(row.id, row.kind, row.outcome, row.difficulty, row.weight, row.source, row.at),
                    reliability=row.reliability,
                    is_seconded=bool(row.is_seconded),
                )
                for row in of_key
            ],
        )
        yield {
            "trainee_id": trainee_id,
            "competency": competency,
            "academy_id": of_key[-1].academy_id,
            "day": found.day,
            "successes": found.successes,
            "failures": found.failures,
            "first_level_successes": found.first_level_successes,
            "first_level_failures": found.first_level_failures,
            "pieces": found.pieces,
            "kinds": " ".join(sorted(found.kinds)),
            "has_seconded_product": found.has_seconded_product,
            "method": METHOD_VERSION,
        }


def _put(session: Session, rows: Sequence[Values]) -> None:
    if not rows:
        return
    insert = insert_into(session, SkillTally)
    new = {name: insert.excluded[name] for name in ("academy_id", *NOTHING)}
    session.execute(insert.on_conflict_do_update(index_elements=["trainee_id", "competency"], set_=new), rows)


def _key(values: Values) -> Key:
    return values["trainee_id"], values["competency"]


def _agree(kept: SkillTally | None, found: Values | None) -> bool:
    if kept is None or found is None:
        return (kept is None or kept.pieces == 0) and found is None
    alike = ("academy_id", "day", "pieces", "kinds", "has_seconded_product")
    same = all(getattr(kept, name) == found[name] for name in alike)
    return same and all(math.isclose(getattr(kept, name), found[name]) for name in SUMS)
