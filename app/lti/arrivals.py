"""How somebody comes in from a platform: the message is kept, the person is known or made known, the part opens."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass

from flask_babel import gettext as _
from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.accounts import queries as accounts
from app.accounts import service as people
from app.accounts.models import Academy, Account, Cohort
from app.accounts.service import note
from app.content.schemas import Catalogue
from app.core import audit, clock
from app.core.access import Role
from app.core.codes import new_code
from app.core.errors import Refused
from app.core.wording import Language
from app.enrolment import queries as enrolment
from app.lti import queries
from app.lti.messages import Fault, Message, NotTaken, of_kept
from app.lti.models import Course, Launch, Platform, PlatformPerson, Score
from app.lti.parts import Part, part_at, place_of
from app.lti.queries import PATIENCE
from app.notices.service import tell_all, tell_of_instructor
from app.notices.wording import Occasion

LONGEST_COHORT_NAME = 120
USERNAME_LENGTH = 10


@dataclass(frozen=True)
class Arrival:
    """A checked message that waits to be used. account: whose it is, None for nobody's yet."""

    launch: Launch
    platform: Platform
    message: Message
    part: Part
    account: Account | None

    @property
    def teaches(self) -> bool:
        """Whether an instructor of the academy who comes like this teaches the cohort of the course."""
        return names_teacher(self.platform, self.message)

    def may_link(self, account: Account) -> bool:
        """Whether this account can be linked with whoever comes."""
        is_fit = account.role is Role.TRAINEE or (account.role is Role.INSTRUCTOR and self.teaches)
        return is_fit and account.academy_id == self.platform.academy_id

    @property
    def is_for_learners_only(self) -> bool:
        """Whether who comes teaches there: Hunar gives no right for that, and makes no trainee of them."""
        return self.account is None and self.message.is_staff and not self.message.is_learner


def digest(text: str) -> str:
    """What the database keeps of what names a message or a browser."""
    return hashlib.sha256(text.encode()).hexdigest()


def keep(session: Session, platform: Platform, message: Message, *, nonce: str, browser_hash: str) -> str:
    """Keep a checked message until the browser comes for it; what names it there.

    Raises NotTaken for a nonce that was used.
    """
    now = clock.now()
    session.execute(delete(Launch).where(Launch.received_at < now - PATIENCE))
    handle = secrets.token_urlsafe(32)
    kept = Launch(
        platform_id=platform.id,
        nonce=nonce,
        handle_hash=digest(handle),
        browser_hash=browser_hash,
        message=message.as_kept(),
        received_at=now,
    )
    try:
        with session.begin_nested():
            session.add(kept)
            session.flush()
    except IntegrityError:
        raise NotTaken(Fault.NONCE) from None
    return handle


def waiting(session: Session, handle: str, *, lock: bool = False) -> tuple[Launch, Platform, Message]:
    """A message that was kept under this name. Raises Refused when there is none, or no longer."""
    found = queries.open_launch(session, digest(handle), lock=lock)
    if found is None:
        raise Refused(
            _("This way in was used or has been open for too long. Go back to your course and open the link again.")
        )
    launch, platform = found
    return launch, platform, of_kept(launch.message)


def hold(session: Session, platform: Platform, message: Message, part: Part | None, *, own_id: int | None) -> None:
    """Lock what taking somebody in may write to, in the order of docs/architecture.md, before the message itself.

    own_id: whose account they may link, None for nobody's. Raises NotFound where that or the linked one was erased.
    """
    known = queries.account_of(session, platform.id, message.subject)
    makes_cohort = (
        part is not None
        and part.place.exercise_id is None
        and queries.course(session, platform.id, message.context, part.place.module_id) is None
    )
    if makes_cohort or (known is None and not message.is_choice):
        accounts.lock_academy(session, platform.academy_id)
        known = queries.account_of(session, platform.id, message.subject)
    if (account_id := known.id if known is not None else own_id) is not None:
        accounts.lock(session, account_id)
        # What may be opened or taught follows from the role that they have by now.
        session.get_one(Account, account_id, populate_existing=True)


def note_not_taken(session: Session, platform: Platform, fault: Fault) -> None:
    """Write down that a message of a platform was not what it should be."""
    audit.record(
        session,
        verb="message_not_taken",
        thing=f"platform:{platform.id}",
        academy_id=platform.academy_id,
        detail={"name": platform.name, "fault": fault.value},
    )


