"""Marks for quiz answers, and the feedback that belongs to each: pure functions over content and answers."""

from __future__ import annotations

import math
from dataclasses import dataclass

from app.content.schemas import Numeric, QuizItem, SingleChoice
from app.content.values import Bilingual
from app.core.numbers import read_number

Answer = list[str] | float


@dataclass(frozen=True)
class Mark:
    """What an answer is worth, from 0 to 1, and what to tell about it."""

    share: float
    feedback: tuple[Bilingual, ...]


class UnreadableAnswer(ValueError):
    """Nothing was answered, or what was typed is not an answer to this item."""


def read_answer(item: QuizItem, typed: list[str]) -> Answer:
    """Turn what a form sent into an answer. Raises UnreadableAnswer."""
    if isinstance(item, Numeric):
        return _read_number(item, typed[0] if typed else "")
    known = {option.id for option in item.options}
    if not typed or not set(typed) <= known:
        raise UnreadableAnswer
    if isinstance(item, SingleChoice) and len(typed) != 1:
        raise UnreadableAnswer
    return sorted(set(typed))


def _read_number(item: Numeric, typed: str) -> float:
    try:
        number = read_number(typed)
    except ValueError:
        raise UnreadableAnswer from None
    if not item.minimum <= number <= item.maximum:
        raise UnreadableAnswer
    return number


def mark(item: QuizItem, answer: Answer) -> Mark:
    """The share of the item's points that the answer earns.

    Single choice: all or nothing. Multiple choice: right choices less wrong ones, over the number of right ones,
    never below 0, so that ticking everything earns nothing extra. Numeric: within the tolerance or not.
    """
    if isinstance(item, Numeric):
        return _mark_number(item, answer if isinstance(answer, float | int) else math.nan)
    chosen = set(answer) if isinstance(answer, list) else set()
    feedback = tuple(option.feedback for option in item.options if option.id in chosen)
    right = item.correct_option_ids
    share = max(0.0, (len(chosen & right) - len(chosen - right)) / len(right))
    return Mark(share, feedback)


def _mark_number(item: Numeric, number: float) -> Mark:
    # A hair is added to the tolerance so that 0.3 typed for 0.1 + 0.2 is not refused by rounding.
    if abs(number - item.answer) <= item.tolerance + 1e-9 * max(1.0, abs(item.answer)):
        return Mark(1.0, (item.feedback_correct,))
    for miss in item.near_misses:
        if abs(number - miss.value) <= miss.tolerance + 1e-9:
            return Mark(0.0, (miss.feedback,))
    return Mark(0.0, (item.feedback_wrong,))
