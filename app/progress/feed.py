"""What a trainee has to do, as iCalendar (RFC 5545) for other calendars."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from icalendar import Calendar, Event

from app.accounts.models import Cohort
from app.core import clock
from app.core.locale import day_of, language
from app.progress.queries import Due
from app.surveys.queries import OwnSurvey

PAKISTAN = ZoneInfo("Asia/Karachi")
PRODUCT = "-//Hunar//Calendar//EN"
DAY = timedelta(days=1)


def written(
    things: Sequence[Due], surveys: Sequence[OwnSurvey], host: str, address_of: Callable[[Due | OwnSurvey], str]
) -> bytes:
    """Everything that is not done, in the language of the present reader. host: names the portal in each entry's UID.

    A lab is an entry at its deadline; a survey one of all its days; everything else one of its whole last day.
    """
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", _("Hunar: what is due"))
    for each in things:
        if not each.is_done:
            calendar.add_component(_entry(each, host, address_of(each)))
    for survey in surveys:
        calendar.add_component(_survey_entry(survey, host, address_of(survey)))
    calendar.add_missing_timezones()
    return bytes(calendar.to_ical())


def _survey_entry(survey: OwnSurvey, host: str, address: str) -> Event:
    title = survey.instrument.title.in_language(language())
    entry = _empty(f"{survey.cohort.id}.survey@{host}", _("Survey: %(title)s", title=title), survey.cohort, address)
    opens_at, closes_at = survey.survey.later_opens_at, survey.survey.later_closes_at
    if opens_at and closes_at:
        entry.add("dtstart", day_of(opens_at))
        entry.add("dtend", max(day_of(closes_at), day_of(opens_at) + DAY))
    return entry


def _entry(due: Due, host: str, address: str) -> Event:
    title = due.part.activity.title.in_language(language())
    uid = f"{due.cohort.id}.{due.part.activity.id}@{host}"
    entry = _empty(uid, _("Due: %(title)s", title=title), due.cohort, address)
    if due.part.is_lab:
        entry.add("dtstart", due.due_at.astimezone(PAKISTAN))
    else:
        entry.add("dtstart", due.day)
        entry.add("dtend", due.day + DAY)
    return entry


def _empty(uid: str, summary: str, cohort: Cohort, address: str) -> Event:
    """An entry without its time."""
    entry = Event()
    entry.add("uid", uid)
    entry.add("dtstamp", clock.now())
    entry.add("summary", summary)
    entry.add("description", cohort.name)
    entry.add("url", address)
    entry.add("transp", "TRANSPARENT")
    return entry
