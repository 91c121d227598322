"""Reads about labs that instructors write."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from app.accounts.models import Account, Cohort
from app.authoring import pack
from app.authoring.models import LabCheck, LabSource, LabWords, PackChoice, PackNote
from app.authoring.source import without_results
from app.content.own_data import NO_FILES, Files, LabData, files_of, files_of_states
from app.content.own_labs import OwnLab
from app.content.publications import LabPublication, read_words
from app.content.schemas import Catalogue, Module, Notebook, WordsAboutCells
from app.core.access import Action, Actor, Statement, cohorts_visible, visible
from app.core.blobs import Blobs
from app.core.db import one
from app.core.errors import NotFound
from app.core.jobs import Job, JobKind
from app.notebooks import stretches

MOST_STATES = 500
Kept = TypeVar("Kept", LabSource, LabPublication, PackNote)


@dataclass(frozen=True)
class Lab:
    """A lab as an academy's trainees get it now.

    installed: as its content pack has it, with every hint and rubric, or as it began if it is the academy's own.
    """

    module: Module
    notebook: Notebook
    installed: Notebook

    @property
    def is_own(self) -> bool:
        """Whether the academy began it, so that trainees get nothing of it until a version is published."""
        return self.installed.is_own

    @property
    def place(self) -> tuple[str, str]:
        return self.module.id, self.notebook.id


@dataclass(frozen=True)
class State:
    """A saved state of a source and who saved it."""

    source: LabSource
    author: str


@dataclass(frozen=True)
class WordsState:
    """Saved hints and rubrics and who saved them."""

    words: LabWords
    author: str


@dataclass(frozen=True)
class DataState:
    """A saved state of the academy's data files and who saved it."""

    data: LabData
    author: str
    files: Files


@dataclass(frozen=True)
class Version:
    """A publication and who published it. is_given_out: trainees get it now."""

    publication: LabPublication
    publisher: str
    is_given_out: bool


@dataclass(frozen=True)
class PackNews:
    """What authors are told of a content pack under a lab that they write.

    noted: what the pack held when they last decided about it, None when that was not noted then. has_changed: the
    pack holds something else now. waits: its version was taken as a draft, and nothing was published since.
    """

    noted: PackNote | None
    has_changed: bool
    waits: bool


@dataclass(frozen=True)
class ListedLab:
    """A lab in the list of all. newest: the source that is being written; publication: what was published last."""

    found: Lab
    newest: LabSource | None
    publication: LabPublication | None
    news: PackNews | None


def labs(catalogue: Catalogue, installed: Catalogue) -> list[Lab]:
    """Every lab there is, module by module."""
    return [
        lab(catalogue, installed, module.id, activity.id)
        for module in installed.modules.values()
        for activity in (*module.activities, *module.withdrawn)
        if isinstance(activity, Notebook)
    ]


def lab(catalogue: Catalogue, installed: Catalogue, module_id: str, activity_id: str) -> Lab:
    """One lab. Raises NotFound."""
    original = installed.find(module_id, activity_id)
    found = catalogue.find(module_id, activity_id) or original
    if not isinstance(found, Notebook) or not isinstance(original, Notebook):
        raise NotFound
    return Lab(catalogue.module(module_id), found, original)


def listed(session: Session, actor: Actor, found: Sequence[Lab]) -> list[ListedLab]:
    """These labs with how far the academy has come, by three statements however many there are."""
    sources = _newest_of_each(session, actor, LabSource, LabSource.aside.is_(False))
    publications = _newest_of_each(session, actor, LabPublication)
    notes = _newest_of_each(session, actor, PackNote)
    rows = []
    for each in found:
        newest, last = sources.get(each.place), publications.get(each.place)
        rows.append(ListedLab(each, newest, last, pack_news(each, newest, notes.get(each.place), last)))
    return rows


def _newest_of_each(
    session: Session, actor: Actor, table: type[Kept], *which: ColumnElement[bool]
) -> dict[tuple[str, str], Kept]:
    """The row of the actor's academy that was written last, by module and activity."""
    last = _within(actor, select(func.max(table.id)).where(*which).group_by(table.module_id, table.activity_id), table)
    return {(row.module_id, row.activity_id): row for row in session.scalars(select(table).where(table.id.in_(last)))}


def newest(session: Session, actor: Actor, found: Lab) -> LabSource | None:
    """What is being written; None while nobody began."""
    statement = _of_lab(select(LabSource), LabSource, found).where(LabSource.aside.is_(False))
    return session.scalar(_within(actor, statement, LabSource).order_by(LabSource.id.desc()).limit(1))


def state(session: Session, actor: Actor, found: Lab, source_id: int) -> LabSource:
    """A saved state of a lab's source. Raises NotFound."""
    statement = _of_lab(select(LabSource), LabSource, found).where(LabSource.id == source_id)
    return one(session, _within(actor, statement, LabSource))


