"""What a trainee has to do, as iCalendar (RFC 5545) for other calendars."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from icalendar import Calendar, Event

from app.core import clock
from app.core.locale import language
from app.progress.queries import Due

PAKISTAN = ZoneInfo("Asia/Karachi")
PRODUCT = "-//Hunar//Calendar//EN"
DAY = timedelta(days=1)


def written(things: Sequence[Due], host: str, address_of: Callable[[Due], str]) -> bytes:
    """Everything that is not done, in the language of the present reader. host: names the portal in each entry's UID.

    A lab is an entry at its deadline; everything else one of its whole last day.
    """
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", _("Hunar: what is due"))
    for each in things:
        if not each.is_done:
            calendar.add_component(_entry(each, host, address_of(each)))
    calendar.add_missing_timezones()
    return bytes(calendar.to_ical())


def _entry(due: Due, host: str, address: str) -> Event:
    entry = Event()
    entry.add("uid", f"{due.cohort.id}.{due.part.activity.id}@{host}")
    entry.add("dtstamp", clock.now())
    entry.add("summary", _("Due: %(title)s", title=due.part.activity.title.in_language(language())))
    entry.add("description", due.cohort.name)
    entry.add("url", address)
    if due.part.is_lab:
        entry.add("dtstart", due.due_at.astimezone(PAKISTAN))
    else:
        entry.add("dtstart", due.day)
        entry.add("dtend", due.day + DAY)
    entry.add("transp", "TRANSPARENT")
    return entry
