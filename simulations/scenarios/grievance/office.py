"""One week in the office: screening, ordering, closing, re-opening. All arrays, many runs at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from simulations.engine import Bools, Floats, Ints
from simulations.scenarios.grievance.world import (
    ATTEMPTS,
    CLASSES,
    DAYS,
    POOREST_DISTRICT,
    URGENT,
    Complaints,
    Parameters,
    is_outage,
)
from simulations.types import Value

FUTURE, SILENT, OPEN, CLOSED = 0, 1, 2, 3
TRIAGE = ("first_come", "deadline", "ai_urgency", "severity_age")
AI_MODES = ("ignore", "advise", "auto")
FOCUSES = ("all", "pashto_roman", "women_accounts", "poorest_district")
MERGES = ("off", "ai_suggest", "ai_auto")
HOUR_FIELDS = tuple(f"hours_{name}" for name in CLASSES)
PARTS = ("overdue", "reopened", "wrong_mergers", "abandoned", "handover")
_URGENT_FIRST = 1e6


@dataclass(frozen=True)
class Plan:
    """The decision of one round, one row per run."""

    hours: Floats  # (run, class)
    outreach_hours: Floats
    triage: Ints
    ai_mode: Ints
    evidence_cut: Floats
    reading_share: Floats
    reading_focus: Ints
    merge: Ints
    paper_cap: Floats
    call_back_share: Floats


def plan(p: Parameters, decisions: Sequence[Mapping[str, Value]]) -> Plan:
    """Decisions (one per run) as arrays."""

    def numbers(key: str) -> Floats:
        return np.array([float(values[key]) for values in decisions], dtype=np.float64)

    def codes(key: str, names: tuple[str, ...]) -> Ints:
        return np.array([names.index(str(values[key])) for values in decisions], dtype=np.intp)

    threshold = numbers("ai_threshold")
    return Plan(
        hours=np.stack([numbers(key) for key in HOUR_FIELDS], axis=1),
        outreach_hours=numbers("outreach_hours"),
        triage=codes("triage", TRIAGE),
        ai_mode=codes("ai_mode", AI_MODES),
        evidence_cut=np.log(threshold / (1 - threshold)) / p.score_slope,
        reading_share=numbers("reading_share"),
        reading_focus=codes("reading_focus", FOCUSES),
        merge=codes("merge", MERGES),
        paper_cap=numbers("paper_cap"),
        call_back_share=numbers("call_back_share"),
    )


@dataclass(frozen=True)
class State:
    """Everything about the complaints that changes, and the tallies by run."""

    round: int  # the round about to be played, 1-based
    runs: int
    status: Ints
    severity: Floats
    work_left: Floats
    deadline: Floats
    seen_round: Ints
    attempts: Ints
    read: Bools
    solved: Bools
    noticed: Bools  # flagged or read in its first week
    ever_closed: Bools  # counted as resolved by the dashboard, re-opened or not
    through_finder: Bools  # the duplicate finder has looked at it
    loss: Floats  # (run, part)
    wrong_urgent: Floats
    reopened_now: Floats
    closed_before: Floats


@dataclass(frozen=True)
class WeekTally:
    """What one week counted, by run."""

    closures: Floats
    calls: Floats
    calls_confirmed: Floats
    checking_hours: Floats
    used_hours: Floats
    overdue_days: Floats


def opening(p: Parameters, complaints: Complaints, runs: int) -> State:
    """The office on the first morning."""
    n = len(complaints)
    visible = complaints.seen_round <= 1
    return State(
        round=1,
        runs=runs,
        status=np.where(visible, OPEN, FUTURE).astype(np.intp),
        severity=complaints.severity.copy(),
        work_left=complaints.work.copy(),
        deadline=complaints.filed_day + p.deadline_days[complaints.category],
        seen_round=complaints.seen_round.copy(),
        attempts=np.zeros(n, dtype=np.intp),
        read=np.zeros(n, dtype=np.bool_),
        solved=np.zeros(n, dtype=np.bool_),
        noticed=np.zeros(n, dtype=np.bool_),
        ever_closed=np.zeros(n, dtype=np.bool_),
        through_finder=np.zeros(n, dtype=np.bool_),
        loss=np.zeros((runs, len(PARTS))),
        wrong_urgent=np.zeros(runs),
        reopened_now=np.zeros(runs),
        closed_before=np.zeros(runs),
    )


def _counts(runs: Ints, weights: Floats | Bools, size: int) -> Floats:
    counted = np.bincount(runs, weights=np.asarray(weights, dtype=np.float64), minlength=size)
    return counted.astype(np.float64)


def _rank(runs: Ints, *keys: Floats | Bools | Ints) -> Ints:
    """Position of each row within its run when sorted by the keys, most important last."""
    order = np.lexsort((*keys, runs))
    ordered = runs[order]
    starts = np.searchsorted(ordered, ordered, side="left")
    rank = np.empty(len(runs), dtype=np.intp)
    rank[order] = np.arange(len(runs), dtype=np.intp) - starts
    return rank


class Week:
    """The working sheet of one week; ``close`` hands back the next state and the tally."""

    def __init__(self, p: Parameters, complaints: Complaints, state: State, decided: Plan) -> None:
        self.p, self.table, self.before, self.decided = p, complaints, state, decided
        self.first_day, self.last_day = DAYS * (state.round - 1), DAYS * state.round
        self.status, self.seen = state.status.copy(), state.seen_round.copy()
        self.read, self.solved, self.noticed = state.read.copy(), state.solved.copy(), state.noticed.copy()
        self.severity, self.work_left = state.severity.copy(), state.work_left.copy()
        self.deadline, self.attempts = state.deadline.copy(), state.attempts.copy()
        self.ever_closed = state.ever_closed.copy()
        self.through_finder = state.through_finder.copy()
        self.loss, self.wrong_urgent = state.loss.copy(), state.wrong_urgent.copy()
        self.suffering = np.flatnonzero((self.status == OPEN) | (self.status == SILENT))
        self.end_day = np.full(len(complaints), self.last_day)
        self.overhead = np.zeros(state.runs)
        self.closures, self.reopened = np.zeros(state.runs), np.zeros(state.runs)
        self.calls, self.confirmed, self.used, self.overdue_days = (np.zeros(state.runs) for _ in range(4))

    def reach_out(self) -> None:
        """Outreach records complaints the outage kept out, the first filed first."""
        silent = np.flatnonzero(self.status == SILENT)
        runs = self.table.run[silent]
        reach = np.floor(self.decided.outreach_hours / self.p.outreach_hours_each)
        heard = silent[_rank(runs, self.table.filed_day[silent]) < reach[runs]]
        self.status[heard], self.seen[heard] = OPEN, self.before.round

    def merge(self) -> None:
        """The duplicate finder closes repeats, and sometimes distinct complaints of one village."""
        fresh = np.flatnonzero((self.status == OPEN) & (self.seen == self.before.round))
        runs = self.table.run[fresh]
        mode, p = self.decided.merge[runs], self.p
        found = self.table.duplicate[fresh] & (self.table.find_die[fresh] < p.duplicate_recall)
        wrong = self.table.same_village[fresh] & (self.table.find_die[fresh] < p.wrong_merge_share)
        checked = mode == MERGES.index("ai_suggest")
        self.overhead += p.merge_check_hours * _counts(runs, checked & (found | wrong), self.before.runs)
        passed = ~checked | (self.table.check_die[fresh] < p.merge_check_misses)
        active = mode != MERGES.index("off")
        self.through_finder[fresh[active]] = True
        self.end_day[fresh[active & found]] = self.first_day
        self._settle(fresh[active & found], np.zeros(0, dtype=np.intp))
        lost = fresh[active & wrong & passed]
        urgent = self.table.severity[lost] == URGENT
        count = _counts(self.table.run[lost], urgent, self.before.runs)
        self.wrong_urgent += count
        self.loss[:, PARTS.index("wrong_mergers")] += p.wrong_merge_penalty * count
        self.end_day[lost] = self.first_day
        self._settle(np.zeros(0, dtype=np.intp), lost)

    def screen(self) -> None:
        """Staff read what the tool flagged (advise) and a share of what it did not."""
        fresh = np.flatnonzero((self.status == OPEN) & (self.seen == self.before.round))
        runs, decided = self.table.run[fresh], self.decided
        flagged = self._flagged(fresh)
        focus = np.stack(
            [
                np.ones(len(fresh), dtype=np.bool_),
                (self.table.language[fresh] == 1) | (self.table.language[fresh] == 2),
                self.table.woman[fresh],
                self.table.district[fresh] == POOREST_DISTRICT,
            ]
        )[decided.reading_focus[runs], np.arange(len(fresh))]
        rest = ~flagged
        quota = np.rint(decided.reading_share * _counts(runs, rest, self.before.runs))
        rank = _rank(runs, self.table.read_die[fresh], ~focus, flagged)
        read = (rank < quota[runs]) & rest
        read |= flagged & (decided.ai_mode[runs] == AI_MODES.index("advise"))
        self.read[fresh[read]] = True
        self.noticed[fresh[read | flagged]] = True
        self.overhead += self.p.reading_hours * _counts(runs, read, self.before.runs)

    def _flagged(self, rows: Ints) -> Bools:
        runs = self.table.run[rows]
        used = self.decided.ai_mode[runs] != AI_MODES.index("ignore")
        return np.asarray(used & (self.table.evidence[rows] > self.decided.evidence_cut[runs]), dtype=np.bool_)

    def believed_severity(self, rows: Ints) -> Floats:
        """Severity as the office sees it: read, else flagged as urgent, else the class's mean."""
        unread = np.where(self._flagged(rows), URGENT, self.p.class_severity[self.table.category[rows]])
        return np.where(self.read[rows], self.severity[rows], unread)

    def _priority(self, rows: Ints) -> Floats:
        triage = self.decided.triage[self.table.run[rows]]
        filed, believed = self.table.filed_day[rows], self.believed_severity(rows)
        age = self.last_day - filed
        urgent_first = filed - _URGENT_FIRST * (believed == URGENT)
        return np.select(
            [triage == 0, triage == 1, triage == 2],
            [filed, self.deadline[rows], urgent_first],
            -believed * age,
        )

    def work(self) -> None:
        """Staff of each class close complaints in order until their hours are used."""
        rows = np.flatnonzero(self.status == OPEN)
        runs, die = self.table.run[rows], np.minimum(self.attempts[rows], ATTEMPTS - 1)
        paper = self.table.paper_die[rows, die] < self.decided.paper_cap[runs]
        called = self.table.call_die[rows, die] < self.decided.call_back_share[runs]
        need = np.where(self.table.duplicate[rows], self.p.duplicate_hours, self.work_left[rows])
        cost = np.where(paper, self.p.paper_hours, need) + self.p.call_hours * called
        desk = runs * len(CLASSES) + self.table.category[rows]
        order = np.lexsort((self._priority(rows), desk))
        spent = np.cumsum(cost[order])
        first = np.searchsorted(desk[order], desk[order], side="left")
        spent -= (spent - cost[order])[first]
        capacity = self._capacity()[desk[order]]
        done = spent <= capacity
        self.used += _counts(runs[order], np.clip(capacity - (spent - cost[order]), 0, cost[order]), self.before.runs)
        self._leave_unfinished(rows[order], ~done & ~paper[order], capacity - (spent - cost[order]))
        closing = order[done]
        self.end_day[rows[closing]] = self.first_day + DAYS * spent[done] / capacity[done]
        self._judge(rows[closing], paper[closing], called[closing], die[closing])

    def _capacity(self) -> Floats:
        total = self.decided.hours.sum(axis=1)
        left = np.clip(1 - self.overhead / np.maximum(total, 1e-9), 0, 1)
        return np.asarray((self.decided.hours * left[:, None]).ravel(), dtype=np.float64)

    def _leave_unfinished(self, rows: Ints, unfinished: Bools, hours: Floats) -> None:
        partial = unfinished & (hours > 0) & ~self.table.duplicate[rows]
        chosen = rows[partial]
        self.work_left[chosen] = np.maximum(self.work_left[chosen] - hours[partial], 0.05)

    def _judge(self, rows: Ints, paper: Bools, called: Bools, die: Ints) -> None:
        """Which closures solved the matter, which the call-back caught, which come back."""
        runs, p = self.table.run[rows], self.p
        care = np.minimum(self.decided.call_back_share[runs] / p.careful_call_share, 1)
        fail_share = p.careless_reopen_share + care * (p.careful_reopen_share - p.careless_reopen_share)
        failed = np.where(self.table.duplicate[rows], False, self.table.fail_die[rows, die] < fail_share) | paper
        self.calls += _counts(runs, called, self.before.runs)
        self.confirmed += _counts(runs, called & ~failed, self.before.runs)
        self.attempts[rows] += 1
        self.work_left[rows[failed & ~paper]] = p.rework_share * self.table.work[rows[failed & ~paper]]
        self.read[rows] = True
        self.end_day[rows[called & failed]] = self.last_day
        comes_back = ~paper | (self.table.fail_die[rows, die] < p.paper_reopen_share)
        silent_fail = failed & ~called & ~comes_back
        self._settle(rows[~failed], rows[silent_fail], rows[failed & ~called & comes_back])

    def _settle(self, solved: Ints, unsolved: Ints, returning: Ints | None = None) -> None:
        """Book closures; of a wrong merger the citizen learns little, so few come back to complain."""
        back = np.zeros(0, dtype=np.intp) if returning is None else returning
        for rows in (solved, unsolved, back):
            self.closures += _counts(self.table.run[rows], np.ones(len(rows)), self.before.runs)
            self.ever_closed[rows] = True
        self.status[solved], self.status[unsolved] = CLOSED, CLOSED
        self.solved[solved] = True
        cost = self.p.abandoned_days * self.severity[unsolved]
        self.loss[:, PARTS.index("abandoned")] += _counts(self.table.run[unsolved], cost, self.before.runs)
        self._charge_overdue(back)
        self._reopen(back)

    def _charge_overdue(self, rows: Ints) -> None:
        """Charge returning rows now: their severity and deadline change below."""
        days = self._overdue(rows)
        self.overdue_days += _counts(self.table.run[rows], days, self.before.runs)
        self.loss[:, 0] += _counts(self.table.run[rows], days * self.severity[rows], self.before.runs)
        self.suffering = np.setdiff1d(self.suffering, rows, assume_unique=True)

    def _reopen(self, rows: Ints) -> None:
        levels, count = (
            self.p.severity_levels,
            _counts(self.table.run[rows], np.ones(len(rows)), self.before.runs),
        )
        step = np.minimum(np.searchsorted(levels, self.severity[rows]) + 1, len(levels) - 1)
        self.severity[rows] = levels[step]
        self.deadline[rows] = self.last_day + self.p.reopened_deadline_days
        self.reopened += count
        self.loss[:, PARTS.index("reopened")] += self.p.reopen_penalty * count

    def _overdue(self, rows: Ints) -> Floats:
        days = self.end_day[rows] - np.maximum(self.deadline[rows], self.first_day)
        return np.asarray(np.clip(days, 0, None), dtype=np.float64)

    def close(self) -> tuple[State, WeekTally]:
        """Charge the week's overdue days, open next week's mail and, after it all, the handover."""
        days, runs = self._overdue(self.suffering), self.table.run[self.suffering]
        self.loss[:, 0] += _counts(runs, days * self.severity[self.suffering], self.before.runs)
        visible = self.before.status[self.suffering] == OPEN
        next_round = self.before.round + 1
        arrived = (self.status == FUTURE) & (self.table.seen_round == next_round)
        self.status[arrived] = np.where(self.table.silent[arrived], SILENT, OPEN)
        if not is_outage(self.p, next_round):
            freed = self.status == SILENT
            self.status[freed], self.seen[freed] = OPEN, next_round
        tally = WeekTally(
            closures=self.closures,
            calls=self.calls,
            calls_confirmed=self.confirmed,
            checking_hours=self.overhead + self.p.call_hours * self.calls,
            used_hours=self.used,
            overdue_days=self.overdue_days + _counts(runs[visible], days[visible], self.before.runs),
        )
        return self._next_state(next_round), tally

    def _next_state(self, next_round: int) -> State:
        return replace(
            self.before,
            round=next_round,
            status=self.status,
            severity=self.severity,
            work_left=self.work_left,
            deadline=self.deadline,
            seen_round=self.seen,
            attempts=self.attempts,
            read=self.read,
            solved=self.solved,
            noticed=self.noticed,
            ever_closed=self.ever_closed,
            through_finder=self.through_finder,
            loss=self.loss,
            wrong_urgent=self.wrong_urgent,
            reopened_now=self.reopened,
            closed_before=self.closures,
        )


def play_week(p: Parameters, complaints: Complaints, state: State, decided: Plan) -> tuple[State, WeekTally]:
    """Play the round ``state.round`` for all runs of the table."""
    week = Week(p, complaints, state, decided)
    week.reach_out()
    week.merge()
    week.screen()
    week.work()
    return week.close()


def hand_over(p: Parameters, complaints: Complaints, state: State) -> State:
    """Charge what still waits after the last round, as if nobody touched it for ``handover_days``."""
    waiting = np.flatnonzero((state.status == OPEN) | (state.status == SILENT))
    today = DAYS * (state.round - 1)
    days = np.clip(today + p.handover_days - np.maximum(state.deadline[waiting], today), 0, None)
    loss = state.loss.copy()
    loss[:, PARTS.index("handover")] += _counts(complaints.run[waiting], days * state.severity[waiting], state.runs)
    return replace(state, loss=loss)
