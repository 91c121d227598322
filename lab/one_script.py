"""A script and the modules that it imports as one script.

JupyterLab loads an extension as one, and each file more would be a request more at every opening.

Modules import names in one line, `import { one, other } from './module.js';`, and export declarations.
"""

import re
from pathlib import Path

from lab.errors import LabError

IMPORT = re.compile(r"^import (\{ [\w, ]+ \}) from '\./([\w-]+)\.js';\n", re.MULTILINE)
EXPORT = re.compile(r"^export ((?:async )?(?:function|class|const) (\w+))", re.MULTILINE)
LEFT = re.compile(r"^(?:import|export)\b.*", re.MULTILINE)


def joined(entry: Path) -> str:
    """LabError names a module that imports itself by way of others, or writes imports or exports in another way."""
    modules: dict[str, str] = {}
    _add(entry, modules, ())
    return "(() => {\n'use strict';\n\n" + "\n".join(modules.values()) + "})();\n"


def _add(path: Path, modules: dict[str, str], importing: tuple[str, ...]) -> None:
    """Add the module behind those that it imports, as a constant that holds what it exports."""
    if path.stem in importing:
        raise LabError(f"Modules import each other in a circle: {' > '.join((*importing, path.stem))}.")
    if path.stem in modules:
        return
    content = path.read_text(encoding="utf-8")
    for _, name in IMPORT.findall(content):
        _add(path.with_name(f"{name}.js"), modules, (*importing, path.stem))
    exports = ", ".join(name for _, name in EXPORT.findall(content))
    body = EXPORT.sub(r"\1", IMPORT.sub(lambda found: f"const {found[1]} = {_constant(found[2])};\n", content))
    if (other := LEFT.search(body)) is not None:
        raise LabError(f"{path.name}: lab/one_script.py does not know “{other[0]}”.")
    modules[path.stem] = f"const {_constant(path.stem)} = (() => {{\n{body}\nreturn {{ {exports} }};\n}})();\n"


def _constant(name: str) -> str:
    return f"module_{name.replace('-', '_')}"
