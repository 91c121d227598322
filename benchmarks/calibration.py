"""Estimates of simulated trainees whose skill is known, beside pyBKT and a Rasch model on the same answers.

Every trainee answers three quizzes of eight questions, far enough apart that all count. What is estimated is the share
of questions of average difficulty that they would answer rightly on the last day; eight such answers are held out.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.special import betaincinv, expit, ndtri
from sklearn.linear_model import LogisticRegression

from app.competencies.estimation import Piece, decay, half_life_days, reliability, standings, tally
from app.competencies.models import EvidenceKind
from app.competencies.service import WEIGHTS
from app.marking.agreement import pooled
from benchmarks.figures import Figure
from config import ROOT

Numbers = NDArray[np.float64]

TRAINEES = 1_000
QUIZZES, ITEMS, DAYS_BETWEEN = 3, 8, 100
HELD_OUT = 8
LEVELS = (0.9, 0.8)
BINS = 10
NOW = datetime(2027, 3, 1, 12, tzinfo=UTC)
COMPETENCY = "D2.1"
# Spread of skills and of difficulties (logit), and the prior of the Rasch model.
SKILL_SPREAD, ITEM_SPREAD = 1.5, 1.0
# How far a whole quiz goes better or worse than a skill says, and how far authors misjudge a difficulty (logit).
QUIZ_SPREAD, AUTHOR_ERROR = 1.0, 0.5
# How alike two people mark (intraclass correlation), and of how much work two marks are known.
MARKED_ALIKE, MARKED_TWICE = 0.6, 100
# Days in which an unused skill halves.
FORGETTING_DAYS = 730.0
# Corbett and Anderson's model as section 4.2 of the domain notes sets it.
KNOWN_AT_FIRST, LEARNING, SLIP, GUESS = 0.2, 0.15, 0.1, 0.25
# pyBKT names no uncertainty of its guess and slip; without any, its interval would be a point that covers nothing.
TOLERANCE = 0.02
BKT, RASCH = "pyBKT", "Rasch"
# Its four parameters are fitted to the answers of so many trainees: to those of all it would take minutes.
BKT_FITTED_TO = 300
BKT_PYTHON = ROOT / "var" / "bkt" / "bin" / "python"
BKT_FIT = Path(__file__).with_name("bkt_fit.py")


@dataclass(frozen=True)
class World:
    """Trainees of known skill. share: what is to be estimated of each. answers: 1 for right, by trainee and item.

    difficulties: of the items, as their authors believe (logit). graded: further evidence, outcomes by kind, trainee
    and piece, as many in each quiz's days. reliabilities: of further evidence that people marked, by kind.
    """

    name: str
    share: Numbers
    answers: Numbers
    difficulties: Numbers
    graded: Mapping[EvidenceKind, Numbers] = field(default_factory=dict)
    reliabilities: Mapping[EvidenceKind, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Estimates:
    """Of each trainee the estimated share, and by level the interval that should hold the true one so often."""

    shares: Numbers
    intervals: Mapping[float, tuple[Numbers, Numbers]]


def measure(_folder: Path) -> list[Figure]:
    """Hunar beside each peer in every world; what is no quiz answer only Hunar can use."""
    figures = []
    for seed, world in enumerate(worlds(TRAINEES)):
        held_out = _right(np.random.default_rng(1_000 + seed), world.share[:, None], HELD_OUT)
        ours = scores(world, held_out, by_hunar(world))
        if world.graded:
            figures += [
                Figure(f"Estimates, {world.name}", name, value, unit, TRAINEES) for (name, unit), value in ours.items()
            ]
            continue
        for peer, estimated in ((BKT, by_bkt(world)), (RASCH, by_rasch(world))):
            theirs = scores(world, held_out, estimated)
            figures += [
                Figure(
                    f"Estimates, {world.name}, {peer}",
                    name,
                    value,
                    unit,
                    TRAINEES,
                    theirs[name, unit],
                    None if unit == "%" else theirs[name, unit] / value,
                    peer,
                )
                for (name, unit), value in ours.items()
            ]
    return figures


def worlds(trainees: int) -> list[World]:
    """Each world by dice of its own."""
    return [
        own_world(np.random.default_rng(1), trainees),
        own_world(np.random.default_rng(2), trainees, kinds=True),
        constant_world(np.random.default_rng(3), trainees),
        forgetting_world(np.random.default_rng(4), trainees),
        rasch_world(np.random.default_rng(5), trainees),
        hard_world(np.random.default_rng(6), trainees),
        learning_world(np.random.default_rng(7), trainees),
        marked_world(np.random.default_rng(8), trainees),
    ]


def own_world(dice: np.random.Generator, trainees: int, *, kinds: bool = False) -> World:
    """What the method takes for true: all shares are equally likely, outcomes vary as their weights of today say.

    That weights fall with age supposes that what was true of a skill then says less of it now. kinds: with two
    simulation runs and two notebook cells beside each quiz.
    """
    share = dice.uniform(size=trainees)
    faded = [decay(_age(number), half_life_days(COMPETENCY)) for number in range(QUIZZES)]
    answers = np.concatenate([_quiz(dice, share, part) for part in faded], axis=1)
    graded = {}
    if kinds:
        for kind in (EvidenceKind.SIMULATION_DECISION, EvidenceKind.NOTEBOOK_CELL):
            # Shares with variance s (1 - s) / weight, as of so many independent answers.
            beyond = np.repeat(WEIGHTS[kind] * np.array(faded) - 1, 2)
            graded[kind] = dice.beta(beyond * share[:, None], beyond * (1 - share[:, None]))
    name = "the method's own world, quizzes, simulations and notebooks" if kinds else "the method's own world"
    return World(name, share, answers, np.zeros(QUIZZES * ITEMS), graded)


def marked_world(dice: np.random.Generator, trainees: int) -> World:
    """The method's own, with two written products beside each quiz, marked by people who differ.

    The spread of their marks is such that the intraclass correlation of two marks would be MARKED_ALIKE, were no mark
    cut at none and at full; how far they agree is taken from the first marks that two gave.
    """
    quizzes = own_world(dice, trainees)
    faded = np.repeat([decay(_age(number), half_life_days(COMPETENCY)) for number in range(QUIZZES)], 2)
    beyond = WEIGHTS[EvidenceKind.WRITTEN_PRODUCT] * faded - 1
    share = quizzes.share[:, None]
    works = dice.beta(beyond * share, beyond * (1 - share))
    spread = np.sqrt(works.var() * (1 - MARKED_ALIKE) / MARKED_ALIKE)
    first, second = (np.clip(works + dice.normal(0, spread, works.shape), 0, 1) for _marker in range(2))
    pairs = list(zip(first[:MARKED_TWICE, 0].tolist(), second[:MARKED_TWICE, 0].tolist(), strict=True))
    agreed = pooled([pairs])
    return World(
        "the method's own world, quizzes and written products marked by people",
        quizzes.share,
        quizzes.answers,
        quizzes.difficulties,
        {EvidenceKind.WRITTEN_PRODUCT: first},
        {EvidenceKind.WRITTEN_PRODUCT: reliability(agreed.pairs, agreed.weighted)},
    )


def constant_world(dice: np.random.Generator, trainees: int) -> World:
    """The same, but skills stay what they are, so that what is old says as much as what is new."""
    share = dice.uniform(size=trainees)
    answers = np.concatenate([_quiz(dice, share) for _number in range(QUIZZES)], axis=1)
    return World("a skill that stays", share, answers, np.zeros(QUIZZES * ITEMS))


def forgetting_world(dice: np.random.Generator, trainees: int) -> World:
    """The same, but skills halve in two years."""
    first = dice.uniform(size=trainees)
    shares = [first * 0.5 ** (number * DAYS_BETWEEN / FORGETTING_DAYS) for number in range(QUIZZES)]
    answers = np.concatenate([_quiz(dice, share) for share in shares], axis=1)
    return World("a skill that halves in two years", shares[-1], answers, np.zeros(QUIZZES * ITEMS))


def rasch_world(dice: np.random.Generator, trainees: int) -> World:
    """Independent answers of Rasch's model, with difficulties that are known."""
    skill = dice.normal(0, SKILL_SPREAD, trainees)
    difficulties = dice.normal(0, ITEM_SPREAD, QUIZZES * ITEMS)
    answers = _right(dice, expit(skill[:, None] - difficulties), QUIZZES * ITEMS)
    return World("Rasch's model", expit(skill), answers, difficulties)


