"""Nothing of one academy is seen or changed from another: every route that names a thing × every role × academy."""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine, delete, select
from sqlalchemy.orm import Session
from werkzeug.routing import Rule

from app.accounts import progress
from app.accounts import service as accounts
from app.accounts.models import Account, Cohort
from app.appeals import service as appeals
from app.appeals.models import Appeal
from app.attestations import service as attestations
from app.authoring.models import LabCheck, LabSource, LabWords
from app.competencies.models import Evidence, EvidenceKind
from app.competencies.service import record_evidence
from app.completions import service as completions
from app.completions.models import Provider, State
from app.content.own_data import LabData, LabDataFile
from app.content.publications import LabPublication
from app.content.releases import released
from app.content.schemas import WordsAboutCells
from app.core import clock, jobs
from app.core.access import PERMISSIONS, Role, Scope
from app.core.blobs import Blobs
from app.core.classes import CohortInstructor
from app.core.db import Base, begin
from app.core.jobs import Job
from app.credentials import service as credentials
from app.credentials.office import Office
from app.delphi import service as delphi
from app.delphi.models import Question
from app.enrolment.models import Invitation
from app.foresight import queries as foresight_queries
from app.foresight import service as foresight
from app.foresight.computing import compute_study
from app.foresight.example import example_workbook
from app.gradebook.models import CellMark, Grade, Regrade
from app.learning.models import QuizAttempt
from app.lti.models import Course, Platform, Score
from app.marking.models import KeptComment, SecondMarking
from app.notebooks import service as notebooks
from app.notebooks.models import NotebookClaim, NotebookFindings
from app.notices.models import Notice
from app.people import service as people_service
from app.record_store.models import RecordStore, Statement, StatementKind
from app.research.models import ResearchRelease
from app.rights import erasure
from app.sims import service as sims
from app.sims.models import SimulationExercise, SimulationRun
from app.surveys import service as surveys
from app.surveys.models import WaveName
from tests.conftest import PASSWORD

MODULE, LAB, QUIZ, SIMULATION, CELL = "measure-to-manage", "grievances", "quiz", "grievance", "answer"
REFUSED = {403, 404}
# Names of content, which every academy has alike.
CONTENT = {"module_id", "activity_id", "cell", "code", "filename", "name", "slug"}
ACTIVITY_OF = {"notebooks": LAB, "authoring": LAB, "assignments": LAB, "sims": SIMULATION, "learning": QUIZ}
SURNAMES = ("Hoti", "Hashmat")


@dataclass(frozen=True)
class Furnished:
    """One of each thing that a route can name, all in the academy of amina: value by endpoint or by argument."""

    by_argument: dict[str, object]
    by_endpoint: dict[str, dict[str, object]]

    def values(self, rule: Rule) -> dict[str, Any]:
        feature = rule.endpoint.partition(".")[0]
        known = {"module_id": MODULE, "activity_id": ACTIVITY_OF.get(feature, LAB), "code": "D2.1"} | self.by_argument
        known |= self.by_endpoint.get(rule.endpoint, {})
        missing = rule.arguments - known.keys()
        assert missing == set(), f"{rule}: this test has no {missing}; make one, so that the route is walked"
        return {name: known[name] for name in rule.arguments}


def walked(app: Flask) -> list[tuple[Rule, str]]:
    """Routes that name a thing which belongs to somebody, with each of their methods."""
    return [
        (rule, method)
        for rule in sorted(app.url_map.iter_rules(), key=str)
        if rule.arguments - CONTENT and app.view_functions[rule.endpoint].access is not None
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
    ]


@pytest.fixture
def foreseen(app: Flask, database: Engine, people: SimpleNamespace) -> dict[str, object]:
    """Figures, a scenario and a computed study of the academy of farid."""
    with begin(database) as session:
        files = [("a.xlsx", example_workbook())]
        competencies = app.extensions["catalogue"].competencies
        figures = foresight.preview(session, people.farid, files, competencies=competencies)
        foresight.accept(session, people.farid, figures.id)
        scenario = foresight_queries.scenarios(session, people.farid)[0].scenario
        study = foresight.ask_study(session, people.farid, scenario.id)
        experts = [people.amina, people.bilal, people.farid, *silent_experts(session, people.farid)]
        asked = [Question(name="ceiling", department=""), Question(name="speed", department="Health")]
        with app.test_request_context():
            panel = delphi.open_panel(
                session, people.farid, scenario.id, asked, experts, clock.now() + timedelta(days=7)
            )
    compute_study(database, study.id)
    return {
        "data_id": figures.id,
        "scenario_id": scenario.id,
        "study_id": study.id,
        "panel_id": panel.id,
        "round_id": panel.rounds[0].id,
    }


