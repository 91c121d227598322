"""Luck-free comparison of decisions: hidden truth resampled given what the office knows, then rolled out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from simulations.engine import Floats, Ints, stream
from simulations.scenarios.grievance import policies
from simulations.scenarios.grievance.office import (
    CLOSED,
    FUTURE,
    HOUR_FIELDS,
    OPEN,
    SILENT,
    State,
    hand_over,
    opening,
    plan,
    play_week,
)
from simulations.scenarios.grievance.world import (
    ATTEMPTS,
    Complaints,
    Parameters,
    draw_run,
    draw_work,
    flooded_districts,
    joined,
)
from simulations.types import Value

_SHIFTS = ((0, 2), (2, 0), (4, 3), (3, 1))
_SHARE_STEP = {"call_back_share": 0.1, "reading_share": 0.2}


def candidates(p: Parameters, centre: Mapping[str, Value]) -> tuple[Mapping[str, Value], ...]:
    """A decision and its eight neighbours: four moves of staff hours, two each of call-back and reading."""
    found = [dict(centre)]
    for giver, taker in _SHIFTS:
        moved = dict(centre)
        step = min(p.neighbour_hours, int(moved[HOUR_FIELDS[giver]]), 200 - int(moved[HOUR_FIELDS[taker]]))
        moved[HOUR_FIELDS[giver]] = int(moved[HOUR_FIELDS[giver]]) - step
        moved[HOUR_FIELDS[taker]] = int(moved[HOUR_FIELDS[taker]]) + step
        found.append(moved)
    for key, step_share in _SHARE_STEP.items():
        for sign in (-1, 1):
            share = round(float(centre[key]) + sign * step_share, 2)
            found.append({**centre, key: min(1.0, max(0.0, share))})
    return tuple(found)


def _severity_given_evidence(p: Parameters, table: Complaints, die: Floats) -> Floats:
    """Posterior draw of severity from class shares and the tool's evidence (normal, unit variance)."""
    means = p.evidence_means[table.language, table.woman.astype(np.intp)]
    likelihood = np.exp(-0.5 * (table.evidence[:, None] - means) ** 2)
    weight = p.severity_shares[table.category] * likelihood
    bounds = np.cumsum(weight / weight.sum(axis=1, keepdims=True), axis=1)
    return np.asarray(p.severity_levels[(die[:, None] >= bounds[:, :-1]).sum(axis=1)], dtype=np.float64)


def _redrawn(p: Parameters, table: Complaints, state: State, seed: int) -> Complaints:
    """The registered complaints with everything unknown drawn anew: severity, work, repeats, all dice."""
    dice = stream(seed, "posterior", state.round)
    n = len(table)
    severity = np.where(state.read, table.severity, _severity_given_evidence(p, table, dice.random(n)))
    fresh = state.seen_round == state.round
    untouched = (state.attempts == 0) & (state.work_left == table.work)
    missed = p.duplicate_share * (1 - p.duplicate_recall)
    share = np.where(state.through_finder, missed / (missed + 1 - p.duplicate_share), p.duplicate_share)
    repeat = np.where(state.attempts == 0, dice.random(n) < share, table.duplicate)
    closing = dice.random((n, 3, ATTEMPTS))
    return replace(
        table,
        severity=severity,
        work=np.where(untouched, draw_work(p, table.category, dice), table.work),
        duplicate=repeat,
        same_village=np.where(fresh, ~repeat & (dice.random(n) < p.same_village_share), table.same_village),
        find_die=dice.random(n),
        check_die=dice.random(n),
        paper_die=closing[:, 0],
        fail_die=closing[:, 1],
        call_die=closing[:, 2],
    )


def _rows(state: State, rows: Ints) -> dict[str, object]:
    names = (
        "status",
        "severity",
        "work_left",
        "deadline",
        "seen_round",
        "attempts",
        "read",
        "solved",
        "noticed",
        "ever_closed",
        "through_finder",
    )
    return {name: getattr(state, name)[rows] for name in names}


@dataclass(frozen=True)
class World:
    """One possible truth behind a position."""

    seed: int
    flooded: tuple[int, ...]
    table: Complaints
    state: State
    p: Parameters


