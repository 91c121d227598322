"""Pages of a lab that is written: its source, its preview, its check, its versions."""

from __future__ import annotations

from dataclasses import asdict

from flask import Blueprint, Response, flash, jsonify, redirect, render_template, request, url_for
from flask_babel import format_datetime, format_time
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from app.accounts.queries import current_account
from app.authoring import beginning, pack, presentation, queries, service, source, taking_back
from app.authoring.forms import BeginningForm, PublishForm
from app.authoring.models import LabCheck, LabSource
from app.authoring.pages import beside, files_written, lab_at, newest_of, words_written
from app.authoring.queries import Lab, PackNews
from app.authoring.source import Problem
from app.content import releases
from app.content.current import authored, catalogue, installed
from app.content.downloads import frame_address
from app.content.graded_cells import UnusableSource
from app.content.own_data import NO_FILES, files_of
from app.content.publications import LabPublication, with_source
from app.content.schemas import WordsAboutCells
from app.core import running
from app.core.access import Action, requires
from app.core.db import session
from app.core.errors import NotFound, Refused
from app.core.locale import language
from app.notebooks import document, explanations, own_files
from app.notebooks.titles import cell_titles
from app.notebooks.written import sent_base, sent_written

blueprint = Blueprint("authoring", __name__, template_folder="templates")


def _url(endpoint: str, found: Lab, **values: int | str) -> str:
    """Address of a page of this lab."""
    return url_for(endpoint, module_id=found.module.id, activity_id=found.notebook.id, **values)  # type: ignore[arg-type]


def _frame_address(content: bytes) -> str:
    return frame_address(running.settings().notebook_origin, running.settings().notebook_site_folder, content)


def _problems(content: bytes, words: WordsAboutCells) -> list[Problem]:
    return source.problems(content, words.rubrics, catalogue().competencies)


@blueprint.get("/authoring")
@requires(Action.WRITE_LABS)
def labs() -> str:
    """Every lab, what trainees get of it, and whether somebody writes on it."""
    rows = queries.listed(session(), current_account(), queries.labs(catalogue(), authored()))
    return render_template("authoring/labs.html", rows=rows)


@blueprint.get("/authoring/new")
@requires(Action.WRITE_LABS)
def begin() -> str:
    return _beginning_page(BeginningForm(installed(), language()))


@blueprint.post("/authoring/new")
@requires(Action.WRITE_LABS)
def begin_lab() -> AnyResponse | tuple[str, int]:
    """A lab of the academy's own, with a first notebook to be written over."""
    form = BeginningForm(installed(), language())
    if not form.validate_on_submit():
        return _beginning_page(form), 422
    made = beginning.begin(session(), running.blobs(), current_account(), installed(), form.wanted)
    if not made.data_of:
        flash(_("The lab is begun. Bring its data here; then write, and publish a version for your trainees."))
        return redirect(url_for("lab_data.files", module_id=made.module_id, activity_id=made.activity_id), code=303)
    flash(_("The lab is begun. Trainees get it when you have published a version of it."))
    return redirect(url_for(".lab", module_id=made.module_id, activity_id=made.activity_id), code=303)


def _beginning_page(form: BeginningForm) -> str:
    return render_template("authoring/begin.html", form=form)


def _last(found: Lab) -> LabPublication | None:
    return queries.last_publication(session(), current_account(), found)


def _news(found: Lab, newest: LabSource | None, last: LabPublication | None) -> PackNews | None:
    return queries.pack_news(found, newest, queries.pack_note(session(), current_account(), found), last)


@blueprint.get("/authoring/<module_id>/<activity_id>")
@requires(Action.WRITE_LABS)
def lab(module_id: str, activity_id: str) -> str:
    found = lab_at(module_id, activity_id)
    newest, last = newest_of(found), _last(found)
    content = queries.text_of(running.blobs(), found, newest)
    return render_template(
        "authoring/lab.html",
        found=found,
        newest=newest,
        author=queries.author(session(), newest) if newest else "",
        publication=last,
        news=_news(found, newest, last),
        problems=_problems(content, words_written(found)),
        kinds=presentation.kinds(),
        competencies=[catalogue().competencies[code] for code in found.notebook.competencies],
        path=found.installed.work_path(found.module.id),
        files=_files(found),
        origin=running.settings().notebook_origin,
        frame_address=_frame_address(content),
        draft_seconds=running.settings().draft_seconds,
        limit_bytes=running.settings().upload_bytes,
        explanations=explanations.table(),
    )


