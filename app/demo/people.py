"""Who is in the demo: one of each role to sign in as, and trainees of several departments."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from app.accounts import service as accounts
from app.accounts.models import Academy, Account
from app.core.access import Role

DEMO_PASSWORD = "measure-to-manage"  # noqa: S105 - printed on the terminal, for demo accounts only
MODULE_ID = "measure-to-manage"
# A course that has been going for three weeks, for the page of progress.
PACED_MODULE_ID = "vehicles-or-people"
COHORTS = {
    MODULE_ID: "Focal officers, autumn 2026",
    PACED_MODULE_ID: "Traffic engineering wing, autumn 2026",
    "who-has-the-file": "Section officers, Agriculture, autumn 2026",
    "looking-where-you-looked": "Police operations, autumn 2026",
    "who-is-left-out": "Social protection, autumn 2026",
    "audits-by-lot": "Regional Tax Office, autumn 2026",
    "missing-is-not-safe": "Communication and Works, autumn 2026",
    "flag-is-not-proof": "Procurement review cell, autumn 2026",
    "the-human-door": "One-window facility, autumn 2026",
    "claim-and-evidence": "Directors of AI schemes, autumn 2026",
}
ALL_MODULES = tuple(COHORTS)
BUYING = "claim-and-evidence"
ERASED = "rahim"


@dataclass(frozen=True)
class DemoPerson:
    """ability: the probability that a demo trainee answers an item well; None for no answers at all.

    modules: what a trainee is enrolled in. finished: the one of them that they have finished and hold a credential for.
    """

    username: str
    full_name: str
    role: Role
    language: str = "en"
    department: str = ""
    ability: float | None = None
    shown: bool = False
    modules: tuple[str, ...] = (MODULE_ID,)
    finished: str | None = None


DEMO_PEOPLE = (
    DemoPerson(
        "amina", "Amina Yousafzai", Role.TRAINEE, department="Municipal Services", shown=True, modules=ALL_MODULES
    ),
    DemoPerson("bilal", "Bilal Ahmed", Role.INSTRUCTOR, department="Academy", shown=True),
    # Marks what Bilal marked a second time.
    DemoPerson("rabia", "Rabia Noor", Role.INSTRUCTOR, department="Academy"),
    DemoPerson("farid", "Farid Khan", Role.ADMINISTRATOR, department="Academy", shown=True),
    DemoPerson("qasim", "Qasim Raza", Role.AUDITOR, department="Audit", shown=True),
    DemoPerson("bushra", "بشریٰ خٹک", Role.TRAINEE, "ur", "Health", shown=True, modules=ALL_MODULES),
    DemoPerson("daniyal", "Daniyal Afridi", Role.TRAINEE, department="Revenue", ability=0.85),
    DemoPerson("erum", "Erum Shah", Role.TRAINEE, "ur", "Education", 0.7, modules=(MODULE_ID, BUYING), finished=BUYING),
    DemoPerson("ghazala", "Ghazala Bibi", Role.TRAINEE, "ur", "Police", 0.55),
    DemoPerson("hamza", "Hamza Durrani", Role.TRAINEE, department="Municipal Services", ability=0.6),
    DemoPerson(
        *("iqra", "Iqra Wazir", Role.TRAINEE, "en", "Health", 0.9), modules=(MODULE_ID, BUYING), finished=BUYING
    ),
    DemoPerson("junaid", "Junaid Orakzai", Role.TRAINEE, department="Revenue", ability=0.4),
    DemoPerson(*("kiran", "Kiran Masih", Role.TRAINEE, "en", "Education", 0.75), modules=(MODULE_ID, BUYING)),
    DemoPerson(*("laila", "Laila Bangash", Role.TRAINEE, "ur", "Police", 0.65), modules=(MODULE_ID, BUYING)),
    DemoPerson(*("mansoor", "Mansoor Swati", Role.TRAINEE, "en", "Revenue", 0.5), modules=(MODULE_ID, BUYING)),
    DemoPerson(*("nadia", "Nadia Mohmand", Role.TRAINEE, "en", "Health", 0.8), modules=(MODULE_ID, BUYING)),
    DemoPerson(ERASED, "Rahim Gul", Role.TRAINEE, department="Health", ability=0.5),
    # Enough of one department that foresight may use the share of them who hold a level.
    *(
        DemoPerson(
            f"officer{place}", f"Field Officer {place}", Role.TRAINEE, "en", "Agriculture", place / 14, modules=()
        )
        for place in range(1, 13)
    ),
)


def add(session: Session, academy: Academy, person: DemoPerson) -> Account:
    return accounts.add_account(
        session,
        academy,
        username=person.username,
        full_name=person.full_name,
        role=person.role,
        password=DEMO_PASSWORD,
        language=person.language,
        department=person.department,
    )
