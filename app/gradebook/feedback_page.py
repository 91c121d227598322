"""A stored page of feedback as it is sent: hostile until shown otherwise, so that it can neither act nor load anything.

The one exception is the file with the Urdu letters, by its whole address, since many devices have none of their own.
"""

from __future__ import annotations

from flask import Response, request, url_for

FONT = "vendor/fonts/noto-naskh-arabic-arabic-400-normal.woff2"
LETTERS = "U+0600-06FF, U+0750-077F, U+FB50-FDFF, U+FE70-FEFF"
END_OF_HEAD = b"</head>"


def answer(page: bytes) -> Response:
    """page: as grading.feedback() made it."""
    font = url_for("static", filename=FONT)
    made = Response(page.replace(END_OF_HEAD, _style(font).encode() + END_OF_HEAD, 1), mimetype="text/html")
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


def _style(font: str) -> str:
    return (
        f"<style>@font-face {{ font-family: 'Hunar Naskh'; src: url('{font}') format('woff2'); "
        f"unicode-range: {LETTERS} }}\n"
        'body { font-family: "Hunar Naskh", "Helvetica Neue", Helvetica, Arial, sans-serif }\n'
        'pre, code, kbd { font-family: "Hunar Naskh", Menlo, Monaco, Consolas, monospace }</style>\n'
    )
