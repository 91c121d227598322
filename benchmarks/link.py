"""A link of a given speed that everything of a browser goes through: pages, workers and service workers, all origins.

What a browser's own tools slow down leaves out requests of service workers; traffic control needs modules of the kernel
that many machines lack. So the browser is given a SOCKS5 proxy (RFC 1928), and the proxy is the link.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from playwright.sync_api import ProxySettings

# What one TCP segment carries over Ethernet: connections that send at once take turns by it.
SEGMENT_BYTES = 1448
SOCKS5, NO_PASSWORD, CONNECT, BY_NAME = 5, b"\x05\x00", 1, 3
CONNECTED = b"\x05\x00\x00\x01\x00\x00\x00\x00\x00\x00"


@dataclass(frozen=True)
class Speed:
    """bytes_per_second: of each direction; 0 for no limit. round_trip_seconds: half of it each way."""

    bytes_per_second: float
    round_trip_seconds: float


UNSHAPED = Speed(0, 0)


class _Direction:
    """One segment after another; `free_at`, in the loop's seconds, is when the last one promised has passed."""

    def __init__(self) -> None:
        self.free_at = 0.0

    async def turn(self, length: int, speed: Speed) -> None:
        """Wait until these bytes have passed."""
        if not speed.bytes_per_second:
            return
        now = asyncio.get_running_loop().time()
        self.free_at = max(now, self.free_at) + length / speed.bytes_per_second
        await asyncio.sleep(self.free_at - now)


@dataclass
class Link:
    """received: bytes that came down, by the port of the server, headers included. speed may be changed at any time."""

    speed: Speed = UNSHAPED
    port: int = 0
    received: Counter[int] = field(default_factory=Counter)

    @property
    def proxy(self) -> ProxySettings:
        """For Playwright: this machine's own addresses too, which browsers leave out by themselves."""
        return {"server": f"socks5://127.0.0.1:{self.port}", "bypass": "<-loopback>"}

    async def serve(self, listening: socket.socket, over: asyncio.Event) -> None:
        """Carry connections until `over`."""
        up, down = _Direction(), _Direction()

        async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            try:
                host, port = await _asked(reader, writer)
                server_reader, server_writer = await asyncio.open_connection(host, port)
                await asyncio.sleep(self.speed.round_trip_seconds)
                writer.write(CONNECTED)
                await asyncio.gather(
                    self._pass(reader, server_writer, up, None), self._pass(server_reader, writer, down, port)
                )
            except (OSError, asyncio.IncompleteReadError):
                writer.close()

        server = await asyncio.start_server(carry, sock=listening, limit=SEGMENT_BYTES)
        async with server:
            await over.wait()

    async def _pass(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, direction: _Direction, port: int | None
    ) -> None:
        loop = asyncio.get_running_loop()
        try:
            while segment := await reader.read(SEGMENT_BYTES):
                await direction.turn(len(segment), self.speed)
                if port is not None:
                    self.received[port] += len(segment)
                loop.call_later(self.speed.round_trip_seconds / 2, writer.write, segment)
        finally:
            loop.call_later(self.speed.round_trip_seconds / 2, writer.close)


async def _asked(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> tuple[str, int]:
    """The host and port that the browser wants. Raises OSError when it speaks something else than SOCKS5."""
    version, methods = await reader.readexactly(2)
    await reader.readexactly(methods)
    writer.write(NO_PASSWORD)
    version, command, _reserved, kind = await reader.readexactly(4)
    if version != SOCKS5 or command != CONNECT:
        raise OSError("no connection over SOCKS5 was asked for")
    if kind == BY_NAME:
        (length,) = await reader.readexactly(1)
        host = (await reader.readexactly(length)).decode()
    else:
        host = socket.inet_ntop(socket.AF_INET, await reader.readexactly(4))
    return host, int.from_bytes(await reader.readexactly(2), "big")


@contextlib.contextmanager
def open_link(speed: Speed = UNSHAPED) -> Iterator[Link]:
    """A link on a free port, carried by a thread of its own, until the block ends."""
    listening = socket.create_server(("127.0.0.1", 0))
    link = Link(speed, listening.getsockname()[1])
    loop, over = asyncio.new_event_loop(), asyncio.Event()

    def carry() -> None:
        with asyncio.Runner(loop_factory=lambda: loop) as runner:
            runner.run(link.serve(listening, over))

    thread = threading.Thread(target=carry, daemon=True)
    thread.start()
    try:
        yield link
    finally:
        loop.call_soon_threadsafe(over.set)
        thread.join(timeout=10)
