"""The vendors of a run, their bids, what is hidden, and the belief an office holds before any evidence."""

from dataclasses import dataclass

from simulations.engine import Floats, stream

VENDORS = ("vendor_a", "vendor_b", "vendor_c", "vendor_d")
LANGUAGES = ("english", "local")
ENGLISH, LOCAL = 0, 1
AI_USES = ("letters", "summaries", "answers")
CLAUSES = ("data_clauses", "exit_clauses", "fairness_clauses", "oversight_clauses")
DATA, EXIT, FAIRNESS, OVERSIGHT = range(4)


@dataclass(frozen=True, eq=False)
class Parameters:
    """``[parameters.*]`` of scenario.toml; units and sources stand there. Compared by identity, so it can be a key."""

    foreign_vendors: int
    foreign_claim: Floats
    tested_claim: Floats
    foreign_optimism: Floats
    tested_optimism: Floats
    foreign_weight: Floats
    tested_weight: Floats
    foreign_price: Floats
    tested_price: Floats
    foreign_lock_in: Floats
    tested_lock_in: Floats
    local_demo_documents: float
    use_value: Floats
    use_harm: Floats
    form_value: float
    form_cost: float
    form_prior: Floats
    form_files: int
    form_late: Floats
    local_prior: Floats
    readiness_prior: Floats
    training_scale: float
    strict_chance: float
    data_harm: float
    clause_price: Floats
    clause_count: Floats
    exit_relief: float
    oversight_relief: float
    exit_chance: Floats
    exchange_jump: Floats
    exclusion_chance: float
    exclusion_cost: float
    annex_chance: float
    omission: Floats
    certificate_chance: float
    invention: float
    certificate_cost: float
    pilot_price: float
    financing: float
    risk_premium: float
    acceptance_cases: int
    vendor_mix: float
    fix_capability: float
    fix_leverage: float
    fix_delay: float
    first_period: float
    upkeep_share: float
    upkeep_loss: float
    report_cases: int
    manual_right: Floats
    equity_threshold: float
    case_clauses: Floats
    count_error: float
    assistant_confidence: Floats
    self_check: Floats
    case_omission: Floats
    claimed_complete: float


@dataclass(frozen=True)
class Bid:
    """What a vendor's bid and the assistant's summary of it say; all of it lies on the desk.

    claim: share right, 0 to 1.  price, lock_in: PKR m.  abroad: tested on cases from abroad only.
    """

    claim: float
    price: float
    lock_in: float
    abroad: bool
    exclusion_listed: bool
    certificate_listed: bool


@dataclass(frozen=True)
class Desk:
    """What is known before stage 1: the bids, and how many returned applications were the form's fault."""

    bids: tuple[Bid, ...]
    form_faults: int


@dataclass(frozen=True)
class Truth:
    """What nobody sees. right: share right, (vendor, language)."""

    right: tuple[tuple[float, ...], ...]
    excludes: tuple[bool, ...]
    certified: tuple[bool, ...]
    form_share: float
    local_share: float
    readiness: float
    is_strict: bool


@dataclass(frozen=True)
class Shock:
    """What happens before stage 5: prices abroad rise by this share, one vendor is bought."""

    jump: float
    bought: int


def beta_prior(p: Parameters, bid: Bid) -> tuple[tuple[float, float], ...]:
    """(a, b) of the Beta prior of the share right given the claim, by language."""
    optimism, weight = (p.foreign_optimism, p.foreign_weight) if bid.abroad else (p.tested_optimism, p.tested_weight)
    means = [float(bid.claim - less) for less in optimism]
    return tuple((mean * float(w), (1 - mean) * float(w)) for mean, w in zip(means, weight, strict=True))


def _spread(die: float, bounds: Floats) -> float:
    return float(bounds[0] + die * (bounds[1] - bounds[0]))


