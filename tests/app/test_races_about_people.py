"""Two requests about the same people meet: the second waits, sees what the first did, and nothing undoes an erasure."""

from __future__ import annotations

import re
from collections.abc import Callable
from types import SimpleNamespace

import pytest
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, select, update
from werkzeug.test import TestResponse

from app.accounts import consent
from app.accounts import routes as sign_in_pages
from app.accounts import service as accounts
from app.accounts.consent import Purpose
from app.accounts.models import Academy, Account, Cohort, Enrolment
from app.completions import service as completions
from app.core import clock
from app.core.access import Role
from app.core.audit import AuditEntry
from app.core.classes import CohortInstructor
from app.core.db import begin
from app.core.jobs import Job
from app.enrolment import service as enrolment
from app.passwords import service as passwords
from app.people import service as imports
from app.research import archive
from app.rights import erasure
from tests.app.completions.test_completions import HEAD, ROW, states
from tests.app.completions.test_completions import upload as upload_completions
from tests.app.conftest import COURSE, Meanwhile
from tests.app.enrolment.test_asking import bring_in as enrol_by_list
from tests.app.enrolment.test_asking import make_cohort
from tests.app.enrolment.test_cohorts import make_code
from tests.app.people.test_imports import bring_in, upload
from tests.app.research.test_releases import RELEASE, SAID
from tests.app.research.test_releases import kept as releases
from tests.app.rights.test_erasure import ask, decide
from tests.app.sims.test_sims_runs import SCENARIO, play
from tests.conftest import PASSWORD
from tests.pages import send

pytestmark = pytest.mark.on_postgresql


@pytest.fixture
def second(database: Engine, people: SimpleNamespace, sign_in: Callable) -> SimpleNamespace:
    """Another administrator of the academy, with their page."""
    with begin(database) as session:
        academy = session.get_one(Academy, people.farid.academy_id)
        named = {"username": "second", "full_name": "Second", "role": Role.ADMINISTRATOR, "password": PASSWORD}
        account = accounts.add_account(session, academy, **named)
    return SimpleNamespace(account=account, page=sign_in(account))


@pytest.fixture
def erases_amina(amina: FlaskClient, second: SimpleNamespace, database: Engine) -> Callable[[], TestResponse]:
    """Sends what erases amina, who has asked for it."""
    ask(amina)
    return lambda: decide(second.page, database)


@pytest.fixture
def is_lost(
    people: SimpleNamespace, erases_amina: Callable[[], TestResponse], database: Engine, meanwhile: Meanwhile
) -> Callable[[Callable[[], TestResponse]], None]:
    """Has amina do something while she is being erased: nobody is there any more, and nothing of it is left."""

    def check(act: Callable[[], TestResponse]) -> None:
        waited = meanwhile(erasure, "said_in_log", act)
        assert erases_amina().status_code == 303
        assert waited.result().status_code == 404
        assert is_proved(database, people.amina)

    return check


def is_proved(database: Engine, person: Account) -> bool:
    """Whether the person was erased and nothing of them is left."""
    with begin(database, read_only=True) as session:
        return session.get_one(Account, person.id).erased_at is not None and not list(erasure.faults(session))


def confirmed_list(client: FlaskClient, cohort: str, names: str) -> Callable[[], TestResponse]:
    """Sends what confirms a list that was shown."""
    shown = client.post(f"{cohort}/members/list", data={"usernames": names}).text
    [digest] = re.findall(r'name="digest" value="(\w+)"', shown)
    return lambda: client.post(f"{cohort}/members/list/confirm", data={"usernames": names, "digest": digest})


def confirmed_undoing(client: FlaskClient, address: str) -> Callable[[], TestResponse]:
    [digest] = re.findall(r'name="digest" value="(\w+)"', client.get(f"{address}/undo").text)
    return lambda: client.post(f"{address}/undo", data={"digest": digest})


OTHER_NAME = "username,full name,department\namina,Amina Gul,Health\n"


