"""What a week reports to the office, and what stays hidden until the debrief."""

from collections.abc import Sequence

import numpy as np

from simulations.engine import Floats
from simulations.scenarios.file_routing.fluid import Fluid, Forms, Truths
from simulations.scenarios.file_routing.office import Placed, Plan, Week
from simulations.scenarios.file_routing.world import (
    ENGLISH,
    SCRIPTS,
    File,
    Hidden,
    Parameters,
    tool_is_right,
)


def percent(part: float, whole: float) -> float:
    """Part of a whole in percent; 0 of nothing."""
    return 100.0 * part / whole if whole else 0.0


def smoothed_ages(p: Parameters, days: Floats, files: Floats) -> Floats:
    """Mean age by script, with ``equity_smoothing`` files at the overall mean added, lest a few files decide."""
    overall = days.sum() / max(float(files.sum()), 1.0)
    extra = p.equity_smoothing
    return np.asarray((days + extra * overall) / (files + extra), dtype=np.float64)


def ages_by_script(week: Week) -> tuple[Floats, Floats]:
    """Days and number of the files disposed of, by script."""
    scripts = np.array([script for script, _ in week.ages], dtype=np.intp)
    ages = np.array([age for _, age in week.ages], dtype=np.float64)
    size = len(SCRIPTS)
    return np.bincount(scripts, weights=ages, minlength=size), np.bincount(scripts, minlength=size).astype(float)


def age_ratio(week: Week) -> float:
    """Median age of Urdu files, typed or handwritten, over that of English ones; 1 where either is missing."""
    english = [age for script, age in week.ages if script == ENGLISH]
    urdu = [age for script, age in week.ages if script != ENGLISH]
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
