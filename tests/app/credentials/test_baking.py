"""Pictures of badges hold their credential, and of what somebody uploads only a credential is read."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable
from types import SimpleNamespace
from xml.etree import ElementTree

import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image, ImageFile
from PIL.PngImagePlugin import PngInfo

from app.credentials.models import Credential

NAMESPACE = "https://purl.imsglobal.org/ob/v3p0"
DAMAGED, NONE, SEVERAL = (
    "The picture is damaged.",
    "There is no credential in this picture.",
    "more than one credential",
)


@pytest.fixture
def amina(people: SimpleNamespace, sign_in: Callable, finish_module: Callable) -> FlaskClient:
    finish_module(people.amina)
    return sign_in(people.amina)


@pytest.fixture
def made(people: SimpleNamespace, amina: FlaskClient, claim: Callable) -> Credential:
    return claim(amina, people.amina)


@pytest.fixture
def verify(app: Flask) -> Callable[[bytes], tuple[int, str]]:
    """What anybody reads who uploads this."""

    def send(content: bytes) -> tuple[int, str]:
        answer = app.test_client().post("/verify", data={"file": (io.BytesIO(content), "badge")})
        return answer.status_code, answer.text

    return send


def badge(client: FlaskClient, made: Credential, ending: str) -> bytes:
    answer = client.get(f"/passport/credentials/{made.id}/badge.{ending}")
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    return answer.data


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def with_chunks(picture: bytes, *chunks: bytes) -> bytes:
    """The picture with these chunks before its end."""
    return picture[:-12] + b"".join(chunks) + picture[-12:]


def plain(**texts: str) -> bytes:
    """A picture without anything of ours but these texts."""
    target, info = io.BytesIO(), PngInfo()
    for keyword, text in texts.items():
        info.add_itxt(keyword, text)
    Image.new("RGB", (8, 8)).save(target, "PNG", pnginfo=info)
    return target.getvalue()


def baked(signed: str, *, count: int = 1, root: str = "svg", before: str = "") -> bytes:
    element = f'<b:credential verify="{signed}"/>'
    return (
        f'{before}<{root} xmlns="http://www.w3.org/2000/svg" xmlns:b="{NAMESPACE}">{element * count}</{root}>'.encode()
    )


def test_a_png_holds_the_credential_uncompressed_in_its_chunk_and_is_a_picture(
    amina: FlaskClient, made: Credential, verify: Callable
) -> None:
    content = badge(amina, made, "png")
    with Image.open(io.BytesIO(content)) as picture:
        picture.load()
        assert picture.size == (600, 600)
        assert picture.text == {"openbadgecredential": made.signed}
    assert b"openbadgecredential\0\0\0\0\0" + made.signed.encode() in content
    assert made.full_name.encode() not in content
    status, page = verify(content)
    assert status == 200
    assert "alert-success" in page
    assert made.full_name in page


def test_an_svg_holds_it_directly_after_its_opening_tag(amina: FlaskClient, made: Credential, verify: Callable) -> None:
    content = badge(amina, made, "svg")
    root = ElementTree.fromstring(content)
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert root[0].tag == f"{{{NAMESPACE}}}credential"
    assert root[0].attrib == {"verify": made.signed}
    assert f'xmlns:openbadges="{NAMESPACE}"'.encode() in content
    assert b"<script" not in content
    status, page = verify(content)
    assert (status, "alert-success" in page, made.full_name in page) == (200, True, True)


def test_the_passport_leads_to_both_pictures_and_nobody_else_gets_them(
    amina: FlaskClient, made: Credential, people: SimpleNamespace, sign_in: Callable
) -> None:
    page = amina.get("/passport").text
    for ending in ("png", "svg"):
        address = f"/passport/credentials/{made.id}/badge.{ending}"
        assert address in page
        assert sign_in(people.bushra).get(address).status_code == 404


def test_a_picture_of_an_altered_credential_is_told_apart(made: Credential, verify: Callable) -> None:
    header, payload, signature = made.signed.split(".")
    for content in (
        plain(openbadgecredential=f"{header}.{payload[:-4]}AAAA.{signature}"),
        baked(f"{header}.{payload}.{signature[:-4]}AAAA"),
    ):
        status, page = verify(content)
        assert (status, "alert-danger" in page, made.full_name in page) == (200, True, False)


def test_a_compressed_chunk_of_another_maker_is_read_too(made: Credential, verify: Callable) -> None:
    text = b"openbadgecredential\0\1\0\0\0" + zlib.compress(made.signed.encode())
    status, page = verify(with_chunks(plain(), chunk(b"iTXt", text)))
    assert (status, "alert-success" in page) == (200, True)


@pytest.mark.parametrize("is_lenient", [False, True])
def test_what_cannot_be_read_from_a_picture_is_said(
    made: Credential, verify: Callable, amina: FlaskClient, monkeypatch: pytest.MonkeyPatch, is_lenient: bool
) -> None:
    """Whether or not another library in the process, as WeasyPrint does, has told Pillow to take broken pictures."""
    monkeypatch.setattr(ImageFile, "LOAD_TRUNCATED_IMAGES", is_lenient)
    picture = badge(amina, made, "png")
    text = b"openbadgecredential\0\0\0\0\0" + made.signed.encode()
    middle = len(picture) // 2
    bomb = b"openbadgecredential\0\1\0\0\0" + zlib.compress(b"0" * 50_000_000, 9)
    for content, message in (
        (plain(), NONE),
        (plain(comment="x"), NONE),
        (with_chunks(picture, chunk(b"iTXt", text)), SEVERAL),
        (picture[:middle], DAMAGED),
        (picture[:8], DAMAGED),
        (picture[:8] + b"\xff" * 40, DAMAGED),
        (picture.replace(made.signed[:20].encode(), b"x" * 20), DAMAGED),
        (with_chunks(plain(), chunk(b"iTXt", bomb)), NONE if is_lenient else DAMAGED),
        (b'<svg xmlns="http://www.w3.org/2000/svg"/>', NONE),
        (baked(made.signed, count=2), SEVERAL),
        (baked(made.signed)[:-3], DAMAGED),
        (baked(made.signed, before='<!DOCTYPE svg [<!ENTITY a "aaaa">]>'), DAMAGED),
        (baked(made.signed, before='<?xml version="1.0" encoding="no-such"?>'), DAMAGED),
        (b"<" + b"\xff" * 10, DAMAGED),
        (picture + b"0" * (2 * 1024 * 1024), "larger than 2 MB"),
    ):
        status, page = verify(content)
        assert status == 422, message
        assert "alert-success" not in page
        assert message in page


def test_no_pixel_of_a_picture_is_decoded(made: Credential, verify: Callable) -> None:
    """Fifty thousand pixels square would be seven gigabytes."""
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 50_000, 50_000, 8, 2, 0, 0, 0))
    text = chunk(b"iTXt", b"openbadgecredential\0\0\0\0\0" + made.signed.encode())
    content = b"\x89PNG\r\n\x1a\n" + header + text + chunk(b"IDAT", zlib.compress(b"0" * 1000)) + chunk(b"IEND", b"")
    status, page = verify(content)
    assert (status, "alert-success" in page) == (200, True)


def test_a_deep_svg_is_read_without_harm(made: Credential, verify: Callable) -> None:
    deep = b"<g>" * 50_000 + b"</g>" * 50_000
    content = baked(made.signed).replace(b"</svg>", deep + b"</svg>")
    status, page = verify(content)
    assert (status, "alert-success" in page) == (200, True)


def test_an_svg_that_holds_its_content_as_json_is_read_as_json_is(
    made: Credential, verify: Callable, amina: FlaskClient
) -> None:
    content = amina.get(f"/passport/credentials/{made.id}/credential.json").data.decode()
    body = f"<b:credential><![CDATA[{content}]]></b:credential>"
    picture = f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:b="{NAMESPACE}">{body}</svg>'
    status, page = verify(picture.encode())
    assert (status, "alert-success" in page) == (200, True)
