"""Which window wrote a saved state of a notebook, and what it went on from, as its page says in the request."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from flask import request

MOST_CHARACTERS, MOST_WRITERS, LONGEST_NUMBER = 64, 8, 9


class Saved(Protocol):
    """A saved state."""

    id: int
    sha256: str
    writer: str
    number: int


@dataclass(frozen=True)
class Written:
    """Where a state was written. writers: the window, then those whose work it went on with; none for no window.

    number: counts what the window wrote. So a saving whose confirmation was lost is told from a change from elsewhere.
    """

    writers: tuple[str, ...]
    number: int

    @property
    def writer(self) -> str:
        return next(iter(self.writers), "")

    def was_overtaken_by(self, saved: Saved) -> bool:
        return bool(self.writers) and saved.writer == self.writer and saved.number > self.number

    def adds_nothing_to(self, newest: Saved, digest: str) -> bool:
        """Whether a state of this digest need not be kept: it is the newest, or its own window saved a later one."""
        return newest.sha256 == digest or self.was_overtaken_by(newest)

    def is_beside(self, newest: Saved, base: int | None) -> bool:
        """Whether another window saved the newest state since the page read `base`; None asks for no such look."""
        return base is not None and newest.id != base and newest.writer not in self.writers


NOT_IN_A_WINDOW = Written((), 0)


def sent_written() -> Written:
    """X-Draft-Writers names the window and those that it went on from, X-Draft-Number counts what the window wrote."""
    words = request.headers.get("X-Draft-Writers", "").split()[:MOST_WRITERS]
    sent = request.headers.get("X-Draft-Number", "")
    number = int(sent) if sent.isascii() and sent.isdecimal() and len(sent) <= LONGEST_NUMBER else 0
    return Written(tuple(word[:MOST_CHARACTERS] for word in words), number)


def sent_base() -> int | None:
    """If-Match names the version that the page began from; None when it names none."""
    return next((int(tag) for tag in request.if_match.as_set() if tag.isdigit() and len(tag) <= LONGEST_NUMBER), None)
