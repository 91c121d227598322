# ruff: noqa: E501 - one sentence a line reads better than wrapped ones
"""What the grading engine found wrong, as a sentence in the reader's language that says what to do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _

from app.gradebook.models import Grade

MEBIBYTE = 1024 * 1024


def sentence_of(grade: Grade | None, titles: Mapping[str, str]) -> str:
    """What went wrong, naming the cell by its heading in the reader's language; "" when nothing did."""
    if grade is None or not grade.problem:
        return ""
    values = dict(grade.problem["values"])
    if values.get("cell") in titles:
        values["title"] = titles[values["cell"]]
    return sentence({"code": grade.problem["code"], "values": values})


def sentence(problem: dict[str, Any]) -> str:
    """The sentence for a stored problem (its code and values)."""
    values = problem["values"]
    cell = values.get("title") or values.get("cell") or ""
    megabytes = round(values.get("limit_bytes", 0) / MEBIBYTE)
    seconds = values.get("seconds", 0)
    known = {
        "not_json": _("This file is not a notebook. Download the notebook again and submit that."),
        "not_a_notebook": _("This file is not a notebook. Download the notebook again and submit that."),
        "too_large": _("The notebook is larger than %(megabytes)s MB. Clear large outputs and submit again.", megabytes=megabytes),
        "too_many_cells": _("The notebook has too many cells. Remove those that you do not need and submit again."),
        "cell_duplicated": _("The graded cell “%(cell)s” is there twice. Remove the copy and submit again.", cell=cell),
        "metadata_changed": _("The hidden data of the cell “%(cell)s” was changed, so it cannot be graded. Start again from the original and copy your answers over.", cell=cell),
        "timed_out": _("The notebook ran longer than %(seconds)s seconds and was stopped at “%(cell)s”. Look for a loop that never ends.", seconds=round(seconds), cell=cell),
        "out_of_memory": _("The notebook needed more than %(megabytes)s MB of memory and was stopped at “%(cell)s”. Work on fewer rows at a time.", megabytes=megabytes, cell=cell),
        "too_many_processes": _("The notebook started too many processes and was stopped at “%(cell)s”.", cell=cell),
        "kernel_died": _("Python ended while it ran “%(cell)s”. Run the notebook from the top and see which cell does it.", cell=cell),
        "output_too_large": _("The notebook printed more than %(megabytes)s MB and was stopped at “%(cell)s”. Print less and submit again.", megabytes=megabytes, cell=cell),
        "output_unreadable": _("The notebook gave outputs that cannot be read, so nothing of it was graded. Show only texts, tables and charts and submit again."),
        "tests_replaced": _("Before the tests of “%(cell)s” ran, something that they lean upon had been replaced (%(names)s).", cell=cell, names=values.get("names", "")),
        "tests_silenced": _("A check that had to fail before the tests of “%(cell)s” did not fail.", cell=cell),
        "wrong_expectation_met": _("The tests of “%(cell)s” passed even with a wrong expectation in them.", cell=cell),
        "score_out_of_range": _("The test “%(cell)s” gave a number that is no score.", cell=cell),
        "invalid_score": _("The test “%(cell)s” gave something that is no score of it.", cell=cell),
        "result_forged": _("The test “%(cell)s” shows a result that is not its own.", cell=cell),
        "hidden_test_shown": _("The output of “%(cell)s” shows lines of a test that is not yours to read.", cell=cell),
        "cell_deleted": _("The graded cell “%(cell)s” is missing, so your instructor decides about its points. Start again from the original if you need it back.", cell=cell),
        "cell_timed_out": _("The cell “%(cell)s” ran longer than %(seconds)s seconds and was stopped; the others were graded.", cell=cell, seconds=round(seconds)),
        "output_truncated": _("The output of “%(cell)s” was very long and was cut.", cell=cell),
    }  # fmt: skip
    return str(known[problem["code"]])
