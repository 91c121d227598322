"""Fields in which an author types the same in English and in Urdu."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from flask_babel import gettext as _
from wtforms import Field, FieldList, Form, FormField

from app.content.values import ARABIC_LETTER, LATIN_WORD, Bilingual
from app.core.typed import typed_text

IN_ENGLISH = {"dir": "ltr", "lang": "en"}
IN_URDU = {"dir": "rtl", "lang": "ur"}


def bilingual(form: Form) -> Bilingual:
    """What was typed into the fields `en` and `ur`; only of a form that was found right."""
    return Bilingual(en=typed_text(form.en.data), ur=typed_text(form.ur.data))


def is_blank(form: Form) -> bool:
    """Whether nothing was typed in either language."""
    return not typed_text(form.en.data) and not typed_text(form.ur.data)


def is_right(form: Form, longest: int) -> bool:
    """Whether both languages are there, each in its own script; what is not is said at its field."""
    for field, sentences in ((form.en, _of_english(form)), (form.ur, _of_urdu(form))):
        if len(typed_text(field.data)) > longest:
            complain(field, _("Shorten this to %(most)s characters.", most=longest))
        for sentence in sentences:
            complain(field, sentence)
    return not form.en.errors and not form.ur.errors


def _of_english(form: Form) -> Iterator[str]:
    english = typed_text(form.en.data)
    if not english:
        yield _("Write it in English too.")
    elif ARABIC_LETTER.search(english):
        yield _("This is the English text; write the Urdu one in the field for it.")


def _of_urdu(form: Form) -> Iterator[str]:
    urdu = typed_text(form.ur.data)
    if not urdu:
        yield _("Write it in Urdu too.")
    elif LATIN_WORD.search(typed_text(form.en.data)) and not ARABIC_LETTER.search(urdu):
        yield _("This is the Urdu text; write it in Urdu.")


def complain(field: Field, sentence: str) -> None:
    """Say at a field what is wrong with it."""
    field.errors = [*field.errors, sentence]


def problems(form: Form) -> list[tuple[str, str]]:
    """Id of each field of this form with something wrong, and the first of it."""
    fields: Sequence[Field] = [field for field in form if not isinstance(field, (FieldList, FormField))]
    return [(field.id, field.errors[0]) for field in fields if field.errors]
