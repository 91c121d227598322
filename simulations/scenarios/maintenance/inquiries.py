"""What each inquiry brings back. Draws come from streams of their own: asking never shifts the dice."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from simulations.engine import Bools, Floats, Ints, stream
from simulations.estimates import lowest_first
from simulations.inquiries import DECOYS, plain
from simulations.scenarios.maintenance import tool
from simulations.scenarios.maintenance.office import State
from simulations.scenarios.maintenance.policies import break_even
from simulations.scenarios.maintenance.reliability import optimal_age, replacement_rate, run_to_failure_rate
from simulations.scenarios.maintenance.report import EVEN, recently_seen
from simulations.scenarios.maintenance.world import BAD, GRADES, RURAL, UNSEEN, URBAN, Network, Parameters

REREAD = 12


@dataclass(frozen=True)
class View:
    """Where the inquiry is made."""

    p: Parameters
    seed: int
    network: Network
    state: State

    @property
    def grade(self) -> Ints:
        """True grades."""
        return self.p.grade_of[self.state.hidden.condition]

    @property
    def flagged(self) -> Bools:
        """Bridges that the tool rates in grade 4 or 5."""
        return np.asarray(tool.bad_chance(self.p, self.state.records.rating) >= EVEN, dtype=np.bool_)

    def die(self, name: str, size: int | None = None) -> Floats:
        """Uniform dice of an inquiry, one a bridge unless a size is given."""
        return stream(self.seed, f"inquiry:{name}", self.state.round).random(size or len(self.network))

    def sample(self, name: str, rows: Ints, size: int) -> Ints:
        """A simple random sample without replacement of at most ``size`` of the rows."""
        return lowest_first(self.die(f"{name}:sample"), rows, size)

    def told(self, name: str, truth: Bools) -> Bools:
        """What a witness says who is right with ``witness_accuracy``."""
        return np.asarray(truth ^ (self.die(name) >= self.p.witness_accuracy), dtype=np.bool_)


def _count(bridges: Bools) -> float:
    return float(np.count_nonzero(bridges))


def ai_card(view: View) -> Mapping[str, float]:
    """The vendor's claim, whom it was tested on, and how many first sensors are of a recalled batch."""
    records = view.state.records
    first = records.has_sensor & (records.sensor_since < 1)
    return {
        "claimed": 100 * view.p.claimed_accuracy,
        "n": _count(records.has_sensor),
        "rural": _count(records.has_sensor & view.network.rural),
        "recalled": _count(first & view.state.hidden.drifting),
    }


