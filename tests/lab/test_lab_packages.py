"""Which wheels get into the site, and which do not."""

import hashlib
import io
import json
import zipfile
from pathlib import Path

import pytest

from config import ROOT
from lab import archives, font_list, fonts, kernel, packages, trimming, wheels
from lab.errors import LabError
from lab.packages import LockedPackage
from lab.site import LOCK_FILE, PYODIDE

WHEEL = "tiny-1.0-py3-none-any.whl"
REWRITTEN = (font_list.LIST,)
ADDED_FILES = tuple(f"{stem}.{suffix}" for stem in ("fetched_fonts", "written_tables") for suffix in ("pyc", "json"))


def locked(data: bytes, name: str = WHEEL) -> LockedPackage:
    return LockedPackage("tiny", name, hashlib.sha256(data).hexdigest())


@pytest.fixture
def wheel_folder(tmp_path: Path) -> Path:
    folder = tmp_path / "wheels"
    folder.mkdir()
    (folder / WHEEL).write_bytes(b"as locked")
    return folder


@pytest.fixture
def destination(tmp_path: Path) -> Path:
    folder = tmp_path / "site"
    folder.mkdir()
    return folder


def test_a_wheel_with_the_locked_hash_is_copied(wheel_folder: Path, destination: Path) -> None:
    copied = wheels.copy_locked([locked(b"as locked")], wheels.WheelSource([wheel_folder]), destination)
    assert copied == len(b"as locked")
    assert (destination / WHEEL).read_bytes() == b"as locked"


def test_an_altered_wheel_is_refused_by_name_and_not_copied(wheel_folder: Path, destination: Path) -> None:
    with pytest.raises(LabError, match=r"tiny-1\.0.*altered"):
        wheels.copy_locked([locked(b"original")], wheels.WheelSource([wheel_folder]), destination)
    assert list(destination.iterdir()) == []


def test_a_missing_wheel_is_refused_by_name(wheel_folder: Path, destination: Path) -> None:
    absent = locked(b"", name="absent-2.0-py3-none-any.whl")
    with pytest.raises(LabError, match="absent-2"):
        wheels.copy_locked([absent], wheels.WheelSource([wheel_folder]), destination)


def test_wheels_are_found_inside_an_archive(tmp_path: Path, destination: Path) -> None:
    archive = tmp_path / "collection-1.0-py3-none-any.whl"
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr(f"collection/assets/{WHEEL}", b"as locked")
    wheels.copy_locked([locked(b"as locked")], wheels.WheelSource([archive]), destination)
    assert (destination / WHEEL).read_bytes() == b"as locked"


def test_a_source_that_is_no_archive_is_named(tmp_path: Path) -> None:
    broken = tmp_path / "broken.whl"
    broken.write_text("not a zip file")
    with pytest.raises(LabError, match=r"broken\.whl"):
        wheels.WheelSource([broken])


def test_a_wheel_beside_the_lock_must_have_its_pinned_hash(tmp_path: Path, destination: Path) -> None:
    folder = tmp_path / "wheels"
    folder.mkdir()
    (folder / "comm-0.2.2-py3-none-any.whl").write_bytes(b"not the pinned one")
    with pytest.raises(LabError, match=r"comm-0\.2\.2.*altered"):
        wheels.copy_pinned(["comm"], wheels.WheelSource([folder]), destination)


def test_the_closure_follows_dependencies_whatever_way_names_are_written() -> None:
    entries = {
        "Top": {"file_name": "t", "sha256": "1", "depends": ["mid_dle"]},
        "mid-dle": {"file_name": "m", "sha256": "2", "depends": ["leaf.name", "TOP"]},
        "leaf-name": {"file_name": "l", "sha256": "3", "depends": []},
        "other": {"file_name": "o", "sha256": "4", "depends": []},
    }
    found = packages.closure({"packages": entries}, ["top"])
    assert [package.key for package in found] == ["Top", "leaf-name", "mid-dle"]


def test_a_package_that_the_lock_lacks_is_named() -> None:
    with pytest.raises(LabError, match="torch"):
        packages.closure({"packages": {}}, ["torch"])


def test_the_packages_of_a_lab_need_nothing_that_is_left_out() -> None:
    lock = packages.read_lock(PYODIDE / LOCK_FILE)
    found = packages.closure(lock, packages.read_package_list().locked)
    there = {packages.normalised(package.key) for package in found}
    needed = {packages.normalised(name) for key in found for name in lock["packages"][key.key]["depends"]}
    assert needed <= there
    assert {"numpy", "pandas", "matplotlib", "ipython", "prompt-toolkit", "pygments", "jedi"} <= there
    assert "scipy" not in there


def _source(name: str) -> str:
    return name.removesuffix("c") if name.endswith(".pyc") else name


