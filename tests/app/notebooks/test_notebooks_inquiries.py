"""What the code of a cell asks of the data."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.notebooks.inquiries import Inquiry, Kind, inquiries

COLUMNS = ("status", "language", "severity", "reported_resolved", "filed_on")


def asked(code: str) -> set[tuple[str, tuple[str, ...]]]:
    return {(inquiry.kind.value, inquiry.columns) for inquiry in inquiries(code, COLUMNS)}


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("complaints['status']", {("look", ("status",))}),
        ("complaints.language", {("look", ("language",))}),
        ("clean[clean['status'] == 'closed']", {("filter", ("status",))}),
        ("clean.query('status == \"open\" and severity > 3')", {("filter", ("severity", "status"))}),
        ("late = clean['severity'] > 3\nclean[late]", {("filter", ("severity",))}),
        ("clean.loc[clean.severity.between(1, 3), 'language']", {("filter", ("language", "severity"))}),
        ("clean.groupby('language').size()", {("group", ("language",)), ("summary", ())}),
        ("clean['language'].value_counts()", {("group", ("language",))}),
        (
            "(closed['reported_resolved'] == 'yes').groupby(closed['language']).mean() * 100",
            {("group", ("language",)), ("summary", ("reported_resolved",))},
        ),
        ("pd.crosstab(clean['language'], clean['status'])", {("group", ("language", "status"))}),
        ("clean.pivot_table(index='language', values='severity')", {("group", ("language",)), ("look", ("severity",))}),
        ("clean.sort_values('filed_on')", {("order", ("filed_on",))}),
        ("clean.merge(other, on='language')", {("join", ("language",))}),
        ("counts = clean['status'].value_counts()\ncounts.plot.bar()", {("group", ("status",)), ("plot", ("status",))}),
        ("%matplotlib inline\nlen(clean)", {("summary", ())}),
        ("%%time\nlen(clean)", {("summary", ())}),
        ("clean.groupby??\n?clean\nlen(clean)", {("summary", ())}),
        ("clean['severity'].max()  # which is worst?", {("summary", ("severity",))}),
        ("(\n    clean\n    # longest?\n    .sort_values('filed_on')\n)", {("order", ("filed_on",))}),
        ("(len(clean)\n    % 7)", {("summary", ())}),
        ("print('status')", set()),
        ("clean['of my own'].mean()", {("summary", ())}),
        ("', '.join(['status'])", set()),
        ("clean[", set()),
        ("(" * 150 + "clean" + ")" * 150, set()),
        ("\n" * 10_000, set()),
        ("clean" + ".T" * 4000, set()),
    ],
)
def test_each_way_of_asking_is_found_with_its_columns(code: str, expected: set[tuple[str, tuple[str, ...]]]) -> None:
    assert asked(code) == expected


ASKING = st.sampled_from(
    [
        "clean['status']",
        "clean[clean['status'] == 'open']",
        "clean.groupby('language')['severity'].mean()",
        "clean.sort_values('filed_on').head()",
        "clean.merge(other, on='status')",
        "clean.plot.scatter(x='severity', y='filed_on')",
        "x = 1 + 2",
    ]
)


@given(st.text(max_size=300))
def test_no_text_whatever_is_too_much_for_it(text: str) -> None:
    for inquiry in inquiries(text, COLUMNS):
        assert set(inquiry.columns) <= set(COLUMNS)


@given(st.lists(ASKING, max_size=6).flatmap(lambda lines: st.tuples(st.just(lines), st.permutations(lines))))
def test_the_order_of_lines_comments_and_blanks_change_nothing(both: tuple[list[str], list[str]]) -> None:
    lines, others = both
    assert inquiries("\n".join(lines), COLUMNS) == inquiries("# status\n\n" + "\n\n".join(others) + "\n", COLUMNS)


@given(st.lists(ASKING, max_size=6), st.lists(st.sampled_from(COLUMNS)))
def test_nothing_but_columns_of_the_data_comes_out(lines: list[str], known: list[str]) -> None:
    found: frozenset[Inquiry] = inquiries("\n".join(lines), known)
    assert {column for inquiry in found for column in inquiry.columns} <= set(known)
    assert {inquiry.kind for inquiry in found} <= set(Kind)
