"""Scripts of JupyterLite's that every opening asks for, in one file: each alone costs a browser more than its content.

On a link with a delay they would also come half a dozen at a time.
"""

from pathlib import Path

from lab import hashed, path_lists
from lab.errors import LabError

LIST = Path(__file__).with_name("joined.txt")
PAGE_CONTINUES = '<script type="module" src="../config-utils.js'
# Webpack's runtime takes what stands there when it begins, and fetches only what does not.
PARTS = "self.webpackChunk_JUPYTERLAB_CORE_OUTPUT"


def join(site: Path) -> None:
    """Put the listed scripts into one, which the page of the notebook runs first, in their place.

    LabError when one is no longer there, or is no part that can be run before the rest.
    """
    page = site / "notebooks/index.html"
    html = page.read_text(encoding="utf-8")
    if html.count(PAGE_CONTINUES) != 1:
        raise LabError("JupyterLite's notebooks/index.html does not start as it did; see lab/joined.py.")
    parts = [_only_match(site, pattern) for pattern in path_lists.read(LIST)]
    # A script that is strict must not make its neighbours strict.
    content = "".join(f"(function () {{\n{_part(path)}\n}})();\n" for path in parts).encode()
    name = hashed.put(content, "joined.js", site / "build")
    for path in parts:
        path.unlink()
    script = f'<script defer src="../build/{name}"></script>'
    page.write_text(html.replace(PAGE_CONTINUES, f"{script}\n    {PAGE_CONTINUES}"), encoding="utf-8")


def _only_match(site: Path, pattern: str) -> Path:
    found = list(site.glob(pattern.lstrip("/")))
    if len(found) != 1:
        raise LabError(f"lab/joined.txt names {pattern}, of which the site has {len(found)}.")
    return found[0]


def _part(path: Path) -> str:
    content = path.read_text(encoding="utf-8")
    if PARTS not in content:
        raise LabError(f"{path.name} is no part of JupyterLite's program that can be joined with others.")
    return content
