"""How the portal's process uses the interpreter."""

from __future__ import annotations

import gc
import sys

SWITCH_SECONDS = 0.0005


def share_fairly() -> None:
    """Let a thread that comes back from the database soon go on while others compute; holds for this process."""
    sys.setswitchinterval(SWITCH_SECONDS)


def keep_what_is_loaded() -> None:
    """Leave the code and content loaded so far out of garbage collection.

    To look through them takes a fifth of a second, which every few dozen requests would have to wait for.
    """
    gc.collect()
    gc.freeze()
