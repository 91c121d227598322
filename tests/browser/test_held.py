"""What a page says of the work that it holds: nothing is called safe that is not, and nothing is handed in unseen."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Route, expect

from app.demo import DEMO_PASSWORD
from tests.browser.test_weak_link import (
    LAB,
    WAITING_MS,
    begin_another_page,
    close_and_open,
    open_lab,
    server_has,
    status,
    wait_until,
    write,
    write_with_a_link,
)
from tests.browser.test_whole_way import FIRST_START_MS, cell_with

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]

SOURCE = "/authoring/measure-to-manage/grievances"
SUBMIT = "#lab-submit button[type=submit]"
LIMIT = re.compile(r'data-limit-bytes="\d+"')


def limit_notebooks(context: BrowserContext, address: str, *, size_bytes: int) -> None:
    """The page at this address takes notebooks of this size at most."""

    def answer(route: Route) -> None:
        found = route.fetch()
        route.fulfill(response=found, body=LIMIT.sub(f'data-limit-bytes="{size_bytes}"', found.text()))

    context.route(re.compile(f"{re.escape(address)}$"), answer)


def test_outputs_that_are_too_large_to_be_kept_take_nothing_written_with_them(visitor: Callable) -> None:
    someone = visitor(1280)
    someone.sign_in("daniyal", DEMO_PASSWORD)
    open_lab(someone)
    write(someone, "much\nprint('x' * 9_000_000)")
    status(someone, "Saved")
    someone.page.keyboard.press("Control+Enter")
    cell_with(someone, "9_000_000").locator(".jp-OutputArea-output").first.wait_for(timeout=FIRST_START_MS)
    write(someone, "written below much")
    wait_until(lambda: server_has(someone, "written below much"))
    expect(someone.page.locator("#lab-without-outputs")).to_be_visible()
    status(someone, "Saved")
    someone.check()
    someone.page.click(SUBMIT)
    someone.page.wait_for_url("**/results/submissions/*", timeout=WAITING_MS)


def test_a_notebook_that_is_too_large_without_outputs_is_never_called_safe(visitor: Callable) -> None:
    someone = visitor(1280)
    someone.sign_in("hamza", DEMO_PASSWORD)
    limit_notebooks(someone.page.context, LAB, size_bytes=60_000)
    open_lab(someone)
    asked: list[str] = []
    someone.page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    write(someone, "small")
    write(someone, "x" * 60_000)
    status(someone, "Refused")
    expect(someone.page.locator("#lab-status")).to_contain_text("too large")
    someone.page.wait_for_timeout(8000)
    status(someone, "Refused")
    someone.page.click(SUBMIT)
    expect(someone.page.locator(SUBMIT)).to_be_enabled()
    status(someone, "Refused")
    someone.page.close(run_before_unload=True)
    wait_until(lambda: someone.page.wait_for_timeout(100) or asked == ["beforeunload"])
    cell_with(someone, "xxxx").locator(".cm-content").click()
    someone.page.keyboard.press("Control+z")
    status(someone, "Saved")


def test_an_author_is_not_sent_on_without_what_was_written_last(visitor: Callable) -> None:
    someone = visitor(1280)
    someone.sign_in("bilal", DEMO_PASSWORD)
    limit_notebooks(someone.page.context, SOURCE, size_bytes=60_000)
    someone.open(SOURCE)
    cell_with(someone, "read_csv").locator(".cm-content").wait_for(timeout=FIRST_START_MS)
    expect(someone.page.locator("#cell-list button").first).to_be_visible(timeout=FIRST_START_MS)
    write(someone, "x" * 60_000)
    status(someone, "Refused")
    someone.page.click("#lab-preview")
    someone.page.wait_for_timeout(3000)
    assert someone.page.url.endswith(SOURCE)
    status(someone, "Refused")
    cell_with(someone, "xxxx").locator(".cm-content").click()
    someone.page.keyboard.press("Control+z")
    expect(someone.page.locator("#lab-status")).not_to_have_attribute("data-state", "Refused", timeout=WAITING_MS)
    someone.page.click("#lab-preview")
    someone.page.wait_for_url(f"**{SOURCE}/preview", timeout=WAITING_MS)


def left_and_opening_again(someone, address: str, text: str) -> Route:
    """What is written at this address a closed window leaves behind; the page opens again, and its notebook is held up.

    What is returned lets the notebook come.
    """
    someone.page.context.route("**/draft*", lambda route: route.abort())
    write(someone, text)
    status(someone, "Offline")
    someone.page.close()
    someone.page = someone.page.context.new_page()
    someone.page.context.unroute_all()
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    frame = re.compile(f"{re.escape(someone.settings.notebook_origin)}/notebooks/")
    someone.page.route(frame, hold, times=1)
    someone.open(address)
    status(someone, "Opening")
    return held[0]


@pytest.mark.parametrize(
    ("button", "arrives"), [("#lab-preview", f"{SOURCE}/preview"), ("#lab-check-form button", "/authoring/checks/*")]
)
def test_an_author_is_not_sent_on_before_the_source_is_open(visitor: Callable, button: str, arrives: str) -> None:
    someone = visitor(1280)
    someone.sign_in("bilal", DEMO_PASSWORD)
    someone.open(SOURCE)
    expect(someone.page.locator("#cell-list button").first).to_be_visible(timeout=FIRST_START_MS)
    arriving = left_and_opening_again(someone, SOURCE, f"before it was closed, {arrives}")
    expect(someone.page.locator(button)).to_be_disabled()
    arriving.continue_()
    expect(someone.page.locator(button)).to_be_enabled(timeout=FIRST_START_MS)
    someone.page.click(button)
    someone.page.wait_for_url(f"**{arrives}", timeout=WAITING_MS)
    source = someone.page.request.get(f"{someone.settings.portal_origin}{SOURCE}/source.ipynb").text()
    assert f"before it was closed, {arrives}" in source


def test_nothing_is_submitted_before_the_notebook_is_open(visitor: Callable) -> None:
    someone = visitor(1280)
    someone.sign_in("erum", DEMO_PASSWORD)
    open_lab(someone)
    arriving = left_and_opening_again(someone, LAB, "before it was closed")
    expect(someone.page.locator(SUBMIT)).to_be_disabled()
    arriving.continue_()
    expect(someone.page.locator(SUBMIT)).to_be_enabled(timeout=FIRST_START_MS)
    someone.page.click(SUBMIT)
    someone.page.wait_for_url("**/results/submissions/*", timeout=WAITING_MS)
    assert server_has(someone, "before it was closed")


def test_what_was_written_a_moment_before_submitting_is_in_the_draft_too(visitor: Callable) -> None:
    someone = visitor(1280)
    someone.sign_in("hamza", DEMO_PASSWORD)
    open_lab(someone)
    someone.page.context.set_offline(True)
    write(someone, "written early")
    status(someone, "Offline", 1)
    # Pressed before the frame tells of what is written now.
    someone.page.locator("#lab-submit-button").evaluate("button => setTimeout(() => button.click(), 100)")
    someone.page.keyboard.insert_text("# written late\n")
    status(someone, "SubmittedHere", 2)
    begin_another_page(someone)
    someone.faults.clear()
    someone.open("/results")
    expect(someone.page.locator("#outbox a")).to_be_visible(timeout=WAITING_MS)
    wait_until(lambda: server_has(someone, "written early"))
    assert server_has(someone, "written late")


@pytest.mark.parametrize(("address", "end"), [("grievances", "reached"), ("nowhere", "did not take")])
def test_what_becomes_of_a_submission_is_said_beside_where_the_newer_draft_is(
    visitor: Callable, address: str, end: str
) -> None:
    someone = visitor(1280)
    someone.sign_in("nadia", DEMO_PASSWORD)
    open_lab(someone)
    line = someone.page.locator("#lab-status")
    write_with_a_link(someone, f"handed in, {address}")
    someone.page.route("**/submit", lambda route: route.abort())
    someone.page.click(SUBMIT)
    status(someone, "SubmittedHere", 1)
    write(someone, "newer")
    status(someone, "Saved")
    expect(line).to_contain_text("Safe at the academy")
    expect(line).to_contain_text("What you submitted waits on this computer")
    someone.page.route("**/draft", lambda route: route.abort())
    write(someone, "newest")
    status(someone, "Offline", 2)
    expect(line).to_contain_text("What you submitted waits on this computer")
    someone.page.unroute_all()
    someone.page.route("**/submit", lambda route: route.continue_(url=route.request.url.replace("grievances", address)))
    someone.page.evaluate("dispatchEvent(new Event('online'))")
    status(someone, "Saved")
    expect(line).to_contain_text("Safe at the academy")
    expect(line).to_contain_text(end)
    someone.faults.clear()
    someone.check()


def test_a_submission_that_waits_is_told_of_when_the_lab_opens_again_and_is_not_made_twice(visitor: Callable) -> None:
    someone = visitor(1280)
    someone.sign_in("kiran", DEMO_PASSWORD)
    open_lab(someone)
    write_with_a_link(someone, "handed in once")
    someone.page.context.route("**/submit", lambda route: route.abort())
    someone.page.click(SUBMIT)
    status(someone, "SubmittedHere", 1)
    close_and_open(someone, LAB)
    expect(cell_with(someone, "handed in once")).to_be_visible(timeout=FIRST_START_MS)
    status(someone, "SubmittedHere", 1)
    someone.page.click(SUBMIT)
    expect(someone.page.locator(SUBMIT)).to_be_enabled(timeout=WAITING_MS)
    status(someone, "SubmittedHere", 1)
    someone.page.context.unroute_all()
    someone.page.evaluate("dispatchEvent(new Event('online'))")
    status(someone, "SubmittedNow")
    expect(someone.page.locator("#outbox a")).to_have_count(1)
