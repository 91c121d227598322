"""A notebook as it arrives from a browser or a file: checked, cleaned and given its bytes; nothing of it is run."""

from __future__ import annotations

import json
from typing import Any

from flask import Response
from flask_babel import gettext as _

from app.core.errors import Refused

MEBIBYTE = 1024 * 1024
# Each bracket becomes a Python object of some hundred bytes or more.
MAX_CONTAINERS = 400_000


def read_draft(content: bytes, *, limit_bytes: int) -> bytes:
    """The stored form of a notebook that the lab's page saves. Raises Refused.

    Only what would not open again is refused: a draft must never be lost for being unfinished.
    """
    document = _as_json(content, limit_bytes)
    if not isinstance(document, dict) or not isinstance(document.get("cells"), list) or document.get("nbformat") != 4:
        raise Refused(_not_a_notebook())
    return _stored(document, limit_bytes)


def read_submission(content: bytes, *, limit_bytes: int) -> bytes:
    """The stored form of a notebook file. Raises Refused with what is wrong with it."""
    document = _as_json(content, limit_bytes)
    _check_structure(document)
    return _stored(document, limit_bytes)


def _as_json(content: bytes, limit_bytes: int) -> Any:
    _check_size(len(content), limit_bytes)
    if content.count(b"{") + content.count(b"[") > MAX_CONTAINERS:
        raise Refused(_not_a_notebook())
    try:
        return json.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        raise Refused(
            _(
                "This file is not a notebook: its content cannot be read as JSON. Save your work as a notebook "
                "(.ipynb) and send that file. What you submitted or saved before is kept."
            )
        ) from None


def _check_structure(document: Any) -> None:
    if not isinstance(document, dict) or not isinstance(document.get("nbformat"), int):
        raise Refused(_not_a_notebook())
    # nbformat takes two seconds to import; the portal is up without waiting for the first submission.
    import nbformat.reader  # noqa: PLC0415

    try:
        # nbformat.reads would check the notebook once more, only to print what is wrong with it.
        notebook = nbformat.convert(nbformat.reader.reads(json.dumps(document)), 4)  # type: ignore[no-untyped-call]
        nbformat.validate(notebook, relax_add_props=True)
    except Exception:
        # nbformat raises whatever the structure provokes; none of it is our fault.
        raise Refused(_not_a_notebook()) from None


def _stored(document: dict[str, Any], limit_bytes: int) -> bytes:
    for cell in document.get("cells", ()):
        # JupyterLite marks cells as trusted; that is not the trainee's work and would change the hash.
        if isinstance(cell, dict) and isinstance(cell.get("metadata"), dict):
            cell["metadata"].pop("trusted", None)
    try:
        text = json.dumps(document, ensure_ascii=False, allow_nan=False)
    except (ValueError, RecursionError):
        raise Refused(_not_a_notebook()) from None
    # A browser that cuts a long output may leave half an emoji, which is no reason to lose a draft.
    content = text.encode("utf-8", "surrogatepass").decode("utf-8", "replace").encode()
    _check_size(len(content), limit_bytes)
    return content


def _check_size(size: int, limit_bytes: int) -> None:
    if size > limit_bytes:
        raise Refused(
            _(
                "This notebook has %(size)s MB; at most %(limit)s MB can be taken. Clear large outputs in it "
                "(menu Edit, Clear Outputs of All Cells) and try again.",
                size=f"{size / MEBIBYTE:.1f}",
                limit=f"{limit_bytes / MEBIBYTE:.0f}",
            ),
            status=413,
        )


def _not_a_notebook() -> str:
    return str(
        _(
            "This file is not a notebook that Jupyter can open. Choose the file that ends in .ipynb, as you "
            "downloaded it from this page. What you submitted or saved before is kept."
        )
    )


def as_answer(content: bytes, name: str) -> Response:
    """A notebook as a file of this name, which no cache keeps: the next look wants what is saved then."""
    answer = Response(content, mimetype="application/x-ipynb+json")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    answer.headers["Cache-Control"] = "no-store"
    return answer
