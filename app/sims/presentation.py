"""Figures of finished runs as a template prints them, in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask_babel import gettext as _
from flask_babel import ngettext

from app.core.charts import format_number
from app.core.table import Table
from app.sims.scoring import BASELINE, OWN, Course, Outcome
from simulations import Scenario, Texts
from simulations.types import Better

LEAST_DIFFERENCE = 0.05  # half of the last digit shown


def policy_courses(texts: Texts, outcome: Outcome) -> dict[str, Course]:
    """The own run and every reference policy, by their names."""
    others = {texts.policy(name): course for name, course in outcome.courses.items() if name != OWN}
    return {str(_("Your run")): outcome.courses[OWN], **others}


@dataclass(frozen=True)
class GroupTable:
    """Figures of each group by run, and a sentence on who gained and who lost against business as usual."""

    table: Table
    verdict: str


def group_table(texts: Texts, outcome: Outcome) -> GroupTable | None:
    """What equity compares, for the own run and each reference policy; None for a run scored before it was kept."""
    score = outcome.score
    if not score.groups:
        return None
    names = {str(_("Your run")): OWN} | {texts.policy(name): name for name in score.groups if name != OWN}
    own, usual = score.groups[OWN], score.groups[BASELINE]
    rows = tuple(
        (texts.equity_group(group), *(format_number(score.groups[name][group], 1) for name in names.values()))
        for group in own
    )
    gains = {group: _gain(score.group_better, own[group], usual[group]) for group in own}
    gained = [group for group, gain in gains.items() if gain >= LEAST_DIFFERENCE]
    lost = [group for group, gain in gains.items() if gain <= -LEAST_DIFFERENCE]
    return GroupTable(Table((_("Group"), *names), rows), _gains_and_losses(texts, gained, lost))


def where_the_tool_misled(regrets: Sequence[Mapping[str, float | None]]) -> str:
    """In which rounds the tool's decision would have given away more than business as usual; "" where not known."""
    if any(each["tool_gap"] is None for each in regrets):
        return ""
    rounds = [f"{each['round']:g}" for each in regrets if (each["tool_gap"] or 0) > (each["reference_gap"] or 0)]
    if not rounds:
        return str(_("In no round was the tool's own decision expected to do worse than business as usual."))
    return str(
        ngettext(
            "In round %(rounds)s the tool's own decision was expected to do worse than business as usual.",
            "In rounds %(rounds)s the tool's own decision was expected to do worse than business as usual.",
            len(rounds),
            rounds=_(", ").join(rounds),
        )
    )


def _gain(better: Better, own: float, usual: float) -> float:
    """How much better off a group is than under business as usual."""
    match better:
        case "higher":
            return own - usual
        case "lower":
            return usual - own
        case "even":
            return abs(usual - 1) - abs(own - 1)


def _gains_and_losses(texts: Texts, gained: Sequence[str], lost: Sequence[str]) -> str:
    sentences = [
        sentence % {"groups": _("; ").join(texts.equity_group(group) for group in groups)}
        for groups, sentence in (
            (gained, _("Better off than under business as usual: %(groups)s.", groups="%(groups)s")),
            (lost, _("Worse off than under business as usual: %(groups)s.", groups="%(groups)s")),
        )
        if groups
    ]
    return " ".join(sentences) or str(_("No group is better or worse off than under business as usual."))


def final_table(scenario: Scenario, texts: Texts, courses: Mapping[str, Course]) -> Table:
    """Every indicator after the last round, for runs by their names."""
    last = {name: course[-1] for name, course in courses.items()}
    known = next(iter(last.values()))
    kpis = [kpi for kpi in (*scenario.kpis, *scenario.truth_kpis) if kpi.id in known]
    return Table(
        (_("Indicator"), *last),
        tuple(
            (
                _("%(label)s (%(unit)s)", label=texts.kpi(kpi.id).label, unit=texts.unit(kpi.unit)),
                *(format_number(values[kpi.id], kpi.decimals) for values in last.values()),
            )
            for kpi in kpis
        ),
    )
