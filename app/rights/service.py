"""A person takes away everything that is known of them."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from datetime import date
from enum import Enum
from typing import IO, Any

from sqlalchemy.orm import Session

from app.accounts.consent import Purpose, answer, standing
from app.accounts.models import Account
from app.accounts.service import note
from app.core.blobs import Blobs
from app.record_store.outbox import forget_unsent
from app.rights.own_data import PARTS, rows

# Columns that name files of the person's own, with the folder and the ending that they get.
FILES = {
    ("notebook_draft", "sha256"): ("notebooks", "ipynb"),
    ("submission", "sha256"): ("notebooks", "ipynb"),
    ("grade", "feedback_sha256"): ("feedback", "html"),
}
# A held notebook may have printed what is not its trainee's to read.
WITHHELD = "held"


def write_archive(session: Session, blobs: Blobs, person: Account, target: IO[bytes], cover: str) -> dict[str, int]:
    """Write a zip of everything that is known of a person; how many rows of each table are in it.

    cover: a page that says what is in it. The act is in the audit log, and in the archive.
    """
    note(session, "own_data_taken", person, person.id)
    counts = {}
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("index.html", cover)
        written: set[str] = set()
        for part in PARTS:
            found = rows(session, part, person.id)
            counts[part.name] = len(found)
            archive.writestr(
                f"{part.name}.json", json.dumps(found, ensure_ascii=False, indent=1, default=_plain, sort_keys=True)
            )
            for name, content in _files(blobs, part.name, found):
                if name not in written:
                    written.add(name)
                    archive.writestr(name, content)
    return counts


def choose(session: Session, person: Account, purpose: Purpose, *, is_given: bool) -> None:
    """Agree to a use of one's data, or agree no longer; the same answer again changes nothing."""
    before = standing(session, person.id, purpose)
    if (before is not None and before.is_given) == is_given:
        return
    answer(session, person.id, purpose, is_given=is_given)
    if purpose is Purpose.RECORD_STORE:
        forget_unsent(session, person)
    note(session, "consent_given" if is_given else "consent_withdrawn", person, person.id, purpose=purpose)


def _files(blobs: Blobs, table: str, found: list[dict[str, Any]]) -> Iterator[tuple[str, bytes]]:
    for (of_table, column), (folder, ending) in FILES.items():
        if of_table != table:
            continue
        for row in found:
            if (digest := row[column]) and row.get("status") != WITHHELD:
                yield f"{folder}/{digest}.{ending}", blobs.get(digest)


def _plain(value: object) -> str:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Enum):
        return str(value.value)
    raise TypeError(f"A value of type {type(value).__name__} cannot be written as JSON.")
