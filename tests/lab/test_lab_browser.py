"""The notebook in a real browser: bridge, real Pyodide, isolation, and nothing left behind."""

import json
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Response, Route, expect

import simulations
from simulations.evaluation import evaluate_own
from tests.lab.page import WORK, Lab, Origins, code, markdown, notebook_of, output_text

pytestmark = pytest.mark.browser

LESSON = (
    markdown("# Grievances\n\nشکایات کا اوسط وقت\n\nMean days\n\n$$L = \\lambda W$$", "m1"),
    code("import pandas as pd\ndf = pd.read_csv('complaints.csv')\ndf.groupby('district').days.mean()", "c1"),
    code("import matplotlib.pyplot as plt\ndf.plot.bar(x='district', y='days');", "c2"),
)
CHANGES = "events.filter(event => event.event === 'changed').length"


def test_pandas_and_matplotlib_run_on_the_data_beside_the_notebook(lab: Lab) -> None:
    lab.open()
    lab.load(*LESSON)
    assert lab.run_all()
    _, table, plot = lab.cells()
    assert "Peshawar    3.0" in output_text(table)
    assert "Swat        7.0" in output_text(table)
    assert any(len(output.get("data", {}).get("image/png", "")) > 1000 for output in plot["outputs"])
    assert [event["count"] for event in lab.events("executed")] == [1, 2]
    lab.wait("events.some(event => event.event === 'changed')")
    lab.frame.locator(".jp-RenderedMarkdown .MathJax, .jp-RenderedMarkdown mjx-container").first.wait_for()
    assert {"busy", "idle"} <= {event["status"] for event in lab.events("kernel")}
    assert lab.foreign == []
    assert lab.errors == []


def test_files_that_the_page_hands_over_lie_beside_the_notebook_and_before_those_of_the_site(lab: Lab) -> None:
    lab.open()
    reading = code("open('wards.csv', encoding='utf-8').read(), open('complaints.csv').read()")
    files = [{"name": "wards.csv", "text": "ward\nمردان\n"}, {"name": "complaints.csv", "text": "own"}]
    for path in (WORK, "work.ipynb"):
        lab.call("load", path=path, notebook=notebook_of(reading), files=files)
        assert lab.run_all()
        assert "مردان" in output_text(lab.cells()[0])
        assert "'own'" in output_text(lab.cells()[0])
    assert lab.errors == []


def test_a_first_opening_brings_what_the_site_says_beforehand(
    chromium: Browser, origins: Origins, built_site: Path
) -> None:
    context = chromium.new_context(viewport={"width": 1100, "height": 850})
    asked: set[str] = set()
    context.on("request", lambda request: asked.add(urlsplit(request.url).path))
    lab = Lab(context.new_page(), origins)
    lab.open()
    lab.load(markdown("# شکایات"), code("import pandas as pd\npd.read_csv('complaints.csv')"))
    assert lab.run_all()
    context.close()
    scripts = {path.rsplit("/", 1)[1].split(".")[0] for path in asked if fnmatchcase(path, "/build/*.js")}
    assert scripts == {"joined", "bundle"}, "lab/joined.txt is not all that JupyterLite asks for"
    said = json.loads((built_site / "opening.json").read_text())
    parts = json.loads((built_site / "kept-files.json").read_text()).values()
    brought = sum(file["sent"] for part in parts for file in part["files"] if file["path"] in asked)
    expected = (
        said["always"] + sum(said["imports"]["pandas"].values()) + said["data"]["measure/grievances/complaints.csv"]
    )
    assert brought > 10_000_000
    assert expected == pytest.approx(brought, rel=0.02)


def test_the_service_worker_stays_after_a_second_visit(chromium: Browser, origins: Origins) -> None:
    context = chromium.new_context(viewport={"width": 1100, "height": 850})
    for _ in range(2):
        lab = Lab(context.new_page(), origins)
        lab.open()
        lab.load(code("open('complaints.csv').readline()"))
        assert lab.run_all()
        lab.page.close()
    later = context.new_page()
    later.goto(f"{origins.notebook}/hunar.json")
    assert later.evaluate("async () => (await navigator.serviceWorker.getRegistrations()).length") == 1
    context.close()