def members(archive: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        return {member.filename: opened.read(member) for member in opened.infolist()}


def test_the_site_holds_exactly_the_content_of_the_locked_files_and_our_own_wheel(built_site: Path) -> None:
    official = packages.read_lock(PYODIDE / LOCK_FILE)["packages"]
    source = wheels.WheelSource(wheels.download(ROOT / "var/lab-cache/wheels"))
    [folder] = (built_site / "static").glob("pyodide-*")
    served = json.loads((folder / LOCK_FILE).read_text())["packages"]
    wanted = packages.closure({"packages": official}, packages.read_package_list().locked)
    deferred = packages.read_package_list().deferred
    later = {f"{key}-when-imported": key for key in deferred}
    ours = {"hunar-simulations", "ipykernel", "pyodide-kernel", "comm", "piplite"}
    assert set(served) == {package.key for package in wanted} | ours | set(later)
    for key, entry in served.items():
        data = (folder / entry["file_name"]).read_bytes()
        assert hashlib.sha256(data).hexdigest() == entry["sha256"], key
        if key in deferred:
            assert members(data) == {}
            assert entry["imports"] == []
        elif (name := later.get(key, key)) in official:
            locked_file = source.read(entry["file_name"]) or b""
            assert hashlib.sha256(locked_file).hexdigest() == official[name]["sha256"], key
            assert entry["imports"] == official[name]["imports"]
            used = {name: content for name, content in members(locked_file).items() if not archives.UNUSED.search(name)}
            found = {_source(name): content for name, content in members(data).items() if name not in ADDED_FILES}
            assert found.keys() == used.keys(), key
            changed = {name for name in used if name.endswith(".py") or name in REWRITTEN or fonts.FETCHED.search(name)}
            assert {name for name in used if found[name] != used[name]} <= changed, key


def font(name: str) -> dict[str, object]:
    return {"fname": name, "name": "Any", "__class__": "FontEntry"}


def plotting_wheel(*brought: str, version: str = "    __version__ = 330\n") -> bytes:
    listed = {"_version": 390, "ttflist": [font("fonts/ttf/a.ttf"), font("/Library/b.ttf")], "afmlist": [font("c.afm")]}
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(font_list.LIST, json.dumps(listed))
        archive.writestr(font_list.SCANNER, f"class FontManager:\n{version}")
        for name in brought:
            archive.writestr(font_list.DATA + name, b"font")
    return packed.getvalue()


def test_the_font_list_gets_the_version_of_its_matplotlib_and_only_the_fonts_that_are_there() -> None:
    matched = json.loads(members(font_list.matched(plotting_wheel("fonts/ttf/a.ttf")))[font_list.LIST])
    assert matched == {"_version": 330, "ttflist": [font("fonts/ttf/a.ttf")], "afmlist": []}


def test_a_font_that_no_list_has_is_named() -> None:
    with pytest.raises(LabError, match=r"new\.ttf"):
        font_list.matched(plotting_wheel("fonts/ttf/a.ttf", "fonts/ttf/new.ttf"))


def test_a_matplotlib_that_does_not_say_its_version_of_the_list_is_refused() -> None:
    with pytest.raises(LabError, match="version"):
        font_list.matched(plotting_wheel("fonts/ttf/a.ttf", version="    pass\n"))


def test_what_no_cell_can_use_stays_out_of_an_archive_and_code_stays_in() -> None:
    unused = {"numpy/f2py/rules.py", "numpy/__init__.pyi", "matplotlib/mpl-data/fonts/afm/a.afm", "numpy/a.h"}
    unused |= {"jedi/third_party/django-stubs/a.pyi", "pygments/lexers/ruby.py", "pandas-2.dist-info/RECORD"}
    unused |= {
        "matplotlib/backends/backend_qtagg.py",
        "matplotlib/backends/qt_compat.py",
        "xmlrpc/client.py",
        "smtplib.py",
    }
    unused |= {"matplotlib/mpl-data/images/home.svg", "IPython/sphinxext/custom.py", "IPython/terminal/embed.py"}
    unused |= {"matplotlib/testing/decorators.py", "PIL/_webp.cpython-312-wasm32-emscripten.so"}
    used = {"matplotlib/backends/backend_agg.py", "matplotlib/backends/backend_svg.py", "http/client.py", "mailbox.py"}
    used |= {"IPython/terminal/pt_inputhooks/__init__.py", "IPython/testing/skipdoctest.py", "PIL/_imaging.so"}
    used |= {"numpy/lib/format.py", "matplotlib/mpl-data/fonts/ttf/DejaVuSans.ttf", "numpy/core.so", "a/b.data"}
    used |= {"jedi/third_party/typeshed/stdlib/3/builtins.pyi", "pygments/lexers/python.py", "a-1.dist-info/METADATA"}
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name in sorted(unused | used):
            archive.writestr(name, "content")
    assert set(members(archives.unpacked(packed.getvalue()))) == used


def zipped(**contents: str) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, content in contents.items():
            archive.writestr(name, content)
    return packed.getvalue()


def test_the_kernel_loads_neither_terminal_nor_database_and_other_wheels_stay_as_they_are() -> None:
    name = "IPython/core/history.py"
    source = "import re\nimport sqlite3\nimport threading\ntypes = (DummyDB, sqlite3.Connection)\n"
    assert members(trimming.trimmed(zipped(**{name: source, "IPython/paths.py": "import sqlite3\n"}))) == {
        name: b"import re\nimport threading\ntypes = (DummyDB,)\n",
        "IPython/paths.py": b"import sqlite3\n",
    }
    other = zipped(**{"pandas/__init__.py": "import sqlite3\n"})
    assert trimming.trimmed(other) is other


def test_a_kernel_that_is_not_what_it_was_is_named() -> None:
    with pytest.raises(LabError, match=r"pyodide_kernel/interpreter\.py"):
        trimming.trimmed(zipped(**{"pyodide_kernel/interpreter.py": "use_jedi = None\n"}))


def test_a_wheel_that_the_kernel_does_not_carry_is_named(destination: Path) -> None:
    with pytest.raises(LabError, match="ipywidgets"):
        kernel.copy_wheels(("ipykernel", "ipywidgets"), destination)


def test_an_unpacked_archive_has_the_same_members_and_comes_out_the_same_every_time() -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("package/", "")
        archive.writestr("package/code.py", "answer = 42\n" * 100)
    plain = archives.unpacked(packed.getvalue())
    assert members(plain) == members(packed.getvalue())
    assert len(plain) > 1200 > len(packed.getvalue())
    assert archives.unpacked(plain) == plain