def _files(found: Lab) -> list[own_files.FileAddress]:
    """The data files that the academy brought, as they are being written."""
    return own_files.addresses(files_written(found), lambda name: _url("lab_data.file", found, name=name))


def _refused(found: Lab, sentence: str, status: int = 422) -> tuple[str, int]:
    """Why it could not be done, and all that is to be mended in what is being written."""
    content = queries.text_of(running.blobs(), found, newest_of(found))
    problems = _problems(content, words_written(found))
    return render_template("authoring/refused.html", found=found, sentence=sentence, problems=problems), status


@blueprint.get("/authoring/<module_id>/<activity_id>/source.ipynb")
@requires(Action.WRITE_LABS)
def notebook(module_id: str, activity_id: str) -> Response:
    """What is being written, solutions and hidden tests included; what trainees get while nobody began."""
    found = lab_at(module_id, activity_id)
    newest = newest_of(found)
    answer = document.as_answer(queries.text_of(running.blobs(), found, newest), f"{activity_id}-source.ipynb")
    answer.set_etag(_version(newest))
    return answer


def _version(state: LabSource | None) -> str:
    return str(state.id if state else 0)


@blueprint.post("/authoring/<module_id>/<activity_id>/draft")
@requires(Action.WRITE_LABS)
def save(module_id: str, activity_id: str) -> AnyResponse | tuple[AnyResponse, int]:
    """Save what the page's script sent, or with ?aside=yes beside a newer state, and say what is to be mended in it.

    The headers say what it goes on from and which window wrote it (app/notebooks/written.py).
    """
    found = lab_at(module_id, activity_id)
    try:
        content = source.stored_form(request.get_data(), limit_bytes=running.settings().upload_bytes)
        if request.args.get("aside") == "yes":
            kept = service.keep_aside(session(), running.blobs(), current_account(), found, content)
            compare = _url(".state", found, source_id=kept.id)
            return _saved(newest_of(found) or kept, compare=compare)
        saved = service.save(
            session(), running.blobs(), current_account(), found, content, base=sent_base(), written=sent_written()
        )
    except service.SourceChangedElsewhere as changed:
        return _saved(changed.newest), 412
    except Refused as refusal:
        return jsonify(message=refusal.message), refusal.status
    return _saved(saved, problems=[asdict(each) for each in _problems(content, words_written(found))])


def _saved(state: LabSource, **others: object) -> Response:
    answer = jsonify(
        version=_version(state),
        saved=format_time(state.saved_at, "short"),
        author=queries.author(session(), state),
        **others,
    )
    answer.set_etag(_version(state))
    return answer


@blueprint.get("/authoring/<module_id>/<activity_id>/newest")
@requires(Action.WRITE_LABS)
def newest_state(module_id: str, activity_id: str) -> AnyResponse:
    """Who saved last, for a page that is open beside another; nothing (204) while that was the asking window."""
    found = lab_at(module_id, activity_id)
    newest = newest_of(found)
    if newest is None or newest.writer in sent_written().writers:
        return Response(status=204)
    return _saved(newest)


@blueprint.post("/authoring/<module_id>/<activity_id>/upload")
@requires(Action.WRITE_LABS)
def upload(module_id: str, activity_id: str) -> AnyResponse | tuple[str, int]:
    """A source notebook that was written elsewhere becomes what is being written."""
    found = lab_at(module_id, activity_id)
    file = request.files.get("notebook")
    try:
        content = file.read() if file else b""
        if not content:
            raise Refused(_("Choose a notebook file that ends in .ipynb, then press the button again."))
        document.read_submission(content, limit_bytes=running.settings().upload_bytes)
        service.save(
            session(),
            running.blobs(),
            current_account(),
            found,
            source.stored_form(content, limit_bytes=running.settings().upload_bytes),
        )
    except Refused as refusal:
        return _refused(found, refusal.message, refusal.status)
    flash(_("The file is what you go on with. What was there before is kept among the saved states."))
    return redirect(_url(".lab", found), code=303)


