"""An administrator looks at figures, scenarios, gap and plan: on a wide screen in English, on a phone in Urdu."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from app.demo import DEMO_PASSWORD

pytestmark = pytest.mark.browser

HOME = "/administration/foresight"


@pytest.mark.timeout(600)
@pytest.mark.parametrize(("language", "width"), [("en", 1280), ("ur", 360)])
def test_from_the_figures_to_the_plan(visitor: Callable, tmp_path: Path, language: str, width: int) -> None:
    farid = visitor(width)
    farid.sign_in("farid", DEMO_PASSWORD)
    if language == "ur":
        farid.page.click("form[action='/language'] button:has-text('اردو')")
    farid.page.click(f"main a[href='{HOME}']")
    farid.check()
    wrong = tmp_path / "capacity.csv"
    wrong.write_text("mode,year,seats\nsauna,2026,9\n")
    farid.open(f"{HOME}/data")
    farid.page.locator("main details summary").click()
    farid.check()
    farid.page.set_input_files("#files", wrong)
    farid.page.click("form[enctype] button[type=submit]")
    farid.page.wait_for_selector("[role=alert]")
    farid.check()
    farid.page.click("form[action$='/drop'] button")
    farid.open(f"{HOME}/scenarios/2")
    farid.check()
    farid.page.fill("#ceiling_low", "99")
    with farid.page.expect_response(lambda answer: answer.status == 422):
        farid.page.click("form[action$='/scenarios/2'] button")
    expect(farid.page.locator(".error-summary li a")).to_be_in_viewport()
    farid.faults.clear()  # the browser notes that it was answered with 422
    farid.check()
    farid.open(f"{HOME}/studies/2")
    while farid.page.locator("table.heat").count() == 0:
        farid.page.wait_for_timeout(500)
        farid.page.reload()
    expect(farid.page.locator("table.heat td[class^='heat-']").first).to_be_visible()
    farid.check()
    farid.page.select_option("#level", "1")
    farid.page.click("form.filters button")
    farid.page.wait_for_url("**level=1**")
    farid.page.click("main a[href$='/plan']")
    expect(farid.page.locator("dl.figure-row")).to_be_visible()
    farid.check()
    with farid.page.expect_download() as download:
        farid.page.click("main a[href$='.xlsx']")
    assert download.value.suggested_filename.endswith(".xlsx")
    farid.open(f"{HOME}/scenarios")
    farid.check()
    if language == "ur":
        # The account keeps the language, and other tests read its pages in English.
        farid.page.click("form[action='/language'] button[value='en']")
        expect(farid.page.locator("html")).to_have_attribute("lang", "en")
