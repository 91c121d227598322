"""A module kept on a device opens, runs and saves while nothing answers, and is one person's only."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from app.demo import DEMO_PASSWORD
from config import Settings
from tests.browser.test_weak_link import LAB, WAITING_MS, cell_with, server_has, status, wait_until
from tests.browser.test_whole_way import FIRST_START_MS
from tools.product import running

pytestmark = [pytest.mark.browser, pytest.mark.timeout(900)]

MODULE = "/learn/measure-to-manage"
LESSON = f"{MODULE}/why-measure"
URDU = re.compile("[\u0600-\u06ff]")
KEEPING_MS = 180_000
PLOT = """import pandas as pd
everything = pd.read_csv("complaints.csv")
everything.head(20).plot()
print(len(everything) > 20_000, "rows at hand")
"""
DESK = "/simulations/measure-to-manage/grievance"
NO_ROOM = """Object.defineProperty(StorageManager.prototype, "estimate", {
  value: async () => ({ quota: 5_000_000, usage: 4_000_000 }) });"""


def open_panel(someone) -> None:
    someone.open(MODULE)
    someone.page.click("#keep summary")
    keeping(someone, "NotKept")


def keeping(someone, state: str) -> None:
    expect(someone.page.locator("#keep-status")).to_have_attribute("data-state", state, timeout=KEEPING_MS)


def plot(someone) -> None:
    """Write and run a cell that reads the lab's data with pandas and draws."""
    someone.open(LAB)
    someone.page.locator("iframe.notebook-frame").scroll_into_view_if_needed()
    cell_with(someone, "read_csv").locator(".cm-content").click(timeout=FIRST_START_MS)
    someone.page.keyboard.press("Control+Home")
    someone.page.keyboard.insert_text(PLOT)
    someone.page.keyboard.press("Shift+Enter")
    drawn = cell_with(someone, "rows at hand").locator(".jp-OutputArea-output img")
    expect(drawn).to_be_visible(timeout=FIRST_START_MS)
    expect(cell_with(someone, "rows at hand")).to_contain_text("True rows at hand")


def answer_the_quiz(someone) -> None:
    """Send too little first, then an answer to each question."""
    someone.open(f"{MODULE}/quiz")
    someone.page.click("#quiz button[type=submit]")
    expect(someone.page.locator("#quiz-status")).to_have_attribute("data-state", "Incomplete")
    for item in someone.page.locator("#quiz fieldset").all():
        if item.locator(".choice input").count():
            item.locator(".choice input").first.check()
        else:
            item.locator("input").fill("1")
    someone.page.click("#quiz button[type=submit]")
    expect(someone.page.locator("#quiz-status")).to_have_attribute("data-state", "Waiting")


def play_two_rounds(someone) -> str:
    """Begin a run and decide two rounds on the device; the office as it then stands."""
    someone.open(DESK)
    state = someone.page.locator("#device")
    expect(state).to_have_attribute("data-state", "Playing", timeout=FIRST_START_MS)
    someone.page.click("#desk [data-act=start] button[type=submit]")
    heading = someone.page.locator("#desk h1")
    for number in (1, 2):
        expect(heading).to_contain_text(f"Round {number} of", timeout=FIRST_START_MS)
        someone.page.click("#desk [data-act=decide] button[type=submit]")
    expect(heading).to_contain_text("Round 3 of", timeout=FIRST_START_MS)
    someone.open(DESK)
    expect(state).to_have_attribute("data-state", "Waiting", timeout=FIRST_START_MS)
    expect(heading).to_contain_text("Round 3 of")
    someone.faults.clear()
    someone.check()
    return str(someone.page.locator(".figure-row").inner_text())


def hand_over_to_another(someone) -> None:
    """Sign out, and another person signs in on the same device."""
    someone.page.click("#sign-out button")
    someone.page.wait_for_url("**/sign-in")
    someone.faults.clear()
    someone.sign_in("bushra", DEMO_PASSWORD)
    someone.page.wait_for_url("**/learn")


def read_in_urdu(someone) -> None:
    """Without a link: change the language by the header, read lesson, quiz and lab in it, and change back."""
    page = someone.page
    someone.open(MODULE)
    page.click(".site-account button[value=ur]")
    for address, seen in ((MODULE, "ol.steps"), (LESSON, "article.lesson"), (f"{MODULE}/quiz", "#quiz"), (LAB, "#lab")):
        someone.open(address)
        expect(page.locator("html[lang=ur][dir=rtl][data-kept-at]")).to_have_count(1)
        expect(page.locator(seen)).to_be_visible()
        expect(page.locator("h1")).to_contain_text(URDU)
    page.click(".site-account button[value=en]")
    expect(page.locator("html[lang=en][dir=ltr][data-kept-at]")).to_have_count(1)
    assert page.url.rstrip("?").endswith(LAB)
    someone.open(f"{MODULE}/quiz")
    expect(page.locator("html[lang=en]")).to_have_count(1)
    someone.faults.clear()
    someone.check()


def test_a_kept_module_works_while_nothing_answers(arrival: Callable, furnished: Callable, tmp_path: Path) -> None:
    environment = furnished(tmp_path)
    settings = Settings.from_environment(environment)
    someone, cramped = arrival(1280, settings), arrival(360, settings)
    cramped.page.context.add_init_script(NO_ROOM)
    with running(environment, tmp_path / "first.log"):
        cramped.sign_in("erum", DEMO_PASSWORD)
        open_panel(cramped)
        cramped.page.click("#keep [data-do=keep]")
        keeping(cramped, "NoRoom")
        cramped.check()
        someone.sign_in("amina", DEMO_PASSWORD)
        open_panel(someone)
        expect(someone.page.locator("#keep-size")).to_contain_text("MB")
        someone.check()
        someone.page.click("#keep [data-do=keep]")
        keeping(someone, "Kept")
        expect(someone.page.locator("#keep [data-do=remove]")).to_be_visible()
        someone.check()

    # Nothing answers any more, neither the portal nor the notebooks.
    someone.open(MODULE)
    expect(someone.page.locator("#kept-copy")).to_be_visible()
    someone.faults.clear()
    someone.check()
    someone.page.click("ol.steps a")
    expect(someone.page.locator("article.lesson")).to_be_visible()
    someone.open("/runs/1")
    expect(someone.page.locator("div[lang=en] [data-why=simulation]")).to_be_visible()
    someone.faults.clear()
    read_in_urdu(someone)
    played = play_two_rounds(someone)
    someone.open("/results")
    expect(someone.page.locator("div[lang=ur] [data-kept] a")).to_have_attribute("href", MODULE)
    someone.faults.clear()
    someone.check()
    answer_the_quiz(someone)
    plot(someone)
    status(someone, "Offline", 3)

    with running(environment, tmp_path / "second.log"):
        wait_until(lambda: server_has(someone, "rows at hand"))
        expect(someone.page.locator("#outbox a[href*='/quiz-attempts/']")).to_be_visible(timeout=WAITING_MS)
        expect(someone.page.locator(f"#outbox a[href='{DESK}']")).to_be_visible(timeout=WAITING_MS)
        status(someone, "Saved")
        someone.open(DESK)
        expect(someone.page.locator("#device")).to_be_hidden()
        expect(someone.page.locator("#desk h1")).to_contain_text("Round 3 of")
        assert someone.page.locator(".figure-row").inner_text() == played
        hand_over_to_another(someone)

    for page in (MODULE, LAB, "/learn"):
        someone.open(page)
        expect(someone.page.locator("div[lang=ur] [data-nothing]")).to_be_visible()
    someone.faults.clear()
    someone.check()
