"""Grievances invented for teaching, with planted truths that a careful reader of the data can find.

District names and populations are public (2023 census, as listed by pakinformation.com); every complaint,
rate, language share, date and outcome is invented and says nothing about any real district or office.
"""

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

Array = npt.NDArray[Any]

SEED = 20_251_124
SNAPSHOT = np.datetime64("2026-01-15")
YEAR = np.arange("2025-01-01", "2026-01-01", dtype="datetime64[D]")
EID_DAYS = np.array(
    ["2025-03-31", "2025-04-01", "2025-04-02", "2025-06-07", "2025-06-08", "2025-06-09"],
    dtype="datetime64[D]",
)
DUPLICATE_SHARE = 0.021

# Of each district: population, complaints per 100,000 people, households online (percent), and the
# share of complaints written in Pashto (0 to 1).
DISTRICTS: dict[str, tuple[int, float, int, float]] = {
    "Peshawar": (4_758_762, 60.0, 58, 0.25),
    "Mardan": (2_744_898, 84.0, 55, 0.30),
    "Swat": (2_687_384, 76.0, 47, 0.34),
    "Swabi": (1_894_600, 79.0, 52, 0.32),
    "Charsadda": (1_835_504, 73.0, 49, 0.33),
    "Dera Ismail Khan": (1_829_811, 67.0, 43, 0.12),
    "Mansehra": (1_797_177, 71.0, 50, 0.08),
    "Nowshera": (1_740_705, 88.0, 57, 0.28),
    "Lower Dir": (1_650_183, 65.0, 42, 0.38),
    "Abbottabad": (1_419_072, 97.0, 66, 0.05),
    "Bannu": (1_357_890, 69.0, 41, 0.37),
    "Bajaur": (1_287_960, 33.0, 19, 0.44),
    "Kohat": (1_234_661, 82.0, 50, 0.29),
    "Haripur": (1_174_783, 93.0, 64, 0.05),
    "Khyber": (1_146_267, 43.0, 27, 0.41),
    "Upper Dir": (1_083_566, 47.0, 30, 0.39),
    "Lakki Marwat": (1_040_856, 64.0, 40, 0.36),
    "Buner": (1_016_869, 66.0, 41, 0.36),
    "Shangla": (891_252, 45.0, 27, 0.38),
    "South Waziristan": (888_675, 24.0, 14, 0.46),
    "Malakand": (826_250, 86.0, 54, 0.31),
    "Karak": (815_878, 78.0, 48, 0.35),
    "Kurram": (785_434, 37.0, 23, 0.42),
    "North Waziristan": (693_332, 22.0, 13, 0.46),
    "Batagram": (554_133, 50.0, 33, 0.24),
    "Mohmand": (553_933, 31.0, 18, 0.43),
    "Hangu": (528_902, 53.0, 34, 0.38),
    "Tank": (470_293, 51.0, 31, 0.35),
    "Upper Kohistan": (422_947, 17.0, 10, 0.15),
    "Orakzai": (387_561, 29.0, 17, 0.43),
    "Lower Kohistan": (340_017, 20.0, 12, 0.15),
    "Lower Chitral": (320_407, 91.0, 51, 0.06),
    "Kolai Palas": (280_162, 15.0, 9, 0.16),
    "Torghar": (200_445, 26.0, 15, 0.21),
    "Upper Chitral": (195_528, 108.0, 53, 0.04),
}
CATEGORIES = {  # share of complaints, deadline in days, mean days of real work
    "Municipal": (0.34, 7, 6.0),
    "Education": (0.18, 15, 11.0),
    "Health": (0.14, 7, 5.0),
    "Police": (0.12, 15, 21.0),
    "Revenue": (0.15, 30, 24.0),
    "Corruption": (0.07, 30, 46.0),
}
PAPER_CLOSING = {"Urdu": 0.15, "English": 0.12, "Pashto": 0.42}
CALL_BACK = {"Urdu": 0.32, "English": 0.35, "Pashto": 0.14}
CONFIRMED_AFTER_WORK, CONFIRMED_AFTER_PAPER = 0.86, 0.18


def write(folder: Path) -> None:
    """Write complaints.csv and districts.csv into `folder`; the same bytes every time."""
    complaints = add_duplicates(make_complaints(np.random.default_rng(SEED)), np.random.default_rng(SEED + 1))
    districts = pd.DataFrame(
        [(name, row[0], row[2]) for name, row in sorted(DISTRICTS.items())],
        columns=["district", "population", "households_online_percent"],
    )
    check_planted_truths(complaints, districts)
    complaints.to_csv(folder / "complaints.csv", index=False, lineterminator="\n")
    districts.to_csv(folder / "districts.csv", index=False, lineterminator="\n")


def make_complaints(rng: np.random.Generator) -> pd.DataFrame:
    """One row for each complaint of 2025, in the order of filing, with its outcome on 15 January 2026."""
    counts = [round(population * rate / 100_000) for population, rate, _, _ in DISTRICTS.values()]
    table = pd.DataFrame({"district": np.repeat(list(DISTRICTS), counts)})
    size = len(table)
    categories = list(CATEGORIES)
    table["category"] = rng.choice(categories, size, p=[CATEGORIES[name][0] for name in categories])
    table["language"] = draw_languages(rng, table["district"])
    table["channel"] = rng.choice(["app", "phone", "office", "letter"], size, p=[0.55, 0.25, 0.14, 0.06])
    table["sex"] = np.where(rng.random(size) < 0.08, "woman", "man")
    table["severity"] = rng.choice([1, 3, 9], size, p=[0.62, 0.29, 0.09])
    table["filed_on"] = rng.choice(YEAR, size, p=filing_shares())
    add_outcomes(rng, table)
    table = table.sort_values("filed_on", kind="stable", ignore_index=True)
    table.insert(0, "complaint_id", [f"KP-2025-{number:05d}" for number in range(1, size + 1)])
    return table


