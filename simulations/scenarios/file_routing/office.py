"""One week in the office: who marks a file, where it goes, what it costs, and what is left on the desks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from simulations.engine import Floats
from simulations.scenarios.file_routing.network import LEAVES, Network
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
    PASSES,
    PERSON,
    ROUTERS,
    ROUTINE,
    SCRIPTS,
    SECTION_OFFICER,
    SUPERINTENDENT,
    TOOL,
    TURNS,
    File,
    Hidden,
    Parameters,
    tool_accuracy,
    week_of,
)
from simulations.types import Value

AI_MODES = ("ignore", "advise", "auto")
IGNORE, ADVISE, AUTO = range(3)
READS = ("none", "handwritten", "all_urdu")
PRIORITIES = ("fifo", "court_first", "shortest_first")
FIFO, COURT_FIRST, SHORTEST_FIRST = range(3)
PARTS = ("pending", "court", "rework")
# precedence of routine, court and grant files under each rule; lower goes first
PRECEDENCE = ((0, 0, 0), (1, 0, 1), (0, 1, 2))
NEEDS_SUPERINTENDENT, NEEDS_FINANCE, NEEDS_DEPUTY, NEEDS_RETURN = range(4)


@dataclass(frozen=True)
class Plan:
    """The decision of one week; choices as their number in the lists above."""

    staff: tuple[int, ...]
    mode: int
    threshold: float
    reads: int
    delegated: bool
    priority: int


def plan(values: Mapping[str, Value]) -> Plan:
    """A form as a plan."""
    return Plan(
        staff=tuple(int(values[f"staff_{desk}"]) for desk in DESKS),
        mode=AI_MODES.index(str(values["ai_mode"])),
        threshold=float(values["ai_threshold"]),
        reads=READS.index(str(values["person_reads"])),
        delegated=values["delegation"] == "on",
        priority=PRIORITIES.index(str(values["priority"])),
    )


def form(chosen: Plan) -> dict[str, Value]:
    """A plan as a form."""
    return {
        **{f"staff_{desk}": count for desk, count in zip(DESKS, chosen.staff, strict=True)},
        "ai_mode": AI_MODES[chosen.mode],
        "ai_threshold": chosen.threshold,
        "person_reads": READS[chosen.reads],
        "delegation": "on" if chosen.delegated else "off",
        "priority": PRIORITIES[chosen.priority],
    }


@dataclass(frozen=True)
class Placed:
    """A file on its desk: in hand with work remaining, on the way until a time, or else waiting in order."""

    desk: int
    file: File
    remaining: float | None = None
    until: float | None = None


@dataclass(frozen=True)
class Evidence:
    """What the registers of the run hold; all of it known to the office."""

    marked: Floats  # (week of arrival, router, script): files marked whose assistant has opened them
    wrong: Floats  # of these, sent on to the wrong section
    stated: Floats  # of these, the confidence stated, summed
    served: Floats  # services finished, by desk
    worked: Floats  # official-days in standard services, by desk

    @classmethod
    def none(cls, rounds: int) -> "Evidence":
        """Empty registers."""
        by_week = np.zeros((rounds + 1, len(ROUTERS), len(SCRIPTS)))
        return cls(by_week, by_week.copy(), by_week.copy(), np.zeros(len(DESKS)), np.zeros(len(DESKS)))


@dataclass(frozen=True)
class Week:
    """What a week brought, as counts."""

    ages: tuple[tuple[File, float], ...]  # each file disposed of, and its age in days
    missed: int
    file_days: float
    rework_hours: float
    marked: Floats  # (router, script), opened by their assistant this week
    wrong: Floats
    served: Floats
    busy: Floats  # official-days by desk


@dataclass
class Sheet:
    """A file while it moves; lives only within a week."""

    file: File
    router: int
    passes: int
    came_back: bool
    remaining: float | None = None  # days of a service that began last week
    nominal: float = 0.0  # days the service in hand takes at the working norm
    begun: float = 0.0

    @property
    def turn(self) -> int:
        """How often it has been sent round."""
        return min(self.passes + self.came_back, TURNS - 1)


def who_marks(chosen: Plan, file: File, passes: int) -> int:
    """Tool, advised person or person; a file that came back from a wrong section is read by a person."""
    by_script = (HANDWRITTEN + 1, HANDWRITTEN, ENGLISH + 1)[chosen.reads]
    if chosen.mode == IGNORE or passes or file.script >= by_script or file.confidence < chosen.threshold:
        return PERSON
    return TOOL if chosen.mode == AUTO else ADVICE


def chance_wrong(p: Parameters, hidden: Hidden, file: File, router: int) -> float:
    """Probability that a file is marked to a wrong section, 0 to 1.

    An advised person slips seldom where the tool is right, and follows it in a share of cases where it is wrong.
    """
    if router == PERSON:
        return float(hidden.person_error[file.script])
    wrong = 1 - tool_accuracy(p, hidden, file)
    return wrong if router == TOOL else (1 - wrong) * p.advice_slip + wrong * p.advice_followed


class Office:
    """The week as it is played: rules of service and routing, and the registers that are filled on the way."""

    def __init__(self, p: Parameters, hidden: Hidden, chosen: Plan, evidence: Evidence) -> None:
        self.p, self.hidden, self.chosen = p, hidden, chosen
        self.minutes: list[float] = (p.service_minutes / p.minutes_per_day).tolist()
        reading = p.reading_minutes / p.minutes_per_day
        self.reading = (0.0, p.advice_reading * reading, reading)  # by router
        self.factor: list[float] = p.kind_factor.tolist()
        self.speed: list[float] = hidden.speed.tolist()
        self.precedence = PRECEDENCE[chosen.priority]
        self.marked, self.wrong, self.stated = (
            array.copy() for array in (evidence.marked, evidence.wrong, evidence.stated)
        )
        self.week_marked, self.week_wrong = (np.zeros(self.marked.shape[1:]) for _ in range(2))
        self.served, self.worked, self.busy = ([0.0] * len(DESKS) for _ in range(3))
        self.rework = 0.0
        self.disposed: list[tuple[File, float]] = []

    def network(self, now: float) -> Network[Sheet]:
        """The desks with this week's officials."""
        network = Network(self.chosen.staff, self.service, self.follow, self.urgency)
        network.now = now
        return network

    def urgency(self, sheet: Sheet) -> int:
        """Place of a file in a queue by its kind; one already in hand comes first."""
        return self.precedence[sheet.file.kind] if sheet.remaining is None else -1

    def service(self, sheet: Sheet, desk: int, now: float) -> float:
        """Days until this desk is done with a file; the diary also decides who marks it."""
        sheet.begun, left = now, sheet.remaining
        if left is None and desk == DIARY:
            sheet.router = who_marks(self.chosen, sheet.file, sheet.passes)
        sheet.nominal = self._nominal(sheet, desk)
        if left is not None:
            sheet.remaining = None
            return left
        return sheet.file.dice.work[desk * TURNS + sheet.turn] * sheet.nominal / self.speed[desk]

    def _nominal(self, sheet: Sheet, desk: int) -> float:
        if desk != DIARY:
            return self.minutes[desk] * self.factor[sheet.file.kind]
        return self.minutes[DIARY] + self.reading[sheet.router]

    def spend(self, sheet: Sheet, desk: int, now: float) -> None:
        """Book the time a desk has given a file up to now."""
        days = now - sheet.begun
        self.busy[desk] += days
        self.worked[desk] += days / sheet.nominal
        if sheet.came_back or (sheet.passes and desk in (DIARY, ASSISTANT)):
            self.rework += days

    def follow(self, sheet: Sheet, desk: int, now: float) -> tuple[int, float]:
        """Where a served file goes, and the days on the way."""
        self.served[desk] += 1
        self.spend(sheet, desk, now)
        if desk == DIARY:
            return ASSISTANT, 0.0
        if desk == ASSISTANT:
            return self._opened(sheet, now)
        if desk == SUPERINTENDENT:
            return SECTION_OFFICER, 0.0
        if desk == SECTION_OFFICER and self._needs(sheet, NEEDS_FINANCE, self.p.finance_share):
            return FINANCE, 0.0
        if desk != DEPUTY_SECRETARY and self._goes_to_the_deputy(sheet):
            return DEPUTY_SECRETARY, 0.0
        return self._issued(sheet, now)

    def _opened(self, sheet: Sheet, now: float) -> tuple[int, float]:
        if self._opened_in_the_wrong_section(sheet, now):
            sheet.passes += 1
            return DIARY, self.p.return_days * sheet.file.dice.way[sheet.passes - 1]
        asked = self._needs(sheet, NEEDS_SUPERINTENDENT, self.p.superintendent_share)
        return (SUPERINTENDENT if asked else SECTION_OFFICER), 0.0

    def _needs(self, sheet: Sheet, which: int, share: Floats) -> bool:
        return bool(sheet.file.dice.needs[which] < share[sheet.file.kind])

    def _goes_to_the_deputy(self, sheet: Sheet) -> bool:
        if self.chosen.delegated and sheet.file.kind == ROUTINE:
            return False
        return self._needs(sheet, NEEDS_DEPUTY, self.p.deputy_share)

    def _opened_in_the_wrong_section(self, sheet: Sheet, now: float) -> bool:
        file = sheet.file
        if sheet.came_back or sheet.passes >= PASSES - 1:
            return False
        wrong = bool(file.dice.slips[sheet.passes] < chance_wrong(self.p, self.hidden, file, sheet.router))
        place = (week_of(file.arrived), sheet.router, file.script)
        self.marked[place] += 1
        self.wrong[place] += wrong
        self.stated[place] += file.confidence
        self.week_marked[place[1:]] += 1
        self.week_wrong[place[1:]] += wrong
        if wrong and not sheet.passes:
            self.rework += now - sheet.begun
        return wrong

    def registers(self, before: Evidence) -> Evidence:
        """The registers after this week."""
        return Evidence(
            self.marked,
            self.wrong,
            self.stated,
            before.served + np.array(self.served),
            before.worked + np.array(self.worked),
        )

    def week(self, file_days: float, missed: int) -> Week:
        """What the week brought."""
        return Week(
            ages=tuple((file, now - file.arrived) for file, now in self.disposed),
            missed=missed,
            file_days=file_days,
            rework_hours=self.rework * self.p.hours_per_day,
            marked=self.week_marked,
            wrong=self.week_wrong,
            served=np.array(self.served),
            busy=np.array(self.busy),
        )

    def _issued(self, sheet: Sheet, now: float) -> tuple[int, float]:
        delegated = self.chosen.delegated and sheet.file.kind == ROUTINE
        chance = self.p.comes_back + (self.p.delegation_error if delegated else 0.0)
        if not sheet.came_back and sheet.file.dice.needs[NEEDS_RETURN] < chance:
            sheet.came_back = True
            return ASSISTANT, 0.0
        self.disposed.append((sheet.file, now))
        return LEAVES, 0.0


