"""Days of cohorts, codes that open one, and who was withdrawn from one."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("cohort") as cohort:
        cohort.add_column(sa.Column("begins_on", sa.Date(), nullable=True))
        cohort.add_column(sa.Column("ends_on", sa.Date(), nullable=True))
    op.create_table(
        "joining_code",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("cohort_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=12), nullable=False),
        sa.Column("most", sa.Integer(), nullable=True),
        sa.Column("joined", sa.Integer(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=True),
        sa.Column("made_by_id", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["cohort_id"], ["cohort.id"], name=op.f("fk_joining_code_cohort_id_cohort")),
        sa.ForeignKeyConstraint(["made_by_id"], ["account.id"], name=op.f("fk_joining_code_made_by_id_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_joining_code")),
        sa.UniqueConstraint("code", name=op.f("uq_joining_code_code")),
    )
    op.create_index(op.f("ix_joining_code_cohort_id"), "joining_code", ["cohort_id"])
    op.create_table(
        "withdrawal",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("cohort_id", sa.Integer(), nullable=False),
        sa.Column("trainee_id", sa.Integer(), nullable=False),
        sa.Column("enrolled_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_by_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["cohort_id"], ["cohort.id"], name=op.f("fk_withdrawal_cohort_id_cohort")),
        sa.ForeignKeyConstraint(["trainee_id"], ["account.id"], name=op.f("fk_withdrawal_trainee_id_account")),
        sa.ForeignKeyConstraint(
            ["withdrawn_by_id"], ["account.id"], name=op.f("fk_withdrawal_withdrawn_by_id_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_withdrawal")),
    )
    op.create_index(op.f("ix_withdrawal_cohort_id"), "withdrawal", ["cohort_id"])
    op.create_index(op.f("ix_withdrawal_trainee_id"), "withdrawal", ["trainee_id"])


def downgrade() -> None:
    op.drop_table("withdrawal")
    op.drop_table("joining_code")
    with op.batch_alter_table("cohort") as cohort:
        cohort.drop_column("ends_on")
        cohort.drop_column("begins_on")
