"""Python begins while Jupyter's own program is still being loaded: the two take about as long, each on a processor."""

import re
from pathlib import Path

from lab import hashed
from lab.errors import LabError

HERE = Path(__file__).parent
START, WORKER = "start.js", "worker.js"
# In the kernel extension, of pages that are not isolated from other origins, as these are not.
KERNEL_WORKER = re.compile(r":new Worker\(new URL\(\w+\.p\+\w+\.u\((\d+)\)")
# What the page fetches before all else, which tells how fast the link is.
FIRST = "build/notebooks/bundle.js"
PAGE_BEGINS = '<meta charset="utf-8" />'


def unzip_script(npm: Path) -> Path:
    """The library that unpacks archives, in the folder of npm's packages."""
    return npm / "fflate/umd/index.js"


def begin_early(site: Path, extension: Path, *, pyodide: str, unzip: Path, packages: tuple[str, ...]) -> None:
    """Make the notebook's page begin with Python, and each kernel start and unpack its packages in our way.

    extension: folder of the kernel extension's scripts on the site. pyodide: path of pyodide.js there.
    unzip: the library's script. LabError when JupyterLite starts its kernel in another way than it did.
    """
    page = site / "notebooks/index.html"
    html = page.read_text(encoding="utf-8")
    worker = _kernel_worker(extension).relative_to(site).as_posix()
    start, begun = (hashed.put((HERE / name).read_bytes(), f"early-{name}", site) for name in (START, WORKER))
    library = hashed.put(unzip.read_bytes(), "fflate.js", site)
    script = (
        f'<script src="../{start}" data-first="../{FIRST}" data-worker="../{begun}" data-kernel="../{worker}"'
        f' data-pyodide="../{pyodide}" data-unzip="../{library}" data-packages="{",".join(packages)}"></script>'
    )
    if html.count(PAGE_BEGINS) != 1 or FIRST not in html:
        raise LabError("The head of JupyterLite's notebooks/index.html is not what it was; see lab/early.")
    page.write_text(html.replace(PAGE_BEGINS, f"{PAGE_BEGINS}\n    {script}"), encoding="utf-8")


def _kernel_worker(extension: Path) -> Path:
    numbers = {
        number for path in extension.glob("*.js") for number in KERNEL_WORKER.findall(path.read_text(encoding="utf-8"))
    }
    found = [path for number in numbers for path in extension.glob(f"{number}.*.js")]
    if len(found) != 1:
        raise LabError("The worker of JupyterLite's kernel was not found; see lab/early.")
    return found[0]