def silent_experts(session: Session, administrator: Account) -> list[Account]:
    """Two people more of an academy, as whom nobody signs in."""
    made = [
        Account(
            academy_id=administrator.academy_id,
            username=f"expert{place}",
            full_name=f"Expert {SURNAMES[0]}",
            role=Role.TRAINEE,
            password_hash="",
            created_at=clock.now(),
        )
        for place in range(2)
    ]
    session.add_all(made)
    session.flush()
    return made


@pytest.fixture
def connected(database: Engine, people: SimpleNamespace, cohort: Cohort) -> dict[str, object]:
    """A platform of the academy of farid, with a course and a score that waits."""
    with begin(database) as session:
        platform = Platform(
            academy_id=cohort.academy_id,
            name="Moodle of Mardan",
            issuer="https://moodle.example",
            client_id="hunar",
            deployment_ids=["1"],
            login_address="https://moodle.example/auth",
            token_address="https://moodle.example/token",
            keys_address="https://moodle.example/keys",
            site="https://moodle.example",
            makes_accounts=True,
            names_instructors=False,
            is_enabled=True,
            registered_at=clock.now(),
        )
        session.add(platform)
        session.flush()
        course = Course(
            platform_id=platform.id, context="9", title="Course of Mardan", module_id=MODULE, cohort_id=cohort.id
        )
        score = Score(
            academy_id=cohort.academy_id,
            platform_id=platform.id,
            trainee_id=people.amina.id,
            line_item="https://moodle.example/7",
            module_id=MODULE,
            activity_id=QUIZ,
            points=1,
            max_points=1,
            scored_at=clock.now(),
            launched_at=clock.now(),
        )
        session.add_all([course, score])
        session.flush()
        return {"platform_id": platform.id, "course_id": course.id, "score_id": score.id}


@pytest.fixture
def asked_into(database: Engine, people: SimpleNamespace, cohort: Cohort) -> int:
    """The number of a cohort of the same academy that amina is asked into."""
    with begin(database) as session:
        another = Cohort(academy_id=cohort.academy_id, name="Evenings of Mardan", module_id=MODULE)
        session.add(another)
        session.flush()
        asked = {"trainee_id": people.amina.id, "asked_by_id": people.bilal.id, "asked_at": clock.now()}
        session.add(Invitation(cohort_id=another.id, **asked))
        return another.id


