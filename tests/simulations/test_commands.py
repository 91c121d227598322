"""The command line as other programs meet it: what it prints, what it refuses, its exit status."""

import json

import pytest

from simulations import load, replay, scenario_ids
from simulations.checks import parse_event, read_golden

FORM = load("grievance").default_values
FAULTY, WRONG_USE = 1, 2


@pytest.fixture
def decisions(tmp_path):
    """Writes events to a file for ``play``."""

    def write(content):
        path = tmp_path / "decisions.json"
        path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
        return path

    return write


def test_list_describes_every_scenario_for_programs(command):
    listed = json.loads(command("list", "--json").stdout)
    assert [row["id"] for row in listed] == list(scenario_ids())
    assert all(set(row["title"]) == {"en", "ur"} and row["rounds"] > 0 and row["fields"] for row in listed)


def test_list_for_people_is_a_line_a_scenario(command):
    assert len(command("list").stdout.splitlines()) == len(scenario_ids())


@pytest.mark.parametrize("number", [0, 1])
def test_play_gives_the_trajectory_and_its_digest(command, decisions, grievance, number):
    golden = read_golden(grievance.folder)[number]
    path = decisions(golden["events"])
    played = command("play", "grievance", "--seed", golden["seed"], "--decisions", path, "--json")
    assert played.returncode == 0
    answer = json.loads(played.stdout)
    assert answer["sha256"] == golden["digest"]
    events = [parse_event(event) for event in golden["events"]]
    results = replay(grievance, golden["seed"], events).results
    assert [row["kpis"] for row in answer["trajectory"]] == [dict(result.kpis) for result in results]
    assert answer["finished"] == ("score" in answer) == (len(results) == grievance.rounds)


def test_play_of_part_of_a_run_gives_no_score(command, decisions):
    played = command("play", "grievance", "--seed", 3, "--decisions", decisions([{"round": 1, "values": FORM}]))
    assert played.returncode == 0
    assert played.stdout.startswith("round 1: reported_resolution")
    assert "sha256" in played.stdout


@pytest.mark.parametrize(
    ("events", "message"),
    [
        (
            [{"round": 1, "values": FORM | {"paper_cap": 0.9}}],
            "event 1: “Share of closures allowed on paper alone” must lie between 0 and 0.5.",
        ),
        ([{"round": 2, "values": FORM}], "event 1: This form belongs to week 2, but the run is in week 1."),
        ([{"round": 1, "values": FORM}] * 2, "event 2: This form belongs to week 1, but the run is in week 2."),
        ([{"round": 1, "values": {}}], "is missing"),
        ([{"round": 1, "inquiry_id": "crystal_ball"}], "event 1: This inquiry does not exist."),
    ],
)
def test_play_says_which_event_is_refused_and_why(command, decisions, events, message):
    played = command("play", "grievance", "--seed", 1, "--decisions", decisions(events), "--json")
    assert (played.returncode, played.stdout) == (FAULTY, "")
    assert message in played.stderr


def test_play_refuses_a_negative_seed(command, decisions):
    played = command("play", "grievance", "--seed", -1, "--decisions", decisions([]))
    assert played.returncode == FAULTY
    assert "The seed must be a whole number" in played.stderr


@pytest.mark.parametrize("content", ["{", '{"round": 1}', "[7]", '[{"round": 1, "values": 3}]', '[{"week": 1}]'])
def test_play_refuses_a_file_that_holds_no_events(command, decisions, content):
    path = decisions(content)
    played = command("play", "grievance", "--seed", 1, "--decisions", path)
    assert played.returncode == WRONG_USE
    assert played.stderr.startswith(f"{path}: ")


def test_play_refuses_a_file_that_is_not_there(command, tmp_path):
    played = command("play", "grievance", "--seed", 1, "--decisions", tmp_path / "none.json")
    assert played.returncode == WRONG_USE
    assert "cannot be read" in played.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ("check", "patience"),
        ("evaluate", "patience", "--policy", "best"),
        ("table", "patience"),
        ("golden", "patience"),
        ("play", "patience", "--seed", "1", "--decisions", "none.json"),
    ],
)
def test_an_unknown_scenario_is_named_with_the_known_ones(command, arguments):
    refused = command(*arguments)
    assert (refused.returncode, refused.stdout) == (WRONG_USE, "")
    assert refused.stderr.startswith("There is no scenario “patience”; known are ")


def test_an_unknown_policy_is_named_with_the_known_ones(command):
    refused = command("evaluate", "grievance", "--policy", "oracle", "--seeds", 4)
    assert refused.returncode == WRONG_USE
    assert refused.stderr.strip() == ("There is no policy “oracle”; known are baseline, random, greedy, ai_only, best.")


def test_one_seed_is_too_few_for_an_interval(command):
    refused = command("evaluate", "grievance", "--policy", "baseline", "--seeds", 1)
    assert refused.returncode == FAULTY
    assert "at least 2 seeds" in refused.stderr


@pytest.mark.parametrize("arguments", [("--scenarios", "/nowhere", "list"), ("fly",), ("evaluate", "--policy", "best")])
def test_a_command_that_cannot_be_read_is_refused(command, arguments):
    refused = command(*arguments)
    assert refused.returncode == WRONG_USE
    assert "usage:" in refused.stderr


def test_evaluate_prints_one_object_with_intervals(command, grievance):
    printed = command("evaluate", "grievance", "--policy", "random", "--seeds", 4, "--workers", 1, "--json")
    found = json.loads(printed.stdout)
    assert (found["scenario"], found["policy"], found["seeds"]) == ("grievance", "random", 4)
    assert set(found["kpis"]) == {kpi.id for kpi in (*grievance.kpis, *grievance.truth_kpis)}
    for estimate in (found["loss"], found["gain"], *found["kpis"].values()):
        low, high = estimate["ci95"]
        assert low <= estimate["mean"] <= high


def test_check_of_a_sound_scenario_succeeds(command):
    checked = command("check", "grievance")
    assert (checked.returncode, checked.stderr) == (0, "")
    assert checked.stdout == "grievance: schema, model, golden, publication hold\n"


def test_the_table_has_every_policy_and_indicator(command, grievance):
    lines = command("table", "grievance", "--seeds", 3, "--workers", 1).stdout.splitlines()
    assert "| | baseline | random | greedy | ai_only | best |" in lines
    rows = [line for line in lines if line.startswith("| ")]
    assert len(rows) == 6 + len(grievance.kpis) + len(grievance.truth_kpis)
    assert all(row.count("|") == 7 for row in rows)
    assert "| score | 0.0 ± 0.0 |" in "\n".join(rows)


def test_the_summary_says_of_each_scenario_whether_the_best_is_ahead(command):
    printed = command("table", "grievance", "signals", "--seeds", 4, "--workers", 1).stdout
    summary = printed[: printed.index("## Measure to manage")].splitlines()
    rows = [line for line in summary if line.startswith("| `")]
    assert [row.split("`")[1] for row in rows] == ["grievance", "signals"]
    assert rows[0].endswith("| yes |")
