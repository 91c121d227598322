"""`flask --app app.wsgi audit verify` and `… audit check FILE`, what an auditor runs; `… retention`."""

from __future__ import annotations

from typing import TextIO

import click
from flask import Flask, current_app
from flask.cli import AppGroup, with_appcontext

from app.core import audit
from app.core.db import begin, engine_of
from app.retention import service as retention

audit_commands = AppGroup("audit", help="The audit log.")


@audit_commands.command("verify")
@click.option("--expected-head", help="A head noted earlier: finds rows missing at the end as well.")
def verify(expected_head: str | None) -> None:
    """Prove that the log is whole, or name the first broken row (exit status 1)."""
    with begin(engine_of(current_app), read_only=True) as session:
        found = audit.verify(session, expected_head=expected_head)
    if found.broken_id is not None:
        click.echo(f"Row {found.broken_id} is broken: {found.reason}.", err=True)
        raise SystemExit(1)
    click.echo(f"{found.entries} entries, unbroken. Head: {found.head}")


@audit_commands.command("check")
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


@click.command("retention")
@click.option("--dry-run", is_flag=True, help="Say what would be deleted, and delete nothing.")
@with_appcontext
def retention_command(dry_run: bool) -> None:
    """Delete what was kept long enough. The worker does so every day."""
    with begin(engine_of(current_app), read_only=dry_run) as session:
        found = retention.outdated(session) if dry_run else retention.apply(session)
    for each in found:
        click.echo(
            f"academy {each.academy_id}, {each.rule.name}: {len(each.numbers)} older than {each.rule.kept.days} days"
        )
    click.echo("Nothing was deleted." if dry_run or not found else "Deleted; the audit log says so.")


def init_app(app: Flask) -> None:
    app.cli.add_command(audit_commands)
    app.cli.add_command(retention_command)
