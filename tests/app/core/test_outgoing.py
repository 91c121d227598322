"""Where the portal may ask, and what it takes for an answer."""

from __future__ import annotations

import ipaddress
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from app.core.outgoing import MOST_BYTES, NotAllowed, Outgoing, Unreachable, is_public


class Answers(BaseHTTPRequestHandler):
    def log_message(self, *_arguments: object) -> None:
        pass

    def do_GET(self) -> None:
        if self.path == "/elsewhere":
            self.send_response(302)
            self.send_header("Location", "/long")
            self.end_headers()
        elif self.path == "/long":
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"x" * (MOST_BYTES + 1))
        elif self.path == "/nonsense":
            self.wfile.write(b"this is no answer\r\n\r\n")
        else:
            self.send_response(200)
            self.send_header("X-What", self.headers["X-Why"])
            self.end_headers()
            self.wfile.write(b"heard")


@pytest.fixture
def address() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


OWN = Outgoing(frozenset({"127.0.0.1"}))


@pytest.mark.parametrize(
    ("number", "public"),
    [
        ("8.8.8.8", True),
        ("2001:4860:4860::8888", True),
        ("127.0.0.1", False),
        ("10.1.2.3", False),
        ("172.16.0.1", False),
        ("192.168.1.1", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("0.0.0.0", False),
        ("224.0.0.1", False),
        ("255.255.255.255", False),
        ("::1", False),
        ("fe80::1", False),
        ("fc00::1", False),
        ("::ffff:127.0.0.1", False),
        ("::ffff:8.8.8.8", True),
        ("2002:7f00:1::", False),
    ],
)
def test_only_addresses_of_the_public_internet_are_public(number: str, public: bool) -> None:
    assert is_public(ipaddress.ip_address(number)) is public


def test_an_answer_is_heard(address: str) -> None:
    answer = OWN.request("GET", f"{address}/?a=b", headers={"X-Why": "because"})
    assert (answer.status, answer.headers["x-what"], answer.body) == (200, "because", b"heard")


def test_nobody_is_led_elsewhere(address: str) -> None:
    assert OWN.request("GET", f"{address}/elsewhere", headers={}).status == 302


@pytest.mark.parametrize("path", ["/long", "/nonsense"])
def test_what_is_too_long_or_no_answer_is_not_taken(address: str, path: str) -> None:
    with pytest.raises(Unreachable):
        OWN.request("GET", address + path, headers={})


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "0.0.0.0"])
def test_this_very_machine_is_not_asked_unless_its_name_is_allowed(host: str) -> None:
    with pytest.raises(NotAllowed):
        Outgoing().request("GET", f"https://{host}:1/", headers={})
    with pytest.raises(Unreachable):
        Outgoing(frozenset({host})).request("GET", f"https://{host}:1/", headers={})


def test_plain_http_goes_to_this_machine_only() -> None:
    with pytest.raises(NotAllowed):
        Outgoing(frozenset({"10.0.0.1"})).request("GET", "http://10.0.0.1/", headers={})


def test_nobody_of_that_name_is_unreachable() -> None:
    with pytest.raises(Unreachable):
        Outgoing().request("GET", "https://nobody.invalid/", headers={})
