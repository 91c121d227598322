"""A trainee says what they found in a lab's data, closes the list, and reads what it was."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from app.demo import DEMO_PASSWORD
from tests.browser.test_weak_link import LAB

pytestmark = pytest.mark.browser
FOUND, WRONG = "last-day/language/highest/pashto", "reported/language/lowest/pashto"


def record(someone, claim: str) -> None:
    measure, column = claim.split("/")[:2]
    someone.page.select_option("#measure", measure)
    someone.page.select_option("#column", column)
    someone.page.click("form[method=get] button")
    someone.page.wait_for_selector("#claim")
    someone.check()
    someone.page.select_option("#claim", claim)
    someone.page.click("form:has(#claim) button[type=submit]")
    someone.page.wait_for_url("**/findings")


@pytest.mark.parametrize(("name", "width", "deep"), [("mansoor", 1280, "Pashto"), ("laila", 360, "پشتو")])
def test_what_was_found_is_recorded_taken_back_and_judged(visitor: Callable, name: str, width: int, deep: str) -> None:
    someone = visitor(width)
    someone.sign_in(name, DEMO_PASSWORD)
    someone.page.wait_for_url(lambda address: "/sign-in" not in address)
    someone.open(f"{LAB}/findings")
    expect(someone.page.locator("#measure")).to_have_count(0)
    someone.check()
    someone.page.click("#lab-curiosity [value=yes]")
    someone.page.wait_for_selector("#measure")
    someone.page.select_option("#measure", "rate")
    someone.page.select_option("#column", "language")
    someone.page.click("form[method=get] button")
    expect(someone.page.locator("#question-error")).to_be_visible()
    expect(someone.page.locator("#measure")).to_have_value("rate")
    someone.check()
    for claim in (FOUND, WRONG, "called/sex/same"):
        record(someone, claim)
    someone.page.locator("form[action$=withdraw] button").last.click()
    expect(someone.page.locator("form[action$=withdraw]")).to_have_count(2)
    someone.page.click("details.confirm summary >> nth=0")
    someone.check()
    someone.page.click("form[action$=close] button")
    parts = someone.page.locator("dl.figure-row dd bdi")
    expect(parts).to_have_count(3)
    assert [int(number) for number in sorted(parts.first.inner_text()) if number.isdigit()] == [1, 8]
    assert parts.nth(1).inner_text() == "1"
    expect(someone.page.locator("table")).to_contain_text(deep)
    expect(someone.page.locator("form[action$=withdraw]")).to_have_count(0)
    expect(someone.page.locator("dl.prose dt")).to_have_count(7)
    someone.check()
    someone.page.click("details.confirm summary")
    someone.page.click("[value=forget]")
    someone.page.wait_for_url("**/questions")
    someone.open(f"{LAB}/findings")
    expect(someone.page.locator("dl.figure-row")).to_have_count(0)
