"""Where platforms and the browsers that they send come in: login, launch, choice; keys and configuration.

A session never begins in a frame. There the cookies of another site are closed or shared with whoever frames the page,
so a link that opens in a frame leads to a window of its own; only choosing a part, which needs no session, goes on in
the frame (docs/adr/0004-lti.md).
"""

from __future__ import annotations

import logging
import secrets
from dataclasses import dataclass
from typing import cast
from urllib.parse import urlencode, urlsplit

from flask import Blueprint, current_app, jsonify, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from itsdangerous import BadSignature, URLSafeTimedSerializer
from werkzeug.wrappers import Response

from app.accounts.admission import after_first_proof
from app.accounts.queries import current_account
from app.content.current import installed
from app.content.publications import catalogue_of
from app.content.schemas import Catalogue
from app.core import running
from app.core.access import Role, public
from app.core.db import begin, engine_of, keep_on_refusal, session
from app.core.errors import NotFound, Refused
from app.core.locale import language
from app.core.outgoing import NotAllowed, Outgoing
from app.core.security import content_security_policy, csrf, guesses, limiter
from app.core.wording import Language
from app.lti import arrivals, choices, messages, queries
from app.lti.arrivals import Arrival
from app.lti.messages import Message, NotTaken
from app.lti.models import Platform
from app.lti.parts import Part, part_of_exercise, parts_of
from app.lti.platform_keys import PlatformKeys
from app.lti.tool import current_tool, public_keys
from app.lti.wording import fault_sentence, kind_names
from config import Settings

log = logging.getLogger(__name__)
blueprint = Blueprint("lti_open", __name__, template_folder="templates", url_prefix="/lti")

# What a browser is known by on its way to the platform and back; not the session, which a sign-in begins anew.
COOKIE, COOKIE_SECONDS = "hunar_lti", 3600
STATE_SECONDS = 600
FRAMES = frozenset({"iframe", "frame", "embed", "object"})
ASKED = ("iss", "login_hint", "target_link_uri", "client_id", "lti_deployment_id", "lti_message_hint")
LONGEST = 4000


@dataclass(frozen=True)
class State:
    """What Hunar asked a platform, signed and sent along. browser_hash: of the cookie of the browser that goes."""

    platform_id: int
    nonce: str
    browser_hash: str


@blueprint.record_once
def _prepare(state: object) -> None:
    app = state.app  # type: ignore[attr-defined]
    settings: Settings = app.extensions["settings"]
    app.extensions["platform_keys"] = PlatformKeys(Outgoing.of(settings))
    app.extensions["lti_states"] = URLSafeTimedSerializer(settings.secret_key, salt="lti state")


@blueprint.get("/<slug>/keys.json")
@public
def keys(slug: str) -> Response:
    return jsonify(public_keys(queries.published_keys(session(), slug)))


@blueprint.get("/<slug>/canvas.json")
@public
def canvas(slug: str) -> Response:
    return jsonify(current_tool().canvas_configuration(queries.academy_named(session(), slug).slug))


@blueprint.route("/<slug>/login", methods=["GET", "POST"])
@csrf.exempt  # type: ignore[untyped-decorator]
@public
def login(slug: str) -> Response:
    """A platform asks Hunar to ask it who somebody is (OpenID Connect, third-party-initiated login)."""
    asked = {name: value for name in ASKED if (value := request.values.get(name, ""))}
    platform = _asking(slug, asked)
    if _is_framed() and not _is_choosing(slug, asked):
        again = f"{url_for('.login', slug=slug)}?{urlencode(asked)}"
        return _framed(platform, render_template("lti/window.html", platform=platform, address=again))
    browser = request.cookies.get(COOKIE, "")
    if not 20 <= len(browser) <= 100:
        browser = secrets.token_urlsafe(32)
    nonce = secrets.token_urlsafe(24)
    state = _states().dumps([platform.id, nonce, arrivals.digest(browser)])
    away = redirect(_authentication_address(slug, platform, asked, state=state, nonce=nonce))
    away.set_cookie(
        COOKIE,
        browser,
        max_age=COOKIE_SECONDS,
        path=f"{blueprint.url_prefix}/",
        secure=running.settings().public_scheme == "https",
        httponly=True,
        samesite="Lax",
    )
    return away


