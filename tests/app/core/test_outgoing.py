"""Hunar speaks with public addresses only, by https."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from app.core.outgoing import MOST_BYTES, NotAllowed, Outgoing, OutOfReach
from config import Settings
from tests.serving import served

CLOSED = Outgoing(allows_loopback=False, private_hosts=frozenset())
OPEN = Outgoing(allows_loopback=True, private_hosts=frozenset({"moodle.lan"}))


@pytest.mark.parametrize(
    "address",
    [
        "http://moodle.example/",
        "http://localhost/",
        "http://127.0.0.1:8000/",
        "ftp://moodle.example/",
        "//moodle.example/",
        "moodle.example",
        "",
        "https://",
        "https://user:password@moodle.example/",
        "https://moodle.example/#here",
        "https://moodle.example:port/",
        "https://moodle.example:99999/",
        "https://moodle.example;frame-ancestors/",
        "https://moodle.example'/",
        "https://*.example/",
        "https://moodle.example/a b",
        "https://moodle.example/\nHost: other",
        "https://مثال.example/",
        "https://[::1",
        "javascript:alert(1)",
    ],
)
def test_an_address_of_another_form_is_not_asked(address: str) -> None:
    with pytest.raises(NotAllowed):
        CLOSED.checked(address)


@pytest.mark.parametrize(
    "address", ["https://moodle.example/", "https://moodle.example:8443/a?b=c", "https://[2001:db8::1]/"]
)
def test_an_address_of_the_right_form_is(address: str) -> None:
    assert CLOSED.checked(address).geturl() == address


def test_in_development_this_very_machine_is_asked_by_http(settings: Settings) -> None:
    assert Outgoing.of(settings).checked("http://127.0.0.1:5000/keys")
    with pytest.raises(NotAllowed):
        Outgoing.of(settings.model_copy(update={"public_scheme": "https"})).checked("http://127.0.0.1:5000/keys")


def resolving(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> list[Any]:
    """Every name has these addresses; where connections then go."""
    found = [
        (socket.AF_INET6 if ":" in each else socket.AF_INET, socket.SOCK_STREAM, 6, "", (each, 443))
        for each in addresses
    ]
    reached: list[Any] = []

    def connect(address: Any, *_rest: Any, **_named: Any) -> Any:
        reached.append(address[0])
        raise OSError("nobody is there")

    monkeypatch.setattr(socket, "getaddrinfo", lambda *_asked, **_named: found)
    monkeypatch.setattr("urllib3.util.connection.create_connection", connect)
    return reached


@pytest.mark.parametrize(
    "address",
    [
        *(
            "127.0.0.1",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "224.0.0.1",
        ),
        *("::1", "fe80::1", "fd00::1", "::ffff:10.0.0.1", "2002:0a00:0001::1", "64:ff9b::a00:1", "::"),
    ],
)
@pytest.mark.parametrize("web", [CLOSED, OPEN])
def test_a_name_that_leads_into_a_private_network_is_not_asked(
    monkeypatch: pytest.MonkeyPatch, address: str, web: Outgoing
) -> None:
    reached = resolving(monkeypatch, address)
    with pytest.raises(NotAllowed):
        web.get("https://moodle.example/keys")
    reached_with_another = resolving(monkeypatch, "93.184.215.14", address)
    with pytest.raises(NotAllowed):
        web.get("https://moodle.example/keys")
    assert reached == reached_with_another == []


def test_the_address_that_was_judged_is_the_one_that_is_reached(monkeypatch: pytest.MonkeyPatch) -> None:
    reached = resolving(monkeypatch, "2606:2800:21f::1", "93.184.215.14")
    with pytest.raises(OutOfReach):
        CLOSED.get("https://moodle.example/keys")
    assert reached == ["93.184.215.14"]


def test_a_platform_of_ones_own_network_is_reached_where_the_server_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    reached = resolving(monkeypatch, "10.1.2.3")
    with pytest.raises(OutOfReach):
        OPEN.get("https://moodle.lan/keys")
    assert reached == ["10.1.2.3"]


def test_a_name_that_nobody_has_is_out_of_reach(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_asked: Any, **_named: Any) -> Any:
        raise socket.gaierror

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(OutOfReach):
        CLOSED.get("https://no-such-host.example/")


@pytest.mark.parametrize(("typed", "hosts"), [("", set()), (" Moodle.lan , b.lan,", {"moodle.lan", "b.lan"})])
def test_the_hosts_of_the_setting(settings: Settings, typed: str, hosts: set[str]) -> None:
    assert Outgoing.of(settings.model_copy(update={"outgoing_private_hosts": typed})).private_hosts == hosts


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
    with served(server):
        yield f"http://127.0.0.1:{server.server_address[1]}"


def test_an_answer_is_heard(address: str) -> None:
    answer = OPEN.request("GET", f"{address}/?a=b", headers={"X-Why": "because"})
    assert (answer.status, answer.headers["x-what"], answer.body) == (200, "because", b"heard")


def test_nobody_is_led_elsewhere(address: str) -> None:
    assert OPEN.get(f"{address}/elsewhere").status == 302


@pytest.mark.parametrize("path", ["/long", "/nonsense"])
def test_what_is_too_long_or_no_answer_is_not_taken(address: str, path: str) -> None:
    with pytest.raises(OutOfReach):
        OPEN.get(address + path)
