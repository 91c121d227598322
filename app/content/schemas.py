"""What a content pack may hold: the catalogue, its modules, activities, quiz items and competencies."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

import grading
from app.content.truths import PlantedTruths
from app.content.values import (
    Bilingual,
    CompetencyCode,
    Difficulty,
    DomainCode,
    Level,
    Minutes,
    Points,
    ScenarioId,
    Sha256,
    Slug,
    Strict,
    Text,
    repeated_values,
)

# With fewer a single factor cannot be told from the items.
LEAST_ITEMS_OF_SCALE = 3
# As much as evidence and marks keep of the name of a part.
LONGEST_GRADE_ID = 80


class UnknownModule(LookupError):
    """No module of the catalogue bears this id."""


class UnknownActivity(LookupError):
    """No activity of the module bears this id."""


class Domain(Strict):
    """One of the six domains of the competency framework."""

    code: DomainCode
    title: Bilingual


class Competency(Strict):
    """One competency with what a person can do at levels 1 (aware) to 4 (lead)."""

    code: CompetencyCode
    domain: DomainCode
    title: Bilingual
    levels: tuple[Bilingual, Bilingual, Bilingual, Bilingual]


class CompetencyEntry(Strict):
    """A competency as its domain's file holds it."""

    code: CompetencyCode
    title: Bilingual
    levels: tuple[Bilingual, Bilingual, Bilingual, Bilingual]


