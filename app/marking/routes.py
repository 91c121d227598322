"""Pages of a marker: what waits, one piece of work with the form for its mark, agreement, kept comments."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.accounts.queries import current_account
from app.content.current import catalogue
from app.core import clock, running
from app.core.access import Action, requires
from app.core.db import session
from app.core.errors import NotFound
from app.core.locale import language
from app.core.markdown import render
from app.core.paging import page_of_rows, wanted
from app.gradebook.problems import sentence_of
from app.gradebook.regrades import open_regrades_of_gone_labs
from app.marking import presentation, queries, service
from app.marking.forms import MarkForm, SharesForm, mark_form, shares_form
from app.marking.work import Answer, Key, Pair, Task, Work
from app.marking.written import written

blueprint = Blueprint("marking", __name__, template_folder="templates")

ADDRESS = "/marking/<any(submission, run):kind>/<int:number>/<part>"


def _work(kind: str, number: int, part: str) -> Work:
    return queries.work(session(), current_account(), Key(kind, number, part))


def _work_to_second(kind: str, number: int, part: str) -> Work:
    return queries.work_to_second(session(), current_account(), Key(kind, number, part))


def _to(found: Work | None, *, second: bool = False) -> Response:
    """On to a piece of work, or back to the list when there is none."""
    if found is None:
        return redirect(url_for(".waiting"), code=303)
    return redirect(url_for(".second" if second else ".work", **found.key._asdict()), code=303)


@blueprint.get("/marking")
@requires(Action.MARK_ANSWERS)
def waiting() -> str:
    marker = current_account()
    asked = queries.WantedPages(wanted("requests"), wanted("waiting"), wanted("seconds"), wanted("marked"))
    lists = queries.lists(session(), marker, asked)
    shown = (*lists.requests.rows, *lists.waiting.rows, *lists.seconds.rows, *lists.marked.rows)
    return render_template(
        "marking/waiting.html",
        lists=lists,
        claimants=queries.claimants(session(), shown),
        open_regrades=open_regrades_of_gone_labs(session(), marker, catalogue()),
        marker=marker,
        now=clock.now(),
        words=presentation,
    )


@blueprint.post("/marking/next")
@requires(Action.MARK_ANSWERS)
def take_next() -> Response:
    """Give the marker the next work that nobody else has open."""
    return _to(service.claim_next(session(), current_account(), catalogue()))


@blueprint.get("/marking/comments")
@requires(Action.SHARE_COMMENTS)
def comments() -> str:
    kept = queries.kept_comments(session(), current_account(), wanted())
    return render_template("marking/comments.html", kept=kept, task_title=presentation.task_title)


@blueprint.post("/marking/comments/<int:comment_id>/drop")
@requires(Action.SHARE_COMMENTS)
def drop_comment(comment_id: int) -> Response:
    service.drop_comment(queries.kept_comment(session(), current_account(), comment_id))
    flash(_("The comment is no longer offered; where it was used it stays."))
    return redirect(url_for(".comments"), code=303)


@blueprint.get("/marking/agreement")
@requires(Action.SHARE_MARKING)
def agreement() -> str:
    """How far first and second marks agree, task by task."""
    pairs = queries.pairs(session(), current_account())
    tasks: dict[Task, list[Pair]] = {}
    for each in pairs:
        tasks.setdefault(each.work.task, []).append(each)
    own = queries.own_pairs(session(), current_account())
    apart = page_of_rows([each for each in pairs if each.is_to_talk_about and each.work.key in own], wanted())
    return render_template("marking/agreement.html", tasks=list(tasks.values()), apart=apart, words=presentation)


@blueprint.get("/cohorts/<int:cohort_id>/second-marking")
@requires(Action.KEEP_GRADEBOOK)
def shares(cohort_id: int) -> str:
    """How much of a cohort's work is marked twice."""
    found = queries.shares(session(), current_account(), catalogue(), cohort_id)
    return _shares_page(found, shares_form(found, language()))


@blueprint.post("/cohorts/<int:cohort_id>/second-marking")
@requires(Action.KEEP_GRADEBOOK)
def set_shares(cohort_id: int) -> Response | tuple[str, int]:
    found = queries.shares(session(), current_account(), catalogue(), cohort_id)
    form = shares_form(found, language())
    if not form.validate_on_submit():
        return _shares_page(found, form), 422
    try:
        service.set_shares(session(), current_account(), found, form.percents, form.seen)
    except service.SharesChangedMeanwhile as refusal:
        fresh = queries.shares(session(), current_account(), catalogue(), cohort_id)
        form.see(fresh.percents)
        return _shares_page(fresh, form, refusal=refusal.message), refusal.status
    flash(_("The shares are set."))
    return redirect(url_for("cohorts.cohort", cohort_id=found.cohort.id), code=303)


