"""Who may do what, and to whose things: one table, and nothing about permissions anywhere else."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import Any, Protocol, TypeVar, TypeVarTuple

from flask import Flask, abort, current_app, redirect, request, url_for
from flask import session as cookie
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import ColumnElement, Row, Select, and_, false, or_
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from app.core import errors, running
from app.core.classes import OPEN_AFTERWARDS, cohorts_taught, instructors_of, taught_by
from app.core.errors import NotFound
from app.core.openings import opened_by


class Role(StrEnum):
    TRAINEE = "trainee"
    INSTRUCTOR = "instructor"
    ADMINISTRATOR = "administrator"
    AUDITOR = "auditor"


class Scope(StrEnum):
    """To whose things an action reaches.

    TAUGHT: cohorts that one teaches or has taught, however long ago; for what names nobody.
    CLASS: one's own, and those of whomever one teaches, until 90 days after the course (app/core/classes.py).
    OPENED: one's own, and those of whoever's record one has opened, as long as it is open (app/break_glass).
    OPENED_WITH_WORK: the same, where what the person submitted was opened with it.
    """

    OWN = "own"
    TAUGHT = "taught"
    CLASS = "class"
    OPENED = "opened"
    OPENED_WITH_WORK = "opened_with_work"
    ACADEMY = "academy"


class Action(StrEnum):
    USE_ACCOUNT = "use_account"
    LEARN = "learn"
    ANSWER_QUIZ = "answer_quiz"
    RUN_SIMULATION = "run_simulation"
    SEE_RUN = "see_run"
    WORK_ON_NOTEBOOK = "work_on_notebook"
    KEEP_CURIOSITY_LOG = "keep_curiosity_log"
    SEE_SUBMISSION = "see_submission"
    SEE_QUIZ_ATTEMPT = "see_quiz_attempt"
    SEE_SKILL_RECORD = "see_skill_record"
    SEE_CURIOSITY = "see_curiosity"
    SEE_GROUP_FIGURES = "see_group_figures"
    OPEN_RECORDS = "open_records"
    SEE_COHORTS = "see_cohorts"
    CHANGE_ROLES = "change_roles"
    HAND_OUT_CODES = "hand_out_codes"
    REMOVE_SECOND_FACTOR = "remove_second_factor"
    SEE_ADMINISTRATION = "see_administration"
    RETRY_JOBS = "retry_jobs"
    TEACH = "teach"
    MARK_ANSWERS = "mark_answers"
    SHARE_MARKING = "share_marking"
    SHARE_COMMENTS = "share_comments"
    ASK_FOR_REGRADE = "ask_for_regrade"
    SET_EXERCISES = "set_exercises"
    KEEP_GRADEBOOK = "keep_gradebook"
    REGRADE_LABS = "regrade_labs"
    WRITE_LABS = "write_labs"
    READ_AUDIT_LOG = "read_audit_log"
    SEE_PEOPLE = "see_people"
    KEEP_PEOPLE = "keep_people"
    KEEP_COHORTS = "keep_cohorts"
    NAME_INSTRUCTORS = "name_instructors"
    JOIN_COHORT = "join_cohort"
    PLAN_SKILLS = "plan_skills"
    ANSWER_PANEL = "answer_panel"
    ANSWER_SURVEY = "answer_survey"
    TAKE_ANSWERS_BACK = "take_answers_back"
    KEEP_SURVEYS = "keep_surveys"
    CLAIM_CREDENTIALS = "claim_credentials"
    KEEP_CREDENTIALS = "keep_credentials"
    REPORT_COMPLETION = "report_completion"
    SEE_COMPLETION = "see_completion"
    JUDGE_COMPLETIONS = "judge_completions"
    BRING_COMPLETIONS = "bring_completions"
    ASK_ATTESTATION = "ask_attestation"
    SEE_ATTESTATION = "see_attestation"
    JUDGE_ATTESTATIONS = "judge_attestations"
    SEND_NUDGES = "send_nudges"
    READ_NOTICES = "read_notices"
    MAKE_APPEAL = "make_appeal"
    SEE_APPEAL = "see_appeal"
    DECIDE_APPEALS = "decide_appeals"
    ERASE_PEOPLE = "erase_people"
    CONNECT_PLATFORMS = "connect_platforms"
    KEEP_RECORD_STORE = "keep_record_store"
    RELEASE_FOR_RESEARCH = "release_for_research"
    GIVE_CONSENT = "give_consent"
    KEEP_OWN_RECORD = "keep_own_record"


EVERYONE = {
    Action.USE_ACCOUNT: Scope.OWN,
    Action.READ_NOTICES: Scope.OWN,
    # Whoever was a trainee and has another role now has a right to it as before: to read what is known of them, to take
    # back what they gave, and to have looked at what is wrong. What a role reaches of others is said below.
    **dict.fromkeys(
        (
            *(Action.TAKE_ANSWERS_BACK, Action.GIVE_CONSENT, Action.KEEP_OWN_RECORD),
            *(Action.MAKE_APPEAL, Action.SEE_APPEAL, Action.ASK_FOR_REGRADE),
            *(Action.SEE_SKILL_RECORD, Action.SEE_COMPLETION, Action.SEE_ATTESTATION),
            *(Action.SEE_QUIZ_ATTEMPT, Action.SEE_RUN, Action.SEE_SUBMISSION),
        ),
        Scope.OWN,
    ),
}
# What names people, or is decided about one: by administrators for the academy, by instructors for their classes.
LOOKS_AFTER_PEOPLE = (
    *(Action.SEE_COHORTS, Action.KEEP_COHORTS, Action.SEE_PEOPLE, Action.HAND_OUT_CODES),
    *(Action.SEE_COMPLETION, Action.JUDGE_COMPLETIONS, Action.SEE_ATTESTATION, Action.JUDGE_ATTESTATIONS),
    *(Action.SEE_APPEAL, Action.DECIDE_APPEALS),
)
PERMISSIONS: dict[Role, dict[Action, Scope]] = {
    Role.TRAINEE: EVERYONE
    | {
        Action.LEARN: Scope.OWN,
        Action.ANSWER_QUIZ: Scope.OWN,
        Action.RUN_SIMULATION: Scope.OWN,
        Action.WORK_ON_NOTEBOOK: Scope.OWN,
        Action.KEEP_CURIOSITY_LOG: Scope.OWN,
        Action.SEE_CURIOSITY: Scope.OWN,
        Action.JOIN_COHORT: Scope.OWN,
        Action.ANSWER_SURVEY: Scope.OWN,
        Action.ANSWER_PANEL: Scope.OWN,
        Action.CLAIM_CREDENTIALS: Scope.OWN,
        Action.REPORT_COMPLETION: Scope.OWN,
        Action.ASK_ATTESTATION: Scope.OWN,
    },
    Role.INSTRUCTOR: EVERYONE
    | dict.fromkeys(LOOKS_AFTER_PEOPLE, Scope.CLASS)
    | {
        # Computed from what each did, and says nothing of anybody alone (app/core/privacy.py).
        Action.SEE_GROUP_FIGURES: Scope.ACADEMY,
        Action.SEE_RUN: Scope.CLASS,
        Action.SEE_SUBMISSION: Scope.CLASS,
        Action.SEE_QUIZ_ATTEMPT: Scope.CLASS,
        Action.SEE_SKILL_RECORD: Scope.CLASS,
        Action.SEE_CURIOSITY: Scope.CLASS,
        Action.TEACH: Scope.TAUGHT,
        # Answers belong to nobody, and are asked for half a year after the course.
        Action.KEEP_SURVEYS: Scope.TAUGHT,
        Action.MARK_ANSWERS: Scope.CLASS,
        # Second marks, and the comments that markers keep for each other: work and words without a name.
        Action.SHARE_MARKING: Scope.ACADEMY,
        Action.SHARE_COMMENTS: Scope.ACADEMY,
        Action.SET_EXERCISES: Scope.CLASS,
        Action.KEEP_GRADEBOOK: Scope.CLASS,
        # A lab that was wrong was wrong for everybody who did it.
        Action.REGRADE_LABS: Scope.ACADEMY,
        Action.WRITE_LABS: Scope.ACADEMY,
        Action.SEND_NUDGES: Scope.CLASS,
        Action.ANSWER_PANEL: Scope.OWN,
    },
    Role.ADMINISTRATOR: EVERYONE
    | dict.fromkeys(LOOKS_AFTER_PEOPLE, Scope.ACADEMY)
    | {
        Action.SEE_GROUP_FIGURES: Scope.ACADEMY,
        Action.KEEP_SURVEYS: Scope.ACADEMY,
        Action.OPEN_RECORDS: Scope.ACADEMY,
        Action.SEE_RUN: Scope.OPENED,
        Action.SEE_QUIZ_ATTEMPT: Scope.OPENED,
        Action.SEE_SKILL_RECORD: Scope.OPENED,
        Action.SEE_SUBMISSION: Scope.OPENED_WITH_WORK,
        Action.CHANGE_ROLES: Scope.ACADEMY,
        Action.KEEP_PEOPLE: Scope.ACADEMY,
        Action.NAME_INSTRUCTORS: Scope.ACADEMY,
        Action.REMOVE_SECOND_FACTOR: Scope.ACADEMY,
        Action.SEE_ADMINISTRATION: Scope.ACADEMY,
        Action.RETRY_JOBS: Scope.ACADEMY,
        Action.PLAN_SKILLS: Scope.ACADEMY,
        Action.ANSWER_PANEL: Scope.OWN,
        Action.READ_AUDIT_LOG: Scope.ACADEMY,
        Action.KEEP_CREDENTIALS: Scope.ACADEMY,
        Action.BRING_COMPLETIONS: Scope.ACADEMY,
        Action.ERASE_PEOPLE: Scope.ACADEMY,
        Action.CONNECT_PLATFORMS: Scope.ACADEMY,
        Action.KEEP_RECORD_STORE: Scope.ACADEMY,
        Action.RELEASE_FOR_RESEARCH: Scope.ACADEMY,
    },
    Role.AUDITOR: EVERYONE | {Action.READ_AUDIT_LOG: Scope.ACADEMY},
}
# Nobody does these to what is their own: staff may have been trainees, or teach a cohort that they once were in.
JUDGING = frozenset(
    {
        *(Action.MARK_ANSWERS, Action.SHARE_MARKING, Action.DECIDE_APPEALS),
        *(Action.JUDGE_COMPLETIONS, Action.JUDGE_ATTESTATIONS),
    }
)
# Whoever hands out a code could use it, so nobody reaches by it what their own role does not hold.
HAND_CODES_TO: dict[Role, frozenset[Role]] = {
    Role.TRAINEE: frozenset(),
    Role.INSTRUCTOR: frozenset({Role.TRAINEE}),
    Role.ADMINISTRATOR: frozenset(Role),
    Role.AUDITOR: frozenset(),
}
# Who reaches what a whole academy does proves more than a password.
NEED_SECOND_FACTOR = frozenset({Role.ADMINISTRATOR, Role.AUDITOR})
# Set in the session of somebody whose academy has asked for a second factor itself.
VOUCHED_FOR = "vouched_for"


class Actor(Protocol):
    """Someone signed in."""

    id: int
    academy_id: int
    role: Role


View = TypeVar("View", bound=Callable[..., Any])
Statement = TypeVar("Statement", bound=Select[*tuple[Any, ...]])
Thing = TypeVar("Thing")
Columns = TypeVarTuple("Columns")


class RecordClosed(Exception):
    """This is of somebody of the actor's academy whose record the actor has not opened, or not so far."""

    def __init__(self, person_id: int, scope: Scope) -> None:
        super().__init__(person_id, scope)
        self.person_id = person_id
        self.scope = scope


