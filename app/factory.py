"""The portal, put together."""

from __future__ import annotations

from flask import Flask, url_for
from flask_babel import gettext as _
from flask_login import LoginManager, current_user
from sqlalchemy import Row

from app.accounts.models import Account
from app.accounts.routes import blueprint as accounts
from app.algorithms.routes import blueprint as algorithms
from app.appeals.queries import Owed
from app.appeals.routes import blueprint as appeals
from app.assignments.routes import blueprint as assignments
from app.attestations.open_routes import blueprint as attestation_links
from app.attestations.routes import blueprint as attestations
from app.auditing.routes import blueprint as auditing
from app.authoring.data_routes import blueprint as lab_data
from app.authoring.routes import blueprint as authoring
from app.authoring.word_routes import blueprint as lab_words
from app.break_glass import queries as break_glass_queries
from app.break_glass.routes import blueprint as break_glass
from app.cohorts.routes import blueprint as cohorts
from app.competencies.routes import blueprint as competencies
from app.completions.routes import blueprint as completions
from app.content.loader import load_catalogue
from app.core import access, assets, db, errors, locale, offline, security
from app.core.blobs import Blobs
from app.core.numbers import short
from app.core.openings import RecordOpening
from app.credentials.open_routes import blueprint as verification
from app.credentials.routes import blueprint as credentials
from app.delphi import queries as delphi_queries
from app.delphi.routes import blueprint as delphi
from app.enrolment.routes import blueprint as enrolment
from app.exercises.routes import blueprint as exercises
from app.foresight.routes import blueprint as foresight
from app.gradebook.routes import blueprint as gradebook
from app.learning.routes import blueprint as learning
from app.lti.open_routes import blueprint as lti_open
from app.lti.routes import blueprint as lti
from app.marking.routes import blueprint as marking
from app.notebooks.routes import blueprint as notebooks
from app.notices import queries as notices_queries
from app.notices.routes import blueprint as notices
from app.nudges.routes import blueprint as nudges
from app.operations.routes import blueprint as operations
from app.passwords.routes import blueprint as passwords
from app.people.routes import blueprint as people
from app.progress.routes import blueprint as progress
from app.record_store.routes import blueprint as record_store
from app.reports.routes import blueprint as reports
from app.research.routes import blueprint as research
from app.rights import queries as rights_queries
from app.rights.routes import blueprint as rights
from app.second_factor.routes import blueprint as second_factor
from app.sims.routes import blueprint as sims
from app.single_sign_on import providers
from app.single_sign_on.routes import blueprint as single_sign_on
from app.surveys import queries as surveys_queries
from app.surveys.routes import blueprint as surveys
from config import Settings

FEATURES = (
    accounts,
    passwords,
    second_factor,
    single_sign_on,
    people,
    learning,
    sims,
    notebooks,
    gradebook,
    competencies,
    completions,
    attestations,
    attestation_links,
    credentials,
    verification,
    cohorts,
    enrolment,
    marking,
    exercises,
    assignments,
    authoring,
    lab_words,
    lab_data,
    operations,
    foresight,
    delphi,
    auditing,
    surveys,
    rights,
    progress,
    nudges,
    notices,
    break_glass,
    reports,
    appeals,
    lti,
    lti_open,
    record_store,
    research,
    algorithms,
)


def create_app(settings: Settings) -> Flask:
    """The portal under these settings. Raises ContentError for a broken content pack and SettingsError."""
    app = Flask(__name__)
    app.config["SIGN_IN_LIMIT"] = settings.sign_in_limit
    app.config["DRAFT_SECONDS"] = settings.draft_seconds
    app.config["NOTEBOOK_ORIGIN"] = settings.notebook_origin
    app.extensions["catalogue"] = load_catalogue(settings.content_folder)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    open_stores(app, settings)
    db.init_app(app)
    errors.init_app(app)
    locale.init_app(app)
    _configure_sign_in(app)
    access.init_app(app)
    security.init_app(app, settings)
    assets.init_app(app)
    offline.init_app(app)
    providers.init_app(app, settings)
    for feature in FEATURES:
        app.register_blueprint(feature)
    app.jinja_env.globals.update(navigation=navigation, open_records=open_records)
    app.jinja_env.filters["short"] = short
    return app


