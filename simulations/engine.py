"""What every scenario needs: random streams, the model's contract, event checks and the digest of a run."""

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from simulations.types import (
    Case,
    Decision,
    Equity,
    Field,
    InquiryKind,
    Problem,
    RoundResult,
    Situation,
    SumRule,
    Value,
)

SIGNIFICANT_DIGITS = 9
SUM_TOLERANCE = 1e-9

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]  # 32 bits in Pyodide, where numpy refuses 64-bit indices
Bools = NDArray[np.bool_]


def stream(seed: int, purpose: str, round_number: int = 0) -> np.random.Generator:
    """The dice of one purpose in one round.

    Each (seed, purpose, round) has its own counter-based Philox stream, so no decision can shift another
    stream: policies compared on one seed meet common random numbers (Law 2015, Simulation Modeling and
    Analysis, ch. 11).
    """
    name = int.from_bytes(hashlib.sha256(purpose.encode()).digest()[:4], "big")
    return np.random.Generator(np.random.Philox(np.random.SeedSequence(seed, spawn_key=(name, round_number))))


class Model(Protocol):
    """What a scenario's ``model.py`` builds. A position is immutable; ``advance`` returns a new one."""

    def start(self, seed: int) -> Any:
        """The position before round 1."""

    def advance(self, position: Any, decision: Decision) -> tuple[Any, RoundResult]:
        """Play one round."""

    def situation(self, position: Any) -> Situation:
        """What the officer may know."""

    def investigate(self, position: Any, inquiry_id: str, argument: int | None) -> Mapping[str, float]:
        """The figures an inquiry brings back; draws only from streams of its own."""

    def loss_parts(self, position: Any) -> Mapping[str, float]:
        """Loss so far by part; after the last round the sum is the loss of the run."""

    def equity(self, position: Any) -> Equity:
        """Inequality so far, the threshold it must not exceed, and the figure of each group."""

    def cases(self, position: Any) -> tuple[Case, ...]:
        """Two matters of this round for the officer to judge before the tool's advice; fewer if there are none."""

    def candidates(self, position: Any) -> tuple[Mapping[str, Value], ...]:
        """The best policy's decision first, then its neighbours, for the decision score."""

    def possible(self, position: Any, replicates: int, seed: int, *, asked: bool) -> Sequence[Any]:
        """Positions that look to the office exactly like this one, hidden truth and later dice drawn anew.

        ``situation`` is the same in all; what ``investigate`` brings back differs. With ``asked`` they also agree
        with those findings that the best policy decides on; without it they agree with no inquiry of this round.
        """

    def losses_to_go(self, worlds: Sequence[Any], decisions: Sequence[Mapping[str, Value]]) -> Floats:
        """Loss from now on of each decision followed by the best policy, (decision, world).

        ``rollouts.losses_to_go`` computes it for any model; a model that can play many worlds at once is faster.
        """

    @property
    def policies(self) -> Mapping[str, "Policy"]:
        """The four reference policies by name."""


@runtime_checkable
class TellsWhatIsHidden(Protocol):
    """A model that can name what its possible worlds differ in; see ``hidden``."""

    def hidden(self, position: Any) -> Mapping[str, float]:
        """The tool's hidden qualities by name, such as its recall by group.

        Asked only where no finding bears on the decision: then learning these counts for curiosity.
        """


class Policy(Protocol):
    """A rule from what may be known to a decision."""

    def __call__(self, position: Any) -> Mapping[str, Value]: ...


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _field_problem(field: Field, value: object) -> Problem | None:
    if field.kind == "choice":
        if isinstance(value, str) and value in field.choices:
            return None
        return Problem(field.id, "not_a_choice")
    if not _is_number(value) or (field.kind == "integer" and not isinstance(value, int)):
        return Problem(field.id, "not_an_integer" if field.kind == "integer" else "not_a_number")
    number = float(value)  # type: ignore[arg-type]
    if not field.minimum <= number <= field.maximum:
        return Problem(field.id, "out_of_range", {"minimum": field.minimum, "maximum": field.maximum})
    steps = (number - field.minimum) / field.step
    if abs(steps - round(steps)) > 1e-6:
        return Problem(field.id, "off_step", {"step": field.step, "minimum": field.minimum})
    return None


def decision_problems(
    fields: Sequence[Field], sum_rules: Sequence[SumRule], values: Mapping[str, object]
) -> tuple[Problem, ...]:
    """Everything wrong with a form: missing, unknown, wrong type, out of range, off the step, wrong sum."""
    known = {field.id for field in fields}
    problems = [Problem(str(key), "unknown_field") for key in values if key not in known]
    problems += [Problem(field.id, "missing") for field in fields if field.id not in values]
    checked = [_field_problem(field, values[field.id]) for field in fields if field.id in values]
    problems += [problem for problem in checked if problem is not None]
    faulty = {problem.field_id for problem in problems}
    for rule in sum_rules:
        if faulty.isdisjoint(rule.field_ids):
            total = math.fsum(float(values[key]) for key in rule.field_ids)  # type: ignore[arg-type]
            if abs(total - rule.total) > SUM_TOLERANCE:
                problems.append(Problem(None, "wrong_sum", {"total": rule.total, "sum": total, "unit": rule.unit}))
    return tuple(problems)


def inquiry_problems(
    kinds: Sequence[InquiryKind], inquiry_id: str, argument: object, minutes_left: int
) -> tuple[Problem, ...]:
    """Why an inquiry is refused: unknown, a wrong argument, or not enough office minutes."""
    kind = next((kind for kind in kinds if kind.id == inquiry_id), None)
    if kind is None:
        return (Problem(None, "unknown_inquiry"),)
    if kind.argument is None and argument is not None:
        return (Problem(None, "argument_not_allowed"),)
    if kind.argument is not None and (problem := _field_problem(kind.argument, argument)) is not None:
        return (problem,)
    cost = kind.cost(argument if isinstance(argument, int) else None)
    if cost > minutes_left:
        return (Problem(None, "not_enough_minutes", {"minutes": cost, "minutes_left": minutes_left}),)
    return ()


def _rounded(value: object) -> object:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return value
    return f"{float(value) + 0.0:.{SIGNIFICANT_DIGITS}g}"


def run_digest(results: Sequence[RoundResult]) -> str:
    """SHA-256 over the round results with floats rounded to nine significant digits.

    Rounding hides the last bits in which the C libraries of CPython and Pyodide may differ.
    """
    rows = [
        {
            "round": result.round,
            "kpis": {key: _rounded(value) for key, value in result.kpis.items()},
            "truth": {key: _rounded(value) for key, value in result.truth.items()},
            "events": list(result.events),
            "decision": {key: _rounded(value) for key, value in result.decision.values.items()},
        }
        for result in results
    ]
    return hashlib.sha256(json.dumps(rows, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
