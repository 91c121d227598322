"""Demo people, cohorts, answers, credentials, surveys and figures for foresight: `make run` shows a living product."""

from __future__ import annotations

import random
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Engine, select, update
from sqlalchemy.orm import Session

import simulations
from app.accounts import consent, progress
from app.accounts import service as accounts
from app.accounts.models import Academy, Account, Cohort, Enrolment, Posting
from app.accounts.progress import ActivityProgress
from app.appeals import service as appeals
from app.appeals.models import Outcome, Remedy
from app.appeals.service import Verdict
from app.attestations import service as attestations
from app.attestations.models import Seen
from app.break_glass import service as break_glass
from app.competencies.models import Evidence, EvidenceKind
from app.completions import service as completions
from app.completions.models import Provider
from app.content.loader import load_catalogue
from app.content.schemas import Catalogue, Instrument, Module, Numeric, Quiz, QuizItem, Simulation
from app.core import clock
from app.core.access import Role
from app.core.db import begin
from app.core.openings import Purpose
from app.core.sealing import Seal
from app.credentials import service as credentials
from app.credentials.office import Office
from app.foresight import example, queries
from app.foresight import service as foresight
from app.learning import service as learning
from app.learning.marking import Answer
from app.learning.models import QuizAttempt
from app.progress.models import PlannedActivity
from app.progress.planning import proposal
from app.progress.standing import Status
from app.record_store.models import RecordStore, Statement, StatementKind
from app.record_store.sending import PURPOSE_OF_SECRETS
from app.rights import erasure
from app.rights.erasure import Grant
from app.rights.models import Ground
from app.sims import service as sims
from app.surveys import scoring
from app.surveys import service as surveys
from app.surveys.models import WaveName
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

    modules: what a trainee is enrolled in. finished: the one of them that they have finished and hold a credential for.
    """

    username: str
    full_name: str
    role: Role
    language: str = "en"
    department: str = ""
    ability: float | None = None
    shown: bool = False
    modules: tuple[str, ...] = (MODULE_ID,)
    finished: str | None = None


ALL_MODULES = tuple(COHORTS)
BUYING = "claim-and-evidence"
# Her name was written wrongly at first, and with it the credential that she held by then.
MISSPELT, FORMER_NAME = "erum", "Erum Shaw"
# Who disputes their worst answer, and in which words.
DISPUTES = {
    "nadia": "The question can be read in two ways, and by the other one my answer is right.",
    "mansoor": "I answered as the lesson says it, and the question means something else.",
}
ERASED = "rahim"
LONG_AGO = timedelta(days=9)
DEMO_PEOPLE = (
    DemoPerson(
        "amina", "Amina Yousafzai", Role.TRAINEE, department="Municipal Services", shown=True, modules=ALL_MODULES
    ),
    DemoPerson("bilal", "Bilal Ahmed", Role.INSTRUCTOR, department="Academy", shown=True),
    # Marks what Bilal marked a second time.
    DemoPerson("rabia", "Rabia Noor", Role.INSTRUCTOR, department="Academy"),
    DemoPerson("farid", "Farid Khan", Role.ADMINISTRATOR, department="Academy", shown=True),
    DemoPerson("qasim", "Qasim Raza", Role.AUDITOR, department="Audit", shown=True),
    DemoPerson("bushra", "بشریٰ خٹک", Role.TRAINEE, "ur", "Health", shown=True, modules=ALL_MODULES),
    DemoPerson("daniyal", "Daniyal Afridi", Role.TRAINEE, department="Revenue", ability=0.85),
    DemoPerson("erum", "Erum Shah", Role.TRAINEE, "ur", "Education", 0.7, modules=(MODULE_ID, BUYING), finished=BUYING),
    DemoPerson("ghazala", "Ghazala Bibi", Role.TRAINEE, "ur", "Police", 0.55),
    DemoPerson("hamza", "Hamza Durrani", Role.TRAINEE, department="Municipal Services", ability=0.6),
    DemoPerson(
        *("iqra", "Iqra Wazir", Role.TRAINEE, "en", "Health", 0.9), modules=(MODULE_ID, BUYING), finished=BUYING
    ),
    DemoPerson("junaid", "Junaid Orakzai", Role.TRAINEE, department="Revenue", ability=0.4),
    DemoPerson("kiran", "Kiran Masih", Role.TRAINEE, department="Education", ability=0.75),
    DemoPerson("laila", "Laila Bangash", Role.TRAINEE, "ur", "Police", 0.65),
    DemoPerson("mansoor", "Mansoor Swati", Role.TRAINEE, department="Revenue", ability=0.5),
    DemoPerson("nadia", "Nadia Mohmand", Role.TRAINEE, department="Health", ability=0.8),
    DemoPerson(ERASED, "Rahim Gul", Role.TRAINEE, department="Health", ability=0.5),
    # Enough of one department that foresight may use the share of them who hold a level.
    *(
        DemoPerson(
            f"officer{place}", f"Field Officer {place}", Role.TRAINEE, "en", "Agriculture", place / 14, modules=()
        )
        for place in range(1, 13)
    ),
)

CONFIRMED = "iqra"
# Tasks at work, and what supervisors say they saw of them.
ATTESTED = (
    (
        CONFIRMED,
        {
            "competency": "D2.2",
            "task": "I asked which tehsils send in vaccine returns late, wrote down what I expected, and checked it "
            "against a year of returns.",
            "place": "District Health Office, Swabi",
            "result": "Two tehsils were late for want of a vehicle and not of staff. The vehicle was moved.",
            "supervisor_name": "Dr. Shazia Gul",
            "supervisor_office": "District Health Officer, Swabi",
            "supervisor_address": "",
        },
        attestations.Answer(
            Seen.ALONE,
            "She wrote her expectation down before she looked, and told us that it was wrong.",
            "Dr. Shazia Gul",
            "District Health Officer, Swabi",
            may_be_asked=True,
        ),
    ),
    (
        "hamza",
        {
            "competency": "D3.3",
            "task": "I timed each step of a building application for a week and moved one clerk from the diary to the "
            "counter.",
            "place": "Town Municipal Office, Mardan",
            "result": "The longest wait of a day fell from 95 to 40 minutes.",
            "supervisor_name": "Naveed Akhtar",
            "supervisor_office": "Town Municipal Officer, Mardan",
            "supervisor_address": "",
        },
        attestations.Answer(
            Seen.TAUGHT, "The other counters do it now as well.", "N. Akhtar", "TMO Mardan", may_be_asked=True
        ),
    ),
)

# A cohort that was asked before and after its course. Its people only answer; nobody can sign in as one of them.
SURVEYED_COHORT = "Deputy secretaries, summer 2026"
GIVEN_NAMES = ("Adeel", "Bano", "Fahad", "Gulalai", "Imran", "Javeria")
OTHER_GIVEN_NAMES, OTHER_FAMILY_NAMES = ("Kashif", "Lubna", "Mehreen", "Noman", "Owais"), ("Zehri",)
FAMILY_NAMES = ("Baloch", "Chitrali", "Kakar", "Marwat", "Tanoli")
# Of them, who wrote down the code that links the answers.
LINKED = 20
# It came back to the quiz later; with it stand another cohort as large, and one that is too small for figures.
COMPARED_COHORT, SMALL_COHORT = "Assistant commissioners, summer 2026", "Tehsildars, summer 2026"
CAME_BACK = 20
DAYS_AGO = 40
DEPARTMENTS = (("Finance", 18), ("Local Government", 19))
# How far people agree that a scale is so, before and after.
LEANINGS = {
    WaveName.BEFORE: {"opportunity": 3, "worry": 3, "job-anxiety": 4},
    WaveName.AFTER: {"opportunity": 4, "worry": 4, "job-anxiety": 3},
}


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
        _tell_a_store(session, Seal(settings.secret_key, PURPOSE_OF_SECRETS), academy)
        people: dict[str, Account] = {}
        for person in DEMO_PEOPLE:
            account = people[person.username] = _add(session, academy, person)
            if person.role is Role.TRAINEE:
                for module_id in (*person.modules, *([PACED_MODULE_ID] if person.username in PACES else [])):
                    accounts.enrol(session, cohorts[module_id], account)
            if person.ability is not None:
                _answer(session, account, catalogue.module(MODULE_ID), person.ability)
        _agree_to_research(session, people)
        _foresee(session, people["farid"], catalogue)
        seal = Seal(settings.secret_key, surveys.PURPOSE_OF_KEYS)
        surveys.open_wave(session, seal, people["bilal"], cohorts[MODULE_ID], catalogue.instrument, WaveName.BEFORE)
        asked = _survey_twice(session, seal, people["bilal"], catalogue.instrument)
        _former_courses(session, asked, catalogue.module(MODULE_ID))
        _sign_credentials(session, Office.of(settings), catalogue, people)
        _report_courses(session, people)
        _appeal(session, people)
        _open_a_record(session, people)
        _attest(session, people)
        _plan(session, cohorts[MODULE_ID], catalogue.module(MODULE_ID), date.today(), weeks=6)
        _former_days(session, cohorts[PACED_MODULE_ID], catalogue.module(PACED_MODULE_ID))
    with begin(engine) as session:
        _erase(session, people)
        _refuse_a_statement(session)
    return True


def _tell_a_store(session: Session, seal: Seal, academy: Academy) -> None:
    """A record store that nobody runs: paused, so that statements wait for it and nothing leaves the machine."""
    session.add(
        RecordStore(
            academy_id=academy.id,
            endpoint="https://records.example.org/xapi",
            key="hunar",
            sealed_secret=seal.close("an example"),
            kinds=list(StatementKind),
            namespace=str(uuid.uuid4()),
            paused_at=clock.now(),
        )
    )
    session.flush()


def _refuse_a_statement(session: Session) -> None:
    """One that a store did not want, for the administrator to look at."""
    first = session.scalars(select(Statement).order_by(Statement.id).limit(1)).one()
    first.set_aside_at, first.answer = clock.now(), "400 The definition of an activity needs a description."


def _agree_to_research(session: Session, people: Mapping[str, Account]) -> None:
    for person in DEMO_PEOPLE:
        if person.ability is not None:
            consent.answer(session, people[person.username].id, consent.Purpose.RESEARCH, is_given=True)


def _foresee(session: Session, administrator: Account, catalogue: Catalogue) -> None:
    """Made-up figures of departments, and a study of each scenario, which the worker computes."""
    files = [(example.FILE_NAME, example.example_workbook())]
    figures = foresight.preview(session, administrator, files, competencies=catalogue.competencies)
    foresight.accept(session, administrator, figures.id)
    for each in queries.scenarios(session, administrator):
        foresight.ask_study(session, administrator, each.scenario.id)


def _sign_credentials(session: Session, office: Office, catalogue: Catalogue, people: Mapping[str, Account]) -> None:
    """Finish modules and have that signed; then correct the name that was misspelt."""
    for person in DEMO_PEOPLE:
        if person.finished is not None and person.ability is not None:
            account = people[person.username]
            if person.username == MISSPELT:
                account.full_name = FORMER_NAME
            _answer(session, account, catalogue.module(person.finished), person.ability)
            _play(session, account, catalogue.module(person.finished))
            credentials.claim(session, office, account, catalogue, f"module-{person.finished}")
    right_name = next(person.full_name for person in DEMO_PEOPLE if person.username == MISSPELT)
    administrator, misspelt = people["farid"], people[MISSPELT]
    reason = "As on the national identity card."
    credentials.correct_name(session, office, administrator, misspelt.id, right_name, reason)


def _report_courses(session: Session, people: Mapping[str, Account]) -> None:
    """Courses finished elsewhere: one is approved, one waits."""
    course = {"provider": Provider.COURSERA, "title": "Introduction to machine learning", "competency": "D1.2"}
    proof = {"completed_on": date(2026, 9, 15), "link": "https://www.coursera.org/verify/EXAMPLE"}
    approved, _waiting = (completions.report(session, people[name], course | proof) for name in ("iqra", "hamza"))
    completions.decide(session, people["bilal"], [approved.id], approve=True, reason="Name and day were compared.")


def _appeal(session: Session, people: Mapping[str, Account]) -> None:
    """Disputed answers and complaints: one upheld, one in review, one overdue, and one that waits."""
    upheld, reviewed = (
        appeals.dispute(session, people[name], _worst_answer(session, people[name]), text)
        for name, text in DISPUTES.items()
    )
    verdict = Verdict(Outcome.UPHELD, Remedy.WITHDRAWN, "The question can be read in two ways; it is being rewritten.")
    appeals.decide(session, people["bilal"], upheld.id, verdict)
    verdict = Verdict(
        Outcome.REFUSED, Remedy.NOTHING, "The lesson and the question mean the same; its example shows how."
    )
    appeals.decide(session, people["bilal"], reviewed.id, verdict)
    appeals.ask_review(
        session, people["mansoor"], reviewed.id, "The example of the lesson is another case than that of the question."
    )
    overdue = appeals.complain(session, people["junaid"], "I was not told that the timetable had changed.")
    overdue.made_at -= LONG_AGO
    overdue.due_at = overdue.made_at + appeals.DECIDED_WITHIN
    appeals.complain(session, people["laila"], "The recording of the second session has no Urdu captions.")


def _open_a_record(session: Session, people: Mapping[str, Account]) -> None:
    """An administrator looked at the record of one person, who reads why."""
    reason = "She asked why the estimate of her first module is marked as disputed."
    farid, nadia = people["farid"], people["nadia"]
    break_glass.open_record(session, farid, nadia.id, Purpose.REQUEST, reason)
    break_glass.close_record(session, farid, nadia.id)


def _erase(session: Session, people: Mapping[str, Account]) -> None:
    """Somebody who asked for it is erased, and somebody else waits for a decision."""
    request = erasure.ask(session, people[ERASED], "")
    erasure.ask(session, people["kiran"], "I have left the service.")
    grant = Grant(Ground.NOT_NEEDED, keeps_credentials=False, reason="Left the service without finishing the course.")
    erasure.erase(session, people["farid"], request.id, grant)


def _worst_answer(session: Session, trainee: Account) -> int:
    """The number of the evidence of the trainee's worst answer in a quiz."""
    statement = select(Evidence.id).where(Evidence.trainee_id == trainee.id, Evidence.kind == EvidenceKind.QUIZ_ITEM)
    return session.scalars(statement.order_by(Evidence.outcome, Evidence.id).limit(1)).one()


