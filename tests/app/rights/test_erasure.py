"""Somebody is erased: nothing of them is left, nothing of others is lost, and the log and the tombstone prove it."""

from __future__ import annotations

import io
import json
import os
import re
from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, select, update

import app.tables as _every_table  # noqa: F401 - so that metadata knows all
from app.accounts import consent, progress
from app.accounts import service as accounts
from app.accounts.models import Account, Cohort
from app.appeals import service as appeals
from app.cli import erasure_commands
from app.competencies import tallies
from app.competencies.models import Evidence, EvidenceKind, SkillTally
from app.competencies.service import record_evidence
from app.completions.models import CompletionImport
from app.core import audit, clock, jobs
from app.core.access import Role
from app.core.audit import AuditEntry
from app.core.db import Base, begin
from app.core.jobs import Job
from app.core.openings import Purpose, RecordOpening
from app.credentials import service as credentials
from app.credentials import verification
from app.credentials.models import Credential
from app.credentials.office import Office
from app.credentials.verification import Verdict
from app.gradebook.models import CellMark
from app.marking.models import SecondMark
from app.notebooks import service as notebooks
from app.notebooks.models import NotebookDraft, Submission
from app.notices.models import Notice
from app.retention import service as retention
from app.rights import erasure
from app.rights.fates import STAYING, TREATED, Fate
from app.rights.models import ErasureRequest, Tombstone
from app.rights.own_data import PARTS, rows
from app.rights.wording import deleted_names
from app.surveys.models import Survey, SurveyParticipation, SurveyWave, WaveName
from tests.app.notebooks.test_notebooks_drafts import notebook, save
from tests.conftest import PASSWORD

MODULE, LAB = "measure-to-manage", "grievances"
GRANT = {"decision": "erase", "ground": "not_needed", "username": "amina", "reason": "Left the service."}


def test_every_table_has_its_fate() -> None:
    treated = {each.name for each in TREATED}
    assert treated & STAYING.keys() == set()
    assert treated | STAYING.keys() == set(Base.metadata.tables)


def test_what_is_known_of_a_person_has_a_fate_of_its_own() -> None:
    of_nobody_alone = {"audit_entry", "cohort"}
    assert {part.name for part in PARTS} - of_nobody_alone <= {each.name for each in TREATED}


def test_what_refers_to_something_goes_before_it() -> None:
    places = {each.name: place for place, each in enumerate(TREATED) if each.fate is Fate.DELETED}
    wrong = [
        (name, key.column.table.name)
        for name in places
        for key in Base.metadata.tables[name].foreign_keys
        if places.get(key.column.table.name, len(TREATED)) < places[name]
    ]
    assert wrong == []


def test_what_goes_and_is_counted_has_words(app: Flask) -> None:
    with app.test_request_context():
        assert list(deleted_names()) == [each.name for each in TREATED if each.fate is Fate.DELETED and each.is_counted]
    assert [each.name for each in TREATED if not each.is_counted] == ["survey_participation", "delphi_participation"]


