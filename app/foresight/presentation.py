"""Kept results of a study as the tables and charts that its pages print."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _

from app.core.charts import Chart, chart, format_number, percent
from app.core.wording import isolated
from app.foresight import wording
from foresight import LEVELS

Result = Mapping[str, Any]
SHADES = 5
NOBODY = 0.05


@dataclass(frozen=True)
class Choice:
    """What of a study a reader looks at: places on its axes, levels from 1."""

    department: int
    competency: int
    level: int
    year: int


@dataclass(frozen=True)
class GapCell:
    """shade: from 0 to 4 by the share of the need that is missing; None where nobody is needed."""

    gap: str
    band: str
    assessed: str
    shares_from: str
    shade: int | None


def choice_of(result: Result, asked: Mapping[str, str]) -> Choice:
    """What the address asks for; where it asks for nothing that is there, the last year and its largest gap."""
    level = _place(asked.get("level", ""), [str(level) for level in LEVELS], 1)
    year = _place(asked.get("year", ""), [str(year) for year in result["years"]], len(result["years"]) - 1)
    gaps = result["gap"]["median"]
    largest = max(
        (gaps[d][c][level][year], -d, -c)
        for d in range(len(result["departments"]))
        for c in range(len(result["competencies"]))
    )
    department = _place(asked.get("department", ""), result["departments"], -largest[1])
    competency = _place(asked.get("competency", ""), result["competencies"], -largest[2])
    return Choice(department, competency, level + 1, year)


def _place(asked: str, names: list[str], otherwise: int) -> int:
    return names.index(asked) if asked in names else otherwise


def gap_table(result: Result, chosen: Choice) -> list[tuple[str, list[GapCell]]]:
    """A row for each department, a cell for each competency, in the chosen year and level."""
    return [
        (name, [_cell(result, chosen, d, c) for c in range(len(result["competencies"]))])
        for d, name in enumerate(result["departments"])
    ]


def _cell(result: Result, chosen: Choice, d: int, c: int) -> GapCell:
    low, middle, high, needed = (
        result["gap"][name][d][c][chosen.level - 1][chosen.year] for name in ("low", "median", "high", "demand")
    )
    return GapCell(
        gap=format_number(middle, 0),
        band=between(low, high),
        assessed=str(
            _(
                "assessed: %(count)s of %(staff)s",
                count=isolated(format_number(result["assessed"][d][c], 0)),
                staff=isolated(format_number(result["staff"][d], 0)),
            )
        ),
        shares_from=wording.shares_from(result["shares_from"][d][c]),
        shade=min(SHADES - 1, int(SHADES * middle / needed)) if needed > NOBODY else None,
    )


def between(low: float, high: float) -> str:
    return str(_("%(low)s to %(high)s", low=isolated(format_number(low, 0)), high=isolated(format_number(high, 0))))


def gap_chart(result: Result, chosen: Choice) -> Chart:
    """Need, supply and gap of one department and competency over the years."""
    names = {
        str(_("Gap: median")): "median",
        str(_("Gap: 10th percentile")): "low",
        str(_("Gap: 90th percentile")): "high",
        str(_("People needed")): "demand",
        str(_("People there")): "supply",
    }
    title = _(
        "%(department)s, %(competency)s, level %(level)s: people",
        department=result["departments"][chosen.department],
        competency=isolated(result["competencies"][chosen.competency]),
        level=chosen.level,
    )
    series = {
        label: result["gap"][name][chosen.department][chosen.competency][chosen.level - 1]
        for label, name in names.items()
    }
    return chart(
        "line",
        title=str(title),
        description=str(_("%(title)s, by year", title=title)),
        axis=str(_("Year")),
        labels=[str(year) for year in result["years"]],
        series=series,
        decimals=0,
    )


def tornado_chart(result: Result) -> Chart:
    """The inputs that move the gap most, by number; their names are printed beside it."""
    swings = result["swings"]
    title = str(_("Weighted gap in %(year)s when one input alone is low or high", year=result["years"][-1]))
    return chart(
        "bar",
        title=title,
        description=title,
        axis=str(_("Input")),
        labels=[str(place) for place in range(1, len(swings) + 1)],
        series={
            str(_("at its 10th percentile")): [swing["low"] for swing in swings],
            str(_("at its 90th percentile")): [swing["high"] for swing in swings],
        },
        decimals=0,
    )


def totals_chart(result: Result) -> Chart:
    """The weighted gap over the years without training, with the plan and with first come."""
    names = {
        str(_("Without training")): "untrained",
        str(_("First come")): "first_come",
        str(_("Plan")): "planned",
    }
    title = str(_("Weighted gap by year (median)"))
    return chart(
        "line",
        title=title,
        description=title,
        axis=str(_("Year")),
        labels=[str(year) for year in result["years"]],
        series={label: [middle for _low, middle, _high in result["totals"][name]] for label, name in names.items()},
        decimals=0,
    )


def scenarios_chart(results: Mapping[str, Result]) -> Chart:
    """The weighted gap without training over the years that all have. results: by the name of the scenario."""
    years = sorted(set.intersection(*(set(result["years"]) for result in results.values())))
    title = str(_("Weighted gap by year without training (median)"))

    def medians(result: Result) -> list[float | None]:
        return [result["totals"]["untrained"][result["years"].index(year)][1] for year in years]

    return chart(
        "line",
        title=title,
        description=title,
        axis=str(_("Year")),
        labels=[str(year) for year in years],
        series={name: medians(result) for name, result in results.items()},
        decimals=0,
    )


def totals_rows(result: Result) -> list[tuple[str, ...]]:
    """Median and band of the weighted gap by year: without training, with first come, with the plan."""
    return [
        (
            str(year),
            *(
                f"{format_number(result['totals'][name][place][1], 0)} "
                f"({between(result['totals'][name][place][0], result['totals'][name][place][2])})"
                for name in ("untrained", "first_come", "planned")
            ),
        )
        for place, year in enumerate(result["years"])
    ]


def side_by_side(result: Result) -> list[tuple[str, ...]]:
    """By department: seats of all years by the plan and by first come, and what the plan does better, with its band."""
    plan: dict[str, float] = defaultdict(float)
    first_come: dict[str, float] = defaultdict(float)
    for year in result["plan"]:
        for each in year["seats"]:
            plan[each["department"]] += each["seats"]
        for each in year["first_come"]["seats"]:
            first_come[each["department"]] += each["seats"]
    found: list[tuple[str, ...]] = []
    for name in result["departments"]:
        low, middle, high = result["differences"][name]["band"]
        found.append(
            (
                name,
                format_number(plan[name], 0),
                format_number(first_come[name], 0),
                f"{format_number(middle, 0)} ({between(low, high)})",
                percent(result["differences"][name]["better"]),
            )
        )
    return found


def sensitivity_rows(result: Result) -> list[tuple[str, ...]]:
    """By factor: the weighted gap that the plan of the first year leaves with so much money or so many seats."""
    by_factor: dict[float, dict[str, float | None]] = defaultdict(dict)
    for each in result["sensitivity"]:
        by_factor[each["factor"]][each["what"]] = each["objective"]
    return [
        (percent(factor), *(_or_no_plan(found[what]) for what in ("budget", "seats")))
        for factor, found in sorted(by_factor.items())
    ]


def _or_no_plan(objective: float | None) -> str:
    return str(_("no plan is possible")) if objective is None else format_number(objective, 1)


def prices(year: Mapping[str, Any]) -> list[str]:
    """What one more of each limit would do, the most telling first."""
    return [told for each in year["prices"] if (told := wording.price(each)) is not None]


def unmet(year: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Gaps that stay, the largest first."""
    return sorted((each for each in year["unmet"] if each["unmet"] > NOBODY), key=lambda each: -each["unmet"])
