"""A round before its decision: what might be decided, what is believed of it, and which questions pay first."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from simulations.curiosity.information import Beliefs, Question, figures_of
from simulations.engine import TellsWhatIsHidden
from simulations.registry import Scenario
from simulations.replay import position_after
from simulations.scoring import SCENARIO_POLICIES
from simulations.types import Decision, InquiryKind, Value

WORLDS = 64
SMALL_SHARE = 0.01  # of the baseline's gap: what bears less on a decision than this does not bear on it
_CACHED_DESKS = 128
Form = Mapping[str, Value]
_Frozen = tuple[tuple[str, Value], ...]


@dataclass(frozen=True)
class Desk:
    """Decisions worth weighing and what is believed of them; ``gap`` is the expected loss the baseline gives away."""

    decisions: tuple[Form, ...]
    beliefs: Beliefs
    gap: float


@dataclass(frozen=True)
class Offer:
    """A question, its information value in the loss unit and its office minutes."""

    question: Question
    value: float
    minutes: int

    @property
    def rate(self) -> float:
        """Value a minute; what is free counts as a minute."""
        return self.value / max(self.minutes, 1)


def _frozen(form: Form) -> _Frozen:
    return tuple(sorted(form.items()))


def standard_questions(kind: InquiryKind) -> tuple[Question, ...]:
    """An inquiry in its least, default and largest size."""
    if kind.argument is None:
        return ((kind.id, None),)
    sizes = {int(kind.argument.minimum), int(kind.argument.default), int(kind.argument.maximum)}
    return tuple((kind.id, size) for size in sorted(sizes))


def desk_after(
    scenario: Scenario,
    seed: int,
    made: Sequence[Decision],
    *,
    own: Form | None = None,
    asked: Sequence[Question] = (),
    worlds: int = WORLDS,
) -> Desk:
    """The round after the decisions ``made``.

    Weighed are the four policies' decisions, the candidates and, if given, the trainee's ``own``; answered are all
    inquiries in three sizes and those ``asked``. Slow: every decision is played to the end in every world.
    """
    position = position_after(scenario, seed, made)
    policies = [scenario.model.policies[name](position) for name in SCENARIO_POLICIES]
    forms = tuple(dict.fromkeys(map(_frozen, [*policies, *scenario.model.candidates(position)])))
    if own is not None and _frozen(own) not in forms:
        forms = (*forms, _frozen(own))
    usual = [question for kind in scenario.inquiries for question in standard_questions(kind)]
    questions = tuple(dict.fromkeys((*usual, *asked)))
    before = tuple(_frozen(decision.values) for decision in made)
    return _desk(scenario, seed, before, forms, questions, worlds)


@lru_cache(maxsize=_CACHED_DESKS)
def _desk(
    scenario: Scenario,
    seed: int,
    made: tuple[_Frozen, ...],
    forms: tuple[_Frozen, ...],
    questions: tuple[Question, ...],
    worlds: int,
) -> Desk:
    model = scenario.model
    position = position_after(scenario, seed, [Decision(n, dict(form)) for n, form in enumerate(made, start=1)])
    decisions = tuple(dict(form) for form in forms)
    possible = model.possible(position, worlds, seed, asked=False)
    losses = model.losses_to_go(possible, decisions)
    figures = {
        key: figures_of([model.investigate(world, *key) for world in possible], model.investigate(position, *key))
        for key in questions
    }
    expected = losses.mean(axis=1)
    gap = float(expected[0] - expected.min())
    beliefs = Beliefs(losses, figures)
    if isinstance(model, TellsWhatIsHidden) and all(beliefs.value(key) < SMALL_SHARE * gap for key in figures):
        told = figures_of([model.hidden(world) for world in possible], model.hidden(position))
        beliefs = replace(beliefs, hidden=told.possible.T, learning=SMALL_SHARE * gap)
    return Desk(decisions, beliefs, gap)


def greedy_order(scenario: Scenario, beliefs: Beliefs, minutes: int, least_rate: float = 0.0) -> list[Offer]:
    """Questions in the order of value a minute, each finding learnt before the next is chosen.

    Only what fits into ``minutes``, and only while a question brings more than ``least_rate`` a minute.
    """
    chosen: list[Offer] = []
    while True:
        offers = [
            Offer(question, beliefs.value(question), cost)
            for question in beliefs.figures
            if (cost := scenario.inquiry(question[0]).cost(question[1])) <= minutes
        ]
        worth = [offer for offer in offers if offer.value > least_rate * offer.minutes]
        if not worth:
            return chosen
        first = max(worth, key=lambda offer: offer.rate)
        chosen.append(first)
        beliefs, minutes = beliefs.after(first.question), minutes - first.minutes
