"""Terms of labs, versions of grades, re-grades of everybody, marks by rubric; a mark belongs to a submission's cell."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

MARKS = ("cell_mark", "regrade_request")


def upgrade() -> None:
    _version_grades()
    for table_name in MARKS:
        _bind_to_submission(table_name)
    with op.batch_alter_table("cell_mark") as table:
        table.alter_column("points", existing_type=sa.Double(), nullable=True)
        table.add_column(sa.Column("levels", sa.JSON(), nullable=False, server_default="{}"))
    with op.batch_alter_table("cell_mark") as table:
        table.alter_column("levels", existing_type=sa.JSON(), server_default=None)
    _create_terms()
    _hand_in_under_a_cohort()
    _create_regrades()
    _create_marking()


def _hand_in_under_a_cohort() -> None:
    """What is there was handed in under the cohort that the trainee joined last."""
    with op.batch_alter_table("submission") as table:
        table.add_column(sa.Column("cohort_id", sa.Integer(), nullable=True))
    op.execute(
        "UPDATE submission SET cohort_id = (SELECT cohort.id FROM enrolment "
        "JOIN cohort ON cohort.id = enrolment.cohort_id WHERE enrolment.trainee_id = submission.trainee_id "
        "AND cohort.module_id = submission.module_id ORDER BY enrolment.id DESC LIMIT 1)"
    )
    with op.batch_alter_table("submission") as table:
        table.create_foreign_key(op.f("fk_submission_cohort_id_cohort"), "cohort", ["cohort_id"], ["id"])
        table.create_index(op.f("ix_submission_cohort_id"), ["cohort_id"])


def _version_grades() -> None:
    with op.batch_alter_table("grade") as table:
        table.drop_constraint("uq_grade_submission_id", type_="unique")
        table.add_column(sa.Column("number", sa.Integer(), nullable=False, server_default="1"))
        table.add_column(sa.Column("is_current", sa.Boolean(), nullable=False, server_default=sa.true()))
        table.add_column(sa.Column("lab_digest", sa.String(length=64), nullable=False, server_default=""))
    with op.batch_alter_table("grade") as table:
        table.alter_column("number", existing_type=sa.Integer(), server_default=None)
        table.alter_column("is_current", existing_type=sa.Boolean(), server_default=None)
        table.alter_column("lab_digest", existing_type=sa.String(length=64), server_default=None)
        table.create_unique_constraint(op.f("uq_grade_submission_id_number"), ["submission_id", "number"])
        table.create_index(op.f("ix_grade_submission_id"), ["submission_id"])
    current = sa.text("is_current")
    op.create_index(
        "ix_grade_current", "grade", ["submission_id"], unique=True, sqlite_where=current, postgresql_where=current
    )


def _bind_to_submission(table_name: str) -> None:
    """From the row of one grade's cell to the submission and the cell's name."""
    with op.batch_alter_table(table_name) as table:
        table.add_column(sa.Column("submission_id", sa.Integer(), nullable=True))
        table.add_column(sa.Column("cell", sa.String(length=120), nullable=True))
    op.execute(
        f"UPDATE {table_name} SET "
        f"cell = (SELECT cell_grade.cell FROM cell_grade WHERE cell_grade.id = {table_name}.cell_grade_id), "
        "submission_id = (SELECT grade.submission_id FROM cell_grade JOIN grade ON grade.id = cell_grade.grade_id "
        f"WHERE cell_grade.id = {table_name}.cell_grade_id)"
    )
    with op.batch_alter_table(table_name) as table:
        table.drop_index(op.f(f"ix_{table_name}_cell_grade_id"))
        table.drop_constraint(op.f(f"uq_{table_name}_cell_grade_id_number"), type_="unique")
        table.drop_constraint(op.f(f"fk_{table_name}_cell_grade_id_cell_grade"), type_="foreignkey")
        table.drop_column("cell_grade_id")
        table.alter_column("submission_id", existing_type=sa.Integer(), nullable=False)
        table.alter_column("cell", existing_type=sa.String(length=120), nullable=False)
        table.create_foreign_key(
            op.f(f"fk_{table_name}_submission_id_submission"), "submission", ["submission_id"], ["id"]
        )
        table.create_unique_constraint(
            op.f(f"uq_{table_name}_submission_id_cell_number"), ["submission_id", "cell", "number"]
        )
        table.create_index(op.f(f"ix_{table_name}_submission_id"), ["submission_id"])


def _create_terms() -> None:
    op.create_table(
        "lab_terms",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("academy_id", sa.Integer(), nullable=False),
        sa.Column("cohort_id", sa.Integer(), nullable=False),
        sa.Column("activity_id", sa.String(length=80), nullable=False),
        sa.Column("counts", sa.String(length=10), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("late_days", sa.Integer(), nullable=False),
        sa.Column("late_percent", sa.Double(), nullable=False),
        sa.Column("holds_results", sa.Boolean(), nullable=False),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("second_percent", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["academy_id"], ["academy.id"], name=op.f("fk_lab_terms_academy_id_academy")),
        sa.ForeignKeyConstraint(["cohort_id"], ["cohort.id"], name=op.f("fk_lab_terms_cohort_id_cohort")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lab_terms")),
        sa.UniqueConstraint("cohort_id", "activity_id", name=op.f("uq_lab_terms_cohort_id_activity_id")),
    )
    with op.batch_alter_table("lab_terms") as table:
        table.create_index(op.f("ix_lab_terms_academy_id"), ["academy_id"])
        table.create_index(op.f("ix_lab_terms_cohort_id"), ["cohort_id"])


def _create_regrades() -> None:
    op.create_table(
        "regrade",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("academy_id", sa.Integer(), nullable=False),
        sa.Column("module_id", sa.String(length=80), nullable=False),
        sa.Column("activity_id", sa.String(length=80), nullable=False),
        sa.Column("lab_digest", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("asked_by", sa.Integer(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("applied_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("dropped_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["academy_id"], ["academy.id"], name=op.f("fk_regrade_academy_id_academy")),
        sa.ForeignKeyConstraint(["asked_by"], ["account.id"], name=op.f("fk_regrade_asked_by_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_regrade")),
    )
    with op.batch_alter_table("regrade") as table:
        table.create_index(op.f("ix_regrade_academy_id"), ["academy_id"])
        table.create_index(op.f("ix_regrade_asked_by"), ["asked_by"])
    op.create_table(
        "regrade_item",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("regrade_id", sa.Integer(), nullable=False),
        sa.Column("submission_id", sa.Integer(), nullable=False),
        sa.Column("grade_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["regrade_id"], ["regrade.id"], name=op.f("fk_regrade_item_regrade_id_regrade")),
        sa.ForeignKeyConstraint(
            ["submission_id"], ["submission.id"], name=op.f("fk_regrade_item_submission_id_submission")
        ),
        sa.ForeignKeyConstraint(["grade_id"], ["grade.id"], name=op.f("fk_regrade_item_grade_id_grade")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_regrade_item")),
        sa.UniqueConstraint("regrade_id", "submission_id", name=op.f("uq_regrade_item_regrade_id_submission_id")),
    )
    with op.batch_alter_table("regrade_item") as table:
        table.create_index(op.f("ix_regrade_item_regrade_id"), ["regrade_id"])
        table.create_index(op.f("ix_regrade_item_submission_id"), ["submission_id"])


def _create_marking() -> None:
    for table_name, columns in (
        ("mark_claim", [sa.Column("until", sa.DateTime(timezone=True), nullable=False)]),
        (
            "second_mark",
            [
                sa.Column("points", sa.Double(), nullable=False),
                sa.Column("levels", sa.JSON(), nullable=False),
                sa.Column("comment", sa.Text(), nullable=False),
                sa.Column("marked_at", sa.DateTime(timezone=True), nullable=False),
            ],
        ),
    ):
        op.create_table(
            table_name,
            sa.Column("id", sa.Integer(), nullable=False),
            sa.Column("submission_id", sa.Integer(), nullable=False),
            sa.Column("cell", sa.String(length=120), nullable=False),
            sa.Column("marker_id", sa.Integer(), nullable=False),
            *columns,
            sa.ForeignKeyConstraint(
                ["submission_id"], ["submission.id"], name=op.f(f"fk_{table_name}_submission_id_submission")
            ),
            sa.ForeignKeyConstraint(["marker_id"], ["account.id"], name=op.f(f"fk_{table_name}_marker_id_account")),
            sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table_name}")),
            sa.UniqueConstraint("submission_id", "cell", name=op.f(f"uq_{table_name}_submission_id_cell")),
        )
        with op.batch_alter_table(table_name) as table:
            table.create_index(op.f(f"ix_{table_name}_marker_id"), ["marker_id"])
    task = ("academy_id", "module_id", "activity_id", "cell", "text")
    op.create_table(
        "kept_comment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("academy_id", sa.Integer(), nullable=False),
        sa.Column("module_id", sa.String(length=80), nullable=False),
        sa.Column("activity_id", sa.String(length=80), nullable=False),
        sa.Column("cell", sa.String(length=120), nullable=False),
        sa.Column("text", sa.String(length=500), nullable=False),
        sa.Column("kept_by", sa.Integer(), nullable=False),
        sa.Column("kept_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("dropped_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["academy_id"], ["academy.id"], name=op.f("fk_kept_comment_academy_id_academy")),
        sa.ForeignKeyConstraint(["kept_by"], ["account.id"], name=op.f("fk_kept_comment_kept_by_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kept_comment")),
        sa.UniqueConstraint(*task, name=op.f("uq_kept_comment_academy_id_module_id_activity_id_cell_text")),
    )


def downgrade() -> None:
    with op.batch_alter_table("submission") as table:
        table.drop_index(op.f("ix_submission_cohort_id"))
        table.drop_constraint(op.f("fk_submission_cohort_id_cohort"), type_="foreignkey")
        table.drop_column("cohort_id")
    for table_name in ("kept_comment", "second_mark", "mark_claim", "regrade_item", "regrade", "lab_terms"):
        op.drop_table(table_name)
    # Only what the current grade says can be expressed by the older tables.
    op.execute("DELETE FROM cell_grade WHERE grade_id IN (SELECT id FROM grade WHERE NOT is_current)")
    op.execute("DELETE FROM grade WHERE NOT is_current")
    op.execute("DELETE FROM cell_mark WHERE points IS NULL")
    with op.batch_alter_table("cell_mark") as table:
        table.drop_column("levels")
        table.alter_column("points", existing_type=sa.Double(), nullable=False)
    for table_name in MARKS:
        _bind_to_cell_grade(table_name)
    op.drop_index("ix_grade_current", "grade")
    with op.batch_alter_table("grade") as table:
        table.drop_index(op.f("ix_grade_submission_id"))
        table.drop_constraint(op.f("uq_grade_submission_id_number"), type_="unique")
        for column in ("lab_digest", "is_current", "number"):
            table.drop_column(column)
        table.create_unique_constraint("uq_grade_submission_id", ["submission_id"])


def _bind_to_cell_grade(table_name: str) -> None:
    with op.batch_alter_table(table_name) as table:
        table.add_column(sa.Column("cell_grade_id", sa.Integer(), nullable=True))
    op.execute(
        f"UPDATE {table_name} SET cell_grade_id = (SELECT cell_grade.id FROM cell_grade "
        "JOIN grade ON grade.id = cell_grade.grade_id "
        f"WHERE grade.submission_id = {table_name}.submission_id AND cell_grade.cell = {table_name}.cell)"
    )
    op.execute(f"DELETE FROM {table_name} WHERE cell_grade_id IS NULL")
    with op.batch_alter_table(table_name) as table:
        table.drop_index(op.f(f"ix_{table_name}_submission_id"))
        table.drop_constraint(op.f(f"uq_{table_name}_submission_id_cell_number"), type_="unique")
        table.drop_constraint(op.f(f"fk_{table_name}_submission_id_submission"), type_="foreignkey")
        table.drop_column("submission_id")
        table.drop_column("cell")
        table.alter_column("cell_grade_id", existing_type=sa.Integer(), nullable=False)
        table.create_foreign_key(
            op.f(f"fk_{table_name}_cell_grade_id_cell_grade"), "cell_grade", ["cell_grade_id"], ["id"]
        )
        table.create_unique_constraint(op.f(f"uq_{table_name}_cell_grade_id_number"), ["cell_grade_id", "number"])
        table.create_index(op.f(f"ix_{table_name}_cell_grade_id"), ["cell_grade_id"])
