"""What a finding is worth to a decision: expected value of sample information, estimated from possible worlds."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from simulations.engine import Floats, stream

PENALTY_WORLDS = 6.0
SHUFFLES = 24
LEAST_DEVIATIONS = 1.645  # of a shuffled finding: one useless finding in twenty passes for useful
Question = tuple[str, int | None]  # id of an inquiry and its argument


@dataclass(frozen=True)
class Figures:
    """What one inquiry brings back, standardised over the worlds.

    ``possible`` is (world, figure); ``found`` is what the run itself brought, kept within the range of the worlds.
    A figure that is the same in all worlds is left out: it tells nothing.
    """

    possible: Floats
    found: Floats


def figures_of(possible: Sequence[Mapping[str, float]], found: Mapping[str, float]) -> Figures:
    """Figures of an inquiry made in each world and in the run."""
    table = np.array([list(figures.values()) for figures in possible], dtype=np.float64).reshape(len(possible), -1)
    own = np.array([found[key] for key in possible[0]], dtype=np.float64)
    spread = table.std(axis=0)
    told = spread > 1e-9 * (1 + np.abs(table).max(axis=0, initial=0.0))
    table, mean, spread = table[:, told], table[:, told].mean(axis=0), spread[told]
    scaled = (table - mean) / spread
    own = np.clip((own[told] - mean) / spread, scaled.min(axis=0, initial=0.0), scaled.max(axis=0, initial=0.0))
    return Figures(scaled, own)


def _slopes(values: Floats, figures: Floats, penalty: float = PENALTY_WORLDS) -> Floats:
    """Ridge regression of each row of ``values`` (row, world) on ``figures`` (world, figure): (figure, row)."""
    centred = figures - figures.mean(axis=0)
    square = centred.T @ centred + penalty * np.eye(centred.shape[1])
    slopes = np.linalg.solve(square, centred.T @ (values - values.mean(axis=1, keepdims=True)).T)
    return np.asarray(slopes, dtype=np.float64)


def _gain(losses: Floats, figures: Floats) -> float:
    """How much the least expected loss falls once the figures are known, by a regression of losses on them."""
    expected = losses.mean(axis=1)
    shift = (figures - figures.mean(axis=0)) @ _slopes(losses, figures)
    return float(expected.min() - (expected + shift).min(axis=1).mean())


def information_value(losses: Floats, figures: Floats) -> float:
    """Expected value of sample information (Raiffa & Schlaifer 1961), in the unit of ``losses``, >= 0.

    losses: (decision, world).  figures: what the inquiry brings in each world, (world, figure), standardised.

    Expected loss given the finding comes from a ridge regression of losses on its figures (Strong, Oakley, Brennan &
    Breeze 2015, Medical Decision Making 35): a finding has as many outcomes as decisions it can recommend, and no
    world is lost to small groups of equal findings. The least of several fitted losses is optimistic: noise looks
    valuable. What the same regression makes of the figures dealt to the worlds at random is therefore taken off, and
    a value within the scatter of such shuffles counts as 0.
    """
    if len(losses) < 2:
        return 0.0
    return _beyond_chance(lambda dealt: _gain(losses, dealt), figures, float(np.ptp(losses)))


def explained_share(hidden: Floats, figures: Floats) -> float:
    """Share of the spread of hidden qualities that a finding explains, 0 to 1, chance taken off as above.

    hidden: (quality, world), each of variance 1 before anything was asked.  A stand-in for bits of information
    (Lindley 1956): for normal figures both rank questions alike, and this one needs no logarithm of a small sample.
    """

    def explained(dealt: Floats) -> float:
        centred = dealt - dealt.mean(axis=0)
        left = hidden - hidden.mean(axis=1, keepdims=True) - (centred @ _slopes(hidden, dealt)).T
        return float((hidden.var(axis=1) - left.var(axis=1)).mean())

    return _beyond_chance(explained, figures, 1.0)


def _beyond_chance(statistic: Callable[[Floats], float], figures: Floats, scale: float) -> float:
    """The statistic of the figures less its mean over shuffles of them; 0 within the scatter of the shuffles."""
    if figures.shape[1] == 0:
        return 0.0
    dice = stream(0, "information:shuffles")
    idle = [statistic(figures[dice.permutation(len(figures))]) for _ in range(SHUFFLES)]
    value = statistic(figures) - float(np.mean(idle))
    tolerance = LEAST_DEVIATIONS * float(np.std(idle)) + 1e-9 * scale
    return value if value > tolerance else 0.0


@dataclass(frozen=True)
class Beliefs:
    """What is expected of each decision after the findings ``seen`` in a round; ``losses`` is (decision, world).

    Where findings do not bear on the decision, ``learning`` is what knowing all of ``hidden``, (quality, world), would
    be worth in the loss unit; elsewhere it is 0 and only losses count.
    """

    losses: Floats
    figures: Mapping[Question, Figures]
    seen: tuple[Question, ...] = ()
    hidden: Floats | None = None
    learning: float = 0.0

    @property
    def best(self) -> int:
        """Place of the decision of least expected loss."""
        return int(np.argmin(self.losses.mean(axis=1)))

    def _is_repeat(self, question: Question) -> bool:
        return any(question[0] == known and (question[1] or 0) <= (size or 0) for known, size in self.seen)

    def value(self, question: Question) -> float:
        """Information value of a question now, in the loss unit; a repeat of one no smaller is worth nothing."""
        if self._is_repeat(question):
            return 0.0
        figures = self.figures[question].possible
        if self.hidden is not None and self.learning > 0:
            return self.learning * explained_share(self.hidden, figures)
        return information_value(self.losses, figures)

    def after(self, question: Question) -> "Beliefs":
        """Beliefs once the run's own answer to a question is known.

        Losses and figures of all worlds are shifted to where they are expected given that answer (the linear
        conditioning of Bayes linear statistics, Goldstein & Wooff 2007): with 64 worlds, weighting those whose answer
        lies close would leave a handful. An answer without value moves nothing: its regression is noise.
        """
        seen = (*self.seen, question)
        if self.value(question) == 0:
            return replace(self, seen=seen)
        known = self.figures[question]
        away = known.possible - known.found
        figures = {key: _told_apart(other, known, away) for key, other in self.figures.items()}
        if self.hidden is not None and self.learning > 0:
            hidden = self.hidden - (away @ _slopes(self.hidden, known.possible)).T
            return replace(self, figures=figures, seen=seen, hidden=hidden)
        losses = self.losses - (away @ _slopes(self.losses, known.possible)).T
        return replace(self, losses=losses, figures=figures, seen=seen)


def _told_apart(other: Figures, known: Figures, away: Floats) -> Figures:
    """The figures of another question less what the known ones already tell of them."""
    if other.possible.shape[1] == 0:
        return other
    slopes = _slopes(other.possible.T, known.possible, penalty=1e-6 * len(away))
    return Figures(other.possible - away @ slopes, other.found)
