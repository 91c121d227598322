"""What people type on the desk, and what the scenario has against it, in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from app.core.numbers import read_number
from app.core.typed import typed_text
from app.core.wording import gettext as _
from app.desk.cases import PREFIX, STEPS
from simulations import Field, InvalidEvent, Problem, Scenario, Texts
from simulations.types import Value

NOTE_LENGTH = 2_000
KEY_LENGTH = 64
NOTE = "note"


class IncompleteForm(ValueError):
    """The hidden parts of a form are missing: it was not sent by the desk."""

    @property
    def message(self) -> str:
        """What to do, in the reader's language."""
        return _("The form was incomplete. Reload the desk and send it again.")


@dataclass(frozen=True)
class DecisionForm:
    """A decision as typed and as read. `values` lacks the fields that were left empty."""

    round: int
    key: str
    typed: Mapping[str, str]
    values: Mapping[str, Value]
    note: str


@dataclass(frozen=True)
class InquiryForm:
    """An inquiry as typed and as read; `argument` is None where nothing readable was typed."""

    round: int
    key: str
    inquiry_id: str
    typed: str
    argument: int | None


@dataclass(frozen=True)
class CasesForm:
    """Answers to the cases of a round; `step` is what the form asked for."""

    round: int
    step: str
    given: Mapping[str, str]


def read_cases(form: Mapping[str, str]) -> CasesForm:
    """Raises IncompleteForm."""
    if (step := form.get("step", "")) not in STEPS:
        raise IncompleteForm
    given = {name.removeprefix(PREFIX): value for name, value in form.items() if name.startswith(PREFIX)}
    return CasesForm(_round(form), step, given)


def read_typed(scenario: Scenario, form: Mapping[str, str]) -> dict[str, str]:
    """What stands in each field of a decision."""
    return {field.id: form.get(field.id, "").strip() for field in scenario.fields}


def read_values(scenario: Scenario, typed: Mapping[str, str]) -> dict[str, Value]:
    """The values of a decision; fields that were left empty are missing."""
    return {field.id: _value(field, typed[field.id]) for field in scenario.fields if typed[field.id]}


def read_decision(scenario: Scenario, form: Mapping[str, str]) -> DecisionForm:
    """Raises IncompleteForm."""
    typed = read_typed(scenario, form)
    values = read_values(scenario, typed)
    note = typed_text(form.get(NOTE))
    return DecisionForm(_round(form), _key(form), typed, values, note)


def read_inquiry(form: Mapping[str, str]) -> InquiryForm:
    """Raises IncompleteForm."""
    typed = form.get("argument", "").strip()
    argument = int(typed) if typed.isdecimal() else None
    return InquiryForm(_round(form), _key(form), form.get("inquiry_id", ""), typed, argument)


def decision_problems(scenario: Scenario, texts: Texts, error: InvalidEvent) -> dict[str, str]:
    """Sentences by the id of the element that they belong to."""
    problems: dict[str, str] = {}
    for problem in error.problems:
        problems.setdefault(_place(scenario, problem), texts.problem(problem))
    return problems


def note_problems(note: str) -> dict[str, str]:
    if len(note) <= NOTE_LENGTH:
        return {}
    excess = len(note) - NOTE_LENGTH
    return {
        NOTE: _("Your reasons are %(count)s characters too long. Shorten them and send the form again.", count=excess)
    }


def inquiry_problem(scenario: Scenario, texts: Texts, form: InquiryForm, error: InvalidEvent) -> str:
    """Why an inquiry was refused, as a sentence that names the question."""
    problem = error.problems[0]
    kind = next((kind for kind in scenario.inquiries if kind.id == form.inquiry_id), None)
    if kind is None or kind.argument is None or problem.field_id != kind.argument.id:
        return texts.problem(problem)
    return str(
        _(
            "For “%(question)s” type a whole number from %(least)s to %(most)s, in steps of %(step)s.",
            question=texts.inquiry(kind.id).label,
            least=f"{kind.argument.minimum:g}",
            most=f"{kind.argument.maximum:g}",
            step=f"{kind.argument.step:g}",
        )
    )


def sum_place(index: int) -> str:
    """Id of the element that shows the total of a sum rule."""
    return f"sum-{index}"


def _place(scenario: Scenario, problem: Problem) -> str:
    if problem.field_id is not None:
        return problem.field_id
    for index, rule in enumerate(scenario.sum_rules):
        if (rule.total, rule.unit) == (problem.values.get("total"), problem.values.get("unit")):
            return sum_place(index)
    return ""


def _value(field: Field, typed: str) -> Value:
    """What was typed as the field's kind of value; text that is no number stays text, for the scenario to refuse."""
    if field.kind == "choice":
        return typed
    try:
        number = read_number(typed)
    except ValueError:
        return typed
    return int(number) if field.kind == "integer" and number.is_integer() else number


def _round(form: Mapping[str, str]) -> int:
    typed = form.get("round", "")
    if not typed.isdecimal():
        raise IncompleteForm
    return int(typed)


def _key(form: Mapping[str, str]) -> str:
    if not (key := form.get("key", "")) or len(key) > KEY_LENGTH:
        raise IncompleteForm
    return key
