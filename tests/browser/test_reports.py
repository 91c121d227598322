"""Cohorts compared and the report on a cohort: on a wide screen in English, on a phone in Urdu, and as files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from app.demo import COMPARED_COHORT, DEMO_PASSWORD, SMALL_COHORT, SURVEYED_COHORT

pytestmark = pytest.mark.browser


@pytest.mark.timeout(600)
@pytest.mark.parametrize(("language", "width"), [("en", 1280), ("ur", 360)])
def test_cohorts_are_compared_and_reported_on(visitor: Callable, language: str, width: int) -> None:
    farid = visitor(width)
    farid.sign_in("farid", DEMO_PASSWORD)
    if language == "ur":
        farid.page.click("form[action='/language'] button:has-text('اردو')")
    farid.page.click("main a[href='/skills']")
    farid.page.click("main a[href='/skills/compare']")
    farid.check()
    for name in (COMPARED_COHORT, SMALL_COHORT, SURVEYED_COHORT):
        farid.page.check(f"label:has-text('{name}') input")
    farid.page.click("main button[type=submit]")
    farid.page.wait_for_url("**compare?**")
    farid.check()
    # Two charts of each competency; of the small cohort nothing is drawn, and three are listed.
    assert farid.page.locator("figure.chart").count() >= 2
    farid.page.goto(farid.settings.portal_origin + "/administration")
    farid.page.click(f"main table a:has-text('{SURVEYED_COHORT}')")
    farid.page.click("main a[href$='/report']")
    farid.page.wait_for_url("**/report")
    farid.check()
    assert farid.page.locator("figure.chart").count() == 3
    with farid.page.expect_download() as printed:
        farid.page.click("form[action$='/report.pdf'] button")
    assert Path(printed.value.path()).read_bytes().startswith(b"%PDF")
    # Records with names are for those who teach.
    expect(farid.page.locator("input[name=content]")).to_have_value("groups")
    address = farid.page.url
    if language == "ur":
        farid.page.click("form[action='/language'] button[value='en']")
        expect(farid.page.locator("html")).to_have_attribute("lang", "en")
    bilal = visitor(width)
    bilal.sign_in("bilal", DEMO_PASSWORD)
    bilal.page.wait_for_url("**/teaching")
    bilal.page.goto(address)
    bilal.page.check("input[name=content][value=records]")
    bilal.page.check("input[name=format][value=parquet]")
    with bilal.page.expect_download() as taken:
        bilal.page.click("form[action$='/records'] button")
    assert taken.value.suggested_filename.endswith("-records.parquet")
    assert Path(taken.value.path()).read_bytes().startswith(b"PAR1")


def test_a_wrong_choice_leads_back_to_the_cohorts(visitor: Callable) -> None:
    bilal = visitor(360)
    bilal.sign_in("bilal", DEMO_PASSWORD)
    bilal.page.wait_for_url("**/teaching")
    bilal.open("/skills/compare")
    bilal.page.check("input[name=cohort] >> nth=0")
    with bilal.page.expect_response(lambda answer: answer.status == 422):
        bilal.page.click("main button[type=submit]")
    expect(bilal.page.locator(".error-summary li a")).to_be_in_viewport()
    assert bilal.page.locator("input[name=cohort] >> nth=0").is_checked()
    # The browser says on its console that the answer was 422.
    bilal.faults.clear()
    bilal.check()
