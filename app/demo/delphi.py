"""A finished panel of experts, and one that asks."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from sqlalchemy.orm import Session

from app.accounts.models import Account
from app.core import clock
from app.delphi import service as delphi
from app.delphi.models import DelphiPanel, Question
from app.delphi.service import Opinion
from app.foresight import queries as foresight_queries
from foresight import Basis, Range

EXPERTS = ("hamza", "rabia", "mansoor", "iqra", "kiran", "laila")
OPEN = timedelta(days=14)
# Of each question the middle of what is said, by how much that differs in each round, and how far from it the ends are.
ASKED: tuple[tuple[Question, float, tuple[float, float], float], ...] = (
    (Question(name="ceiling", department=""), 0.55, (0.10, 0.06), 0.15),
    (Question(name="middle_year", department="Health"), 2029.0, (2.0, 2.0), 3.0),
    (Question(name="middle_year", department="Revenue"), 2028.0, (1.0, 1.0), 2.0),
)
REASONS = (
    "Two offices tried it last year, and half of the staff went back to paper.",
    "رابطہ اور بجلی پہلے چاہیے، پھر یہ تیزی سے پھیلے گا۔",
    "The software is bought; what is missing is people who check what it says.",
    "دوسرے صوبے میں تین سال لگے۔",
    "Rules for records have to come first, and they take two years.",
    "Citizens ask for it: half of the letters already come by telephone.",
)


def ask_experts(session: Session, people: Mapping[str, Account]) -> None:
    """A panel whose result was taken over into the scenario “as planned”, and one that asks about “fast”."""
    experts = [people[name] for name in EXPERTS]
    finished = _open(session, people["farid"], Basis.PLANNED, experts)
    _answer(session, finished, experts)
    delphi.close_now(session, people["farid"], finished.id)
    delphi.open_second(session, people["farid"], finished.id, clock.now() + OPEN)
    _answer(session, finished, experts)
    delphi.close_now(session, people["farid"], finished.id)
    delphi.apply(session, people["farid"], finished.id)
    _open(session, people["farid"], Basis.FAST, experts)


def _open(session: Session, administrator: Account, basis: Basis, experts: list[Account]) -> DelphiPanel:
    scenarios = {each.scenario.basis: each.scenario for each in foresight_queries.scenarios(session, administrator)}
    questions = [question for question, _middle, _apart, _ends in ASKED]
    return delphi.open_panel(session, administrator, scenarios[basis].id, questions, experts, clock.now() + OPEN)


def _answer(session: Session, panel: DelphiPanel, experts: list[Account]) -> None:
    asked = panel.rounds[-1]
    steps = [-1.0, -0.5, 0.0, 0.0, 0.5, 1.0]
    for place, expert in enumerate(experts):
        opinions = []
        for question, (_question, middle, apart, ends) in enumerate(ASKED):
            likely = middle + apart[asked.number - 1] * steps[(place + question) % len(steps)]
            said = Range(_plain(likely - ends), _plain(likely), _plain(likely + ends))
            opinions.append(Opinion(said, REASONS[(place + question) % len(REASONS)]))
        delphi.answer(session, expert, asked.id, opinions)


def _plain(number: float) -> float:
    """As people type it."""
    return round(number, 2)
