"""What was refused as evidence is disputed: decided by who did not refuse it, and evidence at once where upheld."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, select

from app.accounts.models import Cohort
from app.appeals.models import Appeal, State
from app.attestations.models import Attestation
from app.competencies import tallies
from app.competencies.models import Evidence
from app.completions.models import Completion
from app.core import clock
from app.core.db import begin
from tests.app.conftest import COURSE, TASK

SEEN = {"seen": "alone", "comment": "", "name": "Naveed Akhtar", "designation": "TMO", "may_be_asked": "y"}
ACCEPTED = {"decision": "upheld:accepted", "reason": "The page of the provider names her. " + "It is clear. " * 40}
KEPT = {"decision": "refused:nothing", "reason": "The certificate names somebody else."}
KINDS = ("completion", "attestation")


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Callable[[timedelta], None]:
    """Let so much time pass."""

    def pass_time(much: timedelta) -> None:
        moment = clock.now() + much
        monkeypatch.setattr(clock, "now", lambda: moment)

    return pass_time


@pytest.fixture
def refuse(app: Flask, amina: FlaskClient, bilal: FlaskClient) -> Callable[[str], str]:
    """Have bilal refuse a course or reject an attestation of amina's; where she disputes it."""

    def make(kind: str) -> str:
        if kind == "completion":
            number = int(amina.post("/completions", data=COURSE).location.rpartition("/")[2])
            data = {"completions": [str(number)], "decision": "refuse", "reason": "No proof."}
            assert bilal.post("/completions/decide", data=data).status_code == 303
        else:
            number = int(amina.post("/attestations/new", data=TASK).location.rpartition("/")[2])
            found = re.search(r"(/attest/[\w-]+)</code>", amina.post(f"/attestations/{number}/link").text)
            assert found is not None
            assert app.test_client().post(found.group(1), data=SEEN).status_code == 303
            data = {"decision": "reject", "reason": "No such officer."}
            assert bilal.post(f"/attestations/{number}/decide", data=data).status_code == 303
        return f"/appeals/refused/{kind}/{number}"

    return make


def dispute(client: FlaskClient, path: str) -> int:
    answer = client.post(path, data={"text": "The proof was there."})
    assert answer.status_code == 303
    return int(answer.location.rpartition("/")[2])


def decide(client: FlaskClient, number: int, data: dict[str, str]) -> int:
    return int(client.post(f"/appeals/{number}/decide", data=data).status_code)


def evidence(database: Engine) -> list[tuple[str, float]]:
    """What counts, and that the kept sums follow from it."""
    with begin(database, read_only=True) as session:
        rows = session.scalars(select(Evidence).where(Evidence.superseded_at.is_(None)))
        found = [(row.source.partition(":")[0], row.outcome) for row in rows]
    assert tallies.recompute(database, keep=False).differing == ()
    return found


@pytest.mark.both_databases
@pytest.mark.parametrize("kind", KINDS)
def test_a_refusal_is_disputed_decided_by_somebody_else_and_counts_at_once_when_upheld(
    database: Engine,
    people: SimpleNamespace,
    amina: FlaskClient,
    bilal: FlaskClient,
    farid: FlaskClient,
    refuse: Callable[[str], str],
    kind: str,
) -> None:
    path = refuse(kind)
    own = f"/{kind}s/{path.rpartition('/')[2]}"
    assert f'href="{path}"' in amina.get(own).text
    assert "Somebody who did not refuse it decides" in amina.get(path).text
    made = dispute(amina, path)
    assert "Disputed refusal" in farid.get("/appeals/waiting").text
    page = bilal.get(f"/appeals/{made}").text
    assert "What is disputed rests on a decision of yours" in page
    assert f'href="{own}"' in page
    assert decide(bilal, made, ACCEPTED) == 409
    assert evidence(database) == []
    assert decide(farid, made, ACCEPTED) == 303
    expected = {"completion": ("completion", 1.0), "attestation": ("attestation", pytest.approx(2 / 3))}
    assert evidence(database) == [expected[kind]]
    told = amina.get(f"/appeals/{made}").text
    assert "counts as evidence from now on" in told
    assert "What the decision did to the estimate" in told
    code = COURSE["competency"] if kind == "completion" else TASK["competency"]
    assert "1 piece of evidence" in amina.get(f"/record/{people.amina.id}/{code}").text
    assert "It is clear." in amina.get(own).text
    assert path not in amina.get(own).text
    notices = amina.get("/notices").text
    assert "You can dispute that there for 30 days" in notices
    assert "Your dispute or complaint is decided" in notices


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_not_upheld_is_reviewed_by_somebody_who_neither_refused_nor_decided(
    database: Engine,
    people: SimpleNamespace,
    sign_in: Callable,
    amina: FlaskClient,
    bilal: FlaskClient,
    farid: FlaskClient,
    refuse: Callable[[str], str],
    kind: str,
    colleague: FlaskClient,
) -> None:
    made = dispute(amina, refuse(kind))
    assert decide(farid, made, KEPT) == 303
    assert evidence(database) == []
    assert "The estimate stayed as it was." in amina.get(f"/appeals/{made}").text
    assert amina.post(f"/appeals/{made}/review", data={"text": "It names me."}).status_code == 303
    assert decide(bilal, made, ACCEPTED) == 409
    assert decide(farid, made, ACCEPTED) == 409
    assert decide(colleague, made, ACCEPTED) == 303
    assert len(evidence(database)) == 1
    with begin(database, read_only=True) as session:
        assert session.get_one(Appeal, made).state is State.CLOSED


@pytest.fixture
def colleague(add_instructor: Callable, sign_in: Callable) -> FlaskClient:
    """A second instructor of bilal's cohort."""
    return sign_in(add_instructor("nadia"))


