"""The page of a notebook lab, what its script and forms send, and the notebook's earlier versions."""

from __future__ import annotations

import uuid
from datetime import datetime
from functools import partial

from flask import (
    Blueprint,
    Response,
    flash,
    jsonify,
    redirect,
    render_template,
    request,
    send_from_directory,
    url_for,
)
from flask_babel import format_datetime, format_time
from flask_babel import gettext as _
from pydantic import ValidationError
from werkzeug.wrappers import Response as AnyResponse

from app.accounts import consent
from app.accounts import service as accounts
from app.accounts.queries import current_account
from app.content.current import catalogue
from app.content.data import data_file as data_file_path
from app.content.downloads import first_opening_megabytes, frame_address
from app.content.releases import released
from app.content.schemas import Notebook
from app.core import clock, running
from app.core.access import Action, requires
from app.core.db import session
from app.core.errors import NotFound, Refused
from app.core.locale import language
from app.core.paging import wanted
from app.notebooks import (
    comparison,
    contact,
    curiosity,
    datasets,
    document,
    explanations,
    findings,
    own_files,
    queries,
    service,
)
from app.notebooks import history as versions
from app.notebooks.models import NotebookDraft
from app.notebooks.roles import role_in_words
from app.notebooks.titles import cell_titles
from app.notebooks.written import sent_base, sent_written

blueprint = Blueprint("notebooks", __name__, template_folder="templates")
blueprint.add_app_template_global(role_in_words)

MAX_KEY_CHARACTERS = 64


def _lab(module_id: str, activity_id: str) -> Notebook:
    return queries.lab(session(), catalogue(), current_account(), module_id, activity_id)


@blueprint.get("/notebooks/<module_id>/<activity_id>")
@requires(Action.WORK_ON_NOTEBOOK)
def lab(module_id: str, activity_id: str) -> str:
    return _lab_page(module_id, _lab(module_id, activity_id))


def _lab_page(module_id: str, activity: Notebook, *, problem: str = "") -> str:
    standing = queries.standing(session(), current_account().id, module_id, activity.id)
    draft = queries.draft(session(), current_account(), module_id, activity.id)
    return render_template(
        "notebooks/lab.html",
        module=catalogue().module(module_id),
        activity=activity,
        titles=cell_titles(activity.source, language()),
        path=activity.work_path(module_id),
        files=own_files.addresses(activity.own_files, partial(_address_of_file, module_id, activity.id)),
        megabytes=first_opening_megabytes(running.settings().notebook_site_folder, module_id, activity),
        standing=standing,
        closed=service.why_closed(standing, clock.now()),
        draft=draft,
        aside=queries.undecided_aside(session(), current_account(), module_id, activity.id),
        newer_data=queries.newer_data(session(), current_account(), draft) if draft else None,
        is_outdated=draft is not None and queries.is_outdated(draft, released(activity.source)),
        submissions=queries.submissions_of_lab(session(), current_account().id, module_id, activity.id),
        origin=running.settings().notebook_origin,
        frame_address=frame_address(
            running.settings().notebook_origin, running.settings().notebook_site_folder, activity.source
        ),
        draft_seconds=running.settings().draft_seconds,
        limit_bytes=running.settings().upload_bytes,
        key=uuid.uuid4().hex,
        problem=problem,
        contact=contact.word(current_account().id),
        explanations=explanations.table(),
        agreed=_agreed(),
    )


def _address_of_file(module_id: str, activity_id: str, name: str) -> str:
    return url_for(".data_file", module_id=module_id, activity_id=activity_id, name=name)


@blueprint.post("/notebooks/first-steps")
@requires(Action.WORK_ON_NOTEBOOK)
def end_first_steps() -> AnyResponse:
    """The trainee has done or left the first steps; they come by themselves no more, on any computer."""
    accounts.end_first_steps(session(), current_account().id)
    return Response(status=204)


@blueprint.get("/notebooks/<module_id>/<activity_id>/notebook.ipynb")
@requires(Action.WORK_ON_NOTEBOOK)
def notebook(module_id: str, activity_id: str) -> Response:
    """The trainee's draft, or the original when there is none yet."""
    activity = _lab(module_id, activity_id)
    draft = queries.draft(session(), current_account(), module_id, activity_id)
    content = running.blobs().get(draft.sha256) if draft else released(activity.source)
    answer = document.as_answer(content, f"{activity_id}.ipynb")
    answer.set_etag(_version(draft))
    return answer


