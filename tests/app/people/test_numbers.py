"""Numbers that the audit log names are given once, since the log goes on naming what went."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine, select

from app.accounts.models import Account
from app.core.db import begin
from tests.app.people.test_imports import bring_in, undo


@pytest.mark.both_databases
def test_who_comes_after_an_import_was_undone_has_no_number_of_who_was_removed(
    farid: FlaskClient, database: Engine
) -> None:
    address = bring_in(farid, "username,full name,role\ngul,Gul,administrator\n", gives_roles="y")
    removed = number(database, "gul")
    assert undo(farid, address) == 303
    bring_in(farid, "username,full name\nsher,Sher\n")
    assert number(database, "sher") > removed


def number(database: Engine, username: str) -> int:
    with begin(database, read_only=True) as session:
        return session.scalars(select(Account.id).where(Account.username == username)).one()