@pytest.fixture
def furnished(
    foreseen: dict[str, object],
    connected: dict[str, object],
    asked_into: int,
    app: Flask,
    database: Engine,
    people: SimpleNamespace,
    cohort: Cohort,
    source: bytes,
    answered: Callable,
    finish_a_run: Callable,
) -> Furnished:
    submission = int(answered(people.amina).split("/")[1])
    other = int(answered(people.bushra).split("/")[1])
    run = finish_a_run(people.amina)
    with begin(database) as session:
        for person, surname in zip((people.amina, people.bushra), SURNAMES, strict=True):
            session.get_one(Account, person.id).full_name = f"{person.full_name} {surname}"
        sims.write_memo(session, session.get_one(SimulationRun, run), "Half of what we closed came back.")
        blobs = app.extensions["blobs"]
        draft = notebooks.save_draft(session, blobs, people.amina, MODULE, LAB, source, given_out=released(source))
        check = LabCheck(
            **lab_of(people.bilal),
            sha256=draft.sha256,
            lab_digest="0" * 64,
            asked_by=people.bilal.id,
            asked_at=clock.now(),
            finished_at=clock.now(),
            report={"refused": "It has no graded cell."},
        )
        lab_source = LabSource(
            **lab_of(people.bilal), sha256=draft.sha256, author_id=people.bilal.id, saved_at=clock.now()
        )
        comment = KeptComment(
            **lab_of(people.bilal), part=CELL, text="Say which.", kept_by=people.bilal.id, kept_at=clock.now()
        )
        regrade = Regrade(
            **lab_of(people.bilal),
            lab_digest="0" * 64,
            reason="The tolerance was too narrow.",
            asked_by=people.bilal.id,
            asked_at=clock.now(),
        )
        exercise = SimulationExercise(
            academy_id=people.bilal.academy_id,
            cohort_id=cohort.id,
            module_id=MODULE,
            activity_id=SIMULATION,
            title="Grievances of Mardan",
            seed=7,
            attempts=2,
            open_round=1,
            created_by=people.bilal.id,
            created_at=clock.now(),
        )
        attempt = QuizAttempt(
            trainee_id=people.amina.id,
            academy_id=people.amina.academy_id,
            module_id=MODULE,
            activity_id=QUIZ,
            module_digest="0" * 64,
            number=1,
            idempotency_key="only",
            points=0,
            max_points=1,
            submitted_at=clock.now(),
        )
        session.add_all([check, lab_source, comment, regrade, exercise, attempt])
        session.flush()
        session.add(
            LabPublication(
                **lab_of(people.bilal),
                number=1,
                sha256=draft.sha256,
                check_id=check.id,
                reason="First.",
                published_by=people.bilal.id,
                published_at=clock.now(),
            )
        )
        session.add(SecondMarking(academy_id=cohort.academy_id, cohort_id=cohort.id, activity_id=LAB, percent=100))
        session.add(
            CellMark(
                submission_id=submission,
                cell=CELL,
                number=1,
                points=3,
                comment="",
                marker_id=people.farid.id,
                marked_at=clock.now(),
            )
        )
        for grade in session.scalars(select(Grade)):
            grade.feedback_sha256 = blobs.put(b"<p>Well seen.</p>")
        words = LabWords(
            **lab_of(people.bilal),
            sha256=blobs.put(WordsAboutCells().model_dump_json().encode()),
            author_id=people.bilal.id,
            saved_at=clock.now(),
        )
        data = own_data(session, blobs, people.bilal)
        notice = Notice(
            academy_id=cohort.academy_id,
            trainee_id=people.amina.id,
            cohort_id=cohort.id,
            sender_id=people.bilal.id,
            language="en",
            subject="Say which.",
            text="Of Mardan.",
            mail_footer="",
            sent_at=clock.now(),
        )
        refused = Statement(
            academy_id=cohort.academy_id,
            trainee_id=people.amina.id,
            kind=StatementKind.LESSON_COMPLETED,
            thing_id=1,
            name="00000000-0000-5000-8000-000000000000",
            facts={"module_id": MODULE, "activity_id": "why-measure"},
            at=clock.now(),
            set_aside_at=clock.now(),
            answer="Say which.",
        )
        record_store = RecordStore(
            academy_id=cohort.academy_id,
            endpoint="https://records.example.org/xapi/Hoti",
            key="hunar",
            sealed_secret="sealed",
            kinds=[],
            namespace="00000000-0000-4000-8000-000000000000",
        )
        release = ResearchRelease(
            academy_id=cohort.academy_id,
            made_by_id=people.farid.id,
            made_at=clock.now(),
            purpose="Offices of Mardan",
            recipient="Hoti and Hashmat",
            people=10,
            suppressed=0,
            smallest_class=10,
            diversity=2,
            epsilon=4,
            sha256="0" * 64,
        )
        session.add_all([words, notice, refused, record_store, release])
        session.flush()
        with app.test_request_context():
            table = b"username,full_name,department\nnewcomer,Naila Hoti,Health\n"
            brought_in = people_service.preview(session, people.farid, table, file_name="a.csv", gives_roles=False)
            people_service.apply(session, people.farid, brought_in.id)
            wave = surveys.open_wave(
                session,
                app.extensions["survey_seal"],
                people.bilal,
                cohort,
                app.extensions["catalogue"].instrument,
                WaveName.BEFORE,
            )
        job = session.scalars(select(Job).where(Job.finished_at.is_(None)).order_by(Job.id)).first()
        catalogue = app.extensions["catalogue"]
        for activity in catalogue.module(MODULE).activities:
            progress.mark(session, people.amina, MODULE, activity.id, done=True)
        office = Office.of(app.extensions["settings"])
        amina = session.get_one(Account, people.amina.id)
        credential = credentials.claim(session, office, amina, catalogue, f"module-{MODULE}")
        course = {"provider": Provider.AWS, "title": "Cloud Hoti", "competency": "D2.1"}
        proof = {"completed_on": date(2026, 1, 2), "link": "https://example.org/proof"}
        completion = completions.report(session, amina, course | proof)
        with app.test_request_context():
            file = (
                b"username,provider,title,completed on,link,competency\namina,aws,Clouds,2026-01-02,https://a.org,D2.1"
            )
            brought = completions.preview(
                session, people.farid, file, file_name="b.csv", competencies=catalogue.competencies.keys()
            )
        claims = claims_of(session, amina, attempt)
        finding = finding_of(session, amina)
        job = session.scalars(select(Job).order_by(Job.id)).first()
        assert job is not None
        jobs.give_up(session, job.id, "It broke.")
        return Furnished(
            {
                "account_id": people.amina.id,
                "trainee_id": people.amina.id,
                "cohort_id": cohort.id,
                "submission_id": submission,
                "cell": "look-check",
                "first": min(submission, other),
                "second": max(submission, other),
                "run_id": run,
                "round_number": 1,
                "exercise_id": exercise.id,
                "attempt_id": attempt.id,
                "draft_id": draft.id,
                "claim_id": finding.id,
                "source_id": lab_source.id,
                "check_id": check.id,
                "comment_id": comment.id,
                "regrade_id": regrade.id,
                "job_id": job.id,
                "import_id": brought_in.id,
                "credential_id": credential.id,
                "completion_id": completion.id,
                "words_id": words.id,
                "state_id": data.id,
                "survey_id": wave.survey_id,
                "wave_id": wave.id,
                "notice_id": notice.id,
                **connected,
                "statement_id": refused.id,
                "number": 1,
                "kind": "submission",
                "part": CELL,
                **foreseen,
                **claims,
            },
            {f"marking.{view}": {"number": submission} for view in ("work", "save", "second", "save_second")}
            | {f"completions.{view}": {"import_id": brought.id} for view in ("preview", "apply", "drop")}
            | {
                f"appeals.{view}": {"what": "completion", "number": claims["turned_down_id"]}
                for view in ("disputing_refusal", "dispute_refusal")
            }
            | {f"enrolment.{view}": {"cohort_id": asked_into} for view in ("invitation", "answer_invitation")},
        )


