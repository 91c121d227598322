"""What the simulation tests share: the scenario and forms that obey its rules."""

import pytest

import simulations


@pytest.fixture(scope="session")
def grievance() -> simulations.Scenario:
    return simulations.load("grievance")


@pytest.fixture(scope="session")
def signals() -> simulations.Scenario:
    return simulations.load("signals")
