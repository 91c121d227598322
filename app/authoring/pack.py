"""What a content pack holds of a lab, noted when authors decide about it, and what the pack has changed since."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from app.authoring.source import without_results
from app.authoring.words import ComparedWords, compare_words
from app.content.schemas import Notebook, WordsAboutCells, canonical_json
from app.content.values import Sha256
from app.notebooks import comparison


class PackState(WordsAboutCells):
    """A lab as a content pack holds it. notebook: its source without results."""

    notebook: str
    data_sha256: Mapping[str, Sha256]


@dataclass(frozen=True)
class Changes:
    """What a content pack changed. cells: the whole notebook then and now. files: names of data files that are new,
    gone or hold something else."""

    cells: tuple[comparison.Same | comparison.Difference, ...]
    words: ComparedWords
    files: tuple[str, ...]


def state_of(lab: Notebook) -> bytes:
    """The pack's lab as a file; the same bytes for the same content."""
    return canonical_json(
        PackState(
            notebook=without_results(lab.source).decode(),
            hints=lab.hints,
            rubrics=lab.rubrics,
            data_sha256=lab.data_sha256,
        )
    )


def version_of(state: bytes) -> str:
    """sha256 of a file of `state_of`, by which one is told from another."""
    return hashlib.sha256(state).hexdigest()


def changes(noted: bytes, present: bytes) -> Changes:
    """Between two files of `state_of`."""
    earlier, later = PackState.model_validate_json(noted), PackState.model_validate_json(present)
    return Changes(
        cells=comparison.compare(*(comparison.cells_of(each.notebook.encode()) for each in (earlier, later))),
        words=compare_words(earlier, later),
        files=tuple(
            name
            for name in sorted(earlier.data_sha256.keys() | later.data_sha256.keys())
            if earlier.data_sha256.get(name) != later.data_sha256.get(name)
        ),
    )