def _attest(session: Session, people: Mapping[str, Account]) -> None:
    """Tasks at work that supervisors have seen: one is confirmed, one waits to be."""
    task = {"shared": "place result level", "level": 3, "done_on": date.today() - timedelta(days=9)}
    for name, words, said in ATTESTED:
        made = attestations.ask(session, people[name], task | words)
        token, _row = attestations.make_link(session, people[name], made.id)
        attestations.answer(session, token, said, by=None)
        if name == CONFIRMED:
            reason = "I called the district office and spoke with her."
            attestations.decide(session, people["bilal"], made.id, confirm=True, reason=reason)


def _play(session: Session, trainee: Account, module: Module) -> None:
    """Play the simulations of a module with the values that they propose."""
    for activity in module.activities:
        if not isinstance(activity, Simulation):
            continue
        scenario = simulations.load(activity.scenario)
        run = sims.start(session, trainee, module.id, activity.id, scenario.id)
        for number in range(1, scenario.rounds + 1):
            values = scenario.default_values
            sims.decide(session, trainee, run, round_number=number, values=values, note="", key=f"demo {number}")


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
    lesson = module.activities[0]
    members = select(Account).join(Enrolment, Enrolment.trainee_id == Account.id)
    for trainee in session.scalars(members.where(Enrolment.cohort_id == cohort.id)):
        pace = PACES.get(trainee.username)
        if pace in (Status.ON_TRACK, Status.FINISHED):
            learning.finish_lesson(session, trainee, module.id, lesson.id)
        if pace is Status.BEHIND:
            progress.mark(session, trainee, module.id, lesson.id, done=False)
        if pace is Status.FINISHED:
            _play(session, trainee, module)
        if pace is Status.SILENT:
            joined = update(Enrolment).where(Enrolment.trainee_id == trainee.id, Enrolment.cohort_id == cohort.id)
            session.execute(joined.values(enrolled_at=began_at))


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


