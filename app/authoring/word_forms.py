"""What an author types about a graded cell: the hint of its tests, or the rubric of an answer that a person marks."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Collection
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import FieldList, Form, FormField, HiddenField, StringField, TextAreaField

from app.authoring.bilingual_forms import IN_ENGLISH, IN_URDU, bilingual, complain, is_blank, is_right, problems
from app.authoring.source import MOST_POINTS
from app.authoring.words import WordsOfCell
from app.content.schemas import Rubric, RubricLevel, RubricRow
from app.core.numbers import number_between, short
from app.core.typed import typed_text

LONGEST_HINT = 1_000
LONGEST_LINE = 300
MOST_ROWS = 10
MOST_LEVELS = 8
LEAST_LEVELS = 2


class HintForm(FlaskForm):  # type: ignore[misc]
    """The hint of a cell with tests; empty in both languages for none. seen: version of what the page showed."""

    seen = HiddenField()
    en = TextAreaField(_l("Hint in English"), render_kw={"rows": 3, **IN_ENGLISH})
    ur = TextAreaField(_l("Hint in Urdu"), render_kw={"rows": 3, **IN_URDU})

    def validate(self, extra_validators: Any = None) -> bool:
        return bool(super().validate(extra_validators)) and (is_blank(self) or is_right(self, LONGEST_HINT))

    @property
    def written(self) -> WordsOfCell:
        return WordsOfCell(None if is_blank(self) else bilingual(self), ())

    @property
    def problems(self) -> list[tuple[str, str]]:
        return problems(self)


class LevelForm(Form):  # type: ignore[misc]
    """One level of a question. key: its id in the rubric, none for a new one."""

    key = HiddenField()
    points = StringField(_l("Points"), render_kw={"inputmode": "decimal", "dir": "ltr", "autocomplete": "off"})
    en = StringField(_l("Level in English"), render_kw=IN_ENGLISH)
    ur = StringField(_l("Level in Urdu"), render_kw=IN_URDU)

    @property
    def is_blank(self) -> bool:
        return is_blank(self) and not typed_text(self.points.data)

    @property
    def points_given(self) -> float | None:
        return number_between(self.points.data or "", 0, MOST_POINTS)

    def is_right(self) -> bool:
        is_written = is_right(self, LONGEST_LINE)
        if self.points_given is None:
            complain(self.points, _("Type a number from 0 to 1000."))
        return is_written and self.points_given is not None


class RowForm(Form):  # type: ignore[misc]
    """One question of a rubric with its levels. key: its id in the rubric, none for a new one."""

    key = HiddenField()
    en = StringField(_l("Question in English"), render_kw=IN_ENGLISH)
    ur = StringField(_l("Question in Urdu"), render_kw=IN_URDU)
    levels = FieldList(FormField(LevelForm), max_entries=MOST_LEVELS)

    @property
    def is_blank(self) -> bool:
        return is_blank(self) and not self.filled

    @property
    def filled(self) -> list[LevelForm]:
        return [entry.form for entry in self.levels if not entry.form.is_blank]

    def is_right(self) -> bool:
        are_right = [is_right(self, LONGEST_LINE), *(level.is_right() for level in self.filled)]
        has_levels = len(self.filled) >= LEAST_LEVELS
        if not has_levels:
            complain(self.en, _("Give this question at least two levels."))
        return all(are_right) and has_levels

    def offer_more(self) -> None:
        """Room for one level more; for three when there is none yet."""
        blank = len(self.levels) - len(self.filled)
        while blank < (1 if self.filled else LEAST_LEVELS + 1) and len(self.levels) < MOST_LEVELS:
            self.levels.append_entry()
            blank += 1


class RubricForm(FlaskForm):  # type: ignore[misc]
    """The rubric of a cell that a person marks; every question left empty for none. Questions left empty fall away.

    seen: version of what the page showed. known: the rubric that the page showed, whose ids stay.
    """

    seen = HiddenField()
    rows = FieldList(FormField(RowForm), max_entries=MOST_ROWS)

    def __init__(self, known: Rubric, **values: Any) -> None:
        super().__init__(**values)
        self.known = known

    @property
    def filled(self) -> list[RowForm]:
        return [entry.form for entry in self.rows if not entry.form.is_blank]

    def validate(self, extra_validators: Any = None) -> bool:
        are_right = [bool(super().validate(extra_validators)), *(row.is_right() for row in self.filled)]
        return all(are_right)

    def offer_more(self) -> None:
        """Room for one question more, and in each for one level more."""
        if len(self.filled) == len(self.rows) < MOST_ROWS:
            self.rows.append_entry()
        for entry in self.rows:
            entry.form.offer_more()

    @property
    def written(self) -> WordsOfCell:
        new_row = _ids({row.id for row in self.known}, "q")
        return WordsOfCell(None, tuple(_row(row, self.known, new_row) for row in self.filled))

    @property
    def problems(self) -> list[tuple[str, str]]:
        forms: list[Form] = [form for row in self.filled for form in (row, *row.filled)]
        return [problem for form in forms for problem in problems(form)]


def form_about(is_manual: bool, known: WordsOfCell) -> HintForm | RubricForm:
    """The form for a cell, filled with what is known or with what was sent."""
    if not is_manual:
        hint = known.hint
        return HintForm(data={"seen": known.version, "en": hint and hint.en, "ur": hint and hint.ur})
    return RubricForm(known.rubric, data={"seen": known.version, "rows": [_typed(row) for row in known.rubric]})


def _typed(row: RubricRow) -> dict[str, object]:
    levels = [
        {"key": level.id, "points": short(level.points), "en": level.text.en, "ur": level.text.ur}
        for level in row.levels
    ]
    return {"key": row.id, "en": row.title.en, "ur": row.title.ur, "levels": levels}


def _row(form: RowForm, known: Rubric, new_id: Callable[[str], str]) -> RubricRow:
    row_id = new_id(form.key.data or "")
    before = next((row for row in known if row.id == row_id), None)
    new_level = _ids({level.id for level in before.levels} if before else set(), "l")
    levels = [
        RubricLevel(id=new_level(level.key.data or ""), points=level.points_given or 0, text=bilingual(level))
        for level in form.filled
    ]
    return RubricRow(id=row_id, title=bilingual(form), levels=tuple(levels))


def _ids(known: Collection[str], letter: str) -> Callable[[str], str]:
    """Gives each of the known ids once, and another that never was for anything else: marks are found by them."""
    left = set(known)

    def give(sent: str) -> str:
        if sent not in left:
            return letter + secrets.token_hex(6)
        left.remove(sent)
        return sent

    return give
