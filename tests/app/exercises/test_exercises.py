"""Exercises: one seed for a cohort, attempts counted, rounds opened by the instructor, results of the group."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine, select

import simulations
from app.accounts import service as accounts
from app.accounts.models import Academy, Cohort
from app.competencies.models import Evidence
from app.core import clock
from app.core.access import Role
from app.core.audit import AuditEntry
from app.core.db import begin
from app.core.privacy import SMALLEST_GROUP
from app.sims import scores
from app.sims.models import SimulationExercise, SimulationRun
from tests.pages import Page, send

SCENARIO = simulations.load("grievance")
TITLE = "Round of the northern districts"


@pytest.fixture
def set_exercise(bilal: FlaskClient, cohort: Cohort, database: Engine) -> Callable[..., SimulationExercise]:
    """Set an exercise through the instructor's page."""

    def create(**typed: str) -> SimulationExercise:
        fields = {"title": TITLE, "simulation": f"{cohort.id}:grievance", "pace": "own_pace", "attempts": "1"} | typed
        assert bilal.post("/exercises", data=fields).status_code == 303
        with begin(database, read_only=True) as session:
            return session.scalars(select(SimulationExercise).order_by(SimulationExercise.id.desc())).first()

    return create


def stored(database: Engine, exercise: SimulationExercise) -> list[SimulationRun]:
    with begin(database, read_only=True) as session:
        statement = select(SimulationRun).where(SimulationRun.exercise_id == exercise.id).order_by(SimulationRun.id)
        return list(session.scalars(statement))


def start(client: FlaskClient, exercise: SimulationExercise, **typed: str):
    page = Page(client.get(f"/exercises/{exercise.id}").text)
    return send(client, page.form("/start"), **typed)


def decide(client: FlaskClient, exercise: SimulationExercise):
    return send(client, Page(client.get(f"/exercises/{exercise.id}").text).form("/decision"))


def finish(client: FlaskClient, exercise: SimulationExercise) -> str:
    """Play all rounds; the address of the debrief."""
    start(client, exercise)
    for _ in range(SCENARIO.rounds):
        answer = decide(client, exercise)
    return answer.location


def test_everybody_meets_the_same_seed_and_practice_another(amina, people, sign_in, database, set_exercise):
    exercise = set_exercise()
    start(amina, exercise)
    start(sign_in(people.bushra), exercise)
    assert [run.seed for run in stored(database, exercise)] == [exercise.seed] * 2
    practice = Page(amina.get("/simulations/measure-to-manage/grievance").text)
    assert TITLE in practice.text
    desk = Page(amina.get(send(amina, practice.form("/start")).location).text)
    assert f"Exercises of your cohort are open: {TITLE}" in desk.text
    with begin(database, read_only=True) as session:
        seeds = session.scalars(select(SimulationRun.seed).where(SimulationRun.exercise_id.is_(None))).all()
    assert exercise.seed not in seeds


def test_attempts_are_counted_and_then_used_up(amina, database, set_exercise):
    exercise = set_exercise(attempts="2")
    for left in (2, 1):
        assert f"You have {left} attempt" in Page(amina.get(f"/exercises/{exercise.id}").text).text
        finish(amina, exercise)
    page = amina.get(f"/exercises/{exercise.id}").text
    assert "There is no attempt left for you" in page
    assert "/start" not in page
    refused = amina.post(f"/exercises/{exercise.id}/start", data=weights())
    assert refused.status_code == 409
    assert len(stored(database, exercise)) == 2


def weights() -> dict[str, str]:
    return {f"weight-{kpi.id}": "3" for kpi in SCENARIO.kpis}


def test_starting_twice_goes_on_with_the_open_attempt(amina, database, set_exercise):
    exercise = set_exercise(attempts="2")
    start(amina, exercise, team="Table 3")
    amina.post(f"/exercises/{exercise.id}/start", data=weights())
    assert [run.team for run in stored(database, exercise)] == ["Table 3"]


def test_a_round_that_is_not_open_is_refused_and_what_was_typed_is_kept(amina, bilal, database, set_exercise):
    exercise = set_exercise(pace="together")
    start(amina, exercise, team="Table 3")
    assert decide(amina, exercise).status_code == 303
    page = Page(amina.get(f"/exercises/{exercise.id}").text)
    assert "Your instructor has not opened round 2 yet" in page.text
    answer = send(amina, page.form("/decision"), note="we wait")
    assert answer.status_code == 409
    assert Page(answer.text).form("/decision")["note"] == "we wait"
    inquiry = send(amina, page.form("/inquiry", inquiry_id="history"))
    assert inquiry.status_code == 409
    assert bilal.post(f"/exercises/{exercise.id}/board", data={"step": "open_round", "after": "1"}).status_code == 303
    assert "Round 2 is open" in amina.get(f"/exercises/{exercise.id}/round?awaited=2").text
    assert decide(amina, exercise).status_code == 303


