"""Cases that a trainee judges before the tool's advice is seen: what is asked for, and how the desk prints it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from app.core.charts import format_number, percent
from app.core.wording import gettext as _
from simulations import Case, Texts

FIRST, FINAL, PASS = "first", "final", "pass"
STEPS = (FIRST, FINAL, PASS)
PREFIX = "case-"


class Answered(Protocol):
    """What was answered to a case; both are None where the cases of a round were passed over."""

    @property
    def first(self) -> str | None:
        """Before the tool's advice was seen."""

    @property
    def final(self) -> str | None:
        """After it."""


@dataclass(frozen=True)
class Answer:
    """What was answered to a case, as a value."""

    first: str | None = None
    final: str | None = None


def step_of(cases: Sequence[Case], answers: Mapping[str, Answered]) -> str:
    """What is asked for next in a round with these cases."""
    known = [answers[case.id] for case in cases if case.id in answers]
    if not cases or any(answer.first is None or answer.final is not None for answer in known):
        return ""
    return FINAL if known else FIRST


def answered(
    cases: Sequence[Case], known: Mapping[str, Answered], step: str, given: Mapping[str, str]
) -> tuple[dict[str, Answer], dict[str, str]]:
    """The answers that change, by the case's id, and problems by the id of the field; with problems nothing changes.

    A first answer never changes. A step that is over, as from a form sent twice, changes nothing.
    """
    if step not in STEPS or step_of(cases, known) != (FIRST if step == PASS else step):
        return {}, {}
    if step == PASS:
        return {case.id: Answer() for case in cases}, {}
    problems = {
        f"{PREFIX}{case.id}": _("Choose an answer.") for case in cases if given.get(case.id) not in case.answers
    }
    if problems:
        return {}, problems
    if step == FIRST:
        return {case.id: Answer(given[case.id]) for case in cases}, {}
    return {case.id: Answer(known[case.id].first, given[case.id]) for case in cases}, {}


@dataclass(frozen=True)
class CaseCard:
    """A case as the desk shows it. advice: what the tool says, "" until it may be seen; first: the own answer."""

    field_id: str
    values: tuple[tuple[str, str], ...]
    answers: tuple[tuple[str, str], ...]
    chosen: str
    first: str
    advice: str
    problem: str


@dataclass(frozen=True)
class CaseDesk:
    """The cases of a round. step: FIRST while the own answers are asked for, FINAL while they may be changed, "" after.

    advice_is_open: whether the tool's advice may be seen.
    """

    step: str
    question: str
    cards: tuple[CaseCard, ...]
    advice_is_open: bool


def desk(
    texts: Texts,
    cases: Sequence[Case],
    answers: Mapping[str, Answered],
    typed: Mapping[str, str],
    problems: Mapping[str, str],
) -> CaseDesk:
    """The cases of the round at hand as the desk shows them."""
    step = step_of(cases, answers)
    cards = tuple(_card(texts, case, answers.get(case.id), step, typed, problems) for case in cases)
    return CaseDesk(step, texts.case_question if cases else "", cards, step != FIRST)


def _card(
    texts: Texts,
    case: Case,
    stored: Answered | None,
    step: str,
    typed: Mapping[str, str],
    problems: Mapping[str, str],
) -> CaseCard:
    field_id = f"{PREFIX}{case.id}"
    first = (stored.first or "") if stored else ""
    chosen = typed.get(case.id, "") or ((stored.final or first) if stored else "")
    advice = _(
        "%(answer)s (it says it is %(sure)s sure)", answer=texts.answer(case.advice), sure=percent(case.confidence)
    )
    return CaseCard(
        field_id=field_id,
        values=case_values(texts, case),
        answers=tuple((value, texts.answer(value)) for value in case.answers),
        chosen=chosen,
        first=texts.answer(first) if first else "",
        advice="" if step == FIRST else advice,
        problem=problems.get(field_id, ""),
    )


def case_values(texts: Texts, case: Case) -> tuple[tuple[str, str], ...]:
    """What is known of a case, label and value."""
    return tuple(
        (
            texts.case_value(name),
            texts.case_choice(name, value)
            if isinstance(value, str)
            else format_number(value, 0 if value == int(value) else 2),
        )
        for name, value in case.values.items()
    )
