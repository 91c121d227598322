"""Drafts kept aside, beside a newer one of another window or computer."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Whatever was saved so far was the newest draft when it was saved."""
    with op.batch_alter_table("notebook_draft") as table:
        table.add_column(sa.Column("aside", sa.Boolean(), nullable=False, server_default=sa.false()))
    with op.batch_alter_table("notebook_draft") as table:
        table.alter_column("aside", existing_type=sa.Boolean(), server_default=None)


def downgrade() -> None:
    # The older tables know no draft that is not the newest of its moment: one kept aside would become the draft.
    op.execute("DELETE FROM notebook_draft WHERE aside")
    with op.batch_alter_table("notebook_draft") as table:
        table.drop_column("aside")