def kept_aside(session: Session, actor: Actor, found: Lab, *, sha256: str) -> LabSource | None:
    """The newest state aside with this content."""
    aside = LabSource.aside.is_(True) & (LabSource.sha256 == sha256)
    statement = _of_lab(select(LabSource), LabSource, found).where(aside)
    return session.scalar(_within(actor, statement, LabSource).order_by(LabSource.id.desc()).limit(1))


def states(session: Session, actor: Actor, found: Lab) -> list[State]:
    """Saved states, newest first: those that stretches.py lists, and all that were kept aside."""
    last = stretches.listed(_within(actor, _of_lab(select(LabSource), LabSource, found), LabSource), LabSource)
    statement = _of_lab(select(LabSource, Account.full_name), LabSource, found)
    statement = statement.join(Account, Account.id == LabSource.author_id).order_by(LabSource.id.desc())
    statement = statement.where(or_(LabSource.aside.is_(True), LabSource.id.in_(last)))
    rows = session.execute(_within(actor, statement, LabSource).limit(MOST_STATES)).all()
    return [State(source, name) for source, name in rows]


def author(session: Session, source: LabSource) -> str:
    """The name of who saved a state."""
    return session.get_one(Account, source.author_id).full_name


def text_of(blobs: Blobs, found: Lab, source: LabSource | None) -> bytes:
    """The notebook that the lab's page opens with: what is being written, else what trainees get now."""
    return blobs.get(source.sha256) if source else without_results(found.notebook.source)


def pack_news(
    found: Lab, newest: LabSource | None, noted: PackNote | None, last: LabPublication | None
) -> PackNews | None:
    """About the content pack of a lab; None while nobody of the academy began to write. last: published last."""
    if newest is None and noted is None:
        return None
    if noted is None or noted.sha256 != pack.version_of(pack.state_of(found.installed)):
        return PackNews(noted, has_changed=True, waits=False)
    is_newer = last is not None and last.published_at >= noted.noted_at
    return PackNews(noted, has_changed=False, waits=noted.choice is PackChoice.TAKEN and not is_newer)


def pack_note(session: Session, actor: Actor, found: Lab) -> PackNote | None:
    """The last decision of the academy's authors about a content pack."""
    statement = _within(actor, _of_lab(select(PackNote), PackNote, found), PackNote)
    return session.scalar(statement.order_by(PackNote.id.desc()).limit(1))


def newest_words(session: Session, actor: Actor, found: Lab) -> LabWords | None:
    """The hints and rubrics that were saved last; None while nobody wrote any."""
    statement = _within(actor, _of_lab(select(LabWords), LabWords, found), LabWords)
    return session.scalar(statement.order_by(LabWords.id.desc()).limit(1))


def words(session: Session, blobs: Blobs, actor: Actor, found: Lab) -> WordsAboutCells:
    """Hints and rubrics as they are being written, else as they were published last, else as installed."""
    if (saved := newest_words(session, actor, found)) is not None:
        return read_words(blobs.get(saved.sha256))
    last = last_publication(session, actor, found)
    return words_of_version(blobs, found, last if last and not last.follows_pack else None)


def words_of_version(blobs: Blobs, found: Lab, published: LabPublication | LabCheck | None) -> WordsAboutCells:
    """Hints and rubrics of a published or checked version; None, and where it has none of its own, the pack's."""
    if published is None or published.words_sha256 is None:
        return found.installed.words
    return read_words(blobs.get(published.words_sha256))


def words_states(session: Session, actor: Actor, found: Lab) -> list[WordsState]:
    """Saved hints and rubrics, newest first."""
    statement = _of_lab(select(LabWords, Account.full_name), LabWords, found)
    statement = statement.join(Account, Account.id == LabWords.author_id).order_by(LabWords.id.desc())
    rows = session.execute(_within(actor, statement, LabWords).limit(MOST_STATES)).all()
    return [WordsState(row, name) for row, name in rows]


def words_state(session: Session, actor: Actor, found: Lab, words_id: int) -> LabWords:
    """Hints and rubrics as they were saved once. Raises NotFound."""
    statement = _of_lab(select(LabWords), LabWords, found).where(LabWords.id == words_id)
    return one(session, _within(actor, statement, LabWords))


def newest_data(session: Session, actor: Actor, found: Lab) -> LabData | None:
    """The state of the academy's data files that was saved last; None while nobody brought any."""
    statement = _within(actor, _of_lab(select(LabData), LabData, found), LabData)
    return session.scalar(statement.order_by(LabData.id.desc()).limit(1))


def data_written(session: Session, actor: Actor, found: Lab) -> int | None:
    """The state of the academy's data files as it is being written, else as it was published last; None for none."""
    if (saved := newest_data(session, actor, found)) is not None:
        return saved.id
    last = last_publication(session, actor, found)
    return last.data_id if last and not last.follows_pack else None


def files_written(session: Session, actor: Actor, found: Lab) -> Files:
    """The data files of that state."""
    return files_of(session, data_written(session, actor, found))


