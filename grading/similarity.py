"""Submissions that share passages, by winnowing (Schleimer, Wilkerson and Aiken, 2003): pairs for a person to look at.

What was given out, and what many wrote, tells nothing and is left out. Names, numbers and texts of a program are taken
to be alike, so that renaming hides nothing; of prose the words are compared.
"""

from __future__ import annotations

import json
import keyword
import re
import token
import tokenize
from collections import Counter, defaultdict
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from itertools import combinations
from typing import Any

# Passages of at least GRAM + WINDOW - 1 tokens are found wherever they are; shorter than GRAM never.
GRAMS = {"code": 14, "markdown": 6}
WINDOW = 6
# A passage that stands in more than this share of the submissions, and in more than two, is what the task asks for.
COMMON_SHARE = 0.2
LEAST_MARKS = 4
LEAST_SHARE = 0.3
# Of one notebook, since somebody waits for the page; the longest of our labs has a quarter of this. Of a cell that is
# longer than its share the beginning is compared, and of a mark that stands in many places the first are kept.
MOST_CHARACTERS = 100_000
MOST_PLACES = 50
# For each sign that Python does not know, its tokenizer may look at the rest of the line anew.
MOST_ODD_CHARACTERS = 200_000
WORD = re.compile(r"\w+")
# Lines of a program that are not blank and not a comment alone; a comment that may end a text is kept.
WRITTEN_LINE = re.compile(r"""^[^\S\n]*+(?:[^\s#].*|#.*(?:'\''|""\").*)$""", re.MULTILINE)
LAYOUT = {token.NEWLINE, token.INDENT, token.DEDENT, token.ENDMARKER, tokenize.NL, tokenize.COMMENT, token.ENCODING}


@dataclass(frozen=True)
class Passage:
    """Lines of a cell, both counted from 0, the last one included."""

    cell: int
    first: int
    last: int


@dataclass(frozen=True)
class Pair:
    """Two submissions that share passages. share: of the fingerprints of the one with fewer, 0 to 1.

    first_passages, second_passages: where they stand in each.
    """

    first: int
    second: int
    share: float
    first_passages: tuple[Passage, ...]
    second_passages: tuple[Passage, ...]


Marks = Mapping[bytes, tuple[Passage, ...]]
Token = tuple[str, int]


class _TooLong(Exception):
    """The rest of a cell is not compared."""


@dataclass(frozen=True)
class Fingerprints:
    """Of what a person wrote in a notebook. marks: each with the first passages that it stands for.

    cut: cells that were too long to be compared whole, counted from 0.
    """

    marks: Marks
    cut: tuple[int, ...]


def similar_pairs(submissions: Mapping[int, bytes], released: Iterable[bytes]) -> list[Pair]:
    """Pairs of submissions that share much, the most alike first.

    submissions: notebooks as nbformat 4 by a number of the caller's; released: every version that was given out.
    """
    given = {mark for version in released for mark in fingerprints(version, is_given=True).marks}
    marks = {number: _without(fingerprints(content).marks, given) for number, content in submissions.items()}
    spread = Counter(mark for found in marks.values() for mark in found)
    most = max(2, COMMON_SHARE * len(submissions))
    common = {mark for mark, count in spread.items() if count > most}
    own = {number: _without(found, common) for number, found in marks.items()}
    holders: dict[bytes, list[int]] = defaultdict(list)
    for number, found in own.items():
        for mark in found:
            holders[mark].append(number)
    shared = Counter(pair for numbers in holders.values() for pair in combinations(sorted(numbers), 2))
    pairs = [_pair(first, second, own) for (first, second), count in shared.items() if count >= LEAST_MARKS]
    return sorted((pair for pair in pairs if pair.share >= LEAST_SHARE), key=lambda pair: -pair.share)


def _pair(first: int, second: int, own: Mapping[int, Marks]) -> Pair:
    both = own[first].keys() & own[second].keys()
    fewer = min(len(own[first]), len(own[second]))
    return Pair(first, second, len(both) / fewer, _places(own[first], both), _places(own[second], both))


def _places(marks: Marks, shared: set[bytes]) -> tuple[Passage, ...]:
    places = {passage for mark in shared for passage in marks[mark]}
    return tuple(sorted(places, key=lambda passage: (passage.cell, passage.first, passage.last)))


def _without(marks: Marks, left_out: Container[bytes]) -> Marks:
    return {mark: places for mark, places in marks.items() if mark not in left_out}


def cut_cells(notebook: bytes) -> tuple[int, ...]:
    """Cells, counted from 0, that are too long to be compared whole; of each the beginning is."""
    return fingerprints(notebook).cut


