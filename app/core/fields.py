"""Fields of forms that more than one feature has."""

from __future__ import annotations

import math

from flask_babel import gettext as _
from wtforms import IntegerField

from app.core.numbers import number_between

NUMBER = {"inputmode": "numeric", "dir": "ltr", "autocomplete": "off"}


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
