"""A passport, and what anybody finds out about a credential: on a wide screen in English, on a phone in Urdu."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from app.demo import DEMO_PASSWORD

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(("name", "width", "genuine"), [("iqra", 1280, "is genuine"), ("erum", 360, "اصلی")])
def test_from_the_passport_to_its_verification(visitor: Callable, name: str, width: int, genuine: str) -> None:
    trainee = visitor(width)
    trainee.sign_in(name, DEMO_PASSWORD)
    trainee.open("/passport")
    trainee.check()
    code = trainee.page.locator("#credentials ~ div tbody td a").first
    address = str(code.get_attribute("href"))
    with trainee.page.expect_download() as taken:
        trainee.page.locator("a[href$='credential.jwt']").first.click()
    signed = taken.value.path().read_text()
    with trainee.page.expect_download() as badge:
        trainee.page.locator("a[href$='badge.png']").first.click()
    with trainee.page.expect_download() as printed:
        trainee.page.click("a[href$='passport.pdf']")
    assert printed.value.path().read_bytes().startswith(b"%PDF-")
    code.click()
    expect(trainee.page.locator("main .alert .lead")).to_contain_text(genuine)
    trainee.check()

    anyone = visitor(width)
    anyone.open(address)
    expect(anyone.page.locator("main .alert .lead")).to_contain_text("is genuine")
    anyone.open("/verify")
    anyone.check()
    anyone.page.fill("textarea[name=text]", signed[:-20] + "A" * 20)
    anyone.page.click("main button[type=submit]")
    expect(anyone.page.locator("main .alert .lead")).to_contain_text("was altered")
    anyone.check()
    anyone.open("/verify")
    anyone.page.set_input_files("input[name=file]", badge.value.path())
    anyone.page.click("main button[type=submit]")
    expect(anyone.page.locator("main .alert .lead")).to_contain_text("is genuine")
    anyone.open("/academies/kp")
    anyone.check()


@pytest.mark.parametrize(("language", "width"), [("en", 1280), ("ur", 360)])
def test_the_administrator_keeps_credentials_and_names(visitor: Callable, language: str, width: int) -> None:
    farid = visitor(width)
    farid.sign_in("farid", DEMO_PASSWORD)
    if language == "ur":
        farid.page.click("form[action='/language'] button:has-text('اردو')")
    farid.open("/administration/credentials")
    farid.check()
    farid.page.locator("main tbody th a").first.click()
    farid.check()
    farid.page.click("main dl a[href^='/people/']")
    farid.page.click("main a[href$='/name']")
    farid.check()
    if language == "ur":
        # The account keeps the language, and other tests read its pages in English.
        farid.page.click("form[action='/language'] button[value='en']")
        expect(farid.page.locator("html")).to_have_attribute("lang", "en")


@pytest.mark.parametrize(("name", "width", "title"), [("daniyal", 1280, "Prompts"), ("laila", 360, "اشارے")])
def test_a_course_elsewhere_is_reported_and_approved(visitor: Callable, name: str, width: int, title: str) -> None:
    trainee = visitor(width)
    trainee.sign_in(name, DEMO_PASSWORD)
    trainee.open("/completions")
    trainee.check()
    trainee.page.fill("input[name=title]", title)
    trainee.page.fill("input[name=completed_on]", "2026-10-05")
    trainee.page.fill("input[name=link]", "https://www.example.org/proof")
    trainee.page.select_option("select[name=competency]", "D1.3")
    trainee.page.click("main form.narrow button[type=submit]")
    expect(trainee.page.locator("h1")).to_have_text(title)
    trainee.check()

    farid = visitor(width)
    farid.sign_in("farid", DEMO_PASSWORD)
    farid.open("/administration/completions")
    farid.check()
    file = f"username,provider,title,completed on,link,competency\n{name},AWS,Clouds,soon,https://a.org,D1.1\n"
    courses = {"name": "courses.csv", "mimeType": "text/csv", "buffer": file.encode()}
    farid.page.set_input_files("input[type=file]", courses)
    farid.page.click("main form.narrow button[type=submit]")
    expect(farid.page.locator("main .alert-danger")).to_be_visible()
    farid.check()
    farid.open("/completions/waiting")
    farid.check()
    farid.page.check(f"tr:has-text('{title}') input[type=checkbox]")
    farid.page.check("input[value=approve]")
    farid.page.click("main form button[type=submit]")
    expect(farid.page.locator("main .alert-success")).to_be_visible()
    trainee.open("/record")
    trainee.page.click("main a:has-text('D1.3')")
    trainee.page.click("main table.evidence a[href^='/completions/']")
    expect(trainee.page.locator("h1")).to_have_text(title)
