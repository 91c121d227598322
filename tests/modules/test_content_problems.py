"""A broken content pack is refused with the file, the place, what is wrong and what is allowed."""

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from app.content import ContentError, Notebook, Problem, load_catalogue

PACK = "modules/measure-to-manage"


@pytest.fixture
def modules(modules_folder: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(modules_folder, tmp_path / "modules"))


def problems_of(modules: Path) -> tuple[Problem, ...]:
    with pytest.raises(ContentError) as caught:
        load_catalogue(modules)
    return caught.value.problems


def replace(path: Path, pattern: str, replacement: str) -> None:
    """Change one place of a file; the test is wrong when that place is not there."""
    text, count = re.subn(pattern, replacement, path.read_text("utf-8"), count=1, flags=re.DOTALL)
    assert count == 1, pattern
    path.write_text(text, "utf-8")


BREAKAGES: dict[str, tuple[str, str, str, Problem]] = {
    "an unknown key of a module": (
        "module.toml",
        r"study_minutes = 150",
        "study_minutes = 150\nhours = 3",
        Problem(
            f"{PACK}/module.toml",
            "hours",
            "is not a known key.",
            "activities, competencies, source_note, study_minutes, summary, title",
        ),
    ),
    "an unknown key of an option": (
        "quiz.toml",
        r'id = "count"\n',
        'id = "count"\nright = true\n',
        Problem(
            f"{PACK}/quiz.toml",
            "items.0.single_choice.options.0.right",
            "is not a known key.",
            "correct, feedback, id, text",
        ),
    ),
    "a title without Urdu": (
        "module.toml",
        r', ur = "پیمائش کیوں؟" }',
        " }",
        Problem(f"{PACK}/module.toml", "activities.0.lesson.title.ur", "is missing; add it."),
    ),
    "English where Urdu belongs": (
        "module.toml",
        "پیمائش کیوں؟",
        "Why measure?",
        Problem(
            f"{PACK}/module.toml",
            "activities.0.lesson.title",
            "the Urdu text (ur) has no letter of the Urdu script; write it in Urdu.",
        ),
    ),
    "two correct options in a single choice": (
        "quiz.toml",
        "correct = false",
        "correct = true",
        Problem(
            f"{PACK}/quiz.toml",
            "items.0.single_choice",
            "2 options are marked correct; a single choice has exactly 1.",
        ),
    ),
    "a negative tolerance": (
        "quiz.toml",
        r"tolerance = 0\.1\n",
        "tolerance = -0.1\n",
        Problem(
            f"{PACK}/quiz.toml",
            "items.1.numeric.tolerance",
            "Input should be greater than or equal to 0, but it is -0.1.",
        ),
    ),
    "a near miss that is right": (
        "quiz.toml",
        r"value = 0\.45",
        "value = 45.05",
        Problem(f"{PACK}/quiz.toml", "items.1.numeric", "near miss 45.05 overlaps the right answer 45."),
    ),
    "an unknown kind of activity": (
        "module.toml",
        'kind = "lesson"',
        'kind = "film"',
        Problem(
            f"{PACK}/module.toml",
            "activities.0.kind",
            "“film” is not a known kind.",
            "lesson, quiz, simulation, notebook",
        ),
    ),
    "the same activity id twice": (
        "module.toml",
        'id = "counts-and-rates"',
        'id = "why-measure"',
        Problem(
            f"{PACK}/module.toml",
            "",
            "Value error, activity id why-measure stands more than once; give each its own id.",
        ),
    ),
    "a hint for a cell without tests": (
        "notebooks/grievances/assignment.toml",
        r"\[hints.look-check\]",
        "[hints.answer]",
        Problem(
            f"{PACK}/notebooks/grievances/assignment.toml",
            "hints.answer",
            "is not a cell with tests.",
            "chart-check, counts-check, days-check, duplicates-check, gap-check, look-check, rates-check, silent-check",
        ),
    ),
    "a rubric that gives more than the cell": (
        "notebooks/grievances/assignment.toml",
        "points = 1,",
        "points = 2,",
        Problem(
            f"{PACK}/notebooks/grievances/assignment.toml",
            "rubrics.answer",
            "adds up to 5 points, but the cell has 4.",
        ),
    ),
    "a level of a rubric twice": (
        "notebooks/grievances/assignment.toml",
        'id = "bare"',
        'id = "none"',
        Problem(
            f"{PACK}/notebooks/grievances/assignment.toml",
            "rubrics.answer.0",
            "Value error, level id none stands more than once; give each level its own id.",
        ),
    ),
    "a row of a rubric twice": (
        "notebooks/grievances/assignment.toml",
        'id = "silent"',
        'id = "figure"',
        Problem(
            f"{PACK}/notebooks/grievances/assignment.toml",
            "",
            "Value error, row id figure stands more than once in the rubric of answer.",
        ),
    ),
    "a heading of level 1": (
        "lessons/01_why-measure.en.md",
        "## A portal",
        "# A portal",
        Problem(
            f"{PACK}/lessons/01_why-measure.en.md",
            "",
            "has a heading of level 1; the page's title is that.",
            "## and deeper",
        ),
    ),
    "raw HTML in a lesson": (
        "lessons/01_why-measure.ur.md",
        "## اعداد",
        "<b>اعداد</b>\n\n## اعداد",
        Problem(f"{PACK}/lessons/01_why-measure.ur.md", "", "holds raw HTML; write it in Markdown."),
    ),
}


