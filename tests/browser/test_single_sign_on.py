"""An administrator comes in by the sign-on of the academy, and sets up the second factor that the role needs."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pyotp
import pytest
from playwright.sync_api import expect

from tests.app.single_sign_on import provider as providers
from tools.product import running

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]


@pytest.mark.parametrize(("width", "language"), [(1280, "en"), (360, "ur")])
def test_who_comes_in_by_the_academys_sign_on_sets_up_a_second_factor(
    arrival: Callable, furnished: Callable, tmp_path: Path, width: int, language: str
) -> None:
    with providers.running() as provider:
        provider.claims = {"sub": "x", "preferred_username": "farid"}
        file = providers.trust(tmp_path, provider)
        environment = furnished(tmp_path) | {"SINGLE_SIGN_ON_FILE": str(file), "REQUIRE_SECOND_FACTOR": "true"}
        with running(environment, tmp_path / "log") as settings:
            someone = arrival(width, settings)
            someone.open("/sign-in")
            if language == "ur":
                someone.page.click("form[action='/language'] button")
            someone.check()
            someone.page.click("a[href^='/sign-in/academy/kp']")
            someone.page.wait_for_url("**/sign-in/academy/kp/back*")
            # The browser is sent to the provider on its way.
            assert {fault.split("?")[0] for fault in someone.faults} == {f"foreign {provider.issuer}/authorize"}
            someone.faults.clear()
            someone.check()
            someone.page.click("main form button[type=submit]")
            someone.page.wait_for_url("**/account/second-factor")
            assert someone.page.get_attribute("html", "dir") == ("rtl" if language == "ur" else "ltr")
            expect(someone.page.locator("#app-current")).to_have_count(0)
            someone.check()
            telephone = pyotp.TOTP(someone.page.locator(".key").inner_text())
            someone.page.fill("#app-code", telephone.now())
            someone.page.click("form[action='/account/second-factor'] button[type=submit]")
            expect(someone.page.locator(".recovery-codes li")).to_have_count(10)
            someone.check()
            someone.open("/administration")
            expect(someone.page).to_have_url(re.compile("/administration$"))
