"""Demo people and what they did, by the same services as the pages use: `make run` shows a living product.

Each feature has a module of its own, and a line in `seed`.
"""

from __future__ import annotations

from datetime import date

from sqlalchemy import Engine, select

from app.accounts import service as accounts
from app.accounts.models import Academy, Account, Cohort
from app.content.loader import load_catalogue
from app.core.access import Role
from app.core.blobs import Blobs
from app.core.db import begin
from app.core.sealing import Seal
from app.credentials.office import Office
from app.demo.appeals import appeal
from app.demo.attestations import attest
from app.demo.classes import name_instructors
from app.demo.completions import report_courses
from app.demo.credentials import sign_credentials
from app.demo.erasure import erase
from app.demo.foresight import foresee
from app.demo.labs import begin_a_lab
from app.demo.marking import mark_twice
from app.demo.openings import open_a_record
from app.demo.people import COHORTS, DEMO_PASSWORD, DEMO_PEOPLE, MODULE_ID, PACED_MODULE_ID, add
from app.demo.progress import PACES, former_days, plan
from app.demo.record_store import refuse_a_statement, tell_a_store
from app.demo.reports import COMPARED_COHORT, SMALL_COHORT, former_courses
from app.demo.research import agree_to_research
from app.demo.surveys import SURVEYED_COHORT, plan_to_ask_again, survey_to_the_end
from app.demo.work import answer_as
from app.record_store.sending import PURPOSE_OF_SECRETS
from app.surveys import service as surveys
from app.surveys.models import WaveName
from config import Settings

__all__ = [
    "COMPARED_COHORT",
    "DEMO_PASSWORD",
    "DEMO_PEOPLE",
    "MODULE_ID",
    "SMALL_COHORT",
    "SURVEYED_COHORT",
    "seed",
]


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
        tell_a_store(session, Seal(settings.secret_key, PURPOSE_OF_SECRETS), academy)
        people: dict[str, Account] = {}
        for person in DEMO_PEOPLE:
            account = people[person.username] = add(session, academy, person)
            if person.role is Role.TRAINEE:
                for module_id in (*person.modules, *([PACED_MODULE_ID] if person.username in PACES else [])):
                    accounts.enrol(session, cohorts[module_id], account)
            if person.ability is not None:
                answer_as(session, account, catalogue.module(MODULE_ID), person.ability)
        name_instructors(session, people)
        agree_to_research(session, people)
        foresee(session, people, catalogue)
        seal = Seal(settings.secret_key, surveys.PURPOSE_OF_KEYS)
        surveys.open_wave(session, seal, people["bilal"], cohorts[MODULE_ID], catalogue.instrument, WaveName.BEFORE)
        plan_to_ask_again(session, seal, people["bilal"], cohorts[PACED_MODULE_ID], catalogue.instrument)
        asked = survey_to_the_end(session, seal, people["bilal"], catalogue.instrument)
        former_courses(session, asked, catalogue.module(MODULE_ID))
        name_instructors(session, people)
        sign_credentials(session, Office.of(settings), catalogue, people)
        mark_twice(session, people, catalogue)
        report_courses(session, people)
        appeal(session, people)
        open_a_record(session, people)
        attest(session, people)
        plan(session, cohorts[MODULE_ID], catalogue.module(MODULE_ID), date.today(), weeks=6)
        former_days(session, cohorts[PACED_MODULE_ID], catalogue.module(PACED_MODULE_ID))
        begin_a_lab(session, Blobs(settings.storage_folder), people["bilal"], catalogue)
    with begin(engine) as session:
        erase(session, people)
        refuse_a_statement(session)
    return True
