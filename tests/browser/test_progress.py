"""An instructor plans a cohort and sees who is behind; a trainee finds what is due in their calendar."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from app.demo import DEMO_PASSWORD

pytestmark = pytest.mark.browser

STATUSES = {"en": {"On track", "Behind", "Silent", "Finished"}, "ur": {"وقت پر", "پیچھے", "خاموش", "مکمل"}}


def in_language(someone, language: str) -> None:
    button = someone.page.locator(f"button[name=language][value={language}]")
    if button.count():
        button.click()
        someone.page.wait_for_selector(f"html[lang={language}]")


@pytest.mark.timeout(600)
@pytest.mark.parametrize(("width", "language"), [(360, "ur"), (1280, "en")])
def test_a_cohort_is_planned_and_followed(visitor: Callable, width: int, language: str) -> None:
    bilal = visitor(width)
    bilal.sign_in("bilal", DEMO_PASSWORD)
    bilal.page.wait_for_url("**/teaching")
    in_language(bilal, language)
    bilal.page.click("main table a:has-text('Traffic engineering wing')")
    bilal.page.click("a[href$='/progress']")
    bilal.page.wait_for_url("**/progress")
    bilal.check()
    shown = bilal.page.locator("main tbody .mark").all_inner_texts()
    assert STATUSES[language] <= set(shown)
    bilal.page.select_option("#status", "silent")
    bilal.page.click("form.filters button")
    bilal.page.wait_for_url("**status=silent**")
    assert len(set(bilal.page.locator("main tbody .mark").all_inner_texts())) == 1
    bilal.page.click("main tbody a >> nth=0")
    bilal.page.wait_for_url("**/progress/*")
    bilal.check()
    bilal.page.go_back()
    bilal.page.click("a[href$='/plan']")
    bilal.page.wait_for_url("**/plan")
    before = bilal.page.locator("input[type=date][name$=due_on]").first.input_value()
    bilal.page.fill("#weeks", "8")
    bilal.page.click("form.filters button")
    bilal.page.wait_for_url("**/plan?**")
    assert bilal.page.locator("input[type=date][name$=due_on]").first.input_value() != before
    bilal.check()
    in_language(bilal, "en")


@pytest.mark.timeout(600)
def test_a_trainee_sees_what_is_due(visitor: Callable) -> None:
    amina = visitor(360)
    amina.sign_in("amina", DEMO_PASSWORD)
    amina.page.click("a[href='/calendar']")
    amina.page.wait_for_url("**/calendar")
    amina.check()
    assert amina.page.locator(".due-list li").count() > 3
    amina.page.click("form[action='/calendar/address'] button")
    amina.page.wait_for_selector("main code")
    amina.check()
    amina.page.click("form[action='/calendar/address/withdraw'] button")
    amina.page.wait_for_selector("form[action='/calendar/address/withdraw']", state="detached")


@pytest.mark.timeout(600)
def test_who_is_behind_is_nudged_and_reads_it(visitor: Callable) -> None:
    bilal = visitor(360)
    bilal.sign_in("bilal", DEMO_PASSWORD)
    bilal.page.wait_for_url("**/teaching")
    bilal.page.click("main table a:has-text('Traffic engineering wing')")
    bilal.page.click("a[href$='/progress']")
    bilal.page.click("a[href$='/nudge']")
    bilal.page.wait_for_url("**/nudge")
    bilal.check()
    bilal.page.click("button[formaction$='/preview']")
    bilal.page.wait_for_url("**/preview")
    bilal.check()
    assert bilal.page.locator("section.answer").count() == 2
    bilal.page.click("main form p.actions button.btn-primary")
    bilal.page.wait_for_url("**/progress")
    bilal.page.click("a[href$='/nudge']")
    bilal.page.wait_for_url("**/nudge")
    assert bilal.page.locator("input[name=trainee]:not([disabled])").count() == 0
    bilal.check()
    bushra = visitor(360)
    bushra.sign_in("bushra", DEMO_PASSWORD)
    bushra.page.click("a[href='/notices']")
    bushra.page.wait_for_url("**/notices")
    bushra.check()
    assert bushra.page.locator("p.kept-lines[dir=rtl]").count() == 1
    bushra.page.click("form[action*='/read?'] button, form[action$='/read'] button >> nth=0")
    bushra.page.wait_for_selector(".mark-behind", state="detached")
    bushra.check()
