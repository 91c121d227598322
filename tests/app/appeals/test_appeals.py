"""Evidence disputed and complaints: a deadline, a decision, a review by somebody else, and what it did to estimates."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from types import SimpleNamespace

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, select, update

from app.accounts.models import Cohort
from app.appeals import service
from app.appeals.models import Appeal, AppealDecision, State
from app.attestations import service as attestations
from app.attestations.models import Attestation, Seen
from app.attestations.models import State as Attested
from app.competencies import tallies
from app.competencies.models import Evidence, EvidenceKind
from app.competencies.service import record_evidence
from app.core import audit, clock
from app.core.audit import AuditEntry
from app.core.db import begin
from app.retention import service as retention
from tests.app.conftest import by_memo_rubric
from tests.conftest import PASSWORD
from tests.pages import Page, send

CODE = "D2.1"
REFUSED = {"decision": "refused:nothing", "reason": "The key is right."}
WITHDRAWN = {"decision": "upheld:withdrawn", "reason": "The question has two answers."}
REPLACED = {"decision": "upheld:replaced", "percent": "75", "reason": "Three of four were right."}


@pytest.fixture
def piece(database: Engine, people: SimpleNamespace) -> Callable[..., int]:
    """A quiz answer of amina that counts for one competency, beside another that is not disputed; its number."""

    def make(
        source: str = "quiz_attempt:1",
        part: str = "item-1",
        outcome: float = 0.0,
        kind: EvidenceKind = EvidenceKind.QUIZ_ITEM,
        competency: str = CODE,
    ) -> int:
        with begin(database) as session:
            made = record_evidence(
                session,
                people.amina,
                competency=competency,
                level=1,
                kind=kind,
                outcome=outcome,
                source=source,
                part=part,
            )
            return made.id

    make("quiz_attempt:1", "item-2", 1.0)
    return make


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Callable[[timedelta], None]:
    """Let so much time pass."""

    def pass_time(much: timedelta) -> None:
        moment = clock.now() + much
        monkeypatch.setattr(clock, "now", lambda: moment)

    return pass_time


def dispute(client: FlaskClient, evidence_id: int, text: str = "Both options are right.") -> int:
    answer = client.post(f"/appeals/evidence/{evidence_id}", data={"text": text})
    assert answer.status_code == 303
    return int(answer.location.rpartition("/")[2])


def complain(client: FlaskClient, text: str = "I was not told of the new timetable.") -> int:
    answer = client.post("/appeals", data={"text": text})
    assert answer.status_code == 303
    return int(answer.location.rpartition("/")[2])


def decide(client: FlaskClient, number: int, data: dict[str, str]) -> int:
    return int(client.post(f"/appeals/{number}/decide", data=data).status_code)


def in_force(database: Engine) -> dict[str, tuple[float, datetime | None]]:
    with begin(database, read_only=True) as session:
        rows = session.scalars(select(Evidence).where(Evidence.superseded_at.is_(None)))
        return {row.part: (row.outcome, row.disputed_at) for row in rows}


def state(database: Engine, number: int) -> State:
    with begin(database, read_only=True) as session:
        return session.get_one(Appeal, number).state


def verbs(database: Engine, number: int) -> list[str]:
    with begin(database, read_only=True) as session:
        rows = select(AuditEntry.verb).where(AuditEntry.thing == f"appeal:{number}").order_by(AuditEntry.id)
        return list(session.scalars(rows))


def sums_follow_from_evidence(database: Engine) -> bool:
    return not tallies.recompute(database, keep=False).differing


@pytest.mark.both_databases
def test_a_disputed_answer_is_flagged_until_it_is_decided_and_then_no_longer_counts(
    database: Engine, people: SimpleNamespace, sign_in: Callable, piece: Callable
) -> None:
    number = piece()
    amina, bilal = sign_in(people.amina), sign_in(people.bilal)
    address = f"/record/{people.amina.id}/{CODE}"
    assert f'href="/appeals/evidence/{number}"' in amina.get(address).text
    made = dispute(amina, number)
    for client in (amina, bilal):
        assert "This estimate is disputed" in client.get(address).text
        assert "disputed" in client.get(f"/record/{people.amina.id}").text
    assert f'href="/appeals/evidence/{number}"' not in amina.get(address).text
    assert in_force(database)["item-1"][1] is not None
    assert "Both options are right." in bilal.get(f"/appeals/{made}").text
    assert decide(bilal, made, WITHDRAWN) == 303
    assert list(in_force(database)) == ["item-2"]
    assert "This estimate is disputed" not in amina.get(address).text
    page = amina.get(f"/appeals/{made}").text
    assert "The question has two answers." in page
    assert "Bilal" in page
    # Two answers of weight 0.5, one right and one wrong, and then the right one alone.
    before, after = re.search(r"D2\.1</th><td><bdi>(\d+)%.*?<td><bdi>(\d+)%", page, re.DOTALL).groups()
    assert (before, after) == ("50", "60")
    assert sums_follow_from_evidence(database)
    assert verbs(database, made) == ["appeal_made", "appeal_decided"]


def test_another_outcome_takes_the_place_of_the_disputed_one_in_every_competency_it_speaks_of(
    database: Engine, people: SimpleNamespace, sign_in: Callable, piece: Callable
) -> None:
    number = piece()
    piece(competency="D2.2")
    made = dispute(sign_in(people.amina), number)
    assert decide(sign_in(people.bilal), made, REPLACED) == 303
    with begin(database, read_only=True) as session:
        rows = session.scalars(select(Evidence).where(Evidence.part == "item-1").order_by(Evidence.id)).all()
        assert [(row.competency, row.outcome, row.superseded_at is None) for row in rows] == [
            ("D2.1", 0.0, False),
            ("D2.2", 0.0, False),
            ("D2.1", 0.75, True),
            ("D2.2", 0.75, True),
        ]
        assert all(row.disputed_at is None for row in rows[2:])
    assert sums_follow_from_evidence(database)
    page = sign_in(people.amina).get(f"/appeals/{made}").text
    assert "D2.1</th>" in page
    assert "D2.2</th>" in page


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"decision": "upheld:replaced", "reason": "Yes."}, "Type a whole number from 0 to 100."),
        ({"decision": "upheld:replaced", "percent": "101", "reason": "Yes."}, "Type a whole number from 0 to 100."),
        ({"decision": "upheld:withdrawn", "reason": " "}, "Say why, so that the trainee knows."),
        ({"reason": "Yes."}, "Choose a decision."),
        ({"decision": "upheld:marked_anew", "reason": "Yes."}, "Not a valid choice"),
    ],
)
def test_a_decision_that_says_too_little_is_told_so_and_keeps_the_words(
    database: Engine, people: SimpleNamespace, sign_in: Callable, piece: Callable, data: dict[str, str], message: str
) -> None:
    made = dispute(sign_in(people.amina), piece())
    answer = sign_in(people.bilal).post(f"/appeals/{made}/decide", data=data)
    assert answer.status_code == 422
    assert message in answer.text
    assert data["reason"].strip() in answer.text
    assert state(database, made) is State.WAITING


def test_what_was_decided_first_is_reviewed_by_somebody_else_and_closed_with_a_reason(
    database: Engine, people: SimpleNamespace, sign_in: Callable, piece: Callable
) -> None:
    made = dispute(sign_in(people.amina), piece())
    amina, bilal, farid = (sign_in(each) for each in (people.amina, people.bilal, people.farid))
    assert decide(bilal, made, REFUSED) == 303
    assert in_force(database)["item-1"] == (0.0, None)
    assert "you can ask for a review" in amina.get(f"/appeals/{made}").text
    assert amina.post(f"/appeals/{made}/review", data={"text": ""}).status_code == 422
    assert amina.post(f"/appeals/{made}/review", data={"text": "The lesson differs."}).status_code == 303
    assert in_force(database)["item-1"][1] is not None
    page = bilal.get(f"/appeals/{made}").text
    assert "You decided first, so somebody else does the review." in page
    assert f'action="/appeals/{made}/decide"' not in page
    assert decide(bilal, made, WITHDRAWN) == 409
    assert "The lesson differs." in farid.get(f"/appeals/{made}").text
    assert decide(farid, made, WITHDRAWN) == 303
    assert state(database, made) is State.CLOSED
    assert "item-1" not in in_force(database)
    assert decide(farid, made, WITHDRAWN) == 409
    assert amina.post(f"/appeals/{made}/review", data={"text": "Again."}).status_code == 409
    page = amina.get(f"/appeals/{made}").text
    assert "turn to the authority above your academy" in page
    assert [name for name in ("Bilal", "Farid") if name in page] == ["Bilal", "Farid"]
    assert verbs(database, made) == ["appeal_made", "appeal_decided", "review_asked", "appeal_reviewed"]
    with begin(database, read_only=True) as session:
        said = " ".join(str(entry.detail) for entry in session.scalars(select(AuditEntry)))
        assert audit.verify(session).broken_id is None
    for words in ("Both options", "The lesson differs", "two answers"):
        assert words not in said


def test_a_review_can_bring_back_what_the_first_decision_withdrew(
    database: Engine, people: SimpleNamespace, sign_in: Callable, piece: Callable
) -> None:
    made = dispute(sign_in(people.amina), piece(outcome=0.5))
    decide(sign_in(people.bilal), made, WITHDRAWN)
    sign_in(people.amina).post(f"/appeals/{made}/review", data={"text": "It was better than that."})
    assert decide(sign_in(people.farid), made, REPLACED) == 303
    assert in_force(database)["item-1"][0] == 0.75
    assert sums_follow_from_evidence(database)


def test_thirty_days_after_it_was_known_evidence_is_no_longer_disputed(
    database: Engine, people: SimpleNamespace, sign_in: Callable, piece: Callable
) -> None:
    number = piece()
    with begin(database) as session:
        session.execute(update(Evidence).values(recorded_at=clock.now() - timedelta(days=30, minutes=1)))
    amina = sign_in(people.amina)
    assert f"/appeals/evidence/{number}" not in amina.get(f"/record/{people.amina.id}/{CODE}").text
    assert "you may still complain" in amina.get(f"/appeals/evidence/{number}").text
    # The page was open meanwhile: what was typed is kept, for the way that is still open.
    late = amina.post(f"/appeals/evidence/{number}", data={"text": "Both are right."})
    assert (late.status_code, "Both are right.</textarea>" in late.text) == (422, True)
    assert ('action="/appeals"' in late.text, f'action="/appeals/evidence/{number}"' in late.text) == (True, False)
    assert "send it as a complaint instead" in late.text
    with begin(database, read_only=True) as session:
        assert session.scalars(select(Appeal)).all() == []


def test_the_same_answer_is_disputed_once_and_a_complaint_sent_twice_is_one(
    database: Engine, people: SimpleNamespace, sign_in: Callable, piece: Callable
) -> None:
    number, amina = piece(), sign_in(people.amina)
    made = dispute(amina, number)
    again = amina.post(f"/appeals/evidence/{number}", data={"text": "Once more."})
    assert again.status_code == 409
    assert f'href="/appeals/{made}"' in again.text
    assert complain(amina) == complain(amina)
    empty = amina.post("/appeals", data={"text": " "})
    assert empty.status_code == 422
    assert "Say what is wrong." in empty.text


def test_points_of_a_cell_are_asked_about_where_they_stand_and_not_disputed_twice(
    people: SimpleNamespace, sign_in: Callable, piece: Callable
) -> None:
    number = piece("submission:9", "look-check", kind=EvidenceKind.NOTEBOOK_CELL)
    amina = sign_in(people.amina)
    page = amina.get(f"/record/{people.amina.id}/{CODE}").text
    assert 'href="/results/submissions/9/look-check/regrade"' in page
    assert amina.get(f"/appeals/evidence/{number}").status_code == 404
    assert amina.post(f"/appeals/evidence/{number}", data={"text": "Wrong."}).status_code == 404


def test_a_complaint_is_decided_with_words_alone(database: Engine, people: SimpleNamespace, sign_in: Callable) -> None:
    made = complain(sign_in(people.amina))
    bilal = sign_in(people.bilal)
    page = bilal.get(f"/appeals/{made}").text
    assert "withdrawn" not in page
    assert 'name="percent"' not in page
    assert decide(bilal, made, {"decision": "upheld:nothing", "reason": "You are told by e-mail from now on."}) == 303
    amina = sign_in(people.amina)
    assert "You are told by e-mail from now on." in amina.get(f"/appeals/{made}").text
    assert amina.post(f"/appeals/{made}/accept").status_code == 303
    assert state(database, made) is State.CLOSED
    assert amina.post(f"/appeals/{made}/accept").status_code == 409
    assert verbs(database, made)[-1] == "appeal_closed"


def test_what_is_overdue_comes_first_for_instructors_and_administrators(
    people: SimpleNamespace, sign_in: Callable, at: Callable
) -> None:
    amina = sign_in(people.amina)
    late = complain(amina, "The first one.")
    at(timedelta(days=7, minutes=1))
    fresh = complain(sign_in(people.bushra), "The second one.")
    for person in (people.bilal, people.farid):
        client = sign_in(person)
        page = client.get("/appeals/waiting").text
        assert page.index(f'href="/appeals/{late}"') < page.index(f'href="/appeals/{fresh}"')
        assert "1 decision is overdue." in page
        home = client.get("/", follow_redirects=True).text
        navigation = home[home.index('class="site-nav"') :]
        assert re.search(r'<a href="([^"]+)"', navigation)[1] == "/appeals/waiting"
        assert "Complaints (1 overdue)" in home
    page = sign_in(people.amina).get(f"/appeals/{late}").text
    assert "It should have been decided by" in page


def test_what_nobody_wants_reviewed_is_closed_when_the_time_has_passed(
    database: Engine, people: SimpleNamespace, sign_in: Callable, at: Callable
) -> None:
    made = complain(sign_in(people.amina))
    decide(sign_in(people.bilal), made, {"decision": "refused:nothing", "reason": "It was announced."})
    with begin(database) as session:
        assert service.close_those_over(session) == 0
    at(timedelta(days=14, minutes=1))
    late = sign_in(people.amina).post(f"/appeals/{made}/review", data={"text": "Once more."})
    assert late.status_code == 422
    assert "That time has passed" in late.text
    with begin(database) as session:
        assert service.close_those_over(session) == 1
        assert service.close_those_over(session) == 0
    assert state(database, made) is State.CLOSED


@pytest.mark.both_databases
def test_three_years_after_it_was_closed_it_goes_with_its_decisions(
    database: Engine, people: SimpleNamespace, sign_in: Callable
) -> None:
    made, kept = complain(sign_in(people.amina)), complain(sign_in(people.amina), "Another one.")
    for number in (made, kept):
        decide(sign_in(people.bilal), number, {"decision": "refused:nothing", "reason": "It was announced."})
    long_ago = clock.now() - timedelta(days=1097)
    with begin(database) as session:
        appeal = session.get_one(Appeal, made)
        appeal.state, appeal.due_at, appeal.closed_at = State.CLOSED, None, long_ago
        session.flush()
        retention.apply(session)
        assert [each.id for each in session.scalars(select(Appeal))] == [kept]
        assert [each.appeal_id for each in session.scalars(select(AppealDecision))] == [kept]


def test_a_memo_is_marked_anew_by_another_before_the_dispute_is_upheld(
    database: Engine, people: SimpleNamespace, sign_in: Callable, written: Callable, add_instructor: Callable
) -> None:
    memo = written(people.amina)
    bilal, salma = sign_in(people.bilal), sign_in(add_instructor("salma"))
    assert bilal.post(f"/marking/{memo}", data=by_memo_rubric(0, 0, 1)).status_code == 303
    with begin(database, read_only=True) as session:
        number = session.scalars(select(Evidence.id).where(Evidence.kind == EvidenceKind.WRITTEN_PRODUCT)).one()
    made = dispute(sign_in(people.amina), number, "The trade-off is in the second sentence.")
    upheld = {"decision": "upheld:marked_anew", "reason": "It is there."}
    answer = bilal.post(f"/appeals/{made}/decide", data=upheld)
    assert answer.status_code == 409
    assert "What is disputed rests on a decision of yours" in bilal.get(f"/appeals/{made}").text
    answer = salma.post(f"/appeals/{made}/decide", data=upheld)
    assert answer.status_code == 409
    assert "The memo is not marked anew yet." in answer.text
    assert f'href="/marking/{memo}"' in salma.get(f"/appeals/{made}").text
    form = Page(salma.get(f"/marking/{memo}").text).form(f"/marking/{memo}")
    assert send(salma, form, **by_memo_rubric(4, 4, 4, comment="It is there.")).status_code == 303
    assert in_force(database)["memo"][1] is not None, "marked anew, but not decided: still disputed"
    assert decide(salma, made, upheld) == 303
    assert in_force(database)["memo"] == (1.0, None)
    assert "Estimate after" in sign_in(people.amina).get(f"/appeals/{made}").text
    assert sums_follow_from_evidence(database)


def of_memo(database: Engine) -> int:
    """The number of the evidence that the mark of a memo is."""
    with begin(database, read_only=True) as session:
        return session.scalars(select(Evidence.id).where(Evidence.kind == EvidenceKind.WRITTEN_PRODUCT)).one()


def mark_anew(client: FlaskClient, memo: str, *points: int) -> None:
    form = Page(client.get(f"/marking/{memo}").text).form(f"/marking/{memo}")
    assert send(client, form, **by_memo_rubric(*points, comment="It is there.")).status_code == 303


def is_told_that_the_judgement_is_theirs(client: FlaskClient, number: int) -> bool:
    """Whether this person may not decide because what is disputed is of theirs, and is offered no form."""
    page = client.get(f"/appeals/{number}").text
    assert f'action="/appeals/{number}/decide"' not in page
    assert decide(client, number, REFUSED) == 409
    return "What is disputed rests on a decision of yours" in page


def test_whoever_marked_the_disputed_memo_does_not_review_it_either(
    database: Engine, people: SimpleNamespace, sign_in: Callable, written: Callable, add_instructor: Callable
) -> None:
    memo = written(people.amina)
    amina, bilal, farid = (sign_in(each) for each in (people.amina, people.bilal, people.farid))
    salma, dania = sign_in(add_instructor("salma")), sign_in(add_instructor("dania"))
    assert bilal.post(f"/marking/{memo}", data=by_memo_rubric(0, 0, 1)).status_code == 303
    made = dispute(amina, of_memo(database))
    mark_anew(salma, memo, 1, 1, 1)
    assert decide(farid, made, {"decision": "upheld:marked_anew", "reason": "It is there."}) == 303
    assert amina.post(f"/appeals/{made}/review", data={"text": "All of it is there."}).status_code == 303
    for marker in (bilal, salma):
        assert is_told_that_the_judgement_is_theirs(marker, made)
    assert decide(dania, made, REFUSED) == 303
    assert state(database, made) is State.CLOSED


def test_a_review_of_a_memo_is_upheld_by_a_mark_that_was_given_for_it(
    database: Engine, people: SimpleNamespace, sign_in: Callable, written: Callable, add_instructor: Callable
) -> None:
    memo = written(people.amina)
    amina, bilal, farid = (sign_in(each) for each in (people.amina, people.bilal, people.farid))
    salma = sign_in(add_instructor("salma"))
    assert bilal.post(f"/marking/{memo}", data=by_memo_rubric(0, 0, 1)).status_code == 303
    made = dispute(amina, of_memo(database))
    mark_anew(salma, memo, 1, 1, 1)
    upheld = {"decision": "upheld:marked_anew", "reason": "It is there."}
    assert decide(salma, made, upheld) == 303
    assert amina.post(f"/appeals/{made}/review", data={"text": "All of it is there."}).status_code == 303
    answer = farid.post(f"/appeals/{made}/decide", data=upheld)
    assert answer.status_code == 409
    assert "The memo is not marked anew since the review was asked for." in answer.text
    mark_anew(sign_in(add_instructor("dania")), memo, 4, 4, 4)
    assert decide(farid, made, upheld) == 303
    assert in_force(database)["memo"] == (1.0, None)


def test_a_memo_is_marked_anew_also_where_other_levels_make_the_same_points(
    database: Engine, people: SimpleNamespace, sign_in: Callable, written: Callable, add_instructor: Callable
) -> None:
    memo, salma = written(people.amina), sign_in(add_instructor("salma"))
    assert sign_in(people.bilal).post(f"/marking/{memo}", data=by_memo_rubric(1, 2, 1)).status_code == 303
    made = dispute(sign_in(people.amina), of_memo(database))
    upheld = {"decision": "upheld:marked_anew", "reason": "It is there."}
    assert decide(salma, made, upheld) == 409
    mark_anew(salma, memo, 2, 1, 1)
    assert decide(salma, made, upheld) == 303
    assert state(database, made) is State.DECIDED
    assert in_force(database)["memo"][1] is None


@pytest.mark.parametrize("stranger", ["bushra", "zara", "zahid"])
def test_nobody_else_reads_it(people: SimpleNamespace, sign_in: Callable, piece: Callable, stranger: str) -> None:
    number = piece()
    made = dispute(sign_in(people.amina), number)
    client = sign_in(getattr(people, stranger))
    assert client.get(f"/appeals/{made}").status_code == 404
    assert client.post(f"/appeals/{made}/review", data={"text": "x"}).status_code in {403, 404}
    assert client.post(f"/appeals/evidence/{number}", data={"text": "x"}).status_code in {403, 404}
    assert client.post(f"/appeals/{made}/decide", data=REFUSED).status_code in {403, 404}


def test_a_trainee_reads_state_and_what_comes_next_in_urdu(people: SimpleNamespace, sign_in: Callable) -> None:
    bushra = sign_in(people.bushra)
    made = complain(bushra, "مجھے نئے اوقات نہیں بتائے گئے۔")
    page = bushra.get(f"/appeals/{made}").text
    assert "فیصلے کا منتظر" in page
    assert "waits for a decision" not in page
    assert bushra.get("/appeals").status_code == 200


@pytest.fixture
def attested(database: Engine, people: SimpleNamespace, piece: Callable) -> tuple[int, int]:
    """An attestation of amina's work that bilal confirmed, and the number of its evidence."""
    with begin(database) as session:
        made = Attestation(
            academy_id=people.amina.academy_id,
            trainee_id=people.amina.id,
            competency=CODE,
            level=3,
            task="Counted complaints by week",
            place="Swabi",
            result="A table",
            done_on=clock.now().date(),
            shared="",
            supervisor_name="Dr Khan",
            supervisor_office="Section officer",
            supervisor_address="",
            state=Attested.CONFIRMED,
            asked_at=clock.now(),
            seen=Seen.WITH_HELP,
            decided_by_id=people.bilal.id,
            decided_at=clock.now(),
        )
        session.add(made)
        session.flush()
        number = made.id
    return number, piece(f"attestation:{number}", "task", 1 / 3, EvidenceKind.ATTESTATION)


