"""The content of the running portal, as the person of this request gets it."""

from __future__ import annotations

from typing import cast

from flask import current_app, g
from flask_login import current_user

from app.content.own_labs import own_labs, with_own_labs
from app.content.publications import catalogue_of
from app.content.schemas import Catalogue
from app.core import running
from app.core.db import session


def catalogue() -> Catalogue:
    """Every content pack, each lab in the version that the person's academy published last."""
    if not current_user.is_authenticated:
        return installed()
    if "catalogue" not in g:
        g.catalogue = catalogue_for(current_user.academy_id)
    return cast(Catalogue, g.catalogue)


def catalogue_for(academy_id: int) -> Catalogue:
    """The same for the people of an academy, whoever asks."""
    return catalogue_of(session(), running.blobs(), installed(), academy_id)


def authored() -> Catalogue:
    """Every content pack, and the labs that the person's academy began itself, published or not, as they began."""
    if "authored" not in g:
        blobs = running.blobs()
        g.authored = with_own_labs(blobs, installed(), own_labs(session(), current_user.academy_id))
    return cast(Catalogue, g.authored)


def installed() -> Catalogue:
    """Every content pack that this portal was started with."""
    return cast(Catalogue, current_app.extensions["catalogue"])
