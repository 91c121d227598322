"""The terms of a lab before each change, with who changed them, when and why."""

import sqlalchemy as sa
from alembic import op

revision = "0056"
down_revision = "0055"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "former_lab_terms",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("cohort_id", sa.Integer(), nullable=False),
        sa.Column("activity_id", sa.String(length=80), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("changed_by", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("counts", sa.String(length=10), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("late_days", sa.Integer(), nullable=False),
        sa.Column("late_percent", sa.Double(), nullable=False),
        sa.Column("offline_hours", sa.Integer(), nullable=False),
        sa.Column("holds_results", sa.Boolean(), nullable=False),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["cohort_id"], ["cohort.id"], name=op.f("fk_former_lab_terms_cohort_id_cohort")),
        sa.ForeignKeyConstraint(["changed_by"], ["account.id"], name=op.f("fk_former_lab_terms_changed_by_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_former_lab_terms")),
        sa.UniqueConstraint(
            "cohort_id", "activity_id", "number", name=op.f("uq_former_lab_terms_cohort_id_activity_id_number")
        ),
    )
    op.create_index(op.f("ix_former_lab_terms_changed_by"), "former_lab_terms", ["changed_by"])


def downgrade() -> None:
    op.drop_table("former_lab_terms")
