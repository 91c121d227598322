"""What pages about submissions show of a lab, also once the content packs have it no longer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from app.content.schemas import Catalogue, Notebook, Rubric
from app.content.values import Bilingual
from app.gradebook.models import Regrade
from app.notebooks.models import Submission
from app.notebooks.titles import cell_titles, marking_scheme, task_text


@dataclass(frozen=True)
class ShownLab:
    """A lab in the reader's language. lab: None for one that is gone, of which nothing but names is known."""

    activity_id: str
    lab: Notebook | None
    language: str

    @property
    def is_gone(self) -> bool:
        return self.lab is None

    @property
    def title(self) -> str:
        """The id where the lab is gone."""
        return self.activity_id if self.lab is None else self.lab.title.in_language(self.language)

    @property
    def titles(self) -> Mapping[str, str]:
        """Of its graded cells, by their ids."""
        return {} if self.lab is None else cell_titles(self.lab.source, self.language)

    def title_of(self, cell: str) -> str:
        """The id where the cell or the lab is gone."""
        return self.titles.get(cell, cell)

    def task_of(self, cell: str) -> str:
        """Markdown of what was to be done."""
        return "" if self.lab is None else task_text(self.lab.source, cell, self.language)

    def scheme_of(self, cell: str) -> str:
        """Markdown of what only markers read of a task."""
        return "" if self.lab is None else marking_scheme(self.lab.source, cell)

    @property
    def rubrics(self) -> Mapping[str, Rubric]:
        return {} if self.lab is None else self.lab.rubrics

    @property
    def hints(self) -> Mapping[str, Bilingual]:
        return {} if self.lab is None else self.lab.hints

    @cached_property
    def written(self) -> frozenset[str]:
        """Ids of the cells that a person marks."""
        return frozenset(cell.grade_id for cell in self.lab.graded_cells if cell.is_manual) if self.lab else frozenset()

    def is_other_than(self, lab_digest: str) -> bool:
        """Whether it is another version of the lab than the one of this digest."""
        return self.lab is not None and self.lab.grading_digest != lab_digest


def shown_lab(catalogue: Catalogue, about: Submission | Regrade, language: str) -> ShownLab:
    """The lab that a submission answers, or that is graded anew."""
    lab = catalogue.find_lab(about.module_id, about.activity_id)
    return ShownLab(about.activity_id, lab, language)
