"""A class plays together: the instructor opens rounds, groups judge cases and decide, a memo is written and marked."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

import simulations
from app.demo import DEMO_PASSWORD

pytestmark = pytest.mark.browser

MODULE, SCENARIO = "vehicles-or-people", simulations.load("signals")
TITLE = "Thursday in class"
MEMO = "Cars gained nine seconds. Pedestrians paid with forty. Give them a stage of their own by Monday."
SCORING_MS = 600_000  # runs of other tests may be scored first


def arrive(visitor: Callable, name: str, width: int):
    someone = visitor(width)
    someone.sign_in(name, DEMO_PASSWORD)
    return someone


def set_the_exercise(bilal) -> str:
    bilal.open("/exercises")
    bilal.check()
    bilal.page.fill("#title", TITLE)
    options = bilal.page.locator(f"#simulation option[value$=':{SCENARIO.id}']")
    bilal.page.select_option("#simulation", options.first.get_attribute("value"))
    bilal.page.check("input[name=pace][value=together]")
    bilal.page.click("main form button[type=submit]")
    bilal.page.wait_for_url("**/board")
    bilal.check()
    return bilal.page.url.split("/")[-2]


def judge_the_cases(someone, *, check: bool = False) -> None:
    """The first answer to each case, kept after the advice."""
    for step in ("first", "final"):
        form = someone.page.locator("form[action$='/cases']")
        form.locator(f"button[value={step}]").wait_for()
        for case in form.locator("fieldset").all():
            if step == "first":
                case.locator("input[type=radio]").first.check()
        if check:
            someone.check()
        form.locator(f"button[value={step}]").click()
    expect(someone.page.locator("form[action$='/cases']")).to_have_count(0)


def decide(someone, round_number: int) -> None:
    someone.page.wait_for_selector(f"input[name=round][value='{round_number}']", state="attached")
    someone.page.click("form[data-act=decide] button[type=submit]")


def mark_the_memo(bilal) -> None:
    bilal.open("/marking")
    bilal.check()
    bilal.page.click("main table a[href^='/marking/run/']")
    expect(bilal.page.locator(".answer")).to_contain_text("Pedestrians paid with forty")
    for row, level in (("evidence", "high"), ("trade_off", "middle"), ("recommendation", "low")):
        bilal.page.check(f"input[name=row_{row}][value={level}]")
    bilal.check()
    bilal.page.keyboard.press("Control+Enter")
    expect(bilal.page.locator("body")).to_contain_text("The mark is saved.")
    bilal.check()


def look_at_the_mark(someone) -> None:
    """What the memo counts for in the skill record."""
    someone.open("/record")
    someone.page.click(".skills .skill-name:has-text('D4.2')")
    expect(someone.page.locator("main table.evidence")).to_contain_text("marked by a person, counts for 75%")
    someone.check()


@pytest.mark.timeout(1200)
def test_a_class_plays_a_simulation_together(visitor: Callable) -> None:
    bilal = arrive(visitor, "bilal", 1280)
    number = set_the_exercise(bilal)
    amina, bushra = arrive(visitor, "amina", 1280), arrive(visitor, "bushra", 360)
    for someone, team in ((amina, "Table 1"), (bushra, "میز ۲")):
        someone.open(f"/simulations/{MODULE}/{SCENARIO.id}")
        someone.page.locator("main a[href*='/exercises/']").first.click()
        someone.check()
        someone.page.fill("#team", team)
        someone.page.click("main form button[type=submit]")
        someone.check()
        judge_the_cases(someone, check=True)
        someone.check()
        decide(someone, 1)
    expect(amina.page.locator("#awaited")).to_contain_text("has not opened round 2")
    amina.page.fill("#note", "we wait for the bell")
    amina.page.click("form[data-act=decide] button[type=submit]")
    expect(amina.page.locator("[role=alert]")).to_contain_text("has not opened round 2")
    expect(amina.page.locator("#note")).to_have_value("we wait for the bell")
    amina.faults.clear()  # the browser notes the refusal (409) itself
    amina.check()
    for round_number in range(2, SCENARIO.rounds + 1):
        bilal.page.click("button[value=open_round]")
        expect(bilal.page.locator("main form")).to_contain_text(f"Round {round_number} of {SCENARIO.rounds} is open")
    expect(amina.page.locator("#awaited")).to_contain_text("Round 2 is open")
    for round_number in range(2, SCENARIO.rounds + 1):
        judge_the_cases(amina)
        decide(amina, round_number)
    amina.page.wait_for_url("**/runs/*")
    debrief = amina.page.url.removeprefix(amina.settings.portal_origin)
    expect(amina.page.locator("main")).to_contain_text("The exercise is still open")
    amina.page.fill("#memo-text", MEMO)
    amina.page.reload()
    expect(amina.page.locator("#memo-text")).to_have_value(MEMO)
    amina.page.click("form[action$='/memo'] button")
    amina.check()

    bilal.open(f"/exercises/{number}/board")
    expect(bilal.page.locator("#board")).to_contain_text(f"{SCENARIO.rounds} of {SCENARIO.rounds}")
    bilal.page.click("button[value=close]")
    bilal.check()
    mark_the_memo(bilal)
    look_at_the_mark(amina)

    amina.open(debrief)
    expect(amina.page.locator("#outcome")).to_contain_text("Who gained and who lost", timeout=SCORING_MS)
    expect(amina.page.locator("#decision")).to_contain_text("Decision score:", timeout=SCORING_MS)
    expect(amina.page.locator("main")).to_contain_text("The cases you judged")
    amina.check()
    bushra.open(f"/exercises/{number}")
    bushra.check()
