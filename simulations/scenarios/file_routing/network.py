"""A network of desks on one clock: files queue, are served by the officials of a desk, and move on."""

import heapq
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

Item = TypeVar("Item")

LEAVES = -1
_ENTERS, _RETURNS, _SERVED = range(3)


@dataclass
class Network(Generic[Item]):
    """Desks of several officials each; the rules of service, routing and precedence are the caller's.

    service(item, desk, now): days until served.  follow(item, desk, now): the next desk, or ``LEAVES``, and the days
    on the way there.  precedence(item): whole number, lower first; first come first served within one.
    ``item_days`` is the time spent in the network by all items together.
    """

    staff: Sequence[int]
    service: Callable[[Item, int, float], float]
    follow: Callable[[Item, int, float], tuple[int, float]]
    precedence: Callable[[Item], int]
    now: float = 0.0
    inside: int = 0
    item_days: float = 0.0
    _order: int = 0
    _events: list[tuple[float, int, int, int, Item]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.busy = [0] * len(self.staff)
        self.queues: list[list[tuple[int, int, Item]]] = [[] for _ in self.staff]

    def arrive(self, item: Item, desk: int, at: float) -> None:
        """Announce an item that enters at a desk at a time not before now."""
        self._push(at, _ENTERS, desk, item)

    def wait(self, item: Item, desk: int) -> None:
        """Put an item back that was waiting; call in the order of the queue."""
        self.inside += 1
        self._enter(item, desk)

    def come(self, item: Item, desk: int, at: float) -> None:
        """Put an item back that was on its way to a desk."""
        self.inside += 1
        self._push(at, _RETURNS, desk, item)

    def run(self, until: float) -> None:
        """Let the clock run to ``until`` (days); what is not served by then stays where it is."""
        events = self._events
        while events and events[0][0] <= until:
            time, _, kind, desk, item = heapq.heappop(events)
            self.item_days += self.inside * (time - self.now)
            self.now = time
            if kind == _SERVED:
                self._served(item, desk)
            else:
                self.inside += kind == _ENTERS
                self._enter(item, desk)
        self.item_days += self.inside * (until - self.now)
        self.now = until

    def left(self) -> list[tuple[float, bool, int, Item]]:
        """What is still to happen: time, whether it is the end of a service, desk and item; earliest first."""
        return [(time, kind == _SERVED, desk, item) for time, _, kind, desk, item in sorted(self._events)]

    def waiting(self, desk: int) -> list[Item]:
        """Items that wait at a desk, next first."""
        return [item for _, _, item in sorted(self.queues[desk])]

    def _push(self, at: float, kind: int, desk: int, item: Item) -> None:
        self._order += 1
        heapq.heappush(self._events, (at, self._order, kind, desk, item))

    def _enter(self, item: Item, desk: int) -> None:
        if self.busy[desk] < self.staff[desk]:
            self.busy[desk] += 1
            self._push(self.now + self.service(item, desk, self.now), _SERVED, desk, item)
        else:
            self._order += 1
            heapq.heappush(self.queues[desk], (self.precedence(item), self._order, item))

    def _served(self, item: Item, desk: int) -> None:
        if self.queues[desk]:
            following = heapq.heappop(self.queues[desk])[2]
            self._push(self.now + self.service(following, desk, self.now), _SERVED, desk, following)
        else:
            self.busy[desk] -= 1
        target, days = self.follow(item, desk, self.now)
        if target == LEAVES:
            self.inside -= 1
        elif days > 0:
            self._push(self.now + days, _RETURNS, target, item)
        else:
            self._enter(item, target)
