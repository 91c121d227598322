"""A release as a zip: three tables and their dictionary, as CSV and as a page to read."""

from __future__ import annotations

import zipfile
from typing import IO

from flask_babel import force_locale

from app.core.spreadsheets import as_csv
from app.research.columns import COLUMNS, COUNTS, EVIDENCE, PERSONS
from app.research.material import Tables

DICTIONARY, PAGE = "dictionary.csv", "dictionary.html"
LANGUAGES = ("en", "ur")
DICTIONARY_COLUMNS = (
    *("file", "column"),
    *(f"{name}_{language}" for name in ("meaning", "type", "allowed_values", "coarsened") for language in LANGUAGES),
)


def write(target: IO[bytes], made: Tables, cover: str) -> None:
    """cover: the dictionary as a page. No file says when it was written."""
    files = {
        PERSONS: as_csv(_names(PERSONS), made.persons),
        EVIDENCE: as_csv(_names(EVIDENCE), made.evidence),
        COUNTS: as_csv(_names(COUNTS), made.counts),
        DICTIONARY: as_csv(DICTIONARY_COLUMNS, _dictionary()),
        PAGE: cover,
    }
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)


def _names(file: str) -> list[str]:
    return [column.name for column in COLUMNS if column.file == file]


def _dictionary() -> list[list[str]]:
    """Each column in both languages."""
    said: dict[str, list[list[str]]] = {}
    for language in LANGUAGES:
        with force_locale(language):
            said[language] = [
                [str(each.meaning), str(each.type), str(each.values), str(each.coarsened)] for each in COLUMNS
            ]
    pairs = zip(COLUMNS, *said.values(), strict=True)
    return [
        [column.file, column.name, *(text for both in zip(english, urdu, strict=True) for text in both)]
        for column, english, urdu in pairs
    ]
