"""An administrator brings people in and takes that back; an instructor fills a cohort; a trainee joins by a code."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from app.demo import DEMO_PASSWORD, SMALL_COHORT

pytestmark = pytest.mark.browser

LIST = (
    "username,full name,department,grade,district,posting date\n"
    "nazia,نازیہ خان,Health,17,Swat,2026-01-31\nomar,Omar Malik,Revenue,16,,\namina,Amina Gul,Education,17,,\n"
)


def arrive(visitor: Callable, name: str, width: int):
    someone = visitor(width)
    someone.sign_in(name, DEMO_PASSWORD)
    return someone


@pytest.mark.timeout(600)
@pytest.mark.parametrize("width", [360, 1280])
def test_people_come_in_and_go_again(visitor: Callable, tmp_path: Path, width: int) -> None:
    farid = arrive(visitor, "farid", width)
    farid.open("/administration/imports")
    farid.check()
    wrong, right = tmp_path / "wrong.csv", tmp_path / "right.csv"
    wrong.write_text(LIST.replace(",17,Swat", ",71,Swat"))
    right.write_text(LIST)
    for file in (wrong, right):
        farid.open("/administration/imports")
        farid.page.set_input_files("#people", file)
        farid.page.click("form[enctype] button[type=submit]")
        farid.page.wait_for_selector("caption")
        farid.check()
        assert farid.page.locator("form[action$='/apply']").count() == (file is right)
    farid.page.click("form[action$='/apply'] button")
    farid.page.click("a[href$='/undo']")
    farid.page.wait_for_url("**/undo")
    farid.check()
    farid.page.click("main form button")
    farid.page.wait_for_url(lambda url: not url.endswith("/undo"))
    farid.check()
    farid.open("/people/1")
    farid.check()


@pytest.mark.timeout(600)
@pytest.mark.parametrize(("language", "width", "from_list"), [("en", 1280, True), ("ur", 360, False)])
def test_instructors_are_named_for_a_cohort_that_has_none(
    visitor: Callable, language: str, width: int, from_list: bool
) -> None:
    farid = arrive(visitor, "farid", width)
    if language == "ur":
        farid.page.click("form[action='/language'] button:has-text('اردو')")
    farid.open("/administration")
    farid.check()
    if from_list:
        farid.page.locator(f"main tr:has-text('{SMALL_COHORT}') a.mark").first.click()
    else:
        farid.page.click(f"main table a:has-text('{SMALL_COHORT}')")
        farid.page.click("main a[href$='/instructors']")
    farid.page.wait_for_url("**/instructors")
    farid.check()
    farid.page.fill("#usernames", "rabia nobody")
    farid.page.click("main form.narrow button")
    farid.page.wait_for_selector(".error-summary")
    farid.faults.clear()  # the browser notes that a wrong name was answered with 422
    farid.check()
    farid.page.fill("#usernames", "rabia")
    farid.page.click("main form.narrow button")
    expect(farid.page.locator("main table tbody tr")).to_have_count(1)
    farid.check()
    rabia = arrive(visitor, "rabia", width)
    rabia.page.click(f"main table a:has-text('{SMALL_COHORT}')")
    rabia.page.wait_for_url("**/cohorts/*")
    rabia.check()
    rabia.open("/skills")
    rabia.check()
    farid.page.click("main form[action$='/remove'] button")
    expect(farid.page.locator("main table")).to_have_count(0)
    if language == "ur":
        farid.page.click("form[action='/language'] button[value='en']")
        expect(farid.page.locator("html")).to_have_attribute("lang", "en")
    rabia.open("/teaching")
    expect(rabia.page.locator("main table")).not_to_contain_text(SMALL_COHORT)
    rabia.check()
    amina = arrive(visitor, "amina", width)
    expect(amina.page.locator("main")).to_contain_text("Rabia Noor")
    amina.check()
    amina.open("/account/data")
    expect(amina.page.locator("#instructors ~ ul").first).to_contain_text("Rabia Noor")
    amina.check()


@pytest.mark.timeout(600)
def test_a_cohort_is_made_filled_and_joined(visitor: Callable) -> None:
    bilal = arrive(visitor, "bilal", 360)
    bilal.open("/cohorts/new")
    bilal.check()
    bilal.page.fill("#name", "Evening class")
    bilal.page.click("main form button[type=submit]")
    bilal.page.wait_for_url("**/members")
    bilal.page.click("#code ~ details summary")
    bilal.page.click("form[action$='/code'] button")
    code = bilal.page.locator("main code").inner_text()
    bilal.check()
    bilal.page.fill("#usernames", "hamza iqra nobody")
    bilal.page.click("form[action$='/list'] button")
    bilal.page.wait_for_url("**/list")
    bilal.check()
    bilal.page.click("form[action$='/confirm'] button")
    bilal.page.wait_for_url("**/members")
    bilal.page.select_option("#department", "Revenue")
    bilal.page.click("form[action$='/rule'] button")
    bilal.page.wait_for_url("**/rule?**")
    bilal.check()
    bilal.page.click("form[action$='/rule'] button")
    bilal.page.wait_for_url("**/members")
    assert bilal.page.locator("main table tbody tr").count() == 5
    bilal.check()
    bushra = arrive(visitor, "bushra", 360)
    bushra.page.fill("#code", "222-222")
    bushra.page.click("form[action='/join'] button")
    bushra.page.wait_for_selector(".error-summary")
    bushra.faults.clear()  # the browser notes that the wrong code was answered with 422
    bushra.check()
    bushra.page.fill("#code", code)
    bushra.page.click("main form button[type=submit]")
    bushra.page.wait_for_url("**/learn")
    bushra.check()
    bushra.open("/account")
    bushra.check()
