"""The skill record and the page of one competency, as each person meets them."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape

import pytest
from sqlalchemy import select

import simulations
from app.competencies.estimation import estimate
from app.competencies.models import Evidence, EvidenceKind
from app.competencies.queries import piece_of
from app.competencies.service import record_evidence
from app.core import clock
from app.core.db import begin
from app.notebooks.models import Submission
from app.sims import service as sims


def evidence_links(page: str) -> list[str]:
    table = re.search(r'<table class="table evidence">(.*?)</table>', page, re.DOTALL)
    return [unescape(address) for address in re.findall(r'<th scope="row"><a href="([^"]+)"', table[1])]


def test_without_evidence_the_record_says_where_it_comes_from(people, sign_in):
    page = sign_in(people.amina).get("/record").text
    assert "There is no evidence yet" in page
    assert 'class="skills"' not in page


def test_the_record_groups_competencies_by_domain_and_never_says_zero(people, sign_in, answer_quiz, quiz):
    answer_quiz(people.amina)
    page = sign_in(people.amina).get("/record").text
    assert re.findall(r"<h2>([^<]+)</h2>", page) == [
        "Working with data",
        "Deciding with AI",
        "People, fairness and redress",
        "Leading and learning",
    ]
    for code in {item.competency for item in quiz.items}:
        assert f'href="/record/{people.amina.id}/{code}"' in page
    assert "Level not yet known" in page
    assert "Level 0" not in page


def test_shown_figures_are_those_of_recomputing_from_the_table(people, sign_in, answer_quiz, database):
    answer_quiz(people.amina)
    with begin(database, read_only=True) as session:
        rows = list(session.scalars(select(Evidence).where(Evidence.competency == "D2.1")))
    found = estimate("D2.1", [piece_of(row) for row in rows], now=clock.now())
    page = sign_in(people.amina).get(f"/record/{people.amina.id}/D2.1").text
    assert (
        f"Estimate {100 * found.mean:.0f}%; with a probability of 80% the true share lies between "
        f"{100 * found.low:.0f}% and {100 * found.high:.0f}%."
    ) in page
    assert page.count("Quiz question:") == len(rows)
    for each in found.contributions:
        assert f"up, {100 * each.pull:.1f} points" in page
    assert f"down, {-100 * found.prior_pull:.1f} points" in page


def test_a_named_level_says_what_such_a_person_can_do(people, sign_in, database):
    with begin(database) as session:
        for run in range(1, 4):
            record_evidence(
                session,
                people.amina,
                competency="D2.1",
                level=2,
                kind=EvidenceKind.SIMULATION_DECISION,
                outcome=1.0,
                source=f"run:{run}",
                part="decision",
            )
    page = sign_in(people.amina).get("/record").text
    assert "Level 2: user" in page
    assert "Computes a rate, a median and a percentage." in page


def test_the_conditions_of_a_level_show_the_weight_that_counts_for_it(people, sign_in, database):
    """A course elsewhere counts for the first level alone."""
    pieces = [(EvidenceKind.QUIZ_ITEM, number) for number in range(5)]
    pieces += [(EvidenceKind.EXTERNAL_COURSE, number) for number in range(5, 7)]
    with begin(database) as session:
        for kind, number in pieces:
            where = {"source": f"quiz_attempt:{number}", "part": "a"}
            record_evidence(session, people.amina, competency="D2.1", level=1, kind=kind, outcome=1.0, **where)
    page = sign_in(people.amina).get(f"/record/{people.amina.id}/D2.1").text
    conditions = re.search(r'<table class="table conditions">(.*?)</table>', page, re.DOTALL)[1]
    weights = re.findall(r"<td>([\d.]+); needed: ([\d.]+)</td>", conditions)
    assert weights == [("3.10", "3.00"), ("2.50", "3.00"), ("2.50", "5.00"), ("2.50", "7.00")]
    assert conditions.count("Not yet") == 3


def test_each_quiz_answer_links_to_the_very_answer(people, sign_in, answer_quiz):
    attempt = answer_quiz(people.amina)
    client = sign_in(people.amina)
    addresses = evidence_links(client.get(f"/record/{people.amina.id}/D2.1").text)
    assert addresses
    for address in addresses:
        path, part = address.split("#")
        assert path == f"/quiz-attempts/{attempt.id}"
        assert f'id="{part}"' in client.get(path).text


def test_decisions_link_to_the_debrief_of_their_run(people, sign_in, database, module):
    activity = next(each for each in module.activities if each.kind == "simulation")
    scenario = simulations.load(activity.scenario)
    with begin(database) as session:
        run = sims.start(session, people.amina, module.id, activity.id, scenario.id)
        now = simulations.replay(scenario, run.seed, ())
        events = []
        while not now.finished:
            events.append(simulations.Decision(now.next_round, dict(now.defaults)))
            key = f"round {now.next_round}"
            sims.decide(session, people.amina, run, round_number=now.next_round, values=now.defaults, note="", key=key)
            now = simulations.replay(scenario, run.seed, events)
        record_evidence(
            session,
            people.amina,
            competency="D3.3",
            level=2,
            kind=EvidenceKind.SIMULATION_DECISION,
            outcome=0.8,
            source=f"run:{run.id}",
            part="decision",
        )
    for reader in (people.amina, people.bilal):
        client = sign_in(reader)
        (address,) = evidence_links(client.get(f"/record/{people.amina.id}/D3.3").text)
        answer = client.get(address.split("#")[0])
        assert answer.status_code == 200
        assert 'id="decision"' in answer.text


def test_notebook_cells_link_to_their_submission(people, sign_in, database, module):
    activity = next(each for each in module.activities if each.kind == "notebook")
    with begin(database) as session:
        submission = Submission(
            trainee_id=people.amina.id,
            academy_id=people.amina.academy_id,
            module_id=module.id,
            activity_id=activity.id,
            attempt=1,
            sha256="0" * 64,
            idempotency_key="once",
            submitted_at=clock.now(),
        )
        session.add(submission)
        session.flush()
        record_evidence(
            session,
            people.amina,
            competency="D2.2",
            level=2,
            kind=EvidenceKind.NOTEBOOK_CELL,
            outcome=1.0,
            source=f"submission:{submission.id}",
            part="rate",
        )
    client = sign_in(people.bilal)
    (address,) = evidence_links(client.get(f"/record/{people.amina.id}/D2.2").text)
    assert address == f"/results/submissions/{submission.id}#rate"
    assert client.get(address).status_code == 200


@pytest.mark.parametrize("reader", ["amina", "bilal"])
@pytest.mark.parametrize("path", ["", "/D2.1", "/D5.4"])
def test_the_trainee_and_those_of_the_academy_see_the_record(people, sign_in, answer_quiz, reader, path):
    answer_quiz(people.amina)
    answer = sign_in(getattr(people, reader)).get(f"/record/{people.amina.id}{path}")
    assert answer.status_code == 200


@pytest.mark.parametrize("reader", ["bushra", "zara", "zahid"])
@pytest.mark.parametrize("path", ["", "/D2.1"])
def test_for_anyone_else_there_is_no_such_record(people, sign_in, answer_quiz, reader, path):
    answer_quiz(people.amina)
    answer = sign_in(getattr(people, reader)).get(f"/record/{people.amina.id}{path}")
    assert answer.status_code == 404
    assert "Amina" not in answer.text


def test_someone_not_signed_in_is_asked_to_sign_in(app, people):
    answer = app.test_client().get(f"/record/{people.amina.id}")
    assert answer.status_code == 302
    assert "/sign-in" in answer.location


def test_who_never_was_a_trainee_has_no_record(people, sign_in):
    assert sign_in(people.bilal).get("/record").status_code == 404
    assert sign_in(people.farid).get(f"/record/{people.bilal.id}").status_code == 404
    assert sign_in(people.farid).get(f"/people/{people.bilal.id}/opening").status_code == 404


def test_evidence_outlives_a_change_of_role(people, sign_in, answer_quiz, open_record):
    answer_quiz(people.amina)
    client = sign_in(people.farid)
    role = {f"account{people.amina.id}-role": "instructor"}
    assert client.post(f"/administration/accounts/{people.amina.id}/role", data=role).status_code == 303
    open_record(people.farid, people.amina)
    assert client.get(f"/record/{people.amina.id}/D2.1").status_code == 200


def test_a_competency_outside_the_framework_is_not_found(people, sign_in):
    assert sign_in(people.amina).get(f"/record/{people.amina.id}/D9.9").status_code == 404


def test_uncounted_and_replaced_evidence_is_shown_with_the_reason(people, sign_in, database):
    with begin(database) as session:
        for number in range(1, 8):
            record_evidence(
                session,
                people.amina,
                competency="D2.1",
                level=2,
                kind=EvidenceKind.NOTEBOOK_CELL,
                outcome=1.0,
                source=f"submission:{number}",
                part="rate",
                at=clock.now() - timedelta(days=number),
            )
        record_evidence(
            session,
            people.amina,
            competency="D2.1",
            level=2,
            kind=EvidenceKind.NOTEBOOK_CELL,
            outcome=0.5,
            source="submission:1",
            part="rate",
        )
    page = sign_in(people.amina).get(f"/record/{people.amina.id}/D2.1").text
    assert page.count("not counted: enough other evidence") == 1
    assert "Replaced by a later marking" in page
    assert page.count("it no longer counts") == 1


def test_the_record_in_urdu_runs_right_to_left_with_urdu_names(people, sign_in, answer_quiz):
    answer_quiz(people.bushra)
    page = sign_in(people.bushra).get("/record").text
    assert '<html lang="ur" dir="rtl">' in page
    assert "جدول، چارٹ اور نقشے پڑھنا" in page
    assert "ڈیٹا کے ساتھ کام" in page
    percentages = re.findall(r"(.)\d+%(.)", page.split('class="skills"')[1].split("<details>")[0])
    assert percentages
    assert set(percentages) == {("\u2066", "\u2069")}


def test_pages_carry_no_inline_style_or_script(people, sign_in, answer_quiz):
    answer_quiz(people.amina)
    client = sign_in(people.amina)
    for path in ("/record", f"/record/{people.amina.id}/D2.1"):
        page = client.get(path).text
        assert not re.search(r"\sstyle=|\son\w+=|<style|<script(?![^>]*\ssrc=)", page)
