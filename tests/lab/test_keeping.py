"""What is kept on a device: the list of files that the build writes, and the worker that the site serves."""

import hashlib
import json
from pathlib import Path

import pytest

from lab import keeping


@pytest.fixture
def site(tmp_path: Path) -> Path:
    for name, content in {
        "index.html": b"<p>Hunar",
        "notebooks/index.html": b"<p>notebook",
        "build/100.js": b"program" * 100,
        "build/100.js.br": b"small",
        "build/type.eot": b"old",
        "build/type.ttf": b"old",
        "static/fonts/bold.0123456789ab.ttf": b"drawn with",
        "static/fonts/bold.0123456789ab.ttf.br": b"small",
        "files/measure/grievances/data.csv": b"a,b",
        "api/contents/all.json": b"[]",
        "api/contents/measure/all.json": b"[]",
        "service-worker.js": b"former",
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(content)
    return tmp_path


def listed(site: Path) -> dict:
    return json.loads(keeping.write_list(site).read_text())


def test_each_module_has_its_data_and_the_rest_is_shared(site: Path) -> None:
    parts = {part: {file["path"] for file in each["files"]} for part, each in listed(site).items()}
    assert parts == {
        "shared": {
            *("/index.html", "/notebooks/index.html", "/build/100.js", "/api/contents/all.json", "/hunar.json"),
            "/static/fonts/bold.0123456789ab.ttf",
        },
        "measure": {"/files/measure/grievances/data.csv", "/api/contents/measure/all.json"},
    }


def test_a_file_has_its_content_its_room_and_its_way(site: Path) -> None:
    [script] = (file for file in listed(site)["shared"]["files"] if file["path"] == "/build/100.js")
    content = b"program" * 100
    expected = {"path": "/build/100.js", "sha256": hashlib.sha256(content).hexdigest(), "bytes": 700, "sent": 5}
    assert script == expected


def test_only_the_part_that_changed_is_another_version(site: Path) -> None:
    before = listed(site)
    (site / "files/measure/grievances/data.csv").write_bytes(b"a,c")
    after = listed(site)
    assert after["shared"]["digest"] == before["shared"]["digest"]
    assert after["measure"]["digest"] != before["measure"]["digest"]


def test_the_worker_of_the_built_site_imports_files_that_are_there(built_site: Path) -> None:
    first = (built_site / "service-worker.js").read_text().splitlines()[0]
    imported = json.loads(first.removeprefix("importScripts(...").removesuffix(");"))
    assert len(imported) == len(keeping.WORKBOX)
    assert all((built_site / address.lstrip("/")).is_file() for address in imported)
