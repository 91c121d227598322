"""Tables of panels. What was said and who has said something stand in two tables that nothing joins."""

from __future__ import annotations

from datetime import datetime
from typing import TypedDict

from sqlalchemy import JSON, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core import clock
from app.core.anonymity import WITHOUT_ROW_NUMBERS
from app.core.db import Base, UtcDateTime


class Question(TypedDict):
    """name: of the range (foresight.RANGES, or DEPARTMENT_RANGES); department: as the figures spell it, "" for all."""

    name: str
    department: str


class DelphiPanel(Base):
    """Experts who are asked for ranges of a scenario. questions: what is asked, in order.

    applied_at: when its result was taken over into the scenario; None before.
    """

    __tablename__ = "delphi_panel"

    id: Mapped[int] = mapped_column(primary_key=True)
    academy_id: Mapped[int] = mapped_column(ForeignKey("academy.id"), index=True)
    scenario_id: Mapped[int] = mapped_column(ForeignKey("foresight_scenario.id"), index=True)
    questions: Mapped[list[Question]] = mapped_column(JSON)
    made_by_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    applied_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    rounds: Mapped[list[DelphiRound]] = relationship(
        order_by="DelphiRound.number", lazy="selectin", back_populates="panel"
    )


class DelphiExpert(Base):
    """Somebody who was named as an expert of a panel. Says nothing of what they answered, nor whether."""

    __tablename__ = "delphi_expert"
    __table_args__ = (UniqueConstraint("panel_id", "account_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    panel_id: Mapped[int] = mapped_column(ForeignKey("delphi_panel.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    named_at: Mapped[datetime] = mapped_column(UtcDateTime)


class DelphiRound(Base):
    """One of the two times that a panel is asked. closes_at: from then on no answer is taken, closed or not.

    closed_at: when it was forgotten who has answered.
    """

    __tablename__ = "delphi_round"
    __table_args__ = (UniqueConstraint("panel_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    panel_id: Mapped[int] = mapped_column(ForeignKey("delphi_panel.id"))
    number: Mapped[int]
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    closes_at: Mapped[datetime] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    panel: Mapped[DelphiPanel] = relationship(lazy="joined", back_populates="rounds")

    @property
    def takes_answers(self) -> bool:
        return self.closed_at is None and clock.now() < self.closes_at


class DelphiParticipation(Base):
    """Somebody has answered in a round that is open, so that nobody does twice. Says neither what nor when."""

    __tablename__ = "delphi_participation"
    __table_args__ = WITHOUT_ROW_NUMBERS

    round_id: Mapped[int] = mapped_column(ForeignKey("delphi_round.id"), primary_key=True, autoincrement=False)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), primary_key=True, autoincrement=False)


class DelphiOpinion(Base):
    """What somebody says of one question, nobody can say who: no person, no moment, no order, no other answer.

    number: drawn anew for every opinion of the round whenever some come in. question: its place in the panel's.
    """

    __tablename__ = "delphi_opinion"
    __table_args__ = WITHOUT_ROW_NUMBERS

    number: Mapped[str] = mapped_column(String(32), primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("delphi_round.id"), index=True)
    question: Mapped[int]
    low: Mapped[float]
    likely: Mapped[float]
    high: Mapped[float]
    reason: Mapped[str] = mapped_column(Text)
