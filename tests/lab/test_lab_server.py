"""The notebook origin: headers, compression and caching."""

import json
import shutil
from pathlib import Path

import pytest
from werkzeug.test import Client, TestResponse

from lab.compress import compress_tree
from lab.errors import LabError
from lab.server import create_app

PORTAL = "http://127.0.0.1:8000"
SCRIPT = b"// program\n" * 500


@pytest.fixture
def small_site(tmp_path: Path) -> Path:
    site = tmp_path / "site"
    (site / "notebooks").mkdir(parents=True)
    (site / "build").mkdir()
    (site / "static/pyodide-0123456789ab").mkdir(parents=True)
    (site / "notebooks/index.html").write_text("<!doctype html><p>" + "notebook " * 200)
    (site / "index.html").write_text("<!doctype html><title>Hunar</title>")
    (site / "build/100.fc995bd.js").write_bytes(SCRIPT)
    (site / "build/bundle.js").write_bytes(SCRIPT)
    (site / "static/pyodide-0123456789ab/pyodide.asm.wasm").write_bytes(b"\0asm" + bytes(5000))
    (site / "static/pyodide-0123456789ab/numpy.whl").write_bytes(bytes(5000))
    (site / "jupyter-lite.json").write_text(json.dumps({"x": "y" * 2000}))
    compress_tree(site, tmp_path / "cache", report=lambda _: None)
    return site


@pytest.fixture
def client(small_site: Path) -> Client:
    return Client(create_app(small_site, PORTAL))


def directives(response: TestResponse) -> dict[str, str]:
    policy = response.headers["Content-Security-Policy"]
    return {name: value for name, _, value in (part.strip().partition(" ") for part in policy.split(";"))}


ADDRESSES = (
    "/notebooks/index.html",
    "/build/100.fc995bd.js",
    "/jupyter-lite.json",
    "/hunar.json",
    "/nothing",
)


@pytest.mark.parametrize("address", ADDRESSES)
def test_every_answer_lets_only_the_portal_embed_it_and_forbids_guessing_types(client: Client, address: str) -> None:
    response = client.get(address)
    assert directives(response)["frame-ancestors"] == PORTAL
    assert directives(response)["default-src"] == "'none'"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Referrer-Policy"] == "no-referrer"
    assert response.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "Access-Control-Allow-Origin" not in response.headers


def test_pages_run_no_inline_script_and_no_generated_code(client: Client) -> None:
    assert directives(client.get("/notebooks/index.html"))["script-src"] == "'self'"


def test_workers_may_compile_webassembly_but_neither_eval_nor_reach_other_hosts(client: Client) -> None:
    policy = directives(client.get("/build/100.fc995bd.js"))
    assert policy["script-src"] == "'self' 'wasm-unsafe-eval'"
    assert policy["connect-src"] == "'self'"


def test_the_bridge_learns_the_portal_from_the_server(client: Client) -> None:
    response = client.get("/hunar.json?portal=http://stranger.example")
    assert response.json == {"portal": PORTAL}
    assert response.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(("accepted", "encoding"), [("br, gzip", "br"), ("gzip", "gzip"), ("identity", None)])
def test_the_best_accepted_encoding_is_sent(client: Client, accepted: str, encoding: str | None) -> None:
    response = client.get("/build/100.fc995bd.js", headers={"Accept-Encoding": accepted})
    assert response.headers.get("Content-Encoding") == encoding
    assert "Accept-Encoding" in response.headers["Vary"]
    assert (len(response.data) < len(SCRIPT)) == (encoding is not None)


def test_wheels_are_sent_compressed(client: Client) -> None:
    address = "/static/pyodide-0123456789ab/numpy.whl"
    response = client.get(address, headers={"Accept-Encoding": "br, gzip"})
    assert response.headers["Content-Encoding"] == "br"
    assert response.mimetype == "application/zip"


@pytest.mark.parametrize("address", ["/build/100.fc995bd.js", "/static/pyodide-0123456789ab/pyodide.asm.wasm"])
def test_files_named_by_their_content_are_cached_for_good(client: Client, address: str) -> None:
    assert "immutable" in client.get(address).headers["Cache-Control"]


@pytest.mark.parametrize("address", ["/notebooks/index.html", "/jupyter-lite.json", "/build/bundle.js"])
def test_files_that_change_under_one_name_are_asked_for_again(client: Client, address: str) -> None:
    response = client.get(address)
    assert response.headers["Cache-Control"] == "no-cache"
    again = client.get(address, headers={"If-None-Match": response.headers["ETag"]})
    assert again.status_code == 304


def test_webassembly_has_its_own_type_so_that_it_compiles_while_it_loads(client: Client) -> None:
    response = client.get("/static/pyodide-0123456789ab/pyodide.asm.wasm")
    assert response.content_type.startswith("application/wasm")


def test_the_bare_address_leads_to_a_page_that_says_where_notebooks_are(client: Client) -> None:
    assert client.get("/", follow_redirects=True).status_code == 200


def test_what_is_not_there_is_not_found(client: Client) -> None:
    assert client.get("/../pyproject.toml").status_code == 404
    assert client.get("/nothing").status_code == 404


@pytest.mark.parametrize(
    "origin", ["*", "", "127.0.0.1:8000", "http://127.0.0.1:8000/", "http://a; script-src *", "null"]
)
def test_only_a_plain_origin_can_be_trusted(small_site: Path, origin: str) -> None:
    with pytest.raises(LabError, match="PORTAL_ORIGIN"):
        create_app(small_site, origin)


def test_a_site_that_was_not_built_is_refused_with_the_command_to_build_it(small_site: Path) -> None:
    shutil.rmtree(small_site / "notebooks")
    with pytest.raises(LabError, match="python -m lab build"):
        create_app(small_site, PORTAL)
