"""A lab whose data files lie in folders, as those of imported assignments may."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
from flask.testing import FlaskClient

from config import Settings

PLACE = Path("measure-to-manage", "grievances")


@pytest.fixture
def settings(settings: Settings, tmp_path: Path) -> Settings:
    """The grievance lab with one data file, in a folder of its own."""
    modules = Path(shutil.copytree(settings.content_folder, tmp_path / "modules"))
    description = modules / PLACE.parent / "notebooks" / PLACE.name / "assignment.toml"
    kept = description.read_text("utf-8").split("[data_sha256]")[0]
    digest = hashlib.sha256(b"1,2,3").hexdigest()
    description.write_text(f'{kept}[data_sha256]\n"data/days.csv" = "{digest}"\n', "utf-8")
    file = tmp_path / "files" / PLACE / "data" / "days.csv"
    file.parent.mkdir(parents=True)
    file.write_bytes(b"1,2,3")
    return settings.model_copy(update={"content_folder": modules, "lab_files_folder": tmp_path / "files"})


def test_a_data_file_in_a_folder_can_be_downloaded_from_the_labs_page(
    people: SimpleNamespace, sign_in: Callable[..., FlaskClient]
) -> None:
    client = sign_in(people.amina)
    address = f"/notebooks/{PLACE.as_posix()}/files/data/days.csv"
    assert address in client.get(f"/notebooks/{PLACE.as_posix()}").text
    assert client.get(address).data == b"1,2,3"
    for name in ("data", "data/../data/days.csv", "data/other.csv", "../grievances/data/days.csv"):
        assert client.get(f"/notebooks/{PLACE.as_posix()}/files/{name}").status_code == 404
