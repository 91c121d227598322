"""How somebody comes in: by a first proof, by a second one where the account asks for it, and then with a session."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit

from flask import redirect, url_for
from flask import session as cookie
from flask_login import login_user
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from app.accounts import service
from app.accounts.models import Account
from app.core import clock
from app.core.access import VOUCHED_FOR

HALF_WAY, CAME = "half_way", "came"
SIGN_ON = "single sign-on"
PATIENCE = timedelta(minutes=10)


@dataclass(frozen=True)
class HalfWay:
    """Somebody who gave the first proof and owes the second. by: what the first was. next_address: where they go."""

    account: Account
    by: str
    next_address: str


def after_first_proof(
    session: Session, account: Account, next_address: str | None, *, by: str, vouched_for: bool = False
) -> Response:
    """Ask for the second factor if the account has one, else let the person in.

    by: the first proof. vouched_for: whoever sent the person has asked for a second factor itself.
    """
    if vouched_for or not account.has_second_factor:
        return _admit(session, account, next_address, by=by, vouched_for=vouched_for)
    _begin_anew()
    cookie[HALF_WAY] = {
        "who": account.get_id(),
        "by": by,
        "next": local_address(next_address),
        "until": (clock.now() + PATIENCE).timestamp(),
    }
    return redirect(url_for("second_factor.ask"), code=303)


def half_way(session: Session) -> HalfWay | None:
    """Who owes the second proof in this browser; None for nobody, or when it took too long."""
    kept = cookie.get(HALF_WAY)
    if kept is None or kept["until"] < clock.now().timestamp():
        return None
    account = session.get(Account, int(kept["who"].partition(".")[0]))
    if account is None or account.get_id() != kept["who"]:
        return None
    return HalfWay(account, kept["by"], kept["next"])


def came_by_sign_on() -> bool:
    """Whether this session began by the sign-on of an academy."""
    return CAME in cookie and str(cookie[CAME]["by"]).startswith(SIGN_ON)


def has_just_come_by_sign_on() -> bool:
    """Whether it did so only now, which stands for a password: who is brought in by a file may know none."""
    return came_by_sign_on() and clock.now().timestamp() < cookie[CAME]["at"] + PATIENCE.total_seconds()


def after_second_proof(session: Session, waiting: HalfWay) -> Response:
    return _admit(session, waiting.account, waiting.next_address, by=f"{waiting.by}, second factor")


def _admit(
    session: Session, account: Account, next_address: str | None, *, by: str, vouched_for: bool = False
) -> Response:
    language = _begin_anew()
    cookie.permanent = True
    login_user(account)
    cookie[VOUCHED_FOR] = vouched_for
    cookie[CAME] = {"by": by, "at": clock.now().timestamp()}
    if language and language != account.language:
        service.choose_language(session, account.id, language)
    service.note_sign_in(session, account, by=by)
    return redirect(local_address(next_address), code=303)


def _begin_anew() -> str | None:
    """Empty the session, so that none is taken over; the language that was chosen in it."""
    language = cookie.get("language")
    cookie.clear()
    if language:
        cookie["language"] = language
    return str(language) if language else None


def local_address(wanted: str | None) -> str:
    """The wanted address if it is a path of this portal, else the start page: no open redirect."""
    parts = urlsplit((wanted or "").replace("\\", "/"))
    if parts.scheme or parts.netloc or not parts.path.startswith("/") or parts.path.startswith("//"):
        return url_for("accounts.home")
    return parts.geturl()
