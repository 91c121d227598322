"""Cases that a trainee judges before the tool's advice is seen, and what became of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from flask_babel import gettext as _
from sqlalchemy.orm import Session

import simulations
from app.core import clock
from app.core.errors import Refused
from app.sims import queries
from app.sims.models import CaseAnswer, SimulationRun
from simulations import Case, Decision, Judgement, Scenario

FIRST, FINAL, PASS = "first", "final", "pass"
STEPS = (FIRST, FINAL, PASS)
PREFIX = "case-"


def step_of(cases: Sequence[Case], answers: Mapping[str, CaseAnswer]) -> str:
    """What is asked for next in a round with these cases."""
    known = [answers[case.id] for case in cases if case.id in answers]
    if not cases or any(answer.first is None or answer.final is not None for answer in known):
        return ""
    return FINAL if known else FIRST


def answer(
    session: Session,
    run: SimulationRun,
    cases: Sequence[Case],
    *,
    round_number: int,
    step: str,
    given: Mapping[str, str],
) -> dict[str, str]:
    """Store what was answered; a first answer never changes. Problems by the id of the field; then nothing is stored.

    An answer to a step that is over, as from a form sent twice, changes nothing.
    """
    queries.lock(session, run.id)
    known = queries.case_answers(session, run.id)
    if step not in STEPS:
        raise Refused(_("The form was incomplete. Reload the desk and send it again."))
    if step_of(cases, known) != (FIRST if step == PASS else step):
        return {}
    if step == PASS:
        session.add_all(_passed(run, case, round_number) for case in cases)
        return {}
    problems = {
        f"{PREFIX}{case.id}": _("Choose an answer.") for case in cases if given.get(case.id) not in case.answers
    }
    if problems:
        return problems
    for case in cases:
        if step == FIRST:
            session.add(_answered(run, case, round_number, given[case.id]))
        else:
            known[case.id].final, known[case.id].final_at = given[case.id], clock.now()
    return {}


def _answered(run: SimulationRun, case: Case, round_number: int, first: str) -> CaseAnswer:
    return CaseAnswer(run_id=run.id, round=round_number, case_id=case.id, first=first, first_at=clock.now())


def _passed(run: SimulationRun, case: Case, round_number: int) -> CaseAnswer:
    return CaseAnswer(run_id=run.id, round=round_number, case_id=case.id, first_at=clock.now())


def judgements(
    scenario: Scenario, seed: int, decisions: Sequence[Decision], answers: Mapping[str, CaseAnswer]
) -> list[tuple[int, Judgement]]:
    """All cases of a run that were answered before and after the advice, with their rounds.

    An answer left unchanged because the form was never sent again counts as kept.
    """
    found = []
    for number in range(len(decisions)):
        for case in simulations.cases_of(scenario, seed, decisions[:number]):
            stored = answers.get(case.id)
            if stored is not None and stored.first is not None:
                found.append((number + 1, Judgement(case, stored.first, stored.final or stored.first)))
    return found
