"""Plans of cohorts: the days of each activity."""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "planned_activity",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("academy_id", sa.Integer(), nullable=False),
        sa.Column("cohort_id", sa.Integer(), nullable=False),
        sa.Column("activity_id", sa.String(length=80), nullable=False),
        sa.Column("begins_on", sa.Date(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["academy_id"], ["academy.id"], name=op.f("fk_planned_activity_academy_id_academy")),
        sa.ForeignKeyConstraint(["cohort_id"], ["cohort.id"], name=op.f("fk_planned_activity_cohort_id_cohort")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_planned_activity")),
        sa.UniqueConstraint("cohort_id", "activity_id", name=op.f("uq_planned_activity_cohort_id_activity_id")),
    )
    op.create_index(op.f("ix_planned_activity_academy_id"), "planned_activity", ["academy_id"])
    op.create_index(op.f("ix_planned_activity_cohort_id"), "planned_activity", ["cohort_id"])


def downgrade() -> None:
    op.drop_table("planned_activity")