class ClassOver(Exception):
    """This is of somebody whom the actor taught, and of a course that ended so long ago that it is closed to them."""


def scope_of(actor: Actor, action: Action) -> Scope | None:
    return PERMISSIONS[actor.role].get(action)


def holds(actor: Actor, action: Action) -> bool:
    """Whether this actor's role has the action, however far it reaches."""
    return scope_of(actor, action) is not None


def may_hand_code_to(actor: Actor, role: Role) -> bool:
    """Whether this actor may hand somebody of this role a code for a new password."""
    return role in HAND_CODES_TO[actor.role]


def needs_second_factor(actor: Actor) -> bool:
    """Whether this actor may do nothing but keep their own account until they have set up a second factor."""
    return running.settings().require_second_factor and actor.role in NEED_SECOND_FACTOR


def reaches(
    actor: Actor, action: Action, *, trainee: ColumnElement[int], academy: ColumnElement[int]
) -> ColumnElement[bool]:
    """Whether this actor may see a row by an action; `trainee` and `academy` name the owner's columns."""
    within = _within_scope(actor, action, trainee=trainee, academy=academy)
    return and_(within, trainee != actor.id) if action in JUDGING else within


def _within_scope(
    actor: Actor, action: Action, *, trainee: ColumnElement[int], academy: ColumnElement[int]
) -> ColumnElement[bool]:
    match scope_of(actor, action):
        case Scope.OWN:
            return and_(trainee == actor.id, academy == actor.academy_id)
        case Scope.CLASS:
            return and_(academy == actor.academy_id, or_(trainee == actor.id, trainee.in_(taught_by(actor.id))))
        case Scope.OPENED | Scope.OPENED_WITH_WORK as scope:
            is_open = trainee.in_(opened_by(actor.id, with_work=scope is Scope.OPENED_WITH_WORK))
            return and_(academy == actor.academy_id, or_(trainee == actor.id, is_open))
        case Scope.ACADEMY:
            return academy == actor.academy_id
        case Scope.TAUGHT | None:
            return false()


