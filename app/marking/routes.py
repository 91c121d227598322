"""Pages of a marker: what waits, and one answer with the form for its mark."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar, cast

from flask import Blueprint, current_app, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

import simulations
from app.accounts.queries import current_account
from app.content.current import catalogue
from app.content.schemas import Notebook, Rubric
from app.core import clock
from app.core.access import Action, requires
from app.core.blobs import Blobs
from app.core.db import session
from app.core.errors import NotFound
from app.core.locale import language
from app.core.markdown import render
from app.gradebook.problems import sentence_of
from app.gradebook.service import lab_of
from app.marking import queries, service
from app.marking.agreement import Agreement
from app.marking.agreement import agreement as measure
from app.marking.forms import MarkForm, MemoMarkForm, mark_form
from app.marking.models import KeptComment
from app.notebooks.titles import cell_titles, task_text

Place = TypeVar("Place", int, tuple[int, str])

blueprint = Blueprint("marking", __name__, template_folder="templates")


def _lab(found: queries.Answer) -> Notebook:
    return lab_of(catalogue(), found.submission)


def title(found: queries.Answer) -> str:
    """The heading of the answer's task."""
    return cell_titles(_lab(found).source, language()).get(found.name, found.name)


def _to(found: queries.Answer | None, *, second: bool = False) -> Response:
    """On to an answer, or back to the list when there is none."""
    if found is None:
        return redirect(url_for(".waiting"), code=303)
    submission_id, cell = found.key
    endpoint = ".second" if second else ".answer"
    return redirect(url_for(endpoint, submission_id=submission_id, cell=cell), code=303)


@blueprint.get("/marking")
@requires(Action.MARK_ANSWERS)
def waiting() -> str:
    marker = current_account()
    answers = queries.answers(session(), marker)
    return render_template(
        "marking/waiting.html",
        memos=queries.memos(session(), marker),
        memo_title=_memo_title,
        requests=queries.requests(session(), marker),
        waiting=[each for each in answers if each.cell.waits],
        seconds=[each for each in answers if each.waits_for_second(marker)],
        marked=[each for each in answers if not each.cell.waits],
        has_pairs=any(each.second for each in answers),
        claimants=queries.claimants(session(), answers),
        marker=marker,
        now=clock.now(),
        title=title,
        lab=_lab,
    )


@blueprint.post("/marking/next")
@requires(Action.MARK_ANSWERS)
def take_next() -> Response:
    """Give the marker the next answer that nobody else has open."""
    return _to(service.claim_next(session(), current_account()))


@blueprint.get("/marking/comments")
@requires(Action.MARK_ANSWERS)
def comments() -> str:
    kept = queries.kept_comments(session(), current_account())
    return render_template("marking/comments.html", kept=kept, task_title=_task_title)


@blueprint.post("/marking/comments/<int:comment_id>/drop")
@requires(Action.MARK_ANSWERS)
def drop_comment(comment_id: int) -> Response:
    service.drop_comment(queries.kept_comment(session(), current_account(), comment_id))
    flash(_("The comment is no longer offered; where it was used it stays."))
    return redirect(url_for(".comments"), code=303)


def _task_title(kept: KeptComment) -> str:
    activity = catalogue().find(kept.module_id, kept.activity_id)
    if activity is None:
        return kept.cell
    if not isinstance(activity, Notebook):
        return str(_("Memo to the minister: %(title)s", title=activity.title.in_language(language())))
    return cell_titles(activity.source, language()).get(kept.cell, kept.cell)


@blueprint.get("/marking/agreement")
@requires(Action.MARK_ANSWERS)
def agreement() -> str:
    """How far first and second marks agree, task by task."""
    pairs = [
        each for each in queries.answers(session(), current_account()) if each.second and each.cell.points is not None
    ]
    tasks: dict[tuple[str, str, str], list[queries.Answer]] = {}
    for each in pairs:
        tasks.setdefault(each.task, []).append(each)
    return render_template(
        "marking/agreement.html",
        tasks=[(title(group[0]), _lab(group[0]), _measured(group), group) for group in tasks.values()],
    )


