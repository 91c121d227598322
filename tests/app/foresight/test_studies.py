"""Scenarios, and studies of gap and plan: computed once, told with what they rest on, without small groups."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from types import SimpleNamespace

import pytest
from flask import Flask
from flask.testing import FlaskClient
from openpyxl import load_workbook
from sqlalchemy import Engine, select

from app.core import jobs
from app.core.audit import AuditEntry
from app.core.db import begin
from app.core.jobs import Job
from app.foresight.computing import compute_study
from app.foresight.models import ForesightData, ForesightScenarioVersion, ForesightStudy
from app.worker import Workshop, run_waiting_jobs
from config import Settings
from tests.app.foresight.conftest import HOME
from tests.pages import Page, send


def result_of(database: Engine, address: str) -> dict:
    with begin(database, read_only=True) as session:
        return dict(session.get_one(ForesightStudy, int(address.rsplit("/", 1)[1])).result or {})


def versions(database: Engine, scenario_id: int) -> list[ForesightScenarioVersion]:
    with begin(database, read_only=True) as session:
        statement = select(ForesightScenarioVersion).where(ForesightScenarioVersion.scenario_id == scenario_id)
        return list(session.scalars(statement.order_by(ForesightScenarioVersion.number)))


def test_a_changed_scenario_is_a_new_version_and_an_unchanged_one_is_none(
    farid: FlaskClient, database: Engine, scenarios: dict[str, int]
) -> None:
    address = f"{HOME}/scenarios/{scenarios['planned']}"
    form = Page(farid.get(address).text).form(f"/{scenarios['planned']}")
    assert form["ceiling_likely"] == "60"
    assert form["budget_pkr"] == "20000000"
    form.pop("law_first")
    assert send(farid, form).status_code == 303
    assert len(versions(database, scenarios["planned"])) == 1
    assert send(farid, form, ceiling_likely="۷۰", budget_pkr="5,000,000").status_code == 303
    first, second = versions(database, scenarios["planned"])
    assert first.parameters["ceiling"]["likely"] == 0.6
    assert second.parameters["ceiling"]["likely"] == pytest.approx(0.7)
    assert second.parameters["budget_pkr"] == 5_000_000
    assert "Version 2" in farid.get(address).text or ">2<" in farid.get(address).text


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"ceiling_high": "140"}, "from 0 to 100"),
        ({"speed_low": "fast"}, "from 0.1 to 3"),
        ({"budget_pkr": "-1"}, "from 0 to 10,000,000,000"),
        ({"growth_likely": ""}, "from -20 to 20"),
        ({"ceiling_low": "90"}, "must lie between the least and the largest"),
        ({"horizon_years": "1"}, "from 2 to 10"),
        ({"horizon_years": "2.5"}, "whole number"),
    ],
)
def test_a_number_out_of_bounds_is_refused_and_what_was_typed_stays(
    farid: FlaskClient, database: Engine, scenarios: dict[str, int], typed: dict[str, str], words: str
) -> None:
    form = Page(farid.get(f"{HOME}/scenarios/{scenarios['fast']}").text).form(f"/{scenarios['fast']}")
    answer = send(farid, form, **typed)
    assert answer.status_code == 422
    page = Page(answer.text)
    assert words in page.text
    kept = page.form(f"/{scenarios['fast']}")
    assert {name: kept[name] for name in typed} == typed
    assert len(versions(database, scenarios["fast"])) == 1


def test_a_copy_begins_with_the_assumptions_of_its_model(
    farid: FlaskClient, database: Engine, scenarios: dict[str, int]
) -> None:
    address = f"{HOME}/scenarios/{scenarios['law_first']}"
    for name in ("", "   ", "x" * 81):
        assert farid.post(f"{address}/copy", data={"name": name}).status_code == 422
    answer = farid.post(f"{address}/copy", data={"name": " Half the  budget "})
    assert answer.status_code == 303
    copy_id = int(answer.location.rsplit("/", 1)[1])
    assert versions(database, copy_id)[0].parameters == versions(database, scenarios["law_first"])[0].parameters
    page = farid.get(f"{HOME}/scenarios").text
    assert "Half the budget" in page
    assert "No study of the present figures is ready" in page


def test_without_figures_there_is_nothing_to_compute_or_compare(farid: FlaskClient) -> None:
    assert "no figures yet" in farid.get(HOME).text
    assert "Four scenarios are made" in farid.get(f"{HOME}/scenarios").text
    assert farid.post(f"{HOME}/scenarios/1/studies").status_code == 404


@pytest.mark.both_databases
def test_a_study_waits_then_is_computed_by_the_worker_and_shown(
    app: Flask, settings: Settings, database: Engine, farid: FlaskClient, scenarios: dict[str, int]
) -> None:
    address = str(farid.post(f"{HOME}/scenarios/{scenarios['planned']}/studies").location)
    assert "is being computed" in farid.get(address).text
    for ending in ("plan", "gap.csv", "plan.csv", "foresight.xlsx"):
        assert farid.get(f"{address}/{ending}").status_code == 404
    assert run_waiting_jobs(Workshop.of(settings)) == 1
    page = Page(farid.get(address).text).text
    assert "Gap by department and competency" in page
    assert "Municipal Services" in page
    assert "seed" in page
    assert "Posts: B" in page
    with begin(database, read_only=True) as session:
        assert session.scalars(select(Job.finished_at)).one() is not None
        assert "foresight_study_asked" in session.scalars(select(AuditEntry.verb)).all()
    assert "Compute a foresight study" in farid.get("/administration/queue").text


def test_a_study_that_was_given_up_says_so(database: Engine, farid: FlaskClient, scenarios: dict[str, int]) -> None:
    address = str(farid.post(f"{HOME}/scenarios/{scenarios['planned']}/studies").location)
    with begin(database) as session:
        jobs.give_up(session, session.scalars(select(Job.id)).one(), "NotSolved: time")
    assert "could not be computed" in farid.get(address).text


def test_a_study_delivered_twice_keeps_its_first_result(
    database: Engine, farid: FlaskClient, computed: Callable, assess: Callable
) -> None:
    address = computed()
    first = result_of(database, address)
    assess("Health", 12)
    compute_study(database, int(address.rsplit("/", 1)[1]))
    assert result_of(database, address) == first


def test_the_same_inputs_and_seed_give_the_same_result(database: Engine, computed: Callable) -> None:
    addresses = [computed(), computed()]
    with begin(database) as session:
        studies = [session.get_one(ForesightStudy, int(address.rsplit("/", 1)[1])) for address in addresses]
        studies[1].seed, studies[1].finished_at, studies[1].result = studies[0].seed, None, None
    compute_study(database, studies[1].id)
    assert result_of(database, addresses[0]) == result_of(database, addresses[1])


def test_shares_of_fewer_than_ten_people_are_not_used(
    database: Engine, farid: FlaskClient, assess: Callable, computed: Callable
) -> None:
    assess("Health", 9)
    nine = result_of(database, computed())
    row = nine["departments"].index("Health"), nine["competencies"].index("D2.1")
    assert nine["assessed"][row[0]][row[1]] == 9
    assert {where for each in nine["shares_from"] for where in each} == {"unknown"}
    assert [by_year[0] for by_year in nine["gap"]["supply"][row[0]][row[1]]] == [0, 0, 0, 0]


def test_a_department_with_few_assessed_is_taken_as_those_with_more_without_its_own(
    database: Engine, assess: Callable, computed: Callable
) -> None:
    assess("Health", 12)
    alone = result_of(database, computed())
    assess("Revenue", 9, outcome=0.0)
    with_few = result_of(database, computed())
    code = alone["competencies"].index("D2.1")
    places = [alone["departments"].index(name) for name in ("Health", "Revenue")]
    assert [with_few["shares_from"][place][code] for place in places] == ["own", "pool"]
    with begin(database, read_only=True) as session:
        kept = [study.supply for study in session.scalars(select(ForesightStudy).order_by(ForesightStudy.id))]
    assert kept[0]["health"] == kept[1]["health"]
    assert kept[1]["revenue"]["D2.1"] == {"assessed": 9, "shares": None}
    # A group of ten to nineteen is told by the middle of a band.
    assert all(round(share * 100) % 10 == 5 for share in kept[1]["health"]["D2.1"]["shares"])


def test_no_page_or_file_of_a_study_names_anybody(farid: FlaskClient, assess: Callable, computed: Callable) -> None:
    assess("Health", 25)
    address = computed()
    for ending in ("", "/plan", "/gap.csv", "/plan.csv"):
        assert "Secret" not in farid.get(address + ending).text
    book = load_workbook(io.BytesIO(farid.get(f"{address}/foresight.xlsx").data))
    cells = [str(cell) for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row]
    assert not any("Secret" in cell or "health-d2" in cell for cell in cells)


def test_the_reader_chooses_what_is_shown_and_nonsense_shows_the_largest_gap(
    farid: FlaskClient, computed: Callable
) -> None:
    address = computed()
    page = farid.get(f"{address}?level=1&year=2027&department=Revenue&competency=D4.3")
    assert "Revenue, D4.3, level 1" in Page(page.text).text
    assert "level 1, 2027" in page.text
    for query in ("?level=9&year=soon&department=Navy&competency=D9.9", "?page=x"):
        assert farid.get(address + query).status_code == 200


def test_the_plan_says_what_is_given_unmet_and_better_than_first_come(
    database: Engine, farid: FlaskClient, computed: Callable
) -> None:
    address = computed("fast")
    result = result_of(database, address)
    page = Page(farid.get(f"{address}/plan").text).text
    assert "Seats in 2026" in page
    assert "removes" in page
    assert "Side by side with first come" in page
    assert "seats: Workshop" in page or "people who hold the level below it" in page
    assert "Seats in 2028" in farid.get(f"{address}/plan?year=2028").text
    assert "Seats in 2026" in farid.get(f"{address}/plan?year=never").text
    assert result["better"] > 0.5
    assert result["plan"][0]["objective"] <= result["plan"][0]["first_come"]["objective"]
    for year in result["plan"]:
        by_mode: dict[str, float] = {}
        for each in year["seats"]:
            by_mode[each["mode"]] = by_mode.get(each["mode"], 0) + each["seats"]
        assert by_mode.get("workshop", 0) <= 60


def test_the_plan_of_a_year_without_training_says_that_and_nothing_of_whole_seats(
    database: Engine, farid: FlaskClient, scenarios: dict[str, int], computed: Callable
) -> None:
    with begin(database) as session:
        data = session.scalars(select(ForesightData)).one()
        later = [{**row, "year": row["year"] + 1} for row in data.rows["capacity"]]
        data.rows = {**data.rows, "capacity": later}
    address = computed()
    page = Page(farid.get(f"{address}/plan").text).text
    assert "no training is offered in this year" in page
    assert "only whole seats" not in page
    assert "No limit holds this plan back" not in page
    assert "What holds each gap back is said above" in page
    assert "counts with parts of seats" in page


def test_limits_that_cannot_hold_together_are_named(
    database: Engine, farid: FlaskClient, scenarios: dict[str, int], computed: Callable
) -> None:
    form = Page(farid.get(f"{HOME}/scenarios/{scenarios['slow']}").text).form(f"/{scenarios['slow']}")
    form.pop("law_first")
    assert send(farid, form, floor_share="100", budget_pkr="1000").status_code == 303
    address = computed("slow")
    page = Page(farid.get(f"{address}/plan").text).text
    assert "No plan can keep all limits" in page
    assert "the budget" in page or "gets at least" in page
    assert "no plan is possible" in page
    book = load_workbook(io.BytesIO(farid.get(f"{address}/foresight.xlsx").data))
    years = {year for year, _limit in book["infeasible"].iter_rows(min_row=2, values_only=True)}
    assert years == {year["year"] for year in result_of(database, address)["plan"] if year["infeasible"]}
    assert years


def test_what_is_taken_away_says_what_the_page_says(database: Engine, farid: FlaskClient, computed: Callable) -> None:
    address = computed()
    result = result_of(database, address)
    gap = list(csv.DictReader(io.StringIO(farid.get(f"{address}/gap.csv").data.decode("utf-8-sig"))))
    d, c = result["departments"].index("Revenue"), result["competencies"].index("D4.3")
    [row] = [
        each
        for each in gap
        if (each["department"], each["competency"], each["level"], each["year"]) == ("Revenue", "D4.3", "2", "2031")
    ]
    assert float(row["gap_median"]) == result["gap"]["median"][d][c][1][5]
    plan = list(csv.DictReader(io.StringIO(farid.get(f"{address}/plan.csv").data.decode("utf-8-sig"))))
    assert sum(float(each["seats"]) for each in plan) == sum(
        each["seats"] for year in result["plan"] for each in year["seats"]
    )
    book = load_workbook(io.BytesIO(farid.get(f"{address}/foresight.xlsx").data))
    assert book.sheetnames == ["gap", "plan", "unmet", "infeasible", "totals", "prices", "study"]
    assert book["plan"].max_row == len(plan) + 1
    about = dict(book["study"].iter_rows(values_only=True))
    assert about["method"] == "foresight 3"
    assert about["figures: version"] == 1


def test_a_department_that_looks_like_a_formula_is_a_text_in_what_is_taken_away() -> None:
    from app.core.spreadsheets import as_csv

    assert "'=1+1" in as_csv(("department",), iter([("=1+1",)]))


@pytest.mark.both_databases
def test_scenarios_are_compared_by_their_newest_studies(farid: FlaskClient, computed: Callable) -> None:
    computed("slow")
    computed("fast")
    page = farid.get(f"{HOME}/scenarios").text
    assert "<svg" in page
    assert page.count("Fast") >= 2


def test_a_page_in_urdu_is_in_urdu(people: SimpleNamespace, farid: FlaskClient, computed: Callable) -> None:
    address = computed()
    farid.post("/language", data={"language": "ur", "next": "/"})
    for page in (HOME, f"{HOME}/data", f"{HOME}/scenarios", address, f"{address}/plan"):
        text = farid.get(page).text
        assert 'dir="rtl"' in text
        assert "مہارتوں کی پیش بینی" in text
