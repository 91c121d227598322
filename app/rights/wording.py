"""What is known of a person, in words."""

from __future__ import annotations

from flask_babel import gettext as _

from app.rights.fates import Staying
from app.rights.models import Ground


def part_names() -> dict[str, str]:
    """What each table of the archive holds, in the reader's language."""
    return {
        "account": _("Your account"),
        "second_factor": _("Your second factor, without its key"),
        "recovery_code": _("Your recovery codes, without the codes"),
        "password_code": _("Codes for a new password that were handed over, without the codes"),
        "identity": _("Who you are at the sign-on of your academy"),
        "lti_person": _("Who you are on platforms such as Moodle"),
        "lti_score": _("Scores of yours that platforms are told"),
        "posting": _("Where you worked and work"),
        "people_import_row": _("What files of your academy said of you"),
        "consent": _("What you agreed to, and when"),
        "enrolment": _("Your enrolments"),
        "invitation": _("Cohorts that you are asked into"),
        "withdrawal": _("Cohorts that you were withdrawn from"),
        "cohort_instructor": _("Cohorts that you teach"),
        "instructor_removal": _("Cohorts that you teach no more because an administrator removed you"),
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
        "notebook_findings": _("Your lists of findings in labs, with the active time"),
        "notebook_claim": _("What you said you found in the data of labs"),
        "submission": _("What you submitted"),
        "grade": _("Your grades, once they are released"),
        "cell_grade": _("Points of each cell, once they are released"),
        "cell_mark": _("Marks by hand, once they are released"),
        "regrade_request": _("Your requests for a re-grade"),
        "evidence": _("Evidence of your competencies, with the weight of each piece"),
        "skill_tally": _("The same evidence added up, as your estimates follow from it"),
        "appeal": _("What you disputed and complained about"),
        "appeal_decision": _("What was decided about that, and why"),
        "survey_participation": _("Open surveys that you have answered, without the answers"),
        "delphi_expert": _("Panels on which you are an expert"),
        "delphi_participation": _("Open rounds of panels that you have answered, without the answers"),
        "completion": _("Courses that you finished elsewhere"),
        "attestation": _("What you asked supervisors to attest, and what they said"),
        "attestation_letter": _("Letters to supervisors that wait to be sent, without the link"),
        "name_correction": _("Corrections of your name"),
        "credential": _("Credentials that the academy signed for you"),
        "erasure_request": _("Your requests for erasure"),
        "statement": _("What the record store of your academy is told about you"),
        "record_opening": _("Who opened your record, when and why"),
        "audit_entry": _("Entries of the audit log about you"),
    }


def ground_name(ground: Ground) -> str:
    names = {
        Ground.NOT_NEEDED: _("No longer needed for what it was collected for"),
        Ground.CONSENT_WITHDRAWN: _("The person withdraws the consent that it rests on"),
        Ground.UNLAWFUL: _("It should not have been kept"),
        Ground.DUTY: _("A law or a court requires the erasure"),
    }
    return str(names[ground])


def staying_name(staying: Staying) -> str:
    """Why rows of a table stay when somebody is erased."""
    names = {
        Staying.PROOF: _(
            "proof of what was done; it names people by numbers, and forms ask to name nobody in reasons that it keeps"
        ),
        Staying.WORK: _("work of the academy; whoever did it is named no more"),
        Staying.GROUP: _("of a group and of nobody alone"),
        Staying.ANONYMOUS: _("nobody can tell whose it is"),
        Staying.MACHINE: _("of the portal itself"),
    }
    return str(names[staying])


def deleted_names() -> dict[str, str]:
    """What goes from each table that is counted when somebody is erased, in the words of who decides."""
    return {
        "job": _("Work that waits for the worker"),
        "mark_claim": _("Work that a marker has open"),
        "second_mark": _("Second marks"),
        "appeal_decision": _("Decisions on disputes and complaints"),
        "appeal": _("Disputes and complaints"),
        "regrade_item": _("Places in a re-grade"),
        "regrade_request": _("Requests for a re-grade"),
        "cell_mark": _("Marks by hand for cells"),
        "cell_grade": _("Points of cells"),
        "grade": _("Grades of what was submitted"),
        "submission": _("What was submitted"),
        "notebook_draft": _("Saved states of notebooks"),
        "notebook_inquiry": _("Questions in the curiosity log"),
        "notebook_claim": _("Findings claimed in labs"),
        "notebook_findings": _("Lists of findings in labs"),
        "memo_mark": _("Marks for memos"),
        "memo": _("Memos"),
        "case_answer": _("Answers to cases"),
        "simulation_event": _("Decisions and questions in simulations"),
        "simulation_aside": _("Simulations played without a link and laid aside"),
        "simulation_run": _("Runs of simulations"),
        "quiz_response": _("Answers in quizzes"),
        "quiz_attempt": _("Attempts at quizzes"),
        "activity_progress": _("What was opened and finished"),
        "skill_tally": _("Evidence added up for the estimates"),
        "evidence": _("Evidence of competencies"),
        "completion": _("Courses finished elsewhere"),
        "completion_import": _("Previews of files with completions"),
        "people_import_row": _("Rows of files that brought people in"),
        "attestation_letter": _("Letters to supervisors that wait"),
        "attestation": _("Attestations of supervisors"),
        "lti_score": _("Scores that platforms are told"),
        "lti_launch": _("Arrivals from platforms that wait"),
        "lti_person": _("Link to an account on a platform"),
        "statement": _("What the record store is told"),
        "record_opening": _("Who opened the record"),
        "notice": _("Notices"),
        "mail_address": _("Address for notices by e-mail"),
        "calendar_address": _("Address of the calendar"),
        "delphi_expert": _("Places on panels of experts"),
        "enrolment": _("Enrolments"),
        "invitation": _("Cohorts asked into"),
        "withdrawal": _("Cohorts withdrawn from"),
        "cohort_instructor": _("Cohorts taught"),
        "instructor_removal": _("Cohorts taught until an administrator said no"),
        "posting": _("Postings"),
        "consent": _("Consents"),
        "password_code": _("Codes for a new password"),
        "recovery_code": _("Recovery codes"),
        "second_factor": _("Second factor"),
        "identity": _("Link to a single sign-on"),
        "name_correction": _("Corrections of the name"),
    }
