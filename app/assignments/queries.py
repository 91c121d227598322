"""Reads for the pages of a cohort's lab."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

import grading
from app.accounts.models import Account, Cohort, Enrolment
from app.accounts.queries import cohort_of_academy
from app.assignments.archive import Course, Work
from app.content.data import data_file
from app.content.publications import published_sources
from app.content.releases import released
from app.content.schemas import Catalogue, Notebook
from app.core.access import Action, Actor
from app.core.blobs import Blobs
from app.core.errors import NotFound
from app.core.paging import Page, Wanted, page_of_things
from app.gradebook.points import Attempt, counting
from app.gradebook.queries import as_shown_to, attempts_of
from app.notebooks import terms
from app.notebooks.models import LabTerms, NotebookDraft, Submission
from app.notebooks.terms import Terms


@dataclass(frozen=True)
class Assignment:
    """A lab that a cohort does. row: where its terms are kept, None while they are the standard ones."""

    cohort: Cohort
    lab: Notebook
    row: LabTerms | None

    @property
    def terms(self) -> Terms:
        return terms.of_row(self.row)


@dataclass(frozen=True)
class Standing:
    """Where one trainee stands. attempts: oldest first; counting: the one that counts, None while none has points."""

    trainee: Account
    attempts: tuple[Attempt, ...]
    counting: Attempt | None

    @property
    def last(self) -> Attempt | None:
        return self.attempts[-1] if self.attempts else None


@dataclass(frozen=True)
class Likeness:
    """What comparing the attempts that count says. pairs: the most alike first; cut: those with a cell that was too
    long to be compared whole.
    """

    pairs: list[Alike]
    cut: list[Submission]


@dataclass(frozen=True)
class Side:
    """One submission of a pair, as it was graded, and where it shares something with the other."""

    submission: Submission
    notebook: bytes
    passages: tuple[grading.Passage, ...]


@dataclass(frozen=True)
class Alike:
    """Two submissions that share passages. share: of the shorter one, 0 to 1."""

    share: float
    first: Side
    second: Side


def assignment(session: Session, actor: Actor, catalogue: Catalogue, cohort_id: int, activity_id: str) -> Assignment:
    """A lab of a cohort of the actor's academy. Raises NotFound."""
    cohort = cohort_of_academy(session, actor, cohort_id, Action.KEEP_GRADEBOOK)
    lab = catalogue.find_lab(cohort.module_id, activity_id)
    if lab is None:
        raise NotFound
    return Assignment(cohort, lab, terms.row_of_lab(session, cohort.id, activity_id))


def submissions(session: Session, found: Assignment) -> list[Submission]:
    """Everything that was handed in under this assignment, by trainee and attempt."""
    return list(session.scalars(_in_order(_submitted_here(found))))


def _submitted_here(found: Assignment) -> Select[Submission]:
    return select(Submission).where(Submission.cohort_id == found.cohort.id, Submission.activity_id == found.lab.id)


def _in_order(statement: Select[Submission]) -> Select[Submission]:
    return statement.order_by(Submission.trainee_id, Submission.attempt)


def standings(session: Session, reader: Actor, found: Assignment, wanted: Wanted) -> Page[Standing]:
    """Each trainee of the cohort, by name, and whoever handed in and left it; with the marks that the reader sees."""
    enrolled = select(Enrolment.trainee_id).where(Enrolment.cohort_id == found.cohort.id)
    handed_in = _submitted_here(found).with_only_columns(Submission.trainee_id)
    people = select(Account).where(Account.id.in_(enrolled) | Account.id.in_(handed_in))
    page = page_of_things(session, people.order_by(Account.full_name, Account.id), wanted)
    return page.made(lambda trainees: _standings(session, reader, found, trainees))


def _standings(session: Session, reader: Actor, found: Assignment, trainees: Sequence[Account]) -> list[Standing]:
    ids = [trainee.id for trainee in trainees]
    theirs = _submitted_here(found).where(Submission.trainee_id.in_(ids))
    attempts = attempts_of(session, list(session.scalars(_in_order(theirs))))
    by_trainee = _by_trainee(attempts)
    shown = {each.submission.id: each for each in as_shown_to(session, reader, attempts)}
    return [_standing(trainee, by_trainee.get(trainee.id, ()), shown) for trainee in trainees]


