"""A OneRoster 1.2 archive of CSV files, read into the same rows as any other file.

Read are users.csv, roles.csv (in 1.1 the role is in users.csv), orgs.csv for the department, and classes.csv with
enrollments.csv for the cohorts, by title, in which people learn (student) or teach (teacher). Passwords in it are
passed over. Source: 1EdTech, OneRoster CSV Binding 1.2.
"""

from __future__ import annotations

import zipfile
from collections import defaultdict
from collections.abc import Iterator
from datetime import date

from flask_babel import gettext as _

from app.core.errors import Refused
from app.core.spreadsheets import DAMAGED, MEBIBYTE, MOST_ROWS, opened, read_csv
from app.people.columns import GivenRow, Problem, mark_repeated, read_row

USERS, ROLES, ORGANISATIONS, CLASSES, ENROLMENTS = (
    "users.csv",
    "roles.csv",
    "orgs.csv",
    "classes.csv",
    "enrollments.csv",
)
NEEDED = ("sourcedId", "username", "givenName", "familyName")
LARGEST_PART = 24 * MEBIBYTE
# A person has some roles and is in some classes.
MOST_ROWS_ABOUT_PEOPLE = 10 * MOST_ROWS
# What of a standard's roles has a place in an academy; others, guardians for instance, have none.
ROLE_NAMES = {
    "student": "trainee",
    "teacher": "instructor",
    "proctor": "instructor",
    "siteAdministrator": "administrator",
    "systemAdministrator": "administrator",
    "districtAdministrator": "administrator",
    "administrator": "administrator",
}

Record = dict[str, str]


def read_archive(content: bytes, *, today: date) -> list[GivenRow]:
    """A row for each user, numbered as in users.csv. Raises Refused."""
    with opened(content) as packed:
        users = list(_records(packed, USERS))
        if not users:
            raise Refused(_("The archive holds no users.csv. A OneRoster archive has one, with a row for each person."))
        if missing := [name for name in NEEDED if name not in users[0][1]]:
            raise Refused(_("In users.csv these headings are missing: %(names)s.", names=", ".join(missing)))
        departments = {each["sourcedId"]: each.get("name", "") for each in _present(packed, ORGANISATIONS)}
        roles = _roles(packed)
        classes = _classes(packed)
    rows = [_row(number, user, departments, roles, classes, today) for number, user in users]
    mark_repeated(rows)
    return rows


def _row(
    number: int,
    user: Record,
    departments: dict[str, str],
    roles: dict[str, Record],
    classes: dict[tuple[str, str], set[str]],
    today: date,
) -> GivenRow:
    source_id = user["sourcedId"]
    names = (user.get(part, "") for part in ("givenName", "middleName", "familyName"))
    in_roles = roles.get(source_id, {})
    role = in_roles.get("role") or user.get("role", "")
    # In 1.2 a user names one organisation or leaves that to the roles; in 1.1 they name several.
    organisations = [user.get("primaryOrgSourcedId", ""), in_roles.get("orgSourcedId", "")]
    organisations += [each.strip() for each in user.get("orgSourcedIds", "").split(",")]
    cells = {
        "username": user["username"],
        "full_name": " ".join(name for name in names if name),
        "department": next((departments[each] for each in organisations if each in departments), ""),
        "role": ROLE_NAMES.get(role, role),
    }
    row = read_row(number, cells, today=today)
    row.cohorts.extend(sorted(classes.get((source_id, "student"), ())))
    row.teaches.extend(sorted(classes.get((source_id, "teacher"), ())))
    if _is_to_go(user) or user.get("enabledUser", "").lower() == "false":
        row.problems.append(Problem("", "to_be_removed"))
    return row


def _roles(packed: zipfile.ZipFile) -> dict[str, Record]:
    """What roles.csv says of each user; of the primary role where there are several."""
    found: dict[str, Record] = {}
    for each in _present(packed, ROLES):
        if each["userSourcedId"] not in found or each.get("roleType") == "primary":
            found[each["userSourcedId"]] = each
    return found


def _classes(packed: zipfile.ZipFile) -> dict[tuple[str, str], set[str]]:
    """Titles of the classes of each user, by the role that they have there."""
    known = {each["sourcedId"]: each for _number, each in _records(packed, CLASSES)}
    found: dict[tuple[str, str], set[str]] = defaultdict(set)
    for each in _present(packed, ENROLMENTS):
        number = each["classSourcedId"]
        of_class = known.get(number, {"title": number})
        if not _is_to_go(of_class):
            found[each["userSourcedId"], each.get("role", "")].add(of_class.get("title", ""))
    return found


def _is_to_go(record: Record) -> bool:
    return record.get("status") == "tobedeleted"


def _present(packed: zipfile.ZipFile, name: str) -> Iterator[Record]:
    """The rows of a part but for those that its sender no longer has."""
    return (each for _number, each in _records(packed, name) if not _is_to_go(each))


IDENTIFIERS = {
    ROLES: ("userSourcedId",),
    ORGANISATIONS: ("sourcedId",),
    CLASSES: ("sourcedId",),
    ENROLMENTS: ("userSourcedId", "classSourcedId"),
}


def _records(packed: zipfile.ZipFile, name: str) -> Iterator[tuple[int, Record]]:
    """The rows of a part, by heading; none where the archive has no such part. Raises Refused."""
    part = next((each for each in packed.infolist() if each.filename.rpartition("/")[2] == name), None)
    if part is None:
        return iter(())
    if part.file_size > LARGEST_PART:
        raise Refused(_("Unpacked, the file would be too large. Split it into several."), status=413)
    try:
        content = packed.read(part)
    except DAMAGED:
        raise Refused(_("The file is damaged: it cannot be unpacked. Save or download it anew.")) from None
    most_rows = MOST_ROWS if name == USERS else MOST_ROWS_ABOUT_PEOPLE
    sheet = read_csv(content, lambda cell: cell.strip() in ("sourcedId", "userSourcedId"), most_rows=most_rows)
    headings = [heading.strip() for heading in sheet.headings]
    if missing := [needed for needed in IDENTIFIERS.get(name, ()) if needed not in headings]:
        raise Refused(_("In %(file)s these headings are missing: %(names)s.", file=name, names=", ".join(missing)))
    return (
        (number, dict(zip(headings, (cell.strip() for cell in cells), strict=True))) for number, cells in sheet.rows
    )
