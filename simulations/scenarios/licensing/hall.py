"""The waiting hall in slices of six minutes: counters, two classes, patience. Many weeks are played side by side."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simulations.engine import Floats
from simulations.scenarios.licensing.world import (
    ASSISTED,
    MOST_COUNTERS,
    OTHERS,
    SLICE_MINUTES,
    Bools,
    Week,
    by_lane,
    count,
)


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


@dataclass
class Queue:
    """People in the hall between two slices, by (lane, day); changed slice by slice."""

    assisted: Floats
    others: Floats
    serving: Floats

    def call(self, free: Floats, priority: Bools, turn: Floats) -> None:
        """Call people to free counters: the assisted first, or everybody in one line."""
        everybody = self.assisted + self.others
        called = np.minimum(everybody, np.maximum(free, 0.0))
        first = np.minimum(self.assisted, called)
        if not priority.all():
            fair = np.floor(self.assisted * called / np.maximum(everybody, 1.0) + turn)
            fair = np.minimum(np.maximum(fair, called - self.others), self.assisted)
            first = np.where(priority[:, None], first, fair)
        self.assisted = self.assisted - first
        self.others = self.others - (called - first)
        self.serving = self.serving + called


def play_hall(rates: Floats, counters: Floats, minutes: Floats, priority: Bools, patience: float, dice: Week) -> Hall:
    """All days of a week.

    rates: expected arrivals by (lane, slice, class).  counters: open ones by (lane, slice).  minutes: mean service
    by lane, at least one slice.  priority: by lane, whether the assisted are called first (non-preemptive).
    patience: mean minutes until somebody gives up. Service times are geometric in slices, the M/M/c of slices.
    """
    lanes = len(rates)
    arrived = count(rates[:, None], by_lane(dice.arrivals, lanes))
    days, slices = arrived.shape[1:3]
    finished = completions(dice.service, np.minimum(SLICE_MINUTES / minutes, 1.0)).reshape(lanes * days, slices, -1)
    turn, leave = by_lane(dice.turn, lanes), by_lane(dice.patience, lanes)
    queue = Queue(*(np.zeros((lanes, days)) for _ in range(3)))
    waiting, busy = np.zeros_like(arrived), np.zeros((lanes, days, slices))
    gone, row, hazard = np.zeros((lanes, days, 2)), np.arange(lanes * days), SLICE_MINUTES / patience
    for t in range(slices):
        queue.assisted = queue.assisted + arrived[:, :, t, ASSISTED]
        queue.others = queue.others + arrived[:, :, t, OTHERS]
        queue.call(counters[:, t, None] - queue.serving, priority, turn[:, :, t])
        waiting[:, :, t, ASSISTED], waiting[:, :, t, OTHERS] = queue.assisted, queue.others
        busy[:, :, t] = queue.serving
        lost = np.floor(waiting[:, :, t] * hazard + leave[:, :, t])
        gone += lost
        queue.assisted = queue.assisted - lost[..., ASSISTED]
        queue.others = queue.others - lost[..., OTHERS]
        queue.serving = queue.serving - finished[row, t, queue.serving.reshape(-1).astype(np.intp)].reshape(lanes, days)
    home = np.stack([queue.assisted, queue.others], axis=-1)
    return Hall(arrived, waiting, gone, home, busy, minutes, counters)
