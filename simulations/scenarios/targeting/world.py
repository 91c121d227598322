"""The households of a district: what a form shows of them, what is hidden, and the dice of each period."""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from simulations.engine import Bools, Floats, Ints, stream
from simulations.scenarios.targeting.measures import line_of

GROUPS = ("settled", "slum", "nomad")
SETTLED, SLUM, NOMAD = range(3)
MARKS = ("dwelling", "schooling", "workers", "livestock", "electricity")
DWELLING, SCHOOLING, WORKERS, LIVESTOCK, ELECTRICITY = range(5)
OLD_MARKS = (DWELLING, SCHOOLING, WORKERS)  # what the old form asks for
RIVER_TEHSILS = (3, 4)
TEHSILS = 5
SMALLEST, LARGEST = 2, 12


@dataclass(frozen=True)
class Parameters:
    """``[parameters.*]`` of scenario.toml; units and sources stand there."""

    households: int
    household_weight: int
    months: int
    budget_pkr_m: float
    poor_share: float
    consumption_spread: float
    mark_weights: Floats
    group_shares: Floats
    herd_shift: float
    meter_shift: float
    group_shift_mean: Floats
    group_shift_spread: Floats
    female_share: float
    female_effect: float
    disability_share: float
    disability_effect: float
    tehsil_shares: Floats
    mean_size: float
    line_per_person: float
    points_per_unit: float
    flood_rounds: Floats
    flood_loss: float
    flood_hit_range: Floats
    false_claim_share: float
    survey_pkr: float
    meeting_pkr: float
    meeting_finds_poor: float
    meeting_finds_by_mistake: float
    meeting_strikes: float
    meeting_strikes_by_mistake: float
    visit_pkr: float
    visit_capacity: int
    visit_accuracy: float
    appeal_office: Floats
    appeal_mobile: Floats
    appeal_others: float
    appeal_pkr: float
    appeal_mobile_factor: float
    appeal_upheld: float
    appeal_upheld_by_mistake: float
    priority_points: float
    relief_points: float
    fee_pkr: float
    excluded_cost_pkr: float
    equity_threshold: float
    equity_smoothing: float
    claimed_accuracy: float
    survey_age_years: int
    survey_households: int
    appeal_days: int
    measurement_error: float
    best_transfer: int
    best_flood_transfer: int
    best_meetings: float
    best_flood_meetings: float
    best_desk_pkr_m: float
    best_flood_desk_pkr_m: float
    best_reserve: float
    latent_draws: int

    @property
    def noise(self) -> float:
        """Standard deviation of what no mark explains, in welfare units."""
        return float(np.sqrt(1 - (self.mark_weights**2).sum()))

    @property
    def flood_units(self) -> float:
        """What a flood takes, in welfare units."""
        return self.flood_loss / self.consumption_spread


@dataclass(frozen=True)
class Households:
    """What the register holds, one row a household. ``marks`` are as the form shows them, in standard deviations."""

    group: Ints
    tehsil: Ints
    female_head: Bools
    disability: Bools
    size: Ints
    marks: Floats  # (household, mark)
    line: float  # the official line, in welfare units

    def __len__(self) -> int:
        return len(self.group)

    @cached_property
    def river(self) -> Bools:
        """Households of the two tehsils on the river."""
        return np.isin(self.tehsil, RIVER_TEHSILS)


@dataclass(frozen=True)
class Truth:
    """What the office does not know."""

    welfare: Floats  # log consumption before any flood, in welfare units
    hit: Bools  # whether the flood takes this household's harvest or house
    false_claim: Bools  # would report damage it has not had
    flood_round: int
    group_shift: Floats  # by group: how much poorer than its marks suggest
    hit_share: float

    def now(self, p: Parameters, *, flooded: bool) -> Floats:
        """Welfare in a period before or after the flood."""
        return self.welfare - p.flood_units * self.hit if flooded else self.welfare


def mark_shift(p: Parameters) -> Floats:
    """By (group, mark): how much richer a mark looks in a group than it is."""
    shift = np.zeros((len(GROUPS), len(MARKS)))
    shift[NOMAD, LIVESTOCK] = p.herd_shift
    shift[SLUM, ELECTRICITY] = p.meter_shift
    return shift


def expected_welfare(p: Parameters, homes: Households, group_shift: Floats) -> Floats:
    """Mean welfare of each household given everything on its form and how poor its group is."""
    honest = homes.marks - mark_shift(p)[homes.group]
    flags = p.female_effect * homes.female_head + p.disability_effect * homes.disability
    return np.asarray(honest @ p.mark_weights + flags + group_shift[homes.group], dtype=np.float64)


def draw_group_shift(p: Parameters, dice: Floats) -> Floats:
    """How much poorer than its marks each group is; ``dice`` standard normal, (..., group)."""
    return np.asarray(p.group_shift_mean + p.group_shift_spread * dice, dtype=np.float64)


def _category(die: Floats, shares: Floats) -> Ints:
    return np.searchsorted(np.cumsum(shares)[:-1], die, side="right").astype(np.intp)


def _form(p: Parameters, seed: int) -> Households:
    """Forms as filled in; the line is not yet known."""
    n = p.households
    group = _category(stream(seed, "group").random(n), p.group_shares)
    return Households(
        group=group,
        tehsil=_category(stream(seed, "tehsil").random(n), p.tehsil_shares),
        female_head=stream(seed, "female_head").random(n) < p.female_share,
        disability=stream(seed, "disability").random(n) < p.disability_share,
        size=np.clip(stream(seed, "size").poisson(p.mean_size, n), SMALLEST, LARGEST).astype(np.intp),
        marks=stream(seed, "marks").standard_normal((n, len(MARKS))) + mark_shift(p)[group],
        line=0.0,
    )


def draw_district(p: Parameters, seed: int) -> tuple[Households, Truth]:
    """All households of a run, and the truth about them."""
    forms = _form(p, seed)
    shift = draw_group_shift(p, stream(seed, "group_shift").standard_normal(len(GROUPS)))
    rest = stream(seed, "welfare").standard_normal(p.households)
    welfare = expected_welfare(p, forms, shift) + p.noise * rest
    low, high = p.flood_hit_range
    hit_share = float(low + (high - low) * stream(seed, "hit_share").random())
    truth = Truth(
        welfare=welfare,
        hit=forms.river & (stream(seed, "hit").random(p.households) < hit_share),
        false_claim=stream(seed, "false_claim").random(p.households) < p.false_claim_share,
        flood_round=int(p.flood_rounds[stream(seed, "flood_round").integers(len(p.flood_rounds))]),
        group_shift=shift,
        hit_share=hit_share,
    )
    line = line_of(welfare, p.poor_share)
    return replace(forms, line=line), truth


def gaps(p: Parameters, homes: Households, welfare: Floats, transfer_pkr: Floats) -> Floats:
    """Shortfall from the line as a share of it, after a transfer in PKR a month a household."""
    consumed = np.exp(p.consumption_spread * (welfare - homes.line))
    left = np.maximum(0.0, 1 - consumed - transfer_pkr / (p.line_per_person * homes.size))
    return np.asarray(left, dtype=np.float64)


@dataclass(frozen=True)
class Dice:
    """The dice of one period, one a household; they stand before any decision."""

    meeting: Floats
    meeting_result: Floats
    visit: Floats
    visit_result: Floats
    appeal: Floats
    appeal_order: Floats
    appeal_result: Floats


def draw_dice(p: Parameters, seed: int, number: int) -> Dice:
    """Dice of period ``number``."""
    rows = stream(seed, "period", number).random((7, p.households))
    return Dice(*rows)
