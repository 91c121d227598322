"""Cohorts by competencies, and one competency of a cohort down to its evidence."""

from __future__ import annotations

import re

import pytest

from app.accounts import service as accounts
from app.accounts.models import Cohort
from app.competencies.models import EvidenceKind
from app.competencies.service import record_evidence
from app.core.db import begin
from tests.app.cohorts.conftest import MODULE_ID, counted_statements, give_evidence, plain, table

CAPTION = "Cohorts by competency"
# One run of weight 2: alpha 1 + 2 × .95, beta 1 + 2 × .05, mean 2.9 / 4 = .725; all wrong 1.1 / 4 = .275.


@pytest.fixture
def second(database, cohort) -> Cohort:
    with begin(database) as session:
        added = Cohort(academy_id=cohort.academy_id, name="Summer 2027", module_id=MODULE_ID)
        session.add(added)
        session.flush()
        return added


def rows(client) -> dict[str, list[str]]:
    answer = client.get("/skills")
    assert answer.status_code == 200
    return table(answer.text, CAPTION)


@pytest.mark.parametrize("reader", ["bilal", "farid"])
def test_a_large_group_is_shown_exactly_with_spread_level_and_what_stands_behind_it(
    people, sign_in, cohort, enrol_many, reader
):
    enrol_many(15)
    enrol_many(5, 0.0, name="other")
    # Mean (15 × .75 + 5 × .25) / 20 = .625; standard deviation .5 × sqrt(15 × 5 / (20 × 19)) = .2221.
    assert rows(sign_in(getattr(people, reader))) == {
        "Spring 2027": ["62% spread 22% Level not yet known 20 trainees, 20 pieces of evidence"]
    }


def test_a_group_of_nine_is_withheld_and_one_of_ten_is_given_in_bands(people, sign_in, cohort, second, enrol_many):
    enrol_many(9)
    enrol_many(10, into=second, name="other")
    found = rows(sign_in(people.farid))
    assert found["Spring 2027"] == ["withheld"]
    assert found["Summer 2027"] == [
        "70% to 80% spread 0% to 10% Level not yet known 10 trainees, 10 pieces of evidence"
    ]


def test_of_two_cohorts_that_differ_by_one_person_one_is_withheld_everywhere(
    people, sign_in, cohort, second, enrol_many, database
):
    everybody = enrol_many(21)
    with begin(database) as session:
        for trainee in everybody[:20]:
            accounts.enrol(session, second, trainee)
    client = sign_in(people.farid)
    found = rows(client)
    assert found["Spring 2027"][0].startswith("75%")
    assert found["Summer 2027"] == ["withheld"]
    assert table(client.get(f"/cohorts/{second.id}").text, "Skills of each trainee")["Mean"] == [
        "withheld of 20 trainees"
    ]
    assert "The figures of this group are withheld." in client.get(f"/cohorts/{second.id}/competencies/D2.1").text


def test_a_cohort_without_evidence_says_so_beside_others(people, sign_in, cohort, second, enrol_many):
    enrol_many(10)
    assert rows(sign_in(people.farid))["Summer 2027"] == ["no evidence"]


def test_each_cell_opens_the_competency_and_this_the_trainee_and_the_very_decision(
    people, sign_in, cohort, enrol_many, database
):
    enrol_many(19)
    with begin(database) as session:
        give_evidence(session, people.amina)
    client = sign_in(people.bilal)
    address = f"/cohorts/{cohort.id}/competencies/D2.1"
    assert f'href="{address}"' in client.get("/skills").text
    page = client.get(address).text
    assert f'href="/record/{people.amina.id}/D2.1"' in page
    listed = table(page, "Open a name to see the answers, decisions and cells that the estimate rests on.")
    assert listed["Amina"] == ["75%", "46% to 97%", "Level not yet known", "1"]
    assert listed["Bushra"] == ["no evidence", "", "", "0"]
    assert f'href="/runs/{people.amina.id}#decision"' in client.get(f"/record/{people.amina.id}/D2.1").text


def test_a_competency_opens_though_some_have_evidence_of_another_one_only(
    people, sign_in, cohort, enrol_many, database
):
    newcomers = enrol_many(10)
    with begin(database) as session:
        for trainee in (*newcomers, people.amina):
            give_evidence(session, trainee, competency="D2.3")
    client = sign_in(people.farid)
    for code, trainees in (("D2.1", 10), ("D2.3", 11)):
        page = client.get(f"/cohorts/{cohort.id}/competencies/{code}")
        assert page.status_code == 200
        assert f"Trainees with evidence{trainees}" in plain(page.text)


