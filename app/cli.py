"""`flask --app app.wsgi audit verify`, `… estimates export` and `… estimates verify FILE`: what an auditor runs."""

from __future__ import annotations

from pathlib import Path

import click
from flask import current_app
from flask.cli import AppGroup
from sqlalchemy import select

from app.competencies import export
from app.competencies.models import Evidence
from app.competencies.queries import skills
from app.core import audit, clock
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


estimates = AppGroup("estimates", help="The estimates of competencies.")


@estimates.command("export")
def export_estimates() -> None:
    """Print every estimate as the pages show it now, as a table with the method's version."""
    moment = clock.now()
    with begin(engine_of(current_app), read_only=True) as session:
        click.echo(export.table(skills(session.scalars(select(Evidence)), now=moment), moment), nl=False)


@estimates.command("verify")
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
