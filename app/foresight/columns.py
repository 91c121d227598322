"""Sheets of the workbook: their columns, what each means in both languages, and how a cell is read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from app.core.numbers import number_between
from app.core.spreadsheets import FORMULA, FORMULA_SIGNS, is_unreadable, plain
from foresight import LEVELS, Basis

Value = str | int | float
ALL_SCENARIOS = "all"
MODES = ("online", "workshop", "residential", "mentor")
NEWCOMERS = "newcomers"
LONGEST = 200


class WrongCell(ValueError):
    """A cell that does not say what its column asks for; the code of the problem."""


@dataclass(frozen=True)
class Column:
    """default: of an empty cell; None where the cell must be filled. in_key: no two rows have the same key."""

    name: str
    read: Callable[[str], Value]
    english: str
    urdu: str
    default: Value | None = None
    in_key: bool = False


def _text(cell: str) -> str:
    if cell.startswith(FORMULA_SIGNS):
        raise WrongCell("formula")
    if len(cell) > LONGEST:
        raise WrongCell("too_long")
    return cell


def _between(least: float, most: float, code: str, *, whole: bool = True) -> Callable[[str], Value]:
    def read(cell: str) -> Value:
        number = number_between(cell, least, most)
        if number is None or (whole and number != int(number)):
            raise WrongCell(code)
        return int(number) if whole else number

    return read


def _one_of(*choices: str) -> Callable[[str], Value]:
    known = {plain(choice): choice for choice in choices}

    def read(cell: str) -> Value:
        if plain(cell) not in known:
            raise WrongCell("choice")
        return known[plain(cell)]

    return read


def _day(cell: str) -> str:
    try:
        return date.fromisoformat(cell[:10]).isoformat()
    except ValueError:
        raise WrongCell("day") from None


PEOPLE = _between(0, 1_000_000, "people")
YEAR = _between(2000, 2100, "year")
PERCENT = _between(0, 100, "percent", whole=False)
LEVEL = _between(LEVELS[0], LEVELS[-1], "level")
COMMON = (
    Column("source", _text, "where the figure comes from", "عدد کہاں سے آیا"),
    Column("date", _day, "day on which it was true, like 2026-06-30", "وہ دن جب یہ درست تھا، جیسے 2026-06-30"),
    Column("owner", _text, "office that answers for it", "دفتر جو اس کا ذمہ دار ہے"),
    Column(
        "quality",
        _one_of("A", "B", "C"),
        "A: counted and checked, B: reported, C: estimated",
        "A: گنا اور جانچا گیا، B: رپورٹ کیا گیا، C: اندازہ",
    ),
)


def _department(name: str = "department") -> Column:
    return Column(name, _text, "department, spelt as in posts", "محکمہ، ویسے ہی لکھا جیسے posts میں", in_key=True)


def _grade_band() -> Column:
    return Column("grade_band", _text, "grades, like 17-18", "گریڈ، جیسے 17-18", in_key=True)


def _year(english: str, urdu: str) -> Column:
    return Column("year", YEAR, english, urdu, in_key=True)


A_YEAR = (
    "calendar year; a year without a row is taken to be as the last one",
    "سال؛ جس سال کی قطار نہ ہو وہ پچھلے جیسا مانا جاتا ہے",
)
SHEETS: dict[str, tuple[Column, ...]] = {
    "posts": (
        _department(),
        Column("district", _text, "district of the posts", "اسامیوں کا ضلع", in_key=True),
        Column(
            "cadre", _text, "cadre or role, as in role_profile", "کیڈر یا کردار، جیسے role_profile میں", in_key=True
        ),
        _grade_band(),
        _year(*A_YEAR),
        Column("sanctioned", PEOPLE, "posts that are sanctioned", "منظور شدہ اسامیاں"),
        Column("filled", PEOPLE, "posts that are filled", "پُر اسامیاں"),
        Column("women", PEOPLE, "women in the filled posts; empty: none", "پُر اسامیوں پر خواتین؛ خالی: کوئی نہیں", 0),
        *COMMON,
    ),
    "retirements": (
        _department(),
        _grade_band(),
        _year(*A_YEAR),
        Column("people", PEOPLE, "people who reach the age of 60", "جن کی عمر 60 سال ہو جائے گی"),
        *COMMON,
    ),
    "transfers": (
        _department("from_department"),
        _department("to_department"),
        _grade_band(),
        _year(*A_YEAR),
        Column("people", PEOPLE, "people who move in that year", "اس سال منتقل ہونے والے"),
        *COMMON,
    ),
    "intake": (
        _department(),
        _grade_band(),
        _year(*A_YEAR),
        Column("people", PEOPLE, "people who are newly recruited", "نئے بھرتی ہونے والے"),
        *COMMON,
    ),
    "role_profile": (
        Column("cadre", _text, "cadre or role, as in posts", "کیڈر یا کردار، جیسے posts میں", in_key=True),
        Column("competency", _text, "code of the framework, like D1.1", "فریم ورک کا کوڈ، جیسے D1.1", in_key=True),
        Column("min_level", LEVEL, "level that the role needs, 1 to 4", "کردار کو درکار درجہ، 1 سے 4"),
        Column(
            "critical",
            _between(0, 1, "yes_or_no"),
            "1 where rights or money of citizens depend on it, else 0",
            "1 جہاں شہریوں کے حقوق یا رقم کا دارومدار ہو، ورنہ 0",
        ),
        Column(
            "share_now_percent",
            PERCENT,
            "per cent of these posts that need it whatever AI does; empty: 0",
            "ان اسامیوں کا فیصد جنہیں اس کی اب بھی ضرورت ہے؛ خالی: 0",
            0.0,
        ),
        *COMMON,
    ),
    "adoption": (
        _department(),
        Column(
            "scenario",
            _one_of(ALL_SCENARIOS, *Basis),
            "slow, planned, fast, law_first, or all",
            "slow، planned، fast، law_first یا all",
            in_key=True,
        ),
        Column("use_case", _text, "what AI will be used for", "مصنوعی ذہانت کس کام آئے گی", in_key=True),
        Column(
            "middle_year",
            YEAR,
            "year in which half of the posts concerned have changed",
            "سال جس میں متعلقہ اسامیوں کا نصف بدل چکا ہو گا",
        ),
        Column(
            "ceiling_percent",
            PERCENT,
            "per cent of posts changed in the end; empty: that of the scenario",
            "آخرکار بدلنے والی اسامیوں کا فیصد؛ خالی: منظرنامے کا",
            "",
        ),
        Column(
            "speed",
            _between(0.1, 3, "speed", whole=False),
            "speed of diffusion a year, 0.1 to 3; empty: that of the scenario",
            "پھیلاؤ کی سالانہ رفتار، 0.1 سے 3؛ خالی: منظرنامے کی",
            "",
        ),
        *COMMON,
    ),
    "capacity": (
        Column("mode", _one_of(*MODES), ", ".join(MODES), "، ".join(MODES), in_key=True),
        _year(*A_YEAR),
        Column("seats", PEOPLE, "seats in that year", "اس سال کی نشستیں"),
        Column("trainer_hours", PEOPLE, "hours of trainers in that year", "اس سال تربیت کاروں کے گھنٹے"),
        Column("cost_pkr_per_seat", _between(0, 10_000_000, "cost"), "cost of a seat in PKR", "ایک نشست کی لاگت، روپے"),
        Column("hours_per_seat", _between(1, 2_000, "hours"), "hours of a participant", "ایک شریک کے گھنٹے"),
        Column(
            "group_size",
            _between(1, 1_000, "group_size"),
            "participants for one trainer; empty: 1",
            "ایک تربیت کار کے شرکا؛ خالی: 1",
            1,
        ),
        *COMMON,
    ),
    "outcomes": (
        Column(
            "mode",
            _one_of(*MODES, NEWCOMERS),
            f"mode of training, or {NEWCOMERS} for what recruits bring",
            f"تربیت کا طریقہ، یا نئے آنے والوں کے لیے {NEWCOMERS}",
            in_key=True,
        ),
        Column("level", LEVEL, "level, 1 to 4", "درجہ، 1 سے 4", in_key=True),
        Column("trained", PEOPLE, "people trained or examined so far", "اب تک تربیت یا جانچ پانے والے"),
        Column("reached", PEOPLE, "how many of them reached the level", "ان میں سے درجے تک پہنچنے والے"),
        *COMMON,
    ),
}
NEEDED_SHEETS = ("posts", "role_profile", "adoption", "capacity")


def sheet_named(title: str) -> str | None:
    """The sheet that a title of a workbook or the name of a file means."""
    return next((name for name in SHEETS if plain(name) == plain(title)), None)


def read_cell(column: Column, cell: str) -> Value:
    """What a cell means. Raises WrongCell."""
    if not cell:
        if column.default is None:
            raise WrongCell("missing")
        return column.default
    if cell == FORMULA:
        raise WrongCell("formula")
    if is_unreadable(cell):
        raise WrongCell("unreadable")
    return column.read(cell)
