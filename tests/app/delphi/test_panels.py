"""An administrator opens a panel, steers it through two rounds and takes its result over into the scenario."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, select, update

from app.accounts import service as accounts
from app.accounts.models import Account
from app.core import clock
from app.core.access import Role
from app.core.audit import AuditEntry
from app.core.db import begin
from app.delphi.models import DelphiPanel, DelphiParticipation, DelphiRound
from app.foresight.models import ForesightData, ForesightScenarioVersion, ForesightStudy
from app.foresight.world import world_of
from app.notices.models import Notice
from app.worker import Workshop
from config import Settings
from foresight import Range, Scenario
from foresight.sampling import draw
from tests.app.delphi.conftest import EXPERTS, day, said
from tests.app.foresight.conftest import HOME
from tests.conftest import PASSWORD
from tests.pages import Page, send


def newest_version(database: Engine, scenario_id: int) -> ForesightScenarioVersion:
    with begin(database, read_only=True) as session:
        statement = select(ForesightScenarioVersion).where(ForesightScenarioVersion.scenario_id == scenario_id)
        return session.scalars(statement.order_by(ForesightScenarioVersion.number.desc())).first()


def verbs(database: Engine) -> list[str]:
    with begin(database, read_only=True) as session:
        entries = session.scalars(select(AuditEntry).where(AuditEntry.verb.like("delphi%")).order_by(AuditEntry.id))
        return [each.verb for each in entries]


def test_the_page_offers_ranges_of_all_and_of_each_department_that_plans_a_use(
    farid: FlaskClient, scenarios: dict[str, int]
) -> None:
    text = farid.get(f"{HOME}/scenarios/{scenarios['planned']}/panel").text
    assert 'value="ceiling"' in text
    assert 'value="unassessed"' in text
    assert 'value="middle_year:municipal services"' in text
    assert "Municipal Services" in text
    assert (
        f"{HOME}/scenarios/{scenarios['planned']}/panel" in farid.get(f"{HOME}/scenarios/{scenarios['planned']}").text
    )
    assert f"{HOME}/panels" in farid.get(HOME).text


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"experts": "amina bushra bilal nadia"}, "at least 5 experts, and these are 4"),
        ({"experts": "amina, amina, bushra, bilal, nadia"}, "at least 5 experts, and these are 4"),
        ({"experts": "amina bushra bilal nadia omar zara nobody qasim"}, "these user names: zara, nobody, qasim"),
        ({"experts": ""}, "at least one user name"),
        ({"experts": " ".join(f"person{place}" for place in range(101))}, "at most 100 experts"),
        ({"questions": []}, "at least one question"),
        ({"questions": ["middle_year:atlantis"]}, "Choose the questions anew"),
        ({"last_day": day(-2)}, "from today on"),
        ({"last_day": day(400)}, "within a year"),
        ({"last_day": "soon"}, "Choose a day"),
        ({"last_day": ""}, "Choose a day"),
    ],
)
def test_what_is_wrong_with_a_panel_is_said_and_what_was_typed_stays(
    farid: FlaskClient,
    database: Engine,
    scenarios: dict[str, int],
    experts: dict[str, FlaskClient],
    people: SimpleNamespace,
    change: dict[str, object],
    words: str,
) -> None:
    with begin(database) as session:
        academy = session.get_one(Account, people.farid.id).academy
        accounts.add_account(
            session, academy, username="qasim", full_name="Qasim", role=Role.AUDITOR, password=PASSWORD
        )
    right = {"questions": ["ceiling"], "experts": " ".join(EXPERTS), "last_day": day(7)}
    answer = farid.post(f"{HOME}/scenarios/{scenarios['planned']}/panel", data=right | change)
    assert answer.status_code == 422
    assert words in Page(answer.text).text
    form = Page(answer.text).form("/panel", last_day=str((right | change)["last_day"]))
    assert form["experts"].strip() == (right | change)["experts"]
    with begin(database, read_only=True) as session:
        assert session.scalars(select(DelphiPanel)).all() == []
        assert session.scalars(select(Notice)).all() == []


def test_every_expert_is_told_and_finds_the_round(
    database: Engine, experts: dict[str, FlaskClient], open_panel: Callable, round_of: Callable, people: SimpleNamespace
) -> None:
    address = open_panel()
    with begin(database, read_only=True) as session:
        notices = {each.trainee_id: each for each in session.scalars(select(Notice))}
    assert len(notices) == 5
    assert {each.about for each in notices.values()} == {f"delphi_round:{round_of(address)}"}
    assert notices[people.bushra.id].language == "ur"
    for client in experts.values():
        assert f"/panels/rounds/{round_of(address)}" in client.get("/notices").text
        assert 'href="/panels"' in client.get("/notices").text
        assert f"/panels/rounds/{round_of(address)}" in client.get("/panels").text


def test_who_is_no_expert_has_no_page_of_panels_in_the_navigation(
    farid: FlaskClient, open_panel: Callable, round_of: Callable
) -> None:
    address = open_panel()
    assert 'href="/panels"' not in farid.get("/administration").text
    assert farid.get(f"/panels/rounds/{round_of(address)}").status_code == 404
    assert farid.get("/panels").status_code == 200


def test_while_a_round_is_open_nothing_but_a_count_is_shown(
    farid: FlaskClient, open_panel: Callable, answer_all: Callable
) -> None:
    address = open_panel()
    assert "0 of 5 experts have answered" in farid.get(address).text
    answer_all(address)
    text = farid.get(address).text
    assert "5 of 5 experts have answered" in text
    assert "Reason 0." not in text
    assert "Median" not in text


def test_a_round_is_not_closed_before_its_day_while_too_few_have_answered(
    farid: FlaskClient, open_panel: Callable
) -> None:
    address = open_panel()
    refused = farid.post(address, data={"step": "close"})
    assert refused.status_code == 409
    assert "Fewer than 5 experts have answered" in refused.text
    assert farid.post(address, data={"step": "second", "last_day": day(3)}).status_code == 409
    assert farid.post(address, data={"step": "apply"}).status_code == 409
    assert farid.post(address, data={"step": "sing"}).status_code == 404


def test_the_last_day_is_moved_while_the_round_is_open(
    farid: FlaskClient, database: Engine, open_panel: Callable, round_of: Callable
) -> None:
    address = open_panel()
    form = Page(farid.get(address).text).form(address, last_day=day(7))
    assert send(farid, form, step="day", last_day=day(-3)).status_code == 422
    assert send(farid, form, step="day", last_day=day(20)).status_code == 303
    with begin(database, read_only=True) as session:
        closes_at = session.get_one(DelphiRound, round_of(address)).closes_at
    assert closes_at - clock.now() > timedelta(days=19)
    assert verbs(database) == ["delphi_round_opened", "delphi_round_prolonged"]


def test_a_round_whose_day_is_over_takes_no_answer_and_is_closed_by_the_worker(
    farid: FlaskClient,
    database: Engine,
    settings: Settings,
    experts: dict[str, FlaskClient],
    open_panel: Callable,
    round_of: Callable,
) -> None:
    address = open_panel("ceiling")
    with begin(database) as session:
        session.get_one(DelphiRound, round_of(address)).closes_at = clock.now() - timedelta(seconds=1)
    assert "This round is over" in experts["amina"].get(f"/panels/rounds/{round_of(address)}").text
    late = {"q0_low": "1", "q0_likely": "2", "q0_high": "3", "q0_reason": "Late."}
    refused = experts["amina"].post(f"/panels/rounds/{round_of(address)}", data=late)
    assert refused.status_code == 409
    assert "Nothing was stored" in refused.text
    for _again in range(2):
        Workshop.of(settings).close_panel_rounds()
    assert verbs(database) == ["delphi_round_opened", "delphi_round_closed"]
    text = farid.get(address).text
    assert "the panel ends without a result" in text
    assert farid.post(address, data={"step": "second", "last_day": day(3)}).status_code == 409
    assert farid.post(address, data={"step": "day", "last_day": day(3)}).status_code == 409
    assert "nothing of it is shown" in experts["amina"].get(f"/panels/rounds/{round_of(address)}").text


def test_the_second_round_shows_the_first_without_names(
    farid: FlaskClient,
    experts: dict[str, FlaskClient],
    open_panel: Callable,
    answer_all: Callable,
    round_of: Callable,
) -> None:
    address = open_panel()
    answer_all(address)
    assert farid.post(address, data={"step": "close"}).status_code == 303
    form = Page(farid.get(address).text).form(address, last_day="")
    assert send(farid, form, step="second").status_code == 422
    assert send(farid, form, step="second", last_day=day(7)).status_code == 303
    page = Page(experts["omar"].get(f"/panels/rounds/{round_of(address)}").text)
    assert "60%" in page.text  # the median of 50, 55, 60, 65 and 70
    assert "55% – 65%" in page.text
    assert "50% – 60% – 80%" in page.text
    assert all(f"Reason {place}." in page.text for place in range(5))
    assert not any(name.title() in page.text for name in ("amina", "bushra", "bilal", "nadia"))
    assert "look at your own note" in page.text
    assert page.form(f"/{round_of(address)}")["q0_low"] == ""
    assert farid.post(address, data={"step": "second", "last_day": day(7)}).status_code == 409


@pytest.mark.both_databases
def test_the_page_says_what_has_settled_and_what_has_not(farid: FlaskClient, finished: str) -> None:
    page = Page(farid.get(finished).text)
    assert "The panel ends after two rounds, and these questions have not converged" in page.text
    assert "-60% still moving" in page.text
    assert "0% settled" in page.text


def test_a_panel_that_stays_has_converged(farid: FlaskClient, open_panel: Callable, answer_all: Callable) -> None:
    address = open_panel()
    for step in ("second", ""):
        answer_all(address)
        farid.post(address, data={"step": "close"})
        if step:
            farid.post(address, data={"step": step, "last_day": day(7)})
    assert "The panel has converged" in farid.get(address).text


def test_its_result_becomes_ranges_of_the_scenario_with_their_source_and_studies_draw_from_them(
    farid: FlaskClient,
    database: Engine,
    scenarios: dict[str, int],
    finished: str,
    computed: Callable,
) -> None:
    former = Scenario.of_json(newest_version(database, scenarios["planned"]).parameters)
    assert farid.post(finished, data={"step": "apply"}).status_code == 303
    version = newest_version(database, scenarios["planned"])
    assumed = Scenario.of_json(version.parameters)
    assert version.number == 2
    assert assumed.ceiling == Range(0.44, 0.54, 0.74)
    assert assumed.departments == {"middle_year:health": Range(2027, 2030, 2036)}
    assert assumed.speed == former.speed
    assert assumed.origins["ceiling"].experts == 5
    assert assumed.origins["ceiling"].quality == "C"
    for address in (f"{HOME}/scenarios/{scenarios['planned']}", f"{HOME}/scenarios", computed("planned")):
        text = Page(farid.get(address).text).text
        assert "Source: Delphi" in text, address
        assert "5 experts, quality C" in text
        assert "year in which half of the posts that AI will change have changed" in text
    with begin(database, read_only=True) as session:
        study = session.scalars(select(ForesightStudy)).one()
        assert study.result is not None
        rows = session.scalars(select(ForesightData)).one().rows
    sample = draw(world_of(rows, assumed, {}), assumed, study.seed)
    health = world_of(rows, assumed, {}).departments.index("Health")
    place = [use.department for use in world_of(rows, assumed, {}).uses].index(health)
    assert len(set(sample.middle_year[:, place])) == 500
    assert 0.44 <= sample.ceiling.min() < sample.ceiling.max() <= 0.74
    again = farid.post(finished, data={"step": "apply"})
    assert again.status_code == 409
    assert newest_version(database, scenarios["planned"]).number == 2
    assert "Taken over on" in farid.get(finished).text


def test_the_day_of_the_source_is_the_academys(
    farid: FlaskClient, database: Engine, scenarios: dict[str, int], finished: str
) -> None:
    # Half past one in the morning of the 29th in Peshawar.
    with begin(database) as session:
        session.execute(update(DelphiRound).values(closed_at=datetime(2026, 11, 28, 20, 30, tzinfo=UTC)))
    assert farid.post(finished, data={"step": "apply"}).status_code == 303
    text = Page(farid.get(f"{HOME}/scenarios/{scenarios['planned']}").text).text
    assert ("Delphi, 29 Nov 2026," in text, "28 Nov 2026" in text) == (True, False)


def test_years_are_told_as_whole_years_also_where_a_quartile_lies_between_two(
    farid: FlaskClient,
    database: Engine,
    scenarios: dict[str, int],
    experts: dict[str, FlaskClient],
    sign_in: Callable,
    round_of: Callable,
) -> None:
    with begin(database) as session:
        academy = session.scalars(select(Account).where(Account.username == "farid")).one().academy
        sixth = accounts.add_account(
            session, academy, username="sana", full_name="Sana", role=Role.TRAINEE, password=PASSWORD
        )
    data = {"questions": ["middle_year:health"], "experts": " ".join([*experts, "sana"]), "last_day": day(7)}
    address = str(farid.post(f"{HOME}/scenarios/{scenarios['planned']}/panel", data=data).location)
    for place, client in enumerate([*experts.values(), sign_in(sixth)]):
        answer = client.post(f"/panels/rounds/{round_of(address)}", data=said(0, 2026, 2027 + place, 2040))
        assert answer.status_code == 200, answer.text
    farid.post(address, data={"step": "close"})
    # Between them the values are 2028.25, 2029.5 and 2030.75.
    text = Page(farid.get(address).text).text
    assert ("2028 – 2031" in text, "2026 – 2030 – 2040" in text) == (True, True)
    assert not any(exact in text for exact in ("2028.25", "2029.5", "2030.75"))


def test_a_number_that_is_changed_by_hand_has_its_source_no_more(
    farid: FlaskClient, database: Engine, scenarios: dict[str, int], finished: str
) -> None:
    farid.post(finished, data={"step": "apply"})
    address = f"{HOME}/scenarios/{scenarios['planned']}"
    form = Page(farid.get(address).text).form(f"/{scenarios['planned']}")
    for ticked in ("law_first", "drops_departments"):
        form.pop(ticked)
    assert send(farid, form).status_code == 303
    assert newest_version(database, scenarios["planned"]).number == 2
    assert send(farid, form, ceiling_likely="55").status_code == 303
    changed = Scenario.of_json(newest_version(database, scenarios["planned"]).parameters)
    assert set(changed.origins) == {"middle_year:health"}
    assert send(farid, form, ceiling_likely="55", drops_departments="y").status_code == 303
    changed = Scenario.of_json(newest_version(database, scenarios["planned"]).parameters)
    assert (changed.origins, changed.departments) == ({}, {})


def test_the_log_tells_of_steps_and_of_no_answer(
    farid: FlaskClient, database: Engine, finished: str, app: Flask
) -> None:
    farid.post(finished, data={"step": "apply"})
    opened, closed = "delphi_round_opened", "delphi_round_closed"
    assert verbs(database) == [opened, closed, opened, closed, "delphi_applied"]
    with begin(database, read_only=True) as session:
        assert session.scalars(select(DelphiParticipation)).all() == []
    text = farid.get("/audit").text
    assert "took over what a Delphi panel said" in text
    assert f"{HOME}/panels" in farid.get(f"{HOME}/panels").text
    assert "taken over" in farid.get(f"{HOME}/panels").text
