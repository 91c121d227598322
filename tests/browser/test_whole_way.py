"""The whole way: a trainee from sign-in to feedback, then what an administrator sees of it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from app.content.loader import load_catalogue
from app.content.schemas import Lesson, Numeric, Quiz
from app.demo import DEMO_PASSWORD
from config import ROOT

pytestmark = pytest.mark.browser

MODULE = load_catalogue(ROOT / "modules").module("measure-to-manage")
GRADING_MS = 120_000
FIRST_START_MS = 90_000


def read_the_lessons(someone) -> None:
    for lesson in (activity for activity in MODULE.activities if isinstance(activity, Lesson)):
        someone.open(f"/learn/{MODULE.id}/{lesson.id}")
        someone.check()
        someone.page.click("form.actions button[type=submit]")


def answer_the_quiz(someone) -> None:
    quiz = next(activity for activity in MODULE.activities if isinstance(activity, Quiz))
    someone.open(f"/learn/{MODULE.id}/{quiz.id}")
    someone.check()
    for item in quiz.items:
        if isinstance(item, Numeric):
            someone.page.fill(f"#{item.id}", f"{item.answer}")
        else:
            for option in item.correct_option_ids:
                someone.page.check(f"#{item.id}-{option}")
    someone.page.click("main form button[type=submit]")
    someone.page.wait_for_url("**/quiz-attempts/*")
    someone.check()


def run_the_simulation(someone) -> None:
    someone.open(f"/simulations/{MODULE.id}/grievance")
    someone.check()
    someone.page.click("main form button[type=submit]")
    for number in range(1, 11):
        someone.page.wait_for_selector(f"input[name=round][value='{number}']", state="attached")
        if number in (1, 7):
            someone.check()
            asking = someone.page.locator("form:has(input[value=history]) button[type=submit]")
            asking.click()
            expect(someone.page.locator("p.notice strong").first).to_be_visible()
        someone.page.fill("#note", f"round {number}")
        someone.page.click("form[data-decision] button[type=submit]")
    someone.page.wait_for_url("**/runs/*")
    someone.check()


def work_on_the_notebook(someone) -> None:
    someone.open(f"/notebooks/{MODULE.id}/grievances")
    frame = someone.page.frame_locator("iframe.notebook-frame")
    first_cell = frame.locator(".jp-CodeCell").first
    first_cell.wait_for(timeout=FIRST_START_MS)
    someone.check()
    first_cell.locator(".cm-content").click()
    someone.page.keyboard.press("Shift+Enter")
    expect(someone.page.locator("#lab-status")).to_contain_text("Saved at", timeout=FIRST_START_MS)
    someone.page.reload()
    frame.locator(".jp-CodeCell").first.wait_for(timeout=FIRST_START_MS)
    someone.page.click("#lab-submit button[type=submit]")
    someone.page.wait_for_url("**/results/submissions/*")
    expect(someone.page.locator("iframe.feedback-frame")).to_be_visible(timeout=GRADING_MS)
    someone.check()


def test_a_trainee_finishes_the_module_and_an_administrator_sees_what_it_rests_on(visitor: Callable) -> None:
    amina = visitor(1280)
    amina.sign_in("amina", DEMO_PASSWORD)
    amina.check()
    amina.open(f"/learn/{MODULE.id}")
    amina.check()
    read_the_lessons(amina)
    answer_the_quiz(amina)
    run_the_simulation(amina)
    work_on_the_notebook(amina)
    for page in ("/record", "/results", f"/learn/{MODULE.id}"):
        amina.open(page)
        amina.check()

    farid = visitor(1280)
    farid.sign_in("farid", DEMO_PASSWORD)
    farid.check()
    farid.page.click("main table a")
    farid.check()
    farid.page.click("main table tbody tr:has-text('Amina') td a")
    farid.check()
    farid.page.click("main table tbody a")
    farid.check()
    assert farid.page.url.startswith(farid.settings.portal_origin)
    farid.open("/administration/accounts")
    farid.check()


def test_the_way_in_urdu_on_a_narrow_screen(visitor: Callable) -> None:
    bushra = visitor(360)
    bushra.sign_in("bushra", DEMO_PASSWORD)
    assert bushra.page.get_attribute("html", "dir") == "rtl"
    bushra.check()
    for page in ("", "/why-measure", "/quiz", "/grievance", "/grievances"):
        bushra.open(f"/learn/{MODULE.id}{page}")
        assert bushra.page.get_attribute("html", "lang") == "ur"
        bushra.check()
    run_the_simulation(bushra)
    bushra.open("/record")
    bushra.check()
