"""Cases judged before advice, exercises that an instructor sets, memos and their marks."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "simulation_exercise",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("academy_id", sa.Integer(), nullable=False),
        sa.Column("cohort_id", sa.Integer(), nullable=False),
        sa.Column("module_id", sa.String(length=80), nullable=False),
        sa.Column("activity_id", sa.String(length=80), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("seed", sa.BigInteger(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("open_round", sa.Integer(), nullable=True),
        sa.Column("shows_distribution", sa.Boolean(), nullable=False),
        sa.Column("created_by", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["academy_id"], ["academy.id"], name=op.f("fk_simulation_exercise_academy_id_academy")),
        sa.ForeignKeyConstraint(["cohort_id"], ["cohort.id"], name=op.f("fk_simulation_exercise_cohort_id_cohort")),
        sa.ForeignKeyConstraint(["created_by"], ["account.id"], name=op.f("fk_simulation_exercise_created_by_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_simulation_exercise")),
    )
    with op.batch_alter_table("simulation_exercise") as table:
        table.create_index(table.f("ix_simulation_exercise_academy_id"), ["academy_id"])
        table.create_index(table.f("ix_simulation_exercise_cohort_id"), ["cohort_id"])

    op.create_table(
        "case_answer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.String(length=80), nullable=False),
        sa.Column("first", sa.String(length=40), nullable=True),
        sa.Column("final", sa.String(length=40), nullable=True),
        sa.Column("first_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("final_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["run_id"], ["simulation_run.id"], name=op.f("fk_case_answer_run_id_simulation_run")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_answer")),
        sa.UniqueConstraint("run_id", "case_id", name=op.f("uq_case_answer_run_id_case_id")),
    )
    with op.batch_alter_table("case_answer") as table:
        table.create_index(table.f("ix_case_answer_run_id"), ["run_id"])

    op.create_table(
        "memo",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["simulation_run.id"], name=op.f("fk_memo_run_id_simulation_run")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_memo")),
        sa.UniqueConstraint("run_id", name=op.f("uq_memo_run_id")),
    )
    op.create_table(
        "memo_mark",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("memo_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("marks", sa.JSON(), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("marker_id", sa.Integer(), nullable=False),
        sa.Column("marked_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["marker_id"], ["account.id"], name=op.f("fk_memo_mark_marker_id_account")),
        sa.ForeignKeyConstraint(["memo_id"], ["memo.id"], name=op.f("fk_memo_mark_memo_id_memo")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_memo_mark")),
        sa.UniqueConstraint("memo_id", "number", name=op.f("uq_memo_mark_memo_id_number")),
    )
    with op.batch_alter_table("memo_mark") as table:
        table.create_index(table.f("ix_memo_mark_marker_id"), ["marker_id"])
        table.create_index(table.f("ix_memo_mark_memo_id"), ["memo_id"])

    with op.batch_alter_table("simulation_run") as table:
        table.add_column(sa.Column("curiosity", sa.JSON(), nullable=True))
        table.add_column(sa.Column("exercise_id", sa.Integer(), nullable=True))
        table.add_column(sa.Column("team", sa.String(length=60), server_default="", nullable=False))
        table.create_index(table.f("ix_simulation_run_exercise_id"), ["exercise_id"])
        table.create_foreign_key(
            table.f("fk_simulation_run_exercise_id_simulation_exercise"), "simulation_exercise", ["exercise_id"], ["id"]
        )

    with op.batch_alter_table("simulation_run") as table:
        table.alter_column("team", existing_type=sa.String(length=60), server_default=None)
    _name_what_older_runs_lack()


def _name_what_older_runs_lack() -> None:
    """Scores stored so far know neither figures by group nor what following the tool would have given away."""
    run = sa.table("simulation_run", sa.column("id"), sa.column("outcome", sa.JSON), sa.column("regrets", sa.JSON))
    connection = op.get_bind()
    for number, outcome, regrets in connection.execute(sa.select(run.c.id, run.c.outcome, run.c.regrets)).all():
        if outcome is not None:
            outcome["score"] |= {"groups": {}, "group_better": "lower"}
        for each in regrets or ():
            each.setdefault("tool_gap", None)
        connection.execute(
            sa.update(run)
            .where(run.c.id == number)
            .values(
                outcome=sa.null() if outcome is None else outcome,
                regrets=sa.null() if regrets is None else regrets,
            )
        )


def downgrade() -> None:
    with op.batch_alter_table("simulation_run") as table:
        table.drop_constraint(table.f("fk_simulation_run_exercise_id_simulation_exercise"), type_="foreignkey")
        table.drop_index(table.f("ix_simulation_run_exercise_id"))
        table.drop_column("team")
        table.drop_column("exercise_id")
        table.drop_column("curiosity")
    for name in ("memo_mark", "memo", "case_answer", "simulation_exercise"):
        op.drop_table(name)
