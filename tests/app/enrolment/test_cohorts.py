"""Cohorts made in the portal and filled by list, by rule and by code; who is withdrawn keeps their record."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from types import SimpleNamespace

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, select

from app.accounts import service as accounts
from app.accounts.models import Account, Cohort, Enrolment, Posting, Withdrawal
from app.core import clock
from app.core.access import Role
from app.core.audit import AuditEntry
from app.core.db import begin
from app.core.locale import today
from app.enrolment.models import JoiningCode

MODULE = "vehicles-or-people"
LEARN = f"/learn/{MODULE}"
WRONG = "222-222"


@pytest.fixture
def fresh(bilal: FlaskClient) -> str:
    """Address of a cohort with nobody in it."""
    answer = bilal.post("/cohorts/new", data={"name": "Autumn 2027", "module": MODULE})
    assert answer.status_code == 303, answer.text
    return str(answer.location).removesuffix("/members")


@pytest.fixture
def officers(database: Engine, people: SimpleNamespace) -> dict[str, int]:
    """Trainees with a grade, a department and a day of posting; "away" is of another academy. Ids by name."""
    posts = {
        "nazia": ("Health", 17, date(2026, 1, 31)),
        "omar": ("Health", 16, date(2025, 1, 1)),
        "pervez": ("Revenue", 17, date(2026, 6, 1)),
        "away": ("Health", 17, date(2026, 1, 31)),
    }
    with begin(database) as session:
        made = {}
        for name, (department, grade, begins_on) in posts.items():
            account = Account(
                academy_id=(people.zara if name == "away" else people.amina).academy_id,
                username=name,
                full_name=name.title(),
                role=Role.TRAINEE,
                password_hash="",
                created_at=clock.now(),
            )
            session.add(account)
            session.flush()
            session.add(Posting(account_id=account.id, department=department, grade=grade, begins_on=begins_on))
            made[name] = account.id
    return made


def members(database: Engine, name: str = "Autumn 2027") -> set[str]:
    with begin(database, read_only=True) as session:
        joined = select(Account.username).join(Enrolment, Enrolment.trainee_id == Account.id)
        return set(session.scalars(joined.join(Cohort, Cohort.id == Enrolment.cohort_id).where(Cohort.name == name)))


def acts(database: Engine) -> list[str]:
    with begin(database, read_only=True) as session:
        return list(session.scalars(select(AuditEntry.verb).order_by(AuditEntry.id)))


def digest_of(page: str) -> str:
    found = re.search(r'name="digest" value="(\w+)"', page)
    assert found, page
    return found[1]


def make_code(client: FlaskClient, cohort: str, **terms: str) -> str:
    """The code as the page shows it."""
    assert client.post(f"{cohort}/code", data=terms).status_code == 303
    shown = re.search(r"<code[^>]*>([^<]+)</code>", client.get(f"{cohort}/members").text)
    assert shown
    return shown[1]


@pytest.mark.parametrize("name", ["bilal", "farid"])
def test_an_instructor_or_an_administrator_makes_a_cohort(
    people: SimpleNamespace, sign_in: Callable, database: Engine, name: str
) -> None:
    client = sign_in(getattr(people, name))
    typed = {"name": "  Autumn   2027 ", "module": MODULE, "begins_on": "2027-09-01", "ends_on": "2027-12-31"}
    answer = client.post("/cohorts/new", data=typed)
    assert "Autumn 2027" in client.get(answer.location).text
    with begin(database, read_only=True) as session:
        made = session.scalars(select(Cohort).where(Cohort.name == "Autumn 2027")).one()
    assert (made.academy_id, made.module_id) == (people.amina.academy_id, MODULE)
    assert (made.begins_on, made.ends_on) == (date(2027, 9, 1), date(2027, 12, 31))
    assert "cohort_made" in acts(database)[-2:]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"name": ""}, "Give the cohort a name"),
        ({"name": "Spring 2027"}, "has this name"),
        ({"module": "no-such-module"}, "Choose a module"),
        ({"ends_on": "2027-01-01"}, "lies before the first"),
        ({"begins_on": "soon"}, "Choose a day"),
    ],
)
def test_a_cohort_that_cannot_be_made_is_refused_in_words(
    bilal: FlaskClient, database: Engine, changes: dict[str, str], words: str
) -> None:
    typed = {"name": "Autumn 2027", "module": MODULE, "begins_on": "2027-09-01", "ends_on": ""} | changes
    answer = bilal.post("/cohorts/new", data=typed)
    assert answer.status_code == 422
    assert words in answer.text
    assert typed["name"] in answer.text
    with begin(database, read_only=True) as session:
        assert session.scalar(select(Cohort.id).where(Cohort.name == "Autumn 2027")) is None


def test_the_name_and_days_of_a_cohort_are_changed(bilal: FlaskClient, fresh: str, database: Engine) -> None:
    assert bilal.post(f"{fresh}/change", data={"name": "Spring 2027"}).status_code == 422
    assert bilal.post(f"{fresh}/change", data={"name": "Winter 2027", "ends_on": "2027-12-31"}).status_code == 303
    page = bilal.get(f"{fresh}/change").text
    assert "Winter 2027" in page
    assert "2027-12-31" in page
    assert acts(database)[-1] == "cohort_changed"


@pytest.mark.both_databases
def test_a_pasted_list_is_shown_before_it_comes_in(
    bilal: FlaskClient, fresh: str, officers: dict[str, int], database: Engine
) -> None:
    bilal.post(f"{fresh}/code", data={})
    pasted = "nazia, OMAR;\nbilal\taway nobody nazia"
    page = bilal.post(f"{fresh}/members/list", data={"usernames": pasted}).text
    assert members(database) == set()
    assert "2 trainees would come in" in page
    assert "bilal, away, nobody" in page
    typed = {"usernames": pasted, "digest": digest_of(page)}
    assert bilal.post(f"{fresh}/members/list/confirm", data=typed).status_code == 303
    assert members(database) == {"nazia", "omar"}
    assert acts(database)[-1] == "trainees_enrolled"
    again = bilal.post(f"{fresh}/members/list", data={"usernames": pasted}).text
    assert "In the cohort already" in again
    assert "Bring them in" not in again


@pytest.mark.parametrize("usernames", ["", " ;, ", "x" * 400_001, "n " * 10_001])
def test_a_list_of_nobody_or_of_too_many_is_refused(bilal: FlaskClient, fresh: str, usernames: str) -> None:
    for address in (f"{fresh}/members/list", f"{fresh}/members/list/confirm"):
        answer = bilal.post(address, data={"usernames": usernames})
        assert answer.status_code == 422
        assert "error-summary" in answer.text


def test_who_came_in_meanwhile_makes_what_was_shown_stale(
    bilal: FlaskClient, fresh: str, officers: dict[str, int], database: Engine
) -> None:
    page = bilal.post(f"{fresh}/members/list", data={"usernames": "nazia omar"}).text
    with begin(database) as session:
        cohort = session.scalars(select(Cohort).where(Cohort.name == "Autumn 2027")).one()
        accounts.enrol(session, cohort, session.get_one(Account, officers["omar"]))
    typed = {"usernames": "nazia omar", "digest": digest_of(page)}
    assert bilal.post(f"{fresh}/members/list/confirm", data=typed).status_code == 409
    assert members(database) == {"omar"}


@pytest.mark.both_databases
@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ({"department": "Health"}, {"nazia", "omar"}),
        ({"lowest_grade": "17"}, {"nazia", "pervez"}),
        ({"highest_grade": "16"}, {"omar"}),
        ({"posted_since": "2026-01-31"}, {"nazia", "pervez"}),
        ({"department": "Health", "lowest_grade": "17", "posted_since": "2026-01-01"}, {"nazia"}),
    ],
)
def test_a_rule_brings_in_those_whom_it_shows(
    bilal: FlaskClient,
    fresh: str,
    officers: dict[str, int],
    database: Engine,
    rule: dict[str, str],
    expected: set[str],
) -> None:
    page = bilal.get(f"{fresh}/members/rule", query_string=rule).text
    assert members(database) == set()
    assert {name for name in officers if f"<bdi>{name}</bdi>" in page} == expected
    answer = bilal.post(f"{fresh}/members/rule", data={**rule, "digest": digest_of(page)})
    assert answer.status_code == 303
    assert members(database) == expected


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ({}, "so that not everybody comes in"),
        ({"lowest_grade": "23"}, "from 1 to 22"),
        ({"posted_since": "soon"}, "Choose a day"),
        ({"department": "Forests"}, "Nobody works in this department"),
    ],
)
def test_a_rule_that_says_nothing_or_nonsense_is_refused(
    bilal: FlaskClient, fresh: str, officers: dict[str, int], database: Engine, rule: dict[str, str], words: str
) -> None:
    answer = bilal.get(f"{fresh}/members/rule", query_string=rule)
    assert answer.status_code == 422
    assert words in answer.text
    assert bilal.post(f"{fresh}/members/rule", data=rule).status_code == 422
    assert members(database) == set()


def test_a_rule_to_which_somebody_else_fits_by_now_is_refused(
    bilal: FlaskClient, fresh: str, officers: dict[str, int], database: Engine
) -> None:
    page = bilal.get(f"{fresh}/members/rule", query_string={"department": "Health"}).text
    with begin(database) as session:
        session.add(
            Posting(
                account_id=session.scalar(select(Account.id).where(Account.username == "amina")), department="Health"
            )
        )
    typed = {"department": "Health", "digest": digest_of(page)}
    assert bilal.post(f"{fresh}/members/rule", data=typed).status_code == 409
    assert members(database) == set()


@pytest.mark.both_databases
def test_a_code_opens_the_cohort_and_its_module(
    bilal: FlaskClient, fresh: str, people: SimpleNamespace, sign_in: Callable, database: Engine
) -> None:
    code = make_code(bilal, fresh)
    amina = sign_in(people.amina)
    assert amina.get(LEARN).status_code == 404
    assert 'action="/join"' in amina.get("/learn").text
    for typed in (code.lower().replace("-", " "), code):
        assert amina.post("/join", data={"code": typed}).status_code == 303
    assert amina.get(LEARN).status_code == 200
    assert members(database) == {"amina"}
    assert "Joined by it so far: 1" in bilal.get(f"{fresh}/members").text
    assert acts(database).count("joined_by_code") == 1


def test_a_code_is_for_as_many_as_was_said(
    bilal: FlaskClient, fresh: str, people: SimpleNamespace, sign_in: Callable, database: Engine
) -> None:
    code = make_code(bilal, fresh, most="1")
    assert sign_in(people.amina).post("/join", data={"code": code}).status_code == 303
    bushra = sign_in(people.bushra)
    bushra.post("/language", data={"language": "en"})
    answer = bushra.post("/join", data={"code": code})
    assert answer.status_code == 422
    assert "have joined already" in answer.text
    assert code in answer.text
    assert members(database) == {"amina"}


@pytest.mark.parametrize(
    "end", ["closed", "replaced", "past its day", "past the cohort", "of another academy", "wrong"]
)
def test_a_code_that_does_not_work_says_so(
    bilal: FlaskClient,
    fresh: str,
    people: SimpleNamespace,
    sign_in: Callable,
    database: Engine,
    app: Flask,
    end: str,
) -> None:
    code = make_code(bilal, fresh)
    joiner = sign_in(people.zara if end == "of another academy" else people.amina)
    with app.test_request_context():
        yesterday = today() - timedelta(days=1)
    if end == "closed":
        assert bilal.post(f"{fresh}/code/close").status_code == 303
    elif end == "replaced":
        make_code(bilal, fresh)
    with begin(database) as session:
        if end == "past its day":
            session.scalars(select(JoiningCode)).one().last_day = yesterday
        elif end == "past the cohort":
            session.scalars(select(Cohort).where(Cohort.name == "Autumn 2027")).one().ends_on = yesterday
    answer = joiner.post("/join", data={"code": WRONG if end == "wrong" else code})
    assert answer.status_code == 422
    assert "This code does not work" in answer.text
    assert members(database) == set()


def test_codes_cannot_be_guessed_at_will(app: Flask, people: SimpleNamespace, sign_in: Callable) -> None:
    app.config["SIGN_IN_LIMIT"] = "3 per minute"
    amina = sign_in(people.amina)
    answers = [amina.post("/join", data={"code": WRONG}).status_code for _try in range(5)]
    assert answers == [422, 422, 422, 429, 429]
    assert sign_in(people.bushra).post("/join", data={"code": WRONG}).status_code == 422


@pytest.mark.both_databases
def test_a_trainee_who_gets_another_role_is_withdrawn_from_their_cohorts(
    bilal: FlaskClient, cohort: Cohort, people: SimpleNamespace, sign_in: Callable, database: Engine
) -> None:
    role = {f"account{people.amina.id}-role": "instructor"}
    assert sign_in(people.farid).post(f"/administration/accounts/{people.amina.id}/role", data=role).status_code == 303
    assert members(database, "Spring 2027") == {"bushra", "zara"}
    page = bilal.get(f"/cohorts/{cohort.id}/members").text
    assert page.index("Withdrawn") < page.index("Amina", page.index("Withdrawn"))
    with begin(database, read_only=True) as session:
        assert session.scalar(select(Withdrawal.withdrawn_by_id)) == people.farid.id
    assert acts(database)[-2:] == ["role_changed", "trainee_withdrawn"]


@pytest.mark.both_databases
def test_who_is_withdrawn_keeps_their_record_and_can_come_in_again(
    bilal: FlaskClient, cohort: Cohort, people: SimpleNamespace, sign_in: Callable, database: Engine
) -> None:
    here, amina = f"/cohorts/{cohort.id}", sign_in(people.amina)
    amina.post("/learn/measure-to-manage/counts-and-rates/done")
    assert bilal.post(f"{here}/members/{people.amina.id}/withdraw").status_code == 303
    assert members(database, "Spring 2027") == {"bushra", "zara"}
    assert amina.get("/learn/measure-to-manage").status_code == 404
    assert bilal.get(f"/record/{people.amina.id}").status_code == 200
    page = bilal.get(f"{here}/members").text
    assert page.index("Withdrawn") < page.index("Amina", page.index("Withdrawn"))
    assert bilal.post(f"{here}/members/{people.amina.id}/withdraw").status_code == 404
    with begin(database, read_only=True) as session:
        assert session.scalar(select(Withdrawal.withdrawn_by_id)) == people.bilal.id
    assert acts(database)[-1] == "trainee_withdrawn"
    typed = {"usernames": "amina"}
    shown = digest_of(bilal.post(f"{here}/members/list", data=typed).text)
    assert bilal.post(f"{here}/members/list/confirm", data=typed | {"digest": shown}).status_code == 303
    assert amina.get("/learn/measure-to-manage").status_code == 200


def test_nobody_of_another_academy_sees_or_changes_a_cohort(
    cohort: Cohort, people: SimpleNamespace, sign_in: Callable, database: Engine
) -> None:
    zahid, here = sign_in(people.zahid), f"/cohorts/{cohort.id}"
    for page in ("members", "change", "members/rule?department=Health"):
        assert zahid.get(f"{here}/{page}").status_code == 404
    acts_there = ("change", "members/list", "members/list/confirm", "members/rule", "code", "code/close")
    for act in (*acts_there, f"members/{people.amina.id}/withdraw"):
        assert zahid.post(f"{here}/{act}", data={"usernames": "amina", "department": "Health"}).status_code == 404
    assert members(database, "Spring 2027") == {"amina", "bushra", "zara"}


def test_a_trainee_keeps_no_cohorts(cohort: Cohort, people: SimpleNamespace, sign_in: Callable) -> None:
    amina = sign_in(people.amina)
    assert amina.get("/cohorts/new").status_code == 403
    assert amina.get(f"/cohorts/{cohort.id}/members").status_code == 403
