"""Figures about cohorts and what moved an estimate: on a wide screen in English, on a phone in Urdu, by keyboard."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from app.demo import DEMO_PASSWORD

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(("language", "width"), [("en", 1280), ("ur", 360)])
def test_from_cohorts_by_competency_down_to_the_very_answer(visitor: Callable, language: str, width: int) -> None:
    farid = visitor(width)
    farid.sign_in("farid", DEMO_PASSWORD)
    if language == "ur":
        farid.page.click("form[action='/language'] button:has-text('اردو')")
    farid.page.click("main a[href='/skills']")
    farid.check()
    expect(farid.page.locator("table.heat td[class^='heat-']").first).to_contain_text("25")
    # One with figures: other tests leave evidence of few trainees in the same product.
    cell = farid.page.locator("table.heat td[class^='heat-'] a").first
    cell.focus()
    farid.page.keyboard.press("Enter")
    expect(farid.page.locator("dl.figure-row")).to_be_visible()
    farid.check()
    # A record of one person opens with a reason.
    farid.page.click("main tbody th a")
    expect(farid.page.locator("input[value=fault]")).to_be_visible()
    farid.check()
    with farid.page.expect_response(lambda answer: answer.status == 422):
        farid.page.click("main form.narrow button[type=submit]")
    expect(farid.page.locator(".error-summary li a").first).to_be_in_viewport()
    # The browser says on its console that the answer was 422.
    farid.faults.clear()
    farid.check()
    farid.page.check("input[value=fault]")
    farid.page.fill("[name=reason]", "The page of results showed nothing on Monday.")
    farid.page.click("main form.narrow button[type=submit]")
    expect(farid.page.locator("main table.evidence").first).to_be_visible()
    farid.check()
    farid.page.click("main table.evidence a")
    farid.check()
    farid.page.click("main form[action$='/opening/close'] button")
    expect(farid.page.locator("main form[action$='/opening/close']")).to_have_count(0)
    if language == "ur":
        # The account keeps the language, and other tests read its pages in English.
        farid.page.click("form[action='/language'] button[value='en']")
        expect(farid.page.locator("html")).to_have_attribute("lang", "en")


@pytest.mark.parametrize(("language", "width"), [("en", 1280), ("ur", 360)])
def test_a_trainee_reads_who_opened_the_record(visitor: Callable, language: str, width: int) -> None:
    nadia = visitor(width)
    nadia.sign_in("nadia", DEMO_PASSWORD)
    if language == "ur":
        nadia.page.click("form[action='/language'] button:has-text('اردو')")
    nadia.open("/notices")
    nadia.check()
    nadia.page.locator("main a[href='/account/data']").first.click()
    expect(nadia.page.locator("#openings ~ * tbody th").first).to_contain_text("Farid")
    nadia.check()
    if language == "ur":
        nadia.page.click("form[action='/language'] button[value='en']")
        expect(nadia.page.locator("html")).to_have_attribute("lang", "en")


@pytest.mark.parametrize(("name", "width"), [("hamza", 1280), ("ghazala", 360)])
def test_a_trainee_reads_what_moved_an_estimate(visitor: Callable, name: str, width: int) -> None:
    someone = visitor(width)
    someone.sign_in(name, DEMO_PASSWORD)
    someone.open("/record")
    expect(someone.page.locator("#changes ~ ul a").first).to_be_visible()
    someone.check()
    someone.page.fill("input[name=since]", "2999-01-01")
    with someone.page.expect_response(lambda answer: answer.status == 422):
        someone.page.click("#changes ~ form button")
    expect(someone.page.locator(".error-summary li a")).to_be_in_viewport()
    # The browser says on its console that the answer was 422.
    someone.faults.clear()
    someone.check()