def hard_world(dice: np.random.Generator, trainees: int) -> World:
    """Rasch's model with hard questions, quizzes that go well or badly as a whole, and authors who misjudge them."""
    skill = dice.normal(0, SKILL_SPREAD, trainees)
    difficulties = dice.normal(1, ITEM_SPREAD, QUIZZES * ITEMS)
    moods = np.repeat(dice.normal(0, QUIZ_SPREAD, (trainees, QUIZZES)), ITEMS, axis=1)
    answers = _right(dice, expit(skill[:, None] + moods - difficulties), QUIZZES * ITEMS)
    believed = difficulties + dice.normal(0, AUTHOR_ERROR, difficulties.size)
    # What a trainee can do on another day, whose mood nobody knows.
    days = ndtri((np.arange(200) + 0.5) / 200) * QUIZ_SPREAD
    share = expit(skill[:, None] + days).mean(axis=1)
    return World("Rasch's model, hard questions, good and bad days", share, answers, believed)


def learning_world(dice: np.random.Generator, trainees: int) -> World:
    """Bayesian knowledge tracing: somebody knows or does not, and learns at one stroke."""
    knows = dice.random(trainees) < KNOWN_AT_FIRST
    answers = np.empty((trainees, QUIZZES * ITEMS))
    for number in range(QUIZZES * ITEMS):
        answers[:, number] = dice.random(trainees) < np.where(knows, 1 - SLIP, GUESS)
        knows |= dice.random(trainees) < LEARNING
    share = np.where(knows, 1 - SLIP, GUESS)
    return World("learning at one stroke", share, answers, np.zeros(QUIZZES * ITEMS))


