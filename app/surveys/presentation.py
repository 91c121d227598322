"""Surveys in words, numbers and pictures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from flask_babel import gettext as _

from app.content.schemas import SurveyItem
from app.core.charts import Chart, chart, format_number
from app.core.locale import language
from app.core.privacy import Counts, ShownShare
from app.core.wording import isolated
from app.surveys import scoring
from app.surveys.forms import agreement_words
from app.surveys.models import WaveName
from app.surveys.reliability import Coefficient
from app.surveys.results import WaveFigures

DECIMALS = 2
# A band of ten points of a share is 0.4 on a scale from 1 to 5.
BAND_DECIMALS = 1
SPAN = scoring.HIGHEST - scoring.LOWEST


def wave_name(name: WaveName) -> str:
    names = {
        WaveName.BEFORE: _("Before the course"),
        WaveName.AFTER: _("After the course"),
        WaveName.LATER: _("Six months after the course"),
    }
    return str(names[name])


def step_name(earlier: WaveName, later: WaveName) -> str:
    return str(_("From “%(earlier)s” to “%(later)s”", earlier=wave_name(earlier), later=wave_name(later)))


def mean_in(name: WaveName) -> str:
    return str(_("Mean: %(wave)s", wave=wave_name(name)))


def mean(shown: ShownShare | None) -> str:
    """A mean from 1 to 5 as exactly as its group allows."""
    if shown is None:
        return str(_("withheld"))
    if shown.is_exact:
        return mean_of(shown.low)
    return _range(scoring.as_mean(shown.low), scoring.as_mean(shown.high), BAND_DECIMALS)


def mean_range(shares: tuple[float, float] | None) -> str:
    """An interval of a mean, from 1 to 5."""
    return "–" if shares is None else _range(scoring.as_mean(shares[0]), scoring.as_mean(shares[1]), DECIMALS)


def coefficient(found: Coefficient | None) -> str:
    """Alpha or omega with its interval, where there is one."""
    if found is None:
        return "–"
    if found.interval is None:
        return _number(found.value)
    words = _("%(value)s (%(range)s)", value=_number(found.value), range=_range(*found.interval, DECIMALS))
    return str(words)


def count(shown: int | None) -> str:
    return str(_("withheld")) if shown is None else str(shown)


def scale_rows(found: WaveFigures) -> list[tuple[str, ...]]:
    """Every scale of a wave: mean, its interval, alpha, omega, and how many the two rest on."""
    return [
        (
            each.scale.title.in_language(language()),
            mean(each.mean),
            mean_range(each.interval),
            coefficient(each.alpha),
            coefficient(each.omega),
            str(each.complete),
        )
        for each in found.scales
    ]


def item_rows(found: WaveFigures) -> list[tuple[str, ...]]:
    """Every item of a wave: how many disagreed, did neither, and agreed, and how many answered."""
    return [(_item_name(each.item), *_distribution(each.counts)) for each in found.items]


def _item_name(item: SurveyItem) -> str:
    text = item.text.in_language(language())
    return str(_("%(question)s (reversed)", question=text)) if item.reversed else text


def _distribution(counts: Counts | None) -> list[str]:
    if counts is None:
        return [count(None)] * (len(scoring.GROUPS) + 1)
    return [count(shown) for shown in (*counts.cells[0], counts.total)]


def points(share: float | None) -> str:
    """A difference of shares in points of the scale from 1 to 5, with its sign."""
    return "–" if share is None else isolated(f"{share * SPAN:+.{DECIMALS}f}")


def points_range(low: float, high: float) -> str:
    return _range(low * SPAN, high * SPAN, DECIMALS)


def effect(value: float | None) -> str:
    """A standardised difference, which has no unit, with its sign."""
    return "–" if value is None else isolated(f"{value:+.{DECIMALS}f}")


def mean_of(share: float) -> str:
    """An exact mean from 1 to 5."""
    return _number(scoring.as_mean(share))


def means_chart(waves: Mapping[WaveName, WaveFigures]) -> Chart | None:
    """Means of every scale, wave by wave; None unless all are exact."""
    shown = {name: [scale.mean for scale in found.scales] for name, found in waves.items()}
    if not shown or not all(each is not None and each.is_exact for found in shown.values() for each in found):
        return None
    series = {
        wave_name(name): [scoring.as_mean(each.low) for each in found if each is not None]
        for name, found in shown.items()
    }
    labels = [scale.scale.title.in_language(language()) for scale in next(iter(waves.values())).scales]
    return chart(
        "bar",
        title=str(_("Means of the scales, from 1 to 5")),
        description=_described(labels, series),
        axis=str(_("Scale")),
        labels=labels,
        series=series,
        decimals=DECIMALS,
    )


def answered_words(answers: Mapping[str, int], item_id: str) -> str:
    """What was answered to an item."""
    return agreement_words()[answers[item_id] - 1] if item_id in answers else str(_("Prefer not to say"))


def _described(labels: Sequence[str], series: Mapping[str, Sequence[float]]) -> str:
    return str(_("; ")).join(
        f"{name}: "
        + str(_(", ")).join(f"{label} {_number(value)}" for label, value in zip(labels, values, strict=True))
        for name, values in series.items()
    )


def _number(value: float) -> str:
    return format_number(value, DECIMALS)


def _range(low: float, high: float, decimals: int) -> str:
    ends = [isolated(format_number(each, decimals)) for each in (low, high)]
    return str(_("%(low)s to %(high)s", low=ends[0], high=ends[1]))
