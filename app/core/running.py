"""What the running portal works with, while it answers a request: its settings and where it keeps files."""

from typing import cast

from flask import current_app

from app.core.blobs import Blobs
from config import Settings


def settings() -> Settings:
    """What the academy has set."""
    return cast(Settings, current_app.extensions["settings"])


def blobs() -> Blobs:
    """Where files are kept."""
    return cast(Blobs, current_app.extensions["blobs"])
