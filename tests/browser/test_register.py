"""Anybody reads the register of algorithms, in both directions of script."""

from __future__ import annotations

from collections.abc import Callable

import pytest

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("width", [360, 1280])
def test_anybody_reads_it_from_the_footer(visitor: Callable, width: int) -> None:
    anyone = visitor(width)
    anyone.open("/sign-in")
    anyone.page.click("footer a[href='/algorithms']")
    anyone.page.wait_for_selector("#estimate")
    anyone.check()
    anyone.page.click("button[value=ur]")
    anyone.page.wait_for_selector("html[dir=rtl]")
    anyone.check()
