"""Simulations of public offices: pure, seeded, replayable; no web, no database."""

from simulations.registry import Scenario, load, scenario_ids
from simulations.replay import replay
from simulations.scoring import decision_score, reference_runs, score
from simulations.texts import Texts
from simulations.types import (
    Advice,
    Decision,
    DecisionScore,
    Event,
    Field,
    Finding,
    Inquiry,
    InquiryKind,
    InvalidEvent,
    Kpi,
    Problem,
    RoundRegret,
    RoundResult,
    Run,
    ScenarioError,
    Score,
    Situation,
    SituationRow,
    SumRule,
    UnknownScenario,
)

__all__ = [
    "Advice",
    "Decision",
    "DecisionScore",
    "Event",
    "Field",
    "Finding",
    "Inquiry",
    "InquiryKind",
    "InvalidEvent",
    "Kpi",
    "Problem",
    "RoundRegret",
    "RoundResult",
    "Run",
    "Scenario",
    "ScenarioError",
    "Score",
    "Situation",
    "SituationRow",
    "SumRule",
    "Texts",
    "UnknownScenario",
    "decision_score",
    "load",
    "reference_runs",
    "replay",
    "scenario_ids",
    "score",
]