@pytest.fixture
def lived(
    app: Flask,
    database: Engine,
    people: SimpleNamespace,
    cohort: Cohort,
    answered: Callable,
    written: Callable,
    hand_over_code: Callable,
    source: bytes,
) -> dict[str, Any]:
    """Amina and bushra have done all that people do here; digests of a file of amina's own and of one of both."""
    blobs, catalogue = app.extensions["blobs"], app.extensions["catalogue"]
    for person in (people.amina, people.bushra):
        answered(person)
        written(person)
    own = source.replace(b"cells", b"cells ", 1)
    with begin(database) as session:
        for person in (people.amina, people.bushra):
            account = session.get_one(Account, person.id)
            consent.answer(session, account.id, consent.Purpose.CURIOSITY_LOG, is_given=True)
            for activity in catalogue.module(MODULE).activities:
                progress.mark(session, account, MODULE, activity.id, done=True)
            credentials.claim(session, Office.of(app.extensions["settings"]), account, catalogue, f"module-{MODULE}")
            answer = record_evidence(
                session,
                account,
                competency="D2.1",
                level=1,
                kind=EvidenceKind.QUIZ_ITEM,
                outcome=1.0,
                source=f"quiz_attempt:{account.id}",
                part="half-of-calls",
            )
            appeals.dispute(session, account, answer.id, "It was half a point more.")
            appeals.complain(session, account, "Nobody told me.")
        draft = notebooks.save_draft(session, blobs, people.amina, MODULE, LAB, own, given_out=source)
        submission = session.scalars(select(Submission).where(Submission.trainee_id == people.amina.id)).one()
        session.add(
            CellMark(
                submission_id=submission.id,
                cell="answer",
                number=1,
                points=3,
                comment="Well seen.",
                marker_id=people.bilal.id,
                marked_at=clock.now(),
            )
        )
        session.add(
            SecondMark(
                source=f"submission:{submission.id}",
                part="answer",
                points=3,
                comment="",
                marker_id=people.farid.id,
                marked_at=clock.now(),
            )
        )
        session.add(
            Notice(
                academy_id=cohort.academy_id,
                trainee_id=people.amina.id,
                cohort_id=cohort.id,
                sender_id=people.bilal.id,
                language="en",
                subject="Amina, your lab",
                text="It is late.",
                mail_footer="",
                sent_at=clock.now(),
            )
        )
        session.add(
            RecordOpening(
                academy_id=cohort.academy_id,
                trainee_id=people.amina.id,
                opened_by_id=people.farid.id,
                purpose=Purpose.FAULT,
                reason="Amina's page showed nothing.",
                shows_work=False,
                opened_at=clock.now(),
                ends_at=clock.now(),
                closed_at=clock.now(),
            )
        )
        for job in session.scalars(select(Job)):
            job.finished_at = clock.now()
    hand_over_code(timedelta())
    return {"own": draft.sha256, "shared": submission.sha256}


def ask(client: FlaskClient, text: str = "I have left.") -> None:
    assert client.post("/account/erasure", data={"text": text, "understood": "y"}).status_code == 303


def asked(database: Engine) -> int:
    with begin(database, read_only=True) as session:
        return session.scalars(select(ErasureRequest.id).order_by(ErasureRequest.id.desc())).first() or 0


def decide(client: FlaskClient, database: Engine, **changes: str) -> Any:
    return client.post(f"/administration/erasures/{asked(database)}", data=GRANT | changes)


def everything(database: Engine) -> str:
    with begin(database, read_only=True) as session:
        return "\n".join(
            f"{table.name} {row}" for table in Base.metadata.sorted_tables for row in session.execute(select(table))
        )


def known_of(database: Engine, person: Account) -> dict[str, Any]:
    with begin(database, read_only=True) as session:
        return {part.name: rows(session, part, person.id) for part in PARTS}


def log(database: Engine) -> list[str]:
    with begin(database, read_only=True) as session:
        return [audit.as_line(entry) for entry in session.scalars(select(AuditEntry).order_by(AuditEntry.id))]


@pytest.mark.both_databases
def test_nothing_of_the_person_is_left_and_everything_of_others(
    app: Flask, database: Engine, people: SimpleNamespace, lived: dict[str, Any], sign_in: Callable
) -> None:
    amina, farid = sign_in(people.amina), sign_in(people.farid)
    ask(amina)
    others, entries = known_of(database, people.bushra), log(database)
    assert "Amina" in everything(database)
    assert decide(farid, database).status_code == 303
    left = everything(database)
    assert "amina" not in left.lower()
    assert "I have left" not in left
    assert known_of(database, people.bushra) == others
    assert log(database)[: len(entries)] == entries
    assert not tallies.recompute(database, keep=False).differing
    with begin(database, read_only=True) as session:
        assert audit.verify(session).broken_id is None
        assert list(erasure.faults(session)) == []
        for table in (Evidence, SkillTally):
            assert set(session.scalars(select(table.trainee_id))) == {people.bushra.id}
    assert "/sign-in" in amina.get("/record").location
    again = app.test_client().post("/sign-in", data={"username": "amina", "password": PASSWORD})
    assert again.status_code == 422
    again = app.test_client().post("/sign-in", data={"username": f"ERASED-{people.amina.id}", "password": ""})
    assert again.status_code == 422
    page = farid.get(f"/administration/erasures/{asked(database)}").text
    assert "Left the service." in page
    assert f"#{people.amina.id}" in page
    assert f"/people/{people.amina.id}" not in page
    assert farid.get(f"/people/{people.amina.id}").status_code == 404
    role = farid.post(f"/administration/accounts/{people.amina.id}/role", data={"role": "administrator"})
    assert role.status_code == 404
    assert f"#{people.amina.id}" not in farid.get("/administration/accounts").text


