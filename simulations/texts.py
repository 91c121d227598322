"""Texts of a scenario in one language, read from ``texts.<language>.md``.

A text file is a list of ``## key`` headings, each followed by its text; ``{name}`` marks a placeholder.
"""

import string
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from simulations.types import Finding, Language, Problem, ScenarioError


def read_texts(path: Path) -> dict[str, str]:
    """Key -> text. Raises ScenarioError on a missing file, a stray text, an empty or a double key."""
    if not path.is_file():
        raise ScenarioError(f"{path.name}: the file is missing; every scenario has texts.en.md and texts.ur.md.")
    entries: dict[str, list[str]] = {}
    lines: list[str] | None = None
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("## "):
            key = line[3:].strip()
            if key in entries:
                raise ScenarioError(f"{path.name}: key “{key}” stands twice; keep one.")
            lines = entries[key] = []
        elif lines is not None:
            lines.append(line)
        elif line.strip() and not line.startswith("# "):
            raise ScenarioError(f"{path.name}: text before the first “## key” heading: “{line}”.")
    texts = {key: "\n".join(value).strip() for key, value in entries.items()}
    for key, value in texts.items():
        if not value:
            raise ScenarioError(f"{path.name}: key “{key}” has no text below it.")
    return texts


def placeholders(text: str) -> frozenset[str]:
    """Names in braces in a text."""
    return frozenset(name for _, name, _, _ in string.Formatter().parse(text) if name)


@dataclass(frozen=True)
class LabelledText:
    """A label with its hint or explanation."""

    label: str
    hint: str

    @property
    def explanation(self) -> str:
        """The same text as ``hint``; indicators are explained, fields are hinted at."""
        return self.hint


def _shown(value: float | str) -> str:
    if isinstance(value, str):
        return value
    return f"{value:.2f}".rstrip("0").rstrip(".")


@dataclass(frozen=True)
class Texts:
    """Everything a person reads of one scenario in one language; a missing key raises ScenarioError."""

    language: Language
    entries: Mapping[str, str]

    def _text(self, key: str) -> str:
        if key not in self.entries:
            raise ScenarioError(f"texts.{self.language}.md: key “{key}” is missing; add “## {key}” and its text.")
        return self.entries[key]

    def _filled(self, key: str, values: Mapping[str, float | str]) -> str:
        return self._text(key).format_map({name: _shown(value) for name, value in values.items()})

    @property
    def title(self) -> str:
        """Name of the scenario."""
        return self._text("title")

    @property
    def role(self) -> str:
        """Whose desk the trainee sits at."""
        return self._text("role")

    @property
    def situation(self) -> str:
        """The opening page, in Markdown."""
        return self._text("situation")

    @property
    def table_title(self) -> str:
        """What the table on the desk shows."""
        return self._text("table.title")

    @cached_property
    def debrief(self) -> tuple[str, ...]:
        """Questions for the debrief, in order."""
        keys = sorted(key for key in self.entries if key.startswith("debrief."))
        return tuple(self.entries[key] for key in keys)

    def _labelled(self, key: str, second: str) -> LabelledText:
        return LabelledText(self._text(f"{key}.label"), self._text(f"{key}.{second}"))

    def kpi(self, kpi_id: str) -> LabelledText:
        """Label and explanation of an indicator."""
        return self._labelled(f"kpi.{kpi_id}", "explanation")

    def field(self, field_id: str) -> LabelledText:
        """Label of a decision field and a hint on its consequences."""
        return self._labelled(f"field.{field_id}", "hint")

    def inquiry(self, inquiry_id: str) -> LabelledText:
        """Label of an inquiry and what it tells."""
        return self._labelled(f"inquiry.{inquiry_id}", "hint")

    def choice(self, field_id: str, value: str) -> str:
        """Label of one choice of a field."""
        return self._text(f"choice.{field_id}.{value}")

    def group(self, group_id: str) -> str:
        """Heading of a group of fields."""
        return self._text(f"group.{group_id}")

    def event(self, event_id: str) -> str:
        """The news of an event."""
        return self._text(f"event.{event_id}")

    def unit(self, unit: str) -> str:
        """A unit as shown after a number."""
        return self._text(f"unit.{unit}")

    @property
    def loss_unit(self) -> str:
        """What the losses of the score are counted in, as shown after a number."""
        return self.unit("loss")

    def row(self, row_id: str) -> str:
        """Label of a line of the situation table."""
        return self._text(f"row.{row_id}")

    def column(self, column_id: str) -> str:
        """Label of a column of the situation table."""
        return self._text(f"column.{column_id}")

    def figure(self, figure_id: str) -> str:
        """Label of a figure of the situation."""
        return self._text(f"figure.{figure_id}")

    def advice_label(self, label: str) -> str:
        """What the AI tool says about a case."""
        return self._text(f"advice.{label}")

    def part(self, part_id: str) -> str:
        """Label of a part of the loss."""
        return self._text(f"part.{part_id}")

    def policy(self, policy_id: str) -> str:
        """Label of a reference policy."""
        return self._text(f"policy.{policy_id}")

    @property
    def equity(self) -> LabelledText:
        """What equity compares between groups, its unit included, and why it is asked for."""
        return self._labelled("equity", "explanation")

    def equity_group(self, group_id: str) -> str:
        """Label of a group that equity compares."""
        return self._text(f"equity_group.{group_id}")

    @property
    def case_question(self) -> str:
        """What the officer is asked about each case."""
        return self._text("case.question")

    def case_value(self, name: str) -> str:
        """Label of a figure of a case."""
        return self._text(f"case.{name}")

    def case_choice(self, name: str, value: str) -> str:
        """A figure of a case that is a word."""
        return self._text(f"case.{name}.{value}")

    def answer(self, answer: str) -> str:
        """Label of a possible answer to a case."""
        return self._text(f"answer.{answer}")

    def finding(self, finding: Finding) -> str:
        """A finding as whole sentences."""
        values: dict[str, float | str] = dict(finding.values)
        if "district" in finding.values:
            values["district"] = self._text(f"district.{int(finding.values['district'])}")
        if "language" in finding.values:
            values["language"] = self._text(f"language.{int(finding.values['language'])}")
        return self._filled(f"finding.{finding.inquiry_id}", values)

    def problem(self, problem: Problem) -> str:
        """A refusal as a whole sentence that says what is allowed."""
        values: dict[str, float | str] = {
            "field": self._problem_field(problem.field_id),
            **{key: self._unit_or_value(key, value) for key, value in problem.values.items()},
        }
        return self._filled(f"problem.{problem.code}", values)

    def _problem_field(self, field_id: str | None) -> str:
        if field_id is None:
            return ""
        key = f"field.{field_id}.label"
        return self.entries.get(key, field_id)

    def _unit_or_value(self, key: str, value: float | str) -> float | str:
        return self.unit(value) if key == "unit" and isinstance(value, str) else value
