"""Every content pack on disk keeps the rules, whatever it teaches."""

import re
import shutil
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from markdown_it import MarkdownIt
from pydantic import BaseModel

from app.content import (
    Bilingual,
    Catalogue,
    Lesson,
    MultipleChoice,
    Notebook,
    Numeric,
    Quiz,
    SingleChoice,
    UnknownActivity,
    UnknownModule,
    load_catalogue,
)

MODULE_IDS = sorted(path.parent.name for path in (Path(__file__).parents[2] / "modules").glob("*/module.toml"))
URDU_LETTER = re.compile(r"[\u0600-\u06FF]")
ARABIC_KEYBOARD_LETTER = re.compile(r"[\u0643\u0647\u0649\u064A\u0629]")  # look-alikes that break search in Urdu
LATIN_WORD = re.compile(r"[A-Za-z]{2,}")
WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
SOURCES_HEADING = re.compile(r"^## (?:Sources|ماخذ)$", re.MULTILINE)


def bilinguals(thing: object) -> Iterator[Bilingual]:
    """Every bilingual text inside a content object, however deep."""
    if isinstance(thing, Bilingual):
        yield thing
    elif isinstance(thing, BaseModel):
        for _, value in thing:
            yield from bilinguals(value)
    elif isinstance(thing, tuple):
        for value in thing:
            yield from bilinguals(value)


def table_figures(markdown: str) -> list[list[str]]:
    """The numbers of each table row, sorted, because the order of words differs between the languages."""
    rows = [line for line in markdown.splitlines() if line.startswith("| ")]
    return [sorted(re.findall(r"\d[\d,.]*\d|\d", row)) for row in rows]


def lessons(catalogue: Catalogue, module_id: str) -> list[Lesson]:
    return [entry for entry in catalogue.module(module_id).activities if isinstance(entry, Lesson)]


def quizzes(catalogue: Catalogue, module_id: str) -> list[Quiz]:
    return [entry for entry in catalogue.module(module_id).activities if isinstance(entry, Quiz)]


def test_the_framework_has_six_domains_of_four_competencies(catalogue: Catalogue) -> None:
    assert list(catalogue.domains) == [f"D{domain}" for domain in range(1, 7)]
    assert list(catalogue.competencies) == [f"D{domain}.{number}" for domain in range(1, 7) for number in range(1, 5)]
    assert all(competency.domain == competency.code[:2] for competency in catalogue.competencies.values())


def test_every_text_is_there_in_both_languages_and_in_its_own_script(catalogue: Catalogue) -> None:
    things = [*catalogue.domains.values(), *catalogue.competencies.values(), *catalogue.modules.values()]
    texts = [text for thing in things for text in bilinguals(thing)]
    assert len(texts) > 24 * 5 + 100
    for text in texts:
        assert not URDU_LETTER.search(text.en), text.en
        if LATIN_WORD.search(text.en):
            assert URDU_LETTER.search(text.ur), text.ur
        assert not ARABIC_KEYBOARD_LETTER.search(text.ur), text.ur


def test_the_language_chooses_the_text_and_an_unknown_language_reads_english() -> None:
    text = Bilingual(en="File", ur="فائل")
    assert text.in_language("ur") == "فائل"
    assert text.in_language("en") == text.in_language("ps") == "File"


@pytest.mark.parametrize("module_id", MODULE_IDS)
def test_the_module_on_disk_is_in_the_catalogue_under_its_folder_name(catalogue: Catalogue, module_id: str) -> None:
    module = catalogue.module(module_id)
    assert module.id == module_id
    assert [module.activity(entry.id) for entry in module.activities] == list(module.activities)
    assert sum(entry.minutes for entry in module.activities) == module.study_minutes


@pytest.mark.parametrize("module_id", MODULE_IDS)
def test_every_lesson_is_short_and_has_a_table_a_question_and_sources(catalogue: Catalogue, module_id: str) -> None:
    for lesson in lessons(catalogue, module_id):
        for language, longest in (("en", 800), ("ur", 1_000)):
            body, sources = SOURCES_HEADING.split(lesson.markdown.in_language(language))
            assert 500 <= len(WORD.findall(body)) <= longest, (lesson.id, language)
            assert re.search(r"^1\. ", sources, re.MULTILINE), (lesson.id, language)
            tokens = {token.type for token in MarkdownIt("commonmark").enable("table").parse(body)}
            assert {"table_open", "blockquote_open", "heading_open"} <= tokens, (lesson.id, language)


