"""The content packs on disk, read once."""

from pathlib import Path

import pytest

from app.content import Catalogue, Module, load_catalogue, write_lab_files

MODULES = Path(__file__).parents[2] / "modules"


@pytest.fixture(scope="session")
def modules_folder() -> Path:
    return MODULES


@pytest.fixture(scope="session")
def catalogue() -> Catalogue:
    return load_catalogue(MODULES)


@pytest.fixture(scope="session")
def module(catalogue: Catalogue) -> Module:
    return catalogue.module("measure-to-manage")


@pytest.fixture(scope="session")
def lab_folder(catalogue: Catalogue, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data files of every lab, written once: <folder>/<module>/<notebook>/<file>."""
    folder = tmp_path_factory.mktemp("labs")
    write_lab_files(catalogue, folder)
    return folder