@pytest.mark.parametrize("name", BREAKAGES)
def test_one_fault_gives_one_problem_that_names_its_place(modules: Path, name: str) -> None:
    file, pattern, replacement, expected = BREAKAGES[name]
    replace(modules / "measure-to-manage" / file, pattern, replacement)
    found = problems_of(modules)
    assert [(p.file, p.key) for p in found] == [(expected.file, expected.key)]
    assert found[0].message.removeprefix("Value error, ") == expected.message.removeprefix("Value error, ")
    assert found[0].allowed == expected.allowed


@pytest.mark.parametrize(
    ("file", "pattern", "key"),
    [
        ("module.toml", r'"D6\.2"\]', "competencies"),
        ("quiz.toml", r'competency = "D2\.1"', "items.0.competency"),
        ("notebooks/grievances/source.ipynb", r'"D2\.3"', "duplicates-check"),
    ],
)
def test_an_unknown_competency_is_named_with_all_that_exist(modules: Path, file: str, pattern: str, key: str) -> None:
    path = modules / "measure-to-manage" / file
    original = re.search(pattern, path.read_text("utf-8"))
    assert original is not None
    replace(path, pattern, re.sub(r"D\d\.\d", "D9.9", original[0]))
    (problem,) = problems_of(modules)
    assert (problem.file, problem.key) == (f"{PACK}/{file}", key)
    assert "D9.9" in problem.message
    assert problem.allowed.startswith("D1.1, D1.2")
    assert problem.allowed.endswith("D6.4")


def test_a_rubric_of_a_cell_that_is_tested_is_refused(modules: Path) -> None:
    path = modules / "measure-to-manage" / "notebooks" / "grievances" / "assignment.toml"
    path.write_text(path.read_text("utf-8").replace("rubrics.answer", "rubrics.look-check"), "utf-8")
    (problem,) = problems_of(modules)
    assert problem.message == "is not a cell that a person marks."
    assert problem.allowed == "answer"


@pytest.mark.parametrize(
    ("file", "reported"),
    [
        ("quiz.toml", "quiz.toml"),
        ("lessons/02_counts-and-rates.ur.md", "lessons/NN_counts-and-rates.ur.md"),
        ("notebooks/grievances/assignment.toml", "notebooks/grievances/assignment.toml"),
        ("notebooks/grievances/source.ipynb", "notebooks/grievances/source.ipynb"),
        ("notebooks/grievances/data.py", "notebooks/grievances/data.py"),
    ],
)
def test_a_missing_file_is_named(modules: Path, file: str, reported: str) -> None:
    (modules / "measure-to-manage" / file).unlink()
    (problem,) = problems_of(modules)
    assert problem.file == f"{PACK}/{reported}"
    assert problem.message == "is missing; add this file."


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"title = ", "is not valid TOML"),
        (b"\xff\xfe", "is not UTF-8 text (byte 0); save it as UTF-8."),
        (b"  \n", "is empty; write its text."),
    ],
)
def test_a_file_that_cannot_be_read_is_named_with_the_reason(modules: Path, content: bytes, message: str) -> None:
    (modules / "measure-to-manage" / "quiz.toml").write_bytes(content)
    (problem,) = problems_of(modules)
    assert problem.file == f"{PACK}/quiz.toml"
    assert problem.message.startswith(message)


