"""Two windows or computers write one notebook: whatever happens, both versions are kept and the trainee is told."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Route, expect

from app.demo import DEMO_PASSWORD
from tests.browser.test_weak_link import (
    LAB,
    WAITING_MS,
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

WAITING_DRAFTS = """() => new Promise((resolve) => {
  const opening = indexedDB.open("hunar");
  opening.onsuccess = () => {
    const all = opening.result.transaction("drafts").objectStore("drafts").getAll();
    all.onsuccess = () => { opening.result.close(); resolve(all.result.map(({ text }) => text)); };
  };
})"""


def waits_here(someone, text: str) -> bool:
    """Whether this is on this computer and waits for the link."""
    return any(text in draft for draft in someone.page.evaluate(WAITING_DRAFTS))


def write_unanswered(someone, text: str) -> None:
    """What is under way when a window is closed comes nowhere; what only waits is sent at the last moment."""
    someone.page.route("**/draft", lambda route: None)
    with someone.page.expect_request("**/draft"):
        write(someone, text)


def two_at_work(visitor: Callable, name: str) -> tuple:
    one, other = visitor(1280), visitor(1280)
    for someone in (one, other):
        someone.sign_in(name, DEMO_PASSWORD)
        open_lab(someone)
    return one, other


def told(someone) -> Locator:
    """The link of the notice on top of every page."""
    link = someone.page.locator("#outbox a")
    expect(link).to_be_visible(timeout=WAITING_MS)
    return link


def versions_with(someone, text: str) -> list[str]:
    """The texts of the listed versions, the present one left out, that hold this."""
    history = someone.page.request.get(f"{someone.settings.portal_origin}{LAB}/history").text()
    addresses = set(re.findall(rf'href="({LAB}/history/\d+)"', history))
    pages = [someone.page.request.get(someone.settings.portal_origin + address).text() for address in addresses]
    return [page for page in pages if text in page]


def test_a_choice_that_nobody_made_leaves_the_other_version_the_present_one(visitor: Callable) -> None:
    office, home = two_at_work(visitor, "ghazala")
    write(office, "from the office")
    status(office, "Saved")
    write(home, "from home")
    status(home, "Elsewhere")
    expect(home.page.locator("#lab-choice a")).to_be_visible()
    write(home, "one word more")
    wait_until(lambda: waits_here(home, "one word more"))
    close_and_open(home, "/results")
    both = told(home)
    assert server_has(home, "from the office")
    assert not server_has(home, "from home")
    both.click()
    expect(home.page.locator("main")).to_contain_text("one word more")


def test_who_opens_the_other_version_keeps_their_own_to_its_last_word(visitor: Callable) -> None:
    office, home = two_at_work(visitor, "nadia")
    write(office, "from the office")
    status(office, "Saved")
    home.page.route("**/draft?aside=yes", lambda route: route.abort())
    write(home, "from home")
    status(home, "Elsewhere")
    write(home, "one word more")
    wait_until(lambda: waits_here(home, "one word more"))
    home.page.click("#lab-choice [data-keep=other]")
    status(home, "Offline", 1)
    home.page.unroute_all()
    home.page.click("#lab-choice [data-keep=other]")
    expect(cell_with(home, "from the office")).to_be_visible(timeout=FIRST_START_MS)
    status(home, "Saved")
    assert not server_has(home, "from home")
    assert versions_with(home, "one word more")


def test_a_frame_that_is_loaded_anew_goes_on_with_its_own_work_and_the_other_windows_goes_beside_it(
    visitor: Callable,
) -> None:
    someone = visitor(1280)
    someone.sign_in("laila", DEMO_PASSWORD)
    open_lab(someone)
    first, someone.page = someone.page, someone.page.context.new_page()
    open_lab(someone)
    write_unanswered(someone, "of the second window")
    someone.page.close()
    someone.page = first
    first.route("**/draft", lambda route: route.abort())
    write(someone, "of the first window")
    wait_until(lambda: waits_here(someone, "of the first window"))
    first.frames[1].evaluate("location.reload()")
    cell_with(someone, "of the first window").wait_for(timeout=FIRST_START_MS)
    expect(cell_with(someone, "of the second window")).to_have_count(0)
    someone.page.unroute_all()
    close_and_open(someone, "/results")
    for text in ("of the first window", "of the second window"):
        wait_until(lambda text=text: not waits_here(someone, text))
        assert server_has(someone, text) or versions_with(someone, text)


def test_work_without_a_link_that_arrives_beside_a_newer_version_is_told_until_the_trainee_chooses(
    visitor: Callable,
) -> None:
    office, home = two_at_work(visitor, "bushra")
    home.page.context.set_offline(True)
    write(home, "a day without a link")
    status(home, "Offline", 1)
    write(office, "a word at the office")
    status(office, "Saved")
    home.faults.clear()
    close_and_open(home, "/learn")
    told(home)
    home.check()
    open_lab(home)
    notice = home.page.locator("#lab-aside")
    expect(notice).to_be_visible()
    home.check()
    notice.locator("a").click()
    expect(home.page.locator("main")).to_contain_text("a day without a link")
    home.open(LAB)
    notice.locator("button").click()
    expect(notice).to_be_hidden()
    home.page.reload()
    expect(home.page.locator("#lab-curiosity")).to_be_visible()
    expect(notice).to_be_hidden()
    office.page.reload()
    expect(office.page.locator("#lab-aside")).to_be_visible()


def test_starting_again_just_after_a_change_brings_the_original_and_keeps_the_change(visitor: Callable) -> None:
    someone = visitor(1280)
    someone.sign_in("nadia", DEMO_PASSWORD)
    open_lab(someone)
    write_with_a_link(someone, "one")
    someone.page.locator("details.confirm summary").click()
    write(someone, "just before")
    # On a slow machine it may be at the academy before anybody looks.
    wait_until(lambda: waits_here(someone, "just before") or server_has(someone, "just before"))
    someone.page.click("details.confirm button[type=submit]")
    someone.page.get_by_text("The notebook is the original again.").wait_for()
    open_lab(someone)
    expect(cell_with(someone, "just before")).to_have_count(0)
    expect(someone.page.locator("#lab-choice")).to_be_hidden()
    assert not server_has(someone, "just before")
    lab = f"{someone.settings.portal_origin}{LAB}"
    present = int(someone.page.request.get(f"{lab}/notebook.ipynb").headers["etag"].strip('W/"'))
    assert "just before" in someone.page.request.get(f"{lab}/history/{present - 1}").text()


ENDLESS = "import time\nwhile True:\n    print('of the old run', time.time())\n    time.sleep(0.02)"


# On a weak link the page is still there while the academy begins anew.
SUBMIT_LATER = """() => {
  const { submit } = HTMLFormElement.prototype;
  HTMLFormElement.prototype.submit = function () { setTimeout(() => submit.call(this), 5000); };
}"""


def start_again(someone) -> None:
    someone.page.locator("details.confirm summary").click()
    someone.page.click("details.confirm button[type=submit]")
    someone.page.get_by_text("The notebook is the original again.").wait_for(timeout=FIRST_START_MS)


def test_starting_again_ends_what_runs_and_nothing_of_it_comes_into_the_original(visitor: Callable) -> None:
    someone = visitor(1280)
    someone.sign_in("nadia", DEMO_PASSWORD)
    open_lab(someone)
    write(someone, f"endless\n{ENDLESS}")
    someone.page.keyboard.press("Control+Enter")
    cell_with(someone, "of the old run").locator(".jp-OutputArea-output").first.wait_for(timeout=FIRST_START_MS)
    someone.page.evaluate(SUBMIT_LATER)
    start_again(someone)
    open_lab(someone)
    expect(cell_with(someone, "of the old run")).to_have_count(0)
    expect(someone.page.locator("#lab-choice")).to_be_hidden()
    expect(someone.page.locator("#lab-aside")).to_have_count(0)
    assert not server_has(someone, "of the old run")
    assert not waits_here(someone, "of the old run")
    assert versions_with(someone, "endless")


def test_what_the_academy_refused_stays_out_of_the_original_and_what_is_written_then_is_saved(
    visitor: Callable,
) -> None:
    someone = visitor(360)
    someone.sign_in("nadia", DEMO_PASSWORD)
    open_lab(someone)
    someone.page.route("**/draft*", lambda route: route.fulfill(status=422, json={"message": "It was refused."}))
    write(someone, "words refused")
    status(someone, "Refused")
    start_again(someone)
    someone.page.unroute_all()
    open_lab(someone)
    expect(cell_with(someone, "words refused")).to_have_count(0)
    listed = someone.page.locator("#refused li")
    expect(listed).to_contain_text("It was refused.")
    write(someone, "newer than that")
    wait_until(lambda: server_has(someone, "newer than"))
    status(someone, "Saved")
    someone.faults.clear()
    someone.check()
    listed.locator("[data-do=again]").click()
    expect(listed).to_have_count(0)
    told(someone)
    assert server_has(someone, "newer than")
    assert versions_with(someone, "words refused")


def test_what_was_written_while_an_older_text_was_refused_is_sent(visitor: Callable) -> None:
    someone = visitor(1280)
    someone.sign_in("laila", DEMO_PASSWORD)
    open_lab(someone)
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    someone.page.route("**/draft", hold, times=1)
    with someone.page.expect_request("**/draft"):
        write(someone, "older")
    write(someone, "newer than older")
    wait_until(lambda: waits_here(someone, "newer than older"))
    someone.page.wait_for_timeout(8000)
    held[0].fulfill(status=422, json={"message": "It was refused."})
    status(someone, "Saved")
    assert server_has(someone, "newer than older")


def test_a_notebook_does_not_start_again_before_the_academy_has_what_was_written_last(visitor: Callable) -> None:
    someone = visitor(360)
    someone.sign_in("nadia", DEMO_PASSWORD)
    open_lab(someone)
    someone.page.route("**/draft*", lambda route: route.abort())
    write(someone, "only here")
    status(someone, "Offline", 1)
    someone.page.locator("details.confirm summary").click()
    someone.page.click("details.confirm button[type=submit]")
    expect(someone.page.locator("#lab-problem")).to_contain_text("has to reach the academy first")
    someone.faults.clear()
    someone.check()
    someone.page.unroute_all()
    someone.page.click("details.confirm button[type=submit]")
    someone.page.get_by_text("The notebook is the original again.").wait_for()
    assert not server_has(someone, "only here")


def test_going_on_from_a_version_waits_for_what_is_on_its_way(visitor: Callable) -> None:
    someone = visitor(1280)
    someone.sign_in("nadia", DEMO_PASSWORD)
    open_lab(someone)
    write_unanswered(someone, "on its way")
    someone.page.close()
    someone.page = someone.page.context.new_page()
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    someone.page.route("**/draft", hold)
    with someone.page.expect_request("**/draft"):
        someone.open(f"{LAB}/history")
    form = someone.page.locator("form[action$='/reset']")
    form.locator("button").click()
    expect(form.get_by_text("What is on this computer only goes to the academy first.")).to_be_visible()
    expect(form.locator("button")).to_be_disabled()
    someone.check()
    someone.page.wait_for_timeout(1000)
    [route] = held
    route.continue_()
    someone.page.get_by_text("The notebook is the original again.").wait_for()
    open_lab(someone)
    expect(someone.page.locator("#lab-choice")).to_be_hidden()
    assert not server_has(someone, "on its way")
    assert len(held) == 1
