"""People brought in from a file: previewed, applied as a whole or not at all, undone as far as nobody went on."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from datetime import date
from types import SimpleNamespace

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_babel import force_locale
from sqlalchemy import Engine, delete, event, func, select

from app.accounts.forms import ROLE_NAMES
from app.accounts.models import Account, Cohort, Enrolment, Posting, Withdrawal
from app.core import clock
from app.core.access import Role
from app.core.audit import AuditEntry
from app.core.classes import CohortInstructor
from app.core.db import begin
from app.credentials.models import NameCorrection
from app.people.models import ImportRow, PeopleImport
from tests.app.rights.test_erasure import ask, decide

IMPORTS = "/administration/imports"
NEW_PASSWORD = "three words by heart"
LIST = """username,full name,department,grade,district,posting date,cohort
nazia,Nazia Khan,Health,17,Swat,2026-01-31,Spring 2027
omar,عمر ملک,Revenue,,,,
amina,Amina Gul,Education,16,Mardan,2025-06-01,
bushra,Bushra,,,,,
"""


def upload(client: FlaskClient, text: str | bytes = LIST, *, name: str = "people.csv", **more: str) -> str:
    """Address of the preview."""
    content = text if isinstance(text, bytes) else text.encode()
    answer = client.post(IMPORTS, data={"people": (io.BytesIO(content), name), **more})
    assert answer.status_code == 303, answer.text
    return str(answer.location)


def bring_in(client: FlaskClient, text: str = LIST, **more: str) -> str:
    address = upload(client, text, **more)
    answer = client.post(f"{address}/apply")
    assert answer.status_code == 303, answer.text
    return address


def undo(client: FlaskClient, address: str) -> int:
    """Confirm what the page shows."""
    digest = re.search(r'name="digest" value="(\w+)"', client.get(f"{address}/undo").text)
    return client.post(f"{address}/undo", data={"digest": digest[1] if digest else ""}).status_code


def usernames(database: Engine) -> set[str]:
    with begin(database, read_only=True) as session:
        return set(session.scalars(select(Account.username)))


def postings(database: Engine, username: str) -> list[tuple[str, int | None, str, date | None, date | None]]:
    """From the first to the present one."""
    with begin(database, read_only=True) as session:
        rows = session.scalars(
            select(Posting).join(Account, Account.id == Posting.account_id).where(Account.username == username)
        )
        return [
            (row.department, row.grade, row.district, row.begins_on, row.ends_on)
            for row in sorted(rows, key=lambda row: row.id)
        ]


def acts(database: Engine) -> list[str]:
    with begin(database, read_only=True) as session:
        return list(session.scalars(select(AuditEntry.verb).order_by(AuditEntry.id)))


CAST = {"amina", "bushra", "bilal", "farid", "zara", "zahid"}


@pytest.mark.both_databases
def test_a_preview_says_what_would_happen_and_changes_nobody(farid: FlaskClient, database: Engine) -> None:
    address = upload(farid)
    new, changed = farid.get(address).text, farid.get(f"{address}?show=changed").text
    assert "nazia" in new
    assert "Nazia Khan" in new
    assert "BPS-17" in new
    assert "Spring 2027" in new
    assert "Amina → Amina Gul" in changed
    assert "bushra" in farid.get(f"{address}?show=same").text
    assert usernames(database) == CAST
    assert postings(database, "amina") == []


@pytest.mark.both_databases
def test_an_import_does_all_that_was_shown(farid: FlaskClient, database: Engine, cohort: Cohort) -> None:
    bring_in(farid)
    assert usernames(database) == CAST | {"nazia", "omar"}
    assert postings(database, "nazia") == [("Health", 17, "Swat", date(2026, 1, 31), None)]
    assert postings(database, "amina") == [("Education", 16, "Mardan", date(2025, 6, 1), None)]
    with begin(database, read_only=True) as session:
        nazia = session.scalars(select(Account).where(Account.username == "nazia")).one()
        assert (nazia.role, nazia.language, nazia.academy_id) == (Role.TRAINEE, "en", cohort.academy_id)
        assert session.scalar(select(Enrolment.cohort_id).where(Enrolment.trainee_id == nazia.id)) == cohort.id
        assert session.scalar(select(Account.full_name).where(Account.username == "amina")) == "Amina Gul"
    assert acts(database)[-1] == "people_imported"


def test_a_new_person_signs_in_only_with_a_code_that_was_handed_over(
    app: Flask, farid: FlaskClient, database: Engine
) -> None:
    bring_in(farid)
    stranger = app.test_client()
    for password in ("", "nazia", "no account has this password"):
        assert stranger.post("/sign-in", data={"username": "nazia", "password": password}).status_code == 422
    with begin(database, read_only=True) as session:
        account_id = session.scalar(select(Account.id).where(Account.username == "nazia"))
    page = farid.post(f"/accounts/{account_id}/password-code").text
    code = re.search(r"<code[^>]*>([^<]+)</code>", page)
    assert code
    typed = {"username": "nazia", "code": code[1], "password": NEW_PASSWORD, "again": NEW_PASSWORD}
    assert stranger.post("/sign-in/code", data=typed).status_code == 303
    assert stranger.post("/sign-in", data={"username": "nazia", "password": NEW_PASSWORD}).status_code == 303
    assert stranger.get("/learn/measure-to-manage").status_code == 200


def test_the_same_file_again_finds_nothing_to_do(farid: FlaskClient) -> None:
    bring_in(farid)
    page = farid.get(upload(farid)).text
    assert "There is nothing to do" in page


def test_a_transfer_ends_one_posting_and_begins_another(farid: FlaskClient, database: Engine) -> None:
    bring_in(farid)
    bring_in(farid, "username,full name,department,posting date\nnazia,Nazia Khan,Education,2026-06-01\n")
    assert (
        postings(database, "nazia")
        == [
            ("Health", 17, "Swat", date(2026, 1, 31), date(2027, 1, 1)),
            ("Education", 17, "Swat", date(2027, 1, 1), None),
        ]
        or date(2027, 1, 1) > date.today()
    )


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("nazia,,,,,,", "Name: the cell is empty"),
        ("nazia,Nazia,,,,,Autumn 2027", "There is no cohort"),
        ("nazia,Nazia,,99,,,", "from 1 to 22"),
    ],
)
def test_one_wrong_row_holds_everything_back(farid: FlaskClient, database: Engine, row: str, words: str) -> None:
    address = upload(farid, LIST.replace("nazia,Nazia Khan,Health,17,Swat,2026-01-31,Spring 2027", row))
    page = farid.get(address).text
    assert words in page
    assert "apply" not in page
    assert farid.post(f"{address}/apply").status_code == 422
    assert usernames(database) == CAST


def test_errors_are_in_the_language_of_the_reader(farid: FlaskClient) -> None:
    farid.post("/language", data={"language": "ur"})
    page = farid.get(upload(farid, "username,full name,grade\nnazia,Nazia,99\n")).text
    assert "گریڈ ”\u206899\u2069“" in page


def test_a_transfer_before_the_present_posting_is_wrong(farid: FlaskClient, database: Engine) -> None:
    bring_in(farid)
    address = upload(farid, "username,full name,department,posting date\nnazia,Nazia Khan,Education,2025-12-31\n")
    assert "31 Jan 2026" in farid.get(address).text
    assert farid.post(f"{address}/apply").status_code == 422


@pytest.mark.both_databases
def test_a_preview_that_the_people_have_overtaken_is_refused_as_a_whole(
    farid: FlaskClient, database: Engine, people: SimpleNamespace
) -> None:
    address = upload(farid)
    with begin(database) as session:
        session.get_one(Account, people.amina.id).full_name = "Amina Afridi"
    answer = farid.post(f"{address}/apply")
    assert answer.status_code == 409
    assert "have changed since this preview" in answer.text
    assert usernames(database) == CAST


def test_an_import_is_applied_once(farid: FlaskClient) -> None:
    address = bring_in(farid)
    assert farid.post(f"{address}/apply").status_code == 409
    assert farid.post(f"{address}/drop").status_code == 409


def test_a_dropped_preview_and_one_that_was_replaced_are_gone(farid: FlaskClient, database: Engine) -> None:
    replaced = upload(farid)
    dropped = upload(farid)
    assert farid.get(replaced).status_code == 404
    assert farid.post(f"{dropped}/drop").status_code == 303
    assert farid.get(dropped).status_code == 404
    with begin(database, read_only=True) as session:
        assert session.scalar(select(func.count()).select_from(ImportRow)) == 0


ROLES = "username,full name,role\nnazia,Nazia,instructor\namina,Amina,instructor\n"


def test_a_file_gives_roles_only_where_that_was_ticked(farid: FlaskClient, database: Engine) -> None:
    address = upload(farid, ROLES)
    assert "tick that it may give roles" in farid.get(address).text
    bring_in(farid, ROLES, gives_roles="y")
    with begin(database, read_only=True) as session:
        roles = {row.username: row.role for row in session.execute(select(Account.username, Account.role))}
    assert roles["nazia"] is roles["amina"] is Role.INSTRUCTOR


@pytest.mark.parametrize("language", ["en", "ur"])
def test_a_file_gives_every_role_by_the_word_that_our_pages_have_for_it(
    app: Flask, farid: FlaskClient, database: Engine, language: str
) -> None:
    with app.test_request_context(), force_locale(language):
        listed = "".join(f"new.{role.value},New,{ROLE_NAMES[role]}\n" for role in Role)
    bring_in(farid, f"username,full name,role\n{listed}", gives_roles="y")
    with begin(database, read_only=True) as session:
        came = select(Account.username, Account.role).where(Account.username.startswith("new."))
        assert {row.username: row.role for row in session.execute(came)} == {f"new.{role.value}": role for role in Role}


def test_a_word_that_is_no_role_is_refused_with_every_role_named(farid: FlaskClient) -> None:
    page = farid.get(upload(farid, "username,full name,role\nnazia,Nazia,guest\n", gives_roles="y")).text
    assert "write trainee, instructor, administrator or auditor." in page


@pytest.mark.both_databases
def test_names_and_roles_that_a_file_changes_are_noted_of_each_person_as_by_hand(
    farid: FlaskClient, people: SimpleNamespace, database: Engine
) -> None:
    address = bring_in(
        farid,
        "username,full name,role\namina,Amina Gul,administrator\nbushra,Bushra,\nnazia,Nazia,instructor\n",
        gives_roles="y",
    )

    def noted(person: int) -> list[tuple[str, str | None, str | None]]:
        with begin(database, read_only=True) as session:
            about = select(AuditEntry).where(AuditEntry.thing == f"account:{person}", AuditEntry.actor_id == farid_id)
            entries = session.scalars(about.order_by(AuditEntry.id)).all()
            assert all(len(each.detail["file_sha256"]) == 64 for each in entries)
            return [(each.verb, each.detail.get("from"), each.detail.get("to")) for each in entries]

    farid_id = people.farid.id
    by_import = [("name_corrected", None, None), ("role_changed", "trainee", "administrator")]
    assert noted(people.amina.id) == by_import
    assert noted(people.bushra.id) == []
    with begin(database, read_only=True) as session:
        nazia = session.scalars(select(Account.id).where(Account.username == "nazia")).one()
        correction = session.scalars(select(NameCorrection)).one()
        assert (correction.account_id, correction.former, correction.present) == (people.amina.id, "Amina", "Amina Gul")
        assert correction.reason == "From the file people.csv"
    assert noted(nazia) == [("account_added", None, None)]
    assert undo(farid, address) == 303
    undone = [("name_corrected", None, None), ("role_changed", "administrator", "trainee")]
    assert noted(people.amina.id) == by_import + undone


def test_nobody_changes_their_own_role_by_a_file(farid: FlaskClient) -> None:
    address = upload(farid, "username,full name,role\nfarid,Farid,trainee\n", gives_roles="y")
    assert "You cannot change your own role" in farid.get(address).text


def test_nobody_changes_their_own_role_by_undoing_an_import(
    farid: FlaskClient, people: SimpleNamespace, database: Engine, sign_in: Callable
) -> None:
    address = bring_in(farid, "username,full name,role\namina,Amina,administrator\n", gives_roles="y")
    amina = sign_in(people.amina)
    page = amina.get(f"{address}/undo").text
    assert ("Ask another administrator" in page, "Undo it now" in page) == (True, False)
    [digest] = re.findall(r'name="digest" value="(\w+)"', farid.get(f"{address}/undo").text)
    assert amina.post(f"{address}/undo", data={"digest": digest}).status_code == 422
    with begin(database, read_only=True) as session:
        assert session.get_one(Account, people.amina.id).role is Role.ADMINISTRATOR
    assert undo(farid, address) == 303
    with begin(database, read_only=True) as session:
        assert session.get_one(Account, people.amina.id).role is Role.TRAINEE


@pytest.mark.both_databases
def test_undoing_removes_the_new_and_gives_the_others_their_former_values_back(
    farid: FlaskClient, database: Engine
) -> None:
    address = bring_in(farid)
    assert undo(farid, address) == 303
    assert usernames(database) == CAST
    assert postings(database, "amina") == []
    with begin(database, read_only=True) as session:
        assert session.scalar(select(Account.full_name).where(Account.username == "amina")) == "Amina"
        assert session.scalar(select(func.count()).select_from(Enrolment)) == 3
    assert acts(database)[-1] == "import_undone"
    assert undo(farid, address) == 409
    assert "undone" in farid.get(address).text


@pytest.mark.both_databases
def test_undoing_a_transfer_opens_the_former_posting_again(farid: FlaskClient, database: Engine) -> None:
    bring_in(farid)
    former = postings(database, "nazia")
    address = bring_in(farid, "username,full name,department\nnazia,Nazia Khan,Education\n")
    assert len(postings(database, "nazia")) == 2
    assert undo(farid, address) == 303
    assert postings(database, "nazia") == former


@pytest.mark.both_databases
def test_undoing_keeps_whoever_was_used_and_whatever_was_changed_since(
    app: Flask, farid: FlaskClient, database: Engine, people: SimpleNamespace
) -> None:
    address = bring_in(farid)
    app.test_client().post("/sign-in", data={"username": "nazia", "password": "a wrong guess"})
    with begin(database) as session:
        session.get_one(Account, people.amina.id).full_name = "Amina Afridi"
    page = farid.get(f"{address}/undo").text
    assert "nazia" in page
    assert "amina" in page
    assert "omar" not in page
    assert undo(farid, address) == 303
    assert usernames(database) == CAST | {"nazia"}
    with begin(database, read_only=True) as session:
        assert session.scalar(select(Account.full_name).where(Account.username == "amina")) == "Amina Afridi"
    assert len(postings(database, "amina")) == 1


def test_what_was_shown_before_somebody_signed_in_is_not_undone(
    app: Flask, farid: FlaskClient, database: Engine
) -> None:
    address = bring_in(farid)
    digest = re.search(r'name="digest" value="(\w+)"', farid.get(f"{address}/undo").text)
    assert digest
    app.test_client().post("/sign-in", data={"username": "omar", "password": "a wrong guess"})
    assert farid.post(f"{address}/undo", data={"digest": digest[1]}).status_code == 409
    assert usernames(database) == CAST | {"nazia", "omar"}


def test_an_earlier_import_is_undone_around_a_later_one(farid: FlaskClient, database: Engine) -> None:
    earlier = bring_in(farid)
    later = bring_in(farid, "username,full name\nnazia,Nazia Afridi\n")
    assert "nazia" in farid.get(f"{earlier}/undo").text
    assert undo(farid, later) == 303
    assert undo(farid, earlier) == 303
    assert usernames(database) == CAST


def test_an_administrator_of_another_academy_sees_and_changes_nothing(
    people: SimpleNamespace, sign_in: Callable, farid: FlaskClient, database: Engine
) -> None:
    preview = upload(farid)
    zahid = sign_in(people.zahid)
    assert "people.csv" not in zahid.get(IMPORTS).text
    for path in (preview, f"{preview}/undo"):
        assert zahid.get(path).status_code == 404
    for act in ("apply", "drop", "undo"):
        assert zahid.post(f"{preview}/{act}").status_code == 404
    # Cohorts of another academy are not there, though they bear the same name.
    bring_in(zahid, "username,full name,cohort\nzeb,Zeb,Spring 2027\n")
    with begin(database, read_only=True) as session:
        joined = select(Cohort.academy_id).join(Enrolment, Enrolment.cohort_id == Cohort.id).join(Account)
        assert list(session.scalars(joined.where(Account.username == "zeb"))) == [people.zahid.academy_id]


@pytest.mark.both_databases
def test_a_preview_tells_nothing_of_names_elsewhere_and_an_import_of_one_at_a_time_without_saying_where(
    farid: FlaskClient, database: Engine
) -> None:
    names = "username,full name\nnazia,Nazia\nzara,Zara\nzahid,Zahid\n"
    address = upload(farid, names)
    page = farid.get(address).text
    assert "3 rows" in page
    assert "cannot be given" not in page
    assert farid.post(f"{address}/apply").location == address
    page = farid.get(address).text
    assert "1 row is wrong, so nothing can be done yet" in page
    assert "The user name “zara” cannot be given here." in page
    assert "zahid" not in page
    assert "Punjab" not in page
    assert "zahid" in farid.get(f"{address}?show=new").text
    assert farid.post(f"{address}/apply").status_code == 422
    assert usernames(database) == CAST
    assert acts(database)[-1] == "import_held_back"
    assert "cannot be given" not in farid.get(upload(farid, names)).text


@pytest.mark.parametrize("name", ["amina", "bilal"])
def test_only_administrators_bring_people_in(people: SimpleNamespace, sign_in: Callable, name: str) -> None:
    client = sign_in(getattr(people, name))
    assert client.get(IMPORTS).status_code == 403
    assert client.post(IMPORTS).status_code == 403


def test_without_a_file_or_with_an_unreadable_one_the_form_says_so(farid: FlaskClient, database: Engine) -> None:
    answer = farid.post(IMPORTS, data={"gives_roles": "y"})
    assert answer.status_code == 422
    assert "Choose a file" in answer.text
    assert re.search(
        r"<input[^>]*checked[^>]*gives_roles|gives_roles[^>]*checked|checked[^>]*name=.gives_roles", answer.text
    )
    answer = farid.post(IMPORTS, data={"people": (io.BytesIO("username,name\nx,Zoë\n".encode("latin-1")), "old.csv")})
    assert answer.status_code == 422
    assert "CSV UTF-8" in answer.text
    with begin(database, read_only=True) as session:
        assert session.scalar(select(func.count()).select_from(PeopleImport)) == 0


def test_headings_that_are_not_known_are_named(farid: FlaskClient) -> None:
    assert "Shoe size" in farid.get(upload(farid, "username,full name,Shoe size\nnazia,Nazia,38\n")).text


def test_ten_thousand_people_come_in_by_one_file_and_go_again(farid: FlaskClient, database: Engine) -> None:
    lines = [f"officer{number},Officer {number},Department {number % 40},{number % 22 + 1}" for number in range(10_000)]
    address = bring_in(farid, "\n".join(["username,full name,department,grade", *lines]))
    with begin(database, read_only=True) as session:
        assert session.scalar(select(func.count()).select_from(Account)) == 10_000 + len(CAST)
        assert session.scalar(select(func.count()).select_from(Posting)) == 10_000
    assert "10000" in farid.get(address).text.replace(",", "")
    assert undo(farid, address) == 303
    assert usernames(database) == CAST


def roster(**changes: str) -> bytes:
    """A OneRoster archive: bilal and dania teach “Autumn 2027”, nazia learns in it, and amina is said to do both."""
    people = (
        ("1", "bilal", "teacher"),
        ("2", "dania", "teacher"),
        ("3", "nazia", "student"),
        ("4", "amina", "student"),
    )
    parts = {
        "users.csv": "sourcedId,username,givenName,familyName\n"
        + "".join(f"{number},{name},{name.title()},Khan\n" for number, name, _role in people),
        "roles.csv": "sourcedId,userSourcedId,role\n"
        + "".join(f"r{number},{number},{role}\n" for number, _name, role in people),
        "classes.csv": "sourcedId,title\nc1,Autumn 2027\n",
        "enrollments.csv": "sourcedId,classSourcedId,userSourcedId,role\n"
        + "".join(f"e{number},c1,{number},{role}\n" for number, _name, role in people)
        + "e9,c1,4,teacher\n",
    } | changes
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return file.getvalue()


def teachers(database: Engine) -> list[str]:
    """Who teaches “Autumn 2027”."""
    with begin(database, read_only=True) as session:
        named = select(Account.username).join(CohortInstructor, CohortInstructor.instructor_id == Account.id)
        named = named.join(Cohort, Cohort.id == CohortInstructor.cohort_id).where(Cohort.name == "Autumn 2027")
        return list(session.scalars(named.order_by(Account.username)))


@pytest.fixture
def autumn(people: SimpleNamespace, database: Engine) -> int:
    """A cohort whom nobody teaches, with bushra in it."""
    with begin(database) as session:
        made = Cohort(academy_id=people.farid.academy_id, name="Autumn 2027", module_id="measure-to-manage")
        session.add(made)
        session.flush()
        session.add(Enrolment(cohort_id=made.id, trainee_id=people.bushra.id, enrolled_at=clock.now()))
        return made.id


@pytest.mark.both_databases
def test_teachers_of_a_class_become_instructors_of_its_cohort_and_undoing_takes_that_back(
    farid: FlaskClient, people: SimpleNamespace, autumn: int, database: Engine, sign_in: Callable
) -> None:
    address = upload(farid, roster(), name="roster.zip", gives_roles="y")
    page = farid.get(address).text + farid.get(f"{address}?show=changed").text
    assert "Teaches the cohort Autumn 2027 from now on, and sees what its trainees do" in page
    assert "Is no instructor here, so does not become one of the cohort Autumn 2027" in page
    assert farid.post(f"{address}/apply").status_code == 303
    assert teachers(database) == ["bilal", "dania"]
    assert sign_in(people.bilal).get(f"/cohorts/{autumn}").status_code == 200
    assert sign_in(people.bushra).get("/notices").text.count("/account/data#instructors") == 1
    with begin(database, read_only=True) as session:
        of_cohort = select(AuditEntry.verb, AuditEntry.actor_id).where(AuditEntry.thing == f"cohort:{autumn}")
        assert [tuple(row) for row in session.execute(of_cohort)] == [("instructor_named", people.farid.id)] * 2
    again = upload(farid, roster(), name="roster.zip", gives_roles="y")
    assert "from now on" not in farid.get(again).text
    assert undo(farid, address) == 303
    assert teachers(database) == []
    assert {"dania", "nazia"}.isdisjoint(usernames(database))
    assert sign_in(people.bilal).get(f"/cohorts/{autumn}").status_code == 404
    with begin(database, read_only=True) as session:
        verbs = session.scalars(select(AuditEntry.verb).where(AuditEntry.thing == f"cohort:{autumn}")).all()
        assert verbs.count("instructor_removed") == 2


def test_whom_somebody_named_since_goes_on_teaching_when_the_import_is_undone(
    farid: FlaskClient, people: SimpleNamespace, autumn: int, database: Engine
) -> None:
    address = upload(farid, roster(), name="roster.zip", gives_roles="y")
    farid.post(f"{address}/apply")
    farid.post(f"/cohorts/{autumn}/instructors/{people.bilal.id}/remove")
    farid.post(f"/cohorts/{autumn}/instructors", data={"usernames": "bilal"})
    assert undo(farid, address) == 303
    assert teachers(database) == ["bilal"]


ENROLLED = "username,full name,cohort\nbushra,Bushra,Spring 2027\n"


@pytest.fixture
def in_autumn_only(people: SimpleNamespace, autumn: int, database: Engine) -> None:
    """bushra is in “Autumn 2027” and in nothing else."""
    with begin(database) as session:
        session.execute(
            delete(Enrolment).where(Enrolment.trainee_id == people.bushra.id, Enrolment.cohort_id != autumn)
        )


def cohorts_of(database: Engine, username: str) -> list[str]:
    with begin(database, read_only=True) as session:
        joined = select(Cohort.name).join(Enrolment, Enrolment.cohort_id == Cohort.id).join(Account)
        return list(session.scalars(joined.where(Account.username == username).order_by(Cohort.name)))


@pytest.mark.both_databases
@pytest.mark.usefixtures("in_autumn_only")
def test_whoever_worked_where_a_file_enrolled_them_stays_there_when_the_import_is_undone(
    farid: FlaskClient, people: SimpleNamespace, database: Engine, sign_in: Callable
) -> None:
    address = bring_in(farid, ENROLLED)
    bushra = sign_in(people.bushra)
    assert bushra.post("/learn/measure-to-manage/why-measure/read").status_code == 303
    page = farid.get(f"{address}/undo").text
    assert "bushra" in page
    assert undo(farid, address) == 303
    assert cohorts_of(database, "bushra") == ["Autumn 2027", "Spring 2027"]
    assert "trainee_withdrawn" not in acts(database)


@pytest.mark.both_databases
@pytest.mark.usefixtures("in_autumn_only")
def test_whoever_did_nothing_yet_where_a_file_enrolled_them_is_taken_out_again_and_the_log_says_so(
    farid: FlaskClient, people: SimpleNamespace, database: Engine
) -> None:
    address = bring_in(farid, ENROLLED)
    assert cohorts_of(database, "bushra") == ["Autumn 2027", "Spring 2027"]
    assert "bushra" not in farid.get(f"{address}/undo").text
    assert undo(farid, address) == 303
    assert cohorts_of(database, "bushra") == ["Autumn 2027"]
    with begin(database, read_only=True) as session:
        entry = session.scalars(select(AuditEntry).where(AuditEntry.verb == "trainee_withdrawn")).one()
        spring = session.scalars(
            select(Cohort.id).where(Cohort.name == "Spring 2027", Cohort.academy_id == people.farid.academy_id)
        ).one()
        assert (entry.thing, entry.actor_id) == (f"cohort:{spring}", people.farid.id)
        assert entry.detail == {"trainee": people.bushra.id}


MADE_INSTRUCTOR = "username,full name,role\nbushra,Bushra,instructor\n"


@pytest.mark.both_databases
def test_whom_somebody_named_for_a_cohort_since_keeps_the_role_that_a_file_gave(
    farid: FlaskClient, people: SimpleNamespace, autumn: int, database: Engine
) -> None:
    address = bring_in(farid, MADE_INSTRUCTOR, gives_roles="y")
    farid.post(f"/cohorts/{autumn}/instructors", data={"usernames": "bushra"})
    assert undo(farid, address) == 303
    assert teachers(database) == ["bushra"]
    with begin(database, read_only=True) as session:
        assert session.get_one(Account, people.bushra.id).role is Role.INSTRUCTOR


@pytest.mark.both_databases
def test_the_log_names_each_cohort_that_a_change_of_role_takes_from_an_instructor(
    farid: FlaskClient, people: SimpleNamespace, autumn: int, database: Engine
) -> None:
    farid.post(f"/cohorts/{autumn}/instructors", data={"usernames": "bilal"})
    bring_in(farid, "username,full name,role\nbilal,Bilal,trainee\n", gives_roles="y")
    assert teachers(database) == []
    with begin(database, read_only=True) as session:
        removed = select(AuditEntry.detail).where(
            AuditEntry.verb == "instructor_removed", AuditEntry.thing == f"cohort:{autumn}"
        )
        assert session.scalars(removed).all() == [{"instructor": people.bilal.id}]


@pytest.mark.both_databases
def test_a_trainee_whom_a_file_makes_staff_leaves_their_cohorts_until_that_is_undone(
    farid: FlaskClient, people: SimpleNamespace, cohort: Cohort, database: Engine
) -> None:
    before = cohorts_of(database, "bushra")
    address = bring_in(farid, MADE_INSTRUCTOR, gives_roles="y")
    assert cohorts_of(database, "bushra") == []
    assert "Withdrawn" in farid.get(f"/cohorts/{cohort.id}/members").text
    with begin(database, read_only=True) as session:
        withdrawal = session.scalars(select(Withdrawal)).one()
        assert (withdrawal.cohort_id, withdrawal.withdrawn_by_id) == (cohort.id, people.farid.id)
    assert undo(farid, address) == 303
    assert cohorts_of(database, "bushra") == before == ["Spring 2027"]
    with begin(database, read_only=True) as session:
        assert session.scalar(select(func.count()).select_from(Withdrawal)) == 0
        entry = session.scalars(select(AuditEntry).where(AuditEntry.verb == "trainees_enrolled")).one()
        made = session.scalars(select(PeopleImport)).one()
        assert (entry.thing, entry.actor_id) == (f"cohort:{cohort.id}", people.farid.id)
        assert entry.detail == {"by": "undo", "trainees": 1, "file_sha256": made.sha256}


@pytest.mark.both_databases
@pytest.mark.usefixtures("in_autumn_only")
@pytest.mark.parametrize("is_later_first", [True, False])
def test_whom_one_file_enrolled_and_a_later_one_withdrew_is_as_before_once_both_are_undone(
    farid: FlaskClient, people: SimpleNamespace, database: Engine, is_later_first: bool
) -> None:
    earlier = bring_in(farid, ENROLLED)
    later = bring_in(farid, MADE_INSTRUCTOR, gives_roles="y")
    assert cohorts_of(database, "bushra") == []
    for address in [later, earlier] if is_later_first else [earlier, later]:
        assert undo(farid, address) == 303
    assert cohorts_of(database, "bushra") == ["Autumn 2027"]
    with begin(database, read_only=True) as session:
        assert session.get_one(Account, people.bushra.id).role is Role.TRAINEE
        assert session.scalars(select(Withdrawal)).all() == []


@pytest.mark.both_databases
@pytest.mark.usefixtures("in_autumn_only")
def test_what_cannot_be_undone_before_a_later_import_says_which_that_is(
    farid: FlaskClient, people: SimpleNamespace, database: Engine, sign_in: Callable
) -> None:
    earlier = bring_in(farid, f"{ENROLLED}nazia,Nazia Khan,\n")
    assert sign_in(people.bushra).post("/learn/measure-to-manage/why-measure/read").status_code == 303
    worked = bring_in(farid, MADE_INSTRUCTOR, gives_roles="y")
    renamed = bring_in(farid, "username,full name\nnazia,Nazia Afridi\n")
    page = farid.get(f"{earlier}/undo").text
    assert "Undo these first" in page
    assert [address for address in (worked, renamed) if f'href="{address}/undo"' in page] == [worked, renamed]
    assert "Undo it now" not in page
    answer = farid.post(f"{earlier}/undo", data={"digest": ""})
    assert answer.status_code == 409
    assert "later import" in answer.text
    assert "nazia" in usernames(database)
    for address in (renamed, worked, earlier):
        assert undo(farid, address) == 303
    assert usernames(database) == CAST
    # Who worked there stays there, as the page of the earlier one says.
    assert cohorts_of(database, "bushra") == ["Autumn 2027", "Spring 2027"]


TOOK_A_ROLE = "username,full name,role,cohort\nbilal,Bilal,trainee,\n"
TAUGHT_AGAIN = "Cohorts that are taught again by whom the import took them from"


@pytest.mark.both_databases
def test_an_instructor_whom_a_file_gave_another_role_teaches_again_when_that_is_undone(
    farid: FlaskClient, people: SimpleNamespace, autumn: int, database: Engine, sign_in: Callable
) -> None:
    farid.post(f"/cohorts/{autumn}/instructors", data={"usernames": "bilal"})
    with begin(database, read_only=True) as session:
        named_at = session.get_one(CohortInstructor, (autumn, people.bilal.id)).named_at
    told = sign_in(people.bushra).get("/notices").text.count("/account/data#instructors")
    address = upload(farid, f"{TOOK_A_ROLE}nazia,Nazia Khan,,Autumn 2027\n", gives_roles="y")
    assert "Teaches the cohort Autumn 2027 no more" in farid.get(f"{address}?show=changed").text
    assert farid.post(f"{address}/apply").status_code == 303
    assert teachers(database) == []
    page = farid.get(f"{address}/undo").text
    assert TAUGHT_AGAIN in page
    assert "Autumn 2027" in page
    assert undo(farid, address) == 303
    assert teachers(database) == ["bilal"]
    assert sign_in(people.bilal).get(f"/cohorts/{autumn}").status_code == 200
    # Of each of the two cohorts.
    assert sign_in(people.bushra).get("/notices").text.count("/account/data#instructors") == told + 2
    with begin(database, read_only=True) as session:
        assert session.get_one(CohortInstructor, (autumn, people.bilal.id)).named_at == named_at
        named = select(AuditEntry).where(AuditEntry.verb == "instructor_named", AuditEntry.thing == f"cohort:{autumn}")
        entry = session.scalars(named.order_by(AuditEntry.id.desc())).first()
        made = session.scalars(select(PeopleImport)).one()
        assert entry is not None
        assert entry.actor_id == people.farid.id
        assert entry.detail == {"instructor": people.bilal.id, "file_sha256": made.sha256}


NOT_KNOWN = "does not say which cohorts they taught"


@pytest.mark.both_databases
def test_what_an_import_of_before_does_not_say_of_teaching_is_said_before_it_is_undone(
    farid: FlaskClient, database: Engine, cohort: Cohort
) -> None:
    address = bring_in(farid, TOOK_A_ROLE, gives_roles="y")
    assert NOT_KNOWN not in farid.get(f"{address}/undo").text
    with begin(database) as session:
        row = session.scalars(select(ImportRow).where(ImportRow.username == "bilal")).one()
        row.before = {name: value for name, value in row.before.items() if name != "teaches"}
    page = farid.get(f"{address}/undo").text
    assert re.search(f"{NOT_KNOWN}.*<bdi>bilal</bdi>", page)
    assert undo(farid, address) == 303
    with begin(database, read_only=True) as session:
        assert session.scalars(select(CohortInstructor).where(CohortInstructor.cohort_id == cohort.id)).all() == []


def test_of_an_instructor_who_taught_nothing_undoing_asks_nothing(
    farid: FlaskClient, add_instructor: Callable[..., Account]
) -> None:
    add_instructor("salma", teaches=False)
    address = bring_in(farid, "username,full name,role\nsalma,Salma,trainee\n", gives_roles="y")
    assert NOT_KNOWN not in farid.get(f"{address}/undo").text


@pytest.mark.both_databases
def test_undoing_names_nobody_for_a_cohort_that_is_over_by_then(
    farid: FlaskClient, autumn: int, database: Engine
) -> None:
    farid.post(f"/cohorts/{autumn}/instructors", data={"usernames": "bilal"})
    address = bring_in(farid, TOOK_A_ROLE, gives_roles="y")
    shown = re.search(r'name="digest" value="(\w+)"', farid.get(f"{address}/undo").text)
    assert shown
    with begin(database) as session:
        session.get_one(Cohort, autumn).ends_on = date(2020, 1, 31)
    assert farid.post(f"{address}/undo", data={"digest": shown[1]}).status_code == 409
    assert "Autumn 2027" not in farid.get(f"{address}/undo").text
    assert undo(farid, address) == 303
    assert teachers(database) == []


def test_whom_somebody_gave_yet_another_role_since_teaches_nothing_again(
    farid: FlaskClient, people: SimpleNamespace, autumn: int, database: Engine
) -> None:
    farid.post(f"/cohorts/{autumn}/instructors", data={"usernames": "bilal"})
    address = bring_in(farid, TOOK_A_ROLE, gives_roles="y")
    with begin(database) as session:
        session.get_one(Account, people.bilal.id).role = Role.AUDITOR
    assert TAUGHT_AGAIN not in farid.get(f"{address}/undo").text
    assert undo(farid, address) == 303
    assert teachers(database) == []


@pytest.mark.parametrize("is_later_first", [True, False])
def test_what_a_file_gave_to_teach_is_gone_once_that_and_a_later_file_are_undone(
    farid: FlaskClient, autumn: int, database: Engine, is_later_first: bool
) -> None:
    earlier = upload(farid, roster(), name="roster.zip", gives_roles="y")
    assert farid.post(f"{earlier}/apply").status_code == 303
    later = bring_in(farid, TOOK_A_ROLE.replace("Bilal", "Bilal Khan"), gives_roles="y")
    assert teachers(database) == ["dania"]
    for address in [later, earlier] if is_later_first else [earlier, later]:
        assert undo(farid, address) == 303
    assert teachers(database) == []
    with begin(database, read_only=True) as session:
        assert session.scalar(select(Account.full_name).where(Account.username == "bilal")) == "Bilal"


def test_an_import_and_its_undoing_note_nothing_before_every_row_is_changed(
    farid: FlaskClient, people: SimpleNamespace, cohort: Cohort, autumn: int, database: Engine
) -> None:
    written: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        if statement.startswith(("INSERT", "UPDATE", "DELETE")):
            written.append("log" if "INTO audit_entry" in statement else statement)

    farid.post(f"/cohorts/{autumn}/instructors", data={"usernames": "bilal"})
    listed = "username,full name,role\nbushra,Bushra Gul,instructor\nbilal,Bilal Gul,trainee\nnadir,Nadir,auditor\n"
    address = upload(farid, listed, gives_roles="y")
    event.listen(database, "before_cursor_execute", note)
    try:
        for act in (lambda: farid.post(f"{address}/apply").status_code, lambda: undo(farid, address)):
            written.clear()
            assert act() == 303
            assert written.count("log") == 1
            assert written[-1] == "log"
    finally:
        event.remove(database, "before_cursor_execute", note)


def test_a_class_that_is_no_cohort_is_wrong_for_its_teacher_as_for_its_students(
    farid: FlaskClient, autumn: int, database: Engine
) -> None:
    wrong = roster(**{"classes.csv": "sourcedId,title\nc1,Winter 2027\n"})
    address = upload(farid, wrong, name="roster.zip", gives_roles="y")
    assert farid.get(address).text.count("There is no cohort “Winter 2027”.") == 4
    assert farid.post(f"{address}/apply").status_code == 422
    assert teachers(database) == []


TWO = "username,full name,department\namina,Amina Gul,Health\nbushra,Bushra Bibi,Health\n"


def erase_amina(amina: FlaskClient, farid: FlaskClient, database: Engine) -> None:
    ask(amina)
    assert decide(farid, database).status_code == 303


def test_a_preview_of_somebody_who_was_erased_since_is_not_applied_without_them(
    amina: FlaskClient, farid: FlaskClient, database: Engine
) -> None:
    address = upload(farid, TWO)
    erase_amina(amina, farid, database)
    answer = farid.post(f"{address}/apply")
    assert answer.status_code == 409
    assert "have changed since this preview" in answer.text


def test_the_page_of_an_import_says_of_whom_no_row_is_kept_any_more(
    amina: FlaskClient, farid: FlaskClient, database: Engine
) -> None:
    address = bring_in(farid, TWO)
    assert "was erased" not in farid.get(address).text
    erase_amina(amina, farid, database)
    page = farid.get(address).text
    assert "1 of these rows is kept no longer, because whoever it was about was erased." in page


def test_an_erasure_takes_no_row_out_of_the_file_of_another_academy(
    amina: FlaskClient,
    farid: FlaskClient,
    people: SimpleNamespace,
    sign_in: Callable[[Account], FlaskClient],
    database: Engine,
) -> None:
    zahid = sign_in(people.zahid)
    address = upload(zahid, "username,full name\namina,Amina Bibi\n")
    erase_amina(amina, farid, database)
    assert zahid.post(f"{address}/apply").status_code == 303
    with begin(database, read_only=True) as session:
        brought_in = session.scalars(select(Account).where(Account.username == "amina")).one()
        assert brought_in.academy_id == people.zahid.academy_id
