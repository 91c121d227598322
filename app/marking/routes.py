"""Pages of a marker: what waits, and one answer with the form for its mark."""

from __future__ import annotations

from typing import cast

from flask import Blueprint, current_app, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

import simulations
from app.accounts.queries import current_account
from app.content.current import catalogue
from app.content.schemas import Notebook
from app.core.access import Action, requires
from app.core.blobs import Blobs
from app.core.db import session
from app.core.locale import language
from app.core.markdown import render
from app.gradebook.problems import sentence_of
from app.gradebook.titles import cell_titles, task_text
from app.marking import queries, service
from app.marking.forms import MarkForm, MemoMarkForm

blueprint = Blueprint("marking", __name__, template_folder="templates")


def _lab(found: queries.Answer) -> Notebook:
    module = catalogue().module(found.submission.module_id)
    return cast(Notebook, module.activity(found.submission.activity_id))


def title(found: queries.Answer) -> str:
    """The heading of the answer's task."""
    return cell_titles(_lab(found).source, language())[found.cell.grade.cell]


@blueprint.get("/marking")
@requires(Action.MARK_ANSWERS)
def waiting() -> str:
    answers = queries.answers(session(), current_account())
    return render_template(
        "marking/waiting.html",
        memos=queries.memos(session(), current_account()),
        memo_title=_memo_title,
        requests=queries.requests(session(), current_account()),
        waiting=[each for each in answers if each.cell.waits],
        marked=[each for each in answers if not each.cell.waits],
        title=title,
        lab=_lab,
    )


def _memo_title(found: queries.MemoToMark) -> str:
    return simulations.load(found.run.scenario_id).texts(language()).title


@blueprint.get("/marking/memos/<int:memo_id>")
@requires(Action.MARK_ANSWERS)
def memo(memo_id: int) -> str:
    found = queries.memo(session(), current_account(), memo_id)
    if found.mark is None:
        return _memo_page(found, MemoMarkForm())
    given = {row: str(points) for row, points in found.mark.marks.items()}
    return _memo_page(found, MemoMarkForm(comment=found.mark.comment, seen=str(found.mark.number), **given))


@blueprint.post("/marking/memos/<int:memo_id>")
@requires(Action.MARK_ANSWERS)
def save_memo(memo_id: int) -> Response | tuple[str, int]:
    found = queries.memo(session(), current_account(), memo_id)
    form = MemoMarkForm()
    if not form.validate_on_submit():
        return _memo_page(found, form), 422
    try:
        service.mark_memo(
            session(), current_account(), found, marks=form.marks, comment=form.comment_given, seen=form.mark_seen
        )
    except service.MarkedMeanwhile as refusal:
        form.seen.data = str(found.mark.number if found.mark else 0)
        return _memo_page(found, form, refusal=refusal.message), refusal.status
    flash(_("The mark is saved."))
    return redirect(url_for(".waiting", _anchor="memos"), code=303)


def _memo_page(found: queries.MemoToMark, form: MemoMarkForm, *, refusal: str = "") -> str:
    return render_template("marking/memo.html", found=found, form=form, title=_memo_title(found), refusal=refusal)


@blueprint.get("/marking/<int:cell_grade_id>")
@requires(Action.MARK_ANSWERS)
def answer(cell_grade_id: int) -> str:
    found = queries.answer(session(), current_account(), cell_grade_id)
    return _page(found, _form(found))


@blueprint.post("/marking/<int:cell_grade_id>")
@requires(Action.MARK_ANSWERS)
def save(cell_grade_id: int) -> Response | tuple[str, int]:
    found = queries.answer(session(), current_account(), cell_grade_id)
    form = MarkForm(found.cell.grade.max_score, is_answer=found.cell.is_disputed)
    if not form.validate_on_submit():
        return _page(found, form), 422
    try:
        service.mark(
            session(),
            current_account(),
            found,
            lab=_lab(found),
            points=form.points_given,
            comment=form.comment_given,
            seen=form.mark_seen,
        )
    except service.MarkedMeanwhile as refusal:
        form.seen.data = str(found.cell.mark_number)
        return _page(found, form, refusal=refusal.message), refusal.status
    flash(_("The mark is saved."))
    following = queries.next_waiting(session(), current_account(), found)
    if following is None:
        return redirect(url_for(".waiting"), code=303)
    return redirect(url_for(".answer", cell_grade_id=following.cell.grade.id), code=303)


def _form(found: queries.Answer) -> MarkForm:
    most, is_answer = found.cell.grade.max_score, found.cell.is_disputed
    points = "" if found.cell.waits else f"{found.cell.points:g}"
    if found.cell.mark is None:
        return MarkForm(most, is_answer=is_answer, points=points)
    # The comment of the former mark is no answer to a request that came after it.
    comment = "" if is_answer else found.cell.mark.comment
    return MarkForm(most, is_answer=is_answer, points=points, comment=comment, seen=str(found.cell.mark_number))


def _page(found: queries.Answer, form: MarkForm, *, refusal: str = "") -> str:
    answers = queries.answers(session(), current_account())
    ids = [each.cell.grade.id for each in answers]
    place = ids.index(found.cell.grade.id) if found.cell.grade.id in ids else None
    written = queries.written(cast(Blobs, current_app.extensions["blobs"]), found)
    return render_template(
        "marking/answer.html",
        found=found,
        title=title(found),
        lab=_lab(found),
        task=render(task_text(_lab(found).source, found.cell.grade.cell, language())),
        written=written,
        problem=sentence_of(found.grade, cell_titles(_lab(found).source, language())) if found.grade.is_held else "",
        body="" if written.is_code else render(written.text),
        form=form,
        refusal=refusal,
        previous=ids[place - 1] if place else None,
        following=ids[place + 1] if place is not None and place + 1 < len(ids) else None,
    )