@lru_cache(maxsize=2048)
def fingerprints(notebook: bytes, *, is_given: bool = False) -> Fingerprints:
    """The fingerprints of what a person wrote in a notebook, each cell as far as it is compared.

    is_given: of locked cells too, which are plain ones in work that a newer version of the lab was graded with.
    """
    cells = json.loads(notebook)["cells"]
    written = {number: "".join(cell["source"]) for number, cell in enumerate(cells) if _is_compared(cell, is_given)}
    compared: dict[int, list[Token]] = {}
    cut, left = [], MOST_CHARACTERS
    # The short ones first: whoever makes one long hides none of the others.
    for done, number in enumerate(sorted(written, key=lambda each: len(written[each]))):
        budget = _Budget(left // (len(written) - done))
        is_code = cells[number]["cell_type"] == "code"
        compared[number] = _program(written[number], budget) if is_code else _prose(written[number], budget)
        left -= budget.spent
        if budget.is_exceeded:
            cut.append(number)
    found: dict[bytes, dict[Passage, None]] = defaultdict(dict)
    for number in written:
        for mark, first, last in _winnowed(compared[number], GRAMS[cells[number]["cell_type"]]):
            if len(places := found[mark]) < MOST_PLACES:
                places[Passage(number, first, last)] = None
    return Fingerprints({mark: tuple(places) for mark, places in found.items()}, tuple(sorted(cut)))


def _is_compared(cell: Mapping[str, Any], with_locked: bool) -> bool:
    is_locked = cell["metadata"].get("nbgrader", {}).get("locked")
    return (with_locked or not is_locked) and cell["cell_type"] in GRAMS


class _Budget:
    """How many characters of a cell are compared."""

    def __init__(self, most: int) -> None:
        self._most = most
        self.spent = 0
        self.is_exceeded = False

    def spend(self, characters: int) -> bool:
        """Whether so many more are compared."""
        self.is_exceeded = self.is_exceeded or self.spent + characters > self._most
        if not self.is_exceeded:
            self.spent += characters
        return not self.is_exceeded


def _program(source: str, budget: _Budget) -> list[Token]:
    """What a program does, without its names and values; as prose where it is no Python."""
    lines, numbers = _written_lines(source), list[int]()

    def readline() -> str:
        # Lines of a text or of a long statement may hold no sign of their own.
        if len(numbers) == MOST_CHARACTERS:
            raise _TooLong
        number, line = next(lines)
        numbers.append(number)
        return line

    tokens = list[Token]()
    try:
        for each in _signs(readline):
            if each.type not in LAYOUT:
                text = _alike(each)
                if not budget.spend(min(len(text), len(each.string))):
                    break
                tokens.append((text, numbers[each.start[0] - 1]))
    except _TooLong:
        budget.is_exceeded = True
    except (tokenize.TokenError, SyntaxError):
        budget.spent = 0
        return _prose(source, budget)
    return tokens


def _written_lines(source: str) -> Iterator[tuple[int, str]]:
    """Lines of a program that say something, each with its number from 0."""
    number = at = 0
    for found in WRITTEN_LINE.finditer(source):
        number += source.count("\n", at, found.start())
        at = found.start()
        yield number, f"{found.group()}\n"


def _signs(readline: Callable[[], str]) -> Iterator[tokenize.TokenInfo]:
    """The tokens of a program. Raises SyntaxError, also where too much is no Python, and TokenError."""
    odd = 0
    for each in tokenize.generate_tokens(readline):
        odd += len(each.line) if each.type == token.ERRORTOKEN else 0
        if odd > MOST_ODD_CHARACTERS:
            raise SyntaxError
        yield each


def _alike(each: tokenize.TokenInfo) -> str:
    if each.type == token.NAME and not keyword.iskeyword(each.string):
        return "name"
    if each.type in {token.NUMBER, token.STRING}:
        return "value"
    return each.string


def _prose(source: str, budget: _Budget) -> list[Token]:
    tokens = list[Token]()
    number = at = 0
    for found in WORD.finditer(source):
        if not budget.spend(len(found.group())):
            break
        number += source.count("\n", at, found.start())
        at = found.start()
        tokens.append((found.group().lower(), number))
    return tokens


def _winnowed(tokens: Sequence[Token], gram: int) -> Iterator[tuple[bytes, int, int]]:
    """Of each window of hashes the smallest, the rightmost of equals, with its first and last line."""
    texts = [text for text, _line in tokens]
    hashes = [(_hash(texts[start : start + gram]), -start) for start in range(len(tokens) - gram + 1)]
    windows = range(max(1, len(hashes) - WINDOW + 1) if hashes else 0)
    for mark, place in sorted({min(hashes[start : start + WINDOW]) for start in windows}, key=lambda each: -each[1]):
        yield mark, tokens[-place][1], tokens[-place + gram - 1][1]


def _hash(texts: Sequence[str]) -> bytes:
    return blake2b("\x1f".join(texts).encode(), digest_size=8).digest()
