"""The start pages of instructors and administrators, and the record of a cohort."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import text

from app.accounts import progress
from app.accounts.models import Academy, Account, Cohort, Enrolment
from app.core.db import begin
from tests.app.cohorts.conftest import MODULE_ID, counted_statements, give_evidence, table


def cohort_page(client, cohort: Cohort) -> str:
    answer = client.get(f"/cohorts/{cohort.id}")
    assert answer.status_code == 200
    return answer.text


def test_each_role_starts_on_its_own_page(people, sign_in):
    starts = {name: sign_in(getattr(people, name)).get("/").location for name in ("amina", "bilal", "farid")}
    assert starts == {"amina": "/learn", "bilal": "/teaching", "farid": "/administration"}


@pytest.mark.parametrize(("reader", "path"), [("bilal", "/teaching"), ("farid", "/administration")])
def test_start_pages_list_the_academys_cohorts_with_their_size(people, sign_in, cohort, enrol_many, reader, path):
    enrol_many(3)
    page = sign_in(getattr(people, reader)).get(path).text
    assert len(re.findall(r'href="/cohorts/\d+"', page)) == 1
    assert f'href="/cohorts/{cohort.id}"' in page
    assert "Measure to manage: citizen grievances" in page
    assert '<td class="number">5</td>' in page


@pytest.mark.parametrize(
    ("reader", "path", "status"),
    [
        ("amina", "/teaching", 403),
        ("amina", "/administration", 403),
        ("amina", "/cohorts/{cohort}", 403),
        ("bilal", "/administration", 403),
        ("farid", "/teaching", 403),
        ("zahid", "/cohorts/{cohort}", 404),
        ("farid", "/cohorts/9999", 404),
    ],
)
def test_pages_are_closed_to_other_roles_and_to_strangers(people, sign_in, cohort, reader, path, status):
    client = sign_in(getattr(people, reader))
    assert client.get(path.format(cohort=cohort.id)).status_code == status


@pytest.mark.parametrize("reader", ["bilal", "farid"])
def test_each_cell_shows_the_figures_of_the_page_it_links_to(people, sign_in, cohort, database, open_record, reader):
    if reader == "farid":
        open_record(people.farid, people.amina)
        open_record(people.farid, people.bushra)
    with begin(database) as session:
        give_evidence(session, people.amina, outcome=0.5)
    client = sign_in(getattr(people, reader))
    page = cohort_page(client, cohort)
    # One run of weight 2 with outcome .5 gives Beta(2, 2): mean .5, 80% interval .1958 to .8042.
    assert table(page, "Skills of each trainee")["Amina"] == ["50% 20% to 80%"]
    assert table(page, "Skills of each trainee")["Bushra"] == ["no evidence"]
    address = f"/record/{people.amina.id}/D2.1"
    assert f'href="{address}"' in page
    target = client.get(address).text
    assert "Estimate 50%; with a probability of 80% the true share lies between 20% and 80%." in target
    assert f'href="/runs/{people.amina.id}#decision"' in target


def test_a_mean_of_nine_is_withheld_and_the_page_says_why(people, sign_in, cohort, enrol_many):
    enrol_many(9)
    page = cohort_page(sign_in(people.farid), cohort)
    assert table(page, "Skills of each trainee")["Mean"] == ["withheld of 9 trainees"]
    assert "A mean of fewer than 10 trainees is withheld, because" in page


def test_a_mean_of_ten_is_given_as_a_band_of_ten_points(people, sign_in, cohort, enrol_many):
    # alpha 1 + 2 × .95, beta 1 + 2 × .05: mean 2.9 / 4 = .725
    enrol_many(10)
    page = cohort_page(sign_in(people.farid), cohort)
    assert table(page, "Skills of each trainee")["Mean"] == ["70% to 80% of 10 trainees"]


def test_a_mean_of_twenty_is_given_exactly(people, sign_in, cohort, enrol_many, database):
    enrol_many(19, outcome=0.0)
    with begin(database) as session:
        give_evidence(session, people.amina)
    # 19 trainees at 1 / 4, one at 3 / 4
    page = cohort_page(sign_in(people.farid), cohort)
    assert table(page, "Skills of each trainee")["Mean"] == ["28% of 20 trainees"]


def test_a_mean_that_lies_on_a_bound_belongs_to_the_band_above(people, sign_in, cohort, enrol_many):
    # alpha 1 + 2 × .9, beta 1 + 2 × .1: mean 2.8 / 4 = .70, which floating point puts just below.
    enrol_many(10, outcome=0.9)
    page = cohort_page(sign_in(people.farid), cohort)
    assert table(page, "Skills of each trainee")["Mean"] == ["70% to 80% of 10 trainees"]


def test_progress_counts_what_each_trainee_has_done(people, sign_in, cohort, database):
    with begin(database) as session:
        progress.mark(session, people.amina, MODULE_ID, "why-measure", done=True)
        progress.mark(session, people.amina, MODULE_ID, "quiz", done=False)
        progress.mark(session, people.amina, MODULE_ID, "an-activity-of-an-earlier-edition", done=True)
    rows = table(cohort_page(sign_in(people.bilal), cohort), "Progress of each trainee")
    assert rows["Amina"][0] == "1 of 7"
    assert sorted(rows["Amina"][1:]) == ["Done", *["Not started"] * 5, "Started"]
    assert rows["Bushra"][0] == "0 of 7"


def test_a_cohort_of_thirty_takes_no_more_statements_than_one_of_three(people, sign_in, cohort, database, enrol_many):
    client = sign_in(people.farid)
    with begin(database) as session:
        give_evidence(session, people.amina)
    counts = []
    for further in (1, 27):
        with begin(database) as session:
            session.execute(text("UPDATE account SET username = 'former' || id WHERE username LIKE 'newcomer%'"))
        enrol_many(further)
        with counted_statements(database) as statements:
            cohort_page(client, cohort)
        counts.append(len(statements))
    with begin(database, read_only=True) as session:
        assert session.query(Enrolment).filter_by(cohort_id=cohort.id).count() == 30
    assert counts[0] == counts[1] > 0


def test_an_empty_cohort_says_so(people, sign_in, database):
    with begin(database) as session:
        empty = Cohort(academy_id=people.farid.academy_id, name="Nobody yet", module_id=MODULE_ID)
        session.add(empty)
        session.flush()
    page = cohort_page(sign_in(people.farid), empty)
    assert "There is no evidence yet" in page
    assert "Nobody is enrolled in this cohort yet" in page


def test_a_cohort_of_a_module_that_is_gone_still_opens(people, sign_in, database):
    with begin(database) as session:
        old = Cohort(academy_id=people.farid.academy_id, name="Old", module_id="module-of-last-year")
        session.add(old)
        session.flush()
    client = sign_in(people.farid)
    assert "The content of this module is not installed" in cohort_page(client, old)
    assert "module-of-last-year" in client.get("/administration").text


def test_an_academy_without_cohorts_says_so(people, sign_in, database):
    with begin(database) as session:
        empty = Academy(slug="sindh", name_en="Sindh Academy", name_ur="سندھ اکیڈمی")
        session.add(empty)
        session.flush()
        session.get_one(Account, people.zahid.id).academy_id = empty.id
    assert "There is no cohort yet." in sign_in(people.zahid).get("/administration").text


def test_the_cohort_page_in_urdu_runs_right_to_left_with_urdu_names(people, sign_in, cohort, enrol_many):
    enrol_many(1)
    client = sign_in(people.farid)
    client.post("/language", data={"language": "ur"})
    page = cohort_page(client, cohort)
    assert '<html lang="ur" dir="rtl">' in page
    assert "جدول، چارٹ اور نقشے پڑھنا" in page


@pytest.mark.parametrize("path", ["/administration", "/cohorts/{cohort}"])
def test_pages_carry_no_inline_style_or_script(people, sign_in, cohort, enrol_many, path):
    enrol_many(2)
    page = sign_in(people.farid).get(path.format(cohort=cohort.id)).text
    assert not re.search(r"\sstyle=|\son\w+=|<style|<script(?![^>]*\ssrc=)", page)
