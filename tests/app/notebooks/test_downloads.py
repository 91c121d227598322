"""What a lab says beforehand that its first opening brings is added up from what it fetches."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from flask import Flask

from app.content.downloads import first_opening_megabytes, frame_address
from app.content.own_data import data_of
from app.content.schemas import Notebook, OwnFile
from tests.app.conftest import LAB, MODULE

SAID = {
    "always": 8_000_000,
    "imports": {
        "numpy": {"numpy.whl": 2_000_000},
        "pandas": {"numpy.whl": 2_000_000, "pandas.whl": 3_000_000},
        "matplotlib": {"numpy.whl": 2_000_000, "matplotlib.whl": 4_000_000},
    },
    "data": {f"{MODULE}/{LAB}/complaints.csv": 500_000, f"{MODULE}/{LAB}/districts.csv": 300_000},
}


@pytest.fixture
def lab(app: Flask) -> Notebook:
    found = app.extensions["catalogue"].find(MODULE, LAB)
    assert isinstance(found, Notebook)
    return found


@pytest.fixture
def site(tmp_path: Path) -> Path:
    (tmp_path / "opening.json").write_text(json.dumps(SAID))
    return tmp_path


def reading(lab: Notebook, text: str, *, sent_bytes: int = 0) -> Notebook:
    """The lab with another cell, and with a file of the academy's own in the place of the pack's districts."""
    cells = [{"cell_type": "code", "source": text.splitlines(keepends=True)}, {"cell_type": "markdown", "source": "#"}]
    file = OwnFile(
        sha256="a" * 64,
        packed_sha256="b" * 64,
        size_bytes=9,
        sent_bytes=sent_bytes,
        row_count=1,
        columns=(),
        assurance="",
    )
    own = data_of(lab, {"districts.csv": file} if sent_bytes else {})
    return lab.model_copy(update={"source": json.dumps({"cells": cells}).encode(), **own})


@pytest.mark.parametrize(
    ("text", "megabytes"),
    [
        ("1 + 1", 8.0),
        ("import math", 8.0),
        ("import pandas as pd", 13.0),
        ("from matplotlib import pyplot", 14.0),
        ("import matplotlib.pyplot as plt, pandas", 17.0),
        ("x = 1\n  import numpy\nimport pandas", 13.0),
        ("# pandas\n'import of wheat'", 8.0),
        ("\n" * 500_000 + "import pandas", 13.0),
        ("open('complaints.csv')", 8.5),
        ("open('complaints.csv'), open('districts.csv')", 8.8),
    ],
)
def test_packages_count_once_and_data_that_a_cell_reads(lab: Notebook, site: Path, text: str, megabytes: float) -> None:
    assert first_opening_megabytes(site, MODULE, reading(lab, text)) == megabytes


def test_own_data_come_with_the_page_and_in_the_place_of_the_packs(lab: Notebook, site: Path) -> None:
    assert first_opening_megabytes(site, MODULE, reading(lab, "open('districts.csv')", sent_bytes=1_000_000)) == 9.0
    assert first_opening_megabytes(site, MODULE, reading(lab, "1", sent_bytes=2_000_000)) == 10.0


def test_nothing_is_said_while_no_site_is_built(lab: Notebook, tmp_path: Path) -> None:
    assert first_opening_megabytes(tmp_path, MODULE, lab) is None


@pytest.mark.parametrize(
    ("text", "fragment"),
    [
        ("import math", ""),
        ("import pandas as pd", "#imports=pandas"),
        ("import matplotlib.pyplot as plt, numpy\nimport numpy as np", "#imports=matplotlib.pyplot,numpy"),
        ("from matplotlib.pyplot import plot\nfrom . import here\nimport 'x'", "#imports=matplotlib.pyplot"),
    ],
)
def test_the_notebook_program_is_told_what_to_load_meanwhile(
    lab: Notebook, site: Path, text: str, fragment: str
) -> None:
    address = frame_address("https://notebooks.example", site, reading(lab, text).source)
    assert address == f"https://notebooks.example/notebooks/index.html{fragment}"


def test_without_a_site_nothing_is_loaded_meanwhile(lab: Notebook, tmp_path: Path) -> None:
    assert "#" not in frame_address("https://notebooks.example", tmp_path, reading(lab, "import pandas").source)
