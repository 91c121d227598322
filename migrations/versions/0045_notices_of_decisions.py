"""Notices that are about no cohort, and what a notice leads to."""

import sqlalchemy as sa
from alembic import op

revision = "0045"
down_revision = "0044"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("notice") as table:
        table.alter_column("cohort_id", existing_type=sa.Integer(), nullable=True)
        table.add_column(sa.Column("about", sa.String(length=60), server_default="", nullable=False))
    # Only a default for the rows that are there: the portal always says it.
    with op.batch_alter_table("notice") as table:
        table.alter_column("about", existing_type=sa.String(length=60), server_default=None)


def downgrade() -> None:
    # A version before this one has no place for them.
    op.execute(
        "DELETE FROM job WHERE kind = 'send_notice' AND thing_id IN (SELECT id FROM notice WHERE cohort_id IS NULL)"
    )
    op.execute("DELETE FROM notice WHERE cohort_id IS NULL")
    with op.batch_alter_table("notice") as table:
        table.drop_column("about")
        table.alter_column("cohort_id", existing_type=sa.Integer(), nullable=False)
