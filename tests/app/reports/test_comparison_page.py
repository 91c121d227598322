"""Cohorts compared: what is told, in which order, and what the rule on groups keeps back."""

from __future__ import annotations

import re

import pytest

from app.accounts import service as accounts
from app.accounts.models import Cohort
from app.core.db import begin
from tests.app.cohorts.conftest import counted_statements, give_evidence, plain, table

KNOWN, DIFFERENCES, WHO, IN_EACH = (
    "What is known of each cohort",
    "Differences of the means",
    "Who takes part, and who was lost",
    "Who is in each cohort",
)


def address(*cohorts, competency="D2.1") -> str:
    return "/skills/compare?" + "&".join(f"cohort={each.id}" for each in cohorts) + f"&competency={competency}"


def test_two_large_cohorts_are_compared_with_intervals_in_words_and_by_name(
    people, sign_in, cohort, make_cohort, mixed
):
    autumn = make_cohort("Autumn 2027")
    mixed(18, 6, into=cohort, name="s")
    mixed(6, 18, into=autumn, name="a")
    page = sign_in(people.farid).get(address(cohort, autumn)).text
    known = table(page, KNOWN)
    # 18 of 24 at .75 and 6 at .25: mean .625, standard deviation .221, t of 23 degrees 2.069.
    assert list(known) == ["A: \u2068Autumn 2027\u2069", "B: \u2068Spring 2027\u2069"]
    assert known["B: \u2068Spring 2027\u2069"][:3] == ["62%", "53% to 72%", "22%"]
    [(pair, cells)] = table(page, DIFFERENCES).items()
    assert pair == "A − B"
    assert cells[0] == "down, 25.0 points"
    assert cells[1] == "-37.9 to -12.1 points"
    assert cells[4] == "0"
    # .25 / .221 = 1.13, times the factor of 46 degrees of freedom, .9836.
    assert cells[2] == "-1.11"
    assert "has a lower mean than" in page
    assert "for all differences on this page (1)" in plain(page)
    assert "there is no ranking" in page


def test_where_the_interval_holds_zero_it_says_that_nothing_is_shown(people, sign_in, cohort, make_cohort, mixed):
    autumn = make_cohort("Autumn 2027")
    mixed(12, 12, into=cohort, name="s")
    mixed(13, 11, into=autumn, name="a")
    page = sign_in(people.bilal).get(address(cohort, autumn)).text
    assert "the data do not say which mean is higher" in page
    assert "has a higher mean" not in page


def test_a_small_cohort_is_withheld_and_one_of_nineteen_is_a_band_without_a_difference(
    people, sign_in, cohort, make_cohort, mixed
):
    nine, nineteen = make_cohort("Nine"), make_cohort("Nineteen")
    mixed(12, 12, into=cohort, name="s")
    mixed(5, 4, into=nine, name="n")
    mixed(10, 9, into=nineteen, name="t")
    page = sign_in(people.farid).get(address(cohort, nine, nineteen)).text
    known = table(page, KNOWN)
    assert known["A: \u2068Nine\u2069"] == ["withheld", "–", "–", "–", "9", "withheld"]
    assert known["B: \u2068Nineteen\u2069"][:3] == ["50% to 60%", "–", "20% to 30%"]
    assert known["C: \u2068Spring 2027\u2069"][0] == "50%"
    assert "No difference is told" in page
    assert DIFFERENCES not in page


def test_what_the_heat_map_withholds_is_not_to_be_had_by_comparing(
    people, sign_in, cohort, make_cohort, mixed, database
):
    # Another cohort has the same people but one: together they would tell of that one.
    almost, other = make_cohort("Almost"), make_cohort("Other")
    everybody = mixed(15, 10, into=cohort, name="s")
    mixed(12, 12, into=other, name="o")
    with begin(database) as session:
        for trainee in everybody[1:]:
            accounts.enrol(session, almost, trainee)
    client = sign_in(people.farid)
    withheld = [
        name
        for name, cells in table(client.get("/skills").text, "Cohorts by competency").items()
        if cells == ["withheld"]
    ]
    assert withheld == ["Almost"]
    # Also when the larger one is not among those that are chosen.
    for chosen, told in (((almost, other), []), ((almost, cohort, other), ["B − C"])):
        page = client.get(address(*chosen)).text
        assert re.findall(r"<th scope=\"row\">(. − .)</th>", page)[::2] == told
        known = table(page, KNOWN)
        assert known["A: \u2068Almost\u2069"][0] == "withheld"
        assert table(page, IN_EACH)["A: \u2068Almost\u2069"] == ["withheld", "withheld"]


def test_of_three_cohorts_that_tell_of_few_together_the_last_is_withheld(
    people, sign_in, cohort, make_cohort, mixed, database
):
    first, second = make_cohort("First"), make_cohort("Second")
    everybody = mixed(30, 20, into=cohort, name="s")
    # No two of these differ by few, but all less both are six people.
    with begin(database) as session:
        for course, some in ((first, everybody[:22]), (second, everybody[22:44])):
            for trainee in some:
                accounts.enrol(session, course, trainee)
    for client in (sign_in(people.farid), sign_in(people.bilal)):
        known = table(client.get(address(cohort, first, second)).text, KNOWN)
        shares = [cells[0] for cells in known.values()]
        assert [share == "withheld" for share in shares] == [False, True, False]
        alone = table(client.get(address(cohort, second)).text, KNOWN)
        assert "withheld" in {cells[0] for cells in alone.values()}


