"""The first steps in a notebook come by themselves until the trainee ends them, on whatever computer."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace

from flask.testing import FlaskClient

LAB = "/notebooks/measure-to-manage/grievances"
SignIn = Callable[..., FlaskClient]


def come_by_themselves(client: FlaskClient) -> bool:
    page = client.get(LAB).text
    assert 'id="first-steps"' in page
    return "data-new" in page


def test_the_first_steps_come_until_they_are_ended_and_for_others_still(
    people: SimpleNamespace, sign_in: SignIn
) -> None:
    at_the_office = sign_in(people.amina)
    assert come_by_themselves(at_the_office)
    for _time in range(2):
        assert at_the_office.post("/notebooks/first-steps").status_code == 204
    assert not come_by_themselves(sign_in(people.amina))
    assert come_by_themselves(sign_in(people.bushra))


def test_the_steps_are_told_in_the_readers_language(people: SimpleNamespace, sign_in: SignIn) -> None:
    assert "Run a cell" in sign_in(people.amina).get(LAB).text
    assert "ایک خانہ چلائیں" in sign_in(people.bushra).get(LAB).text
