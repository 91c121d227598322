"""Hints and rubrics of a lab: of one cell, and compared like cells."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from app.content.schemas import Rubric, WordsAboutCells
from app.content.values import Bilingual
from app.core.numbers import short
from app.notebooks import comparison
from app.notebooks.comparison import Cell, Cells


@dataclass(frozen=True)
class WordsOfCell:
    """What is written about one cell; a cell has the one or the other."""

    hint: Bilingual | None
    rubric: Rubric

    @property
    def version(self) -> str:
        """By which one state is told from another."""
        parts = [self.hint and self.hint.model_dump(), [row.model_dump() for row in self.rubric]]
        return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def words_of(words: WordsAboutCells, cell: str) -> WordsOfCell:
    return WordsOfCell(words.hints.get(cell), words.rubrics.get(cell, ()))


def with_words(words: WordsAboutCells, cell: str, written: WordsOfCell) -> WordsAboutCells:
    """The same, but for one cell."""
    hints = {name: hint for name, hint in words.hints.items() if name != cell}
    rubrics = {name: rubric for name, rubric in words.rubrics.items() if name != cell}
    if written.hint is not None:
        hints[cell] = written.hint
    if written.rubric:
        rubrics[cell] = written.rubric
    return WordsAboutCells(hints=hints, rubrics=rubrics)


@dataclass(frozen=True)
class ComparedWords:
    """parts: one for each cell that has a hint or a rubric, numbered from 1. names: of these cells, by number."""

    parts: tuple[comparison.Same | comparison.Difference, ...]
    names: Mapping[int, str]

    @property
    def differ(self) -> bool:
        return any(isinstance(part, comparison.Difference) for part in self.parts)


def compare_words(earlier: WordsAboutCells, present: WordsAboutCells) -> ComparedWords:
    """Two states of all hints and rubrics, line by line."""
    names = sorted(set().union(earlier.hints, earlier.rubrics, present.hints, present.rubrics))
    parts = comparison.compare(_as_cells(earlier, names), _as_cells(present, names))
    return ComparedWords(parts, dict(enumerate(names, start=1)))


def _as_cells(words: WordsAboutCells, names: Sequence[str]) -> Cells:
    texts = {name: "\n".join(_lines(words.hints.get(name), words.rubrics.get(name, ()))) for name in names}
    return {
        ("words", name): Cell(number, is_code=False, source=texts[name])
        for number, name in enumerate(names, start=1)
        if texts[name]
    }


def _lines(hint: Bilingual | None, rubric: Rubric) -> Iterator[str]:
    if hint is not None:
        yield from (hint.en, hint.ur)
    for row in rubric:
        yield from (row.title.en, row.title.ur)
        for level in row.levels:
            yield from (f"{short(level.points)}: {level.text.en}", f"{short(level.points)}: {level.text.ur}")
