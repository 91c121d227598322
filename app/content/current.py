"""The content of the running portal, as the person of this request gets it."""

from __future__ import annotations

from typing import cast

from flask import current_app, g
from flask_login import current_user

from app.content.publications import catalogue_of
from app.content.schemas import Catalogue
from app.core.blobs import Blobs
from app.core.db import session


def catalogue() -> Catalogue:
    """Every content pack, each lab in the version that the person's academy published last."""
    if not current_user.is_authenticated:
        return installed()
    if "catalogue" not in g:
        blobs = cast(Blobs, current_app.extensions["blobs"])
        g.catalogue = catalogue_of(session(), blobs, installed(), current_user.academy_id)
    return cast(Catalogue, g.catalogue)


def installed() -> Catalogue:
    """Every content pack that this portal was started with."""
    return cast(Catalogue, current_app.extensions["catalogue"])