def test_an_attestation_is_disputed_and_not_decided_by_who_confirmed_it(
    database: Engine, people: SimpleNamespace, sign_in: Callable, attested: tuple[int, int]
) -> None:
    attestation, evidence = attested
    amina, bilal, farid = sign_in(people.amina), sign_in(people.bilal), sign_in(people.farid)
    assert f'href="/appeals/evidence/{evidence}"' in amina.get(f"/record/{people.amina.id}/{CODE}").text
    made = dispute(amina, evidence, "I did it alone.")
    assert "What is disputed rests on a decision of yours" in bilal.get(f"/appeals/{made}").text
    assert decide(bilal, made, WITHDRAWN) == 409
    assert decide(farid, made, WITHDRAWN) == 303
    assert list(in_force(database)) == ["item-2"]
    assert sums_follow_from_evidence(database)
    page = amina.get(f"/attestations/{attestation}").text
    assert "withdrawn: it no longer counts" in page
    assert WITHDRAWN["reason"] in page


def test_another_outcome_takes_the_place_of_an_attestations(
    database: Engine, people: SimpleNamespace, sign_in: Callable, attested: tuple[int, int]
) -> None:
    attestation, evidence = attested
    made = dispute(sign_in(people.amina), evidence, "I did it alone.")
    assert decide(sign_in(people.farid), made, {**REPLACED, "percent": "67"}) == 303
    assert in_force(database)["task"] == (0.67, None)
    with begin(database, read_only=True) as session:
        assert session.get_one(Attestation, attestation).state is Attested.CONFIRMED


