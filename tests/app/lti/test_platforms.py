"""An administrator registers platforms, changes them, and says which cohort a course comes into."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, select

from app.accounts.models import Account, Cohort, Enrolment
from app.core import clock
from app.core.audit import AuditEntry
from app.core.db import begin
from app.factory import create_app
from app.lti.models import Course, Platform, PlatformPerson, ToolKey
from config import Settings
from tests.app.lti.conftest import Person, typed
from tests.app.lti.learning_platform import LearningPlatform

PAGE = "/administration/platforms"


@pytest.fixture
def client(people: SimpleNamespace, sign_in: Callable) -> FlaskClient:
    return sign_in(people.farid)


def platform(database: Engine) -> Platform:
    with begin(database, read_only=True) as session:
        return session.scalars(select(Platform)).one()


@pytest.mark.both_databases
def test_a_platform_is_registered_and_the_way_there_is_told(
    client: FlaskClient, lms: LearningPlatform, database: Engine
) -> None:
    assert PAGE in client.get("/administration").text
    assert "There is none yet." in client.get(PAGE).text
    page = client.get(f"{PAGE}/new").text
    for path in ("launch", "login", "keys.json", "choose", "canvas.json"):
        assert f"http://127.0.0.1:8000/lti/kp/{path}" in page
    answer = client.post(f"{PAGE}/new", data=typed(lms, deployment_ids=" 1\n\n2 \n1"), follow_redirects=True)
    assert "The platform is registered." in answer.text
    made = platform(database)
    assert (made.site, made.deployment_ids, made.is_enabled, made.makes_accounts) == (
        lms.origin,
        ["1", "2"],
        True,
        False,
    )
    assert "Moodle of Peshawar" in client.get(PAGE).text


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"name": " "}, "Give the platform a name."),
        ({"client_id": ""}, "Copy the client ID"),
        ({"deployment_ids": " \n "}, "Copy the deployment ID"),
        ({"deployment_ids": "\n".join(map(str, range(51)))}, "at most 50"),
        ({"issuer": "moodle"}, "begins with https://"),
        ({"login_address": "http://moodle.example/auth"}, "begins with https://"),
        ({"token_address": "ftp://moodle.example/"}, "begins with https://"),
        ({"keys_address": "https://moodle.example/a b"}, "begins with https://"),
        ({"site": "https://a.example; script-src *"}, "begins with https://"),
        ({"keys_address": ""}, "Copy this address"),
        ({"issuer": "https://moodle.example/" + "x" * 300}, "Shorten this to 300"),
    ],
)
def test_what_is_typed_wrongly_is_said_and_kept(
    client: FlaskClient, lms: LearningPlatform, database: Engine, changes: dict[str, str], words: str
) -> None:
    answer = client.post(f"{PAGE}/new", data=typed(lms, **changes))
    assert answer.status_code == 422
    assert words in answer.text
    assert f"{lms.origin}/auth?from=hunar" in answer.text or "login_address" in changes
    with begin(database, read_only=True) as session:
        assert session.scalars(select(Platform)).all() == []


def test_the_same_platform_is_not_registered_twice(
    register: Callable, client: FlaskClient, lms: LearningPlatform
) -> None:
    first = register()
    answer = client.post(f"{PAGE}/new", data=typed(lms))
    assert answer.status_code == 422
    assert "registered this client ID" in answer.text
    other = register(client_id="other")
    answer = client.post(f"{PAGE}/{other.id}/change", data=typed(lms))
    assert answer.status_code == 422
    assert client.post(f"{PAGE}/{first.id}/change", data=typed(lms, name="Renamed")).status_code == 303


def test_a_platform_is_changed_switched_and_removed_and_all_of_it_is_in_the_log(
    known: Person, client: FlaskClient, lms: LearningPlatform, database: Engine
) -> None:
    made = platform(database)
    here = f"{PAGE}/{made.id}"
    page = client.get(f"{here}/change").text
    assert f'value="{lms.origin}/keys"' in page
    assert "checked" in page
    assert client.post(f"{here}/change", data=typed(lms, name="Moodle")).status_code == 303
    assert client.post(f"{here}/change", data=typed(lms, token_address="x")).status_code == 422
    assert (platform(database).name, platform(database).makes_accounts) == ("Moodle", False)
    for on in ("no", "no", "yes"):
        assert client.post(f"{here}/switch", data={"on": on}).status_code == 303
    accounts = len(_all(database, Account))
    assert "cannot be undone" in client.get(f"{here}/remove").text
    assert client.post(f"{here}/remove").status_code == 303
    assert client.get(here).status_code == 404
    assert _all(database, PlatformPerson) == []
    assert len(_all(database, Account)) == accounts
    with begin(database, read_only=True) as session:
        verbs = session.scalars(
            select(AuditEntry.verb).where(AuditEntry.thing == f"platform:{made.id}").order_by(AuditEntry.id)
        ).all()
    assert verbs == [
        "platform_registered",
        "platform_changed",
        "platform_switched_off",
        "platform_switched_on",
        "platform_removed",
    ]


def _all(database: Engine, table: type) -> list[object]:
    with begin(database, read_only=True) as session:
        return list(session.scalars(select(table)))


def test_another_issuer_does_not_inherit_who_people_are(
    known: Person, client: FlaskClient, lms: LearningPlatform, database: Engine
) -> None:
    answer = client.post(f"{PAGE}/{platform(database).id}/change", data=typed(lms, issuer="https://other.example"))
    assert answer.status_code == 303
    assert _all(database, PlatformPerson) == []


def test_the_administrator_chooses_the_cohort_of_a_course(
    cohort: Cohort, known: Person, client: FlaskClient, people: SimpleNamespace, database: Engine
) -> None:
    with begin(database) as session:
        course = session.scalars(select(Course)).one()
        other = Cohort(academy_id=cohort.academy_id, name="Of another module", module_id="vehicles-or-people")
        away = session.scalars(select(Cohort.id).where(Cohort.academy_id == people.zara.academy_id)).one()
        session.add(other)
        session.flush()
    here = f"{PAGE}/{course.platform_id}"
    page = client.get(here).text
    assert "AI for officers" in page
    assert "Spring 2027" in page
    assert "Of another module" not in page
    field = f"course{course.id}-cohort"
    for wrong in (str(other.id), str(away), "999999", "x", ""):
        assert client.post(f"{here}/courses/{course.id}", data={field: wrong}).status_code == 404
    assert client.post(f"{here}/courses/{course.id}", data={field: str(cohort.id)}).status_code == 303
    known.arrive()
    known.go_on()
    with begin(database, read_only=True) as session:
        account_id = session.scalars(select(PlatformPerson.account_id)).one()
        found = session.scalars(select(Enrolment.cohort_id).where(Enrolment.trainee_id == account_id)).all()
    assert cohort.id in found


def test_a_new_key_signs_and_the_former_stays_published_for_a_while(
    register: Callable, client: FlaskClient, app: Flask, database: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert client.get("/lti/kp/keys.json").json == {"keys": []}
    register()

    def published() -> list[str]:
        return [key["kid"] for key in app.test_client().get("/lti/kp/keys.json").json["keys"]]

    [first] = published()
    assert client.post(f"{PAGE}/key").status_code == 303
    second, former = published()
    assert former == first != second
    now = clock.now() + timedelta(days=31)
    monkeypatch.setattr(clock, "now", lambda: now)
    assert published() == [second]
    for key in app.test_client().get("/lti/kp/keys.json").json["keys"]:
        assert not {"d", "p", "q"} & key.keys()


def test_the_private_key_is_sealed_and_a_new_secret_makes_a_new_one(
    register: Callable, database: Engine, settings: Settings, people: SimpleNamespace, lms: LearningPlatform
) -> None:
    register()
    with begin(database, read_only=True) as session:
        [key] = session.scalars(select(ToolKey)).all()
    assert '"d"' not in key.sealed_private
    other = create_app(settings.model_copy(update={"secret_key": "z" * 32}))
    other.config.update(WTF_CSRF_ENABLED=False)
    client = other.test_client()
    client.post("/sign-in", data={"username": "farid", "password": "correct horse battery staple"})
    assert client.post(f"{PAGE}/new", data=typed(lms, client_id="second")).status_code == 303
    assert len(_all(database, ToolKey)) == 2


def test_canvas_reads_its_configuration(app: Flask) -> None:
    said = app.test_client().get("/lti/kp/canvas.json").json
    assert said["oidc_initiation_url"] == "http://127.0.0.1:8000/lti/kp/login"
    assert said["scopes"] == ["https://purl.imsglobal.org/spec/lti-ags/scope/score"]
    [extension] = said["extensions"]
    assert {each["message_type"] for each in extension["settings"]["placements"]} == {"LtiDeepLinkingRequest"}
    for missing in ("canvas.json", "keys.json"):
        assert app.test_client().get(f"/lti/nowhere/{missing}").status_code == 404


def test_the_pages_are_in_urdu_too(register: Callable, client: FlaskClient) -> None:
    made = register()
    client.post("/language", data={"language": "ur", "next": "/"})
    for path in (PAGE, f"{PAGE}/new", f"{PAGE}/{made.id}", f"{PAGE}/{made.id}/remove", f"{PAGE}/scores"):
        page = client.get(path)
        assert page.status_code == 200
        assert 'dir="rtl"' in page.text
        assert "Learning platforms" not in page.text