def test_who_is_in_both_is_counted_and_said(people, sign_in, cohort, make_cohort, mixed, database):
    autumn = make_cohort("Autumn 2027")
    both = mixed(15, 10, into=cohort, name="s")[:12]
    mixed(10, 10, into=autumn, name="a")
    with begin(database) as session:
        for trainee in both:
            accounts.enrol(session, autumn, trainee)
    page = sign_in(people.farid).get(address(cohort, autumn)).text
    assert table(page, DIFFERENCES)["A − B"][4] == "12"
    assert "count in both" in page


def test_who_was_lost_and_of_which_departments_they_are(people, sign_in, cohort, make_cohort, mixed, post):
    autumn = make_cohort("Autumn 2027")
    spring = mixed(12, 12, into=cohort, name="s")
    mixed(12, 12, into=autumn, name="a")
    post(spring[:14], "Health", 17)
    post(spring[14:], "Revenue", 19)
    farid = sign_in(people.farid)
    left = spring[-1]
    assert farid.post(f"/cohorts/{cohort.id}/members/{left.id}/withdraw").status_code == 303
    page = farid.get(address(cohort, autumn)).text
    # amina and bushra are enrolled without evidence, and one was withdrawn: 3 of 26 who joined.
    assert table(page, WHO)["B: \u2068Spring 2027\u2069"] == ["26", "1", "25", "23", "12%"]
    departments, grades = table(page, IN_EACH)["B: \u2068Spring 2027\u2069"]
    # Nine of Revenue are not named; with the two of no department they are eleven.
    assert departments == "\u2068Health\u2069: 14; other departments: 11"
    assert grades == "\u2068BPS 17–18\u2069: 14; other grades: 11"
    assert table(page, IN_EACH)["A: \u2068Autumn 2027\u2069"][0] == "other departments: 24"


def test_two_of_no_department_are_not_given_away_by_the_rest(people, sign_in, cohort, make_cohort, mixed, post):
    spring = mixed(12, 12, into=cohort, name="s")
    post(spring[:14], "Health", 17)
    post(spring[14:], "Revenue", 19)
    page = sign_in(people.farid).get(address(cohort, make_cohort("Autumn 2027"))).text
    # Ten of Revenue, but named they would leave two.
    assert table(page, IN_EACH)["B: \u2068Spring 2027\u2069"][0] == "\u2068Health\u2069: 14; other departments: 12"


def test_all_competencies_share_one_widening(people, sign_in, cohort, make_cohort, mixed, database):
    autumn = make_cohort("Autumn 2027")
    everybody = [*mixed(18, 6, into=cohort, name="s"), *mixed(6, 18, into=autumn, name="a")]
    client = sign_in(people.farid)
    one = table(client.get(address(cohort, autumn)).text, DIFFERENCES)["A − B"][1]
    with begin(database) as session:
        for place, trainee in enumerate(everybody):
            give_evidence(session, trainee, competency="D2.3", outcome=place % 2)
    page = client.get(address(cohort, autumn, competency="")).text
    assert page.count(f"<caption>{DIFFERENCES}</caption>") == 2
    widened = table(page, DIFFERENCES)["A − B"][1]

    def ends(words: str) -> list[float]:
        return [float(number) for number in re.findall(r"-?[\d.]+", words)]

    assert ends(widened)[0] < ends(one)[0]
    assert ends(widened)[1] > ends(one)[1]


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("cohort={one}", "Choose two to six cohorts."),
        ("competency=D2.1", "Choose two to six cohorts."),
        ("cohort={one}&cohort={one}", "Choose two to six cohorts."),
        ("cohort={one}&cohort=999999", "Choose cohorts of the list."),
        ("cohort={one}&cohort=abc", "Choose cohorts of the list."),
        ("cohort={one}&cohort={away}", "Choose cohorts of the list."),
        ("cohort={one}&cohort={two}&competency=X9", "Choose a competency of the list."),
        ("&".join(f"cohort={number}" for number in range(1, 9)), "Choose two to six cohorts."),
    ],
)
def test_a_wrong_choice_is_told_in_words_and_kept(people, sign_in, cohort, make_cohort, database, query, words):
    other = make_cohort("Autumn 2027")
    with begin(database, read_only=True) as session:
        away = session.query(Cohort).filter(Cohort.academy_id != cohort.academy_id).one()
    answer = sign_in(people.farid).get("/skills/compare?" + query.format(one=cohort.id, two=other.id, away=away.id))
    assert answer.status_code == 422
    assert words in answer.text
    if "{one}" in query:
        assert re.search(rf'<input checked[^>]*value="{cohort.id}"', answer.text)


def test_the_page_opens_without_a_choice_and_is_found_from_the_heat_map(people, sign_in, cohort):
    client = sign_in(people.bilal)
    assert 'href="/skills/compare"' in client.get("/skills").text
    page = client.get("/skills/compare")
    assert page.status_code == 200
    assert "Spring 2027" in page.text
    assert "error-summary" not in page.text


def test_cohorts_without_evidence_say_so(people, sign_in, cohort, make_cohort):
    page = sign_in(people.farid).get(address(cohort, make_cohort("Empty")))
    assert page.status_code == 200
    assert "There is no evidence of this in any of these cohorts." in page.text


@pytest.mark.both_databases
def test_six_cohorts_take_no_more_statements_than_two(people, sign_in, cohort, make_cohort, enrol_many, database):
    cohorts = [cohort, *(make_cohort(f"Cohort {number}") for number in range(5))]
    for number, each in enumerate(cohorts):
        enrol_many(3, into=each, name=f"c{number}")
    client = sign_in(people.farid)
    counts = []
    for some in (cohorts[:2], cohorts):
        with counted_statements(database) as statements:
            assert client.get(address(*some)).status_code == 200
        counts.append(len(statements))
    assert counts[0] == counts[1]