def test_a_button_pressed_twice_opens_one_round(bilal, database, set_exercise):
    exercise = set_exercise(pace="together")
    for _ in range(2):
        bilal.post(f"/exercises/{exercise.id}/board", data={"step": "open_round", "after": "1"})
    with begin(database, read_only=True) as session:
        assert session.get_one(SimulationExercise, exercise.id).open_round == 2


def test_no_round_is_opened_beyond_the_last_nor_after_closing(bilal, database, set_exercise):
    exercise = set_exercise(pace="together")
    for after in range(1, SCENARIO.rounds + 3):
        bilal.post(f"/exercises/{exercise.id}/board", data={"step": "open_round", "after": str(after)})
    with begin(database, read_only=True) as session:
        assert session.get_one(SimulationExercise, exercise.id).open_round == SCENARIO.rounds
    bilal.post(f"/exercises/{exercise.id}/board", data={"step": "close"})
    answer = bilal.post(f"/exercises/{exercise.id}/board", data={"step": "open_round", "after": "1"})
    assert answer.status_code == 409
    assert "This exercise is closed" in answer.text


def test_the_board_shows_every_group_by_name_with_its_round(amina, bilal, people, sign_in, set_exercise):
    exercise = set_exercise(pace="together")
    start(sign_in(people.bushra), exercise, team="Table 1")
    start(amina, exercise, team="Table 3")
    decide(amina, exercise)
    text = Page(bilal.get(f"/exercises/{exercise.id}/board").text).text
    assert text.index("Table 1") < text.index("Table 3")
    assert f"Table 3 ( Amina ) 1 of {SCENARIO.rounds}" in text
    assert f"Table 1 ( Bushra ) 0 of {SCENARIO.rounds}" in text
    part = bilal.get(f"/exercises/{exercise.id}/board", headers={"HX-Request": "true"}).text
    assert "Table 3" in part
    assert "<html" not in part


def test_a_closed_exercise_takes_no_decision_and_shows_its_chances(amina, bilal, database, set_exercise):
    exercise = set_exercise()
    address = finish(amina, exercise)
    page = amina.get(address).text
    assert "The exercise is still open" in page
    assert str(exercise.seed) not in page
    assert "what-if" not in page
    assert amina.get(f"{address}/what-if/1").status_code == 404
    assert bilal.get(f"{address}/what-if/1").status_code == 200
    bilal.post(f"/exercises/{exercise.id}/board", data={"step": "close"})
    page = amina.get(address).text
    assert str(exercise.seed) in page
    assert amina.get(f"{address}/what-if/1").status_code == 200


def test_an_attempt_that_was_open_when_the_exercise_closed_is_kept_and_ends(amina, bilal, database, set_exercise):
    exercise = set_exercise()
    start(amina, exercise)
    form = Page(amina.get(f"/exercises/{exercise.id}").text).form("/decision")
    bilal.post(f"/exercises/{exercise.id}/board", data={"step": "close"})
    answer = send(amina, form)
    assert answer.status_code == 409
    assert "has closed this exercise" in answer.text


def test_only_the_first_attempt_is_evidence(amina, people, database, set_exercise):
    exercise = set_exercise(attempts="2")
    finish(amina, exercise)
    finish(amina, exercise)
    for run in stored(database, exercise):
        scores.score_run(database, run.id, worlds=2)
    first, second = stored(database, exercise)
    assert second.decision_score is not None
    with begin(database, read_only=True) as session:
        assert {row.source for row in session.scalars(select(Evidence))} == {f"run:{first.id}"}


def give_scores(database: Engine, people: SimpleNamespace, outcomes: list[float]) -> None:
    """The first score is that of the only run there is, the others those of further trainees."""
    with begin(database) as session:
        academy = session.get_one(Academy, people.amina.academy_id)
        run = session.scalars(select(SimulationRun)).one()
        run.outcome_score = outcomes[0]
        for number, outcome in enumerate(outcomes[1:]):
            other = accounts.add_account(
                session, academy, username=f"t{number}", full_name=f"T{number}", role=Role.TRAINEE, password="x" * 20
            )
            copied = {
                column.name: getattr(run, column.name)
                for column in SimulationRun.__table__.columns
                if column.name != "id"
            }
            session.add(SimulationRun(**copied | {"trainee_id": other.id, "outcome_score": outcome}))


