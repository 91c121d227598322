"""Credentials: what they hold, when they are issued, and what anybody finds out who is shown one."""

from __future__ import annotations

import base64
import gzip
import hmac
import io
import json
import re
from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from joserfc import jws
from joserfc.jwk import RSAKey
from sqlalchemy import Engine, func, select, update

from app.cli import retention_command
from app.competencies.models import EvidenceKind
from app.competencies.service import note_seconded, record_evidence
from app.core import clock
from app.core.db import begin
from app.credentials.document import STATUS_BITS
from app.credentials.document import encoded as encoded_list
from app.credentials.models import Credential, SigningKey
from app.credentials.office import ALGORITHM, Office
from app.factory import create_app
from config import Settings
from tests.app.credentials.conftest import OF_MODULE, held
from tests.conftest import PASSWORD

ORIGIN = "http://127.0.0.1:8000"
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
# Of the specification's list of kinds of achievements, those that we use.
KINDS = {"Course", "Competency"}
WRITTEN = EvidenceKind.WRITTEN_PRODUCT
IDENTITIES = {"name", "emailAddress", "sourcedId", "systemId", "userName", "identifier"}


@pytest.fixture
def amina(people: SimpleNamespace, sign_in: Callable, finish_module: Callable, reach_level: Callable) -> FlaskClient:
    """Who has finished a module and reached a level."""
    finish_module(people.amina)
    reach_level(people.amina)
    return sign_in(people.amina)


@pytest.fixture
def made(people: SimpleNamespace, amina: FlaskClient, claim: Callable) -> Credential:
    return claim(amina, people.amina)


@pytest.fixture
def anyone(app: Flask) -> FlaskClient:
    return app.test_client()


def shown(anyone: FlaskClient, text: str) -> str:
    """What the page says of a pasted credential."""
    answer = anyone.post("/verify", data={"text": text})
    assert answer.status_code == 200
    return answer.text


def parts(signed: str) -> tuple[dict[str, Any], dict[str, Any], bytes]:
    header, payload, signature = (base64.urlsafe_b64decode(part + "==") for part in signed.split("."))
    return json.loads(header), json.loads(payload), signature


def joined(header: dict[str, Any], payload: dict[str, Any], signature: bytes) -> str:
    raw = (json.dumps(header).encode(), json.dumps(payload).encode(), signature)
    return ".".join(encoded(part) for part in raw)


def encoded(part: bytes) -> str:
    return base64.urlsafe_b64encode(part).decode().rstrip("=")


@pytest.mark.parametrize("name", [OF_MODULE, "D2.1-level-2"])
def test_a_credential_keeps_the_rules_of_open_badges(
    people: SimpleNamespace, amina: FlaskClient, claim: Callable, name: str
) -> None:
    signed = claim(amina, people.amina, name).signed
    header, content, _signature = parts(signed)
    assert content["@context"][0] == "https://www.w3.org/ns/credentials/v2"
    assert re.fullmatch(r"https://purl\.imsglobal\.org/spec/ob/v3p0/context-3\.0\.\d\.json", content["@context"][1])
    assert {"VerifiableCredential", "OpenBadgeCredential"} <= set(content["type"])
    assert content["id"].startswith(f"{ORIGIN}/credentials/")
    assert "Profile" in content["issuer"]["type"]
    assert content["issuer"]["id"] == f"{ORIGIN}/academies/kp/issuer.json"
    assert MOMENT.fullmatch(content["validFrom"])
    subject = content["credentialSubject"]
    assert "AchievementSubject" in subject["type"]
    [identity] = subject["identifier"]
    assert identity["type"] == "IdentityObject"
    assert (identity["hashed"], identity["identityHash"]) == (False, "Amina")
    assert identity["identityType"] in IDENTITIES
    achievement = subject["achievement"]
    assert "Achievement" in achievement["type"]
    assert achievement["achievementType"] in KINDS
    assert achievement["id"] == f"{ORIGIN}/academies/kp/achievements/{name}"
    assert all(achievement[key] for key in ("name", "description"))
    assert achievement["criteria"]["narrative"]
    assert header == {"alg": "RS256", "typ": "JWT", "kid": header["kid"]}
    assert (content["iss"], content["jti"]) == (content["issuer"]["id"], content["id"])
    assert isinstance(content["nbf"], int)
    assert ("exp" in content) == ("validUntil" in content) == (name != OF_MODULE)
    assert "username" not in json.dumps(content)


