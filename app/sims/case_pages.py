"""Judged cases as the desk and the debrief print them, in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask_babel import gettext as _

import simulations
from app.competencies.presentation import percent
from app.core.charts import format_number
from app.core.table import Table
from app.sims.casework import FIRST, PREFIX, step_of
from app.sims.models import CaseAnswer
from simulations import Case, Judgement, Reliance, Texts


@dataclass(frozen=True)
class CaseCard:
    """A case as the desk shows it. advice: what the tool says, "" until it may be seen; first: the own answer."""

    field_id: str
    values: tuple[tuple[str, str], ...]
    answers: tuple[tuple[str, str], ...]
    chosen: str
    first: str
    advice: str
    problem: str


@dataclass(frozen=True)
class CaseDesk:
    """The cases of a round. step: FIRST while the own answers are asked for, FINAL while they may be changed, "" after.

    advice_is_open: whether the tool's advice may be seen.
    """

    step: str
    question: str
    cards: tuple[CaseCard, ...]
    advice_is_open: bool


def desk(
    texts: Texts,
    cases: Sequence[Case],
    answers: Mapping[str, CaseAnswer],
    typed: Mapping[str, str],
    problems: Mapping[str, str],
) -> CaseDesk:
    """The cases of the round at hand as the desk shows them."""
    step = step_of(cases, answers)
    cards = tuple(_card(texts, case, answers.get(case.id), step, typed, problems) for case in cases)
    return CaseDesk(step, texts.case_question if cases else "", cards, step != FIRST)


def _card(
    texts: Texts,
    case: Case,
    stored: CaseAnswer | None,
    step: str,
    typed: Mapping[str, str],
    problems: Mapping[str, str],
) -> CaseCard:
    field_id = f"{PREFIX}{case.id}"
    first = (stored.first or "") if stored else ""
    chosen = typed.get(case.id, "") or ((stored.final or first) if stored else "")
    advice = _(
        "%(answer)s (it says it is %(sure)s sure)", answer=texts.answer(case.advice), sure=percent(case.confidence)
    )
    return CaseCard(
        field_id=field_id,
        values=case_values(texts, case),
        answers=tuple((value, texts.answer(value)) for value in case.answers),
        chosen=chosen,
        first=texts.answer(first) if first else "",
        advice="" if step == FIRST else advice,
        problem=problems.get(field_id, ""),
    )


def case_values(texts: Texts, case: Case) -> tuple[tuple[str, str], ...]:
    """What is known of a case, label and value."""
    return tuple(
        (
            texts.case_value(name),
            texts.case_choice(name, value)
            if isinstance(value, str)
            else format_number(value, 0 if value == int(value) else 2),
        )
        for name, value in case.values.items()
    )


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