def test_trainees_see_no_band_of_fewer_than_ten_nor_one_that_would_give_it_away(
    amina, bilal, people, database, set_exercise
):
    exercise = set_exercise()
    address = finish(amina, exercise)
    give_scores(database, people, [5.0, *[55.0] * 12, *[75.0] * 15])
    for step in ("show", "close"):
        bilal.post(f"/exercises/{exercise.id}/board", data={"step": step})
    seen = Page(amina.get(address).text).text
    assert "0–20 – 20–40 0 40–60 – 60–80 15 80–100 0" in seen
    assert "0–20 1 20–40 0 40–60 12 60–80 15" in Page(bilal.get(f"/exercises/{exercise.id}/board").text).text


@pytest.mark.parametrize("cohort_size", [SMALLEST_GROUP - 1, SMALLEST_GROUP])
def test_results_of_the_cohort_are_shown_when_opened_and_only_of_a_group_large_enough(
    amina, bilal, people, cohort, database, set_exercise, cohort_size
):
    exercise = set_exercise()
    address = finish(amina, exercise)
    give_scores(database, people, [71.0, *(10.0 * number for number in range(cohort_size - 1))])
    assert "Outcome scores of the cohort" not in amina.get(address).text
    bilal.post(f"/exercises/{exercise.id}/board", data={"step": "show"})
    # Before the exercise is closed, whoever looked twice would see the score of who finished in between.
    assert "Outcome scores of the cohort" not in amina.get(address).text
    assert "once the exercise is closed" in bilal.get(f"/exercises/{exercise.id}/board").text
    bilal.post(f"/exercises/{exercise.id}/board", data={"step": "close"})
    is_large = cohort_size >= SMALLEST_GROUP
    assert ("Outcome scores of the cohort" in amina.get(address).text) is is_large
    assert ("Outcome scores of the cohort" in bilal.get(f"/exercises/{exercise.id}/board").text) is is_large
    bilal.post(f"/exercises/{exercise.id}/board", data={"step": "hide"})
    assert "Outcome scores of the cohort" not in amina.get(address).text


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ({"title": ""}, "Give the exercise a title"),
        ({"title": "x" * 121}, "Shorten it to 120 characters"),
        ({"simulation": "99:grievance"}, "Not a valid choice"),
        ({"simulation": ""}, "Choose a cohort and a simulation"),
        ({"pace": "backwards"}, "Not a valid choice"),
        ({"attempts": "99"}, "Not a valid choice"),
    ],
)
def test_a_form_with_a_fault_is_refused_with_what_was_typed(bilal, cohort, database, typed, message):
    fields = {"title": TITLE, "simulation": f"{cohort.id}:grievance", "pace": "own_pace", "attempts": "1"} | typed
    answer = bilal.post("/exercises", data=fields)
    assert answer.status_code == 422
    assert message in answer.text
    with begin(database, read_only=True) as session:
        assert session.scalars(select(SimulationExercise)).all() == []


def test_every_step_is_audited(amina, bilal, people, database, set_exercise):
    exercise = set_exercise(pace="together")
    for step in ({"step": "open_round", "after": "1"}, {"step": "show"}, {"step": "hide"}, {"step": "close"}):
        bilal.post(f"/exercises/{exercise.id}/board", data=step)
    with begin(database, read_only=True) as session:
        rows = session.scalars(select(AuditEntry).where(AuditEntry.thing == f"exercise:{exercise.id}")).all()
    verbs = ["exercise_set", "round_opened", "distribution_shown", "distribution_hidden", "exercise_closed"]
    assert [(row.verb, row.actor_id) for row in rows] == [(verb, people.bilal.id) for verb in verbs]


@pytest.mark.parametrize("name", ["zara", "bilal", "farid"])
def test_nobody_outside_the_cohort_takes_an_exercise(people, sign_in, set_exercise, name):
    exercise = set_exercise()
    assert sign_in(getattr(people, name)).get(f"/exercises/{exercise.id}").status_code in {403, 404}


def test_an_instructor_of_another_academy_leads_nothing_here(people, database, sign_in, set_exercise):
    exercise = set_exercise()
    with begin(database) as session:
        academy = session.get_one(Academy, people.zara.academy_id)
        stranger = accounts.add_account(
            session,
            academy,
            username="zubair",
            full_name="Zubair",
            role=Role.INSTRUCTOR,
            password="correct horse battery staple",
        )
    client = sign_in(stranger)
    assert client.get(f"/exercises/{exercise.id}/board").status_code == 404
    assert client.post(f"/exercises/{exercise.id}/board", data={"step": "close"}).status_code == 404
    assert TITLE not in client.get("/exercises").text
    assert clock.now() >= exercise.created_at
