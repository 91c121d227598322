"""The way out of the sandbox."""

from __future__ import annotations

import json
import os
from typing import Any, BinaryIO


class Answers:
    """A pipe to the host, one JSON object a line, that no kernel holds."""

    def __init__(self, pipe: BinaryIO) -> None:
        self._pipe = pipe

    def send(self, **message: Any) -> None:
        """One message."""
        self._pipe.write(json.dumps(message).encode() + b"\n")
        self._pipe.flush()

    def close(self) -> None:
        """Let go of it without a word, in a process that must not have it."""
        os.close(self._pipe.fileno())
