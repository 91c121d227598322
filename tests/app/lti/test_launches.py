"""Coming in from a learning platform: who that is, what opens, and every message that is not what it should be."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from joserfc import jwt
from sqlalchemy import Engine, func, select

from app.accounts.models import Account, Cohort, Enrolment
from app.core import clock
from app.core.access import Role
from app.core.audit import AuditEntry
from app.core.db import begin
from app.enrolment import service as enrolment
from app.factory import create_app
from app.lti.models import Course, Launch, PlatformPerson, Score
from app.sims.models import SimulationExercise
from config import Settings
from tests.app.lti.conftest import ORIGIN, QUIZ, Person, signed
from tests.app.lti.learning_platform import (
    ADMINISTRATOR,
    CLAIM,
    CLIENT,
    INSTRUCTOR,
    KEYS,
    LEARNER,
    LearningPlatform,
)
from tests.conftest import PASSWORD


def one(database: Engine, statement: Any) -> Any:
    with begin(database, read_only=True) as session:
        return session.scalar(statement)


def count(database: Engine, table: Any) -> int:
    return int(one(database, select(func.count()).select_from(table)))


def cohorts_of(database: Engine, account_id: int) -> list[str]:
    statement = select(Cohort.name).join(Enrolment, Enrolment.cohort_id == Cohort.id)
    with begin(database, read_only=True) as session:
        return list(session.scalars(statement.where(Enrolment.trainee_id == account_id).order_by(Enrolment.id)))


@pytest.mark.both_databases
def test_who_has_an_account_signs_in_once_and_then_comes_straight_to_the_part(
    register: Callable, person: Person, people: SimpleNamespace, database: Engine, app: Flask
) -> None:
    register()
    page = person.arrive()
    assert "for the first time" in page.text
    assert "make me an account" not in page.text
    answer = person.client.post("/sign-in", data={"username": "amina", "password": PASSWORD, "next": person.here})
    assert answer.location == person.here
    assert "I am Amina: link this account" in person.client.get(person.here).text
    assert person.go_on("link").location == QUIZ
    assert person.client.get(QUIZ).status_code == 200
    assert cohorts_of(database, people.amina.id) == ["Spring 2027", "AI for officers"]

    elsewhere = Person(app.test_client(), person.lms)
    assert "data-at-once" in elsewhere.arrive().text
    assert elsewhere.go_on().location == QUIZ
    assert elsewhere.client.get(QUIZ).status_code == 200
    assert one(database, select(PlatformPerson.account_id)) == people.amina.id
    assert count(database, Course) == 1
    with begin(database, read_only=True) as session:
        verbs = list(session.scalars(select(AuditEntry.verb).order_by(AuditEntry.id)))
    assert verbs[-4:] == ["platform_person_linked", "cohort_made", "enrolled_by_platform", "signed_in"]


def test_who_has_none_gets_one_where_the_administrator_allows_it(
    known: Person, people: SimpleNamespace, database: Engine
) -> None:
    account_id = one(database, select(PlatformPerson.account_id))
    made = one(database, select(Account).where(Account.id == account_id))
    assert (made.full_name, made.role, made.academy_id) == ("Naila Khan", Role.TRAINEE, people.amina.academy_id)
    assert account_id != people.amina.id, "linked by an e-mail"
    assert known.client.get(QUIZ).status_code == 200
    assert cohorts_of(database, account_id) == ["AI for officers"]
    assert one(database, select(Score.line_item)) == known.lms.line_item
    kept = one(database, select(Launch))
    assert kept.message == {}, "what the platform said is kept"


def test_nobody_gets_an_account_where_that_is_not_allowed(register: Callable, person: Person, database: Engine) -> None:
    register()
    accounts = count(database, Account)
    person.arrive()
    assert person.go_on("new").status_code == 409
    assert person.go_on("enter").status_code == 422
    assert person.go_on("link").status_code == 422
    assert count(database, Account) == accounts
    assert count(database, PlatformPerson) == 0


@pytest.mark.parametrize("roles", [[INSTRUCTOR], [ADMINISTRATOR], [INSTRUCTOR, ADMINISTRATOR]])
def test_a_role_on_the_platform_gives_no_right_here(
    register: Callable, person: Person, database: Engine, roles: list[str]
) -> None:
    register(makes_accounts="y")
    accounts = count(database, Account)
    page = person.arrive(**{CLAIM + "roles": roles})
    assert "not on your role there" in page.text
    assert person.go_on("new").status_code == 409
    assert count(database, Account) == accounts


def test_who_teaches_somewhere_and_learns_here_is_a_learner(register: Callable, person: Person) -> None:
    register(makes_accounts="y")
    person.arrive(**{CLAIM + "roles": [ADMINISTRATOR, LEARNER]})
    assert person.go_on("new").location == QUIZ


@pytest.mark.parametrize("name", ["bilal", "farid"])
def test_nobody_comes_in_as_an_instructor_or_administrator(
    register: Callable, person: Person, database: Engine, name: str
) -> None:
    register()
    person.arrive()
    person.client.post("/sign-in", data={"username": name, "password": PASSWORD})
    assert "no trainee" in person.client.get(person.here).text
    assert person.go_on("link").status_code == 422
    assert count(database, PlatformPerson) == 0


def test_an_account_that_became_an_instructors_opens_no_more(known: Person, database: Engine, app: Flask) -> None:
    with begin(database) as session:
        account = session.get_one(Account, session.scalars(select(PlatformPerson.account_id)).one())
        account.role = Role.INSTRUCTOR
    later = Person(app.test_client(), known.lms)
    later.arrive()
    assert later.go_on().status_code == 422
    assert later.client.get("/account").status_code == 302


def test_a_second_person_of_the_platform_does_not_get_the_account_of_the_first(
    register: Callable, person: Person, database: Engine
) -> None:
    register()
    person.client.post("/sign-in", data={"username": "amina", "password": PASSWORD})
    person.arrive()
    person.go_on("link")
    person.arrive(sub="person-2")
    assert person.go_on("link").status_code == 409
    assert count(database, PlatformPerson) == 1


def test_who_is_signed_in_as_another_is_told_and_not_changed_by_a_script(known: Person) -> None:
    known.client.post("/sign-out")
    known.client.post("/sign-in", data={"username": "bushra", "password": PASSWORD})
    page = known.arrive()
    assert "data-at-once" not in page.text
    assert "Bushra" in page.text
    assert known.go_on().location == QUIZ


def rejected(person: Person, database: Engine, answer: Any, words: str) -> None:
    assert answer.status_code == 400, answer.text
    assert words in answer.text
    assert count(database, Launch) == 0
    assert person.client.get("/account").status_code == 302
    noted = select(AuditEntry.thing).where(AuditEntry.verb == "message_not_taken", AuditEntry.academy_id.is_not(None))
    assert str(one(database, noted)).startswith("platform:"), "the audit log does not have it"


def seconds_from_now(seconds: int) -> Callable[[], int]:
    return lambda: int(time.time()) + seconds


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"aud": "another-tool"}, "meant for another tool"),
        ({"aud": [CLIENT, "another-tool"]}, "meant for another tool"),
        ({"aud": [CLIENT, "x"], "azp": "x"}, "meant for another tool"),
        ({"azp": "another-tool"}, "meant for another tool"),
        ({"aud": None}, "meant for another tool"),
        ({"iss": "https://elsewhere.example"}, "Another learning platform"),
        ({"iss": None}, "Another learning platform"),
        ({"exp": seconds_from_now(-3600)}, "too old"),
        ({"exp": None}, "too old"),
        ({"exp": "tomorrow"}, "too old"),
        ({"exp": True}, "too old"),
        ({"exp": float("nan")}, "too old"),
        ({"iat": seconds_from_now(-3600)}, "too old"),
        ({"iat": seconds_from_now(3600)}, "too old"),
        ({"iat": None}, "too old"),
        ({"nonce": "of somebody else"}, "was used already"),
        ({"nonce": None}, "was used already"),
        ({CLAIM + "deployment_id": "2"}, "did not register this use"),
        ({CLAIM + "deployment_id": None}, "did not register this use"),
        ({CLAIM + "deployment_id": ["1"]}, "did not register this use"),
        ({CLAIM + "version": "1.1"}, "does not know"),
        ({CLAIM + "message_type": "LtiSubmissionReviewRequest"}, "does not know"),
        ({CLAIM + "message_type": None}, "does not know"),
        ({CLAIM + "resource_link": None}, "does not know"),
        ({CLAIM + "resource_link": {}}, "does not know"),
        ({"sub": None}, "does not say who you are"),
        ({"sub": "x" * 256}, "does not say who you are"),
        ({"sub": 7}, "does not say who you are"),
    ],
)
def test_a_message_that_is_not_for_us_now_is_refused(
    register: Callable, person: Person, database: Engine, changes: dict[str, Any], words: str
) -> None:
    register(makes_accounts="y")
    said_now = {claim: value() if callable(value) else value for claim, value in changes.items()}
    rejected(person, database, person.come(**said_now), words)


def part(content: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(content).encode()).rstrip(b"=").decode()


def without_signature(claims: dict[str, Any]) -> str:
    return f"{part({'alg': 'none', 'typ': 'JWT', 'kid': 'one'})}.{part(claims)}."


def by_the_public_key_as_a_password(claims: dict[str, Any]) -> str:
    said = f"{part({'alg': 'HS256', 'typ': 'JWT', 'kid': 'one'})}.{part(claims)}"
    digest = hmac.new(KEYS["one"].as_pem(private=False), said.encode(), hashlib.sha256).digest()
    return f"{said}.{base64.urlsafe_b64encode(digest).rstrip(b'=').decode()}"


def by_a_key_of_the_same_name(claims: dict[str, Any]) -> str:
    return jwt.encode({"alg": "RS256", "kid": "one"}, claims, KEYS["two"], algorithms=["RS256"])


def with_a_claim_changed(claims: dict[str, Any]) -> str:
    head, _claims, signature = signed(claims).split(".")
    return f"{head}.{part(claims | {'sub': 'person-2'})}.{signature}"


def with_its_own_key(claims: dict[str, Any]) -> str:
    header = {"alg": "RS256", "kid": "one", "jwk": KEYS["two"].as_dict(private=False)}
    return jwt.encode(header, claims, KEYS["two"], algorithms=["RS256"])


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (without_signature, "does not fit"),
        (by_the_public_key_as_a_password, "does not fit"),
        (by_a_key_of_the_same_name, "does not fit"),
        (with_a_claim_changed, "does not fit"),
        (with_its_own_key, "could not be read"),
        (lambda claims: signed(claims, key="two"), "does not publish"),
        (lambda claims: signed(claims, header={"kid": ""}), "does not publish"),
        (lambda _claims: "", "could not be read"),
        (lambda _claims: "no.token.at-all", "could not be read"),
        (lambda claims: signed(claims | {"name": "x" * 70_000}), "could not be read"),
    ],
)
def test_a_message_that_the_platform_did_not_sign_is_refused(
    register: Callable, person: Person, database: Engine, make: Callable, words: str
) -> None:
    register(makes_accounts="y")
    asked = person.asked()
    rejected(
        person, database, person.bring(asked["state"], make(person.lms.claims(asked["nonce"], ORIGIN + QUIZ))), words
    )


@pytest.mark.both_databases
def test_a_message_is_taken_once(register: Callable, person: Person, database: Engine) -> None:
    register()
    asked = person.asked()
    token = signed(person.lms.claims(asked["nonce"], ORIGIN + QUIZ))
    assert person.bring(asked["state"], token).status_code == 303
    again = person.bring(asked["state"], token)
    assert again.status_code == 400
    assert "was used already" in again.text
    assert count(database, Launch) == 1


def test_a_way_in_is_used_once(known: Person) -> None:
    known.arrive()
    known.go_on()
    assert known.client.get(known.here).status_code == 422
    assert "used or has been open for too long" in known.go_on().text


@pytest.mark.parametrize("state", ["", "x", "WzEsIm4iLCJiIl0.aaaaaa.bbbb"])
def test_what_was_not_begun_here_is_refused(register: Callable, person: Person, state: str) -> None:
    register()
    answer = person.bring(state, signed(person.lms.claims("n", ORIGIN + QUIZ)))
    assert answer.status_code == 400
    assert "not begun here" in answer.text


def test_what_was_begun_in_another_browser_does_not_end_in_this_one(
    register: Callable, person: Person, app: Flask
) -> None:
    register(makes_accounts="y")
    person.arrive()
    stranger = Person(app.test_client(), person.lms)
    stranger.here = person.here
    assert stranger.client.get(person.here).status_code == 422
    assert stranger.go_on("new").status_code == 422
    stranger.asked()
    assert stranger.go_on("new").status_code == 422


def test_a_platform_speaks_for_its_own_academy_only(
    register: Callable, person: Person, people: SimpleNamespace, app: Flask, database: Engine
) -> None:
    register()
    register("zahid", deployment_ids="2")
    asked = person.asked()
    token = signed(person.lms.claims(asked["nonce"], ORIGIN + QUIZ))
    answer = person.client.post("/lti/punjab/launch", data={"state": asked["state"], "id_token": token})
    assert answer.status_code == 404
    away = Person(app.test_client(), person.lms, "punjab")
    rejected(away, database, away.come(), "did not register this use")
    person.client.post("/sign-in", data={"username": "zara", "password": PASSWORD})
    person.arrive()
    assert person.go_on("link").status_code == 422
    assert count(database, PlatformPerson) == 0


def test_a_platform_that_nobody_registered_or_that_is_off_is_not_asked(
    register: Callable, person: Person, people: SimpleNamespace, sign_in: Callable
) -> None:
    assert person.ask().status_code == 422
    made = register()
    asked = person.asked()
    sign_in(people.farid).post(f"/administration/platforms/{made.id}/switch", data={"on": "no"})
    answer = person.ask()
    assert answer.status_code == 422
    assert "switched it off" in answer.text
    token = signed(person.lms.claims(asked["nonce"], ORIGIN + QUIZ))
    assert person.bring(asked["state"], token).status_code == 404
    assert person.client.get("/lti/nowhere/login").status_code == 404
    assert person.client.get("/lti/kp/login").status_code == 422


def test_new_keys_of_the_platform_are_fetched_and_known_ones_are_not_again(
    known: Person, lms: LearningPlatform, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert lms.asked.count("/keys") == 1
    known.arrive()
    assert lms.asked.count("/keys") == 1
    lms.published = ["two", "one"]
    monkeypatch.setattr("app.lti.platform_keys.PAUSE_SECONDS", 0.0)
    assert known.come(key="two").status_code == 303
    monkeypatch.undo()
    assert lms.asked.count("/keys") == 2
    for _time in range(3):
        assert known.come(header={"kid": "three"}).status_code == 400
    assert lms.asked.count("/keys") == 2, "a message makes us ask as often as somebody likes"


def test_while_the_keys_are_out_of_reach_known_ones_still_count(
    register: Callable, person: Person, lms: LearningPlatform, database: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    register(makes_accounts="y")
    lms.is_down = True
    for _time in range(3):
        rejected(person, database, person.come(), "cannot be reached")
    assert lms.asked.count("/keys") == 1
    lms.is_down = False
    monkeypatch.setattr("app.lti.platform_keys.PAUSE_SECONDS", 0.0)
    assert person.come().status_code == 303
    lms.is_down = True
    assert person.come().status_code == 303


def test_the_platform_may_say_that_it_knows_nobody(register: Callable, person: Person) -> None:
    register()
    data = {"state": person.asked()["state"], "error": "login_required"}
    answer = person.client.post("/lti/kp/launch", data=data)
    assert answer.status_code == 422
    assert "Sign in there" in answer.text


@pytest.mark.parametrize(
    "target",
    [
        "https://elsewhere.example/learn/measure-to-manage/quiz",
        f"{ORIGIN}.elsewhere.example/learn/measure-to-manage/quiz",
        f"{ORIGIN}/learn/no-such-module",
        f"{ORIGIN}/learn/measure-to-manage/no-such-part",
        f"{ORIGIN}/learn/measure-to-manage/quiz?next=x",
        f"{ORIGIN}//elsewhere.example/learn/measure-to-manage",
        f"{ORIGIN}/exercises/999999",
        f"{ORIGIN}/administration",
        f"{ORIGIN}/lti/kp/launch",
        "http://[",
        "",
    ],
)
def test_a_link_opens_parts_of_hunar_only(register: Callable, person: Person, target: str) -> None:
    register(makes_accounts="y")
    page = person.arrive(**{CLAIM + "target_link_uri": target})
    assert page.status_code == 404
    assert "names nothing that Hunar has" in page.text
    assert person.go_on("new").status_code == 404


@pytest.mark.parametrize(
    ("target", "words"),
    [
        ("/learn/measure-to-manage", "Measure to manage"),
        ("/learn/measure-to-manage/grievance", "Simulation"),
        ("/learn/measure-to-manage/grievances", "Lab"),
    ],
)
def test_modules_simulations_and_labs_open(register: Callable, person: Person, target: str, words: str) -> None:
    register(makes_accounts="y")
    assert words in person.arrive(target).text
    assert person.go_on("new").location == target
    assert person.client.get(target, follow_redirects=True).status_code == 200


def test_an_exercise_opens_in_its_own_cohort_and_none_of_another_academy(
    register: Callable, person: Person, people: SimpleNamespace, cohort: Cohort, database: Engine
) -> None:
    register(makes_accounts="y")
    with begin(database) as session:
        away = session.scalars(select(Cohort).where(Cohort.academy_id == people.zara.academy_id)).one()
        exercises = [
            SimulationExercise(
                academy_id=each.academy_id,
                cohort_id=each.id,
                module_id="measure-to-manage",
                activity_id="grievance",
                title="Week 4",
                seed=7,
                attempts=1,
                created_by=people.bilal.id,
                created_at=clock.now(),
            )
            for each in (cohort, away)
        ]
        session.add_all(exercises)
        session.flush()
        own, foreign = (each.id for each in exercises)
    assert person.arrive(f"/exercises/{foreign}").status_code == 404
    assert person.arrive(f"/exercises/{own}").status_code == 200
    assert person.go_on("new").location == f"/exercises/{own}"
    assert person.client.get(f"/exercises/{own}").status_code == 200
    account_id = one(database, select(PlatformPerson.account_id))
    assert cohorts_of(database, account_id) == ["Spring 2027"]
    assert one(database, select(Score.exercise_id)) == own


def test_who_was_withdrawn_is_not_taken_in_by_a_link(known: Person, people: SimpleNamespace, database: Engine) -> None:
    account_id = one(database, select(PlatformPerson.account_id))
    with begin(database) as session:
        cohort_id = session.scalars(select(Course.cohort_id)).one()
        enrolment.withdraw(session, people.farid, cohort_id, account_id)
    known.arrive()
    answer = known.go_on()
    assert answer.status_code == 409
    assert "withdrawn from the cohort AI for officers" in answer.text
    assert cohorts_of(database, account_id) == []


def test_a_second_course_of_the_same_name_gets_a_cohort_of_its_own(known: Person, database: Engine) -> None:
    known.arrive(**{CLAIM + "context": {"id": "course-10", "title": "AI for officers"}})
    known.go_on()
    account_id = one(database, select(PlatformPerson.account_id))
    assert cohorts_of(database, account_id) == ["AI for officers", "AI for officers (2)"]


def test_a_message_without_a_course_opens_too(register: Callable, person: Person, database: Engine) -> None:
    register(makes_accounts="y")
    person.arrive(**{CLAIM + "context": None, "name": None})
    person.go_on("new")
    account_id = one(database, select(PlatformPerson.account_id))
    assert cohorts_of(database, account_id) == ["Moodle of Peshawar"]
    assert one(database, select(Account.full_name).where(Account.id == account_id)) == "Trainee"


@pytest.mark.parametrize("destination", ["iframe", "frame", "object", "embed"])
def test_in_a_frame_a_link_leads_to_a_window_of_its_own(
    register: Callable, person: Person, lms: LearningPlatform, destination: str
) -> None:
    register()
    page = person.ask(**{"Sec-Fetch-Dest": destination})
    assert page.status_code == 200
    assert 'target="_blank"' in page.text
    assert "Set-Cookie" not in page.headers or "hunar_lti" not in page.headers["Set-Cookie"]
    policy = page.headers["Content-Security-Policy"]
    assert f"frame-ancestors {lms.origin};" in policy
    again = page.text.partition('class="btn btn-primary" href="')[2].partition('"')[0].replace("&amp;", "&")
    answer = person.client.get(again, headers={"Sec-Fetch-Dest": "document"})
    assert answer.status_code == 302
    assert "lti_message_hint=9" in str(answer.location)


def test_other_pages_stay_out_of_frames(register: Callable, person: Person) -> None:
    register()
    for page in (person.arrive(), person.client.get("/sign-in")):
        assert "frame-ancestors 'self';" in page.headers["Content-Security-Policy"]


def test_hunar_asks_as_it_should_and_the_cookie_is_for_this_way_only(
    register: Callable, person: Person, lms: LearningPlatform
) -> None:
    register()
    answer = person.ask()
    assert str(answer.location).startswith(f"{lms.origin}/auth?from=hunar&")
    asked = person.asked()
    expected = {
        "scope": "openid",
        "response_type": "id_token",
        "response_mode": "form_post",
        "prompt": "none",
        "client_id": CLIENT,
        "redirect_uri": f"{ORIGIN}/lti/kp/launch",
        "login_hint": "7",
        "lti_message_hint": "9",
    }
    assert asked.items() >= expected.items()
    assert len(asked["nonce"]) >= 32
    [cookie] = [each for each in answer.headers.getlist("Set-Cookie") if each.startswith("hunar_lti=")]
    assert {"HttpOnly", "SameSite=Lax", "Path=/lti/"} <= set(cookie.split("; "))


def test_under_https_the_cookie_is_secure(settings: Settings, register: Callable, person: Person) -> None:
    register()
    secure = create_app(settings.model_copy(update={"public_scheme": "https"}))
    answer = Person(secure.test_client(), person.lms).ask()
    [cookie] = [each for each in answer.headers.getlist("Set-Cookie") if each.startswith("hunar_lti=")]
    assert "Secure" in cookie.split("; ")


def test_the_forms_of_platforms_need_no_token_and_ours_do(
    settings: Settings, register: Callable, person: Person
) -> None:
    register(makes_accounts="y")
    careful = Person(create_app(settings).test_client(), person.lms)
    page = careful.arrive()
    assert page.status_code == 200
    assert careful.go_on("new").status_code == 400
    token = page.text.partition('name="csrf_token" value="')[2].partition('"')[0]
    answer = careful.client.post(careful.here, data={"how": "new", "csrf_token": token})
    assert answer.location == QUIZ


def test_a_refusal_is_in_the_readers_language(register: Callable, person: Person) -> None:
    register()
    asked = person.asked()
    token = signed(person.lms.claims(asked["nonce"], ORIGIN + QUIZ, aud="another"))
    data = {"state": asked["state"], "id_token": token}
    answer = person.client.post("/lti/kp/launch", data=data, headers={"Accept-Language": "ur"})
    assert 'lang="ur"' in answer.text
    assert "meant for another tool" not in answer.text


def test_a_new_account_reads_the_language_of_the_platform(register: Callable, person: Person, database: Engine) -> None:
    register(makes_accounts="y")
    person.arrive(**{CLAIM + "launch_presentation": {"locale": "ur-PK"}})
    person.go_on("new")
    account_id = one(database, select(PlatformPerson.account_id))
    assert one(database, select(Account.language).where(Account.id == account_id)) == "ur"


@pytest.mark.parametrize(
    "changes",
    [
        {CLAIM + "roles": "Learner", CLAIM + "context": [], "name": 7},
        {CLAIM + "roles": [7, None], CLAIM + "context": {"id": 7, "title": {}}},
        {"https://purl.imsglobal.org/spec/lti-ags/claim/endpoint": {"scope": 7, "lineitem": []}},
        {"name": "Na\x00ila \ud800"},
        {CLAIM + "context": {"id": "c" * 5000, "title": "t" * 5000}},
    ],
)
def test_odd_values_of_a_signed_message_break_nothing(
    register: Callable, person: Person, changes: dict[str, Any]
) -> None:
    register(makes_accounts="y")
    assert person.arrive(**changes).status_code == 200
    assert person.go_on("new").location == QUIZ