def test_level_4_is_signed_with_the_conditions_that_it_has(
    people: SimpleNamespace, sign_in: Callable, claim: Callable, database: Engine, anyone: FlaskClient
) -> None:
    name = "D4.2-level-4"
    with begin(database) as session:
        for kind, count in ((EvidenceKind.QUIZ_ITEM, 8), (EvidenceKind.SIMULATION_DECISION, 4), (WRITTEN, 3)):
            for number in range(count):
                about = {"source": f"{kind}:{number}", "part": "done"}
                record_evidence(session, people.amina, competency="D4.2", level=4, kind=kind, outcome=1.0, **about)
        note_seconded(session, source=f"{WRITTEN}:0", part="done")
    _header, content, _signature = parts(claim(sign_in(people.amina), people.amina, name).signed)
    narrative = content["credentialSubject"]["achievement"]["criteria"]["narrative"]
    assert (
        "the evidence, of three kinds, one of them practice (a simulation or a notebook), and with a written product "
        "that two people marked, has an effective weight of 7 or more." in narrative
    )
    assert anyone.get(f"/academies/kp/achievements/{name}").json["criteria"]["narrative"] == narrative


def test_others_verify_it_by_the_open_keys_alone(made: Credential, anyone: FlaskClient) -> None:
    header, content, _signature = parts(made.signed)
    key = RSAKey.import_key(anyone.get(header["kid"].removeprefix(ORIGIN)).json)
    assert json.loads(jws.deserialize_compact(made.signed, key, algorithms=["RS256"]).payload) == content
    listed = anyone.get("/academies/kp/jwks.json").json["keys"]
    assert [each["kid"] for each in listed] == [header["kid"]]
    assert not {"d", "p", "q"} & listed[0].keys()
    assert anyone.get("/academies/kp/issuer.json").json["id"] == content["iss"]
    named = content["credentialSubject"]["achievement"]["id"].removeprefix(ORIGIN)
    assert anyone.get(named).json["name"] == content["name"]


def test_what_is_not_earned_is_not_signed(database: Engine, people: SimpleNamespace, sign_in: Callable) -> None:
    bushra = sign_in(people.bushra)
    for name in (OF_MODULE, "D2.1-level-1", "no-such-thing", ""):
        answer = bushra.post("/passport/credentials", data={"achievement": name})
        assert answer.status_code == 422
    assert held(database, people.bushra) == []


def test_asked_for_twice_there_is_one(
    database: Engine, people: SimpleNamespace, amina: FlaskClient, claim: Callable
) -> None:
    assert claim(amina, people.amina).code == claim(amina, people.amina).code
    assert len(held(database, people.amina)) == 1


def test_the_private_key_is_kept_sealed(database: Engine, made: Credential) -> None:
    with begin(database, read_only=True) as session:
        [key] = session.scalars(select(SigningKey))
    assert not {"d", "p", "q"} & key.public.keys()
    assert '"d"' not in key.sealed_private


def test_the_code_leads_to_what_the_credential_says_and_nothing_else(made: Credential, anyone: FlaskClient) -> None:
    page = anyone.get(f"/credentials/{made.code}").text
    for part in ("genuine and in force", "Amina", "citizen grievances", "Khyber Pakhtunkhwa Academy"):
        assert part in page
    assert "amina" not in page.replace(made.code, "")
    typed = "-".join(made.code[start : start + 4] for start in range(0, 16, 4)).lower()
    answer = anyone.post("/verify", data={"code": typed})
    assert answer.location == f"/credentials/{made.code}"


def test_a_file_is_verified_as_text_is(made: Credential, anyone: FlaskClient, amina: FlaskClient) -> None:
    for ending in ("jwt", "json"):
        taken = amina.get(f"/passport/credentials/{made.id}/credential.{ending}").data
        answer = anyone.post("/verify", data={"file": (io.BytesIO(taken), f"credential.{ending}")})
        assert "genuine and in force" in answer.text


def test_nobody_takes_anothers_credential_away(people: SimpleNamespace, made: Credential, sign_in: Callable) -> None:
    for name in ("bushra", "bilal", "farid", "zara"):
        answer = sign_in(getattr(people, name)).get(f"/passport/credentials/{made.id}/credential.jwt")
        assert answer.status_code == 404


