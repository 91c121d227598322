"""`flask --app app.wsgi audit verify` and `… audit check FILE`: what an auditor runs."""

from __future__ import annotations

from typing import TextIO

import click
from flask import current_app
from flask.cli import AppGroup

from app.core import audit
from app.core.db import begin, engine_of

commands = AppGroup("audit", help="The audit log.")


@commands.command("verify")
@click.option("--expected-head", help="A head noted earlier: finds rows missing at the end as well.")
def verify(expected_head: str | None) -> None:
    """Prove that the log is whole, or name the first broken row (exit status 1)."""
    with begin(engine_of(current_app), read_only=True) as session:
        found = audit.verify(session, expected_head=expected_head)
    if found.broken_id is not None:
        click.echo(f"Row {found.broken_id} is broken: {found.reason}.", err=True)
        raise SystemExit(1)
    click.echo(f"{found.entries} entries, unbroken. Head: {found.head}")


@commands.command("check")
@click.argument("file", type=click.File(encoding="utf-8"))
def check(file: TextIO) -> None:
    """Prove that no entry of a log that was taken away as a FILE was altered, or name them (exit status 1)."""
    try:
        found = audit.check_lines(file)
    except ValueError as error:
        raise click.ClickException(f"This is no audit log: {error}") from error
    if found.altered:
        click.echo(f"Altered: {', '.join(map(str, found.altered))}.", err=True)
        raise SystemExit(1)
    click.echo(f"{found.entries} entries, unaltered. Hash of the last: {found.head}")