def _answer(session: Session, trainee: Account, module: Module, ability: float, *, again: bool = False) -> None:
    """Read the lessons and answer the quiz as someone of this ability might."""
    named = f"{trainee.username} again" if again else trainee.username
    dice = random.Random(named)  # noqa: S311 - demo data
    for activity in module.activities:
        if activity.kind == "lesson":
            learning.finish_lesson(session, trainee, module.id, activity.id)
        if isinstance(activity, Quiz):
            answers = {item.id: _answer_item(item, dice.random() < ability, dice) for item in activity.items}
            learning.submit_quiz(session, trainee, module, activity, answers, key=f"demo {module.id} {named}")


def _answer_item(item: QuizItem, well: bool, dice: random.Random) -> Answer:
    if isinstance(item, Numeric):
        return item.answer if well else item.maximum
    if well:
        return sorted(item.correct_option_ids)
    return [dice.choice([option.id for option in item.options if not option.correct])]


def _survey_twice(session: Session, seal: Seal, instructor: Account, instrument: Instrument) -> Cohort:
    """A cohort large enough that figures of it are shown, asked before and after its course."""
    cohort, people = _silent_cohort(session, instructor.academy_id, SURVEYED_COHORT, GIVEN_NAMES, FAMILY_NAMES)
    codes = [surveys.fresh_code() for _person in people[:LINKED]] + [""] * (len(people) - LINKED)
    dice = random.Random(SURVEYED_COHORT)  # noqa: S311 - demo data
    for name, leanings in LEANINGS.items():
        wave = surveys.open_wave(session, seal, instructor, cohort, instrument, name)
        for person, code in zip(people, codes, strict=True):
            surveys.answer(session, seal, person, wave.id, _opinion(instrument, leanings, dice), code=code)
        surveys.close_wave(session, instructor, cohort, name)
    return cohort


