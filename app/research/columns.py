"""The columns of a release: meaning, type, allowed values, and how each was coarsened; in English and Urdu."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.accounts.postings import GRADE_BANDS
from app.competencies.models import EvidenceKind
from app.research.anonymity import ANY, Ladder, anything, as_it_is

UNKNOWN = "unknown"
# By the least number in each.
DONE_BANDS = {0: "0", 1: "1-5", 6: "6-10", 11: "11-20", 21: "21 or more"}
BREADTH_BANDS = {0: "0", 1: "1-3", 4: "4-6", 7: "7 or more"}
LANGUAGES = ("en", "ur")
# What the table of persons might tell somebody by, each with its ladder.
LADDERS: Mapping[str, Ladder] = {
    "department": (as_it_is, anything),
    "grade_band": (as_it_is, anything),
    "district": (as_it_is, anything),
    "language": (as_it_is, anything),
}


def named_band(found: tuple[int, int] | None) -> str:
    """A band of grades as a release names it."""
    return f"BS {found[0]}-{found[1]}" if found else UNKNOWN


GRADE_BAND_NAMES = tuple(named_band(each) for each in GRADE_BANDS)


def band(number: int, bands: Mapping[int, str]) -> str:
    """The band that a number lies in. bands: by their least number, ascending from 0."""
    return [name for least, name in bands.items() if least <= number][-1]


@dataclass(frozen=True)
class Column:
    """One column of a file. coarsened: how."""

    file: str
    name: str
    meaning: object
    type: object
    values: object
    coarsened: object


PERSONS, EVIDENCE, COUNTS = "persons.csv", "evidence.csv", "counts.csv"
TEXT, WHOLE, DECIMAL = _l("text"), _l("whole number"), _l("decimal number")
STEP = _l("as it is, or * for all where fewer than ten people would look alike")
TENTHS = _l("rounded to tenths")
NOT_COARSENED = _l("not")
COLUMNS = (
    Column(
        PERSONS,
        "person",
        _l("A pseudonym of this release; another in every release, and nobody can find from it who it is"),
        TEXT,
        _l("sixteen hexadecimal digits"),
        _l("keyed hash, whose key was thrown away"),
    ),
    Column(PERSONS, "department", _l("Where the person works"), TEXT, _l("names of departments; unknown; *"), STEP),
    Column(
        PERSONS,
        "grade_band",
        _l("Grade of the Basic Pay Scale"),
        TEXT,
        f"{', '.join(GRADE_BAND_NAMES)}; {UNKNOWN}; {ANY}",
        _l("bands of grades; * for all where fewer than ten people would look alike"),
    ),
    Column(PERSONS, "district", _l("District of the posting"), TEXT, _l("names of districts; unknown; *"), STEP),
    Column(PERSONS, "language", _l("Language of the portal that the person chose"), TEXT, "en; ur; *", STEP),
    Column(
        PERSONS,
        "activities_done",
        _l("Lessons, quizzes, simulations and notebooks that were finished"),
        TEXT,
        ", ".join(DONE_BANDS.values()),
        _l("in bands"),
    ),
    Column(
        PERSONS,
        "mean_outcome",
        _l("Mean of all outcomes of the person, weighted; empty without evidence"),
        DECIMAL,
        "0–1",
        TENTHS,
    ),
    Column(EVIDENCE, "person", _l("As in persons.csv"), TEXT, _l("sixteen hexadecimal digits"), NOT_COARSENED),
    Column(
        EVIDENCE,
        "week",
        _l("Weeks from the first evidence of the person until this work was done"),
        WHOLE,
        _l("0 or more"),
        _l("no dates; whole weeks from a beginning of one's own"),
    ),
    Column(EVIDENCE, "kind", _l("What the evidence is"), TEXT, ", ".join(EvidenceKind), NOT_COARSENED),
    Column(
        EVIDENCE,
        "competency",
        _l("Code of the competency framework"),
        TEXT,
        _l("codes such as D2.1"),
        NOT_COARSENED,
    ),
    Column(EVIDENCE, "level", _l("Level of the framework that the evidence speaks for"), WHOLE, "1–4", NOT_COARSENED),
    Column(EVIDENCE, "outcome", _l("How well it was done, as a share"), DECIMAL, "0–1", TENTHS),
    Column(
        EVIDENCE,
        "weight",
        _l(
            "Weight of its kind, less in a quiz that was taken again; what it counts in the estimate follows from it "
            "by how reliable marks of people are, by difficulty, by age and by how many pieces count"
        ),
        DECIMAL,
        _l("more than 0"),
        NOT_COARSENED,
    ),
    Column(COUNTS, "family", _l("What is counted by"), TEXT, _l("see the next column"), NOT_COARSENED),
    Column(COUNTS, "value", _l("One of the values of the family"), TEXT, _l("every possible value"), _l("in bands")),
    Column(
        COUNTS,
        "people",
        _l("How many people who agreed have this value, those left out of persons.csv included"),
        WHOLE,
        _l("any; may be negative"),
        _l("two-sided geometric noise, epsilon 1"),
    ),
)


def family_names() -> dict[str, str]:
    return {
        "grade_band": _("Grade of the Basic Pay Scale"),
        "language": _("Language of the portal that the person chose"),
        "activities_done": _("Lessons, quizzes, simulations and notebooks that were finished"),
        "competencies": _("Competencies of which there is any evidence"),
    }


# Each person has one value of each family, so the counts of a family spend their epsilon once (parallel composition).
FAMILIES: Mapping[str, tuple[str, ...]] = {
    "grade_band": (*GRADE_BAND_NAMES, UNKNOWN),
    "language": LANGUAGES,
    "activities_done": tuple(DONE_BANDS.values()),
    "competencies": tuple(BREADTH_BANDS.values()),
}
