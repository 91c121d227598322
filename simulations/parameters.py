"""A scenario's parameters from its TOML values into the frozen dataclass that its model computes with."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any, TypeVar

import numpy as np

from simulations.engine import Floats
from simulations.types import ScenarioError

Parameters = TypeVar("Parameters")


def read_parameters(kind: type[Parameters], values: Mapping[str, object]) -> Parameters:
    """An instance of the dataclass ``kind``, whose fields are numbers, texts or ``Floats`` (a TOML list).

    Raises ScenarioError on a missing, unknown or ill-typed parameter.
    """
    names: dict[str, Any] = {field.name: field.type for field in fields(kind)}  # type: ignore[arg-type]
    for name in values:
        if name not in names:
            raise ScenarioError(f"scenario.toml: parameters.{name} is unknown; allowed are {', '.join(names)}.")
    read: dict[str, object] = {}
    for name, wanted in names.items():
        if name not in values:
            raise ScenarioError(f"scenario.toml: parameters.{name} is missing.")
        value = values[name]
        if (wanted is Floats) != isinstance(value, list):
            raise ScenarioError(f"scenario.toml: parameters.{name}.value is {value!r}; it must be {wanted}.")
        read[name] = np.array(value, dtype=np.float64) if wanted is Floats else wanted(value)
    return kind(**read)
