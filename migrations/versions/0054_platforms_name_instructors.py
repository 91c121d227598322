"""Platforms that may say who teaches a course, and instructors whom administrators removed and they do not name."""

import sqlalchemy as sa
from alembic import op

revision = "0054"
down_revision = "0053"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("lti_platform") as table:
        table.add_column(sa.Column("names_instructors", sa.Boolean(), server_default=sa.false(), nullable=False))
    with op.batch_alter_table("lti_platform") as table:
        table.alter_column("names_instructors", existing_type=sa.Boolean(), server_default=None)
    op.create_table(
        "instructor_removal",
        sa.Column("cohort_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("instructor_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("removed_by_id", sa.Integer(), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["cohort_id"], ["cohort.id"], name=op.f("fk_instructor_removal_cohort_id_cohort")),
        sa.ForeignKeyConstraint(
            ["instructor_id"], ["account.id"], name=op.f("fk_instructor_removal_instructor_id_account")
        ),
        sa.ForeignKeyConstraint(
            ["removed_by_id"], ["account.id"], name=op.f("fk_instructor_removal_removed_by_id_account")
        ),
        sa.PrimaryKeyConstraint("cohort_id", "instructor_id", name=op.f("pk_instructor_removal")),
    )
    op.create_index(op.f("ix_instructor_removal_instructor_id"), "instructor_removal", ["instructor_id"])


def downgrade() -> None:
    op.drop_table("instructor_removal")
    with op.batch_alter_table("lti_platform") as table:
        table.drop_column("names_instructors")
