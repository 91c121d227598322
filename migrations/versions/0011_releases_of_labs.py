"""Which version of a lab a draft was begun from."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("notebook_draft") as table:
        table.add_column(sa.Column("release", sa.String(length=64), nullable=False, server_default=""))
    with op.batch_alter_table("notebook_draft") as table:
        table.alter_column("release", existing_type=sa.String(length=64), server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("notebook_draft") as table:
        table.drop_column("release")
