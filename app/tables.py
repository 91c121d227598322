"""Every feature's tables, imported together for migrations."""

from app.accounts import consent, progress
from app.accounts import models as accounts
from app.appeals import models as appeals
from app.attestations import models as attestations
from app.authoring import models as authoring
from app.competencies import models as competencies
from app.completions import models as completions
from app.content import own_data, own_labs, publications
from app.core import audit, classes, jobs, openings
from app.credentials import models as credentials
from app.delphi import models as delphi
from app.enrolment import models as enrolment
from app.foresight import models as foresight
from app.gradebook import models as gradebook
from app.learning import models as learning
from app.lti import models as lti
from app.marking import models as marking
from app.notebooks import models as notebooks
from app.notices import models as notices
from app.passwords import models as passwords
from app.people import models as people
from app.progress import models as plans
from app.record_store import models as record_store
from app.research import models as research
from app.retention import files
from app.rights import models as rights
from app.second_factor import models as second_factor
from app.sims import models as sims
from app.single_sign_on import models as single_sign_on
from app.surveys import models as surveys

ALL_FEATURES = (
    *(accounts, appeals, attestations, audit, authoring, classes, competencies, completions, consent),
    *(credentials, delphi),
    *(
        enrolment,
        files,
        foresight,
        gradebook,
        jobs,
        learning,
        lti,
        marking,
        notebooks,
        notices,
        openings,
        own_data,
        own_labs,
    ),
    *(passwords, people, plans, progress, publications, record_store, research, rights, second_factor, sims),
    *(single_sign_on, surveys),
)
