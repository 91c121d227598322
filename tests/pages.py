"""Pages as a person meets them: forms with what they would send, and the text."""

from __future__ import annotations

import re
from html.parser import HTMLParser

from flask.testing import FlaskClient


def without_tokens(html: str) -> str:
    """A page without the tokens of its forms, which change with the second."""
    return re.sub('name="csrf[-_]token" (value|content)="[^"]*"', "", html)


class Page(HTMLParser):
    """Forms of a page, each with its address and what it would send; and the text that a reader sees."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.forms: list[dict[str, str]] = []
        self.texts: list[str] = []
        self._select = ""
        self._textarea = ""
        self._skipped = 0
        self.feed(html)

    @property
    def text(self) -> str:
        return re.sub(r"\s+", " ", " ".join(self.texts))

    def form(self, ending: str, **fields: str) -> dict[str, str]:
        """The first form whose address ends so and that holds these fields, with its address under "action"."""
        return next(form for form in self.forms if form["action"].endswith(ending) and fields.items() <= form.items())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append({"action": found["action"]})
        elif tag == "input" and self.forms and "name" in found:
            self.forms[-1][found["name"]] = found.get("value", "")
        elif tag == "select":
            self._select = found["name"]
        elif tag == "option" and "selected" in found:
            self.forms[-1][self._select] = found["value"]
        elif tag == "textarea":
            self._textarea = found["name"]
            self.forms[-1][self._textarea] = ""
        elif tag in {"script", "svg"}:
            self._skipped += 1

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self._textarea = ""
        elif tag in {"script", "svg"}:
            self._skipped -= 1

    def handle_data(self, data: str) -> None:
        if self._textarea:
            self.forms[-1][self._textarea] += data
        elif not self._skipped:
            self.texts.append(data)


def send(client: FlaskClient, form: dict[str, str], **changes: str):
    fields = {name: value for name, value in form.items() if name != "action"}
    return client.post(form["action"], data=fields | changes)
