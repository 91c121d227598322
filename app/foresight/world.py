"""Rows of the workbook and shares of groups, put together to what a study computes with."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

import foresight
from app.competencies.estimation import HALF_LIFE_DAYS, half_life_days
from app.core.spreadsheets import plain
from app.foresight.columns import ALL_SCENARIOS, MODES, NEWCOMERS, Value
from app.foresight.reading import Row, Rows, value_of
from foresight import DEPARTMENT_RANGES, LEVELS, Basis, Mode, Range, Scenario, Site, Use, World, of_department

# How far figures of this quality may be off: assumed.
SPREADS = {"A": 0.05, "B": 0.10, "C": 0.20}
# Where the share of holders comes from.
OWN, POOL, UNKNOWN = "own", "pool", "unknown"
Supply = Mapping[str, Mapping[str, Mapping[str, Any]]]


@dataclass(frozen=True)
class Axes:
    """Names of departments and cadres by their plain spelling, in order; competencies and years."""

    departments: dict[str, str]
    cadres: dict[str, str]
    competencies: tuple[str, ...]
    years: tuple[int, ...]

    @classmethod
    def of(cls, rows: Rows, horizon_years: int) -> Axes:
        posts = rows["posts"]
        first = min(row["year"] for row in posts)
        return cls(
            departments=_spelt(row["department"] for row in posts),
            cadres=_spelt(row["cadre"] for row in posts),
            competencies=tuple(sorted({row["competency"] for row in rows["role_profile"]})),
            years=tuple(range(first, first + horizon_years + 1)),
        )

    def department(self, name: str) -> int:
        return list(self.departments).index(plain(name))

    def cadre(self, name: str) -> int:
        return list(self.cadres).index(plain(name))


def _spelt(names: Iterable[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for name in names:
        found.setdefault(plain(name), name)
    return dict(sorted(found.items()))


def departments_of(rows: Rows) -> set[str]:
    """As `plain` spells them."""
    return {plain(row["department"]) for row in rows["posts"]}


def competencies_of(rows: Rows) -> set[str]:
    return {row["competency"] for row in rows["role_profile"]}


def world_of(rows: Rows, scenario: Scenario, supply: Supply) -> World:
    """What a study of these rows computes with. supply: app.foresight.supply."""
    axes = Axes.of(rows, scenario.horizon_years)
    posts, since = _posts(rows, axes)
    needs, share_now, weights = _profile(rows, axes, posts)
    assessed, shares, behind, _where = held(axes, supply)
    trained, reached = _outcomes(rows, MODES)
    newcomers_trained, newcomers_reached = _outcomes(rows, (NEWCOMERS,))
    return World(
        departments=tuple(axes.departments.values()),
        competencies=axes.competencies,
        years=axes.years,
        modes=MODES,
        posts=posts,
        since=since,
        needs=needs,
        share_now=share_now,
        weights=weights,
        uses=_uses(rows, axes, scenario),
        retirements=_by_year(rows.get("retirements", []), axes, ("department",)),
        transfers=_by_year(rows.get("transfers", []), axes, ("from_department", "to_department")),
        intake=_by_year(rows.get("intake", []), axes, ("department",)),
        fade_ratio=np.array([half_life_days(code) / HALF_LIFE_DAYS for code in axes.competencies]),
        assessed=assessed,
        shares=shares,
        behind=behind,
        trained=trained,
        reached=reached,
        newcomers_trained=newcomers_trained[0],
        newcomers_reached=newcomers_reached[0],
        spreads={name: max((SPREADS[row["quality"]] for row in found), default=0.0) for name, found in rows.items()},
        capacity=_capacity(rows, axes),
        sites=_sites(rows, axes),
    )


def _last_given(by_year: Mapping[int, float], year: int) -> tuple[float, int]:
    """The value of the last year up to this one that has any, and how many years ago that was."""
    given = [each for each in by_year if each <= year]
    return (by_year[max(given)], year - max(given)) if given else (0.0, 0)


def _posts(rows: Rows, axes: Axes) -> tuple[foresight.Array, foresight.Array]:
    filled: dict[tuple[int, int], dict[int, float]] = defaultdict(lambda: defaultdict(float))
    for row in rows["posts"]:
        filled[axes.department(row["department"]), axes.cadre(row["cadre"])][row["year"]] += row["filled"]
    shape = (len(axes.departments), len(axes.cadres), len(axes.years))
    posts, since = np.zeros(shape), np.zeros(shape)
    for (department, cadre), by_year in filled.items():
        for place, year in enumerate(axes.years):
            posts[department, cadre, place], since[department, cadre, place] = _last_given(by_year, year)
    return posts, since


def _profile(
    rows: Rows, axes: Axes, posts: foresight.Array
) -> tuple[foresight.Array, foresight.Array, foresight.Array]:
    """What each cadre needs, the share of it that needs it now, and what a gap of each department weighs."""
    needs = np.zeros((len(axes.cadres), len(axes.competencies), len(LEVELS)))
    share_now = np.zeros(needs.shape[:2])
    weights = np.zeros((len(axes.departments), *needs.shape[1:]))
    for row in rows["role_profile"]:
        cadre, code = axes.cadre(row["cadre"]), axes.competencies.index(row["competency"])
        needs[cadre, code, : row["min_level"]] = 1.0
        share_now[cadre, code] = row["share_now_percent"] / 100
        weight = _weight(row)
        for department in np.flatnonzero(posts[:, cadre].any(axis=1)):
            levels = weights[department, code, : row["min_level"]]
            np.maximum(levels, weight, out=levels)
    return needs, share_now, weights


def _weight(row: Row) -> float:
    if row["critical"]:
        return foresight.WEIGHT_CRITICAL
    is_legal = row["competency"].startswith(foresight.LEGAL_DOMAIN)
    return foresight.WEIGHT_LEGAL if is_legal else foresight.WEIGHT_OTHER


def _uses(rows: Rows, axes: Axes, scenario: Scenario) -> tuple[Use, ...]:
    """Uses that were planned for this scenario, where a department has any; else those for all."""
    return tuple(_use(row, axes, scenario) for row in _planned(rows, scenario.basis))


def _planned(rows: Rows, basis: Basis) -> list[Row]:
    by_department: dict[str, list[Row]] = defaultdict(list)
    for row in rows["adoption"]:
        by_department[plain(row["department"])].append(row)
    found = []
    for planned in by_department.values():
        own = [row for row in planned if row["scenario"] == basis]
        found += own or [row for row in planned if row["scenario"] == ALL_SCENARIOS]
    return found


def _use(row: Row, axes: Axes, scenario: Scenario) -> Use:
    """A use as its row says; what the scenario says of its department goes before that."""
    department = plain(row["department"])
    said = {name: scenario.departments.get(of_department(name, department)) for name in DEPARTMENT_RANGES}
    return Use(
        axes.department(row["department"]),
        said["middle_year"] or Range.exactly(float(row["middle_year"])),
        said["ceiling"] or _certain(value_of(row, "ceiling_percent"), 100.0),
        said["speed"] or _certain(value_of(row, "speed"), 1.0),
    )


def _certain(value: Value | None, scale: float) -> Range | None:
    """What a cell says, as a range of one number; None for an empty cell."""
    return None if value is None else Range.exactly(float(value) / scale)


def departments_with_uses(rows: Rows, basis: Basis) -> dict[str, str]:
    """Departments that plan a use of AI in a scenario: names by their plain spelling."""
    return _spelt(row["department"] for row in _planned(rows, basis))


def _by_year(rows: Iterable[Row], axes: Axes, columns: tuple[str, ...]) -> foresight.Array:
    """People by department (or two) and year; a year without rows is as the last one that has any."""
    given: dict[tuple[int, ...], dict[int, float]] = defaultdict(lambda: defaultdict(float))
    for row in rows:
        given[tuple(axes.department(row[column]) for column in columns)][row["year"]] += row["people"]
    found = np.zeros((*[len(axes.departments)] * len(columns), len(axes.years)))
    for place, year in enumerate(axes.years):
        for key, by_year in given.items():
            found[*key, place] = _last_given(by_year, year)[0]
    return found


def _outcomes(rows: Rows, modes: tuple[str, ...]) -> tuple[foresight.Array, foresight.Array]:
    trained, reached = np.zeros((len(modes), len(LEVELS))), np.zeros((len(modes), len(LEVELS)))
    for row in rows.get("outcomes", []):
        if row["mode"] in modes:
            place = modes.index(row["mode"]), row["level"] - 1
            trained[place], reached[place] = row["trained"], row["reached"]
    return trained, reached


def _capacity(rows: Rows, axes: Axes) -> dict[int, tuple[Mode, ...]]:
    found = {}
    for year in axes.years:
        last = {
            row["mode"]: row for row in sorted(rows["capacity"], key=lambda row: row["year"]) if row["year"] <= year
        }
        found[year] = tuple(
            Mode(
                name=name,
                seats=last[name]["seats"],
                trainer_hours=last[name]["trainer_hours"],
                cost_pkr=last[name]["cost_pkr_per_seat"],
                hours=last[name]["hours_per_seat"],
                group_size=last[name]["group_size"],
            )
            for name in MODES
            if name in last
        )
    return found


def _sites(rows: Rows, axes: Axes) -> tuple[Site, ...]:
    """Staff by department and district, each department in its own first year."""
    first: dict[str, int] = {}
    for row in rows["posts"]:
        name = plain(row["department"])
        first[name] = min(row["year"], first.get(name, row["year"]))
    districts = _spelt(row["district"] for row in rows["posts"])
    people: dict[tuple[str, str], list[float]] = defaultdict(lambda: [0.0, 0.0])
    for row in rows["posts"]:
        if row["year"] == first[plain(row["department"])]:
            counted = people[axes.departments[plain(row["department"])], districts[plain(row["district"])]]
            counted[0] += row["filled"]
            counted[1] += row["women"]
    return tuple(Site(*key, *counted) for key, counted in sorted(people.items()))


def held(axes: Axes, supply: Supply) -> tuple[foresight.Array, foresight.Array, foresight.Array, list[list[str]]]:
    """Assessed people, shares of holders, people behind these, and where each share comes from.

    A department with fewer than ten assessed is taken to be as all those with more; where there are none, as nobody.
    """
    shape = (len(axes.departments), len(axes.competencies))
    assessed, behind, shares = np.zeros(shape), np.zeros(shape), np.zeros((*shape, len(LEVELS)))
    where = [[UNKNOWN] * shape[1] for _department in range(shape[0])]
    for c, code in enumerate(axes.competencies):
        known = {
            d: found
            for d, name in enumerate(axes.departments)
            if (found := supply.get(name, {}).get(code)) is not None and found["shares"] is not None
        }
        people = sum(found["assessed"] for found in known.values())
        if not people:
            continue
        pooled = sum(found["assessed"] * np.array(found["shares"]) for found in known.values()) / people
        behind[:, c], shares[:, c] = people, pooled
        for d in range(shape[0]):
            where[d][c] = POOL
        for d, found in known.items():
            assessed[d, c] = behind[d, c] = found["assessed"]
            shares[d, c], where[d][c] = found["shares"], OWN
    return assessed, shares, behind, where


def coverage(rows: Rows, scenario: Scenario, supply: Supply) -> dict[str, Any]:
    """By department and competency how many are assessed and where the share of holders comes from; also staff by
    department and the worst quality of each sheet.
    """
    axes = Axes.of(rows, scenario.horizon_years)
    staff = _posts(rows, axes)[0].sum(axis=1)[:, 0]
    assessed = [
        [supply.get(name, {}).get(code, {}).get("assessed", 0) for code in axes.competencies]
        for name in axes.departments
    ]
    return {
        "staff": staff.tolist(),
        "assessed": assessed,
        "shares_from": held(axes, supply)[3],
        "quality": {name: max(row["quality"] for row in found) for name, found in rows.items() if found},
    }
