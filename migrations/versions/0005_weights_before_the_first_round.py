"""What a trainee wants the office to be judged by is chosen before the first round."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("simulation_run") as table:
        table.add_column(sa.Column("weights", sa.JSON(), server_default="{}", nullable=False))
        table.add_column(sa.Column("weights_reason", sa.Text(), server_default="", nullable=False))
    with op.batch_alter_table("simulation_run") as table:
        table.alter_column("weights", existing_type=sa.JSON(), server_default=None)
        table.alter_column("weights_reason", existing_type=sa.Text(), server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("simulation_run") as table:
        table.drop_column("weights_reason")
        table.drop_column("weights")
