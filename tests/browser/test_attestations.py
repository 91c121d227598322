"""From a task at work to evidence: on a wide screen in English, on a phone in Urdu."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from playwright.sync_api import expect

from app.demo import DEMO_PASSWORD

pytestmark = pytest.mark.browser
FIELDS = {
    "task": "I listed the schools without a return and called each.",
    "done_on": (date.today() - timedelta(days=5)).isoformat(),
    "place": "District Education Office, Charsadda",
    "result": "Eleven of fourteen sent it within a week.",
    "supervisor_office": "District Education Officer",
}


@pytest.mark.parametrize(("name", "width", "supervisor"), [("kiran", 1280, "Sadia Noor"), ("laila", 360, "سعدیہ نور")])
def test_a_supervisor_without_an_account_attests_a_task(
    visitor: Callable, name: str, width: int, supervisor: str
) -> None:
    trainee = visitor(width)
    trainee.sign_in(name, DEMO_PASSWORD)
    trainee.open("/record")
    trainee.page.click("main a[href='/attestations']")
    trainee.check()
    trainee.page.click("main a[href='/attestations/new']")
    trainee.check()
    trainee.page.select_option("select[name=competency]", "D2.3")
    for field, text in (FIELDS | {"supervisor_name": supervisor}).items():
        trainee.page.fill(f"main [name={field}]", text)
    trainee.page.click("main form.narrow button[type=submit]")
    trainee.page.click("main form[action$='/link'] button")
    trainee.check()
    link = trainee.page.locator("main .key code").inner_text()
    number = trainee.page.locator("main form[action$='/link']").get_attribute("action").split("/")[2]

    anyone = visitor(width)
    anyone.page.goto(link)
    if width == 360:
        anyone.page.click("form[action='/language'] button:has-text('اردو')")
    expect(anyone.page.locator("main")).to_contain_text("Eleven of fourteen")
    expect(anyone.page.locator("main")).not_to_contain_text("D2.3")
    anyone.check()
    anyone.page.check("input[value=taught]")
    anyone.page.fill("[name=name]", supervisor)
    anyone.page.click("main form.narrow button[type=submit]")
    expect(anyone.page.locator("[role=alert]")).to_be_visible()
    anyone.faults.clear()  # the browser notes the refusal (422) itself
    anyone.check()
    anyone.page.fill("[name=designation]", "District Education Officer")
    anyone.page.click("main form.narrow button[type=submit]")
    expect(anyone.page.locator("h1")).to_have_text("شکریہ" if width == 360 else "Thank you")
    anyone.check()

    bilal = visitor(width)
    bilal.sign_in("bilal", DEMO_PASSWORD)
    bilal.open("/attestations/waiting")
    bilal.check()
    bilal.page.click(f"main tbody a[href='/attestations/{number}']")
    bilal.check()
    bilal.page.check("input[value=confirm]")
    bilal.page.fill("[name=reason]", "I called the district office.")
    bilal.page.click("main form.narrow button[type=submit]")
    expect(bilal.page.locator("main .alert-success")).to_be_visible()
    bilal.check()

    trainee.open("/record")
    trainee.page.click("main a:has-text('D2.3')")
    trainee.page.click(f"main table.evidence a[href^='/attestations/{number}']")
    expect(trainee.page.locator("main")).to_contain_text("I called the district office.")
    trainee.open("/passport")
    expect(trainee.page.locator(f"main a[href='/attestations/{number}']")).to_be_visible()
    trainee.check()