@pytest.mark.parametrize("module_id", MODULE_IDS)
def test_both_languages_of_a_lesson_have_the_same_shape_and_the_same_figures(
    catalogue: Catalogue, module_id: str
) -> None:
    parser = MarkdownIt("commonmark").enable("table")
    for lesson in lessons(catalogue, module_id):
        shapes = [
            [token.type for token in parser.parse(text) if token.type.endswith("_open")]
            for text in (lesson.markdown.en, lesson.markdown.ur)
        ]
        assert shapes[0] == shapes[1], lesson.id
        cells, twin = table_figures(lesson.markdown.en), table_figures(lesson.markdown.ur)
        assert cells == twin, lesson.id


@pytest.mark.parametrize("module_id", MODULE_IDS)
def test_lessons_start_below_the_page_title_and_hold_no_raw_html(catalogue: Catalogue, module_id: str) -> None:
    for lesson in lessons(catalogue, module_id):
        for text in (lesson.markdown.en, lesson.markdown.ur):
            tokens = MarkdownIt("commonmark").enable("table").parse(text)
            inline = [child.type for token in tokens for child in token.children or ()]
            assert not {"html_block", "html_inline"} & {*inline, *(token.type for token in tokens)}, lesson.id
            assert tokens[0].tag == "h2"
            assert "h1" not in {token.tag for token in tokens}, lesson.id


@pytest.mark.parametrize("module_id", MODULE_IDS)
def test_a_quiz_has_enough_items_of_each_kind(catalogue: Catalogue, module_id: str) -> None:
    for quiz in quizzes(catalogue, module_id):
        kinds = [item.kind for item in quiz.items]
        assert 8 <= len(kinds) <= 12
        assert min(kinds.count(kind) for kind in ("single_choice", "multiple_choice", "numeric")) >= 2
        assert quiz.max_points == sum(item.points for item in quiz.items)


@pytest.mark.parametrize("module_id", MODULE_IDS)
def test_every_item_has_the_right_number_of_answers_and_feedback_of_its_own_for_each(
    catalogue: Catalogue, module_id: str
) -> None:
    for item in (item for quiz in quizzes(catalogue, module_id) for item in quiz.items):
        if isinstance(item, Numeric):
            feedback = [item.feedback_correct, item.feedback_wrong, *(miss.feedback for miss in item.near_misses)]
        else:
            feedback = [option.feedback for option in item.options]
            correct = sum(option.correct for option in item.options)
            if isinstance(item, SingleChoice):
                assert correct == 1, item.id
            if isinstance(item, MultipleChoice):
                assert 2 <= correct < len(item.options), item.id
        for language in ("en", "ur"):
            texts = [text.in_language(language) for text in feedback]
            assert len(set(texts)) == len(texts), item.id
            assert all(len(WORD.findall(text)) >= 3 for text in texts), (item.id, texts)


@pytest.mark.parametrize("module_id", MODULE_IDS)
def test_every_competency_named_exists_and_the_module_declares_it(catalogue: Catalogue, module_id: str) -> None:
    module = catalogue.module(module_id)
    used = {item.competency for quiz in quizzes(catalogue, module_id) for item in quiz.items}
    for entry in module.activities:
        if isinstance(entry, Lesson | Notebook):
            used |= set(entry.competencies)
        if isinstance(entry, Notebook):
            assert {code for cell in entry.graded_cells for code in cell.competencies} == set(entry.competencies)
    assert used == set(module.competencies) <= set(catalogue.competencies)


def test_an_unknown_id_is_refused_by_name(catalogue: Catalogue) -> None:
    with pytest.raises(UnknownModule, match="no-such-module"):
        catalogue.module("no-such-module")
    with pytest.raises(UnknownActivity, match="no-such-activity"):
        catalogue.module(MODULE_IDS[0]).activity("no-such-activity")


def test_the_catalogue_digest_changes_with_any_file_and_with_nothing_else(
    modules_folder: Path, catalogue: Catalogue, tmp_path: Path
) -> None:
    copy = Path(shutil.copytree(modules_folder, tmp_path / "modules"))
    assert load_catalogue(copy).digest == catalogue.digest
    script = copy / "measure-to-manage" / "notebooks" / "grievances" / "data.py"
    script.write_text(script.read_text("utf-8") + "\n", "utf-8")
    changed = load_catalogue(copy)
    assert changed.digest != catalogue.digest
    assert changed.module("measure-to-manage").digest != catalogue.module("measure-to-manage").digest


def test_a_simulation_names_a_scenario_that_exists(catalogue: Catalogue, modules_folder: Path) -> None:
    scenarios = modules_folder.parent / "simulations" / "scenarios"
    named = [entry.scenario for m in catalogue.modules.values() for entry in m.activities if entry.kind == "simulation"]
    assert named
    for scenario in named:
        tomllib.loads((scenarios / scenario / "scenario.toml").read_text("utf-8"))