def test_an_erasure_waits_for_an_import_that_compared_its_rows(
    people: SimpleNamespace, farid: FlaskClient, erases_amina: Callable, database: Engine, meanwhile: Meanwhile
) -> None:
    address = upload(farid, OTHER_NAME)
    erased = meanwhile(imports, "_change", erases_amina)
    assert farid.post(f"{address}/apply").status_code == 303
    assert erased.result().status_code == 303
    assert is_proved(database, people.amina)


def test_an_import_that_waited_for_an_erasure_is_not_applied(
    people: SimpleNamespace, farid: FlaskClient, erases_amina: Callable, database: Engine, meanwhile: Meanwhile
) -> None:
    address = upload(farid, OTHER_NAME)
    applied = meanwhile(erasure, "said_in_log", lambda: farid.post(f"{address}/apply"))
    assert erases_amina().status_code == 303
    assert applied.result().status_code == 409
    assert is_proved(database, people.amina)


def test_completions_of_a_file_that_waited_for_an_erasure_are_not_brought_in(
    people: SimpleNamespace, farid: FlaskClient, erases_amina: Callable, database: Engine, meanwhile: Meanwhile
) -> None:
    preview = upload_completions(farid, HEAD + ROW).location
    applied = meanwhile(erasure, "said_in_log", lambda: farid.post(f"{preview}/apply"))
    assert erases_amina().status_code == 303
    assert applied.result().status_code == 409
    assert is_proved(database, people.amina)


def test_an_erasure_waits_for_the_undoing_of_an_import(
    people: SimpleNamespace, farid: FlaskClient, erases_amina: Callable, database: Engine, meanwhile: Meanwhile
) -> None:
    undoes = confirmed_undoing(farid, bring_in(farid, OTHER_NAME))
    erased = meanwhile(imports, "_revert", erases_amina)
    assert undoes().status_code == 303
    assert erased.result().status_code == 303
    assert is_proved(database, people.amina)


def test_an_erasure_waits_for_an_enrolment_by_list(
    people: SimpleNamespace, farid: FlaskClient, erases_amina: Callable, database: Engine, meanwhile: Meanwhile
) -> None:
    enrols = confirmed_list(farid, make_cohort(farid, "Autumn 2027"), "amina")
    erased = meanwhile(enrolment, "_note", erases_amina)
    assert enrols().status_code == 303
    assert erased.result().status_code == 303
    assert is_proved(database, people.amina)


def test_nobody_is_enrolled_who_was_erased_meanwhile(
    people: SimpleNamespace, farid: FlaskClient, erases_amina: Callable, database: Engine, meanwhile: Meanwhile
) -> None:
    enrols = confirmed_list(farid, make_cohort(farid, "Autumn 2027"), "amina")
    enrolled = meanwhile(erasure, "said_in_log", enrols)
    assert erases_amina().status_code == 303
    assert enrolled.result().status_code == 409
    assert is_proved(database, people.amina)


@pytest.mark.parametrize(
    ("address", "typed"),
    [
        ("/appeals", {"text": "My supervisor of long standing did not let me go."}),
        ("/notices/mail", {"address": "amina@example.org"}),
    ],
    ids=["complaint", "mail address"],
)
def test_what_waited_for_an_erasure_is_not_kept(
    amina: FlaskClient, is_lost: Callable, address: str, typed: dict[str, str]
) -> None:
    is_lost(lambda: amina.post(address, data=typed))


def test_a_request_about_points_that_waited_for_an_erasure_is_not_kept(
    people: SimpleNamespace, amina: FlaskClient, answered: Callable[..., str], is_lost: Callable, database: Engine
) -> None:
    answered(people.amina)
    with begin(database) as session:
        session.execute(update(Job).values(finished_at=clock.now()))
    typed = {"reason": "I counted every row."}
    is_lost(lambda: amina.post("/results/submissions/1/look-check/regrade", data=typed))


def test_a_last_round_that_waited_for_an_erasure_is_not_kept(amina: FlaskClient, is_lost: Callable) -> None:
    page = play(amina, SCENARIO.rounds - 1)
    is_lost(lambda: send(amina, page.form("/decision"), note="last"))