def test_the_service_worker_answers_only_while_something_is_kept(chromium: Browser, origins: Origins) -> None:
    context = chromium.new_context(viewport={"width": 1100, "height": 850})
    answered: dict[str, bool] = {}

    def note(response: Response) -> None:
        if not response.request.service_worker:
            answered[urlsplit(response.url).path] = response.from_service_worker

    context.on("response", note)
    lab = Lab(context.new_page(), origins)
    lab.open()
    lab.open()
    lab.frame.wait_for_function("navigator.serviceWorker.controller")
    assert not answered["/build/notebooks/bundle.js"]
    keeps = """async () => {
        const cache = await caches.open("shared 1");
        await cache.put("/build/notebooks/bundle.js", await fetch("/build/notebooks/bundle.js"));
        await cache.put("/complete", new Response());
    }"""
    lab.frame.evaluate(keeps)
    lab.open()
    assert answered["/build/notebooks/bundle.js"]
    lab.frame.evaluate("() => caches.delete('shared 1')")
    lab.open()
    assert not answered["/build/notebooks/bundle.js"]
    context.close()


def test_the_page_stays_free_of_errors_and_policy_violations_after_its_heartbeat(lab: Lab) -> None:
    with lab.page.expect_response("**/api/service-worker-heartbeat", timeout=60_000):
        lab.open()
    lab.load(markdown("still here"))
    assert lab.errors == []


def test_a_snapshot_of_an_untouched_notebook_is_what_was_loaded(lab: Lab) -> None:
    lab.open()
    graded = {"grade_id": "q1", "grade": True, "solution": True, "locked": False, "points": 2}
    notebook = lab.load(*LESSON, code("# your answer", "c3", nbgrader={**graded, "schema_version": 3}))
    assert lab.call("snapshot") == {"notebook": notebook}
    assert lab.events("changed") == []


def test_what_is_typed_is_announced_at_once_and_what_follows_a_moment_later(
    chromium: Browser, origins: Origins
) -> None:
    # A browser of its own, since the clock of all its pages is stopped.
    context = chromium.new_context(viewport={"width": 1100, "height": 850})
    clock = context.clock
    clock.install()
    lab = Lab(context.new_page(), origins)
    lab.open()
    lab.load(code("x = 1", "c1"))
    lab.frame.locator(".jp-CodeCell .cm-content").click()
    lab.page.keyboard.press("Control+End")
    clock.pause_at(lab.page.evaluate("Date.now() + 2000"))

    def announced(*, after_ms: int) -> int:
        """So much later by the page's own clock; what the frame says comes before what it answers."""
        clock.run_for(after_ms)
        lab.cells()
        return len(lab.events("changed"))

    assert announced(after_ms=5000) == 0
    lab.page.keyboard.insert_text(" + 40")
    assert announced(after_ms=10) == 1
    lab.page.keyboard.insert_text(" + 1")
    assert announced(after_ms=10) == 1
    assert announced(after_ms=5000) == 2
    assert lab.cells()[0] == code("x = 1 + 40 + 1", "c1")
    context.close()


def test_a_snapshot_can_have_what_was_typed_a_moment_ago_announced_before_it(lab: Lab) -> None:
    lab.open()
    lab.load(code("x = 1", "c1"))
    lab.call("snapshot", limit=9000, announce=True)
    assert lab.events("changed") == []
    lab.frame.locator(".jp-CodeCell .cm-content").click()
    lab.page.keyboard.press("Control+Home")
    lab.page.keyboard.insert_text("y = 2\n")
    taken = """async () => {
      const { notebook } = await call('snapshot', { limit: 9000, announce: true });
      return [notebook.cells[0].source, events.filter(event => event.event === 'changed').length];
    }"""
    assert lab.page.evaluate(taken) == ["y = 2\nx = 1", 1]
    lab.page.wait_for_timeout(500)
    assert len(lab.events("changed")) == 1


def test_marks_stand_around_the_selected_lines_and_as_far_in_as_they_do(lab: Lab) -> None:
    lab.open()
    lab.load(code("def share(x):\n    y = x / 2\n    return y\nprint('outside')", "c1"))
    lab.frame.locator(".jp-CodeCell .cm-content").click()
    for key in ("Control+Home", "ArrowDown", "Home", "Home", "Shift+ArrowDown", "Shift+ArrowDown"):
        lab.page.keyboard.press(key)
    lab.call("wrap", cell="c1", before="### BEGIN SOLUTION", after="### END SOLUTION")
    assert lab.cells()[0]["source"].split("\n") == [
        "def share(x):",
        "    ### BEGIN SOLUTION",
        "    y = x / 2",
        "    return y",
        "    ### END SOLUTION",
        "print('outside')",
    ]


