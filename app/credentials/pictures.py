"""Addresses of credentials as pictures that a telephone reads."""

from __future__ import annotations

import segno
from markupsafe import Markup


def picture_of(address: str) -> Markup:
    """A QR code of an address, as a drawing."""
    drawn = segno.make_qr(address, error="m").svg_inline(scale=1, border=4, omitsize=True, light="#fff")
    return Markup(drawn)  # noqa: S704 - drawn here from our own text