def error_by_group(view: View, size: int) -> Mapping[str, float]:
    """Engineers look at bridges drawn by lot, half urban and half rural, and compare them with the tool's verdict."""
    bad, values = view.grade >= BAD, {}
    for name, region in (("urban", URBAN), ("rural", RURAL)):
        rows = view.sample(f"error:{name}", np.flatnonzero(view.network.region == region), size // 2)
        values[f"n_{name}"] = float(len(rows))
        values[f"bad_{name}"] = _count(bad[rows])
        values[f"missed_{name}"] = _count(bad[rows] & ~view.flagged[rows])
        values[f"false_{name}"] = _count(~bad[rows] & view.flagged[rows])
    return values


def drift_check(view: View) -> Mapping[str, float]:
    """Zeros of all sensors, read at night without load: how many have moved, and by how much a drift would."""
    records, p = view.state.records, view.p
    old = records.has_sensor & (records.sensor_since < 1)
    moved = view.told("drift", view.state.hidden.drifting) & old
    return {
        "n": _count(records.has_sensor),
        "moved": _count(moved),
        "moved_high": _count(moved & view.flagged),
        "flagged": _count(records.has_sensor & view.flagged),
        "shift": p.drift * (view.state.round - 1 + p.sensor_age),
    }


def why_this_case(view: View) -> Mapping[str, float]:
    """The tool's first bridge: its smoothed reading taken apart, with the zero of its sensor measured on the spot."""
    records, p = view.state.records, view.p
    first = int(np.argmax(np.round(records.rating, 9)))
    since = int(records.sensor_since[first])
    drifting = bool(view.state.hidden.drifting[first]) and since > UNSEEN
    zero = p.drift * (view.state.round - since) if drifting else 0.0
    noise = float(stream(view.seed, "inquiry:why", view.state.round).standard_normal())
    return {
        "rating": float(records.rating[first]),
        "reading": float(records.reading[first]),
        "zero": round(zero + 0.1 * noise, 2),
        "inspected": float(records.seen_grade[first]),
        "ago": float(view.state.round - records.seen_round[first]),
    }


def history(view: View) -> Mapping[str, float]:
    """Steps to a worse grade in the archive, on rural roads and in towns: how fast the two age."""
    p, network = view.p, view.network
    expected = p.archive_steps * p.past_half_years
    dice = stream(view.seed, "inquiry:history")  # the archive says the same whenever it is opened
    urban = dice.poisson(expected * p.urban_bridges)
    rural = dice.poisson(expected * p.rural_bridges * float(p.wear[view.state.hidden.wear]))
    return {
        "urban": float(urban),
        "rural": float(rural),
        "n_urban": _count(~network.rural),
        "n_rural": _count(network.rural),
    }


def field_officer(view: View) -> Mapping[str, float]:
    """A road overseer's word: which rural bridges shake under a lorry, and how many of these the tool calls safe."""
    shaking = view.told("field_officer", view.grade == GRADES) & view.network.rural
    return {"n": _count(view.network.rural), "shaking": _count(shaking), "safe": _count(shaking & ~view.flagged)}


def law(view: View) -> Mapping[str, float]:
    """The manual: when a limit pays and when replacement does; and safety notices that await an answer."""
    p, network = view.p, view.network
    cost = {"planned": p.repair_cost, "failure": float(network.failure_loss(p).mean())}
    age = optimal_age(p.life_shape, p.life_scale, **cost)
    notices = (view.grade >= BAD) & (view.die("law") < p.notice_share)
    return {
        "limit": round(100 * break_even(p, network), 1),
        "age": round(age, 2),
        "planned_rate": round(replacement_rate(age, p.life_shape, p.life_scale, **cost), 2),
        "failure_rate": round(run_to_failure_rate(p.life_shape, p.life_scale, failure=cost["failure"]), 2),
        "notices_urban": _count(notices & ~network.rural),
        "notices_rural": _count(notices & network.rural),
    }


def inspection_record(view: View) -> Mapping[str, float]:
    """Old inspection notes read again beside photographs of today: how many grades on file are too good by now."""
    records, network = view.state.records, view.network
    values = {}
    for name, region in (("urban", URBAN), ("rural", RURAL)):
        own = network.region == region
        rows = lowest_first(records.seen_round.astype(np.float64), np.flatnonzero(own), REREAD)
        worse = view.told(f"record:{name}", view.grade > records.seen_grade)
        values[f"n_{name}"] = float(len(rows))
        values[f"worse_{name}"] = _count(worse[rows])
        values[f"old_{name}"] = _count(own & ~recently_seen(records, view.state.round - 1))
    return values


def missing_map(view: View) -> Mapping[str, float]:
    """Bridges without a sensor: what the tool puts in for them, and what drivers' photographs show of them."""
    records, network, p = view.state.records, view.network, view.p
    blind = ~records.has_sensor
    damaged = view.told("missing", view.grade >= BAD) & blind
    return {
        "urban": _count(blind & ~network.rural),
        "rural": _count(blind & network.rural),
        "fill": p.tool_fill,
        "damaged": _count(damaged),
        "damaged_safe": _count(damaged & ~view.flagged),
    }


Answer = Callable[[View, int], Mapping[str, float]]


ASK: Mapping[str, Answer] = {
    "ai_card": plain(ai_card),
    "error_by_group": error_by_group,
    "drift_check": plain(drift_check),
    "why_this_case": plain(why_this_case),
    "history": plain(history),
    "field_officer": plain(field_officer),
    "law": plain(law),
    "inspection_record": plain(inspection_record),
    "missing_map": plain(missing_map),
    **DECOYS,
}
