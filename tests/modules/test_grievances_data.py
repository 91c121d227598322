"""The grievances data: the same bytes every time, small enough for a phone, and its truths are in it."""

import hashlib
import os
import shutil
from pathlib import Path

import pandas as pd
import pytest

from app.content import Catalogue, DataMismatchError, Module, Notebook, load_catalogue, write_lab_files

PLACE = Path("measure-to-manage") / "grievances"


@pytest.fixture(scope="module")
def complaints(lab_folder: Path) -> pd.DataFrame:
    return pd.read_csv(lab_folder / PLACE / "complaints.csv", parse_dates=["filed_on", "closed_on"])


@pytest.fixture(scope="module")
def clean(complaints: pd.DataFrame) -> pd.DataFrame:
    return complaints.drop_duplicates("complaint_id")


@pytest.fixture(scope="module")
def districts(lab_folder: Path) -> pd.DataFrame:
    return pd.read_csv(lab_folder / PLACE / "districts.csv").set_index("district")


def test_the_files_have_the_recorded_bytes_and_are_small(module: Module, lab_folder: Path) -> None:
    notebook = module.activity("grievances")
    assert isinstance(notebook, Notebook)
    assert notebook.data_files == ("complaints.csv", "districts.csv")
    for name, digest in notebook.data_sha256.items():
        content = (lab_folder / PLACE / name).read_bytes()
        assert hashlib.sha256(content).hexdigest() == digest
        assert len(content) <= 3_000_000


def test_writing_again_leaves_good_files_alone_and_mends_a_broken_one(catalogue: Catalogue, tmp_path: Path) -> None:
    paths = write_lab_files(catalogue, tmp_path)
    assert sorted(paths) == [tmp_path / PLACE / "complaints.csv", tmp_path / PLACE / "districts.csv"]
    for path in paths:
        os.utime(path, ns=(1, 1))
    assert write_lab_files(catalogue, tmp_path) == paths
    assert {path.stat().st_mtime_ns for path in paths} == {1}
    whole = paths[1].read_bytes()
    paths[1].write_bytes(whole[:100])
    write_lab_files(catalogue, tmp_path)
    assert paths[1].read_bytes() == whole
    assert sorted(path for path in tmp_path.rglob("*") if path.is_file()) == sorted(paths)


def test_a_script_that_writes_other_bytes_is_refused(modules_folder: Path, tmp_path: Path) -> None:
    modules = Path(shutil.copytree(modules_folder, tmp_path / "modules"))
    script = modules / "measure-to-manage" / "notebooks" / "grievances" / "data.py"
    text = script.read_text("utf-8")
    assert '"Kolai Palas": (280_162' in text
    script.write_text(text.replace('"Kolai Palas": (280_162', '"Kolai Palas": (280_163'), "utf-8")
    with pytest.raises(DataMismatchError, match=r"districts\.csv|complaints\.csv"):
        write_lab_files(load_catalogue(modules), tmp_path / "labs")
    assert not list((tmp_path / "labs").rglob("*.csv"))


def test_there_are_24_000_rows_over_35_districts(complaints: pd.DataFrame, districts: pd.DataFrame) -> None:
    assert len(complaints) >= 24_000
    assert set(complaints["district"]) == set(districts.index)
    assert len(districts) == 35


def test_2_1_percent_of_the_rows_repeat_an_id(complaints: pd.DataFrame) -> None:
    assert complaints["complaint_id"].duplicated().mean() == pytest.approx(0.021, abs=0.0005)
    whole_rows = complaints.duplicated().mean()
    assert 0 < whole_rows < 0.021, "some repeats differ from the first entry, so whole rows do not find them"


def test_the_district_with_most_complaints_is_19th_by_rate(clean: pd.DataFrame, districts: pd.DataFrame) -> None:
    counts = clean["district"].value_counts()
    rates = (counts / districts["population"]).sort_values(ascending=False)
    assert counts.index[0] == "Peshawar"
    assert list(rates.index).index("Peshawar") + 1 == 19


def test_hardly_anyone_complains_on_the_days_of_eid(clean: pd.DataFrame) -> None:
    days = clean["filed_on"].dt.strftime("%m-%d").value_counts()
    quietest = set(days.nsmallest(6).index)
    assert quietest == {"03-31", "04-01", "04-02", "06-07", "06-08", "06-09"}


def test_complaints_in_pashto_are_confirmed_less_and_asked_about_less(clean: pd.DataFrame) -> None:
    resolved = clean[clean["reported_resolved"] == "yes"]
    asked = resolved["citizen_confirmed"].notna().groupby(resolved["language"]).mean()
    answers = resolved.dropna(subset="citizen_confirmed")
    confirmed = (answers["citizen_confirmed"] == "yes").groupby(answers["language"]).mean()
    assert confirmed["Pashto"] < confirmed[["Urdu", "English"]].min() - 0.12
    assert asked["Pashto"] < 0.6 * asked[["Urdu", "English"]].min()


def test_districts_with_few_households_online_are_silent(clean: pd.DataFrame, districts: pd.DataFrame) -> None:
    rates = clean["district"].value_counts() / districts["population"]
    assert rates.corr(districts["households_online_percent"]) > 0.85


def test_complaints_closed_on_the_last_day_are_rarely_confirmed(clean: pd.DataFrame) -> None:
    answers = clean.dropna(subset="citizen_confirmed")
    on_deadline = (answers["closed_on"] - answers["filed_on"]).dt.days == answers["deadline_days"]
    confirmed = answers["citizen_confirmed"] == "yes"
    assert confirmed[on_deadline].mean() < 0.4
    assert confirmed[~on_deadline].mean() > 0.75


def test_the_columns_agree_with_each_other(clean: pd.DataFrame) -> None:
    is_open = clean["status"] == "open"
    assert clean["closed_on"].isna().equals(is_open)
    assert clean["reported_resolved"].isna().equals(is_open)
    assert (clean.loc[clean["citizen_confirmed"].notna(), "reported_resolved"] == "yes").all()
    assert (clean.loc[~is_open, "closed_on"] >= clean.loc[~is_open, "filed_on"]).all()
