"""Every claim about the grievances is computed from the shipped data, and truths.toml says of each what it is."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

from app.content import Module, Notebook
from app.content.truths import ClaimColumn, PlantedTruths

PLACE = Path("measure-to-manage") / "grievances"
CLEARLY, RELATED = 1.1, 0.5
EID = {"03-31", "04-01", "04-02", "06-07", "06-08", "06-09"}
NATIONAL = {"03-23", "08-14", "12-25"}
SEVERITY = {1: "minor", 3: "serious", 9: "urgent"}
ONE_OF_A_DISTRICT = {"online": "households_online_percent", "population": "population"}


@pytest.fixture(scope="module")
def truths(module: Module) -> PlantedTruths:
    lab = module.activity("grievances")
    assert isinstance(lab, Notebook)
    assert lab.truths is not None
    return lab.truths


def kind_of_day(day: pd.Timestamp) -> str:
    if day.strftime("%m-%d") in EID:
        return "eid"
    if day.strftime("%m-%d") in NATIONAL:
        return "national"
    return {5: "saturday", 6: "sunday"}.get(day.dayofweek, "other")


class Figures:
    """The measures of truths.toml, computed anew."""

    def __init__(self, folder: Path) -> None:
        rows = pd.read_csv(folder / "complaints.csv", parse_dates=["filed_on", "closed_on"])
        self.districts = pd.read_csv(folder / "districts.csv").set_index("district")
        self.rows = rows.assign(severity=rows["severity"].map(SEVERITY), repeat=rows["complaint_id"].duplicated())
        clean = self.rows.drop_duplicates("complaint_id")
        took = (clean["closed_on"] - clean["filed_on"]).dt.days
        late = took - clean["deadline_days"]
        beside = late.map(lambda days: "on" if days == 0 else "after" if days > 0 else "before")
        self.clean = clean.assign(took=took, closing=beside, day=clean["filed_on"].map(kind_of_day))

    def by(self, measure: str, column: str) -> pd.Series:
        """One number for each group of a column."""
        counts = self.clean.groupby(column).size()
        if measure == "rate":
            return counts / self.districts["population"]
        if measure == "daily":
            return counts / pd.Series(pd.date_range("2025-01-01", "2025-12-31")).map(kind_of_day).value_counts()
        if measure == "days":
            return self.clean.groupby(column)["took"].median()
        return counts if measure == "complaints" else self.share(measure, column)

    def share(self, measure: str, column: str) -> pd.Series:
        closed = self.clean[self.clean["status"] == "closed"]
        resolved = closed[closed["reported_resolved"] == "yes"]
        called = resolved[resolved["citizen_confirmed"].notna()]
        table, is_meant = {
            "repeats": (self.rows, self.rows["repeat"]),
            "last-day": (closed, closed["closing"] == "on"),
            "reported": (closed, closed["reported_resolved"] == "yes"),
            "called": (resolved, resolved["citizen_confirmed"].notna()),
            "confirmed": (called, called["citizen_confirmed"] == "yes"),
        }[measure]
        return is_meant.groupby(table[column]).mean()

    def true_answers(self, measure: str, column: ClaimColumn) -> Iterator[str]:
        if not column.groups:
            related = self.by(measure, "district").corr(self.districts[ONE_OF_A_DISTRICT[column.id]])
            yield "rises" if related >= RELATED else "falls" if related <= -RELATED else "unrelated"
            return
        figures = self.by(measure, column.id).sort_values()
        names = [str(name).lower().replace(" ", "-") for name in figures.index]
        assert set(names) == {group.id for group in column.groups}, "the groups offered are those of the data"
        if figures.iloc[-1] >= CLEARLY * figures.iloc[-2]:
            yield f"highest/{names[-1]}"
        if CLEARLY * figures.iloc[0] <= figures.iloc[1]:
            yield f"lowest/{names[0]}"
        if figures.iloc[-1] < CLEARLY * figures.iloc[0]:
            yield "same"


def test_what_is_called_true_is_true_in_the_data_and_everything_else_is_not(
    truths: PlantedTruths, lab_folder: Path
) -> None:
    figures = Figures(lab_folder / PLACE)
    columns = {column.id: column for column in truths.columns}
    computed = {
        f"{measure.id}/{column}/{answer}"
        for measure in truths.measures
        for column in measure.by
        for answer in figures.true_answers(measure.id, columns[column])
    }
    assert computed - set(truths.hits) == set(truths.also_true)
    assert set(truths.hits) <= computed


def test_the_choices_do_not_give_the_truths_away(truths: PlantedTruths) -> None:
    assert len(truths.hits) / len(truths.offered) < 0.03
