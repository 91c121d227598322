"""Figures of a province that does not exist, for the demo and to try the pages with: all of it is made up."""

from __future__ import annotations

import io
from typing import Any

from openpyxl import Workbook

from app.foresight.columns import SHEETS

FILE_NAME = "made-up-figures.xlsx"
FIRST_YEAR = 2026
# Filled posts and women among them, by department, district and cadre.
POSTS: dict[str, dict[str, dict[str, tuple[int, int]]]] = {
    "Agriculture": {
        "Peshawar": {"Section officer": (22, 6), "Field officer": (34, 5)},
        "Swat": {"Field officer": (28, 4)},
    },
    "Health": {
        "Peshawar": {"Section officer": (30, 12), "Case worker": (60, 38)},
        "Mardan": {"Case worker": (45, 25)},
    },
    "Revenue": {
        "Peshawar": {"Section officer": (26, 4), "Case worker": (40, 8)},
        "Swat": {"Case worker": (30, 5)},
    },
    "Education": {"Peshawar": {"Section officer": (35, 15)}, "Mardan": {"Section officer": (25, 11)}},
    "Municipal Services": {"Mardan": {"Case worker": (38, 9), "Field officer": (20, 2)}},
}
PROFILE = (
    *(("Section officer", code, level, 0, 10) for code, level in (("D2.1", 2), ("D1.3", 2), ("D5.1", 2))),
    *(("Case worker", code, level, 1, 15) for code, level in (("D2.1", 2), ("D4.3", 2), ("D3.2", 1))),
    *(("Field officer", code, level, 0, 5) for code, level in (("D2.3", 2), ("D2.1", 1))),
)
MIDDLE_YEARS = {"Agriculture": 2029, "Health": 2028, "Revenue": 2027, "Education": 2030, "Municipal Services": 2028}
# Mode: seats, hours of trainers, cost and hours of a seat, group.
CAPACITY = {
    "online": (120, 200, 4_000, 16, 20),
    "workshop": (60, 160, 18_000, 16, 15),
    "residential": (24, 320, 60_000, 40, 12),
    "mentor": (20, 400, 12_000, 20, 1),
}
OUTCOMES = (("online", 1, 140, 92), ("online", 2, 60, 25), ("workshop", 1, 80, 66), ("workshop", 2, 70, 47))


def example_workbook() -> bytes:
    """The figures as a workbook, like one that somebody filled in."""
    book = Workbook()
    book.remove(book.active)
    for name, rows in _rows().items():
        sheet = book.create_sheet(name)
        sheet.append([column.name for column in SHEETS[name]])
        for row in rows:
            sheet.append([*row, "made up", f"{FIRST_YEAR}-06-30", "Demo office", "B"])
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _rows() -> dict[str, list[tuple[Any, ...]]]:
    posts = [
        (department, district, cadre, "16-18", FIRST_YEAR, round(filled * 1.1), filled, women)
        for department, districts in POSTS.items()
        for district, cadres in districts.items()
        for cadre, (filled, women) in cadres.items()
    ]
    return {
        "posts": posts,
        "retirements": [(department, "16-18", FIRST_YEAR, 2) for department in POSTS],
        "transfers": [
            ("Health", "Revenue", "16-18", FIRST_YEAR, 4),
            ("Revenue", "Municipal Services", "16-18", FIRST_YEAR, 3),
        ],
        "intake": [(department, "16-18", FIRST_YEAR, 3) for department in POSTS],
        "role_profile": list(PROFILE),
        "adoption": [
            (department, "all", "drafting and triage", year, "", "") for department, year in MIDDLE_YEARS.items()
        ],
        "capacity": [(mode, FIRST_YEAR, *figures) for mode, figures in CAPACITY.items()],
        "outcomes": [*OUTCOMES, ("newcomers", 1, 40, 14)],
    }
