"""What tests of runs share: any form that is allowed, forms as decisions, and what an inquiry says after them."""

from collections.abc import Mapping, Sequence

import numpy as np
from hypothesis import strategies as st

from simulations import Decision, Inquiry, Scenario, replay
from simulations.admissible import random_form
from simulations.types import Value

Form = Mapping[str, Value]
seeds = st.integers(0, 10**6)
dice = st.integers(0, 2**32)


def form_of(scenario: Scenario, die: int) -> dict[str, Value]:
    """A form that obeys every rule, each as likely as any other."""
    return dict(random_form(scenario.fields, scenario.sum_rules, np.random.default_rng(die)))


def forms_of(scenario: Scenario) -> st.SearchStrategy[dict[str, Value]]:
    """All such forms."""
    return dice.map(lambda die: form_of(scenario, die))


def decisions(forms: Sequence[Form]) -> list[Decision]:
    """The forms as decisions of the first rounds."""
    return [Decision(number, form) for number, form in enumerate(forms, start=1)]


def asked(
    scenario: Scenario, seed: int, played: Sequence[Form], inquiry_id: str, argument: int | None = None
) -> Mapping[str, float]:
    """What an inquiry says after these forms."""
    run = replay(scenario, seed, [*decisions(played), Inquiry(len(played) + 1, inquiry_id, argument)])
    return run.findings[-1].values
