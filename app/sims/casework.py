"""Cases that a trainee judges before the tool's advice is seen, and what became of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy.orm import Session

import simulations
from app.core import clock
from app.desk import cases
from app.sims import queries
from app.sims.models import CaseAnswer, SimulationRun
from simulations import Case, Decision, Judgement, Scenario


def answer(
    session: Session,
    run: SimulationRun,
    asked: Sequence[Case],
    *,
    round_number: int,
    step: str,
    given: Mapping[str, str],
) -> dict[str, str]:
    """Store what was answered to the cases of a round. Problems by the id of the field; then nothing is stored."""
    queries.lock_to_play(session, run)
    known = queries.case_answers(session, run.id)
    changes, problems = cases.answered(asked, known, step, given)
    for case_id, change in changes.items():
        if case_id in known:
            known[case_id].final, known[case_id].final_at = change.final, clock.now()
        else:
            session.add(
                CaseAnswer(run_id=run.id, round=round_number, case_id=case_id, first=change.first, first_at=clock.now())
            )
    return problems


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
