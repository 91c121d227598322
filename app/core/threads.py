"""How the threads of the portal share the interpreter."""

from __future__ import annotations

import sys

SWITCH_SECONDS = 0.0005


def share_fairly() -> None:
    """Let a thread that comes back from the database soon go on while others compute; holds for this process."""
    sys.setswitchinterval(SWITCH_SECONDS)