def _measured(group: Sequence[queries.Answer]) -> list[tuple[str, Agreement]]:
    """Agreement on the points, and on each row of the rubric that both marks say."""
    by_points = [(each.cell.points or 0.0, each.second.points) for each in group if each.second]
    rows = [(_("Points"), measure([one for one, _o in by_points], [other for _o, other in by_points]))]
    for row in _lab(group[0]).rubrics.get(group[0].name, ()):
        chosen = [
            (row.points(each.cell.mark.levels.get(row.id, "")), row.points(each.second.levels.get(row.id, "")))
            for each in group
            if each.cell.mark and each.second
        ]
        both = [(one, other) for one, other in chosen if one is not None and other is not None]
        if both:
            measured = measure([one for one, _o in both], [other for _o, other in both])
            rows.append((row.title.in_language(language()), measured))
    return rows


def _memo_title(found: queries.MemoToMark) -> str:
    return simulations.load(found.run.scenario_id).texts(language()).title


@blueprint.get("/marking/memos/<int:memo_id>")
@requires(Action.MARK_ANSWERS)
def memo(memo_id: int) -> str:
    found = queries.memo(session(), current_account(), memo_id)
    if found.mark is None:
        return _memo_page(found, _memo_form(found))
    given = {row: str(points) for row, points in found.mark.marks.items()}
    return _memo_page(found, _memo_form(found, comment=found.mark.comment, seen=str(found.mark.number), **given))


def _memo_form(found: queries.MemoToMark, **values: str) -> MemoMarkForm:
    return MemoMarkForm(queries.kept_comments(session(), current_account(), found.task), **values)


@blueprint.post("/marking/memos/<int:memo_id>")
@requires(Action.MARK_ANSWERS)
def save_memo(memo_id: int) -> Response | tuple[str, int]:
    found = queries.memo(session(), current_account(), memo_id)
    form = _memo_form(found)
    if not form.validate_on_submit():
        return _memo_page(found, form), 422
    try:
        service.mark_memo(
            session(), current_account(), found, marks=form.marks, comment=form.words, seen=form.mark_seen
        )
    except service.MarkedMeanwhile as refusal:
        form.seen.data = str(found.mark.number if found.mark else 0)
        return _memo_page(found, form, refusal=refusal.message), refusal.status
    _keep(found, form)
    flash(_("The mark is saved."))
    following = next((each for each in queries.memos(session(), current_account()) if each.mark is None), None)
    if following is None:
        return redirect(url_for(".waiting", _anchor="memos"), code=303)
    return redirect(url_for(".memo", memo_id=following.memo.id), code=303)


def _memo_page(found: queries.MemoToMark, form: MemoMarkForm, *, refusal: str = "") -> str:
    listed = [each.memo.id for each in queries.memos(session(), current_account())]
    previous, following = _neighbours(listed, found.memo.id)
    return render_template(
        "marking/memo.html",
        found=found,
        form=form,
        title=_memo_title(found),
        refusal=refusal,
        previous=previous,
        following=following,
    )


def _neighbours(listed: Sequence[Place], here: Place) -> tuple[Place | None, Place | None]:
    """What stands before and after in a list; None where there is nothing."""
    if here not in listed:
        return None, None
    place = listed.index(here)
    return (listed[place - 1] if place else None), (listed[place + 1] if place + 1 < len(listed) else None)


@blueprint.get("/marking/<int:submission_id>/<cell>")
@requires(Action.MARK_ANSWERS)
def answer(submission_id: int, cell: str) -> str:
    found = queries.answer(session(), current_account(), submission_id, cell)
    return _page(found, _form(found))


