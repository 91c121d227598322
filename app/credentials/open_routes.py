"""What anybody may open: verification, and what other verifiers need: issuers, keys, achievements, status lists."""

from __future__ import annotations

from flask import Blueprint, jsonify, redirect, render_template, url_for
from werkzeug.wrappers import Response

from app.content.current import installed
from app.core import clock
from app.core.access import public
from app.core.codes import as_written
from app.core.db import session
from app.core.errors import NotFound
from app.core.security import guesses, limiter
from app.credentials import awards, baking, document, queries, service, verification, wording
from app.credentials.forms import VerifyForm
from app.credentials.models import SigningKey
from app.credentials.office import ALGORITHM, current_office
from app.credentials.verification import Finding, Verdict

blueprint = Blueprint("verification", __name__, template_folder="templates")


@blueprint.get("/verify")
@public
def verify() -> str:
    return _page(VerifyForm(formdata=None), None)


@blueprint.post("/verify")
@limiter.limit(guesses)
@public
def check() -> str | Response | tuple[str, int]:
    form = VerifyForm()
    if not form.validate_on_submit():
        return _page(form, None), 422
    if code := as_written(form.code.data or ""):
        return redirect(url_for(".credential", code=code[:40]), code=303)
    try:
        shown = form.text.data or baking.credential_in(form.file.data.read(baking.MOST_BYTES + 1))
    except baking.NotBaked as problem:
        form.file.errors = [problem.message]
        return _page(form, None), 422
    return _page(form, verification.of_text(session(), current_office(), shown, clock.now()))


@blueprint.get("/credentials/<code>")
@limiter.limit(guesses, deduct_when=lambda answer: answer.status_code == 404)
@public
def credential(code: str) -> str | tuple[str, int]:
    """Where the address and the picture of a credential lead."""
    finding = verification.of_code(session(), current_office(), code, clock.now())
    page = _page(VerifyForm(formdata=None), finding)
    return (page, 404) if finding.verdict is Verdict.UNKNOWN else page


def _page(form: VerifyForm, finding: Finding | None) -> str:
    return render_template("credentials/verify.html", form=form, finding=finding, wording=wording)


@blueprint.get("/academies/<slug>")
@public
def issuer_page(slug: str) -> str:
    academy = queries.academy_named(session(), slug)
    keys = queries.keys_of(session(), academy.id)
    return render_template("credentials/issuer.html", academy=academy, keys=keys)


@blueprint.get("/academies/<slug>/issuer.json")
@public
def issuer(slug: str) -> Response:
    academy = queries.academy_named(session(), slug)
    return jsonify(
        {"@context": [document.CREDENTIALS, document.OPEN_BADGES], **document.issuer(current_office(), academy)}
    )


@blueprint.get("/academies/<slug>/jwks.json")
@public
def keys(slug: str) -> Response:
    """Every key by which a credential of the academy may be signed."""
    academy = queries.academy_named(session(), slug)
    return jsonify({"keys": [_public(slug, key) for key in queries.keys_of(session(), academy.id)]})


@blueprint.get("/academies/<slug>/keys/<name>")
@public
def key(slug: str, name: str) -> Response:
    academy, found = queries.academy_named(session(), slug), queries.key_with(session(), name)
    if found is None or found.academy_id != academy.id:
        raise NotFound
    return jsonify(_public(slug, found))


def _public(slug: str, found: SigningKey) -> dict[str, str]:
    named = {"kid": current_office().key(slug, found.thumbprint), "use": "sig", "alg": ALGORITHM}
    return {**found.public, **named}


@blueprint.get("/academies/<slug>/achievements/<name>")
@public
def achievement(slug: str, name: str) -> Response:
    academy, found = queries.academy_named(session(), slug), awards.known(installed()).get(name)
    if found is None:
        raise NotFound
    return jsonify(document.alone(document.achievement(current_office(), academy, found)))


@blueprint.get("/academies/<slug>/status/<int:number>")
@public
def status_list(slug: str, number: int) -> Response:
    """Which credentials are no longer in force, by their places, signed by the academy."""
    academy = queries.academy_named(session(), slug)
    places = queries.no_longer_in_force(session(), academy.id, number)
    content = document.status_list(current_office(), academy, number, places, clock.now())
    if (signed := service.signed(session(), current_office(), academy, content)) is None:
        raise NotFound
    return Response(signed, mimetype="application/vc+jwt")