@blueprint.post("/<slug>/launch")
@csrf.exempt  # type: ignore[untyped-decorator]
@limiter.limit(guesses, deduct_when=lambda answer: answer.status_code == 400)
@public
def launch(slug: str) -> Response | tuple[Response, int]:
    """What the platform says, brought by the browser. Another site sends it, so no cookie of ours comes along."""
    state = _read_state(request.form.get("state", ""))
    if request.form.get("error"):
        log.warning("platform %s refused a login: %r", state.platform_id, request.form["error"][:200])
        raise Refused(_("Your learning platform did not say who you are. Sign in there and open the link again."))
    # The keys may have to be fetched: no transaction is open meanwhile.
    with begin(engine_of(current_app), read_only=True) as reading:
        platform = queries.enabled_platform(reading, slug, state.platform_id)
    if platform is None:
        raise NotFound
    try:
        message = messages.check(platform, _keys(), request.form.get("id_token", ""), nonce=state.nonce)
        handle = arrivals.keep(session(), platform, message, nonce=state.nonce, browser_hash=state.browser_hash)
    except NotTaken as error:
        log.warning("a message of platform %s was not taken: %s (%s)", platform.id, error, error.__cause__)
        arrivals.note_not_taken(session(), platform, error.fault)
        keep_on_refusal()
        return _refusal(platform, fault_sentence(error.fault))
    if message.is_choice:
        return _choice_page(platform, message, handle)
    if _is_framed():
        return _refusal(platform, str(_("Open this link of your course in a new window.")))
    return redirect(url_for(".arrive", handle=handle), code=303)


@blueprint.post("/choices/<handle>")
@csrf.exempt  # type: ignore[untyped-decorator]
@public
def choose(handle: str) -> Response | tuple[Response, int]:
    """Send back what was chosen. No session: who holds the name of the message was sent it by the platform."""
    _launched, platform, message = arrivals.waiting(session(), handle)
    if not message.is_choice:
        raise NotFound
    chosen = request.form.get("part", "")
    part = next((each for group in _offered(platform).values() for each in group if each.place.path == chosen), None)
    if part is None and "nothing" not in request.form:
        return _choice_page(platform, message, handle, problem=str(_("Choose a module or one of its parts.")))
    arrivals.hold(session(), platform, message, part, own_id=None)
    launched, platform, message = arrivals.waiting(session(), handle, lock=True)
    if part is not None and part.place.exercise_id is None:
        cohort = arrivals.cohort_for(session(), platform, message, part.place.module_id)
        account = queries.account_of(session(), platform.id, message.subject)
        if account and account.role is Role.INSTRUCTOR and arrivals.names_teacher(platform, message):
            arrivals.teach(session(), platform, cohort, account)
    token = choices.answer(session(), current_tool(), platform, message, part)
    arrivals.use_up(launched)
    page = render_template("lti/chosen.html", platform=platform, part=part, token=token, address=message.return_address)
    return _framed(platform, page, sends_forms_to=_origin_of(message.return_address))


@blueprint.get("/launches/<handle>")
@public
def arrive(handle: str) -> str:
    """Who somebody is about to be here, and what opens."""
    found = _arrival(handle)
    own = current_account() if current_user.is_authenticated else None
    return render_template(
        "lti/arrive.html",
        found=found,
        handle=handle,
        own=own,
        may_link=own is not None and found.may_link(own),
        kinds=kind_names(),
    )


@blueprint.post("/launches/<handle>")
@public
def enter(handle: str) -> Response:
    own_id = current_account().id if current_user.is_authenticated else None
    found, how = _held_arrival(handle, own_id), request.form.get("how", "")
    account = found.account
    if account is None and how == "link" and current_user.is_authenticated:
        account = current_account()
        arrivals.link(session(), found, account)
    elif account is None and how == "new":
        account = arrivals.make_account(session(), found, _language_of(found.message))
    elif account is None:
        raise Refused(_("Say first who you are at this academy: go back and choose."))
    if account.role is Role.INSTRUCTOR:
        # A platform is run by others: what it says names somebody, and signs nobody in but trainees.
        address = arrivals.take_charge(session(), found, account)
        if current_user.is_authenticated and current_user.id == account.id:
            return redirect(address, code=303)
        return redirect(url_for("accounts.sign_in", next=address), code=303)
    arrivals.take_in(session(), found, account)
    if current_user.is_authenticated and current_user.id == account.id:
        return redirect(found.part.place.path, code=303)
    return after_first_proof(session(), account, found.part.place.path, by="platform")


def _asking(slug: str, asked: dict[str, str]) -> Platform:
    """The platform that asks for a login. Raises NotFound, and Refused when none is registered that would."""
    queries.academy_named(session(), slug)
    if not asked.get("iss") or not asked.get("login_hint") or any(len(value) > LONGEST for value in asked.values()):
        raise Refused(_("Your course did not say what a learning platform says here. Open the link in your course."))
    found = queries.platforms_asking(session(), slug, issuer=asked["iss"], client_id=asked.get("client_id", ""))
    if len(found) != 1:
        raise Refused(
            _("Your academy has not registered this learning platform, or has switched it off. Tell its administrator.")
        )
    return found[0]


