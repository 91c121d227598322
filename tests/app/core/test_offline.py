"""The portal as an application: manifest, service worker, the page for no link, and whose an answer is."""

from __future__ import annotations

import re
from collections.abc import Callable
from types import SimpleNamespace

import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image

from app.core.assets import current_assets
from config import ROOT


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """Somebody who has not signed in."""
    return app.test_client()


@pytest.mark.parametrize(
    ("language", "name", "direction"), [("en", "Hunar", "ltr"), ("ur", "ہنر", "rtl"), ("", "Hunar", "ltr")]
)
def test_the_manifest_is_in_the_language_of_the_page(
    client: FlaskClient, language: str, name: str, direction: str
) -> None:
    answer = client.get(f"/manifest.webmanifest?language={language}")
    manifest = answer.get_json(force=True)
    assert (manifest["short_name"], manifest["dir"], manifest["id"]) == (name, direction, "/")
    assert answer.mimetype == "application/manifest+json"


def test_the_icons_of_the_manifest_have_the_sizes_that_it_says(client: FlaskClient) -> None:
    for icon in client.get("/manifest.webmanifest").get_json(force=True)["icons"]:
        path = ROOT / "app" / icon["src"].split("?")[0].lstrip("/")
        assert "x".join(map(str, Image.open(path).size)) == icon["sizes"]


def test_all_that_the_service_worker_names_is_there(client: FlaskClient) -> None:
    answer = client.get("/service-worker.js")
    assert answer.headers["Cache-Control"] == "no-cache"
    named = re.findall(r'"(/[^"]+)"', answer.text)
    assert len(named) > 8
    for address in set(named) - {"/sign-out", "/language"}:
        assert client.get(address).status_code == 200, address


def test_the_page_for_no_link_is_in_both_languages_and_nobodys(sign_in: Callable, people: SimpleNamespace) -> None:
    page = sign_in(people.amina).get("/offline").text
    assert "There is no link" in page
    assert "رابطہ نہیں ہے" in page
    assert "csrf" not in page
    assert "Amina" not in page


def test_each_answer_says_whose_it_is(client: FlaskClient, sign_in: Callable, people: SimpleNamespace) -> None:
    assert "Hunar-Person" not in client.get("/sign-in").headers
    amina = sign_in(people.amina)
    assert amina.get("/learn").headers["Hunar-Person"] == str(people.amina.id)


def test_what_a_module_needs_on_a_device_is_there_with_what_plays_its_simulation(
    sign_in: Callable, people: SimpleNamespace
) -> None:
    client = sign_in(people.amina)
    kept = client.get("/learn/measure-to-manage/kept.json").get_json()
    assert kept["has_notebook"]
    assert len(kept["pages"]) == 10
    desk = "/simulations/measure-to-manage/grievance"
    assert {desk, f"{desk}/run.json"} <= set(kept["pages"])
    assert {"desk.zip", "numpy.whl", "pyodide.asm.wasm"} <= {each["address"].split("/")[-1] for each in kept["assets"]}
    for address in kept["pages"] + [asset["address"] for asset in kept["assets"]]:
        assert client.get(address).status_code == 200, address


def test_only_the_worker_that_plays_may_compile(app: Flask, sign_in: Callable, people: SimpleNamespace) -> None:
    with app.test_request_context():
        address = current_assets().script("js/desk-worker.js")
    client = sign_in(people.amina)
    assert "'wasm-unsafe-eval'" in client.get(address).headers["Content-Security-Policy"]
    assert "wasm" not in client.get("/learn/measure-to-manage").headers["Content-Security-Policy"]


def test_a_module_is_kept_in_every_language_and_takes_no_more_room_than_was_said(
    sign_in: Callable, people: SimpleNamespace
) -> None:
    client = sign_in(people.amina)
    kept = client.get("/learn/measure-to-manage/kept.json").get_json()
    assert kept["pages"] == list(dict.fromkeys(copy["address"] for copy in kept["copies"]))
    for copy in kept["copies"]:
        headers = {"Hunar-Language": copy["language"]}
        answer = client.get(copy["address"], headers=headers)
        assert answer.headers.get("Hunar-Language", "") == copy["language"]
        assert copy["language"] == "" or f'<html lang="{copy["language"]}"' in answer.text
        assert len(answer.data) <= copy["bytes"]
        assert len(client.get(copy["address"], headers=headers | {"Accept-Encoding": "br"}).data) <= copy["sent"]
    languages = [copy["language"] for copy in kept["copies"]]
    assert languages.count("en") == languages.count("ur") == len(kept["pages"]) - languages.count("")


@pytest.mark.parametrize("asked", ["ur", "xx"])
def test_a_page_asked_for_in_a_language_changes_nobodys_choice(
    sign_in: Callable, people: SimpleNamespace, asked: str
) -> None:
    client = sign_in(people.amina)
    given = client.get("/learn", headers={"Hunar-Language": asked}).headers["Hunar-Language"]
    assert given == ("ur" if asked == "ur" else "en")
    assert client.get("/learn").headers["Hunar-Language"] == "en"


def test_the_version_of_what_is_kept_stays_with_another_language(sign_in: Callable, people: SimpleNamespace) -> None:
    client = sign_in(people.amina)
    before = client.get("/learn/measure-to-manage/kept.json").get_json()["version"]
    client.post("/language", data={"language": "ur", "next": "/"})
    assert client.get("/learn/measure-to-manage/kept.json").get_json()["version"] == before


def test_a_module_of_others_cannot_be_kept(sign_in: Callable, people: SimpleNamespace) -> None:
    assert sign_in(people.amina).get("/learn/the-human-door/kept.json").status_code == 404
