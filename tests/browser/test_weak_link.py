"""Work on a link that breaks: nothing is lost, nothing is sent twice, and the trainee sees where their work is."""

from __future__ import annotations

import re
import time
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from app.demo import DEMO_PASSWORD
from tests.browser.test_whole_way import FIRST_START_MS, cell_with

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]

LAB = "/notebooks/measure-to-manage/grievances"
WAITING_MS = 60_000


def open_lab(someone) -> None:
    someone.open(LAB)
    someone.page.locator("iframe.notebook-frame").scroll_into_view_if_needed()
    cell_with(someone, "read_csv").locator(".cm-content").wait_for(timeout=FIRST_START_MS)
    expect(someone.page.locator("#lab-status")).to_have_attribute("data-state", re.compile("Saved|Ready"))


def write(someone, text: str) -> None:
    """Put a line at the top of the first code cell."""
    cell = cell_with(someone, "read_csv").locator(".cm-content")
    cell.click()
    someone.page.keyboard.press("Control+Home")
    someone.page.keyboard.insert_text(f"# {text}\n")


def status(someone, state: str, count: int | None = None) -> None:
    """count: how much of the trainee's work the page says to be on this computer only."""
    line = someone.page.locator("#lab-status")
    expect(line).to_have_attribute("data-state", state, timeout=WAITING_MS)
    expect(line).to_contain_text("" if count is None else f"({count})")


def server_has(someone, text: str) -> bool:
    return text in someone.page.request.get(f"{someone.settings.portal_origin}{LAB}/notebook.ipynb").text()


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + WAITING_MS / 1000
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.3)


def test_the_first_opening_says_how_much_has_come_over_the_link_until_python_is_there(visitor: Callable) -> None:
    someone = visitor(360)
    someone.sign_in("kiran", DEMO_PASSWORD)
    someone.open(LAB)
    line = someone.page.locator("#lab-arriving")
    expect(line).to_be_visible(timeout=FIRST_START_MS)
    expect(line).to_contain_text(re.compile(r"\d\.\d of about 1\d\.\d MB"))
    expect(line).to_be_hidden(timeout=FIRST_START_MS)
    assert line.locator("progress").evaluate("bar => bar.value") > 0.8


@pytest.mark.parametrize(("name", "width"), [("daniyal", 1280), ("erum", 360)])
def test_what_was_written_and_submitted_without_a_link_goes_out_from_the_next_page(
    visitor: Callable, name: str, width: int
) -> None:
    someone = visitor(width)
    someone.sign_in(name, DEMO_PASSWORD)
    someone.open("/results")
    before = someone.page.locator("main tbody tr").count()
    open_lab(someone)
    write(someone, "with a link")
    status(someone, "Saved")
    someone.page.context.set_offline(True)
    write(someone, "without a link")
    status(someone, "Offline", 1)
    someone.page.click("#lab-submit button[type=submit]")
    status(someone, "SubmittedHere", 2)
    someone.page.close()
    someone.page = someone.page.context.new_page()
    someone.page.context.set_offline(False)
    someone.faults.clear()
    someone.open("/results")
    arrived = someone.page.locator("#outbox a")
    expect(arrived).to_be_visible(timeout=WAITING_MS)
    assert server_has(someone, "without a link")
    someone.check()
    arrived.click()
    someone.page.wait_for_url("**/results/submissions/*")
    someone.open("/results")
    expect(someone.page.locator("main tbody tr")).to_have_count(before + 1)
    expect(someone.page.locator("#outbox")).to_be_hidden()


def test_work_that_a_closed_page_left_on_this_computer_opens_again(visitor: Callable) -> None:
    someone = visitor(1280)
    someone.sign_in("hamza", DEMO_PASSWORD)
    open_lab(someone)
    someone.page.route("**/draft*", lambda route: route.abort())
    write(someone, "left behind")
    status(someone, "Offline", 1)
    someone.page.close()
    someone.page = someone.page.context.new_page()
    someone.open(LAB)
    expect(cell_with(someone, "left behind")).to_be_visible(timeout=FIRST_START_MS)
    status(someone, "Saved")
    assert server_has(someone, "left behind")


def test_a_lab_that_the_academy_takes_nothing_for_says_why_and_saves_again_once_it_does(visitor: Callable) -> None:
    someone = visitor(360)
    someone.sign_in("kiran", DEMO_PASSWORD)
    open_lab(someone)
    someone.page.route(
        f"**{LAB}/draft", lambda route: route.continue_(url=route.request.url.replace("grievances", "nowhere"))
    )
    write(someone, "not taken")
    status(someone, "Refused")
    expect(someone.page.locator("#lab-status")).to_contain_text("Page not found")
    someone.page.unroute_all()
    write(someone, "taken")
    status(someone, "Saved")
    assert server_has(someone, "not taken")


def test_two_computers_keep_both_versions_and_the_trainee_says_which(visitor: Callable) -> None:
    one, other = visitor(1280), visitor(1280)
    for someone in (one, other):
        someone.sign_in("iqra", DEMO_PASSWORD)
        open_lab(someone)
    write(one, "from the office")
    status(one, "Saved")
    write(other, "from home")
    status(other, "Elsewhere")
    assert not server_has(other, "from home")
    side_by_side = other.page.locator("#lab-choice a")
    expect(side_by_side).to_be_visible()
    other.faults.clear()
    other.check()
    address = side_by_side.get_attribute("href")
    other.page.click("#lab-choice [data-keep=mine]")
    wait_until(lambda: server_has(other, "from home"))
    assert not server_has(other, "from the office")
    other.open(address.removeprefix(other.settings.portal_origin))
    expect(other.page.locator("main")).to_contain_text("from home")
    other.check()