def claims_of(session: Session, amina: Account, attempt: QuizAttempt) -> dict[str, object]:
    """What she complains of, what she disputes, her wish to be forgotten, and what her supervisor is asked."""
    appeal = appeals.complain(session, amina, "Nobody told me. Say which.")
    answer = record_evidence(
        session,
        amina,
        competency="D2.1",
        level=1,
        kind=EvidenceKind.QUIZ_ITEM,
        outcome=0.0,
        source=f"quiz_attempt:{attempt.id}",
        part="half-of-calls",
    )
    request = erasure.ask(session, amina, "Say which.")
    work = {"competency": "D2.1", "level": 3, "task": "Counted Hoti.", "place": "Mardan", "result": "A count."}
    boss = {"supervisor_name": "Shazia Gul", "supervisor_office": "DHO", "supervisor_address": ""}
    day = {"done_on": date(2026, 10, 2), "shared": "place"}
    attestation = attestations.ask(session, amina, work | boss | day)
    course = {"provider": Provider.AWS, "title": "Say which.", "competency": "D1.1", "link": "https://example.org/1"}
    turned_down = completions.report(session, amina, course | {"completed_on": date(2026, 9, 1)})
    turned_down.state, turned_down.decided_at = State.REFUSED, clock.now()
    return {
        "appeal_id": appeal.id,
        "evidence_id": answer.id,
        "request_id": request.id,
        "attestation_id": attestation.id,
        "turned_down_id": turned_down.id,
    }


def finding_of(session: Session, amina: Account) -> NotebookClaim:
    """What she says she found in the lab."""
    findings = NotebookFindings(**lab_of(amina), trainee_id=amina.id, begun_at=clock.now())
    session.add(findings)
    session.flush()
    finding = NotebookClaim(findings_id=findings.id, claim="called/language/lowest/pashto", claimed_at=clock.now())
    session.add(finding)
    session.flush()
    return finding