def _shares_page(found: queries.Shares, form: SharesForm, *, refusal: str = "") -> str:
    return render_template("marking/shares.html", found=found, form=form, refusal=refusal)


@blueprint.get(ADDRESS)
@requires(Action.MARK_ANSWERS)
def work(kind: str, number: int, part: str) -> str | Response:
    found = _work(kind, number, part)
    if not found.is_shown_to(current_account()):
        return _to(found, second=True)
    return _page(found, _form(found))


@blueprint.post(ADDRESS)
@requires(Action.MARK_ANSWERS)
def save(kind: str, number: int, part: str) -> Response | tuple[str, int]:
    found = _work(kind, number, part)
    form = _empty_form(found)
    if not form.validate_on_submit():
        return _page(found, form), 422
    try:
        service.mark(session(), current_account(), catalogue(), found, _given(form), seen=form.mark_seen)
    except service.MarkedMeanwhile as refusal:
        fresh = _work(kind, number, part)
        form.seen.data = str(fresh.mark_number)
        return _page(fresh, form, refusal=refusal.message), refusal.status
    except service.GradedByOtherPoints as refusal:
        return _page(found, form, refusal=refusal.message), refusal.status
    _keep(found, form)
    flash(_("The mark is saved."))
    return _to(service.claim_next(session(), current_account(), catalogue(), found))


@blueprint.get(f"{ADDRESS}/second")
@requires(Action.SHARE_MARKING)
def second(kind: str, number: int, part: str) -> str:
    found = _work_to_second(kind, number, part)
    if not found.waits_for_second(current_account()):
        raise NotFound
    return _page(found, _empty_form(found, is_second=True), is_second=True)


@blueprint.post(f"{ADDRESS}/second")
@requires(Action.SHARE_MARKING)
def save_second(kind: str, number: int, part: str) -> Response | tuple[str, int]:
    found = _work_to_second(kind, number, part)
    form = _empty_form(found, is_second=True)
    if not form.validate_on_submit():
        return _page(found, form, is_second=True), 422
    try:
        service.mark_second(session(), current_account(), catalogue(), found, _given(form))
    except (service.SecondMarkGiven, service.GradedByOtherPoints) as refusal:
        return _page(found, form, refusal=refusal.message, is_second=True), refusal.status
    _keep(found, form)
    flash(_("The second mark is saved. It changes no points; it shows how far markers agree."))
    return _to(queries.next_second(session(), current_account()), second=True)


def _given(form: MarkForm) -> service.Given:
    return service.Given(form.points_given, form.words, form.levels_given)


def _keep(found: Work, form: MarkForm) -> None:
    if form.keep.data:
        service.keep_comment(session(), current_account(), found.task, form.comment_given)


def _empty_form(found: Work, *, is_second: bool = False, **values: Any) -> MarkForm:
    return mark_form(
        presentation.most(found),
        presentation.rubric(found),
        queries.kept_for(session(), current_account(), found.task),
        language(),
        needs_words=found.is_disputed,
        is_second=is_second,
        **values,
    )


def _form(found: Work) -> MarkForm:
    points = "" if found.points is None else f"{found.points:g}"
    if (mark := found.mark) is None:
        return _empty_form(found, points=points)
    # The comment of the former mark is no answer to a request that came after it.
    comment = "" if found.is_disputed else mark.comment
    return _empty_form(found, points=points, comment=comment, levels=mark.levels, seen=str(mark.number))


def _page(found: Work, form: MarkForm, *, refusal: str = "", is_second: bool = False) -> str:
    """The page of a piece of work, blind for whoever may still give the second mark."""
    marker = current_account()
    blind = is_second or not found.is_shown_to(marker)
    previous, following = queries.neighbours(session(), marker, found, blind=blind)
    taken = found.is_taken(marker, clock.now())
    return render_template(
        "marking/answer.html" if isinstance(found, Answer) else "marking/memo.html",
        found=found,
        words=presentation,
        form=form,
        refusal=refusal,
        can_be_marked=service.can_be_marked(catalogue(), found),
        taken_by=queries.claimants(session(), [found]).get(found.claim.marker_id) if taken and found.claim else None,
        is_second=blind,
        former=[] if blind else queries.former_marks(session(), found),
        previous=previous,
        following=following,
        **(_about_answer(found) if isinstance(found, Answer) else {}),
    )


def _about_answer(found: Answer) -> dict[str, object]:
    """What the page of an answer shows beside what every page of work shows."""
    lab = presentation.lab(found)
    return {
        "lab": lab,
        "task": render(lab.task_of(found.key.part)),
        "scheme": render(lab.scheme_of(found.key.part)),
        "written": written(running.blobs(), found),
        "render": render,
        "problem": sentence_of(found.grade, lab.titles) if found.grade.is_held else "",
        "is_outdated": lab.is_other_than(found.grade.lab_digest),
    }
