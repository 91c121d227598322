"""For what a record is opened, in the reader's words."""

from __future__ import annotations

from flask_babel import gettext as _

from app.core.openings import Purpose


def purpose_names() -> dict[Purpose, str]:
    return {
        Purpose.COMPLAINT: str(_("Complaint or correction")),
        Purpose.REQUEST: str(_("Request of the person")),
        Purpose.FAULT: str(_("Fault of the system")),
        Purpose.INQUIRY: str(_("Inquiry ordered by the competent authority")),
    }
