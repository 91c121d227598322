"""What each inquiry brings back. Draws come from streams of their own: asking never shifts the dice."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from simulations.engine import Floats, stream
from simulations.estimates import LEAST_SHARE, share_stability
from simulations.inquiries import DECOYS, plain
from simulations.scenarios.file_routing.world import (
    DESKS,
    HANDWRITTEN,
    SCRIPTS,
    Hidden,
    Parameters,
)

REGISTER_FILES = 120
TIMED_FILES = 25
DRIFT_FILES = 200
SUBJECTS = 12
RENAMED_SUBJECTS = 3
RECALLED_FILES = 20
TRIAL_FILES = 40


@dataclass(frozen=True)
class View:
    """Where the inquiry is made."""

    p: Parameters
    seed: int
    hidden: Hidden
    week: int

    def die(self, name: str) -> np.random.Generator:
        """The dice of one inquiry in this week."""
        return stream(self.seed, f"inquiry:{name}", self.week)

    @property
    def renamed(self) -> float:
        """Share of new files with a renamed subject, now."""
        return self.hidden.renamed_share if self.week >= self.hidden.drift_week else 0.0

    @property
    def accuracy(self) -> Floats:
        """The tool's true accuracy on new files, by script."""
        familiar = np.clip(self.p.confidence_mean - self.hidden.overstated, 0.0, 1.0)
        return np.asarray((1 - self.renamed) * familiar + self.renamed * self.p.renamed_accuracy)


def ai_card(view: View) -> Mapping[str, float]:
    """The vendor's claim, from a test on files typed in English and Urdu."""
    sizes = np.array([view.p.card_english, view.p.card_urdu])
    familiar = np.clip(view.p.confidence_mean - view.hidden.overstated, 0.0, 1.0)[: len(sizes)]
    # the test was made once, long before the run
    right = stream(view.seed, "inquiry:ai_card").binomial(sizes, familiar).sum()
    return {
        "claimed": 100 * float(right) / float(sizes.sum()),
        "n": float(sizes.sum()),
        "english": float(sizes[0]),
        "urdu": float(sizes[1]),
        "handwritten": 0.0,
    }


def error_by_group(view: View, size: int) -> Mapping[str, float]:
    """Files of last week marked by hand again: how often the tool was right, a third from each script."""
    count = size // len(SCRIPTS)
    right = view.die("error_by_group").binomial(count, view.accuracy)
    return {"n": float(count), **{f"right_{name}": float(hits) for name, hits in zip(SCRIPTS, right, strict=True)}}


def drift_check(view: View) -> Mapping[str, float]:
    """Population stability index of the subjects of new files against the vendor's, and the share of unknown ones."""
    now = np.full(SUBJECTS, (1 - view.renamed) / SUBJECTS)
    now = np.append(now, view.renamed)
    counts = view.die("drift_check").multinomial(DRIFT_FILES, now)
    shares = np.maximum(counts / DRIFT_FILES, LEAST_SHARE)
    then = np.append(np.full(SUBJECTS, 1 / SUBJECTS), LEAST_SHARE)
    return {
        "psi": share_stability(then, shares),
        "unknown": 100 * float(counts[-1]) / DRIFT_FILES,
    }


def why_this_case(view: View) -> Mapping[str, float]:
    """What the confidence in the surest handwritten file is made of, in points: words, layout, paper."""
    die = view.die("why_this_case")
    stated = min(0.99, float(view.p.confidence_mean[HANDWRITTEN] + view.p.confidence_spread[HANDWRITTEN]))
    form = float(view.hidden.overstated[HANDWRITTEN]) + 0.02 * float(die.standard_normal())
    form = min(max(form, 0.0), stated)
    layout = form * (0.5 + 0.2 * float(die.random()))
    return {
        "stated": 100 * stated,
        "words": 100 * (stated - form),
        "layout": 100 * layout,
        "paper": 100 * (form - layout),
    }


def history(view: View) -> Mapping[str, float]:
    """Last year's return register: files that persons had marked, and those that came back, by script."""
    # the register was closed before the run
    back = stream(view.seed, "inquiry:history").binomial(REGISTER_FILES, view.hidden.person_error)
    return {"n": float(REGISTER_FILES), **{f"back_{name}": float(k) for name, k in zip(SCRIPTS, back, strict=True)}}


def field_officer(view: View) -> Mapping[str, float]:
    """A district officer's word: of the last letters sent, how many bore a new department's name or subject."""
    return {
        "n": float(RECALLED_FILES),
        "renamed": float(view.die("field_officer").binomial(RECALLED_FILES, view.renamed)),
    }


def law(view: View) -> Mapping[str, float]:
    """The assembly's calendar under its rules of procedure: the week its session begins, and for how long."""
    return {"week": float(view.hidden.assembly_week), "weeks": float(view.p.assembly_weeks)}


def desk_time_study(view: View) -> Mapping[str, float]:
    """Minutes a routine file takes at each desk, timed with a watch on some files."""
    die = view.die("desk_time_study")
    minutes = view.p.service_minutes * np.where(np.arange(len(DESKS)) > 0, view.p.kind_factor[0], 1.0)
    measured = minutes / view.hidden.speed * die.gamma(TIMED_FILES, 1 / TIMED_FILES, len(DESKS))
    norm = {f"norm_{name}": float(value) for name, value in zip(DESKS, minutes, strict=True)}
    return {"n": float(TIMED_FILES), **{name: float(v) for name, v in zip(DESKS, measured, strict=True)}, **norm}


def advice_trial(view: View) -> Mapping[str, float]:
    """A trial on old handwritten files: marked by a person, by the tool, and by a person with the tool's advice."""
    die, p = view.die("advice_trial"), view.p
    right = float(view.accuracy[HANDWRITTEN])
    advised = right * p.advice_slip + (1 - right) * p.advice_followed
    chances = [float(view.hidden.person_error[HANDWRITTEN]), 1 - right, advised]
    wrong = die.binomial(TRIAL_FILES, chances)
    return {"n": float(TRIAL_FILES), "person": float(wrong[0]), "tool": float(wrong[1]), "advised": float(wrong[2])}


Answer = Callable[[View, int], Mapping[str, float]]

ASK: Mapping[str, Answer] = {
    "ai_card": plain(ai_card),
    "error_by_group": error_by_group,
    "drift_check": plain(drift_check),
    "why_this_case": plain(why_this_case),
    "history": plain(history),
    "field_officer": plain(field_officer),
    "law": plain(law),
    "desk_time_study": plain(desk_time_study),
    "advice_trial": plain(advice_trial),
    **DECOYS,
}
