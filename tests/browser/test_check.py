"""The visible tests run in the browser before anything is handed in, and say what the grader says afterwards."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, expect

from app.demo import DEMO_PASSWORD
from tests.browser.test_weak_link import open_lab
from tests.browser.test_whole_way import FIRST_START_MS, GRADING_MS, LOOK, cell_with

pytestmark = [pytest.mark.browser, pytest.mark.timeout(1200)]
WRONG = "duplicate_percent = 0.02\nclean = complaints"
CHECK_MS = 4 * FIRST_START_MS


def fill_next_answer(someone, source: str) -> None:
    cell_with(someone, "YOUR CODE HERE").locator(".cm-content").click()
    someone.page.keyboard.press("Control+a")
    someone.page.keyboard.insert_text(source)


def state(someone, name: str) -> None:
    expect(someone.page.locator("#lab-check-status")).to_have_attribute("data-state", name, timeout=CHECK_MS)


def row(someone, cell: str) -> Locator:
    return someone.page.locator(f"#lab-check [data-cell={cell}] td:last-child")


def verdicts(someone) -> dict[str, str]:
    """What the check says of each cell with tests."""
    rows = someone.page.locator("#lab-check [data-cell]").all()
    return {str(each.get_attribute("data-cell")): each.locator("td").last.inner_text().strip() for each in rows}


def flat(text: str) -> str:
    return " ".join(text.split())


@pytest.mark.parametrize(("name", "width"), [("hamza", 1280), ("ghazala", 360)])
def test_a_check_says_what_the_grader_says_afterwards(visitor: Callable, name: str, width: int) -> None:
    someone = visitor(width)
    someone.sign_in(name, DEMO_PASSWORD)
    open_lab(someone)
    fill_next_answer(someone, LOOK)
    fill_next_answer(someone, WRONG)
    someone.page.click("#lab-check-button")
    state(someone, "Checked")
    expect(someone.page.locator("#lab-check-status")).to_contain_text(re.compile(r"8\D+1\D"))
    found = verdicts(someone)
    assert "AssertionError: duplicate_percent is a percentage" in found["duplicates-check"]
    assert "NameError: name 'counts' is not defined" in found["counts-check"]
    expect(row(someone, "look-check").locator("[data-verdict=passed]")).to_be_visible()
    expect(row(someone, "duplicates-check").locator("[data-verdict=wrong]")).to_be_visible()
    expect(row(someone, "counts-check").locator("[data-verdict=broken]")).to_be_visible()
    someone.check()
    someone.page.click("#lab-submit button[type=submit]")
    someone.page.wait_for_url("**/results/submissions/*")
    expect(someone.page.locator("iframe.feedback-frame")).to_be_visible(timeout=GRADING_MS)
    for cell, said in found.items():
        assert flat(said) in flat(someone.page.locator(f"#{cell} td").last.inner_text())
    assert someone.faults == []


def test_a_check_that_is_stopped_says_so_and_can_be_made_again(visitor: Callable) -> None:
    someone = visitor(1280)
    someone.sign_in("kiran", DEMO_PASSWORD)
    open_lab(someone)
    first = cell_with(someone, "read_csv")
    first.locator(".cm-content").click()
    someone.page.keyboard.press("Control+Home")
    someone.page.keyboard.insert_text("while True:\n    pass\n")
    someone.page.click("#lab-check-button")
    state(someone, "Checking")
    expect(someone.page.locator("#lab-check-status")).to_contain_text("so far: 1", timeout=CHECK_MS)
    someone.page.click("#lab-check-stop")
    state(someone, "NotChecked")
    expect(someone.page.locator("#lab-check-button")).to_be_enabled()
    expect(someone.page.locator("#lab-check")).to_be_hidden()
    someone.page.click("#lab-check-button")
    state(someone, "Checking")
    someone.page.click("#lab-check-stop")
    state(someone, "NotChecked")
