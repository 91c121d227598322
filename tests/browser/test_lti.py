"""A course of another site shows Hunar in a frame: a part is chosen there, opened in a window, and scored there."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from urllib.parse import urlencode

import pytest
import requests
from playwright.sync_api import Browser, BrowserContext, Page, expect

from app.demo import DEMO_PASSWORD
from config import Settings
from tests.app.lti import learning_platform
from tests.app.lti.learning_platform import CLIENT, DEPLOYMENT, LearningPlatform

pytestmark = pytest.mark.browser

QUIZ = "/learn/measure-to-manage/quiz"
WAIT_SECONDS = 180


@pytest.fixture
def lms() -> Iterator[LearningPlatform]:
    # Another site than 127.0.0.1, so that its frames hold no cookies of the portal.
    with learning_platform.running("localhost") as running:
        yield running


@pytest.fixture
def context(chromium: Browser) -> Iterator[BrowserContext]:
    opened = chromium.new_context(viewport={"width": 1280, "height": 900}, locale="en-GB")
    yield opened
    opened.close()


def register(visitor: Callable, lms: LearningPlatform, width: int) -> str:
    """An administrator registers the platform; the academy's slug."""
    farid = visitor(width)
    farid.sign_in("farid", DEMO_PASSWORD)
    farid.open("/administration/platforms")
    farid.check()
    slug = farid.page.locator("main code").first.inner_text().split("/lti/")[1].split("/")[0]
    farid.open("/administration/platforms/new")
    farid.page.click("main form button[type=submit]")
    farid.page.wait_for_selector(".error-summary")
    # The answer to a form with mistakes is 422, which a console calls an error.
    farid.faults.clear()
    farid.check()
    typed = {
        "name": f"Moodle {width}",
        "site": lms.origin,
        "issuer": lms.origin,
        "client_id": CLIENT,
        "deployment_ids": DEPLOYMENT,
        "login_address": f"{lms.origin}/auth",
        "token_address": f"{lms.origin}/token",
        "keys_address": f"{lms.origin}/keys",
    }
    for name, value in typed.items():
        farid.page.fill(f"#{name}", value)
    farid.page.check("#makes_accounts")
    farid.page.click("main form button[type=submit]")
    farid.page.wait_for_selector(".alert-success")
    farid.check()
    here = farid.page.url
    farid.open("/administration/platforms/scores")
    farid.check()
    farid.page.goto(f"{here}/remove")
    farid.check()
    return slug


def framed(page: Page, lms: LearningPlatform, settings: Settings, slug: str, target: str) -> None:
    """Open the course with a frame in which the platform asks Hunar to ask who this is."""
    asked = {
        "iss": lms.origin,
        "login_hint": "7",
        "client_id": CLIENT,
        "target_link_uri": target,
        "lti_message_hint": target,
    }
    address = f"{settings.portal_origin}/lti/{slug}/login?{urlencode(asked)}"
    page.goto(f"{lms.origin}/course?{urlencode({'src': address})}")


@pytest.mark.timeout(600)
@pytest.mark.parametrize("width", [360, 1280])
def test_a_part_is_chosen_opened_and_scored(
    visitor: Callable, lms: LearningPlatform, context: BrowserContext, product: Settings, width: int
) -> None:
    slug = register(visitor, lms, width)
    lms.tool_keys = requests.get(f"{product.portal_origin}/lti/{slug}/keys.json", timeout=10).json()
    page = context.new_page()
    page.set_viewport_size({"width": width, "height": 900})

    framed(page, lms, product, slug, f"{product.portal_origin}/lti/{slug}/choose")
    frame = page.frame_locator("iframe")
    frame.locator(f"input[value='{QUIZ}']").check()
    frame.locator("button.btn-primary").click()
    expect(frame.locator("body")).to_have_text("Chosen")
    assert len(lms.returned) == 1

    framed(page, lms, product, slug, product.portal_origin + QUIZ)
    with context.expect_page() as opened:
        frame.locator("a.btn").click()
    window = opened.value
    window.wait_for_url("**/lti/launches/*")
    window.get_by_role("button", name="make me an account").click()
    window.wait_for_url(f"**{QUIZ}")
    answer(window)

    until = time.monotonic() + WAIT_SECONDS
    while not lms.scores and time.monotonic() < until:
        time.sleep(0.2)
    assert [each["userId"] for each in lms.scores] == ["person-1"]

    # The second time nobody presses anything.
    framed(page, lms, product, slug, product.portal_origin + QUIZ)
    with context.expect_page() as opened:
        frame.locator("a.btn").click()
    opened.value.wait_for_url(f"**{QUIZ}")


def answer(page: Page) -> None:
    """Some answer to each question."""
    for question in page.locator("#quiz fieldset").all():
        first = question.locator("input").first
        if first.get_attribute("type") in {"radio", "checkbox"}:
            first.check()
        else:
            first.fill("1")
    page.locator("#quiz button[type=submit]").click()
    page.wait_for_url("**/quiz-attempts/*")
