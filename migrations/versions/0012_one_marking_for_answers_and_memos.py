"""Claims and second marks of memos as of answers; memos marked by levels; shares of second marking of their own."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

KEPT = ("academy_id", "module_id", "activity_id")
ROWS = {"evidence": "evidence", "trade_off": "trade-off", "recommendation": "recommendation"}
LEVELS = ("none", "low", "middle", "high", "full")


def upgrade() -> None:
    for table_name in ("mark_claim", "second_mark"):
        _name_by_source(table_name)
    _rename_cell("cell", "part")
    _mark_memos_by_levels()
    _write_memos_under_a_cohort()
    _create_second_marking()


def _name_by_source(table_name: str) -> None:
    """From submission and cell to source and part, as evidence has them."""
    with op.batch_alter_table(table_name) as table:
        table.add_column(sa.Column("source", sa.String(length=40), nullable=True))
    op.execute(f"UPDATE {table_name} SET source = 'submission:' || submission_id")
    with op.batch_alter_table(table_name) as table:
        table.drop_constraint(op.f(f"uq_{table_name}_submission_id_cell"), type_="unique")
        table.drop_constraint(op.f(f"fk_{table_name}_submission_id_submission"), type_="foreignkey")
        table.drop_column("submission_id")
        table.alter_column("source", existing_type=sa.String(length=40), nullable=False)
        table.alter_column("cell", existing_type=sa.String(length=120), new_column_name="part")
    with op.batch_alter_table(table_name) as table:
        table.create_unique_constraint(op.f(f"uq_{table_name}_source_part"), ["source", "part"])


def _rename_cell(former: str, present: str) -> None:
    with op.batch_alter_table("kept_comment") as table:
        table.drop_constraint(op.f(f"uq_kept_comment_{'_'.join(KEPT)}_{former}_text"), type_="unique")
        table.alter_column(former, existing_type=sa.String(length=120), new_column_name=present)
    with op.batch_alter_table("kept_comment") as table:
        table.create_unique_constraint(
            op.f(f"uq_kept_comment_{'_'.join(KEPT)}_{present}_text"), [*KEPT, present, "text"]
        )


def _mark_memos_by_levels() -> None:
    with op.batch_alter_table("memo_mark") as table:
        table.add_column(sa.Column("points", sa.Double(), nullable=True))
        table.add_column(sa.Column("levels", sa.JSON(), nullable=True))
    documents = (sa.column("marks", sa.JSON), sa.column("levels", sa.JSON))
    mark = sa.table("memo_mark", sa.column("id"), sa.column("points"), *documents)
    connection = op.get_bind()
    for number, marks in connection.execute(sa.select(mark.c.id, mark.c.marks)).all():
        levels = {ROWS[row]: LEVELS[points] for row, points in marks.items()}
        connection.execute(
            sa.update(mark).where(mark.c.id == number).values(points=float(sum(marks.values())), levels=levels)
        )
    with op.batch_alter_table("memo_mark") as table:
        table.alter_column("points", existing_type=sa.Double(), nullable=False)
        table.alter_column("levels", existing_type=sa.JSON(), nullable=False)
        table.drop_column("marks")


def _write_memos_under_a_cohort() -> None:
    """That of the exercise, or the one that the trainee joined last."""
    with op.batch_alter_table("memo") as table:
        table.add_column(sa.Column("cohort_id", sa.Integer(), nullable=True))
    op.execute(
        "UPDATE memo SET cohort_id = (SELECT COALESCE(simulation_exercise.cohort_id, (SELECT cohort.id FROM enrolment "
        "JOIN cohort ON cohort.id = enrolment.cohort_id WHERE enrolment.trainee_id = simulation_run.trainee_id "
        "AND cohort.module_id = simulation_run.module_id ORDER BY enrolment.id DESC LIMIT 1)) FROM simulation_run "
        "LEFT JOIN simulation_exercise ON simulation_exercise.id = simulation_run.exercise_id "
        "WHERE simulation_run.id = memo.run_id)"
    )
    with op.batch_alter_table("memo") as table:
        table.create_foreign_key(op.f("fk_memo_cohort_id_cohort"), "cohort", ["cohort_id"], ["id"])
        table.create_index(op.f("ix_memo_cohort_id"), ["cohort_id"])


def _create_second_marking() -> None:
    op.create_table(
        "second_marking",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("academy_id", sa.Integer(), nullable=False),
        sa.Column("cohort_id", sa.Integer(), nullable=False),
        sa.Column("activity_id", sa.String(length=80), nullable=False),
        sa.Column("percent", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["academy_id"], ["academy.id"], name=op.f("fk_second_marking_academy_id_academy")),
        sa.ForeignKeyConstraint(["cohort_id"], ["cohort.id"], name=op.f("fk_second_marking_cohort_id_cohort")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_second_marking")),
        sa.UniqueConstraint("cohort_id", "activity_id", name=op.f("uq_second_marking_cohort_id_activity_id")),
    )
    with op.batch_alter_table("second_marking") as table:
        table.create_index(op.f("ix_second_marking_academy_id"), ["academy_id"])
    op.execute(
        "INSERT INTO second_marking (academy_id, cohort_id, activity_id, percent) "
        "SELECT academy_id, cohort_id, activity_id, second_percent FROM lab_terms WHERE second_percent > 0"
    )
    with op.batch_alter_table("lab_terms") as table:
        table.drop_column("second_percent")


def downgrade() -> None:
    with op.batch_alter_table("lab_terms") as table:
        table.add_column(sa.Column("second_percent", sa.Integer(), nullable=False, server_default="0"))
    with op.batch_alter_table("lab_terms") as table:
        table.alter_column("second_percent", existing_type=sa.Integer(), server_default=None)
    # The share of a lab without other terms, and those of simulations, have no place in the older tables.
    op.execute(
        "UPDATE lab_terms SET second_percent = COALESCE((SELECT percent FROM second_marking "
        "WHERE second_marking.cohort_id = lab_terms.cohort_id "
        "AND second_marking.activity_id = lab_terms.activity_id), 0)"
    )
    op.drop_table("second_marking")
    with op.batch_alter_table("memo") as table:
        table.drop_index(op.f("ix_memo_cohort_id"))
        table.drop_constraint(op.f("fk_memo_cohort_id_cohort"), type_="foreignkey")
        table.drop_column("cohort_id")
    _mark_memos_by_points()
    _rename_cell("part", "cell")
    for table_name in ("mark_claim", "second_mark"):
        _name_by_submission(table_name)


def _mark_memos_by_points() -> None:
    with op.batch_alter_table("memo_mark") as table:
        table.add_column(sa.Column("marks", sa.JSON(), nullable=True))
    mark = sa.table("memo_mark", sa.column("id"), sa.column("marks", sa.JSON), sa.column("levels", sa.JSON))
    connection = op.get_bind()
    for number, levels in connection.execute(sa.select(mark.c.id, mark.c.levels)).all():
        marks = {former: LEVELS.index(levels[row]) for former, row in ROWS.items()}
        connection.execute(sa.update(mark).where(mark.c.id == number).values(marks=marks))
    with op.batch_alter_table("memo_mark") as table:
        table.alter_column("marks", existing_type=sa.JSON(), nullable=False)
        table.drop_column("levels")
        table.drop_column("points")


def _name_by_submission(table_name: str) -> None:
    op.execute(f"DELETE FROM {table_name} WHERE source NOT LIKE 'submission:%'")
    with op.batch_alter_table(table_name) as table:
        table.add_column(sa.Column("submission_id", sa.Integer(), nullable=True))
    op.execute(f"UPDATE {table_name} SET submission_id = CAST(SUBSTR(source, LENGTH('submission:') + 1) AS INTEGER)")
    with op.batch_alter_table(table_name) as table:
        table.drop_constraint(op.f(f"uq_{table_name}_source_part"), type_="unique")
        table.drop_column("source")
        table.alter_column("submission_id", existing_type=sa.Integer(), nullable=False)
        table.alter_column("part", existing_type=sa.String(length=120), new_column_name="cell")
    with op.batch_alter_table(table_name) as table:
        table.create_foreign_key(
            op.f(f"fk_{table_name}_submission_id_submission"), "submission", ["submission_id"], ["id"]
        )
        table.create_unique_constraint(op.f(f"uq_{table_name}_submission_id_cell"), ["submission_id", "cell"])
