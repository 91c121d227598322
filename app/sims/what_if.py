"""A finished run played again with one decision changed: the same dice, all else as it was."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask_babel import gettext as _

import simulations
from app.core.charts import Chart, format_number
from app.core.table import Table
from app.sims import charts
from app.sims.presentation import final_table
from app.sims.scoring import course_of
from simulations import Event, Run, Scenario, Texts
from simulations.types import Value


@dataclass(frozen=True)
class Comparison:
    """Own run and other run as a page prints them. Losses are with their unit; verdict: a sentence."""

    own_loss: str
    other_loss: str
    verdict: str
    charts: tuple[Chart, ...]
    final: Table


def compare(
    scenario: Scenario, texts: Texts, seed: int, events: Sequence[Event], round_number: int, values: Mapping[str, Value]
) -> Comparison:
    """Play both. Raises simulations.InvalidEvent when the other decision breaks a rule."""
    own = simulations.replay(scenario, seed, events)
    other = simulations.replay(scenario, seed, simulations.with_other_decision(events, round_number, values))
    own_loss, other_loss = simulations.run_loss(scenario, own), simulations.run_loss(scenario, other)
    courses = {_("Your run"): course_of(own), _("With the other decision"): course_of(other)}
    return Comparison(
        own_loss=_loss(texts, own_loss),
        other_loss=_loss(texts, other_loss),
        verdict=_verdict(texts, own_loss, other_loss),
        charts=tuple(charts.comparison(texts, kpi, courses) for kpi in (scenario.kpis[0], scenario.truth_kpis[0])),
        final=final_table(scenario, texts, courses),
    )


def _loss(texts: Texts, loss: float) -> str:
    return f"{format_number(loss, 0)} {texts.loss_unit}"


def _verdict(texts: Texts, own_loss: float, other_loss: float) -> str:
    difference = _loss(texts, abs(own_loss - other_loss))
    if difference == _loss(texts, 0):
        return str(_("The other decision would have changed nothing that counts."))
    if other_loss < own_loss:
        return str(_("The other decision would have lost %(difference)s less on these chances.", difference=difference))
    return str(_("The other decision would have lost %(difference)s more on these chances.", difference=difference))


def decided(run: Run, round_number: int) -> Mapping[str, Value]:
    """What was decided in a round of a finished run."""
    return run.results[round_number - 1].decision.values
