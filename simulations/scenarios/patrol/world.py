"""The hidden truth of a run and the dice of each week, drawn before any decision is known."""

from dataclasses import dataclass

import numpy as np

from simulations.engine import Floats, Ints, stream

BEATS = ("a", "b", "c", "d", "e", "f")
TOTAL_HOURS = 480
STEP_HOURS = 5
MOST_HOURS = 240
MOST_COMMUNITY = 60
MOST_STREETS = 20
# room for the dice of one beat and week; a Poisson count beyond it has a chance below one in a thousand million
_ROOM_INCIDENTS, _ROOM_PETTY, _ROOM_COMPLAINTS = 120, 130, 40


@dataclass(frozen=True)
class Parameters:
    """The numbers of ``scenario.toml``; units and sources stand there."""

    rates: Floats
    preventable: float
    hours_scale: float
    areas: Floats
    find_rate: float
    petty_rate: float
    trust_low: float
    trust_high: float
    trust_levels: int
    trust_least: float
    trust_most: float
    trust_loss: float
    trust_gain: float
    complaint_rate: float
    complaint_base: float
    fair_margin: float
    watched_hours: int
    festival_week: int
    festival_share: float
    record_memory: float
    top_share: float
    claimed_accuracy: float
    history_weeks: int
    streets: int
    best_streets: int
    officer_accuracy: float
    crowd_noise: float
    inspection_noise: float
    asked_residents: int
    complaint_cost: float
    unseen_cost: float
    equity_threshold: float

    @property
    def trust_grid(self) -> Floats:
        """Shares of incidents that people report, each as likely as any other at the start."""
        return np.linspace(self.trust_low, self.trust_high, self.trust_levels)

    @property
    def total_rate(self) -> float:
        """Incidents a week in the whole town if nobody patrolled."""
        return float(self.rates.sum())


@dataclass(frozen=True)
class Truth:
    """What the office does not know, by beat; any leading axes are different worlds.

    ``level`` is the place of a beat's rate in ``Parameters.rates``, ``trust`` the place of its first reporting
    share in ``Parameters.trust_grid``; ``festival`` is the beat to which incidents move, without an axis of beats.
    """

    level: Ints
    trust: Ints
    festival: Ints


def watched_beat(seed: int) -> int:
    """The beat that got nearly half of all hours before the run; everybody knows it."""
    return int(stream(seed, "watched").integers(len(BEATS)))


def draw_truth(p: Parameters, seed: int) -> Truth:
    """Rates in any order, but the watched beat is not the busiest; the festival is in some other beat."""
    watched, dice = watched_beat(seed), stream(seed, "truth")
    level = dice.permutation(len(BEATS)).astype(np.intp)
    while level[watched] == 0:
        level = dice.permutation(len(BEATS)).astype(np.intp)
    trust = dice.integers(p.trust_levels, size=len(BEATS)).astype(np.intp)
    festival = (watched + 1 + int(dice.integers(len(BEATS) - 1))) % len(BEATS)
    return Truth(level, trust, np.array(festival, dtype=np.intp))


