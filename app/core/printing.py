"""Pages of our own as PDF, laid out by WeasyPrint; Pango shapes their letters.

Nothing is fetched from anywhere while a page is laid out: fonts are our own files, and there is nothing else to fetch.
The library takes forty megabytes, so the portal never loads it: app/core/files.py has this done apart.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from weasyprint import CSS, HTML
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

# What every printed page has: fonts, margins, headings, tables.
STYLE = Path(__file__).with_name("printed.css")
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


def pdf_of(page: str, fonts: Path, style: Path | None = None) -> bytes:
    """A page of our own as a tagged PDF. fonts: the folder of the files that styles name; style: the page's own."""
    fetcher, configuration = OwnFonts(fonts), FontConfiguration()
    styles = [
        CSS(string=path.read_text(), url_fetcher=fetcher, font_config=configuration, base_url=f"{OWN}:/")
        for path in (STYLE, style)
        if path is not None
    ]
    document = HTML(string=page, url_fetcher=fetcher, base_url=f"{OWN}:/")
    return bytes(document.write_pdf(stylesheets=styles, font_config=configuration, pdf_tags=True))