def _summary(p: Parameters, dice: Floats) -> tuple[bool, bool, bool, bool]:
    """Whether a bid excludes, is certified, and what the assistant lists of both."""
    excludes, certified = bool(dice[0] < p.exclusion_chance), bool(dice[1] < p.certificate_chance)
    language = LOCAL if dice[2] < p.annex_chance else ENGLISH
    listed = excludes and bool(dice[3] >= p.omission[language])
    return excludes, certified, listed, certified or bool(dice[4] < p.invention)


def draw_start(p: Parameters, seed: int) -> tuple[Desk, Truth]:
    """The bids on the desk and the truth behind them."""
    die = stream(seed, "bids").random((len(VENDORS), 3))
    order = stream(seed, "origin").permutation(len(VENDORS))
    summaries = [_summary(p, row) for row in stream(seed, "assistant").random((len(VENDORS), 5))]
    bids = []
    for number, row in enumerate(die):
        abroad = bool(order[number] < p.foreign_vendors)
        ranges = (
            (p.foreign_claim, p.foreign_price, p.foreign_lock_in)
            if abroad
            else (p.tested_claim, p.tested_price, p.tested_lock_in)
        )
        claim, price, lock_in = (_spread(float(d), bounds) for d, bounds in zip(row, ranges, strict=True))
        listed = summaries[number][2:]
        bids.append(Bid(round(claim, 2), round(price, 1), round(lock_in, 1), abroad, *listed))
    shares = stream(seed, "right")
    right = tuple(tuple(float(shares.beta(a, b)) for a, b in beta_prior(p, bid)) for bid in bids)
    office = stream(seed, "office")
    form, local, ready = (float(office.beta(*pair)) for pair in (p.form_prior, p.local_prior, p.readiness_prior))
    truth = Truth(
        right=right,
        excludes=tuple(row[0] for row in summaries),
        certified=tuple(row[1] for row in summaries),
        form_share=form,
        local_share=local,
        readiness=ready,
        is_strict=bool(office.random() < p.strict_chance),
    )
    return Desk(tuple(bids), int(stream(seed, "files").binomial(p.form_files, form))), truth


def draw_shock(p: Parameters, seed: int) -> Shock:
    """The shock of this seed; each vendor is as likely to be the one that is bought."""
    die = stream(seed, "shock").random(2)
    return Shock(round(_spread(float(die[0]), p.exchange_jump), 2), int(die[1] * len(VENDORS)))


def chance_excluded(p: Parameters, bid: Bid) -> float:
    """Probability that a bid excludes something needed, given the assistant's summary (Bayes)."""
    if bid.exclusion_listed:
        return 1.0
    omitted = (1 - p.annex_chance) * p.omission[ENGLISH] + p.annex_chance * p.omission[LOCAL]
    silent = p.exclusion_chance * float(omitted)
    return silent / (silent + 1 - p.exclusion_chance)


def chance_uncertified(p: Parameters, bid: Bid) -> float:
    """Probability that a vendor holds no certificate, given the assistant's summary (Bayes)."""
    if not bid.certificate_listed:
        return 1.0
    invented = (1 - p.certificate_chance) * p.invention
    return invented / (invented + p.certificate_chance)


def expected_extras(p: Parameters, bid: Bid) -> float:
    """PKR m still to be bought besides the price, as far as the office can tell."""
    return chance_excluded(p, bid) * p.exclusion_cost + chance_uncertified(p, bid) * p.certificate_cost


def true_extras(p: Parameters, truth: Truth, vendor: int) -> float:
    """PKR m that will in truth have to be bought besides the price."""
    return p.exclusion_cost * truth.excludes[vendor] + p.certificate_cost * (not truth.certified[vendor])


def form_posterior(p: Parameters, faults: int) -> tuple[float, float]:
    """(a, b) of the form's share of returned applications, given the files read."""
    return float(p.form_prior[0]) + faults, float(p.form_prior[1]) + p.form_files - faults


def mean_of(pair: tuple[float, float] | Floats) -> float:
    """Mean of a Beta distribution."""
    return float(pair[0] / (pair[0] + pair[1]))
