"""The rule of the four statuses, for whatever was planned and done."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from app.progress.planning import proposal
from app.progress.standing import Status, overdue, status_of

NOW = datetime(2027, 3, 10, 9, tzinfo=UTC)
SILENT_AFTER = timedelta(days=7)
NAMES = [f"activity-{number}" for number in range(6)]
BETTER = [Status.SILENT, Status.BEHIND, Status.ON_TRACK, Status.FINISHED]

names = st.sets(st.sampled_from(NAMES))
moments = st.integers(-60 * 24, 60 * 24).map(lambda hours: NOW + timedelta(hours=hours))
past = st.integers(0, 60 * 24).map(lambda hours: NOW - timedelta(hours=hours))
plans = st.dictionaries(st.sampled_from(NAMES), moments)
traces = st.none() | past


def status(due_at: dict, done: set, joined_at: datetime, last: datetime | None, now: datetime = NOW) -> Status:
    return status_of(
        activities=NAMES,
        due_at=due_at,
        done=done,
        joined_at=joined_at,
        last_active_at=last,
        now=now,
        silent_after=SILENT_AFTER,
    )


@given(plans, names, past, traces)
def test_the_words_of_the_rule_hold(due_at: dict, done: set, joined_at: datetime, last: datetime | None) -> None:
    found = status(due_at, done, joined_at, last)
    waits = {name for name, moment in due_at.items() if moment <= NOW} - done
    assert (found is Status.FINISHED) == (done == set(NAMES))
    assert (found is Status.ON_TRACK) == (not waits and done != set(NAMES))
    heard_of_lately = any(NOW - each < SILENT_AFTER for each in (joined_at, last) if each is not None)
    assert (found is Status.BEHIND) == (bool(waits) and heard_of_lately)
    assert (found is Status.SILENT) == (bool(waits) and not heard_of_lately)


@given(plans, names, st.sampled_from(NAMES), past, traces)
def test_more_work_never_makes_it_worse(
    due_at: dict, done: set, further: str, joined_at: datetime, last: datetime | None
) -> None:
    before, after = status(due_at, done, joined_at, last), status(due_at, done | {further}, joined_at, last)
    assert BETTER.index(after) >= BETTER.index(before)


@given(plans, names, past, traces, st.integers(0, 1000))
def test_waiting_never_makes_it_better(
    due_at: dict, done: set, joined_at: datetime, last: datetime | None, hours: int
) -> None:
    before = status(due_at, done, joined_at, last)
    after = status(due_at, done, joined_at, last, NOW + timedelta(hours=hours))
    assert BETTER.index(after) <= BETTER.index(before)


@given(plans, names)
def test_what_waits_longest_comes_first(due_at: dict, done: set) -> None:
    found = overdue(due_at, done, NOW)
    assert [due_at[name] for name in found] == sorted(due_at[name] for name in found)


def test_a_module_without_activities_is_finished_by_nobody() -> None:
    found = status_of(
        activities=(),
        due_at={},
        done=(),
        joined_at=NOW,
        last_active_at=None,
        now=NOW,
        silent_after=SILENT_AFTER,
    )
    assert found is Status.ON_TRACK


@given(st.integers(1, 12), st.integers(1, 52), st.dates(max_value=date(9000, 1, 1)))
def test_a_proposal_fills_the_weeks_in_order(count: int, weeks: int, first_day: date) -> None:
    names = [str(number) for number in range(count)]
    days = list(proposal(names, first_day, weeks).values())
    assert days[0].begins_on == first_day
    assert days[-1].due_on == first_day + timedelta(days=7 * weeks - 1)
    assert all(each.begins_on < each.due_on for each in days)
    assert [each.due_on for each in days] == sorted(each.due_on for each in days)
    assert all((each.due_on - each.begins_on).days % 7 == 6 for each in days)
