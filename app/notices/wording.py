"""What people are told when something about them was decided or done, in the language that they read."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from flask import url_for
from flask_babel import force_locale
from flask_babel import gettext as _

from app.accounts.models import Account
from app.core.wording import Language

LANGUAGES: tuple[Language, ...] = ("en", "ur")
# What stands in a footer for the address of the reader's notices, which only the worker puts there.
ADDRESS = "{address}"
# What stands in a notice for the name of whoever sent it. It is put there when the notice is read: they may be erased.
SENDER = "{sender}"
# The page of each kind of thing that a notice is about, and the name of the number in its address.
PAGES = {
    "appeal": ("appeals.appeal", "appeal_id"),
    "attestation": ("attestations.attestation", "attestation_id"),
    "delphi_round": ("delphi.questions", "round_id"),
    "completion": ("completions.completion", "completion_id"),
    "submission": ("gradebook.submission", "submission_id"),
    "invitation": ("enrolment.invitation", "cohort_id"),
    "survey_wave": ("surveys.questions", "wave_id"),
}


class Occasion(StrEnum):
    """On what a person is told, beside the nudges of an instructor."""

    RECORD_OPENED = "record_opened"
    EXPERT_ASKED = "expert_asked"
    APPEAL_DECIDED = "appeal_decided"
    APPEAL_REVIEWED = "appeal_reviewed"
    REGRADE_ANSWERED = "regrade_answered"
    ERASURE_REFUSED = "erasure_refused"
    COMPLETION_APPROVED = "completion_approved"
    COMPLETION_REFUSED = "completion_refused"
    ATTESTATION_CONFIRMED = "attestation_confirmed"
    ATTESTATION_REJECTED = "attestation_rejected"
    ATTESTATION_WITHDRAWN = "attestation_withdrawn"
    ENROLLED = "enrolled"
    ASKED_IN = "asked_in"
    INSTRUCTOR_NAMED = "instructor_named"
    CAME_BY_PLATFORM = "came_by_platform"
    LAST_SURVEY_OPENED = "last_survey_opened"


def reads(person: Account) -> Language:
    """The language in which somebody is told."""
    return "ur" if person.language == "ur" else "en"


def told(occasion: Occasion, language: Language) -> tuple[str, str]:
    """Subject and text. They hold nothing of the matter itself, since an e-mail passes many hands."""
    with force_locale(language):
        return _texts()[occasion]


def _texts() -> dict[Occasion, tuple[str, str]]:
    survey = _(
        "A course of yours ended some time ago. What you think of AI now helps your academy to do better. To answer "
        "is up to you, nobody learns who said what, and everybody of the course is told this. Until when you can "
        "answer stands above the questions."
    )
    seen = _(
        "Who teaches a cohort sees the names, work, results and skill records of its trainees. Which cohorts you are "
        "in, who teaches them and until when they see yours is on the page “What is known of you”."
    )
    not_evidence = _(
        "It does not count as evidence; the reason is on its page. You can dispute that there for 30 days."
    )
    return {
        Occasion.RECORD_OPENED: (
            _("Your record was opened"),
            _(
                "An administrator of your academy opened your record. Who it was, when, for what purpose and for what "
                "reason is on the page “What is known of you”."
            ),
        ),
        Occasion.EXPERT_ASKED: (
            _("You are asked as an expert"),
            _(
                "Your academy asks a panel of experts what they expect of the coming years. What is asked, and until "
                "when, is on its page. What you answer is stored without your name."
            ),
        ),
        Occasion.APPEAL_DECIDED: (
            _("Your dispute or complaint is decided"),
            _(
                "The decision and its reason are on its page. If you disagree, you can ask there within 14 days for a "
                "review by somebody else."
            ),
        ),
        Occasion.APPEAL_REVIEWED: (
            _("The review you asked for is done"),
            _("The decision and its reason are on its page. With that the matter is closed."),
        ),
        Occasion.REGRADE_ANSWERED: (
            _("Your request for a re-grade is answered"),
            _("The answer stands beside the points."),
        ),
        Occasion.ERASURE_REFUSED: (
            _("Your request for erasure is refused"),
            _("The reason is on the page “What is known of you”."),
        ),
        Occasion.COMPLETION_APPROVED: (
            _("A course that you finished elsewhere is approved"),
            _("It counts as evidence in your skill record from now on."),
        ),
        Occasion.COMPLETION_REFUSED: (_("A course that you finished elsewhere is not approved"), not_evidence),
        Occasion.ATTESTATION_CONFIRMED: (
            _("What your supervisor attested is confirmed"),
            _("It counts as evidence in your skill record from now on."),
        ),
        Occasion.ATTESTATION_REJECTED: (_("What your supervisor attested is not confirmed"), not_evidence),
        Occasion.ENROLLED: (
            _("An instructor enrolled you in a cohort"),
            seen,
        ),
        Occasion.ASKED_IN: (
            _("An instructor asks you into a cohort"),
            _(
                "Whether you come in is up to you, because its instructors would see what you did in other cohorts. "
                "Who they are is on its page, where you answer."
            ),
        ),
        Occasion.CAME_BY_PLATFORM: (
            _("You came into a cohort by a link of your course"),
            seen,
        ),
        Occasion.INSTRUCTOR_NAMED: (
            _("Somebody more teaches a cohort of yours"),
            _(
                "From now on they see your work, your results and your skill record too. Who teaches your cohorts, "
                "and until when they see that, is on the page “What is known of you”."
            ),
        ),
        Occasion.LAST_SURVEY_OPENED: (_("You are asked once more: the last survey of your course is open"), survey),
        Occasion.ATTESTATION_WITHDRAWN: (
            _("An attestation of your supervisor no longer counts"),
            _("It was withdrawn as evidence; the reason is on its page. You can dispute that there for 30 days."),
        ),
    }


def with_sender(written: str, name: str) -> str:
    """A subject or text of a notice as it is read. name: that its sender bears now."""
    return written.replace(SENDER, name)


def page_of(about: str) -> str:
    """Where what a notice is about is shown; "" for nowhere."""
    kind, _colon, number = about.partition(":")
    if kind == "account":
        return url_for("rights.own_data")
    if kind == "cohort":
        return url_for("rights.own_data", _anchor="instructors")
    if kind not in PAGES:
        return ""
    endpoint, argument = PAGES[kind]
    values: dict[str, Any] = {argument: int(number)}
    return url_for(endpoint, **values)


def mail_footer(language: Language) -> str:
    """What an e-mail says below the text, with ADDRESS for where the reader's notices are."""
    with force_locale(language):
        return str(
            _(
                "This notice is also in the portal: %(address)s. There you can switch these e-mails off.",
                address=ADDRESS,
            )
        )
