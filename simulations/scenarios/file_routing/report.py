"""What a week reports to the office, and what stays hidden until the debrief."""

from collections.abc import Iterable, Sequence

import numpy as np

from simulations.engine import Floats
from simulations.estimates import percent
from simulations.scenarios.file_routing.fluid import Fluid, Forms, Truths
from simulations.scenarios.file_routing.office import Placed, Plan, Week
from simulations.scenarios.file_routing.world import (
    ENGLISH,
    KINDS,
    SCRIPTS,
    File,
    Hidden,
    Parameters,
    tool_is_right,
)


def standardised_ages(p: Parameters, days: Floats, files: Floats) -> Floats:
    """Mean age by script as if every script had the same mix of kinds (direct standardisation), working days.

    days, files: by (script, kind). To each cell ``equity_smoothing`` files at the mean age of its kind are added, lest
    a few files decide.
    """
    by_kind, extra = files.sum(axis=0), p.equity_smoothing
    usual = days.sum(axis=0) / np.maximum(by_kind, 1.0)
    mean = (days + extra * usual) / (files + extra)
    return np.asarray(mean @ (by_kind / max(float(by_kind.sum()), 1.0)), dtype=np.float64)


def summed_ages(rows: Iterable[tuple[File, float]]) -> tuple[Floats, Floats]:
    """Days and number of files, by (script, kind), from pairs of file and age."""
    days, files = (np.zeros((len(SCRIPTS), len(KINDS))) for _ in range(2))
    for file, age in rows:
        days[file.script, file.kind] += age
        files[file.script, file.kind] += 1
    return days, files


def age_ratio(week: Week) -> float:
    """Median age of Urdu files, typed or handwritten, over that of English ones; 1 where either is missing."""
    english = [age for file, age in week.ages if file.script == ENGLISH]
    urdu = [age for file, age in week.ages if file.script != ENGLISH]
    return float(np.median(urdu) / np.median(english)) if english and urdu else 1.0


def reported(week: Week, after: Sequence[Placed]) -> dict[str, float]:
    """Indicators the office has on Saturday."""
    ages = np.array([age for _, age in week.ages]) if week.ages else np.zeros(1)
    marked, wrong = week.marked.sum(axis=0), week.wrong.sum(axis=0)
    by_script = {
        f"misrouted_{script}": percent(float(bad), float(all_files))
        for script, bad, all_files in zip(SCRIPTS, wrong, marked, strict=True)
    }
    return {
        "pending": float(len(after)),
        "median_age": float(np.median(ages)),
        "old_age": float(np.quantile(ages, 0.9)),
        "court_missed": float(week.missed),
        "misrouted": percent(float(wrong.sum()), float(marked.sum())),
        **by_script,
        "rework_hours": week.rework_hours,
        "age_ratio": age_ratio(week),
    }


def hidden_figures(
    fluid: Fluid, hidden: Hidden, truths: Truths, new: Sequence[File], chosen: Plan, week: int, ratio: float
) -> dict[str, float]:
    """Indicators of the debrief: what the tool said of all new files of the week, and the heaviest load."""
    right = [tool_is_right(fluid.p, hidden, file) for file in new]

    def accuracy(group: Sequence[bool]) -> float:
        chosen_files = [hit for hit, inside in zip(right, group, strict=True) if inside]
        return percent(float(sum(chosen_files)), float(len(chosen_files)))

    flows = fluid.flows(Forms.of([chosen]), truths, week)
    passed = flows.files[0] * np.append([1 / (1 - flows.wrong[0])] * 2, flows.visits[0, 2:])
    return {
        "accuracy": accuracy([True for _ in new]),
        **{f"accuracy_{name}": accuracy([f.script == number for f in new]) for number, name in enumerate(SCRIPTS)},
        "accuracy_renamed": accuracy([file.renamed for file in new]),
        "renamed": percent(float(sum(file.renamed for file in new)), float(len(new))),
        "heaviest_load": 100 * float((passed / flows.capacity[0]).max()),
        "equity_ratio": ratio,
    }
