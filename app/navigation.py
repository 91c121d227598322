"""What stands on every page: links to where a role starts, with what waits behind them, and opened records."""

from __future__ import annotations

from typing import cast

from flask import g, url_for
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import Row, select

from app.appeals import queries as appeals_queries
from app.appeals.queries import Owed
from app.break_glass import queries as break_glass_queries
from app.core import access, db
from app.core.openings import RecordOpening
from app.delphi import queries as delphi_queries
from app.notices import queries as notices_queries
from app.rights import queries as rights_queries
from app.surveys import queries as surveys_queries

Counts = Row[int, int, int, int, int, int, int]


def links() -> list[tuple[str, str]]:
    """Addresses and names of the pages that this person's role starts from."""
    if not current_user.is_authenticated:
        return []
    found = {
        access.Action.LEARN: [("learning.start", _("My learning"))],
        access.Action.TEACH: [("cohorts.teaching", _("My cohorts"))],
        access.Action.SET_EXERCISES: [("exercises.exercises", _("Exercises"))],
        access.Action.MARK_ANSWERS: [("marking.waiting", _("Marking"))],
        access.Action.WRITE_LABS: [("authoring.labs", _("Labs"))],
        access.Action.SEE_ADMINISTRATION: [("cohorts.administration", _("Administration"))],
        access.Action.CHANGE_ROLES: [("accounts.accounts", _("Accounts and roles"))],
        access.Action.KEEP_CREDENTIALS: [("credentials.register", _("Credentials"))],
        access.Action.READ_AUDIT_LOG: [("auditing.log", _("Audit log"))],
    }
    counts = _counts()
    owed = Owed(counts.waiting, counts.overdue)
    page = {access.Action.DECIDE_APPEALS: [("appeals.waiting", _appeals(owed))]}
    # What is overdue comes before everything else.
    found = page | found if owed.overdue else found | page
    if counts.requests:
        found[access.Action.ERASE_PEOPLE] = [("rights.erasures", _erasures(counts.requests))]
    if counts.panels:
        found[access.Action.ANSWER_PANEL] = [("delphi.own", _("Expert panels"))]
    if access.holds(current_user, access.Action.LEARN):
        found[access.Action.LEARN].append(("progress.calendar", _("Calendar")))
        found[access.Action.READ_NOTICES] = [("notices.notices", _notices(counts.unread))]
        found[access.Action.SEE_SUBMISSION] = [("gradebook.my_results", _("My results"))]
        found[access.Action.SEE_SKILL_RECORD] = [
            ("competencies.my_record", _("My skill record")),
            ("credentials.my_passport", _("My passport")),
        ]
        found[access.Action.ANSWER_SURVEY] = [("surveys.own", _surveys(counts.asking))]
    elif counts.unread:
        # Whoever does not learn is told something once in years.
        found[access.Action.READ_NOTICES] = [("notices.notices", _notices(counts.unread))]
    return [
        (url_for(endpoint), label)
        for action, pages in found.items()
        if access.holds(current_user, action)
        for endpoint, label in pages
    ]


def open_records() -> list[Row[RecordOpening, str]]:
    """Records of single persons that are open to this person, with the names: each page says so."""
    if not current_user.is_authenticated or not _counts().opened:
        return []
    return break_glass_queries.open_to(db.session(), current_user)


def _counts() -> Counts:
    """Of this person the notices not read, surveys that ask, panels, and opened records; of what their academy has to
    decide the appeals, those overdue, and requests for erasure. By one statement, once for a page: every page asks.
    """
    if "counts" not in g:
        waiting, overdue = appeals_queries.counting_owed(current_user)
        counted = select(
            notices_queries.counting_unread(current_user.id).label("unread"),
            surveys_queries.counting_asking(current_user).label("asking"),
            delphi_queries.counting_panels(current_user.id).label("panels"),
            break_glass_queries.counting_open(current_user).label("opened"),
            waiting.label("waiting"),
            overdue.label("overdue"),
            rights_queries.counting_requests(current_user).label("requests"),
        )
        g.counts = db.session().execute(counted).one()
    return cast(Counts, g.counts)


def _appeals(owed: Owed) -> str:
    """The name of the page of complaints, with how many are overdue, or else how many wait."""
    if owed.overdue:
        return str(_("Complaints (%(count)s overdue)", count=owed.overdue))
    return str(_("Complaints (%(count)s)", count=owed.waiting) if owed.waiting else _("Complaints"))


def _erasures(requests: int) -> str:
    """The name of the page of requests for erasure, with how many wait."""
    return str(_("Requests for erasure (%(count)s)", count=requests))


def _surveys(asking: int) -> str:
    """The name of the page of surveys, with how many ask now."""
    return str(_("Surveys (%(count)s)", count=asking) if asking else _("Surveys"))


def _notices(unread: int) -> str:
    """The name of the page of notices, with how many are not read."""
    return str(_("Notices (%(count)s)", count=unread) if unread else _("Notices"))
