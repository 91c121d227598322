"""Python begins while Jupyter's own program is still being loaded, where the link is fast enough for both."""

import json
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from lab.early import begin_early, unzip_script
from lab.errors import LabError
from lab.site import PYODIDE
from tests.lab.page import Lab, Origins, code, output_text

pytestmark = pytest.mark.browser

LOADED = code("import sys\n[name for name in ('pandas', 'matplotlib.pyplot', 'simulations') if name in sys.modules]")
# Bytes a second: a link on which Jupyter's program takes some fifteen seconds.
WEAK = {"offline": False, "latency": 100, "downloadThroughput": 150_000, "uploadThroughput": 150_000}


def found(lab: Lab) -> str:
    lab.run_all()
    return str(lab.cells()[0]["outputs"][0]["data"]["text/plain"])


def opened(lab: Lab, name: str = "numpy") -> list[int]:
    """The numbers of bytes that are told while a notebook opens which imports the library."""
    lab.open(f"#imports={name}")
    lab.load(code(f"import {name}"))
    assert lab.run_all()
    lab.page.wait_for_timeout(1000)
    return [event["bytes"] for event in lab.events("arrived")]


def test_what_the_page_names_is_loaded_before_a_cell_asks_and_again_after_a_restart(lab: Lab) -> None:
    lab.open("#imports=pandas,matplotlib.pyplot")
    lab.load(code(f"made = 1\n{LOADED['source']}"), code("'made' in dir()", "second"))
    assert found(lab) == "['pandas', 'matplotlib.pyplot']"
    lab.call("restart")
    lab.load(LOADED, code("'made' in dir()", "second"))
    assert found(lab) == "['pandas', 'matplotlib.pyplot']"
    assert "False" in output_text(lab.cells()[1])
    assert lab.errors == []


def test_zones_are_found_without_reading_all_of_them_when_pandas_starts(lab: Lab) -> None:
    lab.open("#imports=pandas")
    moment = "pandas.Timestamp('2026-11-30', tz='dateutil/Asia/Karachi')"
    lab.load(code(f"import sys, pandas\n[str({moment}.utcoffset()), 'dateutil.zoneinfo' in sys.modules]"))
    assert found(lab) == "['5:00:00', False]"


def test_what_is_unpacked_can_be_asked_for_its_version_and_its_data(lab: Lab) -> None:
    lab.open("#imports=matplotlib")
    lab.load(
        code(
            "import importlib.metadata, matplotlib\nfrom pathlib import Path\n"
            "styles = Path(matplotlib.get_data_path(), 'stylelib').glob('*.mplstyle')\n"
            "[importlib.metadata.version('matplotlib') == matplotlib.__version__, len(list(styles)) > 20]"
        )
    )
    assert found(lab) == "[True, True]"


def test_a_chart_comes_out_as_ever_when_its_library_was_loaded_before(lab: Lab) -> None:
    lab.open("#imports=matplotlib.pyplot")
    lab.load(code("import matplotlib.pyplot as plt\nplt.plot([1, 3]);"))
    assert lab.run_all()
    assert len(lab.cells()[0]["outputs"][0]["data"]["image/png"]) > 1000


@pytest.mark.parametrize("fragment", ["#imports=scipy.stats,pandas", "#imports=pandas;print(1)", "#pandas", ""])
def test_what_cannot_be_loaded_early_keeps_nothing_from_working(lab: Lab, fragment: str) -> None:
    lab.open(fragment)
    lab.load(LOADED)
    assert found(lab) == ("['pandas']" if "scipy" in fragment else "[]")


def test_on_a_weak_link_what_can_be_seen_is_fetched_first(chromium: Browser, origins: Origins) -> None:
    context = chromium.new_context(viewport={"width": 1100, "height": 850})
    asked: list[str] = []
    context.on("request", lambda request: asked.append(request.url))
    page = context.new_page()
    context.new_cdp_session(page).send("Network.emulateNetworkConditions", WEAK)
    Lab(page, origins).open("#imports=pandas")
    assert [url for url in asked if "/build/joined." in url]
    assert not [url for url in asked if "early-worker" in url or "pyodide.asm" in url]
    context.close()


@pytest.mark.parametrize("conditions", [None, {**WEAK, "downloadThroughput": 240_000}], ids=["fast", "slow"])
def test_what_comes_over_the_link_is_told_in_bytes_as_it_comes(
    chromium: Browser, origins: Origins, built_site: Path, conditions: dict[str, object] | None
) -> None:
    context = chromium.new_context(viewport={"width": 1100, "height": 850})
    page = context.new_page()
    if conditions:
        context.new_cdp_session(page).send("Network.emulateNetworkConditions", conditions)
    told = opened(Lab(page, origins))
    said = json.loads((built_site / "opening.json").read_text())
    assert told == sorted(told)
    assert len(told) > (5 if conditions else 1)
    assert told[-1] == pytest.approx(said["always"] + sum(said["imports"]["numpy"].values()), rel=0.03)
    context.close()


def test_a_repeated_visit_tells_nothing_unless_a_library_is_new(chromium: Browser, origins: Origins) -> None:
    context = chromium.new_context(viewport={"width": 1100, "height": 850})
    first, *others = (Lab(context.new_page(), origins) for _ in range(4))
    whole = opened(first)[-1]
    assert max(opened(others[0]), default=0) < whole / 30
    assert opened(others[1], "pandas")[-1] > whole * 1.2
    assert max(opened(others[2]), default=0) < whole / 30
    context.close()


def test_an_opening_that_was_broken_off_tells_again_all_that_it_needs(chromium: Browser, origins: Origins) -> None:
    context = chromium.new_context(viewport={"width": 1100, "height": 850})
    broken, again, later = (Lab(context.new_page(), origins) for _ in range(3))
    context.route("**/numpy-*.whl", lambda route: route.abort())
    broken.open("#imports=numpy")
    broken.page.wait_for_timeout(4000)
    broken.page.close()
    context.unroute("**/numpy-*.whl")
    told = opened(again)
    assert told[-1] > 30 * max(opened(later), default=0)
    assert told[-1] > 5_000_000
    context.close()


@pytest.mark.parametrize(
    ("page", "scripts"),
    [
        ("<head></head>", {"592.a.js": "x?new Worker(n.p):new Worker(new URL(n.p+n.u(352),n.b))", "352.b.js": ""}),
        ('<meta charset="utf-8" /> build/notebooks/bundle.js', {"592.a.js": "other", "352.b.js": ""}),
        (
            '<meta charset="utf-8" /> build/notebooks/bundle.js',
            {"592.a.js": "x?new Worker(n.p):new Worker(new URL(n.p+n.u(352),n.b))"},
        ),
    ],
    ids=["head", "no worker", "no script"],
)
def test_a_jupyterlite_that_starts_otherwise_is_refused(tmp_path: Path, page: str, scripts: dict[str, str]) -> None:
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "notebooks/index.html").write_text(page)
    for name, content in scripts.items():
        (tmp_path / name).write_text(content)
    with pytest.raises(LabError, match="JupyterLite"):
        begin_early(
            tmp_path,
            tmp_path,
            pyodide=f"{PYODIDE.name}/pyodide.js",
            unzip=unzip_script(PYODIDE.parent),
            packages=("pandas",),
        )
