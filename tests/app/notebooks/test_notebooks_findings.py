"""Findings: claimed from choices, judged once and for good, with consent, for their owner alone."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from io import BytesIO
from types import SimpleNamespace

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, select

from app.accounts import consent
from app.accounts.consent import Consent, Purpose
from app.competencies.models import Evidence
from app.content.own_data import data_of
from app.content.schemas import Notebook, OwnFile
from app.core import clock
from app.core.db import begin
from app.notebooks.models import NotebookClaim, NotebookFindings
from app.retention import service as retention

LAB = "/notebooks/measure-to-manage/grievances"
PAGE = f"{LAB}/findings"
PLANTED, DEEP, PLAIN, TEMPTING = (
    "called/language/lowest/pashto",
    "last-day/language/highest/pashto",
    "complaints/category/highest/municipal",
    "reported/language/lowest/pashto",
)
SignIn = Callable[..., FlaskClient]


def agree(client: FlaskClient, said: str = "yes") -> None:
    assert client.post(f"{LAB}/questions/consent", data={"answer": said, "page": "findings"}).status_code == 303


def claim(client: FlaskClient, *claims: str) -> list[int]:
    return [client.post(PAGE, data={"claim": each}).status_code for each in claims]


def close(client: FlaskClient) -> int:
    return client.post(f"{PAGE}/close").status_code


def submit(client: FlaskClient) -> int:
    cell = {"cell_type": "markdown", "id": "a", "metadata": {}, "source": "words"}
    content = json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [cell]}).encode()
    return client.post(f"{LAB}/submit", data={"key": "k", "notebook": (BytesIO(content), "work.ipynb")}).status_code


def kept(database: Engine) -> dict[str, tuple[str, int]]:
    with begin(database, read_only=True) as session:
        rows = session.scalars(select(NotebookClaim).order_by(NotebookClaim.id))
        return {row.claim: (row.verdict, row.weight) for row in rows}


def words(page: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


@pytest.fixture
def amina(people: SimpleNamespace, sign_in: SignIn) -> FlaskClient:
    """Signed in, and she has agreed."""
    client = sign_in(people.amina)
    agree(client)
    return client


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> Callable[[timedelta], None]:
    """Moves the academy's clock on."""
    moment = [clock.now()]

    def read() -> datetime:
        return moment[0]

    monkeypatch.setattr(clock, "now", read)

    def move(by: timedelta) -> None:
        moment[0] += by

    return move


@pytest.mark.both_databases
def test_a_list_is_judged_when_it_is_closed_and_says_nothing_before(amina: FlaskClient, database: Engine) -> None:
    assert claim(amina, PLANTED, PLAIN, TEMPTING, PLANTED) == [303] * 4
    assert set(kept(database).values()) == {("", 0)}
    before = words(amina.get(PAGE).text)
    assert "Still in the data" not in before
    assert "planted in the data" in before
    assert "whose citizen was called, by: language – clearly lowest: Pashto" in before
    assert close(amina) == 303
    assert kept(database) == {PLANTED: ("found", 1), PLAIN: ("true", 0), TEMPTING: ("wrong", 1)}
    after = words(amina.get(PAGE).text)
    assert "Truths found 1 of 8" in after
    assert "Wrong claims 1" in after
    assert after.index("Active minutes") < after.index("Curiosity velocity in this lab: 0.0")
    assert "the difference shows only in what citizens say" in after
    missed = after[after.index("Still in the data") :]
    assert "take its share by language" in missed
    assert "whose confirmation is not empty" not in missed


def test_in_urdu_the_page_says_the_same(amina: FlaskClient) -> None:
    amina.post("/language", data={"language": "ur"})
    claim(amina, PLANTED)
    page = words(amina.get(f"{PAGE}?measure=called&column=language").text)
    assert "پشتو" in page
    assert "Pashto" not in page
    close(amina)
    assert "8 میں سے 1" in words(amina.get(PAGE).text)


def test_a_claim_is_built_in_two_steps(amina: FlaskClient) -> None:
    page = amina.get(f"{PAGE}?measure=called&column=language").text
    choices = re.findall(r'<option value="(called/language/[^"]+)"', page)
    assert len(choices) == 7
    assert PLANTED in choices
    assert re.search(r'<option value="called" selected', page)
    numbers = amina.get(f"{PAGE}?measure=rate&column=online").text
    assert re.findall(r'<option value="rate/online/([^"]+)"', numbers) == ["rises", "falls", "unrelated"]


@pytest.mark.parametrize(
    ("measure", "column", "said"),
    [
        ("rate", "language", "This can be compared by: district · households online in the district"),
        ("", "language", "Choose what you looked at"),
        ("nothing", "language", "Choose what you looked at"),
        ("called", "nothing", "This can be compared by: language"),
    ],
)
def test_what_cannot_be_compared_is_said_and_the_choice_stays(
    amina: FlaskClient, measure: str, column: str, said: str
) -> None:
    page = amina.get(PAGE, query_string={"measure": measure, "column": column}).text
    assert said in words(page)
    assert 'name="claim"' not in page
    for chosen in {measure, column} & {"rate", "language", "called"}:
        assert f'<option value="{chosen}" selected' in page


