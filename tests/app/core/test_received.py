"""A sign that PostgreSQL keeps in no text, wherever it is sent."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, select

from app.accounts.models import Posting
from app.core.db import begin
from tests.app.auditing.test_audit_pages import table_of_acts
from tests.conftest import PASSWORD


@pytest.mark.both_databases
def test_what_is_typed_loses_the_sign_and_nothing_else(
    app: Flask, people: SimpleNamespace, database: Engine, farid: FlaskClient
) -> None:
    typed = {"username": "ami\0na", "password": PASSWORD}
    assert app.test_client().post("/sign-in", data=typed).status_code == 303
    posted = farid.post(f"/people/{people.amina.id}/posting", data={"department": "Rev\0enue"})
    assert posted.status_code == 303, posted.text
    with begin(database, read_only=True) as session:
        assert session.scalars(select(Posting.department)).one() == "Revenue"


@pytest.mark.on_postgresql
def test_addresses_with_the_sign_are_read_without_it_or_lead_nowhere(
    people: SimpleNamespace, farid: FlaskClient
) -> None:
    found = table_of_acts(farid.get("/audit?username=fa%00rid&verb=signed_in%00").text)
    assert found == [("Farid", "signed in", f"account:{people.farid.id}")]
    assert farid.get("/people/1%00").status_code == 404
    assert farid.get("/credentials/a%00b").status_code == 404
