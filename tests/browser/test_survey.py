"""Trainees answer a survey in both directions of script; their instructor reads what a group answered."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from app.demo import COHORTS, DEMO_PASSWORD, PACED_MODULE_ID, SURVEYED_COHORT

pytestmark = pytest.mark.browser
OPEN_EVERYTHING = "document.querySelectorAll('main details').forEach(each => each.open = true)"


@pytest.mark.timeout(600)
@pytest.mark.parametrize(("name", "width"), [("amina", 360), ("bushra", 1280)])
def test_a_trainee_answers_and_finds_the_answers_by_the_code(visitor: Callable, name: str, width: int) -> None:
    trainee = visitor(width)
    trainee.sign_in(name, DEMO_PASSWORD)
    trainee.open("/surveys")
    trainee.check()
    trainee.page.click("a[href^='/surveys/waves/']")
    trainee.page.wait_for_selector("form fieldset")
    trainee.check()
    trainee.page.click("main form button[type=submit]")
    trainee.page.wait_for_selector(".error-summary")
    trainee.faults.clear()  # the browser notes that nothing answered was answered with 422
    trainee.check()
    code = trainee.page.locator("main form code").inner_text()
    trainee.page.check("#item_overtaken-3")
    trainee.page.check("#link")
    trainee.page.click("main form button[type=submit]")
    trainee.page.wait_for_selector("main .mark-done")
    trainee.check()
    trainee.page.click("a[href$='/mine']")
    trainee.page.fill("#code", code)
    trainee.page.click("main form button[type=submit]")
    trainee.page.wait_for_selector("form[action$='/take-back']")
    trainee.check()
    trainee.page.click("form[action$='/take-back'] button")
    trainee.page.wait_for_selector(".alert")
    trainee.check()


@pytest.mark.timeout(600)
@pytest.mark.parametrize("width", [360, 1280])
def test_an_instructor_reads_what_a_group_answered(visitor: Callable, width: int) -> None:
    bilal = visitor(width)
    bilal.sign_in("bilal", DEMO_PASSWORD)
    bilal.open("/teaching")
    bilal.page.click(f"text={SURVEYED_COHORT}")
    bilal.page.click("a[href$='/survey']")
    bilal.page.wait_for_selector("figure.chart")
    bilal.page.evaluate(OPEN_EVERYTHING)
    bilal.check()
    bilal.page.click("button[value=ur]")
    bilal.page.wait_for_selector("html[dir=rtl]")
    bilal.page.evaluate(OPEN_EVERYTHING)
    bilal.check()
    bilal.page.click("button[value=en]")
    bilal.page.wait_for_selector("html[dir=ltr]")


@pytest.mark.timeout(600)
@pytest.mark.parametrize("width", [360, 1280])
def test_a_last_wave_is_planned_and_trainees_see_its_day(visitor: Callable, width: int) -> None:
    trainee = visitor(width)
    trainee.sign_in("daniyal", DEMO_PASSWORD)
    for path in ("/surveys", "/calendar"):
        trainee.open(path)
        trainee.check()
    bilal = visitor(width)
    bilal.sign_in("bilal", DEMO_PASSWORD)
    bilal.open("/teaching")
    bilal.page.click(f"text={COHORTS[PACED_MODULE_ID]}")
    bilal.page.click("a[href$='/survey']")
    bilal.page.wait_for_selector("#opens_on")
    bilal.check()
    bilal.page.fill("#opens_on", "2020-01-01")
    bilal.page.click("form[action$='/survey/later'] button[type=submit]")
    bilal.page.wait_for_selector(".error-summary")
    bilal.faults.clear()  # the browser notes that a day in the past was answered with 422
    bilal.check()
