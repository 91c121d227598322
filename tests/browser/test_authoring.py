"""An instructor makes a cell a test with points, previews, has it checked and publishes; a trainee then gets it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from app.demo import DEMO_PASSWORD
from config import Settings
from tests.browser.conftest import Visitor
from tests.browser.test_keeping import keeping, open_panel
from tests.browser.test_whole_way import FIRST_START_MS, GRADING_MS, cell_with, run_cell
from tools.product import running

pytestmark = [pytest.mark.browser, pytest.mark.timeout(900)]
LAB = "/authoring/measure-to-manage/grievances"
TEST = "assert len(complaints) == row_count"


def state(someone, name: str) -> None:
    expect(someone.page.locator("#lab-status")).to_have_attribute("data-state", name, timeout=FIRST_START_MS)


def add_a_cell_below(someone, name: str, text: str) -> None:
    """Below the cell of this name, which is chosen from the list by the keyboard."""
    frame = someone.page.frame_locator("iframe.notebook-frame")
    chosen = someone.page.locator("#cell-list button", has_text=name).first
    chosen.focus()
    someone.page.keyboard.press("Enter")
    expect(chosen).to_have_attribute("aria-current", "true")
    frame.locator("[data-jp-item-name=insert]").click()
    frame.locator(".jp-CodeCell.jp-mod-active .cm-content").click()
    someone.page.keyboard.insert_text(text)
    expect(someone.page.locator("#cell-list button[aria-current]")).to_contain_text(text)


def choose_language(someone, other: str) -> None:
    someone.page.click(f".site-account button[value={other}]")
    expect(someone.page.locator("html")).to_have_attribute("lang", other)


def look_at_words_and_pack(someone) -> None:
    """On the narrow page in Urdu: a hint is written, a rubric gets more room and is refused, the pack is as it was."""
    page = someone.page
    someone.open(f"{LAB}/words")
    someone.check()
    page.click("a[href$='words/same-count']")
    page.fill("#en", "Count both.")
    page.fill("#ur", "دونوں گنیں۔")
    page.click("form[action$=same-count] button")
    expect(page.locator("#ur")).to_have_value("دونوں گنیں۔")
    someone.check()
    someone.open(f"{LAB}/words/answer")
    questions = page.locator("form[action$=answer] > fieldset")
    before = questions.count()
    page.fill(f"#rows-{before - 1}-en", "Is it short?")
    page.click("button[name=more]")
    expect(questions).to_have_count(before + 1)
    someone.check()
    page.click("form[action$=answer] button:not([name=more])")
    expect(page.locator(".error-summary a").first).to_be_visible()
    # The browser notes the status of a refused form; nothing else went wrong.
    [noted] = someone.faults
    assert "422" in noted
    someone.faults.clear()
    someone.check()
    someone.open(f"{LAB}/pack")
    someone.check()


@pytest.fixture(scope="module")
def authored(
    tmp_path_factory: pytest.TempPathFactory, furnished: Callable[[Path], dict[str, str]]
) -> Iterator[Settings]:
    """A product of its own, since what is published here would change the lab of every other test."""
    folder = tmp_path_factory.mktemp("authored")
    with running(furnished(folder), folder / "log") as settings:
        yield settings


def describe_a_lab(page: Page, title: str) -> None:
    typed = {"heading-en": title, "heading-ur": "انتظار کس کا؟", "summary-en": "Waiting.", "summary-ur": "انتظار۔"}
    for name, text in (typed | {"minutes": "30"}).items():
        page.fill(f"[name={name}]", text)
    page.check("input[value='D2.1']")
    page.click("main button[type=submit]")


def begin_a_lab(instructor: Visitor) -> None:
    """One of the academy's own; its first notebook opens with the data that it reads."""
    page = instructor.page
    page.click("a[href='/authoring/new']")
    page.click("main button[type=submit]")
    expect(page.locator(".error-summary")).to_be_focused()
    instructor.faults.clear()
    instructor.check()
    describe_a_lab(page, "Who waits?")
    page.wait_for_url("**/own-who-waits")
    state(instructor, "Ready")
    expect(page.locator("#cell-list")).to_contain_text("Tests with points")
    instructor.check()


