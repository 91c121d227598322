"""The content of the running portal."""

from __future__ import annotations

from typing import cast

from flask import current_app

from app.content.schemas import Catalogue


def catalogue() -> Catalogue:
    """Every content pack that this portal was started with."""
    return cast(Catalogue, current_app.extensions["catalogue"])
