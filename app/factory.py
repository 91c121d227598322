"""The portal, put together."""

from __future__ import annotations

from flask import Flask
from flask_login import LoginManager

from app import navigation
from app.accounts.models import Account
from app.accounts.routes import blueprint as accounts
from app.algorithms.routes import blueprint as algorithms
from app.appeals.routes import blueprint as appeals
from app.assignments.routes import blueprint as assignments
from app.attestations.open_routes import blueprint as attestation_links
from app.attestations.routes import blueprint as attestations
from app.auditing.routes import blueprint as auditing
from app.authoring.data_routes import blueprint as lab_data
from app.authoring.routes import blueprint as authoring
from app.authoring.word_routes import blueprint as lab_words
from app.break_glass.routes import blueprint as break_glass
from app.cohorts.routes import blueprint as cohorts
from app.competencies.routes import blueprint as competencies
from app.completions.routes import blueprint as completions
from app.content.loader import load_catalogue
from app.core import access, assets, blind, db, errors, locale, offline, received, security
from app.core.blobs import Blobs
from app.core.numbers import short
from app.credentials.open_routes import blueprint as verification
from app.credentials.routes import blueprint as credentials
from app.delphi.routes import blueprint as delphi
from app.enrolment.routes import blueprint as enrolment
from app.exercises.routes import blueprint as exercises
from app.foresight.routes import blueprint as foresight
from app.gradebook.routes import blueprint as gradebook
from app.learning.routes import blueprint as learning
from app.lti.open_routes import blueprint as lti_open
from app.lti.routes import blueprint as lti
from app.marking.queries import hidden as hidden_marks
from app.marking.routes import blueprint as marking
from app.notebooks.finding_routes import blueprint as findings
from app.notebooks.routes import blueprint as notebooks
from app.notices.routes import blueprint as notices
from app.nudges.routes import blueprint as nudges
from app.operations.routes import blueprint as operations
from app.passwords.routes import blueprint as passwords
from app.people.routes import blueprint as people
from app.progress.routes import blueprint as progress
from app.record_store.routes import blueprint as record_store
from app.reports.routes import blueprint as reports
from app.research.routes import blueprint as research
from app.rights.routes import blueprint as rights
from app.second_factor.routes import blueprint as second_factor
from app.sims.routes import blueprint as sims
from app.single_sign_on import providers
from app.single_sign_on.routes import blueprint as single_sign_on
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
    findings,
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
    received.init_app(app)
    locale.init_app(app)
    _configure_sign_in(app)
    access.init_app(app)
    blind.init_app(app, hidden_marks)
    security.init_app(app, settings)
    assets.init_app(app)
    offline.init_app(app)
    providers.init_app(app, settings)
    for feature in FEATURES:
        app.register_blueprint(feature)
    app.jinja_env.globals.update(navigation=navigation.links, open_records=navigation.open_records)
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