COUNTING = """import time
from IPython.display import clear_output
n = 0
while True:
    n += 1
    clear_output(wait=True)
    print("at", n)
    time.sleep(0.1)"""


def test_an_output_that_is_replaced_on_and_on_puts_off_no_change(lab: Lab) -> None:
    lab.open()
    lab.load(code(COUNTING, "c1"), code("x = 1", "c2"))
    lab.page.evaluate("() => { call('runAll', {}); }")
    lab.frame.locator(".jp-OutputArea-output", has_text="at 20").wait_for(timeout=120_000)
    before = lab.page.evaluate(CHANGES)
    lab.frame.locator(".jp-CodeCell .cm-content").last.click()
    lab.page.keyboard.insert_text("y = 2\n")
    lab.page.wait_for_function(f"{CHANGES} > {before + 1}", timeout=15_000)
    assert "y = 2" in lab.cells()[1]["source"]
    lab.call("restart")


def test_who_types_on_and_on_is_announced_all_the_same(lab: Lab) -> None:
    lab.open()
    lab.load(code("x = 1", "c1"))
    lab.frame.locator(".jp-CodeCell .cm-content").click()
    lab.page.keyboard.press("Control+End")
    lab.page.keyboard.type(" + 1" * 10, delay=100)
    assert lab.page.evaluate(CHANGES) > 0


PRINTS = "print('x' * 3000)"


@pytest.mark.parametrize(("limit", "is_whole", "kept"), [(9000, True, True), (2000, False, True), (100, False, False)])
def test_a_snapshot_leaves_outputs_out_where_they_are_too_large(
    lab: Lab, limit: int, *, is_whole: bool, kept: bool
) -> None:
    lab.open()
    lab.load(code(PRINTS, "c1"))
    assert lab.run_all()
    found = lab.call("snapshot", limit=limit)
    assert found["isWhole"] is is_whole
    if not kept:
        assert found["notebook"] is None
        return
    [cell] = found["notebook"]["cells"]
    assert cell["source"] == PRINTS
    assert bool(cell["outputs"]) is is_whole


def test_loading_again_replaces_the_notebook_and_its_variables(lab: Lab) -> None:
    lab.open()
    lab.load(code("secret = 6"))
    assert lab.run_all()
    lab.load(code("'secret' in globals()"))
    assert lab.run_all()
    [cell] = lab.cells()
    assert "False" in output_text(cell)
    assert lab.events("executed")[-1]["count"] == 1
    assert lab.errors == []


def test_cells_that_are_run_before_python_has_come_wait_for_it(lab: Lab) -> None:
    lab.open()
    kernel = "**/pyodide-kernel-extension/static/*"
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    lab.page.route(kernel, hold)
    lab.load(code("seven = 6 + 1", "c1"), code("seven * 6", "c2"))
    cells = lab.page.frame_locator("#lab").locator(".jp-CodeCell")
    cells.first.locator(".cm-content").click()
    lab.page.keyboard.press("Shift+Enter")
    lab.page.keyboard.press("Shift+Enter")
    for at in (0, 1):
        expect(cells.nth(at).locator(".jp-InputPrompt")).to_have_text("[*]:")
    lab.page.unroute(kernel)
    expect(cells.nth(1).locator(".jp-OutputArea-output")).to_have_text("42", timeout=60_000)
    assert [event["count"] for event in lab.events("executed")] == [1, 2]
    assert held
    assert lab.errors == []


def test_a_failing_cell_ends_the_run_and_says_so(lab: Lab) -> None:
    lab.open()
    lab.load(code("1 / 0", "c1"), code("'never'", "c2"))
    assert not lab.run_all()
    failed, never = lab.cells()
    assert "ZeroDivisionError" in output_text(failed)
    assert never["outputs"] == []


def test_a_check_runs_every_cell_from_a_fresh_start(lab: Lab) -> None:
    lab.open()
    lab.load(
        code("'left over' in globals()", "c1"), code("1 / 0", "c2"), code("globals()['left over'] = 1; 'after'", "c3")
    )
    for _ in range(2):
        assert lab.call("check") == {}
        first, failed, after = lab.cells()
        assert "False" in output_text(first)
        assert "ZeroDivisionError" in output_text(failed)
        assert "after" in output_text(after)
    assert lab.errors == []


