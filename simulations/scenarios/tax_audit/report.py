"""What a quarter reports to the office, and what stays hidden until the debrief."""

from collections.abc import Mapping

import numpy as np

from simulations.engine import Bools, Floats
from simulations.estimates import percent
from simulations.inquiries import wilson
from simulations.scenarios.tax_audit import response
from simulations.scenarios.tax_audit.estimates import auc, mean_interval
from simulations.scenarios.tax_audit.office import RANDOM, Result, State
from simulations.scenarios.tax_audit.tool import Score
from simulations.scenarios.tax_audit.world import BORDER_DISTRICT, FAMILIAR_DISTRICTS, Firms, Parameters

NOTHING_KNOWN = (50.0, 0.0, 100.0)
LEAST_SAMPLE = 2


def gap_estimate(found: Floats, quality: Floats) -> tuple[float, float, float]:
    """Mean evaded share of liability over all firms with its 95 % interval, percent, from random audits.

    found: share found by audit.  quality: share of evasion that audit uncovers, by which its result is divided
    (Horvitz & Thompson 1952); unbiased, as the random arm gives each firm the same chance. The interval is cut
    to 0 to 100; where nothing was found its upper end is Wilson's for the share of firms that evade. With
    fewer than two audits nothing is known: 50, from 0 to 100.
    """
    if len(found) < LEAST_SAMPLE:
        return NOTHING_KNOWN
    if not found.any():
        return 0.0, 0.0, 100 * wilson(0, len(found))[1]
    mean, low, high = mean_interval(100 * found / quality)
    return mean, max(0.0, low), min(100.0, high)


def reported(p: Parameters, firms: Firms, result: Result) -> dict[str, float]:
    """Indicators the office has at the end of a quarter."""
    audits = result.audits
    by_lot = audits.arm == RANDOM
    quality = p.audit_quality[audits.field.astype(np.intp)]
    gap, low, high = gap_estimate(result.found[by_lot], quality[by_lot])
    none = audits.field[result.found == 0].astype(np.intp)
    return {
        "revenue_assessed": result.assessed,
        "yield_per_unit": 1000 * result.assessed / result.units if result.units else 0.0,
        "hit_rate": percent(float(np.count_nonzero(result.found)), float(len(result.found))),
        "gap_estimate": gap,
        "gap_low": low,
        "gap_high": high,
        "no_finding_hours": float(p.honest_hours[none].sum()),
        "audit_rate_small": _rate(result, ~firms.large),
        "audit_rate_large": _rate(result, firms.large),
        "audit_rate_familiar": _rate(result, np.isin(firms.district, FAMILIAR_DISTRICTS)),
        "audit_rate_border": _rate(result, firms.district == BORDER_DISTRICT),
        "audits": float(len(audits.firm)),
        "units": result.units,
    }


def _rate(result: Result, group: Bools) -> float:
    return percent(float(np.count_nonzero(group[result.audits.firm])), float(np.count_nonzero(group)))


def district_shares(p: Parameters, state: State) -> Floats:
    """Share of a district's audits of the run that met an honest firm, 0 to 1.

    Smoothed with ``equity_smoothing`` audits at the overall share, lest few audits decide.
    """
    overall = state.honest_audited.sum() / max(float(state.audited.sum()), 1.0)
    extra = p.equity_smoothing
    return np.asarray((state.honest_audited + extra * overall) / (state.audited + extra), dtype=np.float64)


def equity_ratio(p: Parameters, state: State) -> float:
    """Highest over lowest false-audit share of the districts; 1 when no honest firm was audited."""
    shares = district_shares(p, state)
    return float(shares.max() / shares.min()) if shares.min() > 0 else 1.0


def hidden(
    p: Parameters, firms: Firms, before: State, after: State, result: Result, score: Score, rows: Floats
) -> dict[str, float]:
    """Indicators of the debrief. ``score`` and ``rows`` are those the tool had when the audits were chosen."""
    past, shares = before.records, district_shares(p, after)
    expected = np.full(len(firms), p.initial_audit_rate)
    untouched = after.last_audit < 1
    start = float(response.chance_of_evasion(p, firms, expected)[untouched].mean())
    return {
        "tax_gap": 100 * float(result.evaded_share.mean()),
        "evasion_rate": 100 * float(result.evading.mean()),
        "evasion_change": 100 * (float(result.evading[untouched].mean()) - start),
        "uncollected": float(after.loss[0]),
        "honest_hours": result.honest_hours,
        "auc_labelled": auc(score.logit(past.row), past.found > 0),
        "auc_all": auc(score.logit(rows), result.evading),
        "false_audits_familiar": 100 * float(shares[list(FAMILIAR_DISTRICTS)].mean()),
        "false_audits_border": 100 * float(shares[BORDER_DISTRICT]),
        "equity_ratio": equity_ratio(p, after),
    }


def first_figures(state: State) -> Mapping[str, float]:
    """What the office inherited."""
    found = state.records.found
    return {
        "firms": float(len(state.own)),
        "past_audits": float(len(found)),
        "past_hit_rate": percent(float(np.count_nonzero(found)), float(len(found))),
    }
