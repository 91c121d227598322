"""The complaints of a run, drawn before any decision is known.

Every complaint carries all its dice from the start: a decision chooses among outcomes, it shifts no die.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from simulations.engine import Bools, Floats, Ints, stream

CLASSES = ("municipal", "education", "health", "police", "revenue", "corruption")
LANGUAGES = ("urdu", "pashto", "roman_urdu", "english")
DISTRICTS = 5
POOREST_DISTRICT = DISTRICTS - 1
URGENT = 9.0
ATTEMPTS = 6
DAYS = 7.0
# Quantiles of the standard normal distribution, tabulated so that no C library's error function is needed.
_QUANTILE_KNOTS = (
    (0.01, -2.32635), (0.02, -2.05375), (0.05, -1.64485), (0.1, -1.28155), (0.15, -1.03643), (0.2, -0.84162),
    (0.25, -0.67449), (0.3, -0.5244), (0.35, -0.38532), (0.4, -0.25335), (0.45, -0.12566), (0.5, 0.0),
)  # fmt: skip


def normal_quantile(probability: float) -> float:
    """Standard normal quantile by a table of 23 knots, linear between them (0.01 to 0.99)."""
    knots = np.array(_QUANTILE_KNOTS)
    low = np.concatenate([knots[:, 0], 1 - knots[-2::-1, 0]])
    values = np.concatenate([knots[:, 1], -knots[-2::-1, 1]])
    return float(np.interp(probability, low, values))


@dataclass(frozen=True)
class Parameters:
    """The numbers of ``scenario.toml``; units and sources stand there."""

    arrivals_per_week: Floats
    work_hours: Floats
    work_variation: float
    deadline_days: Floats
    severity_levels: Floats
    severity_shares: Floats
    district_shares: Floats
    language_shares: Floats
    women_account_share: float
    initial_backlog_weeks: float
    initial_age_days: float
    urgent_recall: Floats
    women_recall_loss: float
    false_flag_shares: Floats
    claimed_recall: float
    claimed_sample: Floats
    doubted_recall: float
    doubted_women_loss: float
    score_slope: float
    duplicate_share: float
    duplicate_hours: float
    duplicate_recall: float
    same_village_share: float
    wrong_merge_share: float
    merge_check_hours: float
    merge_check_misses: float
    reading_hours: float
    call_hours: float
    paper_hours: float
    paper_reopen_share: float
    careless_reopen_share: float
    careful_reopen_share: float
    careful_call_share: float
    rework_share: float
    reopened_deadline_days: float
    reopen_penalty: float
    wrong_merge_penalty: float
    abandoned_days: float
    handover_days: float
    flood_week: int
    flood_weeks: int
    flood_districts: int
    flood_factor: Floats
    outage_weeks: int
    outage_silent_share: float
    outreach_hours_each: float
    equity_threshold: float
    equity_smoothing: float
    planning_weeks: int
    best_call_back: float
    best_reading_share: float
    best_threshold: float
    best_even_share: float
    neighbour_hours: int
    sign_shares: Floats

    @property
    def class_severity(self) -> Floats:
        """Mean severity by class."""
        return np.asarray((self.severity_shares * self.severity_levels).sum(axis=1), dtype=np.float64)

    @property
    def evidence_means(self) -> Floats:
        """Mean evidence of the urgency tool by (language, account, severity); above 0 is flagged at 0.5."""
        means = np.empty((len(LANGUAGES), 2, 3), dtype=np.float64)
        for language in range(len(LANGUAGES)):
            for account, lost in enumerate((0.0, self.women_recall_loss)):
                recall = max(0.02, float(self.urgent_recall[language]) - lost)
                means[language, account, 2] = normal_quantile(recall)
                means[language, account, :2] = [normal_quantile(float(share)) for share in self.false_flag_shares]
        return means


@dataclass(frozen=True)
class Complaints:
    """Fixed attributes and dice, one row per complaint; several runs may lie in one table (``run``)."""

    run: Ints
    seen_round: Ints  # first round in which the office can see it
    category: Ints
    district: Ints
    language: Ints
    woman: Bools
    filed_day: Floats
    severity: Floats
    work: Floats
    evidence: Floats  # of the urgency tool
    duplicate: Bools
    same_village: Bools
    silent: Bools
    find_die: Floats
    check_die: Floats
    read_die: Floats
    paper_die: Floats  # (row, attempt)
    fail_die: Floats
    call_die: Floats

    def __len__(self) -> int:
        return len(self.run)

    def take(self, rows: Ints | Bools) -> "Complaints":
        """The chosen rows."""
        return Complaints(**{field.name: getattr(self, field.name)[rows] for field in fields(self)})


def joined(tables: Sequence[Complaints]) -> Complaints:
    """Tables under one another."""
    names = [field.name for field in fields(Complaints)]
    return Complaints(**{name: np.concatenate([getattr(table, name) for table in tables]) for name in names})


def flooded_districts(p: Parameters, seed: int) -> tuple[int, ...]:
    """The districts the flood of this seed will hit."""
    order = np.argsort(stream(seed, "flood").random(DISTRICTS), kind="stable")
    return tuple(sorted(int(district) for district in order[: p.flood_districts]))


def expected_arrivals(p: Parameters, week: int, flooded: Sequence[int]) -> Floats:
    """Mean complaints of a week by (class, district)."""
    mean = p.arrivals_per_week[:, None] * p.district_shares[None, :]
    if p.flood_week <= week < p.flood_week + p.flood_weeks:
        mean[:, list(flooded)] *= p.flood_factor[:, None]
    return mean


def is_outage(p: Parameters, week: int) -> bool:
    """Is the poorest district's network down in this week?"""
    return p.flood_week <= week < p.flood_week + p.outage_weeks


