"""The passport as a PDF: the page of our own, laid out by WeasyPrint; Pango shapes its letters.

Nothing is fetched from anywhere while it is laid out: fonts are our own files, and there is nothing else to fetch.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import segno
from markupsafe import Markup
from weasyprint import CSS, HTML
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

STYLE = Path(__file__).with_name("passport.css")
OWN = "own"


class OwnFonts(URLFetcher):  # type: ignore[misc]
    """Gives font files of one folder, as own:/name.woff2, and refuses whatever else is asked for."""

    def __init__(self, folder: Path) -> None:
        super().__init__(allowed_protocols=(OWN,), allow_redirects=False)
        self._files = {path.name: path for path in folder.glob("*.woff2")}

    def fetch(self, url: str, headers: Any = None) -> URLFetcherResponse:  # noqa: ARG002 - as it is called
        """Raises FatalURLFetchingError for what is not one of these files."""
        scheme, _, path, *_rest = urlsplit(url)
        font = self._files.get(path.removeprefix("/"))
        if scheme != OWN or font is None:
            raise FatalURLFetchingError(f"A printed page asked for {url[:80]}.")
        return URLFetcherResponse(url, font.read_bytes(), {"Content-Type": "font/woff2"})


def pdf_of(page: str, fonts: Path) -> bytes:
    """A page of our own as a tagged PDF. fonts: the folder of the files that its style names."""
    fetcher, configuration = OwnFonts(fonts), FontConfiguration()
    style = CSS(string=STYLE.read_text(), url_fetcher=fetcher, font_config=configuration, base_url=f"{OWN}:/")
    document = HTML(string=page, url_fetcher=fetcher, base_url=f"{OWN}:/")
    return bytes(document.write_pdf(stylesheets=[style], font_config=configuration, pdf_tags=True))


def picture_of(address: str) -> Markup:
    """A QR code of an address, as a drawing."""
    drawn = segno.make_qr(address, error="m").svg_inline(scale=1, border=4, omitsize=True, light="#fff")
    return Markup(drawn)  # noqa: S704 - drawn here from our own text
