"""Statements that were set aside, and the last that was sent, are found without reading all of an academy's."""

import sqlalchemy as sa
from alembic import op

revision = "0060"
down_revision = "0059"
branch_labels = None
depends_on = None

SET_ASIDE = sa.text("set_aside_at IS NOT NULL")
SENT = sa.text("sent_at IS NOT NULL")


def upgrade() -> None:
    op.drop_index("ix_statement_academy_id_set_aside_at", "statement")
    op.create_index(
        "ix_statement_set_aside", "statement", ["academy_id", "id"], sqlite_where=SET_ASIDE, postgresql_where=SET_ASIDE
    )
    op.create_index(
        "ix_statement_sent", "statement", ["academy_id", "sent_at"], sqlite_where=SENT, postgresql_where=SENT
    )


def downgrade() -> None:
    op.drop_index("ix_statement_sent", "statement")
    op.drop_index("ix_statement_set_aside", "statement")
    op.create_index("ix_statement_academy_id_set_aside_at", "statement", ["academy_id", "set_aside_at"])
