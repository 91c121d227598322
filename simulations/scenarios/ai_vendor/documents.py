"""Documents of a stage that the assistant has summarised, and what it says of its own summaries."""

import numpy as np

from simulations.engine import stream
from simulations.scenarios.ai_vendor.world import LANGUAGES, Parameters
from simulations.types import Case

COMPLETE, INCOMPLETE = "complete", "incomplete"
KINDS = ("note", "market", "bid", "pilot", "contract", "test", "report")


def noticed_omission(p: Parameters, language: int) -> float:
    """Probability that the assistant's verdict on a summary is right, in the mix of documents put to the officer."""
    omitted = float(p.case_omission[language])
    return 1 - omitted * (1 - float(p.self_check[language]))


def draw_documents(p: Parameters, seed: int, stage: int) -> tuple[Case, ...]:
    """One document of each language: is its summary complete? The officer sees two counts, one of them at a glance."""
    dice = stream(seed, "documents", stage)
    return tuple(_document(p, stage, language, dice) for language in range(len(LANGUAGES)))


def _document(p: Parameters, stage: int, language: int, dice: np.random.Generator) -> Case:
    low, high = p.case_clauses
    clauses = int(dice.integers(int(low), int(high) + 1))
    omits, notices, slips, side = (float(die) for die in dice.random(4))
    left_out = int(omits < p.case_omission[language])
    glance = clauses + (0 if slips >= p.count_error else (1 if side < 0.5 else -1))
    truth = INCOMPLETE if left_out else COMPLETE
    found = left_out and notices < p.self_check[language]
    return Case(
        id=f"{stage}_{LANGUAGES[language]}",
        values={
            "document": KINDS[stage - 1],
            "language": LANGUAGES[language],
            "clauses_seen": glance,
            "clauses_summarised": clauses - left_out,
        },
        answers=(COMPLETE, INCOMPLETE),
        advice=INCOMPLETE if found else COMPLETE,
        confidence=float(p.assistant_confidence[language]),
        truth=truth,
        group=LANGUAGES[language],
    )
