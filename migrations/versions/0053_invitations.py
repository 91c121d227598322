"""Trainees who are asked into a cohort before its instructors see what others taught them."""

import sqlalchemy as sa
from alembic import op

revision = "0053"
down_revision = "0052"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "invitation",
        sa.Column("cohort_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("trainee_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("asked_by_id", sa.Integer(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("refused_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["asked_by_id"], ["account.id"], name=op.f("fk_invitation_asked_by_id_account")),
        sa.ForeignKeyConstraint(["cohort_id"], ["cohort.id"], name=op.f("fk_invitation_cohort_id_cohort")),
        sa.ForeignKeyConstraint(["trainee_id"], ["account.id"], name=op.f("fk_invitation_trainee_id_account")),
        sa.PrimaryKeyConstraint("cohort_id", "trainee_id", name=op.f("pk_invitation")),
    )
    op.create_index(op.f("ix_invitation_trainee_id"), "invitation", ["trainee_id"])


def downgrade() -> None:
    op.drop_table("invitation")
