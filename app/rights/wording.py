"""What is known of a person, in words."""

from __future__ import annotations

from flask_babel import gettext as _


def part_names() -> dict[str, str]:
    """What each table of the archive holds, in the reader's language."""
    return {
        "account": _("Your account"),
        "second_factor": _("Your second factor, without its key"),
        "recovery_code": _("Your recovery codes, without the codes"),
        "password_code": _("Codes for a new password that were handed over, without the codes"),
        "identity": _("Who you are at the sign-on of your academy"),
        "posting": _("Where you worked and work"),
        "people_import_row": _("What files of your academy said of you"),
        "consent": _("What you agreed to, and when"),
        "enrolment": _("Your enrolments"),
        "withdrawal": _("Cohorts that you were withdrawn from"),
        "cohort": _("Your cohorts"),
        "notice": _("Notices that you were sent"),
        "mail_address": _("Where you want notices by e-mail"),
        "calendar_address": _("That your calendar has an address, without the address"),
        "activity_progress": _("What you opened and finished"),
        "quiz_attempt": _("Your attempts at quizzes"),
        "quiz_response": _("Your answers in quizzes"),
        "simulation_run": _("Your runs of simulations, but those of an exercise that is still open"),
        "simulation_event": _("Your decisions and questions in simulations"),
        "case_answer": _("Your answers to cases"),
        "simulation_aside": _("What you played without a link and was laid aside"),
        "memo": _("Your memos"),
        "memo_mark": _("Marks for your memos"),
        "notebook_draft": _("Saved states of your notebooks"),
        "notebook_inquiry": _("Your curiosity log"),
        "submission": _("What you submitted"),
        "grade": _("Your grades, once they are released"),
        "cell_grade": _("Points of each cell, once they are released"),
        "cell_mark": _("Marks by hand, once they are released"),
        "regrade_request": _("Your requests for a re-grade"),
        "evidence": _("Evidence of your competencies, with the weight of each piece"),
        "skill_tally": _("The same evidence added up, as your estimates follow from it"),
        "survey_participation": _("Open surveys that you have answered, without the answers"),
        "completion": _("Courses that you finished elsewhere"),
        "name_correction": _("Corrections of your name"),
        "credential": _("Credentials that the academy signed for you"),
        "statement": _("What the record store of your academy is told about you"),
        "audit_entry": _("Entries of the audit log about you"),
    }
