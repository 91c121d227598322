"""The report on a cohort: what it tells, what it withholds and why, on the page and printed."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest
from pypdf import PdfReader
from sqlalchemy import select

from app.accounts import service as accounts
from app.competencies.estimation import METHOD_VERSION
from app.competencies.models import MEMOS, Evidence, MarkingScheme, SchemeReliability
from app.core import apart, clock
from app.core.audit import AuditEntry
from app.core.db import begin
from app.progress.models import PlannedActivity
from app.sims.models import SimulationExercise, SimulationRun
from app.surveys import scoring
from app.surveys import service as surveys
from app.surveys.models import WaveName
from tests.app.cohorts.conftest import MODULE_ID, counted_statements, give_evidence, table

KNOWN = "What is known of each competency"


def text_of(pdf: bytes) -> str:
    return " ".join(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages).split())


def value_runs(database, people_of_cohort, index, *, exercise_id=None) -> None:
    """A finished run of each of these people whose questions were valued."""
    with begin(database) as session:
        for person in people_of_cohort:
            valued = {"index": index, "interval": [0, 100], "reason": None, "inquiries": []}
            session.add(
                SimulationRun(
                    trainee_id=person.id,
                    academy_id=person.academy_id,
                    module_id=MODULE_ID,
                    activity_id="grievance",
                    scenario_id="grievance",
                    scenario_version="1",
                    scenario_digest="0" * 64,
                    seed=7,
                    exercise_id=exercise_id,
                    started_at=clock.now(),
                    curiosity={**valued, "aim": 0.5, "uptake": 0.25, "pace": 1.0},
                )
            )


def test_a_report_of_a_large_cohort_tells_figures_growth_and_what_moved_it(
    people, sign_in, cohort, mixed, grow, post, database
):
    everybody = mixed(18, 6, into=cohort, name="s")
    post(everybody[:12], "Health", 17)
    grow(everybody)
    page = sign_in(people.farid).get(f"/cohorts/{cohort.id}/report").text
    assert table(page, "Trainees") == {
        "Joined": ["26"],
        "Withdrawn": ["0"],
        "Enrolled now": ["26"],
        "With evidence": ["24"],
        "Joined, but withdrawn or without evidence": ["8%"],
    }
    assert table(page, "By department") == {"\u2068Health\u2069": ["12"], "other departments": ["14"]}
    [(_name, cells)] = table(page, KNOWN).items()
    assert cells[-2:] == ["24", "48"]
    [(_name, grown)] = table(page, "Growth").items()
    people_grown, difference, _reach, _effect, moved = grown
    assert people_grown == "24"
    assert difference.startswith("up, ")
    assert moved.startswith("Decisions in a simulation: up, ")
    assert METHOD_VERSION in page
    assert "Amina" not in page


def test_a_small_cohort_is_told_to_be_withheld_and_why(people, sign_in, cohort, enrol_many):
    enrol_many(5)
    page = sign_in(people.farid).get(f"/cohorts/{cohort.id}/report").text
    assert "Departments, grades and progress are withheld" in page
    [(_name, cells)] = table(page, KNOWN).items()
    assert cells == ["withheld", "–", "–", "–", "5", "withheld"]
    assert "Growth is shown for twenty trainees or more" in page
    assert "0 trainees have a run whose questions were valued; it takes 20." in page
    assert "No wave of a survey of this cohort is closed" in page


def test_an_empty_cohort_has_a_report(people, sign_in, make_cohort):
    page = sign_in(people.bilal).get(f"/cohorts/{make_cohort('Empty').id}/report")
    assert page.status_code == 200
    assert "There is no evidence yet." in page.text


def test_a_cohort_almost_like_another_is_not_broken_down(people, sign_in, cohort, make_cohort, mixed, post, database):
    everybody = mixed(15, 10, into=cohort, name="s")
    post(everybody, "Health", 17)
    almost = make_cohort("Almost")
    with begin(database) as session:
        for trainee in everybody:
            accounts.enrol(session, almost, trainee)
    client = sign_in(people.farid)
    # Spring has amina and bushra as well, and is larger.
    assert "Trainees by status" in client.get(f"/cohorts/{cohort.id}/report").text
    page = client.get(f"/cohorts/{almost.id}/report").text
    assert "Departments, grades and progress are withheld" in page
    assert "Trainees by status" not in page


def test_counts_of_statuses_are_withheld_like_all_counts(people, sign_in, app, cohort, enrol_many, database):
    enrol_many(24)
    with app.test_request_context(), begin(database) as session:
        yesterday = clock.now() - timedelta(days=2)
        days = {"begins_on": None, "due_on": yesterday.date()}
        of_cohort = {"academy_id": cohort.academy_id, "cohort_id": cohort.id}
        session.add(PlannedActivity(**of_cohort, activity_id="why-measure", **days))
    page = sign_in(people.farid).get(f"/cohorts/{cohort.id}/report").text
    found = table(page, "Trainees by status")
    # 24 have read the lesson; amina and bushra have not, and are not told of.
    assert found == {"On track": ["withheld"], "Behind": ["withheld"], "Silent": ["0"], "Finished": ["0"]}


@pytest.mark.parametrize(("valued", "is_shown"), [(19, False), (20, True)])
def test_curiosity_is_told_of_twenty_and_more(people, sign_in, cohort, enrol_many, database, valued, is_shown):
    trainees = enrol_many(25)
    value_runs(database, trainees[:valued], 60.0)
    # Too few questions for an index: no figure, and no person more.
    value_runs(database, trainees[valued:], None)
    page = sign_in(people.farid).get(f"/cohorts/{cohort.id}/report").text
    assert ("Newest valued run of 20 trainees" in page) is is_shown
    assert (f"Withheld: {valued} trainees" in page) is not is_shown
    if is_shown:
        found = table(page, "Newest valued run of 20 trainees")
        assert found["Curiosity velocity, mean"] == ["60"]
        assert found["95% interval"] == ["60 to 60"]
        assert [found[part] for part in ("Aim", "Uptake", "Pace")] == [["50%"], ["25%"], ["100%"]]


def test_a_later_attempt_at_an_exercise_does_not_replace_the_first_one_s_curiosity(
    people, sign_in, cohort, enrol_many, database
):
    trainees = enrol_many(25)
    exercise = SimulationExercise(
        academy_id=cohort.academy_id,
        cohort_id=cohort.id,
        module_id=MODULE_ID,
        activity_id="grievance",
        title="The same for all",
        seed=7,
        attempts=2,
        created_by=people.bilal.id,
        created_at=clock.now(),
    )
    with begin(database) as session:
        session.add(exercise)
    value_runs(database, trainees, 60.0, exercise_id=exercise.id)
    value_runs(database, trainees, 110.0, exercise_id=exercise.id)
    found = table(sign_in(people.farid).get(f"/cohorts/{cohort.id}/report").text, "Newest valued run of 25 trainees")
    assert found["Curiosity velocity, mean"] == ["60"]
    value_runs(database, trainees, 90.0)
    found = table(sign_in(people.farid).get(f"/cohorts/{cohort.id}/report").text, "Newest valued run of 25 trainees")
    assert found["Curiosity velocity, mean"] == ["90"]


def test_a_closed_wave_is_summed_up_and_an_open_one_is_not(people, sign_in, app, cohort, enrol_many, database):
    instrument = app.extensions["catalogue"].instrument
    trainees = enrol_many(20)
    seal = app.extensions["survey_seal"]
    client = sign_in(people.farid)
    with app.test_request_context(), begin(database) as session:
        wave = surveys.open_wave(session, seal, people.bilal, cohort, instrument, WaveName.BEFORE)
        for place, person in enumerate(trainees):
            answers = {item.id: scoring.scored(item, 1 + place % 5) for item in instrument.items}
            surveys.answer(session, seal, person, wave.id, answers, code="")
    assert "No wave of a survey of this cohort is closed" in client.get(f"/cohorts/{cohort.id}/report").text
    with app.test_request_context(), begin(database) as session:
        surveys.close_wave(session, people.bilal, cohort, WaveName.BEFORE)
    page = client.get(f"/cohorts/{cohort.id}/report").text
    rows = table(page, r"Before the course \(20\)")
    assert len(rows) == len(instrument.scales)
    assert all(cells[0] == "3.00" for cells in rows.values())


@pytest.mark.parametrize(("language", "words"), [("en", "Who takes part"), ("ur", None)])
def test_the_printed_report_says_what_the_page_says_and_is_noted(
    people, sign_in, cohort, mixed, grow, database, language, words
):
    grow(mixed(18, 6, into=cohort, name="s"))
    answer = sign_in(people.farid).post(f"/cohorts/{cohort.id}/report.pdf", data={"language": language})
    assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
    reader = PdfReader(io.BytesIO(answer.data))
    text = text_of(answer.data)
    for part in ("Spring 2027", "D2.1", METHOD_VERSION, words or ""):
        assert part in text
    fonts = {
        str(font.get_object()["/BaseFont"])
        for page in reader.pages
        for font in page["/Resources"].get("/Font", {}).values()
    }
    assert any("Nastaliq" in font for font in fonts) is (language == "ur")
    with begin(database, read_only=True) as session:
        noted = session.scalars(select(AuditEntry).where(AuditEntry.verb == "report_taken")).one()
    assert (noted.actor_id, noted.thing, noted.detail) == (
        people.farid.id,
        f"cohort:{cohort.id}",
        {"language": language},
    )


def test_a_report_in_no_language_of_ours_is_refused_in_words(people, sign_in, cohort):
    answer = sign_in(people.farid).post(f"/cohorts/{cohort.id}/report.pdf", data={"language": "fr"})
    assert answer.status_code == 422
    assert "Choose one of the list." in answer.text


def test_what_fails_while_a_file_is_made_gives_no_half_file(people, sign_in, cohort, monkeypatch, caplog):
    monkeypatch.setattr(apart, "SECONDS", 0.001)
    client = sign_in(people.farid)
    with pytest.raises(Exception, match="timed out"):
        assert client.post(f"/cohorts/{cohort.id}/report.pdf", data={"language": "en"}).data
    assert "could not be made" in caplog.text


@pytest.mark.both_databases
def test_many_competencies_take_no_more_statements_than_one(people, sign_in, cohort, enrol_many, database):
    trainees = enrol_many(12)
    client = sign_in(people.bilal)
    counts = []
    for codes in ((), ("D2.2", "D2.3", "D3.1")):
        with begin(database) as session:
            for code in codes:
                for trainee in trainees:
                    give_evidence(session, trainee, competency=code)
        with counted_statements(database) as statements:
            assert client.get(f"/cohorts/{cohort.id}/report").status_code == 200
        counts.append(len(statements))
    assert counts[0] == counts[1]


@pytest.mark.both_databases
def test_the_report_of_an_instructor_takes_twelve_statements_at_most(
    app, people, sign_in, cohort, make_cohort, mixed, grow, database
):
    everybody = mixed(18, 6, into=cohort, name="s")
    grow(everybody)
    value_runs(database, everybody, 60)
    seal, instrument = app.extensions["survey_seal"], app.extensions["catalogue"].instrument
    other = make_cohort("Autumn")
    with app.test_request_context(), begin(database) as session:
        for person in everybody[:12]:
            accounts.enrol(session, other, person)
        scheme = MarkingScheme(academy_id=cohort.academy_id, name=MEMOS)
        scheme.settled = [
            SchemeReliability(since=clock.now(), pairs=30, agreement=share, reliability=share) for share in (0.5, 0.8)
        ]
        session.add(scheme)
        session.flush()
        for person in everybody:
            session.scalars(select(Evidence).where(Evidence.trainee_id == person.id)).first().scheme_id = scheme.id
        planned = {"cohort_id": cohort.id, "activity_id": "quiz", "due_on": clock.now().date()}
        session.add(PlannedActivity(academy_id=cohort.academy_id, **planned))
        for name in (WaveName.BEFORE, WaveName.AFTER):
            wave = surveys.open_wave(session, seal, people.bilal, cohort, instrument, name)
            for person in everybody[:16]:
                answers = {item.id: 4 for item in instrument.items}
                surveys.answer(session, seal, person, wave.id, answers, code="")
            surveys.close_wave(session, people.bilal, cohort, name)
    client = sign_in(people.bilal)
    with counted_statements(database) as statements:
        page = client.get(f"/cohorts/{cohort.id}/report").text
    assert "Before the course" in page
    assert len(statements) <= 12
