"""Requests of ours to a server whose address somebody typed: to public addresses, by https, for so long and so much.

Who may type an address could otherwise make the portal ask machines that only it reaches. A name is resolved once and
the very address that was checked is connected to, so that no second answer of the name server leads elsewhere.
Redirections are not followed.
"""

from __future__ import annotations

import ipaddress
import socket
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import urlsplit

import httpcore

from config import Settings

# Seconds for each step of a request: to connect, to send, to hear something.
PATIENCE_SECONDS = 10
# Seconds for a whole answer, and how many bytes of it are read.
MOST_SECONDS, MOST_BYTES = 30, 2 * 1024 * 1024


class NotAllowed(Exception):
    """The address is none that may be asked: not https, or not of a public machine."""


class Unreachable(Exception):
    """Nobody answers there, or not as a web server does; the message says what went wrong, in English."""


@dataclass(frozen=True)
class Answer:
    """headers: by their names in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Outgoing:
    """private_hosts: names of machines that may be asked although their addresses are private."""

    private_hosts: frozenset[str] = frozenset()

    @classmethod
    def of(cls, settings: Settings) -> Self:
        return cls(frozenset(settings.outgoing_private_hosts.lower().split()))

    def check(self, url: str) -> None:
        """Raises NotAllowed for an address that can be seen to be none, without asking the name server."""
        parts = _parts(url)
        if parts.username or parts.password or parts.query or parts.fragment or not parts.hostname:
            raise NotAllowed(url)
        if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in self.private_hosts):
            raise NotAllowed(url)

    def request(self, method: str, url: str, *, headers: Mapping[str, str], content: bytes = b"") -> Answer:
        """Ask once. url: checked before, but for its query. Raises NotAllowed and Unreachable."""
        parts = _parts(url)
        self.check(parts._replace(query="").geturl())
        asked_over = _PublicAddresses(self.private_hosts, is_plain=parts.scheme == "http")
        patience = dict.fromkeys(("connect", "read", "write", "pool"), float(PATIENCE_SECONDS))
        try:
            with (
                httpcore.ConnectionPool(network_backend=asked_over) as pool,
                pool.stream(
                    method, url, headers=list(headers.items()), content=content, extensions={"timeout": patience}
                ) as heard,
            ):
                named = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in heard.headers}
                return Answer(heard.status, named, _read(heard.iter_stream()))
        except (
            *(httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError),
            *(httpcore.UnsupportedProtocol, OSError, UnicodeError),
        ) as error:
            raise Unreachable(f"{type(error).__name__}: {error}") from error


def _parts(url: str) -> Any:
    try:
        parts = urlsplit(url)
        _port = parts.port
    except ValueError as error:
        raise NotAllowed(url) from error
    return parts


def _read(chunks: Iterable[bytes]) -> bytes:
    """Raises Unreachable for what is too long or comes too slowly."""
    until, found = time.monotonic() + MOST_SECONDS, b""
    for chunk in chunks:
        found += chunk
        if len(found) > MOST_BYTES:
            raise Unreachable(f"the answer is longer than {MOST_BYTES} bytes")
        if time.monotonic() > until:
            raise Unreachable(f"the answer took longer than {MOST_SECONDS} s")
    return found


class _PublicAddresses(httpcore.NetworkBackend):
    """Connects to the address that was checked. is_plain: without encryption, so on this machine only."""

    def __init__(self, private_hosts: frozenset[str], *, is_plain: bool) -> None:
        self._private_hosts, self._is_plain = private_hosts, is_plain
        self._network = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        return self._network.connect_tcp(self._checked(host, port), port, timeout, local_address, socket_options)

    def _checked(self, host: str, port: int) -> str:
        """An address of a host. Raises NotAllowed where any of its addresses is none that may be asked."""
        found = [str(each[4][0]) for each in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
        for address in found:
            number = ipaddress.ip_address(address.partition("%")[0])
            if self._is_plain and not number.is_loopback:
                raise NotAllowed(host)
            if host.lower() not in self._private_hosts and not is_public(number):
                raise NotAllowed(host)
        return found[0]


def is_public(number: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    """Whether this is an address of the public internet, that of an older kind inside it included."""
    if isinstance(number, ipaddress.IPv6Address):
        inside = number.ipv4_mapped or number.sixtofour
        if inside is not None:
            return is_public(inside)
    return number.is_global and not number.is_multicast