def _version(draft: NotebookDraft | None) -> str:
    return str(draft.id if draft else 0)


@blueprint.get("/notebooks/<module_id>/<activity_id>/files/<path:name>")
@requires(Action.WORK_ON_NOTEBOOK)
def data_file(module_id: str, activity_id: str, name: str) -> Response:
    """A data file of the lab: for work outside the portal and, where the academy brought it, for the lab's page."""
    activity = _lab(module_id, activity_id)
    if (own := activity.own_files.get(name)) is not None:
        return own_files.as_data_file(running.blobs(), own, name)
    if name not in activity.data_files:
        raise NotFound
    folder = running.settings().lab_files_folder / module_id / activity.data_folder
    return send_from_directory(folder.resolve(), name, as_attachment=True)


@blueprint.post("/notebooks/<module_id>/<activity_id>/draft")
@requires(Action.WORK_ON_NOTEBOOK)
def save_draft(module_id: str, activity_id: str) -> AnyResponse | tuple[AnyResponse, int]:
    """Save what the page's script sent: as the draft, or with ?aside=yes beside a newer one.

    The headers say what it goes on from and which window wrote it (app/notebooks/written.py).
    """
    given_out = released(_lab(module_id, activity_id).source)
    try:
        content = document.read_draft(request.get_data(), limit_bytes=running.settings().upload_bytes)
        if request.args.get("aside") == "yes":
            return _keep_aside(module_id, activity_id, content, given_out)
        draft = service.save_draft(
            session(),
            running.blobs(),
            current_account(),
            module_id,
            activity_id,
            content,
            given_out=given_out,
            base=sent_base(),
            written=sent_written(),
        )
    except service.DraftChangedElsewhere as changed:
        return _state(changed.newest), 412
    except Refused as refusal:
        return jsonify(message=refusal.message), refusal.status
    return _state(draft)


def _keep_aside(module_id: str, activity_id: str, content: bytes, given_out: bytes) -> Response:
    kept = service.keep_aside(
        session(),
        running.blobs(),
        current_account(),
        module_id,
        activity_id,
        content,
        given_out=given_out,
        written=sent_written(),
    )
    newest = queries.draft(session(), current_account(), module_id, activity_id) or kept
    compare = url_for(".version", module_id=module_id, activity_id=activity_id, draft_id=kept.id)
    return _state(newest, aside=_version(kept), compare=compare)


def _state(draft: NotebookDraft, **others: str) -> Response:
    saved = format_time(draft.saved_at, "short")
    answer = jsonify(version=_version(draft), saved=saved, contact=contact.word(current_account().id), **others)
    answer.set_etag(_version(draft))
    return answer


@blueprint.post("/notebooks/<module_id>/<activity_id>/reset")
@requires(Action.WORK_ON_NOTEBOOK)
def reset(module_id: str, activity_id: str) -> AnyResponse:
    activity = _lab(module_id, activity_id)
    original = released(activity.source)
    release = running.blobs().put(original)
    service.go_on_from(session(), running.blobs(), current_account(), module_id, activity_id, original, release=release)
    flash(_("The notebook is the original again. Your former versions are kept at the academy."))
    return redirect(url_for(".lab", module_id=module_id, activity_id=activity_id), code=303)


@blueprint.get("/notebooks/<module_id>/<activity_id>/history")
@requires(Action.WORK_ON_NOTEBOOK)
def history(module_id: str, activity_id: str) -> str:
    """The trainee's versions of a notebook, newest first, a page at a time."""
    activity = _lab(module_id, activity_id)
    return render_template(
        "notebooks/history.html",
        module=catalogue().module(module_id),
        activity=activity,
        history=versions.page(
            session(),
            running.blobs(),
            current_account(),
            module_id,
            activity_id,
            released(activity.source),
            wanted=wanted(size=versions.PAGE_SIZE),
        ),
    )