@blueprint.get("/authoring/<module_id>/<activity_id>/preview")
@requires(Action.WRITE_LABS)
def preview(module_id: str, activity_id: str) -> str | tuple[str, int]:
    """What trainees would get of what is being written, in the page that they work in; nothing of it is kept."""
    found = lab_at(module_id, activity_id)
    content = queries.text_of(running.blobs(), found, newest_of(found))
    words = words_written(found)
    if (refusal := _why_broken(found, content, words)) is not None:
        return _refused(found, refusal)
    activity = with_source(found.installed, content, words, files_written(found))
    return render_template(
        "authoring/preview.html",
        found=found,
        activity=activity,
        titles=cell_titles(content, language()),
        path=activity.work_path(found.module.id),
        files=_files(found),
        origin=running.settings().notebook_origin,
        frame_address=_frame_address(content),
        explanations=explanations.table(),
        limit_bytes=running.settings().upload_bytes,
    )


@blueprint.get("/authoring/<module_id>/<activity_id>/preview.ipynb")
@requires(Action.WRITE_LABS)
def preview_notebook(module_id: str, activity_id: str) -> Response:
    """The release of what is being written, by nbgrader's own rules."""
    found = lab_at(module_id, activity_id)
    content = queries.text_of(running.blobs(), found, newest_of(found))
    if (refusal := _why_broken(found, content, words_written(found))) is not None:
        raise Refused(refusal)
    return document.as_answer(releases.preview(content), f"{activity_id}.ipynb")


def _why_broken(found: Lab, content: bytes, words: WordsAboutCells) -> str | None:
    """Why no release can be made of a source; None when one can."""
    if _problems(content, words):
        return str(_("Mend what is listed below first; then the notebook can be previewed and checked."))
    try:
        with_source(found.installed, content, words, NO_FILES)
        source.refuse_broken(content, limit_bytes=running.settings().upload_bytes)
    except UnusableSource as fault:
        return str(
            _("The skills of a cell cannot be read. Set them again. What is wrong: %(reason)s", reason=str(fault))
        )
    except Refused as refusal:
        return refusal.message
    return None


@blueprint.post("/authoring/<module_id>/<activity_id>/check")
@requires(Action.WRITE_LABS)
def begin_check(module_id: str, activity_id: str) -> AnyResponse | tuple[str, int]:
    """Have the grader run the saved state that the page shows, its solution and its release."""
    found = lab_at(module_id, activity_id)
    newest = newest_of(found)
    if request.form.get("version") != _version(newest):
        return _refused(found, _meanwhile(), 409)
    content = queries.text_of(running.blobs(), found, newest)
    words = words_written(found)
    if (refusal := _why_broken(found, content, words)) is not None:
        return _refused(found, refusal)
    return _check_of(found, content, words, queries.data_written(session(), current_account(), found))


def _meanwhile() -> str:
    return str(_("Another state was saved since this page was loaded. Look at it, then check again."))


def _check_of(
    found: Lab, content: bytes, words: WordsAboutCells, data_id: int | None, *, is_of_pack: bool = False
) -> AnyResponse:
    made = service.request_check(
        session(), running.blobs(), current_account(), found, content, words, data_id, is_of_pack=is_of_pack
    )
    return redirect(url_for(".check", check_id=made.id), code=303)


@blueprint.get("/authoring/checks/<int:check_id>")
@requires(Action.WRITE_LABS)
def check(check_id: int) -> str:
    return _check_page("authoring/check.html", queries.check(session(), current_account(), check_id))


@blueprint.get("/authoring/checks/<int:check_id>/status")
@requires(Action.WRITE_LABS)
def check_status(check_id: int) -> str | tuple[str, int]:
    """The changing part of the page; nothing (204) while it is what the page shows already."""
    found = queries.check(session(), current_account(), check_id)
    if found.finished_at is None and not queries.is_set_aside(session(), found):
        return "", 204
    return _check_page("authoring/_check.html", found)


def _check_page(template: str, made: LabCheck, *, form: PublishForm | None = None, refusal: str = "") -> str:
    found = lab_at(made.module_id, made.activity_id)
    content = running.blobs().get(made.sha256)
    titles = cell_titles(content, language())
    return render_template(
        template,
        found=found,
        check=made,
        titles=titles,
        finding=presentation.finding(made.report, titles) if made.finished_at else None,
        is_set_aside=made.finished_at is None and queries.is_set_aside(session(), made),
        why_not=_why_not(found, made),
        form=form or PublishForm(),
        refusal=refusal,
    )


def _why_not(found: Lab, made: LabCheck) -> str | None:
    """Why a finished check that passed cannot be published all the same."""
    if not made.is_sound:
        return None
    return service.why_not_published(session(), running.blobs(), current_account(), found, made)


