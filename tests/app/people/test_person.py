"""The page of a person: where they work and worked, and what a transfer leaves."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from types import SimpleNamespace

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine, select

from app.accounts.models import Account, Posting
from app.core.db import begin
from app.core.locale import today
from tests.app.people.test_imports import bring_in, undo, upload


def note(client, person, **typed: str) -> int:
    form = {"department": "Health", "grade": "17", "district": "Swat", "begins_on": "2026-01-31"} | typed
    return int(client.post(f"/people/{person.id}/posting", data=form).status_code)


def places(database: Engine, account_id: int) -> list[tuple[str, date | None, date | None]]:
    with begin(database, read_only=True) as session:
        rows = session.scalars(select(Posting).where(Posting.account_id == account_id).order_by(Posting.id))
        return [(row.department, row.begins_on, row.ends_on) for row in rows]


@pytest.mark.both_databases
def test_a_transfer_keeps_the_former_posting_in_the_history(
    people: SimpleNamespace, sign_in: Callable, database: Engine, app
) -> None:
    farid = sign_in(people.farid)
    assert note(farid, people.amina) == 303
    assert note(farid, people.amina, department="Education", begins_on="2026-03-01") == 303
    assert places(database, people.amina.id) == [
        ("Health", date(2026, 1, 31), date(2026, 3, 1)),
        ("Education", date(2026, 3, 1), None),
    ]
    for reader, address in (("bilal", f"/people/{people.amina.id}"), ("amina", "/account")):
        page = sign_in(getattr(people, reader)).get(address).text
        assert page.index("Education") < page.index("Health")
        assert "31 Jan 2026" in page
    assert "Education" in farid.get("/administration/accounts").text


def test_a_transfer_without_a_day_begins_today(
    people: SimpleNamespace, sign_in: Callable, database: Engine, app
) -> None:
    farid = sign_in(people.farid)
    note(farid, people.amina)
    note(farid, people.amina, department="Education", begins_on="")
    with app.test_request_context():
        day = today()
    assert places(database, people.amina.id)[-1] == ("Education", day, None)


def test_the_same_day_or_the_same_work_is_a_correction(
    people: SimpleNamespace, sign_in: Callable, database: Engine
) -> None:
    farid = sign_in(people.farid)
    note(farid, people.amina)
    note(farid, people.amina, department="Public Health")
    note(farid, people.amina, department="Public Health", begins_on="2026-02-01")
    assert places(database, people.amina.id) == [("Public Health", date(2026, 2, 1), None)]


@pytest.mark.parametrize(
    ("former", "present"),
    [
        ({"department": "Health Department"}, {"department": "Health department"}),
        ({"department": "محكمہ ترقي"}, {"department": "محکمہ ترقی"}),
        ({"department": "محكمه صحت"}, {"department": "محکمہ صحت"}),
        ({"district": "Dera-Ismail Khan"}, {"district": "Dera Ismail Khan"}),
    ],
    ids=["capitals", "ye and kaf", "he", "hyphen"],
)
def test_another_spelling_is_a_correction_by_hand_and_by_file(
    people: SimpleNamespace, sign_in: Callable, database: Engine, former: dict[str, str], present: dict[str, str]
) -> None:
    farid = sign_in(people.farid)
    [(column, spelled)] = present.items()
    for person in (people.amina, people.bushra):
        note(farid, person, **former)
    assert note(farid, people.amina, **present, begins_on="") == 303
    bring_in(farid, f"username,full name,{column}\nbushra,Bushra,{spelled}\n")
    for person in (people.amina, people.bushra):
        assert spelled in farid.get(f"/people/{person.id}").text
        assert [days for _department, *days in places(database, person.id)] == [[date(2026, 1, 31), None]]


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"department": ""}, "Type the department"),
        ({"department": "Education", "begins_on": "2025-01-01"}, "began on 31 Jan 2026"),
        ({"grade": "23"}, "from 1 to 22"),
        ({"begins_on": "soon"}, "Choose a day"),
        ({"begins_on": (date.today() + timedelta(days=9)).isoformat()}, "between 1950 and today"),
    ],
)
def test_a_wrong_posting_is_refused_in_words_and_what_was_typed_stays(
    people: SimpleNamespace, sign_in: Callable, typed: dict[str, str], words: str
) -> None:
    farid = sign_in(people.farid)
    note(farid, people.amina)
    form = {"department": "Health", "grade": "17", "district": "Lower Dir"} | typed
    answer = farid.post(f"/people/{people.amina.id}/posting", data=form)
    assert answer.status_code == 422
    assert words in answer.text
    assert "Lower Dir" in answer.text


def test_nobody_of_another_academy_is_seen_or_posted(
    people: SimpleNamespace, sign_in: Callable, database: Engine
) -> None:
    zahid = sign_in(people.zahid)
    assert zahid.get(f"/people/{people.amina.id}").status_code == 404
    assert note(zahid, people.amina) == 404
    bilal = sign_in(people.bilal)
    assert "Transfer or correction" not in bilal.get(f"/people/{people.amina.id}").text
    assert note(bilal, people.amina) == 403
    assert places(database, people.amina.id) == []


def places_after_a_transfer(
    farid: FlaskClient, person: Account, database: Engine
) -> list[tuple[str, date | None, date | None]]:
    for department, day in (("Health", "2024-01-31"), ("Education", "2026-03-01")):
        assert note(farid, person, department=department, begins_on=day) == 303
    return places(database, person.id)


def test_another_day_of_a_transfer_moves_the_end_of_the_posting_before(
    people: SimpleNamespace, farid: FlaskClient, database: Engine
) -> None:
    for department, day in (("Health", "2024-01-31"), ("Education", "2026-03-01"), ("Education", "2026-05-01")):
        assert note(farid, people.amina, department=department, begins_on=day) == 303
    assert places(database, people.amina.id) == [
        ("Health", date(2024, 1, 31), date(2026, 5, 1)),
        ("Education", date(2026, 5, 1), None),
    ]


def test_a_posting_cannot_be_moved_before_the_one_that_it_follows_by_hand_or_by_file(
    people: SimpleNamespace, farid: FlaskClient, database: Engine
) -> None:
    before = places_after_a_transfer(farid, people.amina, database)
    form = {"department": "Education", "grade": "17", "district": "Swat", "begins_on": "2023-05-01"}
    answer = farid.post(f"/people/{people.amina.id}/posting", data=form)
    assert (answer.status_code, "began on 31 Jan 2024" in answer.text) == (422, True)
    page = farid.get(upload(farid, "username,full name,posting date\namina,Amina,2023-05-01\n")).text
    assert "began on 31 Jan 2024, so this one cannot begin earlier" in page
    assert places(database, people.amina.id) == before


@pytest.mark.both_databases
def test_a_file_that_moves_a_transfer_and_is_undone_leaves_the_days_as_they_were(
    people: SimpleNamespace, farid: FlaskClient, database: Engine
) -> None:
    before = places_after_a_transfer(farid, people.amina, database)
    address = bring_in(farid, "username,full name,posting date\namina,Amina,2026-05-01\n")
    assert places(database, people.amina.id)[0] == ("Health", date(2024, 1, 31), date(2026, 5, 1))
    assert undo(farid, address) == 303
    assert places(database, people.amina.id) == before
