"""What the registers of a run say on the hidden truth: a Bayes update, exact but for the tool's part.

The tool's overstatement, the share of renamed subjects and the week of the merger are drawn from their prior and
resampled with the likelihood of the registers as weight (importance resampling; Rubin 1988). A person's error is
beta, a desk's speed gamma, and both stay so (Gelman et al., Bayesian Data Analysis, ch. 2).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from simulations.engine import Floats, Ints, stream
from simulations.scenarios.file_routing.office import Evidence
from simulations.scenarios.file_routing.world import ADVICE, DESKS, PERSON, SCRIPTS, Hidden, Parameters, in_session

_LEAST_CHANCE = 1e-6


@dataclass(frozen=True)
class Beliefs:
    """Possible truths, one row each."""

    overstated: Floats  # (truth, script)
    renamed_share: Floats
    drift_week: Ints
    person_error: Floats  # (truth, script)
    speed: Floats  # (truth, desk)
    assembly_week: Ints

    def __len__(self) -> int:
        return len(self.renamed_share)

    def hidden(self, row: int) -> Hidden:
        """One of them as the truth of a run."""
        return Hidden(
            overstated=self.overstated[row],
            renamed_share=float(self.renamed_share[row]),
            drift_week=int(self.drift_week[row]),
            person_error=self.person_error[row],
            speed=self.speed[row],
            assembly_week=int(self.assembly_week[row]),
        )

    @classmethod
    def stacked(cls, truths: Sequence[Hidden]) -> "Beliefs":
        """Truths as rows."""
        return cls(
            overstated=np.array([hidden.overstated for hidden in truths]),
            renamed_share=np.array([hidden.renamed_share for hidden in truths]),
            drift_week=np.array([hidden.drift_week for hidden in truths], dtype=np.intp),
            person_error=np.array([hidden.person_error for hidden in truths]),
            speed=np.array([hidden.speed for hidden in truths]),
            assembly_week=np.array([hidden.assembly_week for hidden in truths], dtype=np.intp),
        )


def wrong_by_tool(p: Parameters, accuracy: Floats, router: int) -> Floats:
    """Share marked wrongly when the tool marks, or a person whom it advises."""
    if router == ADVICE:
        return np.asarray(accuracy * p.advice_slip + (1 - accuracy) * p.advice_followed, dtype=np.float64)
    return np.asarray(1 - accuracy, dtype=np.float64)


def tool_likelihood(p: Parameters, evidence: Evidence, overstated: Floats, renamed: Floats, drift_week: Ints) -> Floats:
    """Log-likelihood of what the tool had a hand in, by possible truth: binomial by week, router and script."""
    weeks = np.arange(evidence.marked.shape[0])
    new = np.where(weeks >= drift_week[:, None], renamed[:, None], 0.0)[:, :, None]
    total = np.zeros(len(renamed))
    for router in range(PERSON):
        marked, wrong = evidence.marked[:, router], evidence.wrong[:, router]
        if not marked.any():
            continue
        stated = evidence.stated[:, router] / np.maximum(marked, 1)
        familiar = np.clip(stated - overstated[:, None, :], 0.0, 1.0)
        accuracy = (1 - new) * familiar + new * p.renamed_accuracy
        chance = np.clip(wrong_by_tool(p, accuracy, router), _LEAST_CHANCE, 1 - _LEAST_CHANCE)
        total += (wrong * np.log(chance) + (marked - wrong) * np.log1p(-chance)).sum(axis=(1, 2))
    return total


def _resampled(weight: Floats, count: int, die: float) -> Ints:
    """Systematic resampling: rows in proportion to their weight."""
    total = np.cumsum(weight)
    places = (np.arange(count) + die) / count * total[-1]
    rows = np.minimum(np.searchsorted(total, places, side="right"), len(weight) - 1)
    return np.asarray(rows, dtype=np.intp)


def sessions_possible(p: Parameters, hidden: Hidden, week: int) -> list[int]:
    """Weeks in which the session may begin, given that the office has seen all weeks up to this one."""
    found = []
    for start in p.assembly_choices.astype(np.intp).tolist():
        truth = [in_session(p, hidden, number) for number in range(1, week + 1)]
        if [start <= number < start + p.assembly_weeks for number in range(1, week + 1)] == truth:
            found.append(start)
    return found


def posterior(p: Parameters, hidden: Hidden, evidence: Evidence, week: int, count: int, seed: int) -> Beliefs:
    """Possible truths that agree with the registers; of ``hidden`` only the session seen so far is used."""
    die = stream(seed, "belief", week)
    size = p.prior_draws
    overstated = p.overstated_mean + p.overstated_spread * die.standard_normal((size, len(SCRIPTS)))
    low, high = p.renamed_range
    renamed = low + (high - low) * die.random(size)
    drift_week = p.drift_choices[die.integers(len(p.drift_choices), size=size)].astype(np.intp)
    weight = tool_likelihood(p, evidence, overstated, renamed, drift_week)
    rows = die.permutation(_resampled(np.exp(weight - weight.max()), count, float(die.random())))
    by_person = evidence.marked[:, PERSON].sum(axis=0), evidence.wrong[:, PERSON].sum(axis=0)
    wrong = p.person_error * p.person_weight + by_person[1]
    right = (1 - p.person_error) * p.person_weight + by_person[0] - by_person[1]
    shape, rate = p.speed_weight + evidence.served, p.speed_weight + evidence.worked
    sessions = np.array(sessions_possible(p, hidden, week), dtype=np.intp)
    return Beliefs(
        overstated=overstated[rows],
        renamed_share=renamed[rows],
        drift_week=drift_week[rows],
        person_error=die.beta(wrong, right, (count, len(SCRIPTS))),
        speed=die.gamma(shape, 1 / rate, (count, len(DESKS))),
        assembly_week=sessions[die.integers(len(sessions), size=count)],
    )