def _quiz(dice: np.random.Generator, share: Numbers, faded: float = 1.0) -> Numbers:
    """Answers to one quiz, alike as their weight supposes (design effect, Kish 1965). faded: what is left of it."""
    alike = (1 / (WEIGHTS[EvidenceKind.QUIZ_ITEM] * faded) - 1) / (ITEMS - 1)
    width = 1 / alike - 1
    of_day = dice.beta(width * share, width * (1 - share))
    return _right(dice, of_day[:, None], ITEMS)


def _age(quiz: int) -> int:
    """Days since a quiz."""
    return DAYS_BETWEEN * (QUIZZES - 1 - quiz)


def _right(dice: np.random.Generator, chances: Numbers, count: int) -> Numbers:
    return (dice.random((len(chances), count)) < chances).astype(float)


def by_hunar(world: World) -> Estimates:
    """By the kept sums, as pages about groups have them."""
    trainees = range(len(world.share))
    found = standings([tally(COMPETENCY, _pieces(world, trainee)) for trainee in trainees], now=NOW)
    alpha = np.array([each.alpha for each in found])
    beta = np.array([each.beta for each in found])
    intervals = {
        level: (betaincinv(alpha, beta, (1 - level) / 2), betaincinv(alpha, beta, (1 + level) / 2)) for level in LEVELS
    }
    return Estimates(alpha / (alpha + beta), intervals)