def _standing(trainee: Account, attempts: tuple[Attempt, ...], shown: Mapping[int, Attempt]) -> Standing:
    """Marks that the reader does not see decide all the same which attempt counts."""
    counts = counting(attempts)
    seen = tuple(shown[each.submission.id] for each in attempts)
    return Standing(trainee, seen, shown[counts.submission.id] if counts is not None else None)


def _by_trainee(attempts: Iterable[Attempt]) -> dict[int, tuple[Attempt, ...]]:
    """Attempts that are sorted by trainee, by the trainee's id."""
    return {trainee_id: tuple(group) for trainee_id, group in groupby(attempts, _trainee_of)}


def _trainee_of(attempt: Attempt) -> int:
    return attempt.submission.trainee_id


def _counted(session: Session, found: Assignment) -> list[Attempt]:
    """The attempt that counts of each trainee who has one."""
    groups = _by_trainee(attempts_of(session, submissions(session, found))).values()
    return [each for each in map(counting, groups) if each is not None]


def alike(session: Session, blobs: Blobs, installed: Catalogue, found: Assignment) -> Likeness:
    """Which attempts that count share passages. installed: the content packs."""
    kept = {each.submission.id: each for each in _counted(session, found)}
    notebooks = {
        number: blobs.get(each.grade.autograded_sha256)
        for number, each in kept.items()
        if each.grade is not None and each.grade.autograded_sha256 is not None
    }
    pairs = [
        Alike(
            pair.share,
            Side(kept[pair.first].submission, notebooks[pair.first], pair.first_passages),
            Side(kept[pair.second].submission, notebooks[pair.second], pair.second_passages),
        )
        for pair in grading.similar_pairs(notebooks, _given_out(session, blobs, installed, found))
    ]
    return Likeness(pairs, [kept[number].submission for number in notebooks if grading.cut_cells(notebooks[number])])


def _given_out(session: Session, blobs: Blobs, installed: Catalogue, found: Assignment) -> list[bytes]:
    """Each version of the lab that the cohort may have been given.

    A file that was handed in without a draft does not say which it goes on from, so these are all that the academy
    published, that of the content pack, and those that drafts of the cohort go on from.
    """
    cohort, lab = found.cohort, found.lab
    enrolled = select(Enrolment.trainee_id).where(Enrolment.cohort_id == cohort.id)
    handed_in = _submitted_here(found).with_only_columns(Submission.trainee_id)
    begun_from = select(NotebookDraft.release_sha256).where(
        NotebookDraft.trainee_id.in_(enrolled) | NotebookDraft.trainee_id.in_(handed_in),
        NotebookDraft.module_id == cohort.module_id,
        NotebookDraft.activity_id == lab.id,
        NotebookDraft.release_sha256 != "",
    )
    sources = {lab.source, *published_sources(session, blobs, cohort.academy_id, cohort.module_id, lab.id)}
    if (of_pack := installed.find_lab(cohort.module_id, lab.id)) is not None:
        sources.add(of_pack.source)
    older = [blobs.get(digest) for digest in session.scalars(begun_from.distinct())]
    return [*_releases(sources), *older]


def _releases(sources: Iterable[bytes]) -> Iterator[bytes]:
    for source in sources:
        # What was published once may be refused by the nbgrader of today.
        with contextlib.suppress(grading.InvalidSource):
            yield released(source)


def pair_of(session: Session, blobs: Blobs, installed: Catalogue, found: Assignment, first: int, second: int) -> Alike:
    """One pair. Raises NotFound when the two are no pair of this assignment."""
    for each in alike(session, blobs, installed, found).pairs:
        if (each.first.submission.id, each.second.submission.id) == (first, second):
            return each
    raise NotFound


def course(session: Session, blobs: Blobs, lab_files: Path, found: Assignment) -> Course:
    """The lab with the attempt that counts of each trainee. lab_files: the folder of all labs' data files."""
    module_id, lab = found.cohort.module_id, found.lab
    counted = [each.submission for each in _counted(session, found)]
    return Course(
        lab_id=lab.id,
        source=lab.source,
        files={name: data_file(lab_files, blobs, module_id, lab, name).read_bytes() for name in lab.data_files},
        submitted=[Work(each.trainee_id, blobs.get(each.sha256), each.submitted_at) for each in counted],
    )
