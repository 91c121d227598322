"""The bridge's modules become one script."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from lab import lite, one_script
from lab.errors import LabError


def written(folder: Path, **modules: str) -> Path:
    for name, content in modules.items():
        (folder / f"{name}.js").write_text(content, encoding="utf-8")
    return folder / "entry.js"


def printed(script: str) -> str:
    node = shutil.which("node")
    assert node is not None
    return subprocess.run([node, "-e", script], capture_output=True, text=True, check=True, timeout=60).stdout


def test_what_several_modules_import_runs_once_and_before_them_and_names_do_not_meet(tmp_path: Path) -> None:
    entry = written(
        tmp_path,
        base="console.log('base');\nconst own = 1;\nexport const two = own + 1;\nexport class Kind {}\n",
        one="import { two } from './base.js';\n\nconst own = 10;\nexport function twelve() {\n  return own + two;\n}\n",
        entry="import { Kind } from './base.js';\nimport { twelve } from './one.js';\nconsole.log(twelve(), Kind);\n",
    )
    assert printed(one_script.joined(entry)) == "base\n12 [class Kind]\n"


def test_modules_in_a_circle_are_named(tmp_path: Path) -> None:
    entry = written(tmp_path, entry="import { a } from './one.js';\n", one="import { b } from './entry.js';\n")
    with pytest.raises(LabError, match="entry > one > entry"):
        one_script.joined(entry)


@pytest.mark.parametrize("line", ["import one from './one.js';", "export default 1;", "export { one };"])
def test_imports_and_exports_of_another_form_are_named(tmp_path: Path, line: str) -> None:
    with pytest.raises(LabError, match=re.escape(line)):
        one_script.joined(written(tmp_path, entry=f"{line}\n"))


def test_every_name_that_a_module_of_the_bridge_imports_is_exported() -> None:
    for path in lite.BRIDGE.glob("*.js"):
        for names, module in one_script.IMPORT.findall(path.read_text(encoding="utf-8")):
            exported = one_script.EXPORT.findall((lite.BRIDGE / f"{module}.js").read_text(encoding="utf-8"))
            assert set(names.strip("{ }").split(", ")) <= {name for _, name in exported}, path.name