def test_a_changed_name_is_told_as_altered(made: Credential, anyone: FlaskClient) -> None:
    header, content, signature = parts(made.signed)
    content["credentialSubject"]["identifier"][0]["identityHash"] = "Somebody Else"
    for text in (joined(header, content, signature), json.dumps(content)):
        page = shown(anyone, text)
        assert "This was altered" in page
        assert "Somebody Else" not in re.sub(r"<textarea.*?</textarea>", "", page, flags=re.DOTALL)


def test_without_a_signature_or_by_another_algorithm_it_is_refused(
    database: Engine, made: Credential, anyone: FlaskClient
) -> None:
    header, content, _signature = parts(made.signed)
    assert "no signature that we accept" in shown(anyone, joined({**header, "alg": "none"}, content, b""))
    with begin(database, read_only=True) as session:
        public = session.scalars(select(SigningKey)).one().public
    # The well-known confusion: the public key as the secret of a symmetric signature.
    secret = RSAKey.import_key(public).as_pem(private=False)
    unsigned = joined({**header, "alg": "HS256"}, content, b"")[:-1]
    forged = f"{unsigned}.{encoded(hmac.digest(secret, unsigned.encode(), 'sha256'))}"
    assert "no signature that we accept" in shown(anyone, forged)


def test_another_key_is_not_believed_even_if_it_comes_along(made: Credential, anyone: FlaskClient) -> None:
    header, content, _signature = parts(made.signed)
    own = RSAKey.generate_key(2048)
    payload = json.dumps(content).encode()
    stranger = {"alg": ALGORITHM, "kid": f"{ORIGIN}/academies/kp/keys/{own.thumbprint()}"}
    assert "signed by a key that is not known" in shown(anyone, jws.serialize_compact(stranger, payload, own))
    brought = {"alg": ALGORITHM, "jwk": own.as_dict(private=False)}
    assert "signed by a key that is not known" in shown(anyone, jws.serialize_compact(brought, payload, own))
    assert "This was altered" in shown(anyone, jws.serialize_compact(header, payload, own))


def test_an_academy_cannot_sign_in_the_name_of_another(
    app: Flask, database: Engine, people: SimpleNamespace, sign_in: Callable, made: Credential, anyone: FlaskClient
) -> None:
    zahid = sign_in(people.zahid)
    assert zahid.post("/administration/credentials/key").status_code == 303
    with begin(database, read_only=True) as session:
        key = session.scalars(select(SigningKey).where(SigningKey.academy_id == people.zahid.academy_id)).one()
    private = RSAKey.import_key(json.loads(Office.of(app.extensions["settings"]).seal.open(key.sealed_private)))
    _header, content, _signature = parts(made.signed)
    for slug in ("punjab", "kp"):
        named = {"alg": ALGORITHM, "kid": f"{ORIGIN}/academies/{slug}/keys/{key.thumbprint}"}
        forged = jws.serialize_compact(named, json.dumps(content).encode(), private)
        assert "signed by a key that is not known" in shown(anyone, forged)
    assert anyone.get(f"/academies/kp/keys/{key.thumbprint}").status_code == 404


def test_the_register_of_one_academy_is_closed_to_another(
    people: SimpleNamespace, sign_in: Callable, made: Credential
) -> None:
    zahid = sign_in(people.zahid)
    assert made.code[:4] not in zahid.get("/administration/credentials").text
    assert zahid.get(f"/administration/credentials/{made.id}").status_code == 404
    answer = zahid.post(f"/administration/credentials/{made.id}/revoke", data={"reason": "No."})
    assert answer.status_code == 404


@pytest.mark.parametrize("text", ["nonsense", "a.b.c", "{}", "[1]", "{", "." * 3, '{"id": 5}', "x" * 70_000])
def test_what_is_no_credential_is_said_in_words(anyone: FlaskClient, text: str) -> None:
    page = shown(anyone, text)
    assert "cannot be read as a credential" in page or "No credential of this portal" in page


def test_deep_json_does_no_harm(anyone: FlaskClient) -> None:
    assert "cannot be read as a credential" in shown(anyone, '{"a":' * 9_000)


@pytest.mark.parametrize("typed", [{}, {"code": " - "}, {"text": " "}])
def test_nothing_at_all_is_refused(anyone: FlaskClient, typed: dict[str, str]) -> None:
    answer = anyone.post("/verify", data=typed)
    assert answer.status_code == 422
    assert "Type the code, or paste the text" in answer.text


STRANGE_HEADERS: tuple[Any, ...] = (
    [],
    5,
    {},
    {"alg": 5},
    {"alg": "RS256", "kid": 5},
    {"alg": "RS256", "kid": "\ud800"},
    {"alg": "RS256", "kid": f"{ORIGIN}/academies/kp/keys/\0"},
    {"alg": "RS256", "crit": ["b64"], "b64": False},
)