def worlds(
    p: Parameters,
    rounds: int,
    known: World,
    closures_held: tuple[float, float],
    replicates: int,
    seed: int,
    *,
    doubted: bool = False,
) -> tuple[World, ...]:
    """Possible worlds that look, to the office, exactly like this one.

    closures_held: last week's calls to citizens that confirmed and that denied a solution; by them the share of
    closed complaints that are really solved is drawn (Beta posterior of a uniform prior).  doubted: the worlds differ
    in how good the tool is (``doubted_tool``); otherwise it is in all as good as here.
    """
    registered = np.flatnonzero((known.state.status == OPEN) | (known.state.status == CLOSED))
    seen = known.table.take(registered)
    state = replace(known.state, **_rows(known.state, registered))  # type: ignore[arg-type]
    found = []
    for run in range(replicates):
        base = int(stream(seed, "replicate", run).integers(0, 2**62, dtype=np.int64))
        tool = doubted_tool(p, base, known.state.round) if doubted else p
        found.append(_world(rounds, World(base, known.flooded, seen, state, tool), closures_held))
    return tuple(found)


def doubted_tool(p: Parameters, base: int, round_number: int) -> Parameters:
    """The urgency tool as a possible world has it: nobody who has not asked knows how good it is.

    Recall by language and the loss on women's accounts are uniform, from the vendor's claim and no loss down by
    ``doubted_recall`` and up to ``doubted_women_loss``. Files on the desk do not narrow this: no situation sets what
    the tool said beside what a complaint turned out to be; that is what the audit of errors does.
    """
    die = stream(base, "doubt", round_number).random(len(p.urgent_recall) + 1)
    recall = p.claimed_recall - p.doubted_recall * die[:-1]
    return replace(p, urgent_recall=recall, women_recall_loss=p.doubted_women_loss * float(die[-1]))


def _world(rounds: int, known: World, closures_held: tuple[float, float]) -> World:
    """The registered complaints redrawn, and those nobody has seen yet as this world's seed has them."""
    p, number = known.p, known.state.round
    flooded = known.flooded if number >= p.flood_week else flooded_districts(p, known.seed)
    future = draw_run(p, known.seed, rounds, 0, flooded)
    unheard = future.silent & (number < p.flood_week + p.outage_weeks)
    future = future.take((future.seen_round > number) | unheard)
    redrawn = _redrawn(p, known.table, known.state, known.seed)
    parts = (_known_part(known, redrawn, closures_held), _future_part(p, future, number))
    merged = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    return World(known.seed, flooded, joined([redrawn, future]), replace(known.state, **merged), p)  # type: ignore[arg-type]


def _known_part(known: World, redrawn: Complaints, closures_held: tuple[float, float]) -> dict[str, object]:
    state, seen = known.state, known.table
    rows = _rows(state, np.arange(len(seen), dtype=np.intp))
    untouched = (state.attempts == 0) & (state.work_left == seen.work)
    escalated = state.severity != seen.severity
    dice = stream(known.seed, "closures", state.round)
    share = dice.beta(1 + closures_held[0], 1 + closures_held[1])
    rows["severity"] = np.where(escalated, state.severity, redrawn.severity)
    rows["work_left"] = np.where(untouched, redrawn.work, state.work_left)
    rows["solved"] = (state.status == CLOSED) & (dice.random(len(seen)) < share)
    return rows


def _future_part(p: Parameters, future: Complaints, round_number: int) -> dict[str, object]:
    rows = _rows(opening(p, future, 1), np.arange(len(future), dtype=np.intp))
    rows["status"] = np.where(future.seen_round <= round_number, SILENT, FUTURE).astype(np.intp)
    return rows


def _side_by_side(p: Parameters, possible: Sequence[World]) -> tuple[Complaints, State]:
    """Worlds of one round as the runs of one table, losses at zero; what is closed is left out."""
    tables, parts = [], []
    for run, world in enumerate(possible):
        rows = np.flatnonzero(world.state.status != CLOSED)
        table = world.table.take(rows)
        tables.append(replace(table, run=np.full(len(rows), run, dtype=np.intp)))
        parts.append(_rows(world.state, rows))
    merged = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    start = opening(p, joined(tables), len(possible))
    return joined(tables), replace(start, round=possible[0].state.round, **merged)  # type: ignore[arg-type]


def losses_to_go(
    p: Parameters, rounds: int, possible: Sequence[World], decisions: Sequence[Mapping[str, Value]]
) -> Floats:
    """Loss-to-go of each decision now, followed by the best policy, (decision, world), on common random numbers."""
    table, start = _side_by_side(p, possible)
    losses = []
    for decision in decisions:
        reached, _ = play_week(p, table, start, plan(p, [decision] * len(possible)))
        while reached.round <= rounds:
            desk = policies.read_desk(p, table, reached, rounds, possible[0].flooded)
            reached, _ = play_week(p, table, reached, plan(p, policies.best(p, desk)))
        losses.append(hand_over(p, table, reached).loss.sum(axis=1))
    return np.array(losses, dtype=np.float64)
