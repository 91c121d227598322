"""Content packs: what is under modules/, read once at start-up into a Catalogue."""

from app.content.data import DataMismatchError, write_lab_files
from app.content.loader import ContentError, Problem, load_catalogue
from app.content.schemas import (
    Activity,
    Catalogue,
    Competency,
    Domain,
    GradedCell,
    Lesson,
    Module,
    MultipleChoice,
    NearMiss,
    Notebook,
    Numeric,
    Option,
    Quiz,
    QuizItem,
    Simulation,
    SingleChoice,
    UnknownActivity,
    UnknownModule,
)
from app.content.values import Bilingual

__all__ = [
    "Activity",
    "Bilingual",
    "Catalogue",
    "Competency",
    "ContentError",
    "DataMismatchError",
    "Domain",
    "GradedCell",
    "Lesson",
    "Module",
    "MultipleChoice",
    "NearMiss",
    "Notebook",
    "Numeric",
    "Option",
    "Problem",
    "Quiz",
    "QuizItem",
    "Simulation",
    "SingleChoice",
    "UnknownActivity",
    "UnknownModule",
    "load_catalogue",
    "write_lab_files",
]
