"""The firms of a run and the dice of each quarter, drawn before any decision is known."""

from dataclasses import dataclass

import numpy as np

from simulations.engine import Bools, Floats, Ints, stream

SECTORS = ("retail", "wholesale", "textile", "food", "services")
RETAIL = 0
SIZES = ("small", "large")
CELLS = len(SECTORS) * len(SIZES)
DISTRICTS = 5
FAMILIAR_DISTRICTS = (0, 1)  # where past audits went
BORDER_DISTRICT = DISTRICTS - 1
BEHAVIOUR = ("input_ratio", "refund_claims", "late_filing", "bank_proxy")
GUESSABLE = np.array([True, True, False, True])
INPUT_RATIO, REFUND_CLAIMS = 0, 1
FAMILIAR, OTHER_SMALL, LARGE = 0, 1, 2


@dataclass(frozen=True)
class Parameters:
    """The numbers of ``scenario.toml``; units and sources stand there."""

    firms: int
    sector_shares: Floats
    value_added_median: Floats
    value_added_sigma: float
    tax_rate: float
    large_share: float
    district_shares: Floats
    register_error: float
    evasion_share_range: Floats
    moral_cost_mean: float
    response_noise: float
    penalty_rate: float
    cell_weight: float
    own_weight: float
    own_memory: float
    initial_audit_rate: float
    audit_quality: Floats
    campaign_publicity: float
    rest_quarters: int
    letter_effect: float
    letter_repeat: float
    letter_cost: float
    capacity_units: float
    field_units: float
    reading_units: float
    reading_drop_share: float
    signal: Floats
    signal_decay: float
    guess_power: float
    border_shift: float
    rule_quarter: int
    rule_shift: float
    doubted_border: float
    doubted_decay: float
    history_audits: int
    history_factor: float
    claimed_auc: float
    true_auc: float
    ridge: float
    forgetting: float
    weight_cap: float
    honest_hours: Floats
    letter_hours: float
    hour_value: float
    hour_weight: float
    equity_threshold: float
    equity_smoothing: float
    best_random: int
    best_threshold: float
    best_letters: int
    best_campaign: int
    posterior_pool: int
    share_precision: float
    sign_shares: Floats

    @property
    def perceived_quality(self) -> float:
        """Share of evasion an audit uncovers, as firms believe it: the mean of desk and field."""
        return float(self.audit_quality.mean())


@dataclass(frozen=True)
class Firms:
    """Fixed attributes, one row a firm. Liability, evasion share and moral cost are hidden."""

    sector: Ints
    district: Ints
    large: Bools
    register: Floats  # tax a quarter as the register suggests, PKR m
    rotation: Floats  # place on the rotation list, 0 to 1
    liability: Floats  # true tax a quarter, PKR m
    evasion_share: Floats
    moral_cost: Floats

    def __len__(self) -> int:
        return len(self.sector)

    @property
    def cell(self) -> Ints:
        """Number of the firm's sector-size cell."""
        return np.asarray(self.sector * len(SIZES) + self.large, dtype=np.intp)

    @property
    def small_retail(self) -> Bools:
        """Small retailers."""
        return np.asarray((self.sector == RETAIL) & ~self.large, dtype=np.bool_)

    @property
    def familiar(self) -> Bools:
        """Small retailers of the two districts past audits went to."""
        return np.asarray(self.small_retail & np.isin(self.district, FAMILIAR_DISTRICTS), dtype=np.bool_)

    @property
    def group(self) -> Ints:
        """Familiar small retailers, other small firms, large firms."""
        return np.where(self.familiar, FAMILIAR, np.where(self.large, LARGE, OTHER_SMALL)).astype(np.intp)


def tendency(p: Parameters, evasion_share: Floats, moral_cost: Floats) -> Floats:
    """Inclination to evade when nobody audits, -1 to 1: twice the response probability, less one."""
    gain = (evasion_share - moral_cost) / p.response_noise
    return np.asarray(np.tanh(gain / 2), dtype=np.float64)