def reached_by(
    action: Action, *, trainee_id: int, person: ColumnElement[int], role: ColumnElement[Role]
) -> ColumnElement[bool]:
    """Whether the person of a row reaches by an action, without opening a record, what is of this trainee.

    `person` and `role` name the columns of accounts of the trainee's academy.
    """
    of_scope = {
        scope: [each for each in Role if PERMISSIONS[each].get(action) is scope]
        for scope in (Scope.ACADEMY, Scope.CLASS)
    }
    teaches = and_(role.in_(of_scope[Scope.CLASS]), person.in_(instructors_of(trainee_id)))
    reached = or_(role.in_(of_scope[Scope.ACADEMY]), teaches)
    return and_(reached, person != trainee_id) if action in JUDGING else reached


def visible(
    actor: Actor,
    action: Action,
    statement: Statement,
    *,
    trainee: ColumnElement[int],
    academy: ColumnElement[int],
) -> Statement:
    """Narrow a statement to the rows this actor may see; `trainee` and `academy` name the owner's columns."""
    return statement.where(reaches(actor, action, trainee=trainee, academy=academy))


def cohorts_visible(
    actor: Actor,
    action: Action,
    statement: Statement,
    *,
    cohort: ColumnElement[int],
    academy: ColumnElement[int],
) -> Statement:
    """Narrow a statement about cohorts, or what belongs to them as a whole, to those that this actor may see."""
    return statement.where(reaches_cohort(actor, action, cohort=cohort, academy=academy))