def test_the_results_of_tests_are_told_however_much_the_notebook_shows(lab: Lab) -> None:
    lab.open()
    graded = {"nbgrader": {"grade_id": "sum-check", "grade": True, "points": 2}}
    failing = {"nbgrader": {"grade_id": "name-check", "grade": True, "points": 1}}
    lab.load(
        code("print('x' * 9_000_000)", "c1"),
        code("import sys\nprint('y' * 200_000)\nprint('z' * 200_000, file=sys.stderr)\n1.5", "c2", **graded),
        code("raise ValueError('w' * 200_000 + 'end')", "c3", **failing),
        code("'of no test'", "c4"),
    )
    lab.call("check")
    result, failed = lab.call("results")["cells"]
    assert [result["name"], failed["name"]] == ["sum-check", "name-check"]
    message, score = result["outputs"]
    assert (message["name"], set(message["text"]) - {"\n"}) == ("stderr", {"z"})
    assert score == {"output_type": "execute_result", "data": {"text/plain": "1.5"}}
    assert failed["outputs"][0]["evalue"].endswith("wend")
    assert len(json.dumps([result, failed])) < 1_000_000


TEXTS = (
    """f"{row['a']} and {row['b']:>{width}}" """,
    """f"{row["a"]}" """,
    """f'ضلع {row['ضلع']} میں'""",
    """f"ضلع {row['ضلع']} میں {row["b"]}" """,
    """f"{', '.join(names)}" """,
    """f"{", ".join(names)}" """,
    """f"a \\" b {1 + 1}\\n" """,
    """f"{chr(10).join(names)} {'\\n'.join(names)}" """,
    """rf"{width}\\d" """,
    '''f"""{row["a"]}
{width}" """''',
    '''f"""{row["a"] # why
}"""''',
    '''f"""{f'{row["a"]}'}"""''',
    '''f"""{f'{row['a']}'}"""''',
    """f"{row['#']} {{#}}" """,
    """f"{
width}" """,
    """"plain" + 'text' # f"{row["a"]}" """,
    """f"{f"{width}"}" """,
    """f"{width!r:}" f'{row["a"]}'""",
    """x = (""",
    """type Days = int""",
    """type Pair[T] = tuple[T, T]""",
    """def first[T](items):
    return items[0]""",
    """async def first[T](items):
    return items[0]""",
    """class Table:
    class Row[T]:
        pass""",
    """def outer():
    "ضلع"; type Inner = int""",
    """type = 3
del type""",
    """def first(items: list[int]) -> int:
    return items[0]""",
)


def reads(source: str) -> bool:
    """Whether the Python that grades reads it."""
    try:
        compile(source, "<cell>", "exec")
    except SyntaxError:
        return False
    return True


def test_a_cell_is_read_in_the_browser_if_the_python_that_grades_reads_it(lab: Lab) -> None:
    lab.open()
    lab.load(*(code(source, f"c{number}") for number, source in enumerate(TEXTS)))
    lab.call("check")
    found = ["SyntaxError" not in output_text(cell) for cell in lab.cells()]
    assert found == [reads(source) for source in TEXTS]
    assert {True, False} == set(found)
    assert lab.errors == []


def test_a_restart_ends_a_cell_that_never_ends(lab: Lab) -> None:
    lab.open()
    lab.load(code("while True:\n    pass"))
    lab.page.evaluate("() => { call('runAll').catch(() => undefined); }")
    lab.wait("events.some(event => event.event === 'executed')")
    lab.call("restart")
    lab.load(code("2 + 40"))
    assert lab.run_all()
    assert "42" in output_text(lab.cells()[0])


def test_what_runs_can_be_stopped_for_good(lab: Lab) -> None:
    lab.open()
    lab.load(code("import time\nwhile True:\n    print('on')\n    time.sleep(0.05)"))
    lab.call("stop")
    assert "restarting" not in {event["status"] for event in lab.events("kernel")}
    lab.page.evaluate("() => { call('runAll').catch(() => undefined); }")
    lab.wait("events.some(event => event.event === 'executed')")
    lab.frame.locator(".jp-OutputArea-output").first.wait_for()
    lab.call("stop")
    stopped, announced = lab.cells(), len(lab.events("changed"))
    assert "on" in output_text(stopped[0])
    lab.page.wait_for_timeout(2000)
    assert lab.cells() == stopped
    assert len(lab.events("changed")) == announced


