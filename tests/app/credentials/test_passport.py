"""The passport of a trainee, on the page and as a PDF, and who may see it."""

from __future__ import annotations

import io
from collections.abc import Callable
from types import SimpleNamespace

import pytest
from flask import Flask
from pypdf import PdfReader
from sqlalchemy import Engine, delete
from weasyprint.urls import FatalURLFetchingError

from app.competencies.estimation import METHOD_VERSION
from app.core.db import begin
from app.core.printing import pdf_of
from app.credentials.models import NameCorrection
from tests.app.credentials.conftest import OF_MODULE, held


def text_of(pdf: bytes) -> str:
    return " ".join(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages).split())


def test_a_passport_says_what_is_known_and_what_is_not(
    people: SimpleNamespace, sign_in: Callable, finish_module: Callable, reach_level: Callable
) -> None:
    amina = sign_in(people.amina)
    empty = amina.get("/passport").text
    assert "No module is finished yet" in empty
    assert "Of 24 competencies nothing is known yet" in empty
    finish_module(people.amina)
    reach_level(people.amina)
    page = amina.get("/passport").text
    assert "citizen grievances" in page
    assert "Level 2: user" in page
    assert "4 pieces of evidence" in page
    assert "Of 23 competencies nothing is known yet" in page
    assert METHOD_VERSION in page
    # The figures are those of the skill record, computed in one place.
    shown = page[page.index('class="skill-estimate"') :]
    assert shown[: shown.index("</div>")] in amina.get(f"/record/{people.amina.id}").text


def test_staff_of_the_academy_see_it_and_nobody_else_does(
    people: SimpleNamespace, sign_in: Callable, finish_module: Callable, open_record: Callable
) -> None:
    finish_module(people.amina)
    open_record(people.farid, people.amina)
    for name in ("bilal", "farid"):
        page = sign_in(getattr(people, name)).get(f"/passport/{people.amina.id}")
        assert "citizen grievances" in page.text
        assert "Have it signed" not in page.text
    for name in ("bushra", "zara", "zahid"):
        stranger = sign_in(getattr(people, name))
        for address in (f"/passport/{people.amina.id}", f"/passport/{people.amina.id}/passport.pdf"):
            assert stranger.get(address).status_code == 404


def test_the_pdf_holds_what_the_page_says_and_the_code_of_the_credential(
    people: SimpleNamespace, sign_in: Callable, finish_module: Callable, reach_level: Callable, claim: Callable
) -> None:
    amina = sign_in(people.amina)
    finish_module(people.amina)
    reach_level(people.amina)
    made = claim(amina, people.amina)
    answer = amina.get(f"/passport/{people.amina.id}/passport.pdf")
    assert answer.mimetype == "application/pdf"
    text = text_of(answer.data)
    for part in ("Amina", "Khyber Pakhtunkhwa Academy", "D2.1", "Level 2: user", METHOD_VERSION, "Not yet known"):
        assert part in text
    assert "-".join(made.code[start : start + 4] for start in range(0, 16, 4)) in text


def test_the_pdf_in_urdu_is_set_in_our_own_fonts(
    people: SimpleNamespace, sign_in: Callable, finish_module: Callable
) -> None:
    finish_module(people.bushra)
    answer = sign_in(people.bushra).get(f"/passport/{people.bushra.id}/passport.pdf")
    pages = PdfReader(io.BytesIO(answer.data)).pages
    fonts = {str(font.get_object()["/BaseFont"]) for page in pages for font in page["/Resources"]["/Font"].values()}
    assert any("Naskh" in font for font in fonts)
    assert any("Nastaliq" in font for font in fonts)
    assert "Bushra" in text_of(answer.data)


@pytest.mark.parametrize("address", ["https://example.org/a.png", "file:///etc/passwd", "own:/../hunar.sqlite3"])
def test_nothing_is_fetched_while_a_page_is_printed(app: Flask, address: str, tmp_path) -> None:
    with pytest.raises(FatalURLFetchingError):
        pdf_of(f'<html><body><img src="{address}"></body></html>', tmp_path)


def test_a_name_is_printed_and_not_run(
    database: Engine, people: SimpleNamespace, sign_in: Callable, finish_module: Callable
) -> None:
    with begin(database) as session:
        session.merge(people.amina).full_name = '<img src="https://example.org/a.png">'
    assert "<img src=" in text_of(sign_in(people.amina).get(f"/passport/{people.amina.id}/passport.pdf").data)


