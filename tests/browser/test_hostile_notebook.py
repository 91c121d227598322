"""A hostile notebook that an instructor opens and marks can neither act with their session nor load anything."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Frame, Request, expect

from app.demo import DEMO_PASSWORD
from config import ROOT
from tests.browser.conftest import Visitor
from tests.browser.test_class import GRADING_MS, LAB, hand_in

pytestmark = [pytest.mark.browser, pytest.mark.timeout(400)]

SEEN = "an honest looking sentence"
# Whatever works asks for an address with TAKEN in it, changes the title, or signs the reader out.
TAKEN = "taken"
DEED = f"top.document.title='{TAKEN}';fetch('/{TAKEN}');parent.postMessage({{hunar:1,event:'ready'}},'*')"
ATTACK = f"""<p>{SEEN}</p>
<script>{DEED}</script>
<img src="/{TAKEN}.png" onerror="{DEED}">
<svg onload="{DEED}"><image href="/{TAKEN}.svg"></image></svg>
<iframe src="/sign-out?{TAKEN}" srcdoc="&lt;script&gt;{DEED}&lt;/script&gt;"></iframe>
<form id="out" action="/sign-out?{TAKEN}" method="post"><button autofocus onfocus="this.form.submit()">x</button></form>
<meta http-equiv="refresh" content="0;url=/{TAKEN}">
<link rel="stylesheet" href="/{TAKEN}.css"><style>@import url("/{TAKEN}.css"); p {{ background: url(/{TAKEN}) }}</style>
<base href="http://{TAKEN}.example/"><object data="/{TAKEN}"></object><embed src="/{TAKEN}">
<details open ontoggle="{DEED}">x</details>
<a href="javascript:{DEED}">a link to press</a>
"""
DRAWING = f'<svg xmlns="http://www.w3.org/2000/svg" onload="{DEED}"><text>x</text></svg>'
FORMULA = "$\\href{javascript:" + DEED + "}{x}$"
CODE = f"""
from IPython.display import HTML, Javascript, display
display(HTML({ATTACK!r}), Javascript({DEED!r}))
display({{"image/svg+xml": {DRAWING!r}}}, raw=True)
display({{"text/markdown": {ATTACK!r}, "text/latex": {FORMULA!r}}}, raw=True)
print({ATTACK!r})
"""


def hostile_file(folder: Path) -> Path:
    """The author's notebook with the attack in its text, in what its code shows, in its errors and in its metadata."""
    notebook = json.loads((ROOT / "modules" / LAB / "source.ipynb").read_text("utf-8"))
    notebook["metadata"]["title"] = ATTACK
    for cell in notebook["cells"]:
        grade_id = cell["metadata"].get("nbgrader", {}).get("grade_id")
        if grade_id == "look":
            cell["source"] = "".join(cell["source"]) + CODE
        if grade_id == "answer":
            cell["source"] = ATTACK
        if grade_id == "chart":
            cell["source"] = f"raise ValueError({ATTACK!r})"
    path = folder / "hostile.ipynb"
    path.write_text(json.dumps(notebook), "utf-8")
    return path


def feedback_frame(someone: Visitor) -> Frame:
    handle = someone.page.locator("iframe.feedback-frame").element_handle()
    frame = handle.content_frame() if handle else None
    assert frame is not None
    return frame


def test_a_hostile_notebook_gains_nothing_from_its_reader(visitor: Callable[[int], Visitor], tmp_path: Path) -> None:
    trainee, bilal = visitor(1280), visitor(1280)
    trainee.sign_in("nadia", DEMO_PASSWORD)
    address = hand_in(trainee, hostile_file(tmp_path))
    expect(trainee.page.locator("iframe.feedback-frame")).to_be_visible(timeout=GRADING_MS)
    bilal.sign_in("bilal", DEMO_PASSWORD)
    asked: list[Request] = []

    def note(request: Request) -> None:
        asked.append(request)

    bilal.page.context.on("request", note)

    bilal.open(address)
    frame = feedback_frame(bilal)
    frame.wait_for_load_state()
    # A device without Urdu letters gets them, though the page loads nothing else.
    assert frame.evaluate("document.fonts.load('16px \"Hunar Naskh\"', 'شکایت').then((fonts) => fonts.length)") == 1
    # It is all there to be read: as text, or without what acts.
    assert frame.locator("p", has_text=SEEN).count() >= 2
    assert "<script>top.document" in frame.locator("body").inner_text()
    for link in frame.get_by_text("a link to press", exact=True).all():
        link.click(force=True)
    bilal.open(f"{address.replace('/results/submissions/', '/marking/submission/')}/answer")
    expect(bilal.page.locator(".answer")).to_contain_text(f"<p>{SEEN}</p>")
    bilal.open(address)
    bilal.page.wait_for_load_state("networkidle")

    assert [request.url for request in asked if TAKEN in request.url] == []
    assert [request.url for request in asked if request.method != "GET"] == []
    assert TAKEN not in bilal.page.title()
    assert bilal.page.url.endswith(address)
    expect(bilal.page.locator("#sign-out")).to_be_visible()
    expect(bilal.page.locator(".who")).to_contain_text(re.compile("Bilal", re.IGNORECASE))
    refused = re.compile("sandboxed|Content Security Policy")
    assert [fault for fault in bilal.faults if not refused.search(fault)] == []
