"""What the pages of authors have in common: the lab they are about, and what is being written of it."""

from __future__ import annotations

from collections.abc import Mapping

from flask import render_template

from app.accounts.queries import current_account
from app.authoring import queries, source
from app.authoring.models import LabSource
from app.authoring.queries import Lab
from app.authoring.words import compare_words
from app.content.current import authored, catalogue
from app.content.own_data import Files
from app.content.schemas import WordsAboutCells
from app.core import running
from app.core.db import session
from app.core.locale import language
from app.notebooks import comparison
from app.notebooks.titles import cell_titles


def lab_at(module_id: str, activity_id: str) -> Lab:
    """Raises NotFound."""
    return queries.lab(catalogue(), authored(), module_id, activity_id)


def words_written(found: Lab) -> WordsAboutCells:
    """The hints and rubrics that are being written."""
    return queries.words(session(), running.blobs(), current_account(), found)


def files_written(found: Lab) -> Files:
    """The data files that the academy brought, as they are being written."""
    return queries.files_written(session(), current_account(), found)


def newest_of(found: Lab) -> LabSource | None:
    """The source that is being written; None while nobody began."""
    return queries.newest(session(), current_account(), found)


def titles_of(content: bytes) -> Mapping[str, str]:
    """Headings of cells by name; none while a cell cannot be read."""
    return cell_titles(content, language()) if source.is_readable(content) else {}


def beside(found: Lab, content: bytes, words: WordsAboutCells, name: str, action: str) -> str:
    """An earlier state beside what is being written, and the button that goes on from it."""
    present = queries.text_of(running.blobs(), found, newest_of(found))
    return render_template(
        "authoring/beside.html",
        found=found,
        name=name,
        action=action,
        parts=comparison.compare(comparison.cells_of(content), comparison.cells_of(present)),
        words=compare_words(words, words_written(found)),
        titles=titles_of(present),
    )
