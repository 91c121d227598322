"""Work without a link: submissions that arrive later, how much later they may, and which window wrote a draft."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("notebook_draft") as table:
        table.add_column(sa.Column("writer", sa.String(length=64), nullable=False, server_default=""))
        table.add_column(sa.Column("number", sa.Integer(), nullable=False, server_default="0"))
    with op.batch_alter_table("notebook_draft") as table:
        table.alter_column("writer", existing_type=sa.String(length=64), server_default=None)
        table.alter_column("number", existing_type=sa.Integer(), server_default=None)
    with op.batch_alter_table("submission") as table:
        table.add_column(sa.Column("arrived_at", sa.DateTime(timezone=True), nullable=True))
    with op.batch_alter_table("lab_terms") as table:
        table.add_column(sa.Column("offline_hours", sa.Integer(), nullable=False, server_default="48"))
    with op.batch_alter_table("lab_terms") as table:
        table.alter_column("offline_hours", existing_type=sa.Integer(), server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("lab_terms") as table:
        table.drop_column("offline_hours")
    with op.batch_alter_table("submission") as table:
        table.drop_column("arrived_at")
    with op.batch_alter_table("notebook_draft") as table:
        table.drop_column("number")
        table.drop_column("writer")
