"""Pairs that share passages are found whatever the names; what was given out or what everybody writes is no sign."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grading import cut_cells, similar_pairs
from grading.similarity import MOST_CHARACTERS, MOST_PLACES

GIVEN = "import pandas as pd\ntable = pd.read_csv('a.csv', parse_dates=['filed_on', 'closed_on'], dtype={'id': str})\n"
LOOP = """total = 0
for row in table.itertuples():
    if row.status == 'open' and row.days > 30:
        total = total + row.weight * (row.days - 30)
    elif row.status == 'closed':
        total -= row.weight
share = total / max(1, len(table)) if total > 0 else 0.0
"""
PROSE = (
    "People who wrote in Pashto are called least of all, and the share of those who confirm falls where nobody asks; "
    "I would ask next whether the gap stays when callers speak the language of the citizen."
)


def notebook(*cells: str, kind: str = "code", locked: bool = False) -> bytes:
    metadata = {"nbgrader": {"locked": locked}}
    return json.dumps(
        {"cells": [{"cell_type": kind, "metadata": metadata, "source": source} for source in cells]}
    ).encode()


OTHERS = (
    "share = len([row for row in table.values if row[3] == 'open']) / len(table)\nprint(round(100 * share, 1))",
    "open_rows = table[table.status == 'open']\nshare = open_rows.days.sub(30).clip(lower=0).mul(2).sum()",
    "def late(row):\n    return max(row.days - 30, 0) if row.open else -1\nshare = table.apply(late, axis=1).mean()",
)


def test_a_copy_with_other_names_is_found_with_its_place() -> None:
    copied = re.sub(r"\btotal\b", "sum_of_it", LOOP).replace("row", "line").replace("30", "45")
    others = {number: notebook(GIVEN, code) for number, code in enumerate(OTHERS, start=3)}
    [pair] = similar_pairs(
        {1: notebook(GIVEN, LOOP), 2: notebook(GIVEN, f"a = 1\n{copied}"), **others}, [notebook(GIVEN)]
    )
    assert (pair.first, pair.second) == (1, 2)
    assert pair.share > 0.7
    assert {passage.cell for passage in pair.first_passages} == {1}
    assert max(passage.last for passage in pair.first_passages) >= 5


def test_prose_is_compared_by_its_words() -> None:
    one = notebook(PROSE, kind="markdown")
    other = notebook("First of all. " + PROSE.replace("gap", "difference"), kind="markdown")
    own = notebook("I would show the mean of days, since it is what the office itself reports.", kind="markdown")
    [pair] = similar_pairs({1: one, 2: other, 3: own}, [notebook("", kind="markdown")])
    assert (pair.first, pair.second) == (1, 2)


def test_what_was_given_out_is_no_sign() -> None:
    assert similar_pairs({1: notebook(LOOP), 2: notebook(LOOP)}, [notebook(""), notebook(LOOP)]) == []


def test_what_most_write_is_no_sign() -> None:
    assert similar_pairs({number: notebook(GIVEN, LOOP) for number in range(10)}, [notebook(GIVEN)]) == []


def test_tests_that_are_locked_are_no_sign() -> None:
    assert similar_pairs({1: notebook(LOOP, locked=True), 2: notebook(LOOP, locked=True)}, [notebook("")]) == []


def test_what_is_no_python_is_compared_as_words() -> None:
    broken = f"total = (\n{PROSE}"
    assert similar_pairs({1: notebook(broken), 2: notebook(broken)}, [notebook("")])


LONG = {
    "numbers": "data = [" + ", ".join(map(str, range(40_000))) + "]",
    "terms": "total = " + " + ".join(["1"] * 300_000),
    "quotation marks": "\\'" * (MOST_CHARACTERS // 2 - 1000),
    "blank lines": "\n" * 6_000_000,
    "comments": "# one\n" * 1_000_000,
    "a text": 'text = """\n' + "one two\n" * 750_000 + '"""',
    "continued lines": "total = \\\n" + "\\\n" * 3_000_000 + "1",
    "comments that may end a text": '# """\n' * 1_000_000,
}


@pytest.mark.timeout(30)
@pytest.mark.parametrize("long", LONG.values(), ids=LONG)
def test_no_notebook_keeps_a_class_waiting_and_what_is_beside_its_long_cell_is_compared(long: str) -> None:
    [pair] = similar_pairs({1: notebook(long, LOOP), 2: notebook(LOOP, long)}, [notebook("")])
    assert 1 in {passage.cell for passage in pair.first_passages}
    assert 0 in {passage.cell for passage in pair.second_passages}


def test_of_what_stands_in_a_notebook_again_and_again_some_places_are_shown() -> None:
    again = LOOP * 300
    [pair] = similar_pairs({1: notebook(again), 2: notebook(again)}, [notebook("")])
    most_marks_of_one_loop = 40
    assert len(pair.first_passages) < most_marks_of_one_loop * MOST_PLACES
    assert pair.share == 1


PADDING = {
    "comments": "# one\n" * MOST_CHARACTERS,
    "a long comment": "# " + "x" * MOST_CHARACTERS + "\n",
    "blank lines": "\n" * MOST_CHARACTERS,
    "a text": "'" + "x" * MOST_CHARACTERS + "'\n",
    "blank space": "one = 1" + " " * MOST_CHARACTERS + "\n",
}


@pytest.mark.parametrize("padding", PADDING.values(), ids=PADDING)
def test_what_says_nothing_hides_no_program_behind_it(padding: str) -> None:
    padded = notebook(padding + LOOP)
    [pair] = similar_pairs({1: padded, 2: notebook(LOOP)}, [notebook("")])
    assert pair.share == 1
    before = padding.count("\n")
    assert {each.first - before for each in pair.first_passages} >= {each.first for each in pair.second_passages}
    assert cut_cells(padded) == ()


def test_blank_space_hides_no_prose_behind_it() -> None:
    padded = notebook("\n" * MOST_CHARACTERS + PROSE, kind="markdown")
    [pair] = similar_pairs({1: padded, 2: notebook(PROSE, kind="markdown")}, [notebook("")])
    assert {passage.first for passage in pair.first_passages} == {MOST_CHARACTERS}


def test_of_a_cell_beyond_the_bound_the_beginning_is_compared_and_others_are_whole() -> None:
    long = "".join(f"value_{number} = {number}\n" for number in range(MOST_CHARACTERS))
    assert cut_cells(notebook(LOOP + long, LOOP)) == (0,)
    assert similar_pairs({1: notebook(LOOP + long), 2: notebook(LOOP)}, [notebook(long)])
    assert similar_pairs({1: notebook(long + LOOP), 2: notebook(LOOP)}, [notebook(long)]) == []
    for first in (notebook(long, LOOP), notebook(long, LOOP, long)):
        assert similar_pairs({1: first, 2: notebook(LOOP)}, [notebook(long)])


@given(st.lists(st.text(), max_size=4), st.lists(st.text(), max_size=4))
def test_whatever_is_handed_in_the_share_is_a_share(one: list[str], other: list[str]) -> None:
    for pair in similar_pairs({1: notebook(*one), 2: notebook(*other)}, [notebook("")]):
        assert 0 < pair.share <= 1
