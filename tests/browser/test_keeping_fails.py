"""Keeping a module: stopped, out of room, out of date, taken off again; and a quiz that the academy refuses later."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Route, expect

from app.demo import DEMO_PASSWORD
from tests.browser.test_keeping import MODULE, keeping, open_panel
from tests.browser.test_weak_link import WAITING_MS

pytestmark = [pytest.mark.browser, pytest.mark.timeout(900)]

PLENTY = """Object.defineProperty(StorageManager.prototype, "estimate", {
  value: async () => ({ quota: 500_000_000, usage: 0 }) });"""
SMALL_BYTES = 5_000_000
LARGE_FILE = re.compile(r"/pandas-[^/]*\.whl$")
LIST = re.compile(r"/kept-files\.json$")
HELD_BACK = """() => {
  const gate = new Promise((resolve) => { self.letThrough = resolve; });
  const really = self.fetch;
  self.hasArrived = new Promise((resolve) => {
    self.fetch = async (...asked) => {
      const answer = await really(...asked);
      if (typeof asked[0] !== "string") return answer;
      resolve();
      await gate;
      return answer;
    };
  });
}"""
STORES = "(async () => (await caches.keys()).filter(name => /^(shared|measure-to-manage) /.test(name)))()"


def press(someone, action: str) -> None:
    someone.page.click(f"#keep [data-do={action}]")


def megabytes_to_come(someone) -> float:
    """What the panel says, which it works out when the page is opened."""
    open_panel(someone)
    size = someone.page.locator("#keep-size")
    expect(size).to_contain_text("MB")
    return float(re.findall(r"[\d.]+", size.inner_text())[0])


def stores(someone) -> list[str]:
    frame = next(each for each in someone.page.frames if each.url.startswith(someone.settings.notebook_origin))
    return frame.evaluate(STORES)


@contextmanager
def room(someone, quota_bytes: int) -> Iterator[None]:
    """The notebook's origin gets this much, whatever the browser says about room before."""
    session = someone.page.context.new_cdp_session(someone.page)
    origin = {"origin": someone.settings.notebook_origin}
    session.send("Storage.overrideQuotaForOrigin", {**origin, "quotaSize": quota_bytes})
    yield
    session.send("Storage.overrideQuotaForOrigin", origin)


@contextmanager
def never_arriving(someone, address: re.Pattern[str]) -> Iterator[None]:
    """What is asked for at this address is not answered, so that keeping cannot come to its end."""
    someone.page.context.route(address, lambda _route: None)
    yield
    someone.page.context.unroute(address)


def test_keeping_is_stopped_gone_on_with_updated_when_asked_and_undone(visitor: Callable) -> None:
    someone = visitor(1280)
    someone.page.context.add_init_script(PLENTY)
    someone.sign_in("laila", DEMO_PASSWORD)
    before = megabytes_to_come(someone)

    with room(someone, SMALL_BYTES):
        press(someone, "keep")
        keeping(someone, "Full")
        someone.check()

    with never_arriving(someone, LARGE_FILE):
        press(someone, "keep")
        someone.page.wait_for_function("document.getElementById('keep-progress').value > 5e6", timeout=WAITING_MS)
        press(someone, "stop")
        keeping(someone, "Stopped")
        expect(someone.page.locator("#keep-progress")).to_be_hidden()
    assert megabytes_to_come(someone) < before
    press(someone, "keep")
    keeping(someone, "Kept")

    someone.page.context.route(LIST, of_a_newer_program)
    someone.open(MODULE)
    keeping(someone, "Newer")
    expect(someone.page.locator("#keep")).to_have_attribute("open", "")
    someone.check()
    [shared] = [name for name in stores(someone) if name.startswith("shared ")]
    own_list = someone.settings.portal_origin + someone.page.get_attribute("#keep", "data-list")
    someone.page.context.route(own_list, lambda route: route.abort())
    press(someone, "update")
    keeping(someone, "Broken")
    someone.page.context.unroute(own_list)
    someone.faults.clear()
    press(someone, "update")
    keeping(someone, "Kept")
    assert shared != "shared 0123456789ab"
    assert "shared 0123456789ab" in stores(someone)

    press(someone, "remove")
    keeping(someone, "Removed")
    assert stores(someone) == []
    expect(someone.page.locator("#keep-mark")).to_be_hidden()
    someone.page.context.unroute(LIST)
    assert megabytes_to_come(someone) == pytest.approx(before, abs=0.3)