class DomainFile(Strict):
    """One file of modules/_framework/competencies."""

    code: DomainCode
    title: Bilingual
    competencies: tuple[CompetencyEntry, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _codes_belong_to_the_domain(self) -> Self:
        for competency in self.competencies:
            if not competency.code.startswith(f"{self.code}."):
                raise ValueError(f"competency {competency.code} does not belong to domain {self.code}")
        return self


class Option(Strict):
    """One answer of a choice item; its feedback teaches, whether it is right or wrong."""

    id: Slug
    text: Bilingual
    correct: bool
    feedback: Bilingual


class Item(Strict):
    """What every quiz item has. difficulty: logit, 0 is an average item."""

    id: Slug
    prompt: Bilingual
    competency: CompetencyCode
    level: Level
    difficulty: Difficulty
    points: Points


class Choice(Item):
    """An item answered by choosing from options."""

    options: tuple[Option, ...] = Field(min_length=3, max_length=6)

    @property
    def correct_option_ids(self) -> frozenset[str]:
        """The ids of the options a full answer has."""
        return frozenset(option.id for option in self.options if option.correct)

    @model_validator(mode="after")
    def _option_ids_are_unique(self) -> Self:
        if repeated := repeated_values([option.id for option in self.options]):
            raise ValueError(f"option id {repeated[0]} stands more than once; give each option its own id")
        return self


class SingleChoice(Choice):
    """Exactly one option is right."""

    kind: Literal["single_choice"]

    @model_validator(mode="after")
    def _one_is_correct(self) -> Self:
        if (count := len(self.correct_option_ids)) != 1:
            raise ValueError(f"{count} options are marked correct; a single choice has exactly 1")
        return self


class MultipleChoice(Choice):
    """Two or more options are right and at least one is wrong."""

    kind: Literal["multiple_choice"]

    @model_validator(mode="after")
    def _two_are_correct_and_one_is_wrong(self) -> Self:
        count = len(self.correct_option_ids)
        if not 2 <= count < len(self.options):
            raise ValueError(
                f"{count} of {len(self.options)} options are marked correct; "
                "a multiple choice has at least 2 correct options and at least 1 wrong one"
            )
        return self


class NearMiss(Strict):
    """A wrong number that shows a known mistake, with feedback on that mistake."""

    value: float
    tolerance: float = Field(ge=0)
    feedback: Bilingual


class Numeric(Item):
    """An item answered by a number in `unit`; right within the absolute `tolerance` of `answer`."""

    kind: Literal["numeric"]
    answer: float
    tolerance: float = Field(ge=0)
    unit: Bilingual
    minimum: float
    maximum: float
    feedback_correct: Bilingual
    feedback_wrong: Bilingual
    near_misses: tuple[NearMiss, ...] = ()

    @model_validator(mode="after")
    def _numbers_fit_together(self) -> Self:
        if not self.minimum <= self.answer <= self.maximum:
            raise ValueError(f"answer {self.answer:g} is outside {self.minimum:g} to {self.maximum:g}")
        for miss in self.near_misses:
            if abs(miss.value - self.answer) <= self.tolerance + miss.tolerance:
                raise ValueError(f"near miss {miss.value:g} overlaps the right answer {self.answer:g}")
        return self


QuizItem = Annotated[SingleChoice | MultipleChoice | Numeric, Field(discriminator="kind")]


class QuizFile(Strict):
    """quiz.toml of a module."""

    items: tuple[QuizItem, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _item_ids_are_unique(self) -> Self:
        if repeated := repeated_values([item.id for item in self.items]):
            raise ValueError(f"item id {repeated[0]} stands more than once; give each item its own id")
        return self


class ActivityEntry(Strict):
    """What every activity has. minutes: expected study time."""

    id: Slug
    title: Bilingual
    minutes: Minutes


class LessonEntry(ActivityEntry):
    """A lesson as module.toml names it; its text is lessons/<number>_<id>.{en,ur}.md."""

    kind: Literal["lesson"]
    competencies: tuple[CompetencyCode, ...] = Field(min_length=1)


class QuizEntry(ActivityEntry):
    """A quiz as module.toml names it; its items are in <id>.toml."""

    kind: Literal["quiz"]


class Simulation(ActivityEntry):
    """A simulation; scenario names a folder of simulations/scenarios."""

    kind: Literal["simulation"]
    scenario: ScenarioId


class NotebookEntry(ActivityEntry):
    """A notebook lab as module.toml names it; its files are in notebooks/<id>."""

    kind: Literal["notebook"]
    competencies: tuple[CompetencyCode, ...] = Field(min_length=1)


class Lesson(LessonEntry):
    """A lesson with its Markdown text: headings from level 2 on, tables, no raw HTML."""

    markdown: Bilingual


class Quiz(QuizEntry):
    """A quiz with its items, in order."""

    items: tuple[QuizItem, ...]

    def item(self, item_id: str) -> QuizItem:
        """The item of this id; LookupError when there is none."""
        for item in self.items:
            if item.id == item_id:
                return item
        raise LookupError(item_id)

    @property
    def max_points(self) -> float:
        """Points of a quiz with every item right."""
        return sum(item.points for item in self.items)


class RubricLevel(Strict):
    """One of the levels that an answer can reach in a row of a rubric."""

    id: Slug
    points: float = Field(ge=0)
    text: Bilingual


class RubricRow(Strict):
    """One question about a written answer; its level with most points is full marks."""

    id: Slug
    title: Bilingual
    levels: tuple[RubricLevel, ...] = Field(min_length=2)

    @model_validator(mode="after")
    def _level_ids_are_unique(self) -> Self:
        if repeated := repeated_values([level.id for level in self.levels]):
            raise ValueError(f"level id {repeated[0]} stands more than once; give each level its own id")
        return self

    @property
    def most(self) -> float:
        """Points of its best level."""
        return max(level.points for level in self.levels)

    def points(self, level_id: str) -> float | None:
        """Points of a level; None when the row has no such level."""
        return next((level.points for level in self.levels if level.id == level_id), None)


Rubric = tuple[RubricRow, ...]


class MemoFile(Strict):
    """memo.toml of the framework. rubric: by which a person marks the memo after any simulation."""

    rubric: Rubric = Field(min_length=1)

    @model_validator(mode="after")
    def _row_ids_are_unique(self) -> Self:
        if repeated := repeated_values([row.id for row in self.rubric]):
            raise ValueError(f"row id {repeated[0]} stands more than once in the rubric")
        return self


class SurveyScale(Strict):
    """What several items measure together. meaning: what a high mean says; source: of the construct, not the items."""

    id: Slug
    title: Bilingual
    meaning: Bilingual
    source: Bilingual


class SurveyItem(Strict):
    """One statement that people agree or disagree with. reversed: agreeing speaks against what the scale measures."""

    id: Slug
    scale: Slug
    text: Bilingual
    reversed: bool = False


class Instrument(Strict):
    """survey.toml of the framework: what a survey asks. version: goes up with every change of an item."""

    version: int = Field(ge=1)
    title: Bilingual
    purpose: Bilingual
    scales: tuple[SurveyScale, ...] = Field(min_length=1)
    items: tuple[SurveyItem, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _items_and_scales_fit_together(self) -> Self:
        if repeated := repeated_values([item.id for item in self.items]):
            raise ValueError(f"item id {repeated[0]} stands more than once; give each its own id")
        if repeated := repeated_values([scale.id for scale in self.scales]):
            raise ValueError(f"scale id {repeated[0]} stands more than once; give each its own id")
        if strange := {item.scale for item in self.items} - {scale.id for scale in self.scales}:
            raise ValueError(f"there is no scale {min(strange)}; name one of the scales of this file")
        for scale in self.scales:
            if len(self.items_of(scale.id)) < LEAST_ITEMS_OF_SCALE:
                raise ValueError(f"scale {scale.id} has fewer than {LEAST_ITEMS_OF_SCALE} items; add some")
        return self

    def items_of(self, scale_id: str) -> tuple[SurveyItem, ...]:
        """The items of a scale, in order."""
        return tuple(item for item in self.items if item.scale == scale_id)


class GradedCell(Strict):
    """One graded cell of a notebook: an automatic test, or an answer or task that a person marks."""

    grade_id: Text = Field(max_length=LONGEST_GRADE_ID)
    points: float = Field(ge=0, le=grading.MOST_POINTS, allow_inf_nan=False)
    is_manual: bool
    competencies: tuple[CompetencyCode, ...] = Field(min_length=1)
    level: Level


class WordsAboutCells(Strict):
    """Words about the graded cells of a lab by their nbgrader id.

    hints: what to try when the tests of a cell fail. rubrics: by which a person marks an answer.
    """

    hints: Mapping[str, Bilingual] = Field(default_factory=dict)
    rubrics: Mapping[str, Rubric] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _row_ids_are_unique(self) -> Self:
        for cell, rows in self.rubrics.items():
            if repeated := repeated_values([row.id for row in rows]):
                raise ValueError(f"row id {repeated[0]} stands more than once in the rubric of {cell}")
        return self

    def about(self, cells: Iterable[GradedCell]) -> "WordsAboutCells":
        """Only the words for these cells: hints for tests, rubrics for what a person marks."""
        is_manual = {cell.grade_id: cell.is_manual for cell in cells}
        hints = {cell: hint for cell, hint in self.hints.items() if is_manual.get(cell) is False}
        rubrics = {cell: rubric for cell, rubric in self.rubrics.items() if is_manual.get(cell)}
        return WordsAboutCells(hints=hints, rubrics=rubrics)


class AssignmentFile(WordsAboutCells):
    """assignment.toml of a notebook lab."""

    summary: Bilingual
    data_sha256: Mapping[str, Sha256] = Field(min_length=1)


class DataColumn(Strict):
    """A column of a data file. kind: "whole", "number", "date", "text" or "empty"; missing: cells without a value;
    looks_like: what of people it looks like (app/authoring/personal.py), "" for nothing."""

    name: str
    kind: str
    missing: int
    looks_like: str


class OwnFile(Strict):
    """A data file that an academy brought into a lab (app/content/own_data.py)."""

    sha256: Sha256
    packed_sha256: Sha256
    size_bytes: int
    sent_bytes: int
    row_count: int
    columns: tuple[DataColumn, ...]
    assurance: str


class Notebook(NotebookEntry):
    """A notebook lab: the nbgrader source notebook, and in a content pack the script that writes its data files.

    data_of: the lab whose data files it reads, "" where it has its own. data_sha256: of all its data files, those that
    the academy brought too, which are own_files; one of them takes the place of a pack's file of the same name.
    truths: planted in the pack's data, None where none are declared or the academy brought other data in their place.
    is_own: an academy began it (app/content/own_labs.py); is_withdrawn: it took it back from those who have not begun.
    """

    summary: Bilingual
    source: bytes = Field(repr=False)
    graded_cells: tuple[GradedCell, ...]
    data_script: Path | None = None
    data_sha256: Mapping[str, Sha256]
    data_of: str = ""
    is_own: bool = False
    is_withdrawn: bool = False
    own_files: Mapping[str, OwnFile] = Field(default_factory=dict)
    truths: PlantedTruths | None = None
    hints: Mapping[str, Bilingual] = Field(default_factory=dict)
    rubrics: Mapping[str, Rubric] = Field(default_factory=dict)

    @property
    def grading_digest(self) -> str:
        """sha256 over all that points depend on: tests, solutions, data and rubrics."""
        rubrics = {cell: [row.model_dump(mode="json") for row in rows] for cell, rows in self.rubrics.items()}
        parts = [hashlib.sha256(self.source).hexdigest(), dict(self.data_sha256), rubrics]
        return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()

    @property
    def words(self) -> WordsAboutCells:
        """Its hints and rubrics."""
        return WordsAboutCells(hints=self.hints, rubrics=self.rubrics)

    @property
    def data_folder(self) -> str:
        """Name of the folder of its data files, among those of its module's labs."""
        return self.data_of or self.id

    @property
    def data_files(self) -> tuple[str, ...]:
        """Names of its data files."""
        return tuple(sorted(self.data_sha256))

    def work_path(self, module_id: str) -> str:
        """Where its notebook lies on the notebook site: beside the pack's data files, if it reads any."""
        is_alone = self.is_own and not self.data_of
        return "work.ipynb" if is_alone else f"{module_id}/{self.data_folder}/work.ipynb"


ActivityReference = Annotated[LessonEntry | QuizEntry | Simulation | NotebookEntry, Field(discriminator="kind")]
Activity = Lesson | Quiz | Simulation | Notebook


class ModuleFile(Strict):
    """module.toml of a content pack. study_minutes: expected time for the whole module."""

    title: Bilingual
    summary: Bilingual
    source_note: Bilingual
    study_minutes: int = Field(ge=5, le=600)
    competencies: tuple[CompetencyCode, ...] = Field(min_length=1)
    activities: tuple[ActivityReference, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _activity_ids_are_unique(self) -> Self:
        if repeated := repeated_values([activity.id for activity in self.activities]):
            raise ValueError(f"activity id {repeated[0]} stands more than once; give each its own id")
        return self


class Module(Strict):
    """One content pack. id: its folder's name; digest: sha256 over every file of the folder.

    withdrawn: labs that nobody begins any more, for those who have begun them.
    """

    id: Slug
    title: Bilingual
    summary: Bilingual
    source_note: Bilingual
    study_minutes: int
    competencies: tuple[CompetencyCode, ...]
    activities: tuple[Lesson | Quiz | Simulation | Notebook, ...]
    digest: Sha256
    withdrawn: tuple[Notebook, ...] = ()

    def activity(self, activity_id: str) -> Activity:
        """The activity of this id, a withdrawn one too; UnknownActivity when there is none."""
        for activity in (*self.activities, *self.withdrawn):
            if activity.id == activity_id:
                return activity
        raise UnknownActivity(activity_id)


@dataclass(frozen=True)
class Catalogue:
    """Everything under modules/. memo_rubric: of the memo after any simulation; instrument: what surveys ask.

    digest: new whenever a file changes.
    """

    modules: Mapping[str, Module]
    domains: Mapping[str, Domain]
    competencies: Mapping[str, Competency]
    memo_rubric: Rubric
    instrument: Instrument
    digest: str

    def module(self, module_id: str) -> Module:
        """The module of this id; UnknownModule when there is none."""
        try:
            return self.modules[module_id]
        except KeyError:
            raise UnknownModule(module_id) from None

    def find(self, module_id: str, activity_id: str) -> Activity | None:
        """An activity; None when there is no such module or activity, as once a content pack is gone."""
        try:
            return self.module(module_id).activity(activity_id)
        except (UnknownModule, UnknownActivity):
            return None

    def find_lab(self, module_id: str, activity_id: str) -> Notebook | None:
        """A lab; None when there is no such activity any more, or when it is something else."""
        found = self.find(module_id, activity_id)
        return found if isinstance(found, Notebook) else None


def canonical_json(content: Strict) -> bytes:
    """The content as JSON, the same bytes for the same content."""
    return json.dumps(content.model_dump(mode="json"), ensure_ascii=False, sort_keys=True).encode()
