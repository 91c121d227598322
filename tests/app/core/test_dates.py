"""Dates as the readers of both languages write them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from flask import Flask
from flask_babel import force_locale, format_date, format_datetime

MOMENT = datetime(2026, 12, 11, 20, 5, 9, tzinfo=UTC)  # past midnight in Pakistan


@pytest.mark.parametrize(("language", "month"), [("en", "Dec"), ("ur", "دسمبر")])
def test_the_day_comes_first_and_the_month_in_letters(app: Flask, language: str, month: str) -> None:
    with app.test_request_context(), force_locale(language):
        assert format_date(MOMENT, "medium") == f"12 {month} 2026"
        assert format_datetime(MOMENT, "short") == f"12 {month} 2026 01:05"
        assert format_datetime(MOMENT) == f"12 {month} 2026 01:05:09"
