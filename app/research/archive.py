"""A release as a zip: three tables and their dictionary, as CSV and as a page to read, and the tables as Parquet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import PurePath
from typing import IO

from flask_babel import force_locale

from app.core import apart
from app.core.spreadsheets import as_csv
from app.research.columns import COLUMNS, COUNTS, DECIMAL, EVIDENCE, PERSONS, WHOLE, Column
from app.research.material import EPSILON, K, Tables
from app.research.parquet import Kind, TypedColumn, TypedTable

DICTIONARY, PAGE = "dictionary.csv", "dictionary.html"
LANGUAGES = ("en", "ur")
SAID = tuple(
    f"{name}_{language}" for name in ("meaning", "type", "allowed_values", "coarsened") for language in LANGUAGES
)
DICTIONARY_COLUMNS = ("file", "column", *SAID)


def write(target: IO[bytes], made: Tables, cover: str) -> None:
    """cover: the dictionary as a page. No file says when it was written."""
    dictionary = _dictionary()
    lines: dict[str, Sequence[Sequence[str | int]]] = {
        PERSONS: made.persons,
        EVIDENCE: made.evidence,
        COUNTS: made.counts,
    }
    texts = {
        **{file: as_csv([column.name for column in _columns(file)], found) for file, found in lines.items()},
        DICTIONARY: as_csv(DICTIONARY_COLUMNS, dictionary),
        PAGE: cover,
    }
    said = {(row[0], row[1]): dict(zip(SAID, row[2:], strict=True)) for row in dictionary}
    typed = [_typed(file, found, said, _about(made)) for file, found in lines.items()]
    target.write(apart.made("app.research.parquet:archived", texts, typed))


def _columns(file: str) -> list[Column]:
    return [column for column in COLUMNS if column.file == file]


def _typed(
    file: str,
    lines: Sequence[Sequence[str | int]],
    said: Mapping[tuple[str, str], Mapping[str, str]],
    about: Mapping[str, str],
) -> TypedTable:
    columns = tuple(TypedColumn(each.name, _kind(each), said[file, each.name]) for each in _columns(file))
    return TypedTable(str(PurePath(file).with_suffix(".parquet")), columns, lines, about)


def _kind(column: Column) -> Kind:
    if column.type is WHOLE:
        return "whole"
    return "decimal" if column.type is DECIMAL else "text"


def _about(made: Tables) -> dict[str, str]:
    """What was done to the tables, for whoever has one of them alone."""
    return {
        "k": str(K),
        "epsilon_of_each_count": f"{EPSILON:g}",
        "people": str(len(made.persons)),
        "people_left_out": str(made.generalised.suppressed),
        "evidence_left_out": str(made.evidence_left_out),
        "given_as_any": ", ".join(name for name, steps in made.generalised.steps.items() if steps),
    }


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