def status_quo(p: Parameters, watched: int) -> Ints:
    """Patrol hours by beat before the run: most in the watched beat, the rest in near-equal steps."""
    others = [beat for beat in range(len(BEATS)) if beat != watched]
    hours = np.zeros(len(BEATS), dtype=np.intp)
    hours[watched] = p.watched_hours
    steps = (TOTAL_HOURS - p.watched_hours) // STEP_HOURS
    for place, beat in enumerate(others):
        hours[beat] = STEP_HOURS * (steps // len(others) + (place < steps % len(others)))
    return hours


def rate_table(p: Parameters, week: int) -> Floats:
    """Incidents a week without patrols, by (place of the rate, whether the festival is in the beat)."""
    if week < p.festival_week:
        return np.repeat(p.rates[:, None], 2, axis=1)
    stays = (1 - p.festival_share) * p.rates
    return np.stack([stays, stays + p.festival_share * p.total_rate], axis=1)


def rates(p: Parameters, truth: Truth, week: int) -> Floats:
    """Incidents a week without patrols, by beat."""
    here = (np.arange(len(BEATS)) == truth.festival[..., None]).astype(np.intp)
    return np.asarray(rate_table(p, week)[truth.level, here], dtype=np.float64)


def left_share(p: Parameters, hours: Floats) -> Floats:
    """Share of a beat's incidents that happen in spite of so many patrol hours, (1 - preventable) to 1."""
    return np.asarray(1 - p.preventable * (1 - np.exp(-hours / p.hours_scale)), dtype=np.float64)


def found_share(p: Parameters, hours: Floats) -> Floats:
    """Chance that a patrol finds an offence nobody reported, by beat, 0 to 1."""
    return np.asarray(1 - np.exp(-p.find_rate * hours / p.areas), dtype=np.float64)


def complaint_rates(p: Parameters, hours: Floats, rate: Floats) -> Floats:
    """Complaints of over-policing a week: they begin above ``fair_margin`` times the beat's fair hours.

    Fair hours are the whole force's in proportion to incidents. hours, rate: of the beat, any equal shape.
    """
    fair = TOTAL_HOURS * rate / p.total_rate
    excess = np.maximum(0.0, hours - p.fair_margin * fair)
    return np.asarray(p.complaint_base + p.complaint_rate * excess, dtype=np.float64)


@dataclass(frozen=True)
class Week:
    """The dice of one week by (beat, incident); any leading axes are different worlds."""

    incidents: Ints  # that would happen without patrols, by beat
    prevented_die: Floats
    reported_die: Floats
    found_die: Floats
    petty: Ints  # petty offences that a patrol could find, by beat
    petty_die: Floats
    complaints: Ints  # that would come at the highest possible rate, by beat
    complaint_die: Floats


def draw_week(p: Parameters, truth: Truth, seed: int, week: int) -> Week:
    """Dice of a week; 0 is the week before the run."""
    n = len(BEATS)
    many = stream(seed, "incidents", week).poisson(rates(p, truth, week))
    petty = stream(seed, "petty", week)
    complaints = stream(seed, "complaints", week)
    marks = stream(seed, "marks", week).random((3, n, _ROOM_INCIDENTS))
    return Week(
        incidents=np.minimum(many, _ROOM_INCIDENTS).astype(np.intp),
        prevented_die=marks[0],
        reported_die=marks[1],
        found_die=marks[2],
        petty=np.minimum(petty.poisson(p.petty_rate, n), _ROOM_PETTY).astype(np.intp),
        petty_die=petty.random((n, _ROOM_PETTY)),
        complaints=np.minimum(complaints.poisson(most_complaints(p), n), _ROOM_COMPLAINTS).astype(np.intp),
        complaint_die=complaints.random((n, _ROOM_COMPLAINTS)),
    )


def most_complaints(p: Parameters) -> float:
    """Complaints a week if all hours went to a beat where nothing happens."""
    return p.complaint_base + p.complaint_rate * TOTAL_HOURS


def draw_survey(p: Parameters, truth: Truth, seed: int, week: int) -> Ints:
    """Incidents that families of each of the surveyed streets tell of, by (beat, street)."""
    mean = rates(p, truth, week)[:, None] / p.streets
    return stream(seed, "survey", week).poisson(mean, (len(BEATS), MOST_STREETS)).astype(np.intp)


def draw_history(p: Parameters, truth: Truth, seed: int, watched: int) -> Ints:
    """Reports and found offences of the weeks before the run, by (kind, beat)."""
    hours = status_quo(p, watched).astype(np.float64)
    left, trust = rates(p, truth, 0) * left_share(p, hours), p.trust_grid[truth.trust]
    found = found_share(p, hours) * (left * (1 - trust) + p.petty_rate)
    means = p.history_weeks * np.stack([left * trust, found])
    return stream(seed, "history").poisson(means).astype(np.intp)
