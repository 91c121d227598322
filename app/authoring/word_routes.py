"""Pages on which hints and rubrics of a lab are written."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import format_datetime
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from app.accounts.queries import current_account
from app.authoring import queries, service, source
from app.authoring.pages import beside, lab_at, newest_of, titles_of, words_written
from app.authoring.queries import Lab
from app.authoring.source import PointedCell
from app.authoring.word_forms import HintForm, RubricForm, form_about
from app.authoring.words import ComparedWords, WordsOfCell, compare_words, with_words, words_of
from app.content.publications import read_words
from app.content.schemas import WordsAboutCells
from app.core import running
from app.core.access import Action, requires
from app.core.db import session
from app.core.errors import NotFound

blueprint = Blueprint("lab_words", __name__)


@blueprint.get("/authoring/<module_id>/<activity_id>/words")
@requires(Action.WRITE_LABS)
def cells(module_id: str, activity_id: str) -> str:
    """The cells with points, and what is written about them."""
    found = lab_at(module_id, activity_id)
    content, written = queries.text_of(running.blobs(), found, newest_of(found)), words_written(found)
    pointed = source.cells_with_points(content)
    tested = {each.name for each in pointed if not each.is_manual}
    marked = {each.name for each in pointed if each.is_manual}
    return render_template(
        "authoring/words.html",
        found=found,
        cells=pointed,
        words=written,
        titles=titles_of(content),
        without_cell=sorted((written.hints.keys() - tested) | (written.rubrics.keys() - marked)),
    )


def _cell(content: bytes, name: str) -> PointedCell:
    """Raises NotFound."""
    if (cell := next((each for each in source.cells_with_points(content) if each.name == name), None)) is None:
        raise NotFound
    return cell


@blueprint.get("/authoring/<module_id>/<activity_id>/words/<cell>")
@requires(Action.WRITE_LABS)
def cell(module_id: str, activity_id: str, cell: str) -> str:
    found = lab_at(module_id, activity_id)
    content = queries.text_of(running.blobs(), found, newest_of(found))
    known = _cell(content, cell)
    return _page(found, content, known, form_about(known.is_manual, words_of(words_written(found), cell)))


def _page(
    found: Lab,
    content: bytes,
    cell: PointedCell,
    form: HintForm | RubricForm,
    *,
    refusal: str = "",
    meanwhile: ComparedWords | None = None,
) -> str:
    if isinstance(form, RubricForm):
        form.offer_more()
    rubric = words_written(found).rubrics.get(cell.name)
    return render_template(
        "authoring/words_of_cell.html",
        found=found,
        cell=cell,
        title=titles_of(content).get(cell.name, cell.name),
        form=form,
        most=sum(row.most for row in rubric) if rubric else None,
        refusal=refusal,
        meanwhile=meanwhile,
    )


@blueprint.post("/authoring/<module_id>/<activity_id>/words/<cell>")
@requires(Action.WRITE_LABS)
def write(module_id: str, activity_id: str, cell: str) -> AnyResponse | str | tuple[str, int]:
    """Keep the hint or the rubric of a cell, or only offer more room for it."""
    found = lab_at(module_id, activity_id)
    content, before = queries.text_of(running.blobs(), found, newest_of(found)), words_written(found)
    known = _cell(content, cell)
    form = form_about(known.is_manual, words_of(before, cell))
    if "more" in request.form:
        return _page(found, content, known, form)
    if not form.validate_on_submit():
        return _page(found, content, known, form), 422
    try:
        service.save_words(
            session(), running.blobs(), current_account(), found, cell, form.written, seen=form.seen.data or ""
        )
    except service.WordsChangedElsewhere as changed:
        return _overtaken(found, content, known, form, changed.known), 409
    flash(_("Saved. Trainees and markers get it when you publish the lab."))
    return redirect(url_for(".cell", module_id=module_id, activity_id=activity_id, cell=cell), code=303)


def _overtaken(found: Lab, content: bytes, cell: PointedCell, form: HintForm | RubricForm, known: WordsOfCell) -> str:
    """Both are shown, and saving once more takes what was typed."""
    form.seen.data = known.version
    sentence = _("Somebody else wrote here since this page was loaded. Both are below; press Save again to keep yours.")
    typed = with_words(WordsAboutCells(), cell.name, form.written)
    theirs = with_words(WordsAboutCells(), cell.name, known)
    return _page(found, content, cell, form, refusal=str(sentence), meanwhile=compare_words(theirs, typed))


@blueprint.get("/authoring/<module_id>/<activity_id>/words/states/<int:words_id>")
@requires(Action.WRITE_LABS)
def state(module_id: str, activity_id: str, words_id: int) -> str:
    """Saved hints and rubrics beside those that are being written."""
    found = lab_at(module_id, activity_id)
    known = queries.words_state(session(), current_account(), found, words_id)
    content = queries.text_of(running.blobs(), found, newest_of(found))
    name = _("Hints and rubrics of %(moment)s", moment=format_datetime(known.saved_at, "medium"))
    action = url_for(".restore", module_id=module_id, activity_id=activity_id, words_id=known.id)
    return beside(found, content, read_words(running.blobs().get(known.sha256)), str(name), action)


@blueprint.post("/authoring/<module_id>/<activity_id>/words/states/<int:words_id>/restore")
@requires(Action.WRITE_LABS)
def restore(module_id: str, activity_id: str, words_id: int) -> AnyResponse:
    found = lab_at(module_id, activity_id)
    known = queries.words_state(session(), current_account(), found, words_id)
    words = read_words(running.blobs().get(known.sha256))
    service.go_on_with_words(session(), running.blobs(), current_account(), found, words)
    flash(_("You go on from here. What was there before is kept among the saved states."))
    return redirect(url_for(".cells", module_id=module_id, activity_id=activity_id), code=303)
