"""Writes about credentials: issued, revoked, made out anew when a name is corrected; and keys."""

from __future__ import annotations

import json
import secrets
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from cryptography.fernet import InvalidToken
from flask_babel import gettext as _
from joserfc.jwk import RSAKey
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.accounts import queries as accounts
from app.accounts.models import Academy, Account
from app.accounts.service import act
from app.content.schemas import Catalogue
from app.core import audit, clock
from app.core.access import Action, Actor
from app.core.audit import Act
from app.core.codes import new_code
from app.core.db import in_chunks
from app.core.errors import Refused
from app.credentials import document, office, queries
from app.credentials.awards import Award
from app.credentials.models import Credential, NameCorrection, SigningKey
from app.credentials.office import Office
from app.record_store.models import StatementKind
from app.record_store.outbox import tell

# 78 bits: nobody finds one by trying.
CODE_LENGTH = 16
# A list is left half empty, so that a free place is found by chance.
MOST_OF_A_LIST = document.STATUS_BITS // 2
RENEWED = "credential_renewed"


def claim(session: Session, where: Office, trainee: Account, catalogue: Catalogue, name: str) -> Credential:
    """Issue a credential for something that the trainee has achieved. name: of the achievement.

    Asked for twice, there is one. Raises Refused where the conditions are not met, or where it was revoked.
    """
    accounts.lock(session, trainee.id)
    found = queries.passport(session, trainee, trainee.id, catalogue, clock.now())
    former = next((each for each in found.credentials if each.achievement == name and not each.superseded_at), None)
    if former is not None and former.revoked_at:
        raise Refused(_("This credential was revoked. Ask the administrator of your academy why and what to do."))
    if former is not None and not queries.is_over(former, found.at):
        return former
    award = next((each for each in queries.open_awards(found) if each.name == name), None)
    if award is None:
        raise Refused(_("The conditions of this credential are not met. Your skill record says what is missing."))
    return _issue(session, where, trainee, award, former)


def _issue(session: Session, where: Office, trainee: Account, award: Award, former: Credential | None) -> Credential:
    made = Credential(
        academy_id=trainee.academy_id,
        trainee_id=trainee.id,
        achievement=award.name,
        title=award.achievement.title,
        full_name=trainee.full_name,
        awarded_at=award.since.replace(microsecond=0),
        valid_until=award.valid_until and award.valid_until.replace(microsecond=0),
    )
    _supersede(session, former)
    _make_out(session, where, trainee.academy, made, document.award_json(where, trainee.academy, award), former)
    _note(session, "credential_issued", made, trainee.id, achievement=made.achievement)
    facts = {"achievement": made.achievement, "title": made.title}
    tell(session, trainee, StatementKind.CREDENTIAL_AWARDED, made.id, at=made.issued_at, facts=facts)
    return made


def _make_out(
    session: Session,
    where: Office,
    academy: Academy,
    made: Credential,
    award: document.Json,
    former: Credential | None,
) -> None:
    """Give a credential its code, its place in a status list and its signature, and keep it."""
    made.code, made.issued_at = new_code(CODE_LENGTH), clock.now()
    made.replaces = former.code if former is not None else None
    made.status_list, made.status_index = _free_place(session, academy.id)
    payload = document.credential(where, academy, made, award)
    made.signed = _signed(session, where, academy, payload)
    session.add(made)
    session.flush()


def _supersede(session: Session, former: Credential | None) -> None:
    if former is not None:
        former.superseded_at = clock.now()
        session.flush()


def _free_place(session: Session, academy_id: int) -> tuple[int, int]:
    """The number of a status list and a place in it that nobody has; by chance, so that it tells no order."""
    count = session.scalar(select(func.count()).where(Credential.academy_id == academy_id)) or 0
    number = count // MOST_OF_A_LIST + 1
    place = secrets.randbelow(document.STATUS_BITS)
    while queries.is_taken(session, academy_id, number, place):
        place = secrets.randbelow(document.STATUS_BITS)
    return number, place


def _signed(session: Session, where: Office, academy: Academy, payload: document.Json) -> str:
    return signed(session, where, academy, payload) or _signed_by(
        where, academy, _add_key(session, where, academy.id), payload
    )


def signed(session: Session, where: Office, academy: Academy, payload: document.Json) -> str | None:
    """The payload as a compact JWS of the academy's newest key; None where the portal's secret opens none."""
    for key in queries.keys_of(session, academy.id):
        try:
            return _signed_by(where, academy, key, payload)
        except InvalidToken:
            continue
    return None


def _signed_by(where: Office, academy: Academy, key: SigningKey, payload: document.Json) -> str:
    private = RSAKey.import_key(json.loads(where.seal.open(key.sealed_private)))
    content = json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode()
    return office.sign(content, private, where.key(academy.slug, key.thumbprint))