def _former_courses(session: Session, asked: Cohort, module: Module) -> None:
    """Three courses that are over, for a report and a comparison: two of them large enough for figures."""
    members = select(Account).join(Enrolment, Enrolment.trainee_id == Account.id)
    people = list(session.scalars(members.where(Enrolment.cohort_id == asked.id).order_by(Account.id)))
    _former_course(session, asked, people, module, ability=0.55, came_back=CAME_BACK)
    for name, (given_names, family_names), ability in (
        (COMPARED_COHORT, (OTHER_GIVEN_NAMES, FAMILY_NAMES), 0.75),
        (SMALL_COHORT, (OTHER_GIVEN_NAMES, OTHER_FAMILY_NAMES), 0.6),
    ):
        cohort, people = _silent_cohort(session, asked.academy_id, name, given_names, family_names)
        _former_course(session, cohort, people, module, ability=ability, came_back=0)


def _former_course(
    session: Session, cohort: Cohort, people: Sequence[Account], module: Module, *, ability: float, came_back: int
) -> None:
    """Some weeks ago everybody answered the quiz; so many of them answer it again today."""
    began_at = clock.now() - timedelta(days=DAYS_AGO)
    _plan(session, cohort, module, began_at.date(), weeks=6)
    dice = random.Random(cohort.name)  # noqa: S311 - demo data
    for place, person in enumerate(people):
        department, grade = DEPARTMENTS[place % len(DEPARTMENTS)]
        session.add(Posting(account_id=person.id, department=department, grade=grade, begins_on=began_at.date()))
        _answer(session, person, module, ability + dice.uniform(-0.25, 0.25))
    session.flush()
    _put_back(session, [person.id for person in people], began_at)
    for person in people[:came_back]:
        _answer(session, person, module, 0.9, again=True)


