"""JupyterLite: its configuration, its build command, and what is changed in the result."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from lab import bridge_script, hashed, kernel
from lab.errors import LabError
from lab.wheels import sha256

HERE = Path(__file__).parent
BRIDGE = HERE / "bridge"
OVERRIDES = HERE / "overrides.json"
LANDING = HERE / "landing.html"
FONTS = tuple(f"noto-naskh-arabic-arabic-{weight}-normal.woff2" for weight in (400, 700))
KERNEL_SCRIPTS = Path("extensions/@jupyterlite", kernel.EXTENSION.name, "static")
KERNEL_PLUGIN = "@jupyterlite/pyodide-kernel-extension:kernel"
MEMORY_ONLY = ["memoryStorageDriver"]

# Parts that a beginner does not need, that would offer other pages or sites, or that run generated code.
DISABLED = (
    "@jupyter-notebook/application-extension:dirty",
    "@jupyter-notebook/application-extension:pages",
    "@jupyter-notebook/application-extension:title",
    "@jupyter-notebook/console-extension",
    "@jupyter-notebook/notebook-extension:checkpoints",
    "@jupyter-notebook/notebook-extension:open-tree-tab",
    "@jupyter-notebook/tree-extension",
    "@jupyterlab/apputils-extension:settings",
    "@jupyterlab/console-extension",
    "@jupyterlab/csvviewer-extension",
    "@jupyterlab/help-extension",
    "@jupyterlab/javascript-extension",
    "@jupyterlab/launcher-extension",
    "@jupyterlab/mermaid-extension",
    "@jupyterlab/notebook-extension:cell-executor",
    "@jupyterlab/running-extension",
    "@jupyterlab/settingeditor-extension",
    "@jupyterlab/terminal-extension",
    "@jupyterlab/tooltip-extension:consoles",
    "@jupyterlab/vega5-extension",
    "@jupyterlite/application-extension:clear-browser-data",
    "@jupyterlite/application-extension:share-file",
    "@jupyterlite/iframe-extension",
    "@jupyterlite/notebook-application-extension:logo",
)

_INLINE_START = re.compile(
    r"<script>\s*\(async function.*?import\(\s*'(\.\./config-utils\.js[^']*)'\s*\);?.*?</script>", re.DOTALL
)


def configuration(pyodide_url: str, preloaded: tuple[str, ...]) -> dict[str, Any]:
    """The site's `jupyter-lite.json`: nothing kept in the browser, nothing fetched from elsewhere."""
    return {
        "jupyter-lite-schema-version": 0,
        "jupyter-config-data": {
            "appName": "Hunar",
            "appUrl": "./notebooks",
            "faviconUrl": "./notebooks/favicon.ico",
            "enableMemoryStorage": True,
            "contentsStorageDrivers": MEMORY_ONLY,
            "settingsStorageDrivers": MEMORY_ONLY,
            "disabledExtensions": list(DISABLED),
            "litePluginSettings": {
                KERNEL_PLUGIN: {
                    "pyodideUrl": pyodide_url,
                    "disablePyPIFallback": True,
                    "loadPyodideOptions": {"packages": list(preloaded)},
                }
            },
        },
    }


def write_source(folder: Path, config: dict[str, Any], *, files: Path | None, fonts: Path, npm: Path) -> None:
    """Fill the folder from which `jupyter lite build` works.  npm: what is installed of package.json."""
    (folder / "jupyter-lite.json").write_text(json.dumps(config))
    shutil.copy(OVERRIDES, folder / "overrides.json")
    build: dict[str, Any] = {
        "apps": ["notebooks"],
        "no_sourcemaps": True,
        "no_unused_shared_packages": True,
        "ignore_sys_prefix": ["federated_extensions"],
        "federated_extensions": [str(kernel.EXTENSION), str(_bridge_extension(folder / "bridge", fonts, npm))],
    }
    if files is not None:
        build["contents"] = [str(files.resolve())]
    (folder / "jupyter_lite_config.json").write_text(json.dumps({"LiteBuildConfig": build}))


def _bridge_extension(folder: Path, fonts: Path, npm: Path) -> Path:
    """The bridge as a prebuilt JupyterLab extension; its files carry their digest in their names, for the cache."""
    static = folder / "static"
    static.mkdir(parents=True)
    style = (BRIDGE / "bridge.css").read_text(encoding="utf-8")
    for name in FONTS:
        style = style.replace(name, hashed.put((fonts / name).read_bytes(), name, static))
    script = bridge_script.bundled(BRIDGE / "bridge.js", npm)
    stem = f"bridge.{sha256(script + style.encode())[:12]}"
    (static / f"{stem}.js").write_bytes(script)
    (static / f"{stem}.css").write_text(style, encoding="utf-8")
    package = {
        "name": "hunar-bridge",
        "version": "1.0.0",
        "jupyterlab": {
            "extension": True,
            "_build": {"load": f"static/{stem}.js", "extension": "./extension"},
        },
    }
    (folder / "package.json").write_text(json.dumps(package))
    return folder


def run(step: str, folder: Path, output: Path) -> None:
    """Run `jupyter lite STEP`: "build", or "check" of settings and files. LabError with its words."""
    command = [sys.executable, "-m", "jupyterlite_core", step]
    command += ["--lite-dir", str(folder), "--output-dir", str(output)]
    ended = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if ended.returncode:
        raise LabError(f"`jupyter lite {step}` failed:\n{(ended.stdout + ended.stderr).strip()[-4000:]}")


def finish(output: Path) -> None:
    """Make the pages fit a policy without inline scripts, and leave out what nobody opens."""
    page = output / "notebooks/index.html"
    html, replaced = _INLINE_START.subn(r'<script type="module" src="\1"></script>', page.read_text(encoding="utf-8"))
    if replaced != 1:
        raise LabError("The start script of JupyterLite's notebooks/index.html was not found.")
    page.write_text(re.sub(r'\s*<link rel="manifest"[^>]*>', "", html), encoding="utf-8")
    shutil.copy(LANDING, output / "index.html")
    shutil.rmtree(output / "doc", ignore_errors=True)
    # They are among Pyodide's packages.
    for wheel in (output / KERNEL_SCRIPTS).glob("pypi/*.whl"):
        wheel.unlink()
