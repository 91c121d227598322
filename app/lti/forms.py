"""What an administrator types about a platform."""

from __future__ import annotations

from typing import Any, Self

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Length, ValidationError

from app.core.outgoing import NotAllowed
from app.lti.models import Platform
from app.lti.queries import CourseRow
from app.lti.service import Registration
from app.lti.tool import current_tool

ADDRESS = {"dir": "ltr", "autocomplete": "off", "spellcheck": "false", "inputmode": "url"}
NAME = {"dir": "ltr", "autocomplete": "off", "spellcheck": "false", "autocapitalize": "none"}
TOO_LONG = _l("Shorten this to %(max)d characters.")
MOST_DEPLOYMENTS = 50
LONGEST_DEPLOYMENT = 255


def _address_field(label: Any, longest: int = 500) -> StringField:
    required = DataRequired(_l("Copy this address from the platform."))
    return StringField(label, validators=[required, Length(max=longest, message=TOO_LONG)], render_kw=ADDRESS)


class PlatformForm(FlaskForm):  # type: ignore[misc]
    name = StringField(
        _l("Name of the platform"),
        validators=[DataRequired(_l("Give the platform a name.")), Length(max=120, message=TOO_LONG)],
        render_kw={"dir": "auto", "autocomplete": "off"},
    )
    site = _address_field(_l("Address at which people open it"), 300)
    issuer = _address_field(_l("Platform ID (issuer)"), 300)
    client_id = StringField(
        _l("Client ID"),
        validators=[
            DataRequired(_l("Copy the client ID from the platform.")),
            Length(max=255, message=TOO_LONG),
        ],
        render_kw=NAME,
    )
    deployment_ids = TextAreaField(
        _l("Deployment IDs"),
        validators=[
            DataRequired(_l("Copy the deployment ID from the platform.")),
            Length(max=10_000, message=TOO_LONG),
        ],
        render_kw=NAME | {"rows": 2},
    )
    login_address = _address_field(_l("Authentication request URL"))
    token_address = _address_field(_l("Access token URL"))
    keys_address = _address_field(_l("Public keyset URL"))
    makes_accounts = BooleanField(_l("Who comes for the first time may get a trainee's account without asking anybody"))

    names_instructors = BooleanField(
        _l("An instructor of the academy who teaches a course there teaches its cohort here")
    )

    @classmethod
    def of(cls, platform: Platform) -> Self:
        """The form as it stands for a platform."""
        form = cls(formdata=None, obj=platform)
        form.deployment_ids.data = "\n".join(platform.deployment_ids)
        return form

    def validate_site(self, field: StringField) -> None:
        _check_address(field)

    validate_login_address = validate_token_address = validate_keys_address = validate_site

    def validate_issuer(self, field: StringField) -> None:
        _check_address(field)

    def validate_deployment_ids(self, _field: TextAreaField) -> None:
        if len(self.deployments) > MOST_DEPLOYMENTS or any(len(each) > LONGEST_DEPLOYMENT for each in self.deployments):
            raise ValidationError(_("Type at most 50 deployment IDs, one on each line."))

    @property
    def deployments(self) -> tuple[str, ...]:
        lines = (line.strip() for line in (self.deployment_ids.data or "").splitlines())
        return tuple(dict.fromkeys(line for line in lines if line))

    @property
    def registration(self) -> Registration:
        site = current_tool().web.checked(self.site.data.strip())
        return Registration(
            name=" ".join(self.name.data.split()),
            issuer=self.issuer.data.strip(),
            client_id=self.client_id.data.strip(),
            deployment_ids=self.deployments,
            login_address=self.login_address.data.strip(),
            token_address=self.token_address.data.strip(),
            keys_address=self.keys_address.data.strip(),
            site=f"{site.scheme}://{site.netloc}".lower(),
            makes_accounts=bool(self.makes_accounts.data),
            names_instructors=bool(self.names_instructors.data),
        )


def _check_address(field: StringField) -> None:
    try:
        current_tool().web.checked(field.data.strip())
    except NotAllowed:
        raise ValidationError(_("Type a whole address that begins with https://.")) from None


class CohortForm(FlaskForm):  # type: ignore[misc]
    class Meta:
        csrf = False  # the page sends one token for all its forms; CSRFProtect checks it

    cohort = SelectField(_l("Cohort"), coerce=int, validate_choice=False)

    @classmethod
    def of(cls, row: CourseRow) -> Self:
        form = cls(formdata=None, prefix=f"course{row.course.id}", cohort=row.cohort.id)
        form.cohort.choices = [SelectChoice(each.id, each.name) for each in row.cohorts]
        return form
