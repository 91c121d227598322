"""The real nbgrader command, to compare with."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import nbgrader
from nbgrader.api import Gradebook

from grading import GradeResult

USER_GUIDE = Path(nbgrader.__file__).parent / "docs" / "source" / "user_guide"
FIXTURES = Path(nbgrader.__file__).parent / "tests" / "apps" / "files"
Scores = dict[str, tuple[float | None, float, bool]]


class Course:
    """A course folder on which the command is run."""

    def __init__(self, root: Path, configuration: str | None = None) -> None:
        """configuration: of a new course; None where the folder has its own."""
        self.root = root
        if configuration is not None:
            (root / "nbgrader_config.py").write_text(configuration)

    def command(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run nbgrader here; it looks for alembic on the path when it makes its database."""
        programs = Path(sys.prefix, "bin")
        environment = os.environ | {"PATH": f"{programs}:{os.environ['PATH']}"}
        return subprocess.run(
            [str(programs / "nbgrader"), *arguments],
            cwd=self.root,
            check=False,
            capture_output=True,
            text=True,
            env=environment,
        )

    def succeed(self, *arguments: str) -> None:
        """Run a command that must not fail."""
        done = self.command(*arguments)
        assert done.returncode == 0, done.stderr

    def add(self, folder: str, contents: Mapping[str, bytes]) -> None:
        for name, content in contents.items():
            path = self.root / folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)

    @property
    def gradebook(self) -> Gradebook:
        return Gradebook(f"sqlite:///{self.root}/gradebook.db")

    def released(self, assignment: str, notebook: str) -> bytes:
        return (self.root / "release" / assignment / f"{notebook}.ipynb").read_bytes()

    def scores(self, student: str, assignment: str, notebook: str) -> Scores | None:
        """What the command stored; None when it gave the submission up."""
        if not (self.root / "autograded" / student / assignment / f"{notebook}.ipynb").exists():
            return None
        with self.gradebook as gradebook:
            grades = gradebook.find_submission_notebook(notebook, assignment, student).grades
            return {g.name: (g.auto_score, g.max_score, g.needs_manual_grade) for g in grades}


def scores(result: GradeResult) -> Scores | None:
    """Ours, as the command stores them; None when the submission was not graded."""
    if result.status != "graded":
        return None
    return {c.grade_id: (c.score, c.max_score, c.needs_manual_grade) for c in result.cells}
