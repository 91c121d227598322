"""Skills foresight: demand, supply, the gap between them, and a plan of training; no web, no database.

Here are the words in which a study is described. What computes one is in foresight.study and loads the solver with it.
"""

from foresight.scenarios import (
    DEPARTMENT_RANGES,
    HORIZON,
    NUMBERS,
    RANGES,
    STANDARD,
    Basis,
    Origin,
    Parameter,
    Range,
    Scenario,
    of_department,
)
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
    "DEPARTMENT_RANGES",
    "HORIZON",
    "LEGAL_DOMAIN",
    "LEVELS",
    "NUMBERS",
    "RANGES",
    "STANDARD",
    "WEIGHT_CRITICAL",
    "WEIGHT_LEGAL",
    "WEIGHT_OTHER",
    "Array",
    "Basis",
    "Mode",
    "Origin",
    "Parameter",
    "Range",
    "Scenario",
    "Site",
    "Use",
    "World",
    "of_department",
]