@pytest.mark.both_databases
def test_a_name_corrected_once_is_corrected_everywhere(
    app: Flask, database: Engine, people: SimpleNamespace, sign_in: Callable, finish_module: Callable, claim: Callable
) -> None:
    amina, farid = sign_in(people.amina), sign_in(people.farid)
    finish_module(people.amina)
    former = claim(amina, people.amina)
    typed = {"full_name": "Amina  Yousafzai", "reason": "Her family name was missing."}
    assert farid.post(f"/people/{people.amina.id}/name", data=typed).status_code == 303
    passport = amina.get("/passport").text
    assert "Amina Yousafzai" in passport
    for part in ("by \u2068Farid", "before that it read “\u2068Amina\u2069”", "Her family name was missing."):
        assert part in passport
    assert "Her family name was missing." in farid.get(f"/people/{people.amina.id}/name").text
    outdated, renewed = held(database, people.amina)
    assert (outdated.code, renewed.replaces) == (former.code, former.code)
    assert renewed.awarded_at == former.awarded_at
    anyone = app.test_client()
    old, new = (anyone.get(f"/credentials/{each.code}").text for each in (outdated, renewed))
    assert "later replaced it by another one" in old
    # What it said is no longer right, and it is open to everybody.
    assert "Amina" not in old
    assert "The name in this one was corrected since" in old
    with begin(database) as session:  # as retention does after ten years
        session.execute(delete(NameCorrection))
    assert "Amina" not in anyone.get(f"/credentials/{outdated.code}").text
    pasted = anyone.post("/verify", data={"text": outdated.signed}).text
    assert "later replaced it by another one" in pasted
    assert "Amina" not in pasted.replace(outdated.signed, "")
    assert "genuine and in force" in new
    assert "Amina Yousafzai" in new
    assert "made out anew" in new
    # Why a name was corrected is for the person and the academy.
    assert "family name was missing" not in old + new
    assert "corrected a name" in farid.get("/audit").text


def test_a_name_that_a_file_corrects_leaves_the_same_trace_with_and_without_a_credential(
    people: SimpleNamespace, sign_in: Callable, finish_module: Callable, claim: Callable
) -> None:
    farid, amina, bushra = (sign_in(each) for each in (people.farid, people.amina, people.bushra))
    finish_module(people.amina)
    claim(amina, people.amina)
    content = b"username,full name\namina,Amina Gul\nbushra,Bushra Gul\n"
    preview = farid.post("/administration/imports", data={"people": (io.BytesIO(content), "names.csv")})
    assert farid.post(f"{preview.location}/apply").status_code == 303
    for person in (people.amina, people.bushra):
        assert "From the file names.csv" in farid.get(f"/people/{person.id}/name").text
        assert "corrected a name" in farid.get(f"/audit?thing=account:{person.id}").text
    bushra.post("/language", data={"language": "en"})
    assert "before that it read “\u2068Bushra\u2069”" in bushra.get("/passport").text


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"full_name": ""}, "Type the name"),
        ({"full_name": "Amina"}, "This is the name already"),
        ({"full_name": "A" * 121}, "Shorten this to 120"),
        ({"full_name": "Ami\u202ena"}, "cannot be printed"),
        ({"reason": " "}, "Say why"),
    ],
)
def test_a_wrong_correction_is_refused_in_words_and_changes_nothing(
    database: Engine, people: SimpleNamespace, sign_in: Callable, typed: dict[str, str], words: str
) -> None:
    form = {"full_name": "Amina Yousafzai", "reason": "Typed wrongly."} | typed
    farid = sign_in(people.farid)
    answer = farid.post(f"/people/{people.amina.id}/name", data=form)
    assert answer.status_code == 422
    assert words in answer.text
    assert "<bdi>Amina</bdi>" in farid.get(f"/people/{people.amina.id}").text


def test_only_an_administrator_of_the_academy_corrects_names(people: SimpleNamespace, sign_in: Callable) -> None:
    typed = {"full_name": "Somebody", "reason": "None."}
    for name, status in (("bilal", 403), ("amina", 403), ("zahid", 404)):
        answer = sign_in(getattr(people, name)).post(f"/people/{people.amina.id}/name", data=typed)
        assert answer.status_code == status


def test_an_import_that_brings_another_name_makes_out_anew_and_undoing_it_does_too(
    database: Engine, people: SimpleNamespace, sign_in: Callable, finish_module: Callable, claim: Callable
) -> None:
    amina, farid = sign_in(people.amina), sign_in(people.farid)
    finish_module(people.amina)
    claim(amina, people.amina)
    file = (io.BytesIO(b"username,full_name\namina,Amina Yousafzai\n"), "names.csv")
    preview = farid.post("/administration/imports", data={"people": file}).location
    assert farid.post(f"{preview}/apply").status_code == 303
    assert [each.full_name for each in held(database, people.amina)] == ["Amina", "Amina Yousafzai"]
    assert "From the file names.csv" in amina.get("/passport").text
    page = farid.get(f"{preview}/undo").text
    digest = page.partition('name="digest" value="')[2].partition('"')[0]
    assert farid.post(f"{preview}/undo", data={"digest": digest}).status_code == 303
    newest = held(database, people.amina)[-1]
    assert (newest.full_name, newest.achievement, newest.superseded_at) == ("Amina", OF_MODULE, None)