def test_a_page_that_is_on_its_way_at_sign_out_is_kept_for_nobody(visitor: Callable) -> None:
    someone = visitor(1280)
    someone.sign_in("laila", DEMO_PASSWORD)
    someone.open(MODULE)
    someone.page.wait_for_function("navigator.serviceWorker.controller !== null", timeout=WAITING_MS)
    origin = someone.settings.portal_origin
    worker = next(each for each in someone.page.context.service_workers if each.url.startswith(origin))
    worker.evaluate(HELD_BACK)
    person = someone.page.get_attribute("#outbox", "data-person")
    worker.evaluate(
        "asked => { self.keeping = keepPage(asked).catch((error) => error.constructor.name); }",
        {"person": person, "address": MODULE, "language": "en"},
    )
    worker.evaluate("self.hasArrived")
    someone.page.click("#sign-out button")
    someone.page.wait_for_url("**/sign-in*")
    worker.evaluate("self.letThrough()")
    assert worker.evaluate("self.keeping") == "NotKept"
    assert (
        someone.page.evaluate("caches.keys().then(names => names.filter(name => name.startsWith('hunar-pages-')))")
        == []
    )


def of_a_newer_program(route: Route) -> None:
    """The list of files as a newer version would have it, whose contents are the same."""
    answer = route.fetch()
    listed = json.loads(answer.text())
    listed["shared"]["digest"] = "0123456789ab"
    route.fulfill(response=answer, body=json.dumps(listed))


def answer_without_a_link(someone, *, number: str) -> None:
    someone.open(f"{MODULE}/quiz")
    for item in someone.page.locator("#quiz fieldset").all():
        if item.locator(".choice input").count():
            item.locator(".choice input").first.check()
        else:
            item.locator("input").fill(number)
    someone.page.context.set_offline(True)
    someone.page.click("#quiz button[type=submit]")
    expect(someone.page.locator("#quiz-status")).to_have_attribute("data-state", "Waiting")


def test_an_open_quiz_no_longer_says_that_its_answers_wait_once_they_have_arrived(visitor: Callable) -> None:
    someone = visitor(360)
    someone.sign_in("laila", DEMO_PASSWORD)
    answer_without_a_link(someone, number="1")
    someone.page.context.set_offline(False)
    someone.faults.clear()
    expect(someone.page.locator("#outbox a[href*='/quiz-attempts/']")).to_be_visible(timeout=WAITING_MS)
    expect(someone.page.locator("#quiz-status")).to_have_attribute("data-state", "Arrived")
    expect(someone.page.locator("#quiz-status")).to_contain_text("پہنچ گئے")


def test_a_refused_quiz_comes_back_with_the_reason_and_the_answers(visitor: Callable) -> None:
    someone = visitor(360)
    someone.sign_in("laila", DEMO_PASSWORD)
    answer_without_a_link(someone, number="many")

    someone.page.click("#sign-out button")
    expect(someone.page.locator("#sign-out-warning")).to_be_focused()
    expect(someone.page.locator("#sign-out-warning")).to_contain_text("1")

    someone.page.context.set_offline(False)
    someone.faults.clear()
    expect(someone.page.locator("#quiz-status")).to_contain_text("سوال 2", timeout=WAITING_MS)
    expect(someone.page.locator("#quiz button[type=submit]")).to_be_enabled()
    expect(someone.page.locator("#refused")).to_be_hidden()
    number = someone.page.locator("#quiz input[inputmode=decimal]").first
    expect(number).to_have_value("many")
    expect(someone.page.locator("#quiz .choice input").first).to_be_checked()
    someone.open(f"{MODULE}/quiz")
    expect(someone.page.locator("#quiz-status")).to_be_empty()
    expect(number).to_have_value("")
