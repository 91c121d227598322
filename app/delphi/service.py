"""Writes of panels. Nothing here puts a person and an answer into one row, one log entry or one order."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy import delete
from sqlalchemy.orm import Session

from app.accounts import queries as accounts
from app.accounts.models import Account
from app.core import audit, clock
from app.core.access import Actor
from app.core.anonymity import write_anew
from app.core.errors import Refused
from app.core.locale import day_of
from app.core.spreadsheets import plain
from app.delphi import queries
from app.delphi.models import (
    DelphiExpert,
    DelphiOpinion,
    DelphiPanel,
    DelphiParticipation,
    DelphiRound,
    Question,
)
from app.foresight import queries as foresight_queries
from app.foresight import service as foresight_service
from app.foresight.models import ForesightScenarioVersion
from app.notices.service import tell
from app.notices.wording import Occasion
from foresight import Origin, Range, Scenario, of_department
from foresight.delphi import LEAST_EXPERTS, ROUNDS

# What experts expect is neither counted nor reported (app/foresight/columns.py).
QUALITY = "C"


@dataclass(frozen=True)
class Opinion:
    """What an expert says of one question, in the unit of its parameter."""

    likely: Range
    reason: str


class RoundClosed(Refused):
    """A round that is over takes no answers."""

    def __init__(self) -> None:
        super().__init__(_("This round is over. Nothing was stored."), status=409)


class AnsweredAlready(Refused):
    """Everybody answers once in a round."""

    def __init__(self) -> None:
        super().__init__(_("You have answered in this round already. What you sent now was not stored."), status=409)


class WrongStep(Refused):
    """The steps of a panel follow one another."""

    def __init__(self) -> None:
        super().__init__(_("This was done already, or its turn has not come. Reload the page."), status=409)


def open_panel(
    session: Session,
    actor: Actor,
    scenario_id: int,
    questions: Sequence[Question],
    experts: Sequence[Account],
    closes_at: datetime,
) -> DelphiPanel:
    """Begin to ask experts. Raises NotFound; Refused where there are too few experts."""
    foresight_queries.scenario_of_academy(session, actor, scenario_id)
    here = accounts.still_here(session, [each.id for each in experts])
    if len(here) < LEAST_EXPERTS:
        raise too_few(len(here))
    panel = DelphiPanel(
        academy_id=actor.academy_id,
        scenario_id=scenario_id,
        questions=list(questions),
        made_by_id=actor.id,
        made_at=clock.now(),
        applied_at=None,
        rounds=[],
    )
    session.add(panel)
    session.flush()
    session.add_all(DelphiExpert(panel_id=panel.id, account_id=each, named_at=clock.now()) for each in sorted(here))
    _open_round(session, actor, panel, closes_at)
    return panel


def too_few(count: int) -> Refused:
    """Why a panel of so many does not begin."""
    return Refused(
        _(
            "A panel needs at least %(least)s experts, and these are %(count)s: of fewer, what one person said "
            "could be told from the figures.",
            least=LEAST_EXPERTS,
            count=count,
        )
    )


def open_second(session: Session, actor: Actor, panel_id: int, closes_at: datetime) -> None:
    """Ask once more, with what was said. Raises NotFound; WrongStep unless enough answered in the first round."""
    panel = queries.panel_of_academy(session, actor, panel_id, lock=True)
    if len(panel.rounds) == ROUNDS or queries.answered(session, panel.rounds[0]) is None:
        raise WrongStep
    _open_round(session, actor, panel, closes_at)


def prolong(session: Session, actor: Actor, panel_id: int, closes_at: datetime) -> None:
    """Set when the present round closes. Raises NotFound; WrongStep when it is closed."""
    asked = _present_round(session, actor, panel_id)
    asked.closes_at = closes_at
    session.flush()
    _note(session, "delphi_round_prolonged", asked, actor)


def close_now(session: Session, actor: Actor, panel_id: int) -> None:
    """Close the present round before its day. Raises NotFound, WrongStep; Refused while too few have answered."""
    asked = _present_round(session, actor, panel_id)
    if queries.count_answers(session, asked.id) < LEAST_EXPERTS:
        raise Refused(
            _(
                "Fewer than %(least)s experts have answered, so nothing could be shown. Choose a later day instead.",
                least=LEAST_EXPERTS,
            ),
            status=409,
        )
    _close(session, asked, actor)


def close_those_over(session: Session) -> int:
    """Close rounds whose time is over; how many. Safe to repeat."""
    over = [queries.locked_round(session, round_id) for round_id in queries.rounds_over(session)]
    still_open = [each for each in over if each.closed_at is None]
    for each in still_open:
        _close(session, each)
    return len(still_open)


def answer(session: Session, expert: Account, round_id: int, opinions: Sequence[Opinion]) -> None:
    """Store what an expert says without a name, one opinion for each question.

    Raises RoundClosed and AnsweredAlready.
    """
    accounts.lock(session, expert.id)
    asked = queries.locked_round(session, round_id)
    if not asked.takes_answers:
        raise RoundClosed
    if queries.has_answered(session, asked.id, expert.id):
        raise AnsweredAlready
    session.add(DelphiParticipation(round_id=asked.id, account_id=expert.id))
    session.flush()
    former = [
        (each.question, Opinion(Range(each.low, each.likely, each.high), each.reason))
        for each in queries.opinions(session, asked.id)
    ]
    _rewrite(session, asked.id, [*former, *enumerate(opinions)])


def apply(session: Session, actor: Actor, panel_id: int) -> ForesightScenarioVersion:
    """Take the triangles of a finished panel over into its scenario, as a new version. Raises NotFound, WrongStep."""
    panel = queries.panel_of_academy(session, actor, panel_id, lock=True)
    said = queries.answered(session, panel.rounds[-1]) if queries.is_finished(panel) else None
    if said is None or panel.applied_at is not None:
        raise WrongStep
    in_force = foresight_queries.scenario_of_academy(session, actor, panel.scenario_id).version
    assumed = Scenario.of_json(in_force.parameters)
    for question, each in zip(panel.questions, said, strict=True):
        assumed = _with(assumed, question, each.consensus.triangle, _origin(panel, question, each.consensus.experts))
    made = foresight_service.change_scenario(session, actor, panel.scenario_id, assumed)
    panel.applied_at = clock.now()
    session.flush()
    _note(session, "delphi_applied", panel.rounds[-1], actor)
    return made


def key_of(question: Question) -> str:
    """Under which a scenario keeps the range that a question asks for."""
    if not question["department"]:
        return question["name"]
    return of_department(question["name"], plain(question["department"]))


def _origin(panel: DelphiPanel, question: Question, experts: int) -> Origin:
    closed_at = panel.rounds[-1].closed_at or clock.now()
    return Origin("delphi", day_of(closed_at).isoformat(), experts, QUALITY, panel.id, question["department"])


def _with(assumed: Scenario, question: Question, triangle: Range, origin: Origin) -> Scenario:
    key = key_of(question)
    origins = {**assumed.origins, key: origin}
    if question["department"]:
        return replace(assumed, departments={**assumed.departments, key: triangle}, origins=origins)
    return replace(assumed, **{question["name"]: triangle}, origins=origins)  # type: ignore[arg-type]


def _open_round(session: Session, actor: Actor, panel: DelphiPanel, closes_at: datetime) -> None:
    asked = DelphiRound(
        panel=panel,
        number=len(panel.rounds) + 1,
        opened_at=clock.now(),
        closes_at=closes_at,
        closed_at=None,
    )
    session.add(asked)
    session.flush()
    for each in queries.experts(session, panel.id):
        tell(session, each.id, Occasion.EXPERT_ASKED, by=actor, about=f"delphi_round:{asked.id}")
    _note(session, "delphi_round_opened", asked, actor)


def _present_round(session: Session, actor: Actor, panel_id: int) -> DelphiRound:
    """The newest round of a panel, locked. Raises NotFound; WrongStep when it is closed."""
    panel = queries.panel_of_academy(session, actor, panel_id, lock=True)
    asked = queries.locked_round(session, panel.rounds[-1].id)
    if asked.closed_at is not None:
        raise WrongStep
    return asked


def _close(session: Session, asked: DelphiRound, actor: Actor | None = None) -> None:
    """Take no more answers, and forget who gave some."""
    asked.closed_at = clock.now()
    session.execute(delete(DelphiParticipation).where(DelphiParticipation.round_id == asked.id))
    session.flush()
    _note(session, "delphi_round_closed", asked, actor)


def _rewrite(session: Session, round_id: int, said: Iterable[tuple[int, Opinion]]) -> None:
    rows = [
        {
            "round_id": round_id,
            "question": question,
            "low": each.likely.low,
            "likely": each.likely.likely,
            "high": each.likely.high,
            "reason": each.reason,
        }
        for question, each in said
    ]
    write_anew(session, DelphiOpinion, DelphiOpinion.round_id == round_id, rows)


def _note(session: Session, verb: str, asked: DelphiRound, actor: Actor | None) -> None:
    audit.record(
        session,
        verb=verb,
        thing=f"delphi_panel:{asked.panel_id}",
        actor_id=actor.id if actor else None,
        academy_id=asked.panel.academy_id,
        detail={"round": asked.number},
    )
