"""Lines that nbgrader would replace by tests, told without nbgrader, which is large."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

# As nbgrader's InstantiateTests has it; tests/grading/test_autotests.py compares the two.
DELIMITER = "AUTOTEST"


def holds_autotest(cell: Mapping[str, Any]) -> bool:
    """Whether nbgrader would replace a line of this cell by tests: a comment in code that names AUTOTEST."""
    lines = "".join(cell["source"]).split("\n")
    return cell["cell_type"] == "code" and any(line.strip().startswith("#") and DELIMITER in line for line in lines)
