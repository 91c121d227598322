"""Work on a link that breaks: nothing is lost, nothing is sent twice, and the trainee sees where their work is."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Route, expect

from app.demo import DEMO_PASSWORD
from tests.browser.test_whole_way import FIRST_START_MS, cell_with

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]

LAB = "/notebooks/measure-to-manage/grievances"
WAITING_MS = 60_000
FULL = "() => { IDBObjectStore.prototype.put = () => { throw new DOMException('full', 'QuotaExceededError'); }; }"


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


def begin_another_page(someone) -> None:
    """Close the one there is, and have a link."""
    someone.page.close()
    someone.page = someone.page.context.new_page()
    someone.page.context.set_offline(False)


def close_and_open(someone, path: str) -> None:
    begin_another_page(someone)
    someone.open(path)


def write_with_a_link(someone, text: str) -> None:
    """Until it is at the academy: that the page says so may be of what was there before."""
    write(someone, text)
    wait_until(lambda: server_has(someone, f"# {text}"))
    status(someone, "Saved")


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
    write_with_a_link(someone, "with a link")
    someone.page.context.set_offline(True)
    write(someone, "without a link")
    status(someone, "Offline", 1)
    someone.page.click("#lab-submit button[type=submit]")
    status(someone, "SubmittedHere", 2)
    begin_another_page(someone)
    someone.faults.clear()
    someone.open("/results")
    arrived = someone.page.locator("#outbox a")
    expect(arrived).to_be_visible(timeout=WAITING_MS)
    wait_until(lambda: server_has(someone, "without a link"))
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
    close_and_open(someone, LAB)
    expect(cell_with(someone, "left behind")).to_be_visible(timeout=FIRST_START_MS)
    status(someone, "Saved")
    assert server_has(someone, "left behind")


NOTE_STATES = """() => {
  const line = document.getElementById("lab-status");
  window.states = [];
  new MutationObserver(() => window.states.push(line.dataset.state)).observe(line, { attributes: true });
}"""


def failing_first(someone, fail: Callable[[Route], None]) -> list[str]:
    """The drafts that are sent from now on, of which the first fails so."""
    sent: list[str] = []

    def answer(route: Route) -> None:
        sent.append(route.request.post_data or "")
        if len(sent) == 1:
            fail(route)
        else:
            route.continue_()

    someone.page.route("**/draft", answer)
    return sent


def test_who_writes_on_and_on_is_tried_again_all_the_same(visitor: Callable) -> None:
    someone = visitor(1280)
    someone.sign_in("hamza", DEMO_PASSWORD)
    open_lab(someone)
    write_with_a_link(someone, "safe")
    sent = failing_first(someone, lambda route: route.abort())
    write(someone, "not taken")
    status(someone, "Offline", 1)
    someone.page.evaluate(NOTE_STATES)
    deadline = time.monotonic() + WAITING_MS / 1000
    while len(sent) == 1:
        assert time.monotonic() < deadline
        write(someone, "and on")
        someone.page.wait_for_timeout(1500)
    status(someone, "Saved")
    states = someone.page.evaluate("window.states")
    assert "Kept" not in states[: states.index("Saved")]


@pytest.mark.parametrize("comes_online", [True, False])
def test_a_saving_that_is_never_answered_is_sent_again(visitor: Callable, *, comes_online: bool) -> None:
    someone = visitor(1280)
    someone.sign_in("hamza", DEMO_PASSWORD)
    open_lab(someone)
    failing_first(someone, lambda route: None)
    with someone.page.expect_request("**/draft"):
        write(someone, "into the void")
    if comes_online:
        someone.page.context.set_offline(True)
        someone.page.context.set_offline(False)
    status(someone, "Saved")
    assert server_has(someone, "into the void")


def test_a_submission_that_is_never_answered_goes_out_when_the_link_is_back(visitor: Callable) -> None:
    someone = visitor(1280)
    someone.sign_in("laila", DEMO_PASSWORD)
    open_lab(someone)
    someone.page.route("**/submit", lambda route: route.abort())
    someone.page.click("#lab-submit button[type=submit]")
    status(someone, "SubmittedHere")
    someone.page.close()
    someone.page = someone.page.context.new_page()
    held: list[Route] = []
    someone.page.route("**/submit", lambda route: route.continue_() if held else held.append(route))
    with someone.page.expect_request("**/submit"):
        someone.open("/results")
    someone.page.context.set_offline(True)
    someone.page.context.set_offline(False)
    expect(someone.page.locator("#outbox a")).to_be_visible(timeout=WAITING_MS)


def test_submissions_arrive_in_their_order_though_the_clock_was_set_back(visitor: Callable) -> None:
    someone = visitor(1280)
    someone.sign_in("hamza", DEMO_PASSWORD)
    open_lab(someone)
    before = someone.page.locator("main a[href*='/results/submissions/']").count()
    someone.page.route("**/submit", lambda route: route.abort())
    now = datetime.now(UTC)
    for count, (text, moment) in enumerate((("one", now), ("one and two", now - timedelta(hours=2))), 1):
        someone.page.clock.set_fixed_time(moment)
        write_with_a_link(someone, text)
        someone.page.click("#lab-submit button[type=submit]")
        status(someone, "SubmittedHere", count)
    someone.page.close()
    someone.page = someone.page.context.new_page()
    someone.open("/results")
    expect(someone.page.locator("#outbox a")).to_have_count(2, timeout=WAITING_MS)
    someone.open(f"{LAB}/history")
    rows = someone.page.locator("ol.steps li")
    expect(rows.filter(has_text=f"submitted as attempt {before + 1}")).to_have_count(1)
    expect(rows.filter(has_text=f"submitted as attempt {before + 2}")).to_contain_text("the present version")


@pytest.mark.parametrize("code", [400, 502])
def test_what_waits_arrives_before_what_is_handed_in_after_it(visitor: Callable, code: int) -> None:
    someone = visitor(1280)
    someone.sign_in("hamza", DEMO_PASSWORD)
    open_lab(someone)
    before = someone.page.locator("main a[href*='/results/submissions/']").count()
    someone.page.route("**/submit", lambda route: route.fulfill(status=code, body="not now"))
    write(someone, f"older {code}")
    wait_until(lambda: server_has(someone, f"# older {code}"))
    someone.page.click("#lab-submit button[type=submit]")
    status(someone, "SubmittedHere", 1)
    write(someone, f"newer {code}")
    wait_until(lambda: server_has(someone, f"# newer {code}"))
    someone.page.unroute("**/submit")
    someone.page.click("#lab-submit button[type=submit]")
    status(someone, "SubmittedNow")
    someone.open(f"{LAB}/history")
    rows = someone.page.locator("ol.steps li")
    expect(rows.filter(has_text=f"submitted as attempt {before + 1}")).to_have_count(1)
    expect(rows.filter(has_text=f"submitted as attempt {before + 2}")).to_contain_text("the present version")


def test_nothing_is_called_kept_that_a_full_browser_did_not_take(visitor: Callable) -> None:
    someone = visitor(360)
    someone.sign_in("kiran", DEMO_PASSWORD)
    open_lab(someone)
    someone.page.route("**/*", fail_when_sent)
    someone.page.evaluate(FULL)
    someone.page.click("#lab-submit button[type=submit]")
    status(someone, "NotSubmitted")
    someone.open("/learn/measure-to-manage/quiz")
    for item in someone.page.locator("#quiz fieldset").all():
        if item.locator(".choice input").count():
            item.locator(".choice input").first.check()
        else:
            item.locator("input").fill("1")
    someone.page.evaluate(FULL)
    someone.page.click("#quiz button[type=submit]")
    expect(someone.page.locator("#quiz-status")).to_have_attribute("data-state", "NotKept")
    expect(someone.page.locator("#quiz button[type=submit]")).to_be_enabled()


def fail_when_sent(route: Route) -> None:
    if route.request.method == "POST":
        route.fulfill(status=502, body="not now")
    else:
        route.continue_()


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