def test_whoever_is_erased_meanwhile_is_told_nothing(
    people: SimpleNamespace,
    cohort: Cohort,
    farid: FlaskClient,
    add_instructor: Callable,
    erases_amina: Callable,
    database: Engine,
    meanwhile: Meanwhile,
) -> None:
    add_instructor("dania", teaches=False)
    address = f"/cohorts/{cohort.id}/instructors"
    named = meanwhile(erasure, "said_in_log", lambda: farid.post(address, data={"usernames": "dania"}))
    assert erases_amina().status_code == 303
    assert named.result().status_code == 303
    assert is_proved(database, people.amina)


def roles(database: Engine, *people: Account) -> list[Role]:
    with begin(database, read_only=True) as session:
        return [session.get_one(Account, each.id).role for each in people]


def given_role(client: FlaskClient, person: Account, role: Role) -> TestResponse:
    address = f"/administration/accounts/{person.id}/role"
    return client.post(address, data={f"account{person.id}-role": role.value})


def test_of_two_administrators_who_take_each_others_role_one_stays(
    people: SimpleNamespace, farid: FlaskClient, second: SimpleNamespace, database: Engine, meanwhile: Meanwhile
) -> None:
    answer = meanwhile(accounts, "follow_roles", lambda: given_role(second.page, people.farid, Role.TRAINEE))
    assert given_role(farid, second.account, Role.TRAINEE).status_code == 303
    assert answer.result().status_code == 403
    assert roles(database, people.farid, second.account) == [Role.ADMINISTRATOR, Role.TRAINEE]


def test_a_file_takes_nobodys_role_for_somebody_who_loses_theirs_meanwhile(
    people: SimpleNamespace, farid: FlaskClient, second: SimpleNamespace, database: Engine, meanwhile: Meanwhile
) -> None:
    address = upload(second.page, "username,full name,role\nfarid,Farid,trainee\n", gives_roles="y")
    answer = meanwhile(accounts, "follow_roles", lambda: second.page.post(f"{address}/apply"))
    assert given_role(farid, second.account, Role.TRAINEE).status_code == 303
    assert answer.result().status_code == 403
    assert roles(database, people.farid, second.account) == [Role.ADMINISTRATOR, Role.TRAINEE]


def names(database: Engine) -> list[str]:
    with begin(database, read_only=True) as session:
        return sorted(session.scalars(select(Cohort.name)))


def test_of_two_cohorts_made_at_once_one_has_the_name(
    farid: FlaskClient, second: SimpleNamespace, database: Engine, meanwhile: Meanwhile
) -> None:
    cohort = {"name": "Autumn 2027", "module": "measure-to-manage"}
    answer = meanwhile(enrolment, "_note", lambda: second.page.post("/cohorts/new", data=cohort))
    assert farid.post("/cohorts/new", data=cohort).status_code == 303
    assert answer.result().status_code == 422
    assert names(database).count("Autumn 2027") == 1


def test_of_two_cohorts_renamed_at_once_one_has_the_name(
    farid: FlaskClient, second: SimpleNamespace, database: Engine, meanwhile: Meanwhile
) -> None:
    one, other = (f"{make_cohort(farid, name)}/change" for name in ("Autumn 2027", "Winter 2027"))
    answer = meanwhile(enrolment, "_note", lambda: second.page.post(other, data={"name": "Summer 2028"}))
    assert farid.post(one, data={"name": "Summer 2028"}).status_code == 303
    assert answer.result().status_code == 422
    assert names(database).count("Summer 2028") == 1


@pytest.fixture
def invitation(amina: FlaskClient, add_instructor: Callable[..., Account], sign_in: Callable) -> SimpleNamespace:
    """The cohort into which an instructor asks amina, and what sends her yes."""
    dania = sign_in(add_instructor("dania", teaches=False))
    cohort = make_cohort(dania, "Autumn 2027")
    enrol_by_list(dania, cohort, "amina")
    address = f"/invitations/{cohort.rpartition('/')[2]}"
    return SimpleNamespace(cohort=cohort, accepts=lambda: amina.post(address, data={"answer": "comes"}))


