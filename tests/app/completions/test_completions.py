"""Courses finished elsewhere: reported, decided, evidence of the first level, withdrawn, and brought in by a file."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, select, update

from app.accounts.models import Account, Cohort, Enrolment
from app.accounts.service import name_instructor
from app.competencies.estimation import Piece, estimate
from app.competencies.models import Evidence, EvidenceKind
from app.competencies.queries import skills, standings_in_cohorts
from app.completions.links import WrongLink, checked, host_of
from app.completions.models import Completion, State
from app.core import clock
from app.core.db import begin
from app.core.locale import today
from tests.app.conftest import COURSE


def report(client: FlaskClient, **changes: str) -> int:
    """Report a course; the number of the completion."""
    answer = client.post("/completions", data=COURSE | changes)
    assert answer.status_code == 303
    return int(answer.location.rpartition("/")[2])


def decide(client: FlaskClient, *ids: int, decision: str = "approve", reason: str = "") -> int:
    data = {"completions": [str(each) for each in ids], "decision": decision, "reason": reason}
    return int(client.post("/completions/decide", data=data).status_code)


def evidence(database: Engine) -> list[Evidence]:
    """Evidence that counts."""
    with begin(database, read_only=True) as session:
        return list(session.scalars(select(Evidence).where(Evidence.superseded_at.is_(None)).order_by(Evidence.id)))


def states(database: Engine) -> list[State]:
    with begin(database, read_only=True) as session:
        return list(session.scalars(select(Completion.state).order_by(Completion.id)))


@pytest.mark.both_databases
def test_a_completion_is_evidence_from_its_approval_until_it_is_withdrawn(
    database: Engine, people: SimpleNamespace, sign_in: Callable
) -> None:
    amina, bilal = sign_in(people.amina), sign_in(people.bilal)
    number = report(amina)
    assert evidence(database) == []
    assert "AI for Everyone" in bilal.get("/completions/waiting").text
    assert decide(bilal, number) == 303
    [piece] = evidence(database)
    assert (piece.kind, piece.weight, piece.level, piece.competency) == (EvidenceKind.EXTERNAL_COURSE, 0.3, 1, "D1.1")
    record = amina.get(f"/record/{people.amina.id}/D1.1").text
    # Its kind says what it is; the name of its part is nothing to a reader.
    assert f'/completions/{number}#course">Course elsewhere</a>' in record
    page = amina.get(f"/completions/{number}").text
    assert "approved" in page
    assert "coursera.org" in page
    assert amina.post(f"/completions/{number}/withdraw").status_code == 303
    assert evidence(database) == []
    assert amina.post(f"/completions/{number}/withdraw").status_code == 409
    assert "withdrew a course finished elsewhere" in sign_in(people.farid).get("/audit").text


def test_a_course_of_the_day_that_has_just_begun_lies_in_no_future(
    database: Engine, people: SimpleNamespace, sign_in: Callable, cohort: Cohort, night: datetime
) -> None:
    """Otherwise record and heat map, which adds up to the newest day, would tell two figures of one skill."""
    amina, bilal = sign_in(people.amina), sign_in(people.bilal)
    first = report(amina, completed_on="2026-10-01")
    last = report(amina, title="Data", completed_on=today().isoformat())
    assert decide(bilal, first, last) == 303
    assert [piece.at for piece in evidence(database)] == [datetime(2026, 10, 1, tzinfo=UTC), night]
    with begin(database, read_only=True) as session:
        told = skills(session.scalars(select(Evidence)))[people.amina.id, "D1.1"]
        [kept] = standings_in_cohorts(session, people.farid, {cohort.id}).values()
    assert kept.mean == pytest.approx(told.estimate.mean, abs=1e-12)


def test_an_approval_can_be_taken_back_with_a_reason(
    database: Engine, people: SimpleNamespace, sign_in: Callable
) -> None:
    amina, bilal = sign_in(people.amina), sign_in(people.bilal)
    number = report(amina)
    decide(bilal, number)
    assert decide(bilal, number, decision="refuse") == 422
    assert len(evidence(database)) == 1
    assert decide(bilal, number, decision="refuse", reason="The certificate is of somebody else.") == 303
    assert evidence(database) == []
    assert "The certificate is of somebody else." in amina.get(f"/completions/{number}").text


def test_several_are_decided_together_or_none(database: Engine, people: SimpleNamespace, sign_in: Callable) -> None:
    amina, bilal = sign_in(people.amina), sign_in(people.bilal)
    first, second = report(amina), report(amina, title="Machine Learning")
    decide(bilal, first)
    assert decide(bilal, first, second) == 409
    assert decide(bilal, second, 999_999) == 409
    assert states(database) == [State.APPROVED, State.REPORTED]
    assert decide(bilal, second, decision="refuse", reason="No proof.") == 303
    assert states(database) == [State.APPROVED, State.REFUSED]


def test_several_of_which_some_are_of_a_class_that_is_over_are_answered_with_the_list_and_what_to_do(
    database: Engine, people: SimpleNamespace, sign_in: Callable, cohort: Cohort
) -> None:
    bilal = sign_in(people.bilal)
    first, other = report(sign_in(people.amina)), report(sign_in(people.bushra), title="Machine Learning")
    with begin(database) as session:
        over = Cohort(academy_id=cohort.academy_id, name="Autumn 2026", module_id=cohort.module_id)
        session.add(over)
        session.flush()
        over.ends_on = clock.now().date() - timedelta(days=92)
        name_instructor(session, over, session.get_one(Account, people.bilal.id))
        enrolments = update(Enrolment).where(Enrolment.trainee_id == people.bushra.id)
        session.execute(enrolments.values(cohort_id=over.id))
    data = {"completions": [str(first), str(other)], "decision": "approve", "reason": ""}
    answer = bilal.post("/completions/decide", data=data)
    assert answer.status_code == 409
    assert "1 of those that you chose is of a class that is over by now" in answer.text
    assert "An administrator decides on that one" in answer.text
    assert re.search(f'name="completions" value="{first}" checked', answer.text)
    assert "Machine Learning" not in answer.text
    bilal.post("/language", data={"language": "ur"})
    assert "منتظم" in bilal.post("/completions/decide", data=data).text
    assert states(database) == [State.REPORTED, State.REPORTED]
    bilal.post("/language", data={"language": "en"})
    answer = bilal.post("/completions/decide", data=data | {"completions": [str(other)]})
    assert (answer.status_code, "This course is over" in answer.text) == (403, True)


@pytest.mark.parametrize(
    ("decision", "words"),
    [
        ({"completions": [], "decision": "approve"}, "Tick at least one"),
        ({"completions": ["1"]}, "Choose one of the two"),
        ({"completions": ["1"], "decision": "refuse", "reason": " "}, "Say why"),
        ({"completions": ["1"], "decision": "refuse", "reason": "x" * 301}, "Shorten this to 300"),
    ],
)
def test_a_decision_that_lacks_something_is_refused(
    people: SimpleNamespace, sign_in: Callable, decision: dict[str, object], words: str
) -> None:
    report(sign_in(people.amina))
    for alone in ({}, {"alone": "1"}):
        answer = sign_in(people.bilal).post("/completions/decide", data=decision | alone)
        assert answer.status_code == 422
        assert words in answer.text


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"title": " "}, "Type the title"),
        ({"title": "x" * 201}, "Shorten this to 200"),
        ({"provider": "nowhere"}, "Not a valid choice"),
        ({"completed_on": "soon"}, "Choose a day"),
        ({"completed_on": (date.today() + timedelta(days=3)).isoformat()}, "between 2010 and today"),
        ({"link": ""}, "Paste the link"),
        ({"link": "http://www.coursera.org/verify"}, "must begin with https://"),
        ({"link": "javascript:alert(1)"}, "must begin with https://"),
        ({"competency": "D9.9"}, "Not a valid choice"),
    ],
)
def test_a_wrong_report_is_refused_in_words_and_what_was_typed_stays(
    database: Engine, people: SimpleNamespace, sign_in: Callable, changes: dict[str, str], words: str
) -> None:
    answer = sign_in(people.amina).post("/completions", data=COURSE | changes)
    assert answer.status_code == 422
    assert words in answer.text
    assert changes.get("title", "AI for Everyone").strip() in answer.text
    assert states(database) == []


def test_the_same_is_not_reported_twice_but_again_after_a_refusal(people: SimpleNamespace, sign_in: Callable) -> None:
    amina = sign_in(people.amina)
    number = report(amina)
    again = amina.post("/completions", data=COURSE)
    assert again.status_code == 422
    assert "reported this already" in again.text
    decide(sign_in(people.bilal), number, decision="refuse", reason="The link is dead.")
    assert report(amina) != number


def test_nobody_decides_or_sees_what_is_not_theirs(
    database: Engine, people: SimpleNamespace, sign_in: Callable
) -> None:
    number = report(sign_in(people.amina))
    assert decide(sign_in(people.amina), number) == 403
    assert decide(sign_in(people.zahid), number) == 409
    for name in ("bushra", "zara", "zahid"):
        assert sign_in(getattr(people, name)).get(f"/completions/{number}").status_code == 404
    assert "AI for Everyone" not in sign_in(people.zahid).get("/completions/waiting").text
    assert states(database) == [State.REPORTED]


GOOD_LINKS = (
    "https://coursera.org/a",
    "https://learn.microsoft.com/en-us/x?y=1#z",
    "https://xn--mgbx4cd0ab.xn--mgbai9azgqp6j/a",
)
BAD_LINKS = (
    "http://coursera.org",
    "https://",
    "https://localhost/a",
    "https://127.0.0.1/a",
    "https://[::1]/a",
    "https://user@coursera.org",
    "https://coursera.org@evil.example:443",
    "https://coursera.org:8443/a",
    "https://coursera.org\\@evil.example",
    "https://cour sera.org",
    "https://coursera.org/\u202e",
    "//coursera.org",
    "ftp://coursera.org",
    "https://coursera.org:port",
    "https://" + "a" * 64 + ".org",
    "https://a.org/" + "x" * 500,
)


@pytest.mark.parametrize("link", GOOD_LINKS)
def test_an_open_https_link_is_taken_as_it_is(link: str) -> None:
    assert checked(f" {link} ") == link


@pytest.mark.parametrize("link", BAD_LINKS)
def test_a_link_that_hides_where_it_leads_is_refused(link: str) -> None:
    with pytest.raises(WrongLink):
        checked(link)


@given(st.text())
def test_a_link_is_taken_or_refused_and_a_taken_one_names_its_host(text: str) -> None:
    try:
        link = checked(f"https://{text}")
    except WrongLink:
        return
    assert link.lower().startswith(("https://" + host_of(link), "https://www." + host_of(link)))


def piece(number: int, kind: EvidenceKind, outcome: float, weight: float, days: int = 0) -> Piece:
    at = clock.now() - timedelta(days=days)
    return Piece(number, kind, outcome, 0.0, weight, f"source:{number}", at)


@given(st.lists(st.floats(0, 1), max_size=12), st.integers(0, 6))
def test_courses_elsewhere_lift_nobody_beyond_the_first_level(outcomes: list[float], courses: int) -> None:
    own = [piece(number, EvidenceKind.QUIZ_ITEM, outcome, 0.5) for number, outcome in enumerate(outcomes)]
    elsewhere = [piece(100 + number, EvidenceKind.EXTERNAL_COURSE, 1.0, 0.3) for number in range(courses)]
    without, both = (estimate("D1.1", pieces, now=clock.now()) for pieces in (own, own + elsewhere))
    assert both.checks[1:] == without.checks[1:]
    assert len(both.contributions) <= len(without.contributions) + 2


def test_two_within_ninety_days_count_and_later_ones_again() -> None:
    days = (0, 10, 20, 200)
    pieces = [piece(number, EvidenceKind.EXTERNAL_COURSE, 1.0, 0.3, day) for number, day in enumerate(days)]
    counted = estimate("D1.1", pieces, now=clock.now()).contributions
    assert [each.piece.id for each in counted] == [3, 1, 0]


HEAD = "username,provider,title,completed on,link,competency\n"
ROW = "amina,Coursera,AI for Everyone,2026-10-01,https://coursera.org/v/1,d1.1\n"


def upload(client: FlaskClient, text: str, encoding: str = "utf-8"):
    return client.post("/administration/completions", data={"file": (io.BytesIO(text.encode(encoding)), "courses.csv")})


@pytest.mark.both_databases
def test_a_file_is_shown_first_and_then_waits_for_approval(
    database: Engine, people: SimpleNamespace, sign_in: Callable
) -> None:
    farid = sign_in(people.farid)
    other = "bushra,Microsoft Learn,مصنوعی ذہانت,31/03/2026,https://learn.microsoft.com/x,D1.3\n"
    preview = upload(farid, HEAD + ROW + other, "utf-16").location
    page = farid.get(preview).text
    assert "Bring in 2 completions" in page
    assert states(database) == []
    assert farid.post(f"{preview}/apply").status_code == 303
    assert states(database) == [State.REPORTED, State.REPORTED]
    assert evidence(database) == []
    assert farid.post(f"{preview}/apply").status_code == 404
    again = upload(farid, HEAD + ROW).location
    assert "reported already" in farid.get(again).text
    assert decide(farid, 1, 2) == 303
    assert len(evidence(database)) == 2
    assert "AI for Everyone" in sign_in(people.amina).get("/completions").text


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("nobody,Coursera,A,2026-10-01,https://a.org,D1.1", "No trainee of your academy"),
        ("zara,Coursera,A,2026-10-01,https://a.org,D1.1", "No trainee of your academy"),
        ("bilal,Coursera,A,2026-10-01,https://a.org,D1.1", "No trainee of your academy"),
        (",Coursera,A,2026-10-01,https://a.org,D1.1", "User name: the cell is empty"),
        ("amina,Udemy,A,2026-10-01,https://a.org,D1.1", "write Coursera"),
        ("amina,Coursera,,2026-10-01,https://a.org,D1.1", "Title of the course: the cell is empty"),
        ("amina,Coursera,=A1,2026-10-01,https://a.org,D1.1", "holds a formula"),
        ("amina,Coursera,A,yesterday,https://a.org,D1.1", "write the day like"),
        ("amina,Coursera,A,2099-10-01,https://a.org,D1.1", "between 2010 and today"),
        ("amina,Coursera,A,2026-10-01,http://a.org,D1.1", "must begin with https://"),
        ("amina,Coursera,A,2026-10-01,https://a.org,D9", "write a code of the framework"),
        (ROW.strip(), "An earlier row of the file says the same"),
    ],
)
def test_one_wrong_row_is_said_in_words_and_nothing_is_brought_in(
    database: Engine, people: SimpleNamespace, sign_in: Callable, row: str, words: str
) -> None:
    farid = sign_in(people.farid)
    preview = upload(farid, HEAD + ROW + row + "\n").location
    page = farid.get(preview).text
    assert words in page
    assert "1 row is wrong" in page
    assert farid.post(f"{preview}/apply").status_code == 422
    assert states(database) == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "The file is empty"),
        (HEAD, "no rows below"),
        ("username,title\namina,A\n", "each of these headings once: provider"),
        (HEAD.replace("link", "link,link") + ROW, "each of these headings once: link"),
    ],
)
def test_a_file_that_is_none_is_refused(people: SimpleNamespace, sign_in: Callable, text: str, words: str) -> None:
    farid = sign_in(people.farid)
    answer = upload(farid, text)
    assert answer.status_code == 422
    assert words in answer.text
    assert farid.post("/administration/completions", data={}).status_code == 422


def test_a_preview_that_no_longer_holds_is_refused(
    database: Engine, people: SimpleNamespace, sign_in: Callable
) -> None:
    farid = sign_in(people.farid)
    preview = upload(farid, HEAD + ROW).location
    report(sign_in(people.amina))
    assert farid.post(f"{preview}/apply").status_code == 409
    assert states(database) == [State.REPORTED]
    assert farid.post(f"{preview}/drop").status_code == 303
    assert farid.get(preview).status_code == 404
