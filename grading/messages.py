"""What a failed cell may say to the trainee: short, plain, and nothing of a hidden test."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from nbgrader.preprocessors import ClearHiddenTests

from grading.types import STDERR

MAX_MESSAGE_CHARACTERS = 300
HIDDEN = "[hidden test]"
# Shorter lines, such as "else:", say nothing about a test, and taking them out would garble honest output.
MIN_HIDDEN_CHARACTERS = 8
_ANSI = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_CELL_LINE = re.compile(r"Cell In\[[^\]]{0,20}\], line (\d+)")
_BEGIN = ClearHiddenTests.begin_test_delimeter.default_value
_END = ClearHiddenTests.end_test_delimeter.default_value


def plain(text: str) -> str:
    """Without terminal colours and control characters."""
    return _CONTROL.sub("", _ANSI.sub("", text))


def hidden_line_numbers(source: str) -> frozenset[int]:
    """The lines (from 1) of a test cell that trainees never see."""
    hidden, inside = set(), False
    for number, line in enumerate(source.split("\n"), start=1):
        inside = inside or _BEGIN in line
        if inside:
            hidden.add(number)
        inside = inside and _END not in line
    return frozenset(hidden)


def hidden_texts(sources: Iterable[str]) -> tuple[str, ...]:
    """The lines to take out of whatever a trainee is shown, longest first."""
    lines = {
        line.strip()
        for source in sources
        for number, line in enumerate(source.split("\n"), start=1)
        if number in hidden_line_numbers(source)
    }
    return tuple(sorted((line for line in lines if len(line) >= MIN_HIDDEN_CHARACTERS), key=len, reverse=True))


def redact(text: str, hidden: Iterable[str]) -> str:
    for line in hidden:
        text = text.replace(line, HIDDEN)
    return text


def failure_message(cell: Any, hidden: Iterable[str]) -> str:
    """The last line of what made the cell fail, an error rather than what was printed before it; "" when it did not."""
    outputs = cell.get("outputs", [])
    errors = [_error_message(each, cell.source) for each in outputs if each.output_type == "error"]
    printed = [_named(STDERR, plain(each.text)) for each in outputs if each.get("name") == "stderr"]
    said = next(iter(errors + printed), "")
    return _shorten(redact(plain(said), hidden))


def _error_message(error: Any, source: str) -> str:
    return str(error.ename) if _fails_in_hidden_test(error, source) else _named(error.ename, error.evalue)


def _named(name: str, text: str) -> str:
    """A name, and the last line of what was said."""
    last = next(reversed([line for line in text.splitlines() if line.strip()]), "")
    return f"{name}: {last}" if last else name


def _fails_in_hidden_test(error: Any, source: str) -> bool:
    """True unless the traceback shows that a visible line of the cell failed."""
    hidden = hidden_line_numbers(source)
    if not hidden:
        return False
    failed = _CELL_LINE.search(plain("\n".join(error.traceback)))
    return failed is None or int(failed.group(1)) in hidden


def _shorten(message: str) -> str:
    message = " ".join(message.split())
    return message if len(message) <= MAX_MESSAGE_CHARACTERS else message[: MAX_MESSAGE_CHARACTERS - 1] + "…"
