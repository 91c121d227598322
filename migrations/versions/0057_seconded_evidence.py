"""Evidence says since when a second person's mark is there, and the kept sums whether such a product is in them."""

import sqlalchemy as sa
from alembic import op

revision = "0057"
down_revision = "0056"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("evidence") as table:
        table.add_column(sa.Column("seconded_at", sa.DateTime(timezone=True), nullable=True))
    with op.batch_alter_table("skill_tally") as table:
        table.add_column(sa.Column("has_seconded_product", sa.Boolean(), nullable=False, server_default=sa.false()))
    with op.batch_alter_table("skill_tally") as table:
        table.alter_column("has_seconded_product", server_default=None)
    op.execute(
        "UPDATE evidence SET seconded_at = (SELECT second_mark.marked_at FROM second_mark"
        " WHERE second_mark.source = evidence.source AND second_mark.part = evidence.part)"
        " WHERE superseded_at IS NULL AND kind = 'written_product'"
    )


def downgrade() -> None:
    with op.batch_alter_table("skill_tally") as table:
        table.drop_column("has_seconded_product")
    with op.batch_alter_table("evidence") as table:
        table.drop_column("seconded_at")
