"""Fields of forms that more than one feature has."""

from __future__ import annotations

import math
import re
from datetime import date

from flask_babel import gettext as _
from wtforms import DateField, DateTimeLocalField, IntegerField, SelectField, TextAreaField

from app.core.numbers import number_between

NAMES = {"dir": "ltr", "autocapitalize": "none", "spellcheck": "false"}
FIRST_YEAR, LAST_YEAR = 1900, 2999
NUMBER = {"inputmode": "numeric", "dir": "ltr", "autocomplete": "off"}


def offered(field: SelectField) -> set[str]:
    """The values that a field lets people choose from."""
    return {choice.value for choice in field.choices}


class WholeNumberField(IntegerField):  # type: ignore[misc]
    """A whole number in any digits that people type here."""

    def process_formdata(self, valuelist: list[str]) -> None:
        self.data = None
        if not valuelist or not valuelist[0].strip():
            return
        number = number_between(valuelist[0], 0, math.inf)
        if number is None or number != int(number):
            raise ValueError(_("Type a whole number."))
        self.data = int(number)


class DayField(DateField):  # type: ignore[misc]
    """A day of the reader's calendar."""

    def process_formdata(self, valuelist: list[str]) -> None:
        try:
            super().process_formdata(valuelist)
        except ValueError:
            raise ValueError(_("Choose a day, for example 2027-03-01.")) from None
        _check_year(self.data)


class MomentField(DateTimeLocalField):  # type: ignore[misc]
    """A day and a time of the reader's clock."""

    def process_formdata(self, valuelist: list[str]) -> None:
        try:
            super().process_formdata(valuelist)
        except ValueError:
            raise ValueError(_("Choose a day and a time, for example 2027-03-01 17:30.")) from None
        _check_year(self.data)


def _check_year(day: date | None) -> None:
    """Time zones and days that are added lead out of the calendar at its ends; nobody means those."""
    if day is not None and not FIRST_YEAR <= day.year <= LAST_YEAR:
        first, last = str(FIRST_YEAR), str(LAST_YEAR)
        raise ValueError(_("The year must lie between %(first)s and %(last)s.", first=first, last=last))


class NamesField(TextAreaField):  # type: ignore[misc]
    """A list of user names that people type or paste."""

    @property
    def names(self) -> list[str]:
        """What stands between spaces, commas, semicolons and line ends."""
        return [name.lower() for name in re.split(r"[\s,;،؛]+", self.data or "") if name]
