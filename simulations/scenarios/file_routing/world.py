"""The files of a run, the hidden truth of an office and the dice of each week, drawn before any decision is known."""

import math
from dataclasses import dataclass, replace

import numpy as np

from simulations.engine import Floats, Ints, stream

DESKS = ("diary", "assistant", "superintendent", "section_officer", "deputy_secretary", "finance")
DIARY, ASSISTANT, SUPERINTENDENT, SECTION_OFFICER, DEPUTY_SECRETARY, FINANCE = range(6)
KINDS = ("routine", "court", "grant")
ROUTINE, COURT, GRANT = range(3)
SCRIPTS = ("english", "urdu", "handwritten")
ENGLISH, URDU, HANDWRITTEN = range(3)
SECTIONS = ("seed", "water", "livestock", "establishment")
ROUTERS = ("tool", "advice", "person")
TOOL, ADVICE, PERSON = range(3)
NOT_YET = -1

PASSES = 4
TURNS = 4
DAYS = 5
NEVER = math.inf


@dataclass(frozen=True)
class Parameters:
    """The numbers of ``scenario.toml``; units and sources stand there."""

    files_per_day: float
    post_files: int
    initial_files: Floats
    initial_age: float
    kind_shares: Floats
    script_shares: Floats
    service_minutes: Floats
    reading_minutes: float
    advice_reading: float
    kind_factor: Floats
    hours_per_day: float
    superintendent_share: Floats
    deputy_share: Floats
    finance_share: Floats
    return_days: float
    comes_back: float
    delegation_error: float
    court_days: Floats
    assembly_factor: float
    assembly_weeks: int
    assembly_choices: Floats
    drift_choices: Floats
    renamed_range: Floats
    renamed_accuracy: float
    confidence_mean: Floats
    confidence_spread: Floats
    overstated_mean: Floats
    overstated_spread: Floats
    advice_slip: float
    advice_followed: float
    person_error: Floats
    person_weight: float
    speed_weight: float
    card_english: int
    card_urdu: int
    cue_subject: Floats
    cue_sender: float
    pending_cost: float
    court_cost: float
    rework_cost: float
    equity_threshold: float
    equity_smoothing: float
    prior_draws: int
    shortlist: int
    horizon_weeks: int
    fluid_steps: int
    rollout_forms: int
    finalists: int

    @property
    def minutes_per_day(self) -> float:
        """Working minutes of an official in a day."""
        return 60 * self.hours_per_day


@dataclass(frozen=True)
class Hidden:
    """What nobody in the office knows: drawn once a run."""

    overstated: Floats  # stated confidence less true accuracy, by script
    renamed_share: float  # of new files, once the merger has renamed their subject
    drift_week: int  # first week with renamed subjects
    person_error: Floats  # share of files a person marks to the wrong section, by script
    speed: Floats  # of a desk, 1 as in the register of working norms
    assembly_week: int  # first week of the session


@dataclass(frozen=True)
class Dice:
    """The luck of one file."""

    work: tuple[float, ...]  # standard exponential, by desk and turn
    slips: tuple[float, ...]  # whether it is marked wrongly, by pass
    way: tuple[float, ...]  # days on the way back from a wrong section, standard exponential, by pass
    needs: tuple[float, ...]  # superintendent, finance, deputy secretary, return
    cues: tuple[float, ...]  # section if the label is wrong; subject and sender as they point


@dataclass(frozen=True)
class File:
    """One file; times in working days since the start of the run."""

    number: int
    arrived: float
    kind: int
    script: int
    confidence: float  # as the tool states it
    label: int  # section the tool names
    renamed: bool  # hidden: its subject was renamed by the merger
    due: float  # hearing, NEVER without one
    dice: Dice
    router: int = NOT_YET  # who marked it to a section
    passes: int = 0  # wrong sections it has seen
    came_back: bool = False  # issued once, and returned for an error
    missed: bool = False  # its hearing has passed without it


def draw_hidden(p: Parameters, seed: int) -> Hidden:
    """The truth of a run."""
    tool, office = stream(seed, "hidden:tool"), stream(seed, "hidden:office")
    low, high = p.renamed_range
    wrong = p.person_error * p.person_weight
    return Hidden(
        overstated=p.overstated_mean + p.overstated_spread * tool.standard_normal(len(SCRIPTS)),
        renamed_share=float(low + (high - low) * tool.random()),
        drift_week=int(p.drift_choices[tool.integers(len(p.drift_choices))]),
        person_error=office.beta(wrong, p.person_weight - wrong),
        speed=office.gamma(p.speed_weight, 1 / p.speed_weight, len(DESKS)),
        assembly_week=int(p.assembly_choices[office.integers(len(p.assembly_choices))]),
    )


