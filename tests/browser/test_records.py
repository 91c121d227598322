"""The record store, research and a trainee's choices at a browser, in both languages."""

from __future__ import annotations

import zipfile
from collections.abc import Callable

import pytest

from app.demo import DEMO_PASSWORD

pytestmark = pytest.mark.browser


def in_language(someone, language: str) -> None:
    button = someone.page.locator(f"button[name=language][value={language}]")
    if button.count():
        button.click()
        someone.page.wait_for_selector(f"html[lang={language}]")


@pytest.mark.timeout(600)
@pytest.mark.parametrize(("width", "language"), [(360, "ur"), (1280, "en")])
def test_the_record_store_and_research(visitor: Callable, width: int, language: str) -> None:
    farid = visitor(width)
    farid.sign_in("farid", DEMO_PASSWORD)
    farid.page.wait_for_url("**/administration")
    in_language(farid, language)
    farid.page.click("main a[href$='/record-store']")
    farid.page.wait_for_url("**/record-store")
    farid.check()
    assert farid.page.locator("form[action*='/set-aside/']").count() == 1
    farid.page.fill("#endpoint", "http://nowhere")
    farid.page.click("form[action$='/record-store'] button[type=submit]")
    farid.page.wait_for_selector(".error-summary")
    # The browser itself notes the answer 422.
    farid.faults.clear()
    farid.check()
    assert farid.page.locator("#endpoint").input_value() == "http://nowhere"
    farid.open("/administration/research")
    farid.check()
    if width == 1280:
        farid.page.fill("#purpose", "How offices learn to ask.")
        farid.page.fill("#recipient", "University of Peshawar")
        with farid.page.expect_download() as download:
            farid.page.click("form[action$='/release.zip'] button[type=submit]")
        with zipfile.ZipFile(download.value.path()) as archive:
            assert "persons.csv" in archive.namelist()
        farid.open("/administration/research")
        farid.page.wait_for_selector("#releases-list td")
        farid.check()
    in_language(farid, "en")


@pytest.mark.timeout(600)
@pytest.mark.parametrize(("name", "width"), [("bushra", 360), ("amina", 1280)])
def test_a_trainee_chooses(visitor: Callable, name: str, width: int) -> None:
    someone = visitor(width)
    someone.sign_in(name, DEMO_PASSWORD)
    someone.page.wait_for_url("**/learn")
    someone.open("/account")
    someone.page.click("main a[href='/account/choices']")
    someone.page.wait_for_url("**/account/choices")
    someone.check()
    for answer, other in (("yes", "no"), ("no", "yes")):
        someone.page.click(f"#research button[value={answer}]")
        someone.page.wait_for_selector(f"#research button[value={other}]")
        someone.check()
