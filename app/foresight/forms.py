"""What an administrator sends: files, a name, the numbers of a scenario."""

from __future__ import annotations

import math
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, cast

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, FloatField, MultipleFileField, StringField
from wtforms.validators import InputRequired, Length, ValidationError

from app.core.fields import NUMBER, WholeNumberField
from app.core.numbers import number_between
from foresight import HORIZON, NUMBERS, RANGES, Parameter, Scenario

ENDS = ("low", "likely", "high")
END_LABELS = {"low": _l("Least"), "likely": _l("Most likely"), "high": _l("Largest")}
# What people type: shares as per cent.
SCALES = {"share": 100.0}
# How many decimals a number is told with, by unit and in the scale in which people type it.
DECIMALS = {"share": 2, "per_year": 2, "years": 2, "year": 0, "pkr": 0}


def figure(parameter: Parameter, value: float) -> str:
    """A number in the scale in which people type it, rounded to what its unit allows; years without a sign for
    thousands.
    """
    step = Decimal(1).scaleb(-DECIMALS[parameter.unit])
    # What a computer keeps of 0.545 times 100 is a little less than 54.5: twelve digits say what was meant.
    scaled = Decimal(f"{value * SCALES.get(parameter.unit, 1.0):.12g}").quantize(step, ROUND_HALF_UP)
    told = f"{scaled:{'' if parameter.unit == 'year' else ','}f}"
    return told.rstrip("0").rstrip(".") if "." in told else told


NUMBER_LABELS = {
    "budget_pkr": _l("Budget of a year"),
    "release_share": _l("Working time that may go into training"),
    "district_tolerance": _l("How far a district's share of seats may lie from its share of staff"),
    "floor_share": _l("Seats that each department gets at least, of its staff"),
    "discount": _l("What a gap of the next year counts beside one of this year"),
}


class UploadForm(FlaskForm):  # type: ignore[misc]
    files = MultipleFileField(_l("Workbook, or CSV files"), render_kw={"accept": ".csv,.tsv,.txt,.xlsx"})

    def validate_files(self, field: MultipleFileField) -> None:
        if not any(each and each.filename for each in field.data or ()):
            raise ValidationError(_("Choose a file."))


class CopyForm(FlaskForm):  # type: ignore[misc]
    name = StringField(
        _l("Name of the copy"),
        validators=[
            InputRequired(_l("Type a name.")),
            Length(max=80, message=_l("Shorten this to %(max)d characters.")),
        ],
        render_kw={"dir": "auto", "autocomplete": "off"},
    )

    @property
    def typed(self) -> str:
        return " ".join(self.name.data.split())

    def validate_name(self, field: StringField) -> None:
        if not field.data.strip():
            raise ValidationError(_("Type a name."))


class BoundedField(FloatField):  # type: ignore[misc]
    """A number of a scenario in any digits, within the bounds of its parameter."""

    def __init__(self, label: Any, parameter: Parameter, **others: Any) -> None:
        super().__init__(label, render_kw=NUMBER | {"inputmode": "decimal"}, **others)
        self.parameter = parameter

    @property
    def scale(self) -> float:
        return SCALES.get(self.parameter.unit, 1.0)

    @property
    def typed(self) -> float:
        """What was typed, in the parameter's own unit; only after it was validated."""
        return cast(float, self.data) / self.scale

    def process_formdata(self, valuelist: list[str]) -> None:
        self.data = None
        least, most = self.parameter.least * self.scale, self.parameter.most * self.scale
        number = number_between(valuelist[0], -math.inf, math.inf) if valuelist else None
        if number is None or not least <= number <= most:
            bounds = [figure(self.parameter, bound) for bound in (self.parameter.least, self.parameter.most)]
            raise ValueError(_("Type a number from %(least)s to %(most)s.", least=bounds[0], most=bounds[1]))
        self.data = number

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "" if self.data is None else f"{self.data:.12g}"


class ScenarioForm(FlaskForm):  # type: ignore[misc]
    """Three numbers for each range (`speed_low`), one for each other parameter."""

    horizon_years = WholeNumberField(_l("Years to look ahead"), render_kw=NUMBER)
    law_first = BooleanField(_l("Duties by law (domain D5) are needed from the first year on"))
    drops_departments = BooleanField(_l("Leave out what experts said of single departments"))
    is_equitable = BooleanField(_l("Women, districts and departments get their share of seats"))

    @classmethod
    def about(cls, assumed: Scenario) -> ScenarioForm:
        """The form filled with a scenario."""
        values: dict[str, Any] = {name: _scaled(name, getattr(assumed, name)) for name in NUMBERS}
        for name in RANGES:
            values |= {f"{name}_{end}": _scaled(name, getattr(getattr(assumed, name), end)) for end in ENDS}
        others = {name: getattr(assumed, name) for name in ("horizon_years", "law_first", "is_equitable")}
        return cls(formdata=None, data=values | others)

    def validate_horizon_years(self, field: WholeNumberField) -> None:
        if field.data is None or not HORIZON.least <= field.data <= HORIZON.most:
            raise ValidationError(
                _("Type a number from %(least)s to %(most)s.", least=f"{HORIZON.least:g}", most=f"{HORIZON.most:g}")
            )

    def validate(self, extra_validators: Any = None) -> bool:
        is_valid = bool(super().validate(extra_validators))
        for name in RANGES:
            low, likely, high = (self[f"{name}_{end}"] for end in ENDS)
            if None not in (low.data, likely.data, high.data) and not low.data <= likely.data <= high.data:
                likely.errors = [_("The most likely value must lie between the least and the largest.")]
                is_valid = False
        return is_valid

    def ends(self, name: str) -> list[BoundedField]:
        """The three fields of a range."""
        return [self[f"{name}_{end}"] for end in ENDS]

    def assumed(self, former: Scenario) -> Scenario:
        """The scenario that was typed, on the basis of the former one; a range that was changed loses its origin."""
        typed: dict[str, Any] = {name: self[name].typed for name in NUMBERS}
        for name in RANGES:
            typed[name] = {end: self[f"{name}_{end}"].typed for end in ENDS}
        for name in ("horizon_years", "law_first", "is_equitable"):
            typed[name] = self[name].data
        changed = Scenario.of_json(former.as_json() | typed)
        departments = {} if self.drops_departments.data else former.departments
        kept = {name for name in RANGES if getattr(changed, name) == getattr(former, name)} | departments.keys()
        origins = {key: each for key, each in former.origins.items() if key in kept}
        return replace(changed, departments=departments, origins=origins)


def _scaled(name: str, value: float) -> float:
    parameter = (RANGES | NUMBERS)[name]
    return value * SCALES.get(parameter.unit, 1.0)


for _name, _parameter in RANGES.items():
    for _end in ENDS:
        setattr(ScenarioForm, f"{_name}_{_end}", BoundedField(END_LABELS[_end], _parameter))
for _name, _parameter in NUMBERS.items():
    setattr(ScenarioForm, _name, BoundedField(NUMBER_LABELS[_name], _parameter))
