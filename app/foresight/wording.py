"""Foresight in words: what is wrong with figures, what scenarios assume, what limits a plan."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from flask_babel import format_date, ngettext
from flask_babel import gettext as _

from app.core.charts import format_number
from app.core.wording import isolated, set_apart
from app.foresight.columns import SHEETS
from app.foresight.forms import NUMBER_LABELS, figure
from app.foresight.models import ForesightData, ForesightScenario
from app.foresight.world import OWN, POOL, UNKNOWN
from foresight import DEPARTMENT_RANGES, HORIZON, NUMBERS, RANGES, Basis, Origin, Parameter, Range, Scenario

# Money and hours are told in steps that a planner decides about.
PRICE_UNITS = {"budget": 1_000_000, "trainer_hours": 100, "release": 100}
LEAST_PRICE = 0.05


def sheet_name(name: str) -> str:
    """What a sheet holds."""
    names = {
        "posts": _("Posts"),
        "retirements": _("Retirements"),
        "transfers": _("Transfers between departments"),
        "intake": _("Recruitment"),
        "role_profile": _("What each cadre must be able to do"),
        "adoption": _("Planned uses of AI"),
        "capacity": _("Seats, trainers and costs"),
        "outcomes": _("How many reached a level so far"),
    }
    return str(names[name])


def problem(kept: Mapping[str, Any]) -> str:
    """What is wrong, and how to mend it."""
    value, column = kept["value"], kept["column"]
    texts = {
        "missing": _("%(column)s is empty. Fill it.", column=column),
        "formula": _("%(column)s holds a formula. Write its value.", column=column),
        "unreadable": _("%(column)s holds signs that cannot be read. Type it anew.", column=column),
        "too_long": _("%(column)s is too long. Shorten it to 200 characters.", column=column),
        "people": _("%(column)s “%(value)s”: write a whole number, 0 or more.", column=column, value=value),
        "year": _("%(column)s “%(value)s”: write a year from 2000 to 2100.", column=column, value=value),
        "percent": _("%(column)s “%(value)s”: write a number from 0 to 100.", column=column, value=value),
        "level": _("%(column)s “%(value)s”: write a level from 1 to 4.", column=column, value=value),
        "choice": _("%(column)s “%(value)s”: choose one of the words of the template.", column=column, value=value),
        "day": _("%(column)s “%(value)s”: write the day like 2026-06-30.", column=column, value=value),
        "yes_or_no": _("%(column)s “%(value)s”: write 1 or 0.", column=column, value=value),
        "speed": _("%(column)s “%(value)s”: write a number from 0.1 to 3.", column=column, value=value),
        "cost": _("%(column)s “%(value)s”: write whole rupees, at most 10,000,000.", column=column, value=value),
        "hours": _("%(column)s “%(value)s”: write whole hours from 1 to 2,000.", column=column, value=value),
        "group_size": _("%(column)s “%(value)s”: write a whole number from 1 to 1,000.", column=column, value=value),
        "missing_columns": _("The first row must hold the headings, and these are missing: %(names)s.", names=value),
        "repeated_headings": _("These headings are there twice: %(names)s. Leave one column of each.", names=value),
        "cell_without_heading": _("A cell has no heading above it. Give its column a heading, or delete the cell."),
        "no_rows": _("The sheet has headings but no row."),
        "missing_sheet": _("This sheet is needed, and no row of it is there."),
        "repeated": _("This says the same as row %(row)s again. Leave one of them.", row=value),
        "too_many_departments": _("There are more than %(most)s departments. Put small ones together.", most=value),
        "too_many_cadres": _("There are more than %(most)s cadres. Put small ones together.", most=value),
        "unknown_department": _("The sheet posts has no department “%(value)s”. Spell it as there.", value=value),
        "unknown_cadre": _("The sheet posts has no cadre “%(value)s”. Spell it as there.", value=value),
        "unknown_competency": _("The framework has no competency “%(value)s”. Codes read like D1.1.", value=value),
        "more_than_filled": _("There are more women (%(value)s) than filled posts.", value=value),
        "more_than_trained": _("More people reached the level (%(value)s) than were trained.", value=value),
        "same_department": _("A transfer leads to another department, not to “%(value)s” again.", value=value),
        "too_many_leave": _("More people retire and move than the %(value)s who are there.", value=value),
    }
    return str(texts[kept["code"]])


def where(kept: Mapping[str, Any]) -> str:
    """Sheet and row of a problem."""
    sheet = kept["sheet"]
    return str(_("%(sheet)s, row %(row)s", sheet=sheet, row=kept["row"])) if kept["row"] else str(sheet)


def state(data: ForesightData) -> str:
    if data.number is None:
        return str(_("preview"))
    return str(_("version %(number)s", number=data.number))


def rows(count: int) -> str:
    return str(ngettext("%(num)s row", "%(num)s rows", count))


def sheets_of(data: ForesightData) -> list[tuple[str, str, int]]:
    """Name, meaning and number of rows of each sheet that figures have."""
    return [(name, sheet_name(name), data.counts[name]) for name in SHEETS if name in data.counts]


def scenario_name(scenario: ForesightScenario) -> str:
    """Its own name, or that of the standard one that it is."""
    return scenario.name or basis_name(Basis(scenario.basis))


def basis_name(basis: Basis) -> str:
    names = {
        Basis.SLOW: _("Slow"),
        Basis.PLANNED: _("As planned"),
        Basis.FAST: _("Fast"),
        Basis.LAW_FIRST: _("Law first"),
    }
    return str(names[basis])


def range_name(name: str) -> str:
    names = {
        "ceiling": _("Posts whose work AI will have changed in the end"),
        "speed": _("Speed at which that spreads"),
        "growth": _("Growth of filled posts in a year"),
        "resignation": _("Staff who resign in a year"),
        "half_life_years": _("Years in which half of the holders lose a skill that is not used"),
        "unassessed": _("How much of the assessed share is believed of people whom nobody assessed"),
    }
    return str(names[name])


def unit(parameter: Parameter) -> str:
    """Unit and bounds of a parameter."""
    units = {
        "share": _("per cent"),
        "per_year": _("per year"),
        "years": _("years"),
        "year": _("calendar year"),
        "pkr": _("PKR"),
    }
    return str(
        _(
            "%(unit)s, from %(least)s to %(most)s",
            unit=units[parameter.unit],
            least=isolated(figure(parameter, parameter.least)),
            most=isolated(figure(parameter, parameter.most)),
        )
    )


def assumptions(assumed: Scenario) -> dict[str, str]:
    """Every number of a scenario as a text, by its label; ranges as least, likely, largest."""
    found = {}
    for name, parameter in RANGES.items():
        found[range_name(name)] = spread(parameter, getattr(assumed, name))
    found[str(_("From experts"))] = "; ".join(from_experts(assumed)) or str(_("nothing"))
    for name, parameter in NUMBERS.items():
        found[str(NUMBER_LABELS[name])] = isolated(_plain(parameter, getattr(assumed, name)))
    found[str(_("Years to look ahead"))] = isolated(_plain(HORIZON, assumed.horizon_years))
    found[str(_("Duties by law (domain D5) are needed from the first year on"))] = _yes(assumed.law_first)
    found[str(_("Women, districts and departments get their share of seats"))] = _yes(assumed.is_equitable)
    return found


def _yes(is_so: bool) -> str:
    return str(_("yes") if is_so else _("no"))


def _plain(parameter: Parameter, value: float) -> str:
    scaled = figure(parameter, value)
    return f"{scaled}%" if parameter.unit == "share" else scaled


def spread(parameter: Parameter, each: Range) -> str:
    """A range as least, likely, largest."""
    return numbers(parameter, (each.low, each.likely, each.high))


def numbers(parameter: Parameter, values: Iterable[float]) -> str:
    return isolated(" – ".join(_plain(parameter, value) for value in values))


def origin(each: Origin) -> str:
    """Where a range comes from."""
    return str(
        _(
            "Source: Delphi, %(day)s, %(experts)s experts, quality %(quality)s",
            day=format_date(date.fromisoformat(each.on)),
            experts=each.experts,
            quality=isolated(each.quality),
        )
    )


def question(name: str, department: str) -> str:
    """What a range is about, of a department or ("") of all."""
    if not department:
        # Beside other ranges “that” is clear, but not in a question alone.
        return str(_("Speed at which AI changes posts")) if name == "speed" else range_name(name)
    names = {
        "ceiling": _(
            "%(department)s: posts whose work AI will have changed in the end", department=set_apart(department)
        ),
        "speed": _("%(department)s: speed at which AI changes these posts", department=set_apart(department)),
        "middle_year": _(
            "%(department)s: year in which half of the posts that AI will change have changed",
            department=set_apart(department),
        ),
    }
    return str(names[name])


def from_experts(assumed: Scenario) -> list[str]:
    """What a scenario has from panels, each with its source."""
    found = []
    for key, each in assumed.origins.items():
        name = key.partition(":")[0]
        said = assumed.departments[key] if each.department else getattr(assumed, name)
        told = spread((RANGES | DEPARTMENT_RANGES)[name], said)
        found.append(f"{question(name, each.department)}: {told} ({origin(each)})")
    return found


def shares_from(where: str) -> str:
    """Where the share of holders in a department comes from."""
    names = {
        OWN: _("own estimates"),
        POOL: _("as in the departments with enough assessed"),
        UNKNOWN: _("not known, taken as nobody"),
    }
    return str(names[where])


def qualities(result: Mapping[str, Any]) -> str:
    """The worst quality of each sheet that a study rests on."""
    return "; ".join(f"{sheet_name(name)}: {isolated(worst)}" for name, worst in result["quality"].items())


def input_name(name: str) -> str:
    """An uncertain input of a study."""
    names = {
        "ceiling": _("share of posts that AI changes in the end"),
        "speed": _("speed at which that spreads"),
        "growth": _("growth of posts"),
        "resignation": _("resignations"),
        "half_life_years": _("how long an unused skill lasts"),
        "unassessed": _("what is believed of people whom nobody assessed"),
        "posts": _("number of filled posts"),
        "transfers": _("number of transfers"),
        "intake": _("number of recruits"),
        "retirement": _("retirements"),
        "newcomers": _("what recruits bring"),
        "held": _("share of staff that holds a level now"),
        "use_ceiling": _("share of posts that AI changes in the end, in single departments"),
        "use_speed": _("speed at which that spreads, in single departments"),
        "middle_year": _("year in which half of the posts that AI will change have changed"),
    }
    return str(names[name])


def mode_name(name: str) -> str:
    names = {
        "online": _("Online"),
        "workshop": _("Workshop"),
        "residential": _("Residential"),
        "mentor": _("Mentor on the job"),
    }
    return str(names[name])


def limit_name(limit: Mapping[str, str]) -> str:
    """What holds a plan back, or why a gap stays."""
    name = limit["name"]
    names = {
        "seats": lambda: _("seats: %(mode)s", mode=mode_name(name)),
        "trainer_hours": lambda: _("hours of trainers: %(mode)s", mode=mode_name(name)),
        "budget": lambda: _("the budget"),
        "release": lambda: _("working time that %(department)s may release", department=name),
        "eligible": lambda: _("people who hold the level below it: %(course)s", course=name),
        "staff": lambda: _("staff in the district: %(course)s", course=name),
        "women": lambda: _("women's share of the seats"),
        "district_least": lambda: _("the least share of seats for %(district)s", district=name),
        "district_most": lambda: _("the largest share of seats for %(district)s", district=name),
        "floor": lambda: _("the seats that %(department)s gets at least", department=name),
        "no_training": lambda: _("no training is offered in this year"),
        "no_staff": lambda: _("the sheet posts has no staff of the department in this year"),
        "whole_seats": lambda: _("only whole seats can be given"),
        "near_enough": lambda: _("no limit: the search ended near enough to the best plan"),
    }
    return str(names[limit["kind"]]())


def price(kept: Mapping[str, Any]) -> str | None:
    """A price in a sentence; None for one too small to tell."""
    kind = kept["limit"]["kind"]
    by = kept["price"] * PRICE_UNITS.get(kind, 1)
    if by < LEAST_PRICE:
        return None
    told, what = format_number(by, 1), limit_name(kept["limit"])
    if kind == "budget":
        return str(_("One million rupees more in the budget removes %(gap)s weighted gaps.", gap=told))
    if kind in PRICE_UNITS:
        return str(_("A hundred hours more (%(limit)s) remove %(gap)s weighted gaps.", limit=what, gap=told))
    if kind == "seats":
        mode = mode_name(kept["limit"]["name"])
        return str(_("One more seat (%(mode)s) removes %(gap)s weighted gaps.", mode=mode, gap=told))
    return str(_("One more (%(limit)s) removes %(gap)s weighted gaps.", limit=what, gap=told))
