"""A content pack that changes under an academy's own version of a lab: its authors are told, see it, and decide."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, delete, select

from app.accounts.models import Account
from app.authoring.models import PackNote
from app.content.publications import LabPublication
from app.core.audit import AuditEntry
from app.core.db import begin
from tests.app.authoring.conftest import DESK, saved, small
from tests.app.conftest import LAB, MODULE
from tests.pages import Page, send

REASON = {"reason": "Back to the pack."}
CHANGED = "The content pack changed this lab, but trainees get your own version"
DRAFT = "What is being written was begun from its older version."
SignIn = Callable[[Account], FlaskClient]
ChangePack = Callable[..., None]


def given_out(client: FlaskClient) -> str:
    return client.get(f"/notebooks/{MODULE}/{LAB}/notebook.ipynb").text


@pytest.fixture
def change_pack(source: bytes, change_lab: Callable[..., None]) -> ChangePack:
    """Install a pack whose notebook has another title."""

    def change(title: str, **values: object) -> None:
        changed = source.replace(b"Measure to manage: citizen grievances", title.encode())
        assert changed != source
        change_lab(source=changed, **values)

    return change


@pytest.fixture
def back(author: FlaskClient, work_off: Callable[[], None]) -> Callable[[], str]:
    """Ask to go back to the pack; the address of the check, which is done."""

    def ask() -> str:
        form = Page(author.get(f"{DESK}/pack").text).form("/versions/0/check")
        address = str(send(author, form).location)
        work_off()
        return address

    return ask


def choices(database: Engine) -> list[str]:
    with begin(database, read_only=True) as session:
        return [str(note.choice) for note in session.scalars(select(PackNote).order_by(PackNote.id))]


def test_nothing_is_said_while_the_pack_is_what_it_was(author: FlaskClient, change_pack: ChangePack) -> None:
    change_pack("Changed before anybody wrote")
    saved(author, small())
    for page in ("/authoring", DESK, f"{DESK}/versions"):
        assert "content pack changed" not in Page(author.get(page).text).text
    assert "holds what it held" in author.get(f"{DESK}/pack").text


def test_where_nobody_wrote_there_is_nothing_to_decide(author: FlaskClient, change_pack: ChangePack) -> None:
    form = {"version": "0" * 64}
    change_pack("Complaints anew")
    page = Page(author.get(f"{DESK}/pack").text)
    assert "Nobody has begun to write a new version yet." in page.text
    assert not [each for each in page.forms if "/pack/" in each["action"] or "/versions/" in each["action"]]
    assert author.post(f"{DESK}/pack/keep", data=form).status_code == 404


def test_a_draft_that_was_begun_from_an_older_pack_says_so(author: FlaskClient, change_pack: ChangePack) -> None:
    saved(author, small())
    change_pack("Complaints anew")
    for page in (DESK, f"{DESK}/versions"):
        assert DRAFT in author.get(page).text
    assert "the content pack has changed" in author.get("/authoring").text


@pytest.mark.sandbox
def test_under_a_published_version_the_change_is_told_and_shown_by_cells(
    author: FlaskClient, publish: Callable[[bytes], None], change_pack: ChangePack, app: Flask
) -> None:
    publish(small())
    lab = app.extensions["catalogue"].module(MODULE).activity(LAB)
    change_pack("Complaints anew", hints={}, data_sha256={**lab.data_sha256, "districts.csv": "0" * 64})
    for page in (DESK, f"{DESK}/versions"):
        assert CHANGED in author.get(page).text
    page = Page(author.get(f"{DESK}/pack").text).text
    assert "Complaints anew" in page
    assert "cells are the same" in page
    assert lab.hints["look-check"].en in page
    assert "already: districts.csv . Check" in page
    assert "A small lab" not in page


@pytest.mark.sandbox
def test_who_stays_with_the_own_version_is_told_of_the_next_change(
    author: FlaskClient, publish: Callable[[bytes], None], change_pack: ChangePack, database: Engine
) -> None:
    publish(small())
    change_pack("Complaints anew")
    form = Page(author.get(f"{DESK}/pack").text).form("/pack/keep")
    assert send(author, form, version="0" * 64).status_code == 409
    assert CHANGED in author.get(DESK).text
    assert send(author, form).status_code == 303
    assert CHANGED not in author.get(DESK).text
    assert choices(database) == ["began", "kept"]
    with begin(database, read_only=True) as session:
        noted = session.scalars(select(AuditEntry).where(AuditEntry.verb == "lab_pack_noted")).all()
    assert [entry.detail["choice"] for entry in noted] == ["began", "kept"]
    change_pack("Complaints once more")
    assert CHANGED in author.get(DESK).text


@pytest.mark.sandbox
def test_the_packs_version_is_taken_as_a_draft_which_waits_to_be_published(
    author: FlaskClient,
    publish: Callable[[bytes], None],
    change_pack: ChangePack,
    people: SimpleNamespace,
    sign_in: SignIn,
) -> None:
    publish(small())
    change_pack("Complaints anew")
    assert send(author, Page(author.get(f"{DESK}/pack").text).form("/versions/0/restore")).status_code == 303
    assert "Complaints anew" in author.get(f"{DESK}/source.ipynb").text
    assert "A small lab" in given_out(sign_in(people.amina))
    assert "was taken as a draft" in author.get(DESK).text
    publish(small(points=5))
    assert "was taken as a draft" not in author.get(DESK).text


@pytest.mark.sandbox
def test_back_to_the_pack_means_its_later_versions_too(
    author: FlaskClient,
    publish: Callable[[bytes], None],
    back: Callable[[], str],
    change_pack: ChangePack,
    people: SimpleNamespace,
    sign_in: SignIn,
    database: Engine,
) -> None:
    publish(small())
    change_pack("Complaints anew")
    address = back()
    assert "This is the content pack's version." in Page(author.get(address).text.replace("&#39;", "'")).text
    amina = sign_in(people.amina)
    assert "A small lab" in given_out(amina)
    assert author.post(f"{address}/publish", data=REASON).status_code == 303
    assert "Complaints anew" in given_out(amina)
    assert CHANGED not in author.get(DESK).text
    assert "back to the content pack" in author.get(f"{DESK}/versions").text
    assert "there is nothing to publish" in author.post(f"{address}/publish", data=REASON).text
    assert choices(database)[-1] == "returned"
    change_pack("Complaints once more")
    assert "Complaints once more" in given_out(amina)
    with begin(database, read_only=True) as session:
        assert [row.follows_pack for row in session.scalars(select(LabPublication))] == [False, True]


@pytest.mark.sandbox
def test_a_pack_that_changed_after_its_check_is_checked_again(
    author: FlaskClient, publish: Callable[[bytes], None], back: Callable[[], str], change_pack: ChangePack
) -> None:
    publish(small())
    change_pack("Complaints anew")
    address = back()
    change_pack("Complaints once more")
    refused = author.post(f"{address}/publish", data=REASON)
    assert refused.status_code == 409
    assert "The content pack was changed since this check." in refused.text


@pytest.mark.sandbox
def test_of_a_version_from_before_this_was_noted_it_is_said_that_it_is_not_known(
    author: FlaskClient, publish: Callable[[bytes], None], database: Engine
) -> None:
    publish(small())
    with begin(database) as session:
        session.execute(delete(PackNote))
    assert "It was not noted which version of the content pack" in author.get(DESK).text
    page = author.get(f"{DESK}/pack").text
    assert "A small lab" in Page(page).text
    assert send(author, Page(page).form("/pack/keep")).status_code == 303
    assert "It was not noted" not in author.get(DESK).text


def test_another_academy_has_its_own_decisions_and_a_trainee_sees_none(
    author: FlaskClient, change_pack: ChangePack, people: SimpleNamespace, sign_in: SignIn
) -> None:
    saved(author, small())
    change_pack("Complaints anew")
    amina = sign_in(people.amina)
    assert amina.get(f"{DESK}/pack").status_code == 403
    assert amina.post(f"{DESK}/pack/keep").status_code == 403
    assert author.get(f"/authoring/{MODULE}/quiz/pack").status_code == 404
