"""The waiting hall in slices of six minutes: counters, two classes, patience. Many weeks are played side by side."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simulations.engine import Bools, Floats
from simulations.scenarios.licensing.world import ASSISTED, MOST_COUNTERS, OTHERS, SLICE_MINUTES, Week, by_lane, count


@dataclass(frozen=True)
class Hall:
    """What the hall saw. Counts by (lane, day, slice, class) or (lane, day, class)."""

    arrived: Floats
    waiting: Floats  # people in the queue at the end of a slice, by class
    abandoned: Floats  # by (lane, day, class)
    sent_home: Floats  # still waiting at closing time, by (lane, day, class)
    busy: Floats  # counters at work, by (lane, day, slice)
    minutes: Floats  # mean service, by lane
    counters: Floats  # open ones, by (lane, slice)

    @property
    def ahead(self) -> Floats:
        """Minutes until somebody of the later class who comes now is called, by (lane, day, slice)."""
        return np.asarray(self.waiting.sum(axis=-1) * self.minutes[:, None, None] / self.counters[:, None])


def completions(service: Floats, chance: Floats) -> NDArray[np.int8]:
    """How many of the first k busy counters finish in a slice, by (lane, day, slice, k).

    service: dice by (world, day, slice, counter).  chance: by lane, that a busy counter finishes.
    """
    shape = (-1, len(service), 1, 1, 1)
    done = service[None] < chance.reshape(shape)
    total = np.cumsum(done, axis=-1, dtype=np.int8)
    padded = np.zeros((*done.shape[:-1], MOST_COUNTERS + 1), dtype=np.int8)
    padded[..., 1:] = total
    return padded.reshape(-1, *padded.shape[2:])


def _fair_share(queue: Floats, called: Floats, turn: Floats) -> Floats:
    """How many of the called are assisted when everybody stands in one line: their share of it."""
    share = np.floor(queue[ASSISTED] * called / np.maximum(queue[ASSISTED] + queue[OTHERS], 1.0) + turn)
    return np.asarray(np.minimum(np.maximum(share, called - queue[OTHERS]), queue[ASSISTED]))


def _slices_first(dice: Floats) -> Floats:
    """(lane, day, slice, class) as (slice, class, lane, day), so that one slice lies together."""
    return np.ascontiguousarray(np.moveaxis(dice, (2, 3), (0, 1)))


def play_hall(rates: Floats, counters: Floats, minutes: Floats, priority: Bools, patience: float, dice: Week) -> Hall:
    """All days of a week.

    rates: expected arrivals by (lane, slice, class).  counters: open ones by (lane, slice).  minutes: mean service
    by lane, at least one slice.  priority: by lane, whether the assisted are called first (non-preemptive).
    patience: mean minutes until somebody gives up. Service times are geometric in slices, the M/M/c of slices.
    """
    lanes = len(rates)
    arrived = count(rates[:, None], by_lane(dice.arrivals, lanes))
    days, slices = arrived.shape[1:3]
    done = completions(dice.service, np.minimum(SLICE_MINUTES / minutes, 1.0))
    finished = np.ascontiguousarray(np.moveaxis(done.reshape(lanes * days, slices, -1), 1, 0))
    coming, leave = _slices_first(arrived), _slices_first(by_lane(dice.patience, lanes))
    turn = np.moveaxis(by_lane(dice.turn, lanes), 2, 0)
    queue, gone, serving = np.zeros((2, lanes, days)), np.zeros((2, lanes, days)), np.zeros((lanes, days))
    waiting, busy = np.zeros_like(coming), np.zeros((slices, lanes, days))
    row, hazard = np.arange(lanes * days), SLICE_MINUTES / patience
    one_line = None if priority.all() else ~priority[:, None]
    for t in range(slices):
        queue += coming[t]
        free = np.maximum(counters[:, t, None] - serving, 0.0)
        called = np.minimum(queue[ASSISTED] + queue[OTHERS], free)
        assisted = np.minimum(queue[ASSISTED], called)
        if one_line is not None:
            assisted = np.where(one_line, _fair_share(queue, called, turn[t]), assisted)
        queue[ASSISTED] -= assisted
        queue[OTHERS] -= called - assisted
        serving += called
        waiting[t], busy[t] = queue, serving
        lost = np.floor(queue * hazard + leave[t])
        queue -= lost
        gone += lost
        serving -= finished[t][row, serving.ravel().astype(np.intp)].reshape(lanes, days)
    return Hall(
        arrived=arrived,
        waiting=np.moveaxis(waiting, (0, 1), (2, 3)),
        abandoned=np.moveaxis(gone, 0, -1),
        sent_home=np.moveaxis(queue, 0, -1),
        busy=np.moveaxis(busy, 0, 2),
        minutes=minutes,
        counters=counters,
    )