@pytest.mark.both_databases
def test_strange_headers_and_names_are_answered_in_words(made: Credential, anyone: FlaskClient) -> None:
    content = parts(made.signed)[1] | {"id": f"{ORIGIN}/credentials/\0\ud800"}
    for header in STRANGE_HEADERS:
        page = shown(anyone, joined(header, content, b"s" * 256))
        assert "genuine" not in page
    assert "No credential of this portal" in shown(anyone, json.dumps(content))
    deep = base64.urlsafe_b64encode(b"[" * 3_000).decode()
    assert "cannot be read" in shown(anyone, f"{deep}.e30.e30")
    for address in ("/academies/k%00p", "/academies/nowhere/jwks.json", "/academies/kp/keys/%00", "/credentials/%00"):
        assert anyone.get(address).status_code == 404


def test_an_unknown_code_tells_nothing(anyone: FlaskClient) -> None:
    answer = anyone.get("/credentials/ABCDEFGH23456789")
    assert answer.status_code == 404
    assert "No credential of this portal" in answer.text


def test_guessing_is_limited(app: Flask, made: Credential, anyone: FlaskClient) -> None:
    app.config["SIGN_IN_LIMIT"] = "3 per minute"
    for _time in range(4):
        assert anyone.get(f"/credentials/{made.code}").status_code == 200
    answers = [anyone.get(f"/credentials/ABCDEFGH2345678{number}").status_code for number in range(4)]
    assert answers == [404, 404, 404, 429]


