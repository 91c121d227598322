"""Requests of ours to servers whose addresses somebody typed or a message said.

They go to public addresses only, by https, with an end to patience and to size. Whoever may type an address could
otherwise have the portal ask machines that only it reaches. So none is believed: the host is looked up once, each of
its addresses is judged, and the connection goes to the very address that was judged. Redirections are not followed.
"""

from __future__ import annotations

import ipaddress
import json
import re
import socket
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import SplitResult, urlencode, urlsplit

import urllib3
from urllib3.exceptions import HTTPError

from config import Settings

# Seconds to connect, to hear something, and for a whole answer; bytes of one.
CONNECT_SECONDS, READ_SECONDS, MOST_SECONDS = 5.0, 10.0, 30.0
MOST_BYTES = 2 * 1024 * 1024
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
# Behind such an address a gateway of the network reaches one of IPv4 (RFC 6052).
TRANSLATED = ipaddress.IPv6Network("64:ff9b::/96")
JSON = "application/json"
HOST = re.compile(r"[a-z0-9._-]+|[0-9a-f:.]+")


class NotAllowed(ValueError):
    """Hunar does not speak with this address."""


class OutOfReach(Exception):
    """Nobody answers there, or too slowly, or too much."""


@dataclass(frozen=True)
class Answer:
    """headers: by their names in small letters."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """Raises ValueError."""
        return json.loads(self.body)


@dataclass(frozen=True)
class Outgoing:
    """allows_loopback: http to this very machine, for development. private_hosts: on the network of one's own."""

    allows_loopback: bool
    private_hosts: frozenset[str]

    @classmethod
    def of(cls, settings: Settings) -> Self:
        return cls(settings.public_scheme == "http", settings.private_hosts)

    def checked(self, address: str) -> SplitResult:
        """The address in its parts, if its form is allowed. Raises NotAllowed. Nothing is looked up."""
        try:
            parts = urlsplit(address)
            _port = parts.port
        except ValueError:
            raise NotAllowed(address) from None
        if parts.username or parts.password or parts.fragment or not HOST.fullmatch(parts.hostname or ""):
            raise NotAllowed(address)
        if any(sign.isspace() or not sign.isprintable() for sign in address):
            raise NotAllowed(address)
        if parts.scheme == "https" or (parts.scheme == "http" and self._is_own_machine(parts.hostname)):
            return parts
        raise NotAllowed(address)

    def get(self, address: str) -> Answer:
        """Raises NotAllowed and OutOfReach."""
        return self.request("GET", address, headers={"Accept": JSON})

    def post_form(self, address: str, values: Mapping[str, str]) -> Answer:
        """Raises NotAllowed and OutOfReach."""
        headers = {"Accept": JSON, "Content-Type": "application/x-www-form-urlencoded"}
        return self.request("POST", address, headers=headers, body=urlencode(values).encode())

    def post_json(self, address: str, values: Mapping[str, Any], *, kind: str, token: str) -> Answer:
        """Raises NotAllowed and OutOfReach."""
        headers = {"Accept": JSON, "Content-Type": kind, "Authorization": f"Bearer {token}"}
        return self.request("POST", address, headers=headers, body=json.dumps(values).encode())

    def request(self, method: str, address: str, *, headers: Mapping[str, str], body: bytes = b"") -> Answer:
        """Ask once. Raises NotAllowed and OutOfReach."""
        parts = self.checked(address)
        until = time.monotonic() + MOST_SECONDS
        path = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
        with self._pool(parts) as pool:
            try:
                answer = pool.urlopen(
                    method,
                    path,
                    body=body or None,
                    headers={"Host": parts.netloc, "User-Agent": "Hunar", **headers},
                    redirect=False,
                    retries=False,
                    preload_content=False,
                    decode_content=False,
                )
                named = {name.lower(): value for name, value in answer.headers.items()}
                return Answer(answer.status, named, _limited(answer, until))
            except (HTTPError, OSError) as error:
                raise OutOfReach(f"{parts.hostname}: {type(error).__name__}") from error

    def _is_own_machine(self, host: str | None) -> bool:
        return self.allows_loopback and host in LOOPBACK

    def _pool(self, parts: SplitResult) -> urllib3.HTTPConnectionPool:
        host = str(parts.hostname)
        patience = urllib3.Timeout(connect=CONNECT_SECONDS, read=READ_SECONDS)
        judged = self._judged_address(host, parts.port or (443 if parts.scheme == "https" else 80))
        if parts.scheme == "http":
            return urllib3.HTTPConnectionPool(judged, parts.port, timeout=patience)
        return urllib3.HTTPSConnectionPool(
            judged, parts.port, timeout=patience, server_hostname=host, assert_hostname=host, cert_reqs="CERT_REQUIRED"
        )

    def _judged_address(self, host: str, port: int) -> str:
        """An address of the host, all of which are public."""
        try:
            found = {str(each[4][0]) for each in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)}
        except (OSError, UnicodeError) as error:
            raise OutOfReach(f"{host}: no such host") from error
        addresses = [ipaddress.ip_address(each.partition("%")[0]) for each in sorted(found)]
        if host not in self.private_hosts and not self._is_own_machine(host):
            for each in addresses:
                if not _is_public(each):
                    raise NotAllowed(f"{host} lies in a private network")
        # Of IPv4 and IPv6 the first: not every network here has the second.
        return str(min(addresses, key=lambda each: each.version))


def _is_public(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    if isinstance(address, ipaddress.IPv6Address):
        inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF) if address in TRANSLATED else None
        if (inner := inner or address.ipv4_mapped or address.sixtofour) is not None:
            return _is_public(inner)
    return address.is_global and not address.is_multicast


def _limited(answer: urllib3.BaseHTTPResponse, until: float) -> bytes:
    """Raises OutOfReach when it is too much or takes too long."""
    body = b""
    while chunk := answer.read1(16 * 1024):
        body += chunk
        if len(body) > MOST_BYTES or time.monotonic() > until:
            raise OutOfReach("The answer is too large or comes too slowly.")
    return body