def use_up(launch: Launch) -> None:
    """Nobody uses this message again, and what it says is forgotten; its nonce is known for as long as it counts."""
    launch.used_at, launch.message = clock.now(), {}


def check_browser(launch: Launch, browser: str) -> None:
    """Raises Refused in another browser than the one that asked for the message: nobody is signed in by a link."""
    if not browser or not hmac.compare_digest(launch.browser_hash, digest(browser)):
        raise Refused(
            _(
                "This browser did not begin this way in, or keeps no cookies. Go back to your course and open the link "
                "in a new window."
            )
        )


def part_of(
    session: Session, catalogue: Catalogue, platform: Platform, target: str, *, origin: str, language: Language
) -> Part:
    """What a message wants opened. Raises Refused when it names nothing that there is."""
    place = place_of(target, origin=origin)
    if place is not None:
        exercise = queries.exercise(session, platform.academy_id, place.exercise_id)
        if (part := part_at(catalogue, [exercise] if exercise else [], place, language)) is not None:
            return part
    raise Refused(
        _(
            "This link of your course names nothing that Hunar has. Ask who teaches the course to choose a module or "
            "one of its parts again."
        ),
        status=404,
    )


def link(session: Session, found: Arrival, account: Account) -> None:
    """From now on whoever comes from the platform as this person has this account. Raises Refused."""
    platform = found.platform
    if not found.may_link(account):
        raise Refused(_("Only a trainee's account of this academy can be linked with %(name)s.", name=platform.name))
    accounts.lock(session, account.id)
    if queries.is_somebody_there(session, platform.id, account.id):
        raise Refused(
            _(
                "Your account here is linked with somebody else on %(name)s. Tell the administrator of your academy.",
                name=platform.name,
            ),
            status=409,
        )
    session.add(
        PlatformPerson(
            platform_id=platform.id, subject=found.message.subject, account_id=account.id, linked_at=clock.now()
        )
    )
    session.flush()
    note(session, "platform_person_linked", account, account.id, platform=platform.name)


def make_account(session: Session, found: Arrival, language: Language) -> Account:
    """A new trainee for whom the platform sends for the first time. Raises Refused where that is not allowed."""
    if not found.platform.makes_accounts or found.is_for_learners_only:
        raise Refused(_("Sign in with your account at this academy."), status=409)
    made = people.add_account(
        session,
        session.get_one(Academy, found.platform.academy_id),
        username=f"lti-{new_code(USERNAME_LENGTH)}",
        full_name=found.message.name or _("Trainee"),
        role=Role.TRAINEE,
        # Nobody knows it: who wants to come in without the platform is handed a code for a password.
        password=secrets.token_urlsafe(32),
        language=language,
    )
    link(session, found, made)
    return made


def take_in(session: Session, found: Arrival, account: Account) -> None:
    """Enrol the trainee, follow the score that the platform asks for, and use the message up. Raises Refused.

    Who is no trainee any more is not let in: what a platform says opens no other role.
    """
    if account.role is not Role.TRAINEE:
        raise Refused(
            _("Your account here is no longer a trainee's, so it does not open from a course. Sign in here instead.")
        )
    accounts.lock(session, account.id)
    exercise = queries.exercise(session, found.platform.academy_id, found.part.place.exercise_id)
    if exercise is not None:
        cohort = session.get_one(Cohort, exercise.cohort_id)
    else:
        cohort = cohort_for(session, found.platform, found.message, found.part.place.module_id)
    _enrol(session, found.platform, cohort, account)
    if found.message.line_item and found.part.points is not None:
        activity_id = exercise.activity_id if exercise else found.part.place.activity_id
        _follow(session, found, account, cohort.module_id, activity_id)
    use_up(found.launch)
    session.flush()


def take_charge(session: Session, found: Arrival, instructor: Account) -> str:
    """Let an instructor teach the cohort of the course that they teach there; the address of its page here.

    An exercise has a cohort whose instructors are named in the portal. Raises Refused.
    """
    if not found.teaches:
        raise Refused(
            _(
                "%(name)s does not say that you teach this course, or may not name instructors. Sign in here instead.",
                name=found.platform.name,
            )
        )
    use_up(found.launch)
    if found.part.place.exercise_id is not None:
        return "/"
    cohort = cohort_for(session, found.platform, found.message, found.part.place.module_id)
    if not teach(session, found.platform, cohort, instructor):
        raise Refused(
            _(
                "An administrator has removed you from the instructors of the cohort %(name)s. Ask them to name you "
                "again.",
                name=cohort.name,
            ),
            status=409,
        )
    return f"/cohorts/{cohort.id}"


