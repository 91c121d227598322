"""What the worker computes of a finished run, and its form in the database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Self

import simulations
from simulations import Event, Run, Scenario, Score
from simulations.replay import position_after

OWN, BASELINE, BEST = "own", "baseline", "best"

Course = Sequence[Mapping[str, float]]


@dataclass(frozen=True)
class Outcome:
    """The outcome score with what it rests on, for the own run and each reference policy on the same seed.

    courses: all indicators after each round; parts: the loss by part, in the scenario's unit.
    """

    score: Score
    courses: Mapping[str, Course]
    parts: Mapping[str, Mapping[str, float]]

    @classmethod
    def of(cls, scenario: Scenario, seed: int, events: Sequence[Event]) -> Self:
        """Compute it; takes seconds, since the references are played as well. Raises InvalidEvent if unfinished."""
        score = simulations.score(scenario, seed, events)
        runs = {OWN: simulations.replay(scenario, seed, events), **simulations.reference_runs(scenario, seed)}
        return cls(
            score,
            {name: course_of(run) for name, run in runs.items()},
            {name: _loss_parts(scenario, run) for name, run in runs.items()},
        )

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        return cls(Score(**stored["score"]), stored["courses"], stored["parts"])

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def course_of(run: Run) -> Course:
    """All indicators of a run after each round, those of the debrief included."""
    return [{**result.kpis, **result.truth} for result in run.results]


def _loss_parts(scenario: Scenario, run: Run) -> dict[str, float]:
    position = position_after(scenario, run.seed, [result.decision for result in run.results])
    return dict(scenario.model.loss_parts(position))