def bit(encoded_list: str, place: int) -> int:
    bits = gzip.decompress(base64.urlsafe_b64decode(encoded_list[1:] + "=="))
    assert len(bits) * 8 >= 131_072
    return bits[place // 8] >> (7 - place % 8) & 1


@pytest.mark.both_databases
def test_a_revoked_credential_says_so_everywhere(
    database: Engine, people: SimpleNamespace, sign_in: Callable, made: Credential, anyone: FlaskClient
) -> None:
    entry = parts(made.signed)[1]["credentialStatus"]
    assert entry["type"] == "BitstringStatusListEntry"
    address = entry["statusListCredential"].removeprefix(ORIGIN)

    def stands() -> int:
        answer = anyone.get(address)
        assert answer.mimetype == "application/vc+jwt"
        header, content, _signature = parts(answer.text)
        key = RSAKey.import_key(anyone.get(header["kid"].removeprefix(ORIGIN)).json)
        jws.deserialize_compact(answer.text, key, algorithms=["RS256"])
        assert content["type"] == ["VerifiableCredential", "BitstringStatusListCredential"]
        return bit(content["credentialSubject"]["encodedList"], int(entry["statusListIndex"]))

    assert stands() == 0
    farid = sign_in(people.farid)
    where = f"/administration/credentials/{made.id}"
    assert farid.post(f"{where}/revoke", data={"reason": " "}).status_code == 422
    assert stands() == 0
    assert farid.post(f"{where}/revoke", data={"reason": "The work was not her own."}).status_code == 303
    assert stands() == 1
    for page in (anyone.get(f"/credentials/{made.code}").text, shown(anyone, made.signed)):
        assert "later revoked it" in page
        assert "The work was not her own." in page
        assert "genuine and in force" not in page
    assert farid.post(f"{where}/revoke", data={"reason": "Again."}).status_code == 409
    amina = sign_in(people.amina)
    assert "revoked" in amina.get("/passport").text
    assert amina.post("/passport/credentials", data={"achievement": OF_MODULE}).status_code == 422
    assert "revoked a credential" in farid.get("/audit").text


@pytest.mark.both_databases
def test_after_ten_years_what_was_revoked_still_reads_so_and_texts_are_gone(
    app: Flask,
    database: Engine,
    people: SimpleNamespace,
    sign_in: Callable,
    amina: FlaskClient,
    made: Credential,
    claim: Callable,
    anyone: FlaskClient,
) -> None:
    kept = claim(amina, people.amina, "D2.1-level-2")
    farid = sign_in(people.farid)
    revoked = farid.post(f"/administration/credentials/{made.id}/revoke", data={"reason": "The work was not her own."})
    assert revoked.status_code == 303
    with begin(database) as session:
        session.execute(update(Credential).values(issued_at=clock.now() - timedelta(days=3_660)))
    with app.app_context():
        assert "2 older than 3653 days" in app.test_cli_runner().invoke(retention_command).output
        assert "older than" not in app.test_cli_runner().invoke(retention_command).output
    status = parts(anyone.get("/academies/kp/status/1").text)[1]["credentialSubject"]["encodedList"]
    assert [bit(status, each.status_index) for each in (made, kept)] == [1, 0]
    page = anyone.get(f"/credentials/{made.code}").text
    assert "no longer in force" in page
    assert "The work was not her own." not in page
    assert "more than ten years ago" in anyone.get(f"/credentials/{kept.code}").text
    assert "genuine and in force" not in shown(anyone, kept.signed)
    assert made.code not in farid.get("/administration/credentials").text.replace("-", "")
    correction = {"full_name": "Amina Gul", "reason": "It was typed wrongly."}
    assert farid.post(f"/people/{people.amina.id}/name", data=correction).status_code == 303
    anew = claim(amina, people.amina, "D2.1-level-2")
    assert (anew.full_name, anew.status_index != kept.status_index) == ("Amina Gul", True)


def test_a_former_key_still_verifies(
    people: SimpleNamespace,
    sign_in: Callable,
    amina: FlaskClient,
    made: Credential,
    claim: Callable,
    anyone: FlaskClient,
) -> None:
    assert sign_in(people.farid).post("/administration/credentials/key").status_code == 303
    later = claim(amina, people.amina, "D2.1-level-2")
    assert parts(later.signed)[0]["kid"] != parts(made.signed)[0]["kid"]
    for each in (made, later):
        assert "genuine and in force" in shown(anyone, each.signed)
    assert len(anyone.get("/academies/kp/jwks.json").json["keys"]) == 2


def test_after_a_new_secret_of_the_portal_a_new_key_signs_and_former_credentials_verify(
    settings: Settings, people: SimpleNamespace, amina: FlaskClient, made: Credential, claim: Callable
) -> None:
    portal = create_app(settings.model_copy(update={"secret_key": "n" * 32}))
    portal.config.update(WTF_CSRF_ENABLED=False)
    anyone, later = portal.test_client(), portal.test_client()
    assert anyone.get("/academies/kp/status/1").status_code == 404
    later.post("/sign-in", data={"username": "amina", "password": PASSWORD})
    signed = claim(later, people.amina, "D2.1-level-2").signed
    for text in (signed, made.signed):
        assert "genuine and in force" in shown(anyone, text)
    assert anyone.get("/academies/kp/status/1").status_code == 200


def test_the_time_of_a_level_passes_and_it_can_be_signed_anew(
    database: Engine,
    people: SimpleNamespace,
    amina: FlaskClient,
    claim: Callable,
    anyone: FlaskClient,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    former = claim(amina, people.amina, "D2.1-level-2")
    now = clock.now()
    monkeypatch.setattr(clock, "now", lambda: now - timedelta(days=1))
    assert "not yet in force" in shown(anyone, former.signed)
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(days=731))
    assert "its time has passed" in shown(anyone, former.signed)


def test_a_text_that_the_register_lost_is_not_vouched_for(
    database: Engine, made: Credential, anyone: FlaskClient
) -> None:
    with begin(database) as session:
        session.delete(session.get_one(Credential, made.id))
    assert "No credential of this portal" in shown(anyone, made.signed)


@given(data=st.data())
@hypothesis_settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_single_changed_sign_is_genuine(made: Credential, anyone: FlaskClient, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(made.signed) - 1))
    sign = data.draw(st.sampled_from("abcABC019-_.").filter(lambda each: each != made.signed[place]))
    page = shown(anyone, made.signed[:place] + sign + made.signed[place + 1 :])
    assert "genuine and in force" not in page


def test_places_in_a_status_list_are_not_shared(
    database: Engine, people: SimpleNamespace, amina: FlaskClient, claim: Callable
) -> None:
    claim(amina, people.amina)
    claim(amina, people.amina, "D2.1-level-2")
    with begin(database, read_only=True) as session:
        assert session.scalar(select(func.count(func.distinct(Credential.status_index)))) == 2


@given(st.sets(st.integers(0, STATUS_BITS - 1), max_size=20), st.integers(0, STATUS_BITS - 1))
def test_a_status_list_says_of_each_place_whether_it_is_set(places: set[int], other: int) -> None:
    written = encoded_list(places)
    assert written.startswith("u")
    assert {place for place in places | {other} if bit(written, place)} == places