@pytest.mark.parametrize("said", ["", "called/language/lowest/latin", "rate/language/same", "x" * 500])
def test_a_claim_that_is_no_choice_is_refused_and_the_question_stays(
    amina: FlaskClient, database: Engine, said: str
) -> None:
    answer = amina.post(PAGE, data={"claim": said, "measure": "called", "column": "language"})
    assert answer.status_code == 422
    assert "Choose what you found from the list." in answer.text
    assert PLANTED in answer.text
    assert kept(database) == {}


def test_a_claim_can_be_taken_off_until_the_list_is_closed(
    amina: FlaskClient, people: SimpleNamespace, sign_in: SignIn, database: Engine
) -> None:
    claim(amina, PLANTED, TEMPTING)
    with begin(database, read_only=True) as session:
        numbers = {row.claim: row.id for row in session.scalars(select(NotebookClaim))}
    assert sign_in(people.bushra).post(f"{PAGE}/{numbers[TEMPTING]}/withdraw").status_code == 404
    assert amina.post(f"{PAGE}/{numbers[TEMPTING]}/withdraw").status_code == 303
    assert amina.post(f"{PAGE}/{numbers[TEMPTING]}/withdraw").status_code == 404
    assert list(kept(database)) == [PLANTED]
    close(amina)
    assert amina.post(f"{PAGE}/{numbers[PLANTED]}/withdraw").status_code == 409
    assert list(kept(database)) == [PLANTED]


def test_once_closed_nothing_is_added_or_judged_again(
    amina: FlaskClient, database: Engine, now: Callable[[timedelta], None]
) -> None:
    assert close(amina) == 422
    claim(amina, PLANTED)
    close(amina)
    closed = kept(database)
    now(timedelta(seconds=30))
    assert claim(amina, DEEP) == [409]
    assert close(amina) == 303
    assert kept(database) == closed
    with begin(database, read_only=True) as session:
        assert session.scalars(select(NotebookFindings.active_seconds)).one() == 0


def test_handing_in_closes_the_list_and_none_begins_after_it(
    amina: FlaskClient, people: SimpleNamespace, sign_in: SignIn, database: Engine
) -> None:
    claim(amina, DEEP)
    assert submit(amina) == 303
    assert kept(database) == {DEEP: ("found", 3)}
    assert "Curiosity velocity in this lab: 3.0" in words(amina.get(PAGE).text)
    bushra = sign_in(people.bushra)
    agree(bushra)
    submit(bushra)
    assert claim(bushra, PLANTED) == [409]
    bushra.post("/language", data={"language": "en"})
    assert "You have handed in this lab" in bushra.get(PAGE).text
    assert list(kept(database)) == [DEEP]


def test_who_stopped_before_handing_in_is_not_judged_until_they_agree_again(
    amina: FlaskClient, database: Engine
) -> None:
    claim(amina, PLANTED)
    agree(amina, "no")
    assert submit(amina) == 303
    assert kept(database) == {PLANTED: ("", 0)}
    assert close(amina) == 409
    agree(amina)
    assert claim(amina, DEEP) == [409]
    assert close(amina) == 303
    assert kept(database) == {PLANTED: ("found", 1)}


def test_nothing_of_it_is_evidence(amina: FlaskClient, database: Engine) -> None:
    claim(amina, PLANTED, TEMPTING)
    close(amina)
    with begin(database, read_only=True) as session:
        assert list(session.scalars(select(Evidence))) == []


def save(client: FlaskClient, text: str) -> None:
    cell = {"cell_type": "markdown", "id": "a", "metadata": {}, "source": text}
    content = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [cell]}
    assert client.post(f"{LAB}/draft", json=content).status_code == 200


def test_active_minutes_are_those_of_savings_questions_and_findings_without_long_pauses(
    amina: FlaskClient, database: Engine, now: Callable[[timedelta], None]
) -> None:
    save(amina, "first")
    now(timedelta(seconds=40))
    save(amina, "second")
    now(timedelta(hours=3))
    claim(amina, DEEP)
    now(timedelta(seconds=20))
    close(amina)
    with begin(database, read_only=True) as session:
        assert session.scalars(select(NotebookFindings.active_seconds)).one() == 40 + 60 + 20
    page = words(amina.get(PAGE).text)
    assert "Active minutes 2" in page
    assert "less than ten minutes counts as ten" in page


def test_work_from_before_the_consent_is_not_counted(
    amina: FlaskClient, database: Engine, now: Callable[[timedelta], None]
) -> None:
    agree(amina, "no")
    save(amina, "first")
    now(timedelta(seconds=40))
    save(amina, "second")
    now(timedelta(seconds=10))
    agree(amina)
    claim(amina, DEEP)
    now(timedelta(seconds=20))
    close(amina)
    with begin(database, read_only=True) as session:
        assert session.scalars(select(NotebookFindings.active_seconds)).one() == 20


