"""Charts: what a reader must be able to make out on a phone."""

from __future__ import annotations

import pytest

from app.core import charts
from app.core.charts import SCALE_STEPS


@pytest.mark.parametrize("values", [[15.2, 15.2, 15.2], [0.0, 3.0, 2.0], [26_066.0, 4_864.0], [-17.0, 5.0]])
def test_the_scale_has_few_enough_figures_to_stand_apart(app, values: list[float]) -> None:
    with app.test_request_context():
        drawn = charts.chart(
            "line",
            title="Delay",
            description="",
            axis="Round",
            labels=[str(number) for number, _value in enumerate(values, 1)],
            series={"Delay": values},
        )
    scale = drawn.svg.partition('class="axis y')[2].partition('class="axis x')[0]
    assert 2 <= scale.count("<text") <= SCALE_STEPS
