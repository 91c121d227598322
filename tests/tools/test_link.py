"""The link that the bench lays between a browser and the servers."""

from __future__ import annotations

import socket
import threading

import pytest

from benchmarks.link import CONNECTED, NO_PASSWORD, Link, Speed, open_link

SENT = bytes(range(256)) * 40
FAST = Speed(10_000_000, 0.01)


@pytest.fixture
def server_port() -> int:
    """A server that answers one connection with what it was told, then `SENT`, and hangs up."""
    listening = socket.create_server(("127.0.0.1", 0))

    def answer() -> None:
        connection, _address = listening.accept()
        with connection, listening:
            connection.sendall(connection.recv(100) + SENT)

    threading.Thread(target=answer, daemon=True).start()
    return int(listening.getsockname()[1])


def read_all(connection: socket.socket) -> bytes:
    return b"".join(iter(lambda: connection.recv(4096), b""))


@pytest.mark.parametrize("speed", [Speed(0, 0), FAST])
def test_all_that_a_server_sends_comes_through_unchanged_and_is_counted(server_port: int, speed: Speed) -> None:
    with open_link(speed) as link, socket.create_connection(("127.0.0.1", link.port), timeout=10) as browser:
        browser.sendall(b"\x05\x01\x00")
        assert browser.recv(2) == NO_PASSWORD
        browser.sendall(b"\x05\x01\x00\x03\x09127.0.0.1" + server_port.to_bytes(2, "big"))
        assert browser.recv(len(CONNECTED)) == CONNECTED
        browser.sendall(b"hello")
        assert read_all(browser) == b"hello" + SENT
        assert link.received == {server_port: 5 + len(SENT)}


def test_what_is_not_asked_over_socks5_is_hung_up_on() -> None:
    with open_link() as link, socket.create_connection(("127.0.0.1", link.port), timeout=10) as browser:
        browser.sendall(b"\x05\x01\x00\x04\x01\x00\x01")
        assert read_all(browser) == NO_PASSWORD
        assert link.received == {}


def test_a_browser_is_told_to_send_this_machines_own_addresses_too() -> None:
    assert Link(port=1080).proxy == {"server": "socks5://127.0.0.1:1080", "bypass": "<-loopback>"}