@pytest.mark.parametrize("said", [None, "no"])
def test_without_consent_nothing_is_kept(
    people: SimpleNamespace, sign_in: SignIn, database: Engine, said: str | None
) -> None:
    client = sign_in(people.amina)
    if said:
        agree(client, said)
    page = client.get(PAGE).text
    assert "Yes, note my questions" in page
    assert "Record a finding" not in page
    assert claim(client, PLANTED) == [409]
    assert close(client) == 409
    assert kept(database) == {}


def test_who_agreed_to_the_former_wording_is_asked_again(
    people: SimpleNamespace, sign_in: SignIn, database: Engine
) -> None:
    with begin(database) as session:
        session.add(
            Consent(
                account_id=people.amina.id,
                purpose=Purpose.CURIOSITY_LOG,
                wording=consent.WORDINGS[Purpose.CURIOSITY_LOG] - 1,
                is_given=True,
                answered_at=clock.now(),
            )
        )
    client = sign_in(people.amina)
    assert claim(client, PLANTED) == [409]
    page = client.get(LAB).text
    assert "keep what you say you found" in page
    assert "data-noted" not in page


def test_deleting_takes_lists_of_every_lab_away_and_an_answer_leads_back_to_the_page(
    amina: FlaskClient, people: SimpleNamespace, sign_in: SignIn, database: Engine
) -> None:
    bushra = sign_in(people.bushra)
    agree(bushra)
    claim(bushra, DEEP)
    claim(amina, PLANTED)
    close(amina)
    amina.post(f"{LAB}/questions/consent", data={"answer": "forget"})
    assert list(kept(database)) == [DEEP]
    answer = amina.post(f"{LAB}/questions/consent", data={"answer": "yes", "page": "findings"})
    assert answer.location.endswith("/findings")


def test_the_list_is_seen_by_its_owner_alone(amina: FlaskClient, people: SimpleNamespace, sign_in: SignIn) -> None:
    claim(amina, PLANTED)
    assert amina.get(PAGE).text.count("/withdraw") == 1
    for other in (people.bushra, people.zara):
        page = sign_in(other).get(PAGE)
        assert page.status_code == 200
        assert "/withdraw" not in page.text
    for staff in (people.bilal, people.farid):
        assert sign_in(staff).get(PAGE).status_code == 403
        assert claim(sign_in(staff), PLANTED) == [403]


def test_after_twelve_months_a_list_is_not_shown_and_goes_with_its_claims(
    people: SimpleNamespace,
    sign_in: SignIn,
    amina: FlaskClient,
    database: Engine,
    now: Callable[[timedelta], None],
) -> None:
    claim(amina, PLANTED)
    close(amina)
    now(timedelta(days=366))
    assert "1 of 8" not in sign_in(people.amina).get(PAGE).text
    with begin(database) as session:
        retention.apply(session)
    assert kept(database) == {}


def test_it_is_in_the_file_of_what_is_known_of_a_person(amina: FlaskClient, database: Engine, app: Flask) -> None:
    claim(amina, PLANTED)
    close(amina)
    page = amina.get("/account/data").text
    assert "What you said you found in the data of labs" in page
    assert "Your lists of findings in labs" in page


def test_a_claim_that_a_changed_lab_no_longer_offers_counts_for_nothing(
    amina: FlaskClient, database: Engine, app: Flask, change_lab: Callable[..., None]
) -> None:
    claim(amina, PLANTED, DEEP)
    truths = app.extensions["catalogue"].module("measure-to-manage").activity("grievances").truths
    fewer = [each.model_copy(update={"by": ("category",)}) if each.id == "called" else each for each in truths.measures]
    left = [truth for truth in truths.truths if PLANTED not in truth.claims]
    change_lab(truths=truths.model_copy(update={"measures": tuple(fewer), "truths": tuple(left)}))
    close(amina)
    assert kept(database) == {PLANTED: ("gone", 0), DEEP: ("found", 3)}
    page = words(amina.get(PAGE).text)
    assert "Not judged, because the lab was changed" in page
    assert "1 of 7" in page


def test_a_lab_without_planted_truths_has_no_such_page(
    amina: FlaskClient, change_lab: Callable[..., None], database: Engine
) -> None:
    assert "Say what you found" in amina.get(LAB).text
    change_lab(truths=None)
    assert "Say what you found" not in amina.get(LAB).text
    assert amina.get(PAGE).status_code == 404
    assert claim(amina, PLANTED) == [404]
    assert close(amina) == 404
    assert submit(amina) == 303


def test_data_that_take_the_place_of_the_packs_have_none_of_its_truths_and_data_beside_them_do(app: Flask) -> None:
    lab = app.extensions["catalogue"].module("measure-to-manage").activity("grievances")
    assert isinstance(lab, Notebook)
    file = OwnFile(
        sha256="0" * 64, packed_sha256="0" * 64, size_bytes=1, sent_bytes=1, row_count=1, columns=(), assurance=""
    )
    assert data_of(lab, {"complaints.csv": file})["truths"] is None
    assert data_of(lab, {"more.csv": file})["truths"] == lab.truths
