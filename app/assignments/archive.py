"""A course folder for the nbgrader command as a zip. It is made apart (app/core/apart.py), where nbgrader is loaded."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import grading


@dataclass(frozen=True)
class Work:
    """A notebook that a trainee handed in."""

    trainee_id: int
    notebook: bytes
    submitted_at: datetime


@dataclass(frozen=True)
class Course:
    """A lab with its data files by their names, and the work that counts."""

    lab_id: str
    source: bytes
    files: Mapping[str, bytes]
    submitted: Sequence[Work]


def packed(course: Course) -> bytes:
    """The zip."""
    contents = grading.course_folder(
        course.lab_id,
        {course.lab_id: course.source},
        files=course.files,
        submitted=[_submitted(each) for each in course.submitted],
    )
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as target:
        for name, content in contents.items():
            target.writestr(name, content)
    return archive.getvalue()


def _submitted(work: Work) -> grading.Submitted:
    """Under a number, since not every user name is one that nbgrader can use."""
    return grading.Submitted(f"trainee-{work.trainee_id}", work.notebook, work.submitted_at)
