"""The public keys of platforms, fetched when they are needed and kept by each process for a while."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass

from joserfc.errors import JoseError
from joserfc.jwk import RSAKey

from app.core.outgoing import Answer, Outgoing, OutOfReach
from app.lti.models import Platform

KEPT_SECONDS = 3600.0
# A message that names a key nobody knows makes us ask again, but no more often than this.
PAUSE_SECONDS = 30.0
# Who comes while another asks waits for the answer, but not for a platform that does not give one.
PATIENCE_SECONDS = 3.0


class UnknownKey(LookupError):
    """The platform publishes no such key."""


@dataclass(frozen=True)
class _Known:
    keys: Mapping[str, RSAKey]
    fetched_at: float


class PlatformKeys:
    """Keys by the address that they are published at."""

    def __init__(self, web: Outgoing) -> None:
        self._web = web
        self._known: dict[str, _Known] = {}
        self._asked_at: dict[str, float] = {}
        self._locks: dict[str, threading.Lock] = {}

    def key(self, platform: Platform, name: str) -> RSAKey:
        """The key of this name. Raises UnknownKey, and OutOfReach or NotAllowed when none can be fetched."""
        address = platform.keys_address
        known = self._known.get(address)
        if known is None or name not in known.keys or time.monotonic() - known.fetched_at > KEPT_SECONDS:
            known = self._renewed(address)
        try:
            return known.keys[name]
        except KeyError:
            raise UnknownKey(name) from None

    def _renewed(self, address: str) -> _Known:
        lock = self._locks.setdefault(address, threading.Lock())
        if not lock.acquire(timeout=PATIENCE_SECONDS):
            raise OutOfReach(f"{address} is being asked")
        try:
            known, now = self._known.get(address), time.monotonic()
            if now - self._asked_at.get(address, -PAUSE_SECONDS) >= PAUSE_SECONDS:
                self._asked_at[address] = now
                known = self._known[address] = self._fetched(address, known, now)
        finally:
            lock.release()
        if known is None:
            raise OutOfReach(f"{address} did not answer")
        return known

    def _fetched(self, address: str, known: _Known | None, now: float) -> _Known:
        """What is published now; what was known where nobody answers. Raises OutOfReach where nothing was."""
        try:
            return _Known(_read(self._web.get(address)), now)
        except OutOfReach:
            if known is None:
                raise
            return known


def _read(answer: Answer) -> dict[str, RSAKey]:
    """RSA keys by name; others are passed over. Raises OutOfReach for what is no key set."""
    try:
        if answer.status != 200:
            raise OutOfReach(f"answered {answer.status}")
        given = [each for each in answer.json()["keys"] if each.get("kty") == "RSA" and "kid" in each]
        return {str(each["kid"]): RSAKey.import_key(each) for each in given}
    except (ValueError, KeyError, TypeError, AttributeError, JoseError) as error:
        raise OutOfReach(f"no key set: {type(error).__name__}") from error