def reaches_cohort(
    actor: Actor, action: Action, *, cohort: ColumnElement[int], academy: ColumnElement[int]
) -> ColumnElement[bool]:
    """Whether this actor may see a cohort, or what belongs to it as a whole, by an action."""
    match scope_of(actor, action):
        case Scope.CLASS:
            return and_(academy == actor.academy_id, cohort.in_(cohorts_taught(actor.id)))
        case Scope.TAUGHT:
            return and_(academy == actor.academy_id, cohort.in_(cohorts_taught(actor.id, ever=True)))
        case Scope.ACADEMY:
            return academy == actor.academy_id
        case _:
            return false()


def once_visible(
    actor: Actor, statement: Statement, *, trainee: ColumnElement[int], academy: ColumnElement[int]
) -> Statement:
    """Narrow a statement to rows of others whom the actor teaches or has taught, however long ago."""
    was_taught = trainee.in_(taught_by(actor.id, ever=True))
    return statement.where(academy == actor.academy_id, trainee != actor.id, was_taught)


def one_visible(
    session: Session,
    actor: Actor,
    action: Action,
    statement: Select[Thing],
    *,
    trainee: ColumnElement[int],
    academy: ColumnElement[int],
) -> Thing:
    """The one thing that a statement selects, if this actor may see it.

    Raises NotFound; RecordClosed where the actor may see it once they have opened its owner's record; ClassOver.
    """
    return one_row_visible(session, actor, action, statement, trainee=trainee, academy=academy)[0]