def test_an_invitation_accepted_while_a_list_brings_the_trainee_in_is_over(
    farid: FlaskClient, invitation: SimpleNamespace, meanwhile: Meanwhile
) -> None:
    accepted = meanwhile(enrolment, "_note", invitation.accepts)
    assert confirmed_list(farid, invitation.cohort, "amina")().status_code == 303
    assert accepted.result().status_code == 404


def test_a_list_confirmed_while_a_trainee_accepts_is_looked_at_again(
    farid: FlaskClient, invitation: SimpleNamespace, meanwhile: Meanwhile
) -> None:
    enrolled = meanwhile(enrolment, "_note", confirmed_list(farid, invitation.cohort, "amina"))
    assert invitation.accepts().status_code == 303
    assert enrolled.result().status_code == 409


OTHER_PASSWORD = "another horse battery staple"


def test_an_erased_account_gets_no_password_by_a_change_that_waited(
    people: SimpleNamespace, amina: FlaskClient, erases_amina: Callable, database: Engine, meanwhile: Meanwhile
) -> None:
    said = {"current": PASSWORD, "password": OTHER_PASSWORD, "again": OTHER_PASSWORD}
    changed = meanwhile(erasure, "said_in_log", lambda: amina.post("/account", data=said))
    assert erases_amina().status_code == 303
    assert changed.result().status_code == 404
    assert is_proved(database, people.amina)


def signed_in_meanwhile(client: FlaskClient) -> Callable[[], TestResponse]:
    return lambda: client.post("/sign-in", data={"username": "amina", "password": PASSWORD})


def test_an_erasure_goes_through_while_the_person_signs_in(
    people: SimpleNamespace, app: Flask, erases_amina: Callable, database: Engine, meanwhile: Meanwhile
) -> None:
    signed_in = meanwhile(erasure, "said_in_log", signed_in_meanwhile(app.test_client()))
    assert erases_amina().status_code == 303
    assert signed_in.result().status_code < 500
    assert is_proved(database, people.amina)


