"""What a release holds of anybody: coarse values, and nothing by which they are named, numbered, dated or quoted."""

from __future__ import annotations

import re
from collections import Counter
from datetime import UTC, datetime, timedelta
from random import Random

from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as some

from app.accounts.postings import grade_band
from app.competencies.models import EvidenceKind
from app.research.columns import BREADTH_BANDS, DONE_BANDS, FAMILIES, UNKNOWN, band, named_band
from app.research.material import K, Participant, Piece, pseudonym, tables

BEGAN = datetime(2027, 3, 1, 8, 30, tzinfo=UTC)
KEY = b"k" * 32
PIECES = some.builds(
    Piece,
    at=some.integers(0, 300 * 24).map(lambda hours: BEGAN + timedelta(hours=hours)),
    kind=some.sampled_from([each.value for each in EvidenceKind]),
    competency=some.sampled_from(["D1.1", "D2.1", "D3.2"]),
    level=some.integers(1, 4),
    outcome=some.floats(0, 1),
    weight=some.sampled_from([0.5, 1.5, 2.0]),
)


def participants(numbers: some.SearchStrategy[int]) -> some.SearchStrategy[list[Participant]]:
    one = some.builds(
        Participant,
        id=numbers,
        department=some.sampled_from(["Health", "Revenue", ""]),
        grade=some.none() | some.integers(1, 22),
        district=some.sampled_from(["Mardan", "Swat", ""]),
        language=some.sampled_from(["en", "ur"]),
        done=some.integers(0, 60),
        pieces=some.lists(PIECES, max_size=4).map(tuple),
    )
    return some.lists(one, max_size=40, unique_by=lambda each: each.id)


@hypothesis_settings(max_examples=60)
@given(found=participants(some.integers(100_000, 999_999)))
def test_ten_are_alike_in_any_release_and_nobody_is_named_or_dated(found: list[Participant]) -> None:
    made = tables(found, key=KEY, dice=Random(1))
    sizes = Counter(line[1:5] for line in made.persons)
    assert all(size >= K for size in sizes.values())
    assert {line[0] for line in made.evidence} <= {line[0] for line in made.persons}
    shown = {pseudonym(each.id, KEY) for each in found} & {line[0] for line in made.persons}
    kept = [each for each in found if pseudonym(each.id, KEY) in shown]
    assert len(made.evidence) == sum(len(each.pieces) for each in kept)
    assert made.evidence_left_out == sum(len(each.pieces) for each in found) - len(made.evidence)
    text = repr((made.persons, made.evidence, made.counts))
    without_pseudonyms = re.sub("|".join(shown) or "-", "", text)
    assert not [each.id for each in found if str(each.id) in without_pseudonyms]
    assert not re.search(r"\d{4}-\d\d-\d\d|\d\d:\d\d", text)


@given(found=participants(some.integers(1, 999)))
def test_every_possible_value_is_counted_whether_anybody_has_it_or_not(found: list[Participant]) -> None:
    made = tables(found, key=KEY, dice=Random(1))
    assert [line[:2] for line in made.counts] == [
        (family, value) for family, every in FAMILIES.items() for value in every
    ]
    for each in found:
        assert all(value in FAMILIES[family] for family, value in each.counted_by.items())


def test_the_order_of_rows_and_of_people_tells_nothing() -> None:
    people = [Participant(number, "Health", 17, "Swat", "en", number, ()) for number in range(20)]
    made, turned = (tables(each, key=KEY, dice=Random(1)) for each in (people, people[::-1]))
    assert (made.persons, made.evidence, made.counts) == (turned.persons, turned.evidence, turned.counts)
    assert [line[0] for line in made.persons] == sorted(line[0] for line in made.persons)


def test_another_key_gives_other_pseudonyms() -> None:
    people = [Participant(number, "Health", 17, "Swat", "en", 0, ()) for number in range(12)]
    names = [{line[0] for line in tables(people, key=key, dice=Random(1)).persons} for key in (KEY, b"l" * 32)]
    assert names[0] & names[1] == set()
    assert len(names[0]) == 12


def test_time_is_weeks_from_one_s_own_beginning_and_outcomes_are_tenths() -> None:
    def piece(days: int, outcome: float) -> Piece:
        return Piece(BEGAN + timedelta(days=days), "quiz_item", "D2.1", 2, outcome, 0.5)

    pieces = (piece(0, 0.449), piece(6, 1.0), piece(7, 0.0), piece(20, 0.95))
    people = [Participant(number, "", None, "", "en", 0, pieces) for number in range(K)]
    made = tables(people, key=KEY, dice=Random(1))
    assert {line[1:] for line in made.evidence} == {
        ("0", "quiz_item", "D2.1", "2", "0.4", "0.5"),
        ("0", "quiz_item", "D2.1", "2", "1.0", "0.5"),
        ("1", "quiz_item", "D2.1", "2", "0.0", "0.5"),
        ("2", "quiz_item", "D2.1", "2", "0.9", "0.5"),
    }
    assert {line[1:] for line in made.persons} == {(UNKNOWN, UNKNOWN, UNKNOWN, "en", "0", "0.6")}


def test_bands() -> None:
    assert [named_band(grade_band(grade)) for grade in (1, 13, 14, 16, 17, 18, 19, 20, 21, 22, None)] == [
        *("BS 1-13", "BS 1-13", "BS 14-16", "BS 14-16", "BS 17-18", "BS 17-18"),
        *("BS 19-20", "BS 19-20", "BS 21-22", "BS 21-22", UNKNOWN),
    ]
    assert [band(number, DONE_BANDS) for number in (0, 1, 5, 6, 20, 21, 99)] == [
        *("0", "1-5", "1-5", "6-10", "11-20", "21 or more", "21 or more")
    ]
    assert [band(number, BREADTH_BANDS) for number in (0, 3, 4, 7)] == ["0", "1-3", "4-6", "7 or more"]