def open_stores(app: Flask, settings: Settings) -> None:
    """Give the portal the database and the files of these settings."""
    app.extensions["settings"] = settings
    app.extensions["blobs"] = Blobs(settings.storage_folder)
    app.extensions["engine"] = db.make_engine(settings.database_url)


def _configure_sign_in(app: Flask) -> None:
    manager = LoginManager()
    manager.session_protection = "basic"
    manager.init_app(app)

    @manager.user_loader  # type: ignore[untyped-decorator]
    def load_account(session_id: str) -> Account | None:
        account = db.session().get(Account, int(session_id.partition(".")[0]))
        return account if account is not None and account.get_id() == session_id else None


def navigation() -> list[tuple[str, str]]:
    """Addresses and names of the pages that this person's role starts from."""
    if not current_user.is_authenticated:
        return []
    links = {
        access.Action.LEARN: [("learning.start", _("My learning"))],
        access.Action.TEACH: [("cohorts.teaching", _("My cohorts"))],
        access.Action.SET_EXERCISES: [("exercises.exercises", _("Exercises"))],
        access.Action.MARK_ANSWERS: [("marking.waiting", _("Marking"))],
        access.Action.WRITE_LABS: [("authoring.labs", _("Labs"))],
        access.Action.SEE_ADMINISTRATION: [("cohorts.administration", _("Administration"))],
        access.Action.CHANGE_ROLES: [("accounts.accounts", _("Accounts and roles"))],
        access.Action.KEEP_CREDENTIALS: [("credentials.register", _("Credentials"))],
        access.Action.READ_AUDIT_LOG: [("auditing.log", _("Audit log"))],
    }
    if access.scope_of(current_user, access.Action.DECIDE_APPEALS):
        owed, requests = rights_queries.what_waits(db.session(), current_user)
        page = {access.Action.DECIDE_APPEALS: [("appeals.waiting", _appeals(owed))]}
        # What is overdue comes before everything else.
        links = page | links if owed.overdue else links | page
        if requests:
            label = _("Requests for erasure (%(count)s)", count=requests)
            links[access.Action.ERASE_PEOPLE] = [("rights.erasures", label)]
    may_be_asked = access.scope_of(current_user, access.Action.ANSWER_PANEL)
    if may_be_asked and delphi_queries.is_expert(db.session(), current_user):
        links[access.Action.ANSWER_PANEL] = [("delphi.own", _("Expert panels"))]
    unread = notices_queries.unread(db.session(), current_user.id)
    if access.scope_of(current_user, access.Action.LEARN):
        links[access.Action.LEARN].append(("progress.calendar", _("Calendar")))
        links[access.Action.READ_NOTICES] = [("notices.notices", _notices(unread))]
        links[access.Action.SEE_SUBMISSION] = [("gradebook.my_results", _("My results"))]
        links[access.Action.SEE_SKILL_RECORD] = [
            ("competencies.my_record", _("My skill record")),
            ("credentials.my_passport", _("My passport")),
        ]
        links[access.Action.ANSWER_SURVEY] = [("surveys.own", _surveys())]
    elif unread:
        # Whoever does not learn is told something once in years.
        links[access.Action.READ_NOTICES] = [("notices.notices", _notices(unread))]
    return [
        (url_for(endpoint), label)
        for action, pages in links.items()
        if access.scope_of(current_user, action)
        for endpoint, label in pages
    ]


def open_records() -> list[Row[RecordOpening, str]]:
    """Records of single persons that are open to this person, with the names: each page says so."""
    return break_glass_queries.open_to(db.session(), current_user) if current_user.is_authenticated else []


def _appeals(owed: Owed) -> str:
    """The name of the page of complaints, with how many are overdue, or else how many wait."""
    if owed.overdue:
        return str(_("Complaints (%(count)s overdue)", count=owed.overdue))
    return str(_("Complaints (%(count)s)", count=owed.waiting) if owed.waiting else _("Complaints"))


def _surveys() -> str:
    """The name of the page of surveys, with how many ask now."""
    asking = surveys_queries.how_many_ask(db.session(), current_user)
    return str(_("Surveys (%(count)s)", count=asking) if asking else _("Surveys"))


def _notices(unread: int) -> str:
    """The name of the page of notices, with how many are not read."""
    return str(_("Notices (%(count)s)", count=unread) if unread else _("Notices"))