def test_an_instructor_writes_previews_checks_and_publishes_a_lab(arrival: Callable, authored: Settings) -> None:
    instructor, trainee = arrival(1280, authored), arrival(1280, authored)
    page = instructor.page
    instructor.sign_in("bilal", DEMO_PASSWORD)
    instructor.open("/authoring")
    instructor.check()
    begin_a_lab(instructor)
    instructor.open("/authoring")
    page.click("table a[href$=grievances]")
    state(instructor, "Ready")
    instructor.check()

    add_a_cell_below(instructor, "assert row_count", TEST)
    page.select_option("#cell-kind", "tests")
    expect(page.locator("#cell-list button[aria-current] [data-part=points]")).to_have_text("Points: 1")
    name = page.input_value("#cell-name")
    assert name.startswith("tests-")
    page.fill("#cell-name", "look-check")
    page.press("#cell-name", "Tab")
    expect(page.locator("#cell-name-error")).to_contain_text("has this name already")
    page.fill("#cell-name", "same-count")
    page.fill("#cell-points", "۲")
    page.press("#cell-points", "Tab")
    expect(page.locator("#cell-list button[aria-current] [data-part=points]")).to_have_text("Points: 2")
    page.click("[data-wrap='HIDDEN TESTS']")
    state(instructor, "Saved")
    instructor.check()

    page.click("#lab-preview")
    state(instructor, "Open")
    instructor.check()
    page.go_back()
    state(instructor, "Saved")
    expect(page.locator("#cell-list button", has_text="HIDDEN TESTS").first).to_be_visible()
    choose_language(instructor, "ur")
    page.set_viewport_size({"width": 360, "height": 800})
    state(instructor, "Saved")
    instructor.check()
    page.click("#lab-check-form button")
    expect(page.locator("#reason")).to_be_visible(timeout=GRADING_MS)
    instructor.check()
    page.fill("#reason", "شمار کی ایک اور آزمائش")
    page.click("form[action$=publish] button")
    page.wait_for_url("**/versions")
    instructor.check()
    look_at_words_and_pack(instructor)
    choose_language(instructor, "en")

    trainee.sign_in("hamza", DEMO_PASSWORD)
    given = trainee.page.request.get(
        f"{trainee.settings.portal_origin}/notebooks/measure-to-manage/grievances/notebook.ipynb"
    ).text()
    assert "same-count" in given
    assert TEST not in given


OWN = "/authoring/measure-to-manage/own-our-wards"
WARDS = "ward,waiting\nمردان,12\nSwabi,7\nHoti,9\n".encode()


def bring_data(instructor: Visitor) -> None:
    """A lab over data of the academy's own: a file of people is refused, one of wards is shown."""
    page = instructor.page
    page.select_option("[name=data_of]", "measure-to-manage/")
    describe_a_lab(page, "Our wards")
    page.wait_for_url("**/own-our-wards/data")
    instructor.check()
    people = {"name": "people.csv", "mimeType": "text/csv", "buffer": b"cnic,days\n16101-1234567-1,3\n"}
    page.set_input_files("[name=files]", people)
    page.check("input[value=nobody]")
    page.click("form[action$=data] button")
    expect(page.locator(".error-summary")).to_contain_text("CNIC numbers")
    instructor.faults.clear()
    page.set_viewport_size({"width": 360, "height": 800})
    instructor.check()
    choose_language(instructor, "ur")
    instructor.open(f"{OWN}/data")
    page.set_input_files("[name=files]", {"name": "wards.csv", "mimeType": "text/csv", "buffer": WARDS})
    page.check("input[value=nobody]")
    page.click("form[action$=data] button")
    expect(page.locator("section table").last).to_contain_text("مردان")
    instructor.check()
    choose_language(instructor, "en")
    page.set_viewport_size({"width": 1280, "height": 900})
    instructor.check()


def read_the_wards(someone: Visitor) -> None:
    loading = cell_with(someone, "read_csv")
    run_cell(someone, loading)
    expect(loading.locator(".jp-OutputArea-output table")).to_contain_text("مردان", timeout=FIRST_START_MS)


def test_a_trainee_works_on_data_that_an_instructor_brought(arrival: Callable, authored: Settings) -> None:
    instructor, trainee = arrival(1280, authored), arrival(1280, authored)
    page = instructor.page
    instructor.sign_in("bilal", DEMO_PASSWORD)
    instructor.open("/authoring/new")
    bring_data(instructor)
    page.click("main p.actions a[href$=own-our-wards]")
    state(instructor, "Saved")
    add_a_cell_below(instructor, "BEGIN SOLUTION", 'wards["waiting"].max()')
    state(instructor, "Saved")
    read_the_wards(instructor)
    page.click("#lab-preview")
    state(instructor, "Open")
    read_the_wards(instructor)
    page.go_back()
    state(instructor, "Saved")
    page.click("#lab-check-form button")
    page.fill("#reason", "Wards of our own district.", timeout=GRADING_MS)
    page.click("form[action$=publish] button")
    page.wait_for_url("**/versions")
    instructor.check()
    page.click("a[href*='data/states']")
    instructor.check()

    trainee.sign_in("amina", DEMO_PASSWORD)
    trainee.open("/notebooks/measure-to-manage/own-our-wards")
    read_the_wards(trainee)
    run_cell(trainee, cell_with(trainee, "YOUR CODE HERE"), "row_count = len(wards)")
    expect(trainee.page.locator("#lab-status")).to_contain_text("Safe at the academy")
    trainee.page.click("#lab-submit button[type=submit]")
    expect(trainee.page.locator("#first-check")).to_contain_text("passed", timeout=GRADING_MS)
    trainee.check()
    open_panel(trainee)
    trainee.page.click("#keep [data-do=keep]")
    keeping(trainee, "Kept")
    trainee.page.context.set_offline(True)
    trainee.open("/notebooks/measure-to-manage/own-our-wards")
    expect(trainee.page.locator("#kept-copy")).to_be_visible()
    read_the_wards(trainee)
