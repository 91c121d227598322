"""Gap and plan of a study to take away: CSV, or sheets of a workbook. Headings are fixed, for programs too."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import IO, Any

from openpyxl import Workbook

from app.core.spreadsheets import harmless
from app.foresight.presentation import Result, prices
from app.foresight.queries import StudySummary
from app.foresight.wording import limit_name, scenario_name
from foresight import LEVELS

GAP_COLUMNS = (
    *("department", "competency", "level", "year", "needed", "there", "gap_low", "gap_median", "gap_high"),
    *("assessed", "staff_first_year", "share_of_holders_from"),
)
PLAN_COLUMNS = ("year", "quarter", "department", "district", "competency", "level", "mode", "seats", "women")
UNMET_COLUMNS = ("year", "department", "competency", "level", "gap", "unmet", "held_back_by")
INFEASIBLE_COLUMNS = ("year", "limit")
TOTAL_COLUMNS = ("year", "way", "weighted_gap_low", "weighted_gap_median", "weighted_gap_high")
Row = tuple[Any, ...]


def gap_rows(result: Result) -> Iterator[Row]:
    """A row for each department, competency, level and year in which anybody is needed."""
    gap = result["gap"]
    for d, department in enumerate(result["departments"]):
        for c, competency in enumerate(result["competencies"]):
            for at, level in enumerate(LEVELS):
                for y, year in enumerate(result["years"]):
                    figures = [gap[name][d][c][at][y] for name in ("demand", "supply", "low", "median", "high")]
                    if figures[0] > 0:
                        yield (
                            *(department, competency, level, year, *figures),
                            *(result["assessed"][d][c], result["staff"][d], result["shares_from"][d][c]),
                        )


def plan_rows(result: Result) -> Iterator[Row]:
    """A row for each course, district, mode and quarter that has seats."""
    for year in result["plan"]:
        for each in year["seats"]:
            yield (year["year"], *(each[name] for name in PLAN_COLUMNS[1:]))


def unmet_rows(result: Result) -> Iterator[Row]:
    for year in result["plan"]:
        for each in year["unmet"]:
            because = limit_name(each["because"]) if each["because"] else ""
            yield (year["year"], *(each[name] for name in UNMET_COLUMNS[1:-1]), because)


def infeasible_rows(result: Result) -> Iterator[Row]:
    """Of each year that no plan can serve the limits that would have to give way."""
    for year in result["plan"]:
        for limit in year["infeasible"]:
            yield (year["year"], limit_name(limit))


def total_rows(result: Result) -> Iterator[Row]:
    for way, by_year in result["totals"].items():
        for year, band in zip(result["years"], by_year, strict=True):
            yield (year, way, *band)


def write_workbook(file: IO[bytes], summary: StudySummary, result: Result) -> None:
    """Write gap, plan, what stays unmet, years without a plan, totals, prices and what the study rests on."""
    book = Workbook(write_only=True)
    sheets: Mapping[str, tuple[tuple[str, ...], Iterator[Row]]] = {
        "gap": (GAP_COLUMNS, gap_rows(result)),
        "plan": (PLAN_COLUMNS, plan_rows(result)),
        "unmet": (UNMET_COLUMNS, unmet_rows(result)),
        "infeasible": (INFEASIBLE_COLUMNS, infeasible_rows(result)),
        "totals": (TOTAL_COLUMNS, total_rows(result)),
        "prices": (("year", "price"), ((year["year"], told) for year in result["plan"] for told in prices(year))),
        "study": (("what", "value"), iter(_about(summary, result))),
    }
    for name, (columns, rows) in sheets.items():
        sheet = book.create_sheet(name)
        sheet.append(columns)
        for row in rows:
            sheet.append([harmless(value) for value in row])
    book.save(file)


def _about(summary: StudySummary, result: Result) -> list[Row]:
    assumed = [(f"scenario.{name}", str(value)) for name, value in summary.version.parameters.items()]
    return [
        ("study", summary.study.id),
        ("computed for", summary.study.asked_at.isoformat()),
        ("method", result["method"]),
        ("seed", summary.study.seed),
        ("figures: version", summary.data.number),
        ("figures: sha256 of the file", summary.data.sha256),
        ("scenario", scenario_name(summary.scenario)),
        ("scenario: version", summary.version.number),
        *assumed,
    ]
