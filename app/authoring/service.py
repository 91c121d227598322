"""Writes of labs: saved states of a source, checks, and publication."""

from __future__ import annotations

import gzip
from collections.abc import Sequence

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import Academy, Account
from app.authoring import pack, queries
from app.authoring.beginning import beginning_of, first_source
from app.authoring.data_tables import DataTable
from app.authoring.models import LabCheck, LabSource, LabWords, PackChoice, PackNote
from app.authoring.queries import Lab
from app.authoring.source import without_results
from app.authoring.words import WordsOfCell, with_words, words_of
from app.content.own_data import NO_FILES, Files, LabData, LabDataFile, files_of
from app.content.publications import LabPublication, with_source
from app.content.schemas import Notebook, OwnFile, WordsAboutCells, canonical_json
from app.core import audit, clock, jobs
from app.core.blobs import Blobs
from app.core.errors import NotFound, Refused
from app.notebooks.written import NOT_IN_A_WINDOW, Written


class SourceChangedElsewhere(Exception):
    """Another window or another author saved this source since the present page read it; `newest` is that state."""

    def __init__(self, newest: LabSource) -> None:
        super().__init__(newest.id)
        self.newest = newest


class WordsChangedElsewhere(Exception):
    """Somebody else wrote another hint or rubric of this cell meanwhile; `known` is what is there now."""

    def __init__(self, known: WordsOfCell) -> None:
        super().__init__(known.version)
        self.known = known