@blueprint.post("/authoring/checks/<int:check_id>/publish")
@requires(Action.WRITE_LABS)
def publish(check_id: int) -> AnyResponse | tuple[str, int]:
    made, form = queries.check(session(), current_account(), check_id), PublishForm()
    if not form.validate_on_submit():
        return _check_page("authoring/check.html", made, form=form), 422
    found = lab_at(made.module_id, made.activity_id)
    try:
        service.publish(session(), running.blobs(), current_account(), found, made, reason=form.reason_given)
    except service.NotPublished as refusal:
        return _check_page("authoring/check.html", made, form=form, refusal=refusal.message), refusal.status
    if made.is_of_pack:
        flash(_("Trainees get the content pack's version from now on; whoever has begun is told and chooses."))
    else:
        flash(_("Published. Trainees get this version from now on; whoever has begun is told and chooses."))
    return redirect(_url(".versions", found), code=303)


@blueprint.get("/authoring/<module_id>/<activity_id>/versions")
@requires(Action.WRITE_LABS)
def versions(module_id: str, activity_id: str) -> str:
    """What was published, and the saved states of the source."""
    found = lab_at(module_id, activity_id)
    newest, last = newest_of(found), _last(found)
    return render_template(
        "authoring/versions.html",
        words_states=queries.words_states(session(), current_account(), found),
        first_version=presentation.first_version(found),
        found=found,
        newest=newest,
        publication=last,
        news=_news(found, newest, last),
        versions=queries.versions(session(), current_account(), found),
        states=queries.states(session(), current_account(), found),
        data_states=queries.data_states(session(), current_account(), found),
        cohorts=queries.cohorts(session(), current_account(), found.module.id),
    )


@blueprint.get("/authoring/<module_id>/<activity_id>/states/<int:source_id>")
@requires(Action.WRITE_LABS)
def state(module_id: str, activity_id: str, source_id: int) -> str:
    """A saved state beside what is being written."""
    found = lab_at(module_id, activity_id)
    known = queries.state(session(), current_account(), found, source_id)
    name = _("State of %(moment)s, saved by %(name)s", moment=_moment(known), name=queries.author(session(), known))
    action = _url(".restore_state", found, source_id=known.id)
    return beside(found, running.blobs().get(known.sha256), words_written(found), name, action)


def _moment(known: LabSource) -> str:
    return str(format_datetime(known.saved_at, "medium"))


@blueprint.get("/authoring/<module_id>/<activity_id>/versions/<int:number>")
@requires(Action.WRITE_LABS)
def version(module_id: str, activity_id: str, number: int) -> str:
    """A published version, or the installed one (number 0), beside what is being written."""
    found = lab_at(module_id, activity_id)
    name = _("Version %(number)s", number=number) if number else presentation.first_version(found)
    action = _url(".restore_version", found, number=number)
    return beside(found, _content_of(found, number), _words_of(found, number), str(name), action)


def _content_of(found: Lab, number: int) -> bytes:
    """Of a published version; 0 is the lab as it was installed. Raises NotFound."""
    if number == 0:
        return source.without_results(found.installed.source)
    return running.blobs().get(queries.publication(session(), current_account(), found, number).sha256)


def _data_of(found: Lab, number: int) -> int | None:
    """The academy's data files of a published version; 0 is the lab as it was installed. Raises NotFound."""
    return queries.publication(session(), current_account(), found, number).data_id if number else None


def _words_of(found: Lab, number: int) -> WordsAboutCells:
    """Hints and rubrics of a published version; 0 is the lab as it was installed. Raises NotFound."""
    published = queries.publication(session(), current_account(), found, number) if number else None
    return queries.words_of_version(running.blobs(), found, published)


@blueprint.post("/authoring/<module_id>/<activity_id>/states/<int:source_id>/restore")
@requires(Action.WRITE_LABS)
def restore_state(module_id: str, activity_id: str, source_id: int) -> AnyResponse:
    found = lab_at(module_id, activity_id)
    known = queries.state(session(), current_account(), found, source_id)
    return _go_on_with(found, running.blobs().get(known.sha256))


@blueprint.post("/authoring/<module_id>/<activity_id>/versions/<int:number>/restore")
@requires(Action.WRITE_LABS)
def restore_version(module_id: str, activity_id: str, number: int) -> AnyResponse:
    """Begin a new version from one that was published, or from the installed one (number 0)."""
    found = lab_at(module_id, activity_id)
    if number == 0:
        service.take_pack(session(), running.blobs(), current_account(), found)
        return _gone_on(found)
    gone_on = _go_on_with(found, _content_of(found, number))
    service.go_on_with_words(session(), running.blobs(), current_account(), found, _words_of(found, number))
    files = files_of(session(), _data_of(found, number))
    service.go_on_with_files(session(), running.blobs(), current_account(), found, files)
    return gone_on


