"""Scores go back to the gradebook of a platform: whenever what counts changes, once, and in spite of everything."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine, select

from app.accounts.models import Account
from app.core import clock
from app.core.db import begin
from app.core.jobs import Job, JobKind
from app.gradebook.models import CellGrade, CellMark, Grade
from app.learning.models import QuizAttempt
from app.lti.models import PlatformPerson, Score
from app.lti.scores import note_changes
from app.lti.sending import scores_address
from app.notebooks.models import LabTerms, Submission
from app.sims.models import SimulationExercise, SimulationRun
from app.worker import Workshop, run_waiting_jobs
from config import Settings
from tests.app.lti.conftest import Person
from tests.app.lti.learning_platform import LearningPlatform

MODULE = "measure-to-manage"
LINE_ITEM = "https://purl.imsglobal.org/spec/lti-ags/claim/endpoint"
SCOPE = "https://purl.imsglobal.org/spec/lti-ags/scope/score"


@pytest.fixture
def workshop(settings: Settings) -> Workshop:
    return Workshop.of(settings)


@pytest.fixture
def work(database: Engine, workshop: Workshop) -> Callable[[], None]:
    """What the worker does in a moment: it looks what changed and does what waits."""

    def turn() -> None:
        note_changes(database)
        run_waiting_jobs(workshop)

    return turn


@pytest.fixture
def trainee(known: Person, database: Engine) -> Account:
    """Who came from the platform for the quiz."""
    with begin(database, read_only=True) as session:
        return session.get_one(Account, session.scalars(select(PlatformPerson.account_id)).one())


@pytest.fixture
def answer_quiz(database: Engine, trainee: Account) -> Callable[[float], None]:
    def attempt(points: float) -> None:
        with begin(database) as session:
            number = len(session.scalars(select(QuizAttempt.id)).all()) + 1
            session.add(
                QuizAttempt(
                    trainee_id=trainee.id,
                    academy_id=trainee.academy_id,
                    module_id=MODULE,
                    activity_id="quiz",
                    module_digest="0" * 64,
                    number=number,
                    idempotency_key=str(number),
                    points=points,
                    max_points=12,
                    submitted_at=clock.now(),
                )
            )

    return attempt


def points(lms: LearningPlatform) -> list[tuple[float, float]]:
    return [(each["scoreGiven"], each["scoreMaximum"]) for each in lms.scores]


def job(database: Engine) -> Job:
    with begin(database, read_only=True) as session:
        return session.scalars(select(Job).where(Job.kind == JobKind.SEND_SCORE)).one()


@pytest.mark.both_databases
def test_the_best_attempt_at_a_quiz_goes_back_and_once(
    answer_quiz: Callable, work: Callable, lms: LearningPlatform, database: Engine
) -> None:
    work()
    assert lms.scores == [], "a score for nothing"
    answer_quiz(6)
    work()
    work()
    assert points(lms) == [(6, 12)]
    answer_quiz(5)
    work()
    assert points(lms) == [(6, 12)]
    answer_quiz(9)
    work()
    assert points(lms) == [(6, 12), (9, 12)]
    first, last = lms.scores
    assert (
        last.items()
        >= {
            "line_item": 7,
            "type": "3",
            "userId": "person-1",
            "activityProgress": "Completed",
            "gradingProgress": "FullyGraded",
        }.items()
    )
    assert last["timestamp"] > first["timestamp"]
    assert job(database).finished_at is not None
    assert len(lms.assertions) == 1, "asks for access for each score"


def test_a_score_by_answering_the_quiz_itself(known: Person, work: Callable, lms: LearningPlatform) -> None:
    quiz = known.client.application.extensions["catalogue"].module(MODULE).activity("quiz")
    answers = {
        item.id: list(item.correct_option_ids) if hasattr(item, "options") else str(item.answer) for item in quiz.items
    }
    answer = known.client.post(f"/learn/{MODULE}/quiz/answers", data=answers)
    assert answer.status_code == 303
    work()
    assert points(lms) == [(quiz.max_points, quiz.max_points)]


@pytest.mark.both_databases
def test_nothing_is_lost_while_the_platform_is_down(
    answer_quiz: Callable,
    work: Callable,
    lms: LearningPlatform,
    database: Engine,
    people: SimpleNamespace,
    sign_in: Callable,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lms.is_down = True
    answer_quiz(6)
    work()
    waits = job(database)
    assert waits.failure is None
    assert waits.not_before is not None
    assert waits.not_before > clock.now()
    page = sign_in(people.farid).get("/administration/platforms/scores").text
    assert "tried 1 times" in page
    assert "answered 503" in page
    answer_quiz(9)
    work()
    lms.is_down = False
    work()
    assert lms.scores == [], "tried before its time"
    later = clock.now() + timedelta(minutes=3)
    monkeypatch.setattr(clock, "now", lambda: later)
    work()
    assert points(lms) == [(9, 12)], "the score of today, not that of the day the platform went down"
    assert job(database).finished_at is not None
    assert "Nothing waits" in sign_in(people.farid).get("/administration/platforms/scores").text


def test_what_waits_is_tried_less_and_less_often_and_set_aside_after_a_week(
    answer_quiz: Callable,
    work: Callable,
    lms: LearningPlatform,
    database: Engine,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    began = now = clock.now()
    monkeypatch.setattr(clock, "now", lambda: now)
    lms.is_down = True
    answer_quiz(6)
    pauses = []
    monkeypatch.setattr("app.worker.PAUSE_SECONDS", 0.0)
    monkeypatch.setattr("app.worker.OUTAGE_SECONDS", 0.0)
    for _try in range(60):
        work()
        found = job(database)
        if found.failure is not None:
            break
        assert found.not_before is not None
        pauses.append(found.not_before - now)
        now = found.not_before
    assert pauses[:3] == [timedelta(minutes=1), timedelta(minutes=2), timedelta(minutes=4)]
    assert max(pauses) == timedelta(hours=4)
    assert timedelta(days=6) < now - began < timedelta(days=8)
    assert "PlatformAway" in str(job(database).failure)


def test_the_administrator_sends_again_what_was_refused(
    answer_quiz: Callable,
    work: Callable,
    lms: LearningPlatform,
    database: Engine,
    people: SimpleNamespace,
    sign_in: Callable,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("app.worker.PAUSE_SECONDS", 0.0)
    lms.answers = [400, 400, 400]
    answer_quiz(6)
    work()
    assert "ScoreRefused: the gradebook answered 400: no" in str(job(database).failure)
    client: FlaskClient = sign_in(people.farid)
    page = client.get("/administration/platforms/scores").text
    assert "set aside" in page
    assert "Naila Khan" in page
    with begin(database, read_only=True) as session:
        score_id = session.scalars(select(Score.id)).one()
    assert client.post(f"/administration/platforms/scores/{score_id}/again").status_code == 303
    work()
    assert points(lms) == [(6, 12)]
    assert client.post(f"/administration/platforms/scores/{score_id}/again").status_code == 404


def test_a_new_score_also_brings_back_what_was_set_aside(
    answer_quiz: Callable, work: Callable, lms: LearningPlatform, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.worker.PAUSE_SECONDS", 0.0)
    lms.answers = [404, 404, 404]
    answer_quiz(6)
    work()
    answer_quiz(7)
    work()
    assert points(lms) == [(7, 12)]


def test_access_that_ended_is_asked_for_again(answer_quiz: Callable, work: Callable, lms: LearningPlatform) -> None:
    answer_quiz(6)
    work()
    lms.assertions.add("somebody else's")
    answer_quiz(7)
    work()
    assert points(lms) == [(6, 12), (7, 12)]


def test_a_platform_that_has_a_later_score_is_content(
    answer_quiz: Callable, work: Callable, lms: LearningPlatform, database: Engine
) -> None:
    lms.answers = [409]
    answer_quiz(6)
    work()
    assert lms.scores == []
    assert job(database).finished_at is not None


def test_a_score_that_changes_on_the_way_is_sent_as_well(
    answer_quiz: Callable, database: Engine, workshop: Workshop, lms: LearningPlatform, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer_quiz(6)
    note_changes(database)
    deliver = workshop.postman.deliver

    def slowly(delivery: Any) -> None:
        monkeypatch.undo()
        answer_quiz(9)
        note_changes(database)
        deliver(delivery)

    monkeypatch.setattr(workshop.postman, "deliver", slowly)
    run_waiting_jobs(workshop)
    assert points(lms) == [(6, 12)]
    assert job(database).finished_at is None
    run_waiting_jobs(workshop)
    assert points(lms) == [(6, 12), (9, 12)]
    assert job(database).finished_at is not None


def test_while_a_platform_is_switched_off_scores_wait(
    answer_quiz: Callable,
    work: Callable,
    database: Engine,
    lms: LearningPlatform,
    people: SimpleNamespace,
    sign_in: Callable,
) -> None:
    answer_quiz(6)
    note_changes(database)
    client = sign_in(people.farid)
    client.post("/administration/platforms/1/switch", data={"on": "no"})
    work()
    assert lms.scores == []
    assert "the platform is switched off" in client.get("/administration/platforms/scores").text
    client.post("/administration/platforms/1/switch", data={"on": "yes"})
    work()
    assert points(lms) == [(6, 12)]


def test_a_platform_that_is_removed_is_told_nothing_more(
    answer_quiz: Callable,
    work: Callable,
    database: Engine,
    lms: LearningPlatform,
    people: SimpleNamespace,
    sign_in: Callable,
) -> None:
    answer_quiz(6)
    note_changes(database)
    assert sign_in(people.farid).post("/administration/platforms/1/remove").status_code == 303
    work()
    assert lms.scores == []
    assert job(database).finished_at is not None


def follow(known: Person, part: str, **changes: Any) -> None:
    """Come for another part, with the same column."""
    known.arrive(part, **changes)
    known.go_on()


def test_a_lab_counts_by_the_terms_of_the_cohort_once_it_is_released_and_marked(
    known: Person,
    trainee: Account,
    answered: Callable,
    database: Engine,
    people: SimpleNamespace,
    work: Callable,
    lms: LearningPlatform,
) -> None:
    follow(known, f"/learn/{MODULE}/grievances")
    submission = int(answered(trainee).split("/")[1])
    work()
    assert lms.scores == [], "an answer waits for a person"
    with begin(database) as session:
        cohort_id = session.get_one(Submission, submission).cohort_id
        terms = LabTerms(
            academy_id=trainee.academy_id,
            cohort_id=cohort_id,
            activity_id="grievances",
            counts="best",
            late_days=0,
            late_percent=0,
            offline_hours=48,
            holds_results=True,
        )
        session.add(terms)
        session.add(
            CellMark(
                submission_id=submission,
                cell="answer",
                number=1,
                points=3,
                comment="",
                marker_id=people.bilal.id,
                marked_at=clock.now(),
            )
        )
    work()
    assert lms.scores == [], "before the cohort is told"
    with begin(database) as session:
        session.scalars(select(LabTerms)).one().released_at = clock.now()
    work()
    assert points(lms) == [(5, 6)]
    with begin(database) as session:
        found = session.scalars(select(LabTerms)).one()
        found.due_at, found.late_days, found.late_percent = clock.now() - timedelta(hours=1), 5, 10
    work()
    assert points(lms)[1:] == [(4.5, 6)], "a deadline that was moved"


def test_tests_in_doubt_are_nobodys_score(
    known: Person, trainee: Account, answered: Callable, database: Engine, work: Callable, lms: LearningPlatform
) -> None:
    follow(known, f"/learn/{MODULE}/grievances")
    answered(trainee, status="held")
    with begin(database) as session:
        grade = session.scalars(select(Grade)).one()
        for cell in session.scalars(select(CellGrade).where(CellGrade.grade_id == grade.id)):
            cell.needs_manual_grade, cell.score = False, 1
    work()
    assert lms.scores == []


def test_the_best_run_of_a_simulation_counts_once_it_is_scored(
    known: Person, trainee: Account, finish_a_run: Callable, database: Engine, work: Callable, lms: LearningPlatform
) -> None:
    follow(known, f"/learn/{MODULE}/grievance")
    for score in (62.5, 40.0):
        run = finish_a_run(trainee)
        note_changes(database)
        with begin(database) as session:
            session.get_one(SimulationRun, run).decision_score = score
    note_changes(database)
    with begin(database, read_only=True) as session:
        found = session.scalars(select(Score)).one()
        assert (found.points, found.max_points) == (62.5, 100)


def test_the_first_attempt_at_an_exercise_counts_once_it_is_closed(
    known: Person, trainee: Account, finish_a_run: Callable, database: Engine, people: SimpleNamespace
) -> None:
    with begin(database) as session:
        exercise = SimulationExercise(
            academy_id=trainee.academy_id,
            cohort_id=1,
            module_id=MODULE,
            activity_id="grievance",
            title="Week 4",
            seed=7,
            attempts=2,
            created_by=people.bilal.id,
            created_at=clock.now(),
        )
        session.add(exercise)
        session.flush()
    follow(known, f"/exercises/{exercise.id}")
    for score, exercise_id in ((40.0, exercise.id), (90.0, exercise.id), (99.0, None)):
        run = finish_a_run(trainee, exercise_id=exercise_id)
        with begin(database) as session:
            session.get_one(SimulationRun, run).decision_score = score

    def kept() -> float | None:
        note_changes(database)
        with begin(database, read_only=True) as session:
            return session.scalars(select(Score.points)).one()

    assert kept() is None
    with begin(database) as session:
        session.get_one(SimulationExercise, exercise.id).closed_at = clock.now()
    assert kept() == 40.0


@pytest.mark.parametrize(
    "endpoint",
    [
        {},
        {"scope": [], "lineitem": "https://a.example/1"},
        {"scope": [SCOPE]},
        {"scope": [SCOPE], "lineitem": "https://a.example/" + "x" * 1000},
    ],
)
def test_without_a_column_and_leave_to_write_it_nothing_is_followed(
    register: Callable, person: Person, database: Engine, endpoint: dict[str, Any]
) -> None:
    register(makes_accounts="y")
    person.arrive(**{LINE_ITEM: endpoint})
    person.go_on("new")
    with begin(database, read_only=True) as session:
        assert session.scalars(select(Score)).all() == []


@pytest.mark.parametrize(
    ("line_item", "failure"),
    [
        ("https://10.0.0.7/lineitems/1", "does not speak with this address"),
        ("https://169.254.169.254/latest", "does not speak with this address"),
        ("http://elsewhere.example/lineitems/1", "does not speak with this address"),
        ("file:///etc/passwd", "does not speak with this address"),
        ("{origin}/elsewhere", "answered 307"),
    ],
)
def test_a_score_goes_to_no_address_that_it_should_not(
    register: Callable,
    person: Person,
    database: Engine,
    workshop: Workshop,
    lms: LearningPlatform,
    monkeypatch: pytest.MonkeyPatch,
    line_item: str,
    failure: str,
) -> None:
    monkeypatch.setattr("app.worker.PAUSE_SECONDS", 0.0)
    register(makes_accounts="y")
    person.arrive(**{LINE_ITEM: {"scope": [SCOPE], "lineitem": line_item.format(origin=lms.origin)}})
    person.go_on("new")
    with begin(database) as session:
        trainee_id = session.scalars(select(Score.trainee_id)).one()
        session.add(
            QuizAttempt(
                trainee_id=trainee_id,
                academy_id=1,
                module_id=MODULE,
                activity_id="quiz",
                module_digest="0" * 64,
                number=1,
                idempotency_key="1",
                points=6,
                max_points=12,
                submitted_at=clock.now(),
            )
        )
    note_changes(database)
    run_waiting_jobs(workshop)
    assert failure in str(job(database).failure)
    assert lms.scores == []


def test_an_answer_without_end_is_cut_off(
    known: Person, answer_quiz: Callable, database: Engine, work: Callable, lms: LearningPlatform
) -> None:
    with begin(database) as session:
        session.scalars(select(Score)).one().line_item = f"{lms.origin}/endless"
    answer_quiz(6)
    work()
    with begin(database, read_only=True) as session:
        assert "too large" in session.scalars(select(Score.problem)).one()


def test_scores_are_looked_through_a_slice_at_a_time(
    known: Person, answer_quiz: Callable, database: Engine, lms: LearningPlatform
) -> None:
    known.arrive(**{LINE_ITEM: {"scope": [SCOPE], "lineitem": f"{lms.origin}/lineitems/8"}})
    known.go_on()
    answer_quiz(6)
    assert note_changes(database, most=1) > 0

    def noted() -> list[float | None]:
        with begin(database, read_only=True) as session:
            return list(session.scalars(select(Score.points).order_by(Score.id)))

    assert noted() == [6, None]
    with begin(database, read_only=True) as session:
        first = session.scalars(select(Score.id).order_by(Score.id)).first()
    assert first is not None
    note_changes(database, first, most=1)
    assert noted() == [6, 6]
    assert note_changes(database, 10_000, most=1) == 0


@pytest.mark.parametrize(
    ("line_item", "address"),
    [
        ("https://a.example/7/lineitem", "https://a.example/7/lineitem/scores"),
        ("https://a.example/7/lineitem/?type_id=3", "https://a.example/7/lineitem/scores?type_id=3"),
    ],
)
def test_where_scores_of_a_column_are_sent(line_item: str, address: str) -> None:
    assert scores_address(line_item) == address
