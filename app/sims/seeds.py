"""Seeds of runs: an exercise's is secret while it is open; each next run for practice has one before it begins."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Callable

# JavaScript and JSON readers keep whole numbers exact up to 53 bits.
SEED_BITS = 53


def fresh() -> int:
    """A seed nobody can foresee."""
    return secrets.randbits(SEED_BITS)


def of_practice(secret: str, trainee_id: int, module_id: str, activity_id: str) -> Callable[[int], int]:
    """The seed of a trainee's practice by the number of runs before it.

    A device that keeps the simulation can begin the next run with it, and can neither choose it nor ask for another.
    """

    def of_run(number: int) -> int:
        name = f"practice {trainee_id} {module_id} {activity_id} {number}"
        digest = hmac.digest(secret.encode(), name.encode(), hashlib.sha256)
        return int.from_bytes(digest[:8], "big") >> (64 - SEED_BITS)

    return of_run
