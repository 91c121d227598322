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
