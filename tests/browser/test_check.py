"""The visible tests run in the browser before anything is handed in, and say what the grader says afterwards."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, expect

from app.demo import DEMO_PASSWORD
from tests.browser.test_weak_link import LAB, open_lab, wait_until, write
from tests.browser.test_whole_way import FIRST_START_MS, GRADING_MS, LOOK, cell_with, run_cell

pytestmark = [pytest.mark.browser, pytest.mark.timeout(1200)]
WRONG = "duplicate_percent = 0.02\nclean = complaints"
# Its tests call what warns.
WARNS = """import warnings
class Old(int):
    def __gt__(self, other):
        warnings.warn('old style')
        return int(self) > other
row_count = Old(len(complaints))
open_count = (complaints["status"] == "open").sum()"""
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


def columns_asked(someone) -> list[str]:
    """Words of the table of questions by kind, as the academy has them now."""
    page = someone.page.request.get(f"{someone.settings.portal_origin}{LAB}/questions").text()
    return re.findall(r"\w+", page.partition("<tbody>")[2].partition("</tbody>")[0])


def first_step(someone, number: int) -> None:
    """The first steps have come to this one, counted from 1."""
    step = someone.page.locator("#first-steps li").nth(number - 1)
    expect(step).to_have_attribute("aria-current", "step", timeout=CHECK_MS)
    expect(step.locator("p")).to_be_visible()


def take_the_first_steps(someone) -> None:
    """As far as the check: run a cell, change one and run it, look at the status, start Python anew."""
    first_step(someone, 1)
    someone.check()
    run_cell(someone, cell_with(someone, "read_csv"))
    first_step(someone, 2)
    expect(someone.page.locator("#first-steps-said")).not_to_be_empty()
    run_cell(someone, cell_with(someone, "read_csv"))
    expect(cell_with(someone, "read_csv").locator(".jp-InputPrompt")).to_contain_text("[2]", timeout=CHECK_MS)
    fill_next_answer(someone, LOOK)
    first_step(someone, 2)
    someone.page.keyboard.press("Shift+Enter")
    first_step(someone, 3)
    expect(someone.page.locator(".first-steps-target")).to_have_id("lab-status")
    someone.page.click("#first-steps-next")
    first_step(someone, 4)
    frame = someone.page.frame_locator("iframe.notebook-frame")
    frame.locator("[data-jp-item-name=restart]").click()
    frame.locator(".jp-Dialog .jp-mod-accept").click()
    first_step(someone, 5)


def ends_with_the_focus_on_its_button(someone) -> bool:
    someone.page.click("#first-steps-open")
    expect(someone.page.locator("#first-steps")).to_be_visible()
    someone.page.click("#first-steps-end")
    expect(someone.page.locator("#first-steps")).to_be_hidden()
    return bool(someone.page.evaluate("document.activeElement.id === 'first-steps-open'"))


def end_the_first_steps_without_a_link(someone, other) -> None:
    """other: the same person at another computer, where the steps come no more once there is a link again."""
    first_step(someone, 6)
    someone.page.context.set_offline(True)
    run_cell(someone, cell_with(someone, "sort_values().head(8)"), 'complaints.groupby("sex").size()')
    ran = cell_with(someone, 'groupby("sex")')
    expect(ran.locator(".jp-OutputArea-output")).to_be_visible(timeout=FIRST_START_MS)
    expect(ran.locator(".jp-InputPrompt")).to_have_text(re.compile(r"\[\d+\]:"))
    someone.page.click("#first-steps-next")
    expect(someone.page.locator("#first-steps")).to_be_hidden()
    # Jupyter takes the focus once more when it is done with a run, which on a busy machine is a moment later.
    wait_until(lambda: ends_with_the_focus_on_its_button(someone))
    with someone.page.expect_response("**/notebooks/first-steps"):
        someone.page.context.set_offline(False)
    someone.faults.clear()
    open_lab(other)
    expect(other.page.locator("#first-steps-open")).to_have_attribute("aria-expanded", "false")
    expect(other.page.locator("#first-steps")).to_be_hidden()
    other.page.click("#first-steps-open")
    first_step(other, 1)
    expect(other.page.locator("#first-steps-title")).to_be_focused()


@pytest.mark.parametrize(("name", "width"), [("hamza", 1280), ("ghazala", 360)])
def test_first_steps_lead_to_a_check_that_says_what_the_grader_says(visitor: Callable, name: str, width: int) -> None:
    someone, other = visitor(width), visitor(width)
    for each in (someone, other):
        each.sign_in(name, DEMO_PASSWORD)
    open_lab(someone)
    someone.page.click("#lab-curiosity [value=yes]")
    expect(someone.page.locator("#lab-curiosity[data-noted] [autofocus]")).to_be_focused()
    take_the_first_steps(someone)
    fill_next_answer(someone, WRONG)
    someone.page.click("#lab-check-button")
    state(someone, "Checked")
    end_the_first_steps_without_a_link(someone, other)
    wait_until(lambda: {"status", "sex"} <= set(columns_asked(other)))
    other.open(f"{LAB}/questions")
    other.check()
    expect(someone.page.locator("#lab-check-status")).to_contain_text(re.compile(r"8\D+1\D"))
    found = verdicts(someone)
    said = {"hamza": "duplicate_percent is a percentage", "ghazala": "duplicate_percent فی صد ہے"}
    assert [each for each in said if said[each] in found["duplicates-check"]] == [name]
    assert "AssertionError" not in found["duplicates-check"]
    assert "NameError: name 'counts' is not defined" in found["counts-check"]
    meaning = {"hamza": "Python does not know counts yet", "ghazala": "پائتھن ابھی counts کو نہیں جانتی"}
    assert meaning[name] in found["counts-check"]
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
    menu = someone.page.frame_locator("iframe.notebook-frame").locator(".lm-MenuBar-itemLabel", has_text="Edit")
    expect(menu).to_be_hidden()
    for pressed in ("true", "false"):
        someone.page.click("#lab-menus")
        expect(someone.page.locator("#lab-menus")).to_have_attribute("aria-pressed", pressed)
        expect(menu).to_be_visible(visible=pressed == "true")
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


def test_a_notebook_whose_outputs_are_too_large_to_be_kept_is_checked_all_the_same(visitor: Callable) -> None:
    someone = visitor(1280)
    someone.sign_in("iqra", DEMO_PASSWORD)
    open_lab(someone)
    write(someone, "much\nprint('x' * 9_000_000)")
    fill_next_answer(someone, LOOK)
    someone.page.click("#lab-check-button")
    state(someone, "Checked")
    expect(someone.page.locator("#lab-without-outputs")).to_be_visible()
    expect(row(someone, "look-check").locator("[data-verdict=passed]")).to_be_visible()


def test_a_test_that_printed_a_warning_is_not_said_to_have_been_unable_to_run(visitor: Callable) -> None:
    someone = visitor(1280)
    someone.sign_in("mansoor", DEMO_PASSWORD)
    open_lab(someone)
    fill_next_answer(someone, WARNS)
    someone.page.click("#lab-check-button")
    state(someone, "Checked")
    warned = row(someone, "look-check").locator("[data-verdict=warned]")
    expect(warned).to_contain_text("nbgrader’s rule")
    expect(warned).to_contain_text("warnings.warn('old style')")
    expect(row(someone, "look-check").locator("[data-verdict=broken]")).to_be_hidden()


def test_a_graded_cell_that_was_copied_is_named_and_nothing_runs_until_the_copy_is_gone(visitor: Callable) -> None:
    someone = visitor(1280)
    someone.sign_in("nadia", DEMO_PASSWORD)
    open_lab(someone)
    frame = someone.page.frame_locator("iframe.notebook-frame")
    answers = frame.locator(".jp-CodeCell", has_text="YOUR CODE HERE")
    number = answers.count()
    answers.first.locator(".jp-InputPrompt").click()
    for key in ("Escape", "c", "v"):
        someone.page.keyboard.press(key)
    expect(answers).to_have_count(number + 1)
    someone.page.click("#lab-check-button")
    state(someone, "Twice")
    expect(someone.page.locator("#lab-check-status")).to_contain_text("The graded cell “look” is there twice.")
    expect(someone.page.locator("#lab-check")).to_be_hidden()
    expect(frame.locator(".jp-InputPrompt", has_text=re.compile(r"\[[\d*]+\]"))).to_have_count(0)
    someone.check()
    frame.locator(".jp-CodeCell.jp-mod-selected .jp-InputPrompt").click()
    for key in ("Escape", "d", "d"):
        someone.page.keyboard.press(key)
    expect(answers).to_have_count(number)
    someone.page.click("#lab-check-button")
    state(someone, "Checked")
