"""The scenario's folder: every number sourced, both languages alike, clear errors for a faulty file."""

import shutil

import pytest

from simulations import ScenarioError, load, scenario_ids
from simulations.checks import faults, required_text_keys, text_faults
from simulations.registry import SCENARIOS, numbers_without_source, read_scenario, read_toml
from simulations.texts import placeholders, read_texts

all_scenarios = pytest.mark.parametrize("scenario_id", scenario_ids())


@all_scenarios
def test_every_number_has_a_unit_and_a_source(scenario_id):
    assert numbers_without_source(read_toml(SCENARIOS / scenario_id)) == []


def test_a_number_without_source_is_found():
    content = {"a": {"value": 3, "unit": "days"}, "b": {"value": [1.0], "unit": "days", "source": "assumed"}}
    assert numbers_without_source(content) == ["scenario.toml: a: value"]


@all_scenarios
def test_both_languages_hold_the_same_keys_and_placeholders(scenario_id):
    english, urdu = (read_texts(SCENARIOS / scenario_id / f"texts.{language}.md") for language in ("en", "ur"))
    assert set(english) == set(urdu)
    assert {k: placeholders(v) for k, v in english.items()} == {k: placeholders(v) for k, v in urdu.items()}


@all_scenarios
def test_every_text_the_screens_need_is_there(scenario_id):
    scenario = load(scenario_id)
    for language in ("en", "ur"):
        assert required_text_keys(scenario) <= set(scenario.texts(language).entries)


def test_situation_events_rows_and_parts_have_texts(grievance):
    from simulations import reference_runs, score

    run = reference_runs(grievance, 1)["baseline"]
    parts = score(grievance, 1, [result.decision for result in run.results]).parts
    for texts in (grievance.texts("en"), grievance.texts("ur")):
        assert all(texts.event(event) for result in run.results for event in result.events)
        assert all(texts.row(row.id) for row in run.situation.table)
        assert all(texts.column(key) for row in run.situation.table for key in row.values)
        assert all(texts.advice_label(advice.label) for advice in run.situation.advice)
        assert all(texts.part(part) for part in parts)
        assert len(texts.debrief) == 5


@all_scenarios
def test_nothing_stands_against_publishing(scenario_id):
    assert faults(load(scenario_id)) == []


@all_scenarios
def test_competency_codes_have_the_form_of_the_framework(scenario_id):
    for codes in load(scenario_id).competencies.values():
        assert codes
        assert all(code[0] == "D" and code[1] in "123456" and code[3] in "1234" for code in codes)


@pytest.fixture
def copy(tmp_path):
    """A copy of the scenario's folder that a test may spoil."""
    folder = tmp_path / "grievance"
    shutil.copytree(SCENARIOS / "grievance", folder, ignore=shutil.ignore_patterns("__pycache__"))
    return folder


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('better = "higher"', 'better = "more"', "allowed are lower, higher"),
        ('kind = "share"', 'kind = "fraction"', "allowed are integer, number, share, choice"),
        ('version = "1"', 'version = "1"\ncolour = "red"', "key “colour” is unknown"),
        ('version = "1"', "", "key “version” is missing"),
        ("[parameters.call_hours]", "[parameters.call_hour]", "call_hour is unknown"),
        ("default = 90", "default = 95", "must add up to 400"),
        ("default = 90", "default = 900", "minimum <= default <= maximum"),
        ('"outreach_hours"]', '"field_hours"]', "field “field_hours” is unknown"),
        ('total = 400\nunit = "hours"', 'total = 400\nunit = "days"', "unit is “days”, but field “hours_municipal”"),
        ('group = "ai"\nunit = "share"', 'group = "ai"\nunit = "percent"', "a share has the unit “share”"),
        ("step = 5\ndefault = 90", "step = 2.5\ndefault = 90", "of an integer must be whole"),
        ('"outreach_hours"]', '"triage"]', "field “triage” is unknown"),
        ('"outreach_hours"]', '"outreach_hours", "outreach_hours"]', "must add up to 400"),
        ('id = "backlog"', 'id = "overdue"', "stands twice"),
        ('value = 10, unit = "weeks", source = "assumed"', "value = 10", "needs “unit” and “source”"),
        ('version = "1"', 'version = "1', "grievance/scenario.toml"),
    ],
)
def test_a_faulty_file_is_refused_with_the_fault_and_what_is_allowed(copy, old, new, message):
    path = copy / "scenario.toml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ScenarioError, match=r".+") as refusal:
        read_scenario(copy)
    assert message in str(refusal.value)


def test_missing_and_uneven_texts_are_told(copy):
    path = copy / "texts.ur.md"
    text = path.read_text(encoding="utf-8").replace("## policy.best\n", "## policy.worst\n")
    path.write_text(text.replace("{minutes_left}", "{minutes}"), encoding="utf-8")
    found = " ".join(text_faults(read_scenario(copy)))
    assert "texts.ur.md: key “policy.best” is missing" in found
    assert "“problem.not_enough_minutes” has different placeholders" in found


def test_an_empty_text_is_refused(copy):
    (copy / "texts.en.md").write_text("## title\n\n## role\nOfficer\n", encoding="utf-8")
    with pytest.raises(ScenarioError, match="“title” has no text"):
        read_texts(copy / "texts.en.md")


def test_references_of_other_parameters_are_refused(copy):
    with pytest.raises(ScenarioError, match="other parameters"):
        _ = read_scenario(copy, {"paper_hours": 0.4}).reference