def test_what_was_withdrawn_meanwhile_is_decided_without_withdrawing_it_again(
    database: Engine, people: SimpleNamespace, sign_in: Callable, attested: tuple[int, int]
) -> None:
    attestation, evidence = attested
    made = dispute(sign_in(people.amina), evidence, "I did it alone.")
    with begin(database) as session:
        attestations.withdraw(session, people.bilal, attestation, "The office does not know her.")
    assert decide(sign_in(people.farid), made, WITHDRAWN) == 303
    with begin(database, read_only=True) as session:
        assert session.get_one(Attestation, attestation).decided_by_id == people.bilal.id


def test_whoever_confirmed_the_disputed_attestation_does_not_review_it_either(
    database: Engine, people: SimpleNamespace, sign_in: Callable, attested: tuple[int, int], add_instructor: Callable
) -> None:
    amina, bilal, farid = (sign_in(each) for each in (people.amina, people.bilal, people.farid))
    made = dispute(amina, attested[1], "I did it alone.")
    assert decide(farid, made, REFUSED) == 303
    assert amina.post(f"/appeals/{made}/review", data={"text": "Ask him again."}).status_code == 303
    assert is_told_that_the_judgement_is_theirs(bilal, made)
    assert decide(sign_in(add_instructor("salma")), made, REFUSED) == 303


