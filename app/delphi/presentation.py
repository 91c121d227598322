"""Panels in words."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import gettext as _

from app.core.charts import format_number
from app.core.wording import isolated
from app.delphi import queries
from app.delphi.forms import parameter_of
from app.delphi.models import DelphiPanel, Question
from app.delphi.queries import Answered, Step
from app.foresight import wording
from app.foresight.models import ForesightScenario
from foresight import Range


@dataclass(frozen=True)
class Outcome:
    """Whether a panel settled. words: told to a reader; moving: questions that have not settled."""

    words: str
    moving: tuple[str, ...]


def title(panel: DelphiPanel) -> str:
    return str(_("Panel %(number)s", number=panel.id))


def scenario_name(scenario: ForesightScenario) -> str:
    return wording.scenario_name(scenario)


def words_of(question: Question) -> str:
    return wording.question(question["name"], question["department"])


def range_of(question: Question, said: Range) -> str:
    """What somebody said, as least, likely, largest."""
    return wording.spread(parameter_of(question), said)


def unit(question: Question) -> str:
    return wording.unit(parameter_of(question))


def round_name(number: int) -> str:
    return str(_("First round") if number == 1 else _("Second round"))


def state(panel: DelphiPanel) -> str:
    """Where a panel stands."""
    if panel.applied_at is not None:
        return str(_("taken over"))
    if queries.is_finished(panel):
        return str(_("finished"))
    newest = panel.rounds[-1]
    if newest.takes_answers:
        return str(_("%(round)s: open", round=round_name(newest.number)))
    return str(_("%(round)s: over", round=round_name(newest.number)))


def figures(questions: Sequence[Question], said: Sequence[Answered]) -> list[tuple[str, str, str, str]]:
    """Of each question its median, quartiles and triangle."""
    rows = []
    for question, each in zip(questions, said, strict=True):
        parameter, found = parameter_of(question), each.consensus
        rows.append(
            (
                words_of(question),
                wording.numbers(parameter, (found.median,)),
                wording.numbers(parameter, (found.lower_quartile, found.upper_quartile)),
                wording.spread(parameter, found.triangle),
            )
        )
    return rows


def steps(questions: Sequence[Question], moved: Sequence[Step]) -> list[tuple[str, str, str]]:
    """Of each question by how much its interquartile range changed, and whether it has settled."""
    return [
        (words_of(question), _change(each.change), str(_("settled") if each.has_settled else _("still moving")))
        for question, each in zip(questions, moved, strict=True)
    ]


def outcome(questions: Sequence[Question], moved: Sequence[Step]) -> Outcome:
    """Whether the panel has converged; after the second round it ends in any case."""
    moving = tuple(words_of(question) for question, each in zip(questions, moved, strict=True) if not each.has_settled)
    if not moving:
        words = _("The panel has converged: no interquartile range changed by fifteen per cent or more.")
    else:
        words = _("The panel ends after two rounds, and these questions have not converged:")
    return Outcome(str(words), moving)


def _change(change: float) -> str:
    if math.isinf(change):
        return str(_("from none to some"))
    return isolated(f"{'+' if change > 0 else ''}{format_number(100 * change, 0)}%")