def _put_back(network: Network[Sheet], placed: Sequence[Placed]) -> None:
    """The files as they were left: those in hand take up their officials first, then the queues in order."""
    for place in sorted(placed, key=lambda place: place.remaining is None):
        file = place.file
        sheet = Sheet(file, file.router, file.passes, file.came_back, place.remaining)
        if place.until is not None:
            network.come(sheet, place.desk, place.until)
        else:
            network.wait(sheet, place.desk)


def _left(network: Network[Sheet], office: Office) -> list[tuple[int, Sheet, float | None, float | None]]:
    """What lies where at the end of the week: desk, file, work remaining, time of arrival."""
    left: list[tuple[int, Sheet, float | None, float | None]] = []
    for time, in_hand, desk, sheet in network.left():
        if in_hand:
            office.spend(sheet, desk, network.now)
            left.append((desk, sheet, time - network.now, None))
        else:
            left.append((desk, sheet, None, time))
    for desk in range(len(DESKS)):
        left += [(desk, sheet, sheet.remaining, None) for sheet in network.waiting(desk)]
    return left


def _marked(sheet: Sheet, *, missed: bool) -> File:
    """The file with what the week has written on it."""
    file = sheet.file
    if (file.router, file.passes, file.came_back, file.missed) == (sheet.router, sheet.passes, sheet.came_back, missed):
        return file
    return replace(file, router=sheet.router, passes=sheet.passes, came_back=sheet.came_back, missed=missed)


def play_week(
    p: Parameters,
    hidden: Hidden,
    placed: Sequence[Placed],
    new: Sequence[File],
    evidence: Evidence,
    chosen: Plan,
    number: int,
) -> tuple[tuple[Placed, ...], Evidence, Week]:
    """Play week ``number``: what lies on the desks afterwards, the registers, and what the week brought."""
    start, end = float(DAYS * (number - 1)), float(DAYS * number)
    office = Office(p, hidden, chosen, evidence)
    network = office.network(start)
    _put_back(network, placed)
    for file in new:
        network.arrive(Sheet(file, file.router, file.passes, file.came_back), DIARY, file.arrived)
    network.run(end)
    left = _left(network, office)
    missed = sum(file.kind == COURT and not file.missed and file.due < at for file, at in office.disposed)
    after, late = [], 0
    for desk, sheet, remaining, until in left:
        past = sheet.file.due < end
        late += past and not sheet.file.missed
        after.append(Placed(desk, _marked(sheet, missed=past), remaining, until))
    return tuple(after), office.registers(evidence), office.week(network.item_days, missed + late)