class NotPublished(Refused):
    """The version may not be given out; the message says why and what to do."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence, status=409)


def save(
    session: Session,
    blobs: Blobs,
    author: Account,
    found: Lab,
    content: bytes,
    *,
    base: int | None = None,
    written: Written = NOT_IN_A_WINDOW,
) -> LabSource:
    """Keep a state of the source; the same state again is not kept twice.

    base: id of the state that the page began from (0: what trainees get), None to save whatever was saved meanwhile.
    A saving that was overtaken by a later one of the same window changes nothing, and the later one is returned.
    Raises SourceChangedElsewhere when a state of another window came between.
    """
    digest = blobs.put(content)
    lock(session, author)
    newest = queries.newest(session, author, found)
    if newest is not None:
        if written.adds_nothing_to(newest, digest):
            return newest
        if written.is_beside(newest, base):
            raise SourceChangedElsewhere(newest)
    begins = newest is None and queries.pack_note(session, author, found) is None
    source = _add(session, author, found, digest, written=written)
    if begins:
        _note_pack(session, blobs, author, found, PackChoice.BEGAN)
    return source


def keep_aside(session: Session, blobs: Blobs, author: Account, found: Lab, content: bytes) -> LabSource:
    """Keep a state beside the newest one, which stays the newest; what is there or aside already is kept once.

    Where nothing was saved yet there is nothing to be beside, and the state is what is being written.
    """
    digest = blobs.put(content)
    lock(session, author)
    newest = queries.newest(session, author, found)
    if newest is None:
        return save(session, blobs, author, found, content)
    if newest.sha256 == digest:
        return newest
    return queries.kept_aside(session, author, found, sha256=digest) or _add(session, author, found, digest, aside=True)


def _add(
    session: Session,
    author: Account,
    found: Lab,
    digest: str,
    *,
    written: Written = NOT_IN_A_WINDOW,
    aside: bool = False,
) -> LabSource:
    source = LabSource(
        academy_id=author.academy_id,
        module_id=found.module.id,
        activity_id=found.notebook.id,
        sha256=digest,
        author_id=author.id,
        saved_at=clock.now(),
        writer=written.writer,
        number=written.number,
        aside=aside,
    )
    session.add(source)
    session.flush()
    return source


def save_words(
    session: Session, blobs: Blobs, author: Account, found: Lab, cell: str, written: WordsOfCell, *, seen: str
) -> None:
    """Keep what was written about one cell; the same again is not kept twice.

    seen: version of what the page showed. Raises WordsChangedElsewhere when somebody wrote another meanwhile.
    """
    lock(session, author)
    words = queries.words(session, blobs, author, found)
    known = words_of(words, cell)
    if known.version == written.version:
        return
    if known.version != seen:
        raise WordsChangedElsewhere(known)
    _set_words(session, blobs, author, found, with_words(words, cell, written), cell=cell)


def go_on_with_words(session: Session, blobs: Blobs, author: Account, found: Lab, words: WordsAboutCells) -> None:
    """Earlier hints and rubrics are what is being written."""
    lock(session, author)
    if words != queries.words(session, blobs, author, found):
        _set_words(session, blobs, author, found, words)


def _set_words(
    session: Session, blobs: Blobs, author: Account, found: Lab, words: WordsAboutCells, *, cell: str = ""
) -> None:
    begins = queries.pack_note(session, author, found) is None and queries.newest(session, author, found) is None
    saved = LabWords(
        academy_id=author.academy_id,
        module_id=found.module.id,
        activity_id=found.notebook.id,
        sha256=blobs.put(canonical_json(words)),
        author_id=author.id,
        saved_at=clock.now(),
    )
    session.add(saved)
    session.flush()
    if begins:
        _note_pack(session, blobs, author, found, PackChoice.BEGAN)
    audit.record(
        session,
        verb="lab_words_written",
        thing=f"words:{saved.id}",
        actor_id=author.id,
        academy_id=author.academy_id,
        detail={"lab": "/".join(found.place), "cell": cell, "sha256": saved.sha256},
    )


def bring_files(
    session: Session, blobs: Blobs, author: Account, found: Lab, brought: Sequence[DataTable], *, assurance: str
) -> None:
    """Data files stand beside those that are there, or in the place of those of the same name.

    assurance: why data that name people, or look so, may be used; empty where they name nobody. An own lab over no
    other data that nobody wrote on yet begins with a notebook that reads them.
    """
    lock(session, author)
    files = {table.name: _stored(blobs, table, assurance) for table in brought}
    written = {**queries.files_written(session, author, found), **files}
    _set_files(session, blobs, author, found, written)
    if assurance:
        _note_assurance(session, author, found, brought, assurance)
    begins = found.is_own and not found.installed.data_of and queries.newest(session, author, found) is None
    if begins:
        save(session, blobs, author, found, without_results(first_source(beginning_of(found), sorted(written))))


def _stored(blobs: Blobs, table: DataTable, assurance: str) -> OwnFile:
    packed = gzip.compress(table.content, mtime=0)
    return OwnFile(
        sha256=blobs.put(table.content),
        packed_sha256=blobs.put(packed),
        size_bytes=len(table.content),
        sent_bytes=len(packed),
        row_count=table.row_count,
        columns=table.columns,
        assurance=assurance,
    )


def _note_assurance(
    session: Session, author: Account, found: Lab, brought: Sequence[DataTable], assurance: str
) -> None:
    columns = {table.name: [column.name for column in table.columns if column.looks_like] for table in brought}
    audit.record(
        session,
        verb="lab_data_vouched_for",
        thing=f"lab:{'/'.join(found.place)}",
        actor_id=author.id,
        academy_id=author.academy_id,
        detail={"files": columns, "says": assurance},
    )


def leave_out_file(session: Session, blobs: Blobs, author: Account, found: Lab, name: str) -> None:
    """A data file is no part of what is being written any more. Raises NotFound."""
    lock(session, author)
    files = dict(queries.files_written(session, author, found))
    if files.pop(name, None) is None:
        raise NotFound
    _set_files(session, blobs, author, found, files)


def go_on_with_files(session: Session, blobs: Blobs, author: Account, found: Lab, files: Files) -> None:
    """The data files of an earlier state are what is being written."""
    lock(session, author)
    if files != queries.files_written(session, author, found):
        _set_files(session, blobs, author, found, files)


def _set_files(session: Session, blobs: Blobs, author: Account, found: Lab, files: Files) -> None:
    begins = queries.pack_note(session, author, found) is None and queries.newest(session, author, found) is None
    saved = LabData(
        academy_id=author.academy_id,
        module_id=found.module.id,
        activity_id=found.notebook.id,
        author_id=author.id,
        saved_at=clock.now(),
    )
    session.add(saved)
    session.flush()
    session.add_all(
        LabDataFile(data_id=saved.id, name=name, **file.model_dump(mode="json")) for name, file in files.items()
    )
    session.flush()
    if begins:
        _note_pack(session, blobs, author, found, PackChoice.BEGAN)
    audit.record(
        session,
        verb="lab_data_changed",
        thing=f"data:{saved.id}",
        actor_id=author.id,
        academy_id=author.academy_id,
        detail={"lab": "/".join(found.place), "files": {name: file.sha256 for name, file in files.items()}},
    )


def keep_own(session: Session, blobs: Blobs, author: Account, found: Lab) -> None:
    """The authors know what the content pack holds now, and stay with their own version."""
    lock(session, author)
    _note_pack(session, blobs, author, found, PackChoice.KEPT)


def take_pack(session: Session, blobs: Blobs, author: Account, found: Lab) -> None:
    """What the content pack holds now is what is being written."""
    digest = blobs.put(without_results(found.installed.source))
    lock(session, author)
    newest = queries.newest(session, author, found)
    if newest is None or newest.sha256 != digest:
        _add(session, author, found, digest)
    _note_pack(session, blobs, author, found, PackChoice.TAKEN)
    go_on_with_words(session, blobs, author, found, found.installed.words)
    go_on_with_files(session, blobs, author, found, NO_FILES)


def _note_pack(session: Session, blobs: Blobs, author: Account, found: Lab, choice: PackChoice) -> None:
    note = PackNote(
        academy_id=author.academy_id,
        module_id=found.module.id,
        activity_id=found.notebook.id,
        sha256=blobs.put(pack.state_of(found.installed)),
        choice=choice,
        noted_by=author.id,
        noted_at=clock.now(),
    )
    session.add(note)
    session.flush()
    audit.record(
        session,
        verb="lab_pack_noted",
        thing=f"pack-note:{note.id}",
        actor_id=author.id,
        academy_id=author.academy_id,
        detail={"lab": "/".join(found.place), "choice": str(choice), "sha256": note.sha256},
    )


def request_check(
    session: Session,
    blobs: Blobs,
    author: Account,
    found: Lab,
    content: bytes,
    words: WordsAboutCells,
    data_id: int | None,
    *,
    is_of_pack: bool = False,
) -> LabCheck:
    """Ask for a run of a source through the grader; while the same one waits or has passed, that one.

    The source must have no problems (app/authoring/source.py).
    words, data_id: published with it. is_of_pack: to go back to the content pack's version.
    """
    digest, words_digest = blobs.put(content), blobs.put(canonical_json(words))
    lab_digest = with_source(found.installed, content, words, files_of(session, data_id)).grading_digest
    lock(session, author)
    known = queries.check_of(
        session,
        author,
        found,
        sha256=digest,
        words_sha256=words_digest,
        data_id=data_id,
        lab_digest=lab_digest,
        is_of_pack=is_of_pack,
    )
    if known is not None and (known.is_sound or known.finished_at is None):
        return known
    check = LabCheck(
        academy_id=author.academy_id,
        module_id=found.module.id,
        activity_id=found.notebook.id,
        sha256=digest,
        words_sha256=words_digest,
        data_id=data_id,
        lab_digest=lab_digest,
        is_of_pack=is_of_pack,
        asked_by=author.id,
        asked_at=clock.now(),
    )
    session.add(check)
    session.flush()
    jobs.request_job(session, jobs.JobKind.CHECK_LAB, check.id, academy_id=author.academy_id)
    return check


def why_not_published(session: Session, blobs: Blobs, author: Account, found: Lab, check: LabCheck) -> str | None:
    """Why a checked version may not be given out, in the reader's language; None when it may."""
    if not check.is_sound:
        return str(
            _("Only a version that passed its check can be published. Mend what the check found and check again.")
        )
    content, words = blobs.get(check.sha256), queries.words_of_version(blobs, found, check)
    files = files_of(session, check.data_id)
    checked = with_source(found.installed, content, words, files)
    if checked.grading_digest != check.lab_digest:
        return str(_("The data or a rubric of the lab was changed since this check. Check the version again."))
    if check.is_of_pack:
        return _why_not_back(session, author, found, content, words)
    is_given_out = not found.is_own or queries.last_publication(session, author, found) is not None
    if is_given_out and _is_same(checked, found.notebook, content):
        return _already()
    is_newest = (
        content == queries.text_of(blobs, found, queries.newest(session, author, found))
        and words == queries.words(session, blobs, author, found)
        and files == queries.files_written(session, author, found)
    )
    if not is_newest and not _was_published(session, blobs, author, found, check, words):
        return str(_("The lab was changed since this check, which was of other content. Check what is there now."))
    return None


