"""When a store's statement says what ours says."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as some

from app.record_store.statements import is_told_by

LEAVES = some.booleans() | some.integers(-9, 9) | some.sampled_from(["a", "b", "2027-01-01T10:00:00+05:00"])
JSON = some.recursive(
    LEAVES,
    lambda inner: some.lists(inner, max_size=3) | some.dictionaries(some.sampled_from("xyz"), inner, max_size=3),
    max_leaves=8,
)


def grown(value: Any) -> Any:
    """As a store gives it back: with more in it, and moments in UTC."""
    if isinstance(value, dict):
        return {name: grown(each) for name, each in value.items()} | {"stored": "2027-01-01T00:00:00Z"}
    if isinstance(value, list):
        return [grown(each) for each in value]
    return "2027-01-01T05:00:00.000Z" if value == "2027-01-01T10:00:00+05:00" else value


def altered(value: Any) -> Any:
    """With its last leaf changed."""
    if isinstance(value, dict) and value:
        *others, last = value.items()
        return dict(others) | {last[0]: altered(last[1])}
    if isinstance(value, list) and value:
        return [*value[:-1], altered(value[-1])]
    return "something else"


@given(JSON)
def test_what_a_store_added_or_wrote_in_its_own_way_does_not_matter(value: Any) -> None:
    assert is_told_by(value, grown(value))


@given(JSON)
def test_anything_that_differs_matters(value: Any) -> None:
    assert not is_told_by(value, altered(value))


def test_another_moment_and_something_missing_matter() -> None:
    ours = {"timestamp": "2027-01-01T10:00:00+05:00", "result": {"score": {"raw": 1}}}
    assert not is_told_by(ours, ours | {"timestamp": "2027-01-01T10:00:00+00:00"})
    assert not is_told_by(ours, {"timestamp": ours["timestamp"]})
    assert not is_told_by(ours, None)
