"""The worker: hands the portal's jobs to the queue engine (DBOS), which runs each until it is done.

The job rows are the outbox: written in the same transaction as what they are about. Every second those that wait are
enqueued under a name of their own, which the engine accepts once, whichever worker hands them over. What a kill -9
interrupted is taken up again, at the next start or by another worker, and what keeps failing is set aside for a person.
See docs/adr/0001-queue.md.
"""

from __future__ import annotations

import fcntl
import logging
import math
import os
import secrets
import signal
import socket
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import FrameType
from typing import BinaryIO, TypeVar

from dbos import DBOS, DBOSConfig, SetWorkflowID, WorkflowStatusString
from sqlalchemy import Engine
from sqlalchemy.engine import make_url
from sqlalchemy.exc import InterfaceError, OperationalError

import grading
from app.appeals import service as appeals
from app.attestations.letters import Letters, send_letter
from app.authoring.checking import check_lab
from app.break_glass import service as break_glass
from app.content.loader import load_catalogue
from app.core import clock, jobs
from app.core.blobs import Blobs
from app.core.db import begin, make_engine
from app.core.locale import speaking
from app.core.mail import MailServer, MailServerAway
from app.delphi import service as delphi
from app.foresight.computing import compute_study
from app.gradebook.regrades import regrade_submission
from app.gradebook.service import Grader, grade_submission
from app.lti.scores import note_changes
from app.lti.sending import Postman, send_score
from app.marking import reliability
from app.notices.mail import send_notice
from app.record_store.sending import PostOffice, ask_for_service, serve_store
from app.retention import files as unnamed_files
from app.retention import service as retention
from app.rights import erasure
from app.sims.scores import score_run
from app.surveys import service as surveys
from config import Settings

POLL_SECONDS = 1.0
# What was kept long enough goes at the start and then this often.
RETENTION_SECONDS = 24 * 60 * 60.0
# Files of erased people and opened records whose time is over are looked for, surveys follow their plans, and what
# people marked is weighed by how far they agree, so often.
FILES_SECONDS = 10 * 60.0
# What platforms (LTI) are to be told is compared with what counts this often, a slice at a time.
SCORES_SECONDS = 5.0
# The engine asks its database this often for each queue, busy or not: most for what a trainee waits for before a page.
ENGINE_POLL_SECONDS = {
    jobs.JobKind.GRADE_SUBMISSION: 0.5,
    jobs.JobKind.CHECK_LAB: 0.5,
    jobs.JobKind.SCORE_RUN: 1.0,
    jobs.JobKind.REGRADE_SUBMISSION: 2.0,
    jobs.JobKind.FORESEE: 2.0,
    jobs.JobKind.SEND_NOTICE: 2.0,
    jobs.JobKind.SEND_ATTESTATION_LETTER: 2.0,
    jobs.JobKind.SEND_SCORE: 2.0,
    jobs.JobKind.SERVE_RECORD_STORE: 2.0,
}
# A fault is tried again this often, and a job that takes the whole worker down is taken up again this often.
ATTEMPTS = 3
PAUSE_SECONDS = 1.0
NICENESS = 10
# Of each kind: two, so that a notebook that hangs until its limit does not hold up the others.
CONCURRENCY = 2
# What the engine holds of each kind at a time; the rest waits in the job table, in its order. Of all kinds together,
# a hundred that are slow would keep the others from their queues.
BATCH = 100
# Names of ours, never derived from the code: work left by an older version must be taken up by a newer one.
APPLICATION_VERSION = "1"
# Whoever serves a SQLite queue, so that the next knows at once that what was begun there is its own to finish.
SOLE_EXECUTOR = "worker"
# What a database says that is locked, restarting or out of reach; no job is to blame for it.
OUTAGES = (OperationalError, InterfaceError)
OUTAGE_SECONDS = 600.0

