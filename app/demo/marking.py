"""Memos marked by two people, so that there is something to say about how far markers agree."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import Account, Cohort
from app.content.schemas import Catalogue
from app.demo.people import BUYING, COHORTS, DEMO_PEOPLE
from app.demo.work import play
from app.marking import queries, service
from app.marking.service import Given
from app.marking.work import MEMO, RUN, Key
from app.sims import service as sims
from app.sims.models import SimulationRun

FIRST, SECOND = "bilal", "rabia"
# Who wrote what, and the levels of the rubric's rows that either marker gave: they agree often, and not always.
MEMOS = {
    "erum": (
        "وینڈر کے اپنے اعداد پر فیصلہ نہ کریں۔ ہمارے آزمائشی معاملات میں آلہ ہر دس میں سے تین بار غلط تھا۔ معاہدے میں "
        "ڈیٹا واپس لینے کی شق رکھیں۔",
        ("high", "middle", "full"),
        ("high", "middle", "full"),
    ),
    "iqra": (
        "We tested both systems on 200 of our own cases. The cheaper one fails in Pashto, which half of the letters "
        "are in. Take the other, and pay the last part only after a quarter in use.",
        ("full", "high", "full"),
        ("full", "high", "high"),
    ),
    "kiran": (
        "The pilot went well and everybody liked it. We should buy it soon, before the price goes up.",
        ("low", "none", "low"),
        ("low", "low", "low"),
    ),
    "laila": (
        "آزمائش میں آلہ دیہی درخواستوں پر کمزور رہا۔ اسے صرف شہروں میں شروع کریں اور چھے ماہ بعد دوبارہ جانچیں؛ قیمت "
        "زیادہ ہوگی مگر غلطیاں کم۔",
        ("middle", "high", "high"),
        ("middle", "high", "high"),
    ),
    "mansoor": (
        "Buy the first one. Its report says that it is right in 97 of 100 cases.",
        ("none", "none", "middle"),
        ("none", "none", "low"),
    ),
    "nadia": (
        "Without the exit clause we cannot leave before 2030. I would rather wait a month for it than sign now; the "
        "officers who would use the tool say the same.",
        ("middle", "full", "high"),
        ("high", "full", "high"),
    ),
}


def mark_twice(session: Session, people: Mapping[str, Account], catalogue: Catalogue) -> None:
    """Have memos of one course written, all of them drawn for a second mark, and marked twice."""
    module = catalogue.module(BUYING)
    finished = {person.username for person in DEMO_PEOPLE if person.finished == BUYING}
    for username in MEMOS.keys() - finished:
        play(session, people[username], module)
    named = select(Cohort.id).where(Cohort.name == COHORTS[BUYING])
    shares = queries.shares(session, people[FIRST], catalogue, session.scalars(named).one())
    runs = {
        username: session.scalars(
            select(SimulationRun).where(
                SimulationRun.trainee_id == people[username].id, SimulationRun.module_id == BUYING
            )
        ).one()
        for username in MEMOS
    }
    service.set_shares(session, people[FIRST], shares, {run.activity_id: 100 for run in runs.values()}, shares.percents)
    for username, (text, first, second) in MEMOS.items():
        sims.write_memo(session, runs[username], text)
        key = Key(RUN, runs[username].id, MEMO)
        found = queries.work(session, people[FIRST], key)
        service.mark(session, people[FIRST], catalogue, found, _given(catalogue, first), seen=0)
        waiting = queries.work_to_second(session, people[SECOND], key)
        service.mark_second(session, people[SECOND], catalogue, waiting, _given(catalogue, second))


def _given(catalogue: Catalogue, chosen: tuple[str, ...]) -> Given:
    rubric = catalogue.memo_rubric
    levels = {row.id: level for row, level in zip(rubric, chosen, strict=True)}
    return Given(sum(row.points(levels[row.id]) or 0.0 for row in rubric), "", levels)