@blueprint.post("/marking/<int:submission_id>/<cell>")
@requires(Action.MARK_ANSWERS)
def save(submission_id: int, cell: str) -> Response | tuple[str, int]:
    found = queries.answer(session(), current_account(), submission_id, cell)
    form = _empty_form(found)
    if not form.validate_on_submit():
        return _page(found, form), 422
    try:
        service.mark(session(), current_account(), catalogue(), found, _given(form), seen=form.mark_seen)
    except service.MarkedMeanwhile as refusal:
        form.seen.data = str(found.cell.mark_number)
        return _page(found, form, refusal=refusal.message), refusal.status
    _keep(found, form)
    flash(_("The mark is saved."))
    return _to(service.claim_next(session(), current_account(), found))


@blueprint.get("/marking/<int:submission_id>/<cell>/second")
@requires(Action.MARK_ANSWERS)
def second(submission_id: int, cell: str) -> str:
    found = queries.answer(session(), current_account(), submission_id, cell)
    if not found.waits_for_second(current_account()):
        raise NotFound
    return _page(found, _empty_form(found), is_second=True)


@blueprint.post("/marking/<int:submission_id>/<cell>/second")
@requires(Action.MARK_ANSWERS)
def save_second(submission_id: int, cell: str) -> Response | tuple[str, int]:
    found = queries.answer(session(), current_account(), submission_id, cell)
    if not found.may_be_seconded_by(current_account()):
        raise NotFound
    form = _empty_form(found)
    if not form.validate_on_submit():
        return _page(found, form, is_second=True), 422
    try:
        service.mark_second(session(), current_account(), found, _given(form))
    except service.SecondMarkGiven as refusal:
        return _page(found, form, refusal=refusal.message, is_second=True), refusal.status
    _keep(found, form)
    flash(_("The second mark is saved. It changes no points; it shows how far markers agree."))
    marker = current_account()
    following = (each for each in queries.answers(session(), marker) if each.waits_for_second(marker))
    return _to(next(following, None), second=True)


def _given(form: MarkForm) -> service.Given:
    return service.Given(form.points_given, form.words, form.levels_given)


def _keep(found: queries.Answer | queries.MemoToMark, form: MarkForm | MemoMarkForm) -> None:
    if form.keep.data:
        service.keep_comment(session(), current_account(), found.task, form.comment_given)


def _rubric(found: queries.Answer) -> Rubric:
    """None for a test, whose points a person gives only after a request."""
    return _lab(found).rubrics.get(found.name, ())


def _empty_form(found: queries.Answer, **values: Any) -> MarkForm:
    return mark_form(
        found.cell.grade.max_score,
        _rubric(found),
        queries.kept_comments(session(), current_account(), found.task),
        language(),
        needs_words=found.cell.is_disputed,
        **values,
    )


def _form(found: queries.Answer) -> MarkForm:
    points = "" if found.cell.waits else f"{found.cell.points:g}"
    if (mark := found.cell.mark) is None:
        return _empty_form(found, points=points)
    # The comment of the former mark is no answer to a request that came after it.
    comment = "" if found.cell.is_disputed else mark.comment
    return _empty_form(found, points=points, comment=comment, levels=mark.levels, seen=str(mark.number))


def _page(found: queries.Answer, form: MarkForm, *, refusal: str = "", is_second: bool = False) -> str:
    marker = current_account()
    listed = [each for each in queries.answers(session(), marker) if not is_second or each.waits_for_second(marker)]
    previous, following = _neighbours([each.key for each in listed], found.key)
    written = queries.written(cast(Blobs, current_app.extensions["blobs"]), found)
    taken = found.is_taken(marker, clock.now())
    return render_template(
        "marking/answer.html",
        found=found,
        title=title(found),
        lab=_lab(found),
        task=render(task_text(_lab(found).source, found.name, language())),
        written=written,
        problem=sentence_of(found.grade, cell_titles(_lab(found).source, language())) if found.grade.is_held else "",
        body="" if written.is_code else render(written.text),
        form=form,
        refusal=refusal,
        taken_by=queries.claimants(session(), [found]).get(found.claim.marker_id) if taken and found.claim else None,
        is_second=is_second,
        is_outdated=found.grade.lab_digest != _lab(found).grading_digest,
        previous=previous,
        following=following,
    )
