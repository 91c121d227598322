"""Skills foresight: demand, supply, the gap between them, and a plan of training; no web, no database."""

from foresight.planning import NotSolved
from foresight.scenarios import HORIZON, NUMBERS, RANGES, STANDARD, Basis, Parameter, Range, Scenario
from foresight.study import METHOD_VERSION, as_json, study
from foresight.world import (
    LEGAL_DOMAIN,
    LEVELS,
    WEIGHT_CRITICAL,
    WEIGHT_LEGAL,
    WEIGHT_OTHER,
    Array,
    Mode,
    Site,
    Use,
    World,
)

__all__ = [
    "HORIZON",
    "LEGAL_DOMAIN",
    "LEVELS",
    "METHOD_VERSION",
    "NUMBERS",
    "RANGES",
    "STANDARD",
    "WEIGHT_CRITICAL",
    "WEIGHT_LEGAL",
    "WEIGHT_OTHER",
    "Array",
    "Basis",
    "Mode",
    "NotSolved",
    "Parameter",
    "Range",
    "Scenario",
    "Site",
    "Use",
    "World",
    "as_json",
    "study",
]