def _go_on_with(found: Lab, content: bytes) -> AnyResponse:
    service.save(session(), running.blobs(), current_account(), found, content)
    return _gone_on(found)


def _gone_on(found: Lab) -> AnyResponse:
    flash(_("You go on from here. What was there before is kept among the saved states."))
    return redirect(_url(".lab", found), code=303)


@blueprint.post("/authoring/<module_id>/<activity_id>/versions/<int:number>/check")
@requires(Action.WRITE_LABS)
def check_version(module_id: str, activity_id: str, number: int) -> AnyResponse:
    """To publish an earlier version again it is checked with the data as they are; a check that it passed counts.

    Number 0 is the content pack's, to go back to it.
    """
    found = lab_at(module_id, activity_id)
    if number == 0 and found.is_own:
        raise NotFound
    content, words = _content_of(found, number), _words_of(found, number)
    if (refusal := _why_broken(found, content, words)) is not None:
        raise Refused(refusal)
    return _check_of(found, content, words, _data_of(found, number), is_of_pack=number == 0)


@blueprint.post("/authoring/<module_id>/<activity_id>/delete")
@requires(Action.WRITE_LABS)
def delete(module_id: str, activity_id: str) -> AnyResponse:
    """All that was written of a lab of which trainees never got anything; an own lab is gone with it."""
    taking_back.delete_unpublished(session(), current_account(), lab_at(module_id, activity_id))
    flash(_("It is deleted."))
    return redirect(url_for(".labs"), code=303)


@blueprint.post("/authoring/<module_id>/<activity_id>/withdraw")
@requires(Action.WRITE_LABS)
def withdraw(module_id: str, activity_id: str) -> AnyResponse:
    """Nobody begins an own lab any more."""
    found = lab_at(module_id, activity_id)
    taking_back.withdraw(session(), current_account(), found)
    flash(_("The lab is withdrawn. You can bring it back here."))
    return redirect(_url(".versions", found), code=303)


@blueprint.post("/authoring/<module_id>/<activity_id>/bring-back")
@requires(Action.WRITE_LABS)
def bring_back(module_id: str, activity_id: str) -> AnyResponse:
    """Everybody gets a withdrawn lab again."""
    found = lab_at(module_id, activity_id)
    taking_back.bring_back(session(), current_account(), found)
    flash(_("The lab is back: trainees begin it again."))
    return redirect(_url(".versions", found), code=303)


@blueprint.get("/authoring/<module_id>/<activity_id>/pack")
@requires(Action.WRITE_LABS)
def pack_changes(module_id: str, activity_id: str) -> str:
    """What the content pack changed under the academy's own version, and what can be done about it."""
    found = lab_at(module_id, activity_id)
    if found.is_own:
        raise NotFound
    return _pack_page(found)


def _pack_page(found: Lab, *, refusal: str = "") -> str:
    present = pack.state_of(found.installed)
    noted, last = queries.pack_note(session(), current_account(), found), _last(found)
    earlier = running.blobs().get(noted.sha256) if noted else pack.state_of(found.notebook)
    return render_template(
        "authoring/pack.html",
        found=found,
        publication=last,
        news=queries.pack_news(found, newest_of(found), noted, last),
        noted=noted,
        changes=pack.changes(earlier, present),
        is_changed=earlier != present or not noted,
        version=pack.version_of(present),
        titles=cell_titles(found.installed.source, language()),
        refusal=refusal,
    )


@blueprint.post("/authoring/<module_id>/<activity_id>/pack/keep")
@requires(Action.WRITE_LABS)
def keep_own(module_id: str, activity_id: str) -> AnyResponse | tuple[str, int]:
    """Stay with the academy's own version, knowing what the pack holds now; NotFound while there is none."""
    found = lab_at(module_id, activity_id)
    if found.is_own or _news(found, newest_of(found), _last(found)) is None:
        raise NotFound
    if request.form.get("version") != pack.version_of(pack.state_of(found.installed)):
        sentence = _("The content pack was changed once more since this page was loaded. Look at it, then decide.")
        return _pack_page(found, refusal=str(sentence)), 409
    service.keep_own(session(), running.blobs(), current_account(), found)
    flash(_("Your own version stays. You are told when the content pack changes again."))
    return redirect(_url(".lab", found), code=303)
