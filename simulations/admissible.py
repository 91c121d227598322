"""Every form a scenario allows: counted exactly, drawn uniformly, or chosen nearest to given weights."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

import numpy as np

from simulations.types import Field, ScenarioError, SumRule, Value

SPARE_BYTES = 8  # a uniform index from this many bytes more than it needs is biased by less than 2^-64


def _exact(number: float) -> Fraction:
    """The decimal number as written, so that twenty steps of 0.05 are exactly one."""
    return Fraction(repr(number))


def step_count(field: Field) -> int:
    """How many steps a numeric field can go up from its minimum."""
    return math.floor((_exact(field.maximum) - _exact(field.minimum)) / _exact(field.step))


def value_at(field: Field, steps: int) -> Value:
    """The field's value ``steps`` above its minimum; for a choice, the choice of that number."""
    if field.kind == "choice":
        return field.choices[steps]
    value = _exact(field.minimum) + steps * _exact(field.step)
    return int(value) if field.kind == "integer" else float(value)


def option_count(field: Field) -> int:
    """How many values a field can take."""
    return len(field.choices) if field.kind == "choice" else step_count(field) + 1


@dataclass(frozen=True)
class Split:
    """All ways to divide a sum rule's total over its fields.

    ``quanta`` is the size of one step of each field in the rule's common quantum; ``ways[i][rest]`` is
    the number of ways in which the fields from the i-th on can take up ``rest`` quanta.
    """

    fields: tuple[Field, ...]
    quanta: tuple[int, ...]
    ways: tuple[tuple[int, ...], ...]

    @property
    def count(self) -> int:
        """Number of admissible ways."""
        return self.ways[0][-1]

    def _walk(self, choose: Callable[[int, int, list[int]], int]) -> dict[str, Value]:
        """``choose`` picks the steps of field i, given what is left and the ways each option leaves."""
        rest, values = len(self.ways[0]) - 1, {}
        for number, (field, quantum) in enumerate(zip(self.fields, self.quanta, strict=True)):
            most = min(step_count(field), rest // quantum)
            steps = choose(number, rest, [self.ways[number + 1][rest - k * quantum] for k in range(most + 1)])
            values[field.id] = value_at(field, steps)
            rest -= steps * quantum
        return values

    def draw(self, die: np.random.Generator) -> dict[str, Value]:
        """One way, each as likely as any other."""
        size = (self.count.bit_length() + 7) // 8 + SPARE_BYTES
        index = int.from_bytes(die.bytes(size), "little") * self.count >> 8 * size

        def choose(_number: int, _rest: int, ways: list[int]) -> int:
            nonlocal index
            for steps, count in enumerate(ways):
                if index < count:
                    return steps
                index -= count
            raise ArithmeticError("The index of an admissible form is out of range.")

        return self._walk(choose)

    def nearest(self, weights: Sequence[float]) -> dict[str, Value]:
        """The way in which each field takes, in turn, the share of the rest closest to its weight's.

        weights: one number >= 0 for each field; above the field's minimum. All zero means equal weights.
        """
        shares = weights if sum(weights) > 0 else [1.0] * len(weights)

        def choose(number: int, rest: int, ways: list[int]) -> int:
            left = sum(shares[number:])
            wanted = rest * shares[number] / left / self.quanta[number] if left > 0 else 0.0
            return min((k for k, count in enumerate(ways) if count), key=lambda k: abs(k - wanted))

        return self._walk(choose)


def _suffix_ways(fields: Sequence[Field], quanta: Sequence[int], total: int) -> tuple[tuple[int, ...], ...]:
    ways = [(1, *[0] * total)]
    for field, quantum in zip(reversed(fields), reversed(quanta), strict=True):
        reach, later = quantum * (step_count(field) + 1), ways[0]
        row: list[int] = []
        for rest in range(total + 1):
            count = later[rest] + (row[rest - quantum] if rest >= quantum else 0)
            row.append(count - (later[rest - reach] if rest >= reach else 0))
        ways.insert(0, tuple(row))
    return tuple(ways)


@lru_cache(maxsize=256)
def split_of(fields: tuple[Field, ...], rule: SumRule) -> Split:
    """The ways to fulfil one sum rule. Raises ScenarioError where there is none."""
    chosen = tuple(field for field in fields if field.id in rule.field_ids)
    steps = [_exact(field.step) for field in chosen]
    whole = math.lcm(*(step.denominator for step in steps))
    quantum = Fraction(math.gcd(*(int(step * whole) for step in steps)), whole)
    total = (_exact(rule.total) - sum(_exact(field.minimum) for field in chosen)) / quantum
    quanta = tuple(int(step / quantum) for step in steps)
    if total.denominator == 1 and total >= 0:
        split = Split(chosen, quanta, _suffix_ways(chosen, quanta, int(total)))
        if split.count:
            return split
    raise ScenarioError(f"No steps of {', '.join(rule.field_ids)} add up to {rule.total} {rule.unit}.")


def free_fields(fields: Sequence[Field], sum_rules: Sequence[SumRule]) -> tuple[Field, ...]:
    """The fields no sum rule binds."""
    bound = {field_id for rule in sum_rules for field_id in rule.field_ids}
    return tuple(field for field in fields if field.id not in bound)


def random_form(
    fields: tuple[Field, ...], sum_rules: Sequence[SumRule], die: np.random.Generator
) -> Mapping[str, Value]:
    """One admissible form, each as likely as any other; sum rules hold by construction."""
    values: dict[str, Value] = {}
    for rule in sum_rules:
        values |= split_of(fields, rule).draw(die)
    for field in free_fields(fields, sum_rules):
        values[field.id] = value_at(field, int(die.integers(option_count(field))))
    return {field.id: values[field.id] for field in fields}
