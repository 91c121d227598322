"""What an instructor types to set an exercise."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import RadioField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Length

OWN_PACE, TOGETHER = "own_pace", "together"
MOST_ATTEMPTS = 5
TEAM_LENGTH = 60


class ExerciseForm(FlaskForm):  # type: ignore[misc]
    """`simulation`: cohort and activity, as "12:grievance"."""

    title = StringField(
        _l("Title"),
        validators=[
            DataRequired(message=_l("Give the exercise a title, by which trainees know it.")),
            Length(max=120, message=_l("The title is too long. Shorten it to 120 characters.")),
        ],
        render_kw={"dir": "auto", "autocomplete": "off"},
    )
    simulation = SelectField(
        _l("Cohort and simulation"), validators=[DataRequired(message=_l("Choose a cohort and a simulation."))]
    )
    pace = RadioField(
        _l("How it is run"),
        choices=[
            SelectChoice(OWN_PACE, _l("Assessed: each at their own pace, the same chances for all")),
            SelectChoice(TOGETHER, _l("In class: groups decide together, and I open the rounds")),
        ],
        default=OWN_PACE,
        validators=[DataRequired(message=_l("Choose how it is run."))],
    )
    attempts = SelectField(
        _l("Attempts of each trainee"),
        coerce=int,
        choices=[SelectChoice(number, str(number)) for number in range(1, MOST_ATTEMPTS + 1)],
        default=1,
    )

    def __init__(self, simulations: Sequence[tuple[str, str]], **values: Any) -> None:
        super().__init__(**values)
        self.simulation.choices = [SelectChoice(value, label) for value, label in simulations]

    @property
    def chosen(self) -> tuple[int, str]:
        """Id of the cohort and of the activity; only of a form that was found right."""
        cohort_id, _separator, activity_id = self.simulation.data.partition(":")
        return int(cohort_id), activity_id


def read_team(typed: str) -> str:
    """What a group calls itself, in one line."""
    return " ".join(typed.split())[:TEAM_LENGTH]