def test_an_approval_that_was_taken_back_and_an_attestation_that_was_withdrawn_are_disputed_as_well(
    app: Flask,
    database: Engine,
    amina: FlaskClient,
    bilal: FlaskClient,
    farid: FlaskClient,
    refuse: Callable[[str], str],
) -> None:
    number = int(amina.post("/completions", data=COURSE).location.rpartition("/")[2])
    bilal.post("/completions/decide", data={"completions": [str(number)], "decision": "approve", "reason": ""})
    bilal.post("/completions/decide", data={"completions": [str(number)], "decision": "refuse", "reason": "A mistake."})
    course = dispute(amina, f"/appeals/refused/completion/{number}")
    path = refuse("attestation")
    task = dispute(amina, path)
    assert decide(farid, task, ACCEPTED) == 303
    attestation = path.rpartition("/")[2]
    withdrawn = bilal.post(f"/attestations/{attestation}/withdraw", data={"reason": "The office denies it."})
    assert withdrawn.status_code == 303
    assert amina.post(f"/appeals/{task}/accept").status_code == 303
    again = dispute(amina, path)
    assert decide(farid, again, ACCEPTED) == 303
    assert decide(farid, course, ACCEPTED) == 303
    assert sorted(source for source, _outcome in evidence(database)) == ["attestation", "completion"]


def test_a_refusal_is_disputed_once_within_thirty_days_and_with_words(
    database: Engine, amina: FlaskClient, refuse: Callable[[str], str], at: Callable[[timedelta], None]
) -> None:
    path = refuse("completion")
    empty = amina.post(path, data={"text": " "})
    assert empty.status_code == 422
    assert "Say what is wrong." in empty.text
    made = dispute(amina, path)
    assert amina.post(path, data={"text": "Once more."}).status_code == 409
    assert f'href="/appeals/{made}"' in amina.get(path).text
    later = refuse("attestation")
    at(timedelta(days=30))
    assert "This one is older" in amina.get(later).text
    late = amina.post(later, data={"text": "It was he."})
    assert late.status_code == 422
    assert "This one is older" in late.text
    assert "It was he.</textarea>" in late.text
    assert ('action="/appeals"' in late.text, f'action="{later}"' in late.text) == (True, False)


def test_what_was_reported_anew_is_decided_there_and_counts_once(
    database: Engine, amina: FlaskClient, bilal: FlaskClient, farid: FlaskClient, refuse: Callable[[str], str]
) -> None:
    made = dispute(amina, refuse("completion"))
    anew = int(amina.post("/completions", data=COURSE).location.rpartition("/")[2])
    answer = farid.post(f"/appeals/{made}/decide", data=ACCEPTED)
    assert answer.status_code == 409
    assert "has reported this course anew" in answer.text
    bilal.post("/completions/decide", data={"completions": [str(anew)], "decision": "approve", "reason": ""})
    assert decide(farid, made, ACCEPTED) == 409
    assert evidence(database) == [("completion", 1.0)]


def test_only_what_was_refused_to_oneself_is_disputed(
    amina: FlaskClient, people: SimpleNamespace, sign_in: Callable, refuse: Callable[[str], str]
) -> None:
    path = refuse("completion")
    for reader in (people.bushra, people.zara):
        assert sign_in(reader).get(path).status_code == 404
        assert sign_in(reader).post(path, data={"text": "Mine."}).status_code == 404
    waiting = int(amina.post("/completions", data=COURSE | {"title": "Another"}).location.rpartition("/")[2])
    assert amina.get(f"/appeals/refused/completion/{waiting}").status_code == 404
    assert amina.get("/appeals/refused/attestation/77").status_code == 404
    assert amina.get("/appeals/refused/submission/1").status_code == 404


@pytest.mark.parametrize("kind", KINDS)
def test_of_a_class_that_is_over_its_instructors_are_told_so_and_others_find_nothing(
    database: Engine,
    cohort: Cohort,
    amina: FlaskClient,
    bilal: FlaskClient,
    farid: FlaskClient,
    refuse: Callable[[str], str],
    add_instructor: Callable,
    sign_in: Callable,
    kind: str,
) -> None:
    path = refuse(kind)
    made, number = dispute(amina, path), path.rpartition("/")[2]
    pages = [f"/{kind}s/{number}", f"/appeals/{made}"]
    stranger = sign_in(add_instructor("dania", teaches=False))
    assert {client.get(page).status_code for client in (bilal, farid, amina) for page in pages} == {200}
    with begin(database) as session:
        session.get_one(Cohort, cohort.id).ends_on = clock.now().date() - timedelta(days=92)
    for page in pages:
        answer = bilal.get(page)
        assert (answer.status_code, "This course is over" in answer.text) == (403, True), page
        assert stranger.get(page).status_code == 404
        assert farid.get(page).status_code == 200
    assert decide(bilal, made, ACCEPTED) == 403
    if kind == "attestation":
        assert bilal.post(f"/attestations/{number}/withdraw", data={"reason": "An error."}).status_code == 403


def test_who_refused_is_kept_with_the_dispute(
    database: Engine, people: SimpleNamespace, amina: FlaskClient, farid: FlaskClient, refuse: Callable[[str], str]
) -> None:
    """Whoever decides on the dispute takes their place on the course itself."""
    made = dispute(amina, refuse("completion"))
    decide(farid, made, ACCEPTED)
    with begin(database, read_only=True) as session:
        assert session.get_one(Appeal, made).judged_by_id == people.bilal.id
        assert session.scalars(select(Completion.decided_by_id)).one() == people.farid.id
        assert session.scalars(select(Attestation.id)).all() == []
