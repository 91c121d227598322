"""Who is refused: the tool's score, the officer at the counter, the human door, the audit afterwards."""

from dataclasses import dataclass

import numpy as np

from simulations.engine import Floats, Ints
from simulations.scenarios.licensing.world import DAYS, Parameters, Truth

MODES = ("ignore", "advise", "auto")
IGNORE, ADVISE, AUTO = range(3)
BLOCK_MINUTES = 120


def log_odds(share: Floats | float) -> Floats:
    """Natural logarithm of share / (1 - share)."""
    return np.asarray(np.log(share) - np.log1p(-np.asarray(share)), dtype=np.float64)


def flag_chance(at_reference: Floats | float, threshold: Floats | float, reference: float) -> Floats:
    """Chance that a file scores below the threshold, given that chance at the reference threshold.

    Scores are on the scale of log-odds: moving the threshold adds the same to the log-odds of every kind of file.
    """
    moved = log_odds(at_reference) + log_odds(threshold) - float(log_odds(reference))
    return np.asarray(0.5 * (1 + np.tanh(moved / 2)), dtype=np.float64)


def genuine_flags(p: Parameters, name_rejects: Floats, threshold: Floats) -> Floats:
    """Chance that the tool flags an honest file, by (lane, group)."""
    base = np.column_stack([np.full_like(name_rejects, p.plain_rejects), name_rejects,
                            np.full_like(name_rejects, p.photo_rejects)])  # fmt: skip
    return flag_chance(base, threshold[:, None], p.reference_threshold)


def forged_flags(p: Parameters, threshold: Floats) -> Floats:
    """Chance that the tool flags a forged file, by (lane, template): known, new."""
    return flag_chance(np.array([p.known_caught, p.new_caught]), threshold[:, None], p.reference_threshold)


@dataclass(frozen=True)
class FirstLook:
    """Chance that a file is refused at first look, by lane and by group or template."""

    genuine: Floats
    forged: Floats


def first_look(p: Parameters, mode: Ints, genuine_flagged: Floats, forged_flagged: Floats) -> FirstLook:
    """What the counter refuses under each use of the tool, from what the tool flags."""

    def chosen(flagged: Floats, alone: Floats | float, advised: Floats) -> Floats:
        heeded = flagged * advised[0] + (1 - flagged) * advised[1]
        return np.choose(mode[:, None], [np.broadcast_to(alone, flagged.shape), heeded, flagged])

    return FirstLook(
        genuine=chosen(genuine_flagged, p.officer_false, p.advised_false),
        forged=chosen(forged_flagged, p.officer_detects, p.advised_detects),
    )


@dataclass(frozen=True)
class Outcome:
    """Expected fate of the files decided in a week, by lane."""

    asked: Floats  # refused at first look, who all ask for the human door
    seen: Floats  # of these, seen by a person
    wrong: Floats  # honest applicants refused for good, by (lane, group)
    confirmed_chance: Floats  # that a forged file is shown to be such at the door, by (lane, template)
    issued_chance: Floats  # that a forged file gets a licence, by (lane, template)


def door_capacity(p: Parameters, door: Floats) -> Floats:
    """Reviews a week by officers at the door. door: officers for a block of two hours each day."""
    return np.asarray(door * DAYS * BLOCK_MINUTES / p.door_minutes, dtype=np.float64)


def outcome(p: Parameters, look: FirstLook, files: "Files", door: Floats) -> Outcome:
    """Fate of the decided files, given officers at the door. Whom the door cannot see stays refused."""
    refused = files.genuine * look.genuine
    asked = refused.sum(axis=1) + (files.forged * look.forged).sum(axis=1)
    share = np.minimum(1.0, door_capacity(p, door) / np.maximum(asked, 1e-9))
    wrong = refused * (1 - share * (1 - p.door_false))[:, None] + p.clerical_error * files.genuine
    return Outcome(
        asked=asked,
        seen=share * asked,
        wrong=wrong,
        confirmed_chance=look.forged * (share * p.door_detects)[:, None],
        issued_chance=1 - look.forged * (1 - share * (1 - p.door_detects))[:, None],
    )


@dataclass(frozen=True)
class Files:
    """Expected files decided in a week: honest by (lane, group), forged by (lane, template)."""

    genuine: Floats
    forged: Floats


def forged_rate(p: Parameters, agents: Floats) -> Floats:
    """Assumed share of forged files, before the hidden multiple. agents: share of files brought by agents."""
    return np.asarray(p.forged_share * (1 - agents) + p.forged_agent_share * agents, dtype=np.float64)


def decided_files(p: Parameters, decided: Floats, agents: Floats, forgery: Floats, new_share: Floats) -> Files:
    """Kinds of files among the decided.

    forgery: multiple of the assumed share of forged papers.  new_share: share of forgeries made with the new
    template, 0 before it is about.
    """
    forged = decided * np.minimum(1.0, forgery * forged_rate(p, agents))
    genuine = (decided - forged)[:, None] * p.group_shares / p.group_shares.sum()
    return Files(genuine, np.column_stack([forged * (1 - new_share), forged * new_share]))


def template_spread(p: Parameters, week: int) -> float:
    """How far the new template has come, 0 to 1: a trickle before the amnesty, everywhere from its first week on."""
    return 1.0 if week >= int(p.amnesty_weeks.min()) else p.template_before


def new_share_now(p: Parameters, truth: Truth, week: int) -> Floats:
    """Share of forgeries made with the new template in this week, by lane."""
    return np.asarray(truth.new_share * template_spread(p, week), dtype=np.float64)