def names_teacher(platform: Platform, message: Message) -> bool:
    """Whether the message says that who comes teaches the course, and its platform may say so."""
    return platform.names_instructors and message.teaches


def teach(session: Session, platform: Platform, cohort: Cohort, instructor: Account) -> bool:
    """From now on the instructor teaches the cohort; whether they do. Whom an administrator removed stays removed."""
    session.execute(select(Cohort.id).where(Cohort.id == cohort.id).with_for_update(key_share=True))
    if queries.teaches(session, cohort.id, instructor.id):
        return True
    if queries.was_removed(session, cohort.id, instructor.id):
        return False
    named = people.let_teach(session, cohort, instructor, by=instructor.id, platform=platform.name)
    tell_of_instructor(session, cohort, by=instructor)
    audit.record_all(session, [named])
    return True


def cohort_for(session: Session, platform: Platform, message: Message, module_id: str) -> Cohort:
    """The cohort that people of the message's course come into for a module; made where there is none."""
    known = queries.course(session, platform.id, message.context, module_id)
    if known is None:
        # Two who come at once find the cohort that the first of them made, and no other cohort gets its name.
        accounts.lock_academy(session, platform.academy_id)
        known = queries.course(session, platform.id, message.context, module_id)
    if known is not None:
        return session.get_one(Cohort, known.cohort_id)
    cohort = _make_cohort(session, platform, message.context_title or platform.name, module_id)
    course = Course(
        platform_id=platform.id,
        context=message.context,
        title=message.context_title or platform.name,
        module_id=module_id,
        cohort_id=cohort.id,
    )
    session.add(course)
    session.flush()
    return cohort


def _make_cohort(session: Session, platform: Platform, title: str, module_id: str) -> Cohort:
    name, number = title[:LONGEST_COHORT_NAME], 1
    while enrolment.is_named(session, platform.academy_id, name, other_than=None):
        number += 1
        name = f"{title[: LONGEST_COHORT_NAME - 6]} ({number})"
    made = Cohort(academy_id=platform.academy_id, name=name, module_id=module_id)
    session.add(made)
    session.flush()
    audit.record(
        session,
        verb="cohort_made",
        thing=f"cohort:{made.id}",
        academy_id=made.academy_id,
        detail={"name": name, "module": module_id, "platform": platform.name},
    )
    return made


def _enrol(session: Session, platform: Platform, cohort: Cohort, account: Account) -> None:
    if enrolment.is_in(session, cohort.id, account.id):
        return
    if queries.was_withdrawn(session, cohort.id, account.id):
        raise Refused(
            _("You were withdrawn from the cohort %(name)s. Ask who leads it to take you in again.", name=cohort.name),
            status=409,
        )
    people.enrol(session, cohort, account)
    audit.record(
        session,
        verb="enrolled_by_platform",
        thing=f"cohort:{cohort.id}",
        actor_id=account.id,
        academy_id=cohort.academy_id,
        detail={"platform": platform.name},
    )
    if accounts.instructors_of(session, [cohort.id]):
        tell_all(session, [account], Occasion.CAME_BY_PLATFORM, by=None, about=f"cohort:{cohort.id}")


def _follow(session: Session, found: Arrival, account: Account, module_id: str, activity_id: str) -> None:
    """Have the platform told the trainee's score in this part from now on."""
    score = queries.score_of(session, found.platform.id, found.message.line_item, account.id)
    if score is None:
        score = Score(
            academy_id=account.academy_id,
            platform_id=found.platform.id,
            trainee_id=account.id,
            line_item=found.message.line_item,
            module_id=module_id,
            activity_id=activity_id,
            exercise_id=found.part.place.exercise_id,
            launched_at=clock.now(),
        )
        session.add(score)
    elif (score.module_id, score.activity_id, score.exercise_id) != (
        module_id,
        activity_id,
        found.part.place.exercise_id,
    ):
        # The link was given another part: what counts of that one is another score.
        score.module_id, score.activity_id = module_id, activity_id
        score.exercise_id, score.points, score.max_points = found.part.place.exercise_id, None, None
    score.launched_at = clock.now()
    session.flush()
