"""What is taken away of a cohort, and the note of it in the audit log."""

from __future__ import annotations

from sqlalchemy.orm import Session

from app.accounts.models import Account, Cohort
from app.accounts.queries import reachable_cohorts
from app.cohorts.queries import cohort_named
from app.content.schemas import Catalogue
from app.core import audit, clock
from app.core.access import Action, Actor, Scope, scope_of
from app.core.errors import NotFound
from app.reports import queries, tables
from app.reports.tidy import Content, Package


def reaches_pages(session: Session, actor: Actor, cohort_id: int) -> bool:
    """Whether this actor, who may see the figures of a cohort, may also see its pages, which name people."""
    if scope_of(actor, Action.SEE_COHORTS) is scope_of(actor, Action.SEE_GROUP_FIGURES):
        return True
    return bool(reachable_cohorts(session, actor, {cohort_id}))


def sees_names(actor: Actor, *, reaches: bool) -> bool:
    """Whether this actor may see the records of all in a cohort at once: who teaches it, not who opens one of them.

    reaches: whether they may see its pages.
    """
    return reaches and scope_of(actor, Action.SEE_SKILL_RECORD) is Scope.CLASS


def take_records(
    session: Session, reader: Account, catalogue: Catalogue, cohort_id: int, content: Content, format_name: str
) -> Package:
    """A cohort's skill records, or figures about them, as tidy tables. Raises NotFound.

    Records of persons are for those who may see them on the pages; they get the figures of the group with them.
    """
    cohort, moment = cohort_named(session, reader, cohort_id, Action.SEE_GROUP_FIGURES), clock.now()
    if content == "records" and not sees_names(reader, reaches=reaches_pages(session, reader, cohort_id)):
        raise NotFound
    competencies = catalogue.competencies
    groups, found = queries.groups_of(session, reader, cohort_id, list(competencies))
    made = [tables.groups_table(cohort, found, competencies, moment)]
    if content == "records":
        rows = queries.records(session, reader, cohort_id, groups, list(competencies))
        made.append(tables.records_table(cohort, rows, competencies, moment))
    _note(session, reader, cohort, "records_taken", content=content, format=format_name)
    return tables.package(content, made, cohort, reader.academy.name("en"), moment)


def note_printed(session: Session, reader: Account, cohort_id: int, language: str) -> None:
    """Note that the report on a cohort was taken away. Raises NotFound."""
    cohort = cohort_named(session, reader, cohort_id, Action.SEE_GROUP_FIGURES)
    _note(session, reader, cohort, "report_taken", language=language)


def _note(session: Session, reader: Account, cohort: Cohort, verb: str, **detail: str) -> None:
    audit.record(
        session,
        verb=verb,
        thing=f"cohort:{cohort.id}",
        actor_id=reader.id,
        academy_id=reader.academy_id,
        detail=detail,
    )
