"""Demo people, two cohorts and quiz attempts, so that `make run` shows a living product."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date, timedelta
from typing import cast

from sqlalchemy import Engine, select, update
from sqlalchemy.orm import Session

import simulations
from app.accounts import progress
from app.accounts import service as accounts
from app.accounts.models import Academy, Account, Cohort, Enrolment
from app.content.loader import load_catalogue
from app.content.schemas import Module, Numeric, Quiz, QuizItem, Simulation
from app.core import clock
from app.core.access import Role
from app.core.db import begin
from app.learning import service as learning
from app.learning.marking import Answer
from app.progress.models import PlannedActivity
from app.progress.planning import proposal
from app.progress.standing import Status
from app.sims import service as sims
from config import Settings

DEMO_PASSWORD = "measure-to-manage"  # noqa: S105 - printed on the terminal, for demo accounts only
MODULE_ID = "measure-to-manage"
# A course that has been going for three weeks, for the page of progress.
PACED_MODULE_ID = "vehicles-or-people"
PACES = {
    "daniyal": Status.FINISHED,
    "erum": Status.ON_TRACK,
    "ghazala": Status.SILENT,
    "hamza": Status.BEHIND,
    "junaid": Status.SILENT,
    "kiran": Status.ON_TRACK,
}
COHORTS = {
    MODULE_ID: "Focal officers, autumn 2026",
    PACED_MODULE_ID: "Traffic engineering wing, autumn 2026",
    "who-has-the-file": "Section officers, Agriculture, autumn 2026",
    "looking-where-you-looked": "Police operations, autumn 2026",
    "who-is-left-out": "Social protection, autumn 2026",
    "audits-by-lot": "Regional Tax Office, autumn 2026",
    "missing-is-not-safe": "Communication and Works, autumn 2026",
    "flag-is-not-proof": "Procurement review cell, autumn 2026",
    "the-human-door": "One-window facility, autumn 2026",
    "claim-and-evidence": "Directors of AI schemes, autumn 2026",
}


@dataclass(frozen=True)
class DemoPerson:
    """ability: the probability that a demo trainee answers an item well; None for no answers at all.

    modules: what a trainee is enrolled in.
    """

    username: str
    full_name: str
    role: Role
    language: str = "en"
    department: str = ""
    ability: float | None = None
    shown: bool = False
    modules: tuple[str, ...] = (MODULE_ID,)


ALL_MODULES = tuple(COHORTS)
DEMO_PEOPLE = (
    DemoPerson(
        "amina", "Amina Yousafzai", Role.TRAINEE, department="Municipal Services", shown=True, modules=ALL_MODULES
    ),
    DemoPerson("bilal", "Bilal Ahmed", Role.INSTRUCTOR, department="Academy", shown=True),
    DemoPerson("farid", "Farid Khan", Role.ADMINISTRATOR, department="Academy", shown=True),
    DemoPerson("qasim", "Qasim Raza", Role.AUDITOR, department="Audit", shown=True),
    DemoPerson("bushra", "بشریٰ خٹک", Role.TRAINEE, "ur", "Health", shown=True, modules=ALL_MODULES),
    DemoPerson("daniyal", "Daniyal Afridi", Role.TRAINEE, department="Revenue", ability=0.85),
    DemoPerson("erum", "Erum Shah", Role.TRAINEE, "ur", "Education", 0.7),
    DemoPerson("ghazala", "Ghazala Bibi", Role.TRAINEE, "ur", "Police", 0.55),
    DemoPerson("hamza", "Hamza Durrani", Role.TRAINEE, department="Municipal Services", ability=0.6),
    DemoPerson("iqra", "Iqra Wazir", Role.TRAINEE, department="Health", ability=0.9),
    DemoPerson("junaid", "Junaid Orakzai", Role.TRAINEE, department="Revenue", ability=0.4),
    DemoPerson("kiran", "Kiran Masih", Role.TRAINEE, department="Education", ability=0.75),
    DemoPerson("laila", "Laila Bangash", Role.TRAINEE, "ur", "Police", 0.65),
    DemoPerson("mansoor", "Mansoor Swati", Role.TRAINEE, department="Revenue", ability=0.5),
    DemoPerson("nadia", "Nadia Mohmand", Role.TRAINEE, department="Health", ability=0.8),
)


def seed(engine: Engine, settings: Settings) -> bool:
    """Bring the demo data in, through the same services as the pages use; False when there are people already."""
    catalogue = load_catalogue(settings.content_folder)
    with begin(engine) as session:
        if session.scalar(select(Account.id).limit(1)) is not None:
            return False
        academy = Academy(slug="kp", name_en="Khyber Pakhtunkhwa Academy", name_ur="خیبر پختونخوا اکیڈمی")
        session.add(academy)
        session.flush()
        cohorts = {
            module_id: Cohort(academy_id=academy.id, name=name, module_id=module_id)
            for module_id, name in COHORTS.items()
        }
        session.add_all(cohorts.values())
        session.flush()
        for person in DEMO_PEOPLE:
            account = _add(session, academy, person)
            if person.role is Role.TRAINEE:
                for module_id in (*person.modules, *([PACED_MODULE_ID] if person.username in PACES else [])):
                    accounts.enrol(session, cohorts[module_id], account)
            if person.ability is not None:
                _answer(session, account, catalogue.module(MODULE_ID), person.ability)
        _plan(session, cohorts[MODULE_ID], catalogue.module(MODULE_ID), date.today(), weeks=6)
        _former_days(session, cohorts[PACED_MODULE_ID], catalogue.module(PACED_MODULE_ID))
    return True


def _plan(session: Session, cohort: Cohort, module: Module, first_day: date, *, weeks: int) -> None:
    days = proposal([activity.id for activity in module.activities], first_day, weeks)
    for activity in module.activities:
        session.add(
            PlannedActivity(
                academy_id=cohort.academy_id,
                cohort_id=cohort.id,
                activity_id=activity.id,
                begins_on=days[activity.id].begins_on,
                due_on=None if activity.kind == "notebook" else days[activity.id].due_on,
            )
        )


def _former_days(session: Session, cohort: Cohort, module: Module) -> None:
    """A course of six weeks whose first three are over, with trainees who go at their own paces."""
    began_at = clock.now() - timedelta(days=23)
    _plan(session, cohort, module, began_at.date(), weeks=6)
    lesson, simulation = module.activities
    members = select(Account).join(Enrolment, Enrolment.trainee_id == Account.id)
    for trainee in session.scalars(members.where(Enrolment.cohort_id == cohort.id)):
        pace = PACES.get(trainee.username)
        if pace in (Status.ON_TRACK, Status.FINISHED):
            learning.finish_lesson(session, trainee, module.id, lesson.id)
        if pace is Status.BEHIND:
            progress.mark(session, trainee, module.id, lesson.id, done=False)
        if pace is Status.FINISHED:
            _play(session, trainee, module.id, cast(Simulation, simulation))
        if pace is Status.SILENT:
            joined = update(Enrolment).where(Enrolment.trainee_id == trainee.id, Enrolment.cohort_id == cohort.id)
            session.execute(joined.values(enrolled_at=began_at))


def _play(session: Session, trainee: Account, module_id: str, activity: Simulation) -> None:
    """Play a simulation to its end with the values that it proposes."""
    scenario = simulations.load(activity.scenario)
    run = sims.start(session, trainee, module_id, activity.id, scenario.id)
    for number in range(1, scenario.rounds + 1):
        sims.decide(
            session, trainee, run, round_number=number, values=scenario.default_values, note="", key=f"demo{number}"
        )


def _add(session: Session, academy: Academy, person: DemoPerson) -> Account:
    return accounts.add_account(
        session,
        academy,
        username=person.username,
        full_name=person.full_name,
        role=person.role,
        password=DEMO_PASSWORD,
        language=person.language,
        department=person.department,
    )


def _answer(session: Session, trainee: Account, module: Module, ability: float) -> None:
    """Read the lessons and answer the quiz as someone of this ability might."""
    dice = random.Random(trainee.username)  # noqa: S311 - demo data
    for activity in module.activities:
        if activity.kind == "lesson":
            learning.finish_lesson(session, trainee, module.id, activity.id)
        if isinstance(activity, Quiz):
            answers = {item.id: _answer_item(item, dice.random() < ability, dice) for item in activity.items}
            learning.submit_quiz(session, trainee, module, activity, answers, key="demo")


def _answer_item(item: QuizItem, well: bool, dice: random.Random) -> Answer:
    if isinstance(item, Numeric):
        return item.answer if well else item.maximum
    if well:
        return sorted(item.correct_option_ids)
    return [dice.choice([option.id for option in item.options if not option.correct])]