def break_nothing_but_the_tag(cell: dict[str, dict[str, object]]) -> None:
    del cell["metadata"]["hunar"]


def set_level_five(cell: dict[str, dict[str, dict[str, object]]]) -> None:
    cell["metadata"]["hunar"]["level"] = 5


def name_it_longer_than_evidence_keeps(cell: dict[str, dict[str, dict[str, object]]]) -> None:
    cell["metadata"]["nbgrader"]["grade_id"] = "look-check".ljust(81, "k")


def give_points_without_end(cell: dict[str, dict[str, dict[str, object]]]) -> None:
    cell["metadata"]["nbgrader"]["points"] = float("inf")


@pytest.mark.parametrize(
    ("change", "keys"),
    [
        (break_nothing_but_the_tag, ["look-check.metadata.hunar.competencies", "look-check.metadata.hunar.level"]),
        (set_level_five, ["look-check.metadata.hunar.level"]),
        (name_it_longer_than_evidence_keeps, [f"{'look-check'.ljust(81, 'k')}.metadata.nbgrader.grade_id"]),
        (give_points_without_end, ["look-check.metadata.nbgrader.points"]),
    ],
)
def test_a_graded_cell_needs_its_competencies_and_a_level_of_1_to_4_and_a_name_and_points_that_can_be_kept(
    modules: Path, change: Callable[[dict[str, object]], None], keys: list[str]
) -> None:
    path = modules / "measure-to-manage" / "notebooks" / "grievances" / "source.ipynb"
    notebook = json.loads(path.read_text("utf-8"))
    change(next(cell for cell in notebook["cells"] if cell["id"] == "look-check"))
    path.write_text(json.dumps(notebook), "utf-8")
    assert [problem.key for problem in problems_of(modules)] == keys


def test_a_source_in_another_encoding_than_that_of_submissions_is_no_notebook(modules: Path) -> None:
    path = modules / "measure-to-manage" / "notebooks" / "grievances" / "source.ipynb"
    path.write_text(path.read_text("utf-8"), "utf-16")
    [problem] = problems_of(modules)
    assert problem.message.startswith("is not a notebook")


def test_all_faults_of_all_files_are_reported_at_once(modules: Path) -> None:
    pack = modules / "measure-to-manage"
    replace(modules / "_framework" / "competencies" / "d1.toml", 'title.ur = "[^"]+"', "")
    replace(pack / "quiz.toml", "points = 1", "points = 0")
    (pack / "lessons" / "03_queues-and-deadlines.en.md").unlink()
    (pack / "notebooks" / "grievances" / "source.ipynb").write_text("not a notebook", "utf-8")
    with pytest.raises(ContentError) as caught:
        load_catalogue(modules)
    files = {Path(problem.file).name for problem in caught.value.problems}
    assert files >= {"d1.toml", "quiz.toml", "NN_queues-and-deadlines.en.md", "source.ipynb"}
    assert str(caught.value).count("\n") == len(caught.value.problems) - 1
    assert f"{PACK}/notebooks/grievances/source.ipynb: is not a notebook" in str(caught.value)


@pytest.mark.parametrize(
    ("pattern", "replacement", "message"),
    [
        ('id = "trade-off"', 'id = "evidence"', "row id evidence stands more than once in the rubric."),
        ('id = "low"', 'id = "none"', "level id none stands more than once; give each level its own id."),
    ],
)
def test_the_rubric_of_memos_is_checked_like_those_of_labs(
    modules: Path, pattern: str, replacement: str, message: str
) -> None:
    replace(modules / "_framework" / "memo.toml", pattern, replacement)
    (problem,) = problems_of(modules)
    assert (problem.file, problem.message) == ("modules/_framework/memo.toml", message)