# The workflow that the engine runs: the job's id, its kind and the id of its thing.
Work = Callable[[int, str, int], None]
Result = TypeVar("Result")

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Workshop:
    """What the handlers of jobs need.

    portal: its origin, for addresses in e-mails; possible_worlds: for scores of runs.
    """

    engine: Engine
    grader: Grader
    letters: Letters
    postman: Postman
    post_office: PostOffice
    mail_server: MailServer | None
    portal: str
    possible_worlds: int

    @classmethod
    def of(cls, settings: Settings, sandboxes: grading.Runs | None = None) -> Workshop:
        """sandboxes: where notebooks run; None for one of its own for each."""
        catalogue = load_catalogue(settings.content_folder)
        return cls(
            make_engine(settings.database_url),
            Grader(Blobs(settings.storage_folder), catalogue, settings.lab_files_folder, sandboxes),
            Letters.of(settings),
            Postman.of(settings),
            PostOffice.of(settings, catalogue),
            MailServer.of(settings),
            settings.portal_origin,
            settings.possible_worlds,
        )

    def handle(self, kind: str, thing_id: int) -> None:
        """Do the work of one job; raises whatever went wrong on our side."""
        handlers: dict[str, Callable[[], None]] = {
            jobs.JobKind.GRADE_SUBMISSION: lambda: grade_submission(self.engine, self.grader, thing_id),
            jobs.JobKind.REGRADE_SUBMISSION: lambda: regrade_submission(self.engine, self.grader, thing_id),
            jobs.JobKind.SCORE_RUN: lambda: score_run(self.engine, thing_id, worlds=self.possible_worlds),
            jobs.JobKind.CHECK_LAB: lambda: check_lab(self.engine, self.grader, thing_id),
            jobs.JobKind.FORESEE: lambda: compute_study(self.engine, thing_id),
            jobs.JobKind.SEND_NOTICE: lambda: send_notice(self.engine, self.mail_server, thing_id, portal=self.portal),
            jobs.JobKind.SEND_ATTESTATION_LETTER: lambda: send_letter(
                self.engine, self.mail_server, self.letters, thing_id
            ),
            jobs.JobKind.SEND_SCORE: lambda: send_score(self.engine, self.postman, thing_id),
            jobs.JobKind.SERVE_RECORD_STORE: lambda: serve_store(self.engine, self.post_office, thing_id),
        }
        handlers[kind]()

    def attempt(self, job_id: int, kind: str, thing_id: int) -> None:
        """Try a job a few times, then set it aside with the reason; wait while a server it needs is out of reach."""
        failures, patient_until = 0, time.monotonic() + OUTAGE_SECONDS
        while True:
            began = time.monotonic()
            try:
                self.handle(kind, thing_id)
            except Exception as error:
                is_outage = isinstance(error, (*OUTAGES, MailServerAway)) and time.monotonic() < patient_until
                failures += not is_outage
                log.exception("job %s (%s %s): attempt failed, number %s", job_id, kind, thing_id, failures)
                if failures == ATTEMPTS:
                    self.set_aside(job_id, f"{type(error).__name__}: {error}")
                    return
                time.sleep(PAUSE_SECONDS * max(1, failures))
            else:
                log.info("job %s (%s %s) done in %.1f s", job_id, kind, thing_id, time.monotonic() - began)
                return

    def set_aside(self, job_id: int, failure: str) -> None:
        log.error("job %s is set aside for a person: %s", job_id, failure)
        with begin(self.engine) as session:
            jobs.give_up(session, job_id, failure)

    def waiting(self, *, of_each_kind: int | None = None) -> list[jobs.Job]:
        with begin(self.engine, read_only=True) as session:
            return jobs.waiting(session, of_each_kind=of_each_kind)

    def look_for_statements(self) -> None:
        """Have what waits for record stores sent."""
        ask_for_service(self.engine)

    def alive(self) -> set[str]:
        with begin(self.engine, read_only=True) as session:
            return jobs.workers_alive(session)

    def note_scores(self, after: int) -> int:
        """Have scores sent that changed; where to go on."""
        return note_changes(self.engine, after)

    def delete_outdated(self) -> None:
        with begin(self.engine) as session:
            for each in retention.apply(session):
                log.info("deleted %s of %s, kept long enough", len(each.numbers), each.rule.name)
        if removed := unnamed_files.sweep(self.engine, self.grader.blobs):
            log.info("removed %s files that no row named any more", removed)

    def remove_files(self) -> None:
        with begin(self.engine) as session:
            if removed := erasure.remove_files(session, self.grader.blobs):
                log.info("removed %s files of erased people", removed)

    def follow_survey_plans(self) -> None:
        with speaking(), begin(self.engine) as session:
            followed = surveys.follow_plans(session)
        if followed != surveys.Followed(0, 0):
            log.info("surveys: %s waves opened by plan, %s closed", followed.opened, followed.closed)

    def settle_reliability(self) -> None:
        with begin(self.engine) as session:
            if changed := reliability.settle(session):
                log.info("marking: the agreement of %s schemes is known anew", changed)

    def close_panel_rounds(self) -> None:
        with begin(self.engine) as session:
            if closed := delphi.close_those_over(session):
                log.info("closed %s rounds of panels whose day was over", closed)

    def close_appeals(self) -> None:
        with begin(self.engine) as session:
            if closed := appeals.close_those_over(session):
                log.info("closed %s disputes and complaints for which nobody asked for a review", closed)

    def close_records(self) -> None:
        with begin(self.engine) as session:
            break_glass.close_those_over(session)

    def report(self, name: str, started_at: datetime) -> None:
        with begin(self.engine) as session:
            jobs.report_worker(session, name, started_at=started_at)


