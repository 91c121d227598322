"""Scripts that every opening asks for, joined into one that runs before the program that would fetch them."""

from pathlib import Path

import pytest

from lab import joined, path_lists
from lab.errors import LabError

PAGE = f'<head></head>{joined.PAGE_CONTINUES}?_=1"></script>'
LISTED = path_lists.read(joined.LIST)
PART = f"({joined.PARTS} = {joined.PARTS} || []).push([[NUMBER], {{}}]);"


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """With each script of the list, and one beside them."""
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "notebooks/index.html").write_text(PAGE)
    (tmp_path / "build").mkdir()
    for number, pattern in enumerate(LISTED):
        (tmp_path / pattern.lstrip("/").replace("*", "0a1b2c")).write_text(PART.replace("NUMBER", str(number)))
    (tmp_path / "build/other.0a1b2c.js").write_text("other")
    return tmp_path


def test_the_page_runs_one_script_in_place_of_those_listed(site: Path) -> None:
    joined.join(site)
    left = {path.name.split(".")[0]: path for path in (site / "build").iterdir()}
    assert left.keys() == {"joined", "other"}
    content = left["joined"].read_text()
    assert all(f"push([[{number}]" in content for number in range(len(LISTED)))
    html = (site / "notebooks/index.html").read_text()
    assert html.index(left["joined"].name) < html.index("config-utils.js")


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("notebooks/index.html", "<head></head>", "does not start as it did"),
        ("build/100.3d4e5f.js", "a second one", "of which the site has 2"),
        ("build/100.0a1b2c.js", "alert(1)", "no part of JupyterLite"),
    ],
)
def test_a_jupyterlite_of_other_parts_is_refused(site: Path, name: str, content: str, reason: str) -> None:
    (site / name).write_text(content)
    with pytest.raises(LabError, match=reason):
        joined.join(site)


def test_a_script_that_is_gone_is_named(site: Path) -> None:
    (site / "build/131.0a1b2c.js").unlink()
    with pytest.raises(LabError, match=r"131\.\*\.js, of which the site has 0"):
        joined.join(site)
