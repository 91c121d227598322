"""Who applied or dropped a re-grade."""

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("regrade") as table:
        table.add_column(sa.Column("decided_by", sa.Integer(), nullable=True))
        table.create_foreign_key(op.f("fk_regrade_decided_by_account"), "account", ["decided_by"], ["id"])
        table.create_index(op.f("ix_regrade_decided_by"), ["decided_by"])


def downgrade() -> None:
    with op.batch_alter_table("regrade") as table:
        table.drop_index(op.f("ix_regrade_decided_by"))
        table.drop_constraint(op.f("fk_regrade_decided_by_account"), type_="foreignkey")
        table.drop_column("decided_by")
