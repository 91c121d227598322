"""The worker's part: statements go to the store in the order in which they were written, until none waits.

No transaction is open while the store is asked. What dies between the store's yes and the note of it is sent again, as
the same statement of the same number, which the store has then.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from cryptography.fernet import InvalidToken
from sqlalchemy import Engine, Select, delete, exists, or_, select, update
from sqlalchemy.orm import Session

from app.accounts import consent
from app.accounts.models import Academy, Account, Cohort
from app.content.publications import catalogue_of
from app.content.schemas import Catalogue
from app.core import audit, clock, jobs
from app.core.blobs import Blobs
from app.core.db import begin
from app.core.outgoing import NotAllowed, Outgoing, OutOfReach
from app.core.sealing import Seal
from app.record_store.courier import Courier, Envelope, Finding, StatementRefused, StoreAway
from app.record_store.models import RecordStore, Statement
from app.record_store.statements import Writer, renamed
from config import Settings

# Statements of one request: some forty kilobytes.
BATCH = 50
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=15), timedelta(hours=1)
PURPOSE_OF_SECRETS = "record store: secrets"


@dataclass(frozen=True)
class PostOffice:
    """What sending needs. writer: who knows the content packs. seal: of the secrets of stores."""

    outgoing: Outgoing
    writer: Writer
    seal: Seal
    blobs: Blobs

    @classmethod
    def of(cls, settings: Settings, catalogue: Catalogue) -> PostOffice:
        """catalogue: the content packs."""
        seal = Seal(settings.secret_key, PURPOSE_OF_SECRETS)
        return cls(Outgoing.of(settings), Writer.of(settings, catalogue), seal, Blobs(settings.storage_folder))

    def writer_for(self, session: Session, academy_id: int) -> Writer:
        """Who knows an academy's own labs too."""
        return replace(self.writer, catalogue=catalogue_of(session, self.blobs, self.writer.catalogue, academy_id))

    def courier(self, store: RecordStore) -> Courier:
        """Raises StoreAway where the portal's secret does not open that of the store."""
        try:
            secret = self.seal.open(store.sealed_secret)
        except InvalidToken as error:
            raise StoreAway("the portal has another SECRET_KEY than when the secret was typed") from error
        courier = Courier(self.outgoing, store.endpoint, store.key, secret)
        return replace(courier, version=store.version) if store.version else courier


def ask_for_service(engine: Engine) -> None:
    """Ask for a job for each store that has something to be sent, or that somebody wants to be tried."""
    with begin(engine, read_only=True) as session:
        is_wanted = session.scalar(_wanted(clock.now()).limit(1)) is not None
    if not is_wanted:
        return
    with begin(engine) as session:
        # Another worker that asks for the same at this moment has locked the store.
        for store_id in session.scalars(_wanted(clock.now()).with_for_update(skip_locked=True)).all():
            academy_id = session.get_one(RecordStore, store_id).academy_id
            kind = jobs.JobKind.SERVE_RECORD_STORE
            jobs.ask_again(session, kind, store_id, academy_id=academy_id, revives=False)


def _wanted(now: datetime) -> Select[int]:
    waits = exists().where(
        Statement.academy_id == RecordStore.academy_id, Statement.sent_at.is_(None), Statement.set_aside_at.is_(None)
    )
    may_send = (
        RecordStore.paused_at.is_(None) & or_(RecordStore.next_try_at.is_(None), RecordStore.next_try_at <= now) & waits
    )
    to_be_tried = RecordStore.check_asked_at.is_not(None) & or_(
        RecordStore.checked_at.is_(None), RecordStore.checked_at < RecordStore.check_asked_at
    )
    return select(RecordStore.id).where(or_(may_send, to_be_tried)).order_by(RecordStore.id)


def serve_store(engine: Engine, office: PostOffice, store_id: int) -> None:
    """Try a store if somebody wants that, and send what waits; safe to repeat."""
    with begin(engine, read_only=True) as session:
        store = session.get_one(RecordStore, store_id)
    if store.is_being_checked or not store.version:
        _look(engine, office, store)
    while envelopes := _next_batch(engine, office, store_id):
        try:
            _deliver(engine, office, store_id, envelopes)
        except (StoreAway, OutOfReach, NotAllowed) as error:
            _wait(engine, store_id, error)
            break
    with begin(engine) as session:
        jobs.finish(session, jobs.JobKind.SERVE_RECORD_STORE, store_id)


def _look(engine: Engine, office: PostOffice, store: RecordStore) -> None:
    """Ask a store what it is, and keep what was found."""
    began_at = clock.now()
    try:
        finding, said = office.courier(store).look()
    except StoreAway as error:
        finding, said = Finding.KEY_REFUSED, str(error)
    with begin(engine) as session:
        found = session.get_one(RecordStore, store.id, with_for_update=True)
        if (found.endpoint, found.sealed_secret) != (store.endpoint, store.sealed_secret):
            return
        found.checked_at, found.finding = max(began_at, found.check_asked_at or began_at), finding
        found.finding_detail = "" if finding is Finding.READY else said
        if finding is Finding.READY:
            found.version, found.failures, found.last_failure, found.next_try_at = said, 0, "", None


