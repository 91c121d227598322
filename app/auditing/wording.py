"""What the audit log says, in words."""

from __future__ import annotations

from flask_babel import gettext as _


def acts() -> dict[str, str]:
    """Every act that is recorded, in the reader's words."""
    return {
        "signed_in": _("signed in"),
        "signed_out": _("signed out"),
        "sign_in_failed": _("failed to sign in"),
        "account_added": _("account added"),
        "role_changed": _("changed a role"),
        "people_imported": _("brought people in from a file"),
        "import_undone": _("undid an import of people"),
        "posting_changed": _("changed a posting"),
        "cohort_made": _("made a cohort"),
        "cohort_changed": _("changed a cohort"),
        "trainees_enrolled": _("brought trainees into a cohort"),
        "trainee_withdrawn": _("withdrew a trainee from a cohort"),
        "joining_code_made": _("made a code for a cohort"),
        "joining_code_closed": _("closed the code of a cohort"),
        "joined_by_code": _("joined a cohort by its code"),
        "plan_set": _("set the plan of a cohort"),
        "calendar_address_made": _("made an address of their calendar"),
        "calendar_address_withdrawn": _("withdrew the address of their calendar"),
        "trainees_nudged": _("nudged trainees of a cohort"),
        "mail_address_set": _("asked for notices by e-mail"),
        "mail_switched_off": _("switched notices by e-mail off"),
        "password_code_handed_out": _("handed out a code for a new password"),
        "password_code_refused": _("typed a code that did not work"),
        "password_set_by_code": _("set a new password with a code"),
        "password_changed": _("changed the password"),
        "password_change_refused": _("failed to change the password"),
        "quiz_submitted": _("answered a quiz"),
        "submitted": _("submitted a notebook"),
        "graded": _("graded a notebook"),
        "marked": _("marked an answer"),
        "run_finished": _("finished a simulation"),
        "exercise_set": _("set an exercise"),
        "round_opened": _("opened a round of an exercise"),
        "exercise_closed": _("closed an exercise"),
        "distribution_shown": _("showed a cohort its results"),
        "distribution_hidden": _("hid a cohort's results"),
        "memo_marked": _("marked a memo"),
        "marked_second": _("marked an answer a second time"),
        "memo_marked_second": _("marked a memo a second time"),
        "second_marking_set": _("set how much is marked twice"),
        "regrade_asked": _("asked for a re-grade"),
        "regrade_proposed": _("began to grade a lab anew"),
        "regrade_applied": _("applied a re-grade"),
        "regrade_dropped": _("dropped a re-grade"),
        "regraded": _("graded a notebook anew"),
        "terms_set": _("set the terms of a lab"),
        "course_exported": _("downloaded a cohort's work"),
        "results_released": _("released a cohort's results"),
        "job_retried": _("tried a piece of work again"),
        "second_factor_set_up": _("set up a second factor"),
        "second_factor_refused": _("typed a wrong code of the second factor"),
        "second_factor_removed": _("removed the second factor"),
        "second_factor_removed_by_another": _("removed somebody's second factor"),
        "recovery_code_used": _("used a recovery code"),
        "recovery_codes_renewed": _("made new recovery codes"),
        "identity_linked": _("came by the academy's sign-on for the first time"),
        "lab_checked": _("checked a lab"),
        "lab_words_written": _("wrote hints and rubrics of a lab"),
        "lab_pack_noted": _("decided on a changed content pack"),
        "lab_published": _("published a lab"),
        "outdated_deleted": _("deleted what was kept long enough"),
        "own_data_taken": _("took away what is known of them"),
        "audit_log_taken": _("took the audit log away"),
    }


def act(verb: str) -> str:
    """An act in words; its own name for one that only a former version recorded."""
    return acts().get(verb, verb)