def _add_key(session: Session, where: Office, academy_id: int) -> SigningKey:
    private = office.new_key()
    key = SigningKey(
        academy_id=academy_id,
        thumbprint=private.thumbprint(),
        public=private.as_dict(private=False),
        sealed_private=where.seal.close(json.dumps(private.as_dict(private=True))),
        made_at=clock.now(),
    )
    session.add(key)
    session.flush()
    return key


def change_key(session: Session, where: Office, actor: Actor) -> SigningKey:
    """Sign with a new key from now on; what the former ones signed still verifies."""
    key = _add_key(session, where, actor.academy_id)
    audit.record(
        session,
        verb="signing_key_made",
        thing=f"academy:{actor.academy_id}",
        actor_id=actor.id,
        academy_id=actor.academy_id,
        detail={"thumbprint": key.thumbprint},
    )
    return key


def revoke(session: Session, actor: Actor, credential_id: int, reason: str) -> Credential:
    """Whoever verifies it reads from now on that it was revoked, and why. Raises NotFound, Refused."""
    made = queries.credential_of(session, actor, credential_id, Action.KEEP_CREDENTIALS)
    # A credential that was kept can be revoked, and nobody writes for a holder who was erased.
    if queries.holder_is_known(session, made):
        accounts.lock(session, made.trainee_id)
    session.refresh(made)
    if made.revoked_at is not None:
        raise Refused(_("This credential is revoked already."), status=409)
    if made.superseded_at is not None:
        raise Refused(_("Another credential took the place of this one. Revoke that one."), status=409)
    made.revoked_at, made.revoked_by_id, made.revocation_reason = clock.now(), actor.id, reason
    session.flush()
    _note(session, "credential_revoked", made, actor.id, reason=reason)
    return made


def correct_name(session: Session, where: Office, actor: Actor, account_id: int, name: str, reason: str) -> int:
    """Give a person their right name everywhere; how many credentials were made out anew.

    Raises NotFound; Refused where the name is this already.
    """
    account = accounts.account_of_academy(session, actor, account_id, Action.KEEP_PEOPLE)
    accounts.lock(session, account.id)
    session.refresh(account)
    former, account.full_name = account.full_name, name
    if former == name:
        raise Refused(_("This is the name already. Nothing was changed."))
    session.flush()
    acts = follow_names(session, where, actor, {account.id: former}, reason)
    audit.record_all(session, acts)
    return sum(each.verb == RENEWED for each in acts)


def follow_names(
    session: Session, where: Office, actor: Actor, former: Mapping[int, str], reason: str, **detail: str
) -> list[Act]:
    """Keep that people bear other names now, and make out anew each credential in force.

    former: names no longer borne, by account; detail: for the audit log, to which the caller writes what this returns.
    """
    acts = []
    for ids in in_chunks(sorted(former)):
        renamed = select(Account).where(Account.id.in_(ids)).order_by(Account.id)
        people = session.scalars(renamed.execution_options(populate_existing=True)).all()
        corrections = [_correction(actor, person, former[person.id], reason) for person in people]
        session.add_all(corrections)
        session.flush()
        outdated: dict[int, list[Credential]] = defaultdict(list)
        for each in session.scalars(queries.in_force(ids).order_by(Credential.id)):
            outdated[each.trainee_id].append(each)
        for person, correction in zip(people, corrections, strict=True):
            acts += [_renew(session, where, actor, each, person) for each in outdated[person.id]]
            # The log is never altered, so it must hold no name: the names are in the correction, which can be erased.
            about = {"correction": f"name_correction:{correction.id}", **detail}
            acts.append(act("name_corrected", person, actor.id, **about))
    return acts


def _correction(actor: Actor, person: Account, former: str, reason: str) -> NameCorrection:
    return NameCorrection(
        academy_id=person.academy_id,
        account_id=person.id,
        former=former,
        present=person.full_name,
        reason=reason,
        corrected_by_id=actor.id,
        corrected_at=clock.now(),
    )


def _renew(session: Session, where: Office, actor: Actor, former: Credential, person: Account) -> Act:
    """The same credential with the present name; the former one says that it was replaced."""
    subject: dict[str, Any] = json.loads(office.unverified_payload(former.signed))["credentialSubject"]
    award: document.Json = {name: subject[name] for name in ("achievement", "narrative") if name in subject}
    made = Credential(
        academy_id=former.academy_id,
        trainee_id=former.trainee_id,
        achievement=former.achievement,
        title=former.title,
        full_name=person.full_name,
        awarded_at=former.awarded_at,
        valid_until=former.valid_until,
    )
    _supersede(session, former)
    _make_out(session, where, person.academy, made, award, former)
    return _act(RENEWED, made, actor.id, replaces=f"credential:{former.id}")


def _note(session: Session, verb: str, made: Credential, actor_id: int, **detail: Any) -> None:
    audit.record_all(session, [_act(verb, made, actor_id, **detail)])


def _act(verb: str, made: Credential, actor_id: int, **detail: Any) -> Act:
    about = {"trainee": f"account:{made.trainee_id}", **detail}
    return Act(verb, f"credential:{made.id}", actor_id, made.academy_id, about)