def test_only_what_a_cell_imports_is_brought(lab: Lab) -> None:
    here = "import importlib.util\n[name for name in {names} if importlib.util.find_spec(name)]"
    names = ("matplotlib", "PIL", "simulations", "jedi", "prompt_toolkit", "ssl", "fontTools", "sqlite3")
    lab.open()
    lab.load(
        code("import pandas", "c1"),
        code(here.format(names=names), "c2"),
        code("import ssl, fontTools.ttLib, sqlite3\nssl.OPENSSL_VERSION, sqlite3.connect(':memory:')", "c3"),
        code(here.format(names=names), "c4"),
    )
    assert lab.run_all()
    _, first, used, later = lab.cells()
    assert first["outputs"][0]["data"]["text/plain"] == "[]"
    assert "OpenSSL" in output_text(used)
    assert later["outputs"][0]["data"]["text/plain"] == "['ssl', 'fontTools', 'sqlite3']"


def test_matplotlib_takes_the_font_list_of_the_build_which_is_what_it_would_find_itself(lab: Lab) -> None:
    listen = """\
import logging
said = []
heard = logging.Handler()
heard.emit = lambda record: said.append(record.getMessage())
logging.getLogger("matplotlib.font_manager").addHandler(heard)
import matplotlib.pyplot
print(any("font cache" in line for line in said))"""
    scan = """\
from matplotlib import font_manager
font_manager.get_font([font.fname for font in font_manager.fontManager.ttflist])
listed, found = font_manager.fontManager, font_manager.FontManager()
print(any("font cache" in line for line in said))
print(len(listed.ttflist) > 30, set(map(repr, listed.ttflist)) ^ set(map(repr, found.ttflist)))
print(listed.afmlist, found.afmlist)"""
    lab.open()
    lab.load(code(listen, "c1"), code(scan, "c2"))
    assert lab.run_all()
    first, second = lab.cells()
    assert first["outputs"][0]["text"] == "False\n"
    assert second["outputs"][0]["text"] == "True\nTrue set()\n[] []\n"


def test_completion_and_help_know_pythons_own_library(lab: Lab) -> None:
    complete = (
        "with provisionalcompleter():\n    found = [each.text for each in get_ipython().Completer.completions({}, {})]"
    )
    lab.open()
    lab.load(
        code("from IPython.core.completer import provisionalcompleter\nimport json", "c1"),
        code(complete.format("'json.dum'", 8) + "\nfound", "c2"),
        code(complete.format("'\"a\".uppe'", 8) + "\nfound", "c3"),
        code("print(get_ipython().object_inspect_text('json.dumps'))", "c4"),
    )
    assert lab.run_all()
    _, of_module, of_value, explained = lab.cells()
    assert "'json.dumps'" in output_text(of_module)
    assert ".upper'" in output_text(of_value)
    assert "Serialize" in output_text(explained)


def test_all_menus_are_one_message_away_and_hidden_at_first(lab: Lab) -> None:
    lab.open()
    lab.load(code("1 + 1"))
    menu = lab.frame.locator("#jp-MainMenu .lm-MenuBar-itemLabel", has_text="Edit")
    toolbar = lab.frame.locator(".jp-NotebookPanel-toolbar")
    assert not menu.is_visible()
    expect(toolbar.locator("[data-jp-item-name=run]")).to_be_visible()
    assert toolbar.locator("[data-jp-item-name=restart]").is_visible()
    assert not toolbar.locator("[data-jp-item-name=cut]").count()
    lab.call("menus", shown=True)
    menu.wait_for()
    lab.call("menus", shown=False)
    assert not menu.is_visible()


def test_a_package_that_is_not_there_is_a_plain_import_error(lab: Lab) -> None:
    lab.open()
    lab.load(code("import scipy"))
    assert not lab.run_all()
    assert "ModuleNotFoundError" in output_text(lab.cells()[0])
    assert lab.foreign == []


def test_installing_loads_what_the_lab_has_and_says_that_it_gets_nothing_else(lab: Lab) -> None:
    lab.open()
    lab.load(
        code("%pip list\n%pip install -q pandas\n__import__('pandas').__name__", "c1"),
        code("%pip install 'scipy>=1.11'", "c2"),
    )
    assert not lab.run_all()
    had, refused = lab.cells()
    assert had["outputs"][0]["data"]["text/plain"] == "'pandas'"
    assert "No module named 'scipy': nothing can be installed in a lab." in output_text(refused)
    assert lab.foreign == []


