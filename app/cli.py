"""What an auditor and whoever runs the portal type after `flask --app app.wsgi`: `audit verify`, `audit check FILE`,
`estimates export`, `estimates verify FILE`, `estimates recompute`, `retention` and `erasures verify`.
"""

from __future__ import annotations

from pathlib import Path
from typing import TextIO

import click
from flask import Flask, current_app
from flask.cli import AppGroup, with_appcontext
from sqlalchemy import select

from app.competencies import export, tallies
from app.competencies.models import Evidence
from app.competencies.queries import skills
from app.core import audit, clock, running
from app.core.db import begin, engine_of
from app.retention import files as unnamed_files
from app.retention import service as retention
from app.rights import erasure

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
    engine, stored = engine_of(current_app), running.blobs()
    with begin(engine, read_only=dry_run) as session:
        found = retention.outdated(session) if dry_run else retention.apply(session)
    if dry_run:
        with begin(engine, read_only=True) as session:
            file_count = len(unnamed_files.overdue(session, unnamed_files.unnamed(session, stored)))
    else:
        file_count = unnamed_files.sweep(engine, stored)
    for each in found:
        click.echo(
            f"academy {each.academy_id}, {each.rule.name}: {len(each.numbers)} older than {each.rule.kept.days} days"
        )
    if file_count:
        click.echo(f"files that nothing has named for {unnamed_files.KEPT.days} days: {file_count}")
    nothing = dry_run or not (found or file_count)
    click.echo("Nothing was deleted." if nothing else "Deleted; the audit log says so.")


estimate_commands = AppGroup("estimates", help="The estimates of competencies.")


@estimate_commands.command("export")
def export_estimates() -> None:
    """Print every estimate as the pages show it now, as a table with the method's version."""
    moment = clock.now()
    with begin(engine_of(current_app), read_only=True) as session:
        click.echo(export.table(skills(session.scalars(select(Evidence)), now=moment), moment), nl=False)


@estimate_commands.command("verify")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def verify_estimates(file: Path) -> None:
    """Recompute a table of estimates from the evidence of its moment; name what differs (exit status 1).

    FILE: what `estimates export` printed, or what a page of a skill record gave to keep.
    """
    try:
        rows = export.read_table(file.read_text(encoding="utf-8"))
    except (export.NoTableOfEstimates, UnicodeDecodeError) as problem:
        raise click.ClickException(f"{file}: {problem}") from None
    with begin(engine_of(current_app), read_only=True) as session:
        found = list(export.differences(session, rows))
    for each in found:
        click.echo(
            f"Trainee {each.trainee}, {each.competency}, {each.column}: "
            f"{each.shown or 'nothing'} in the table, {each.recomputed or 'nothing'} from the evidence.",
            err=True,
        )
    if found:
        raise SystemExit(1)
    click.echo(f"{len(rows)} estimates, each as the evidence gives it.")


@estimate_commands.command("recompute")
@click.option("--dry-run", is_flag=True, help="Compare only, and keep what is kept.")
def recompute_estimates(dry_run: bool) -> None:
    """Add up all evidence anew; name every kept sum that did not follow from it (exit status 1)."""
    found = tallies.recompute(engine_of(current_app), keep=not dry_run)
    for trainee_id, competency in found.differing:
        click.echo(f"Trainee {trainee_id}, {competency}: what was kept did not follow from the evidence.", err=True)
    mended = "" if dry_run or not found.differing else " They are mended."
    click.echo(
        f"{found.pieces} pieces of evidence in {found.tallies} estimates; "
        f"{len(found.differing)} were kept wrongly.{mended}"
    )
    if found.differing:
        raise SystemExit(1)


erasure_commands = AppGroup("erasures", help="People who were erased.")


@erasure_commands.command("verify")
def verify_erasures() -> None:
    """Prove each tombstone: nothing of the person is left, and the log says the same; name what is not so (exit 1)."""
    with begin(engine_of(current_app), read_only=True) as session:
        found, count = list(erasure.faults(session)), erasure.count(session)
    for account_id, fault in found:
        click.echo(f"Account {account_id}: {fault}.", err=True)
    if found:
        raise SystemExit(1)
    click.echo(f"{count} erased, each proved.")


def init_app(app: Flask) -> None:
    """Give the portal its commands."""
    for command in (audit_commands, estimate_commands, erasure_commands, retention_command):
        app.cli.add_command(command)
