"""What the desk draws."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from app.core.charts import Chart, chart, format_number
from app.core.wording import gettext as _
from simulations import Kpi, Run, Scenario, Texts


def trends(scenario: Scenario, texts: Texts, run: Run) -> list[Chart]:
    """The indicators shown while playing, round by round: one chart for each unit; none before the first decision."""
    if not run.results:
        return []
    by_unit: dict[str, list[Kpi]] = {}
    for kpi in scenario.kpis:
        by_unit.setdefault(kpi.unit, []).append(kpi)
    return [_trend(texts, unit, kpis, run) for unit, kpis in by_unit.items()]


def _trend(texts: Texts, unit: str, kpis: Sequence[Kpi], run: Run) -> Chart:
    decimals = max(kpi.decimals for kpi in kpis)
    series = {texts.kpi(kpi.id).label: [result.kpis[kpi.id] for result in run.results] for kpi in kpis}
    return chart(
        "line",
        title=_("Round by round, in %(unit)s", unit=texts.unit(unit)),
        description=line_description(series, decimals),
        axis=_("Round"),
        labels=[str(result.round) for result in run.results],
        series=series,
        decimals=decimals,
    )


def line_description(series: Mapping[str, Sequence[float | None]], decimals: int) -> str:
    """Where each line begins and ends, for those who do not see the chart."""
    sentences = [
        _(
            "%(name)s: %(first)s at first, %(last)s at last.",
            name=name,
            first=format_number(values[0], decimals),
            last=format_number(values[-1], decimals),
        )
        for name, values in series.items()
    ]
    return " ".join(sentences)
