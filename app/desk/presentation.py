"""Rows of the desk as a template prints them, in the reader's language."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from app.core.charts import format_number
from app.core.numbers import read_number
from app.core.table import Table
from app.core.wording import gettext as _
from app.desk.forms import InquiryForm, sum_place
from app.desk.record import DECISION, Recorded
from simulations import Advice, Field, InquiryKind, Kpi, Run, Scenario, SumRule, Texts
from simulations.types import Value

BETTER, WORSE = "better", "worse"
NOTHING = "–"


@dataclass(frozen=True)
class Figure:
    """One indicator. change: a sentence on the last two rounds, or ""; direction: "better", "worse" or ""."""

    label: str
    value: str
    explanation: str = ""
    change: str = ""
    direction: str = ""


@dataclass(frozen=True)
class InquiryCard:
    """One question with its cost; `typed` is what stands in its field, `problem` why it was refused."""

    kind: InquiryKind
    label: str
    hint: str
    cost: str
    affordable: bool
    typed: str
    problem: str


@dataclass(frozen=True)
class SumLine:
    """The running total of a sum rule. The three sentences keep {sum} and {gap} for the script to fill."""

    place: str
    rule: SumRule
    demand: str
    right: str
    short: str
    over: str
    now: str


@dataclass(frozen=True)
class LogEntry:
    """One round: what was decided and why, what was found before, and what the office then reported."""

    round: int
    note: str
    decisions: tuple[tuple[str, str], ...]
    findings: tuple[tuple[str, str], ...]
    results: tuple[tuple[str, str], ...]


def figures(scenario: Scenario, texts: Texts, run: Run) -> list[Figure]:
    """Where the office stands: what the last round reported, or what was inherited."""
    if not run.results:
        return [Figure(texts.figure(name), format_number(value, 0)) for name, value in run.situation.figures.items()]
    return [_figure(texts, kpi, [result.kpis[kpi.id] for result in run.results]) for kpi in scenario.kpis]


def _figure(texts: Texts, kpi: Kpi, values: Sequence[float]) -> Figure:
    label = texts.kpi(kpi.id)
    change, direction = ("", "") if len(values) < 2 else _change(kpi, values[-1] - values[-2])
    return Figure(label.label, with_unit(texts, kpi, values[-1]), label.explanation, change, direction)


def _change(kpi: Kpi, difference: float) -> tuple[str, str]:
    amount = format_number(abs(difference), kpi.decimals)
    if amount == format_number(0, kpi.decimals):
        return _("as in the round before"), ""
    direction = BETTER if (difference > 0) == (kpi.better == "higher") else WORSE
    if difference > 0:
        return _("%(amount)s more than the round before", amount=amount), direction
    return _("%(amount)s less than the round before", amount=amount), direction


def with_unit(texts: Texts, kpi: Kpi, value: float) -> str:
    return f"{format_number(value, kpi.decimals)} {texts.unit(kpi.unit)}"


def situation_table(texts: Texts, run: Run, *, tool_may_speak: bool) -> Table | None:
    """The lines on the officer's desk, without the tool's columns while its word is not to be seen yet."""
    lines = run.situation.table
    if not lines:
        return None
    hidden = () if tool_may_speak else run.situation.told_by_tool
    names = [name for name in lines[0].values if name not in hidden]
    decimals = {name: 0 if all(line.values[name] % 1 == 0 for line in lines) else 1 for name in names}
    return Table(
        (_("Kind"), *(texts.column(name) for name in decimals)),
        tuple(
            (texts.row(line.id), *(format_number(line.values[name], digits) for name, digits in decimals.items()))
            for line in lines
        ),
    )


def advice_table(texts: Texts, run: Run) -> Table | None:
    """What the AI tool says of single cases, and how sure it says it is; a column that tells of none is left out."""
    if not run.situation.advice:
        return None
    rows = tuple(
        (
            _number_of(advice),
            " · ".join(_known_texts(texts, advice)) or NOTHING,
            texts.advice_label(advice.label),
            f"{format_number(100 * advice.confidence, 1)} {texts.unit('percent')}",
        )
        for advice in run.situation.advice
    )
    columns = (_("Number"), _("About"), _("The tool says"), _("How sure it says it is"))
    telling = [place for place in range(len(columns)) if any(row[place] != NOTHING for row in rows)]
    headings, *told = (tuple(row[place] for place in telling) for row in (columns, *rows))
    return Table(headings, tuple(told))


def _number_of(advice: Advice) -> str:
    """The number of what the advice is about; a dash where it has none: a letter is named in the reader's language."""
    number = advice.subject.rpartition("_")[2]
    return number if number.isdecimal() else NOTHING


def _known_texts(texts: Texts, advice: Advice) -> Iterator[str]:
    for name, value in advice.values.items():
        for key in (f"{name}.{value}", f"row.{value}"):
            if key in texts.entries:
                yield texts.entries[key]
                break