def bring_in_an_instructor(app: Flask, farid: FlaskClient, cohort: Cohort) -> FlaskClient:
    """Somebody without an account so far is brought in, named for a class, and signed in."""
    guest = io.BytesIO(b"username,full name,role\nguest,Dr Shazia Noor,instructor\n")
    preview = farid.post("/administration/imports", data={"people": (guest, "guest.csv"), "gives_roles": "y"})
    assert farid.post(f"{preview.location}/apply").status_code == 303
    named = farid.post(f"/cohorts/{cohort.id}/instructors", data={"usernames": "guest"})
    assert named.status_code == 303
    page = farid.get(f"/cohorts/{cohort.id}/instructors").text
    number = re.search(r"/instructors/(\d+)/remove", page[page.index("Dr Shazia Noor") :])
    code = re.search(r"<code[^>]*>([^<]+)</code>", farid.post(f"/accounts/{number[1]}/password-code").text)
    typed = {"username": "guest", "code": code[1], "password": PASSWORD, "again": PASSWORD}
    client = app.test_client()
    assert client.post("/sign-in/code", data=typed).status_code == 303
    assert client.post("/sign-in", data={"username": "guest", "password": PASSWORD}).status_code == 303
    return client


@pytest.mark.both_databases
def test_where_everybody_has_judged_the_page_says_so_and_who_is_brought_in_decides(
    app: Flask,
    database: Engine,
    people: SimpleNamespace,
    sign_in: Callable,
    attested: tuple[int, int],
    cohort: Cohort,
) -> None:
    amina, bilal, farid = (sign_in(each) for each in (people.amina, people.bilal, people.farid))
    nobody, to_find = "Nobody is left in the academy who may decide this", "has to find somebody else"
    made = dispute(amina, attested[1], "I did it alone.")
    assert to_find not in amina.get(f"/appeals/{made}").text
    assert nobody not in bilal.get(f"/appeals/{made}").text
    assert decide(farid, made, REFUSED) == 303
    assert amina.post(f"/appeals/{made}/review", data={"text": "Ask him again."}).status_code == 303
    assert to_find in amina.get(f"/appeals/{made}").text
    told = farid.get(f"/appeals/{made}").text
    assert nobody in told
    ways = [f"/cohorts/{cohort.id}/instructors", "/administration/accounts", "/administration/imports"]
    assert [way for way in ways if f'href="{way}"' in told] == ways
    told = bilal.get(f"/appeals/{made}").text
    assert nobody in told
    assert "Tell the administrator" in told
    assert not any(f'href="{way}"' in told for way in ways)
    guest = bring_in_an_instructor(app, farid, cohort)
    assert to_find not in amina.get(f"/appeals/{made}").text
    assert nobody not in farid.get(f"/appeals/{made}").text
    assert decide(farid, made, REFUSED) == 409
    assert decide(guest, made, REFUSED) == 303
    assert state(database, made) is State.CLOSED