def data_states(session: Session, actor: Actor, found: Lab) -> list[DataState]:
    """Saved states of the academy's data files, newest first."""
    statement = _of_lab(select(LabData, Account.full_name), LabData, found)
    statement = statement.join(Account, Account.id == LabData.author_id).order_by(LabData.id.desc())
    rows = session.execute(_within(actor, statement, LabData).limit(MOST_STATES)).all()
    files = files_of_states(session, [row.id for row, _name in rows])
    return [DataState(row, name, files.get(row.id, NO_FILES)) for row, name in rows]


def data_state(session: Session, actor: Actor, found: Lab, state_id: int) -> LabData:
    """A saved state of the academy's data files. Raises NotFound."""
    statement = _of_lab(select(LabData), LabData, found).where(LabData.id == state_id)
    return one(session, _within(actor, statement, LabData))


def check(session: Session, actor: Actor, check_id: int) -> LabCheck:
    """A check of the actor's academy. Raises NotFound."""
    return one(session, _within(actor, select(LabCheck).where(LabCheck.id == check_id), LabCheck))


def check_of(
    session: Session,
    actor: Actor,
    found: Lab,
    *,
    sha256: str,
    words_sha256: str,
    data_id: int | None,
    lab_digest: str,
    is_of_pack: bool,
) -> LabCheck | None:
    """The last check of exactly this source, hints and rubrics with the lab's data as they are."""
    statement = _of_lab(select(LabCheck), LabCheck, found).where(
        LabCheck.sha256 == sha256,
        LabCheck.words_sha256 == words_sha256,
        LabCheck.data_id.is_not_distinct_from(data_id),
        LabCheck.lab_digest == lab_digest,
        LabCheck.is_of_pack.is_(is_of_pack),
    )
    return session.scalar(_within(actor, statement, LabCheck).order_by(LabCheck.id.desc()).limit(1))


def of_lab(table: Table | type[OwnLab], author: Account, found: Lab) -> list[ColumnElement[bool]]:
    """The condition of rows of a lab in the author's academy, to write them."""
    return [
        table.academy_id == author.academy_id,
        table.module_id == found.module.id,
        table.activity_id == found.notebook.id,
    ]


def is_being_checked(session: Session, author: Account, found: Lab) -> bool:
    """Whether the grader has a check of the lab still before it."""
    statement = select(LabCheck.id).where(*of_lab(LabCheck, author, found), LabCheck.finished_at.is_(None))
    return session.scalar(statement.limit(1)) is not None


def is_set_aside(session: Session, found: LabCheck) -> bool:
    """Whether a check could not run by a fault of ours and waits for an administrator."""
    statement = select(Job.id).where(
        Job.kind == JobKind.CHECK_LAB, Job.thing_id == found.id, Job.failure.is_not(None), Job.finished_at.is_(None)
    )
    return session.scalar(statement) is not None


def versions(session: Session, actor: Actor, found: Lab) -> list[Version]:
    """What was published, newest first."""
    statement = _of_lab(select(LabPublication, Account.full_name), LabPublication, found)
    statement = statement.join(Account, Account.id == LabPublication.published_by).order_by(LabPublication.id.desc())
    rows = session.execute(_within(actor, statement, LabPublication)).all()
    return [
        Version(row, name, is_given_out=place == 0 and not row.follows_pack) for place, (row, name) in enumerate(rows)
    ]


def last_publication(session: Session, actor: Actor, found: Lab) -> LabPublication | None:
    """What was published last; None while trainees get the lab as it was installed."""
    statement = _within(actor, _of_lab(select(LabPublication), LabPublication, found), LabPublication)
    return session.scalar(statement.order_by(LabPublication.number.desc()).limit(1))


def publication(session: Session, actor: Actor, found: Lab, number: int) -> LabPublication:
    """A published version. Raises NotFound."""
    statement = _of_lab(select(LabPublication), LabPublication, found).where(LabPublication.number == number)
    return one(session, _within(actor, statement, LabPublication))


def cohorts(session: Session, actor: Actor, module_id: str) -> list[Cohort]:
    """Cohorts that take a module and whose gradebook the actor keeps, newest first."""
    columns = Cohort.__table__.c
    statement = select(Cohort).where(Cohort.module_id == module_id).order_by(Cohort.id.desc())
    scoped = cohorts_visible(
        actor, Action.KEEP_GRADEBOOK, statement, cohort=columns.id, academy=columns.academy_id
    )  # fmt: skip
    return list(session.scalars(scoped))


Table = type[LabSource] | type[LabWords] | type[LabData] | type[LabCheck] | type[LabPublication] | type[PackNote]


def _of_lab(statement: Statement, table: Table, found: Lab) -> Statement:
    return statement.where(table.module_id == found.module.id, table.activity_id == found.notebook.id)


def _within(actor: Actor, statement: Statement, table: Table) -> Statement:
    columns = table.__table__.c
    # A lab that is written has no owner but its academy.
    owner: ColumnElement[int] = columns.id
    return visible(actor, Action.WRITE_LABS, statement, trainee=owner, academy=columns.academy_id)
