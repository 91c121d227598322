"""Decisions and inquiries of a run as they are kept, on the server or on a device."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from simulations import Decision, Event, Inquiry

DECISION, INQUIRY = "decision", "inquiry"


class Recorded(Protocol):
    """A decision or an inquiry as it is kept, on the server or on a device."""

    @property
    def kind(self) -> str:
        """DECISION or INQUIRY."""

    @property
    def round(self) -> int:
        """The round that it belongs to."""

    @property
    def payload(self) -> Mapping[str, Any]:
        """The values of a decision; the question and its argument of an inquiry."""

    @property
    def note(self) -> str:
        """Why the trainee did it."""


@dataclass(frozen=True)
class Kept:
    """A decision or an inquiry as a device keeps and sends it."""

    kind: str
    round: int
    payload: Mapping[str, Any]
    note: str


def events(rows: Sequence[Recorded]) -> list[Event]:
    """The rows as the simulation library replays them."""
    return [
        Decision(row.round, row.payload["values"])
        if row.kind == DECISION
        else Inquiry(row.round, row.payload["inquiry_id"], row.payload["argument"])
        for row in rows
    ]
