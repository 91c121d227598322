"""A stored page of feedback as it is sent: hostile until shown otherwise, so that it can neither act nor load anything.

The one exception is the file with the Urdu letters, by its whole address, since many devices have none of their own.
"""

from __future__ import annotations

import html
import re

from flask import Response, request, url_for
from markupsafe import Markup

from app.core.locale import language
from app.core.wording import direction
from app.notebooks.explanations import meaning_of

FONT = "vendor/fonts/noto-naskh-arabic-arabic-400-normal.woff2"
LETTERS = "U+0600-06FF, U+0750-077F, U+FB50-FDFF, U+FE70-FEFF"
END_OF_HEAD = "</head>"
ERROR = re.compile(r'<div class="output_subarea output_text output_error">\s*<pre>(.*?)</pre>', re.DOTALL)
TAG = re.compile(r"<[^>]*>")
MESSAGE = re.compile(r"[A-Za-z_][\w.]*(: .*)?")
# The notebook decides how long a line is that the explanations are matched against.
LONGEST_MESSAGE = 300


def answer(page: bytes) -> Response:
    """page: as grading.feedback() made it. Under each error stands what it means, in the reader's language."""
    font = url_for("static", filename=FONT)
    text = ERROR.sub(_explained, page.decode()).replace(END_OF_HEAD, _style(font) + END_OF_HEAD, 1)
    made = Response(text, mimetype="text/html")
    made.headers["Content-Security-Policy"] = "; ".join(
        (
            "default-src 'none'",
            "style-src 'unsafe-inline'",
            "img-src data:",
            f"font-src {request.host_url.rstrip('/')}{font}",
            "frame-ancestors 'self'",
            "sandbox",
        )
    )
    return made


def _explained(error: re.Match[str]) -> str:
    lines = html.unescape(TAG.sub("", error[1])).splitlines()
    message = next((line for line in reversed(lines) if MESSAGE.fullmatch(line)), "")
    if not message or (meaning := meaning_of(message[:LONGEST_MESSAGE], "\n".join(lines))) is None:
        return error[0]
    sentence = Markup('<p class="meaning" lang="{}" dir="{}">{}</p>').format(language(), direction(), meaning)
    return f"{error[0]}{sentence}"


def _style(font: str) -> str:
    return (
        f"<style>@font-face {{ font-family: 'Hunar Naskh'; src: url('{font}') format('woff2'); "
        f"unicode-range: {LETTERS} }}\n"
        'body { font-family: "Hunar Naskh", "Helvetica Neue", Helvetica, Arial, sans-serif }\n'
        ".meaning { max-width: 45em; margin: 0.3em 0 0.8em; font-size: 1.1em; line-height: 1.7 }\n"
        'pre, code, kbd { font-family: "Hunar Naskh", Menlo, Monaco, Consolas, monospace }</style>\n'
    )
