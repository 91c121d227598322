"""The hours of a run: what is usual, what is true, what camera and warden see, and the traffic itself.

Everything is drawn before any decision is known; a decision shifts no die.
"""

from dataclasses import dataclass, replace

import numpy as np

from simulations.engine import Floats, stream

APPROACHES = ("north", "south", "east", "west")
PEDESTRIANS = len(APPROACHES)
FLOWS = (*APPROACHES, "pedestrians")
ROAD_OF = np.array([0, 0, 1, 1], dtype=np.intp)  # north-south road, east-west road
CLASSES = ("car", "motorcycle", "rickshaw", "bus")
MOTORCYCLE = CLASSES.index("motorcycle")
HOUR_S, QUARTER_S, QUARTERS = 3600, 900, 4


@dataclass(frozen=True)
class Parameters:
    """The numbers of ``scenario.toml``; units and sources stand there."""

    usual_flow: Floats
    hour_factor: Floats
    usual_pedestrians: Floats
    crossing_shares: Floats
    vehicle_shares_day: Floats
    vehicle_shares_dusk: Floats
    pcu: Floats
    persons: Floats
    saturation_flow: float
    lost_time: float
    crossing_width: Floats
    walking_speed: float
    least_walk: float
    walk_lead: float
    gap_start: float
    patience: float
    violation_hours: float
    level_sd: float
    pedestrian_level_sd: float
    quarter_sd: float
    visibility: Floats
    smog_visibility: float
    dusk_hours: Floats
    shaded_hours: Floats
    counted_clear: float
    motorcycles_missed_dusk: float
    pedestrians_counted_shade: float
    flow_lost_smog: float
    camera_noise_sd: float
    camera_noise_sd_poor: float
    camera_bias_sd: float
    camera_bias_sd_poor: float
    claimed_accuracy: float
    claimed_hours: float
    doubted_misses: float
    contrast_shift: Floats
    vip_round: int
    closed_seconds: int
    closed_from: Floats
    manual_start: int
    manual_look: int
    manual_cycle: int
    advise_limit: int
    auto_cycle: Floats
    auto_load: float
    auto_pedestrians: float
    least_green: int
    most_green: int
    clearing_flow: float
    metres_per_pcu: float
    idle_fuel: float
    stop_fuel: float
    usual_violation_share: float
    equity_threshold: float
    baseline_green: int
    planning_worlds: int
    best_manual_minutes: Floats
    neighbour_green: int


@dataclass(frozen=True)
class Hour:
    """What is settled of an hour before it begins; the office is shown ``usual`` and any closed approach only.

    ``usual`` is PCU/h by approach, then pedestrians/h; ``counted`` the share of each that the camera counts.
    """

    round: int
    usual: Floats
    vehicle_shares: Floats  # (approach, class)
    counted: Floats
    class_counted: Floats
    bias_sd: Floats
    noise_sd: float
    contrast: float
    closed: int  # approach closed for the VIP movement, -1 for none
    closed_from: int


def closed_approach(seed: int) -> int:
    """The approach the VIP movement of this seed closes."""
    return int(stream(seed, "vip").integers(len(APPROACHES)))


def hour_of(p: Parameters, seed: int, round_number: int) -> Hour:
    """The hour of a round (1-based)."""
    place = round_number - 1
    is_dusk, is_shaded = p.dusk_hours[place] > 0, p.shaded_hours[place] > 0
    is_smog = p.visibility[place] < p.smog_visibility
    shares = p.vehicle_shares_dusk if is_dusk else p.vehicle_shares_day
    air = p.counted_clear * ((1 - p.flow_lost_smog) if is_smog else 1.0)
    class_counted = np.full(len(CLASSES), air, dtype=np.float64)
    class_counted[MOTORCYCLE] *= 1 - p.motorcycles_missed_dusk if is_dusk else 1.0
    class_counted = np.append(class_counted, air * (p.pedestrians_counted_shade if is_shaded else 1.0))
    low, high = p.closed_from
    bias = (p.camera_bias_sd_poor, p.camera_bias_sd)
    is_vip, is_poor = round_number == p.vip_round, bool(is_dusk or is_smog)
    return Hour(
        round=round_number,
        usual=np.append(p.usual_flow * p.hour_factor[place], p.usual_pedestrians[place]),
        vehicle_shares=shares,
        counted=counted_by_flow(p, shares, class_counted),
        class_counted=class_counted,
        bias_sd=np.where(is_poor | ((np.arange(len(FLOWS)) == PEDESTRIANS) & is_shaded), *bias),
        noise_sd=p.camera_noise_sd_poor if is_poor else p.camera_noise_sd,
        contrast=float(np.dot(p.contrast_shift, [is_shaded, is_dusk, is_smog])),
        closed=closed_approach(seed) if is_vip else -1,
        closed_from=int(stream(seed, "vip", round_number).integers(int(low), int(high) + 1)) if is_vip else 0,
    )


def counted_by_flow(p: Parameters, vehicle_shares: Floats, class_counted: Floats) -> Floats:
    """Share of each flow that the camera counts, weighted by PCU, from its shares by class and of pedestrians."""
    weights = vehicle_shares * p.pcu
    seen = (weights * class_counted[: len(CLASSES)]).sum(axis=1) / weights.sum(axis=1)
    return np.append(seen, class_counted[-1])


def doubted_hour(p: Parameters, hour: Hour, dice: np.random.Generator) -> Hour:
    """The hour with the camera of a possible world: nobody who has not asked knows whom it misses.

    The share it counts is uniform by kind of road user, from the vendor's claim down by ``doubted_misses``.
    """
    class_counted = p.claimed_accuracy - p.doubted_misses * dice.random(len(hour.class_counted))
    counted = counted_by_flow(p, hour.vehicle_shares, class_counted)
    return replace(hour, class_counted=class_counted, counted=counted)


