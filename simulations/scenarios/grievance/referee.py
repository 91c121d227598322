"""Luck-free comparison of decisions: hidden truth resampled given what the office knows, then rolled out."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from simulations.engine import Floats, stream
from simulations.scenarios.grievance import policies
from simulations.scenarios.grievance.office import (
    CLOSED,
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
    Ints,
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


def _redrawn(p: Parameters, table: Complaints, state: State, run: int, seed: int) -> Complaints:
    """The waiting complaints with everything unknown drawn anew: severity, work, repeats, all dice."""
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
        run=np.full(n, run, dtype=np.intp),
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


def particles(
    p: Parameters,
    rounds: int,
    table: Complaints,
    state: State,
    flooded: Sequence[int],
    replicates: int,
    seed: int,
) -> tuple[Complaints, State]:
    """Possible worlds that look, to the office, exactly like this one; losses start at zero."""
    waiting = np.flatnonzero(state.status == OPEN)
    seen, known = table.take(waiting), replace(state, **_rows(state, waiting))  # type: ignore[arg-type]
    tables, parts = [], []
    for run in range(replicates):
        base = int(stream(seed, "replicate", run).integers(0, 2**62, dtype=np.int64))
        where = flooded if state.round >= p.flood_week else flooded_districts(p, base)
        future = draw_run(p, base, rounds, run, where)
        unseen = (future.seen_round > state.round) | (future.silent & (future.seen_round <= state.round))
        future = future.take(unseen)
        redrawn = _redrawn(p, seen, known, run, base)
        tables += [redrawn, future]
        parts += [_known_part(known, seen, redrawn), _future_part(p, future, state.round)]
    merged = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    start = opening(p, joined(tables), replicates)
    return joined(tables), replace(start, round=state.round, **merged)  # type: ignore[arg-type]


def _known_part(known: State, seen: Complaints, redrawn: Complaints) -> dict[str, object]:
    rows = _rows(known, np.arange(len(seen), dtype=np.intp))
    untouched = (known.attempts == 0) & (known.work_left == seen.work)
    escalated = known.severity != seen.severity
    rows["severity"] = np.where(escalated, known.severity, redrawn.severity)
    rows["work_left"] = np.where(untouched, redrawn.work, known.work_left)
    return rows


def _future_part(p: Parameters, future: Complaints, round_number: int) -> dict[str, object]:
    rows = _rows(opening(p, future, 1 + int(future.run.max(initial=0))), np.arange(len(future), dtype=np.intp))
    outage_over = round_number >= p.flood_week + p.outage_weeks
    past = future.seen_round <= round_number
    rows["status"] = np.where(past, CLOSED if outage_over else SILENT, 0).astype(np.intp)
    return rows


def losses_to_go(
    p: Parameters,
    rounds: int,
    table: Complaints,
    state: State,
    flooded: Sequence[int],
    decisions: Sequence[Mapping[str, Value]],
    replicates: int,
    seed: int,
) -> Floats:
    """Loss-to-go of each decision now, followed by the best policy, (decision, replicate), on common random numbers."""
    worlds, start = particles(p, rounds, table, state, flooded, replicates, seed)
    losses = []
    for decision in decisions:
        reached, _ = play_week(p, worlds, start, plan(p, [decision] * replicates))
        while reached.round <= rounds:
            desk = policies.read_desk(p, worlds, reached, rounds, flooded)
            reached, _ = play_week(p, worlds, reached, plan(p, policies.best(p, desk)))
        losses.append(hand_over(p, worlds, reached).loss.sum(axis=1))
    return np.array(losses, dtype=np.float64)