def _next_batch(engine: Engine, office: PostOffice, store_id: int) -> list[Envelope]:
    """What is sent next, made out once but for the name; nothing while the store is paused or has to be waited for."""
    with begin(engine) as session:
        store = session.get_one(RecordStore, store_id, with_for_update=True)
        if store.paused_at is not None or (store.next_try_at is not None and store.next_try_at > clock.now()):
            return []
        if store.asks_consent:
            _drop_withdrawn(session, store.academy_id)
        rows = list(session.scalars(_waiting(store.academy_id).order_by(Statement.id).limit(BATCH)))
        if rows:
            _make_out(session, office.writer_for(session, store.academy_id), store, rows)
        return [Envelope(row.name, row.body or "") for row in rows]


def _waiting(academy_id: int) -> Select[Statement]:
    return select(Statement).where(
        Statement.academy_id == academy_id, Statement.sent_at.is_(None), Statement.set_aside_at.is_(None)
    )


def _drop_withdrawn(session: Session, academy_id: int) -> None:
    """Nothing more is sent of who has withdrawn their consent, or never gave it."""
    agreeing = consent.agreeing(academy_id, consent.Purpose.RECORD_STORE)
    unsent = delete(Statement).where(Statement.academy_id == academy_id, Statement.sent_at.is_(None))
    session.execute(
        unsent.where(Statement.trainee_id.not_in(agreeing)), execution_options={"synchronize_session": False}
    )


def _make_out(session: Session, writer: Writer, store: RecordStore, rows: Sequence[Statement]) -> None:
    academy = session.get_one(Academy, store.academy_id)
    people = select(Account).where(Account.id.in_({row.trainee_id for row in rows}))
    trainees = {each.id: each for each in session.scalars(people)}
    numbers = {row.facts["cohort_id"] for row in rows if row.facts.get("cohort_id")}
    cohorts = {each.id: each for each in session.scalars(select(Cohort).where(Cohort.id.in_(numbers)))}
    for row in rows:
        cohort, trainee = cohorts.get(row.facts.get("cohort_id") or 0), trainees[row.trainee_id]
        if row.body is None:
            row.body = json.dumps(writer.statement(store, academy, trainee, cohort, row), ensure_ascii=False)
        else:
            row.body = renamed(row.body, store, trainee)
    session.flush()


def _deliver(engine: Engine, office: PostOffice, store_id: int, envelopes: Sequence[Envelope]) -> None:
    """Hand over a batch; where the store refuses one of it, its halves, down to that one. Raises as Courier.post."""
    with begin(engine, read_only=True) as session:
        courier = office.courier(session.get_one(RecordStore, store_id))
    try:
        courier.post(envelopes)
    except StatementRefused as refusal:
        if len(envelopes) == 1:
            _set_aside(engine, store_id, envelopes[0], str(refusal))
            return
        middle = len(envelopes) // 2
        _deliver(engine, office, store_id, envelopes[:middle])
        _deliver(engine, office, store_id, envelopes[middle:])
    else:
        _note_sent(engine, store_id, envelopes)


def _note_sent(engine: Engine, store_id: int, envelopes: Sequence[Envelope]) -> None:
    sent = update(Statement).where(Statement.name.in_([each.name for each in envelopes]), Statement.sent_at.is_(None))
    with begin(engine) as session:
        store = session.get_one(RecordStore, store_id, with_for_update=True)
        session.execute(
            sent.values(sent_at=clock.now(), set_aside_at=None, answer=""),
            execution_options={"synchronize_session": False},
        )
        store.failures, store.last_failure, store.next_try_at = 0, "", None


def _set_aside(engine: Engine, store_id: int, envelope: Envelope, answer: str) -> None:
    with begin(engine) as session:
        store = session.get_one(RecordStore, store_id, with_for_update=True)
        found = session.scalar(select(Statement).where(Statement.name == envelope.name, Statement.sent_at.is_(None)))
        store.failures, store.last_failure, store.next_try_at = 0, "", None
        if found is None:
            return
        found.set_aside_at, found.answer = clock.now(), answer
        audit.record(
            session,
            verb="statement_set_aside",
            thing=f"statement:{found.id}",
            academy_id=found.academy_id,
            detail={"kind": found.kind, "answer": answer[:200]},
        )


def _wait(engine: Engine, store_id: int, error: Exception) -> None:
    """Try again later, and later still after each failure; a store that says when is taken at its word."""
    with begin(engine) as session:
        store = session.get_one(RecordStore, store_id, with_for_update=True)
        pause = jobs.pause_after(store.failures, first=FIRST_PAUSE, longest=LONGEST_PAUSE)
        if isinstance(error, StoreAway) and error.retry_seconds is not None:
            pause = max(pause, min(LONGEST_PAUSE, timedelta(seconds=error.retry_seconds)))
        store.failures += 1
        store.last_failure = str(error) if not isinstance(error, NotAllowed) else Finding.NOT_ALLOWED
        store.next_try_at = clock.now() + pause
