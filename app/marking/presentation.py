"""How pages name a piece of work, and what it is measured by."""

from __future__ import annotations

from collections.abc import Sequence

from flask_babel import gettext as _

import simulations
from app.content.current import catalogue
from app.content.schemas import Notebook, Rubric
from app.core.locale import language
from app.gradebook.points import rubric_most
from app.gradebook.shown_lab import ShownLab, shown_lab
from app.marking.agreement import Agreement, agreement
from app.marking.models import KeptComment
from app.marking.work import Answer, Pair, Work
from app.notebooks.titles import cell_titles


def lab(found: Answer) -> ShownLab:
    return shown_lab(catalogue(), found.submission, language())


def title(found: Work) -> str:
    """The heading of what was to be done."""
    if isinstance(found, Answer):
        return lab(found).title_of(found.key.part)
    return str(_("Memo to the minister"))


def activity_title(found: Work) -> str:
    """The lab or the simulation."""
    if isinstance(found, Answer):
        return lab(found).title
    return simulations.load(found.run.scenario_id).texts(language()).title


def reference(found: Work) -> str:
    """What tells it from other work of its task, in place of a name."""
    if isinstance(found, Answer):
        return found.submission.receipt
    return str(_("no. %(number)s", number=found.memo.id))


def rubric(found: Work) -> Rubric:
    """None for a test, whose points a person gives only after a request."""
    if isinstance(found, Answer):
        return lab(found).rubrics.get(found.key.part, ())
    return catalogue().memo_rubric


def most(found: Work) -> float:
    """Points of full marks."""
    return found.cell.grade.max_score if isinstance(found, Answer) else rubric_most(catalogue().memo_rubric)


def task_title(kept: KeptComment) -> str:
    """What a kept comment is about; the part alone once its activity is gone."""
    activity = catalogue().find(kept.module_id, kept.activity_id)
    if activity is None:
        return kept.part
    if not isinstance(activity, Notebook):
        return str(_("Memo to the minister: %(title)s", title=activity.title.in_language(language())))
    return cell_titles(activity.source, language()).get(kept.part, kept.part)


def measured(pairs: Sequence[Pair]) -> list[tuple[str, Agreement]]:
    """Agreement on the points of the pairs of one task, and on each row of the rubric that both marks say."""
    present = rubric(pairs[0].work)
    rows = [(str(_("Points")), _agreement([each.points(present) for each in pairs]))]
    for row in present:
        chosen = [
            (row.points(each.first.levels.get(row.id, "")), row.points(each.second.levels.get(row.id, "")))
            for each in pairs
        ]
        both = [(one, other) for one, other in chosen if one is not None and other is not None]
        if both:
            rows.append((row.title.in_language(language()), _agreement(both)))
    return rows


def _agreement(pairs: Sequence[tuple[float, float]]) -> Agreement:
    return agreement([one for one, _other in pairs], [other for _one, other in pairs])