@pytest.fixture(scope="module")
def opened(profile: BrowserContext, origins: Origins) -> Iterator[Lab]:
    """A notebook page that is ready and has nothing loaded; what is refused leaves it so."""
    lab = Lab(profile.new_page(), origins)
    lab.open()
    yield lab
    lab.page.close()


@pytest.fixture(scope="module")
def loaded(profile: BrowserContext, origins: Origins) -> Iterator[Lab]:
    """A notebook page with a notebook of one text."""
    lab = Lab(profile.new_page(), origins)
    lab.open()
    lab.load(markdown("text"))
    yield lab
    lab.page.close()


@pytest.mark.parametrize(
    ("op", "args", "reason"),
    [
        ("load", {"path": "../escape.ipynb", "notebook": {"nbformat": 4, "cells": []}}, "path"),
        ("load", {"path": "/etc/work.ipynb", "notebook": {"nbformat": 4, "cells": []}}, "path"),
        ("load", {"path": WORK, "notebook": {"nbformat": 3, "cells": []}}, "format 4"),
        ("load", {"path": WORK}, "format 4"),
        ("load", {"path": WORK, "notebook": notebook_of(), "explanations": [{"names": []}]}, "explanations"),
        ("load", {"path": WORK, "notebook": notebook_of(), "files": [{"name": "../up.csv", "text": ""}]}, "files"),
        ("load", {"path": WORK, "notebook": notebook_of(), "files": [{"name": "a.csv"}]}, "files"),
        ("menus", {"shown": "yes"}, "shown"),
        ("snapshot", {}, "load"),
        ("runAll", {}, "load"),
    ],
)
def test_what_is_not_well_formed_or_in_order_is_refused(
    opened: Lab, op: str, args: dict[str, Any], reason: str
) -> None:
    refused = opened.page.evaluate("([op, args]) => call(op, args).catch(error => error.message)", [op, args])
    assert isinstance(refused, str)
    assert reason in refused


def test_a_notebook_that_is_too_large_is_refused(opened: Lab) -> None:
    refused = opened.page.evaluate(
        """path => {
          const cell = { cell_type: "markdown", id: "m", metadata: {}, source: "x".repeat(9e6) };
          const notebook = { nbformat: 4, nbformat_minor: 5, metadata: {}, cells: [cell] };
          return call("load", { path, notebook }).catch(error => error.message);
        }""",
        WORK,
    )
    assert "larger" in refused


@pytest.mark.parametrize(
    "message",
    [
        {"hunar": 1, "id": 7, "op": "execute", "args": {"code": "1"}},
        {"hunar": 1, "id": 7, "op": "constructor", "args": {}},
        {"hunar": 2, "id": 7, "op": "focus", "args": {}},
        {"hunar": 1, "id": {"x": 1}, "op": "focus", "args": {}},
        "focus",
    ],
)
def test_messages_outside_the_protocol_are_not_answered(loaded: Lab, message: object) -> None:
    before = loaded.page.evaluate("answers.length")
    loaded.page.evaluate("message => post(message)", message)
    loaded.call("focus")
    assert loaded.page.evaluate("answers.length") == before + 1


def test_a_page_of_another_origin_cannot_embed_the_notebook(lab: Lab) -> None:
    lab.page.goto(lab.origins.stranger.origin)
    lab.page.wait_for_timeout(3000)
    assert lab.page.evaluate("events") == []
    assert any("frame-ancestors" in error for error in lab.errors)


def test_a_message_from_another_origin_is_ignored(lab: Lab) -> None:
    lab.open()
    lab.load(markdown("mine"))
    stranger = json.dumps(lab.origins.stranger.origin)
    notebook = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [markdown("theirs")]}
    lab.page.evaluate(
        f"""() => new Promise(loaded => {{
          const other = document.createElement("iframe");
          other.id = "stranger";
          other.onload = loaded;
          other.src = {stranger} + "/quiet";
          document.body.append(other);
        }})"""
    )
    other = next(frame for frame in lab.page.frames if frame.url.endswith("/quiet"))
    lab.foreign.clear()
    attack = {"hunar": 1, "id": 99, "op": "load", "args": {"path": WORK, "notebook": notebook}}
    other.evaluate("message => parent.frames[0].postMessage(message, '*')", attack)
    # Even from the trusted origin: only the parent window is heard.
    lab.page.evaluate(
        """message => {
          const twin = document.createElement("iframe");
          document.body.append(twin);
          twin.contentWindow.eval("message => parent.frames[0].postMessage(message, '*')")(message);
        }""",
        attack,
    )
    lab.call("focus")
    assert lab.cells()[0]["source"] == "mine"
    assert 99 not in [answer["id"] for answer in lab.page.evaluate("answers")]