def _is_same(checked: Notebook, given_out: Notebook, content: bytes) -> bool:
    """Whether trainees get all of a checked version already. content: its source, without results."""
    is_source = content == without_results(given_out.source)
    return is_source and checked.words == given_out.words and checked.own_files == given_out.own_files


def _was_published(
    session: Session, blobs: Blobs, author: Account, found: Lab, check: LabCheck, words: WordsAboutCells
) -> bool:
    published = [version.publication for version in queries.versions(session, author, found)]
    return any(
        each.sha256 == check.sha256
        and each.data_id == check.data_id
        and queries.words_of_version(blobs, found, each) == words
        for each in published
    )


def _why_not_back(session: Session, author: Account, found: Lab, content: bytes, words: WordsAboutCells) -> str | None:
    last = queries.last_publication(session, author, found)
    if last is None or last.follows_pack:
        return _already()
    if content != without_results(found.installed.source) or words != found.installed.words:
        return str(_("The content pack was changed since this check. Look at what it holds now, and check again."))
    return None


def _already() -> str:
    return str(_("This is what trainees get already; there is nothing to publish."))


def publish(
    session: Session, blobs: Blobs, author: Account, found: Lab, check: LabCheck, *, reason: str
) -> LabPublication:
    """Give the checked version out to the academy's trainees. Raises NotPublished."""
    lock(session, author)
    if (sentence := why_not_published(session, blobs, author, found, check)) is not None:
        raise NotPublished(sentence)
    last = queries.last_publication(session, author, found)
    publication = LabPublication(
        academy_id=author.academy_id,
        module_id=found.module.id,
        activity_id=found.notebook.id,
        number=last.number + 1 if last else 1,
        sha256=check.sha256,
        words_sha256=check.words_sha256,
        data_id=check.data_id,
        check_id=check.id,
        follows_pack=check.is_of_pack,
        reason=reason,
        published_by=author.id,
        published_at=clock.now(),
    )
    session.add(publication)
    session.flush()
    if check.is_of_pack:
        _note_pack(session, blobs, author, found, PackChoice.RETURNED)
    audit.record(
        session,
        verb="lab_published",
        thing=f"publication:{publication.id}",
        actor_id=author.id,
        academy_id=author.academy_id,
        detail={
            "lab": "/".join(found.place),
            "number": publication.number,
            "sha256": check.sha256,
            "words": check.words_sha256,
            "data": {name: file.sha256 for name, file in files_of(session, check.data_id).items()},
            "check": check.id,
            "follows_pack": check.is_of_pack,
            "reason": reason,
        },
    )
    return publication


def lock(session: Session, author: Account) -> None:
    """Others who write for this academy wait until the present transaction has ended."""
    session.execute(select(Academy.id).where(Academy.id == author.academy_id).with_for_update(key_share=True))