def _pieces(world: World, trainee: int) -> list[Piece]:
    outcomes = {EvidenceKind.QUIZ_ITEM: world.answers[trainee]} | {
        kind: of_kind[trainee] for kind, of_kind in world.graded.items()
    }
    found = list[Piece]()
    for kind, of_kind in outcomes.items():
        each_time = len(of_kind) // QUIZZES
        for number, outcome in enumerate(of_kind):
            difficulty = world.difficulties[number] if kind is EvidenceKind.QUIZ_ITEM else 0.0
            at = NOW - timedelta(days=_age(number // each_time))
            source = f"{kind}:{number}"
            reliable = world.reliabilities.get(kind, 1.0)
            found.append(
                Piece(len(found), kind, float(outcome), float(difficulty), WEIGHTS[kind], source, at, reliable)
            )
    return found


def by_bkt(world: World) -> Estimates:
    """pyBKT at the step after the last answer; the interval is made of its two states."""
    answers = json.dumps(world.answers.astype(int).tolist())
    done = subprocess.run(
        [BKT_PYTHON, BKT_FIT, str(BKT_FITTED_TO)], input=answers, capture_output=True, text=True, check=True
    )
    found = json.loads(done.stdout.splitlines()[-1])
    knows, guess, slip = np.array(found["knows"]), found["guess"], found["slip"]
    intervals = {
        level: (
            np.where(knows >= level, 1 - slip, guess) - TOLERANCE,
            np.where(knows <= 1 - level, guess, 1 - slip) + TOLERANCE,
        )
        for level in LEVELS
    }
    return Estimates(np.array(found["right"]), intervals)


def by_rasch(world: World) -> Estimates:
    """Rasch's model by penalised logistic regression: persons and items with normal priors, intervals by Laplace.

    The answers leave open where the scale begins; the authors' mean difficulty says it.
    """
    trainees, items = world.answers.shape
    rows = np.arange(trainees * items)
    columns = np.concatenate([rows // items, trainees + rows % items])
    signs = np.concatenate([np.ones(rows.size), -np.ones(rows.size)])
    design = csr_array((signs, (np.concatenate([rows, rows]), columns)), shape=(rows.size, trainees + items))
    model = LogisticRegression(C=SKILL_SPREAD**2, fit_intercept=False, max_iter=1_000)
    model.fit(design, world.answers.ravel())
    skills, difficulties = model.coef_[0][:trainees], model.coef_[0][trainees:]
    chances = expit(skills[:, None] - difficulties)
    spread = 1 / np.sqrt((chances * (1 - chances)).sum(axis=1) + 1 / SKILL_SPREAD**2)
    skills = skills + world.difficulties.mean() - difficulties.mean()
    # The mean of a logistic of a normal (MacKay 1992).
    shares = expit(skills / np.sqrt(1 + np.pi * spread**2 / 8))
    reach = {level: ndtri((1 + level) / 2) * spread for level in LEVELS}
    return Estimates(shares, {level: (expit(skills - far), expit(skills + far)) for level, far in reach.items()})


def scores(world: World, held_out: Numbers, found: Estimates) -> dict[tuple[str, str], float]:
    """By name and unit: how far off, how good for answers held out, and how often intervals hold the truth."""
    error = 100 * (found.shares - world.share)
    chances = np.clip(found.shares, 0.001, 0.999)[:, None]
    loss = -(held_out * np.log(chances) + (1 - held_out) * np.log(1 - chances)).mean()
    return {
        ("error, root of the mean square", "points"): float(np.sqrt((error**2).mean())),
        ("error, mean of the absolute", "points"): float(np.abs(error).mean()),
        ("log loss of held-out answers", "nats"): float(loss),
        ("calibration error of held-out answers, 10 bins", "points"): 100 * calibration_error(found.shares, held_out),
        **{
            (f"intervals of {level:.0%} that hold the truth", "%"): 100 * covered(world, found, level)
            for level in LEVELS
        },
    }


def covered(world: World, found: Estimates, level: float) -> float:
    """The share of trainees whose true share lies in their interval."""
    low, high = found.intervals[level]
    return float(((low <= world.share) & (world.share <= high)).mean())


def calibration_error(shares: Numbers, held_out: Numbers) -> float:
    """The mean distance between what was foretold and what came, in bins of equal width (ECE)."""
    bins = np.minimum((shares * BINS).astype(int), BINS - 1)
    counts = np.bincount(bins, minlength=BINS)
    foretold = np.bincount(bins, shares, BINS)
    came = np.bincount(bins, held_out.mean(axis=1), BINS)
    return float(np.abs(foretold - came).sum() / counts.sum())
