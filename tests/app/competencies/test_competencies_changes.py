"""What changed on a skill record, why, and the proof that its figures follow from the evidence."""

from __future__ import annotations

import csv
import io
import re
from datetime import timedelta
from html import unescape

import pytest
from sqlalchemy import select

from app.cli import estimate_commands
from app.competencies.estimation import METHOD_VERSION
from app.competencies.models import Evidence, EvidenceKind
from app.competencies.service import record_evidence
from app.core import clock
from app.core.db import begin


@pytest.fixture
def give(database, people):
    """Evidence of a notebook cell for D2.1, known since so many days."""

    def record(part: str, outcome: float = 1.0, *, days_ago: int = 0, trainee=people.amina) -> None:
        known = clock.now() - timedelta(days=days_ago)
        with begin(database) as session:
            added = record_evidence(
                session,
                trainee,
                competency="D2.1",
                level=2,
                kind=EvidenceKind.NOTEBOOK_CELL,
                outcome=outcome,
                source="submission:3",
                part=part,
                at=known,
            )
            if days_ago:
                added.recorded_at = known

    return record


@pytest.fixture
def command(app):
    app.cli.add_command(estimate_commands)

    def run(*words: str):
        return app.test_cli_runner().invoke(args=["estimates", *words])

    return run


def changes(page: str) -> str:
    found = re.search(r'<h2 id="changes">(.*?)<p class="hint"><a', page, re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", "", found[1])).split())


def test_a_change_is_told_with_what_moved_it_and_each_is_a_link(people, sign_in, give):
    give("look", days_ago=40)
    give("median", days_ago=2)
    give("chart", 0.0)
    page = sign_in(people.amina).get("/record").text
    # Then 1 + 1.47 of 3.47. Now weights 1.39, 1.49 and 1.5: 1 + 1.39 + 1.49 = 3.885 of 6.384.
    told = changes(page)
    assert "The estimate moved from 71% to 61% because of these 3 things:" in told
    assert re.search(r"Notebook cell: chart: down, 1\d\.\d points \(new; the work is of ", told)
    assert re.search(r"Notebook cell: median: up, \d\.\d points", told)
    assert re.search(r"Older evidence: down, 0\.\d points \(weighs less with age\)", told)
    assert 'href="/results/submissions/3#chart"' in page
    assert "Notebook cell: look" not in told


def test_the_told_points_add_up_to_the_change(people, sign_in, give):
    give("look", 0.4, days_ago=200)
    for part in ("a", "b", "c", "d", "e", "f"):
        give(part, 0.9, days_ago=1)
    told = changes(sign_in(people.amina).get("/record").text)
    before, after = (int(share) for share in re.search(r"moved from (\d+)% to (\d+)%", told).groups())
    signs = {"up": 1, "down": -1}
    points = sum(signs[way] * float(number) for way, number in re.findall(r"(up|down), (\d+\.\d) points", told))
    assert points == pytest.approx(after - before, abs=1.3)
    assert "further piece" in told


def test_a_cell_marked_anew_is_told_as_leaving_and_coming(people, sign_in, give):
    give("look", 0.2, days_ago=40)
    give("look", 1.0)
    told = changes(sign_in(people.amina).get("/record").text)
    assert "no longer in force: marked anew or withdrawn" in told
    assert "because of these 2 things" in told


def test_without_news_the_page_says_so(people, sign_in, give):
    give("look", days_ago=31)
    assert "No estimate has changed since then." in changes(sign_in(people.amina).get("/record").text)


def test_the_reader_chooses_since_when(people, sign_in, give):
    give("look", days_ago=100)
    since = (clock.now() - timedelta(days=120)).date().isoformat()
    page = sign_in(people.bilal).get(f"/record/{people.amina.id}?since={since}").text
    assert "The estimate moved from 50% to " in changes(page)
    assert f'value="{since}"' in page


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("yesterday", "Choose a day, for example 2027-03-01."),
        ("", "Choose a day, for example 2027-03-01."),
        ("2999-01-01", "Choose a day that has begun."),
    ],
)
def test_a_day_that_is_none_is_refused_and_kept(people, sign_in, give, typed, message):
    give("look")
    answer = sign_in(people.amina).get("/record", query_string={"since": typed})
    assert answer.status_code == 422
    assert message in answer.text
    assert not typed or f'value="{typed}"' in answer.text


