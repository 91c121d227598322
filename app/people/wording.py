"""What an import finds and does, in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from flask_babel import format_date, ngettext
from flask_babel import gettext as _

from app.accounts.forms import ROLE_NAMES
from app.accounts.postings import Place, PostingChange
from app.core.access import Role
from app.core.locale import LANGUAGES
from app.people.columns import LENGTHS
from app.people.models import ImportRow, Outcome, PeopleImport


def column_name(column: str) -> str:
    """What a column is called on our pages."""
    names = {
        "username": _("User name"),
        "full_name": _("Name"),
        "department": _("Department"),
        "grade": _("Grade"),
        "posting_date": _("Date of posting"),
        "district": _("District"),
        "role": _("Role"),
        "language": _("Language"),
        "cohort": _("Cohort"),
    }
    return str(names.get(column, column))


def outcome_name(outcome: Outcome) -> str:
    names = {
        Outcome.NEW: _("New"),
        Outcome.CHANGED: _("Changed"),
        Outcome.SAME: _("Left alone"),
        Outcome.WRONG: _("Wrong"),
    }
    return str(names[outcome])


def problem(kept: Mapping[str, str]) -> str:
    """What is wrong with a cell or a row and what to do about it."""
    column, value = column_name(kept["column"]), kept["value"]
    texts = {
        "missing": _("%(column)s: the cell is empty. Fill it in.", column=column),
        "repeated": _("Row %(value)s has the same user name. Leave one of the two rows.", value=value),
        "taken": _("The user name “%(value)s” cannot be given here. Choose another one.", value=value),
        "username": _(
            "User name “%(value)s”: use 2 to 120 Latin letters, digits, dots, hyphens, underscores and @, "
            "beginning with a letter or digit.",
            value=value,
        ),
        "formula": _(
            "%(column)s: the cell holds a formula or begins like one. Put the bare value there.", column=column
        ),
        "unreadable": _("%(column)s: the cell holds signs that cannot be printed. Type it anew.", column=column),
        "too_long": _(
            "%(column)s: the text is longer than %(most)s characters. Shorten it.",
            column=column,
            most=LENGTHS.get(kept["column"], ""),
        ),
        "grade": _("Grade “%(value)s”: write a whole number from 1 to 22, with or without BPS before it.", value=value),
        "posting_date": _("Date of posting “%(value)s”: write it like 2026-03-31 or 31/03/2026.", value=value),
        "posting_date_range": _("Date of posting “%(value)s”: it must lie between 1950 and today.", value=value),
        "begins_too_early": _(
            "The posting before this one began on %(day)s, so this one cannot begin earlier; correct the date.",
            day=_day(value) if kept["code"] == "begins_too_early" else "",
        ),
        "role": _("Role “%(value)s”: write trainee, instructor, administrator or auditor.", value=value),
        "role_not_given": _(
            "The role would be %(role)s. Take the role out of the file, or tick that it may give roles.",
            role=ROLE_NAMES[Role(value)] if kept["code"] == "role_not_given" else "",
        ),
        "own_role": _("You cannot change your own role. Ask another administrator of your academy to do it."),
        "language": _("Language “%(value)s”: write English or Urdu.", value=value),
        "no_cohort": _("There is no cohort “%(value)s”. Make it first, or correct its name.", value=value),
        "several_cohorts": _("Several cohorts are called “%(value)s”. Rename one of them.", value=value),
        "not_a_trainee": _("Only trainees can be in a cohort. Take “%(value)s” out of this row.", value=value),
        "cell_without_heading": _("A cell has no heading above it. Give its column a heading, or delete the cell."),
        "to_be_removed": _("The file wants this person removed. An import removes nobody; take the row out."),
    }
    return str(texts[kept["code"]])


def lines(row: ImportRow) -> list[str]:
    """What is wrong with a row, else what it does; empty where it does nothing."""
    return [problem(each) for each in row.problems] or changes(row)


def changes(row: ImportRow) -> list[str]:
    """What a row does, one sentence for each field: the new value, or old and new."""
    found = [
        _change(column_name(name), _value(name, row.before.get(name)), _value(name, row.after[name]))
        for name in ("full_name", "role", "language")
        if name in row.after
    ]
    if "posting" in row.after:
        found.append(_posting(row.before.get("posting"), row.after["posting"]))
    found += [str(_("Joins the cohort %(name)s", name=name)) for name in row.after.get("cohorts", {})]
    found += [
        str(_("Teaches the cohort %(name)s from now on, and sees what its trainees do", name=name))
        for name in row.after.get("teaches", {})
    ]
    found += [
        str(_("Teaches the cohort %(name)s no more", name=each["name"])) for each in row.before.get("teaches", ())
    ]
    # A row that says a role has it applied as it stands, or is wrong.
    if row.given["values"].get("role", Role.INSTRUCTOR) != Role.INSTRUCTOR:
        found += [
            str(_("Is no instructor here, so does not become one of the cohort %(name)s", name=name))
            for name in row.given.get("teaches", ())
        ]
    return found


def _change(label: str, former: str, present: str) -> str:
    if not former:
        return str(_("%(field)s: %(value)s", field=label, value=present))
    return str(_("%(field)s: %(former)s → %(value)s", field=label, former=former, value=present))


def _value(name: str, value: str | None) -> str:
    if value is None:
        return ""
    if name == "role":
        return str(ROLE_NAMES[Role(value)])
    return LANGUAGES["ur" if value == "ur" else "en"] if name == "language" else value


def _posting(before: dict[str, Any] | None, after: dict[str, Any]) -> str:
    present = place(Place.of_json(after))
    if before is None:
        return str(_("Posting: %(place)s", place=present))
    former = place(Place.of_json(before))
    if after["change"] == PostingChange.TRANSFER:
        return str(
            _("Transfer: %(former)s → %(place)s; the former posting stays in the history", former=former, place=present)
        )
    return str(_("Correction of the posting: %(former)s → %(place)s", former=former, place=present))


def place(where: Place) -> str:
    """Department, grade, district and day, as far as they are known."""
    parts = [
        where.department,
        f"BPS-{where.grade}" if where.grade else "",
        where.district,
        str(_("since %(day)s", day=format_date(where.begins_on, "medium", rebase=False))) if where.begins_on else "",
    ]
    return ", ".join(part for part in parts if part)


def _day(written: str) -> str:
    return str(format_date(date.fromisoformat(written), "medium", rebase=False))


def state(made: PeopleImport) -> str:
    """What became of an import."""
    if made.undone_at:
        return str(_("undone"))
    return str(_("applied") if made.applied_at else _("preview"))


def count_of(made: PeopleImport, outcome: Outcome) -> int:
    return int(getattr(made, outcome.counted))


def rows(count: int) -> str:
    return str(ngettext("%(num)s row", "%(num)s rows", count))