def draw_languages(rng: np.random.Generator, districts: pd.Series) -> Array:
    """Language of each complaint: Pashto by the district's share, one in eight of the others English."""
    pashto = districts.map({name: row[3] for name, row in DISTRICTS.items()}).to_numpy()
    others = np.where(rng.random(len(districts)) < 0.125, "English", "Urdu")
    return np.where(rng.random(len(districts)) < pashto, "Pashto", others)


def filing_shares() -> Array:
    """Chance of each day of 2025: fewer complaints at week-ends, hardly any on the days of Eid."""
    weekday = (YEAR.astype("int64") + 3) % 7  # 1970-01-01 was a Thursday; Monday is 0
    weights = np.where(weekday == 6, 0.55, np.where(weekday == 5, 0.8, 1.0))
    weights[np.isin(YEAR, EID_DAYS)] = 0.2
    shares: Array = weights / weights.sum()
    return shares


def add_outcomes(rng: np.random.Generator, table: pd.DataFrame) -> None:
    """Add closing, reported result and call-back. Paper closing happens on the day of the deadline."""
    size = len(table)
    on_paper = rng.random(size) < table["language"].map(PAPER_CLOSING).to_numpy()
    deadline = table["category"].map({name: row[1] for name, row in CATEGORIES.items()}).to_numpy()
    mean_days = table["category"].map({name: row[2] for name, row in CATEGORIES.items()}).to_numpy()
    days = np.where(on_paper, deadline, 1 + rng.negative_binomial(2, 2 / (2 + mean_days)))
    closed_on = table["filed_on"].to_numpy().astype("datetime64[D]") + days.astype("timedelta64[D]")
    is_open = (closed_on > SNAPSHOT) | (~on_paper & (rng.random(size) < 0.06))
    resolved = ~is_open & (on_paper | (rng.random(size) < 0.9))
    called = resolved & (rng.random(size) < table["language"].map(CALL_BACK).to_numpy())
    confirmed = rng.random(size) < np.where(on_paper, CONFIRMED_AFTER_PAPER, CONFIRMED_AFTER_WORK)
    table["deadline_days"] = deadline
    table["closed_on"] = np.where(is_open, np.datetime64("NaT"), closed_on)
    table["status"] = np.where(is_open, "open", "closed")
    table["reported_resolved"] = np.where(is_open, "", np.where(resolved, "yes", "no"))
    table["citizen_confirmed"] = np.where(called, np.where(confirmed, "yes", "no"), "")


def add_duplicates(complaints: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Enter 2.1 % of all rows a second time under the same id, a third of them through another channel."""
    extra = round(len(complaints) * DUPLICATE_SHARE / (1 - DUPLICATE_SHARE))
    repeated = complaints.iloc[np.sort(rng.choice(len(complaints), extra, replace=False))].copy()
    repeated.loc[rng.random(extra) < 1 / 3, "channel"] = "office"
    return pd.concat([complaints, repeated]).sort_values("filed_on", kind="stable", ignore_index=True)


def check_planted_truths(complaints: pd.DataFrame, districts: pd.DataFrame) -> None:
    """AssertionError when a truth that the lab teaches is no longer in the data."""
    assert len(complaints) >= 24_000
    assert len(districts) == 35
    assert abs(complaints["complaint_id"].duplicated().mean() - DUPLICATE_SHARE) < 0.0002
    clean = complaints.drop_duplicates("complaint_id")
    counts = clean["district"].value_counts()
    rates = (counts / districts.set_index("district")["population"]).rank(ascending=False)
    assert counts.index[0] == "Peshawar"
    assert rates["Peshawar"] == 19
    by_day = clean["filed_on"].value_counts()
    assert by_day[EID_DAYS].max() < 0.5 * by_day.median()
    online = districts.set_index("district")["households_online_percent"]
    assert (counts / districts.set_index("district")["population"]).corr(online) > 0.85
    gap = resolution_gap(clean)
    assert gap["Pashto"] - gap[["Urdu", "English"]].max() > 12
    resolved = clean[clean["reported_resolved"] == "yes"]
    called = resolved.groupby("language")["citizen_confirmed"].agg(lambda answers: (answers != "").mean())
    assert called["Pashto"] < 0.6 * called["Urdu"]
    days = (clean["closed_on"] - clean["filed_on"]).dt.days
    on_deadline = clean[(days == clean["deadline_days"]) & (clean["citizen_confirmed"] != "")]
    assert (on_deadline["citizen_confirmed"] == "yes").mean() < 0.4


def resolution_gap(clean: pd.DataFrame) -> pd.Series:
    """By language: percent of closed complaints reported resolved, less percent confirmed when called."""
    closed = clean[clean["status"] == "closed"]
    called = clean[clean["citizen_confirmed"] != ""]
    reported = closed["reported_resolved"].eq("yes").mul(100).groupby(closed["language"]).mean()
    confirmed = called["citizen_confirmed"].eq("yes").mul(100).groupby(called["language"]).mean()
    return reported - confirmed