@blueprint.get("/notebooks/<module_id>/<activity_id>/history/<int:draft_id>")
@requires(Action.WORK_ON_NOTEBOOK)
def version(module_id: str, activity_id: str, draft_id: int) -> str:
    """A version beside the present one."""
    activity = _lab(module_id, activity_id)
    draft = versions.version(session(), current_account(), module_id, activity_id, draft_id)
    return _comparison_page(module_id, activity, running.blobs().get(draft.sha256), draft=draft)


@blueprint.get("/notebooks/<module_id>/<activity_id>/history/original")
@requires(Action.WORK_ON_NOTEBOOK)
def original(module_id: str, activity_id: str) -> str:
    """The original beside the present version."""
    activity = _lab(module_id, activity_id)
    return _comparison_page(module_id, activity, released(activity.source), draft=None)


def _comparison_page(module_id: str, activity: Notebook, content: bytes, *, draft: NotebookDraft | None) -> str:
    given_out = released(activity.source)
    present = versions.present(session(), running.blobs(), current_account(), module_id, activity.id, given_out)
    return render_template(
        "notebooks/version.html",
        module=catalogue().module(module_id),
        activity=activity,
        draft=draft,
        present=present.draft,
        parts=comparison.compare(comparison.cells_of(content), present.cells),
    )


@blueprint.post("/notebooks/<module_id>/<activity_id>/history/<int:draft_id>/restore")
@requires(Action.WORK_ON_NOTEBOOK)
def restore(module_id: str, activity_id: str, draft_id: int) -> AnyResponse:
    """Make an earlier version the draft again; what was the draft stays among the earlier versions."""
    _lab(module_id, activity_id)
    chosen = versions.version(session(), current_account(), module_id, activity_id, draft_id)
    service.go_on_from(
        session(),
        running.blobs(),
        current_account(),
        module_id,
        activity_id,
        running.blobs().get(chosen.sha256),
        release=chosen.release_sha256,
    )
    moment = format_datetime(chosen.saved_at, "medium")
    flash(_("You go on from the version of %(moment)s. The one before it is kept.", moment=moment))
    return redirect(url_for(".lab", module_id=module_id, activity_id=activity_id), code=303)


@blueprint.post("/notebooks/<module_id>/<activity_id>/submit")
@requires(Action.WORK_ON_NOTEBOOK)
def submit(module_id: str, activity_id: str) -> AnyResponse | tuple[str, int]:
    """Hand in what the page's script sent, an uploaded file, or else the draft that the server has."""
    activity = _lab(module_id, activity_id)
    try:
        submission = service.submit(
            session(),
            running.blobs(),
            current_account(),
            module_id,
            activity_id,
            _sent_notebook(),
            key=_sent_key(),
            clicked_at=_sent_click(),
        )
    except Refused as refusal:
        if "HX-Request" in request.headers:
            raise
        return _lab_page(module_id, activity, problem=refusal.message), refusal.status
    findings.close_at_submission(session(), current_account(), module_id, activity)
    return redirect(url_for("gradebook.submission", submission_id=submission.id), code=303)


def _sent_key() -> str:
    if key := request.form.get("key", "")[:MAX_KEY_CHARACTERS]:
        return key
    raise Refused(_("The form was incomplete. Reload the page and submit again; your draft is kept."))


def _sent_click() -> datetime | None:
    return contact.moment_of_click(
        current_account().id, request.form.get("contact", ""), request.form.get("elapsed", "")
    )


def _sent_notebook() -> bytes | None:
    """The notebook file of the request; None when the form asks for the saved draft. Raises Refused."""
    if "saved" in request.form:
        return None
    upload = request.files.get("notebook")
    content = upload.read() if upload else b""
    if not content:
        raise Refused(_("Choose a notebook file that ends in .ipynb, then press the button again."))
    return document.read_submission(content, limit_bytes=running.settings().upload_bytes)


@blueprint.get("/notebooks/<module_id>/<activity_id>/changes")
@requires(Action.WORK_ON_NOTEBOOK)
def changes(module_id: str, activity_id: str) -> str:
    """What the author changed since the trainee began."""
    activity = _lab(module_id, activity_id)
    draft = queries.draft(session(), current_account(), module_id, activity_id)
    given_out = released(activity.source)
    if draft is None or not queries.is_outdated(draft, given_out):
        raise NotFound
    begun_from = comparison.cells_of(running.blobs().get(draft.release_sha256))
    return render_template(
        "notebooks/changes.html",
        module=catalogue().module(module_id),
        activity=activity,
        parts=comparison.compare(begun_from, comparison.cells_of(given_out)),
    )


