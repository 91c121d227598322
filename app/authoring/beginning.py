"""A lab that an academy begins itself: the notebook that its author goes on from, and where it is kept."""

from __future__ import annotations

import builtins
import json
import keyword
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, count
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import Academy, Account
from app.authoring.queries import Lab
from app.authoring.source import FLAGS, SCHEMA_VERSION
from app.content.own_labs import OwnLab, own_labs, with_own_labs
from app.content.schemas import Catalogue, Module, Notebook
from app.content.values import Bilingual
from app.core import audit, clock
from app.core.blobs import Blobs
from app.notebooks.roles import Kind

LONGEST_SLUG = 40
PREFIX = "own"
LEVEL = 2
SMALL_TABLE: dict[str, list[Any]] = {"office": ["A", "B", "C"], "waiting": [12, 7, 9]}
KERNEL = {
    "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


@dataclass(frozen=True)
class Beginning:
    """What an author says of a lab before writing it.

    data_of: the lab of the module whose data files it reads; None where the academy brings all of its data.
    """

    module: Module
    data_of: Notebook | None
    title: Bilingual
    summary: Bilingual
    minutes: int
    competencies: tuple[str, ...]


def tables(lab: Notebook | None) -> list[str]:
    """Its data files that hold a table, which is what a first question can be asked of."""
    return [name for name in lab.data_files if name.endswith(".csv")] if lab else []


def begin(session: Session, blobs: Blobs, author: Account, installed: Catalogue, wanted: Beginning) -> OwnLab:
    """Keep a lab that somebody begins, with a first notebook that passes its check."""
    session.execute(select(Academy.id).where(Academy.id == author.academy_id).with_for_update(key_share=True))
    known = with_own_labs(blobs, installed, own_labs(session, author.academy_id)).module(wanted.module.id)
    lab = OwnLab(
        academy_id=author.academy_id,
        module_id=wanted.module.id,
        activity_id=_free_id(wanted.title.en, {activity.id for activity in (*known.activities, *known.withdrawn)}),
        data_of=wanted.data_of.id if wanted.data_of else "",
        title=wanted.title.model_dump(),
        summary=wanted.summary.model_dump(),
        minutes=wanted.minutes,
        competencies=list(wanted.competencies),
        sha256=blobs.put(first_source(wanted, tables(wanted.data_of))),
        begun_by=author.id,
        begun_at=clock.now(),
    )
    session.add(lab)
    session.flush()
    audit.record(
        session,
        verb="lab_begun",
        thing=f"own-lab:{lab.id}",
        actor_id=author.id,
        academy_id=author.academy_id,
        detail={"lab": f"{lab.module_id}/{lab.activity_id}", "data_of": lab.data_of},
    )
    return lab


def beginning_of(found: Lab) -> Beginning:
    """What was said of an academy's own lab that reads no other lab's data."""
    lab = found.installed
    return Beginning(found.module, None, lab.title, lab.summary, lab.minutes, lab.competencies)


def _free_id(title: str, taken: set[str]) -> str:
    """Made of the title, and of no activity that the academy has."""
    words = "-".join(re.findall(r"[a-z0-9]+", title.lower()))[:LONGEST_SLUG].strip("-")
    name = f"{PREFIX}-{words}" if words else PREFIX
    number = 1
    while (found := name if number == 1 else f"{name}-{number}") in taken:
        number += 1
    return found


def first_source(wanted: Beginning, files: Sequence[str]) -> bytes:
    """A source notebook with one question that is tested and one that a person marks, to be written over.

    files: the tables that it reads; where there are none yet, it writes a small one itself.
    """
    names = _variables(files)
    table = next(iter(names.values()), "table")
    truth = f"len(pd.read_csv({files[0]!r}))" if files else str(len(SMALL_TABLE["office"]))
    cells = [
        _text("title", _in_both(f"# {wanted.title.en}", wanted.summary.en, f"# {wanted.title.ur}", wanted.summary.ur)),
        _code("load", "import pandas as pd\n\n" + _loading(names) + f"\n{table}.head()"),
        _text(
            "first-text",
            _in_both(
                "## 1. A first question (2 points)",
                f"Set `row_count` to the number of rows of `{table}`.",
                "## 1۔ پہلا سوال (2 نمبر)",
                f"`row_count` میں `{table}` کی سطروں کی تعداد رکھیں۔",
            ),
        ),
        _code("first", f"### BEGIN SOLUTION\nrow_count = len({table})\n### END SOLUTION\nrow_count", Kind.SOLUTION),
        _code(
            "first-check",
            'assert row_count > 0, "Count the rows. | سطریں گنیں۔"\n### BEGIN HIDDEN TESTS\n'
            f"assert row_count == {truth}\n### END HIDDEN TESTS",
            Kind.TESTS,
            _graded(2, wanted.competencies),
        ),
        _text(
            "next-text",
            _in_both(
                "## 2. What would you ask next? (4 points, marked by your instructor)",
                "Write what you would ask of this data next, and which measure would answer it.",
                "## 2۔ آپ آگے کیا پوچھیں گے؟ (4 نمبر، استاد جانچیں گے)",
                "لکھیں کہ آپ اس ڈیٹا سے آگے کیا پوچھیں گے، اور کون سا پیمانہ اس کا جواب دے گا۔",
            ),
        ),
        _text("next", "A model answer.", Kind.ANSWER, _graded(4, wanted.competencies)),
    ]
    notebook = {"nbformat": 4, "nbformat_minor": 5, "metadata": KERNEL, "cells": cells}
    return json.dumps(notebook, ensure_ascii=False).encode()


def _variables(files: Sequence[str]) -> dict[str, str]:
    """A name in Python for the table of each file, no two alike."""
    names: dict[str, str] = {}
    for file in files:
        name = _variable(file)
        others = (f"{name}_{number}" for number in count(2))
        names[file] = next(each for each in chain([name], others) if each not in names.values())
    return names


def _variable(file: str) -> str:
    """A name in Python for the table of a file."""
    name = re.sub(r"\W", "_", file.rsplit("/", 1)[-1].removesuffix(".csv"))
    is_taken = keyword.iskeyword(name) or hasattr(builtins, name) or name in ("pd", "row_count")
    return name if name.isidentifier() and not is_taken else f"table_{name}"


def _loading(names: Mapping[str, str]) -> str:
    if not names:
        return f"table = pd.DataFrame({SMALL_TABLE!r})\n"
    return "".join(f"{table} = pd.read_csv({file!r})\n" for file, table in names.items())


def _in_both(heading: str, text: str, urdu_heading: str, urdu_text: str) -> str:
    return f'{heading}\n\n{text}\n\n<div dir="rtl" lang="ur">\n\n{urdu_heading}\n\n{urdu_text}\n\n</div>'


# Points, and what a cell shows.
Graded = tuple[int, dict[str, Any]]


def _graded(points: int, competencies: Sequence[str]) -> Graded:
    return points, {"competencies": list(competencies[:1]), "level": LEVEL}


def _text(name: str, text: str, kind: Kind = Kind.ORDINARY, graded: Graded | None = None) -> dict[str, Any]:
    return {"cell_type": "markdown", "id": name, "metadata": _marking(name, kind, graded), "source": text}


def _code(name: str, text: str, kind: Kind = Kind.ORDINARY, graded: Graded | None = None) -> dict[str, Any]:
    cell = {"cell_type": "code", "id": name, "metadata": _marking(name, kind, graded), "source": text}
    return cell | {"outputs": [], "execution_count": None}


def _marking(name: str, kind: Kind, graded: Graded | None) -> dict[str, Any]:
    if kind not in FLAGS:
        return {}
    flags = dict(zip(("grade", "solution", "locked", "task"), FLAGS[kind], strict=True))
    marking = {"nbgrader": {"grade_id": name, "schema_version": SCHEMA_VERSION, **flags}}
    if graded is None:
        return marking
    points, skills = graded
    marking["nbgrader"]["points"] = points
    return {**marking, "hunar": skills}
