"""What an administrator types about the record store of the academy."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, PasswordField, RadioField, SelectMultipleField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Length, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from app.core.outgoing import NotAllowed, Outgoing
from app.record_store.models import RecordStore
from app.record_store.service import Wish
from app.record_store.wording import kind_names

PLAIN = {"dir": "ltr", "autocomplete": "off", "spellcheck": "false", "autocapitalize": "none"}
TOO_LONG = _l("Shorten this to %(max)d characters.")
OFFICIAL, CONSENT = "official", "consent"


class StoreForm(FlaskForm):  # type: ignore[misc]
    endpoint = StringField(
        _l("Address of the record store"),
        validators=[DataRequired(_l("Type the address of the store.")), Length(max=300, message=TOO_LONG)],
        render_kw=PLAIN | {"inputmode": "url"},
    )
    key = StringField(
        _l("Key"),
        validators=[DataRequired(_l("Type the key that the store gave you.")), Length(max=200, message=TOO_LONG)],
        render_kw=PLAIN,
    )
    secret = PasswordField(
        _l("Secret"),
        validators=[Length(max=300, message=TOO_LONG)],
        render_kw={"dir": "ltr", "autocomplete": "new-password"},
    )
    kinds = SelectMultipleField(
        _l("What is told"), widget=ListWidget(prefix_label=False), option_widget=CheckboxInput(), validate_choice=True
    )
    basis = RadioField(_l("Of whom"), default=OFFICIAL)
    is_named = BooleanField(_l("Statements bear the name of the trainee"))

    def __init__(self, *, outgoing: Outgoing, known: RecordStore | None = None) -> None:
        """outgoing: says where the portal may send anything. known: to begin with what is set."""
        kept: dict[str, Any] = {"kinds": list(kind_names())}
        if known is not None:
            kept = {name: getattr(known, name) for name in ("endpoint", "key", "kinds", "is_named")}
            kept["basis"] = CONSENT if known.asks_consent else OFFICIAL
        super().__init__(data=kept)
        self._outgoing = outgoing
        self.kinds.choices = [SelectChoice(kind, name) for kind, name in kind_names().items()]
        self.basis.choices = [
            SelectChoice(OFFICIAL, _("Of every trainee: course records are part of the academy’s office")),
            SelectChoice(CONSENT, _("Only of those who have agreed to it")),
        ]

    @property
    def typed_endpoint(self) -> str:
        return (self.endpoint.data or "").strip().rstrip("/").removesuffix("/statements")

    def validate_endpoint(self, _field: StringField) -> None:
        try:
            has_query = bool(self._outgoing.checked(self.typed_endpoint).query)
        except NotAllowed:
            has_query = True
        if has_query:
            raise ValidationError(
                _("Type an address that begins with https:// and holds no name, password or question mark.")
            )

    def validate_key(self, field: StringField) -> None:
        if ":" in field.data:
            raise ValidationError(_("A key holds no colon."))

    def validate_kinds(self, field: SelectMultipleField) -> None:
        if not field.data:
            raise ValidationError(_("Choose at least one."))

    def wish(self) -> Wish:
        return Wish(
            self.typed_endpoint,
            self.key.data.strip(),
            self.secret.data or "",
            self.kinds.data,
            self.is_named.data,
            self.basis.data == CONSENT,
        )
