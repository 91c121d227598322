"""Writes about completions: reported, decided, withdrawn; brought in from a file as a whole or not at all."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from datetime import date
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import delete
from sqlalchemy.orm import Session

from app.accounts import queries as accounts
from app.accounts.models import Account
from app.competencies.models import EvidenceKind
from app.competencies.service import moment_of, record_evidence, retire_evidence
from app.completions import queries
from app.completions.models import Completion, CompletionImport, Provider, State
from app.completions.reading import Row, read_file
from app.core import audit, clock
from app.core.access import Action, Actor, ClassOver
from app.core.errors import NotFound, Refused
from app.core.locale import today
from app.notices.service import tell
from app.notices.wording import Occasion

# A completion says nothing beyond the first level.
LEVEL = 1
PART = "course"


def report(session: Session, trainee: Account, values: dict[str, Any]) -> Completion:
    """Keep that a trainee finished a course elsewhere; it counts once somebody approves it.

    values: provider, title, completed_on, link, competency. Raises Refused where the same is reported already.
    """
    accounts.lock(session, trainee.id)
    if _identity(trainee.id, values) in {_identity_of(each) for each in queries.standing_of(session, [trainee.id])}:
        raise Refused(_("You have reported this already."))
    made = _add(session, trainee.academy_id, trainee.id, trainee.id, values)
    session.flush()
    _note(session, "completion_reported", made, trainee.id)
    return made


def _add(session: Session, academy_id: int, trainee_id: int, by: int, values: dict[str, Any]) -> Completion:
    made = Completion(
        academy_id=academy_id,
        trainee_id=trainee_id,
        state=State.REPORTED,
        reported_by_id=by,
        reported_at=clock.now(),
        **values,
    )
    session.add(made)
    return made


def decide(session: Session, actor: Actor, ids: Sequence[int], *, approve: bool, reason: str) -> int:
    """Approve or refuse completions; what was approved can be refused later. Returns how many were decided.

    Raises Refused where one of them is not there, was decided so already or is of a class that is over, and ClassOver
    where all of them are: then none is decided.
    """
    found = queries.completions_of(session, actor, Action.JUDGE_COMPLETIONS, ids)
    missing = set(ids) - {each.id for each in found}
    if over := queries.of_classes_over(session, actor, missing):
        if over == len(set(ids)):
            raise ClassOver
        raise Refused(
            ngettext(
                "%(num)s of those that you chose is of a class that is over by now, so nothing was decided. An "
                "administrator decides on that one; decide on the others again.",
                "%(num)s of those that you chose are of a class that is over by now, so nothing was decided. An "
                "administrator decides on these; decide on the others again.",
                over,
            ),
            status=409,
        )
    wanted = (State.REPORTED,) if approve else (State.REPORTED, State.APPROVED)
    accounts.lock_all(session, [each.trainee_id for each in found])
    for each in found:
        session.refresh(each)
    if missing or any(each.state not in wanted for each in found):
        raise Refused(_("Some of these were decided or withdrawn in the meantime. Look at the list again."), status=409)
    for each in found:
        _decide(session, actor, each, approve=approve, reason=reason)
    return len(found)


def _decide(session: Session, actor: Actor, each: Completion, *, approve: bool, reason: str) -> None:
    each.state = State.APPROVED if approve else State.REFUSED
    each.decided_by_id, each.decided_at, each.reason = actor.id, clock.now(), reason
    session.flush()
    if approve:
        record_evidence(
            session,
            session.get_one(Account, each.trainee_id),
            competency=each.competency,
            level=LEVEL,
            kind=EvidenceKind.EXTERNAL_COURSE,
            outcome=1.0,
            source=f"completion:{each.id}",
            part=PART,
            at=moment_of(each.completed_on),
        )
    else:
        retire_evidence(session, source=f"completion:{each.id}", kept=())
    verb = "completion_approved" if approve else "completion_refused"
    _note(session, verb, each, actor.id, reason=reason)
    occasion = Occasion.COMPLETION_APPROVED if approve else Occasion.COMPLETION_REFUSED
    tell(session, each.trainee_id, occasion, by=actor, about=f"completion:{each.id}")


def accept(session: Session, actor: Actor, completion_id: int, reason: str) -> None:
    """Let count what was refused, as somebody else decided on a dispute; what counts already stays so.

    Raises NotFound; Refused where the same was reported anew.
    """
    found = queries.completion_of(session, actor, completion_id, Action.JUDGE_COMPLETIONS).completion
    accounts.lock(session, found.trainee_id)
    session.refresh(found)
    if found.state is State.APPROVED:
        return
    if _identity_of(found) in {_identity_of(each) for each in queries.standing_of(session, [found.trainee_id])}:
        raise Refused(
            _("The trainee has reported this course anew, and that report is approved or waits. Decide on that one."),
            status=409,
        )
    _decide(session, actor, found, approve=True, reason=reason)


def withdraw(session: Session, trainee: Account, completion_id: int) -> Completion:
    """Take back what was reported; as evidence it no longer counts. Raises NotFound, Refused."""
    found = queries.completion_of(session, trainee, completion_id, Action.KEEP_OWN_RECORD).completion
    accounts.lock(session, trainee.id)
    session.refresh(found)
    if found.state not in (State.REPORTED, State.APPROVED):
        raise Refused(_("This is refused or withdrawn already."), status=409)
    found.state = State.WITHDRAWN
    session.flush()
    retire_evidence(session, source=f"completion:{found.id}", kept=())
    _note(session, "completion_withdrawn", found, trainee.id)
    return found


def preview(
    session: Session, actor: Actor, content: bytes, *, file_name: str, competencies: AbstractSet[str]
) -> CompletionImport:
    """Keep what a file would bring; earlier previews of the same person go. Raises Refused."""
    rows = read_file(content, competencies=competencies, today=today())
    _compare(session, actor, rows)
    session.execute(delete(CompletionImport).where(CompletionImport.made_by_id == actor.id))
    made = CompletionImport(
        academy_id=actor.academy_id,
        made_by_id=actor.id,
        made_at=clock.now(),
        file_name=file_name[-120:],
        sha256=hashlib.sha256(content).hexdigest(),
        rows=[row.as_json() for row in rows],
    )
    session.add(made)
    session.flush()
    return made


def _compare(session: Session, actor: Actor, rows: Sequence[Row]) -> None:
    """Find whom rows speak of, and which of them are reported already."""
    trainees = queries.trainees_named(session, actor, [row.username for row in rows])
    for row in rows:
        row.trainee_id = trainees.get(row.username)
        if row.username and row.trainee_id is None:
            row.problems.append(("username", "nobody"))
    standing = {_identity_of(each) for each in queries.standing_of(session, list(trainees.values()))}
    for row in rows:
        if not row.problems and row.trainee_id is not None:
            row.known = _identity(row.trainee_id, _values(row)) in standing


def apply(session: Session, actor: Actor, import_id: int, *, competencies: AbstractSet[str]) -> int:
    """Report all that the preview showed, or nothing; how many. Raises NotFound; Refused where it has changed since."""
    accounts.lock_academy(session, actor.academy_id)
    made = queries.import_of_academy(session, actor, import_id)
    rows = [Row.of_json(kept) for kept in made.rows]
    if any(row.problems for row in rows):
        raise Refused(_("Rows of the file are wrong, so nothing was done. Correct them and upload the file again."))
    changed = Refused(
        _("What is known has changed since this preview, so nothing was done. Upload the file again."), status=409
    )
    try:
        accounts.lock_all(session, [row.trainee_id for row in rows if row.trainee_id is not None])
    except NotFound:
        raise changed from None
    again = [Row(row.number, row.username, row.values) for row in rows]
    _compare(session, actor, again)
    if again != rows or not {row.values["competency"] for row in rows} <= competencies:
        raise changed
    new = [row for row in rows if not row.known]
    for row in new:
        if row.trainee_id is not None:
            _add(session, actor.academy_id, row.trainee_id, actor.id, _values(row))
    session.delete(made)
    session.flush()
    audit.record(
        session,
        verb="completions_brought",
        thing=f"completion_import:{import_id}",
        actor_id=actor.id,
        academy_id=actor.academy_id,
        detail={"new": len(new), "file_sha256": made.sha256},
    )
    return len(new)


def drop(session: Session, actor: Actor, import_id: int) -> None:
    """Forget a preview. Raises NotFound."""
    session.delete(queries.import_of_academy(session, actor, import_id))
    session.flush()


def _values(row: Row) -> dict[str, Any]:
    day = date.fromisoformat(row.values["completed_on"])
    return {**row.values, "provider": Provider(row.values["provider"]), "completed_on": day}


def _identity(trainee_id: int, values: dict[str, Any]) -> tuple[Any, ...]:
    """By what two reports are told to be of the same course, for the same competency."""
    return trainee_id, values["provider"], values["title"].casefold(), values["competency"]


def _identity_of(each: Completion) -> tuple[Any, ...]:
    return each.trainee_id, each.provider, each.title.casefold(), each.competency


def _note(session: Session, verb: str, each: Completion, actor_id: int, **detail: Any) -> None:
    audit.record(
        session,
        verb=verb,
        thing=f"completion:{each.id}",
        actor_id=actor_id,
        academy_id=each.academy_id,
        detail={"trainee": f"account:{each.trainee_id}", "competency": each.competency, **detail},
    )