def in_session(p: Parameters, hidden: Hidden, week: int) -> bool:
    """Whether the assembly asks questions in this week."""
    return hidden.assembly_week <= week < hidden.assembly_week + p.assembly_weeks


def week_of(arrived: float) -> int:
    """The week a file came in, 1-based; 0 for those that were there before."""
    return int(arrived // DAYS) + 1 if arrived >= 0 else 0


def tool_accuracy(p: Parameters, hidden: Hidden, file: File) -> float:
    """Probability that the tool names the right section, 0 to 1."""
    if file.renamed:
        return p.renamed_accuracy
    return min(1.0, max(0.0, file.confidence - float(hidden.overstated[file.script])))


def tool_is_right(p: Parameters, hidden: Hidden, file: File) -> bool:
    """Whether the section the tool names is the right one."""
    return file.dice.slips[0] >= 1 - tool_accuracy(p, hidden, file)


def _tuples(values: Floats) -> list[tuple[float, ...]]:
    return [tuple(row) for row in values.tolist()]


def draw_dice(die: np.random.Generator, count: int) -> list[Dice]:
    """The luck of several files."""
    work = _tuples(die.standard_exponential((count, len(DESKS) * TURNS)))
    way = _tuples(die.standard_exponential((count, PASSES)))
    slips, needs, cues = (_tuples(die.random((count, width))) for width in (PASSES, 4, 5))
    return [Dice(*row) for row in zip(work, slips, way, needs, cues, strict=True)]


def _draw_files(
    p: Parameters, hidden: Hidden, die: np.random.Generator, arrived: Floats, kinds: Ints, first_number: int
) -> list[File]:
    count = len(arrived)
    scripts = np.searchsorted(np.cumsum(p.script_shares)[:-1], die.random(count), side="right")
    stated = p.confidence_mean[scripts] + p.confidence_spread[scripts] * die.standard_normal(count)
    stated = np.round(np.clip(stated, 0.5, 0.99), 2)
    labels = die.integers(len(SECTIONS), size=count)
    renamed = die.random(count) < hidden.renamed_share
    low, high = p.court_days
    due = np.where(kinds == COURT, arrived + low + (high - low) * die.random(count), NEVER)
    dice = draw_dice(die, count)
    return [
        File(
            first_number + number,
            float(arrived[number]),
            int(kinds[number]),
            int(scripts[number]),
            float(stated[number]),
            int(labels[number]),
            bool(renamed[number]) and week_of(float(arrived[number])) >= hidden.drift_week,
            float(due[number]),
            dice[number],
        )
        for number in range(count)
    ]


def draw_week(p: Parameters, hidden: Hidden, seed: int, week: int) -> tuple[File, ...]:
    """All files that come in this week; the first ``post_files`` lie there on Monday morning."""
    die = stream(seed, "arrivals", week)
    factor = np.array([1.0, p.assembly_factor if in_session(p, hidden, week) else 1.0, 1.0])
    means = (p.files_per_day * DAYS - p.post_files) * p.kind_shares * factor
    kinds = np.repeat(np.arange(len(KINDS)), die.poisson(means).astype(np.intp))
    kinds = kinds[np.argsort(die.random(len(kinds)), kind="stable")]
    start = DAYS * (week - 1)
    arrived = np.concatenate([np.full(p.post_files, start), np.sort(start + DAYS * die.random(len(kinds)))])
    post = np.searchsorted(np.cumsum(p.kind_shares)[:-1], die.random(p.post_files), side="right")
    return tuple(_draw_files(p, hidden, die, arrived, np.concatenate([post, kinds]), 1000 * week))


def draw_first_files(p: Parameters, hidden: Hidden, seed: int) -> tuple[tuple[int, File], ...]:
    """Files that lie on the desks on the first morning, as (desk, file); a person has marked them."""
    die = stream(seed, "first_files")
    counts = p.initial_files.astype(np.intp)
    desks = np.repeat(np.arange(len(DESKS)), counts)
    kinds = np.searchsorted(np.cumsum(p.kind_shares)[:-1], die.random(len(desks)), side="right")
    kinds = np.where(desks == FINANCE, GRANT, kinds)
    arrived = -p.initial_age * die.random(len(desks))
    files = _draw_files(p, hidden, die, arrived, kinds, 0)
    marked = [replace(file, router=PERSON) if desk != DIARY else file for desk, file in zip(desks, files, strict=True)]
    return tuple(sorted(zip(desks.tolist(), marked, strict=True), key=lambda pair: (pair[0], pair[1].arrived)))
