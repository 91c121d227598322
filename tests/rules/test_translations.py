"""Every text that a person reads has an Urdu twin: the catalogue is complete, current and fills in the same values."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po

from config import ROOT

URDU = ROOT / "app" / "translations" / "ur" / "LC_MESSAGES" / "messages.po"
PLACEHOLDER = re.compile(r"%\([a-z_]+\)s|\{[a-z]+\}")
ARABIC_LETTER = re.compile(r"[؀-ۿ]")


@pytest.fixture(scope="module")
def urdu() -> Catalog:
    with URDU.open("rb") as file:
        return read_po(file, locale="ur")


@pytest.fixture(scope="module")
def texts_of_the_code() -> set[str]:
    with Path(ROOT / "babel.cfg").open() as file:
        methods, options = parse_mapping_cfg(file)
    found = extract_from_dir(
        ROOT / "app",
        method_map=[(f"**/{pattern}", method) for pattern, method in methods],
        options_map=options,
        keywords=DEFAULT_KEYWORDS | {"_l": None},
    )
    return {message if isinstance(message, str) else message[0] for _file, _line, message, _notes, _context in found}


def messages(catalogue: Catalog) -> Iterator[tuple[str, Message]]:
    for message in catalogue:
        if message.id:
            yield (message.id if isinstance(message.id, str) else message.id[0]), message


def forms(message: Message) -> list[str]:
    return [message.string] if isinstance(message.string, str) else list(message.string)


def test_the_catalogue_holds_exactly_the_texts_of_the_code(urdu: Catalog, texts_of_the_code: set[str]) -> None:
    assert len(texts_of_the_code) > 300
    assert {text for text, _message in messages(urdu)} == texts_of_the_code, "run `make i18n`"


def test_no_text_is_untranslated_or_only_guessed(urdu: Catalog) -> None:
    assert [text for text, message in messages(urdu) if message.fuzzy or not all(forms(message))] == []


def test_translations_are_urdu_and_fill_in_the_same_values(urdu: Catalog) -> None:
    wrong = []
    for text, message in messages(urdu):
        originals = [message.id] if isinstance(message.id, str) else message.id
        for original, form in zip(originals, forms(message), strict=True):
            has_words = re.search(r"[A-Za-z]{2}", PLACEHOLDER.sub("", original))
            same_values = set(PLACEHOLDER.findall(original)) == set(PLACEHOLDER.findall(form))
            if not same_values or (has_words and not ARABIC_LETTER.search(form)):
                wrong.append(text)
    assert wrong == []


def test_values_in_quotation_marks_are_set_apart(urdu: Catalog) -> None:
    """Else a Latin name takes the number after it along to its other side."""
    bare = re.compile(r"[“”]%\(")
    assert [text for text, message in messages(urdu) if any(bare.search(form) for form in forms(message))] == []
