"""Links that people give as a proof: looked at as texts, never opened."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

LONGEST = 500
HOST = re.compile(r"(?=.{4,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+(?:[a-z]{2,63}|xn--[a-z0-9-]{2,59})")


class WrongLink(ValueError):
    """A link that leads nowhere open, or hides where it leads."""


def checked(typed: str) -> str:
    """The link, if it is https and names a host in the open: no user, no port, no spaces. Raises WrongLink."""
    link = typed.strip()
    if len(link) > LONGEST or any(sign.isspace() or not sign.isprintable() for sign in link):
        raise WrongLink(typed)
    try:
        parts = urlsplit(link)
        port = parts.port
    except ValueError:
        raise WrongLink(typed) from None
    if parts.scheme != "https" or port is not None or parts.username is not None or "\\" in link:
        raise WrongLink(typed)
    if not HOST.fullmatch((parts.hostname or "").lower()):
        raise WrongLink(typed)
    return link


def host_of(link: str) -> str:
    """Where a checked link leads, to be read before it is followed."""
    return (urlsplit(link).hostname or "").removeprefix("www.")
