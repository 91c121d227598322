"""Statuses and orders in words."""

from __future__ import annotations

from flask_babel import gettext as _

from app.progress.standing import Status


def status_names() -> dict[Status, str]:
    return {
        Status.ON_TRACK: _("On track"),
        Status.BEHIND: _("Behind"),
        Status.SILENT: _("Silent"),
        Status.FINISHED: _("Finished"),
    }


def order_names() -> dict[str, str]:
    return {
        "name": _("by name"),
        "last_active": _("those not seen for longest first"),
        "waiting": _("work that waits longest first"),
    }