@pytest.mark.parametrize(
    ("pattern", "replacement", "key", "message"),
    [
        (
            'id = "overtaken"',
            'id = "fewer-people"',
            "",
            "item id fewer-people stands more than once; give each its own id.",
        ),
        ('id = "worry"', 'id = "opportunity"', "", "scale id opportunity stands more than once; give each its own id."),
        ('scale = "worry"', 'scale = "hope"', "", "there is no scale hope; name one of the scales of this file."),
        ("version = 1", "version = 0", "version", "Input should be greater than or equal to 1, but it is 0."),
        (
            r"\Z",
            '[[scales]]\nid = "new"\ntitle = { en = "New", ur = "نیا" }\nmeaning = { en = "New", ur = "نیا" }\n'
            'source = { en = "New", ur = "نیا" }\n',
            "",
            "scale new has fewer than 3 items; add some.",
        ),
    ],
)
def test_what_surveys_ask_is_checked(modules: Path, pattern: str, replacement: str, key: str, message: str) -> None:
    replace(modules / "_framework" / "survey.toml", pattern, replacement)
    [problem] = problems_of(modules)
    assert (problem.file, problem.key, problem.message) == ("modules/_framework/survey.toml", key, message)


def test_a_framework_without_a_survey_is_refused(modules: Path) -> None:
    (modules / "_framework" / "survey.toml").unlink()
    [problem] = problems_of(modules)
    assert (problem.file, problem.message) == ("modules/_framework/survey.toml", "is missing; add this file.")


def test_a_framework_without_the_rubric_of_memos_is_refused(modules: Path) -> None:
    (modules / "_framework" / "memo.toml").unlink()
    (problem,) = problems_of(modules)
    assert (problem.file, problem.message) == ("modules/_framework/memo.toml", "is missing; add this file.")


def test_a_folder_without_modules_is_refused(tmp_path: Path, modules_folder: Path) -> None:
    shutil.copytree(modules_folder / "_framework", tmp_path / "modules" / "_framework")
    (problem,) = problems_of(tmp_path / "modules")
    assert problem.message == "holds no module"


def test_a_source_whose_tests_are_not_instantiated_yet_is_refused(modules: Path) -> None:
    path = modules / "measure-to-manage" / "notebooks" / "grievances" / "source.ipynb"
    notebook = json.loads(path.read_text("utf-8"))
    cell = next(cell for cell in notebook["cells"] if cell["id"] == "look-check")
    cell["source"] = ["### HASHED AUTOTEST open_count"]
    path.write_text(json.dumps(notebook), "utf-8")
    (problem,) = problems_of(modules)
    assert problem.file == f"{PACK}/notebooks/grievances/source.ipynb"
    assert "python -m grading instantiate" in problem.message


TRUTHS = "notebooks/grievances/truths.toml"


@pytest.mark.parametrize(
    ("pattern", "replacement", "message"),
    [
        (r'id = "quiet-days"', 'id = "highest-rate"', "id highest-rate stands more than once; give each its own id."),
        (r'id = "population"', 'id = "online"', "id online stands more than once; give each its own id."),
        (r'by = \["day"\]', 'by = ["weekday"]', "measure daily names column weekday, which is not there."),
        (
            r'claims = \["daily/day/lowest/eid"\]',
            'claims = ["daily/day/lowest/diwali"]',
            "nobody can claim daily/day/lowest/diwali; name a measure, a column of it and one of its answers.",
        ),
        (
            r'claim = "rate/population/rises"',
            'claim = "rate/online/rises"',
            "claim rate/online/rises stands more than once; let it be one thing.",
        ),
        (
            r"also_true = \[\n",
            'also_true = [\n"rate/online/falls",\n',
            "of the answers to rate/online no more than half are wrong; whoever guesses would win.",
        ),
    ],
)
def test_planted_truths_that_cannot_be_claimed_or_could_be_guessed_are_refused(
    modules: Path, pattern: str, replacement: str, message: str
) -> None:
    replace(modules / "measure-to-manage" / TRUTHS, pattern, replacement)
    (problem,) = problems_of(modules)
    assert (problem.file, problem.message) == (f"{PACK}/{TRUTHS}", message)


def test_a_lab_need_not_declare_planted_truths(modules: Path) -> None:
    (modules / "measure-to-manage" / TRUTHS).unlink()
    lab = load_catalogue(modules).module("measure-to-manage").activity("grievances")
    assert isinstance(lab, Notebook)
    assert lab.truths is None
