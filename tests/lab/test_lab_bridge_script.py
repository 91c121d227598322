"""The bridge's modules become one script."""

import shutil
import subprocess
from pathlib import Path

import pytest

from lab import bridge_script
from lab.errors import LabError
from lab.site import NPM


def test_what_several_modules_import_runs_once_and_their_names_do_not_meet(tmp_path: Path) -> None:
    modules = {
        "base": "console.log('base');\nconst own = 1;\nexport const two = own + 1;\n",
        "other": "import { two } from './base.js';\nconst own = 10;\nexport const sum = () => own + two;\n",
        "entry": "import { two } from './base.js';\nimport { sum } from './other.js';\nconsole.log(sum(), two);\n",
    }
    for name, content in modules.items():
        (tmp_path / f"{name}.js").write_text(content)
    node = shutil.which("node")
    assert node is not None
    script = bridge_script.bundled(tmp_path / "entry.js", NPM)
    assert subprocess.run([node, "-"], input=script, capture_output=True, check=True).stdout == b"base\n12 2\n"


def test_a_module_that_is_not_there_is_named(tmp_path: Path) -> None:
    (tmp_path / "entry.js").write_text("import { two } from './gone.js';\n")
    with pytest.raises(LabError, match=r"gone\.js"):
        bridge_script.bundled(tmp_path / "entry.js", NPM)
