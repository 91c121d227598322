"""A second factor set up and asked for, in Urdu on a narrow screen."""

from __future__ import annotations

import time
from collections.abc import Callable

import pyotp

from app.demo import DEMO_PASSWORD

STEP_SECONDS = 30


def test_a_second_factor_is_set_up_asked_for_and_removed_in_urdu(visitor: Callable) -> None:
    erum = visitor(360)
    erum.sign_in("erum", DEMO_PASSWORD)
    erum.open("/account/data")
    erum.check()
    erum.open("/account/second-factor")
    assert erum.page.get_attribute("html", "dir") == "rtl"
    telephone = pyotp.TOTP(erum.page.locator(".key").inner_text())
    picture = erum.page.locator(".qr svg").bounding_box()
    assert picture is not None
    assert picture["width"] == picture["height"] <= 360
    erum.check()
    now = time.time()
    erum.page.fill("#app-current", DEMO_PASSWORD)
    erum.page.fill("#app-code", telephone.at(now))
    erum.page.click("form[action='/account/second-factor'] button[type=submit]")
    assert erum.page.locator(".recovery-codes li").count() == 10
    recovery = erum.page.locator(".recovery-codes li").first.inner_text()
    erum.check()
    erum.page.click("#sign-out button")
    erum.page.wait_for_url("**/sign-in")
    erum.sign_in("erum", DEMO_PASSWORD)
    erum.page.wait_for_url("**/sign-in/second-factor")
    erum.check()
    erum.page.fill("#code", "000000")
    erum.page.click("main form button[type=submit]")
    assert erum.page.locator(".error-summary").count() == 1
    [refusal] = erum.faults
    assert "422" in refusal
    erum.faults.clear()
    erum.check()
    erum.page.fill("#code", recovery)
    erum.page.click("main form button[type=submit]")
    erum.page.wait_for_url("**/learn")
    erum.open("/account/second-factor")
    erum.check()
    erum.page.fill("#code", telephone.at(now + STEP_SECONDS))
    erum.page.click("button[formaction='/account/second-factor/remove']")
    erum.page.wait_for_url("**/account/second-factor")
    assert erum.page.locator("button[formaction]").count() == 0
    erum.check()
