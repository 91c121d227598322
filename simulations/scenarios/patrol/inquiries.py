"""What each inquiry brings back. Draws come from streams of their own: asking never shifts the dice."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from simulations.engine import Floats, Ints, stream
from simulations.inquiries import DECOYS, plain
from simulations.scenarios.patrol.office import State
from simulations.scenarios.patrol.world import BEATS, TOTAL_HOURS, Parameters, Truth, found_share, rate_table, rates

SHARE_INDEX_FLOOR = 1e-3


@dataclass(frozen=True)
class View:
    """Where the inquiry is made. ``survey`` and ``history`` are what those inquiries would find."""

    p: Parameters
    seed: int
    watched: int
    truth: Truth
    state: State
    survey: Ints
    history: Ints

    def dice(self, name: str) -> np.random.Generator:
        """Dice of one inquiry in this week."""
        return stream(self.seed, f"inquiry:{name}", self.state.round)

    @property
    def rate(self) -> Floats:
        """Incidents this week without patrols, by beat."""
        return rates(self.p, self.truth, self.state.round)


def by_beat(name: str, values: Floats | Ints) -> dict[str, float]:
    """One figure a beat, named after the beat."""
    return {f"{name}_{beat}": float(value) for beat, value in zip(BEATS, values, strict=True)}


def ai_card(view: View) -> Mapping[str, float]:
    """The vendor's claim, and how much of the record it was tested on came from patrols themselves."""
    reports, finds = view.history
    return {
        "claimed": 100 * view.p.claimed_accuracy,
        "by_patrol": float(round(100 * int(finds.sum()) / max(1, int(reports.sum() + finds.sum())))),
    }


def error_by_group(view: View, size: int) -> Mapping[str, float]:
    """Victims' incidents looked up in the record, half from the beat with most hours, half from all others.

    An incident is in the record if somebody reported it or a patrol found it.
    """
    hours, trust = view.state.last.hours, view.state.trust
    known = trust + (1 - trust) * found_share(view.p, hours)
    patrolled, half, dice = int(np.argmax(hours)), size // 2, view.dice("error_by_group")
    others = np.where(np.arange(len(BEATS)) == patrolled, 0.0, view.rate)
    chances = (float(known[patrolled]), float((known * others).sum() / others.sum()))
    patrolled_hits, other_hits = (float(dice.binomial(half, chance)) for chance in chances)
    return {"n": float(half), "patrolled": patrolled_hits, "others": other_hits, "district": float(patrolled)}


def drift_check(view: View) -> Mapping[str, float]:
    """Stability index of where people's telephones are against the time before the run, and the beat that gained."""
    before = rate_table(view.p, 0)[view.truth.level, 0]
    noise = np.exp(view.p.crowd_noise * view.dice("drift_check").standard_normal(len(BEATS)))
    then, now = before / before.sum(), view.rate * noise / (view.rate * noise).sum()
    growth = np.log(np.maximum(now, SHARE_INDEX_FLOOR) / np.maximum(then, SHARE_INDEX_FLOOR))
    return {"psi": float(((now - then) * growth).sum()), "district": float(np.argmax(np.round(growth, 9)))}


def why_this_case(view: View) -> Mapping[str, float]:
    """Last week's part of the highest score, split into reports, incidents found by patrols and petty offences."""
    last = view.state.last
    top = int(np.argmax(np.round(view.state.record[0], 9)))
    return {
        "district": float(top),
        "reported": float(last.reported[top]),
        "serious": float(last.serious[top]),
        "petty": float(last.found[top] - last.serious[top]),
        "hours": float(last.hours[top]),
    }


def history(view: View) -> Mapping[str, float]:
    """Reports and finds by beat in the weeks before the run."""
    found = {**by_beat("reported", view.history[0]), **by_beat("found", view.history[1])}
    return {"weeks": float(view.p.history_weeks), **found}


def field_officer(view: View) -> Mapping[str, float]:
    """A station officer names the busiest beat; sometimes it is only a guess."""
    dice = view.dice("field_officer")
    knows, guess = dice.random() < view.p.officer_accuracy, int(dice.integers(len(BEATS)))
    return {"district": float(np.argmax(view.rate)) if knows else float(guess)}


def ask_residents(view: View) -> Mapping[str, float]:
    """Of so many residents of each beat, how many would report an incident."""
    n = view.p.asked_residents
    return {"n": float(n), **by_beat("would", view.dice("ask_residents").binomial(n, view.state.trust))}


def law(view: View) -> Mapping[str, float]:
    """The rule on fair hours, and what the inspection found in the beat with most hours last week."""
    hours = view.state.last.hours
    beat = int(np.argmax(hours))
    ratio = float(hours[beat] / TOTAL_HOURS / (view.rate[beat] / view.rate.sum()))
    noise = float(np.exp(view.p.inspection_noise * view.dice("law").standard_normal()))
    return {"margin": view.p.fair_margin, "limit": view.p.equity_threshold, "district": float(beat),
            "ratio": ratio * noise}  # fmt: skip


def victim_survey(view: View, size: int) -> Mapping[str, float]:
    """What families of ``size`` streets of each beat tell, and the incidents a week without patrols that it means."""
    told = view.survey[:, :size].sum(axis=1)
    return {"streets": float(size), **by_beat("told", told), **by_beat("rate", told * view.p.streets / max(size, 1))}


def deployment_map(view: View) -> Mapping[str, float]:
    """Chance that a patrol sees an offence, in percent, and real incidents found last week, by beat."""
    seen = np.round(100 * found_share(view.p, view.state.last.hours))
    return {**by_beat("seen", seen), **by_beat("serious", view.state.last.serious)}


Answer = Callable[[View, int], Mapping[str, float]]

ASK: Mapping[str, Answer] = {
    "ai_card": plain(ai_card),
    "error_by_group": error_by_group,
    "drift_check": plain(drift_check),
    "why_this_case": plain(why_this_case),
    "history": plain(history),
    "field_officer": plain(field_officer),
    "ask_residents": plain(ask_residents),
    "law": plain(law),
    "victim_survey": victim_survey,
    "deployment_map": plain(deployment_map),
    **DECOYS,
}