@blueprint.post("/notebooks/<module_id>/<activity_id>/renew")
@requires(Action.WORK_ON_NOTEBOOK)
def renew(module_id: str, activity_id: str) -> AnyResponse:
    """Carry the trainee's work over into the lab as it is given out now."""
    given_out = released(_lab(module_id, activity_id).source)
    service.renew(session(), running.blobs(), current_account(), module_id, activity_id, given_out)
    flash(_("Your answers stand in the new version now. Run its cells from the top; the old version is kept."))
    return redirect(url_for(".lab", module_id=module_id, activity_id=activity_id), code=303)


def _agreed() -> consent.Consent | None:
    return consent.standing(session(), current_account().id, curiosity.PURPOSE)


def _columns(module_id: str, activity: Notebook) -> tuple[datasets.Column, ...]:
    folder = running.settings().lab_files_folder
    return datasets.columns(
        data_file_path(folder, running.blobs(), module_id, activity, name)
        for name in activity.data_files
        if name.endswith(".csv")
    )


@blueprint.get("/notebooks/<module_id>/<activity_id>/questions")
@requires(Action.KEEP_CURIOSITY_LOG)
def questions(module_id: str, activity_id: str) -> str:
    """What the trainee asked of the data, as far as they let it be noted."""
    activity = _lab(module_id, activity_id)
    rows = curiosity.log(session(), current_account(), module_id, activity_id)
    return render_template(
        "notebooks/questions.html",
        module=catalogue().module(module_id),
        activity=activity,
        agreed=_agreed(),
        contact=contact.word(current_account().id),
        questions=curiosity.questions(rows, _columns(module_id, activity)),
    )


@blueprint.post("/notebooks/<module_id>/<activity_id>/questions")
@requires(Action.KEEP_CURIOSITY_LOG)
def note_questions(module_id: str, activity_id: str) -> AnyResponse:
    """Note what the cells that a page sent ask of the data."""
    activity = _lab(module_id, activity_id)
    if (request.content_length or 0) > document.MEBIBYTE:
        raise Refused(_("Too many cells were sent at once."), status=413)
    try:
        sent = curiosity.RunCells.model_validate_json(request.get_data())
    except ValidationError as problem:
        raise Refused(_("What was sent is no list of cells that were run.")) from problem
    draft = queries.draft(session(), current_account(), module_id, activity_id)
    began_from = draft.release_sha256 if draft else ""
    given_out = [released(activity.source), *([running.blobs().get(began_from)] if began_from else [])]
    curiosity.note(
        session(),
        current_account(),
        module_id,
        activity_id,
        sent.cells,
        columns=_columns(module_id, activity),
        given=[cell.source for content in given_out for cell in comparison.cells_of(content).values()],
    )
    return Response(status=204)


@blueprint.post("/notebooks/<module_id>/<activity_id>/questions/consent")
@requires(Action.KEEP_CURIOSITY_LOG)
def answer_consent(module_id: str, activity_id: str) -> AnyResponse | str:
    """The trainee lets questions be noted ("yes"), does not or no more ("no"), or takes all of it back ("forget")."""
    activity = _lab(module_id, activity_id)
    said = request.form.get("answer", "")
    if said not in {"yes", "no", "forget"}:
        raise Refused(_("Choose whether your questions are noted, with one of the buttons."))
    if said == "forget":
        curiosity.forget(session(), current_account())
    else:
        consent.answer(session(), current_account().id, curiosity.PURPOSE, is_given=said == "yes")
    if "HX-Request" in request.headers:
        return render_template(
            "notebooks/_curiosity.html",
            module=catalogue().module(module_id),
            activity=activity,
            agreed=_agreed(),
            contact=contact.word(current_account().id),
            is_answered=True,
        )
    if request.form.get("page") == "findings":
        return redirect(url_for("findings.page", module_id=module_id, activity_id=activity_id), code=303)
    return redirect(url_for(".questions", module_id=module_id, activity_id=activity_id), code=303)