def own_data(session: Session, blobs: Blobs, author: Account) -> LabData:
    """A data file that an author brought into a lab."""
    content = b"ward\nHoti\n"
    data = LabData(**lab_of(author), author_id=author.id, saved_at=clock.now())
    session.add(data)
    session.flush()
    file = LabDataFile(
        data_id=data.id,
        name="hoti.csv",
        sha256=blobs.put(content),
        packed_sha256=blobs.put(gzip.compress(content)),
        size_bytes=len(content),
        sent_bytes=30,
        row_count=1,
        columns=[],
    )
    session.add(file)
    return data


def lab_of(person: Account) -> dict[str, Any]:
    return {"academy_id": person.academy_id, "module_id": MODULE, "activity_id": LAB}


@pytest.fixture
def stranger(database: Engine, people: SimpleNamespace, sign_in: Callable) -> Callable[[Role], Any]:
    """A client of somebody with this role in the other academy."""

    def enter(role: Role) -> Any:
        if role is Role.TRAINEE:
            return sign_in(people.zara)
        if role is Role.ADMINISTRATOR:
            return sign_in(people.zahid)
        with begin(database) as session:
            academy = session.get_one(Account, people.zara.id).academy
            account = accounts.add_account(
                session, academy, username=f"z{role.value}", full_name="Zoya", role=role, password=PASSWORD
            )
        return sign_in(account)

    return enter