def inquiry_cards(
    scenario: Scenario, texts: Texts, run: Run, asked: InquiryForm | None, problem: str
) -> list[InquiryCard]:
    return [_inquiry_card(kind, texts, run, asked, problem) for kind in scenario.inquiries]


def _inquiry_card(kind: InquiryKind, texts: Texts, run: Run, asked: InquiryForm | None, problem: str) -> InquiryCard:
    default = f"{kind.argument.default}" if kind.argument else ""
    least = int(kind.argument.minimum) if kind.argument else None
    was_asked = asked is not None and asked.inquiry_id == kind.id
    return InquiryCard(
        kind=kind,
        label=texts.inquiry(kind.id).label,
        hint=texts.inquiry(kind.id).hint,
        cost=_cost(kind),
        affordable=kind.cost(least) <= run.minutes_left,
        typed=asked.typed if asked is not None and was_asked else default,
        problem=problem if was_asked else "",
    )


def _cost(kind: InquiryKind) -> str:
    if kind.minutes_per_unit and kind.minutes:
        return str(_("%(minutes)s minutes and %(each)s for each one", minutes=kind.minutes, each=kind.minutes_per_unit))
    if kind.minutes_per_unit == 1:
        return str(_("1 minute for each one"))
    if kind.minutes_per_unit:
        return str(_("%(minutes)s minutes for each one", minutes=kind.minutes_per_unit))
    return str(_("%(minutes)s minutes", minutes=kind.minutes)) if kind.minutes else str(_("takes no time"))


def sum_lines(scenario: Scenario, texts: Texts, typed: Mapping[str, str]) -> list[SumLine]:
    return [_sum_line(index, rule, texts, typed) for index, rule in enumerate(scenario.sum_rules)]


def _sum_line(index: int, rule: SumRule, texts: Texts, typed: Mapping[str, str]) -> SumLine:
    unit = texts.unit(rule.unit)
    right = _("The total is {sum} {unit}, as it must be.").replace("{unit}", unit)
    short = _("The total is {sum} {unit}: {gap} still to be given out.").replace("{unit}", unit)
    over = _("The total is {sum} {unit}: {gap} too many.").replace("{unit}", unit)
    total = sum(_number(typed.get(name, "")) for name in rule.field_ids)
    gap = rule.total - total
    sentence = right if abs(gap) < 1e-9 else short if gap > 0 else over
    return SumLine(
        place=sum_place(index),
        rule=rule,
        demand=_("These must add up to %(total)s %(unit)s.", total=f"{rule.total:g}", unit=unit),
        right=right,
        short=short,
        over=over,
        now=sentence.replace("{sum}", f"{total:g}").replace("{gap}", f"{abs(gap):g}"),
    )


def _number(typed: str) -> float:
    try:
        return read_number(typed)
    except ValueError:
        return 0.0


def groups(scenario: Scenario) -> dict[str, list[Field]]:
    """The fields of the decision by the group that the form shows them in."""
    by_group: dict[str, list[Field]] = {}
    for field in scenario.fields:
        by_group.setdefault(field.group, []).append(field)
    return by_group


def shown_values(values: Mapping[str, Value]) -> dict[str, str]:
    """Values as they stand in a form."""
    return {name: shown_value(value) for name, value in values.items()}


def shown_value(value: Value) -> str:
    """One value as it stands in a form."""
    return value if isinstance(value, str) else f"{value:g}"


def log(scenario: Scenario, texts: Texts, rows: Sequence[Recorded], run: Run | None) -> list[LogEntry]:
    """All decided rounds, the newest first. Without a replay (`run` is None) findings and results are left out."""
    decided = [row for row in rows if row.kind == DECISION]
    return [_log_entry(scenario, texts, row, run) for row in reversed(decided)]


def _log_entry(scenario: Scenario, texts: Texts, row: Recorded, run: Run | None) -> LogEntry:
    values = row.payload["values"]
    results = {result.round: result.kpis for result in run.results} if run else {}
    kpis = results.get(row.round, {})
    return LogEntry(
        round=row.round,
        note=row.note,
        decisions=tuple(
            (texts.field(field.id).label, _decided(texts, field, values[field.id]))
            for field in scenario.fields
            if field.id in values
        ),
        findings=findings(texts, run, row.round) if run else (),
        results=tuple(
            (texts.kpi(kpi.id).label, with_unit(texts, kpi, kpis[kpi.id])) for kpi in scenario.kpis if kpi.id in kpis
        ),
    )


def _decided(texts: Texts, field: Field, value: Value) -> str:
    if field.kind == "choice":
        return texts.choice(field.id, str(value))
    if isinstance(value, str) or field.kind == "share":
        return shown_value(value)
    return f"{shown_value(value)} {texts.unit(field.unit)}"


def findings(texts: Texts, run: Run, round_number: int) -> tuple[tuple[str, str], ...]:
    """Question and answer of each inquiry of a round."""
    return tuple(
        (texts.inquiry(finding.inquiry_id).label, texts.finding(finding))
        for finding in run.findings
        if finding.round == round_number
    )
