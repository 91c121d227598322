"""What waited on a device and the academy does not take: shown with the reason, sent again, or taken away as a file."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from app.demo import DEMO_PASSWORD
from tests.browser.test_weak_link import LAB, WAITING_MS, server_has, wait_until

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

QUIZ = "/learn/measure-to-manage/quiz"
DESK = "/simulations/measure-to-manage/grievance"
NOTEBOOK = json.dumps({"cells": [], "metadata": {"said": "kept for later"}, "nbformat": 4, "nbformat_minor": 5})
LEAVE_BEHIND = """async ({ draft, submissions, play }) => {
  const script = document.querySelector("script[src*='js/page.js']").src;
  const outbox = await import(script.replace("page.js", "outbox.js"));
  const { person } = document.getElementById("outbox").dataset;
  if (draft) await outbox.keepDraft({ person, version: "0", number: 1, ...draft });
  for (const submission of submissions) await outbox.keepSubmission({ person, ...submission });
  if (play) await outbox.keepPlay({ person, ...play });
}"""


def leave_behind(someone) -> None:
    """A notebook, answers, a submission and a play, as pages that are closed by now would have left them."""
    said = {"contact": "", "elapsed": "0"}
    work = {
        "draft": {"address": f"{LAB}/draft", "text": NOTEBOOK},
        "submissions": [
            {"key": "a", "address": f"{QUIZ}/answers", "page": QUIZ, "fields": [["first", "one"]]},
            {"key": "b", "address": f"{LAB}/submit", "page": LAB, "text": "no notebook", "said": said},
        ],
        "play": {"address": f"{DESK}/played", "page": DESK, "runAddress": f"{DESK}/run.json", "number": 0, "done": []},
    }
    someone.page.evaluate(LEAVE_BEHIND, work)


def item(someone, name: str):
    return someone.page.locator("#refused li").filter(has=someone.page.get_by_role("link", name=name, exact=True))


def take_away(someone, name: str) -> Path:
    """Download the file, then take the thing off the device."""
    thing = item(someone, name)
    expect(thing.locator("[data-do=drop]")).to_be_hidden()
    with someone.page.expect_download() as arriving:
        thing.locator("[data-do=download]").click()
    thing.locator("[data-do=drop]").click()
    expect(thing).to_have_count(0)
    return Path(arriving.value.path())


def test_what_the_academy_does_not_take_is_shown_sent_again_or_taken_away(visitor: Callable) -> None:
    someone = visitor(360)
    someone.sign_in("junaid", DEMO_PASSWORD)
    someone.open("/learn")
    someone.page.context.route(
        f"**{LAB}/draft", lambda route: route.continue_(url=route.request.url.replace("grievances", "nowhere"))
    )
    leave_behind(someone)
    someone.open("/learn")
    expect(someone.page.locator("#refused li")).to_have_count(4, timeout=WAITING_MS)
    expect(item(someone, "A draft of a notebook")).to_contain_text("Page not found")
    expect(item(someone, "Your answers to a quiz")).to_contain_text("Question 1")
    expect(item(someone, "A notebook that you submitted")).to_contain_text("notebook")
    expect(item(someone, "What you played in a simulation")).to_contain_text("could not be read")
    someone.faults.clear()
    someone.check()

    with someone.page.expect_response(f"**{DESK}/played"):
        item(someone, "What you played in a simulation").locator("[data-do=again]").click()
    expect(someone.page.locator("#refused li")).to_have_count(4)

    someone.page.context.unroute_all()
    item(someone, "A draft of a notebook").locator("[data-do=again]").click()
    expect(someone.page.locator("#refused li")).to_have_count(3)
    wait_until(lambda: server_has(someone, "kept for later"))

    assert json.loads(take_away(someone, "Your answers to a quiz").read_text()) == {"fields": [["first", "one"]]}
    assert take_away(someone, "A notebook that you submitted").read_text() == "no notebook"
    assert json.loads(take_away(someone, "What you played in a simulation").read_text())["done"] == []
    expect(someone.page.locator("#refused")).to_be_hidden()
    someone.faults.clear()
    someone.open("/results")
    expect(someone.page.locator("#refused")).to_be_hidden()
    someone.check()


def test_a_quiz_takes_one_of_its_attempts_into_the_form_and_leaves_the_others_on_the_list(visitor: Callable) -> None:
    someone = visitor(360)
    someone.sign_in("junaid", DEMO_PASSWORD)
    someone.open(QUIZ)
    question = someone.page.locator("#quiz fieldset").filter(has=someone.page.locator(".choice")).first
    choices = question.locator(".choice input")
    name = choices.first.get_attribute("name")
    answers = [[[name, choices.nth(at).get_attribute("value")]] for at in (0, 1)]
    attempt = {"address": someone.page.locator("#quiz").evaluate("form => form.action"), "page": QUIZ}
    attempts = [{"key": key, "fields": fields, **attempt} for key, fields in zip("ab", answers, strict=True)]
    someone.open("/learn")
    someone.page.evaluate(LEAVE_BEHIND, {"submissions": attempts})
    someone.open("/learn")
    expect(someone.page.locator("#refused li")).to_have_count(2, timeout=WAITING_MS)
    someone.faults.clear()

    someone.open(QUIZ)
    expect(someone.page.locator("#quiz-status")).to_have_attribute("data-state", "Refused")
    expect(choices.nth(1)).to_be_checked()
    expect(choices.nth(0)).not_to_be_checked()
    someone.check()
    assert json.loads(take_away(someone, "Your answers to a quiz").read_text()) == {"fields": answers[0]}
    expect(someone.page.locator("#refused")).to_be_hidden()
