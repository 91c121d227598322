"""Judged cases as the debrief prints them, in the reader's language."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import gettext as _

import simulations
from app.core.table import Table
from app.desk.cases import case_values
from simulations import Judgement, Reliance, Texts


@dataclass(frozen=True)
class ReliancePage:
    """What the debrief shows of the judged cases: sentences, all cases, and the tool's hits by group."""

    reliance: Reliance
    sentences: tuple[str, ...]
    cases: Table
    groups: Table


def reliance_page(texts: Texts, judged: Sequence[tuple[int, Judgement]]) -> ReliancePage | None:
    """The judged cases in words and tables; None without any."""
    if not judged:
        return None
    found = simulations.reliance([judgement for _round, judgement in judged])
    return ReliancePage(found, _sentences(found), _case_table(texts, judged), _group_table(texts, judged))


def _sentences(found: Reliance) -> tuple[str, ...]:
    said = [
        _(
            "Of %(of)s cases you had %(first)s right before the advice and %(final)s after it; the tool had %(tool)s "
            "right.",
            of=found.first.of,
            first=found.first.hits,
            final=found.final.hits,
            tool=found.tool.hits,
        )
    ]
    if found.helped.of:
        said.append(
            _(
                "The tool could have helped you in %(of)s: you were wrong and it was right. You took its advice in "
                "%(hits)s of them.",
                of=found.helped.of,
                hits=found.helped.hits,
            )
        )
    if found.stood_firm.of:
        said.append(
            _(
                "It could have misled you in %(of)s: you were right and it was wrong. You kept your own answer in "
                "%(hits)s of them.",
                of=found.stood_firm.of,
                hits=found.stood_firm.hits,
            )
        )
    return tuple(str(sentence) for sentence in said)


def _case_table(texts: Texts, judged: Sequence[tuple[int, Judgement]]) -> Table:
    columns = (
        _("Round"),
        _("The case"),
        _("Your first answer"),
        _("The tool"),
        _("Your last answer"),
        _("What was right"),
    )
    rows = tuple(
        (
            str(number),
            _("; ").join(f"{label}: {value}" for label, value in case_values(texts, each.case)),
            *(texts.answer(answer) for answer in (each.first, each.case.advice, each.final, each.case.truth)),
        )
        for number, each in judged
    )
    return Table(columns, rows)


def _group_table(texts: Texts, judged: Sequence[tuple[int, Judgement]]) -> Table:
    by_group: dict[str, list[Judgement]] = {}
    for _number, each in judged:
        by_group.setdefault(each.case.group, []).append(each)
    rows = []
    for group, members in by_group.items():
        counted = simulations.reliance(members)
        rows.append(
            (
                texts.equity_group(group),
                *(
                    _("%(hits)s of %(of)s", hits=share.hits, of=share.of)
                    for share in (counted.tool, counted.first, counted.final)
                ),
            )
        )
    return Table((_("Group"), _("The tool was right"), _("You, before"), _("You, after")), tuple(rows))
