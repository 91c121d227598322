"""Migrations make exactly the tables of the code, can be undone, and keep the rows that are there."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import Engine, Table, inspect, text

from app.core.db import Base, make_engine
from app.core.migration import FOLDER, migrate
from app.tables import ALL_FEATURES

pytestmark = pytest.mark.both_databases
NOW = datetime(2026, 11, 1, tzinfo=UTC).isoformat(sep=" ")
ACADEMY = "INSERT INTO academy (id, slug, name_en, name_ur) VALUES (3, 'kp', 'KP', 'KP')"
ACCOUNT = (
    "INSERT INTO account (id, academy_id, username, full_name, department, role, language, password_hash, created_at) "
    "VALUES (5, 3, 'amina', 'Amina', '', 'trainee', 'en', '', :now)"
)


@pytest.fixture
def empty(request: pytest.FixtureRequest, database_kind: str, tmp_path: Path) -> Iterator[Engine]:
    if database_kind == "sqlite":
        yield make_engine(f"sqlite:///{tmp_path / 'migrated.sqlite3'}")
        return
    server = request.getfixturevalue("server")
    address = server.create()
    yield make_engine(address)
    server.drop(address)


def undo(engine: Engine, revision: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    config.attributes["engine"] = engine
    command.downgrade(config, revision)


def test_a_migrated_database_has_the_tables_of_the_code(empty: Engine) -> None:
    assert ALL_FEATURES
    migrate(empty)
    with empty.connect() as connection:
        context = MigrationContext.configure(connection, opts={"render_as_batch": True})
        assert compare_metadata(context, Base.metadata) == []
        if connection.dialect.name == "sqlite":
            numbered = "SELECT name FROM sqlite_master WHERE type = 'table' AND sql LIKE '%AUTOINCREMENT%'"
            once = {table.name for table in Base.metadata.sorted_tables if is_numbered_once(table)}
            assert set(connection.execute(text(numbered)).scalars()) == once


def is_numbered_once(table: Table) -> bool:
    return bool(table.dialect_options["sqlite"]["autoincrement"])


def insert(engine: Engine, *statements: str) -> None:
    """Put rows into a database of some older version; in a statement `:now` is NOW and `:yes` is true."""
    with engine.begin() as connection:
        for statement in statements:
            values = {name: value for name, value in (("now", NOW), ("yes", True)) if f":{name}" in statement}
            connection.execute(text(statement), values)


def test_every_migration_can_be_undone(empty: Engine) -> None:
    migrate(empty)
    undo(empty, "base")
    assert set(inspect(empty).get_table_names()) <= {"alembic_version"}
    migrate(empty)


def test_a_run_with_its_events_survives_every_later_migration_and_its_undoing(empty: Engine) -> None:
    migrate(empty, "0002")
    insert(
        empty,
        ACADEMY,
        ACCOUNT,
        "INSERT INTO simulation_run (id, trainee_id, academy_id, module_id, activity_id, scenario_id, "
        "scenario_version, scenario_digest, seed, started_at) VALUES (9, 5, 3, 'm', 'a', 's', '1', 'd', 4, :now)",
        "INSERT INTO simulation_event (id, run_id, sequence, round, kind, payload, note, idempotency_key, "
        "recorded_at) VALUES (1, 9, 1, 1, 'decision', '{}', '', 'k', :now)",
    )
    migrate(empty)
    with empty.connect() as connection:
        joined = (
            "SELECT run.seed, CAST(run.weights AS TEXT) "
            "FROM simulation_run run JOIN simulation_event e ON e.run_id = run.id"
        )
        assert [tuple(row) for row in connection.execute(text(joined))] == [(4, "{}")]
    undo(empty, "0002")
    with empty.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM simulation_event")).scalar() == 1


def test_jobs_from_before_they_had_an_academy_get_that_of_what_they_are_about(empty: Engine) -> None:
    migrate(empty, "0002")
    insert(
        empty,
        ACADEMY,
        ACCOUNT,
        "INSERT INTO submission (id, trainee_id, academy_id, module_id, activity_id, attempt, sha256, "
        "idempotency_key, submitted_at) VALUES (7, 5, 3, 'm', 'a', 1, 'f', 'k', :now)",
        "INSERT INTO job (id, kind, thing_id, created_at) VALUES (1, 'grade_submission', 7, :now)",
        "INSERT INTO job (id, kind, thing_id, created_at) VALUES (2, 'grade_submission', 99, :now)",
    )
    migrate(empty)
    with empty.connect() as connection:
        rows = connection.execute(text("SELECT id, academy_id, attempt FROM job")).all()
    assert [tuple(row) for row in rows] == [(1, 3, 1)]


def test_marks_and_requests_stay_with_their_submission_when_grades_get_versions(empty: Engine) -> None:
    migrate(empty, "0007")
    insert(
        empty,
        ACADEMY,
        ACCOUNT,
        "INSERT INTO cohort (id, academy_id, name, module_id) VALUES (2, 3, 'Spring', 'm')",
        "INSERT INTO enrolment (id, cohort_id, trainee_id, enrolled_at) VALUES (1, 2, 5, :now)",
        "INSERT INTO submission (id, trainee_id, academy_id, module_id, activity_id, attempt, sha256, "
        "idempotency_key, submitted_at) VALUES (7, 5, 3, 'm', 'a', 1, 'f', 'k', :now)",
        "INSERT INTO grade (id, submission_id, status, points, max_points, graded_at, seconds) "
        "VALUES (8, 7, 'graded', 1, 4, :now, 1)",
        "INSERT INTO cell_grade (id, grade_id, cell, max_score, needs_manual_grade, message) "
        "VALUES (9, 8, 'answer', 4, :yes, '')",
        "INSERT INTO cell_mark (id, cell_grade_id, number, points, comment, marker_id, marked_at) "
        "VALUES (1, 9, 1, 3, 'words', 5, :now)",
        "INSERT INTO regrade_request (id, cell_grade_id, number, reason, mark_seen, asked_at) "
        "VALUES (1, 9, 1, 'why', 1, :now)",
    )
    migrate(empty)
    with empty.connect() as connection:
        for table_name in ("cell_mark", "regrade_request"):
            rows = connection.execute(text(f"SELECT submission_id, cell, number FROM {table_name}")).all()
            assert [tuple(row) for row in rows] == [(7, "answer", 1)]
        assert connection.execute(text("SELECT cohort_id FROM submission")).scalar() == 2
        assert connection.execute(text("SELECT number FROM grade WHERE is_current")).scalar() == 1
    undo(empty, "0007")
    with empty.connect() as connection:
        for table_name in ("cell_mark", "regrade_request"):
            assert connection.execute(text(f"SELECT cell_grade_id FROM {table_name}")).scalar() == 9


def test_drafts_from_before_versions_were_kept_aside_stay_drafts(empty: Engine) -> None:
    migrate(empty, "0008")
    insert(
        empty,
        ACADEMY,
        ACCOUNT,
        "INSERT INTO notebook_draft (id, trainee_id, academy_id, module_id, activity_id, sha256, saved_at) "
        "VALUES (4, 5, 3, 'm', 'a', 'f', :now)",
    )
    migrate(empty, "0009")
    aside = text(
        "INSERT INTO notebook_draft (id, trainee_id, academy_id, module_id, activity_id, sha256, saved_at, aside) "
        "VALUES (6, 5, 3, 'm', 'a', 'g', :now, :yes)"
    )
    with empty.begin() as connection:
        assert connection.execute(text("SELECT id FROM notebook_draft WHERE NOT aside")).scalar() == 4
        connection.execute(aside, {"now": NOW, "yes": True})
    undo(empty, "0008")
    with empty.connect() as connection:
        assert [tuple(row) for row in connection.execute(text("SELECT id FROM notebook_draft"))] == [(4,)]


@pytest.mark.both_databases
def test_terms_and_work_from_before_work_without_a_link_stay_and_go_back(empty: Engine) -> None:
    migrate(empty, "0009")
    insert(
        empty,
        ACADEMY,
        ACCOUNT,
        "INSERT INTO notebook_draft (id, trainee_id, academy_id, module_id, activity_id, sha256, saved_at, aside) "
        "VALUES (4, 5, 3, 'm', 'a', 'f', :now, FALSE)",
    )
    migrate(empty)
    with empty.connect() as connection:
        assert [tuple(row) for row in connection.execute(text("SELECT id, writer, number FROM notebook_draft"))] == [
            (4, "", 0)
        ]
    undo(empty, "0009")
    with empty.connect() as connection:
        assert [tuple(row) for row in connection.execute(text("SELECT id FROM notebook_draft"))] == [(4,)]


def test_marks_of_answers_and_memos_survive_being_named_alike_and_its_undoing(empty: Engine) -> None:
    migrate(empty, "0011")
    insert(
        empty,
        ACADEMY,
        ACCOUNT,
        "INSERT INTO cohort (id, academy_id, name, module_id) VALUES (2, 3, 'Spring', 'm')",
        "INSERT INTO cohort (id, academy_id, name, module_id) VALUES (4, 3, 'Autumn', 'm')",
        "INSERT INTO enrolment (id, cohort_id, trainee_id, enrolled_at) VALUES (1, 4, 5, :now)",
        "INSERT INTO submission (id, trainee_id, academy_id, module_id, activity_id, attempt, sha256, "
        "idempotency_key, submitted_at) VALUES (7, 5, 3, 'm', 'a', 1, 'f', 'k', :now)",
        "INSERT INTO mark_claim (submission_id, cell, marker_id, until) VALUES (7, 'answer', 5, :now)",
        "INSERT INTO second_mark (submission_id, cell, marker_id, points, levels, comment, marked_at) "
        "VALUES (7, 'answer', 5, 3, '{}', 'words', :now)",
        "INSERT INTO kept_comment (academy_id, module_id, activity_id, cell, text, kept_by, kept_at) "
        "VALUES (3, 'm', 'a', 'answer', 'words', 5, :now)",
        "INSERT INTO lab_terms (academy_id, cohort_id, activity_id, counts, late_days, late_percent, offline_hours, "
        "holds_results, second_percent) VALUES (3, 2, 'a', 'last', 0, 0, 48, FALSE, 20)",
        "INSERT INTO simulation_exercise (id, academy_id, cohort_id, module_id, activity_id, title, seed, attempts, "
        "shows_distribution, created_by, created_at) VALUES (6, 3, 2, 'm', 's', 'Week 4', 1, 1, FALSE, 5, :now)",
        *(
            "INSERT INTO simulation_run (id, trainee_id, academy_id, module_id, activity_id, scenario_id, "
            "scenario_version, scenario_digest, seed, started_at, weights, weights_reason, team, exercise_id) "
            f"VALUES ({number}, 5, 3, 'm', 's', 's', '1', 'd', 4, :now, '{{}}', '', '', {exercise})"
            for number, exercise in ((8, 6), (9, "NULL"))
        ),
        "INSERT INTO memo (id, run_id, text, submitted_at) VALUES (1, 8, 'Half.', :now)",
        "INSERT INTO memo (id, run_id, text, submitted_at) VALUES (2, 9, 'All.', :now)",
        "INSERT INTO memo_mark (memo_id, number, marks, comment, marker_id, marked_at) "
        """VALUES (1, 1, '{"evidence"\\:2,"trade_off"\\:0,"recommendation"\\:4}', 'words', 5, :now)""",
    )

    def rows(statement: str) -> list[tuple[object, ...]]:
        with empty.connect() as connection:
            return [tuple(row) for row in connection.execute(text(statement))]

    migrate(empty)
    for table_name in ("mark_claim", "second_mark"):
        assert rows(f"SELECT source, part FROM {table_name}") == [("submission:7", "answer")]
    assert rows("SELECT part, text FROM kept_comment") == [("answer", "words")]
    assert rows("SELECT cohort_id, activity_id, percent FROM second_marking") == [(2, "a", 20)]
    assert rows("SELECT run_id, cohort_id FROM memo ORDER BY id") == [(8, 2), (9, 4)]
    [(points, levels)] = rows("SELECT points, CAST(levels AS TEXT) FROM memo_mark")
    assert (points, json.loads(str(levels))) == (
        6.0,
        {"evidence": "middle", "trade-off": "none", "recommendation": "full"},
    )
    insert(empty, "INSERT INTO mark_claim (source, part, marker_id, until) VALUES ('run\\:9', 'memo', 5, :now)")
    undo(empty, "0011")
    for table_name in ("mark_claim", "second_mark"):
        assert rows(f"SELECT submission_id, cell FROM {table_name}") == [(7, "answer")]
    assert rows("SELECT second_percent FROM lab_terms") == [(20,)]
    [(marks,)] = rows("SELECT CAST(marks AS TEXT) FROM memo_mark")
    assert json.loads(str(marks)) == {"evidence": 2, "trade_off": 0, "recommendation": 4}


def test_answers_of_surveys_that_ended_stay_linked_by_pairs_and_those_of_others_by_marks(empty: Engine) -> None:
    migrate(empty, "0041")
    cohort = "INSERT INTO cohort (id, academy_id, name, module_id) VALUES ({0}, 3, 'Cohort {0}', 'm')"
    survey = "INSERT INTO survey (id, academy_id, cohort_id, instrument) VALUES ({0}, 3, {0}, '{{}}')"
    wave = "INSERT INTO survey_wave (id, survey_id, name, opened_at, closed_at) VALUES ({}, {}, '{}', :now, :now)"
    answers = "INSERT INTO survey_response (number, wave_id, mark, answers) VALUES ('{0}', {0}, '{1}', '{{}}')"
    insert(
        empty,
        ACADEMY,
        "INSERT INTO account (id, academy_id, username, full_name, role, language, password_hash, created_at, "
        "credentials_number) VALUES (5, 3, 'amina', 'Amina', 'trainee', 'en', '', :now, 1)",
        *(cohort.format(number) for number in (1, 2)),
        *(survey.format(number) for number in (1, 2)),
        "INSERT INTO survey_key (survey_id, sealed, made_by_id, made_at) VALUES (2, 'x', 5, :now)",
        *(wave.format(*each) for each in ((1, 1, "before"), (2, 1, "after"), (3, 2, "before"))),
        *(answers.format(*each) for each in ((1, "ended"), (2, "ended"), (3, "open"))),
    )

    def rows(columns: str) -> list[tuple[object, ...]]:
        with empty.begin() as connection:
            found = connection.execute(text(f"SELECT {columns} FROM survey_response ORDER BY number"))
            return [tuple(row) for row in found]

    migrate(empty)
    assert rows("mark, pair") == [(None, "ended"), (None, "ended"), ("open", None)]
    undo(empty, "0041")
    assert rows("mark") == [("ended",), ("ended",), ("open",)]


def test_the_department_of_an_account_becomes_its_posting_and_comes_back(empty: Engine) -> None:
    migrate(empty, "0017")
    person = ACCOUNT.replace("created_at)", "created_at, password_number)").replace(":now)", ":now, 1)")
    insert(
        empty,
        ACADEMY,
        person.replace("'Amina', ''", "'Amina', 'Health'"),
        person.replace("(5, 3, 'amina'", "(6, 3, 'bushra'"),
    )
    migrate(empty)
    with empty.begin() as connection:
        rows = connection.execute(text("SELECT account_id, department, grade, ends_on FROM posting")).all()
        assert [tuple(row) for row in rows] == [(5, "Health", None, None)]
        connection.execute(text("UPDATE posting SET ends_on = '2026-11-02'"))
        connection.execute(text("INSERT INTO posting (account_id, department, district) VALUES (5, 'Education', '')"))
    undo(empty, "0017")
    with empty.connect() as connection:
        rows = connection.execute(text("SELECT id, department FROM account ORDER BY id")).all()
        assert [tuple(row) for row in rows] == [(5, "Education"), (6, "")]


def test_evidence_is_known_since_the_work_or_since_it_replaced_a_former_marking(empty: Engine) -> None:
    migrate(empty, "0016")
    columns = "trainee_id, academy_id, competency, level, kind, outcome, difficulty, weight, source, at"
    values = "5, 3, 'D2.1', 2, 'notebook_cell', 1.0, 0.0, 1.5, 'submission\\:7', '2026-10-01 08\\:00\\:00+00\\:00'"
    insert(
        empty,
        ACADEMY,
        ACCOUNT,
        f"INSERT INTO evidence (id, {columns}, part, superseded_at) VALUES (1, {values}, 'look', :now)",
        f"INSERT INTO evidence (id, {columns}, part) VALUES (2, {values}, 'look')",
        f"INSERT INTO evidence (id, {columns}, part) VALUES (3, {values}, 'median')",
    )
    migrate(empty)
    with empty.connect() as connection:
        since = "SELECT id FROM evidence WHERE recorded_at = {} ORDER BY id"
        assert connection.scalars(text(since.format("at"))).all() == [1, 3]
        former = "(SELECT former.superseded_at FROM evidence AS former WHERE former.id = 1)"
        assert connection.scalars(text(since.format(former))).all() == [2]


def test_cohorts_get_the_instructors_who_did_something_for_them(empty: Engine) -> None:
    migrate(empty, "0046")
    person = (
        "INSERT INTO account (id, academy_id, username, full_name, role, language, password_hash, created_at, "
        "credentials_number) VALUES ({0}, {1}, 'p{0}', 'P', '{2}', 'en', '', :now, 1)"
    )
    staff = ((5, 3, "trainee"), (6, 3, "administrator"), (7, 4, "instructor"))
    made, brought_in = (
        "INSERT INTO audit_entry (id, at, actor_id, verb, thing, detail, previous_hash, hash) "
        f"VALUES ({number}, :now, {{}}, '{verb}', 'cohort\\:{{}}', '{{{{}}}}', '', '{number}')"
        for number, verb in ((1, "cohort_made"), (2, "trainees_enrolled"))
    )
    exercise = (
        "INSERT INTO simulation_exercise (cohort_id, created_by, academy_id, module_id, activity_id, title, seed, "
        "attempts, shows_distribution, created_at) VALUES ({}, {}, 3, 'm', 's', 'Week 4', 1, 1, FALSE, :now)"
    )
    insert(
        empty,
        ACADEMY,
        ACADEMY.replace("(3, 'kp'", "(4, 'punjab'"),
        *(person.format(*each) for each in staff),
        *(person.format(number, 3, "instructor") for number in range(10, 16)),
        *(
            f"INSERT INTO cohort (id, academy_id, name, module_id) VALUES ({number}, 3, 'Cohort {number}', 'm')"
            for number in (1, 2, 11)
        ),
        "INSERT INTO submission (id, cohort_id, trainee_id, academy_id, module_id, activity_id, attempt, sha256, "
        "idempotency_key, submitted_at) VALUES (7, 1, 5, 3, 'm', 'a', 1, 'f', 'k', :now)",
        *(
            "INSERT INTO cell_mark (submission_id, cell, number, points, comment, marker_id, marked_at, levels) "
            f"VALUES (7, 'answer', {number}, 1, '', {marker}, :now, '{{}}')"
            for number, marker in ((1, 10), (2, 10), (3, 6))
        ),
        exercise.format(1, 11),
        exercise.format(1, 7),
        made.format(12, 11),
        brought_in.format(13, 1),
    )
    migrate(empty)
    with empty.connect() as connection:
        rows = connection.execute(
            text(
                "SELECT cohort_id, instructor_id, named_by_id FROM cohort_instructor ORDER BY cohort_id, instructor_id"
            )
        ).all()
    # Nobody did anything for the second one, and of the others administrators and strangers are passed over.
    assert [tuple(row) for row in rows] == [(1, 10, None), (1, 11, None), (1, 13, None), (11, 12, None)]


def test_evidence_that_people_had_marked_is_told_from_their_marks(empty: Engine) -> None:
    migrate(empty, "0016")
    insert(empty, ACADEMY, ACCOUNT)
    migrate(empty, "0046")
    columns = "trainee_id, academy_id, competency, level, kind, outcome, difficulty, weight, at, recorded_at"
    values = "5, 3, 'D2.1', 2, '{}', 1.0, 0.0, 1.5, :now, {}"
    cell, memo = values.format("notebook_cell", ":now"), values.format("written_product", ":now")
    early = values.format("notebook_cell", "'2026-10-01 08\\:00\\:00+00\\:00'")
    insert(
        empty,
        "INSERT INTO submission (id, trainee_id, academy_id, module_id, activity_id, attempt, sha256, "
        "idempotency_key, submitted_at, arrived_at) VALUES (7, 5, 3, 'm', 'a', 1, 'f', 'k', :now, :now)",
        "INSERT INTO simulation_run (id, trainee_id, academy_id, module_id, activity_id, scenario_id, "
        "scenario_version, scenario_digest, seed, started_at, weights, weights_reason, team) "
        "VALUES (9, 5, 3, 'm', 's', 's', '1', 'd', 4, :now, '{}', '', '')",
        "INSERT INTO memo (id, run_id, text, submitted_at) VALUES (1, 9, 'Half.', :now)",
        "INSERT INTO memo_mark (memo_id, number, points, levels, comment, marker_id, marked_at) "
        "VALUES (1, 1, 6, '{}', '', 5, :now)",
        *(
            "INSERT INTO cell_mark (submission_id, cell, number, points, levels, comment, marker_id, marked_at) "
            f"VALUES (7, '{name}', {number}, {points}, '{{}}', '', 5, :now)"
            for name, number, points in (
                ("answer", 1, "NULL"),
                ("answer", 2, 3),
                ("fallen", 1, 3),
                ("fallen", 2, "NULL"),
            )
        ),
        *(
            f"INSERT INTO evidence (id, {columns}, source, part) VALUES ({number}, {row}, '{source}', '{part}')"
            for number, row, source, part in (
                (1, cell, "submission\\:7", "answer"),
                (2, cell, "submission\\:7", "tested"),
                (3, cell, "submission\\:7", "fallen"),
                (4, early, "submission\\:7", "answer"),
                (5, memo, "run\\:9", "memo"),
            )
        ),
    )
    migrate(empty)
    marked = "SELECT evidence.id, name FROM evidence JOIN marking_scheme ON marking_scheme.id = scheme_id ORDER BY 1"
    with empty.connect() as connection:
        assert [tuple(row) for row in connection.execute(text(marked))] == [(1, "m/a"), (5, "memo")]


def test_marks_that_a_regrade_moved_get_back_the_name_of_who_gave_them(empty: Engine) -> None:
    """The first mark was moved twice, by re-grades that somebody else applied; then came a mark of a third person."""
    migrate(empty, "0002")
    insert(empty, ACADEMY, ACCOUNT, *(ACCOUNT.replace("5, 3, 'amina'", f"{n}, 3, 'p{n}'") for n in (6, 7, 8)))
    migrate(empty, "0054")
    times = [
        "'2026-10-01 08\\:00\\:00+00\\:00'",
        "'2026-10-02 08\\:00\\:00+00\\:00'",
        "'2026-10-03 08\\:00\\:00+00\\:00'",
    ]
    insert(
        empty,
        "INSERT INTO submission (id, trainee_id, academy_id, module_id, activity_id, attempt, sha256, "
        "idempotency_key, submitted_at, arrived_at) VALUES (7, 5, 3, 'm', 'a', 1, 'f', 'k', :now, :now)",
        *(
            "INSERT INTO regrade (id, academy_id, module_id, activity_id, lab_digest, reason, asked_by, asked_at, "
            f"applied_at, decided_by) VALUES ({number}, 3, 'm', 'a', 'd', 'why', 7, :now, {at}, 7)"
            for number, at in enumerate(times[1:], 1)
        ),
        *(f"INSERT INTO regrade_item (id, regrade_id, submission_id) VALUES ({n}, {n}, 7)" for n in (1, 2)),
        *(
            "INSERT INTO cell_mark (submission_id, cell, number, points, levels, comment, marker_id, marked_at) "
            f"VALUES (7, 'answer', {number}, 3, '{{}}', '', {marker}, {at})"
            for number, marker, at in ((1, 6, times[0]), (2, 7, times[1]), (3, 7, times[2]), (4, 8, ":now"))
        ),
    )
    migrate(empty)
    with empty.connect() as connection:
        rows = connection.execute(text("SELECT number, marker_id, regrade_id FROM cell_mark ORDER BY number")).all()
    assert [tuple(row) for row in rows] == [(1, 6, None), (2, 6, 1), (3, 6, 2), (4, 8, None)]
    undo(empty, "0054")
    with empty.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM cell_mark")).scalar() == 4


def test_disputes_of_attestations_get_back_who_confirmed_and_what_a_review_let_count_again_counts(
    empty: Engine,
) -> None:
    """Attestation 1 was confirmed by 6, withdrawn by 7 and let count again by 8; 2 was withdrawn and stays so."""
    migrate(empty, "0002")
    insert(empty, ACADEMY, ACCOUNT, *(ACCOUNT.replace("5, 3, 'amina'", f"{n}, 3, 'p{n}'") for n in (6, 7, 8)))
    migrate(empty, "0057")
    attestation = (
        "INSERT INTO attestation (id, academy_id, trainee_id, competency, level, task, place, result, done_on, shared, "
        "supervisor_name, supervisor_office, supervisor_address, state, asked_at, comment, attester_name, "
        "attester_designation, may_be_asked, decided_by_id, decided_at, reason) VALUES ({0}, 3, 5, 'D2.1', 3, '', '', "
        "'', '2026-10-01', '', '', '', '', 'withdrawn', :now, '', '', '', :yes, 7, :now, 'It is not hers.')"
    )
    appeal = (
        "INSERT INTO appeal (id, academy_id, trainee_id, kind, source, part, competency, refused_by_id, text, made_at, "
        "state, review_text) VALUES ({0}, 3, 5, '{1}', '{2}', '{3}', 'D2.1', {4}, '', :now, 'closed', '')"
    )
    insert(
        empty,
        *(attestation.format(number) for number in (1, 2)),
        appeal.format(1, "dispute", "attestation\\:1", "task", "NULL"),
        appeal.format(2, "dispute", "attestation\\:2", "task", "NULL"),
        appeal.format(3, "refusal", "completion\\:1", "course", 6),
        appeal.format(4, "dispute", "quiz_attempt\\:1", "item-1", "NULL"),
        "INSERT INTO audit_entry (id, at, academy_id, actor_id, verb, thing, detail, previous_hash, hash) "
        "VALUES (1, :now, 3, 6, 'attestation_confirmed', 'attestation\\:1', '{}', '', 'h')",
        "INSERT INTO appeal_decision (id, appeal_id, is_review, outcome, remedy, reason, decided_by_id, decided_at) "
        "VALUES (1, 1, :yes, 'upheld', 'replaced', 'He saw it.', 8, :now)",
        "INSERT INTO evidence (id, trainee_id, academy_id, competency, level, kind, outcome, difficulty, weight, "
        "source, part, at, recorded_at) VALUES (1, 5, 3, 'D2.1', 3, 'attestation', 0.5, 0, 1, 'attestation\\:1', "
        "'task', :now, :now)",
    )
    migrate(empty)
    with empty.connect() as connection:
        judged = connection.execute(text("SELECT id, judged_by_id FROM appeal ORDER BY id")).all()
        said = connection.execute(text("SELECT state, decided_by_id, reason FROM attestation ORDER BY id")).all()
    assert [tuple(row) for row in judged] == [(1, 6), (2, 7), (3, 6), (4, None)]
    assert [tuple(row) for row in said] == [("confirmed", 8, "He saw it."), ("withdrawn", 7, "It is not hers.")]
    undo(empty, "0057")
    with empty.connect() as connection:
        refused = connection.execute(text("SELECT id, refused_by_id FROM appeal ORDER BY id")).all()
    assert [tuple(row) for row in refused] == [(1, None), (2, None), (3, 6), (4, None)]


def test_rows_and_indexes_stay_when_numbers_are_given_once_and_numbers_of_the_log_are_taken(empty: Engine) -> None:
    """The log names account 9, which was removed before; and nothing of account 5 is lost."""
    migrate(empty, "0002")
    insert(empty, ACADEMY, ACCOUNT)
    migrate(empty, "0058")
    insert(
        empty,
        "INSERT INTO posting (id, account_id, department, district) VALUES (4, 5, 'Health', '')",
        "INSERT INTO audit_entry (id, at, academy_id, actor_id, verb, thing, detail, previous_hash, hash) "
        "VALUES (1, :now, 3, 5, 'person_imported', 'account\\:9', '{}', '', 'h')",
    )
    before = indexes(empty)
    migrate(empty, "0059")
    assert indexes(empty) == before
    if empty.dialect.name == "sqlite":
        insert(
            empty, "DELETE FROM posting", "INSERT INTO posting (account_id, department, district) VALUES (5, 'x', '')"
        )
        columns = "academy_id, username, full_name, role, language, password_hash, created_at, credentials_number"
        insert(
            empty,
            f"INSERT INTO account ({columns}) VALUES (3, 'bushra', 'Bushra', 'trainee', 'en', '', :now, 1)",
        )
        with empty.connect() as connection:
            assert connection.execute(text("SELECT id FROM account ORDER BY id")).scalars().all() == [5, 10]
            assert connection.execute(text("SELECT id FROM posting")).scalars().all() == [5]
    undo(empty, "0058")
    assert indexes(empty) == before
    with empty.connect() as connection:
        assert connection.execute(text("SELECT department FROM posting WHERE account_id = 5")).scalar() is not None


def indexes(engine: Engine) -> set[str]:
    """Every index as the database itself writes it."""
    of_sqlite = "SELECT sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
    of_postgresql = "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'"
    with engine.connect() as connection:
        asked = of_sqlite if engine.dialect.name == "sqlite" else of_postgresql
        return {" ".join(each.replace('"', "").split()) for each in connection.execute(text(asked)).scalars()}
