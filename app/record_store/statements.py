"""Statements of xAPI 1.0.3 and 2.0 (IEEE 9274.1.1), made of what the outbox holds."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.accounts.models import Academy, Account, Cohort
from app.content.schemas import Catalogue, UnknownActivity, UnknownModule
from app.content.values import Bilingual
from app.core.sealing import Seal
from app.record_store.models import RecordStore, Statement, StatementKind
from config import Settings

Json = dict[str, Any]
ACTIVITY_TYPES = "http://adlnet.gov/expapi/activities"
# By kind: the verb with its name in both languages, and the type of what was done.
VERBS: Mapping[str, tuple[str, str, str]] = {
    StatementKind.LESSON_COMPLETED: ("http://adlnet.gov/expapi/verbs/completed", "completed", "مکمل کیا"),
    StatementKind.QUIZ_ANSWERED: ("http://adlnet.gov/expapi/verbs/answered", "answered", "جواب دیا"),
    StatementKind.SIMULATION_FINISHED: ("http://adlnet.gov/expapi/verbs/completed", "completed", "مکمل کیا"),
    StatementKind.NOTEBOOK_SUBMITTED: ("http://activitystrea.ms/schema/1.0/submit", "submitted", "جمع کرایا"),
    StatementKind.NOTEBOOK_GRADED: ("http://adlnet.gov/expapi/verbs/scored", "scored", "نمبر پائے"),
    StatementKind.CREDENTIAL_AWARDED: ("http://id.tincanapi.com/verb/earned", "earned", "سند پائی"),
}
TYPES: Mapping[str, str] = {
    StatementKind.LESSON_COMPLETED: f"{ACTIVITY_TYPES}/lesson",
    StatementKind.QUIZ_ANSWERED: f"{ACTIVITY_TYPES}/assessment",
    StatementKind.SIMULATION_FINISHED: f"{ACTIVITY_TYPES}/simulation",
    StatementKind.NOTEBOOK_SUBMITTED: f"{ACTIVITY_TYPES}/interaction",
    StatementKind.NOTEBOOK_GRADED: f"{ACTIVITY_TYPES}/interaction",
    StatementKind.CREDENTIAL_AWARDED: "http://activitystrea.ms/schema/1.0/badge",
}
# What the store adds or writes in its own way, so that it says nothing about whether two statements are equal.
OF_THE_STORE = frozenset({"stored", "authority", "version"})
PURPOSE_OF_PSEUDONYMS = "record store: pseudonyms"


@dataclass(frozen=True)
class Writer:
    """Makes statements. origin: the address by which everybody reaches the portal. seal: of pseudonyms."""

    origin: str
    catalogue: Catalogue
    seal: Seal

    @classmethod
    def of(cls, settings: Settings, catalogue: Catalogue) -> Writer:
        return cls(settings.public_origin, catalogue, Seal(settings.secret_key, PURPOSE_OF_PSEUDONYMS))

    def statement(
        self, store: RecordStore, academy: Academy, trainee: Account, cohort: Cohort | None, told: Statement
    ) -> Json:
        verb, english, urdu = VERBS[told.kind]
        made: Json = {
            "id": told.name,
            "timestamp": told.at.isoformat(timespec="milliseconds"),
            "actor": self._actor(store, academy, trainee),
            "verb": {"id": verb, "display": {"en": english, "ur": urdu}},
            "object": self._object(academy, told),
            "context": self._context(academy, trainee, cohort, told),
        }
        if result := _result(told):
            made["result"] = result
        return made

    def _actor(self, store: RecordStore, academy: Academy, trainee: Account) -> Json:
        """Always the same account, so that a store finds what one person did whether they are named or not."""
        pseudonym = self.seal.mark(f"{academy.slug}:{trainee.id}")
        actor: Json = {"objectType": "Agent", "account": {"homePage": self._academy(academy), "name": pseudonym}}
        return actor | _name(store, trainee)

    def _object(self, academy: Academy, told: Statement) -> Json:
        if told.kind == StatementKind.CREDENTIAL_AWARDED:
            # The address of the credential itself would lead everybody to the name of its holder.
            address = f"{self._academy(academy)}/achievements/{told.facts['achievement']}"
            return _activity(address, TYPES[told.kind], {"en": told.facts["title"]})
        module_id, activity_id = told.facts["module_id"], told.facts["activity_id"]
        return _activity(
            f"{self.origin}/learn/{module_id}/{activity_id}", TYPES[told.kind], self._title(module_id, activity_id)
        )

    def _context(self, academy: Academy, trainee: Account, cohort: Cohort | None, told: Statement) -> Json:
        name = {"en": academy.name_en, "ur": academy.name_ur}
        grouping = [_activity(self._academy(academy), f"{ACTIVITY_TYPES}/profile", name)]
        if cohort is not None:
            address = f"{self._academy(academy)}/cohorts/{cohort.id}"
            grouping.append(_activity(address, f"{ACTIVITY_TYPES}/course", {"und": cohort.name}))
        around: Json = {"grouping": grouping}
        if module_id := told.facts.get("module_id"):
            module = f"{self.origin}/learn/{module_id}"
            around["parent"] = [_activity(module, f"{ACTIVITY_TYPES}/module", self._title(module_id))]
        return {"platform": "Hunar", "language": trainee.language, "contextActivities": around}

    def _academy(self, academy: Academy) -> str:
        return f"{self.origin}/academies/{academy.slug}"

    def _title(self, module_id: str, activity_id: str = "") -> dict[str, str]:
        """In both languages; the bare name of what is no longer in the catalogue."""
        try:
            module = self.catalogue.module(module_id)
            title: Bilingual = module.activity(activity_id).title if activity_id else module.title
        except (UnknownModule, UnknownActivity):
            return {"und": activity_id or module_id}
        return {"en": title.en, "ur": title.ur}


def renamed(body: str, store: RecordStore, trainee: Account) -> str:
    """A statement that was made out before, with the name that its trainee is told by now, or without one."""
    made: Json = json.loads(body)
    made["actor"] = _nameless(made["actor"]) | _name(store, trainee)
    return json.dumps(made, ensure_ascii=False)


def _name(store: RecordStore, trainee: Account) -> Json:
    return {"name": trainee.full_name} if store.is_named else {}


def _nameless(actor: Json) -> Json:
    return {key: value for key, value in actor.items() if key != "name"}


def _activity(address: str, kind: str, name: Mapping[str, str]) -> Json:
    return {"objectType": "Activity", "id": address, "definition": {"type": kind, "name": dict(name)}}


def _result(told: Statement) -> Json:
    """scaled is a share of what could be reached."""
    result: Json = {}
    if (points := told.facts.get("points")) is not None and (most := told.facts.get("max_points")):
        share = min(1.0, max(0.0, points / most))
        result["score"] = {"scaled": round(share, 6), "raw": min(max(points, 0), most), "min": 0, "max": most}
    if told.kind not in (StatementKind.NOTEBOOK_SUBMITTED, StatementKind.CREDENTIAL_AWARDED):
        result["completion"] = True
    return result


def is_known_as(body: str, theirs: Any) -> bool:
    """Whether a store has this statement, by whatever name of the trainee: another may have been told before."""
    ours: Json = json.loads(body)
    return is_told_by(ours | {"actor": _nameless(ours["actor"])}, theirs)


def is_told_by(ours: Any, theirs: Any) -> bool:
    """Whether a statement of a store says all that ours says; what the store added does not matter."""
    if isinstance(ours, dict):
        return isinstance(theirs, dict) and all(
            is_told_by(value, theirs.get(name)) for name, value in ours.items() if name not in OF_THE_STORE
        )
    if isinstance(ours, list):
        same_length = isinstance(theirs, list) and len(ours) == len(theirs)
        return same_length and all(map(is_told_by, ours, theirs))
    if isinstance(ours, str) and isinstance(theirs, str) and ours != theirs:
        return _moment(ours) is not None and _moment(ours) == _moment(theirs)
    return bool(ours == theirs)


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else None