def _category(die: Floats, shares: Floats) -> Ints:
    bounds = np.cumsum(shares / shares.sum())[:-1]
    return np.searchsorted(bounds, die, side="right").astype(np.intp)


def draw_firms(p: Parameters, seed: int) -> Firms:
    """All firms of a run."""
    n = p.firms
    sector = _category(stream(seed, "sector").random(n), p.sector_shares)
    sizes = stream(seed, "liability").standard_normal(n)
    # the standard normal quantile of the share of large firms is found in the draw itself
    large = sizes >= np.quantile(sizes, 1 - p.large_share)
    liability = p.tax_rate * p.value_added_median[sector] * np.exp(p.value_added_sigma * sizes)
    low, high = p.evasion_share_range
    return Firms(
        sector=sector,
        district=_category(stream(seed, "district").random(n), p.district_shares),
        large=large,
        register=liability * np.exp(p.register_error * stream(seed, "register").standard_normal(n)),
        rotation=stream(seed, "rotation").random(n),
        liability=liability,
        evasion_share=low + (high - low) * stream(seed, "evasion_share").random(n),
        moral_cost=stream(seed, "moral_cost").exponential(p.moral_cost_mean, n),
    )


@dataclass(frozen=True)
class Quarter:
    """The dice of one quarter, one row a firm; they stand before any decision."""

    noise: Floats  # (firm, behaviour), standard normal
    evade_die: Floats
    detect_die: Floats
    random_die: Floats
    campaign_die: Floats
    reading_die: Floats


def draw_quarter(p: Parameters, seed: int, number: int) -> Quarter:
    """Dice of quarter ``number``; 0 is the time before the run."""
    n = p.firms
    return Quarter(
        noise=stream(seed, "features", number).standard_normal((n, len(BEHAVIOUR))),
        evade_die=stream(seed, "evasion", number).random(n),
        detect_die=stream(seed, "detection", number).random(n),
        random_die=stream(seed, "random_arm", number).random(n),
        campaign_die=stream(seed, "campaign", number).random(n),
        reading_die=stream(seed, "reading", number).random(n),
    )


def signal_strength(p: Parameters, firms: Firms, quarter: int, exposure: float) -> Floats:
    """What each behaviour gives away per unit of tendency, by (firm, behaviour).

    exposure: quarters so far in which evaders could guess what the tool looks at, from 0; each costs a
    guessable behaviour ``signal_decay`` of its signal. From the rule change on the input ratio points the
    other way. In the border district honest exporters claim refunds, which evaders there do not.
    """
    strength = np.where(GUESSABLE, (1 - p.signal_decay) ** exposure, 1.0) * p.signal
    if quarter >= p.rule_quarter:
        strength[:, INPUT_RATIO] *= -1
    by_firm = strength[firms.group]
    by_firm[firms.district == BORDER_DISTRICT, REFUND_CLAIMS] -= p.border_shift / 2
    return np.asarray(by_firm, dtype=np.float64)


def shifts(p: Parameters, firms: Firms, quarter: int) -> Floats:
    """Level of behaviour at a tendency of zero, by (firm, behaviour): border refunds, and the new rule."""
    level = np.zeros((len(firms), len(BEHAVIOUR)))
    level[firms.district == BORDER_DISTRICT, REFUND_CLAIMS] = p.border_shift / 2
    if quarter >= p.rule_quarter:
        level[:, INPUT_RATIO] = p.rule_shift
    return level


def behaviour(p: Parameters, firms: Firms, noise: Floats, quarter: int, exposure: float) -> Floats:
    """What this quarter's returns and bank data show, by (firm, behaviour), in standard deviations."""
    inclined = tendency(p, firms.evasion_share, firms.moral_cost)
    shown = noise + signal_strength(p, firms, quarter, exposure) * inclined[:, None]
    return np.asarray(shown + shifts(p, firms, quarter), dtype=np.float64)