def test_the_pages_own_address_cannot_name_another_portal(lab: Lab) -> None:
    lab.page.goto(lab.origins.portal.origin + "/?portal=" + lab.origins.stranger.origin)
    lab.wait("events.some(event => event.event === 'ready')")
    trusted = lab.frame.evaluate("fetch('/hunar.json?portal=x').then(answer => answer.json())")
    assert trusted == {"portal": lab.origins.portal.origin}


def test_a_script_in_an_output_does_not_run(lab: Lab) -> None:
    lab.open()
    script = "<script>document.title = 'taken'</script><img src=x onerror=\"document.title='taken'\">"
    source = f"from IPython.display import HTML, Javascript, display\ndisplay(HTML({script!r}))\n"
    lab.load(code(source + "display(Javascript('document.title = \"taken\"'))"))
    lab.run_all()
    lab.page.wait_for_timeout(1000)
    assert lab.frame.title() != "taken"
    assert any("violat" in error for error in lab.errors)


def test_python_reaches_no_other_host_and_not_the_portal(lab: Lab) -> None:
    lab.open()
    for parent in (lab.origins.portal, lab.origins.stranger):
        parent.asked.clear()
    addresses = [lab.origins.portal.origin + "/secret", lab.origins.stranger.origin + "/secret"]
    source = (
        "from pyodide.http import open_url, pyfetch\n"
        f"for address in {addresses!r}:\n"
        "    try:\n        print('reached', (await pyfetch(address)).status)\n"
        "    except Exception as error:\n        print('kept in', type(error).__name__)\n"
        "    try:\n        print('reached', open_url(address).read())\n"
        "    except Exception as error:\n        print('kept in', type(error).__name__)\n"
    )
    lab.load(code(source))
    assert lab.run_all()
    shown = output_text(lab.cells()[0])
    assert shown.count("kept in") == 4
    assert "reached" not in shown
    assert "/secret" not in lab.origins.portal.asked + lab.origins.stranger.asked


KEPT_IN_THE_BROWSER = """async () => {
  const found = [];
  for (const store of [localStorage, sessionStorage]) {
    for (let i = 0; i < store.length; i += 1) found.push(store.key(i) + store.getItem(store.key(i)));
  }
  for (const { name } of await indexedDB.databases()) {
    const base = await new Promise((resolve, reject) => {
      const request = indexedDB.open(name);
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
    for (const table of base.objectStoreNames) {
      const rows = await new Promise(resolve => {
        const request = base.transaction(table).objectStore(table).getAll();
        request.onsuccess = () => resolve(request.result);
      });
      found.push(name + table + JSON.stringify(rows));
    }
    base.close();
  }
  for (const name of await caches.keys()) {
    for (const request of await (await caches.open(name)).keys()) found.push(request.url);
  }
  return found.join("\\n");
}"""


def test_after_a_reload_nothing_of_the_former_copy_is_in_the_browser(lab: Lab) -> None:
    lab.open()
    lab.load(markdown("the trainee's private remark", "m1"), code("written = open('note.txt', 'w').write('x')"))
    assert lab.run_all()
    lab.page.reload()
    lab.wait("events.some(event => event.event === 'ready')")
    kept = lab.frame.evaluate(KEPT_IN_THE_BROWSER)
    assert "private remark" not in kept
    assert "work.ipynb" not in kept
    assert "note.txt" not in kept
    lab.load(code("import os; sorted(os.listdir())"))
    assert lab.run_all()
    assert "note.txt" not in output_text(lab.cells()[0])
    assert "complaints.csv" in output_text(lab.cells()[0])


MIXED = (
    "شکایات کا اوسط وقت",
    "`row_count` کی قدر بہت زیادہ ہے",
    "pandas میں جدول کھولیں",
    "Mean days of the word شکایت",
    "- پہلا نکتہ `x`\n- pandas والا نکتہ",
)
DIRECTIONS = "nodes => nodes.map(node => getComputedStyle(node).direction)"


