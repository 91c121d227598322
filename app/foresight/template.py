"""The workbook to fill in: an explanation in both languages, and a sheet of headings for each table."""

from __future__ import annotations

from typing import IO

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

from app.foresight.columns import NEEDED_SHEETS, SHEETS

FILE_NAME = "foresight-template.xlsx"
EXPLANATION = "read me"
HEADINGS = ("sheet", "column", "needed", "meaning", "مطلب")
INTRODUCTION = (
    (
        "Fill the other sheets; this one is not read. Each row says where its figure comes from.",
        "باقی شیٹیں بھریں؛ یہ شیٹ نہیں پڑھی جاتی۔ ہر قطار بتاتی ہے کہ اس کا عدد کہاں سے آیا۔",
    ),
    (
        f"Needed sheets: {', '.join(NEEDED_SHEETS)}. The first row of each holds the headings, in any order.",
        f"ضروری شیٹیں: {'، '.join(NEEDED_SHEETS)}۔ ہر ایک کی پہلی قطار میں سرخیاں ہیں، کسی بھی ترتیب میں۔",
    ),
    ("Write no names of people.", "لوگوں کے نام نہ لکھیں۔"),
)
WIDTHS = (16, 22, 9, 70, 60)


def write_template(file: IO[bytes]) -> None:
    """Write the workbook."""
    book = Workbook()
    sheet = book.active
    sheet.title = EXPLANATION
    for english, urdu in INTRODUCTION:
        sheet.append(["", "", "", english, urdu])
    sheet.append(HEADINGS)
    for cell in sheet[sheet.max_row]:
        cell.font = Font(bold=True)
    for name, columns in SHEETS.items():
        for column in columns:
            is_needed = "yes / ہاں" if column.default is None else "no / نہیں"
            sheet.append([name, column.name, is_needed, column.english, column.urdu])
        _add(book, name)
    for place, width in enumerate(WIDTHS, 1):
        sheet.column_dimensions[get_column_letter(place)].width = width
    for row in sheet.iter_rows():
        for cell in row:
            cell.alignment = Alignment(wrap_text=True, vertical="top", readingOrder=2 if cell.column == 5 else 1)
    book.save(file)


def _add(book: Workbook, name: str) -> None:
    sheet = book.create_sheet(name)
    sheet.append([column.name for column in SHEETS[name]])
    for place, cell in enumerate(sheet[1], 1):
        cell.font = Font(bold=True)
        sheet.column_dimensions[get_column_letter(place)].width = max(12, len(str(cell.value)) + 2)
    sheet.freeze_panes = "A2"
