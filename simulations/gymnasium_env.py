"""A scenario as a Gymnasium environment; the only place that needs ``gymnasium``.

Whatever an agent does is an admissible decision: free fields are numbered choices, and the fields of a sum
rule are weights by which its total is divided.
"""

from collections.abc import Mapping
from typing import Any

import gymnasium
import numpy as np
from gymnasium import spaces

from simulations.admissible import Split, free_fields, option_count, split_of, value_at
from simulations.registry import Scenario, load
from simulations.types import Decision, Field, Situation, Value

Action = dict[str, Any]
Observation = dict[str, Any]
LARGEST_SEED = 2**31


def _split_key(number: int) -> str:
    return f"split_{number}"


def _option_of(field: Field, value: Value) -> int:
    return next(option for option in range(option_count(field)) if value_at(field, option) == value)


class ScenarioEnv(gymnasium.Env[Observation, Action]):
    """One run of a scenario: an episode is its rounds, the return minus its loss (in the scenario's unit).

    ``reset(seed=s)`` starts the run of seed s, the one on which reference policies of seed s are played;
    without a seed one is drawn. Actions: for each free field the number of its value (steps above the
    minimum, or place among the choices), and for each sum rule, as ``split_0`` ..., a weight 0 to 1 for
    each of its fields. Observations: rounds played; the ``figures`` named in ``figure_ids``, zero where
    ``known`` is zero; the ``table`` of the situation, rows ``row_ids`` by columns ``column_ids``. ``info``
    holds the whole situation, the form of the round and what the office reports; never the hidden truth.
    """

    metadata = {"render_modes": []}  # noqa: RUF012  the name and type are gymnasium's

    def __init__(self, scenario: str | Scenario) -> None:
        self.scenario = load(scenario) if isinstance(scenario, str) else scenario
        self.free = free_fields(self.scenario.fields, self.scenario.sum_rules)
        self.splits: tuple[Split, ...] = tuple(split_of(self.scenario.fields, rule) for rule in self.scenario.sum_rules)
        first = self.scenario.model.situation(self.scenario.model.start(0))
        kpi_ids = [kpi.id for kpi in self.scenario.kpis]
        self.figure_ids = tuple(dict.fromkeys((*first.figures, *kpi_ids)))
        self.row_ids = tuple(row.id for row in first.table)
        self.column_ids = tuple(dict.fromkeys(key for row in first.table for key in row.values))
        self.action_space = self._action_space()
        self.observation_space = self._observation_space()
        self._position: Any = None
        self._played = 0
        self._loss = 0.0

    def _action_space(self) -> spaces.Dict:
        parts: dict[str, spaces.Space[Any]] = {field.id: spaces.Discrete(option_count(field)) for field in self.free}
        for number, split in enumerate(self.splits):
            parts[_split_key(number)] = spaces.Box(0.0, 1.0, (len(split.fields),), np.float64)
        return spaces.Dict(parts)

    def _observation_space(self) -> spaces.Dict:
        table = (len(self.row_ids), len(self.column_ids))
        return spaces.Dict(
            {
                "played": spaces.Discrete(self.scenario.rounds + 1),
                "figures": spaces.Box(-np.inf, np.inf, (len(self.figure_ids),), np.float64),
                "known": spaces.MultiBinary(len(self.figure_ids)),
                "table": spaces.Box(-np.inf, np.inf, table, np.float64),
            }
        )

    def form(self, action: Action) -> dict[str, Value]:
        """The decision an action stands for; it obeys every rule of the scenario."""
        values = {field.id: value_at(field, int(action[field.id])) for field in self.free}
        for number, split in enumerate(self.splits):
            values |= split.nearest([float(weight) for weight in action[_split_key(number)]])
        return {field.id: values[field.id] for field in self.scenario.fields}

    def action(self, form: Mapping[str, Value]) -> Action:
        """An action that stands for this admissible form; the inverse of ``form``."""
        action: Action = {field.id: _option_of(field, form[field.id]) for field in self.free}
        for number, split in enumerate(self.splits):
            parts = np.array([float(form[field.id]) - field.minimum for field in split.fields])
            action[_split_key(number)] = parts / max(parts.sum(), 1.0)
        return action

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Observation, dict[str, Any]]:
        """Start the run of a seed; see the class."""
        super().reset(seed=seed, options=options)
        run_seed = int(self.np_random.integers(LARGEST_SEED)) if seed is None else seed
        self._position = self.scenario.model.start(run_seed)
        self._played, self._loss = 0, 0.0
        situation = self.scenario.model.situation(self._position)
        return self._observation(situation), {"situation": situation, "seed": run_seed}

    def step(self, action: Action) -> tuple[Observation, float, bool, bool, dict[str, Any]]:
        """Play one round. The reward is the loss of this round with its sign turned."""
        if self._position is None or self._played == self.scenario.rounds:
            raise gymnasium.error.ResetNeeded("The run is over or not begun; call reset first.")
        form = self.form(action)
        self._position, result = self.scenario.model.advance(self._position, Decision(self._played + 1, form))
        self._played += 1
        before, self._loss = self._loss, float(sum(self.scenario.model.loss_parts(self._position).values()))
        situation = self.scenario.model.situation(self._position)
        info = {"situation": situation, "form": form, "kpis": dict(result.kpis)}
        finished = self._played == self.scenario.rounds
        return self._observation(situation), before - self._loss, finished, False, info

    def _observation(self, situation: Situation) -> Observation:
        figures = [float(situation.figures.get(key, 0.0)) for key in self.figure_ids]
        rows = {row.id: row.values for row in situation.table}
        table = [[float(rows.get(row, {}).get(key, 0.0)) for key in self.column_ids] for row in self.row_ids]
        return {
            "played": np.int64(self._played),
            "figures": np.array(figures, dtype=np.float64),
            "known": np.array([key in situation.figures for key in self.figure_ids], dtype=np.int8),
            "table": np.array(table, dtype=np.float64).reshape(len(self.row_ids), len(self.column_ids)),
        }