def _is_framed() -> bool:
    return request.headers.get("Sec-Fetch-Dest") in FRAMES


def _refusal(platform: Platform, advice: str) -> tuple[Response, int]:
    """Why something was not taken, also where the reader sees it in a frame."""
    if not _is_framed():
        raise Refused(advice, status=400)
    return _framed(platform, render_template("lti/refused.html", advice=advice)), 400


def _is_choosing(slug: str, asked: dict[str, str]) -> bool:
    return asked.get("target_link_uri") == current_tool().addresses(slug).choose


def _authentication_address(slug: str, platform: Platform, asked: dict[str, str], *, state: str, nonce: str) -> str:
    values = {
        "scope": "openid",
        "response_type": "id_token",
        "response_mode": "form_post",
        "prompt": "none",
        "client_id": platform.client_id,
        "redirect_uri": current_tool().addresses(slug).launch,
        "login_hint": asked["login_hint"],
        "state": state,
        "nonce": nonce,
    }
    if hint := asked.get("lti_message_hint"):
        values["lti_message_hint"] = hint
    joined = "&" if urlsplit(platform.login_address).query else "?"
    return f"{platform.login_address}{joined}{urlencode(values)}"


def _read_state(signed: str) -> State:
    """Raises Refused for what Hunar did not sign, or too long ago."""
    try:
        return State(*_states().loads(signed, max_age=STATE_SECONDS))
    except (BadSignature, TypeError, ValueError):
        raise Refused(
            _("This way in was not begun here or took too long. Go back to your course and open the link again."),
            status=400,
        ) from None


def _held_arrival(handle: str, own_id: int | None) -> Arrival:
    """As `_arrival`, with all that it may write to locked. Raises NotFound as well."""
    found = _arrival(handle)
    arrivals.hold(session(), found.platform, found.message, found.part, own_id=own_id)
    return _arrival(handle, lock=True)


def _arrival(handle: str, *, lock: bool = False) -> Arrival:
    """A message that waits for this browser. Raises Refused."""
    launched, platform, message = arrivals.waiting(session(), handle, lock=lock)
    arrivals.check_browser(launched, request.cookies.get(COOKIE, ""))
    part = arrivals.part_of(
        session(),
        _catalogue(platform),
        platform,
        message.target,
        origin=current_tool().origin,
        language=language(),
    )
    account = queries.account_of(session(), platform.id, message.subject)
    return Arrival(launched, platform, message, part, account)


def _choice_page(
    platform: Platform, message: Message, handle: str, *, problem: str = ""
) -> Response | tuple[Response, int]:
    if not message.takes_links or _origin_of(message.return_address) == "":
        return _refusal(platform, str(_("Your learning platform takes no links of the kind that Hunar gives.")))
    page = render_template(
        "lti/choose.html",
        platform=platform,
        handle=handle,
        offered=_offered(platform),
        kinds=kind_names(),
        problem=problem,
        course=message.context_title,
    )
    shown = _framed(platform, page)
    return (shown, 422) if problem else shown


def _offered(platform: Platform) -> dict[str, list[Part]]:
    """What may be chosen, by the title of its group."""
    groups = {
        module.title.in_language(language()): parts_of(module, language())
        for module in _catalogue(platform).modules.values()
    }
    if exercises := queries.open_exercises(session(), platform.academy_id):
        groups[str(_("Exercises"))] = [part_of_exercise(each) for each in exercises]
    return groups


def _framed(platform: Platform, page: str, *, sends_forms_to: str = "'self'") -> Response:
    """A page that the platform, and nobody else, may show in a frame."""
    answer = make_response(page)
    policy = content_security_policy(running.settings(), framed_by=platform.site, sends_forms_to=sends_forms_to)
    answer.headers["Content-Security-Policy"] = policy
    return answer


def _origin_of(address: str) -> str:
    """Where a form goes that is sent there; "" for an address that Hunar sends nothing to."""
    try:
        parts = current_tool().web.checked(address)
    except NotAllowed:
        return ""
    return f"{parts.scheme}://{parts.netloc}"


def _catalogue(platform: Platform) -> Catalogue:
    blobs = running.blobs()
    return catalogue_of(session(), blobs, installed(), platform.academy_id)


def _language_of(message: Message) -> Language:
    """The language that somebody reads on the platform; else that of this browser."""
    if not message.locale:
        return language()
    return "ur" if message.locale.lower().startswith("ur") else "en"


def _keys() -> PlatformKeys:
    return cast(PlatformKeys, current_app.extensions["platform_keys"])


def _states() -> URLSafeTimedSerializer:
    return cast(URLSafeTimedSerializer, current_app.extensions["lti_states"])