def test_files_that_nobody_else_names_go_once_no_request_may_be_storing_them(
    app: Flask,
    database: Engine,
    people: SimpleNamespace,
    lived: dict[str, Any],
    sign_in: Callable,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    blobs = app.extensions["blobs"]
    ask(sign_in(people.amina))
    decide(sign_in(people.farid), database)
    with begin(database) as session:
        assert erasure.remove_files(session, blobs) == 0
    assert blobs.get(lived["own"])
    later = clock.now() + timedelta(hours=2)
    monkeypatch.setattr(clock, "now", lambda: later)
    os.utime(blobs.path(lived["own"]), (later.timestamp(), later.timestamp()))
    with begin(database) as session:
        erasure.remove_files(session, blobs)
        assert session.scalars(select(Tombstone.files_removed_at)).one() is None
    assert blobs.get(lived["own"]), "somebody has just stored the same content"
    os.utime(blobs.path(lived["own"]), (0, 0))
    with begin(database) as session:
        assert erasure.remove_files(session, blobs) == 1
        assert session.scalars(select(Tombstone.files_removed_at)).one() == later
        assert erasure.remove_files(session, blobs) == 0
    with pytest.raises(FileNotFoundError):
        blobs.get(lived["own"])
    assert blobs.get(lived["shared"])
    assert blobs.put(blobs.get(lived["shared"])) == lived["shared"]


def test_the_release_that_somebody_else_goes_on_from_stays(
    app: Flask, database: Engine, people: SimpleNamespace, sign_in: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    lab = f"/notebooks/{MODULE}/{LAB}"
    amina, bushra = sign_in(people.amina), sign_in(people.bushra)
    for trainee, text in ((amina, "hers"), (bushra, "another's")):
        assert save(trainee, notebook(text), base="0").status_code == 200
    assert amina.post(f"{lab}/reset").status_code == 303
    ask(amina)
    decide(sign_in(people.farid), database)
    later = clock.now() + timedelta(hours=2)
    monkeypatch.setattr(clock, "now", lambda: later)
    with begin(database) as session:
        assert erasure.remove_files(session, app.extensions["blobs"]) == 1
        draft = session.scalars(select(NotebookDraft).where(NotebookDraft.trainee_id == people.bushra.id)).one()
    assert app.extensions["blobs"].get(draft.release_sha256)


def test_who_answered_an_open_survey_goes_uncounted(
    database: Engine, people: SimpleNamespace, cohort: Cohort, sign_in: Callable
) -> None:
    """Two people ask, of whom one has answered: what is shown and kept of both is the same, and nothing is left."""
    with begin(database) as session:
        survey = Survey(academy_id=cohort.academy_id, cohort_id=cohort.id, instrument={})
        survey.waves = [SurveyWave(name=WaveName.BEFORE, opened_at=clock.now())]
        session.add(survey)
        session.flush()
        session.add(SurveyParticipation(wave_id=survey.waves[0].id, trainee_id=people.amina.id))
    farid, said, kept = sign_in(people.farid), [], []
    for person in (people.amina, people.bushra):
        ask(sign_in(person))
        page = farid.get(f"/administration/erasures/{asked(database)}").text
        said.append(re.findall(r"(?s)<table.*?</table>", page))
        assert decide(farid, database, username=person.username).status_code == 303
        with begin(database, read_only=True) as session:
            kept.append(set(session.scalars(select(Tombstone).order_by(Tombstone.id.desc())).all()[0].went))
    assert said[0] == said[1]
    assert kept[0] == kept[1]
    with begin(database, read_only=True) as session:
        assert session.scalars(select(SurveyParticipation)).all() == []
        assert list(erasure.faults(session)) == []


@pytest.mark.parametrize(("keeps", "verdict"), [("", Verdict.ERASED), ("y", Verdict.GENUINE)])
def test_credentials_are_erased_unless_service_rules_require_them(
    app: Flask,
    database: Engine,
    people: SimpleNamespace,
    lived: dict[str, Any],
    sign_in: Callable,
    keeps: str,
    verdict: Verdict,
) -> None:
    with begin(database, read_only=True) as session:
        held = session.scalars(select(Credential).where(Credential.trainee_id == people.amina.id)).one()
    ask(sign_in(people.amina))
    farid = sign_in(people.farid)
    decide(farid, database, **({"keeps_credentials": keeps} if keeps else {}))
    office = Office.of(app.extensions["settings"])
    with begin(database, read_only=True) as session:
        found = [
            verification.of_code(session, office, held.code, clock.now()),
            verification.of_text(session, office, held.signed, clock.now()),
        ]
        assert [each.verdict for each in found] == [verdict, verdict]
        assert list(erasure.faults(session)) == []
    page = farid.get("/administration/credentials").text
    assert ("Amina" in page) == bool(keeps)
    address = f"/administration/credentials/{held.id}"
    assert farid.get(address).status_code == (200 if keeps else 404)
    assert f"/people/{people.amina.id}" not in farid.get(address).text
    public = app.test_client().get(f"/credentials/{held.code}")
    assert public.status_code == 200
    assert ("erased this credential" in public.text) == (not keeps)
    assert ("Amina" in public.text) == bool(keeps)
    revoked = farid.post(f"{address}/revoke", data={"reason": "It was issued by mistake."})
    assert revoked.status_code == (303 if keeps else 404)


@pytest.mark.parametrize("is_revoked", [False, True])
def test_credentials_that_are_kept_publish_no_former_name(
    app: Flask,
    database: Engine,
    people: SimpleNamespace,
    lived: dict[str, Any],
    sign_in: Callable,
    is_revoked: bool,
) -> None:
    with begin(database, read_only=True) as session:
        held = session.scalars(select(Credential).where(Credential.trainee_id == people.amina.id)).one()
    farid, anyone = sign_in(people.farid), app.test_client()
    if is_revoked:
        address = f"/administration/credentials/{held.id}/revoke"
        assert farid.post(address, data={"reason": "The work was not her own."}).status_code == 303
    typed = {"full_name": "Zainab Gul", "reason": "A court changed it."}
    assert farid.post(f"/people/{people.amina.id}/name", data=typed).status_code == 303
    ask(sign_in(people.amina))
    assert decide(farid, database, keeps_credentials="y").status_code == 303
    for shown in (anyone.get(f"/credentials/{held.code}"), anyone.post("/verify", data={"text": held.signed})):
        assert "no longer in force" in shown.text
        assert "Amina" not in shown.text
    assert "amina" not in everything(database).lower()
    with begin(database, read_only=True) as session:
        names = select(Credential.full_name).where(Credential.trainee_id == people.amina.id).order_by(Credential.id)
        assert session.scalars(names).all() == ([""] if is_revoked else ["", "Zainab Gul"])


def test_who_was_erased_before_is_shown_by_no_former_name(
    app: Flask, database: Engine, people: SimpleNamespace, lived: dict[str, Any], sign_in: Callable
) -> None:
    """Erasure left credentials of a former name as they were."""
    farid = sign_in(people.farid)
    with begin(database, read_only=True) as session:
        held = session.scalars(select(Credential).where(Credential.trainee_id == people.amina.id)).one()
    typed = {"full_name": "Zainab Gul", "reason": "A court changed it."}
    assert farid.post(f"/people/{people.amina.id}/name", data=typed).status_code == 303
    ask(sign_in(people.amina))
    assert decide(farid, database, keeps_credentials="y").status_code == 303
    as_it_was = {"full_name": held.full_name, "signed": held.signed, "title": held.title, "revoked_at": None}
    with begin(database) as session:
        session.execute(update(Credential).where(Credential.id == held.id).values(as_it_was))
    page = app.test_client().get(f"/credentials/{held.code}").text
    assert "later replaced it by another one" in page
    assert "Amina" not in page


def test_the_page_says_what_would_go_and_the_name_is_typed_once_more(
    database: Engine, people: SimpleNamespace, lived: dict[str, Any], sign_in: Callable
) -> None:
    ask(sign_in(people.amina))
    farid = sign_in(people.farid)
    assert "Requests for erasure (1)" in farid.get("/administration").text
    page = farid.get(f"/administration/erasures/{asked(database)}").text
    assert "I have left." in page
    assert "Evidence of competencies" in page
    before = everything(database)
    for changes, message in (
        ({"username": "bushra"}, "This is not the user name of the person."),
        ({"reason": " "}, "Say why."),
        ({"decision": "keep"}, "Not a valid choice"),
        ({"ground": "because"}, "Not a valid choice"),
    ):
        answer = decide(farid, database, **changes)
        assert answer.status_code == 422
        assert message in answer.text
    assert everything(database) == before


def test_a_refusal_is_read_by_the_person_who_may_ask_again(
    database: Engine, people: SimpleNamespace, sign_in: Callable
) -> None:
    amina = sign_in(people.amina)
    ask(amina)
    first = asked(database)
    ask(amina)
    assert asked(database) == first
    assert "You asked for it on" in amina.get("/account/data").text
    answer = decide(sign_in(people.farid), database, decision="refuse", username="", reason="A case is open at court.")
    assert answer.status_code == 303
    assert "A case is open at court." in amina.get("/account/data").text
    assert decide(sign_in(people.farid), database).status_code == 409
    assert amina.post("/account/erasure/withdraw").status_code == 409
    ask(amina)
    assert asked(database) > first


@pytest.mark.both_databases
def test_previews_that_may_name_the_person_go_and_later_ones_stay(
    app: Flask, database: Engine, people: SimpleNamespace, sign_in: Callable
) -> None:
    farid = sign_in(people.farid)

    def upload(username: str) -> int:
        course = (
            f"username,provider,title,completed on,link,competency\n{username},aws,AI,2026-01-02,https://a.org,D2.1"
        )
        file = (io.BytesIO(course.encode()), "completions.csv")
        answer = farid.post("/administration/completions", data={"file": file}, content_type="multipart/form-data")
        assert answer.status_code == 303
        return int(answer.location.rpartition("/")[2])

    upload("amina")
    ask(sign_in(people.amina))
    decide(farid, database)
    assert "amina" not in everything(database).lower()
    later = upload("bushra")
    with begin(database, read_only=True) as session:
        assert session.scalars(select(CompletionImport.id)).all() == [later]
        assert list(erasure.faults(session)) == []


def test_the_tombstone_outlives_the_request(
    database: Engine, people: SimpleNamespace, sign_in: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask(sign_in(people.amina))
    decide(sign_in(people.farid), database)
    later = clock.now() + timedelta(days=1097)
    monkeypatch.setattr(clock, "now", lambda: later)
    with begin(database) as session:
        retention.apply(session)
        assert session.scalars(select(ErasureRequest)).all() == []
        assert erasure.count(session) == 1
        assert list(erasure.faults(session)) == []


def test_a_request_is_taken_back_and_needs_a_tick(database: Engine, people: SimpleNamespace, sign_in: Callable) -> None:
    amina = sign_in(people.amina)
    answer = amina.post("/account/erasure", data={"text": "Because."})
    assert answer.status_code == 422
    assert "Tick that you know it" in answer.text
    assert "Because." in answer.text
    ask(amina)
    assert amina.post("/account/erasure/withdraw").status_code == 303
    assert "Take the request back" not in amina.get("/account/data").text
    assert decide(sign_in(people.farid), database).status_code == 409
    assert known_of(database, people.amina)["account"]


def test_nobody_decides_on_their_own_request(database: Engine, people: SimpleNamespace, sign_in: Callable) -> None:
    farid = sign_in(people.farid)
    ask(farid)
    assert 'name="decision"' not in farid.get(f"/administration/erasures/{asked(database)}").text
    answer = decide(farid, database, username="farid")
    assert answer.status_code == 409
    with begin(database) as session:
        academy = session.get_one(Account, people.farid.id).academy
        other = accounts.add_account(
            session, academy, username="gul", full_name="Gul", role=Role.ADMINISTRATOR, password=PASSWORD
        )
    assert decide(sign_in(other), database, username="farid").status_code == 303
    assert "farid" not in everything(database).lower()


def test_whose_work_is_being_graded_is_not_erased_meanwhile(
    database: Engine, people: SimpleNamespace, lived: dict[str, Any], sign_in: Callable
) -> None:
    with begin(database) as session:
        session.execute(update(Job).values(finished_at=None))
    ask(sign_in(people.amina))
    answer = decide(sign_in(people.farid), database)
    assert answer.status_code == 409
    assert "being graded or scored" in answer.text
    assert known_of(database, people.amina)["submission"]


def test_a_job_whose_thing_was_erased_is_given_up_in_silence(database: Engine) -> None:
    with begin(database) as session:
        jobs.give_up(session, 999_999, "The submission is gone.")


def test_the_command_proves_tombstones_and_names_what_is_wrong(
    app: Flask, database: Engine, people: SimpleNamespace, lived: dict[str, Any], sign_in: Callable
) -> None:
    ask(sign_in(people.amina))
    decide(sign_in(people.farid), database)
    run = app.test_cli_runner().invoke
    proved = run(erasure_commands, ["verify"])
    assert (proved.exit_code, proved.output) == (0, "1 erased, each proved.\n")
    for tampered, fault in (
        (update(Account).where(Account.id == people.amina.id).values(full_name="Amina"), "bears a name"),
        (update(Tombstone).values(id_sha256="0" * 64), "names somebody else"),
        (update(Tombstone).values(went={}), "the audit log says something else"),
        (update(Evidence).values(trainee_id=people.amina.id), "evidence holds something of them"),
    ):
        with begin(database) as session:
            session.execute(tampered)
        found = run(erasure_commands, ["verify"])
        assert found.exit_code == 1
        assert f"Account {people.amina.id}: " in found.output
        assert fault in found.output


def test_the_log_holds_no_name_that_was_corrected(database: Engine, people: SimpleNamespace, sign_in: Callable) -> None:
    data = {"full_name": "Amina Yousafzai", "reason": "As on the card."}
    answer = sign_in(people.farid).post(f"/people/{people.amina.id}/name", data=data)
    assert answer.status_code == 303
    entry = log(database)[-1]
    assert '"name_corrected"' in entry
    assert "Yousafzai" not in entry
    assert "name_correction:" in entry


def test_the_log_holds_no_place_where_somebody_worked(
    database: Engine, people: SimpleNamespace, sign_in: Callable
) -> None:
    farid, address = sign_in(people.farid), f"/people/{people.amina.id}/posting"
    for department, day in (("Health", "2026-01-31"), ("Education", "2026-03-01"), ("Schools", "2026-03-01")):
        typed = {"department": department, "grade": "17", "district": "Swat", "begins_on": day}
        assert farid.post(address, data=typed).status_code == 303
    details = [json.loads(entry)["detail"] for entry in log(database) if '"posting_changed"' in entry]
    assert details == [
        {"change": "first", "from": None, "to": 1},
        {"change": "transfer", "from": 1, "to": 2},
        {"change": "correction", "from": 2, "to": 2},
    ]
