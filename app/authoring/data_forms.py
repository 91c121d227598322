"""What an author says of data files when they are brought into a lab."""

from __future__ import annotations

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from werkzeug.datastructures import FileStorage
from wtforms import MultipleFileField, RadioField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Length, ValidationError

from app.authoring.data_tables import MOST_FILES
from app.core.typed import typed_text

LONGEST_ASSURANCE = 1_000
SHORTEST_ASSURANCE = 15
NOBODY = "nobody"


class DataForm(FlaskForm):  # type: ignore[misc]
    """Files, and whether they name real people."""

    files = MultipleFileField(_l("Data files"), render_kw={"accept": ".csv,.xlsx"})
    people = RadioField(
        _l("Do the data hold names, CNIC numbers, telephone numbers or e-mail addresses of people?"),
        choices=[
            SelectChoice(NOBODY, _l("No")),
            SelectChoice("invented", _l("Yes, of people who are made up")),
            SelectChoice("permitted", _l("Yes, of real people, and we are permitted to use them for teaching")),
        ],
        validators=[DataRequired(_l("Say whether the data name people."))],
    )
    assurance = TextAreaField(
        _l("If they do: who made them up, or who permits their use, and by what rule"),
        validators=[Length(max=LONGEST_ASSURANCE, message=_l("Shorten this to %(max)d characters."))],
        render_kw={"rows": 2, "dir": "auto"},
    )

    def validate_files(self, _field: MultipleFileField) -> None:
        if not self.sent:
            raise ValidationError(_("Choose at least one file."))
        if len(self.sent) > MOST_FILES:
            raise ValidationError(_("Send at most %(most)s files.", most=MOST_FILES))

    def validate_assurance(self, field: TextAreaField) -> None:
        if self.people.data not in (None, NOBODY) and len(typed_text(field.data)) < SHORTEST_ASSURANCE:
            raise ValidationError(_("Say in a sentence why these data may be used; it is kept in the audit log."))

    @property
    def sent(self) -> list[FileStorage]:
        """The files that hold something or have a name."""
        return [file for file in self.files.data or () if isinstance(file, FileStorage) and file.filename]

    @property
    def assurance_given(self) -> str:
        """Empty where the author says that the data name nobody."""
        if self.people.data == NOBODY:
            return ""
        [said] = [each.label for each in self.people.choices if each.value == self.people.data]
        return f"{said}: {typed_text(self.assurance.data)}"