def everything(database: Engine, *, but: Iterable[str] = ()) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table."""
    tables = [table for table in Base.metadata.sorted_tables if table.name not in but]
    with begin(database, read_only=True) as session:
        return {table.name: sorted(map(repr, session.execute(select(table)))) for table in tables}


@pytest.mark.parametrize("role", list(Role))
def test_no_thing_of_another_academy_is_reached_or_changed(
    app: Flask, database: Engine, furnished: Furnished, stranger: Callable, role: Role
) -> None:
    client = stranger(role)
    before = everything(database)
    reached = []
    for rule, method in walked(app):
        with app.test_request_context():
            address = app.url_for(rule.endpoint, **furnished.values(rule))
        answer = client.open(address, method=method)
        if answer.status_code not in REFUSED:
            reached.append((method, address, answer.status_code))
    assert reached == []
    assert everything(database) == before


def test_each_of_these_things_is_there_for_somebody_of_its_own_academy(
    app: Flask, furnished: Furnished, people: SimpleNamespace, sign_in: Callable
) -> None:
    clients = [sign_in(person) for person in (people.amina, people.bilal, people.farid)]
    hidden = []
    for rule, method in walked(app):
        if method != "GET":
            continue
        with app.test_request_context():
            address = app.url_for(rule.endpoint, **furnished.values(rule))
        if all(client.get(address).status_code in REFUSED for client in clients):
            hidden.append(address)
    assert hidden == []


@pytest.mark.parametrize("role", list(Role))
def test_no_list_of_another_academy_names_anybody(
    app: Flask, furnished: Furnished, stranger: Callable, role: Role
) -> None:
    client = stranger(role)
    pages = [rule for rule in app.url_map.iter_rules() if not rule.arguments and "GET" in (rule.methods or set())]
    assert len(pages) > 10
    for rule in pages:
        text = client.get(rule.rule).data.decode(errors="replace")
        found = re.findall("|".join((*SURNAMES, "of Mardan", "Say which.")), text)
        assert found == [], rule


def test_an_administrator_of_the_same_academy_opens_a_record_before_any_page_of_it(
    app: Flask, database: Engine, furnished: Furnished, people: SimpleNamespace, sign_in: Callable
) -> None:
    farid = sign_in(people.farid)
    with begin(database) as session:
        # What she submitted is his to see only because of her complaint.
        session.execute(delete(Appeal))
        session.execute(delete(Evidence))
    found: dict[bool, set[str]] = {True: set(), False: set()}
    for rule, method in walked(app):
        scope = PERMISSIONS[Role.ADMINISTRATOR].get(app.view_functions[rule.endpoint].access)
        if method != "GET" or scope is None:
            continue
        with app.test_request_context():
            address = app.url_for(rule.endpoint, **furnished.values(rule))
        answer = farid.get(address)
        assert b"Half of what we closed came back." not in answer.data, address
        if scope in (Scope.OPENED, Scope.OPENED_WITH_WORK):
            is_led = answer.status_code == 303 and f"/people/{people.amina.id}/opening" in answer.location
            assert is_led or (scope is Scope.OPENED_WITH_WORK and answer.status_code == 403), address
            found[is_led].add(rule.endpoint)
    assert {"competencies.record", "sims.debrief", "learning.quiz_result", "credentials.printed"} <= found[True]
    assert "gradebook.submission" in found[False]


@pytest.fixture
def colleague(database: Engine, people: SimpleNamespace, add_instructor: Callable, sign_in: Callable) -> Any:
    """A client of an instructor of the same academy, who teaches a cohort of somebody else."""
    dania = add_instructor("dania", teaches=False)
    with begin(database) as session:
        academy = session.get_one(Account, people.bilal.id).academy
        other = Cohort(academy_id=academy.id, name="Autumn 2027", module_id=MODULE)
        session.add(other)
        session.flush()
        added = {"full_name": "Careem", "role": Role.TRAINEE, "password": PASSWORD}
        accounts.enrol(session, other, accounts.add_account(session, academy, username="careem", **added))
        accounts.name_instructor(session, other, dania)
    return sign_in(dania)


# Texts and names of those whom this instructor does not teach.
OF_A_PERSON = ("Amina", "Bushra", *SURNAMES, "Half of what we closed", "Nobody told me", "Well seen")
# Actions by which instructors reach persons; the others say nothing of anybody, and are asked for what they show.
OF_CLASSES = {action for action, scope in PERMISSIONS[Role.INSTRUCTOR].items() if scope in (Scope.CLASS, Scope.TAUGHT)}


def test_an_instructor_of_another_cohort_reaches_nothing_of_a_named_person(
    app: Flask, database: Engine, furnished: Furnished, colleague: Any
) -> None:
    before = everything(database)
    reached, shared = [], set()
    for rule, method in walked(app):
        action = app.view_functions[rule.endpoint].access
        if action not in OF_CLASSES and method != "GET":
            continue  # Of the whole academy: labs, and second marks of what has no name.
        with app.test_request_context():
            address = app.url_for(rule.endpoint, **furnished.values(rule))
        answer = colleague.open(address, method=method)
        if answer.status_code in REFUSED:
            continue
        named = re.findall("|".join(OF_A_PERSON), answer.data.decode(errors="replace"))
        if action in OF_CLASSES or named:
            reached.append((method, address, answer.status_code, named))
        shared.add(rule.endpoint)
    assert reached == []
    assert everything(database) == before
    assert {"marking.second", "assignments.regrade", "reports.report", "authoring.state"} <= shared


def test_no_list_names_anybody_to_an_instructor_of_another_cohort(
    app: Flask, furnished: Furnished, colleague: Any
) -> None:
    for rule in app.url_map.iter_rules():
        if not rule.arguments and "GET" in (rule.methods or set()):
            found = re.findall("|".join(OF_A_PERSON), colleague.get(rule.rule).data.decode(errors="replace"))
            assert found == [], rule


def test_once_nobody_teaches_a_cohort_no_instructor_reaches_it(
    app: Flask, database: Engine, furnished: Furnished, people: SimpleNamespace, sign_in: Callable
) -> None:
    with begin(database) as session:
        session.execute(delete(CohortInstructor))
    bilal, farid = sign_in(people.bilal), sign_in(people.farid)
    for address in (f"/cohorts/{furnished.by_argument['cohort_id']}", f"/people/{people.amina.id}"):
        assert (bilal.get(address).status_code, farid.get(address).status_code) == (404, 200)
    assert "no instructor" in farid.get("/administration").text


def test_a_neighbour_of_the_same_cohort_reaches_nothing_of_anothers(
    app: Flask, database: Engine, furnished: Furnished, people: SimpleNamespace, sign_in: Callable
) -> None:
    client = sign_in(people.bushra)
    before = everything(database)
    reached = []
    for rule, method in walked(app):
        if rule.arguments & {"exercise_id", "survey_id", "wave_id"}:
            continue  # of the whole cohort
        with app.test_request_context():
            address = app.url_for(rule.endpoint, **furnished.values(rule))
        if client.open(address, method=method).status_code not in REFUSED:
            reached.append((method, address))
    assert reached == []
    assert everything(database) == before
