"""A web server of a test's own, for what lies outside the product."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from socketserver import BaseServer

# How often a server looks whether it is to end; half a second, as it comes, is a long time at the end of every test.
POLL_SECONDS = 0.01


@contextmanager
def served(server: BaseServer) -> Iterator[None]:
    """Answered by a thread of its own until the block ends."""
    thread = threading.Thread(target=server.serve_forever, args=(POLL_SECONDS,), daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