def test_whoever_confirmed_an_attestation_does_not_decide_once_another_withdrew_it(
    database: Engine, people: SimpleNamespace, sign_in: Callable, attested: tuple[int, int], add_instructor: Callable
) -> None:
    attestation, evidence = attested
    bilal, salma = sign_in(people.bilal), sign_in(add_instructor("salma"))
    made = dispute(sign_in(people.amina), evidence, "I did it alone.")
    withdrawn = salma.post(f"/attestations/{attestation}/withdraw", data={"reason": "The office does not know her."})
    assert withdrawn.status_code == 303
    assert is_told_that_the_judgement_is_theirs(bilal, made)
    assert decide(sign_in(people.farid), made, REFUSED) == 303


@pytest.mark.both_databases
def test_a_withdrawn_attestation_counts_again_where_the_review_gives_it_another_outcome(
    database: Engine, people: SimpleNamespace, sign_in: Callable, attested: tuple[int, int], add_instructor: Callable
) -> None:
    attestation, evidence = attested
    amina, farid, salma = sign_in(people.amina), sign_in(people.farid), sign_in(add_instructor("salma"))
    made = dispute(amina, evidence, "I did it alone.")
    assert decide(farid, made, WITHDRAWN) == 303
    assert f'href="/attestations/{attestation}"' not in amina.get("/passport").text
    assert amina.post(f"/appeals/{made}/review", data={"text": "He saw it."}).status_code == 303
    assert decide(salma, made, REPLACED) == 303
    assert in_force(database)["task"] == (0.75, None)
    page = amina.get(f"/attestations/{attestation}").text
    assert "it no longer counts" not in page
    assert REPLACED["reason"] in page
    assert f'href="/attestations/{attestation}"' in amina.get("/passport").text
    assert sums_follow_from_evidence(database)
    answer = farid.post(f"/attestations/{attestation}/withdraw", data={"reason": "He is not her supervisor."})
    assert answer.status_code == 303
    assert "task" not in in_force(database)
