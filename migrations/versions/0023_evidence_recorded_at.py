"""Since when each piece of evidence has been known, so that a former estimate can be computed again."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

# A later marking is known since the former one ended; whatever has no former one, since the work was done.
KNOWN_SINCE = """
UPDATE evidence SET recorded_at = COALESCE(
    (SELECT MAX(former.superseded_at) FROM evidence AS former
     WHERE former.source = evidence.source AND former.part = evidence.part
       AND former.competency = evidence.competency AND former.id < evidence.id),
    at)
"""


def upgrade() -> None:
    with op.batch_alter_table("evidence") as evidence:
        evidence.add_column(sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=True))
    op.execute(KNOWN_SINCE)
    with op.batch_alter_table("evidence") as evidence:
        evidence.alter_column("recorded_at", existing_type=sa.DateTime(timezone=True), nullable=False)


def downgrade() -> None:
    with op.batch_alter_table("evidence") as evidence:
        evidence.drop_column("recorded_at")
