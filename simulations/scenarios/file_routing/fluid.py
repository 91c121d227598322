"""Mean numbers on the desks week by week, for many decisions and possible truths at once; no dice.

Each desk is an M/M/c queue out of balance: its number moves by arrivals less what officials get through, and what
they get through is the utilisation at which Erlang's stationary queue would have that number (Wang, Tipper &
Banerjee 1996, pointwise stationary fluid flow). Between desks Jackson's routing holds. Priorities enter by Cobham
(1954). The best policy and the referee plan with it; the office itself is simulated file by file.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np

from simulations.engine import Floats, Ints
from simulations.queueing import mean_number
from simulations.scenarios.file_routing.belief import Beliefs, wrong_by_tool
from simulations.scenarios.file_routing.office import AUTO, FIFO, IGNORE, SHORTEST_FIRST, Plan
from simulations.scenarios.file_routing.world import (
    ADVICE,
    ASSISTANT,
    COURT,
    DAYS,
    DEPUTY_SECRETARY,
    DESKS,
    DIARY,
    ENGLISH,
    FINANCE,
    HANDWRITTEN,
    KINDS,
    ROUTINE,
    SCRIPTS,
    SECTION_OFFICER,
    SUPERINTENDENT,
    TOOL,
    Parameters,
)

MOST_STAFF = 4
_GRID = 400
_AGE_SHAPE = 3
_LONGEST_AGE = 40
_FINEST = 0.01
_SMALL = 1e-9
_FEW = 0.01  # an empty desk works at the pace of an almost empty one
_STARVED = 3.0
_MOST_LOAD = 1 - 1e-6


def _normal(z: float) -> float:
    return 0.5 * (1 + math.erf(z / math.sqrt(2)))


def confidence_table(mean: float, spread: float) -> tuple[Floats, Floats]:
    """Share of files stated at or above each threshold 0.50, 0.51 ... 0.99, and their mean confidence."""
    marks = np.round(np.arange(0.50, 0.995, _FINEST), 2)
    edges = [-math.inf, *((mark + _FINEST / 2 - mean) / spread for mark in marks[:-1]), math.inf]
    mass = np.diff([_normal(edge) for edge in edges])
    above = np.cumsum(mass[::-1])[::-1]
    return above, np.cumsum((mass * marks)[::-1])[::-1] / np.maximum(above, _SMALL)


def utilisation_table() -> Floats:
    """Utilisation by (officials, x), where x = L / (1 + L) and L is the mean number of a stationary M/M/c."""
    load = np.concatenate([np.linspace(0, 0.99, 400), 1 - np.geomspace(0.0099, 1e-4, 60)])
    x = np.linspace(0, 1, _GRID + 1)
    number = x[:-1] / (1 - x[:-1])
    rows = []
    for servers in range(1, MOST_STAFF + 1):
        numbers = np.array([mean_number(servers, servers * float(share)) for share in load])
        rows.append(np.append(np.interp(number, numbers, load), 1.0))
    return np.array(rows)


def missed_table(p: Parameters, steps: int) -> Floats:
    """Probability that a hearing passes before the file is done and before the run ends.

    By (steps left to the end of the run, age at disposal in days): age is gamma with shape 3 and this mean, notice is
    uniform over ``court_days``.
    """
    low, high = p.court_days
    notice = low + (high - low) * (np.arange(16) + 0.5) / 16
    mean = np.maximum(np.arange(_LONGEST_AGE + 1), 0.25)
    x = _AGE_SHAPE * notice / mean[:, None]
    late = np.exp(-x) * (1 + x + x**2 / 2)
    left = np.arange(steps + 1) * DAYS / p.fluid_steps
    return np.array([(late * (notice < days)).mean(axis=1) for days in left])


@dataclass(frozen=True)
class Forms:
    """Decisions as arrays, one row each."""

    staff: Ints  # (row, desk)
    mode: Ints
    threshold: Floats
    reads: Ints
    delegated: Floats
    priority: Ints

    @classmethod
    def of(cls, plans: Sequence[Plan]) -> "Forms":
        """Plans as rows."""
        return cls(
            staff=np.array([chosen.staff for chosen in plans], dtype=np.intp),
            mode=np.array([chosen.mode for chosen in plans], dtype=np.intp),
            threshold=np.array([chosen.threshold for chosen in plans], dtype=np.float64),
            reads=np.array([chosen.reads for chosen in plans], dtype=np.intp),
            delegated=np.array([chosen.delegated for chosen in plans], dtype=np.float64),
            priority=np.array([chosen.priority for chosen in plans], dtype=np.intp),
        )

    def __len__(self) -> int:
        return len(self.mode)

    def take(self, rows: Ints) -> "Forms":
        """Some of the rows, in this order."""
        return Forms(**{field.name: getattr(self, field.name)[rows] for field in fields(self)})

    def plan(self, row: int) -> Plan:
        """One row as a plan."""
        return Plan(
            staff=tuple(self.staff[row].tolist()),
            mode=int(self.mode[row]),
            threshold=round(float(self.threshold[row]), 2),
            reads=int(self.reads[row]),
            delegated=bool(self.delegated[row]),
            priority=int(self.priority[row]),
        )


@dataclass(frozen=True)
class Truths:
    """Possible truths as the fluid needs them, one row each; ``renamed`` and ``court`` by week, 1-based."""

    overstated: Floats
    person_error: Floats
    speed: Floats
    renamed: Floats  # (truth, week): share of new files with a renamed subject
    court: Floats  # (truth, week): court files as a multiple of the usual

    @classmethod
    def of(cls, p: Parameters, beliefs: Beliefs, rounds: int) -> "Truths":
        """Beliefs as rows."""
        weeks = np.arange(rounds + 1)
        drifted = weeks >= beliefs.drift_week[:, None]
        since = weeks - beliefs.assembly_week[:, None]
        session = (since >= 0) & (since < p.assembly_weeks)
        return cls(
            beliefs.overstated,
            beliefs.person_error,
            beliefs.speed,
            np.where(drifted, beliefs.renamed_share[:, None], 0.0),
            np.where(session, p.assembly_factor, 1.0),
        )

    def __len__(self) -> int:
        return len(self.overstated)

    def take(self, rows: Ints) -> "Truths":
        """Some of the rows, in this order."""
        return Truths(**{field.name: getattr(self, field.name)[rows] for field in fields(self)})

    def mean(self) -> "Truths":
        """One row: what is expected."""
        return Truths(**{field.name: getattr(self, field.name).mean(axis=0)[None] for field in fields(self)})


@dataclass(frozen=True)
class Flows:
    """What a decision makes of a week in a possible truth, one row each."""

    files: Floats  # a day, from outside
    capacity: Floats  # (row, desk): files a day with all officials at work
    staff: Ints
    wrong: Floats  # share of what assistants open that goes back
    first_wrong: Floats  # share of new files that go to a wrong section
    visits: Floats  # (row, desk) share of files past the assistant
    redo: Floats  # share of files issued that come back
    order: Floats  # (row, desk, 4): work and files of those served before others; see ``Fluid._order``
    court_visits: Floats  # (row, desk)
    court_service: Floats  # (row, desk) days
    court_files: Floats
    rework_days: Floats  # official-days a wrongly marked file costs


class Fluid:
    """The approximation for one set of parameters; tables are computed once."""

    def __init__(self, p: Parameters, rounds: int) -> None:
        self.p, self.rounds = p, rounds
        tables = [confidence_table(*pair) for pair in zip(p.confidence_mean, p.confidence_spread, strict=True)]
        self.above = np.array([table[0] for table in tables])
        self.stated = np.array([table[1] for table in tables])
        self.utilisation = utilisation_table()
        self.missed = missed_table(p, rounds * p.fluid_steps)

    def marking(self, forms: Forms, truths: Truths, week: int) -> tuple[Floats, Floats, Floats]:
        """Reading at the diary as a share of a person's, files marked wrongly at first, and again when they return."""
        p = self.p
        mark = np.clip(np.round((forms.threshold - 0.5) / _FINEST), 0, self.above.shape[1] - 1).astype(np.intp)
        by_script = np.array([HANDWRITTEN + 1, HANDWRITTEN, ENGLISH + 1])[forms.reads]
        allowed = (np.arange(len(SCRIPTS)) < by_script[:, None]) & (forms.mode != IGNORE)[:, None]
        share = np.where(allowed, self.above[:, mark].T, 0.0)
        renamed = truths.renamed[:, week, None]
        accuracy = np.clip(self.stated[:, mark].T - truths.overstated, 0.0, 1.0)
        accuracy = (1 - renamed) * accuracy + renamed * p.renamed_accuracy
        auto = (forms.mode == AUTO)[:, None]
        wrong = np.where(auto, wrong_by_tool(p, accuracy, TOOL), wrong_by_tool(p, accuracy, ADVICE))
        wrong = share * wrong + (1 - share) * truths.person_error
        reading = (1 - share) + share * np.where(auto, 0.0, p.advice_reading)
        first = wrong @ p.script_shares
        again = (wrong * truths.person_error) @ p.script_shares / first
        return reading @ p.script_shares, first, again

    def flows(self, forms: Forms, truths: Truths, week: int) -> Flows:
        """Rates of a week; forms and truths have the same number of rows."""
        p = self.p
        reading, first, again = self.marking(forms, truths, week)
        kinds, files = self._kinds(truths, week)
        repeats = first / (1 - again)
        wrong = repeats / (1 + repeats)
        issued = np.where(np.arange(len(KINDS)) == ROUTINE, forms.delegated[:, None] * p.delegation_error, 0.0)
        mixes = self._mixes(forms, kinds)
        visits = mixes.sum(axis=2)
        shares = mixes / np.maximum(visits, _SMALL)[:, :, None]
        days = self._days(shares, reading, wrong, truths.speed)
        court_service = p.service_minutes * p.kind_factor[COURT] / p.minutes_per_day / truths.speed
        court_service[:, DIARY] = days[:, DIARY]
        court_visits = np.array([1.0, 1.0, p.superintendent_share[COURT], 1.0, p.deputy_share[COURT], 0.0])
        return Flows(
            files=files,
            capacity=forms.staff / days,
            staff=forms.staff,
            wrong=wrong,
            first_wrong=first,
            visits=visits,
            redo=p.comes_back + (kinds * issued).sum(axis=1),
            order=self._order(forms, shares),
            court_visits=np.tile(court_visits, (len(files), 1)),
            court_service=court_service,
            court_files=files * kinds[:, COURT],
            rework_days=days[:, DIARY] + 2 * days[:, ASSISTANT],
        )

    def _kinds(self, truths: Truths, week: int) -> tuple[Floats, Floats]:
        """Shares of routine, court and grant files among new ones, by (row, kind), and new files a day."""
        kinds = self.p.kind_shares * np.where(np.arange(len(KINDS)) == COURT, truths.court[:, week, None], 1.0)
        files = self.p.files_per_day * kinds.sum(axis=1)
        return kinds / kinds.sum(axis=1, keepdims=True), files

    def _days(self, shares: Floats, reading: Floats, wrong: Floats, speed: Floats) -> Floats:
        """Mean days of a service by (row, desk); of files at the diary a share ``wrong`` has come back, and is read."""
        p = self.p
        minutes = np.tile(p.service_minutes, (len(wrong), 1)) * (shares @ p.kind_factor)
        second = p.reading_minutes * wrong
        minutes[:, DIARY] = p.service_minutes[DIARY] + p.reading_minutes * reading * (1 - wrong) + second
        return np.asarray(minutes / p.minutes_per_day / speed, dtype=np.float64)

    def _mixes(self, forms: Forms, kinds: Floats) -> Floats:
        """Files past the assistant that visit a desk, by (row, desk, kind), per file."""
        p = self.p
        rates = np.ones((len(forms), len(DESKS), len(KINDS)))
        rates[:, SUPERINTENDENT] = p.superintendent_share
        rates[:, DEPUTY_SECRETARY] = p.deputy_share
        rates[:, DEPUTY_SECRETARY, ROUTINE] *= 1 - forms.delegated
        rates[:, FINANCE] = p.finance_share
        return np.asarray(rates * kinds[:, None, :], dtype=np.float64)

    def _order(self, forms: Forms, shares: Floats) -> Floats:
        """Who is served before others, by (row, desk, 4); ``waiting`` reads it.

        The last axis holds the share of work of the first class and of the first two, then the share of files of the
        first class and of the second; zero where nobody has precedence.
        """
        factor = self.p.kind_factor
        work = shares * np.where(np.arange(len(DESKS))[:, None] == DIARY, 1.0, factor)
        work = work / np.maximum(work.sum(axis=2, keepdims=True), _SMALL)
        shortest = (forms.priority == SHORTEST_FIRST)[:, None]
        first = np.where(shortest, work[:, :, ROUTINE], work[:, :, COURT])
        second = np.where(shortest, work[:, :, COURT], 0.0)
        first_files = np.where(shortest, shares[:, :, ROUTINE], shares[:, :, COURT])
        second_files = np.where(shortest, shares[:, :, COURT], 0.0)
        plain = (forms.priority == FIFO)[:, None]
        first, second, first_files, second_files = (
            np.where(plain, 0.0, part) for part in (first, second, first_files, second_files)
        )
        return np.stack([first, first + second, first_files, second_files], axis=2)

    def waiting(self, flows: Flows, load: Floats, offered: Floats) -> tuple[Floats, Floats]:
        """Files waiting, and a court file's wait, relative to first come first served, by (row, desk).

        load: utilisation.  offered: arrivals over capacity, above 1 where a queue grows; a class behind so much work
        is starved, and its wait is then put at up to ``_STARVED`` times the plain one.
        """
        first, both, first_files, second_files = np.moveaxis(flows.order, 2, 0)
        idle, share = 1 - load, np.maximum(load, offered)
        one, rest = idle / (1 - first * load), 1 / (1 - both * load)
        files = first_files * one + second_files * one * rest + (1 - first_files - second_files) * rest
        most = 1 + (_STARVED - 1) * np.clip((first * share - 0.9) / 0.2, 0.0, 1.0)
        ahead = np.maximum(1 - first * share, idle) * np.maximum(1 - both * share, idle)
        two = np.minimum(idle / ahead, most)
        court = np.where(second_files > 0, two, np.where(first_files > 0, one, 1.0))
        return files, court

    def _load(self, staff: Ints, numbers: Floats) -> Floats:
        place = numbers / (1 + numbers) * _GRID
        below = np.minimum(place.astype(np.intp), _GRID - 1)
        rest = place - below
        row = staff - 1
        return np.asarray(self.utilisation[row, below] * (1 - rest) + self.utilisation[row, below + 1] * rest)

    def play(self, forms: Forms, truths: Truths, week: int, numbers: Floats, steps: int) -> tuple[Floats, Floats]:
        """Loss of a week in PKR thousand by row, and the numbers after it.

        numbers: (row, desk and on the way back). forms, truths and numbers have one row each for a pair.
        """
        flows, span = self.flows(forms, truths, week), DAYS / steps
        here, loss = numbers.copy(), np.zeros(len(numbers))
        redone = np.zeros(len(numbers))
        for step in range(steps):
            load = np.minimum(self._load(flows.staff, np.maximum(here[:, :-1], _FEW)), _MOST_LOAD)
            coming, out, after, redone = self._step(flows, here, flows.capacity * load, redone, span)
            middle = (here + after) / 2
            loss += span * self._cost(flows, middle, load, coming, out, week, (step + 0.5) / steps)
            here = after
        return loss, here

    def _step(
        self, flows: Flows, here: Floats, able: Floats, redone: Floats, span: float
    ) -> tuple[Floats, Floats, Floats, Floats]:
        """Files coming and done a day by desk, the numbers after ``span`` days, and the issued that come back.

        A desk's number moves towards balance at the rate at which it empties, which no length of step overshoots;
        what came and did not stay has been done, so no file is lost between desks.
        """
        coming, out, after = np.empty_like(able), np.empty_like(able), here.copy()
        pace = able / np.maximum(here[:, :-1], _FEW)
        gain = -np.expm1(-pace * span) / pace
        way = self.p.return_days

        def serve(desk: int, files: Floats) -> Floats:
            coming[:, desk] = files
            change = (files - able[:, desk]) * gain[:, desk]
            after[:, desk] = np.maximum(here[:, desk] + change, 0.0)
            out[:, desk] = files - (after[:, desk] - here[:, desk]) / span
            return np.asarray(out[:, desk])

        opened = serve(ASSISTANT, serve(DIARY, flows.files + here[:, -1] / way) + redone)
        passed = opened * (1 - flows.wrong)
        seen = serve(SUPERINTENDENT, passed * flows.visits[:, SUPERINTENDENT])
        signed = serve(SECTION_OFFICER, seen + passed * (1 - flows.visits[:, SUPERINTENDENT]))
        for desk in (DEPUTY_SECRETARY, FINANCE):
            serve(desk, signed * flows.visits[:, desk])
        back = opened * flows.wrong
        after[:, -1] += (back - here[:, -1] / way) * -np.expm1(-span / way) * way
        return coming, out, after, flows.redo * passed

    def _cost(
        self, flows: Flows, here: Floats, load: Floats, coming: Floats, out: Floats, week: int, part: float
    ) -> Floats:
        """Loss a day, PKR thousand."""
        p, desks, away = self.p, here[:, :-1], here[:, -1]
        files, court = self.waiting(flows, load, coming / flows.capacity)
        queue = np.maximum(desks - flows.staff * load, 0.0)
        pending = (desks + queue * (files - 1)).sum(axis=1) + away
        stay = flows.court_service + queue / np.maximum(out, 0.05) * court
        age = (stay * flows.court_visits).sum(axis=1)
        longer = age + p.return_days + stay[:, DIARY] + stay[:, ASSISTANT]
        left = round((self.rounds - week + 1 - part) * p.fluid_steps)
        late = self._late(left, age) * (1 - flows.first_wrong) + self._late(left, longer) * flows.first_wrong
        hours = out[:, ASSISTANT] * flows.wrong * flows.rework_days * p.hours_per_day
        return np.asarray(p.pending_cost * pending + p.court_cost * flows.court_files * late + p.rework_cost * hours)

    def _late(self, left: int, age: Floats) -> Floats:
        row = self.missed[left]
        place = np.minimum(age, _LONGEST_AGE - _SMALL)
        below = place.astype(np.intp)
        return np.asarray(row[below] + (row[below + 1] - row[below]) * (place - below))


def paired(forms: Forms, truths: Truths) -> tuple[Forms, Truths]:
    """Every form in every truth, as rows: forms vary slowest."""
    many, few = len(forms), len(truths)
    return forms.take(np.repeat(np.arange(many), few)), truths.take(np.tile(np.arange(few), many))