def one_row_visible(
    session: Session,
    actor: Actor,
    action: Action,
    statement: Select[*Columns],
    *,
    trainee: ColumnElement[int],
    academy: ColumnElement[int],
) -> Row[*Columns]:
    """As `one_visible`, of a statement that selects several things at once."""
    found = session.execute(visible(actor, action, statement, trainee=trainee, academy=academy)).first()
    if found is not None:
        return found
    scope = scope_of(actor, action)
    of_academy = statement.where(academy == actor.academy_id)
    if scope in (Scope.OPENED, Scope.OPENED_WITH_WORK):
        owner = session.scalar(of_academy.with_only_columns(trainee))
        if owner is not None:
            raise RecordClosed(owner, scope)
    if scope is Scope.CLASS:
        taught = once_visible(actor, statement, trainee=trainee, academy=academy)
        if session.execute(taught).first() is not None:
            raise ClassOver
    raise NotFound


def one_cohort_visible(
    session: Session,
    actor: Actor,
    action: Action,
    statement: Select[Thing],
    *,
    cohort: ColumnElement[int],
    academy: ColumnElement[int],
) -> Thing:
    """As `one_visible`, of a cohort or of something that belongs to one. Raises NotFound, ClassOver."""
    found = session.scalar(cohorts_visible(actor, action, statement, cohort=cohort, academy=academy))
    if found is not None:
        return found
    if scope_of(actor, action) is Scope.CLASS:
        was_taught = cohort.in_(cohorts_taught(actor.id, ever=True))
        if session.scalar(statement.where(academy == actor.academy_id, was_taught)) is not None:
            raise ClassOver
    raise NotFound


def requires(action: Action) -> Callable[[View], View]:
    """Mark a view as open to those who hold the action; which things it reaches is up to `visible`."""

    def mark(view: View) -> View:
        view.access = action  # type: ignore[attr-defined]
        return view

    return mark


def public(view: View) -> View:
    """Mark a view as open to everyone, signed in or not."""
    view.access = None  # type: ignore[attr-defined]
    return view


class UnmarkedView(RuntimeError):
    """A view says neither @requires nor @public."""


def init_app(app: Flask) -> None:
    """Check every request against the table; views that say nothing are refused with UnmarkedView."""
    app.view_functions["static"] = public(app.view_functions["static"])

    @app.before_request
    def check() -> Response | None:
        if request.endpoint is None:
            return None
        view = current_app.view_functions[request.endpoint]
        if not hasattr(view, "access"):
            raise UnmarkedView(request.endpoint)
        if view.access is None:
            return None
        if not current_user.is_authenticated:
            return _ask_to_sign_in()
        if not holds(current_user, view.access):
            abort(403)
        if view.access is not Action.USE_ACCOUNT and _owes_second_factor():
            return redirect(url_for("second_factor.own"), code=303)
        return None

    @app.errorhandler(ClassOver)
    def class_over(_over: ClassOver) -> tuple[str, int]:
        days = OPEN_AFTERWARDS.days
        return errors.answer(
            403,
            title=_("This course is over"),
            advice=_(
                "Instructors see what the trainees of their cohorts did until %(days)s days after the last day, and "
                "those days have passed. What was done stays with the trainee.",
                days=days,
            ),
        )


def _owes_second_factor() -> bool:
    return needs_second_factor(current_user) and not (current_user.has_second_factor or cookie.get(VOUCHED_FOR))


def _ask_to_sign_in() -> Response:
    if request.method == "GET" and "HX-Request" not in request.headers:
        return redirect(url_for("accounts.sign_in", next=request.full_path.rstrip("?")))
    return abort(401)
