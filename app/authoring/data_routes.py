"""Pages on which an author brings data files into a lab."""

from __future__ import annotations

from flask import Blueprint, Response, flash, redirect, render_template, url_for
from flask_babel import format_datetime, ngettext
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from app.accounts.queries import current_account
from app.authoring import data_tables, presentation, queries, service, source
from app.authoring.data_forms import DataForm
from app.authoring.data_tables import DataTable
from app.authoring.pages import files_written, lab_at, newest_of
from app.authoring.queries import Lab
from app.content.downloads import first_opening_megabytes
from app.content.own_data import data_of, files_of
from app.content.schemas import OwnFile
from app.core import running, spreadsheets
from app.core.access import Action, requires
from app.core.db import session
from app.core.errors import NotFound, Refused
from app.notebooks.own_files import as_data_file

blueprint = Blueprint("lab_data", __name__)


@blueprint.get("/authoring/<module_id>/<activity_id>/data")
@requires(Action.WRITE_LABS)
def files(module_id: str, activity_id: str) -> str:
    """The data files of a lab as it is being written, each with its columns and first rows."""
    return _page(lab_at(module_id, activity_id), DataForm())


def _page(found: Lab, form: DataForm) -> str:
    written = files_written(found)
    return render_template(
        "authoring/data.html",
        found=found,
        form=form,
        files=[_shown(name, file) for name, file in written.items()],
        pack_files=sorted(found.installed.data_sha256.keys() - written.keys()),
        megabytes=_megabytes(found),
        limit=running.settings().lab_data_megabytes,
        most_rows=data_tables.MOST_ROWS,
        most_sheet_rows=spreadsheets.MOST_ROWS,
        most_files=data_tables.MOST_FILES,
    )


def _megabytes(found: Lab) -> float | None:
    """What a first opening of the lab as it is being written would bring to a computer."""
    content = queries.text_of(running.blobs(), found, newest_of(found))
    if not source.is_readable(content):
        return None
    written = found.installed.model_copy(update={"source": content, **data_of(found.installed, files_written(found))})
    return first_opening_megabytes(running.settings().notebook_site_folder, found.module.id, written)


def _shown(name: str, file: OwnFile) -> dict[str, object]:
    rows = data_tables.first_rows(running.blobs().path(file.sha256))
    return {"name": name, "file": file, "rows": rows, "words": presentation.data_in_words(file)}


@blueprint.post("/authoring/<module_id>/<activity_id>/data")
@requires(Action.WRITE_LABS)
def bring(module_id: str, activity_id: str) -> AnyResponse | tuple[str, int]:
    """Bring files; all of them or, with the reason, none."""
    found, form = lab_at(module_id, activity_id), DataForm()
    if not form.validate_on_submit():
        return _page(found, form), 422
    try:
        tables = _read(found, form)
    except Refused as refusal:
        form.files.errors = [refusal.message]
        return _page(found, form), refusal.status
    if not form.assurance_given and (sentence := presentation.why_vouched_for(tables)):
        form.people.errors = [sentence]
        return _page(found, form), 422
    service.bring_files(session(), running.blobs(), current_account(), found, tables, assurance=form.assurance_given)
    flash(
        ngettext(
            "%(num)s file is there. Trainees get it when you have published a version with it.",
            "%(num)s files are there. Trainees get them when you have published a version with them.",
            len(tables),
        )
    )
    return redirect(_address(found), code=303)


def _read(found: Lab, form: DataForm) -> list[DataTable]:
    """Raises Refused."""
    limit_bytes = running.settings().lab_data_bytes
    tables = [data_tables.read(file.filename or "", file.read(), limit_bytes=limit_bytes) for file in form.sent]
    names = [table.name for table in tables]
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise Refused(_("Two of the files would both be called “%(name)s”. Rename one of them.", name=twice))
    if len(files_written(found).keys() | set(names)) > data_tables.MOST_FILES:
        raise Refused(
            _("A lab may have %(most)s data files. Take one out first.", most=data_tables.MOST_FILES), status=413
        )
    return tables


def _address(found: Lab) -> str:
    return url_for(".files", module_id=found.module.id, activity_id=found.notebook.id)


@blueprint.get("/authoring/<module_id>/<activity_id>/data/<name>")
@requires(Action.WRITE_LABS)
def file(module_id: str, activity_id: str, name: str) -> Response:
    """A file as it is being written."""
    if (known := files_written(lab_at(module_id, activity_id)).get(name)) is None:
        raise NotFound
    return as_data_file(running.blobs(), known, name)


@blueprint.post("/authoring/<module_id>/<activity_id>/data/<name>/leave-out")
@requires(Action.WRITE_LABS)
def leave_out(module_id: str, activity_id: str, name: str) -> AnyResponse:
    """The file is no part of the next version."""
    found = lab_at(module_id, activity_id)
    service.leave_out_file(session(), running.blobs(), current_account(), found, name)
    flash(_("“%(name)s” is left out of the next version. Earlier states and versions keep it.", name=name))
    return redirect(_address(found), code=303)


@blueprint.get("/authoring/<module_id>/<activity_id>/data/states/<int:state_id>")
@requires(Action.WRITE_LABS)
def state(module_id: str, activity_id: str, state_id: int) -> str:
    """The files of a saved state beside those that are being written."""
    found = lab_at(module_id, activity_id)
    known = queries.data_state(session(), current_account(), found, state_id)
    return render_template(
        "authoring/data_state.html",
        found=found,
        state=known,
        moment=format_datetime(known.saved_at, "medium"),
        files=files_of(session(), known.id),
        written=files_written(found),
        in_words=presentation.data_in_words,
    )


@blueprint.post("/authoring/<module_id>/<activity_id>/data/states/<int:state_id>/restore")
@requires(Action.WRITE_LABS)
def restore(module_id: str, activity_id: str, state_id: int) -> AnyResponse:
    """Go on with the files of an earlier state."""
    found = lab_at(module_id, activity_id)
    known = queries.data_state(session(), current_account(), found, state_id)
    service.go_on_with_files(session(), running.blobs(), current_account(), found, files_of(session(), known.id))
    flash(_("You go on with these files. What was there before is kept among the saved states."))
    return redirect(_address(found), code=303)