@dataclass(frozen=True)
class Evidence:
    """What can be known of an hour: the tool's ``forecast`` by (flow, quarter), PCU/h and pedestrians/h, and what
    wardens ``count`` by flow in the quarter of an hour before, in vehicles and pedestrians."""

    forecast: Floats
    count: Floats

    @property
    def hourly_forecast(self) -> Floats:
        """The tool's forecast by flow, averaged over the hour."""
        return np.asarray(self.forecast.mean(axis=1), dtype=np.float64)


def mean_pcu(p: Parameters, hour: Hour) -> Floats:
    """PCU per vehicle by approach; 1 for pedestrians."""
    return np.append((hour.vehicle_shares * p.pcu).sum(axis=1), 1.0)


def usual_count(p: Parameters, hour: Hour) -> Floats:
    """Vehicles and pedestrians that usually pass in a quarter of an hour, by flow."""
    return np.asarray(hour.usual / mean_pcu(p, hour) / QUARTERS, dtype=np.float64)


def level_sds(p: Parameters) -> Floats:
    """Standard deviation of the logarithm of a flow's level on the day, by flow."""
    return np.append(np.full(PEDESTRIANS, p.level_sd), p.pedestrian_level_sd)


def draw_levels(p: Parameters, seed: int, round_number: int) -> Floats:
    """Hidden truth by (flow, 1 + quarter): logarithm of the day's level, then of each quarter's departure from it."""
    level = level_sds(p) * stream(seed, "levels", round_number).standard_normal(len(FLOWS))
    quarters = p.quarter_sd * stream(seed, "quarters", round_number).standard_normal((len(FLOWS), QUARTERS))
    return np.column_stack([level, quarters])


def rates_of(hour: Hour, levels: Floats) -> Floats:
    """True rates by (..., flow, quarter), PCU/h and pedestrians/h."""
    return np.asarray(hour.usual[:, None] * np.exp(levels[..., :1] + levels[..., 1:]), dtype=np.float64)


def gather(p: Parameters, hour: Hour, levels: Floats, seed: int) -> Evidence:
    """The tool's forecast, with its errors, and the wardens' counts (normal approximation of Poisson counts)."""
    camera, counts = stream(seed, "camera", hour.round), stream(seed, "manual_count", hour.round)
    bias = hour.bias_sd[:, None] * camera.standard_normal((len(FLOWS), 1))
    noise = hour.noise_sd * camera.standard_normal((len(FLOWS), QUARTERS))
    forecast = rates_of(hour, levels) * hour.counted[:, None] * np.exp(bias + noise)
    return Evidence(forecast, counted_by_wardens(p, hour, levels, counts))


def counted_by_wardens(p: Parameters, hour: Hour, levels: Floats, dice: np.random.Generator) -> Floats:
    """Vehicles and pedestrians wardens count by flow in the quarter of an hour before, at least one."""
    usual = usual_count(p, hour)
    seen = usual * np.exp(levels[:, 0] + dice.standard_normal(len(FLOWS)) / np.sqrt(usual))
    return np.asarray(np.maximum(1.0, np.round(seen)), dtype=np.float64)


def posterior(p: Parameters, hour: Hour, evidence: Evidence, *, counted: bool = True) -> tuple[Floats, Floats]:
    """Mean and covariance of each flow's levels given forecast and, if ``counted``, count: (flow, 5), (flow, 5, 5).

    Logarithms are normal: a count sees the level, a forecast the level, its quarter and the camera's bias, whose
    usual size in this light is known. Source: conditioning of a normal vector, e.g. Bishop (2006), section 2.3.
    """
    usual = usual_count(p, hour)
    observed = np.column_stack(
        [
            np.log(evidence.count / usual),
            np.log(evidence.forecast / (hour.usual * hour.counted)[:, None]),
        ]
    )
    sees = np.zeros((1 + QUARTERS, 2 + QUARTERS))  # rows: count, forecasts; columns: level, quarters, bias
    sees[:, 0] = 1.0
    sees[1:, 1:-1] = np.eye(QUARTERS)
    sees[1:, -1] = 1.0
    used = slice(0 if counted else 1, None)
    observed, sees = observed[:, used], sees[used]
    means, covariances = [], []
    for flow, level_sd in enumerate(level_sds(p)):
        prior = np.diag([level_sd**2, *[p.quarter_sd**2] * QUARTERS, hour.bias_sd[flow] ** 2])
        noise = np.diag([1 / usual[flow], *[hour.noise_sd**2] * QUARTERS][used])
        gain = np.linalg.solve(sees @ prior @ sees.T + noise, sees @ prior).T
        means.append((gain @ observed[flow])[:-1])
        covariances.append((prior - gain @ sees @ prior)[:-1, :-1])
    return np.array(means), np.array(covariances)


def draw_posterior(
    p: Parameters, hour: Hour, evidence: Evidence, worlds: int, dice: np.random.Generator, *, counted: bool = True
) -> Floats:
    """Levels of possible worlds that agree with the evidence: (world, flow, 1 + quarter).

    Worlds come in opposite pairs (antithetic variates, Hammersley & Morton 1956).
    """
    mean, covariance = posterior(p, hour, evidence, counted=counted)
    root = np.linalg.cholesky(covariance)
    half = dice.standard_normal(((worlds + 1) // 2, *mean.shape))
    draws = np.concatenate([half, -half])[:worlds]
    return np.asarray(mean + np.einsum("fij,wfj->wfi", root, draws), dtype=np.float64)
