"""Charts: what a reader must be able to make out on a phone."""

from __future__ import annotations

import re

import pytest

from app.core import charts
from app.core.charts import SCALE_STEPS, Ranged, for_print, interval_chart


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


def drawn_intervals(app):
    rows = [Ranged("A", "Autumn", 61.0, 53.0, 70.0), Ranged("B", "Spring", -4.0, -12.0, 4.0)]
    with app.test_request_context():
        return interval_chart(
            rows, title="Means", description="", axis="%", columns=("Cohort", "Mean", "Interval"), reference=0.0
        )


def test_intervals_are_drawn_from_top_to_bottom_with_a_dot_where_the_figure_is(app) -> None:
    found = drawn_intervals(app)
    assert found.rows == (("Autumn", "61.0", "53.0 to 70.0"), ("Spring", "-4.0", "-12.0 to 4.0"))
    scale = found.svg.partition('class="axis y')[2].partition('class="axis x')[0]
    assert re.findall(r"<text[^>]*>([AB])</text>", scale) in (["A", "B"], ["B", "A"])
    circles = re.findall(r"<circle[^>]*>", found.svg)
    places = [
        (float(re.search(r'cx="([\d.]+)"', each)[1]), float(re.search(r'cy="([\d.]+)"', each)[1])) for each in circles
    ]
    large = [place for place, each in zip(places, circles, strict=True) if 'r="5"' in each]
    assert len(large) == 2
    (first_x, first_y), (second_x, second_y) = large
    assert first_x > second_x
    assert first_y < second_y
    # Each dot lies on its own line, the first eight seventeenths of the way along it.
    ends = [place for place in places if place[1] == first_y]
    low, high = min(ends)[0], max(ends)[0]
    assert (first_x - low) / (high - low) == pytest.approx(8 / 17, abs=0.01)


def test_rows_of_intervals_have_one_colour_and_the_line_of_reference_another(app) -> None:
    assert set(re.findall(r"color-\d+", drawn_intervals(app).svg)) == {"color-0", "color-5"}


def test_a_printed_picture_has_its_style_inside_and_one_of_a_page_has_none(app) -> None:
    found = drawn_intervals(app)
    made = for_print(found)
    assert "<style" not in found.svg
    assert made.svg.count("<style>") == 1
    assert made.svg.startswith("<svg")
    assert (made.axis, made.notes) == ("%", ())
    assert re.findall(r"<text[^>]*>([AB])</text>", made.svg) == re.findall(r"<text[^>]*>([AB])</text>", found.svg)


def test_no_urdu_is_left_in_a_printed_picture_where_its_letters_would_be_torn_apart(app) -> None:
    with app.test_request_context():
        found = charts.chart(
            "bar",
            title="",
            description="",
            axis="حالت",
            labels=["وقت پر", "پیچھے", "x"],
            series={"": [1.0, 2.0, 3.0]},
        )
    made = for_print(found)
    assert not [words for words in re.findall(r"<text[^>]*>([^<]*)</text>", made.svg) if charts.URDU.search(words)]
    assert (made.axis, made.notes) == ("حالت", (("a", "وقت پر"), ("b", "پیچھے")))
    assert re.findall(r"<text[^>]*>([abx])</text>", made.svg) == ["a", "b", "x"]