def queue_of(kind: str) -> str:
    """Each kind has a queue of its own: a notebook, graded in seconds, never waits for runs that take minutes.

    Nor for a class that is graded anew: hand-ins and re-grades have two places each, and share the sandboxes in turn.
    """
    return f"jobs:{kind}"


def run_waiting_jobs(workshop: Workshop) -> int:
    """Do every waiting job here and now, without the queue engine; how many there were."""
    workshop.look_for_statements()
    waiting = workshop.waiting()
    for job in waiting:
        workshop.attempt(job.id, job.kind, job.thing_id)
    return len(waiting)


def executor_of(queue_database_url: str, name: str) -> str:
    """What the engine calls this worker: by its own name where several may serve at a time."""
    return SOLE_EXECUTOR if _is_embedded(queue_database_url) else name


def _is_embedded(queue_database_url: str) -> bool:
    return make_url(queue_database_url).get_backend_name() == "sqlite"


def wait_for_turn(queue_database_url: str, stop: threading.Event) -> BinaryIO | None:
    """Wait until no other worker serves this SQLite queue; the file that says so as long as it is open.

    None when several may serve, or when told to stop. The kernel lets go of the file when the process ends.
    """
    path = make_url(queue_database_url).database
    if not _is_embedded(queue_database_url) or not path:
        return None
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    turn = Path(f"{path}.worker").open("wb")  # noqa: SIM115 - the caller keeps it open
    while True:
        try:
            fcntl.flock(turn, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            log.warning("another worker serves this SQLite queue; several at a time need PostgreSQL. Waiting")
            if stop.wait(jobs.REPORT_SECONDS):
                turn.close()
                return None
        else:
            return turn


def launch(workshop: Workshop, queue_database_url: str, executor: str) -> Work:
    """Start the engine, which takes up what this executor left undone, and return the workflow to enqueue.

    Without conductor and exporters it opens no connection but the one to its database.
    """
    config: DBOSConfig = {
        "name": "hunar",
        "system_database_url": queue_database_url,
        "application_version": APPLICATION_VERSION,
        "executor_id": executor,
        "enable_otlp": False,
        "log_level": "WARNING",
    }
    DBOS(config=config)

    @DBOS.workflow(name="job", max_recovery_attempts=ATTEMPTS)
    def work(job_id: int, kind: str, thing_id: int) -> None:
        log.info("job %s (%s %s) begins", job_id, kind, thing_id)
        workshop.attempt(job_id, kind, thing_id)

    try:
        DBOS.launch()
        for kind in jobs.JobKind:
            DBOS.register_queue(
                queue_of(kind), worker_concurrency=CONCURRENCY, polling_interval_sec=ENGINE_POLL_SECONDS[kind]
            )
    except BaseException:
        # A half-started engine cannot be launched again.
        DBOS.destroy(destroy_registry=True)
        raise
    return work


def patiently(act: Callable[[], Result], stop: threading.Event) -> Result | None:
    """Act as often as it takes until the database answers; None when told to stop."""
    while not stop.is_set():
        try:
            return act()
        except OUTAGES:
            log.exception("the database does not answer; trying again")
            stop.wait(PAUSE_SECONDS)
    return None


def relay(workshop: Workshop, work: Work, waiting: Sequence[jobs.Job]) -> None:
    """Hand waiting jobs to the engine, and set aside those that it gave up."""
    names = {job.name: job for job in waiting}
    if not names:
        return
    known = DBOS.list_workflows(workflow_ids=list(names), load_input=False, load_output=False)
    states = {workflow.workflow_id: workflow.status for workflow in known}
    for name, job in names.items():
        match states.get(name):
            case None:
                with SetWorkflowID(name):
                    DBOS.enqueue_workflow(queue_of(job.kind), work, job.id, job.kind, job.thing_id)
            case WorkflowStatusString.SUCCESS.value:
                # The engine remembers more than the portal (a restored backup): forget it, so that it is done again.
                DBOS.delete_workflow(name)
            case WorkflowStatusString.ENQUEUED.value | WorkflowStatusString.PENDING.value:
                continue
            case state:
                workshop.set_aside(job.id, f"the queue engine gave it up: {state}")


def take_up(workshop: Workshop, own: str) -> None:
    """Put back into the queue what workers had begun that are gone.

    The engine counts how often a job was begun, so one that ends every worker is set aside in the end. What it offers
    for this is not public; why nothing public will do stands in docs/adr/0001-queue.md.
    """
    begun = DBOS.list_workflows(status=WorkflowStatusString.PENDING.value, load_input=False, load_output=False)
    executors = {workflow.executor_id for workflow in begun if workflow.executor_id is not None}
    # Read after what was begun: a worker reports before it begins anything.
    if gone := sorted(executors - {own} - workshop.alive()):
        log.warning("taking up what was left by %s", ", ".join(gone))
        DBOS._recover_pending_workflows(gone)


def run(settings: Settings, stop: threading.Event) -> None:
    """Serve jobs until told to stop."""
    turn = wait_for_turn(settings.queue_database_url, stop)
    if stop.is_set():
        return
    name, started_at = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(2)}", clock.now()
    executor = executor_of(settings.queue_database_url, name)
    grading.load()
    workshop = Workshop.of(settings, grading.WarmSandboxes(CONCURRENCY))
    patiently(lambda: workshop.report(name, started_at), stop)
    work = patiently(lambda: launch(workshop, settings.queue_database_url, executor), stop)
    if work is None:
        return
    log.info("worker is ready")
    reported = cleared = tidied = compared = -math.inf
    last_score = 0

    def serve() -> None:
        nonlocal reported, cleared, tidied, compared, last_score
        if time.monotonic() - reported >= jobs.REPORT_SECONDS:
            workshop.report(name, started_at)
            take_up(workshop, executor)
            reported = time.monotonic()
        if time.monotonic() - compared >= SCORES_SECONDS:
            last_score = workshop.note_scores(last_score)
            compared = time.monotonic()
        workshop.look_for_statements()
        relay(workshop, work, workshop.waiting(of_each_kind=BATCH))
        if time.monotonic() - cleared >= FILES_SECONDS:
            workshop.remove_files()
            workshop.follow_survey_plans()
            workshop.settle_reliability()
            workshop.close_panel_rounds()
            workshop.close_records()
            cleared = time.monotonic()
        if time.monotonic() - tidied >= RETENTION_SECONDS:
            workshop.close_appeals()
            workshop.delete_outdated()
            tidied = time.monotonic()

    while not stop.wait(POLL_SECONDS):
        patiently(serve, stop)
    log.info("stopping; what is under way is done again at the next start")
    if turn is not None:
        turn.close()


def main() -> None:
    """`python -m app.worker`: SIGTERM or Ctrl-C stops it at once, safely, since a kill -9 loses nothing either."""
    # Whoever waits before a page goes first.
    os.nice(NICENESS)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    stop = threading.Event()

    def ask_to_stop(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, ask_to_stop)
    signal.signal(signal.SIGINT, ask_to_stop)
    run(Settings.from_environment(), stop)
    # A normal exit would wait for the engine's threads, and so for a notebook that hangs.
    logging.shutdown()
    os._exit(0)


if __name__ == "__main__":
    main()