def test_changes_are_told_in_urdu(people, sign_in, give):
    give("look", trainee=people.bushra)
    told = changes(sign_in(people.bushra).get("/record").text)
    assert "moved" not in told
    assert "50%" in told


def test_the_table_to_keep_bears_the_figures_of_the_page_and_the_method(people, sign_in, give):
    give("look")
    give("chart", 0.5)
    client = sign_in(people.amina)
    answer = client.get(f"/record/{people.amina.id}/estimates.csv")
    assert answer.mimetype == "text/csv"
    (row,) = csv.DictReader(io.StringIO(answer.text))
    # alpha 1 + 1.5 × (1 + .5) = 3.25 of 5
    assert (row["estimate"], row["pieces"], row["method"]) == ("0.650000", "2", METHOD_VERSION)
    page = client.get("/record").text
    assert "<strong>65%</strong>" in page
    assert f"Method: {METHOD_VERSION}" in page


@pytest.mark.parametrize("reader", ["zara", "zahid", "bushra"])
def test_a_stranger_gets_no_table(people, sign_in, give, reader):
    give("look")
    assert sign_in(getattr(people, reader)).get(f"/record/{people.amina.id}/estimates.csv").status_code == 404


@pytest.mark.both_databases
def test_a_kept_table_is_proved_even_after_later_markings(people, sign_in, give, command, tmp_path):
    give("look", 0.4, days_ago=9)
    kept = tmp_path / "kept.csv"
    kept.write_text(sign_in(people.amina).get(f"/record/{people.amina.id}/estimates.csv").text)
    give("look", 1.0)
    give("chart", 0.0)
    found = command("verify", str(kept))
    assert (found.exit_code, found.output) == (0, "1 estimates, each as the evidence gives it.\n")


def test_all_estimates_are_exported_and_proved(people, give, answer_quiz, command, tmp_path):
    give("look")
    answer_quiz(people.zara)
    kept = tmp_path / "all.csv"
    kept.write_text(command("export").output)
    assert {row["trainee"] for row in csv.DictReader(kept.open())} == {str(people.amina.id), str(people.zara.id)}
    assert command("verify", str(kept)).exit_code == 0


def test_an_altered_piece_of_evidence_is_named(people, database, give, command, tmp_path):
    give("look")
    kept = tmp_path / "all.csv"
    kept.write_text(command("export").output)
    with begin(database) as session:
        session.scalar(select(Evidence)).outcome = 0.5
    found = command("verify", str(kept))
    assert found.exit_code == 1
    assert (
        f"Trainee {people.amina.id}, D2.1, estimate: 0.714286 in the table, 0.500000 from the evidence." in found.output
    )


def test_a_figure_without_evidence_and_evidence_without_a_figure_are_named(people, give, command, tmp_path):
    give("look")
    heading, row = command("export").output.splitlines()
    kept = tmp_path / "all.csv"
    kept.write_text("\n".join([heading, row.replace("D2.1", "D2.2")]) + "\n")
    output = command("verify", str(kept)).output
    assert "D2.1, estimate: nothing in the table, 0.714286 from the evidence." in output
    assert "D2.2, estimate: 0.714286 in the table, nothing from the evidence." in output


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"name,points\n", "does not name the columns"),
        (b"\xff\xfe", "can't decode"),
        (b"trainee,competency,estimate,low,high,level,pieces,method,computed_at\n1,D2.1", "no row"),
    ],
)
def test_another_file_is_refused_with_the_reason(command, tmp_path, content, problem):
    other = tmp_path / "other.csv"
    other.write_bytes(content)
    found = command("verify", str(other))
    assert found.exit_code == 1
    assert problem in found.output
