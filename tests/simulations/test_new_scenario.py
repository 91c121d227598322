"""``new`` writes a scenario that plays at once; ``check`` finds what a hand then spoils."""

import json

import pytest

FAULTY, WRONG_USE = 1, 2
PLAYABLE = ("--part", "schema", "--part", "model", "--part", "golden")


def test_a_new_scenario_passes_all_but_the_publication_part(command, place):
    checked = command("--scenarios", place, "check", "counter", *PLAYABLE)
    assert (checked.returncode, checked.stdout) == (0, "counter: schema, model, golden hold\n")


def test_new_says_what_comes_next(command, tmp_path):
    written = command("--scenarios", tmp_path, "new", "registry_office")
    for step in ("scenario.toml", "model.py", "texts.en.md and texts.ur.md", "evaluate registry_office --write"):
        assert step in written.stdout
    assert not [path for path in (tmp_path / "registry_office").glob("*.*") if "SCENARIO_ID" in path.read_text()]


def test_a_new_scenario_is_publishable_once_its_texts_are_written(command, place):
    assert command("--scenarios", place, "evaluate", "counter", "--seeds", 60, "--write").returncode == 0
    unwritten = command("--scenarios", place, "check", "counter")
    assert unwritten.returncode == FAULTY
    assert len(unwritten.stderr.splitlines()) == 6
    for language in ("en", "ur"):
        path = place / "counter" / f"texts.{language}.md"
        text = path.read_text(encoding="utf-8")
        for key in ("title", "role", "situation"):
            text = text.replace(f"## {key}\n", f"## {key}\n{'دفتر' if language == 'ur' else 'Counter'}: ", 1)
        path.write_text(text, encoding="utf-8")
    assert command("--scenarios", place, "check", "counter").stderr == ""


@pytest.mark.parametrize("scenario_id", ["Counter", "9lives", "a", "two words", "../up", "x" * 41])
def test_a_malformed_id_is_refused(command, tmp_path, scenario_id):
    refused = command("--scenarios", tmp_path, "new", scenario_id)
    assert refused.returncode == FAULTY
    assert "cannot be a scenario's id" in refused.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("scenario_id", ["grievance", "counter"])
def test_a_taken_id_is_refused(command, place, scenario_id):
    refused = command("--scenarios", place, "new", scenario_id)
    assert refused.returncode == FAULTY
    assert "nothing was written" in refused.stderr


def test_a_folder_that_is_in_the_way_is_left_alone(command, tmp_path):
    (tmp_path / "drafts").mkdir()
    refused = command("--scenarios", tmp_path, "new", "drafts")
    assert refused.returncode == FAULTY
    assert "nothing was written" in refused.stderr
    assert list((tmp_path / "drafts").iterdir()) == []


@pytest.mark.parametrize(
    ("name", "old", "new", "message"),
    [
        ("scenario.toml", 'version = "1"', 'version = "1"\ncolour = "red"', "key “colour” is unknown"),
        ("scenario.toml", 'total = 40\nunit = "hours"', 'total = 40\nunit = "days"', "unit is “days”, but field"),
        ("scenario.toml", "total = 40", "total = 42", "must add up to 42"),
        ("texts.ur.md", "## policy.best\n", "## policy.worst\n", "texts.ur.md: key “policy.best” is missing"),
        ("texts.ur.md", "## part.wrong\n", "## part.late\n", "key “part.wrong” is missing, but the debrief"),
        ("texts.en.md", "## row.first\n", "## row.none\n", "key “row.first” is missing, but the model shows it"),
        ("texts.en.md", "{claimed}", "{claim}", "asks for 'claim', which the model does not give"),
        ("model.py", "import numpy as np", "import numpy as np\n1 / 0", "cannot be built: ZeroDivisionError"),
        ("model.py", "def build(", "def construct(", "cannot be built: AttributeError"),
        ("model.py", "week = draw_week", "week = [][3]\n        week = draw_week", "raised IndexError: list index out"),
        ("model.py", 'truth={"wrong_answers"', 'truth={"errors"', "differ from scenario.toml: errors, wrong_answers"),
        ("model.py", "float(after.pending)", "float('nan')", "indicator “pending” is not finite"),
        ("model.py", "stream(seed, \"arrivals\", number)", "np.random.default_rng()", "another run when played again"),
        ("model.py", '"check_hours": 0, "tool": "on"', '"check_hours": 5, "tool": "on"', "decides what the form"),
        ("model.py", "self.p, self.rounds = p, rounds", "self.p, self.rounds, self.f = p, rounds, lambda: 0",
         "cannot be sent to another process"),
        ("golden.json", '"seed": 1', '"seed": 3', "golden.json: run 0 replays to"),
    ],
)  # fmt: skip
def test_check_tells_what_is_wrong_with_a_folder(command, place, name, old, new, message):
    path = place / "counter" / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    checked = command("--scenarios", place, "check", "counter", *PLAYABLE)
    assert checked.returncode == FAULTY
    assert message in checked.stderr
    assert "Traceback" not in checked.stderr


def spoil_week(place, line):
    path = place / "counter" / "model.py"
    text = path.read_text(encoding="utf-8")
    path.write_text(
        text.replace("        week = draw_week", f"        {line}\n        week = draw_week"), encoding="utf-8"
    )


def test_check_ends_a_model_that_does_not_end(command, place):
    spoil_week(place, "while True: pass")
    checked = command("--scenarios", place, "check", "counter", "--time-limit", 3)
    assert checked.returncode == FAULTY
    assert "counter: the check did not end within 3 seconds" in checked.stderr


def test_check_survives_a_model_that_ends_the_process(command, place):
    spoil_week(place, "import os; os._exit(7)")
    checked = command("--scenarios", place, "check", "counter")
    assert checked.returncode == FAULTY
    assert "broke off (exit status 7)" in checked.stderr


def test_golden_pins_what_a_changed_model_gives(command, place):
    spoil_week(place, "form = {**form, 'tool': 'off'}")
    assert "“version”" in command("--scenarios", place, "golden", "counter").stderr
    assert command("--scenarios", place, "golden", "counter", "--write").returncode == 0
    assert command("--scenarios", place, "golden", "counter").returncode == 0


def test_a_scenario_of_another_folder_is_evaluated_in_parallel_too(command, place):
    asked = ("--scenarios", place, "evaluate", "counter", "--policy", "best", "--seeds", 6, "--json")
    serial, parallel = command(*asked, "--workers", 1), command(*asked, "--workers", 2)
    assert json.loads(serial.stdout)["gain"]["mean"] > 0
    assert parallel.stdout == serial.stdout