def test_an_erased_account_gets_no_password_by_a_sign_in_that_hashes_it_anew(
    people: SimpleNamespace,
    app: Flask,
    erases_amina: Callable,
    database: Engine,
    meanwhile: Meanwhile,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(accounts, "hasher", PasswordHasher(time_cost=2, memory_cost=8, parallelism=1))
    signed_in = meanwhile(erasure, "said_in_log", signed_in_meanwhile(app.test_client()))
    assert erases_amina().status_code == 303
    assert signed_in.result().status_code < 500
    assert is_proved(database, people.amina)


def test_whoever_signs_in_in_another_language_waits_for_what_is_done_about_them(
    people: SimpleNamespace, app: Flask, farid: FlaskClient, database: Engine, meanwhile: Meanwhile
) -> None:
    client = app.test_client()
    client.post("/language", data={"language": "ur"})
    signed_in = meanwhile(accounts, "follow_roles", signed_in_meanwhile(client))
    assert given_role(farid, people.amina, Role.INSTRUCTOR).status_code == 303
    assert signed_in.result().status_code == 303


def test_whoever_loses_their_role_meanwhile_erases_nobody(
    people: SimpleNamespace, farid: FlaskClient, second: SimpleNamespace, database: Engine, meanwhile: Meanwhile
) -> None:
    ask(second.page)
    erased = meanwhile(accounts, "follow_roles", lambda: decide(farid, database, username="second"))
    assert given_role(second.page, people.farid, Role.TRAINEE).status_code == 303
    assert erased.result().status_code == 403
    assert roles(database, people.farid, second.account) == [Role.TRAINEE, Role.ADMINISTRATOR]
    assert not is_proved(database, second.account)


def taught_by(database: Engine, person: Account) -> list[int]:
    with begin(database, read_only=True) as session:
        return list(
            session.scalars(select(CohortInstructor.cohort_id).where(CohortInstructor.instructor_id == person.id))
        )


def test_whoever_gets_another_role_meanwhile_is_not_named_as_an_instructor(
    cohort: Cohort,
    farid: FlaskClient,
    second: SimpleNamespace,
    add_instructor: Callable[..., Account],
    database: Engine,
    meanwhile: Meanwhile,
) -> None:
    dania = add_instructor("dania", teaches=False)
    address = f"/cohorts/{cohort.id}/instructors"
    named = meanwhile(accounts, "follow_roles", lambda: second.page.post(address, data={"usernames": "dania"}))
    assert given_role(farid, dania, Role.TRAINEE).status_code == 303
    assert named.result().status_code == 422
    assert taught_by(database, dania) == []


def test_whoever_is_named_as_an_instructor_and_gets_another_role_meanwhile_teaches_nothing(
    cohort: Cohort,
    farid: FlaskClient,
    second: SimpleNamespace,
    add_instructor: Callable[..., Account],
    database: Engine,
    meanwhile: Meanwhile,
) -> None:
    dania = add_instructor("dania", teaches=False)
    changed = meanwhile(accounts, "let_teach", lambda: given_role(second.page, dania, Role.TRAINEE))
    assert farid.post(f"/cohorts/{cohort.id}/instructors", data={"usernames": "dania"}).status_code == 303
    assert changed.result().status_code == 303
    assert taught_by(database, dania) == []


def test_an_instructor_who_gets_another_role_meanwhile_makes_no_cohort_that_they_teach(
    farid: FlaskClient,
    add_instructor: Callable[..., Account],
    sign_in: Callable,
    database: Engine,
    meanwhile: Meanwhile,
) -> None:
    account = add_instructor("dania", teaches=False)
    dania, cohort = sign_in(account), {"name": "Autumn 2027", "module": "measure-to-manage"}
    made = meanwhile(accounts, "follow_roles", lambda: dania.post("/cohorts/new", data=cohort))
    assert given_role(farid, account, Role.TRAINEE).status_code == 303
    assert made.result().status_code == 403
    assert taught_by(database, account) == []


def learns_in(database: Engine, person: Account) -> list[int]:
    with begin(database, read_only=True) as session:
        return list(session.scalars(select(Enrolment.cohort_id).where(Enrolment.trainee_id == person.id)))


def test_whoever_is_no_trainee_any_more_joins_no_cohort_by_a_code(
    people: SimpleNamespace, amina: FlaskClient, farid: FlaskClient, database: Engine, meanwhile: Meanwhile
) -> None:
    code = make_code(farid, make_cohort(farid, "Autumn 2027"))
    joined = meanwhile(accounts, "follow_roles", lambda: amina.post("/join", data={"code": code}))
    assert given_role(farid, people.amina, Role.INSTRUCTOR).status_code == 303
    assert joined.result().status_code == 404
    assert learns_in(database, people.amina) == []


def test_whoever_is_no_trainee_any_more_accepts_no_invitation(
    people: SimpleNamespace, farid: FlaskClient, invitation: SimpleNamespace, database: Engine, meanwhile: Meanwhile
) -> None:
    accepted = meanwhile(accounts, "follow_roles", invitation.accepts)
    assert given_role(farid, people.amina, Role.INSTRUCTOR).status_code == 303
    assert accepted.result().status_code == 404
    assert learns_in(database, people.amina) == []


def test_a_course_that_is_reported_while_a_file_brings_it_in_is_there_once(
    amina: FlaskClient, farid: FlaskClient, database: Engine, meanwhile: Meanwhile
) -> None:
    preview = upload_completions(farid, HEAD + ROW).location
    reported = meanwhile(completions, "_add", lambda: amina.post("/completions", data=COURSE))
    assert farid.post(f"{preview}/apply").status_code == 303
    assert reported.result().status_code == 422
    assert len(states(database)) == 1


NEWCOMER = "username,full name,role\ndania,Dania,instructor\n"


def test_whom_an_undone_import_brought_in_is_not_named_meanwhile(
    cohort: Cohort, farid: FlaskClient, second: SimpleNamespace, database: Engine, meanwhile: Meanwhile
) -> None:
    undoes = confirmed_undoing(farid, bring_in(farid, NEWCOMER, gives_roles="y"))
    undone = meanwhile(accounts, "let_teach", undoes)
    named = second.page.post(f"/cohorts/{cohort.id}/instructors", data={"usernames": "dania"})
    assert named.status_code == 303
    assert undone.result().status_code == 409


def test_an_import_is_not_undone_of_somebody_who_tries_to_sign_in_meanwhile(
    farid: FlaskClient, app: Flask, meanwhile: Meanwhile
) -> None:
    undoes = confirmed_undoing(farid, bring_in(farid, NEWCOMER, gives_roles="y"))
    undone = meanwhile(sign_in_pages, "keep_on_refusal", undoes)
    tried = app.test_client().post("/sign-in", data={"username": "dania", "password": PASSWORD})
    assert tried.status_code == 422
    assert undone.result().status_code == 409


def agree_to_research(database: Engine, academy_id: int) -> None:
    """Twelve more trainees of the academy do."""
    with begin(database) as session:
        academy = session.get_one(Academy, academy_id)
        for number in range(12):
            named = {"username": f"trainee.{number}", "full_name": "Trainee", "role": Role.TRAINEE}
            account = accounts.add_account(session, academy, **named, password=PASSWORD)
            consent.answer(session, account.id, Purpose.RESEARCH, is_given=True)


def test_nobody_who_makes_a_cohort_waits_for_a_release_to_be_written(
    people: SimpleNamespace,
    farid: FlaskClient,
    second: SimpleNamespace,
    database: Engine,
    meanwhile: Meanwhile,
) -> None:
    agree_to_research(database, people.farid.academy_id)
    cohort = {"name": "Autumn 2027", "module": "measure-to-manage"}
    made = meanwhile(archive, "write", lambda: second.page.post("/cohorts/new", data=cohort))
    assert farid.post(RELEASE, data=SAID).status_code == 200
    assert made.result().status_code == 303
    with begin(database, read_only=True) as session:
        verbs = list(session.scalars(select(AuditEntry.verb).order_by(AuditEntry.id.desc()).limit(2)))
    assert verbs == ["research_released", "cohort_made"]


def answers(client: FlaskClient, said: str) -> Callable[[], TestResponse]:
    return lambda: client.post("/account/choices", data={"purpose": Purpose.RESEARCH, "answer": said})


def test_nothing_is_released_of_whoever_withdraws_while_it_is_written(
    people: SimpleNamespace,
    amina: FlaskClient,
    farid: FlaskClient,
    database: Engine,
    meanwhile: Meanwhile,
) -> None:
    agree_to_research(database, people.farid.academy_id)
    assert answers(amina, "yes")().status_code == 303
    withdrawn = meanwhile(archive, "write", answers(amina, "no"))
    assert farid.post(RELEASE, data=SAID).status_code == 409
    assert withdrawn.result().status_code == 303
    assert releases(database) == []


def test_a_sign_in_that_hashes_a_password_anew_does_not_bring_the_former_back(
    people: SimpleNamespace,
    amina: FlaskClient,
    app: Flask,
    database: Engine,
    meanwhile: Meanwhile,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(accounts, "hasher", PasswordHasher(time_cost=2, memory_cost=8, parallelism=1))
    client = app.test_client()
    signed_in = meanwhile(passwords, "set_password", signed_in_meanwhile(client))
    said = {"current": PASSWORD, "password": OTHER_PASSWORD, "again": OTHER_PASSWORD}
    assert amina.post("/account", data=said).status_code == 303
    assert signed_in.result().status_code == 303
    assert client.get("/account").status_code == 302, "the former password opened a session that lasts"
    again = app.test_client().post("/sign-in", data={"username": "amina", "password": PASSWORD})
    assert again.status_code == 422