def _put_back(session: Session, trainee_ids: Sequence[int], moment: datetime) -> None:
    """Have all that these people did until now be done at this moment."""
    for table, columns in (
        (Enrolment, ("enrolled_at",)),
        (ActivityProgress, ("started_at", "done_at")),
        (QuizAttempt, ("submitted_at",)),
        (Evidence, ("at", "recorded_at")),
    ):
        former = update(table).where(table.trainee_id.in_(trainee_ids))
        session.execute(former.values(dict.fromkeys(columns, moment)))


def _silent_cohort(
    session: Session, academy_id: int, name: str, given_names: Sequence[str], family_names: Sequence[str]
) -> tuple[Cohort, list[Account]]:
    cohort = Cohort(academy_id=academy_id, name=name, module_id=MODULE_ID)
    session.add(cohort)
    session.flush()
    names = [f"{given} {family}" for family in family_names for given in given_names]
    return cohort, [_add_silent(session, cohort, full_name) for full_name in names]


def _add_silent(session: Session, cohort: Cohort, full_name: str) -> Account:
    account = Account(
        academy_id=cohort.academy_id,
        username=full_name.lower().replace(" ", "."),
        full_name=full_name,
        role=Role.TRAINEE,
        password_hash="",
        created_at=clock.now(),
    )
    session.add(account)
    session.flush()
    accounts.enrol(session, cohort, account)
    return account


def _opinion(instrument: Instrument, leanings: dict[str, int], dice: random.Random) -> dict[str, int]:
    """Answers of somebody who leans towards a scale more or less than others do; some items are left out."""
    own = {scale: leaning + dice.choice((-1, 0, 0, 1)) for scale, leaning in leanings.items()}

    def towards(scale: str) -> int:
        return min(scoring.HIGHEST, max(scoring.LOWEST, own[scale] + dice.choice((-1, 0, 0, 1))))

    return {item.id: scoring.scored(item, towards(item.scale)) for item in instrument.items if dice.random() < 0.97}