def test_a_small_count_of_a_level_is_withheld_with_the_next_smallest(people, sign_in, cohort, enrol_many, database):
    for trainee in enrol_many(30)[:12]:
        with begin(database) as session:
            give_evidence(session, trainee, source=f"run:{trainee.id + 1000}")
    with begin(database) as session:
        # One run alone has too little weight for a level: 19 of them now beside 12 that reached one.
        give_evidence(session, people.amina)
    page = sign_in(people.farid).get(f"/cohorts/{cohort.id}/competencies/D2.1").text
    counts = table(page, "How many trainees are at which level")
    assert counts["Level not yet known"] == ["19"]
    assert sorted(counts.values()) == [["0"], ["0"], ["0"], ["12"], ["19"], ["31"]]
    enrol_many(25, 0.0, name="other")
    for name in ("few1", "few2"):
        for trainee in enrol_many(1, name=name):
            with begin(database) as session:
                for number in range(3):
                    give_evidence(session, trainee, source=f"run:{10_000 + 10 * trainee.id + number}")
                give_evidence_of_a_cell(session, trainee)
    counts = table(
        sign_in(people.farid).get(f"/cohorts/{cohort.id}/competencies/D2.1").text,
        "How many trainees are at which level",
    )
    assert counts["Level 3: practitioner"] == ["withheld"]
    assert sorted(counts.values()) == [["0"], ["0"], ["44"], ["58"], ["withheld"], ["withheld"]]


def give_evidence_of_a_cell(session, trainee) -> None:
    record_evidence(
        session,
        trainee,
        competency="D2.1",
        level=2,
        kind=EvidenceKind.NOTEBOOK_CELL,
        outcome=1.0,
        source=f"submission:{trainee.id}",
        part="cell",
    )


@pytest.mark.both_databases
def test_ten_cohorts_take_no_more_statements_than_one(people, sign_in, cohort, enrol_many, database):
    client = sign_in(people.farid)
    enrol_many(1)
    counts = []
    for further in (0, 9):
        for number in range(further):
            with begin(database) as session:
                added = Cohort(academy_id=cohort.academy_id, name=f"Cohort {number}", module_id=MODULE_ID)
                session.add(added)
                session.flush()
            enrol_many(3, into=added, name=f"of{number}x")
        with counted_statements(database) as statements:
            assert len(rows(client)) == further + 1
        counts.append(len(statements))
    assert counts[0] == counts[1] > 0


def test_the_eleventh_cohort_is_on_the_second_page(people, sign_in, cohort, enrol_many, database):
    enrol_many(1)
    with begin(database) as session:
        session.add_all(
            Cohort(academy_id=cohort.academy_id, name=f"A cohort {number:02}", module_id=MODULE_ID)
            for number in range(10)
        )
    client = sign_in(people.farid)
    assert "Spring 2027" not in rows(client)
    assert list(table(client.get("/skills?cohorts=2").text, CAPTION)) == ["Spring 2027"]


def test_another_academy_sees_nothing_of_it(people, sign_in, cohort, enrol_many):
    enrol_many(20)
    client = sign_in(people.zahid)
    assert "There is no evidence yet" in client.get("/skills").text
    assert client.get(f"/cohorts/{cohort.id}/competencies/D2.1").status_code == 404


def test_trainees_do_not_see_figures_of_cohorts(people, sign_in, cohort):
    client = sign_in(people.amina)
    assert client.get("/skills").status_code == 403
    assert client.get(f"/cohorts/{cohort.id}/competencies/D2.1").status_code == 403


def test_a_competency_that_does_not_exist_is_not_found(people, sign_in, cohort):
    assert sign_in(people.farid).get(f"/cohorts/{cohort.id}/competencies/D9.9").status_code == 404


@pytest.mark.parametrize("path", ["/skills", "/cohorts/{cohort}/competencies/D2.1"])
def test_both_pages_run_right_to_left_in_urdu_without_inline_style(people, sign_in, cohort, enrol_many, path):
    enrol_many(12)
    client = sign_in(people.farid)
    client.post("/language", data={"language": "ur"})
    page = client.get(path.format(cohort=cohort.id)).text
    assert '<html lang="ur" dir="rtl">' in page
    assert "جدول، چارٹ اور نقشے پڑھنا" in page
    assert not re.search(r"\sstyle=|\son\w+=|<style|<script(?![^>]*\ssrc=)", page)
