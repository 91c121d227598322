"""Every route says who may use it, and every role meets exactly that."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace

import pytest
from flask import Flask
from sqlalchemy import Engine
from werkzeug.routing import Rule

from app.accounts.models import Account
from app.core.access import PERMISSIONS, Action, Role, Scope
from app.core.db import begin

VALUES: dict[str, object] = {
    "module_id": "measure-to-manage",
    "activity_id": "quiz",
    "code": "D2.1",
    "cell": "answer",
    "kind": "submission",
    "what": "completion",
    "part": "answer",
    "filename": "css/hunar.css",
}
NUMBER_OF_NOTHING = 999_999
REFUSED = {401, 403, 404}


def address(app: Flask, rule: Rule) -> str:
    values = {name: VALUES.get(name, NUMBER_OF_NOTHING) for name in rule.arguments}
    with app.test_request_context():
        return app.url_for(rule.endpoint, **values)


def rules(app: Flask) -> list[tuple[Rule, str]]:
    return [
        (rule, method)
        for rule in app.url_map.iter_rules()
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
    ]


def test_every_view_is_marked(app: Flask) -> None:
    unmarked = [name for name, view in app.view_functions.items() if not hasattr(view, "access")]
    assert unmarked == []


def test_without_signing_in_only_public_pages_answer(app: Flask) -> None:
    client = app.test_client()
    for rule, method in rules(app):
        view = app.view_functions[rule.endpoint]
        answer = client.open(address(app, rule), method=method)
        if view.access is None:
            assert answer.status_code not in {401, 403}, rule
        elif method == "GET":
            assert "/sign-in" in (answer.location or ""), rule
        else:
            assert answer.status_code == 401, rule


@pytest.mark.parametrize("role", list(Role))
def test_a_role_without_the_action_is_refused(
    app: Flask, database: Engine, people: SimpleNamespace, sign_in: Callable, role: Role
) -> None:
    with begin(database) as session:
        account = session.get_one(Account, people.amina.id)
        account.role = role
    client = sign_in(account)
    held = PERMISSIONS[account.role]
    for rule, method in rules(app):
        action: Action | None = app.view_functions[rule.endpoint].access
        if action is None or rule.endpoint == "accounts.sign_out":
            continue
        answer = client.open(address(app, rule), method=method)
        if action in held:
            assert answer.status_code not in {401, 403}, (rule, method, answer.status_code)
        else:
            assert answer.status_code == 403, (rule, method, answer.status_code)


# What is somebody's own is theirs by every role: to read it, to take it back, and to have what is wrong looked at.
OF_EVERYBODY = {
    *(Action.USE_ACCOUNT, Action.READ_NOTICES, Action.TAKE_ANSWERS_BACK, Action.GIVE_CONSENT, Action.KEEP_OWN_RECORD),
    *(Action.MAKE_APPEAL, Action.SEE_APPEAL, Action.ASK_FOR_REGRADE),
    *(Action.SEE_SKILL_RECORD, Action.SEE_COMPLETION, Action.SEE_ATTESTATION),
    *(Action.SEE_QUIZ_ATTEMPT, Action.SEE_RUN, Action.SEE_SUBMISSION),
}
# New work is a trainee's alone.
OF_TRAINEES = {
    *(Action.LEARN, Action.ANSWER_QUIZ, Action.RUN_SIMULATION, Action.WORK_ON_NOTEBOOK, Action.KEEP_CURIOSITY_LOG),
    *(Action.JOIN_COHORT, Action.ANSWER_SURVEY, Action.CLAIM_CREDENTIALS),
    *(Action.REPORT_COMPLETION, Action.ASK_ATTESTATION),
}


@pytest.mark.parametrize("role", list(Role))
def test_every_role_reaches_what_is_ones_own_and_only_trainees_do_new_work(role: Role) -> None:
    held = PERMISSIONS[role].keys()
    assert held >= OF_EVERYBODY
    assert held & OF_TRAINEES == (OF_TRAINEES if role is Role.TRAINEE else set())


# What shows things of one person; nothing of it is an administrator's without a reason, and no other role opens it.
OF_ONE_PERSON = {
    Action.SEE_SKILL_RECORD: Scope.OPENED,
    Action.SEE_QUIZ_ATTEMPT: Scope.OPENED,
    Action.SEE_RUN: Scope.OPENED,
    Action.SEE_SUBMISSION: Scope.OPENED_WITH_WORK,
    Action.SEE_CURIOSITY: None,
}


def test_an_administrator_sees_things_of_one_person_only_once_they_are_opened(app: Flask) -> None:
    held = PERMISSIONS[Role.ADMINISTRATOR]
    assert {action: held.get(action) for action in OF_ONE_PERSON} == OF_ONE_PERSON
    opened = {Scope.OPENED, Scope.OPENED_WITH_WORK}
    assert not any(opened & set(PERMISSIONS[role].values()) for role in set(Role) - {Role.ADMINISTRATOR})
    # A page that is asked for before the record is open is come back to, which is no way for what changes anything.
    writing = [
        rule
        for rule, method in rules(app)
        if app.view_functions[rule.endpoint].access in OF_ONE_PERSON and method != "GET"
    ]
    assert writing == []


def test_an_instructor_holds_for_the_whole_academy_only_what_names_nobody() -> None:
    held = PERMISSIONS[Role.INSTRUCTOR]
    assert {action for action, scope in held.items() if scope is Scope.ACADEMY} == {
        *(Action.SEE_GROUP_FIGURES, Action.SHARE_MARKING, Action.SHARE_COMMENTS),
        *(Action.REGRADE_LABS, Action.WRITE_LABS),
    }
    assert {held[action] for action in OF_ONE_PERSON} == {Scope.CLASS}
    of_classes = {Scope.CLASS, Scope.TAUGHT}
    assert not any(of_classes & set(PERMISSIONS[role].values()) for role in set(Role) - {Role.INSTRUCTOR})


@pytest.mark.parametrize("page", ["/record/{amina}", "/record/{amina}/D2.1", "/cohorts/{cohort}"])
@pytest.mark.parametrize("stranger", ["zara", "zahid", "bushra"])
def test_a_stranger_finds_nothing(
    people: SimpleNamespace, cohort: SimpleNamespace, sign_in: Callable, page: str, stranger: str
) -> None:
    client = sign_in(getattr(people, stranger))
    answer = client.get(page.format(amina=people.amina.id, cohort=cohort.id))
    assert answer.status_code in REFUSED
