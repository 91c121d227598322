"""What the desk prints of a scenario, in the reader's language."""

from __future__ import annotations

import re

import pytest
from flask import Flask

import simulations
from app.core.table import Table
from app.desk import presentation
from simulations.types import Language


def advice_of(app: Flask, scenario_id: str, language: Language) -> Table:
    scenario = simulations.load(scenario_id)
    with app.test_request_context():
        table = presentation.advice_table(scenario.texts(language), simulations.replay(scenario, 1, []))
    assert table is not None
    return table


@pytest.mark.parametrize("scenario_id", simulations.scenario_ids())
def test_the_tools_advice_names_its_matter_without_latin_letters_in_urdu(app: Flask, scenario_id: str) -> None:
    table = advice_of(app, scenario_id, "ur")
    assert not re.search("[A-Za-z]", " ".join(cell for row in table.rows for cell in row))


def test_a_column_of_the_advice_that_tells_of_none_is_left_out(app: Flask) -> None:
    assert advice_of(app, "grievance", "en").columns == ("Number", "About", "The tool says", "How sure it says it is")
    assert advice_of(app, "patrol", "en").columns == ("About", "The tool says", "How sure it says it is")
    assert advice_of(app, "ai_vendor", "en").columns == ("The tool says", "How sure it says it is")
