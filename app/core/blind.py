"""Marks that a reader does not see yet, because the second mark of the same work may still be theirs.

Every page and file with marks of a person, or with what follows from one, asks here. The rule is that of app/marking,
which stands above most of those who ask; app/factory.py brings it in.
"""

from __future__ import annotations

from collections.abc import Callable, Collection

from flask import Flask, current_app
from sqlalchemy.orm import Session

from app.core.access import Action, Actor, holds

# Source and part, as evidence names work: "submission:3" and a cell, "run:7" and "memo".
Work = tuple[str, str]
Rule = Callable[[Session, Actor, Collection[Work]], set[Work]]


def init_app(app: Flask, rule: Rule) -> None:
    """Have this rule decide."""
    app.extensions["blind"] = rule


def hidden(session: Session, reader: Actor, work: Collection[Work]) -> set[Work]:
    """Of this work that whose first mark the reader must not see; none for those who never mark."""
    if not work or not holds(reader, Action.SHARE_MARKING):
        return set()
    found: set[Work] = current_app.extensions["blind"](session, reader, work)
    return found
