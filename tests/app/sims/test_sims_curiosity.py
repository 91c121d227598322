"""Questions asked in a run: what they were worth is shown to the trainee and becomes evidence, pace does not."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from sqlalchemy import select

from app.accounts.models import Account
from app.competencies.models import Evidence, EvidenceKind
from app.core import clock
from app.core.access import Role
from app.core.db import begin
from app.desk import record
from app.sims import curiosity, queries, scores
from app.sims.models import SimulationRun
from simulations.curiosity import curiosity_of
from simulations.curiosity.index import REFERENCE_MINUTES
from tests.app.sims.test_sims_runs import DESK, SCENARIO, WORLDS, open_desk, run_of
from tests.pages import Page, send

ASKED = {1: "error_by_group", 3: "field_officer", 4: "minister_speech"}


def play(client: FlaskClient, asked: dict[int, str]) -> None:
    open_desk(client)
    for number in range(1, SCENARIO.rounds + 1):
        if number in asked:
            send(client, Page(client.get(DESK).text).form("/inquiry", inquiry_id=asked[number]))
        send(client, Page(client.get(DESK).text).form("/decision"), note=f"reason {number}")


def test_the_debrief_shows_what_the_library_computes_and_its_parts_are_evidence(amina, people, database):
    play(amina, ASKED)
    run = run_of(database, people.amina)
    scores.score_run(database, run.id, worlds=WORLDS)
    with begin(database, read_only=True) as session:
        rows = queries.event_rows(session, run.id)
        evidence = session.scalars(select(Evidence).where(Evidence.kind == EvidenceKind.INQUIRY)).all()
    times = curiosity.timings(run, rows)
    expected = curiosity_of(SCENARIO, run.seed, record.events(rows), times, worlds=WORLDS)
    assert run_of(database, people.amina).curiosity == curiosity.as_json(expected)
    parts = {"aim": expected.aim, "uptake": expected.uptake}
    assert {(row.competency, row.part, row.outcome) for row in evidence} == {
        (competency, part, outcome)
        for competency in SCENARIO.competencies["inquiry"]
        for part, outcome in parts.items()
        if outcome is not None and expected.reason is None
    }
    page = Page(amina.get(f"/runs/{run.id}").text)
    assert "Your questions" in page.text
    for inquiry_id in ASKED.values():
        assert SCENARIO.texts("en").inquiry(inquiry_id).label in page.text
    assert "never used as a mark" in page.text or "there is no index" in page.text


def value_run(session, trainee: Account, index: float | None, minutes: float = 4.0, **others: Any) -> None:
    """A finished run of grievance whose questions were valued."""
    parts = {"aim": 0.5, "uptake": 0.5, "pace": 1.0, "index": index, "interval": [0, 100], "reason": None}
    session.add(
        SimulationRun(
            trainee_id=trainee.id,
            academy_id=trainee.academy_id,
            module_id="measure-to-manage",
            activity_id="grievance",
            scenario_id="grievance",
            scenario_version="1",
            scenario_digest="0" * 64,
            seed=7,
            started_at=clock.now(),
            curiosity={**parts, "minutes_a_round": minutes, "inquiries": []},
            **others,
        )
    )


@pytest.mark.parametrize(("others", "reference"), [(49, REFERENCE_MINUTES), (50, 4.0)])
def test_pace_is_measured_by_the_median_of_first_runs_once_there_are_fifty(
    amina, people, database, monkeypatch, others, reference
):
    with begin(database) as session:
        for number in range(others):
            person = Account(
                academy_id=people.amina.academy_id,
                username=f"officer{number}",
                full_name="Officer",
                role=Role.TRAINEE,
                password_hash="",
                created_at=clock.now(),
            )
            session.add(person)
            session.flush()
            value_run(session, person, 50.0)
            # Whoever comes again knows the office: that time is not the usual one.
            value_run(session, person, 50.0, minutes=1.0)
    play(amina, ASKED)
    asked = []

    def noted(*arguments, **given):
        asked.append(given["reference_minutes"])
        return curiosity_of(*arguments, **given)

    monkeypatch.setattr(scores, "curiosity_of", noted)
    scores.score_run(database, run_of(database, people.amina).id, worlds=WORLDS)
    assert asked == [reference]


@pytest.mark.both_databases
def test_the_trend_over_four_runs_is_told_the_trainee_and_nobody_else(amina, bilal, people, database):
    play(amina, ASKED)
    run = run_of(database, people.amina)
    scores.score_run(database, run.id, worlds=WORLDS)
    address = f"/runs/{run.id}/questions"
    with begin(database) as session:
        own = session.get_one(SimulationRun, run.id)
        own.curiosity = {**own.curiosity, "index": 40.0, "interval": [30, 50], "reason": None}
        for index in (None, 44.0, 49.0):
            value_run(session, people.amina, index)
    assert "a run." not in amina.get(address).text
    with begin(database) as session:
        value_run(session, people.amina, 90.0)
    assert "Over your last 4 runs with an index it rose by about 11 a run." in Page(amina.get(address).text).text
    theirs = bilal.get(address)
    assert theirs.status_code == 200
    assert "Over your last" not in theirs.text


@given(values=st.lists(st.floats(0, 120), min_size=4, max_size=20))
def test_the_trend_is_the_slope_of_theil_and_sen(values):
    assert curiosity.slope(values) == pytest.approx(stats.theilslopes(values).slope)


def test_who_asks_nothing_sees_nothing_of_it(amina, people, database):
    play(amina, {})
    run = run_of(database, people.amina)
    scores.score_run(database, run.id, worlds=WORLDS)
    assert run_of(database, people.amina).curiosity is None
    assert "Your questions" not in amina.get(f"/runs/{run.id}").text


def test_times_are_those_between_events_and_pauses_are_cut(amina, people, database):
    play(amina, ASKED)
    run = run_of(database, people.amina)
    with begin(database) as session:
        rows = queries.event_rows(session, run.id)
        moments = [3600.0 * number for number in range(1, len(rows) + 1)]
        for row, seconds in zip(rows, moments, strict=True):
            row.recorded_at = run.started_at + timedelta(seconds=seconds)
        rows[0].recorded_at = run.started_at + timedelta(seconds=20)
    with begin(database, read_only=True) as session:
        times = curiosity.timings(run, queries.event_rows(session, run.id))
    assert len(times) == SCENARIO.rounds
    assert times[0].active_minutes == pytest.approx((20 + curiosity.LONGEST_PAUSE_SECONDS) / 60)
    assert times[0].seconds_seen == (curiosity.LONGEST_PAUSE_SECONDS,)
    assert times[1].seconds_seen == ()
    assert all(each.is_noted for each in times)


def test_the_debrief_asks_again_until_the_questions_are_valued(amina, people, database, monkeypatch):
    play(amina, {})
    run = run_of(database, people.amina)
    with monkeypatch.context() as unfinished:
        unfinished.setattr(scores.jobs, "finish", lambda *_: None)
        scores.score_run(database, run.id, worlds=WORLDS)
    assert f'hx-get="/runs/{run.id}/questions"' in amina.get(f"/runs/{run.id}").text
    assert f'hx-get="/runs/{run.id}/questions"' in amina.get(f"/runs/{run.id}/questions").text
    scores.score_run(database, run.id, worlds=WORLDS)
    assert amina.get(f"/runs/{run.id}/questions").text.strip() == ""