def _pick(shares: Floats, die: Floats) -> Ints:
    return np.searchsorted(np.cumsum(shares)[:-1], die, side="right").astype(np.intp)


def draw_severity(p: Parameters, category: Ints, die: Floats) -> Floats:
    """Severity weight from the class's shares by one uniform die each."""
    bounds = np.cumsum(p.severity_shares, axis=1)[category]
    return np.asarray(p.severity_levels[(die[:, None] >= bounds[:, :-1]).sum(axis=1)], dtype=np.float64)


def draw_work(p: Parameters, category: Ints, dice: np.random.Generator) -> Floats:
    """Hours of proper work, Gamma with the class's mean and the common coefficient of variation."""
    shape = 1 / p.work_variation**2
    return dice.gamma(shape, size=len(category)) * (p.work_hours[category] / shape)


def draw_week(p: Parameters, seed: int, week: int, flooded: Sequence[int], run: int = 0) -> Complaints:
    """Complaints filed in a week; week 0 stands for the backlog the officer inherits."""
    mean = expected_arrivals(p, week, flooded) * (p.initial_backlog_weeks if week == 0 else 1.0)
    counts = stream(seed, "arrivals", week).poisson(mean).astype(np.intp).ravel()
    cell = np.repeat(np.arange(counts.size, dtype=np.intp), counts)
    category, district, n = cell // DISTRICTS, cell % DISTRICTS, int(counts.sum())
    trait = stream(seed, "traits", week).random((n, 7))
    closing = stream(seed, "closing", week).random((n, 3, ATTEMPTS))
    age = p.initial_age_days * trait[:, 2] if week == 0 else DAYS * (1 - trait[:, 2])
    duplicate = trait[:, 3] < p.duplicate_share
    return Complaints(
        run=np.full(n, run, dtype=np.intp),
        seen_round=np.full(n, week + 1, dtype=np.intp),
        category=category,
        district=district,
        filed_day=DAYS * week - age,
        work=draw_work(p, category, stream(seed, "work", week)),
        duplicate=duplicate,
        same_village=~duplicate & (trait[:, 4] < p.same_village_share),
        silent=(district == POOREST_DISTRICT) & (trait[:, 5] < p.outage_silent_share) & is_outage(p, week),
        check_die=stream(seed, "checks", week).random(n),
        read_die=trait[:, 6],
        paper_die=closing[:, 0],
        fail_die=closing[:, 1],
        call_die=closing[:, 2],
        **_seen_by_tool(p, seed, week, category, trait),
    )


def _seen_by_tool(p: Parameters, seed: int, week: int, category: Ints, trait: Floats) -> dict[str, Any]:
    """Severity, language and account, and what the tool makes of them."""
    tool, n = stream(seed, "tool", week), len(category)
    noise = tool.standard_normal(n)
    severity = draw_severity(p, category, stream(seed, "severity", week).random(n))
    language, woman = _pick(p.language_shares, trait[:, 0]), trait[:, 1] < p.women_account_share
    level = np.searchsorted(p.severity_levels, severity)
    return {
        "severity": severity,
        "language": language,
        "woman": woman,
        "evidence": p.evidence_means[language, woman.astype(np.intp), level] + noise,
        "find_die": tool.random(n),
    }


def draw_run(p: Parameters, seed: int, rounds: int, run: int = 0, flooded: Sequence[int] | None = None) -> Complaints:
    """All complaints of one run, the inherited backlog included."""
    where = flooded_districts(p, seed) if flooded is None else flooded
    return joined([draw_week(p, seed, week, where, run) for week in range(rounds + 1)])
