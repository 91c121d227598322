"""Experts are asked, in both scripts and on a phone; an administrator reads what they said and opens another panel."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from app.demo import DEMO_PASSWORD

pytestmark = pytest.mark.browser

OPEN_EVERYTHING = "document.querySelectorAll('main details').forEach(each => each.open = true)"
NUMBERS = ((40, 60, 80), (2027, 2029, 2033), (2026, 2028, 2031))


@pytest.mark.timeout(600)
@pytest.mark.parametrize(("name", "language", "width"), [("iqra", "en", 1280), ("mansoor", "ur", 360)])
def test_an_expert_answers(visitor: Callable, name: str, language: str, width: int) -> None:
    expert = visitor(width)
    expert.sign_in(name, DEMO_PASSWORD)
    if language == "ur":
        expert.page.click("form[action='/language'] button[value='ur']")
        expert.page.wait_for_selector("html[dir=rtl]")
    expert.page.click("header a[href='/panels']")
    expert.page.wait_for_selector("main .card-box")
    expert.check()
    expert.page.click(".btn-primary[href^='/panels/rounds/']")
    expert.page.wait_for_selector("form fieldset")
    expert.check()
    for place, numbers in enumerate(NUMBERS):
        for end, number in zip(("low", "likely", "high"), numbers, strict=True):
            expert.page.fill(f"#q{place}_{end}", str(number))
        expert.page.fill(f"#q{place}_reason", "Since 2020.")
    expert.page.fill("#q0_low", "70")
    expert.page.click("main form button[type=submit]")
    expert.page.wait_for_selector(".error-summary")
    expert.faults.clear()  # the browser notes that it was answered with 422
    expert.check()
    expert.page.fill("#q0_low", "40")
    expert.page.click("main form button[type=submit]")
    expert.page.wait_for_selector("main dl")
    expert.check()
    expert.page.click("main a[href='/panels']")
    expect(expert.page.locator("main .mark-done")).to_be_visible()
    expert.page.locator("main a[href^='/panels/rounds/']").last.click()
    expert.page.wait_for_selector("main table")
    expert.page.evaluate(OPEN_EVERYTHING)
    expert.check()
    if language == "ur":
        # The account keeps the language, and other tests read its pages in English.
        expert.page.click("form[action='/language'] button[value='en']")
        expert.page.wait_for_selector("html[dir=ltr]")


@pytest.mark.timeout(600)
@pytest.mark.parametrize(("language", "width"), [("en", 1280), ("ur", 360)])
def test_an_administrator_reads_a_panel_and_is_told_why_another_does_not_open(
    visitor: Callable, language: str, width: int
) -> None:
    farid = visitor(width)
    farid.sign_in("farid", DEMO_PASSWORD)
    if language == "ur":
        farid.page.click("form[action='/language'] button[value='ur']")
        farid.page.wait_for_selector("html[dir=rtl]")
    farid.open("/administration/foresight/panels")
    farid.check()
    farid.page.locator("main table a").last.click()
    farid.page.wait_for_selector("main figure, main .table-scroll")
    farid.page.evaluate(OPEN_EVERYTHING)
    farid.check()
    farid.open("/administration/foresight/panels")
    farid.page.locator("main table a").first.click()
    farid.page.wait_for_selector("button[value=close]")
    farid.check()
    farid.open("/administration/foresight/scenarios/2/panel")
    farid.check()
    farid.page.fill("#experts", "kiran, erum")
    farid.page.check("#questions-0")
    farid.page.fill("#last_day", "2020-01-01")
    farid.page.click("main form button[type=submit]")
    farid.page.wait_for_selector(".error-summary")
    farid.faults.clear()
    farid.check()
    farid.open("/administration/foresight/scenarios/2")
    farid.check()
    if language == "ur":
        # The account keeps the language, and other tests read its pages in English.
        farid.page.click("form[action='/language'] button[value='en']")
        farid.page.wait_for_selector("html[dir=ltr]")
