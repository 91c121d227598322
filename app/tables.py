"""Every feature's tables, imported together for migrations."""

from app.accounts import consent, progress
from app.accounts import models as accounts
from app.authoring import models as authoring
from app.competencies import models as competencies
from app.content import publications
from app.core import audit, jobs
from app.enrolment import models as enrolment
from app.gradebook import models as gradebook
from app.learning import models as learning
from app.marking import models as marking
from app.notebooks import models as notebooks
from app.passwords import models as passwords
from app.people import models as people
from app.sims import models as sims

ALL_FEATURES = (
    *(accounts, audit, authoring, competencies, consent, enrolment, gradebook, jobs, learning),
    *(marking, notebooks, passwords, people, progress, publications, sims),
)
