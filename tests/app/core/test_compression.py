"""Pages travel compressed; a draft's version does not change on the way."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace

import brotli


def test_a_page_is_compressed_for_those_who_can_read_it(people: SimpleNamespace, sign_in: Callable) -> None:
    client = sign_in(people.amina)
    plain = client.get("/learn/measure-to-manage/quiz")
    packed = client.get("/learn/measure-to-manage/quiz", headers={"Accept-Encoding": "br"})
    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "br"
    assert len(packed.data) < len(plain.data) / 3
    assert "</html>" in brotli.decompress(packed.data).decode()


def test_a_draft_keeps_its_version_whatever_the_browser_accepts(people: SimpleNamespace, sign_in: Callable) -> None:
    client = sign_in(people.amina)
    answer = client.get(
        "/notebooks/measure-to-manage/grievances/notebook.ipynb", headers={"Accept-Encoding": "br, gzip"}
    )
    assert answer.headers["ETag"] == '"0"'
