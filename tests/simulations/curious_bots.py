"""Bots with known habits of asking; domain design, section 2, says where each must come out."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from simulations import Decision, Inquiry, InquiryKind, Scenario
from simulations.curiosity import Curiosity, RoundTiming, curiosity_of
from simulations.curiosity.desk import Desk, desk_after, greedy_order
from simulations.curiosity.information import Question
from simulations.engine import Model, stream


@dataclass(frozen=True)
class Round:
    """What a bot sees: its round's number, and the desk as the scorer will see it."""

    scenario: Scenario
    seed: int
    number: int
    room: Desk


Ask = Callable[[Round], Sequence[Question]]


def nothing(_at: Round) -> Sequence[Question]:
    return ()


def best_first(price: float) -> Ask:
    """Most value a minute first, until a question is not worth its minutes at this price of a minute."""

    def ask(at: Round) -> Sequence[Question]:
        offers = greedy_order(at.scenario, at.room.beliefs, at.scenario.office_minutes, price)
        return [offer.question for offer in offers]

    return ask


def oracle(scenario: Scenario, seed: int, *, minutes: float = 12.0, worlds: int = 64) -> Curiosity:
    """Asks best first at the price that its own run will have, and heeds what it finds."""
    price = 0.0
    for _ in range(3):
        run = play(scenario, seed, best_first(price), heeds=True, minutes=minutes, worlds=worlds)
        if run.minute_value == price:
            break
        price = run.minute_value
    return run


def in_order(at: Round, questions: Sequence[Question]) -> Sequence[Question]:
    """As many of the questions as the minutes allow."""
    chosen, left = [], at.scenario.office_minutes
    for inquiry_id, argument in questions:
        cost = at.scenario.inquiry(inquiry_id).cost(argument)
        if cost <= left:
            chosen.append((inquiry_id, argument))
            left -= cost
    return chosen


def default_questions(scenario: Scenario) -> list[Question]:
    return [(kind.id, kind.default_argument) for kind in scenario.inquiries]


def everything(at: Round) -> Sequence[Question]:
    return in_order(at, default_questions(at.scenario))


def at_random(at: Round) -> Sequence[Question]:
    """Two inquiries drawn by lot."""
    dice = stream(at.seed, "bot:random", at.number)
    questions = default_questions(at.scenario)
    return in_order(at, [questions[place] for place in dice.permutation(len(questions))[:2]])


def play(
    scenario: Scenario, seed: int, ask: Ask, *, heeds: bool, minutes: float, seconds: float = 20.0, worlds: int = 64
) -> Curiosity:
    """A run of a bot. ``heeds``: it decides what its findings recommend; otherwise it leaves the form as it was."""
    events: list[Decision | Inquiry] = []
    made: list[Decision] = []
    timing = []
    for number in range(1, scenario.rounds + 1):
        room = desk_after(scenario, seed, made, worlds=worlds)
        questions = ask(Round(scenario, seed, number, room))
        beliefs = room.beliefs
        for question in questions:
            beliefs = beliefs.after(question)
        form = room.decisions[beliefs.best] if heeds else (made[-1].values if made else scenario.default_values)
        made.append(Decision(number, form))
        events += [*(Inquiry(number, *question) for question in questions), made[-1]]
        timing.append(RoundTiming(minutes, (seconds,) * len(questions), is_noted=heeds))
    return curiosity_of(scenario, seed, events, timing, worlds=worlds)


def average(runs: Sequence[Curiosity]) -> float:
    """Mean index of several runs, shown or not."""
    return float(np.mean([run.computed for run in runs]))


class _Decoyed:
    """A model with inquiries that tell nothing beside its own."""

    def __init__(self, model: Model, decoys: Sequence[str]) -> None:
        self._model, self._decoys = model, decoys

    def __getattr__(self, name: str) -> Any:
        return getattr(self._model, name)

    def investigate(self, position: Any, inquiry_id: str, argument: int | None) -> Mapping[str, float]:
        return {} if inquiry_id in self._decoys else self._model.investigate(position, inquiry_id, argument)


DECOYS = (InquiryKind("speech", 10), InquiryKind("video", 15), InquiryKind("ranking", 10))


def decoyed(scenario: Scenario) -> Scenario:
    """The scenario with three decoys more, so that a choice of questions can be right or wrong."""
    model = _Decoyed(scenario.model, [kind.id for kind in DECOYS])
    inquiries = (*scenario.inquiries, *DECOYS)
    return replace(scenario, digest=f"{scenario.digest}-decoyed", inquiries=inquiries, model=model)