def test_urdu_runs_right_to_left_and_code_left_to_right_shown_and_while_it_is_written(lab: Lab) -> None:
    lab.open()
    lab.load(markdown("\n\n".join(MIXED), "m1"), code("شکایت = 'شکایات'\nprint('شکایات (3)')  # تبصرہ", "c1"))
    shown = lab.frame.locator(".jp-RenderedMarkdown > *")
    lab.frame.locator(".jp-RenderedMarkdown > ul[dir]").wait_for()
    assert shown.evaluate_all(DIRECTIONS) == ["rtl", "rtl", "rtl", "ltr", "rtl"]
    assert lab.run_all()
    outputs = lab.frame.locator(".jp-CodeCell :is(.cm-line, .jp-OutputArea-output pre)")
    assert outputs.evaluate_all(DIRECTIONS) == ["ltr", "ltr", "ltr"]
    shown.first.dblclick()
    lines = lab.frame.locator(".jp-MarkdownCell .cm-line")
    lines.first.wait_for()
    written = [line for text in MIXED for line in (*text.split("\n"), "")][:-1]
    expected = ["rtl" if line and not line.startswith("Mean") else "ltr" for line in written]
    assert lines.evaluate_all(DIRECTIONS) == expected
    lines.last.click()
    lab.page.keyboard.press("Control+End")
    lab.page.keyboard.press("Enter")
    lab.page.keyboard.insert_text("English again")
    assert lines.last.evaluate("node => getComputedStyle(node).direction") == "ltr"
    assert lab.cells()[0]["source"].endswith("English again")
    assert lab.errors == []


def test_a_direction_that_the_author_gave_stays(lab: Lab) -> None:
    lab.open()
    lab.load(markdown('<div dir="rtl" lang="ur">\n\nEnglish words only\n\n</div>', "m1"))
    paragraph = lab.frame.locator(".jp-RenderedMarkdown p")
    paragraph.wait_for()
    assert paragraph.evaluate("node => getComputedStyle(node).direction") == "rtl"


def test_urdu_is_set_in_a_font_that_has_all_its_letters(lab: Lab) -> None:
    lab.open()
    lab.load(markdown("ہر ضلعے کی شکایات"))
    lab.frame.locator(".jp-RenderedMarkdown p").wait_for()
    lab.frame.wait_for_function("document.fonts.check('16px \"Hunar Naskh\"', 'ہ')")
    loaded = lab.frame.evaluate("[...document.fonts].filter(font => font.status === 'loaded').map(font => font.family)")
    assert "Hunar Naskh" in [family.strip('"') for family in loaded]
    assert lab.errors == []


def test_a_beginner_sees_run_and_restart_and_no_menus_even_on_a_phone(lab: Lab) -> None:
    lab.page.set_viewport_size({"width": 360, "height": 700})
    lab.open()
    lab.load(*LESSON)
    lab.frame.locator(".jp-NotebookPanel-toolbar [data-jp-item-name='run']").wait_for()
    for name in ("run", "restart", "restart-and-run", "insert"):
        button = lab.frame.locator(f".jp-NotebookPanel-toolbar [data-jp-item-name='{name}']")
        box = button.bounding_box()
        assert box is not None, name
        assert box["x"] + box["width"] <= 360, name
    for hidden in ("#menu-panel", ".jp-FileBrowser", "[data-jp-item-name='save']"):
        assert not any(node.is_visible() for node in lab.frame.locator(hidden).all()), hidden
    wide = lab.frame.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0
    assert lab.errors == []


EVALUATE = """import simulations
from simulations.evaluation import evaluate_own

found = evaluate_own(simulations.load("grievance"), lambda run: run.defaults | {"call_back_share": 0.2}, range(3))
round(found.loss.mean, 3), round(found.gain.mean, 3)"""


def test_a_notebook_imports_the_simulations_and_tests_a_policy_of_its_own(lab: Lab) -> None:
    lab.open()
    lab.load(code(EVALUATE))
    assert lab.run_all(), output_text(lab.cells()[0])
    policy = evaluate_own(
        simulations.load("grievance"), lambda run: dict(run.defaults) | {"call_back_share": 0.2}, range(3)
    )
    assert str((round(policy.loss.mean, 3), round(policy.gain.mean, 3))) in output_text(lab.cells()[0])
    assert lab.foreign == []
    assert lab.errors == []
