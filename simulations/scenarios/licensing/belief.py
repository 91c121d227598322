"""What the office can conclude from its files about the hidden truth: Bayes on a grid, exact up to counts' shape."""

from dataclasses import dataclass, replace

import numpy as np

from simulations.engine import Bools, Floats, Ints
from simulations.scenarios.licensing.world import Parameters, Truth

_LEAST_MEAN = 1e-6


@dataclass(frozen=True)
class Evidence:
    """Log-likelihood of all weeks so far, by (lane, value); forgery and share of the new template jointly."""

    name_rejects: Floats
    peak: Floats
    forgery: Floats  # (lane, forgery, new share)


def no_evidence(p: Parameters) -> Evidence:
    """One lane before the first week."""
    return Evidence(
        np.zeros((1, len(p.name_rejects_values))),
        np.zeros((1, len(p.peak_values))),
        np.zeros((1, len(p.forgery_values), len(p.new_share_values))),
    )


@dataclass(frozen=True)
class Sightings:
    """Counts of one week, and what was to be expected under each value of the hidden truth."""

    arrived: Floats  # (lane, block)
    arrived_expected: Floats  # (lane, peak value, block)
    flagged: Floats  # honest files with two spellings flagged by the tool
    flagged_expected: Floats  # (lane, value)
    tool_used: Bools
    confirmed: Floats  # forgeries shown at the door
    confirmed_by_template: Floats  # (lane, template), expected were all forgeries of this template
    found: Floats  # by audit
    found_by_template: Floats
    template_spread: float


def log_likelihood(seen: Floats, mean: Floats) -> Floats:
    """Poisson log-likelihood of a count, less what does not depend on the mean."""
    safe = np.maximum(mean, _LEAST_MEAN)
    return np.asarray(seen * np.log(safe) - safe, dtype=np.float64)


def _by_forgery(p: Parameters, by_template: Floats, spread: float) -> Floats:
    share = p.new_share_values * spread
    mixed = by_template[:, :1] * (1 - share) + by_template[:, 1:] * share
    return np.asarray(p.forgery_values[None, :, None] * mixed[:, None, :], dtype=np.float64)


def updated(p: Parameters, before: Evidence, week: Sightings) -> Evidence:
    """The evidence with one more week."""
    flags = log_likelihood(week.flagged[:, None], week.flagged_expected)
    forgery = before.forgery
    for seen, expected in ((week.confirmed, week.confirmed_by_template), (week.found, week.found_by_template)):
        forgery = forgery + log_likelihood(seen[:, None, None], _by_forgery(p, expected, week.template_spread))
    return Evidence(
        before.name_rejects + np.where(week.tool_used[:, None], flags, 0.0),
        before.peak + log_likelihood(week.arrived[:, None, :], week.arrived_expected).sum(axis=2),
        forgery,
    )


def posterior(evidence: Floats, prior: Floats) -> Floats:
    """Probabilities by (lane, value ...) that add up to one in a lane."""
    weight = evidence - evidence.reshape(len(evidence), -1).max(axis=1).reshape(-1, *[1] * prior.ndim)
    chance = prior * np.exp(weight)
    return np.asarray(chance / chance.reshape(len(chance), -1).sum(axis=1).reshape(-1, *[1] * prior.ndim))


def forgery_prior(p: Parameters) -> Floats:
    """Joint prior of forgery and share of the new template."""
    return np.outer(p.forgery_prior, p.new_share_prior)


def expected_truth(p: Parameters, evidence: Evidence) -> Truth:
    """Posterior means, by lane."""
    joint = posterior(evidence.forgery, forgery_prior(p))
    return Truth(
        name_rejects=posterior(evidence.name_rejects, p.name_rejects_prior) @ p.name_rejects_values,
        forgery=joint.sum(axis=2) @ p.forgery_values,
        new_share=joint.sum(axis=1) @ p.new_share_values,
        peak=posterior(evidence.peak, p.peak_prior) @ p.peak_values,
    )


def cautious_truth(p: Parameters, evidence: Evidence) -> Truth:
    """Posterior means, but for the morning peak one standard deviation above: waiting grows faster than the crowd."""
    means = expected_truth(p, evidence)
    squares = posterior(evidence.peak, p.peak_prior) @ p.peak_values**2
    return replace(means, peak=means.peak + np.sqrt(np.maximum(squares - means.peak**2, 0.0)))


def plausible_truths(p: Parameters, evidence: Evidence) -> list[Truth]:
    """Posterior means of one lane with one part at its tenth or ninetieth percentile, for every part in turn."""
    joint = posterior(evidence.forgery, forgery_prior(p))[0]
    parts = {
        "name_rejects": (posterior(evidence.name_rejects, p.name_rejects_prior)[0], p.name_rejects_values),
        "forgery": (joint.sum(axis=1), p.forgery_values),
        "new_share": (joint.sum(axis=0), p.new_share_values),
        "peak": (posterior(evidence.peak, p.peak_prior)[0], p.peak_values),
    }
    means = cautious_truth(p, evidence)
    found = []
    for name, (chance, values) in parts.items():
        below = np.round(np.cumsum(chance), 9)
        for share in (0.1, 0.9):
            place = min(int(np.searchsorted(below, share)), len(values) - 1)
            found.append(replace(means, **{name: values[place : place + 1]}))
    return found


def drawn_truths(p: Parameters, evidence: Evidence, dice: Floats) -> Truth:
    """Truths from the posterior of one lane; dice by (three, draw), 0 to 1."""

    def places(chance: Floats, die: Floats) -> Ints:
        return np.searchsorted(np.round(np.cumsum(chance.ravel())[:-1], 12), die, side="right").astype(np.intp)

    joint = posterior(evidence.forgery, forgery_prior(p))[0]
    forgery, new = np.divmod(places(joint, dice[0]), joint.shape[1])
    names = posterior(evidence.name_rejects, p.name_rejects_prior)[0]
    peaks = posterior(evidence.peak, p.peak_prior)[0]
    return Truth(
        name_rejects=p.name_rejects_values[places(names, dice[1])],
        forgery=p.forgery_values[forgery],
        new_share=p.new_share_values[new],
        peak=p.peak_values[places(peaks, dice[2])],
    )
