"""One week in the office: who comes, what the hall and the papers make of them, and what it costs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace

import numpy as np

from simulations.engine import Bools, Floats, Ints
from simulations.scenarios.licensing import belief, papers
from simulations.scenarios.licensing.hall import Hall, play_hall
from simulations.scenarios.licensing.papers import Files, FirstLook, Outcome
from simulations.scenarios.licensing.world import (
    ASSISTED,
    BLOCKS,
    DAYS,
    GROUPS,
    OTHERS,
    SLICE_MINUTES,
    SLICES_IN_BLOCK,
    TWO_SPELLINGS,
    Parameters,
    Truth,
    Week,
    by_lane,
    count,
)
from simulations.types import Value

PARTS = ("waiting", "forged", "refusals", "bribes", "outlays")
COUNTERS = tuple(f"counters_{block}" for block in BLOCKS)


@dataclass(frozen=True)
class Plan:
    """Decisions of one week, one entry a lane."""

    counters: Floats  # (lane, block)
    door: Floats
    appointments: Floats
    priority: Bools
    reminder: Bools
    mode: Ints
    threshold: Floats
    audit: Floats
    publish: Bools
    slots: Floats

    def __len__(self) -> int:
        return len(self.door)

    def rows(self, which: Ints) -> "Plan":
        """Some of the lanes, in this order."""
        return Plan(*(getattr(self, field.name)[which] for field in fields(Plan)))


def plans(forms: Sequence[Mapping[str, Value]]) -> Plan:
    """Forms as a plan with one lane each."""

    def numbers(key: str) -> Floats:
        return np.array([float(form[key]) for form in forms])

    def is_on(key: str, word: str) -> Bools:
        return np.array([form[key] == word for form in forms])

    return Plan(
        counters=np.column_stack([numbers(key) for key in COUNTERS]),
        door=numbers("door_officers"),
        appointments=numbers("appointments"),
        priority=is_on("priority", "on"),
        reminder=is_on("reminder", "on"),
        mode=np.array([papers.MODES.index(str(form["ai_mode"])) for form in forms], dtype=np.intp),
        threshold=numbers("ai_threshold"),
        audit=numbers("audit_share"),
        publish=is_on("publish", "yes"),
        slots=numbers("slots"),
    )


@dataclass(frozen=True)
class State:
    """Everything that changes in a run, one entry a lane; ``round`` is the week about to be played."""

    round: int
    pool: Floats  # people who must come again, or have not come yet
    days: Floats  # working days to a licence, as applicants know them
    decided: Floats  # honest files decided so far, by (lane, group)
    wrong: Floats  # of these refused wrongly, by (lane, group)
    loss: Floats  # by (lane, part), PKR
    seen: belief.Evidence


def opening(p: Parameters) -> State:
    """The office on the first morning; one lane."""
    return State(
        round=1,
        pool=np.array([p.opening_pool]),
        days=np.array([DAYS * p.opening_pool / (DAYS * p.applicants_per_day)]),
        decided=np.zeros((1, len(GROUPS))),
        wrong=np.zeros((1, len(GROUPS))),
        loss=np.zeros((1, len(PARTS))),
        seen=belief.no_evidence(p),
    )


def joined(parts: Sequence[object]) -> object:
    """Dataclasses of lanes put side by side: arrays and nested dataclasses are joined, whole numbers kept."""
    first = parts[0]
    if isinstance(first, int):
        return first
    if isinstance(first, np.ndarray):
        return np.concatenate(parts)  # type: ignore[arg-type]
    names = [field.name for field in fields(first)]  # type: ignore[arg-type]
    return type(first)(*(joined([getattr(part, name) for part in parts]) for name in names))


def repeated(lanes: object, times: int) -> object:
    """The same lanes ``times`` over, one copy after the other."""
    return joined([lanes] * times)


@dataclass(frozen=True)
class Crowd:
    """Who is expected in a week, by lane."""

    visits: Floats
    rates: Floats  # arrivals by (lane, slice, class)
    no_shows: Floats
    agents: Floats  # share of files brought by agents
    incomplete: Floats  # share of visits with an incomplete form
    minutes: Floats  # mean minutes a visit takes at the counter


def agent_share(p: Parameters, days: Floats, plan: Plan) -> Floats:
    """Share of applicants who pay an agent, 0 to 1: delay feeds it, slots carry it, published times shrink it."""
    wish = np.minimum(p.agent_most, p.agent_slope * np.maximum(0.0, days - p.agent_days))
    reach = p.agent_without_slots + p.agent_per_slot * plan.slots
    return np.asarray(wish * reach * np.where(plan.publish, p.agent_published, 1.0), dtype=np.float64)


def walk_in_profile(p: Parameters, peak: Floats, published: Bools) -> Floats:
    """Share of walk-ins by (lane, block). peak: share between ten and twelve; published times spread people out."""
    rest = (1 - peak - p.afternoon_share) / 2
    plain = np.column_stack([rest, peak, rest, np.full_like(peak, p.afternoon_share)])
    spread = np.where(published, p.spread_published, 0.0)[:, None]
    return np.asarray((1 - spread) * plain + spread / len(BLOCKS), dtype=np.float64)


def visits_expected(p: Parameters, state: State) -> Floats:
    """Visits of the week: new applicants, more of them under the amnesty, and those who come again."""
    factor = p.amnesty_factor if state.round in p.amnesty_weeks else 1.0
    return np.asarray(DAYS * p.applicants_per_day * factor + p.return_share * state.pool, dtype=np.float64)


def block_rates(p: Parameters, plan: Plan, visits: Floats, peak: Floats) -> Floats:
    """Expected arrivals a day by (lane, block, class). The assisted hold no appointments; others may."""
    walk_ins = walk_in_profile(p, peak, plan.publish)
    booked = plan.counters / plan.counters.sum(axis=1, keepdims=True)
    others = visits * (1 - p.assisted_share) / DAYS
    shown = others * plan.appointments * (1 - p.no_show_share)
    rates = np.empty((len(visits), len(BLOCKS), 2))
    rates[..., ASSISTED] = (visits * p.assisted_share / DAYS)[:, None] * walk_ins
    rates[..., OTHERS] = (others * (1 - plan.appointments))[:, None] * walk_ins + shown[:, None] * booked
    return rates


def expected_crowd(p: Parameters, state: State, plan: Plan, peak: Floats) -> Crowd:
    """Who comes, given the hidden share of the morning peak."""
    visits = visits_expected(p, state)
    by_block = block_rates(p, plan, visits, peak)
    no_shows = visits * (1 - p.assisted_share) * plan.appointments * p.no_show_share
    agents = agent_share(p, state.days, plan)
    form = np.where(plan.reminder, p.incomplete_share_reminded, p.incomplete_share)
    booked = (visits * (1 - p.assisted_share) * plan.appointments - no_shows) / (visits - no_shows)
    incomplete = (1 - agents) * form * (1 - booked * (1 - p.incomplete_appointment))
    minutes = (1 - incomplete) * p.check_minutes[plan.mode] + incomplete * p.incomplete_minutes
    rates = np.repeat(by_block / SLICES_IN_BLOCK, SLICES_IN_BLOCK, axis=1)
    return Crowd(visits, rates, no_shows, agents, incomplete, np.maximum(minutes, SLICE_MINUTES))


@dataclass(frozen=True)
class Result:
    """What one week brought."""

    crowd: Crowd
    hall: Hall
    files: Files
    fate: Outcome
    decided: Floats
    incomplete: Floats  # visits sent away for an incomplete form
    flagged: Floats  # honest files flagged by the tool, by (lane, group)
    wrong: Floats  # honest applicants refused for good, by (lane, group)
    forged: Floats  # confirmed at the door, found by audit, never found; by (lane, three)
    bribes: Floats
    hours: Floats  # waiting by (lane, class), hours


def waiting_hours(p: Parameters, hall: Hall, slots: Floats) -> Floats:
    """Hours waited by (lane, class); a discretionary slot takes one assisted person out of the queue."""
    hours = hall.waiting.sum(axis=(1, 2)) * SLICE_MINUTES / 60
    assisted = np.maximum(hall.arrived[..., ASSISTED].sum(axis=(1, 2)), 1.0)
    hours[:, ASSISTED] *= 1 - p.slot_relief * np.minimum(1.0, DAYS * slots / assisted)
    return np.asarray(hours, dtype=np.float64)


def tool_flags(p: Parameters, plan: Plan, truth: Truth, files: Files, dice: Floats) -> Floats:
    """Honest files the tool flags, by (lane, group); none while it is ignored."""
    chance = papers.genuine_flags(p, truth.name_rejects, plan.threshold)
    flagged = np.minimum(count(files.genuine * chance, by_lane(dice, len(plan))), files.genuine)
    return np.where(plan.mode[:, None] == papers.IGNORE, 0.0, flagged)


def look_at(p: Parameters, plan: Plan, files: Files, flagged: Floats) -> FirstLook:
    """First look at files of which so many were flagged."""
    share = flagged / np.maximum(files.genuine, 1e-9)
    return papers.first_look(p, plan.mode, share, papers.forged_flags(p, plan.threshold))


def forged_means(p: Parameters, files: Files, fate: Outcome, audit: Floats) -> Floats:
    """Expected forgeries confirmed at the door, found by audit, never found; by (lane, three)."""
    issued = (files.forged * fate.issued_chance).sum(axis=1)
    found = issued * audit * p.audit_detects
    return np.column_stack([(files.forged * fate.confirmed_chance).sum(axis=1), found, issued - found])


def work(p: Parameters, state: State, plan: Plan, truth: Truth, dice: Week) -> Result:
    """Play the hall and the papers of one week. Dice of fewer days than a week stand for all days."""
    crowd = expected_crowd(p, state, plan, truth.peak)
    open_counters = np.repeat(plan.counters, SLICES_IN_BLOCK, axis=1)
    hall = play_hall(crowd.rates, open_counters, crowd.minutes, plan.priority, p.patience_minutes, dice)
    served = (hall.arrived.sum(axis=2) - hall.abandoned - hall.sent_home).sum(axis=(1, 2))
    served = served * DAYS / hall.arrived.shape[1]
    incomplete = served * crowd.incomplete
    decided, new = served - incomplete, papers.new_share_now(p, truth, state.round)
    files = papers.decided_files(p, decided, crowd.agents, truth.forgery, new)
    flagged = tool_flags(p, plan, truth, files, dice.flags)
    fate = papers.outcome(p, look_at(p, plan, files, flagged), files, plan.door)
    return Result(
        crowd=crowd,
        hall=hall,
        files=files,
        fate=fate,
        decided=decided,
        incomplete=incomplete,
        flagged=flagged,
        wrong=np.minimum(count(fate.wrong, by_lane(dice.wrong, len(plan))), files.genuine),
        forged=count(forged_means(p, files, fate, plan.audit), by_lane(dice.forged, len(plan))),
        bribes=np.asarray(crowd.agents * decided, dtype=np.float64),
        hours=waiting_hours(p, hall, plan.slots) * (DAYS / hall.arrived.shape[1]),
    )


def left_again(hall: Hall) -> Floats:
    """People a week who gave up or were sent home, by lane."""
    return np.asarray((hall.abandoned + hall.sent_home).sum(axis=(1, 2)) * DAYS / hall.arrived.shape[1])


def pool_after(p: Parameters, state: State, result: Result) -> Floats:
    """Who must come again next week or later."""
    stayed = state.pool * (1 - p.return_share)
    return np.asarray(stayed + result.crowd.no_shows + left_again(result.hall) + result.incomplete)


def costs(p: Parameters, plan: Plan, result: Result, pool: Floats) -> Floats:
    """Loss of the week by (lane, part), PKR."""
    weights = np.where(np.arange(2) == ASSISTED, p.assisted_weight, 1.0)
    wasted = left_again(result.hall) + result.incomplete
    hours = (result.hours * weights).sum(axis=1) + p.visit_hours * wasted + p.door_hours * result.fate.seen
    booked = result.crowd.visits * (1 - p.assisted_share) * plan.appointments
    audited = plan.audit * np.maximum(result.decided - result.fate.asked, 0.0)
    outlays = np.where(plan.reminder, p.reminder_cost * result.crowd.visits, 0.0) + p.audit_cost * audited
    return np.column_stack(
        [
            p.hour_value * hours + p.pending_day_value * (DAYS * pool + p.appointment_days * booked),
            p.forged_value * result.forged[:, 2],
            p.refusal_value * result.wrong.sum(axis=1),
            p.bribe_value * result.bribes,
            outlays + np.where(plan.publish, p.publish_cost, 0.0),
        ]
    )


def play_week(p: Parameters, state: State, plan: Plan, truth: Truth, dice: Week) -> tuple[State, Result]:
    """Play one week in every lane."""
    result = work(p, state, plan, truth, dice)
    pool = pool_after(p, state, result)
    after = replace(
        state,
        round=state.round + 1,
        pool=pool,
        days=DAYS * pool / np.maximum(result.decided, 1.0) + p.appointment_days * plan.appointments,
        decided=state.decided + result.files.genuine,
        wrong=state.wrong + result.wrong,
        loss=state.loss + costs(p, plan, result, pool),
        seen=belief.updated(p, state.seen, _sightings(p, state, plan, result)),
    )
    return after, result


def _sightings(p: Parameters, state: State, plan: Plan, result: Result) -> belief.Sightings:
    """What the week let the office see of the hidden truth, with the expected counts under each value of it."""
    arrived = result.hall.arrived.sum(axis=(1, 3)).reshape(len(plan), len(BLOCKS), SLICES_IN_BLOCK).sum(axis=2)
    visits, honest = result.crowd.visits, result.decided * p.group_shares[TWO_SPELLINGS] / p.group_shares.sum()
    early, late = (DAYS * block_rates(p, plan, visits, np.full(len(plan), peak)).sum(axis=2) for peak in (0.0, 1.0))
    peaks = p.peak_values[None, :, None]  # expected arrivals are linear in the peak
    by_name = papers.flag_chance(p.name_rejects_values[None], plan.threshold[:, None], p.reference_threshold)
    fate, audit = result.fate, (plan.audit * p.audit_detects)[:, None]
    scale = (result.decided * papers.forged_rate(p, result.crowd.agents))[:, None]
    return belief.Sightings(
        arrived=arrived,
        arrived_expected=(1 - peaks) * early[:, None] + peaks * late[:, None],
        flagged=result.flagged[:, TWO_SPELLINGS],
        flagged_expected=honest[:, None] * by_name,
        tool_used=plan.mode != papers.IGNORE,
        confirmed=result.forged[:, 0],
        confirmed_by_template=scale * fate.confirmed_chance,
        found=result.forged[:, 1],
        found_by_template=scale * audit * fate.issued_chance,
        template_spread=papers.template_spread(p, state.round),
    )
