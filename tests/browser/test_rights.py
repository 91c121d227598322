"""Evidence disputed and decided, on a wide screen in English and on a phone in Urdu."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from app.demo import DEMO_PASSWORD

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(("name", "language", "width"), [("kiran", "en", 1280), ("laila", "ur", 360)])
def test_a_disputed_answer_from_the_record_to_the_decision(
    visitor: Callable, name: str, language: str, width: int
) -> None:
    someone = visitor(width)
    someone.sign_in(name, DEMO_PASSWORD)
    someone.open("/record")
    expect(someone.page.locator("html")).to_have_attribute("lang", language)
    someone.page.click(".skills .skill-name:has-text('D2.1')")
    someone.check()
    someone.page.click("main a[href^='/appeals/evidence/'] >> nth=0")
    someone.check()
    with someone.page.expect_response(lambda answer: answer.status == 422):
        someone.page.click("main form button[type=submit]")
    expect(someone.page.locator(".error-summary li a")).to_be_in_viewport()
    # The browser says on its console that the answer was 422.
    someone.faults.clear()
    someone.check()
    someone.page.fill("[name=text]", "Both options are right.")
    someone.page.click("main form button[type=submit]")
    expect(someone.page.locator("h1 ~ .notice .mark")).to_be_visible()
    someone.check()
    address = someone.page.url
    someone.open("/appeals")
    someone.check()

    bilal = visitor(width)
    bilal.sign_in("bilal", DEMO_PASSWORD)
    # What the demo has overdue comes before everything else.
    expect(bilal.page.locator(".site-nav a").first).to_have_attribute("href", "/appeals/waiting")
    bilal.page.click(".site-nav a[href='/appeals/waiting']")
    bilal.check()
    bilal.page.goto(address)
    bilal.check()
    bilal.page.check("[value='upheld:withdrawn']")
    bilal.page.fill("[name=reason]", "The question has two answers.")
    bilal.page.click("main form button[type=submit]")
    expect(bilal.page.locator("main table tbody th")).to_be_visible()
    bilal.check()
    someone.page.goto(address)
    someone.check()
    # The reason and the estimates before and after, and two ways on.
    expect(someone.page.locator("main table tbody th")).to_be_visible()
    expect(someone.page.locator("main form")).to_have_count(2)


@pytest.mark.parametrize(("name", "title", "width"), [("kiran", "Clouds", 1280), ("laila", "بادل", 360)])
def test_a_refused_course_is_disputed_and_counts(visitor: Callable, name: str, title: str, width: int) -> None:
    someone, bilal = visitor(width), visitor(1280)
    someone.sign_in(name, DEMO_PASSWORD)
    someone.open("/completions")
    someone.page.fill("input[name=title]", title)
    someone.page.fill("input[name=completed_on]", "2026-10-05")
    someone.page.fill("input[name=link]", "https://www.example.org/proof")
    someone.page.select_option("select[name=competency]", "D1.3")
    someone.page.click("main form.narrow button[type=submit]")
    course = someone.page.url
    bilal.sign_in("bilal", DEMO_PASSWORD)
    bilal.page.goto(course)
    bilal.page.check("input[value=refuse]")
    bilal.page.fill("[name=reason]", "The link shows no name.")
    bilal.page.click("main form button[type=submit]")

    someone.page.goto(course)
    someone.check()
    someone.page.click("main a[href^='/appeals/refused/']")
    someone.check()
    someone.page.fill("[name=text]", "It shows my name below.")
    someone.page.click("main form button[type=submit]")
    someone.check()
    farid = visitor(width)
    farid.sign_in("farid", DEMO_PASSWORD)
    farid.page.goto(someone.page.url)
    farid.check()
    farid.page.check("[value='upheld:accepted']")
    farid.page.fill("[name=reason]", "It does.")
    farid.page.click("main form button[type=submit]")
    someone.page.reload()
    expect(someone.page.locator("main table tbody th")).to_have_text("D1.3")
    someone.check()
    someone.open("/notices")
    someone.check()


@pytest.mark.parametrize(("language", "width"), [("en", 1280), ("ur", 360)])
def test_erasure_asked_for_and_looked_at(visitor: Callable, language: str, width: int) -> None:
    someone = visitor(width)
    someone.sign_in("daniyal" if language == "en" else "ghazala", DEMO_PASSWORD)
    someone.page.click(".site-account a.who")
    someone.page.click("main a[href='/account/data']")
    expect(someone.page.locator("html")).to_have_attribute("lang", language)
    someone.check()
    with someone.page.expect_response(lambda answer: answer.status == 422):
        someone.page.click("#erasure ~ form button[type=submit]")
    expect(someone.page.locator(".error-summary li a")).to_be_in_viewport()
    someone.faults.clear()
    someone.check()

    farid = visitor(width)
    farid.sign_in("farid", DEMO_PASSWORD)
    if language == "ur":
        farid.page.click("form[action='/language'] button:has-text('اردو')")
    farid.page.click("main a[href='/administration/erasures']")
    farid.check()
    # One waits and has a form, the other is erased and has a tombstone.
    farid.page.click("main tbody tr:has(.mark) a >> nth=0")
    farid.page.click("main details:not([open]) summary")
    farid.check()
    farid.page.go_back()
    farid.page.click("main tbody tr:not(:has(.mark)) a >> nth=0")
    expect(farid.page.locator("main code")).to_be_visible()
    farid.check()
    if language == "ur":
        # The account keeps the language, and other tests read its pages in English.
        farid.page.click("form[action='/language'] button[value='en']")
        expect(farid.page.locator("html")).to_have_attribute("lang", "en")
